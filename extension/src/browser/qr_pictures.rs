//! Where a picture to be scanned comes from: the tab behind the popup, a file, the clipboard. Each only inside the click or
//! key press that asks for it.

use super::promise::then;
use super::seen::Seen;
use js_sys::{Array, Object, Promise, Reflect};
use longkey_core::secret::Secret;
use wasm_bindgen::prelude::*;
use web_sys::{Event, HtmlInputElement};

/// A screenshot of a very large screen is smaller.
const MOST: f64 = 32.0 * 1024.0 * 1024.0;

#[wasm_bindgen]
extern "C" {
    /// With `activeTab`, which the browser gives for a click on the toolbar button or its shortcut.
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = captureVisibleTab)]
    fn capture(window: &JsValue, options: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "clipboard"], js_name = read)]
    fn read_clipboard() -> Result<Promise, JsValue>;
    type Item;
    #[wasm_bindgen(catch, method, getter)]
    fn types(this: &Item) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch, method, js_name = getType)]
    fn get_type(this: &Item, kind: &str) -> Result<Promise, JsValue>;
    type Transfer;
    #[wasm_bindgen(catch, method, getter)]
    fn files(this: &Transfer) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, method, js_name = getData)]
    fn data(this: &Transfer, kind: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = get)]
    fn property(of: &JsValue, name: &str) -> Result<JsValue, JsValue>;
}

/// Calls with a picture of what the tab in front shows; with nothing where the browser does not give it.
pub fn visible_tab(call: impl FnOnce(Option<JsValue>) + 'static) {
    let options = Object::new();
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&options, &"format".into(), &"png".into());
    then(capture(&JsValue::UNDEFINED, &options), Box::new(|it| call(it.filter(JsValue::is_string))));
}

/// The file that was chosen there; nothing if there is none, or it is too large to be a screenshot.
#[must_use]
pub fn chosen(field: &HtmlInputElement) -> Option<JsValue> {
    first(&property(field, "files").ok()?)
}

/// What was pasted.
#[derive(Clone, Debug)]
pub enum Pasted {
    /// A picture.
    Picture(JsValue),
    /// A text.
    Text(Secret),
}

/// What a paste event brings.
#[must_use]
pub fn pasted(event: &Event) -> Option<Pasted> {
    let transfer = property(event, "clipboardData").ok().filter(JsValue::is_object)?.unchecked_into::<Transfer>();
    if let Some(file) = transfer.files().ok().and_then(|files| first(&files)) {
        return Some(Pasted::Picture(file));
    }
    transfer.data("text").ok().filter(|it| !it.is_empty()).map(|it| Pasted::Text(Secret::new(it)))
}

/// Why the clipboard gave no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPicture {
    /// The user, or a setting, did not let us look.
    Refused,
    /// There is something else on it, or nothing.
    Absent,
}

/// Calls with the picture on the clipboard. The browser asks the user where it has to.
pub fn on_clipboard(call: impl FnOnce(Result<JsValue, NoPicture>) + 'static) {
    then(
        read_clipboard(),
        Box::new(move |items| {
            let Some(items) = items else { return call(Err(NoPicture::Refused)) };
            let items = items.dyn_into::<Array>().unwrap_or_default();
            let picture = items.iter().find_map(|item| {
                let item = item.unchecked_into::<Item>();
                let kind = item.types().ok()?.iter().map(String::seen).find(|it| it.starts_with("image/"))?;
                item.get_type(&kind).ok()
            });
            then(picture.ok_or(JsValue::NULL), Box::new(move |it| call(it.ok_or(NoPicture::Absent))));
        }),
    );
}

fn first(files: &JsValue) -> Option<JsValue> {
    let file = property(files, "0").ok().filter(JsValue::is_object)?;
    let size = property(&file, "size").ok()?.as_f64()?;
    (size <= MOST).then_some(file)
}
