//! The settings' list of what the browser allows Longkey: each permission and host with its reason. Which there are, and why,
//! stands in the template; a test compares it with the manifests.

use super::{Face, agree, dom};
use crate::browser::permissions::{self, Answered, Right};
use crate::browser::{i18n, runtime};
use web_sys::Element;

/// Completes the list: how each stands now, and what can be done about it.
pub(super) fn lay(face: &'static Face) {
    let here = if runtime::is_firefox() { "firefox" } else { "chromium" };
    dom::each(&face.root, "[data-right]", |item| {
        if item.get_attribute("data-only").is_some_and(|only| only != here) {
            return item.remove();
        }
        dom::append(&item, &dom::fragment("right"));
        // Which of several buttons of that name it is.
        let name = dom::slot(&item, "name").text_content().unwrap_or_default();
        for (slot, words) in [("allow", "may_allow_named"), ("take-back", "may_take_back_named")] {
            dom::set(&dom::slot(&item, slot), "aria-label", &i18n::message(words, &[&name]));
        }
        look(item);
    });
}

fn right(item: &Element) -> Right {
    let attribute = |name| item.get_attribute(name).unwrap_or_default();
    Right { kind: attribute("data-right"), names: attribute("data-of") }
}

fn look(item: Element) {
    permissions::has(&right(&item), Answered::No, move |granted| show(&item, granted));
}

fn show(item: &Element, granted: bool) {
    let state = dom::slot(item, "state");
    dom::class(&state, "good", granted);
    dom::icon(&dom::slot(item, "mark"), if granted { "good" } else { "todo" });
    dom::say(&dom::slot(item, "words"), if granted { "may_granted" } else { "may_missing" }, &[]);
    dom::shown_if(!granted, &dom::slot(item, "allow"));
    dom::shown_if(granted && item.has_attribute("data-optional"), &dom::slot(item, "take-back"));
}

/// One of the buttons was pressed. Before anything is awaited: the browser asks only while the click is fresh.
pub(super) fn act(face: &'static Face, act: &str, on: &Element) {
    let Ok(Some(item)) = on.closest("[data-right]") else { return };
    let (right, wanted) = (right(&item), act == "allow-right");
    if wanted && agree::stops(face, &right.names) {
        return;
    }
    let wrong = face.slot("rights-wrong");
    dom::hide(&wrong);
    let asked = right.clone();
    let then = move |_| {
        let about = right.clone();
        permissions::has(&right, Answered::No, move |granted| {
            if !wanted && !granted && about.kind == permissions::CONSENTS {
                agree::taken_back(&about.names);
            }
            show(&item, granted);
            // The button that was pressed is gone: the keyboard stays with what it was for.
            dom::focus(&dom::slot(&item, if granted { "take-back" } else { "allow" }));
            if granted == wanted {
                dom::announce(&dom::slot(&item, "words").text_content().unwrap_or_default());
                face.look_for_x();
            } else {
                dom::reveal(&wrong, "may_refused");
            }
        });
    };
    if wanted { permissions::grant(&asked, then) } else { permissions::give_back(&asked, then) }
}
