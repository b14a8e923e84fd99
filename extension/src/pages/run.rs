//! Signing in one account after the other: a password, Enter, the next field. What is next, when it stops and what it came to
//! is decided in `longkey_core::run`, from the journal alone, so that a page that is opened again shows the same.
//!
//! One sign-in at a time: what is typed meanwhile waits in this page's memory, and is gone with the page. It is not put
//! into any store to outlive it: a password that waits on a disk would be worth more to others than a second typing costs.

use super::route::Route;
use super::rows::{self, FIRST};
use super::run_row::{Drawn, at_handle, dress, fresh, preset, under, word};
use super::words::{countdown, counted, fail, time};
use super::{Face, Screen, dom, events, now, unlock};
use crate::browser::i18n;
use crate::browser::seen::Account;
use crate::client;
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::label::{AccountRef, Id};
use longkey_core::protocol::{KeyChoice, Question, VaultState};
use longkey_core::refusal::Refusal;
use longkey_core::run::{self, Came, Halt, Known, Place, Sum};
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement};

/// One account of the list. It keeps its place, so that no field moves under the fingers.
struct Line {
    id: AccountRef,
    account: Account,
    place: Place,
    /// The user wants to try once more although an answer stands.
    again: bool,
    drawn: Option<Drawn>,
}

/// A password that waits for its turn.
struct Waiting {
    id: AccountRef,
    password: Secret,
    key: KeyChoice,
    /// The entry whose key stood there when the password was typed, and since when it had its state.
    shown: (Option<Id>, Option<UnixTime>),
}

#[derive(Default)]
struct State {
    lines: Vec<Line>,
    queue: VecDeque<Waiting>,
    /// What was handed to the background, and when that account was sent last before.
    sending: Option<(AccountRef, Option<UnixTime>)>,
    /// When the run began, as early as this page has ever known.
    began: Option<UnixTime>,
    /// Stops up to here have been seen.
    past: Option<UnixTime>,
    halt: Option<Halt>,
    /// Nothing can be sent, so nothing is to be typed.
    locked: bool,
    /// When a pause ends: then the list is read anew.
    wake: Option<UnixTime>,
}

/// The list.
pub struct Run {
    state: Rc<RefCell<State>>,
    shown: Cell<Option<u32>>,
}

