//! Connecting a new account to Xquik: the four fields, and how far it is. It sends once for one press; what happens afterwards
//! comes from the background, so the tab may be closed at any time. Password and e-mail are kept nowhere.

use super::connection::{self, result, title};
use super::notes::{self, Lost, Tone};
use super::route::Route;
use super::sign_in::STILL;
use super::words::{countdown, fail, is_email, refuse, workspace};
use super::{Face, Screen, dom, events, now};
use crate::browser::seen::{Account, Connection, Entry, View};
use crate::browser::{i18n, permissions};
use crate::client::{self, Answer, Failure};
use longkey_core::capture::KeyState;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::label::{AccountRef, Handle, Id};
use longkey_core::protocol::Question;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use web_sys::Element;

/// One new account.
pub struct NewAccount {
    /// Whose; nobody's yet where the address names none.
    handle: Option<Handle>,
    /// The connection that the screen is about, where the address names one.
    about: Option<AccountRef>,
    laid: Cell<bool>,
    /// The user wants the form although something stands.
    again: Cell<bool>,
    sending: Cell<bool>,
    /// What stands there: stage, verdict, when it was sent.
    shown: RefCell<Option<(String, String, UnixTime)>>,
    /// The workspaces that can be chosen, and the account whose key is shown, as they were painted last.
    offered: RefCell<Option<String>>,
}

impl NewAccount {
    /// Opens it.
    pub fn open(face: &'static Face, handle: Option<Handle>) -> Self {
        face.root.set_text_content(None);
        Self {
            handle,
            about: None,
            laid: Cell::new(false),
            again: Cell::new(false),
            sending: Cell::new(false),
            shown: RefCell::default(),
            offered: RefCell::default(),
        }
    }

    /// Opens it on a connection that was begun.
    pub fn of(face: &'static Face, about: AccountRef) -> Self {
        let handle = Handle::parse(&about.id).ok();
        Self { about: Some(about), ..Self::open(face, handle) }
    }

    /// The connection that this screen is about. A handle alone names one only where there is no second workspace in which
    /// the same handle may be connected.
    fn connection(&self, view: &View) -> Option<Connection> {
        let handle = self.handle.as_ref()?;
        let alone = self.about.is_none() && view.xquik().count_all() == 1;
        let named = |it: &Connection| alone && it.handle().eq_ignore_ascii_case(handle.as_str());
        view.connections().find(|it| self.about == Some(it.account()) || named(it))
    }

    /// Other connections that are under way, or wait for somebody.
    fn others(&self, face: &'static Face, view: &View) {
        let list = face.slot("others-list");
        list.set_text_content(None);
        let here = self.connection(view).map(|it| it.account());
        for it in view.connections().filter(|it| Some(it.account()) != here) {
            dom::append(&list, &connection::row(view, &it, ""));
        }
        dom::shown_if(list.child_element_count() > 0, &face.slot("others"));
    }

    /// Which workspace, where there are several. A choice that was made stays.
    fn workspaces(&self, face: &'static Face, view: &View) {
        let all: Vec<_> = view.xquik().collect();
        let offered: String = all.iter().map(|it| [String::from(it.id()), it.name()].concat()).collect();
        if self.offered.replace(Some(offered.clone())).as_ref() == Some(&offered) {
            return;
        }
        let place = face.slot("workspaces");
        let chosen = self.workspace(face).or(self.about.as_ref().map(|it| it.workspace));
        dom::each(&place, ".choice", |it| it.remove());
        for (number, it) in all.into_iter().enumerate() {
            let choice = dom::part("workspace-choice");
            let field = dom::slot(&choice, "choice");
            dom::set(&field, "value", &String::from(it.id()));
            dom::flag(&field, "checked", chosen.map_or(number == 0, |id| id == it.id()));
            dom::text(&dom::slot(&choice, "name"), &workspace(&it));
            dom::append(&place, &choice);
        }
        dom::shown_if(view.xquik().count_all() > 1, &place);
    }

