//! What the background asks of `chrome.*` besides storage: messages, tabs, popup, badge, alarms, presence.

use super::deadline::within;
use js_sys::{Array, JSON, Object, Reflect};
use longkey_core::clock::UnixTime;
use longkey_core::effect::Presence;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

const LIMIT: u32 = 5_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = sendMessage)]
    async fn send_message(message: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = getURL)]
    fn own_url(path: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "runtime"], js_name = id)]
    static OWN_ID: String;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = getContexts)]
    async fn contexts(filter: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = sendMessage)]
    async fn send_to_tab(tab: i32, message: &JsValue, options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = get)]
    async fn tab_of(tab: i32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = query)]
    async fn query_tabs(filter: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = create)]
    async fn create_tab(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "scripting"], js_name = executeScript)]
    async fn execute_script(injection: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = openPopup)]
    async fn action_open_popup() -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeText)]
    async fn set_badge_text(details: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "action"], js_name = setBadgeBackgroundColor)]
    async fn set_badge_color(details: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "alarms"], js_name = create)]
    async fn create_alarm(name: &str, info: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "alarms"], js_name = clear)]
    async fn clear_alarm(name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "idle"], js_name = queryState)]
    async fn query_idle(seconds: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_name = longkeyRetire)]
    fn longkey_retire() -> Result<(), JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "idle"], js_name = setDetectionInterval)]
    fn set_idle(seconds: u32) -> Result<(), JsValue>;
}

/// Rust's value as JavaScript's, by way of JSON: the background reads and writes JSON anyway, and a second way
/// (serde-wasm-bindgen) would be code twice.
///
/// # Errors
/// A value that JSON cannot hold.
pub fn to_js<T: Serialize>(value: &T) -> Result<JsValue, JsValue> {
    let text = Zeroizing::new(serde_json::to_string(value).map_err(|_| JsValue::NULL)?);
    JSON::parse(&text)
}

/// JavaScript's value as Rust's, if it is one.
#[must_use]
pub fn from_js<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    // `stringify` gives no text at all for `undefined`.
    let text = Zeroizing::new(JsValue::from(JSON::stringify(value).ok()?).as_string()?);
    serde_json::from_slice(text.as_bytes()).ok()
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// Our own origin with its slash.
#[must_use]
pub fn root() -> String {
    own_url("").unwrap_or_default()
}

/// Our own id.
#[must_use]
pub fn own_id() -> String {
    OWN_ID.with(String::clone)
}

/// To all open pages; with none open the browser complains, which is no matter.
pub async fn broadcast(message: &JsValue) {
    let _ = within(LIMIT, send_message(message)).await;
}

/// To the top frame of a tab; its answer, if it gave one.
pub async fn tell(tab: i32, message: &JsValue) -> Option<JsValue> {
    let top = object(&[("frameId", 0.into())]);
    within(LIMIT, send_to_tab(tab, message, &top)).await?.ok()
}

/// What a tab shows, if that is a page that Longkey may see.
pub async fn address(tab: i32) -> Option<String> {
    let found = within(LIMIT, tab_of(tab)).await?.ok()?;
    Reflect::get(&found, &"url".into()).ok()?.as_string()
}

/// Opens the popup. False if the browser refuses (no focused window).
pub async fn open_popup() -> bool {
    // An open popup hears the news by itself.
    let popups = object(&[("contextTypes", Array::of1(&"POPUP".into()).into())]);
    if let Some(Ok(open)) = within(LIMIT, contexts(&popups)).await
        && open.dyn_ref::<Array>().is_some_and(|open| open.length() > 0)
    {
        return true;
    }
    matches!(within(LIMIT, action_open_popup()).await, Some(Ok(_)))
}

/// The badge's text and its colour.
pub async fn badge(text: &str) {
    let _ = within(LIMIT, set_badge_color(&object(&[("color", "#1D5FD1".into())]))).await;
    let _ = within(LIMIT, set_badge_text(&object(&[("text", text.into())]))).await;
}

/// Sets or clears an alarm.
pub async fn alarm(name: &str, at: Option<UnixTime>) {
    let _ = match at {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit a double until the year 287396")]
        Some(at) => within(LIMIT, create_alarm(name, &object(&[("when", (at.0 as f64).into())]))).await,
        None => within(LIMIT, clear_alarm(name)).await,
    };
}

/// Whether somebody is there.
pub async fn presence(idle_seconds: u32) -> Presence {
    match within(LIMIT, query_idle(idle_seconds)).await {
        Some(Ok(state)) => presence_named(&state.as_string().unwrap_or_default()),
        _ => Presence::Idle,
    }
}

/// The browser's word for it.
#[must_use]
pub fn presence_named(state: &str) -> Presence {
    match state {
        "active" => Presence::Active,
        "locked" => Presence::Locked,
        _ => Presence::Idle,
    }
}

/// Tells `background.js` that this instance may go.
pub fn retire() {
    let _ = longkey_retire();
}

/// After how many seconds without input the browser says "idle".
pub fn watch_idle(seconds: u32) {
    let _ = set_idle(seconds);
}

/// Opens a page of ours in a tab.
pub async fn open_page(path: &str) {
    if let Ok(url) = own_url(path) {
        let _ = within(LIMIT, create_tab(&object(&[("url", url.into())]))).await;
    }
}

/// Brings the sensor into tabs that were open before the extension was (Chromium leaves them without, or with a
/// dead one; Firefox injects by itself, and the second sensor takes the first one's place).
pub async fn wake_sensors(hosts: &[&str]) {
    let patterns: Array = hosts.iter().map(|host| JsValue::from(["https://", host, "/*"].concat())).collect();
    let Some(Ok(tabs)) =
        within(LIMIT, query_tabs(&object(&[("url", patterns.into()), ("discarded", false.into())]))).await
    else {
        return;
    };
    for tab in tabs.dyn_into::<Array>().unwrap_or_default().iter() {
        let Ok(id) = Reflect::get(&tab, &"id".into()) else { continue };
        let files = Array::of1(&"js/content.js".into());
        let injection = object(&[("target", object(&[("tabId", id)])), ("files", files.into())]);
        // Side by side: an injection into a frozen tab may never settle.
        wasm_bindgen_futures::spawn_local(async move {
            let _ = within(LIMIT, execute_script(&injection)).await;
        });
    }
}
