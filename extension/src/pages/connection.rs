//! A new account's connection in words: what stands, as a note, and its line in a list. What to do about it is the screen's
//! (`new_account`).

use super::notes::{self, Tone};
use super::route::Route;
use super::words::{at, status, time, workspace};
use super::{dom, home, now};
use crate::browser::i18n;
use crate::browser::seen::{Connection, View};
use web_sys::Element;

/// A connection in a list: how far it is and, where there are several workspaces, in which.
pub(super) fn row(view: &View, it: &Connection, tone: &str) -> Element {
    let (account, stage) = (it.account(), it.stage());
    let words = i18n::message(&["connection_", &stage].concat(), &[]);
    let whose = view.xquik().find(|it| it.id() == account.workspace).filter(|_| view.xquik().count_all() > 1);
    let words = whose.map_or(words.clone(), |it| i18n::message("two_facts", &[&words, &workspace(&it)]));
    let icon = match stage.as_str() {
        "connected" => "good",
        "code" => "key",
        _ => "wait",
    };
    home::row(&at(&it.handle()), &words, icon, &Route::Connection(account).print(), tone)
}

/// What a verdict is called.
pub(super) fn title(code: &str, handle: &str, until: &str, status: &str) -> String {
    i18n::message(&["verdict_", code, "_title"].concat(), &[&at(handle), until, status, ""])
}

/// What stands, as a note.
pub(super) fn result(connection: &Connection) -> Element {
    let (stage, handle, moment) = (connection.stage(), connection.handle(), now());
    let until = connection.until().filter(|it| *it > moment);
    let named = until.map(|it| time(it, moment)).unwrap_or_default();
    let verdict = connection.verdict();
    let code = verdict.as_ref().map(|it| it.word()).unwrap_or_default();
    let number = verdict.as_ref().map(status).unwrap_or_default();
    let say = |key: &str| i18n::message(key, &[&at(&handle), &named, &number, ""]);
    let (tone, head, text) = match stage.as_str() {
        "pending" => (Tone::Plain, say("connection_pending_title"), say("connection_pending_text")),
        "connected" => (Tone::Good, say("connection_connected_title"), say("connection_connected_text")),
        // Not Xquik is slow: the look was not let through.
        "late" if matches!(code.as_str(), "api_key_refused" | "not_allowed") => {
            let say = |part: &str| say(&["verdict_", &code, part].concat());
            (Tone::Warn, say("_title"), say("_text"))
        }
        "late" => (Tone::Warn, say("connection_late_title"), say("connection_late_text")),
        "unknown" => (Tone::Warn, say("connection_unknown_title"), say("connection_unknown_text")),
        "code" if until.is_none() => (Tone::Warn, say("verdict_code_expired_title"), say("verdict_code_expired_text")),
        "code" => {
            let text = match code.as_str() {
                "" => say("connection_code_text"),
                "email_code" => say("connection_code_again"),
                _ => [title(&code, &handle, &named, &number), say("connection_code_text")].join(" "),
            };
            (Tone::Plain, say("connection_code_title"), text)
        }
        _ => failed(&code, connection, &say),
    };
    let note = notes::note(tone, &head, &text);
    if !code.is_empty() && matches!(stage.as_str(), "failed" | "unknown" | "late") {
        let raw = dom::element("p");
        raw.set_class_name("small muted mono");
        dom::text(&raw, &[code, number].into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(" · "));
        dom::append(&dom::slot(&note, "text"), &raw);
    }
    note
}

fn failed(code: &str, connection: &Connection, say: &impl Fn(&str) -> String) -> (Tone, String, String) {
    let verdict = connection.verdict();
    let until = connection.until();
    let own = say(&["connection_", code, "_text"].concat());
    let reason: Option<String> = verdict.as_ref().and_then(|it| it.field("reason"));
    let mut text = match reason.as_deref() {
        Some("wrong_password") => say("connection_wrong_password"),
        Some("account_not_found") => say("connection_no_such_account"),
        _ if code == "slow_down" && until.is_none() => say("slow_down_no_time_text"),
        _ if !own.is_empty() => own,
        _ => say(&["verdict_", code, "_text"].concat()),
    };
    if code == "login_failed" && until.is_some() {
        text = [text, say("connection_next_try")].join(" ");
    }
    if connection.for_good() {
        text = [text, say("connection_for_good")].join(" ");
    }
    let head = match code {
        "cooldown" if until.is_none() => "cooldown_no_time_title".to_owned(),
        _ => ["verdict_", code, "_title"].concat(),
    };
    let tone =
        if matches!(code, "slow_down" | "cooldown" | "unavailable" | "offline") { Tone::Warn } else { Tone::Bad };
    (tone, say(&head), text)
}