    fn workspace(&self, face: &'static Face) -> Option<Id> {
        let chosen = face.root.query_selector("input[name=workspace]:checked").ok().flatten()?;
        Id::parse(&chosen.get_attribute("value")?)
    }

    /// The key that would be sent with what is typed, and what is known of it.
    fn key(face: &'static Face, view: &View) -> Option<(UnixTime, KeyState)> {
        let typed = dom::input("new-handle").value();
        let handle = Handle::parse(&typed).ok();
        let entry = handle.as_ref().and_then(|it| entry(view, it));
        let key = entry.as_ref().and_then(Entry::sendable).map(|it| (it.since(), it.state()));
        let stale = entry.as_ref().and_then(Entry::current).is_some_and(|it| it.state() == KeyState::Stale);
        let words = match key {
            Some((_, KeyState::Confirmed)) => "new_key_confirmed",
            Some(_) => "new_key_pending",
            None if stale => "new_key_stale",
            None if handle.is_some() => "new_key_none",
            None => "new_key_unnamed",
        };
        let state = face.slot("key-state");
        state.set_class_name(match key {
            Some((_, KeyState::Confirmed)) => "state good",
            Some(_) => "state warn",
            None => "state",
        });
        dom::icon(&face.slot("key-icon"), if words == "new_key_confirmed" { "good" } else { "alert" });
        dom::shown_if(words != "new_key_unnamed", &face.slot("key-mark"));
        dom::tell(&face.slot("key-words"), words);
        let ways = key.is_none() && handle.is_some();
        dom::shown_if(ways, &face.slot("key-ways"));
        if let Some(handle) = handle.filter(|_| ways) {
            dom::set(&face.slot("get-key"), "href", &Route::Reset(handle).print());
        }
        key
    }

    fn stands(&self, face: &'static Face, connection: Option<&Connection>) {
        let word = |it: &Connection| it.verdict().map(|it| it.word()).unwrap_or_default();
        let stands = connection.map(|it| (it.stage(), word(it), it.sent()));
        let stage = connection.map(Connection::stage).unwrap_or_default();
        let before = self.shown.replace(stands.clone());
        let changed = before != stands;
        if changed {
            let place = face.slot("result");
            place.set_text_content(None);
            // What is about a field shows beside it.
            let at_field = stands.as_ref().is_some_and(|it| it.0 == "failed" && ABOUT_FIELDS.contains(&it.1.as_str()));
            self.again.set(at_field);
            if let Some(connection) = connection.filter(|it| !matches!(it.stage().as_str(), "running" | "sending")) {
                let note = result(connection);
                let words = dom::slot(&note, "title").text_content().unwrap_or_default();
                dom::append(&place, &note);
                dom::announce(&words);
                if before.is_some_and(|it| it.0 == "running" || it.0 == "sending") && !at_field {
                    let title = dom::slot(&note, "title");
                    dom::set(&title, "tabindex", "-1");
                    dom::focus(&title);
                }
            }
        }
        let runs = matches!(stage.as_str(), "running" | "sending" | "pending");
        let asks = stage == "code" && connection.and_then(Connection::until).is_some_and(|it| it > now());
        let form = connection.is_none() || (self.again.get() && !runs && !asks);
        dom::shown_if(runs, &face.slot("progress"));
        dom::shown_if(asks, &face.slot("code-form"));
        dom::shown_if(asks, &face.slot("code-foot"));
        dom::shown_if(form, &face.slot("form"));
        dom::shown_if(form, &face.slot("foot"));
        let foot = face.slot("result-foot");
        dom::shown_if(!form && !runs && !asks, &foot);
        if let Some(connection) = connection.filter(|_| !form && !runs && !asks) {
            self.action(face, connection);
        }
        // Only what is shown can have the focus.
        if changed && form && connection.is_some() {
            dom::focus(&dom::input("new-handle"));
        } else if changed && asks {
            dom::focus(&dom::input("email-code"));
        }
    }

