//! What a popup keeps when it closes, as it does with every click elsewhere: which screen it showed, and of what was typed
//! or chosen there what stands in [`FIELDS`] and [`CHOICES`], and nothing else. Opened again within ten minutes it goes on
//! from there; what X shows right now comes first, and Back and Done take it away.
//!
//! Never a secret: no password, passphrase, key, code or e-mail address. A test reads the templates and fails for a field
//! about which nothing was decided.

use super::route::Route;
use super::{Face, dom, events};
use crate::browser::place::{self, Place};
use js_sys::Promise;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

/// Fields whose text is kept, by their ids.
pub const FIELDS: &[&str] = &["find-code", "find-account", "find-help", "help-handle", "add-handle", "x-region"];
/// Choices that are kept, by their names.
pub const CHOICES: &[&str] = &["only", "key"];
/// For how long.
const KEEPS_MS: f64 = 600_000.0;

/// What is kept of the screen that is shown, and what still waits to be put back.
#[derive(Default)]
pub struct Kept {
    touched: RefCell<Vec<(String, String)>>,
    waits: RefCell<Vec<(String, String)>>,
    /// Everything was deleted: nothing more is written.
    over: Cell<bool>,
    /// The screen was put back: what calls for itself still comes before it.
    pub(super) came_back: Cell<bool>,
}

/// Whether a popup may come back to this screen. Those that hold what must not be kept begin anew, and those of a key that
/// X shows come by themselves.
fn keeps(route: &Route) -> bool {
    !route.needs_tab()
        && !matches!(route, Route::Nowhere | Route::Save(_) | Route::First | Route::Passphrase | Route::Only)
}

/// Finds out what the popup showed before and takes its address; whoever waits for the same answer comes after this.
pub(super) fn before(face: &'static Face, stored: &Promise) {
    place::from(stored, move |found| {
        let fresh = |it: &Place| {
            let age = js_sys::Date::now() - it.at;
            (0.0..KEEPS_MS).contains(&age) && keeps(&Route::parse(&it.route))
        };
        // Whichever page meets a stale one takes it away.
        if found.as_ref().is_some_and(|it| !fresh(it)) {
            return place::clear();
        }
        if !face.popup || events::has_address() {
            return;
        }
        if let Some(found) = found {
            place::name(&found.route);
            face.kept.came_back.set(true);
            *face.kept.waits.borrow_mut() = found.fields;
        }
    });
}

/// A screen has come.
pub(super) fn opened(face: &'static Face) {
    if face.popup {
        face.kept.touched.borrow_mut().clear();
        write(face);
    }
}

/// Everything was deleted: what was kept too, and nothing is kept again.
pub(super) fn end(face: &'static Face) {
    face.kept.over.set(true);
    place::clear();
}

/// The vault is locked: what was typed and where is nobody's to find. The background has taken it away already, but a popup may
/// have written since.
pub(super) fn locked(face: &'static Face) {
    face.kept.touched.take();
    face.kept.waits.take();
    if face.popup {
        place::clear();
    }
}

/// Keeps what there is to keep; at the list, where nothing was typed, there is nothing.
fn write(face: &'static Face) {
    if face.kept.over.get() {
        return;
    }
    if face.is_locked() {
        return locked(face);
    }
    let route = face.route.borrow().clone();
    let mut fields = face.kept.touched.borrow().clone();
    fields.extend(face.kept.waits.borrow().iter().cloned());
    if !keeps(&route) || route == Route::Home && fields.iter().all(|it| it.1.is_empty()) {
        return place::clear();
    }
    place::write(&Place { route: route.print(), at: js_sys::Date::now(), fields });
}

/// The page goes: what it showed was shown until now.
pub(super) fn opened_until_now(face: &'static Face) {
    if face.popup {
        write(face);
    }
}

/// Something was typed or chosen.
pub(super) fn heard(face: &'static Face, on: &Element) {
    let Some(field) = on.dyn_ref::<HtmlInputElement>().filter(|_| face.popup) else { return };
    let (id, name) = (field.id(), field.name());
    let key = match field.type_().as_str() {
        "radio" => CHOICES.contains(&name.as_str()).then_some(name),
        _ => FIELDS.contains(&id.as_str()).then_some(id),
    };
    let Some(key) = key else { return };
    // What is typed now is newer than what waits.
    face.kept.waits.borrow_mut().retain(|it| it.0 != key);
    {
        let mut touched = face.kept.touched.borrow_mut();
        touched.retain(|it| it.0 != key);
        touched.push((key, field.value()));
    }
    write(face);
}

/// Puts back what the screen has a field for by now.
pub(super) fn fill(face: &'static Face) {
    let all = face.kept.waits.take();
    let mut rest = Vec::new();
    for (key, text) in all {
        let choice = || {
            // A value of ours; another one finds nothing.
            let chosen = ["input[type=radio][name=\"", &key, "\"][value=\"", &text, "\"]:enabled"].concat();
            face.root.query_selector(&chosen).ok().flatten()
        };
        let found = if CHOICES.contains(&key.as_str()) {
            choice()
        } else if FIELDS.contains(&key.as_str()) {
            face.root.query_selector(&["#", &key].concat()).ok().flatten()
        } else {
            continue;
        };
        let Some(field) = found.and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) else {
            rest.push((key, text));
            continue;
        };
        if field.type_() == "radio" {
            field.set_checked(true);
        } else {
            field.set_value(&text);
        }
        // What would be sent along is seen.
        if let Ok(Some(fold)) = field.closest("details") {
            dom::flag(&fold, "open", true);
        }
        if key == "find-code" {
            events::screen(face).act(face, "search-open", &face.root);
        }
        let told = Event::new("input").ok();
        if let Some(told) = told {
            told.init_event_with_bubbles("input", true);
            // Whoever listens may not stop it.
            let _ = field.dispatch_event(&told);
        }
    }
    *face.kept.waits.borrow_mut() = rest;
}

/// The page goes on to another screen, or back: what was not put back by now belongs to none.
pub(super) fn leave(face: &'static Face) {
    face.kept.waits.take();
    face.kept.came_back.set(false);
}
