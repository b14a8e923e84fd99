//! The pages module: the face of Longkey. It computes codes and draws; the vault stays with the background.

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the page with the rows that `page.js` has asked `storage.session` for, and the words of the chosen language, or null.
#[wasm_bindgen]
pub fn start(stored: js_sys::Promise, words: wasm_bindgen::JsValue) {
    longkey_extension::browser::i18n::speak(words);
    longkey_extension::pages::start(stored);
}

fn main() {}