    /// The one button.
    fn action(&self, face: &'static Face, connection: &Connection) {
        let verdict = connection.verdict().map(|it| it.word()).unwrap_or_default();
        let (words, act, to) = match (connection.stage().as_str(), verdict.as_str()) {
            ("connected", _) => ("done", "finished", ""),
            ("unknown" | "late", "api_key_refused") | ("failed", "api_key_refused") => ("replace_key", "replace", ""),
            ("late", "not_allowed") => ("verdict_not_allowed_action", "allow-xquik", ""),
            ("unknown" | "late", _) => ("check_status", "check", ""),
            (_, "already_connected") => ("sign_in_again", "signin", ""),
            (_, "passkey_required") => ("verdict_passkey_required_action", "open", "x_settings"),
            (_, "dashboard_only") => ("verdict_dashboard_only_action", "open", "xquik_dashboard"),
            _ => ("start_again", "again", ""),
        };
        let button = face.slot("action");
        dom::set(&button, "data-act", act);
        dom::set(&button, "data-to", to);
        if !button.has_attribute("disabled") {
            dom::say(&button, words, &[]);
        }
        let again = act != "again" && connection.stage() == "failed" && act != "signin";
        dom::shown_if(again, &face.slot("again"));
    }

    /// What changes by the second: elapsed time, the code's time, a pause.
    fn clock(&self, face: &'static Face, now: UnixTime) {
        let Some(view) = face.view().filter(|_| self.laid.get()) else { return };
        let connection = self.connection(&view);
        if let Some(connection) = &connection {
            let elapsed = now.since(connection.sent());
            dom::text(&face.slot("took"), &i18n::message("elapsed", &[&(elapsed.0 / 1000).to_string()]));
            dom::shown_if(elapsed >= STILL, &face.slot("still"));
            let left = connection.until().map(|it| it.since(now)).filter(|it| it.0 > 0);
            if connection.stage() == "code" {
                let words = left.map(|it| i18n::message("code_left", &[&countdown(it)])).unwrap_or_default();
                dom::text(&face.slot("code-left"), &words);
                if left.is_none() != face.slot("code-form").has_attribute("hidden") {
                    *self.shown.borrow_mut() = None;
                    self.stands(face, Some(connection));
                }
            }
        }
        let pause = pause(&view, self.workspace(face), now);
        let go = face.slot("go");
        dom::flag(&go, "disabled", pause.is_some() || self.sending.get());
        match pause {
            Some(left) => dom::text(&go, &i18n::message("again_in", &[&countdown(left)])),
            None => dom::say(&go, if self.sending.get() { "sending" } else { "new_account_go" }, &[]),
        }
    }

