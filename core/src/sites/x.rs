//! X as a site: every path, selector and rule about its pages stands here, because X changes them.
//!
//! Observed in public copies of X's client, July to November 2026; detection is by structure, never by
//! wording or by X's hashed class names.

use crate::long_key::{LongKey, is_base32, is_invisible, legal_length};
use crate::protocol::{Mark, Screen};
use alloc::{string::String, vec::Vec};
use serde::Serialize;

/// X's hosts: the manifest, the gate and the fill all use this list.
pub const HOSTS: &[&str] = &["x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com"];

/// The set-up flow. All its steps stay on this one path.
pub const ENROLMENT: &str = "/i/flow/two-factor-auth-app-enrollment";
/// Turning a method off.
pub const UNENROLMENT: &str = "/i/flow/two-factor-unenrollment";
/// The settings page with the switch.
pub const SETTINGS: &str = "/settings/account/login_verification";
/// Paths below which the sensor looks at all.
pub const WATCHED: &[&str] = &["/i/flow/", "/i/jf/", SETTINGS];

/// What the sensor needs to know; baked into `content.js` at build time.
#[derive(Serialize)]
pub struct WatchPlan {
    paths: &'static [&'static str],
    read: &'static [&'static str],
    dialog: &'static str,
    narrow: &'static [&'static str],
    narrow_proof: &'static str,
    skip: &'static str,
    marks: &'static [(&'static str, Mark)],
    document_marks: &'static [(&'static str, Mark)],
    code_field: &'static str,
    submit: &'static str,
    handle_input: &'static str,
    handle_link: &'static str,
    longest_text: usize,
    most_texts: usize,
}

/// The plan.
pub const WATCH_PLAN: WatchPlan = WatchPlan {
    paths: WATCHED,
    read: &[ENROLMENT, SETTINGS],
    dialog: "[role=dialog][aria-modal=true]",
    narrow: &["main", "body"],
    narrow_proof: "[data-testid^=ocf],[data-testid^=OCF]",
    skip: "article,[data-testid=tweetText],[data-testid=UserCell],[data-testid=User-Name],\
           [data-testid=messageEntry],[contenteditable],h1,h2,h3,[role=heading],button,[role=button],a,\
           script,style,noscript,template,svg",
    marks: &[
        ("[data-testid=ocfShowCodeNextLink]", Mark::ShowCodeNext),
        ("canvas,img[src^=\"data:image\"]", Mark::Qr),
        ("input[data-testid=ocfEnterTextTextInput][inputmode=numeric]", Mark::CodeField),
        ("[data-testid=OCF_CallToAction_Button]", Mark::Success),
        ("input[name=Totp]:checked", Mark::AppOn),
        ("input[name=Totp]:not(:checked)", Mark::AppOff),
    ],
    // X puts its toasts beside the dialog, not into it.
    document_marks: &[("[data-testid=toast][role=alert]", Mark::Toast)],
    code_field: "input[data-testid=ocfEnterTextTextInput][inputmode=numeric]",
    submit: "[data-testid=ocfEnterTextNextButton]",
    handle_input: "input[name=username]",
    handle_link: "a[data-testid=AppTabBar_Profile_Link]",
    longest_text: 160,
    most_texts: 200,
};

/// Which page of X a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The set-up flow.
    Enrolment,
    /// The settings page with the switch.
    Settings,
    /// Watched, but nothing is taken from here.
    Elsewhere,
}

