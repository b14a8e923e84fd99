//! Long lists: what can be seen is drawn at once, the rest a piece at a time, so that nothing waits for the thousandth row.

use crate::browser::timer;
use std::ops::Range;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// Rows that are painted at once: more than the popup can show.
pub const FIRST: usize = 24;
const PIECE: usize = 150;

/// Draws the rows from `from` up to `all` in pieces, as long as it draws: who draws says when another list has taken this
/// one's place.
pub fn in_pieces(from: usize, all: usize, mut draw: impl FnMut(Range<usize>) -> bool + 'static) {
    if from >= all {
        return;
    }
    timer::after(0, move || {
        let to = all.min(from + PIECE);
        if draw(from..to) {
            in_pieces(to, all, draw);
        }
    });
}

/// What was typed into the field for searching, as `data-find` has it: a handle has nothing else in it.
#[must_use]
pub fn query(field: &Element) -> String {
    let typed = field.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value).unwrap_or_default();
    let mut typed = typed.to_ascii_lowercase();
    typed.retain(|it| it.is_ascii_alphanumeric() || it == '_');
    typed
}
