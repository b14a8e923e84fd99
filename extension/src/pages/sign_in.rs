//! Signing one account in again: the password, which key, what is happening, what came of it. It sends once for one
//! press; what happens afterwards comes from the background, so the page may be closed at any time.

use super::notes::{self, Lost, Tone};
use super::route::Route;
use super::words::{at, countdown, fail, refuse};
use super::{Face, Screen, dom, events, now, unlock};
use crate::browser::i18n;
use crate::browser::seen::{Account, Attempt, Tagged, View};
use crate::client;
use longkey_core::capture::KeyState;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::label::Id;
use longkey_core::protocol::{KeyChoice, Question, VaultState};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// From here on waiting needs a word.
const STILL: Span = Span::seconds(60);

/// The sheet of one account.
pub struct Sheet {
    id: String,
    laid: Cell<bool>,
    shown_news: Cell<Option<u32>>,
    /// The user wants the form although a result stands.
    again: Cell<bool>,
    sending: Cell<bool>,
    /// The key choice was preset for the state that the key had then.
    preset: Cell<Option<Option<KeyState>>>,
    /// The user has tested the key on X, and X accepted it.
    accepted: Cell<bool>,
    /// The attempt whose outcome stands there: when it was sent, and what came of it.
    shown: RefCell<Option<(UnixTime, String)>>,
}

impl Sheet {
    /// Opens it.
    pub fn open(face: &'static Face, id: String) -> Self {
        face.root.set_text_content(None);
        Self {
            id,
            laid: Cell::new(false),
            shown_news: Cell::new(None),
            again: Cell::new(false),
            sending: Cell::new(false),
            preset: Cell::new(None),
            accepted: Cell::new(false),
            shown: RefCell::default(),
        }
    }

    fn health(face: &'static Face, account: &Account) {
        let notes = face.slot("health");
        let code = account.health().code();
        // A result says more than the list did before it; what only X can lift stays in sight.
        let lasting = matches!(code, "locked" | "suspended");
        if account.attempt().is_some_and(|it| !lasting || result(&it) == "signed_in_but") {
            return notes.set_text_content(None);
        }
        let tone = match code {
            "healthy" => Tone::Good,
            _ if lasting => Tone::Bad,
            _ => Tone::Plain,
        };
        let note = notes::note(tone, "", &i18n::message(&["health_", code].concat(), &[]));
        match code {
            "locked" => notes::button(&note, "health_locked_action", "open", "x_unlock"),
            "suspended" => notes::button(&note, "health_suspended_action", "open", "x_appeal"),
            _ => {}
        }
        dom::fill(&notes, &note);
    }

    fn keys(&self, face: &'static Face, account: &Account) {
        let saved = face.slot("saved");
        let hint = match account.key() {
            None => "key_saved_none",
            Some(KeyState::Confirmed) => "key_saved_confirmed",
            Some(KeyState::Pending | KeyState::Matched) => "key_saved_pending",
            Some(KeyState::Stale) => "key_saved_stale",
        };
        dom::say(&face.slot("saved-hint"), hint, &[]);
        dom::flag(&saved, "disabled", account.key().is_none());
        let works = account.key() == Some(KeyState::Confirmed);
        dom::shown_if(!works, &face.slot("get-key"));
        dom::set(&face.slot("get-key"), "href", &["#/reset/", &account.handle()].concat());
        // A choice that the user has made stays, unless the key itself has changed.
        if self.preset.replace(Some(account.key())) != Some(account.key()) {
            let chosen = if works { "saved" } else { "theirs" };
            if let Some(field) = face.slot(chosen).dyn_ref::<HtmlInputElement>() {
                field.set_checked(true);
            }
        }
    }

    fn outcome(&self, face: &'static Face, account: &Account, locked: bool) {
        let attempt = account.attempt();
        let word = attempt.as_ref().map(result).unwrap_or_default();
        let stands = attempt.as_ref().map(|it| (it.sent(), word.clone()));
        let before = self.shown.replace(stands.clone());
        if before != stands {
            let place = face.slot("result");
            place.set_text_content(None);
            // This result is about the form's field, so the form must stand there.
            self.again.set(word == "password_missing");
            self.accepted.set(false);
            if let Some(attempt) = attempt.as_ref().filter(|_| word != RUNNING) {
                let part = super::result::show(account, &attempt.outcome(), &face.slot("result-foot"));
                dom::set(&dom::slot(&part, "reset"), "href", &["#/reset/", &account.handle()].concat());
                dom::fill(&place, &part);
                let title = dom::slot(&part, "title");
                dom::announce(&title.text_content().unwrap_or_default());
                if before.is_some_and(|it| it.1 == RUNNING) {
                    dom::focus(&title);
                }
            }
        }
        let running = word == RUNNING;
        let form = !running && (attempt.is_none() || self.again.get());
        dom::shown_if(running, &face.slot("progress"));
        dom::shown_if(form && !locked, &face.slot("form"));
        dom::shown_if(form && !locked, &face.slot("foot"));
        unlock::place(face, &face.slot("unlock"), form && locked);
        dom::shown_if(!running && !form, &face.slot("result-foot"));
    }