/// Which page of X this address is; nothing if it is not X's or not watched. Exact hosts, https only.
#[must_use]
pub fn place(url: &str) -> Option<Place> {
    let rest = url.strip_prefix("https://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if !HOSTS.contains(&host) {
        return None;
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    match path {
        ENROLMENT => Some(Place::Enrolment),
        SETTINGS => Some(Place::Settings),
        _ => WATCHED.iter().any(|head| path.starts_with(head)).then_some(Place::Elsewhere),
    }
}

/// What a screen of the set-up flow shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The secret as text.
    Secret {
        /// The key.
        key: LongKey,
        /// Whether nothing stands against it, or the user is asked.
        sure: Sure,
    },
    /// Several candidates: nothing is stored.
    Conflict,
    /// The QR, without the text.
    Qr,
    /// The field for the confirmation code.
    Code {
        /// Whether X's toast says that the code was wrong.
        refused: bool,
    },
    /// X accepted the code.
    Success,
    /// Nothing of interest.
    Other,
}

/// How sure a sighting is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sure {
    /// The screen with X's own Next button, no QR, one candidate.
    Certain,
    /// Ask before anything is stored.
    Ask,
}

/// Judges one screen of the set-up flow.
#[must_use]
pub fn judge(screen: &Screen) -> Step {
    let has = |mark| screen.marks.contains(&mark);
    if has(Mark::CodeField) {
        return Step::Code { refused: has(Mark::Toast) };
    }
    if has(Mark::Success) {
        return Step::Success;
    }
    let mut found: Vec<(LongKey, Shape)> = Vec::new();
    let mut inside: Vec<bool> = Vec::with_capacity(screen.texts.len());
    for item in screen.texts.iter().take(WATCH_PLAN.most_texts) {
        // Outermost only: a child of a candidate is the same text again.
        let parent = item.within.and_then(|at| usize::try_from(at).ok());
        let covered = parent.is_some_and(|at| inside.get(at).copied().unwrap_or(false));
        let readable = !covered && item.text.len() <= 4 * WATCH_PLAN.longest_text;
        let candidate = if readable { candidate(&item.text) } else { None };
        inside.push(covered || candidate.is_some());
        if let Some((key, shape)) = candidate
            && !found.iter().any(|(known, _)| *known == key)
        {
            found.push((key, shape));
        }
    }
    match (found.len(), found.pop()) {
        (1, Some((key, shape))) => {
            let sure = has(Mark::ShowCodeNext) && !has(Mark::Qr) && shape == Shape::Plain;
            Step::Secret { key, sure: if sure { Sure::Certain } else { Sure::Ask } }
        }
        (0, _) if has(Mark::Qr) => Step::Qr,
        (0, _) => Step::Other,
        _ => Step::Conflict,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Plain,
    /// 3.6 % of random 16-character secrets have no digit; a word can look the same, so ask.
    NoDigit,
}

/// Rule 4: the whole text is one upper-case token, or groups of 2 to 8 characters of one case. White
/// space is not stripped first: ordinary sentences would become valid base32.
fn candidate(text: &str) -> Option<(LongKey, Shape)> {
    let clean: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let clean = clean.trim();
    let clean = clean.trim_end_matches('=').trim_end();
    let groups: Vec<&str> = clean.split([' ', '\u{a0}', '-', '\u{2010}', '\u{2011}']).collect();
    let lower = clean.bytes().any(|c| c.is_ascii_lowercase());
    let upper = clean.bytes().any(|c| c.is_ascii_uppercase());
    if lower && upper {
        return None;
    }
    if !groups.iter().all(|group| !group.is_empty() && group.chars().all(|c| is_base32(c.to_ascii_uppercase()))) {
        return None;
    }
    let digit = clean.bytes().any(|c| c.is_ascii_digit());
    if let [.., last] = groups.as_slice()
        && groups.len() > 1
    {
        let first = groups[0].len();
        let regular = groups[..groups.len() - 1].iter().all(|group| group.len() == first);
        if !(2..=8).contains(&first) || !regular || last.len() > first {
            return None;
        }
    }
    if (groups.len() > 1 || lower) && !digit {
        return None;
    }
    let key = LongKey::parse(clean).ok()?;
    if !legal_length(key.expose().len()) {
        return None;
    }
    Some((key, if digit { Shape::Plain } else { Shape::NoDigit }))
}