impl Run {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("run");
        Self { state: Rc::default(), shown: Cell::new(None) }
    }

    /// Reads the view into the lines.
    fn take(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let moment = now();
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        state.locked = view.vault() == VaultState::Locked;
        if state.locked {
            state.forget();
        }
        unlock::place(face, &face.slot("unlock"), state.locked);
        let pauses: Vec<_> = view.xquik().filter_map(|it| Some((it.id(), it.not_before()?))).collect();
        let slowed = pauses.iter().map(|it| it.1).max();
        let everybody = |it: &Account| pauses.iter().find(|(id, _)| *id == it.id().workspace).map(|it| it.1);
        let accounts: Vec<(Account, Known)> =
            view.accounts().map(|it| (it.clone(), known(&it, everybody(&it)))).collect();
        let all: Vec<Known> = accounts.iter().map(|it| it.1).collect();
        let began = run::began(&all, moment);
        let began = state.began.map_or(began, |it| it.min(began));
        state.began = Some(began);
        state.halt = run::halt(&all, slowed, began, state.past, moment);
        let mut sum = Sum::default();
        let mut next = 0;
        let before = state.lines.len();
        for (account, known) in accounts {
            let (id, place) = (account.id(), known.place(began, moment));
            sum.add(place);
            if state.sending.as_ref().is_some_and(|it| it.0 == id && it.1 != account.attempt().map(|it| it.sent())) {
                state.sending = None;
            }
            let found = (next..before).chain(0..next.min(before)).find(|at| state.lines[*at].id == id);
            if let Some(at) = found {
                next = at + 1;
                let line = &mut state.lines[at];
                if line.place == Place::Running && place != Place::Running {
                    line.again = false;
                    let words = i18n::message("run_result", &[&at_handle(&account), &under(&account, place, moment)]);
                    dom::announce(&words);
                }
                (line.account, line.place) = (account, place);
            } else if place != Place::Out {
                state.lines.push(Line { id, account, place, again: false, drawn: None });
            }
        }
        state.wake = [sum.next, pause(state.halt)].into_iter().flatten().min();
        say(face, state, &sum, moment);
    }

    /// Draws what is not there yet: as much as can be seen at once, the rest in pieces.
    fn draw(&self, face: &'static Face) {
        let all = self.state.borrow().lines.len();
        let (list, later) = (face.slot("list"), face.slot("later-list"));
        put(&mut self.state.borrow_mut(), &list, &later, 0, all.min(FIRST));
        let state = Rc::downgrade(&self.state);
        rows::in_pieces(FIRST, all, move |piece| {
            let there = state.upgrade();
            if let Some(state) = &there {
                put(&mut state.borrow_mut(), &list, &later, piece.start, piece.end);
            }
            there.is_some()
        });
        let later = self.state.borrow().lines.iter().any(|it| matches!(it.place, Place::Later(_)));
        dom::shown_if(later, &face.slot("later"));
    }

    /// Hands the next password to the background, if nothing is under way and nothing stands in the way.
    fn pump(&self, face: &'static Face) {
        let next = {
            let mut state = self.state.borrow_mut();
            let busy = state.sending.is_some() || state.lines.iter().any(|it| it.place == Place::Running);
            if busy || state.locked || state.halt.is_some() {
                return;
            }
            loop {
                let Some(next) = state.queue.pop_front() else { return };
                // What has changed meanwhile is not sent: it may have been signed in elsewhere.
                let Some(line) = state.lines.iter().find(|it| it.id == next.id && it.is_open()) else { continue };
                let before = line.account.attempt().map(|it| it.sent());
                state.sending = Some((next.id.clone(), before));
                break next;
            }
        };
        let state = Rc::clone(&self.state);
        let (id, Waiting { id: account, password, key, shown: (entry, since) }) = (next.id.clone(), next);
        client::ask(
            &Question::SignIn { account, password, key, email: None, region: None, entry, since },
            Box::new(move |done| {
                if let Err(failure) = done {
                    let mut state = state.borrow_mut();
                    state.sending = None;
                    if let Some(drawn) = state.lines.iter().find(|it| it.id == id).and_then(|it| it.drawn.as_ref()) {
                        fail(&dom::slot(&drawn.row, "wrong"), &failure, now());
                    }
                }
                face.ask_again();
            }),
        );
        self.draw(face);
    }

    /// Enter in a row: its password waits for its turn, the next field has the focus.
    fn send(&self, face: &'static Face, at: usize) {
        let next = {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            let Some((line, drawn)) = state.lines.get(at).and_then(|it| Some((it, it.drawn.as_ref()?))) else { return };
            if state.locked || !line.is_open() || state.is_waiting(&line.id) {
                return;
            }
            let Ok(field) = dom::slot(&drawn.row, "password").dyn_into::<HtmlInputElement>() else { return };
            let password = Secret::new(field.value());
            let wrong = dom::slot(&drawn.row, "wrong");
            if password.is_empty() {
                super::words::refuse(&wrong, Refusal::PasswordEmpty);
                return dom::focus(&field);
            }
            // It lives in the queue from here on, not on the page.
            field.set_value("");
            dom::hide(&wrong);
            let chosen = dom::slot(&drawn.row, "key").dyn_into::<HtmlSelectElement>();
            let key = match chosen.map(|it| it.value()).as_deref() {
                Ok("saved") => KeyChoice::Saved,
                Ok("no_app") => KeyChoice::NoApp,
                _ => KeyChoice::Theirs,
            };
            let shown = (line.account.entry(), line.account.key_since());
            state.queue.push_back(Waiting { id: line.id.clone(), password, key, shown });
            let wants = |at: &usize| state.lines[*at].is_open() && !state.is_waiting(&state.lines[*at].id);
            let next = (at + 1..state.lines.len()).chain(0..at).find(wants);
            next.and_then(|at| Some(dom::slot(&state.lines[at].drawn.as_ref()?.row, "password")))
        };
        self.draw(face);
        dom::focus(&next.unwrap_or_else(|| face.slot("sum")));
        self.pump(face);
    }

    fn clock(&self, face: &'static Face, moment: UnixTime) {
        if let Some(until) = pause(self.state.borrow().halt) {
            let words = i18n::message("run_pause_text", &[&countdown(until.since(moment))]);
            dom::text(&dom::slot(&face.slot("halt"), "text"), &words);
        }
    }
}