    /// Which of the two is out of date: what the user's test on X has shown of the saved key.
    fn which(&self, face: &'static Face, account: &Account) {
        let stale = account.key() == Some(KeyState::Stale);
        let accepted = account.key() == Some(KeyState::Confirmed) && self.accepted.get();
        let works = account.entry().is_some() && account.key() == Some(KeyState::Confirmed);
        dom::shown_if(works, &face.slot("tested"));
        let found = face.slot("found");
        dom::shown_if(stale || accepted, &found);
        found.set_class_name(if stale { "state bad" } else { "state" });
        dom::icon(&face.slot("found-icon"), if stale { "alert" } else { "good" });
        let words = if stale { "which_only_key" } else { "which_only_password" };
        // Its role speaks when the words change.
        let (words, place) = (i18n::message(words, &[]), face.slot("found-words"));
        if (stale || accepted) && place.text_content().as_deref() != Some(words.as_str()) {
            dom::text(&place, &words);
        }
        dom::class(&face.slot("test"), "primary", !stale && !accepted);
        dom::class(&face.slot("reset"), "primary", stale);
        dom::class(&face.slot("change"), "primary", accepted);
    }

    /// The user's answer to a question about the saved key.
    fn about_key(&self, face: &'static Face, question: fn(Id) -> Question) {
        let entry = face.view().and_then(|view| find(&view, &self.id)?.entry());
        if let Some(entry) = entry {
            face.ask(&question(entry), face.find("[data-wrong-here]"), |_| {});
        }
    }

    /// What changes by the second: elapsed time, the pause.
    fn clock(&self, face: &'static Face, now: UnixTime) {
        let Some(view) = face.view().filter(|_| self.laid.get()) else { return };
        let Some(account) = find(&view, &self.id) else { return };
        if let Some(attempt) = account.attempt().filter(|it| result(it) == RUNNING) {
            let elapsed = now.since(attempt.sent());
            dom::text(&face.slot("took"), &i18n::message("elapsed", &[&(elapsed.0 / 1000).to_string()]));
            dom::shown_if(elapsed >= STILL, &face.slot("still"));
        }
        let pause = account.not_before().map(|it| it.since(now)).filter(|it| it.0 > 0);
        let go = face.slot("go");
        dom::flag(&go, "disabled", pause.is_some() || self.sending.get());
        let words = face.slot("go-words");
        match pause {
            Some(left) => dom::text(&words, &i18n::message("again_in", &[&countdown(left)])),
            None => dom::say(&words, if self.sending.get() { "sending" } else { "sign_in_again" }, &[]),
        }
        let action = face.slot("action");
        if action.get_attribute("data-act").as_deref() == Some("again") && !self.again.get() {
            dom::flag(&action, "disabled", pause.is_some());
            if let Some(left) = pause {
                dom::text(&action, &i18n::message("again_in", &[&countdown(left)]));
            } else if action.text_content().is_some_and(|it| it.contains(':')) {
                dom::say(&action, "sign_in_again", &[]);
            }
        }
    }

