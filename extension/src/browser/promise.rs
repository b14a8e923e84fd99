//! Promises as calls: what a page does after one is a closure. No futures and no executor: every form costs
//! bytes in the pages' module, and a page has nothing to wait for in the middle of a function.

use super::seen::Seen;
use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = get)]
    fn property(of: &JsValue, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["Promise", "prototype", "then"], js_name = call)]
    fn then_call(promise: &Promise, call: &JsValue) -> Result<Promise, JsValue>;
}

/// What the promise came to; nothing if the browser refused, at once or later.
pub type Then = Box<dyn FnOnce(Option<JsValue>)>;

/// Calls when the promise is settled.
pub fn then(promise: Result<Promise, JsValue>, call: Then) {
    let Ok(promise) = promise else { return call(None) };
    // Settled either way, so that one closure is called once and then freed.
    let call = Closure::once_into_js(move |all: JsValue| {
        let one = all.dyn_ref().map_or(JsValue::UNDEFINED, |it: &Array| it.get(0));
        let kept = property(&one, "status").map(String::seen).unwrap_or_default() == "fulfilled";
        call(if kept { property(&one, "value").ok() } else { None });
    });
    // A promise has `then`.
    let _ = then_call(&Promise::all_settled(&Array::of1(&promise)), &call);
}

/// Calls with whether the promise was kept, whatever it came to.
pub fn kept(promise: Result<Promise, JsValue>, call: impl FnOnce(bool) + 'static) {
    then(promise, Box::new(|it| call(it.is_some())));
}

/// Calls with the yes or no that the promise came to; refused counts as `otherwise`.
pub fn answered(promise: Result<Promise, JsValue>, otherwise: Answered, call: impl FnOnce(bool) + 'static) {
    said(promise, otherwise, Box::new(call));
}

/// Once for all callers: each closure of its own would bring all of this with it.
pub fn said(promise: Result<Promise, JsValue>, otherwise: Answered, call: Box<dyn FnOnce(bool)>) {
    let refused = otherwise == Answered::Yes;
    then(promise, Box::new(move |it| call(it.and_then(|it| it.as_bool()).unwrap_or(refused))));
}

/// What silence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Yes.
    Yes,
    /// No.
    No,
}
