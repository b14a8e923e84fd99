//! One Fansly account: its login in named steps, the code that it wants, what came of it, and the key of its
//! authenticator. It sends once for one press; the background goes on alone, so the page may be closed at any time.

use super::fansly::trouble;
use super::notes::{self, Lost, Tone};
use super::words::countdown;
use super::{Face, Screen, dom, now, unlock};
use crate::browser::i18n;
use crate::browser::seen::{FansDigits, FanslyAccount};
use crate::client;
use longkey_core::clock::UnixTime;
use longkey_core::protocol::{FanslyAct, Question};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::fansly::What;
use std::cell::{Cell, RefCell};
use web_sys::Element;

/// The screen of one account.
pub struct Account {
    id: String,
    laid: Cell<bool>,
    shown: Cell<Option<u32>>,
    /// The step that stands there, and whether a code was wrong.
    step: RefCell<(String, bool)>,
    /// The digits that can be sent now, and until when.
    digits: RefCell<Option<(Secret, UnixTime)>>,
    asking: Cell<bool>,
    /// The second of the login in which the background was asked last.
    woken: Cell<u64>,
    replacing: Cell<bool>,
}

impl Account {
    /// Opens it.
    pub fn open(face: &'static Face, id: String) -> Self {
        face.root.set_text_content(None);
        Self {
            id,
            laid: Cell::new(false),
            shown: Cell::new(None),
            step: RefCell::default(),
            digits: RefCell::default(),
            asking: Cell::new(false),
            woken: Cell::new(0),
            replacing: Cell::new(false),
        }
    }

    fn account(&self, face: &'static Face) -> Option<FanslyAccount> {
        face.view()?.fansly()?.accounts().find(|it| it.id() == self.id)
    }

    fn ask(&self, face: &'static Face, act: FanslyAct, on: &Element) {
        let question = Question::Fansly { member: self.id.clone(), word: act };
        face.press(on, "one_moment", &question, face.find("[data-wrong-here]"), Box::new(|_| {}));
    }

    fn notes(face: &'static Face, account: &FanslyAccount) {
        let notes = face.slot("notes");
        notes.set_text_content(None);
        let (name, step) = (account.name(), account.step());
        let say = |tone: Tone, title: &str, text: &str| {
            dom::append(&notes, &notes::note(tone, &i18n::message(title, &[&name]), text));
        };
        let words = |key: &str| i18n::message(key, &[]);
        match step.as_str() {
            "idle" if account.signed_in() => say(Tone::Good, "fansly_signed_in", ""),
            "idle" => say(Tone::Plain, "fansly_signed_out", &words("fansly_signed_out_text")),
            "done" => say(Tone::Good, "fansly_done", ""),
            "already" => say(Tone::Good, "fansly_already", ""),
            "not_now" => say(Tone::Warn, "fansly_not_now", &account.said().unwrap_or_default()),
            "refused" => {
                say(Tone::Bad, "fansly_refused", &account.said().unwrap_or_else(|| words("fansly_refused_text")));
            }
            "unfinished" => say(Tone::Warn, "fansly_unfinished", &words("fansly_unfinished_text")),
            "code" => {}
            _ if face.is_locked() => say(Tone::Plain, "fansly_running", &words("fansly_locked")),
            "stopped" => {}
            _ => say(Tone::Plain, "fansly_running", ""),
        }
        if let Some(told) = account.trouble() {
            dom::append(&notes, &trouble(&told, &name));
        }
        if let Some(title) = notes.query_selector("h2").ok().flatten().filter(|it| !it.has_attribute("hidden")) {
            dom::announce(&title.text_content().unwrap_or_default());
        }
    }

    fn prompt(&self, face: &'static Face, account: &FanslyAccount) {
        let sent_to = account.sent_to();
        let title = face.slot("prompt-title");
        match (account.kind(), &sent_to) {
            (Some(0), _) => dom::say(&title, "fansly_wants_app", &[]),
            (Some(2), Some(to)) => dom::say(&title, "fansly_emailed_to", &[to]),
            (Some(2), None) => dom::say(&title, "fansly_emailed", &[]),
            _ => dom::say(&title, "fansly_wants_other", &[]),
        }
        let computed = account.kind() == Some(0) && account.key();
        dom::shown_if(computed, &face.slot("send-line"));
        dom::shown_if(account.kind() == Some(0) && !account.key(), &face.slot("no-key"));
        dom::class(&face.slot("submit"), "primary", !computed);
        dom::said_if(account.wrong(), &face.slot("wrong-code"));
        if computed {
            self.compute(face, now());
        }
    }