    fn send(&self, face: &'static Face) {
        let wrong = |name: &str| face.find(&["[data-wrong-", name, "]"].concat());
        let (handle, email, password) = (dom::input("new-handle"), dom::input("new-email"), dom::input("new-password"));
        let Some(view) = face.view() else { return };
        let Ok(account) = Handle::parse(&handle.value()) else {
            refuse(&wrong("handle"), Refusal::HandleShape);
            return dom::focus(&handle);
        };
        if !is_email(&email, &wrong("email")) {
            return dom::focus(&email);
        }
        let secret = Secret::new(password.value());
        if secret.is_empty() {
            refuse(&wrong("password"), Refusal::PasswordEmpty);
            return dom::focus(&password);
        }
        let Some((since, _)) = Self::key(face, &view) else {
            dom::reveal(&wrong("all"), "new_key_none");
            return dom::focus(&handle);
        };
        let Some(workspace) = self.workspace(face) else { return refuse(&wrong("all"), Refusal::NotConnected) };
        if face.slot("go").has_attribute("disabled") || self.sending.replace(true) {
            return;
        }
        let question = Question::ConnectNew {
            workspace,
            handle: account.as_str().into(),
            email: email.value().trim().into(),
            password: secret,
            since,
        };
        self.clock(face, now());
        let all = wrong("all");
        let sent = AccountRef { workspace, id: account.as_str().to_ascii_lowercase() };
        let done = move |done: Result<Answer, Failure>| {
            face.retry();
            match done {
                Ok(_) => {
                    dom::announce(&i18n::message("step_sent", &[]));
                    events::replace(&Route::Connection(sent));
                }
                Err(Failure::Verdict(verdict)) => {
                    // Nothing was sent: it is in the list already.
                    let note = notes::note(Tone::Warn, &title(&verdict.word(), account.as_str(), "", ""), "");
                    notes::button(&note, "sign_in_again", "signin", &sent.to_string());
                    dom::fill(&face.slot("result"), &note);
                }
                Err(Failure::Refused(code, _)) if code == "no_confirmed_key" => dom::reveal(&all, "new_key_none"),
                Err(Failure::Refused(code, arguments)) => {
                    let place = match code.as_str() {
                        "handle_shape" => face.find("[data-wrong-handle]"),
                        "email_shape" => face.find("[data-wrong-email]"),
                        "password_empty" => face.find("[data-wrong-password]"),
                        _ => all,
                    };
                    fail(&place, &Failure::Refused(code, arguments), now());
                }
                Err(failure) => fail(&all, &failure, now()),
            }
            face.ask_again();
        };
        // Before anything is awaited: the browser asks only while the click is fresh.
        permissions::ask_to_send_person(permissions::XQUIK, move |granted| {
            if granted {
                // The password lives in the message from here on, not on the page.
                password.set_value("");
                email.set_value("");
                client::ask(&question, Box::new(done));
            } else {
                done(Err(Refusal::NoPermission.into()));
            }
        });
    }

    fn send_code(&self, face: &'static Face) {
        let Some(account) = self.account(face) else { return };
        let (field, wrong) = (dom::input("email-code"), face.find("[data-wrong-code]"));
        let code = Secret::new(field.value());
        if code.expose().trim().len() < 4 {
            refuse(&wrong, Refusal::EmailCodeShape);
            return dom::focus(&field);
        }
        if self.sending.replace(true) {
            return;
        }
        field.set_value("");
        client::ask(
            &Question::ConnectCode { account, code },
            Box::new(move |done| {
                face.retry();
                if let Err(failure) = done {
                    fail(&wrong, &failure, now());
                }
                face.ask_again();
            }),
        );
    }

    fn account(&self, face: &'static Face) -> Option<AccountRef> {
        Some(self.connection(&face.view()?)?.account())
    }

    /// To the sheet of the account that is in the list already.
    fn to_the_sheet(&self, face: &'static Face, on: &Element) {
        let Some(view) = face.view() else { return };
        let named = on.get_attribute("data-to").and_then(|it| AccountRef::parse(&it));
        let Some(named) = named.or_else(|| self.account(face)) else { return };
        let here = |it: &Account| it.id().workspace == named.workspace && it.handle().eq_ignore_ascii_case(&named.id);
        match view.accounts().find(here) {
            Some(account) => events::go(&Route::SignIn(account.id())),
            None => Self::ask(face, &Question::Refresh, on, "refreshing"),
        }
    }

    fn ask(face: &'static Face, question: &Question, on: &Element, busy: &str) {
        let (on, before) = (on.clone(), on.text_content().unwrap_or_default());
        dom::flag(&on, "disabled", true);
        dom::say(&on, busy, &[]);
        client::ask(
            question,
            Box::new(move |done| {
                dom::flag(&on, "disabled", false);
                dom::text(&on, &before);
                face.ask_again();
                if let Err(failure) = done {
                    notes::fail(&face.slot("notes"), &failure);
                }
            }),
        );
    }
}

/// What a field of the form can put right.
const ABOUT_FIELDS: &[&str] = &["field_refused", "handle_unknown"];

