//! The watch plan: what the sensor on X's pages needs to know, as data that the build bakes into `content.js`. It judges
//! nothing: a mark says what is there, `judge` says what that means.

use super::{BACKUP_CODE, ENROLMENT, LOGIN, ONBOARDING, WATCHED};
use crate::protocol::Mark;
use serde::{Serialize, Serializer};

/// What the sensor needs to know.
#[derive(Serialize)]
pub struct WatchPlan {
    /// It looks at pages whose path begins like this, and at no other.
    paths: &'static [&'static str],
    dialog: &'static str,
    narrow: &'static [&'static str],
    narrow_proof: &'static str,
    /// Paths (or beginnings of paths) of whole pages, which need no proof: nothing of X lies beneath them.
    whole: &'static [&'static str],
    /// What is no running text.
    skip: &'static str,
    /// What other people wrote, and their pictures.
    strangers: &'static str,
    pictures: &'static str,
    /// The fields for codes are among them.
    #[serde(serialize_with = "by_mark")]
    marks: &'static [(Mark, &'static str)],
    toast: &'static str,
    fill: &'static [&'static str],
    submit: &'static str,
    /// What names the account, by the name under which the sensor says it.
    names: Names,
    longest_text: usize,
    most_texts: usize,
}

#[derive(Serialize)]
struct Names {
    handle: &'static str,
    profile: &'static str,
    switcher: &'static str,
}

impl WatchPlan {
    /// Most characters of one text.
    pub(super) const fn longest_text(&self) -> usize {
        self.longest_text
    }

    /// Most texts of one screen.
    pub(super) const fn most_texts(&self) -> usize {
        self.most_texts
    }
}

fn by_mark<S: Serializer>(marks: &[(Mark, &'static str)], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(marks.iter().copied())
}

/// Six overlaid inputs, each of which takes all six digits; X gives them neither name nor test id.
const SIX_DIGITS: &str = "input[inputmode=numeric][maxlength=\"6\"]:not([name])";

/// The plan.
pub const WATCH_PLAN: WatchPlan = WatchPlan {
    paths: WATCHED,
    dialog: "[role=dialog][aria-modal=true]",
    narrow: &["main", "body"],
    // The old set-up was a page of its own in a frame.
    narrow_proof: "[data-testid^=ocf],[data-testid^=OCF],iframe[src*=\"/login_verification/\"]",
    whole: &[BACKUP_CODE, "/i/jf/"],
    // Scripts and styles are never visible.
    skip: "h1,h2,h3,h4,h5,h6,[role=heading],button,[role=button],a,[aria-hidden=true],svg,select",
    strangers: "article,[data-testid^=tweet],[data-testid^=User],[data-testid=messageEntry],[data-testid=DMDrawer],\
                [data-testid=trend],[contenteditable]",
    pictures: "canvas,img,svg",
    marks: &[
        (Mark::ShowCodeNext, "[data-testid=ocfShowCodeNextLink]"),
        (Mark::CodeField, "input[data-testid=ocfEnterTextTextInput][inputmode=numeric]"),
        (Mark::TextField, "input[data-testid=ocfEnterTextTextInput]:not([inputmode=numeric])"),
        (Mark::SixDigits, SIX_DIGITS),
        // X's own spelling.
        (Mark::EmailCode, "input[name=verfication_code]"),
        (Mark::Before, "input[type=password],[data-testid=ActionListNextButton]"),
        (Mark::Success, "[data-testid=OCF_CallToAction_Button]"),
        (Mark::AppOn, "input[name=Totp]:checked"),
        (Mark::AppOff, "input[name=Totp]:not(:checked)"),
    ],
    // X puts its toasts beside the dialog, not into it.
    toast: "[data-testid=toast][role=alert]",
    fill: &[ENROLMENT, LOGIN, ONBOARDING],
    submit: "[data-testid=ocfEnterTextNextButton]",
    names: Names {
        handle: "input[name=username]",
        profile: "a[data-testid=AppTabBar_Profile_Link]",
        // X's wide layouts; the narrow one has none.
        switcher: "[data-testid=SideNav_AccountSwitcher_Button]",
    },
    // The success step has its backup code in the middle of one text of several lines.
    longest_text: 800,
    most_texts: 200,
};
