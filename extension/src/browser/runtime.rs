//! `chrome.runtime`: addresses inside the package, and its version.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = getURL)]
    fn url(path: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = getManifest)]
    fn manifest() -> Result<JsValue, JsValue>;
}

/// The address of a file of the package.
#[must_use]
pub fn address(path: &str) -> String {
    url(path).unwrap_or_default()
}

/// Whether this is Firefox: only it takes `data_collection` in a permission request.
#[must_use]
pub fn is_firefox() -> bool {
    address("").starts_with("moz-extension:")
}

/// The version in the manifest.
#[must_use]
pub fn version() -> String {
    manifest()
        .and_then(|it| Reflect::get(&it, &JsValue::from_str("version")))
        .ok()
        .and_then(|it| it.as_string())
        .unwrap_or_default()
}
