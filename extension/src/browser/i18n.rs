//! `chrome.i18n` and `Intl`: words, times, countries in the user's language. No sentence stands here.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "i18n"], js_name = getMessage)]
    fn get_message(name: &str, arguments: &Array) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "i18n"], js_name = getUILanguage)]
    fn ui_language() -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn format(this: &DateTimeFormat, moment: f64) -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type DisplayNames;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<DisplayNames, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn of(this: &DisplayNames, code: &str) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type PluralRules;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str) -> Result<PluralRules, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn select(this: &PluralRules, count: u32) -> Result<String, JsValue>;
}

/// The sentence of that name with its placeholders filled; empty if there is none.
#[must_use]
pub fn message(name: &str, arguments: &[&str]) -> String {
    let list: Array = arguments.iter().map(|it| JsValue::from_str(it)).collect();
    get_message(name, &list).ok().flatten().unwrap_or_default()
}

fn language() -> String {
    ui_language().unwrap_or_else(|_| "en".into())
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in pairs {
        // Setting a property of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    object
}

fn moment(millis: u64, with: &[(&str, &str)]) -> String {
    #[allow(clippy::cast_precision_loss)] // a date is far below 2^53 ms
    let at = millis as f64;
    DateTimeFormat::new(&language(), &options(with)).and_then(|it| it.format(at)).unwrap_or_default()
}

/// "14:32".
#[must_use]
pub fn time(millis: u64) -> String {
    moment(millis, &[("hour", "numeric"), ("minute", "2-digit")])
}

/// "Mon, 14:32": for a moment that is not of today.
#[must_use]
pub fn day_and_time(millis: u64) -> String {
    moment(millis, &[("weekday", "short"), ("hour", "numeric"), ("minute", "2-digit")])
}

/// "21 Nov 2026".
#[must_use]
pub fn date(millis: u64) -> String {
    moment(millis, &[("dateStyle", "medium")])
}

/// The country behind two letters, or the letters.
#[must_use]
pub fn country(code: &str) -> String {
    DisplayNames::new(&language(), &options(&[("type", "region")]))
        .and_then(|it| it.of(code))
        .ok()
        .flatten()
        .unwrap_or_else(|| code.into())
}

/// The plural class of a count: `one`, `other`, …
#[must_use]
pub fn plural(count: u32) -> String {
    PluralRules::new(&language()).and_then(|it| it.select(count)).unwrap_or_else(|_| "other".into())
}