    /// The digits come from the background, which has the key; the page holds them until others are due.
    fn compute(&self, face: &'static Face, moment: UnixTime) {
        let button = face.slot("send");
        let digits = self.digits.borrow().as_ref().filter(|(_, until)| *until > moment).map(|it| it.0.clone());
        if let Some(code) = digits {
            let (first, rest) = code.expose().split_at_checked(3).unwrap_or((code.expose(), ""));
            if !button.has_attribute("disabled") {
                dom::say(&button, "fansly_send", &[&[first, " ", rest].concat()]);
            }
            return dom::show(&button);
        }
        if self.asking.replace(true) {
            return;
        }
        let question = Question::Fansly { member: self.id.clone(), word: FanslyAct::Digits };
        client::ask(
            &question,
            Box::new(move |done| {
                let digits = done.ok().and_then(|it| it.of::<FansDigits>("digits"));
                let screen = face.screen.borrow().clone();
                screen.told(face, digits);
            }),
        );
    }

    fn send(&self, face: &'static Face, code: Secret, on: &Element) {
        if on.has_attribute("disabled") {
            return;
        }
        let question = Question::FanslyCode { member: self.id.clone(), code };
        face.press(
            on,
            "sending",
            &question,
            face.find("[data-wrong]"),
            Box::new(|_| dom::input("fansly-code").set_value("")),
        );
    }

    fn key(&self, face: &'static Face, account: &FanslyAccount) {
        let saved = account.key();
        dom::shown_if(saved && !self.replacing.get(), &face.slot("key-saved"));
        dom::shown_if(!saved || self.replacing.get(), &face.slot("key-form"));
        dom::shown_if(account.key_before(), &face.slot("key-kept"));
    }

    /// What is offered for the state that stands there; the button counts a pause down.
    fn foot(face: &'static Face, account: &FanslyAccount, moment: UnixTime) {
        let step = account.step();
        let what = account.trouble().map(|it| it.what());
        let (words, act, again) = match (step.as_str(), what) {
            ("done" | "already", _) => ("done", "fansly-done", false),
            ("not_now", _) => ("fansly_later", "fansly-done", true),
            // A code that is late, or never came: beside the prompt there is a way on.
            ("code" | "unfinished", _) | ("stopped", Some(What::Unavailable | What::Unfamiliar)) => {
                ("check_status", "fansly-check", true)
            }
            ("refused" | "stopped", _) => ("try_again", "fansly-sign-in", false),
            _ => ("sign_in_again", "fansly-sign-in", false),
        };
        dom::shown_if(!account.followed() && !face.is_locked(), &face.slot("foot"));
        let action = face.slot("action");
        dom::set(&action, "data-act", act);
        let pause = account.trouble().and_then(|it| it.until()).map(|it| it.since(moment)).filter(|it| it.0 > 0);
        let held = pause.filter(|_| act != "fansly-done");
        if let Some(left) = held {
            dom::flag(&action, "disabled", true);
            dom::set(&action, "data-held", "");
            dom::text(&action, &i18n::message("again_in", &[&countdown(left)]));
        } else if action.has_attribute("data-held") || action.get_attribute("data-i18n").as_deref() != Some(words) {
            let _ = action.remove_attribute("data-held");
            dom::set(&action, "data-i18n", words);
            dom::idle(&action);
        }
        // Where the account is signed in, or the prompt's own button is the one to press, this is none.
        dom::class(&action, "primary", step != "code" && !(step == "idle" && account.signed_in()));
        dom::shown_if(again && pause.is_none(), &face.slot("again"));
    }
}

