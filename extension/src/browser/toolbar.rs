//! `chrome.action.getUserSettings`: whether Longkey's button stands in the toolbar. Chromium 91 and later; Firefox where it has it.
//! And whether the browser is Edge, whose menu has an eye where Chrome's has a pin.

use super::promise::then;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = getUserSettings)]
    fn user_settings() -> Result<Promise, JsValue>;
}

/// Calls with whether the button is in the toolbar; a browser that does not say has it there.
pub fn is_pinned(call: impl FnOnce(bool) + 'static) {
    then(
        user_settings(),
        Box::new(|found| {
            let pinned = found.and_then(|it| Reflect::get(&it, &JsValue::from_str("isOnToolbar")).ok());
            call(pinned.and_then(|it| it.as_bool()).unwrap_or(true));
        }),
    );
}

/// Whether it is Edge, by its own list of its brands (User-Agent Client Hints); Firefox has none.
#[must_use]
pub fn is_edge() -> bool {
    let of = |it: &JsValue, name: &str| Reflect::get(it, &JsValue::from_str(name)).ok();
    let names = of(&js_sys::global(), "navigator").and_then(|it| of(&it, "userAgentData"));
    let brands = names.and_then(|it| of(&it, "brands")).and_then(|it| it.dyn_into::<Array>().ok());
    brands.is_some_and(|all| all.iter().any(|it| of(&it, "brand").is_some_and(|it| it == "Microsoft Edge")))
}
