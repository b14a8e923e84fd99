//! `chrome.notifications`, an optional permission: the words of an alert in the user's language. What is told, and whether
//! a name stands in it, was decided before.

use super::deadline::within;
use super::i18n::{message, plural};
use js_sys::{Object, Reflect};
use longkey_core::effect::Alert;
use wasm_bindgen::prelude::*;

const LIMIT: u32 = 5_000;

/// The id of the notification that names no account.
const MANY: &str = "*";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "notifications"], js_name = create)]
    async fn create(id: &str, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = getURL)]
    fn own_url(path: &str) -> Result<String, JsValue>;
}

/// Shows it. Without the permission nothing happens: the badge says the same.
pub async fn show(alert: &Alert) {
    let (id, title, text) = match alert {
        Alert::One { account, handle, health } => {
            let title = match handle {
                Some(handle) => message("alert_one", &[&["@", handle].concat()]),
                None => message("alert_someone", &[]),
            };
            (account.as_str(), title, message(&["health_", health.code()].concat(), &[]))
        }
        Alert::Many(count) => {
            let number = count.to_string();
            let exact = message(&["alert_many_", &plural(*count)].concat(), &[&number]);
            let title = if exact.is_empty() { message("alert_many_other", &[&number]) } else { exact };
            (MANY, title, message("alert_many_text", &[]))
        }
    };
    let options = Object::new();
    let icon = own_url("icons/icon-128.png").unwrap_or_default();
    for (name, value) in [("type", "basic"), ("iconUrl", icon.as_str()), ("title", &title), ("message", &text)] {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    let _ = within(LIMIT, create(id, &options)).await;
}
