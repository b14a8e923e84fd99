//! A form with a passphrase in it. What is typed is derived here, in a worker that ends; only the 32 bytes that come out
//! go to the background. Which question they belong to is the form's own business.

use super::{Face, dom};
use crate::browser::seen::{List, Seen as _};
use crate::browser::{i18n, kdf_worker};
use crate::client::{self, Answer, Failure};
use js_sys::{JsString, Uint8Array};
use longkey_core::base64;
use longkey_core::protocol::{Question, Terms};
use longkey_core::secret::{Key32, Secret};
use longkey_core::vault::backup::MOST_PASSPHRASES;
use longkey_core::vault::recovery::RecoveryCode;
use longkey_core::vault::work::Work;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlInputElement};
use zeroize::Zeroizing;

/// Bytes of all keys of a file: one of each passphrase, and of a recovery code. A buffer that grew would leave copies behind.
const MOST: usize = (MOST_PASSPHRASES + 1) * 32;

/// What is asked with the derived key.
pub type Make = Box<dyn FnOnce(Terms, Secret) -> Question>;
/// What follows the answer; the passphrase is there until it returns.
pub type Then = Box<dyn FnOnce(Answer, &Uint8Array)>;

/// What comes of a derivation: the terms that were kept to, and the key.
pub type Derived = Box<dyn FnOnce(Option<(Terms, Secret)>)>;

/// The parts of a form with a passphrase.
pub struct Form {
    /// Its button.
    pub go: Element,
    /// Where its sentence stands.
    pub wrong: Element,
    /// Where the passphrase is typed.
    pub field: HtmlInputElement,
}

impl Form {
    /// The form of that name on the screen.
    #[must_use]
    pub fn named(face: &'static Face, name: &str) -> Self {
        let form = face.find(&["form[data-form=", name, "]"].concat());
        let part = |selector: &str| form.query_selector(selector).ok().flatten().unwrap_or_else(dom::unseen);
        let field = part("input");
        Self { go: part("[data-slot=go]"), wrong: part("[data-wrong]"), field: field.unchecked_into() }
    }

    /// Derives by the terms that the background gives for `ask_terms`, and asks with the result.
    pub fn ask(self, face: &'static Face, busy: &str, ask_terms: Question, make: Make, then: Then) {
        let Self { go, wrong, field } = self;
        if go.has_attribute("disabled") {
            return;
        }
        dom::hide(&wrong);
        if field.value().is_empty() {
            dom::reveal(&wrong, "enter_passphrase");
            return dom::focus(&field);
        }
        let typed = typed(&field);
        // The one field of a file takes its vault's recovery code as well.
        let code = code_in(&field).filter(|_| wrong.has_attribute("data-file"));
        dom::busy(&go, busy);
        dom::announce(&i18n::message(busy, &[]));
        let kept = typed.clone();
        let done: Box<dyn FnOnce(Result<Answer, Failure>)> = Box::new(move |done| {
            dom::idle(&go);
            match done {
                Ok(answer) => {
                    face.ask_again();
                    field.set_value("");
                    then(answer, &kept);
                }
                Err(failure) => {
                    face.failed(&wrong, &about(&wrong, failure));
                    dom::focus(&field);
                    field.select();
                    face.retry();
                }
            }
            kept.fill(0, 0, kept.length());
        });
        // Less memory is better than no passphrase; the slot records it. An old slot cannot be opened with less.
        let least = if matches!(ask_terms, Question::NewPassphraseTerms) { Work::SMALL } else { Work::USUAL };
        client::ask(
            &ask_terms,
            Box::new(move |answer| {
                let terms = answer.and_then(|it| {
                    let mut rest = it.of("file_terms").unwrap_or_else(none);
                    Ok((it.terms().or_else(|| rest.next()).ok_or(Failure::Silent)?, rest))
                });
                match terms {
                    Ok((terms, rest)) => keys(
                        typed,
                        terms,
                        rest,
                        least,
                        Made { keys: Zeroizing::new(Vec::with_capacity(MOST)), code },
                        Box::new(move |made| match made {
                            Some((terms, key)) => client::ask(&make(terms, key), done),
                            None => done(Err(Failure::NoMemory)),
                        }),
                    ),
                    Err(failure) => done(Err(failure)),
                }
            }),
        );
    }
}

/// A backup file has a passphrase of its own, so its sentence is another.
fn about(wrong: &Element, failure: Failure) -> Failure {
    match failure {
        Failure::Refused(code, _) if code == "passphrase_wrong" && wrong.has_attribute("data-file") => {
            Failure::Refused("file_passphrase_wrong".into(), Vec::new())
        }
        other => other,
    }
}

/// The key of the recovery code in the field, if what stands there has its form.
#[must_use]
pub fn code_in(field: &HtmlInputElement) -> Option<Key32> {
    let typed = Secret::new(field.value());
    RecoveryCode::parse(typed.expose()).ok().map(|code| code.key())
}

/// What stands in the field, in Unicode's form NFKC, as UTF-8. The field is not changed.
fn typed(field: &HtmlInputElement) -> Uint8Array {
    let text: JsString = field.value().into();
    let bytes = Zeroizing::new(String::from(text.normalize("NFKC")));
    Uint8Array::from(bytes.as_bytes())
}

/// No other terms.
fn none() -> List<Terms> {
    List::seen(JsValue::UNDEFINED)
}

/// Calls with the derived key; with nothing if its memory cannot be had, nor that of `least`.
pub fn key(typed: Uint8Array, terms: Terms, least: Work, call: Derived) {
    keys(typed, terms, none(), least, Made { keys: Zeroizing::new(Vec::with_capacity(32)), code: None }, call);
}

/// What was derived before, and the key of the recovery code that goes behind it all.
struct Made {
    keys: Zeroizing<Vec<u8>>,
    code: Option<Key32>,
}

/// The same by each of the terms, one after the other, behind what was made before: a file may hold several vaults, each
/// with a passphrase of its own.
fn keys(typed: Uint8Array, mut terms: Terms, mut rest: List<Terms>, least: Work, mut made: Made, call: Derived) {
    let Some(salt) = base64::parse(&terms.salt) else { return call(None) };
    kdf_worker::derive(&typed.clone(), &salt, terms.work, move |key| match key {
        Some(key) => {
            made.keys.extend_from_slice(key.expose());
            match rest.next() {
                Some(next) => keys(typed, next, rest, least, made, call),
                None => {
                    made.keys.extend(made.code.iter().flat_map(Key32::expose));
                    call(Some((terms, Secret::new(base64::print(&made.keys)))));
                }
            }
        }
        None if terms.work == Work::USUAL && least != Work::USUAL => {
            terms.work = least;
            keys(typed, terms, rest, least, made, call);
        }
        None => call(None),
    });
}
