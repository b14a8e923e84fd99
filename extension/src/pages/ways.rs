//! The ways to open the vault, as Settings lists them, and the form that leaves only one of them.

use super::derive::Form;
use super::route::Route;
use super::{Face, Screen, dom, events};
use crate::browser::seen::View;
use crate::browser::{i18n, passkey};
use longkey_core::base64;
use longkey_core::protocol::{PasskeyTerms, Question, VaultState};
use web_sys::Element;

/// Shows what there is, and what can be done about it.
pub fn show(face: &'static Face, view: &View) {
    let state = view.vault();
    let standing = match state {
        VaultState::None => "state_none",
        VaultState::NotLocked => "not_locked",
        // A slot that had to be made with less memory is raised at the next unlocking.
        VaultState::Unlocked if view.way("passphrase").is_some_and(|it| it.field("small")) => "way_passphrase_small",
        VaultState::Unlocked => "way_passphrase",
        VaultState::Locked => "state_locked",
        VaultState::Trouble => "trouble_title",
    };
    dom::say(&face.slot("standing"), standing, &[]);
    let passphrase = face.slot("passphrase");
    let action = match state {
        VaultState::Unlocked => "change",
        VaultState::Locked => "unlock",
        _ => "set_passphrase",
    };
    dom::say(&passphrase, action, &[]);
    dom::shown_if(state != VaultState::Trouble, &passphrase);
    // Without a passphrase there is nothing that another way would open.
    let open = state == VaultState::Unlocked;
    let recovery = view.way("recovery").is_some();
    let passkey = view.way("passkey").is_some();
    dom::shown_if(open, &face.slot("recovery"));
    dom::say(&face.slot("recovery-state"), if recovery { "way_made" } else { "way_none" }, &[]);
    dom::say(&face.slot("recovery-make"), if recovery { "make_new_recovery" } else { "make_recovery" }, &[]);
    dom::shown_if(recovery, &face.slot("recovery-remove"));
    if open && passkey {
        dom::show(&face.slot("passkey"));
    } else if open && !face.popup {
        let row = face.slot("passkey");
        passkey::offered(move |offered| dom::shown_if(offered, &row));
    } else {
        dom::hide(&face.slot("passkey"));
    }
    dom::say(&face.slot("passkey-state"), if passkey { "way_made" } else { "way_none" }, &[]);
    dom::shown_if(!passkey, &face.slot("passkey-add"));
    dom::shown_if(passkey, &face.slot("passkey-remove"));
}

/// [Add a passkey].
pub fn add_passkey(face: &'static Face, on: &Element) {
    let (on, wrong) = (on.clone(), face.find("[data-wrong]"));
    let inside = on.clone();
    face.press(
        &on,
        "asking_passkey",
        &Question::NewPasskeyTerms,
        wrong.clone(),
        Box::new(move |answer| {
            let Some(terms) = answer.of::<PasskeyTerms>("passkey_terms") else { return };
            let Some(salt) = base64::parse(&terms.salt).and_then(|it| it.try_into().ok()) else { return };
            dom::busy(&inside, "asking_passkey");
            passkey::create(&i18n::message("appName", &[]), salt, move |made| {
                dom::idle(&inside);
                let Some((credential, key)) = made else { return dom::reveal(&wrong, "passkey_none") };
                let question =
                    Question::AddPasskey { terms, credential: base64::print(&credential), derived: key.to_text() };
                face.press(
                    &inside,
                    "adding",
                    &question,
                    wrong,
                    Box::new(|_| dom::announce(&i18n::message("passkey_added", &[]))),
                );
            });
        }),
    );
}

/// Puts the form that asks for the passphrase there.
pub fn place_only(slot: &Element) {
    dom::fill(slot, &dom::fragment("only"));
}

/// That form was sent: a new vault key that only the passphrase opens.
pub fn only(face: &'static Face, then: fn(&'static Face)) {
    Form::named(face, "only").ask(
        face,
        "making_key",
        Question::UnlockTerms,
        Box::new(|terms, derived| Question::OnlyPassphrase { slot: terms.slot, derived }),
        Box::new(move |_, _| {
            dom::announce(&i18n::message("only_done", &[]));
            then(face);
        }),
    );
}

/// Removing the other ways.
pub struct Only;

impl Only {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("only-screen");
        place_only(&face.slot("form"));
        Self
    }
}

impl Screen for Only {
    fn refresh(&self, _: &'static Face) {}
    fn submit(&self, face: &'static Face, _: &str) {
        only(face, |_| events::go(&Route::Settings));
    }
}
