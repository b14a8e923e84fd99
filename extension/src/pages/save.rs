//! "Save this login key?": a key that X is showing. It is kept or put away; nothing else can be done with it.

use super::notes::Lost;
use super::route::Route;
use super::words::{self, key_text, refuse};
use super::{Face, New, Screen, bin, dom, events, home};
use crate::browser::seen::{Draft, View};
use longkey_core::label::{Handle, Id};
use longkey_core::protocol::{Question, VaultState};
use std::cell::Cell;
use web_sys::Element;

/// Most accounts that are offered as buttons: three rows of the popup.
const MOST_PICKS: u32 = 6;

/// The screen for one sighting.
pub struct Save {
    draft: Id,
    laid: Cell<bool>,
    busy: Cell<bool>,
    shown: Cell<bool>,
}

impl Save {
    /// Opens it.
    pub fn open(face: &'static Face, draft: Id) -> Self {
        face.root.set_text_content(None);
        Self { draft, laid: Cell::new(false), busy: Cell::new(false), shown: Cell::new(false) }
    }

    fn show_key(&self, face: &'static Face, draft: &Draft) {
        let row = if self.shown.get() { face.row(self.draft, New::First) } else { None };
        let text = match &row {
            Some(row) => key_text(row),
            None => [draft.head().as_str(), " ···· ···· ", &draft.tail()].concat(),
        };
        dom::text(&face.slot("key"), &text);
        let button = face.slot("show");
        dom::say(&button, if row.is_some() { "hide" } else { "show" }, &[]);
        dom::set(&button, "aria-pressed", if row.is_some() { "true" } else { "false" });
    }

    fn keep(&self, face: &'static Face) {
        let wrong = face.find("[data-wrong]");
        let field = dom::input("save-handle");
        let handle = match Handle::parse(&field.value()) {
            Ok(handle) => handle,
            Err(refusal) => {
                refuse(&wrong, refusal);
                return dom::focus(&field);
            }
        };
        if self.busy.replace(true) {
            return;
        }
        dom::flag(&face.slot("go"), "disabled", true);
        let question = Question::KeepDraft { draft: self.draft, handle: handle.into() };
        face.ask(&question, wrong, |answer| {
            events::replace(&answer.kept().map_or(Route::Home, Route::Code));
        });
    }
}

/// Nothing told whose key it is, or the page's parts disagree: the accounts that Longkey knows, one press each, none of
/// them chosen. The field takes any other, and offers all of them while one types.
fn offer(face: &'static Face) {
    let (known, picks) = (face.slot("known"), face.slot("picks"));
    let mut at = known.first_element_child();
    while let Some(option) = at.filter(|_| picks.child_element_count() < MOST_PICKS) {
        let handle = option.get_attribute("value").unwrap_or_default();
        let pick = dom::element("button");
        for (name, value) in
            [("type", "button"), ("data-act", "pick"), ("data-handle", handle.as_str()), ("dir", "ltr")]
        {
            dom::set(&pick, name, value);
        }
        dom::text(&pick, &words::at(&handle));
        dom::append(&picks, &pick);
        at = option.next_element_sibling();
    }
    dom::shown_if(picks.has_child_nodes(), &picks);
}

/// Which of the keys that disagree on X's screen this one is, and how many they are.
fn among_rivals(view: &View, draft: Id) -> (usize, usize) {
    let mut ring = vec![draft];
    while let Some(next) = view.drafts().find(|it| Some(&it.id()) == ring.last()).and_then(|it| it.rival()) {
        if ring.contains(&next) {
            break;
        }
        ring.push(next);
    }
    let order: Vec<Id> = view.drafts().map(|it| it.id()).filter(|it| ring.contains(it)).collect();
    (order.iter().position(|it| *it == draft).map_or(1, |it| it + 1), order.len())
}

impl Screen for Save {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let Some(draft) = view.drafts().find(|it| it.id() == self.draft) else {
            if self.busy.get() {
                return;
            }
            Lost::open(face, "lost_draft");
            self.laid.set(false);
            return;
        };
        if !self.laid.replace(true) {
            face.lay("save");
            if draft.ask() {
                dom::say(&face.slot("title"), "save_title_ask", &[]);
            }
            if let Some(handle) = draft.handle() {
                dom::input("save-handle").set_value(&handle);
            }
            home::suggest(face);
            if draft.handle().is_none() {
                offer(face);
            }
            events::settle_focus(&face.root);
        }
        dom::shown_if(draft.ask() && draft.rival().is_none(), &face.slot("ask"));
        dom::shown_if(draft.private(), &face.slot("private"));
        let rival = draft.rival();
        dom::shown_if(rival.is_some(), &face.slot("rival"));
        if let Some(rival) = rival {
            dom::set(&face.slot("other"), "href", &Route::Save(rival).print());
            let (place, all) = among_rivals(&view, self.draft);
            dom::say(&face.slot("which"), "save_which", &[&place.to_string(), &all.to_string()]);
        }
        dom::shown_if(draft.replaces(), &face.slot("replaces"));
        dom::shown_if(view.vault() == VaultState::Locked && draft.sealed(), &face.slot("sealed"));
        self.show_key(face, &draft);
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        match act {
            "pick" => {
                dom::input("save-handle").set_value(&on.get_attribute("data-handle").unwrap_or_default());
                dom::hide(&face.find("[data-wrong]"));
                dom::focus(&face.slot("go"));
            }
            "show" => {
                self.shown.set(!self.shown.get());
                self.refresh(face);
            }
            "drop" if !self.busy.replace(true) => {
                face.put_away(self.draft);
                let question = Question::DropDraft { draft: self.draft };
                let draft = self.draft;
                face.ask(&question, face.find("[data-wrong]"), move |_| {
                    bin::put_away(face, draft);
                    events::replace(&Route::Home);
                });
            }
            // A key that could not be saved must stay in sight, so that it can be copied.
            "retry" => {
                self.busy.set(false);
                self.shown.set(true);
                dom::flag(&face.slot("go"), "disabled", false);
                self.refresh(face);
            }
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        self.keep(face);
    }

    fn changed(&self, face: &'static Face, _: &Element) {
        dom::hide(&face.find("[data-wrong]"));
    }
}
