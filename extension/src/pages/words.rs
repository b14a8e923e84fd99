//! From what happened to which sentence says it. The sentences are in `_locales`; here are only their names.

use super::dom;
use crate::browser::i18n;
use crate::browser::seen::{Health, Row, Tagged, Xquik};
use crate::client::Failure;
use longkey_core::capture::KeyState;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::refusal::Refusal;
use web_sys::{Element, HtmlInputElement};

/// `@handle`.
#[must_use]
pub fn at(handle: &str) -> String {
    ["@", handle].concat()
}

/// "14:32", with the day if it is more than 20 hours away.
#[must_use]
pub fn time(moment: UnixTime, now: UnixTime) -> String {
    const DAY: Span = Span::seconds(20 * 3600);
    if moment.since(now) > DAY || now.since(moment) > DAY { i18n::day_and_time(moment.0) } else { i18n::time(moment.0) }
}

/// "4:05": what is left of a pause.
#[must_use]
pub fn countdown(left: Span) -> String {
    let seconds = left.0.div_ceil(1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let two = |it: u64| [if it < 10 { "0" } else { "" }, &it.to_string()].concat();
    if hours > 0 {
        [hours.to_string(), two(minutes), two(seconds)].join(":")
    } else {
        [minutes.to_string(), two(seconds)].join(":")
    }
}

/// "2026-11-21", for names of files.
#[must_use]
pub fn day() -> String {
    let today = js_sys::Date::new_0();
    let two = |it: u32| [if it < 10 { "0" } else { "" }, &it.to_string()].concat();
    [today.get_full_year().to_string(), two(today.get_month() + 1), two(today.get_date())].join("-")
}

/// `_one` or `_other`, after the language's rules.
#[must_use]
pub fn counted(key: &str, count: u32) -> String {
    let number = count.to_string();
    let exact = i18n::message(&[key, "_", &i18n::plural(count)].concat(), &[&number]);
    if exact.is_empty() { i18n::message(&[key, "_other"].concat(), &[&number]) } else { exact }
}

/// A refusal's sentence.
pub fn refuse(element: &Element, refusal: Refusal) {
    fail(element, &refusal.into(), UnixTime(0));
}

/// Whether that is an e-mail address as the browser knows them; if not, it is said. Our forms leave the judging to us: the
/// browser's own words would come in its language, and not at all for a field in a fold.
pub fn is_email(field: &HtmlInputElement, wrong: &Element) -> bool {
    let is = field.value().contains('@') && field.check_validity();
    if !is {
        refuse(wrong, Refusal::EmailShape);
    }
    is
}

/// Whatever a question led to instead, as a sentence. Not for the result of a sign-in.
pub fn fail(element: &Element, failure: &Failure, now: UnixTime) {
    match failure {
        Failure::Refused(code, arguments) => refused(element, code, arguments),
        Failure::Silent => dom::say(element, "silent", &[]),
        Failure::NoMemory => dom::say(element, "no_worker", &[]),
        Failure::Fans(trouble) => {
            let (title, text) = super::fansly::said(trouble, "");
            dom::text(element, &[title.as_str(), text.as_str()].join(" "));
        }
        Failure::Verdict(verdict) => {
            let (title, text) = listing(verdict, now);
            dom::text(element, &[title.as_str(), text.as_str()].join(" "));
        }
    }
    dom::show(element);
    dom::announce(&element.text_content().unwrap_or_default());
}

/// A refusal's sentence, without anybody being told.
pub fn refused(element: &Element, code: &str, arguments: &[String]) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    dom::say(element, &["refusal_", code].concat(), &arguments);
}

/// What a verdict on an account is called, with the end of its pause where it has one.
#[must_use]
pub fn verdict_title(handle: &str, verdict: &Tagged, until: Option<UnixTime>, now: UnixTime) -> String {
    let code = verdict.word();
    let name = match code.as_str() {
        "cooldown" if until.is_none() => "cooldown_no_time_title".into(),
        _ => ["verdict_", &code, "_title"].concat(),
    };
    let named = until.map(|it| time(it, now)).unwrap_or_default();
    i18n::message(&name, &[&at(handle), &named, &status(verdict), &health(verdict)])
}

/// The sentence of the health that a verdict names, where it names one.
#[must_use]
pub fn health(verdict: &Tagged) -> String {
    let health: Option<Health> = verdict.field("health");
    health.map(|it| i18n::message(&["health_", it.code()].concat(), &[])).unwrap_or_default()
}

/// Title and sentence of a verdict on a listing, which concerns no single account.
#[must_use]
pub fn listing(verdict: &Tagged, now: UnixTime) -> (String, String) {
    let code = verdict.word();
    let until: Option<UnixTime> = verdict.field("until");
    let named = until.map(|it| time(it, now)).unwrap_or_default();
    let arguments = ["", named.as_str(), &status(verdict), ""];
    let title = verdict_title("", verdict, until, now);
    // Some sentences speak of a sign-in or of a moment that is not known.
    let other = i18n::message(&["verdict_", &code, "_list_text"].concat(), &[]);
    let text = match code.as_str() {
        "slow_down" if until.is_none() => i18n::message("slow_down_no_time_text", &[]),
        _ if !other.is_empty() => other,
        _ => i18n::message(&["verdict_", &code, "_text"].concat(), &arguments),
    };
    (title, text)
}

/// What a workspace is called: its name, else the end of its key; nothing while locked.
#[must_use]
pub fn workspace(it: &Xquik) -> String {
    let (name, last) = (it.name(), it.last_four());
    if name.is_empty() && !last.is_empty() { i18n::message("workspace_unnamed", &[&last]) } else { name }
}

/// The HTTP status of an unfamiliar answer.
#[must_use]
pub fn status(verdict: &Tagged) -> String {
    verdict.field::<Option<u32>>("status").map(|it| it.to_string()).unwrap_or_default()
}

/// The name of a key state in names of sentences.
#[must_use]
pub fn state(state: KeyState) -> &'static str {
    match state {
        KeyState::Pending => "pending",
        KeyState::Matched => "matched",
        KeyState::Confirmed => "confirmed",
        KeyState::Stale => "stale",
    }
}

/// A key in groups of four.
#[must_use]
fn grouped(key: &str) -> String {
    let mut text = String::with_capacity(key.len() * 5 / 4);
    for (at, letter) in key.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}

/// A row's key, in groups.
#[must_use]
pub fn key_text(row: &Row) -> String {
    row.key().map(|it| grouped(it.expose())).unwrap_or_default()
}
