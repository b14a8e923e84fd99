//! `storage.local` and `storage.session`. Never everything at once: Chromium's `get(null)` deletes what it cannot parse.

use super::deadline::within;
use super::turns::{Turns, in_turn, over};
use js_sys::{Array, JSON, Object, Promise, Reflect};
use std::cell::RefCell;
use std::pin::Pin;
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

async fn settled(call: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>> + '_>>) -> Result<JsValue, Silent> {
    within(LIMIT, call).await.and_then(Result::ok).ok_or(Silent)
}

/// Whether no change is on its way, also none that has outlived its limit.
#[must_use]
pub fn is_quiet() -> bool {
    super::turns::is_quiet(TURNS)
}

fn names(keys: &[&str]) -> JsValue {
    keys.iter().map(|key| JsValue::from_str(key)).collect::<Array>().into()
}

fn one(store: &JsValue, key: &str) -> Option<JsValue> {
    Reflect::get(store, &key.into()).ok().filter(|value| !value.is_undefined())
}

thread_local! {
    static LAST: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// Changes of `storage.local`.
const TURNS: &Turns = &LAST;

/// What a store holds, as text. What is not text is damaged, not missing, and shows as its JSON, or as empty text where
/// it has none.
pub(super) fn text(value: JsValue) -> Option<String> {
    let json = |value: &JsValue| JSON::stringify(value).ok().and_then(|it| it.as_string()).unwrap_or_default();
    (!value.is_undefined()).then(|| value.as_string().unwrap_or_else(|| json(&value)))
}

/// Reads these keys of `storage.local`, when no change is on its way. A value that is not text comes as its JSON text.
///
/// # Errors
/// [`Silent`].
pub async fn read_local(keys: &[&str]) -> Result<Vec<Option<String>>, Silent> {
    let found = settled(Box::pin(async {
        over(TURNS).await;
        local_get(&names(keys)).await
    }));
    let found = found.await?;
    // An answer without an object says nothing of what is there, also not that it is missing.
    if !found.is_object() {
        return Err(Silent);
    }
    Ok(keys.iter().map(|key| one(&found, key).and_then(text)).collect())
}

/// Sets these keys of `storage.local` in one call, which is atomic.
///
/// # Errors
/// [`Silent`]. If it was the time limit they may still be set, until the next call is answered.
pub async fn write_local(values: &[(&str, &str)]) -> Result<(), Silent> {
    let object = Object::new();
    for (key, value) in values {
        Reflect::set(&object, &(*key).into(), &(*value).into()).map_err(|_| Silent)?;
    }
    in_turn(TURNS, LIMIT, Box::pin(async move { local_set(&object).await })).await.map(drop)
}

/// Removes these keys of `storage.local`.
///
/// # Errors
/// [`Silent`].
pub async fn remove_local(keys: &[&str]) -> Result<(), Silent> {
    let keys = names(keys);
    in_turn(TURNS, LIMIT, Box::pin(async move { local_remove(&keys).await })).await.map(drop)
}

/// Reads one key of `storage.session`.
///
/// # Errors
/// [`Silent`].
pub async fn read_session(key: &str) -> Result<Option<JsValue>, Silent> {
    Ok(one(&settled(Box::pin(session_get(&names(&[key])))).await?, key))
}

/// Sets one key of `storage.session`.
///
/// # Errors
/// [`Silent`].
pub async fn write_session(key: &str, value: &JsValue) -> Result<(), Silent> {
    let object = Object::new();
    Reflect::set(&object, &key.into(), value).map_err(|_| Silent)?;
    settled(Box::pin(session_set(&object))).await.map(drop)
}

/// Removes one key of `storage.session`.
///
/// # Errors
/// [`Silent`].
pub async fn remove_session(key: &str) -> Result<(), Silent> {
    settled(Box::pin(session_remove(&names(&[key])))).await.map(drop)
}
