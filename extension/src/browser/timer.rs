//! `setTimeout`, as a promise and as a call; and the clock that nobody can set.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = setTimeout)]
    fn set_timeout(call: &Function, millis: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = performance, js_name = now)]
    fn steady() -> Result<f64, JsValue>;
}

/// Milliseconds since the page began, by a clock that nobody can set (High Resolution Time, "monotonic clock").
#[must_use]
pub fn since_start() -> f64 {
    // Where there is no such clock, no time passes.
    steady().unwrap_or_default()
}

/// Resolves to `undefined` after that time.
pub fn passed(millis: u32) -> Promise {
    Promise::new(&mut |resolve, _| {
        // Without timers the promise never resolves, which is what "no time passes" means.
        let _ = set_timeout(&resolve, millis);
    })
}

/// Calls once after that time.
pub fn after(millis: u32, call: impl FnOnce() + 'static) {
    let call = Closure::once_into_js(call);
    // As above.
    let _ = set_timeout(call.unchecked_ref(), millis);
}
