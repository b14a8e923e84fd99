//! Clicks, keys and addresses, heard once for the whole page: an element says with `data-act` what it is for.

use super::{Face, agree, bin, dom, kept, route::Route, trouble, unlock};
use crate::browser::choices;
use crate::browser::permissions::{self, Right};
use crate::client;
use longkey_core::protocol::Question;
use wasm_bindgen::prelude::*;
use web_sys::{Element, Event, EventTarget, HtmlInputElement, KeyboardEvent};

/// Where a button with `data-to` leads.
const PLACES: &[(&str, &str)] = &[
    ("x_settings", "https://x.com/settings/account/login_verification"),
    ("x_backup_codes", "https://x.com/settings/account/login_verification/backup_code"),
    ("x_login", "https://x.com/login"),
    ("x_password", "https://x.com/settings/password"),
    ("x_mobile", "https://x.com/settings/phone"),
    ("x_support", "https://help.x.com/forms/account-access/regain-access"),
    ("x_unlock", "https://x.com/account/access"),
    ("x_appeal", "https://help.x.com/forms/account-access/appeals"),
    ("fans_console", "https://app.onlyfansapi.com/"),
    ("xquik_dashboard", "https://xquik.com/dashboard"),
];

/// Where it is kept that `/` alone opens no search. Who speaks to the browser types letters without meaning to (WCAG 2.1.4).
pub(super) const SLASH: &str = "slash";

/// The field that lists are searched with.
const SEARCH: &str = "[type=search]:not(#search[hidden] *)";

/// Starts listening.
pub(super) fn listen(face: &'static Face) {
    for name in ["click", "submit", "input", "paste", "focusin", "keydown"] {
        on(&dom::document(), name, move |event| heard(face, event));
    }
    if let Some(window) = web_sys::window() {
        on(&window, "hashchange", move |_| face.open(address()));
        // A popup closes without a word: from now on its ten minutes run.
        on(&window, "pagehide", move |_| kept::opened_until_now(face));
    }
}

fn heard(face: &'static Face, event: &Event) {
    let Some(element) = event.target().and_then(|it| it.dyn_into::<Element>().ok()) else { return };
    match event.type_().as_str() {
        "click" => click(face, event, &element),
        "submit" => {
            event.prevent_default();
            match element.get_attribute("data-form").unwrap_or_default().as_str() {
                "unlock" => unlock::submit(face),
                form => screen(face).submit(face, form),
            }
        }
        // Check boxes and lists of choices fire it as well, so that `change` would only say it twice.
        "input" => {
            kept::heard(face, &element);
            screen(face).changed(face, &element);
        }
        "paste" => screen(face).pasted(face, event),
        "focusin" => screen(face).focused(&element),
        _ => key(face, event),
    }
}

pub(super) fn screen(face: &Face) -> std::rc::Rc<dyn super::Screen> {
    face.screen.borrow().clone()
}

/// Hears an event of an element of its own.
pub(super) fn on(target: &EventTarget, name: &str, does: impl Fn(&Event) + 'static) {
    let does = Closure::<dyn Fn(Event)>::new(move |event: Event| does(&event)).into_js_value();
    // Listening cannot be refused.
    let _ = target.add_event_listener_with_callback(name, does.unchecked_ref());
}

/// Hears an event as long as this lives: for what outlives the screen that listens to it.
pub(super) struct Hears {
    target: EventTarget,
    name: &'static str,
    does: Closure<dyn Fn(Event)>,
}

impl Hears {
    /// Begins.
    pub(super) fn of(target: &EventTarget, name: &'static str, does: impl Fn(&Event) + 'static) -> Self {
        let does = Closure::<dyn Fn(Event)>::new(move |event: Event| does(&event));
        // As above.
        let _ = target.add_event_listener_with_callback(name, does.as_ref().unchecked_ref());
        Self { target: target.clone(), name, does }
    }
}

impl Drop for Hears {
    fn drop(&mut self) {
        // What is not heard any more was heard until now.
        let _ = self.target.remove_event_listener_with_callback(self.name, self.does.as_ref().unchecked_ref());
    }
}

fn click(face: &'static Face, event: &Event, target: &Element) {
    if face.popup
        && let Ok(Some(link)) = target.closest("a[href^=\"#/\"]")
    {
        let route = Route::parse(&link.get_attribute("href").unwrap_or_default());
        if route.needs_tab() || link.has_attribute("data-tab") {
            event.prevent_default();
            return face.open_in_tab(&route);
        }
    }
    let Ok(Some(on)) = target.closest("[data-act]") else { return };
    let act = on.get_attribute("data-act").unwrap_or_default();
    match act.as_str() {
        "back" | "done" => {
            event.prevent_default();
            face.go_back();
        }
        "open" => {
            let to = on.get_attribute("data-to").unwrap_or_default();
            if let Some((_, address)) = PLACES.iter().find(|(name, _)| *name == to) {
                face.open_tab(address);
            }
        }
        // Silence shows itself: the page goes on showing what it showed.
        "lock" => client::ask(&Question::Lock, Box::new(|_| face.ask_again())),
        "show-field" => show_field(&on),
        "keep-open" => face.keep_open(),
        "passkey" => unlock::by_passkey(face, &on),
        "undo" => bin::undo(face),
        "reload" | "choose" | "read" | "save-sealed" => trouble::act(face, &act, &on),
        // Before anything is awaited: the browser asks only while the click is fresh.
        "allow-xquik" if agree::stops(face, permissions::XQUIK[0]) => {}
        "allow-xquik" => permissions::ask_to_send(permissions::XQUIK, |_| {
            client::ask(&Question::Refresh, Box::new(|_| face.ask_again()));
        }),
        "agree" | "withdraw" => agree::act(face, &act, &on),
        "give-access" => permissions::grant(&Right::of("origins", permissions::X), |_| face.look_for_x()),
        _ => screen(face).act(face, &act, &on),
    }
}

