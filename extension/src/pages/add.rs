//! A key by hand: one field that says at once what was pasted. The background reads it again; this is only its echo.

use super::route::Route;
use super::words::{fail, refuse};
use super::{Face, Screen, dom, events, help_offer, home, now};
use crate::browser::{i18n, permissions, runtime};
use crate::client::{self, Failure};
use longkey_core::help::Trigger;
use longkey_core::label::Handle;
use longkey_core::long_key::LongKey;
use longkey_core::protocol::Question;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use std::cell::Cell;
use web_sys::Element;

/// The form for one key.
pub struct Add {
    busy: Cell<bool>,
}

impl Add {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("add");
        let out = face.slot("private");
        permissions::private(move |allowed| {
            if !allowed {
                dom::say(&out, if runtime::is_firefox() { "private_never" } else { "private_off" }, &[]);
                dom::show(&out);
            }
        });
        Self { busy: Cell::new(false) }
    }

    /// What the field's text is, in words.
    fn look(face: &'static Face) {
        let text = Secret::new(dom::input("add-key").value());
        let (says, wrong) = (face.slot("says"), face.find("[data-wrong]"));
        dom::hide(&says);
        dom::hide(&wrong);
        help_offer::offer(&face.slot("help"), &[]);
        if text.expose().trim().is_empty() {
            return;
        }
        match LongKey::parse(text.expose()) {
            Ok(_) => dom::say(&face.slot("says-words"), "add_is_key", &[]),
            Err(Refusal::KeyIsOtpauth) => dom::say(&face.slot("says-words"), "add_is_otpauth", &[]),
            // Half a key that is being typed is no mistake yet; what could never become one is.
            Err(Refusal::KeyTooShort { .. } | Refusal::KeyLength { .. }) => return,
            Err(refusal) => return refused(face, refusal),
        }
        dom::show(&says);
    }
}

/// Says what it is instead, and where the words for it are explained.
fn refused(face: &'static Face, refusal: Refusal) {
    let moment: &[Trigger] = match refusal {
        Refusal::KeyIsBackupCode => &[Trigger::KeyIsBackupCode],
        Refusal::KeyIsSixDigitCode => &[Trigger::KeyIsSixDigits],
        _ => &[],
    };
    refuse(&face.find("[data-wrong]"), refusal);
    help_offer::offer(&face.slot("help"), moment);
}

impl Screen for Add {
    fn refresh(&self, face: &'static Face) {
        home::suggest(face);
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        if on.id() == "add-key" {
            Self::look(face);
        } else {
            dom::hide(&face.find("[data-wrong-handle]"));
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        let (wrong, wrong_handle) = (face.find("[data-wrong]"), face.find("[data-wrong-handle]"));
        let (key, handle) = (dom::input("add-key"), dom::input("add-handle"));
        let text = Secret::new(key.value());
        let named = handle.value();
        match LongKey::parse(text.expose()) {
            // The address names the account; the background reads it.
            Err(Refusal::KeyIsOtpauth) if named.trim().is_empty() => {}
            Ok(_) | Err(Refusal::KeyIsOtpauth) => {
                if let Err(refusal) = Handle::parse(&named) {
                    refuse(&wrong_handle, refusal);
                    return dom::focus(&handle);
                }
            }
            Err(refusal) => {
                dom::hide(&face.slot("says"));
                refused(face, refusal);
                return dom::focus(&key);
            }
        }
        if self.busy.replace(true) {
            return;
        }
        dom::flag(&face.slot("go"), "disabled", true);
        client::ask(
            &Question::AddKey { text, handle: named.trim().into() },
            Box::new(move |done| {
                face.ask_again();
                match done {
                    Ok(answer) => {
                        key.set_value("");
                        dom::announce(&i18n::message("toast_saved", &[]));
                        events::replace(&answer.kept().map_or(Route::Home, Route::Code));
                    }
                    Err(failure) => {
                        let at_handle = matches!(&failure, Failure::Refused(code, _) if code == "handle_shape");
                        fail(if at_handle { &wrong_handle } else { &wrong }, &failure, now());
                        face.retry();
                    }
                }
            }),
        );
    }

    fn act(&self, face: &'static Face, act: &str, _: &Element) {
        if act == "retry" {
            self.busy.set(false);
            dom::flag(&face.slot("go"), "disabled", false);
        }
    }
}
