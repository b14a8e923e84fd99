//! The background module: what `background.js` calls.

use js_sys::Promise;
use longkey_core::effect::Event;
use longkey_extension::worker;
use wasm_bindgen::prelude::*;

fn main() {}

/// A message arrived.
#[wasm_bindgen]
pub fn message(text: JsValue, sender: JsValue) -> Promise {
    worker::heard(text, sender)
}

/// The extension was installed or updated.
#[wasm_bindgen]
pub fn installed(first: bool) {
    worker::happened(Event::Installed { first });
}

/// The browser started.
#[wasm_bindgen]
pub fn started() {
    worker::happened(Event::Started);
}

/// An alarm rang.
#[wasm_bindgen]
pub fn rang(name: &str) {
    worker::rang(name);
}

/// The person left or came back.
#[wasm_bindgen]
pub fn presence(state: &str) {
    worker::presence(state);
}

/// A page of ours was opened or closed: so many are open now.
#[wasm_bindgen]
pub fn pages_open(count: u32) {
    worker::happened(Event::PagesOpen(count));
}

/// The shortcut for locking was pressed.
#[wasm_bindgen]
pub fn lock_pressed() {
    worker::happened(Event::LockPressed);
}

/// A notification was pressed.
#[wasm_bindgen]
pub fn alert_pressed(id: String) {
    worker::happened(Event::AlertPressed(id));
}

/// Whether this instance may be dropped: the vault was locked, and nobody waits for it.
#[wasm_bindgen]
pub fn is_spent() -> bool {
    worker::is_spent()
}

/// A tab was closed.
#[wasm_bindgen]
pub fn tab_closed(tab: i32) {
    worker::happened(Event::TabClosed(tab));
}
