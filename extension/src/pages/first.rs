//! First run: a passphrase (or not, said plainly), then where the first key comes from.

use super::notes::{self, Tone};
use super::route::Route;
use super::words::refuse;
use super::{Face, Screen, dom, events, passphrase, pin};
use crate::browser::i18n;
use longkey_core::clock::UnixTime;
use longkey_core::label::Handle;
use longkey_core::protocol::{Question, VaultState};
use std::cell::Cell;
use web_sys::Element;

/// The first screens in a tab.
pub struct First {
    shown: Cell<Option<VaultState>>,
}

impl First {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("first");
        dom::fill(&face.slot("leaves"), &dom::fragment("leaves"));
        Self { shown: Cell::new(None) }
    }
}

impl Screen for First {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let state = view.vault();
        if self.shown.replace(Some(state)) == Some(state) {
            return;
        }
        let form = face.slot("form");
        form.set_text_content(None);
        let choosing = state == VaultState::None;
        let (headline, lead) =
            if choosing { ("first_title", "first_text") } else { ("first_ways_title", "first_ways_text") };
        dom::say(&face.slot("headline"), headline, &[]);
        dom::say(&face.slot("lead"), lead, &[]);
        if choosing {
            passphrase::place_choice(&form);
        } else if state == VaultState::NotLocked {
            let note = notes::note(Tone::Warn, "", &i18n::message("not_locked", &[]));
            notes::link(&note, "set_passphrase", &Route::Passphrase.print());
            dom::fill(&form, &note);
        }
        dom::shown_if(!choosing, &face.slot("ways"));
        let has_none = view.way("recovery").is_none();
        dom::shown_if(state == VaultState::Unlocked && has_none, &face.slot("recovery"));
        events::settle_focus(&face.root);
    }

    /// The button may be pinned while the note stands there.
    fn tick(&self, face: &'static Face, _: UnixTime) {
        if self.shown.get().is_some_and(|it| it != VaultState::None) {
            pin::look(face);
        }
    }

    fn act(&self, face: &'static Face, act: &str, _: &Element) {
        if act == "pin-away" {
            pin::put_away(face);
        }
        if act != "skip" {
            return;
        }
        face.ask(&Question::SkipPassphrase, face.find("form[data-form=passphrase] [data-wrong]"), |_| {});
    }

    fn submit(&self, face: &'static Face, form: &str) {
        if form == "passphrase" {
            return passphrase::choose(
                face,
                "securing",
                Box::new(|terms, derived| Question::SetPassphrase { terms, derived }),
                Box::new(|_, _| dom::announce(&i18n::message("passphrase_set", &[]))),
            );
        }
        let field = dom::input("reset-handle");
        match Handle::parse(&field.value()) {
            Ok(handle) => events::go(&Route::Reset(handle)),
            Err(refusal) => {
                refuse(&face.find("[data-wrong-handle]"), refusal);
                dom::focus(&field);
            }
        }
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        passphrase::measure(face, on);
        dom::hide(&face.find("[data-wrong-handle]"));
    }
}
