//! Choosing a passphrase: the form with its meter, and the screen that sets or changes the vault's. What is typed is
//! derived in `derive`.

use super::derive::{Form, Make, Then};
use super::words::refuse;
use super::{Face, Screen, dom};
use crate::browser::i18n;
use longkey_core::protocol::{Question, VaultState};
use longkey_core::refusal::Refusal;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};
use zeroize::Zeroizing;

/// Fewest characters of a passphrase.
const SHORTEST: usize = 10;
/// Long passwords that everybody tries first.
const COMMON: &[&str] = &[
    "1234567890",
    "12345678910",
    "0123456789",
    "0987654321",
    "qwertyuiop",
    "1q2w3e4r5t",
    "password12",
    "password123",
    "passw0rd123",
    "iloveyou12",
    "qwerty12345",
    "abcdefghij",
    "letmein123",
    "administrator",
    "adminadmin",
    "qwertyuiop123",
    "passwordpassword",
    "correcthorsebatterystaple",
    "correct horse battery staple",
];

/// Setting or changing the passphrase.
pub struct Choose;

impl Choose {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("passphrase");
        place_choice(&face.slot("form"));
        dom::hide(&face.slot("skip"));
        dom::hide(&face.slot("skip-hint"));
        face.stage("form");
        Self
    }
}

impl Screen for Choose {
    fn refresh(&self, face: &'static Face) {
        // Set: what follows is not about this form any more.
        if face.slot("form").has_attribute("hidden") {
            return;
        }
        let Some(view) = face.view() else { return };
        let (title, go) = match view.vault() {
            VaultState::Unlocked if view.recovered() => ("passphrase_title_recovered", "set_passphrase"),
            VaultState::Unlocked => ("passphrase_title_change", "change_passphrase"),
            _ => ("passphrase_title", "set_passphrase"),
        };
        dom::say(&face.slot("title"), title, &[]);
        let button = face.slot("go");
        if !button.has_attribute("disabled") {
            dom::words(&button, go);
        }
        dom::shown_if(view.recovered(), &face.slot("recovered"));
        let others = view.way("recovery").is_some() || view.way("passkey").is_some();
        dom::shown_if(others && !view.recovered(), &face.slot("others"));
    }
    fn submit(&self, face: &'static Face, _: &str) {
        choose(
            face,
            "securing",
            Box::new(|terms, derived| Question::SetPassphrase { terms, derived }),
            Box::new(move |_, _| {
                dom::say(&face.slot("title"), "passphrase_set", &[]);
                dom::announce(&i18n::message("passphrase_set", &[]));
                face.stage("set");
            }),
        );
    }
    fn changed(&self, face: &'static Face, on: &Element) {
        measure(face, on);
    }
}

/// Puts the form for a new passphrase there.
pub fn place_choice(slot: &Element) {
    if slot.child_element_count() == 0 {
        dom::fill(slot, &dom::fragment("choose-passphrase"));
    }
}

/// The form for a new passphrase was sent.
pub fn choose(face: &'static Face, busy: &str, make: Make, then: Then) {
    let form = Form::named(face, "passphrase");
    let length = Zeroizing::new(form.field.value()).chars().count();
    if length < SHORTEST {
        refuse(&form.wrong, Refusal::PassphraseTooShort { length: u32::try_from(length).unwrap_or(0) });
        return dom::focus(&form.field);
    }
    form.ask(face, busy, Question::NewPassphraseTerms, make, then);
}

/// The meter under the field: length, unless everybody would guess it.
pub fn measure(face: &'static Face, on: &Element) {
    let Some(field) = on.dyn_ref::<HtmlInputElement>().filter(|it| it.id() == "new-passphrase") else { return };
    let text = Zeroizing::new(field.value());
    let length = text.chars().count();
    let different = text.char_indices().filter(|(at, it)| !text.chars().take(*at).any(|before| before == *it)).count();
    let known = COMMON.iter().any(|it| it.eq_ignore_ascii_case(&text));
    let common = known || (length >= SHORTEST && different < 5);
    let level = match length {
        0 => "0",
        _ if length < SHORTEST || common => "1",
        10..=13 => "2",
        14..=19 => "3",
        _ => "4",
    };
    dom::set(&face.slot("meter"), "data-level", level);
    let words = match (level, common) {
        ("0", _) => "",
        (_, true) => "level_common",
        ("1", _) => "level_1",
        ("2", _) => "level_2",
        ("3", _) => "level_3",
        _ => "level_4",
    };
    dom::text(&face.slot("level"), &if words.is_empty() { String::new() } else { i18n::message(words, &[]) });
    dom::hide(&face.find("form[data-form=passphrase] [data-wrong]"));
}
