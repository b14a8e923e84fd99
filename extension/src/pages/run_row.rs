//! One row of the run: what it says, how it looks, what can be pressed. Which row stands where, and what is sent, is the list's.

use super::route::Route;
use super::words::{at, time, verdict_title};
use super::{dom, which};
use crate::browser::i18n;
use crate::browser::seen::{Account, Tagged};
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::run::Place;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlSelectElement};

/// What of it is there.
pub(super) struct Drawn {
    pub(super) row: Element,
    /// What it shows, so that only what is new is written.
    pub(super) shown: Option<Shown>,
    /// The key choice was preset for the state that the key had then.
    pub(super) preset: Option<Option<KeyState>>,
}

/// Its place, whether it waits for its turn, whether a password may be typed, and when it was sent: the words follow from it.
pub(super) type Shown = (Place, bool, bool, Option<UnixTime>);

/// `running`, `unknown`, or the code of the verdict; empty where nothing was sent.
pub(super) fn word(account: &Account) -> (String, Option<Tagged>) {
    let Some(outcome) = account.attempt().map(|it| it.outcome()) else { return Default::default() };
    let verdict: Option<Tagged> = outcome.field("verdict");
    (verdict.as_ref().map_or_else(|| outcome.word(), Tagged::word), verdict)
}

/// `@handle`.
pub(super) fn at_handle(account: &Account) -> String {
    at(&account.handle())
}

/// What a row says under its name.
pub(super) fn under(account: &Account, place: Place, moment: UnixTime) -> String {
    let title = || {
        let verdict = word(account).1;
        verdict.map(|it| verdict_title(&account.handle(), &it, it.field("until"), moment)).unwrap_or_default()
    };
    let words = match place {
        Place::Later(until) => i18n::message("account_until", &[&time(until, moment)]),
        Place::Running => i18n::message("account_running", &[]),
        Place::Check => i18n::message("account_unknown", &[]),
        Place::Signed => i18n::message("account_healthy", &[]),
        Place::NeedsKey => i18n::message("run_needs_key", &[]),
        Place::Ready if word(account).0 == "signed_in" => String::new(),
        Place::Ready | Place::Refused => title(),
        Place::Out => i18n::message(&["account_", account.health().code()].concat(), &[]),
    };
    let warned = matches!(place, Place::Ready | Place::Refused | Place::NeedsKey);
    match which::warning(account).filter(|_| warned) {
        Some(warning) => [words, warning].join(" "),
        None => words,
    }
}

/// An empty row, to be dressed.
pub(super) fn fresh(account: &Account, at: usize) -> Element {
    let row = dom::part("run-row");
    let (handle, number) = (at_handle(account), at.to_string());
    dom::text(&dom::slot(&row, "handle"), &handle);
    dom::set(&dom::slot(&row, "form"), "data-form", &number);
    dom::set(&dom::slot(&row, "act"), "data-at", &number);
    dom::set(&dom::slot(&row, "password"), "aria-label", &i18n::message("run_password_of", &[&handle]));
    dom::set(&dom::slot(&row, "key"), "aria-label", &i18n::message("run_key_of", &[&handle]));
    let more = dom::slot(&row, "more");
    dom::set(&more, "href", &Route::SignIn(account.id()).print());
    dom::set(&more, "aria-label", &i18n::message("open_account", &[&handle]));
    row
}

/// Icon, colour, and the one thing to press beside the form.
pub(super) fn dress(row: &Element, (place, waits, open, _): &Shown) {
    let (icon, tone) = match place {
        Place::Signed | Place::Out => ("good", "run good"),
        Place::Later(_) => ("wait", "run later"),
        Place::Running => ("busy", "run"),
        Place::Ready if *waits => ("wait", "run"),
        Place::Ready => ("todo", "run"),
        Place::Check | Place::NeedsKey | Place::Refused => ("alert", "run now"),
    };
    dom::icon(&dom::slot(row, "icon"), icon);
    row.set_class_name(tone);
    dom::shown_if(*open, &dom::slot(row, "form"));
    let (words, act) = match place {
        Place::Check => ("check_status", "check"),
        Place::Ready | Place::Refused | Place::NeedsKey if *waits => ("run_take_back", "take-back"),
        Place::Refused | Place::NeedsKey if !open => ("try_again", "again"),
        _ => ("", ""),
    };
    let button = dom::slot(row, "act");
    dom::shown_if(!act.is_empty(), &button);
    if !act.is_empty() {
        dom::set(&button, "data-act", act);
        dom::words(&button, words);
    }
}

/// The same rules as the sheet's: a key that X has not accepted is never chosen for the user.
pub(super) fn preset(row: &Element, key: Option<KeyState>) {
    let words = match key {
        Some(KeyState::Confirmed) => "run_key_saved",
        Some(KeyState::Pending | KeyState::Matched) => "run_key_pending",
        Some(KeyState::Stale) => "run_key_stale",
        None => "run_key_missing",
    };
    let saved = dom::slot(row, "saved");
    dom::say(&saved, words, &[]);
    dom::flag(&saved, "disabled", key.is_none());
    if let Some(choice) = dom::slot(row, "key").dyn_ref::<HtmlSelectElement>() {
        choice.set_value(if key == Some(KeyState::Confirmed) { "saved" } else { "theirs" });
    }
}