/// The entry whose key is this account's: the one that X calls so now, else the one of that name, unless X has given its
/// account another one. As the background finds it.
fn entry(view: &View, handle: &Handle) -> Option<Entry> {
    let called = |name: &str| name.eq_ignore_ascii_case(handle.as_str());
    let owner = view.accounts().find(|it| called(&it.handle())).and_then(|it| it.entry());
    let left = |id: Id| view.accounts().any(|it| it.entry() == Some(id) && it.renamed().is_some());
    view.entries().find(|it| match owner {
        Some(owner) => it.id() == owner,
        None => called(&it.handle()) && !left(it.id()),
    })
}

/// What is left of a pause: of what is typed, of every new account, or of the whole workspace.
fn pause(view: &View, workspace: Option<Id>, now: UnixTime) -> Option<Span> {
    let whole = view.xquik().find(|it| Some(it.id()) == workspace).and_then(|it| it.not_before());
    let typed = Handle::parse(&dom::input("new-handle").value()).ok();
    let paused = |it: &Connection| {
        let everybody = it.verdict().is_some_and(|it| it.word() == "slow_down");
        let this = || Handle::parse(&it.handle()).ok() == typed;
        it.stage() == "failed" && Some(it.account().workspace) == workspace && (everybody || this())
    };
    let begun = view.connections().filter(paused).filter_map(|it| it.until());
    begun.chain(whole).map(|it| it.since(now)).filter(|it| it.0 > 0).max()
}

impl Screen for NewAccount {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        if view.xquik().next().is_none() {
            Lost::open(face, "refusal_not_connected");
            self.laid.set(false);
            return;
        }
        let new = !self.laid.replace(true);
        if new {
            face.lay("new-account");
            *self.shown.borrow_mut() = None;
            *self.offered.borrow_mut() = None;
            // As it is saved: the address has it in small letters.
            if let Some(handle) = &self.handle {
                let saved = entry(&view, handle).map_or_else(|| handle.as_str().to_owned(), |it| it.handle());
                dom::input("new-handle").set_value(&saved);
            }
            let known = face.slot("known");
            let listed: Vec<String> = view.accounts().map(|it| it.handle()).collect();
            let free = |it: &Entry| !listed.iter().any(|handle| handle.eq_ignore_ascii_case(&it.handle()));
            for entry in view.entries().filter(free) {
                let option = dom::element("option");
                dom::set(&option, "value", &entry.handle());
                dom::append(&known, &option);
            }
        }
        let connection = self.connection(&view);
        self.others(face, &view);
        self.workspaces(face, &view);
        Self::key(face, &view);
        self.stands(face, connection.as_ref());
        self.clock(face, now());
        if new {
            events::settle_focus(&face.root);
        }
    }

    fn tick(&self, face: &'static Face, now: UnixTime) {
        self.clock(face, now);
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        match act {
            "retry" => self.sending.set(false),
            "again" => {
                self.again.set(true);
                self.refresh(face);
                events::settle_focus(&face.root);
            }
            "check" => {
                if let Some(account) = self.account(face) {
                    Self::ask(face, &Question::ConnectCheck { account }, on, "checking");
                }
            }
            "finished" => {
                if let Some(account) = self.account(face) {
                    client::ask(&Question::ConnectDone { account }, Box::new(|_| events::go(&Route::Connect)));
                }
            }
            "signin" => self.to_the_sheet(face, on),
            "replace" => events::go(&Route::Connect),
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, form: &str) {
        if form == "email-code" { self.send_code(face) } else { self.send(face) }
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        let name = on.id();
        let wrong = match name.as_str() {
            "new-handle" => "[data-wrong-handle]",
            "new-email" => "[data-wrong-email]",
            "new-password" => "[data-wrong-password]",
            "email-code" => "[data-wrong-code]",
            _ => "[data-wrong-all]",
        };
        dom::hide(&face.find(wrong));
        if name == "new-handle"
            && let Some(view) = face.view()
        {
            Self::key(face, &view);
        }
    }
}
