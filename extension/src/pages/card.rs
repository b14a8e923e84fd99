//! The code of one key, large: copied by one press, filled on X by another, until X has accepted it.

use super::codes::Lamp;
use super::notes::{self, Lost, Tone};
use super::route::Route;
use super::words::at;
use super::{Face, New, Screen, dom, events, help_offer, now};
use crate::browser::i18n;
use crate::browser::seen::View;
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::help::Trigger;
use longkey_core::label::Id;
use longkey_core::protocol::Question;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Element;

/// The card of one key.
pub struct Card {
    id: Id,
    lamp: RefCell<Option<Lamp>>,
    /// It stood as a new key here: its acceptance is an event, not a state.
    was_new: Cell<bool>,
    said: RefCell<&'static str>,
    /// Its code was put into X's field, which still waits for the press on Next.
    filled: Rc<Cell<bool>>,
    lost: Cell<bool>,
    clock: Cell<Option<i64>>,
}

/// What X has said about the key so far.
struct Progress {
    state: KeyState,
    wanted: bool,
    refused: bool,
    /// X's login asks for a code that it sent.
    sent: bool,
    draft: bool,
    /// X's set-up is open for it.
    on_x: bool,
    /// X's host in the tab that the code would be typed into.
    host: Option<String>,
}

impl Card {
    /// Opens it.
    pub fn open(face: &'static Face, id: Id) -> Self {
        face.root.set_text_content(None);
        let card = Self {
            id,
            lamp: RefCell::default(),
            was_new: Cell::new(false),
            said: RefCell::new(""),
            filled: Rc::default(),
            lost: Cell::new(false),
            clock: Cell::new(None),
        };
        card.light(face);
        card
    }

    /// Shows the row's code; a row that stays the same keeps its elements.
    fn light(&self, face: &'static Face) -> bool {
        let Some(row) = face.row(self.id, New::First) else { return false };
        let same = self.lamp.borrow().as_ref().is_some_and(|it| it.row.is_same(&row));
        if same && !self.lost.get() {
            return true;
        }
        face.lay("code");
        self.lost.set(false);
        self.clock.set(None);
        *self.said.borrow_mut() = "";
        let title = row.handle().map_or_else(|| i18n::message("no_handle", &[]), |it| at(&it));
        let slot = face.slot("title");
        dom::text(&slot, &title);
        if title.starts_with('@') {
            dom::set(&slot, "dir", "ltr");
        }
        dom::set(&face.slot("entry"), "href", &Route::Entry(self.id).print());
        let card = face.slot("card");
        let lamp = Lamp::new(row, card.clone(), vec![face.slot("face"), face.find("header")]);
        lamp.look(true, now());
        // The focus comes before the page knows this screen.
        lamp.describe(now());
        *self.lamp.borrow_mut() = Some(lamp);
        // Enter copies. Laid anew, the card has lost the keyboard.
        events::settle_focus(&face.root);
        true
    }

    fn progress(&self, view: &View) -> Option<Progress> {
        if let Some(draft) = view.drafts().find(|it| it.id() == self.id) {
            let (state, wanted, refused) = (draft.state(), draft.code_wanted(), draft.code_refused());
            let (on_x, host) = (draft.on_x(), draft.fills_on());
            return Some(Progress { state, wanted, refused, sent: false, draft: true, on_x, host });
        }
        let entry = view.entries().find(|it| it.id() == self.id)?;
        let standing = entry.waiting().or_else(|| entry.current())?;
        let (wanted, refused) = (entry.code_wanted(), entry.code_refused());
        let (state, sent, on_x) = (standing.state(), entry.code_sent(), entry.on_x());
        Some(Progress { state, wanted, refused, sent, draft: false, on_x, host: entry.fills_on() })
    }

