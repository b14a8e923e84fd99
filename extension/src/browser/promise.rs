//! Promises as calls: what a page does after one is a closure. One state machine serves them all, which a module of
//! 110 kB notices.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// What the promise came to; nothing if the browser refused, at once or later.
pub type Then = Box<dyn FnOnce(Option<JsValue>)>;

/// Calls when the promise is settled.
pub fn then(promise: Result<Promise, JsValue>, call: Then) {
    spawn_local(async move {
        let settled = match promise {
            Ok(promise) => JsFuture::from(promise).await.ok(),
            Err(_) => None,
        };
        call(settled);
    });
}

/// Calls with whether the promise was kept, whatever it came to.
pub fn kept(promise: Result<Promise, JsValue>, call: impl FnOnce(bool) + 'static) {
    then(promise, Box::new(|it| call(it.is_some())));
}

/// Calls with the yes or no that the promise came to; refused counts as `otherwise`.
pub fn answered(promise: Result<Promise, JsValue>, otherwise: Answered, call: impl FnOnce(bool) + 'static) {
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
