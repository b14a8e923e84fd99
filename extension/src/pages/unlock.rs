//! Opening the vault: the form that stands wherever a locked vault is met, with the ways that this vault has. It counts
//! nothing itself: how long to wait after wrong passphrases comes from the background.

use super::derive::{self, Form};
use super::words::countdown;
use super::{Face, Screen, dom, now};
use crate::browser::{i18n, passkey};
use crate::client;
use js_sys::Uint8Array;
use longkey_core::base64;
use longkey_core::clock::UnixTime;
use longkey_core::label::Id;
use longkey_core::protocol::{PasskeyTerms, Question};
use longkey_core::vault::work::Work;
use std::cell::Cell;
use std::rc::Rc;
use web_sys::Element;

/// Shows the unlock form in a slot, or takes it away; one that is there stays as it is.
pub fn place(face: &'static Face, slot: &Element, locked: bool) {
    if !locked {
        return slot.set_text_content(None);
    }
    if slot.child_element_count() == 0 {
        dom::fill(slot, &dom::fragment("unlock"));
        tick(face, now());
    }
    let has_passkey = face.view().is_some_and(|it| it.way("passkey").is_some());
    dom::shown_if(has_passkey, &dom::slot(slot, "passkey"));
}

/// The form was sent, on whichever screen it stands.
pub(super) fn submit(face: &'static Face) {
    let small = face.view().and_then(|it| it.way("passphrase")).is_some_and(|it| it.field("small"));
    let slot = Rc::new(Cell::new(None));
    let opened = Rc::clone(&slot);
    Form::named(face, "unlock").ask(
        face,
        "unlocking",
        Question::UnlockTerms,
        Box::new(move |terms, derived| {
            opened.set(Some(terms.slot));
            Question::Unlock { slot: terms.slot, derived }
        }),
        Box::new(move |_, typed| {
            if let Some(slot) = slot.get().filter(|_| small) {
                raise(slot, typed.slice(0, typed.length()));
            }
        }),
    );
}

/// The slot was made where memory was short. Now, perhaps, it is not; if it still is, nothing is lost.
fn raise(slot: Id, typed: Uint8Array) {
    client::ask(
        &Question::NewPassphraseTerms,
        Box::new(move |answer| {
            let Some(terms) = answer.ok().and_then(|it| it.terms()) else { return };
            let wipe = typed.clone();
            derive::key(
                typed,
                terms,
                Work::USUAL,
                Box::new(move |made| {
                    wipe.fill(0, 0, wipe.length());
                    if let Some((terms, derived)) = made {
                        client::ask(&Question::RaiseWork { slot, terms, derived }, Box::new(|_| {}));
                    }
                }),
            );
        }),
    );
}

/// [Use the passkey]. The browser's own window would close the popup, so there it happens in a tab.
pub(super) fn by_passkey(face: &'static Face, on: &Element) {
    if face.popup {
        return face.open_in_tab(&face.route.borrow());
    }
    let Some(way) = face.view().and_then(|it| it.way("passkey")) else { return };
    let terms: PasskeyTerms = way.field("terms");
    let credential = base64::parse(&way.field::<String>("credential"));
    let salt = base64::parse(&terms.salt).and_then(|it| it.try_into().ok());
    let (Some(credential), Some(salt)) = (credential, salt) else { return };
    let form = Form::named(face, "unlock");
    dom::hide(&form.wrong);
    let on = on.clone();
    dom::busy(&on, "asking_passkey");
    passkey::ask(&credential, salt, move |made| match made {
        Some(made) => {
            let question = Question::Unlock { slot: terms.slot, derived: made.to_text() };
            dom::idle(&on);
            face.press(&on, "unlocking", &question, form.wrong, Box::new(|_| {}));
        }
        None => {
            dom::idle(&on);
            dom::reveal(&form.wrong, "passkey_silent");
        }
    });
}

/// While a pause lasts, what waits for it is out of use and counts down.
pub(super) fn tick(face: &'static Face, now: UnixTime) {
    let until = face.pause.get();
    if until == UnixTime::default() {
        return;
    }
    let left = until.since(now);
    let over = left.0 == 0;
    dom::each(&face.root, "[data-waits]", |button| {
        if over {
            dom::idle(&button);
        } else {
            dom::flag(&button, "disabled", true);
            dom::text(&button, &i18n::message("again_in", &[&countdown(left)]));
        }
    });
    if over {
        face.pause.set(UnixTime::default());
        dom::each(&face.root, "form:has([data-waits]) [data-wrong]", |it| dom::hide(&it));
    }
}

/// Stands in place of a screen that needs an open vault.
pub struct Locked;

impl Locked {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("locked");
        Self
    }
}

impl Screen for Locked {
    fn refresh(&self, face: &'static Face) {
        place(face, &face.slot("unlock"), true);
    }
}