impl State {
    fn is_waiting(&self, id: &AccountRef) -> bool {
        self.queue.iter().any(|it| it.id == *id) || self.sending.as_ref().is_some_and(|it| it.0 == *id)
    }

    /// Locking takes the passwords that were typed with it: those that wait, and those in the fields.
    fn forget(&mut self) {
        self.queue.clear();
        for drawn in self.lines.iter().filter_map(|it| it.drawn.as_ref()) {
            if let Some(field) = dom::slot(&drawn.row, "password").dyn_ref::<HtmlInputElement>() {
                field.set_value("");
            }
        }
    }
}

impl Line {
    /// Whether a password may be typed for it.
    fn is_open(&self) -> bool {
        match self.place {
            Place::Ready => true,
            Place::Refused | Place::NeedsKey => self.again,
            _ => false,
        }
    }
}

fn pause(halt: Option<Halt>) -> Option<UnixTime> {
    match halt {
        Some(Halt::Pause(until)) => Some(until),
        _ => None,
    }
}

/// `everybody` is the pause of its workspace, at which the run stands still: it puts no account aside.
fn known(account: &Account, everybody: Option<UnixTime>) -> Known {
    let (word, verdict) = word(account);
    let own = account.not_before().filter(|it| Some(*it) != everybody);
    Known {
        needs: account.health().code() == "needs_reauth",
        sent: account.attempt().map_or(UnixTime(0), |it| it.sent()),
        came: if account.attempt().is_some_and(|it| it.open()) { Came::Unknown } else { Came::named(&word) },
        // A pause that is over is none of the account's any more, but it had a time.
        until: own.or_else(|| verdict.and_then(|it| it.field("until"))),
        key_works: account.key() == Some(KeyState::Confirmed),
    }
}

/// The sum, and why it stands still.
fn say(face: &'static Face, state: &State, sum: &Sum, moment: UnixTime) {
    let mut parts = Vec::new();
    for (count, key) in [
        (sum.signed, "run_sum_signed"),
        (sum.running, "run_sum_running"),
        (sum.check, "run_sum_check"),
        (sum.refused, "run_sum_refused"),
        (sum.ready, "run_sum_ready"),
    ] {
        if count > 0 {
            parts.push(i18n::message(key, &[&count.to_string()]));
        }
    }
    if let Some(until) = sum.next {
        parts.push(i18n::message("run_sum_later", &[&sum.later.to_string(), &time(until, moment)]));
    }
    if sum.key > 0 {
        parts.push(counted("run_sum_key", sum.key));
    }
    dom::text(&face.slot("sum"), &parts.join(" · "));
    dom::shown_if(state.lines.is_empty(), &face.slot("none"));
    dom::shown_if(sum.ready > 1 || !state.queue.is_empty(), &face.slot("hint"));
    let place = face.slot("halt");
    let name = match state.halt {
        None => "",
        Some(Halt::Pause(_)) => "pause",
        Some(Halt::SlowDown) => "slow_down",
        Some(Halt::TwoRefusals) => "two",
        Some(Halt::ApiKey) => "api_key",
    };
    if place.get_attribute("data-halt").unwrap_or_default() == name {
        return;
    }
    dom::set(&place, "data-halt", name);
    place.set_text_content(None);
    let (title, text) = match state.halt {
        None => return,
        Some(Halt::Pause(_)) => ("verdict_slow_down_title", ""),
        Some(Halt::SlowDown) => ("verdict_slow_down_title", "slow_down_no_time_text"),
        Some(Halt::TwoRefusals) => ("run_two_title", "run_two_text"),
        Some(Halt::ApiKey) => ("verdict_api_key_refused_title", "verdict_api_key_refused_text"),
    };
    let text = if text.is_empty() { String::new() } else { i18n::message(text, &[]) };
    let note = super::notes::note(super::notes::Tone::Warn, &i18n::message(title, &[]), &text);
    dom::show(&dom::slot(&note, "text"));
    // Once, and without a time, which would count down.
    dom::announce([&i18n::message(title, &[]), " ", &text].concat().trim_end());
    if name == "api_key" {
        super::notes::link(&note, "replace_key", &Route::Connect.print());
    }
    if name != "pause" {
        super::notes::button(&note, "run_go_on", "go-on", "");
    }
    dom::append(&place, &note);
}

