//! Fans API: its key and address, and the Fansly accounts behind it. Nothing here starts a login.

use super::agree::{self, Service as Agreed};
use super::notes::{self, Tone};
use super::route::Route;
use super::words::{fail, refuse, time};
use super::{Face, Screen, bin, dom, events, now};
use crate::browser::seen::{FansTrouble, Fansly as Service, FanslyAccount, View};
use crate::browser::{i18n, permissions};
use crate::client::{self, Answer, Failure};
use longkey_core::clock::{Span, UnixTime};
use longkey_core::protocol::{Address, FanslyAct, Question};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::fansly::{FansKey, What};
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// A list that is older is asked for anew when the screen opens.
const FRESH: Span = Span::minutes(1);

/// Connecting Fans API, and what it lists.
pub struct Fansly {
    shown: Cell<Option<u32>>,
    replacing: Cell<bool>,
    asked: Cell<bool>,
}

impl Fansly {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("fansly");
        Self { shown: Cell::new(None), replacing: Cell::new(false), asked: Cell::new(false) }
    }

    fn accounts(face: &'static Face, service: &Service) {
        let moment = now();
        let checked = service.checked().map(|it| i18n::message("checked_at", &[&time(it, moment)]));
        dom::text(&face.slot("checked"), &checked.unwrap_or_default());
        let origin = if service.old() { Address::Old } else { Address::New }.host().origin();
        let host = origin.trim_start_matches("https://");
        dom::say(&face.slot("with"), "fans_connected_with", &[&service.last_four(), host]);
        let list = face.slot("list");
        list.set_text_content(None);
        for account in service.accounts() {
            dom::append(&list, &row(&account, moment));
        }
        dom::shown_if(list.child_element_count() == 0, &face.slot("none"));
    }

    /// Keys that no account's screen shows.
    fn keys(face: &'static Face, view: &View) {
        let list = face.slot("keys-list");
        list.set_text_content(None);
        for left in view.fansly_keys() {
            let part = dom::part("fansly-key");
            let (name, id) = (left.name(), left.id());
            let name = if name.is_empty() { &id } else { &name };
            dom::text(&dom::slot(&part, "name"), name);
            let (act, words) =
                if left.key() { ("fansly-forget", "remove") } else { ("fansly-before", "fansly_key_before") };
            let button = dom::slot(&part, "act");
            dom::set(&button, "data-act", act);
            dom::set(&button, "data-member", &id);
            dom::say(&button, words, &[]);
            let words = i18n::message(words, &[]);
            dom::set(&button, "aria-label", &i18n::message("of_workspace", &[name, &words]));
            dom::append(&list, &part);
        }
        dom::shown_if(list.child_element_count() > 0, &face.slot("keys"));
    }

    fn connect(face: &'static Face) {
        let (go, field) = (face.slot("go"), dom::input("fans-key"));
        let wrong = face.find("[data-wrong]");
        let key = match FansKey::parse(&Secret::new(field.value())) {
            Ok(key) => key,
            Err(refusal) => {
                refuse(&wrong, refusal);
                return dom::focus(&field);
            }
        };
        if go.has_attribute("disabled") {
            return;
        }
        dom::hide(&wrong);
        dom::busy(&go, "connecting");
        let old = face.slot("old").dyn_ref::<HtmlInputElement>().is_some_and(HtmlInputElement::checked);
        let (address, hosts) =
            if old { (Address::Old, permissions::FANS_OLD) } else { (Address::New, permissions::FANS) };
        let done = move |done: Result<Answer, Failure>| {
            dom::idle(&go);
            dom::hide(&face.slot("other"));
            match done {
                Ok(_) => {
                    field.set_value("");
                    face.retry();
                    face.ask_again();
                }
                Err(failure) => {
                    fail(&wrong, &failure, now());
                    // The other one is offered; nothing goes there before the user has chosen it.
                    let silent = matches!(&failure, Failure::Fans(it) if it.what() == What::NoAnswer);
                    dom::shown_if(silent, &face.slot("other"));
                    dom::focus(&field);
                }
            }
        };
        // Before anything is awaited: the browser asks only while the click is fresh.
        permissions::ask_to_send(hosts, move |granted| {
            if granted {
                agree::give(Agreed::Fans);
                client::ask(&Question::ConnectFans { api_key: key.secret().clone(), word: address }, Box::new(done));
            } else {
                done(Err(Refusal::FansNoPermission.into()));
            }
        });
    }

    fn asked(&self, face: &'static Face, service: &Service) {
        let moment = now();
        let paused = service.trouble().and_then(|it| it.until()).is_some_and(|until| until > moment);
        let old = service.checked().is_none_or(|it| moment.since(it) >= FRESH);
        if !self.asked.replace(true) && old && !paused {
            client::ask(&Question::RefreshFans, Box::new(|_| face.ask_again()));
        }
    }
}

