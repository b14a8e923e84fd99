//! The recovery code: shown once, printed or written down, and typed back before it opens anything. There is no button
//! that copies it: a clipboard is read by others and forgets at the wrong moment.

use super::notes::{self, Tone};
use super::route::Route;
use super::{Face, Screen, dom, events, now, ways};
use crate::browser::i18n;
use crate::browser::seen::View;
use crate::client::{self, Failure};
use longkey_core::protocol::{Question, VaultState};
use longkey_core::secret::Secret;
use web_sys::Element;
use zeroize::Zeroizing;

/// The screen of the recovery code.
pub struct Recovery;

impl Recovery {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("recovery");
        face.stage("");
        // What the page knows may be older than the passphrase that was set or changed a moment ago.
        client::ask(
            &Question::View,
            Box::new(move |answer| {
                // Another screen may be there by now.
                let view = answer.ok().and_then(|it| it.view()).filter(|_| face.slot("code").is_connected());
                if let Some(view) = view {
                    begin(face, &view);
                }
            }),
        );
        Self
    }
}

fn begin(face: &'static Face, view: &View) {
    if view.vault() != VaultState::Unlocked {
        let note = notes::note(Tone::Plain, "", &i18n::message("recovery_needs_passphrase", &[]));
        notes::link(&note, "set_passphrase", &Route::Passphrase.print());
        dom::fill(&face.slot("notes"), &note);
    } else if view.way("recovery").is_some() {
        ways::place_only(&face.slot("form"));
        face.stage("only");
    } else {
        make(face);
    }
}

/// What counts of what was typed; the background reads it more exactly.
fn bare(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(char::is_ascii_alphanumeric).map(|it| it.to_ascii_uppercase()).collect())
}

fn make(face: &'static Face) {
    face.ask(&Question::NewRecovery, face.find("[data-wrong-recovery]"), move |answer| {
        let Some(code) = answer.of::<Secret>("recovery") else { return };
        let place = face.slot("code");
        place.set_text_content(None);
        for group in code.expose().split([' ', '-']).filter(|it| !it.is_empty()) {
            let span = dom::element("span");
            span.set_text_content(Some(group));
            dom::append(&place, &span);
        }
        dom::say(&face.slot("made"), "recovery_made_on", &[&i18n::date(now().0)]);
        face.stage("code");
        dom::focus(&face.slot("title"));
    });
}

impl Screen for Recovery {
    fn refresh(&self, _: &'static Face) {}

    fn act(&self, face: &'static Face, act: &str, _: &Element) {
        match act {
            "written" => face.stage("keep"),
            "again" => face.stage("code"),
            "print" => events::print(),
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, form: &str) {
        if form == "only" {
            return ways::only(face, make);
        }
        let field = dom::input("recovery-typed");
        let typed = Secret::new(field.value());
        let (go, wrong) = (face.slot("go-keep"), face.find("form[data-form=keep] [data-wrong]"));
        if go.has_attribute("disabled") {
            return;
        }
        dom::hide(&wrong);
        dom::busy(&go, "checking");
        let right = bare(typed.expose()) == bare(&face.slot("code").text_content().unwrap_or_default());
        client::ask(
            &Question::KeepRecovery { typed },
            Box::new(move |done| {
                dom::idle(&go);
                face.ask_again();
                match done {
                    Ok(_) => {
                        field.set_value("");
                        face.slot("code").set_text_content(None);
                        face.slot("notes").set_text_content(None);
                        dom::announce(&i18n::message("recovery_kept", &[]));
                        face.stage("kept");
                    }
                    // Right, and refused all the same: another page had one made, or the vault was locked. Another is due.
                    Err(Failure::Refused(code, _)) if right && code == "recovery_differs" => {
                        field.set_value("");
                        face.slot("code").set_text_content(None);
                        let words = i18n::message("recovery_lapsed", &[]);
                        dom::fill(&face.slot("notes"), &notes::note(Tone::Warn, "", &words));
                        make(face);
                    }
                    Err(failure) => face.failed(&wrong, &failure),
                }
            }),
        );
    }

    fn changed(&self, face: &'static Face, _: &Element) {
        dom::hide(&face.find("form[data-form=keep] [data-wrong]"));
    }
}
