//! Without the passphrase: the ways that are left, in order, and what the last of them costs. It is the screen for a vault
//! that is gone or damaged, too.

use super::route::Route;
use super::{Face, Screen, dom, events};
use longkey_core::protocol::{Question, VaultState};
use longkey_core::secret::Secret;
use web_sys::Element;

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
        let trouble = view.trouble().is_some();
        dom::say(&face.slot("title"), if trouble { "start_over" } else { "forgotten_title" }, &[]);
        dom::shown_if(!trouble, &face.slot("lead"));
        dom::shown_if(!trouble, &face.slot("by-code"));
        dom::shown_if(made && locked, &face.slot("recover"));
        dom::shown_if(!made, &face.slot("no-code"));
        dom::shown_if(made && !locked, &face.slot("is-open"));
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
        let erased = form != "recover";
        face.press(
            &face.slot(go),
            busy,
            &question,
            wrong,
            Box::new(move |_| {
                field.set_value("");
                if erased {
                    events::replace(&Route::First);
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
