//! The passphrase: unlocking, choosing one, changing it. What is typed is derived here, in a worker that ends; only the
//! 32 bytes that come out go to the background.

use super::route::Route;
use super::words::{fail, refuse};
use super::{Face, Screen, dom, events, now};
use crate::browser::{i18n, kdf_worker};
use crate::client::{self, Failure};
use js_sys::{JsString, Uint8Array};
use longkey_core::base64;
use longkey_core::protocol::{Question, Terms, VaultState};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::vault::work::Work;
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

/// What stands in the field, in Unicode's form NFKC, as UTF-8. The field is not changed.
fn typed(field: &HtmlInputElement) -> Uint8Array {
    let text: JsString = field.value().into();
    let bytes = Zeroizing::new(String::from(text.normalize("NFKC")));
    Uint8Array::from(bytes.as_bytes())
}

/// What came of a passphrase: nothing to say, or the sentence that says it.
type Done = Box<dyn FnOnce(Result<(), Failure>)>;

/// Derives by the terms that the background gives and hands the result back.
fn derive_and_ask(typed: Uint8Array, ask_terms: &Question, make: fn(Terms, Secret) -> Question, done: Done) {
    client::ask(
        ask_terms,
        Box::new(move |answer| match answer {
            Ok(answer) => match answer.terms() {
                Some(terms) => derive(typed, terms, make, done),
                None => done(Err(Failure::Silent)),
            },
            Err(failure) => done(Err(failure)),
        }),
    );
}

fn derive(typed: Uint8Array, mut terms: Terms, make: fn(Terms, Secret) -> Question, done: Done) {
    let Some(salt) = base64::parse(&terms.salt) else { return done(Err(Failure::Silent)) };
    let bytes = typed.slice(0, typed.length());
    kdf_worker::derive(&bytes, &salt, terms.work, move |key| match key {
        Some(key) => {
            typed.fill(0, 0, typed.length());
            client::ask(&make(terms, key.to_text()), Box::new(|answer| done(answer.map(|_| ()))));
        }
        // Less memory is better than no passphrase; the slot records it. An old slot cannot be opened with less.
        None if terms.work == Work::USUAL
            && matches!(make(terms.clone(), Secret::default()), Question::SetPassphrase { .. }) =>
        {
            terms.work = Work::SMALL;
            derive(typed, terms, make, done);
        }
        None => done(Err(Failure::NoMemory)),
    });
}

/// Shows the unlock form in a slot, or takes it away; one that is there stays as it is.
pub fn place(slot: &Element, locked: bool) {
    if !locked {
        slot.set_text_content(None);
    } else if slot.child_element_count() == 0 {
        dom::fill(slot, &dom::fragment("unlock"));
    }
}

/// The unlock form was sent, on whichever screen it stands.
pub(super) fn unlock(face: &'static Face) {
    let form = face.find("form[data-form=unlock]");
    let (go, words) = (dom::slot(&form, "go"), dom::slot(&form, "go-words"));
    if go.has_attribute("disabled") {
        return;
    }
    let wrong = form.query_selector("[data-wrong]").ok().flatten().unwrap_or_else(|| dom::element("span"));
    let field = dom::input("unlock-passphrase");
    dom::hide(&wrong);
    let passphrase = typed(&field);
    dom::flag(&go, "disabled", true);
    dom::say(&words, "unlocking", &[]);
    dom::announce(&i18n::message("deriving", &[]));
    let make = |terms, derived| Question::Unlock { terms, derived };
    derive_and_ask(
        passphrase,
        &Question::UnlockTerms,
        make,
        Box::new(move |done| match done {
            Ok(()) => {
                field.set_value("");
                face.ask_again();
            }
            Err(failure) => {
                fail(&wrong, &failure, now());
                dom::flag(&go, "disabled", false);
                dom::say(&words, "unlock", &[]);
                dom::focus(&field);
                field.select();
            }
        }),
    );
}

/// Stands in place of a screen that needs an open vault.
pub struct Locked;

impl Locked {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("locked");
        place(&face.slot("unlock"), true);
        Self
    }
}

impl Screen for Locked {
    fn refresh(&self, _: &'static Face) {}
}

/// Setting or changing the passphrase.
pub struct Choose;

impl Choose {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("passphrase");
        place_choice(face, &face.slot("form"));
        dom::hide(&face.slot("skip"));
        dom::hide(&face.slot("skip-hint"));
        Self
    }
}

impl Screen for Choose {
    fn refresh(&self, face: &'static Face) {
        let change = face.view().is_some_and(|it| it.vault() == VaultState::Unlocked);
        dom::say(&face.slot("title"), if change { "passphrase_title_change" } else { "passphrase_title" }, &[]);
        dom::say(&face.slot("go-words"), if change { "change_passphrase" } else { "set_passphrase" }, &[]);
    }
    fn submit(&self, face: &'static Face, _: &str) {
        choose(face, Some(Route::Home));
    }
    fn changed(&self, face: &'static Face, on: &Element) {
        measure(face, on);
    }
}

/// Puts the form for a new passphrase there.
pub fn place_choice(_: &'static Face, slot: &Element) {
    if slot.child_element_count() == 0 {
        dom::fill(slot, &dom::fragment("choose-passphrase"));
    }
}

/// The form for a new passphrase was sent.
pub fn choose(face: &'static Face, then: Option<Route>) {
    let (go, words) = (face.slot("go"), face.slot("go-words"));
    if go.has_attribute("disabled") {
        return;
    }
    let wrong = face.find("form[data-form=passphrase] [data-wrong]");
    let field = dom::input("new-passphrase");
    dom::hide(&wrong);
    let length = Zeroizing::new(field.value()).chars().count();
    if length < SHORTEST {
        refuse(&wrong, Refusal::PassphraseTooShort { length: u32::try_from(length).unwrap_or(0) });
        return dom::focus(&field);
    }
    let passphrase = typed(&field);
    let before = words.text_content().unwrap_or_default();
    dom::flag(&go, "disabled", true);
    dom::say(&words, "securing", &[]);
    dom::announce(&i18n::message("securing", &[]));
    let make = |terms, derived| Question::SetPassphrase { terms, derived };
    derive_and_ask(
        passphrase,
        &Question::NewPassphraseTerms,
        make,
        Box::new(move |done| {
            dom::flag(&go, "disabled", false);
            dom::text(&words, &before);
            match done {
                Ok(()) => {
                    field.set_value("");
                    dom::announce(&i18n::message("passphrase_set", &[]));
                    face.ask_again();
                    if let Some(route) = then {
                        events::go(&route);
                    }
                }
                Err(failure) => {
                    fail(&wrong, &failure, now());
                    dom::focus(&field);
                }
            }
        }),
    );
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