fn put(state: &mut State, list: &Element, later: &Element, from: usize, to: usize) {
    let moment = now();
    for at in from..to.min(state.lines.len()) {
        let waits = state.is_waiting(&state.lines[at].id);
        let line = &mut state.lines[at];
        let open = line.is_open() && !waits && !state.locked;
        let sent = line.account.attempt().map(|it| it.sent());
        let is_later = matches!(line.place, Place::Later(_));
        let drawn = line.drawn.get_or_insert_with(|| {
            let row = fresh(&line.account, at);
            dom::append(if is_later { later } else { list }, &row);
            Drawn { row, shown: None, preset: None }
        });
        let shown = (line.place, waits, open, sent);
        if drawn.shown.as_ref() != Some(&shown) {
            if drawn.shown.as_ref().is_some_and(|it| matches!(it.0, Place::Later(_)) != is_later) {
                dom::append(if is_later { later } else { list }, &drawn.row);
            }
            let queued = waits && line.place != Place::Running;
            let words =
                if queued { i18n::message("run_queued", &[]) } else { under(&line.account, line.place, moment) };
            dom::text(&dom::slot(&drawn.row, "under"), &words);
            dress(&drawn.row, &shown);
            drawn.shown = Some(shown);
        }
        if drawn.preset.replace(line.account.key()) != Some(line.account.key()) {
            preset(&drawn.row, line.account.key());
        }
    }
}

impl Screen for Run {
    fn refresh(&self, face: &'static Face) {
        if face.view().is_none() {
            return;
        }
        let empty = self.state.borrow().lines.is_empty();
        if self.shown.replace(Some(face.news())) != Some(face.news()) {
            self.take(face);
            self.draw(face);
            self.clock(face, now());
            // The first field, whenever there is one: the list may come later than the page.
            if empty && !self.state.borrow().lines.is_empty() {
                events::settle_focus(&face.root);
            }
        }
        self.pump(face);
    }

    fn tick(&self, face: &'static Face, now: UnixTime) {
        let over = self.state.borrow().wake.is_some_and(|it| it <= now);
        if over {
            self.shown.set(Some(face.news().wrapping_sub(1)));
            self.refresh(face);
        }
        self.clock(face, now);
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        if act == "go-on" {
            self.state.borrow_mut().past = Some(now());
            self.take(face);
            self.draw(face);
            return self.pump(face);
        }
        let at = on.get_attribute("data-at").and_then(|it| it.parse::<usize>().ok());
        let Some((at, id)) = at.and_then(|at| Some((at, self.state.borrow().lines.get(at)?.id.clone()))) else {
            return;
        };
        match act {
            "check" => {
                let row = on.closest("li").ok().flatten().unwrap_or_else(dom::unseen);
                let wrong = dom::slot(&row, "under");
                face.press_for(
                    on,
                    "checking",
                    &Question::CheckStatus { account: id },
                    Box::new(move |done| {
                        if let Err(failure) = done {
                            fail(&wrong, &failure, now());
                        }
                    }),
                );
            }
            "take-back" => {
                self.state.borrow_mut().queue.retain(|it| it.id != id);
                self.draw(face);
            }
            "again" => {
                self.state.borrow_mut().lines[at].again = true;
                self.draw(face);
                let field = self.state.borrow().lines[at].drawn.as_ref().map(|it| dom::slot(&it.row, "password"));
                dom::focus(&field.unwrap_or_else(dom::unseen));
            }
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, form: &str) {
        if let Ok(at) = form.parse() {
            self.send(face, at);
        }
    }

    fn changed(&self, _: &'static Face, on: &Element) {
        if let Ok(Some(form)) = on.closest("form") {
            dom::hide(&dom::slot(&form, "wrong"));
        }
    }
}
