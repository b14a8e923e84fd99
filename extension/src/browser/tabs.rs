//! Tabs, the side panel and the sidebar: where else a page of ours or of X can be opened.

use super::promise::{kept, then};
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"])]
    fn create(what: &Object) -> Result<Promise, JsValue>;
    /// Chromium's alone: a method of an object that is looked up, so that the package for Firefox names no call that
    /// Firefox does not have (Mozilla's linter warns).
    type SidePanel;
    #[wasm_bindgen(catch, method, js_name = open)]
    fn open_panel(this: &SidePanel, what: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(thread_local_v2, js_name = chrome)]
    static CHROME: JsValue;
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
    then(
        current_window(),
        Box::new(|found| {
            call(found.and_then(|it| Reflect::get(&it, &JsValue::from_str("id")).ok()).and_then(|it| it.as_f64()));
        }),
    );
}

/// Opens the side panel (Chrome, Edge) or the sidebar (Firefox), inside a click; calls with whether there is one.
pub fn open_beside(window: Option<f64>, call: impl FnOnce(bool) + 'static) {
    let id = window.map_or(JsValue::UNDEFINED, JsValue::from_f64);
    let panel = CHROME.with(|chrome| Reflect::get(chrome, &JsValue::from_str("sidePanel")));
    let opened = match panel {
        Ok(panel) if panel.is_object() => panel.unchecked_into::<SidePanel>().open_panel(&with("windowId", &id)),
        _ => sidebar_open(),
    };
    kept(opened, call);
}

fn with(name: &str, value: &JsValue) -> Object {
    let what = Object::new();
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&what, &JsValue::from_str(name), value);
    what
}
