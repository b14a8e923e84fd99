//! `chrome.permissions`: what the user has granted. Asking happens inside a click, before anything is awaited.

use super::deadline::within;
pub use super::promise::Answered;
use super::promise::{answered, said};
use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

const LIMIT: u32 = 5_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["chrome", "permissions"])]
    fn contains(what: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "permissions"])]
    fn request(what: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "permissions"])]
    fn remove(what: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["chrome", "extension"], js_name = isAllowedIncognitoAccess)]
    fn in_private() -> Result<Promise, JsValue>;
}

/// X's hosts, as the manifests name them.
pub const X: &[&str] =
    &["https://x.com/*", "https://twitter.com/*", "https://mobile.x.com/*", "https://mobile.twitter.com/*"];
/// Xquik's host.
pub const XQUIK: &[&str] = &["https://xquik.com/*"];
/// Fans API's host.
pub const FANS: &[&str] = &["https://api.fansapi.com/*"];
/// The one that it had before.
pub const FANS_OLD: &[&str] = &["https://app.onlyfansapi.com/*"];

/// Showing notifications.
pub const NOTIFICATIONS: &[&str] = &["notifications"];
/// Firefox's list of consents to hand data over.
pub const CONSENTS: &str = "data_collection";
/// The one for keys, passwords and codes.
pub const SIGN_IN: &str = "authenticationInfo";
/// The one for e-mail addresses.
pub const PERSON: &str = "personallyIdentifyingInfo";

fn set(what: &Object, name: &str, words: &[&str]) {
    let list = Array::new();
    for word in words {
        list.push(&JsValue::from_str(word));
    }
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(what, &JsValue::from_str(name), &list);
}

/// Whether the background may talk to this origin: without the host's permission a request would fail like one that was
/// sent and lost. A browser that does not say counts as yes; the request then shows it.
pub async fn allows(origin: &str) -> bool {
    let Ok(asked) = contains(&Right::of("origins", &[&[origin, "/*"].concat()]).what()) else { return true };
    let said = within(LIMIT, JsFuture::from(asked)).await;
    said.and_then(Result::ok).and_then(|it| it.as_bool()).unwrap_or(true)
}

/// Whether Longkey runs in private windows: a choice of the user's in Chromium, never in Firefox. A browser that does not
/// say counts as yes.
pub fn private(then: impl FnOnce(bool) + 'static) {
    answered(in_private(), Answered::Yes, then);
}

/// Asks for the hosts, together with Firefox's consent to hand sign-in data to a service.
pub fn ask_to_send(hosts: &[&str], then: impl FnOnce(bool) + 'static) {
    ask_with(hosts, &[SIGN_IN], Box::new(then));
}

/// As [`ask_to_send`], where an e-mail address goes along.
pub fn ask_to_send_person(hosts: &[&str], then: impl FnOnce(bool) + 'static) {
    ask_with(hosts, &[SIGN_IN, PERSON], Box::new(then));
}

fn ask_with(hosts: &[&str], consents: &[&str], then: Box<dyn FnOnce(bool)>) {
    let what = Right::of("origins", hosts).what();
    if super::runtime::is_firefox() {
        set(&what, CONSENTS, consents);
    }
    said(request(&what), Answered::No, then);
}

/// Gives back these of Firefox's consents to hand data over; the others have none. The hosts stay: with them Longkey still
/// asks how accounts are.
pub fn withdraw(consents: &[&str]) {
    if super::runtime::is_firefox() && !consents.is_empty() {
        give_up(CONSENTS, consents);
    }
}

/// Gives back these of the list of that kind, whether the browser takes them or not.
pub fn give_up(kind: &str, names: &[&str]) {
    give_back(&Right::of(kind, names), |_| {});
}

/// A permission as the settings list it: the kind of the list that it stands in, and its names in it.
#[derive(Clone, Debug)]
pub struct Right {
    /// `permissions`, `origins`, or Firefox's `data_collection`.
    pub kind: String,
    /// One or more, with spaces between them.
    pub names: String,
}

impl Right {
    /// These names in the list of that kind.
    #[must_use]
    pub fn of(kind: &str, names: &[&str]) -> Self {
        Self { kind: kind.into(), names: names.join(" ") }
    }

    fn what(&self) -> Object {
        let what = Object::new();
        set(&what, &self.kind, &self.names.split(' ').collect::<Vec<_>>());
        what
    }
}

/// Whether it is granted now; a browser that does not say counts as `unsaid`.
pub fn has(right: &Right, unsaid: Answered, then: impl FnOnce(bool) + 'static) {
    answered(contains(&right.what()), unsaid, then);
}

/// Asks for it; calls with the browser's answer.
pub fn grant(right: &Right, then: impl FnOnce(bool) + 'static) {
    answered(request(&right.what()), Answered::No, then);
}

/// Gives it back; calls with whether the browser took it.
pub fn give_back(right: &Right, then: impl FnOnce(bool) + 'static) {
    answered(remove(&right.what()), Answered::No, then);
}
