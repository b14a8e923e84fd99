//! What a sign-in led to: a title that says what happened, a sentence that says what to do, and one button for it.

use super::notes::Tone;
use super::words::{self, at, status, time};
use super::{dom, help_offer, now};
use crate::browser::seen::{Account, Health, Seen, Tagged};
use crate::browser::{clipboard, i18n, runtime};
use longkey_core::clock::UnixTime;
use longkey_core::help::Trigger;
use web_sys::Element;

/// The result of an attempt, as an element; its one button goes into the screen's foot.
#[must_use]
pub fn show(account: &Account, outcome: &Tagged, foot: &Element) -> Element {
    let part = dom::part("result");
    let verdict: Option<Tagged> = outcome.field("verdict");
    fill(&part, foot, account, &verdict.unwrap_or_else(|| Tagged::seen("no_answer".into())), now());
    part
}

fn fill(part: &Element, foot: &Element, account: &Account, verdict: &Tagged, moment: UnixTime) {
    let code = verdict.word();
    let key = |ending: &str| ["verdict_", &code, ending].concat();
    let until: Option<UnixTime> = verdict.field("until");
    let named = until.map(|it| time(it, moment)).unwrap_or_default();
    let health: Option<Health> = verdict.field("health");
    let handle = at(&account.handle());
    let arguments = [handle.as_str(), named.as_str(), &status(verdict), &words::health(verdict)];
    let reason: Option<String> = verdict.field("reason");
    let text = match reason.as_deref() {
        Some("wrong_password") => "connection_wrong_password".into(),
        Some("account_not_found") => "connection_no_such_account".into(),
        _ if code == "slow_down" && until.is_none() => "slow_down_no_time_text".into(),
        _ => key("_text"),
    };
    let tone = tone(&code);
    dom::slot(part, "note").set_class_name(tone.class());
    dom::icon(&dom::slot(part, "icon"), if code == "cooldown" { "wait" } else { tone.icon() });
    dom::text(&dom::slot(part, "title"), &words::verdict_title(&account.handle(), verdict, until, moment));
    dom::say(&dom::slot(part, "text"), &text, &arguments);
    let extra = dom::slot(part, "extra");
    if code == "login_failed" && until.is_some() {
        dom::say(&extra, "next_try", &[&named]);
        dom::show(&extra);
    }
    if let Some(country) = verdict.field::<Option<String>>("country") {
        // Some names need an article, which the browser's list does not have.
        let named = i18n::message(&["country_", &country].concat(), &[]);
        let named = if named.is_empty() { i18n::country(&country) } else { named };
        dom::say(&extra, "from_country", &[&named]);
        dom::show(&extra);
    }
    let moment: &[Trigger] = match code.as_str() {
        "passkey_required" => &[Trigger::PasskeyAsked],
        "offline" => &[Trigger::Offline],
        _ => &[],
    };
    help_offer::offer(&dom::slot(part, "help"), moment);
    help_offer::offer(&dom::slot(part, "help-which"), &[Trigger::WhichOne]);
    let open = account.attempt().is_some_and(|it| it.open());
    action(foot, &code, if open { "open" } else { health.map_or("", Health::code) }, &key("_action"));
    dom::text(&dom::slot(part, "raw"), &raw(verdict));
}

/// The one button.
fn action(foot: &Element, code: &str, health: &str, own: &str) {
    let button = dom::slot(foot, "action");
    let (said, act, to) = match (code, health) {
        ("signed_in" | "unavailable", _) => (own, "dismiss", ""),
        ("signed_in_but", "locked") => ("health_locked_action", "open", "x_unlock"),
        ("signed_in_but", "suspended") => ("health_suspended_action", "open", "x_appeal"),
        ("signed_in_but", "needs_reauth") => ("sign_in_again", "again", ""),
        ("password_missing" | "region_refused" | "offline" | "cooldown" | "slow_down", _) => (own, "again", ""),
        ("id_unknown" | "account_gone", _) => (own, "refresh", ""),
        ("api_key_refused", _) => (own, "replace", ""),
        ("not_allowed", _) => (own, "allow-xquik", ""),
        ("login_failed", _) => (own, "which", ""),
        ("passkey_required", _) => (own, "open", "x_settings"),
        ("dashboard_only", _) => (own, "open", "xquik_dashboard"),
        ("unfamiliar", "open") => ("check_status", "check", ""),
        ("unfamiliar", _) => (own, "copy-details", ""),
        _ => (own, "check", ""),
    };
    dom::words(&button, said);
    dom::set(&button, "data-act", act);
    dom::set(&button, "data-to", to);
    dom::flag(&button, "disabled", false);
    dom::show(&button);
    // Where the one button leads elsewhere, signing in again is offered beside it; after a success it is not needed.
    let again = !matches!(act, "again" | "check") && !matches!(code, "signed_in" | "account_gone");
    dom::shown_if(again, &dom::slot(foot, "again"));
}

fn tone(code: &str) -> Tone {
    match code {
        "signed_in" => Tone::Good,
        "login_failed" | "api_key_refused" | "not_allowed" | "passkey_required" | "account_gone" | "id_unknown"
        | "password_missing" => Tone::Bad,
        _ => Tone::Warn,
    }
}

/// The raw code, for small print. It has no secret in it: the service's words were checked for their shape.
fn raw(verdict: &Tagged) -> String {
    let word = |name: &str| verdict.field::<String>(name);
    let parts = [verdict.word(), status(verdict), word("reason"), word("code"), word("health")];
    parts.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Copies the small print with version and time: what a person needs to be helped, and no secret.
pub fn copy_details(part: &Element, account: &Account) {
    let raw = dom::slot(part, "raw").text_content().unwrap_or_default();
    let sent = account.attempt().map(|it| it.sent().0).unwrap_or_default();
    #[allow(clippy::cast_precision_loss)] // a date is far below 2^53 ms
    let sent = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(sent as f64)).to_iso_string();
    let lines = [["Longkey ", &runtime::version()].concat(), raw, ["account ", &account.id().id].concat(), sent.into()];
    clipboard::copy(&lines.join("\n"), |copied| {
        dom::announce(&i18n::message(if copied { "details_copied" } else { "copy_failed" }, &[]));
    });
}
