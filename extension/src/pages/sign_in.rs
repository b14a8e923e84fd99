//! Signing one account in again: the password, which key, what is happening, what came of it. It sends once for one
//! press; what happens afterwards comes from the background, so the page may be closed at any time.

use super::notes::{self, Lost, Tone};
use super::route::Route;
use super::words::{at, countdown, fail, is_email, refuse};
use super::{Face, Screen, dom, events, help_offer, now, unlock, which};
use crate::browser::seen::{Account, Attempt, Tagged, View};
use crate::browser::{i18n, permissions};
use crate::client::{self, Answer, Failure};
use longkey_core::capture::KeyState;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::help::Trigger;
use longkey_core::label::{AccountRef, Id};
use longkey_core::protocol::{KeyChoice, Question, VaultState};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// From here on waiting needs a word.
pub const STILL: Span = Span::seconds(60);

/// The sheet of one account.
pub struct Sheet {
    id: AccountRef,
    laid: Cell<bool>,
    shown_news: Cell<Option<u32>>,
    /// The user wants the form although a result stands.
    again: Cell<bool>,
    sending: Cell<bool>,
    /// The key choice was preset for the state that the key had then.
    preset: Cell<Option<Option<KeyState>>>,
    /// The user has tested the key on X, and X accepted it.
    accepted: Cell<bool>,
    /// The refusals that are warned of.
    warned: Cell<u32>,
    /// The attempt whose outcome stands there: when it was sent, and what came of it.
    shown: RefCell<Option<(UnixTime, String)>>,
}

impl Sheet {
    /// Opens it.
    pub fn open(face: &'static Face, id: AccountRef) -> Self {
        face.root.set_text_content(None);
        Self {
            id,
            laid: Cell::new(false),
            shown_news: Cell::new(None),
            again: Cell::new(false),
            sending: Cell::new(false),
            preset: Cell::new(None),
            accepted: Cell::new(false),
            warned: Cell::new(0),
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
        let since = super::account::since(account, now()).unwrap_or_default();
        let note = notes::note(tone, &since, &i18n::message(&["health_", code].concat(), &[]));
        match code {
            "locked" => {
                notes::button(&note, "health_locked_action", "open", "x_unlock");
                help_offer::on_note(&note, Trigger::LockedByX);
            }
            "suspended" => notes::button(&note, "health_suspended_action", "open", "x_appeal"),
            _ => {}
        }
        dom::fill(&notes, &note);
    }

    /// The account and the key saved for it may go by different names.
    fn whose(face: &'static Face, account: &Account) {
        let notes = face.slot("whose");
        notes.set_text_content(None);
        let handle = at(&account.handle());
        if let Some(before) = account.renamed() {
            let note = notes::note(Tone::Plain, "", &i18n::message("renamed", &[&handle, &at(&before)]));
            notes::button(&note, "renamed_action", "rename", "");
            dom::append(&notes, &note);
        } else if account.stranger() {
            dom::append(&notes, &notes::note(Tone::Warn, "", &i18n::message("stranger", &[&handle])));
        }
    }

    /// The entry takes the handle that X has for the account now.
    fn rename(&self, face: &'static Face) {
        let Some(account) = face.view().and_then(|view| find(&view, &self.id)) else { return };
        if let Some(entry) = account.entry() {
            let question = Question::Rename { entry, handle: account.handle() };
            face.ask(&question, face.find("[data-wrong-here]"), |_| {});
        }
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
        dom::set(&face.slot("get-key"), "href", &Route::reset(&account.handle()));
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
            self.again.set(matches!(word.as_str(), "password_missing" | "region_refused"));
            self.accepted.set(false);
            if let Some(attempt) = attempt.as_ref().filter(|_| word != RUNNING) {
                let part = super::result::show(account, &attempt.outcome(), &face.slot("result-foot"));
                dom::set(&dom::slot(&part, "reset"), "href", &Route::reset(&account.handle()));
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
                dom::words(&action, "sign_in_again");
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
        let (mail, area) = (dom::input("x-email"), dom::input("x-region"));
        let (email, region) = (mail.value().trim().to_owned(), area.value().trim().to_ascii_uppercase());
        let mut amiss = None;
        if !region.is_empty() && (region.len() != 2 || !region.bytes().all(|it| it.is_ascii_uppercase())) {
            dom::reveal(&face.find("[data-wrong-region]"), "region_shape");
            amiss = Some(area);
        }
        if !email.is_empty() && !is_email(&mail, &face.find("[data-wrong-email]")) {
            amiss = Some(mail);
        }
        if let Some(field) = amiss {
            // What is said of a field in a fold is read only where that is open.
            dom::flag(&face.slot("more"), "open", true);
            return dom::focus(&field);
        }
        if face.slot("go").has_attribute("disabled") || self.sending.replace(true) {
            return;
        }
        let chosen = face.root.query_selector("input[name=key]:checked").ok().flatten();
        let key = match chosen.and_then(|it| it.get_attribute("value")).as_deref() {
            Some("saved") => KeyChoice::Saved,
            Some("no_app") => KeyChoice::NoApp,
            _ => KeyChoice::Theirs,
        };
        dom::hide(&wrong);
        let with_email = !email.is_empty();
        let shown = face.view().and_then(|view| find(&view, &self.id));
        let question = Question::SignIn {
            account: self.id.clone(),
            password,
            key,
            email: (!email.is_empty()).then_some(email),
            region: (!region.is_empty()).then_some(region),
            entry: shown.as_ref().and_then(|it| it.entry()),
            since: shown.and_then(|it| it.key_since()),
        };
        self.clock(face, now());
        let ask = move || {
            // The password lives in the message from here on, not on the page.
            field.set_value("");
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
        };
        if !with_email {
            return ask();
        }
        // An address is a person's: Firefox asks once whether it may be sent, before anything is awaited.
        permissions::ask_to_send_person(permissions::XQUIK, move |granted| {
            if granted {
                return ask();
            }
            face.retry();
            let place = face.find("[data-wrong-email]");
            dom::reveal(&place, "email_not_allowed");
        });
    }

    fn ask(face: &'static Face, question: &Question, on: &Element, busy: &str, then: Option<Route>) {
        let told = move |done: Result<Answer, Failure>| match (done, then) {
            (Ok(_), Some(route)) => events::go(&route),
            (Ok(_), None) => {}
            (Err(failure), _) => notes::fail(&face.slot("health"), &failure),
        };
        face.press_for(on, busy, question, Box::new(told));
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

fn find(view: &View, id: &AccountRef) -> Option<Account> {
    view.accounts().find(|it| it.id() == *id)
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
            dom::set(&face.slot("about"), "href", &Route::Account(self.id.clone()).print());
            *self.shown.borrow_mut() = None;
            self.shown_news.set(None);
            self.preset.set(None);
            self.warned.set(0);
        }
        if self.shown_news.replace(Some(face.news())) != Some(face.news()) {
            Self::health(face, &account);
            Self::whose(face, &account);
        }
        self.keys(face, &account);
        self.outcome(face, &account, view.vault() == VaultState::Locked);
        which::show(face, &account, &self.accepted);
        which::warn(face, &account, &self.warned);
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
                if let Some(account) = face.view().and_then(|view| find(&view, &self.id)) {
                    which::facts(face, &account);
                }
                dom::focus(&face.slot("which-title"));
            }
            "rename" => self.rename(face),
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
            "x-email" => dom::hide(&face.find("[data-wrong-email]")),
            "x-region" => dom::hide(&face.find("[data-wrong-region]")),
            _ => {}
        }
    }
}
