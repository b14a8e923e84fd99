//! Xquik: its API key, and the accounts behind it with what is saved for them here.

use super::home::account_row;
use super::notes;
use super::route::Route;
use super::words::{at, fail, refuse, time};
use super::{Face, Screen, dom, events, now};
use crate::browser::seen::{View, Xquik};
use crate::browser::{i18n, permissions};
use crate::client::{self, Answer, Failure};
use longkey_core::capture::KeyState;
use longkey_core::protocol::Question;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::xquik::ApiKey;
use std::cell::{Cell, RefCell};
use web_sys::Element;

/// Connecting Xquik, and what it lists.
pub struct Connect {
    shown: Cell<Option<u32>>,
    told: RefCell<Option<String>>,
    replacing: Cell<bool>,
}

impl Connect {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("connect");
        Self { shown: Cell::new(None), told: RefCell::default(), replacing: Cell::new(false) }
    }

    fn accounts(face: &'static Face, view: &View, xquik: &Xquik) {
        let moment = now();
        let checked = xquik.checked().map(|it| i18n::message("checked_at", &[&time(it, moment)]));
        dom::text(&face.slot("checked"), &checked.unwrap_or_default());
        let list = face.slot("list");
        list.set_text_content(None);
        let mut handles = Vec::new();
        for account in xquik.accounts() {
            let key = match account.key() {
                None => "without_key",
                Some(KeyState::Confirmed) => "with_key",
                Some(KeyState::Pending | KeyState::Matched) => "with_pending_key",
                Some(KeyState::Stale) => "with_stale_key",
            };
            dom::append(&list, &account_row(&account, &i18n::message(key, &[])));
            handles.push(account.handle());
        }
        dom::shown_if(handles.is_empty(), &face.slot("none"));
        let lonely = face.slot("lonely-list");
        lonely.set_text_content(None);
        let listed = |handle: &str| handles.iter().any(|it: &String| it.eq_ignore_ascii_case(handle));
        for entry in view.entries().filter(|it| !listed(&it.handle())) {
            let item = dom::part("account");
            dom::text(&dom::slot(&item, "handle"), &at(&entry.handle()));
            dom::icon(&dom::slot(&item, "icon"), "key");
            dom::set(&dom::slot(&item, "link"), "href", &Route::Entry(entry.id()).print());
            dom::append(&lonely, &item);
        }
        dom::shown_if(lonely.child_element_count() > 0, &face.slot("lonely"));
    }

    fn connect(&self, face: &'static Face) {
        let (go, field) = (face.slot("go"), dom::input("api-key"));
        let wrong = face.find("[data-wrong]");
        let typed = Secret::new(field.value());
        let key = match ApiKey::parse(&typed) {
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
        dom::flag(&go, "disabled", true);
        dom::say(&go, "connecting", &[]);
        let done = move |done: Result<Answer, Failure>| {
            dom::flag(&go, "disabled", false);
            dom::say(&go, "connect", &[]);
            match done {
                Ok(_) => {
                    field.set_value("");
                    // The form was open for a new key; it closes now.
                    face.retry();
                    face.ask_again();
                }
                Err(failure) => {
                    fail(&wrong, &failure, now());
                    dom::focus(&field);
                }
            }
        };
        // Before anything is awaited: the browser asks only while the click is fresh.
        permissions::ask_to_send(permissions::XQUIK, move |granted| {
            if granted {
                client::ask(&Question::Connect { api_key: key.secret().clone() }, Box::new(done));
            } else {
                done(Err(Refusal::NoPermission.into()));
            }
        });
    }
}

/// A button that asks something without more to type.
fn press(face: &'static Face, question: &Question, button: Element, busy: &'static str, idle: &'static str) {
    let notes = face.slot("notes");
    dom::flag(&button, "disabled", true);
    dom::say(&button, busy, &[]);
    client::ask(
        question,
        Box::new(move |done| {
            dom::flag(&button, "disabled", false);
            dom::say(&button, idle, &[]);
            face.ask_again();
            notes.set_text_content(None);
            if let Err(failure) = done {
                notes::fail(&notes, &failure);
            }
        }),
    );
}

impl Screen for Connect {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        if self.shown.replace(Some(face.news())) == Some(face.news()) {
            return;
        }
        let xquik = view.xquik();
        let connected = xquik.is_some();
        let form = face.slot("form");
        let was_hidden = form.has_attribute("hidden");
        dom::shown_if(!connected || self.replacing.get(), &form);
        dom::say(&face.slot("title"), if connected { "xquik" } else { "connect_xquik" }, &[]);
        dom::shown_if(connected, &face.slot("accounts"));
        dom::shown_if(connected && !self.replacing.get(), &face.slot("leave"));
        if let Some(xquik) = &xquik {
            Self::accounts(face, &view, xquik);
            let code = xquik.trouble().map(|it| it.word());
            if self.told.replace(code.clone()) != code {
                let notes = face.slot("notes");
                notes.set_text_content(None);
                if let Some(verdict) = &xquik.trouble() {
                    notes::trouble(&notes, verdict);
                }
            }
        } else {
            dom::hide(&face.slot("lonely"));
        }
        if was_hidden && !form.has_attribute("hidden") {
            events::settle_focus(&face.root);
        }
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        match act {
            "refresh" => press(face, &Question::Refresh, on.clone(), "refreshing", "refresh"),
            "disconnect" => press(face, &Question::Disconnect, on.clone(), "disconnect", "disconnect"),
            "replace" => {
                self.replacing.set(true);
                self.shown.set(None);
                self.refresh(face);
            }
            "retry" => {
                self.replacing.set(false);
                self.shown.set(None);
                self.refresh(face);
            }
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        self.connect(face);
    }

    fn changed(&self, face: &'static Face, _: &Element) {
        dom::hide(&face.find("[data-wrong]"));
    }
}
