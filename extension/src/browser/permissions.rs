//! `chrome.permissions`: what the user has granted. Asking happens inside a click, before anything is awaited.

use super::promise::{Answered, answered};
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "permissions"])]
    fn contains(what: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "permissions"])]
    fn request(what: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "extension"], js_name = isAllowedIncognitoAccess)]
    fn in_private() -> Result<Promise, JsValue>;
}

/// X's hosts, as the manifests name them.
pub const X: &[&str] =
    &["https://x.com/*", "https://twitter.com/*", "https://mobile.x.com/*", "https://mobile.twitter.com/*"];
/// Xquik's host.
pub const XQUIK: &[&str] = &["https://xquik.com/*"];

fn origins(hosts: &[&str]) -> Object {
    let what = Object::new();
    set(&what, "origins", hosts);
    what
}

fn set(what: &Object, name: &str, words: &[&str]) {
    let list = Array::new();
    for word in words {
        list.push(&JsValue::from_str(word));
    }
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(what, &JsValue::from_str(name), &list);
}

/// Whether all these hosts may be seen. A browser that does not say counts as yes: the banner must not cry wolf.
pub fn granted(hosts: &[&str], then: impl FnOnce(bool) + 'static) {
    answered(contains(&origins(hosts)), Answered::Yes, then);
}

/// Whether Longkey runs in private windows: a choice of the user's in Chromium, never in Firefox. A browser that does not
/// say counts as yes.
pub fn private(then: impl FnOnce(bool) + 'static) {
    answered(in_private(), Answered::Yes, then);
}

/// Asks for the hosts.
pub fn ask(hosts: &[&str], then: impl FnOnce(bool) + 'static) {
    answered(request(&origins(hosts)), Answered::No, then);
}

/// As [`ask`], together with Firefox's consent to hand sign-in data to a service.
pub fn ask_to_send(hosts: &[&str], then: impl FnOnce(bool) + 'static) {
    let what = origins(hosts);
    if super::runtime::is_firefox() {
        set(&what, "data_collection", &["authenticationInfo"]);
    }
    answered(request(&what), Answered::No, then);
}
