//! Without the passphrase: the ways that are left, in order, and what the last of them costs. For a vault that is open,
//! gone or damaged it is the screen of starting over alone.

use super::route::Route;
use super::{Face, Screen, agree, dom, events, kept};
use crate::browser::choices;
use crate::client::Failure;
use longkey_core::protocol::{Question, VaultState};
use longkey_core::secret::Secret;
use web_sys::Element;

/// Where it is written that everything is being deleted: stores that are slow may take longer than a page stays open, and the
/// next page does what this one could not.
const ERASING: &str = "erasing";

/// Everything is deleted: what pages keep goes too, and Firefox's consents go back.
fn finish(face: &'static Face) {
    agree::forget();
    kept::end(face);
    // Colours and language go with everything else; a page that shows them comes anew.
    let shows = ["theme", "handles", "language"].iter().any(|it| !choices::kept(it).is_empty());
    choices::clear();
    events::replace(&Route::First);
    if shows {
        events::reload();
    }
}

/// The background was heard: nothing is there any more, and the page that deleted it was closed before it knew.
pub(super) fn look(face: &'static Face) {
    if !choices::kept(ERASING).is_empty() && face.view().is_some_and(|it| it.vault() == VaultState::None) {
        finish(face);
    }
}

/// The screen.
pub struct Forgotten;

impl Forgotten {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("forgotten");
        Self
    }
}

impl Screen for Forgotten {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let locked = view.vault() == VaultState::Locked;
        let made = view.way("recovery").is_some();
        dom::say(&face.slot("title"), if locked { "forgotten_title" } else { "start_over" }, &[]);
        // Nothing is forgotten where nothing is locked.
        dom::shown_if(locked, &face.slot("lead"));
        dom::shown_if(locked, &face.slot("by-code"));
        dom::shown_if(made, &face.slot("recover"));
        dom::shown_if(!made, &face.slot("no-code"));
        // A locked vault takes nothing in; after it was erased, the first screen offers the file.
        dom::shown_if(!locked, &face.slot("restore"));
        dom::shown_if(locked, &face.slot("restore-later"));
    }

    fn submit(&self, face: &'static Face, form: &str) {
        let (field, question) = if form == "recover" {
            let field = dom::input("recovery-code");
            let code = Secret::new(field.value());
            (field, Question::Recover { code })
        } else {
            let field = dom::input("erase-word");
            let word = field.value().trim().to_ascii_lowercase();
            (field, Question::Erase { word })
        };
        let (go, busy) = if form == "recover" { ("go-recover", "checking") } else { ("go-erase", "erasing") };
        let wrong = face.find(&["form[data-form=", form, "] [data-wrong]"].concat());
        dom::hide(&wrong);
        let erases = form != "recover";
        if erases {
            choices::keep(ERASING, "1");
        }
        face.press_for(
            &face.slot(go),
            busy,
            &question,
            Box::new(move |done| match done {
                Ok(_) => {
                    field.set_value("");
                    if erases {
                        finish(face);
                    }
                }
                Err(failure) => {
                    // Without an answer it may still be done.
                    if erases && !matches!(failure, Failure::Silent) {
                        choices::keep(ERASING, "");
                    }
                    face.failed(&wrong, &failure);
                }
            }),
        );
    }

    fn changed(&self, _: &'static Face, on: &Element) {
        if let Ok(Some(form)) = on.closest("form")
            && let Ok(Some(wrong)) = form.query_selector("[data-wrong]")
        {
            dom::hide(&wrong);
        }
    }
}
