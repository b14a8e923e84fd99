//! What a sign-in led to: a title that says what happened, a sentence that says what to do, and one button for it.

use super::notes::Tone;
use super::words::{at, status, time};
use super::{dom, now};
use crate::browser::{clipboard, i18n, runtime};
use longkey_core::clock::UnixTime;
use longkey_core::protocol::{AccountView, Outcome};
use longkey_core::services::xquik::{Health, Verdict};
use web_sys::Element;

/// The result of an attempt, as an element.
#[must_use]
pub fn show(account: &AccountView, outcome: &Outcome) -> Element {
    let part = dom::part("result");
    let moment = now();
    match outcome {
        Outcome::Answered { verdict, .. } => fill(&part, account, verdict, moment),
        Outcome::Unknown | Outcome::Running => fill(&part, account, &Verdict::NoAnswer, moment),
    }
    part
}

fn fill(part: &Element, account: &AccountView, verdict: &Verdict, moment: UnixTime) {
    let handle = at(&account.handle);
    let until = verdict.until().map(|it| time(it, moment));
    let status = status(verdict);
    let health = match verdict {
        Verdict::SignedInBut { health } => i18n::message(&["health_", health.code()].concat(), &[]),
        _ => String::new(),
    };
    let arguments = [handle.as_str(), until.as_deref().unwrap_or_default(), &status, &health];
    let (mut title, mut text) = (key(verdict, "_title"), key(verdict, "_text"));
    match verdict {
        Verdict::Cooldown { until: None } => title = "cooldown_no_time_title".into(),
        Verdict::SlowDown { until: None } => text = "slow_down_no_time_text".into(),
        _ => {}
    }
    let tone = tone(verdict);
    dom::slot(part, "note").set_class_name(tone.class());
    dom::icon(&dom::slot(part, "icon"), if matches!(verdict, Verdict::Cooldown { .. }) { "wait" } else { tone.icon() });
    dom::say(&dom::slot(part, "title"), &title, &arguments);
    dom::say(&dom::slot(part, "text"), &text, &arguments);
    let extra = dom::slot(part, "extra");
    match verdict {
        Verdict::LoginFailed { until: Some(_), .. } => {
            dom::say(&extra, "next_try", &[arguments[1]]);
            dom::show(&extra);
        }
        Verdict::SignedIn { country: Some(country) } => {
            // Some names need an article, which the browser's list does not have.
            let named = i18n::message(&["country_", country].concat(), &[]);
            let named = if named.is_empty() { i18n::country(country) } else { named };
            dom::say(&extra, "from_country", &[&named]);
            dom::show(&extra);
        }
        _ => {}
    }
    action(part, verdict);
    dom::text(&dom::slot(part, "raw"), &raw(verdict));
}

fn key(verdict: &Verdict, ending: &str) -> String {
    ["verdict_", verdict.code(), ending].concat()
}

/// The one button.
fn action(part: &Element, verdict: &Verdict) {
    let button = dom::slot(part, "action");
    let words = key(verdict, "_action");
    let (words, act, to) = match verdict {
        Verdict::SignedIn { .. } => (words.as_str(), "dismiss", ""),
        Verdict::SignedInBut { health: Health::Locked } => ("health_locked_action", "open", "x_unlock"),
        Verdict::SignedInBut { health: Health::Suspended } => ("health_suspended_action", "open", "x_appeal"),
        Verdict::SignedInBut { health: Health::NeedsReauth } => ("sign_in_again", "again", ""),
        Verdict::PasswordMissing | Verdict::Offline | Verdict::Cooldown { .. } | Verdict::SlowDown { .. } => {
            (words.as_str(), "again", "")
        }
        Verdict::SignedInBut { .. } | Verdict::StillSigningIn | Verdict::EmailCode | Verdict::NoAnswer => {
            (words.as_str(), "check", "")
        }
        Verdict::IdUnknown | Verdict::AccountGone => (words.as_str(), "refresh", ""),
        Verdict::ApiKeyRefused => (words.as_str(), "replace", ""),
        Verdict::LoginFailed { .. } => (words.as_str(), "which", ""),
        Verdict::PasskeyRequired => (words.as_str(), "open", "x_settings"),
        Verdict::Unavailable => (words.as_str(), "dismiss", ""),
        Verdict::DashboardOnly => (words.as_str(), "open", "xquik_dashboard"),
        Verdict::Unfamiliar { .. } => (words.as_str(), "copy-details", ""),
    };
    dom::say(&button, words, &[]);
    dom::set(&button, "data-act", act);
    dom::set(&button, "data-to", to);
    if act == "which" {
        dom::set(&button, "aria-expanded", "false");
    }
    // Where the one button leads elsewhere, signing in again is offered beside it; after a success it is not needed.
    let again = act != "again" && act != "check" && !matches!(verdict, Verdict::SignedIn { .. } | Verdict::AccountGone);
    dom::shown_if(again, &dom::slot(part, "again"));
}

fn tone(verdict: &Verdict) -> Tone {
    match verdict {
        Verdict::SignedIn { .. } => Tone::Good,
        Verdict::LoginFailed { .. }
        | Verdict::ApiKeyRefused
        | Verdict::PasskeyRequired
        | Verdict::AccountGone
        | Verdict::IdUnknown
        | Verdict::PasswordMissing => Tone::Bad,
        _ => Tone::Warn,
    }
}

/// The raw code, for small print. It has no secret in it: the service's words were checked for their shape.
fn raw(verdict: &Verdict) -> String {
    let more = match verdict {
        Verdict::LoginFailed { reason, .. } => reason.as_deref().unwrap_or_default(),
        Verdict::Unfamiliar { code, .. } => code.as_deref().unwrap_or_default(),
        Verdict::SignedInBut { health } => health.code(),
        _ => "",
    };
    let status = status(verdict);
    let parts = [verdict.code(), &status, more];
    parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Copies the small print with version and time: what a person needs to be helped, and no secret.
pub fn copy_details(part: &Element, account: &AccountView) {
    let raw = dom::slot(part, "raw").text_content().unwrap_or_default();
    let sent = account.attempt.as_ref().map(|it| it.sent.0).unwrap_or_default();
    #[allow(clippy::cast_precision_loss)] // a date is far below 2^53 ms
    let sent = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(sent as f64)).to_iso_string();
    let lines = [["Longkey ", &runtime::version()].concat(), raw, ["account ", &account.id].concat(), sent.into()];
    clipboard::copy(&lines.join("\n"), |copied| {
        dom::announce(&i18n::message(if copied { "details_copied" } else { "copy_failed" }, &[]));
    });
}