impl Screen for Account {
    fn refresh(&self, face: &'static Face) {
        if face.view().is_none() {
            return;
        }
        if self.shown.replace(Some(face.news())) == Some(face.news()) {
            return;
        }
        let Some(account) = self.account(face) else {
            self.laid.set(false);
            let _lost = Lost::open(face, "fansly_lost");
            return;
        };
        if !self.laid.replace(true) {
            face.lay("fansly-account");
            let title = face.slot("title");
            dom::text(&title, &account.name());
            dom::set(&title, "dir", "auto");
        }
        let locked = face.is_locked();
        let step = account.step();
        let now_is = (step.clone(), account.wrong());
        let before = self.step.replace(now_is.clone());
        Self::notes(face, &account);
        dom::shown_if(account.followed(), &face.slot("progress"));
        dom::shown_if(step == "code" && !locked, &face.slot("prompt"));
        dom::shown_if(!locked, &face.slot("key"));
        unlock::place(face, &face.slot("unlock"), locked);
        for (slot, at) in [("step-start", 0), ("step-work", 1), ("step-code", 2)] {
            let on = match step.as_str() {
                "starting" => 0,
                "checking" => 2,
                _ => 1,
            };
            let (item, state) = (face.slot(slot), usize::cmp(&at, &on));
            dom::class(&item, "done", state.is_lt());
            dom::class(&item, "on", state.is_eq());
            let mark = face.slot(&[slot, "-mark"].concat());
            dom::icon(
                &mark,
                if state.is_lt() {
                    "good"
                } else if state.is_eq() {
                    "busy"
                } else {
                    "todo"
                },
            );
            if let Some(drawn) = mark.parent_element() {
                dom::class(&drawn, "turning", state.is_eq());
            }
        }
        dom::shown_if(step == "checking", &face.slot("step-code"));
        if step == "code" {
            self.prompt(face, &account);
            if before != now_is {
                let computed = account.kind() == Some(0) && account.key();
                dom::announce(&face.slot("prompt-title").text_content().unwrap_or_default());
                dom::focus(&if computed { face.slot("prompt-title") } else { dom::input("fansly-code").into() });
            }
        }
        self.key(face, &account);
        Self::foot(face, &account, now());
        self.tick(face, now());
    }

    fn tick(&self, face: &'static Face, now: UnixTime) {
        let Some(account) = self.account(face).filter(|_| self.laid.get()) else { return };
        let elapsed = now.since(account.since()).0 / 1000;
        dom::text(&face.slot("took"), &i18n::message("elapsed", &[&elapsed.to_string()]));
        // A background that was ended in between has only its alarm, half a minute away; a question wakes it sooner.
        if account.followed() && elapsed % 5 == 4 && self.woken.replace(elapsed) != elapsed {
            face.ask_again();
        }
        if account.step() == "code" && account.kind() == Some(0) && account.key() && !face.is_locked() {
            self.compute(face, now);
        }
        Self::foot(face, &account, now);
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        match act {
            "fansly-sign-in" => self.ask(face, FanslyAct::SignIn, on),
            "fansly-check" => self.ask(face, FanslyAct::Check, on),
            "fansly-done" => self.ask(face, FanslyAct::Done, on),
            "fansly-forget" => self.ask(face, FanslyAct::ForgetKey, on),
            "fansly-before" => self.ask(face, FanslyAct::KeyBefore, on),
            "fansly-send" => {
                let code = self.digits.borrow().as_ref().map(|it| it.0.clone());
                if let Some(code) = code {
                    self.send(face, code, on);
                }
            }
            "fansly-replace" | "retry" => {
                self.replacing.set(act == "fansly-replace");
                if let Some(account) = self.account(face) {
                    self.key(face, &account);
                }
                if act == "fansly-replace" {
                    dom::focus(&dom::input("fansly-key"));
                }
            }
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, form: &str) {
        if form == "fansly-code" {
            let field = dom::input("fansly-code");
            if field.value().trim().is_empty() {
                super::words::refuse(&face.find("[data-wrong]"), Refusal::CodeShape);
                return dom::focus(&field);
            }
            return self.send(face, Secret::new(field.value()), &face.slot("submit"));
        }
        let field = dom::input("fansly-key");
        let question = Question::FanslyKey { member: self.id.clone(), text: Secret::new(field.value()) };
        let save = face.slot("save-key");
        face.press(
            &save,
            "one_moment",
            &question,
            face.find("[data-wrong-key]"),
            Box::new(move |_| {
                field.set_value("");
                face.retry();
                dom::announce(&i18n::message("fansly_key_saved", &[]));
            }),
        );
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        let wrong = if on.id() == "fansly-key" { "[data-wrong-key]" } else { "[data-wrong]" };
        dom::hide(&face.find(wrong));
    }

    fn told(&self, face: &'static Face, digits: Option<FansDigits>) {
        self.asking.set(false);
        let fresh = digits.map(|it| (it.code(), it.until())).filter(|(_, until)| *until > now());
        let found = fresh.is_some();
        *self.digits.borrow_mut() = fresh;
        // Without digits nothing is drawn: the next second asks again.
        if found {
            self.compute(face, now());
        }
    }
}
