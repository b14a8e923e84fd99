//! `chrome.commands`: the shortcuts as the user has set them.

use super::promise::then;
use super::seen::Seen;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "commands"], js_name = getAll)]
    fn get_all() -> Result<Promise, JsValue>;
}

/// Calls with the keys of that command as the browser writes them; with nothing said if it has none.
pub fn shortcut(name: &'static str, call: impl FnOnce(String) + 'static) {
    then(
        get_all(),
        Box::new(move |all| {
            let text = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).map(String::seen).unwrap_or_default();
            let all = all.and_then(|it| it.dyn_into::<Array>().ok()).unwrap_or_default();
            let one = all.iter().find(|it| text(it, "name") == name);
            call(one.map(|it| text(&it, "shortcut")).unwrap_or_default());
        }),
    );
}
