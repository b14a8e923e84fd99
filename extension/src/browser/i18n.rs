//! `chrome.i18n` and `Intl`: words, times, countries in the browser's language, or in the one that was chosen in Settings.
//! No sentence stands here.
//!
//! `chrome.i18n` speaks the browser's language only, so that the words of a chosen one are fetched from the same files and
//! looked up here. The build writes `words_language` and `words_direction` into each of them.

use super::deadline::within;
use js_sys::{Array, Object, Reflect};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// A file of the package that is not there by then is not waited for.
const LIMIT: u32 = 2_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "i18n"], js_name = getMessage)]
    fn get_message(name: &str, arguments: &Array) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "i18n"], js_name = getUILanguage)]
    fn ui_language() -> Result<String, JsValue>;
    #[wasm_bindgen(catch, js_name = longkeyWords)]
    async fn chosen_words() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn format(this: &DateTimeFormat, moment: f64) -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(catch, constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<NumberFormat, JsValue>;
    #[wasm_bindgen(catch, method)]
    fn format(this: &NumberFormat, count: f64) -> Result<String, JsValue>;

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

thread_local! {
    static CHOSEN: RefCell<JsValue> = const { RefCell::new(JsValue::NULL) };
}

/// From now on in these words (a language's `messages.json`); in the browser's language if there are none.
pub fn speak(words: JsValue) {
    CHOSEN.with(|it| *it.borrow_mut() = words);
}

/// The background's: speaks as the pages do.
pub async fn speak_as_chosen() {
    speak(within(LIMIT, chosen_words()).await.and_then(Result::ok).unwrap_or(JsValue::NULL));
}

/// The sentence of that name with its placeholders filled; empty if there is none.
#[must_use]
pub fn message(name: &str, arguments: &[&str]) -> String {
    CHOSEN.with(|chosen| {
        let chosen = chosen.borrow();
        if chosen.is_object() {
            let sentence = Reflect::get(&chosen, &name.into()).and_then(|it| Reflect::get(&it, &"message".into()));
            return filled(&sentence.ok().and_then(|it| it.as_string()).unwrap_or_default(), arguments);
        }
        let list: Array = arguments.iter().map(|it| JsValue::from_str(it)).collect();
        get_message(name, &list).ok().flatten().unwrap_or_default()
    })
}

/// `$1` to `$9` are places; the build has left no other dollar.
fn filled(sentence: &str, arguments: &[&str]) -> String {
    let mut parts = sentence.split('$');
    let mut whole = String::from(parts.next().unwrap_or_default());
    for part in parts {
        let mut letters = part.chars();
        let place = letters.next().and_then(|it| it.to_digit(10)).unwrap_or_default() as usize;
        whole.push_str(arguments.get(place.wrapping_sub(1)).copied().unwrap_or_default());
        whole.push_str(letters.as_str());
    }
    whole
}

/// The language of times and numbers: that of the words, in the browser's own variety of it.
fn language() -> String {
    let words = message("words_language", &[]);
    let browsers = ui_language().unwrap_or_default();
    let primary = |it: &str| it.split('-').next().map(str::to_owned);
    if primary(&words) == primary(&browsers) { browsers } else { words }
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

/// "3 min": a count of a unit of ECMA-402's list ("second", "minute", "hour", "day").
#[must_use]
pub fn lasting(count: u64, unit: &str) -> String {
    let with = [("style", "unit"), ("unit", unit), ("unitDisplay", "short")];
    #[allow(clippy::cast_precision_loss)] // a span of time is far below 2^53 of its unit
    let count = count as f64;
    NumberFormat::new(&language(), &options(&with)).and_then(|it| it.format(count)).unwrap_or_default()
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
