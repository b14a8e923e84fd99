//! `chrome.storage.session`, key `rows`: codes can be painted without waking the background. Only read here.

use super::promise::then;
use super::seen::{Rows, Seen};
use js_sys::{Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = get)]
    fn session_get(key: &str) -> Result<Promise, JsValue>;
}

/// Calls with the rows that are there now.
pub fn read(call: impl FnOnce(Rows) + 'static) {
    from(session_get("rows"), call);
}

/// Calls with the rows in an answer that was asked for already.
pub fn from(promise: Result<Promise, JsValue>, call: impl FnOnce(Rows) + 'static) {
    then(
        promise,
        Box::new(|found| {
            let rows = found.and_then(|it| Reflect::get(&it, &JsValue::from_str("rows")).ok());
            call(rows.map(Rows::seen).unwrap_or_default());
        }),
    );
}
