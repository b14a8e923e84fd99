//! What was deleted: for eight seconds it comes back with one press anywhere, and for 30 days from here. A connection that was
//! ended, a key and a checklist that were put away come back for those eight seconds too.

use super::words::{at, counted};
use super::{Face, Screen, dom, now};
use crate::browser::{i18n, timer};
use crate::client;
use longkey_core::clock::Span;
use longkey_core::label::Id;
use longkey_core::protocol::Question;
use longkey_core::vault::HISTORY;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

/// How long [Undo] stands.
const UNDO_MS: u32 = 8_000;

/// What [Undo] brings back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// An entry, from the bin.
    Entry(Id),
    /// A connection: the workspace, or, without one, Fans API.
    Connection(Option<Id>),
    /// A key of X's that was put away.
    Capture(Id),
    /// Whose checklist was put away.
    Reset(String),
}

/// What [Undo] would bring back.
#[derive(Default)]
pub struct Undo {
    what: RefCell<Option<Back>>,
    count: Cell<u32>,
}

/// Shows "Deleted @h. [Undo]" for a while.
pub fn deleted(face: &'static Face, entry: Id, handle: &str) {
    offer(face, Back::Entry(entry), ("deleted", "deleted_undo"), &[&at(handle)]);
}

/// Shows "Disconnected. [Undo]" for a while.
pub fn disconnected(face: &'static Face, workspace: Option<Id>) {
    offer(face, Back::Connection(workspace), ("flow_disconnected", "flow_disconnected_undo"), &[]);
}

/// Shows "The key was not saved. [Undo]" for a while.
pub fn put_away(face: &'static Face, draft: Id) {
    offer(face, Back::Capture(draft), ("flow_put_away", "flow_put_away_undo"), &[]);
}

/// Shows "The list was put away. [Undo]" for a while.
pub fn list_away(face: &'static Face, handle: &str) {
    offer(face, Back::Reset(handle.to_owned()), ("flow_list_away", "flow_list_away_undo"), &[]);
}

/// The words go into the live region; the button is in the bar.
fn offer(face: &'static Face, what: Back, words: (&str, &str), arguments: &[&str]) {
    let count = face.undo.count.get() + 1;
    face.undo.count.set(count);
    *face.undo.what.borrow_mut() = Some(what);
    let bar = dom::part("undo");
    dom::say(&dom::slot(&bar, "text"), words.0, arguments);
    dom::announce(&i18n::message(words.1, arguments));
    show_bar(Some(&bar));
    leave(face, count);
}

/// Takes the bar away when its time is over; not from under the keyboard, which would be nowhere then.
fn leave(face: &'static Face, count: u32) {
    timer::after(UNDO_MS, move || {
        if face.undo.count.get() != count {
            return;
        }
        let reached = dom::document().active_element().is_some_and(|it| matches!(it.closest("#undo"), Ok(Some(_))));
        if reached { leave(face, count) } else { show_bar(None) }
    });
}

fn show_bar(bar: Option<&Element>) {
    let Some(place) = dom::document().get_element_by_id("undo") else { return };
    place.set_text_content(None);
    if let Some(bar) = bar {
        dom::append(&place, bar);
    }
}

/// [Undo].
pub(super) fn undo(face: &'static Face) {
    let Some(what) = face.undo.what.take() else { return };
    // What stands in its way (the vault was locked meanwhile) is said in the bar; the bin still has an entry.
    let words = dom::find(&dom::document(), "#undo [data-slot=text]").unwrap_or_else(dom::unseen);
    let question = match &what {
        Back::Entry(entry) => Question::Undelete { entry: *entry },
        Back::Connection(workspace) => Question::TakeBack { draft: None, workspace: *workspace, handle: None },
        Back::Capture(draft) => Question::TakeBack { draft: Some(*draft), workspace: None, handle: None },
        Back::Reset(handle) => Question::TakeBack { draft: None, workspace: None, handle: Some(handle.clone()) },
    };
    let count = face.undo.count.get();
    let told = move |done: Result<client::Answer, client::Failure>| {
        face.ask_again();
        match done {
            Ok(_) => {
                show_bar(None);
                dom::announce(&i18n::message("undeleted", &[]));
                if let Back::Capture(draft) = what {
                    // Its screen comes by itself again.
                    face.put_away.borrow_mut().retain(|it| *it != draft);
                }
                dom::focus(&face.find("h1"));
            }
            Err(failure) => {
                face.failed(&words, &failure);
                // The button stands there for another press, unless something else was taken away meanwhile.
                if face.undo.count.get() == count {
                    *face.undo.what.borrow_mut() = Some(what);
                }
            }
        }
    };
    client::ask(&question, Box::new(told));
}

/// The bin.
pub struct Bin {
    asked: Cell<Option<Id>>,
    shown: RefCell<Option<u32>>,
}

impl Bin {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("bin");
        Self { asked: Cell::new(None), shown: RefCell::default() }
    }

    fn dialog(face: &'static Face) -> Option<HtmlDialogElement> {
        face.slot("dialog").dyn_into().ok()
    }

    fn tell(face: &'static Face, question: &Question, words: &str) {
        let words = i18n::message(words, &[]);
        face.ask(question, face.find("[data-wrong-here]"), move |_| {
            dom::announce(&words);
            dom::focus(&face.find("h1"));
        });
    }
}

impl Screen for Bin {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        if self.shown.replace(Some(face.news())) == Some(face.news()) {
            return;
        }
        let list = face.slot("list");
        list.set_text_content(None);
        let moment = now();
        for gone in view.bin() {
            let item = dom::part("binned");
            let handle = at(&gone.handle());
            dom::text(&dom::slot(&item, "handle"), &handle);
            let days = u32::try_from(moment.since(gone.deleted()).0 / Span::days(1).0).unwrap_or(u32::MAX);
            let ago = if days == 0 { i18n::message("deleted_today", &[]) } else { counted("deleted_days", days) };
            let kept = i18n::message("kept_until", &[&i18n::date(gone.deleted().after(HISTORY).0)]);
            dom::text(&dom::slot(&item, "under"), &i18n::message("deleted_kept", &[&ago, &kept]));
            let id = String::from(gone.id());
            for (slot, words) in [("restore", "restore_named"), ("purge", "purge_named")] {
                let button = dom::slot(&item, slot);
                dom::set(&button, "data-to", &id);
                dom::set(&button, "data-handle", &handle);
                dom::set(&button, "aria-label", &i18n::message(words, &[&handle]));
            }
            dom::append(&list, &item);
        }
        dom::shown_if(list.child_element_count() == 0, &face.slot("none"));
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        let entry = Id::parse(&on.get_attribute("data-to").unwrap_or_default());
        match (act, entry) {
            ("restore", Some(entry)) => Self::tell(face, &Question::Undelete { entry }, "undeleted"),
            ("ask-purge", Some(entry)) => {
                self.asked.set(Some(entry));
                let handle = on.get_attribute("data-handle").unwrap_or_default();
                dom::say(&face.slot("purge-title"), "purge_title", &[&handle]);
                if let Some(dialog) = Self::dialog(face) {
                    // It is in the document and not open, so it can be shown.
                    let _ = dialog.show_modal();
                }
            }
            ("purge" | "close-dialog", _) => {
                if let Some(dialog) = Self::dialog(face) {
                    dialog.close();
                }
                if let Some(entry) = self.asked.take().filter(|_| act == "purge") {
                    Self::tell(face, &Question::Purge { entry }, "purged");
                }
            }
            _ => {}
        }
    }
}
