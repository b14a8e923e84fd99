//! Files from a page's point of view: handing a text to the browser's downloads, and reading the one that was chosen.
//! Nothing here asks where: the browser's own settings say that. It works in tabs; a popup closes under a file picker.

use super::promise::then;
use super::seen::Seen;
use super::timer;
use js_sys::{Array, Object, Promise, Reflect};
use longkey_core::secret::Secret;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, HtmlInputElement};

/// A file that is larger is none of ours: a thousand accounts are below one megabyte.
const MOST: u32 = 16 * 1024 * 1024;
/// How long a download may take to begin. Firefox reads the address after the click has returned.
const KEPT_MS: u32 = 60_000;

#[wasm_bindgen]
extern "C" {
    type Blob;
    #[wasm_bindgen(catch, constructor)]
    fn new(parts: &Array, options: &Object) -> Result<Blob, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn text(this: &Blob) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, method, getter)]
    fn size(this: &Blob) -> Result<f64, JsValue>;
    #[wasm_bindgen(catch, js_namespace = URL, js_name = createObjectURL)]
    fn address_of(blob: &Blob) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_namespace = URL, js_name = revokeObjectURL)]
    fn forget(address: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = get)]
    fn property(of: &JsValue, name: &str) -> Result<JsValue, JsValue>;
}

/// Hands a text to the browser as a file of that name. `link` is an `<a>` outside of the document.
///
/// # Errors
/// The browser made no file of it.
pub fn save(link: &HtmlElement, name: &str, text: &Secret) -> Result<(), JsValue> {
    let options = Object::new();
    // A type of its own kind keeps the browser from showing it instead of saving it.
    Reflect::set(&options, &"type".into(), &"application/octet-stream".into())?;
    let blob = Blob::new(&Array::of1(&JsValue::from_str(text.expose())), &options)?;
    let address = address_of(&blob)?;
    link.set_attribute("href", &address)?;
    link.set_attribute("download", name)?;
    link.click();
    timer::after(KEPT_MS, move || {
        // An address that is gone already is what is wanted.
        let _ = forget(&address);
    });
    Ok(())
}

/// Calls with the text of the file that was chosen there; with nothing if there is none, or it is too large to be ours.
pub fn read(field: &HtmlInputElement, call: impl FnOnce(Option<Secret>) + 'static) {
    let files = property(field, "files").and_then(|files| property(&files, "0"));
    let Some(file) = files.ok().filter(JsValue::is_object).map(JsValue::unchecked_into::<Blob>) else {
        return call(None);
    };
    if file.size().is_ok_and(|it| it > f64::from(MOST)) {
        return call(None);
    }
    then(file.text(), Box::new(|text| call(text.map(Secret::seen))));
}
