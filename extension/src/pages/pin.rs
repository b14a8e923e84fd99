//! Where Longkey's button is, if the browser has put it away behind its puzzle piece: a quiet note on the first screen, gone
//! when the button is in the toolbar or the note was put away.

use super::notes::{self, Tone};
use super::{Face, dom};
use crate::browser::{choices, i18n, runtime, toolbar};

/// Where it is written that the note was put away.
const AWAY: &str = "pin.away";

fn is_away() -> bool {
    !choices::kept(AWAY).is_empty()
}

/// Looks, and shows the note or takes it away.
pub(super) fn look(face: &'static Face) {
    if is_away() {
        return;
    }
    toolbar::is_pinned(move |pinned| {
        let place = face.slot("pin");
        // The note may have been put away since the browser was asked.
        if pinned || is_away() {
            return place.set_text_content(None);
        }
        if place.child_element_count() == 0 {
            let words = match () {
                () if runtime::is_firefox() => "flow_pin_firefox",
                () if toolbar::is_edge() => "flow_pin_edge",
                () => "flow_pin_chrome",
            };
            let note = notes::note(Tone::Plain, &i18n::message("flow_pin_title", &[]), &i18n::message(words, &[]));
            dom::icon(&dom::slot(&note, "icon"), "puzzle");
            notes::button(&note, "not_now", "pin-away", "");
            dom::fill(&place, &note);
        }
    });
}

/// [Not now].
pub(super) fn put_away(face: &'static Face) {
    choices::keep(AWAY, "1");
    face.slot("pin").set_text_content(None);
    dom::focus(&face.find("h1"));
}
