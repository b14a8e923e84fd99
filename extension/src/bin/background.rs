//! The background module: what `background.js` calls.

use js_sys::Promise;
use longkey_core::effect::Event;
use longkey_extension::worker;
use wasm_bindgen::prelude::*;

fn main() {
    worker::begin();
}

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

/// A tab was closed.
#[wasm_bindgen]
pub fn tab_closed(tab: i32) {
    worker::happened(Event::TabClosed(tab));
}
