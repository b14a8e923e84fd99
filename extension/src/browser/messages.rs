//! `chrome.runtime` messages, as a page sends and hears them.

use super::promise::then;
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = sendMessage)]
    fn send_message(message: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime", "onMessage"], js_name = addListener)]
    fn add_listener(listener: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"])]
    fn connect() -> Result<Port, JsValue>;
    type Port;
    #[wasm_bindgen(catch, method, getter, js_name = onDisconnect)]
    fn on_disconnect(this: &Port) -> Result<Gone, JsValue>;
    type Gone;
    #[wasm_bindgen(catch, method, js_name = addListener)]
    fn add(this: &Gone, listener: &JsValue) -> Result<(), JsValue>;
}

/// Sends a question of a page (`{"page": …}`) and calls with the answer; with nothing if none came in time.
pub fn send(question: &JsValue, seconds: u32, call: impl FnOnce(Option<JsValue>) + 'static) {
    let message = Object::new();
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&message, &JsValue::from_str("page"), question);
    let answer =
        send_message(&message).map(|sent| Promise::race(&Array::of2(&sent, &super::timer::passed(seconds * 1000))));
    then(answer, Box::new(|answer| call(answer.filter(|it| !it.is_undefined() && !it.is_null()))));
}

/// Lets the background know that a page is open, until it is closed. Calls when the background has gone instead: it is
/// woken by the next line. The line lasts as long as what is given back; nothing, if there is nobody to tell.
pub fn stay_open(lost: impl FnOnce() + 'static) -> Option<JsValue> {
    let port = connect().ok()?;
    port.on_disconnect().and_then(|it| it.add(&Closure::once_into_js(lost))).ok()?;
    Some(port.into())
}

/// Calls back whenever the background says that something changed. Other pages' questions pass by here too: they
/// are not for us, and saying nothing leaves the answer to the background.
pub fn on_news(call: impl Fn() + 'static) {
    let listener = Closure::<dyn Fn(JsValue)>::new(move |message: JsValue| {
        // `ToPage` has one word.
        if message.as_string().as_deref() == Some("news") {
            call();
        }
    });
    // A browser without the API has no background to hear from either.
    let _ = add_listener(&listener.into_js_value());
}
