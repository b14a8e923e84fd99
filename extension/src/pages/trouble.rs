//! When the stores are in trouble, and after they were: what happened, and the ways on. Nothing here decides what is
//! done with a damaged vault; it hands the user's choice over.

use super::notes::{self, Tone};
use super::route::Route;
use super::words::{day, refused};
use super::{Face, dom};
use crate::browser::seen::{Tagged, View};
use crate::browser::{files, i18n};
use crate::client::snake;
use longkey_core::protocol::{Notice, Question, Store};
use longkey_core::secret::Secret;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Says what the trouble is, with the ways on.
#[must_use]
pub fn note(trouble: &Tagged) -> Element {
    let code = snake(&trouble.word());
    let title = i18n::message(&["trouble_", &code].concat(), &[]);
    let title = if title.is_empty() { i18n::message("trouble_title", &[]) } else { title };
    let note = notes::note(Tone::Bad, &title, "");
    let text = dom::slot(&note, "text");
    refused(&text, &code, &trouble.values());
    dom::show(&text);
    match code.as_str() {
        "store_gone" | "store_damaged" => {
            notes::link(&note, "restore_backup", &Route::Restore.print());
            notes::link(&note, "save_or_erase", &Route::Forgotten.print());
            notes::first_is_primary(&note);
        }
        "store_conflict" => {
            // Before the choice, for whoever cannot tell which is which.
            notes::button(&note, "save_damaged", "save-sealed", "");
            notes::button(&note, "use_local", "choose", "local");
            notes::button(&note, "use_mirror", "choose", "mirror");
        }
        _ => {
            notes::button(&note, "try_again", "reload", "");
            notes::first_is_primary(&note);
        }
    }
    note
}

/// What happened to the stores, until the user has read it.
pub fn notices(into: &Element, view: &View) {
    for name in view.notices() {
        let tone = if name == "restored" || name == "was_older" { Tone::Plain } else { Tone::Warn };
        let note = notes::note(tone, "", &i18n::message(&["notice_", &name].concat(), &[]));
        if name == "read_only" {
            notes::button(&note, "try_again", "reload", "");
        } else {
            notes::button(&note, "understood", "read", &name);
        }
        dom::append(into, &note);
    }
}

/// One of the buttons above was pressed, or [Save … as a file] somewhere.
pub fn act(face: &'static Face, act: &str, on: &Element) {
    let to = on.get_attribute("data-to").unwrap_or_default();
    let question = match (act, to.as_str()) {
        ("reload", _) => Question::Reload,
        ("choose", "local") => Question::Choose(Store::Local),
        ("choose", _) => Question::Choose(Store::Mirror),
        ("read", "restored") => Question::Dismissed(Notice::Restored),
        ("read", "was_older") => Question::Dismissed(Notice::WasOlder),
        ("read", _) => Question::Dismissed(Notice::NoCopy),
        _ => Question::Sealed,
    };
    // A popup closes before the browser has begun to save.
    if act == "save-sealed" && face.popup {
        return face.open_in_tab(&face.route.borrow());
    }
    let wrong = face.find("[data-wrong-here]");
    let said = wrong.clone();
    face.press(
        on,
        "one_moment",
        &question,
        wrong,
        Box::new(move |answer| {
            let Some(file) = answer.of::<Secret>("file") else { return };
            save(&said, &["longkey-sealed-", &day(), ".txt"].concat(), &file);
        }),
    );
}

/// Hands a text to the browser as a file, and says so.
pub fn save(wrong: &Element, name: &str, file: &Secret) -> bool {
    let saved = dom::element("a").dyn_ref().is_some_and(|link| files::save(link, name, file).is_ok());
    if saved {
        dom::announce(&i18n::message("file_saved", &[name]));
    } else {
        dom::reveal(wrong, "file_not_saved");
    }
    saved
}
