//! The watch plan: what the sensor on X's pages needs to know, as data that the build bakes into `content.js`. It judges
//! nothing: a mark says what is there, `judge` says what that means.

use super::{BACKUP_CODE, ENROLMENT, LOGIN, ONBOARDING, WATCHED};
use crate::protocol::Mark;
use serde::Serialize;

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
    skip: &'static str,
    marks: &'static [(&'static str, Mark)],
    document_marks: &'static [(&'static str, Mark)],
    fill: &'static [&'static str],
    code_field: &'static str,
    text_field: &'static str,
    submit: &'static str,
    handle_input: &'static str,
    handle_link: &'static str,
    longest_text: usize,
    most_texts: usize,
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
    skip: "article,[data-testid=tweetText],[data-testid=UserCell],[data-testid=User-Name],[data-testid=UserName],\
           [data-testid=UserDescription],[data-testid=messageEntry],[data-testid=DMDrawer],[data-testid=trend],\
           [contenteditable],h1,h2,h3,h4,h5,h6,[role=heading],button,[role=button],a,[aria-hidden=true],\
           script,style,noscript,template,svg,select",
    marks: &[
        ("[data-testid=ocfShowCodeNextLink]", Mark::ShowCodeNext),
        ("canvas,img[src^=\"data:image\"]", Mark::Qr),
        ("input[data-testid=ocfEnterTextTextInput][inputmode=numeric]", Mark::CodeField),
        ("input[data-testid=ocfEnterTextTextInput]:not([inputmode=numeric])", Mark::TextField),
        (SIX_DIGITS, Mark::SixDigits),
        // X's own spelling.
        ("input[name=verfication_code]", Mark::EmailCode),
        ("[data-testid=OCF_CallToAction_Button]", Mark::Success),
        ("input[name=Totp]:checked", Mark::AppOn),
        ("input[name=Totp]:not(:checked)", Mark::AppOff),
    ],
    // X puts its toasts beside the dialog, not into it.
    document_marks: &[("[data-testid=toast][role=alert]", Mark::Toast)],
    fill: &[ENROLMENT, LOGIN, ONBOARDING],
    code_field: "input[data-testid=ocfEnterTextTextInput][inputmode=numeric],\
                 input[inputmode=numeric][maxlength=\"6\"]:not([name])",
    text_field: "input[data-testid=ocfEnterTextTextInput]:not([inputmode=numeric])",
    submit: "[data-testid=ocfEnterTextNextButton]",
    handle_input: "input[name=username]",
    handle_link: "a[data-testid=AppTabBar_Profile_Link]",
    // The success step has its backup code in the middle of one text of several lines.
    longest_text: 800,
    most_texts: 200,
};
