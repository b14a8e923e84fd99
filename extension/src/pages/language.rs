//! The language of Longkey's own pages, where it is not to be the browser's. What the choice does is told in `browser/i18n.rs`
//! and `words.js`.

use super::{Face, events};
use crate::browser::choices;
use crate::client;
use longkey_core::protocol::Question;
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;

/// Where `page.js` reads the choice before the page speaks; the background has a copy of its own.
const LANGUAGE: &str = "language";

/// Shows what was chosen.
pub(super) fn show(face: &Face) {
    let chosen = choices::kept(LANGUAGE);
    if let Some(field) = face.slot(LANGUAGE).dyn_ref::<HtmlSelectElement>() {
        field.set_value(&chosen);
    }
}

/// Another was chosen: the page comes anew, in its words.
pub(super) fn changed(chosen: String) {
    choices::keep(LANGUAGE, &chosen);
    // Where the background could not keep it, the pages still speak it.
    client::ask(&Question::Language(chosen), Box::new(|_| events::reload()));
}
