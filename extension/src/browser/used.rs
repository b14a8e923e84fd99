//! How much room the stores take, as the browser counts it.

use super::promise::then;
use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = getBytesInUse)]
    fn local_bytes() -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = getBytesInUse)]
    fn session_bytes() -> Result<Promise, JsValue>;
    #[wasm_bindgen(thread_local_v2, js_namespace = navigator, js_name = userAgent)]
    static USER_AGENT: String;
}

/// Calls with the bytes in `storage.local`, if the browser tells.
pub fn local(call: impl FnOnce(Option<u32>) + 'static) {
    told(local_bytes(), call);
}

/// Calls with the bytes in `storage.session`, if the browser tells.
pub fn session(call: impl FnOnce(Option<u32>) + 'static) {
    told(session_bytes(), call);
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the browser's own limit is ten megabytes
fn told(bytes: Result<Promise, JsValue>, call: impl FnOnce(Option<u32>) + 'static) {
    then(bytes, Box::new(|it| call(it.and_then(|it| it.as_f64()).map(|it| it as u32))));
}

/// The number after that name in the browser's own description of itself, as far as it is made of digits and full stops.
#[must_use]
pub fn browser_version(name: &str) -> String {
    USER_AGENT.with(|agent| {
        let rest = agent.split_once(name).map(|(_, rest)| rest).unwrap_or_default();
        rest.chars().take_while(|it| it.is_ascii_digit() || *it == '.').collect()
    })
}