impl Screen for Fansly {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        if self.shown.replace(Some(face.news())) == Some(face.news()) {
            return;
        }
        let service = view.fansly();
        let connected = service.is_some();
        let form = face.slot("form");
        let was_hidden = form.has_attribute("hidden");
        dom::shown_if(!connected || self.replacing.get(), &form);
        dom::say(&face.slot("title"), if connected { "fansly" } else { "connect_fansly" }, &[]);
        dom::shown_if(connected, &face.slot("accounts"));
        dom::shown_if(connected && !self.replacing.get(), &face.slot("leave"));
        if connected && !self.replacing.get() {
            agree::standing(face, Agreed::Fans);
        }
        if !face.slot("go").has_attribute("disabled") {
            dom::words(&face.slot("go"), agree::place(face, &face.slot("agree"), Agreed::Fans));
        }
        let notes = face.slot("notes");
        notes.set_text_content(None);
        if let Some(service) = &service {
            Self::accounts(face, service);
            if let Some(told) = service.trouble() {
                dom::append(&notes, &trouble(&told, ""));
            }
            self.asked(face, service);
        }
        Self::keys(face, &view);
        if was_hidden && !form.has_attribute("hidden") {
            events::settle_focus(&face.root);
        }
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        let wrong = face.find("[data-wrong-here]");
        match act {
            "refresh" => face.press(on, "refreshing", &Question::RefreshFans, wrong, Box::new(|_| {})),
            "disconnect" => {
                let gone = Box::new(move |_| bin::disconnected(face, None));
                face.press(on, "one_moment", &Question::DisconnectFans, wrong, gone);
            }
            "fansly-forget" | "fansly-before" => {
                let word = if act == "fansly-forget" { FanslyAct::ForgetKey } else { FanslyAct::KeyBefore };
                let member = on.get_attribute("data-member").unwrap_or_default();
                face.press(
                    on,
                    "one_moment",
                    &Question::Fansly { member, word },
                    wrong,
                    Box::new(move |_| dom::focus(&face.find("h1"))),
                );
            }
            "replace" | "retry" => {
                self.replacing.set(act == "replace");
                self.shown.set(None);
                self.refresh(face);
            }
            "other" => {
                let old = face.slot("old").dyn_ref::<HtmlInputElement>().is_some_and(HtmlInputElement::checked);
                if let Some(field) = face.slot(if old { "new" } else { "old" }).dyn_ref::<HtmlInputElement>() {
                    field.set_checked(true);
                }
                dom::hide(on);
                dom::hide(&face.find("[data-wrong]"));
                dom::focus(&face.slot("go"));
            }
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        Self::connect(face);
    }

    fn changed(&self, face: &'static Face, _: &Element) {
        dom::hide(&face.find("[data-wrong]"));
    }
}

/// What went wrong, in words: `name` is the account's, where it is about one.
#[must_use]
pub fn said(trouble: &FansTrouble, name: &str) -> (String, String) {
    let until = trouble.until().map(|it| time(it, now())).unwrap_or_default();
    let status = trouble.status().to_string();
    let what = trouble.what().code();
    let words = |part: &str| i18n::message(&["fans_", what, part].concat(), &[name, &until, &status]);
    (words("_title"), words("_text"))
}

/// The same as a note, with the one thing to do.
#[must_use]
pub fn trouble(trouble: &FansTrouble, name: &str) -> Element {
    let (title, text) = said(trouble, name);
    let what = trouble.what();
    let note = notes::note(if what == What::KeyRefused { Tone::Bad } else { Tone::Warn }, &title, &text);
    match what {
        What::KeyRefused if name.is_empty() => notes::button(&note, "replace_key", "replace", ""),
        What::KeyRefused | What::NotAllowed if !name.is_empty() => {
            notes::link(&note, "replace_key", &Route::Fansly.print())
        }
        What::NotAllowed => notes::button(&note, "give_access", "replace", ""),
        What::NoCredits => notes::button(&note, "fans_console", "open", "fans_console"),
        What::Gone => notes::link(&note, "refresh", &Route::Fansly.print()),
        _ => {}
    }
    note
}

/// How an account stands, in a few words.
#[must_use]
pub fn standing(account: &FanslyAccount, moment: UnixTime) -> String {
    let step = account.step();
    let pause = account.trouble().and_then(|it| it.until()).filter(|it| *it > moment);
    let words = match step.as_str() {
        "code" => "fansly_row_code",
        _ if account.followed() => "account_running",
        "unfinished" => "fansly_row_unfinished",
        "refused" => "fansly_row_refused",
        _ if pause.is_some() => return i18n::message("account_until", &[&time(pause.unwrap_or(moment), moment)]),
        _ if account.signed_in() => "account_healthy",
        _ => "account_needs_reauth",
    };
    i18n::message(words, &[])
}

/// One account as a row that leads to its screen.
#[must_use]
pub fn row(account: &FanslyAccount, moment: UnixTime) -> Element {
    let step = account.step();
    let (icon, tone) = match (account.followed(), step.as_str(), account.signed_in()) {
        (true, ..) => ("wait", "later"),
        (_, "code" | "refused" | "unfinished", _) | (.., false) => ("alert", "now"),
        _ => ("good", ""),
    };
    let route = Route::FanslyAccount(account.id()).print();
    super::home::row(&account.name(), &standing(account, moment), icon, &route, tone)
}
