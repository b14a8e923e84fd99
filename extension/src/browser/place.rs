//! `chrome.storage.session`, key `place`: what a popup was showing when it closed. In memory only, gone with the browser;
//! what may stand in it is `pages::kept`'s to say.

use super::promise::then;
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = set)]
    fn session_set(values: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = remove)]
    fn session_remove(key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = history, js_name = replaceState)]
    fn replace_state(state: &JsValue, unused: &str, address: &str) -> Result<(), JsValue>;
}

/// A screen's address, since when it was shown (in milliseconds since 1970), and fields by their names.
#[derive(Debug, Default)]
pub struct Place {
    /// The address.
    pub route: String,
    /// When it was put there.
    pub at: f64,
    /// Names and texts.
    pub fields: Vec<(String, String)>,
}

fn property(of: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(of, &JsValue::from_str(name)).ok()
}

/// Calls with the place in an answer that was asked for already.
pub fn from(stored: &Promise, call: impl FnOnce(Option<Place>) + 'static) {
    then(
        Ok(stored.clone()),
        Box::new(|found| {
            let found = found.and_then(|it| property(&it, "place")).filter(JsValue::is_object);
            call(found.map(|it| {
                let list = property(&it, "fields").and_then(|it| it.dyn_into::<Array>().ok()).unwrap_or_default();
                let fields = list.iter().filter_map(|it| {
                    let pair = it.dyn_into::<Array>().ok()?;
                    Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
                });
                Place {
                    route: property(&it, "route").and_then(|it| it.as_string()).unwrap_or_default(),
                    at: property(&it, "at").and_then(|it| it.as_f64()).unwrap_or_default(),
                    fields: fields.collect(),
                }
            }));
        }),
    );
}

/// Puts it there.
pub fn write(place: &Place) {
    let fields: Array = place
        .fields
        .iter()
        .map(|(name, text)| Array::of2(&JsValue::from_str(name), &JsValue::from_str(text)))
        .collect();
    let (value, values) = (Object::new(), Object::new());
    for (name, it) in
        [("route", JsValue::from_str(&place.route)), ("at", JsValue::from_f64(place.at)), ("fields", fields.into())]
    {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&value, &JsValue::from_str(name), &it);
    }
    let _ = Reflect::set(&values, &JsValue::from_str("place"), &value);
    // What could not be kept is not there next time, which is how a popup is without it.
    then(session_set(&values), Box::new(|_| {}));
}

/// Takes it away.
pub fn clear() {
    then(session_remove("place"), Box::new(|_| {}));
}

/// Gives this page that address, without going anywhere.
pub fn name(address: &str) {
    // An address within the page cannot be refused.
    let _ = replace_state(&JsValue::NULL, "", address);
}