fn show_field(button: &Element) {
    let field = dom::input(&button.get_attribute("data-for").unwrap_or_default());
    let shown = field.type_() == "password";
    field.set_type(if shown { "text" } else { "password" });
    dom::set(button, "aria-pressed", if shown { "true" } else { "false" });
    dom::say(button, if shown { "hide" } else { "show" }, &[]);
}

fn key(face: &'static Face, event: &Event) {
    let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
    let typing = dom::document()
        .active_element()
        .is_some_and(|it| matches!(it.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing() {
        // Eight seconds are short for who goes to [Undo] by Tab, past every row.
        let undoes = event.key() == "z" && !event.alt_key() && !event.shift_key() && !typing;
        if undoes && dom::find(&dom::document(), "#undo button").is_some() {
            event.prevent_default();
            bin::undo(face);
        }
        return;
    }
    let in_dialog = dom::find(&dom::document(), "dialog[open]").is_some();
    let at = |css: &str| dom::document().active_element().is_some_and(|it| it.matches(css) == Ok(true));
    match event.key().as_str() {
        "/" if !typing && !in_dialog && choices::kept(SLASH).is_empty() => {
            event.prevent_default();
            screen(face).act(face, "search-open", &face.root);
        }
        "Escape" if !in_dialog => {
            if *face.route.borrow() == Route::Home {
                let open = dom::find(&dom::document(), "#search:not([hidden])").is_some();
                if open {
                    event.prevent_default();
                    screen(face).act(face, "search-close", &face.root);
                }
            } else {
                event.prevent_default();
                face.go_back();
            }
        }
        // From the field to what it has found.
        "Enter" if at(SEARCH) && walk(face, true) => event.prevent_default(),
        way @ ("ArrowDown" | "ArrowUp") if (at(SEARCH) || at(".list *")) && walk(face, way == "ArrowDown") => {
            event.prevent_default();
        }
        way @ ("ArrowLeft" | "ArrowRight") if !typing && !in_dialog => {
            let row = dom::document().active_element().and_then(|it| it.closest(".list > li").ok().flatten());
            // Onwards is where the line runs.
            let rtl = dom::document().document_element().and_then(|it| it.get_attribute("dir"));
            let onwards = (way == "ArrowRight") == (rtl.as_deref() != Some("rtl"));
            let to = row.and_then(|it| it.query_selector(if onwards { ".side" } else { ".whole" }).ok().flatten());
            if let Some(to) = to {
                event.prevent_default();
                dom::focus(&to);
            }
        }
        _ => {}
    }
}

/// From row to row, over the borders of the lists.
fn walk(face: &Face, down: bool) -> bool {
    let mut stops = Vec::new();
    let rows = ".list > li:not([hidden]) > .whole";
    dom::each(&face.root, &[SEARCH, ", ", rows].concat(), |it| stops.push(it));
    let active = dom::document().active_element();
    let row = active.as_ref().and_then(|it| it.closest("li").ok().flatten());
    let at = stops
        .iter()
        .position(|it| Some(it) == active.as_ref() || (row.is_some() && it.closest("li").ok().flatten() == row));
    let to = match (at, down) {
        (Some(at), true) => at + 1,
        (Some(at), false) => at.wrapping_sub(1),
        (None, _) => 0,
    };
    stops.get(to).map(dom::focus).is_some()
}

/// After a screen has come: the field that is to be filled, else the heading, so that the screen is read from its top. A
/// field that deletes everything does not call for it.
pub(super) fn settle_focus(root: &Element) {
    // What the address asks for.
    if let Ok(Some(first)) = root.query_selector("[data-first]") {
        first.scroll_into_view();
        return dom::focus(&first);
    }
    let mut field = None;
    dom::each(root, "main input:not([type=radio]):not([type=checkbox]):not([type=search]):not([data-wary])", |it| {
        let empty = it.dyn_ref::<HtmlInputElement>().is_some_and(|it| it.value().is_empty());
        let seen = matches!(it.closest("[hidden], details:not([open])"), Ok(None));
        if field.is_none() && empty && seen {
            field = Some(it);
        }
    });
    if let Some(there) = field.or_else(|| root.query_selector("h1").ok().flatten()) {
        dom::focus(&there);
    }
}

/// Whether the page was opened with a screen.
pub(super) fn has_address() -> bool {
    web_sys::window().and_then(|it| it.location().hash().ok()).is_some_and(|it| !it.is_empty())
}

/// The screen that the address names.
#[must_use]
pub fn address() -> Route {
    let hash = web_sys::window().and_then(|it| it.location().hash().ok()).unwrap_or_default();
    Route::parse(&hash)
}

/// Goes to a screen.
pub fn go(route: &Route) {
    if let Some(window) = web_sys::window() {
        // Setting the part after `#` cannot be refused.
        let _ = window.location().set_hash(&route.print());
    }
}

/// Goes to a screen in place of this one.
pub fn replace(route: &Route) {
    if let Some(window) = web_sys::window() {
        // As above.
        let _ = window.location().replace(&route.print());
    }
}

/// Opens the browser's printing of this page; its style sheet leaves out what is no use on paper.
pub fn print() {
    if let Some(window) = web_sys::window() {
        // A browser that cannot print says so itself.
        let _ = window.print();
    }
}

/// Loads this page anew, at the same screen.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        // A page may always load itself.
        let _ = window.location().reload();
    }
}

/// Closes the popup.
pub fn close() {
    if let Some(window) = web_sys::window() {
        // A page that may not close itself stays open, which is no harm.
        let _ = window.close();
    }
}
