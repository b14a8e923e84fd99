//! Notes above a screen's content, and the screen for what is not there any more. They say what stands; nothing here asks.

use super::words::{self, listing};
use super::{Face, Screen, dom, help_offer, now};
use crate::browser::i18n;
use crate::browser::seen::{Tagged, View};
use crate::client::Failure;
use longkey_core::help::Trigger;
use web_sys::Element;

/// How a note looks. Its icon and words say the same: colour alone says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something to know.
    Plain,
    /// Something to care about.
    Warn,
    /// Something is wrong.
    Bad,
    /// Something went well.
    Good,
}

impl Tone {
    /// The class of the note.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "note",
            Self::Warn => "note warn",
            Self::Bad => "note bad",
            Self::Good => "note good",
        }
    }

    /// Its icon.
    #[must_use]
    pub fn icon(self) -> &'static str {
        match self {
            Self::Plain | Self::Warn | Self::Bad => "alert",
            Self::Good => "good",
        }
    }
}

/// A note with a title and a sentence; an empty one is left out.
#[must_use]
pub fn note(tone: Tone, title: &str, text: &str) -> Element {
    let note = dom::part("note");
    note.set_class_name(tone.class());
    dom::icon(&dom::slot(&note, "icon"), tone.icon());
    for (slot, words) in [("title", title), ("text", text)] {
        let slot = dom::slot(&note, slot);
        dom::text(&slot, words);
        dom::shown_if(!words.is_empty(), &slot);
    }
    dom::hide(&dom::slot(&note, "actions"));
    note
}

/// Adds a button to a note. `act` and `to` are what `events` understands.
pub fn button(note: &Element, words: &str, act: &str, to: &str) {
    let button = dom::element("button");
    dom::set(&button, "type", "button");
    dom::set(&button, "data-act", act);
    if !to.is_empty() {
        dom::set(&button, "data-to", to);
    }
    add(note, &button, words);
}

/// Adds a link to a note.
pub fn link(note: &Element, words: &str, address: &str) {
    link_as(note, "button", words, address);
}

/// Adds a link that is the lesser way on: both stand in one row of a popup.
pub fn quiet_link(note: &Element, words: &str, address: &str) {
    link_as(note, "button quiet", words, address);
}

fn link_as(note: &Element, class: &str, words: &str, address: &str) {
    let link = dom::element("a");
    dom::set(&link, "href", address);
    dom::set(&link, "class", class);
    add(note, &link, words);
}

/// The first of a note's ways on is the one to take.
pub fn first_is_primary(note: &Element) {
    if let Some(first) = dom::slot(note, "actions").first_element_child() {
        dom::class(&first, "primary", true);
    }
}

fn add(note: &Element, control: &Element, words: &str) {
    dom::say(control, words, &[]);
    let actions = dom::slot(note, "actions");
    dom::show(&actions);
    dom::append(&actions, control);
}

/// Codes are not corrected by more seconds than these.
const CORRECTED: u64 = 86_400;

/// How this computer's clock stands, in words: one that was never compared is not right by that.
#[must_use]
pub fn clock_state(view: &View) -> String {
    let right = if view.clock_at().is_some() { "clock_right" } else { "settings_clock_unknown" };
    view.clock().map_or_else(|| i18n::message(right, &[]), clock_said)
}

/// How far this computer's clock is off, in words.
fn clock_said(ahead: i64) -> String {
    let off = ahead.unsigned_abs();
    let (count, unit) = match off {
        0..120 => (off, "second"),
        120..7_200 => (off / 60, "minute"),
        7_200..172_800 => (off / 3_600, "hour"),
        _ => (off / 86_400, "day"),
    };
    let off_by = i18n::lasting(count, unit);
    let words = match ahead {
        _ if off > CORRECTED => "clock_far",
        0.. => "clock_ahead",
        _ => "clock_behind",
    };
    i18n::message(words, &[&off_by])
}

/// How far this computer's clock is off: a quiet sentence, from 20 s on what to do, above a day that codes are not corrected.
#[must_use]
pub fn clock(ahead: i64) -> Element {
    let (off, said) = (ahead.unsigned_abs(), clock_said(ahead));
    if off > CORRECTED {
        return note(Tone::Bad, &said, &i18n::message("clock_far_text", &[]));
    }
    let note = if off < 20 {
        note(Tone::Plain, "", &said)
    } else {
        note(Tone::Warn, &said, &i18n::message("clock_text", &[]))
    };
    help_offer::on_note(&note, Trigger::ClockOff);
    note
}

/// What went wrong with a listing, and the one thing to do. `whose` names the workspace where there are several.
pub fn trouble(into: &Element, verdict: &Tagged, whose: &str) {
    let (title, text) = listing(verdict, now());
    let title = if whose.is_empty() { title } else { i18n::message("of_workspace", &[whose, &title]) };
    let code = verdict.word();
    let tone = if matches!(code.as_str(), "api_key_refused" | "not_allowed") { Tone::Bad } else { Tone::Warn };
    let note = note(tone, &title, &text);
    if code == "offline" {
        help_offer::on_note(&note, Trigger::Offline);
    } else if code == "api_key_refused" {
        button(&note, "replace_key", "replace", "");
    } else if code == "not_allowed" {
        button(&note, "verdict_not_allowed_action", "allow-xquik", "");
    } else if code == "dashboard_only" {
        button(&note, "verdict_dashboard_only_action", "open", "xquik_dashboard");
    }
    dom::append(into, &note);
}

/// A failure that belongs to no field, as a note in place of those that stood there.
pub fn fail(notes: &Element, failure: &Failure) {
    notes.set_text_content(None);
    if let Failure::Verdict(verdict) = failure {
        return trouble(notes, verdict, "");
    }
    let note = note(Tone::Bad, "", "");
    words::fail(&dom::slot(&note, "text"), failure, now());
    dom::append(notes, &note);
}

/// What does not exist (any more).
pub struct Lost;

impl Lost {
    /// Opens it with the name of its sentence.
    pub fn open(face: &'static Face, sentence: &str) -> Self {
        face.lay("lost");
        dom::text(&face.slot("text"), &i18n::message(sentence, &[]));
        Self
    }
}

impl Screen for Lost {
    fn refresh(&self, _: &'static Face) {}
}
