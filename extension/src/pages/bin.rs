//! What was deleted: for eight seconds it comes back with one press anywhere, and for 30 days from here.

use super::words::{at, counted};
use super::{Face, Screen, dom, now};
use crate::browser::{i18n, timer};
use longkey_core::clock::Span;
use longkey_core::label::Id;
use longkey_core::protocol::Question;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

/// How long [Undo] stands.
const UNDO_MS: u32 = 8_000;
/// How long the bin keeps.
const KEEPS: Span = Span::days(30);

/// What [Undo] would bring back.
#[derive(Default)]
pub struct Undo {
    entry: Cell<Option<Id>>,
    count: Cell<u32>,
}

/// Shows "Deleted @h. [Undo]" for a while. The words go into the live region; the button is in the bar.
pub fn deleted(face: &'static Face, entry: Id, handle: &str) {
    let count = face.undo.count.get() + 1;
    face.undo.count.set(count);
    face.undo.entry.set(Some(entry));
    let bar = dom::part("undo");
    dom::say(&dom::slot(&bar, "text"), "deleted", &[&at(handle)]);
    dom::announce(&i18n::message("deleted_undo", &[&at(handle)]));
    show_bar(Some(&bar));
    timer::after(UNDO_MS, move || {
        if face.undo.count.get() == count {
            show_bar(None);
        }
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
    let Some(entry) = face.undo.entry.take() else { return };
    // What stands in its way (the vault was locked meanwhile) is said in the bar; the bin still has the entry.
    let words = dom::find(&dom::document(), "#undo [data-slot=text]").unwrap_or_else(dom::unseen);
    face.ask(&Question::Undelete { entry }, words, move |_| {
        show_bar(None);
        dom::announce(&i18n::message("undeleted", &[]));
        dom::focus(&face.find("h1"));
    });
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
            let kept = i18n::message("kept_until", &[&i18n::date(gone.deleted().after(KEEPS).0)]);
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