    fn send(&self, face: &'static Face) {
        let (field, wrong) = (dom::input("x-password"), face.find("[data-wrong]"));
        let password = Secret::new(field.value());
        if password.is_empty() {
            refuse(&wrong, Refusal::PasswordEmpty);
            return dom::focus(&field);
        }
        let region = dom::input("x-region").value().trim().to_ascii_uppercase();
        if !region.is_empty() && (region.len() != 2 || !region.bytes().all(|it| it.is_ascii_uppercase())) {
            let wrong = face.find("[data-wrong-region]");
            dom::say(&wrong, "region_shape", &[]);
            dom::show(&wrong);
            return dom::focus(&dom::input("x-region"));
        }
        if face.slot("go").has_attribute("disabled") || self.sending.replace(true) {
            return;
        }
        let email = dom::input("x-email").value().trim().to_string();
        let chosen = face.root.query_selector("input[name=key]:checked").ok().flatten();
        let key = match chosen.and_then(|it| it.get_attribute("value")).as_deref() {
            Some("saved") => KeyChoice::Saved,
            Some("no_app") => KeyChoice::NoApp,
            _ => KeyChoice::Theirs,
        };
        // The password lives in the message from here on, not on the page.
        field.set_value("");
        dom::hide(&wrong);
        let question = Question::SignIn {
            account: self.id.clone(),
            password,
            key,
            email: (!email.is_empty()).then_some(email),
            region: (!region.is_empty()).then_some(region),
        };
        self.clock(face, now());
        client::ask(
            &question,
            Box::new(move |done| {
                face.retry();
                match done {
                    Ok(_) => dom::announce(&i18n::message("step_sent", &[])),
                    Err(failure) => fail(&wrong, &failure, now()),
                }
                face.ask_again();
            }),
        );
    }

    fn ask(face: &'static Face, question: &Question, on: &Element, busy: &str, then: Option<Route>) {
        let (on, before) = (on.clone(), on.text_content().unwrap_or_default());
        dom::flag(&on, "disabled", true);
        dom::say(&on, busy, &[]);
        client::ask(
            question,
            Box::new(move |done| {
                dom::flag(&on, "disabled", false);
                dom::text(&on, &before);
                face.ask_again();
                match (done, then) {
                    (Ok(_), Some(route)) => events::go(&route),
                    (Ok(_), None) => {}
                    (Err(failure), _) => notes::fail(&face.slot("health"), &failure),
                }
            }),
        );
    }

    fn form_wanted(&self, face: &'static Face) {
        self.again.set(true);
        self.refresh(face);
        dom::focus(&dom::input("x-password"));
    }
}

/// The name of an outcome that is none yet.
const RUNNING: &str = "running";

/// What became of an attempt: `running`, `unknown`, or the code of the verdict.
fn result(attempt: &Attempt) -> String {
    let outcome = attempt.outcome();
    let verdict: Option<Tagged> = outcome.field("verdict");
    verdict.map_or_else(|| outcome.word(), |it| it.word())
}

fn find(view: &View, id: &str) -> Option<Account> {
    view.accounts().find(|it| it.id() == id)
}

impl Screen for Sheet {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let Some(account) = find(&view, &self.id) else {
            Lost::open(face, "lost_account");
            self.laid.set(false);
            return;
        };
        let new = !self.laid.replace(true);
        if new {
            face.lay("sign-in");
            dom::say(&face.slot("title"), "sign_in_title", &[&at(&account.handle())]);
            *self.shown.borrow_mut() = None;
            self.shown_news.set(None);
            self.preset.set(None);
        }
        if self.shown_news.replace(Some(face.news())) != Some(face.news()) {
            Self::health(face, &account);
        }
        self.keys(face, &account);
        self.outcome(face, &account, view.vault() == VaultState::Locked);
        self.which(face, &account);
        self.clock(face, now());
        if new {
            events::settle_focus(&face.root);
        }
    }

    fn tick(&self, face: &'static Face, now: UnixTime) {
        self.clock(face, now);
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        let account = || self.id.clone();
        match act {
            "retry" => self.sending.set(false),
            "again" => self.form_wanted(face),
            "check" => Self::ask(face, &Question::CheckStatus { account: account() }, on, "checking", None),
            "refresh" => Self::ask(face, &Question::Refresh, on, "refreshing", None),
            "dismiss" => Self::ask(face, &Question::Dismiss { account: account() }, on, "done", Some(Route::Home)),
            "replace" => events::go(&Route::Connect),
            "which" => {
                // What follows has steps of its own: the one large button has led here and is done.
                dom::show(&face.slot("which"));
                dom::hide(on);
                dom::focus(&face.slot("which-title"));
            }
            "refuses" => self.about_key(face, |entry| Question::Refuses { entry }),
            "accepted" => {
                self.accepted.set(true);
                self.about_key(face, |entry| Question::Trust { entry });
            }
            "copy-details" => {
                if let Some(view) = face.view()
                    && let Some(account) = find(&view, &self.id)
                {
                    super::result::copy_details(&face.slot("result"), &account);
                }
            }
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        self.send(face);
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        match on.id().as_str() {
            "x-password" => dom::hide(&face.find("[data-wrong]")),
            "x-region" => dom::hide(&face.find("[data-wrong-region]")),
            _ => {}
        }
    }
}