    fn show(&self, face: &'static Face, progress: &Progress) {
        let new = matches!(progress.state, KeyState::Pending | KeyState::Matched);
        let stood = self.was_new.get() || !self.said.borrow().is_empty();
        if new {
            self.was_new.set(true);
        }
        if !progress.wanted || progress.refused {
            self.filled.set(false);
        }
        let (key, tone, icon) = match progress.state {
            _ if progress.refused && progress.wanted => ("x_refused", "state bad", "alert"),
            KeyState::Pending | KeyState::Confirmed if self.filled.get() => ("filled", "state", "wait"),
            // Closed half-way: nothing on X waits for its code, and only an open vault takes the user's word for it.
            KeyState::Pending if !progress.on_x && progress.draft => ("wait_closed_locked", "state", "wait"),
            // Or the key came by hand, and may have worked for years.
            KeyState::Pending if !progress.on_x => ("wait_closed", "state", "wait"),
            // X still shows the key: its field for the code comes after Next.
            KeyState::Pending if !progress.wanted => ("wait_next", "state", "wait"),
            KeyState::Pending => ("wait_accept", "state", "wait"),
            KeyState::Matched if !progress.on_x && !progress.draft => ("wait_unsure", "state", "wait"),
            KeyState::Matched => ("wait_matched", "state", "wait"),
            KeyState::Confirmed if progress.sent && !progress.wanted => ("refusal_code_sent", "state warn", "alert"),
            KeyState::Confirmed if self.was_new.get() => ("x_accepted", "state good", "good"),
            KeyState::Confirmed => ("key_works", "state good", "good"),
            KeyState::Stale => ("key_stale", "state bad", "alert"),
        };
        let state = face.slot("state");
        let asks = key == "wait_unsure";
        if self.said.replace(key) != key {
            let refused = key == "x_refused" && progress.state == KeyState::Confirmed;
            let question = if asks {
                Some(("unsure_text", [("accepted", "accepted"), ("not_accepted", "not_accepted")]))
            } else {
                refused.then_some(("refused_text", [("accepted", "trust"), ("refuses", "refuses")]))
            };
            let notes = face.slot("notes");
            notes.set_text_content(None);
            if let Some((text, answers)) = question {
                let note = notes::note(Tone::Warn, &i18n::message("unsure_title", &[]), &i18n::message(text, &[]));
                for (words, act) in answers {
                    notes::button(&note, words, act, "");
                }
                dom::append(&notes, &note);
            }
            if key == "wait_closed" {
                // What its words speak of is in there.
                dom::flag(&face.slot("more"), "open", true);
            }
            state.set_class_name(tone);
            dom::icon(&face.slot("state-icon"), icon);
            dom::say(&face.slot("state-words"), key, &[]);
            // The press that filled has said so itself.
            if stood && key != "filled" {
                dom::announce(&i18n::message(key, &[]));
            }
        }
        let fill = face.slot("fill");
        dom::class(&fill, "primary", progress.wanted);
        // Where X shows no field for it there is nothing to fill in.
        dom::shown_if(progress.wanted, &fill);
        dom::shown_if(new && !progress.draft && !asks, &face.slot("more"));
        dom::shown_if(face.can_keep_open() && !asks, &face.slot("keep-open"));
        let at_login = progress.wanted && progress.state == KeyState::Confirmed;
        let moments = [
            (progress.wanted, Trigger::Filling),
            (at_login && !progress.refused, Trigger::LoginAsks),
            (progress.sent && !progress.wanted, Trigger::LoginSent),
            (progress.refused, Trigger::CodeRefused),
        ];
        let moments: Vec<Trigger> = moments.iter().filter(|it| it.0).map(|it| it.1).collect();
        help_offer::offer(&face.slot("help"), &moments);
        if progress.wanted {
            help_offer::offer_fills(&face.slot("help"), progress.host.as_deref());
        }
        // While a question stands, or X waits for the code, leaving is not the first thing to do.
        let waits = progress.wanted || new && progress.on_x;
        dom::class(&face.find(".foot > a"), "primary", !waits && !asks);
    }
}

impl Screen for Card {
    fn refresh(&self, face: &'static Face) {
        let lit = self.light(face);
        let Some(view) = face.view() else { return };
        if lit && self.clock.replace(view.clock()) != view.clock() {
            let place = face.slot("clock");
            place.set_text_content(None);
            if let Some(ahead) = view.clock() {
                dom::append(&place, &notes::clock(ahead));
            }
        }
        match self.progress(&view) {
            Some(progress) if lit => self.show(face, &progress),
            _ if face.is_locked() && !lit => {
                super::unlock::Locked::open(face);
                super::unlock::place(face, &face.slot("unlock"), true);
                self.lost.set(true);
            }
            _ => {
                Lost::open(face, "lost_code");
                self.lost.set(true);
            }
        }
    }

    fn tick(&self, _: &'static Face, now: UnixTime) {
        if let Some(lamp) = self.lamp.borrow().as_ref() {
            lamp.tick(now);
        }
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        let question = match act {
            "copy" => {
                if let Some(lamp) = self.lamp.borrow().as_ref() {
                    lamp.copy();
                }
                return;
            }
            "fill" => Question::Fill { id: self.id },
            "not_accepted" => Question::NotAccepted { entry: self.id },
            "accepted" => Question::Accepted { entry: self.id },
            "trust" => Question::Trust { entry: self.id },
            "refuses" => Question::Refuses { entry: self.id },
            "retry" => {
                dom::each(&face.root, "button[disabled]", |it| dom::flag(&it, "disabled", false));
                return;
            }
            _ => return,
        };
        dom::flag(on, "disabled", true);
        let (on, refused, id) = (on.clone(), act == "refuses", self.id);
        let filled = (act == "fill").then(|| self.filled.clone());
        face.ask(&question, face.find("[data-wrong]"), move |_| {
            dom::flag(&on, "disabled", false);
            if refused {
                // It has no codes any more; its page says so, and what to do.
                events::replace(&Route::Entry(id));
            }
            if let Some(filled) = filled {
                filled.set(true);
                dom::announce(&i18n::message("filled", &[]));
                if face.popup {
                    events::close();
                }
            }
        });
    }

    fn focused(&self, on: &Element) {
        if let Some(lamp) = self.lamp.borrow().as_ref().filter(|it| it.button == *on) {
            lamp.describe(now());
        }
    }
}
