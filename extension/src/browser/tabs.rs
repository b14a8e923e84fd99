//! Tabs, the side panel and the sidebar: where else a page of ours or of X can be opened.

use super::promise::{kept, then};
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"])]
    fn create(what: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "sidePanel"], js_name = open)]
    fn side_panel_open(what: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "sidebarAction"], js_name = open)]
    fn sidebar_open() -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "windows"], js_name = getCurrent)]
    fn current_window() -> Result<Promise, JsValue>;
}

/// Opens an address in a new tab and calls with whether that worked.
pub fn open(address: &str, call: impl FnOnce(bool) + 'static) {
    kept(create(&with("url", &JsValue::from_str(address))), call);
}

/// Calls with the window that this page is in: the side panel wants its id, and a click leaves no time to ask for it.
pub fn window(call: impl FnOnce(Option<f64>) + 'static) {
    then(current_window(), Box::new(|found| {
        call(found.and_then(|it| Reflect::get(&it, &JsValue::from_str("id")).ok()).and_then(|it| it.as_f64()));
    }));
}

/// Opens the side panel (Chrome, Edge) or the sidebar (Firefox), inside a click; calls with whether there is one.
pub fn open_beside(window: Option<f64>, call: impl FnOnce(bool) + 'static) {
    let id = window.map_or(JsValue::UNDEFINED, JsValue::from_f64);
    kept(side_panel_open(&with("windowId", &id)).or_else(|_| sidebar_open()), call);
}

fn with(name: &str, value: &JsValue) -> Object {
    let what = Object::new();
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&what, &JsValue::from_str(name), value);
    what
}
