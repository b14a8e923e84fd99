//! `storage.local` and `storage.session`. Never everything at once: Chromium's `get(null)` deletes what it cannot parse.

use super::deadline::within;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

/// A store that has not answered by then is treated as silent.
const LIMIT: u32 = 10_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = get)]
    async fn local_get(keys: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = set)]
    async fn local_set(values: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "local"], js_name = remove)]
    async fn local_remove(keys: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = get)]
    async fn session_get(keys: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = set)]
    async fn session_set(values: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "storage", "session"], js_name = remove)]
    async fn session_remove(keys: &JsValue) -> Result<JsValue, JsValue>;
}

/// The store did not answer, or answered with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silent;

async fn settled(call: impl Future<Output = Result<JsValue, JsValue>>) -> Result<JsValue, Silent> {
    within(LIMIT, call).await.and_then(Result::ok).ok_or(Silent)
}

fn names(keys: &[&str]) -> JsValue {
    keys.iter().map(|key| JsValue::from_str(key)).collect::<Array>().into()
}

fn one(store: &JsValue, key: &str) -> Option<JsValue> {
    Reflect::get(store, &key.into()).ok().filter(|value| !value.is_undefined())
}

/// Reads these keys of `storage.local`; each as text, where it is there and is text.
///
/// # Errors
/// [`Silent`].
pub async fn read_local(keys: &[&str]) -> Result<Vec<Option<String>>, Silent> {
    let found = settled(local_get(&names(keys))).await?;
    Ok(keys.iter().map(|key| one(&found, key).and_then(|value| value.as_string())).collect())
}

/// Sets these keys of `storage.local` in one call, which is atomic.
///
/// # Errors
/// [`Silent`].
pub async fn write_local(values: &[(&str, &str)]) -> Result<(), Silent> {
    let object = Object::new();
    for (key, value) in values {
        Reflect::set(&object, &(*key).into(), &(*value).into()).map_err(|_| Silent)?;
    }
    settled(local_set(&object)).await.map(drop)
}

/// Removes these keys of `storage.local`.
///
/// # Errors
/// [`Silent`].
pub async fn remove_local(keys: &[&str]) -> Result<(), Silent> {
    settled(local_remove(&names(keys))).await.map(drop)
}

/// Reads one key of `storage.session`.
///
/// # Errors
/// [`Silent`].
pub async fn read_session(key: &str) -> Result<Option<JsValue>, Silent> {
    Ok(one(&settled(session_get(&names(&[key]))).await?, key))
}

/// Sets one key of `storage.session`.
///
/// # Errors
/// [`Silent`].
pub async fn write_session(key: &str, value: &JsValue) -> Result<(), Silent> {
    let object = Object::new();
    Reflect::set(&object, &key.into(), value).map_err(|_| Silent)?;
    settled(session_set(&object)).await.map(drop)
}

/// Removes one key of `storage.session`.
///
/// # Errors
/// [`Silent`].
pub async fn remove_session(key: &str) -> Result<(), Silent> {
    settled(session_remove(&names(&[key]))).await.map(drop)
}
