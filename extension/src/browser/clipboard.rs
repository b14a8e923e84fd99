//! The clipboard as text, written inside a click. Reading text happens only where the browser has granted it already: Longkey
//! does not ask for it, so that it cannot see what else is copied. Pictures are `qr_pictures`' business.

use super::promise::{kept, then};
use js_sys::{Object, Promise, Reflect};
use longkey_core::secret::Secret;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = writeText)]
    fn write_text(text: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "permissions"])]
    fn query(what: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = readText)]
    fn read_text() -> Result<Promise, JsValue>;

    type Paste;
    #[wasm_bindgen(catch, method, getter, js_name = clipboardData)]
    fn clipboard(this: &Paste) -> Result<Option<Pasted>, JsValue>;
    type Pasted;
    #[wasm_bindgen(catch, method, js_name = getData)]
    fn text(this: &Pasted, kind: &str) -> Result<String, JsValue>;
}

/// What is being pasted into a field, as text.
#[must_use]
pub fn pasted(event: &web_sys::Event) -> Option<String> {
    event.unchecked_ref::<Paste>().clipboard().ok()??.text("text").ok()
}

/// Puts text there and calls with whether that worked.
pub fn copy(text: &str, call: impl FnOnce(bool) + 'static) {
    kept(write_text(text), call);
}

/// Calls with whether the clipboard still holds this text; with nothing where the browser would first have to ask the user.
pub fn holds(text: Secret, call: impl FnOnce(Option<bool>) + 'static) {
    let what = Object::new();
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&what, &JsValue::from_str("name"), &JsValue::from_str("clipboard-read"));
    then(
        query(&what),
        Box::new(move |found| {
            let state = found.and_then(|it| Reflect::get(&it, &JsValue::from_str("state")).ok());
            if state.and_then(|it| it.as_string()).as_deref() != Some("granted") {
                return call(None);
            }
            then(
                read_text(),
                Box::new(move |found| {
                    let found = found.and_then(|it| it.as_string()).map(Secret::new);
                    call(found.map(|it| it == text));
                }),
            );
        }),
    );
}
