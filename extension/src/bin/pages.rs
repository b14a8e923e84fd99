//! The pages module: the face of Longkey. It computes codes and draws; the vault stays with the background.

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the page with the rows that `page.js` has asked `storage.session` for.
#[wasm_bindgen]
pub fn start(rows: js_sys::Promise) {
    longkey_extension::pages::start(rows);
}

fn main() {}
