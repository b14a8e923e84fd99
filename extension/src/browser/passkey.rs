//! Passkeys as a key of the vault: WebAuthn with its PRF extension (Web Authentication Level 3, section 10.1.4), in one
//! of our tabs. Not in the popup, which closes as soon as the browser's dialog has the focus.
//!
//! Nobody is signed in with it, so no signature is checked and no public key is kept: what counts is that the same
//! passkey makes the same 32 bytes of the same salt. It does so only for our own origin. The id of the relying party is
//! left out: Chromium 156 then takes `chrome-extension://<id>` (the SHA-256 in its answer is that text's; 21 November 2026),
//! which no site and no other extension can claim, and Firefox ESR 153 refuses with "SecurityError: The operation is
//! insecure." (create, with the id left out and with the extension's host; the same day). Firefox would take the domain
//! of a site that we have a permission for: not ours to use, since pages of that site could ask for the same bytes.

use super::promise::{Then, then};
use super::runtime::address;
use super::timer::passed;
use js_sys::{Array, JSON, Promise, Reflect, Uint8Array};
use longkey_core::secret::Key32;
use wasm_bindgen::prelude::*;

/// The browser ends its dialog after two minutes, as `timeout` below says; this is for a browser that does not.
const PATIENCE_MS: u32 = 130_000;

/// ES256, and RS256 for Windows Hello. Who cannot verify the person gives other bytes than who can: always required.
const CREATE: &str = r#"{"publicKey":{
    "rp":{"name":"Longkey"},"user":{},"timeout":120000,
    "pubKeyCredParams":[{"type":"public-key","alg":-7},{"type":"public-key","alg":-257}],
    "authenticatorSelection":{"residentKey":"preferred","userVerification":"required"},
    "extensions":{"prf":{"eval":{}}}}}"#;
const GET: &str = r#"{"publicKey":{
    "allowCredentials":[{"type":"public-key"}],"timeout":120000,"userVerification":"required",
    "extensions":{"prf":{"eval":{}}}}}"#;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = PublicKeyCredential, js_name = getClientCapabilities)]
    fn capabilities() -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "credentials"], js_name = create)]
    fn create_credential(options: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "credentials"], js_name = get)]
    fn get_credential(options: &JsValue) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill(bytes: &Uint8Array) -> Result<JsValue, JsValue>;

    type Credential;
    #[wasm_bindgen(method, catch, js_name = getClientExtensionResults)]
    fn results(this: &Credential) -> Result<JsValue, JsValue>;
}

/// A passkey's id and what it makes of the salt.
pub type Made = Option<(Vec<u8>, Key32)>;

/// Calls with whether a passkey can be asked for at all. Whether somebody has one shows only in the browser's own
/// dialog: no capability tells of a security key.
pub fn offered(call: impl FnOnce(bool) + 'static) {
    if !address("").starts_with("chrome-extension:") {
        return call(false);
    }
    // Chromium has it since 133; without it nothing tells whether the browser knows PRF.
    then(capabilities(), Box::new(|found| call(found.is_some_and(|it| at(&it, &["extension:prf"]) == JsValue::TRUE))));
}

/// Makes a passkey, named for the user, and calls with its id and what it makes of the salt, once two answers agreed:
/// a passkey that gives something else tomorrow opens no vault. One is always an answer to [`ask`]. The browser asks the
/// user two times, or three times where a passkey can be asked only after it was made.
pub fn create(user: &str, salt: [u8; 32], call: impl FnOnce(Made) + 'static) {
    let options = options(CREATE, &salt).and_then(|(options, public)| {
        put(&public, "challenge", &random(32)?)?;
        let of = at(&public, &["user"]);
        // A new one each time: an authenticator keeps one passkey for each of them, and another profile may have its own.
        put(&of, "id", &random(16)?)?;
        put(&of, "name", &user.into())?;
        put(&of, "displayName", &user.into())?;
        Ok(options)
    });
    let made = move |credential: Option<JsValue>| {
        let Some(credential) = credential else { return call(None) };
        let Ok(id) =
            at(&credential, &["rawId"]).dyn_into().map(|it: js_sys::ArrayBuffer| Uint8Array::new(&it).to_vec())
        else {
            return call(None);
        };
        let result = prf(&credential);
        if at(&result, &["enabled"]) != JsValue::TRUE {
            return call(None);
        }
        match key(&result) {
            Some(first) => confirm(id, salt, first, call),
            None => ask(&id.clone(), salt, move |first| match first {
                Some(first) => confirm(id, salt, first, call),
                None => call(None),
            }),
        }
    };
    in_time(options.and_then(|it| create_credential(&it)), Box::new(made));
}

/// Asks the passkey with this id what it makes of the salt.
pub fn ask(credential: &[u8], salt: [u8; 32], call: impl FnOnce(Option<Key32>) + 'static) {
    let options = options(GET, &salt).and_then(|(options, public)| {
        put(&public, "challenge", &random(32)?)?;
        put(&at(&public, &["allowCredentials", "0"]), "id", &Uint8Array::from(credential))?;
        Ok(options)
    });
    let answered = |credential: Option<JsValue>| call(credential.and_then(|it| key(&prf(&it))));
    in_time(options.and_then(|it| get_credential(&it)), Box::new(answered));
}

fn confirm(id: Vec<u8>, salt: [u8; 32], first: Key32, call: impl FnOnce(Made) + 'static) {
    ask(&id.clone(), salt, move |again| {
        call(again.filter(|again| again.expose() == first.expose()).map(|key| (id, key)));
    });
}

fn in_time(promise: Result<Promise, JsValue>, call: Then) {
    then(promise.map(|it| Promise::race(&Array::of2(&it, &passed(PATIENCE_MS)))), call);
}

/// The options, and their part that matters, with the salt in it.
fn options(text: &str, salt: &[u8]) -> Result<(JsValue, JsValue), JsValue> {
    let options = JSON::parse(text)?;
    let public = at(&options, &["publicKey"]);
    put(&at(&public, &["extensions", "prf", "eval"]), "first", &Uint8Array::from(salt))?;
    Ok((options, public))
}

fn random(length: u32) -> Result<JsValue, JsValue> {
    fill(&Uint8Array::new_with_length(length))
}

fn put(of: &JsValue, name: &str, value: &JsValue) -> Result<bool, JsValue> {
    Reflect::set(of, &name.into(), value)
}

/// What lies there; undefined where nothing does.
fn at(of: &JsValue, path: &[&str]) -> JsValue {
    path.iter().fold(of.clone(), |of, name| Reflect::get(&of, &(*name).into()).unwrap_or(JsValue::UNDEFINED))
}

fn prf(credential: &JsValue) -> JsValue {
    let credential: &Credential = credential.unchecked_ref();
    credential.results().map_or(JsValue::UNDEFINED, |it| at(&it, &["prf"]))
}

/// The 32 bytes; none are left in the browser's own buffer.
fn key(prf: &JsValue) -> Option<Key32> {
    let buffer: js_sys::ArrayBuffer = at(prf, &["results", "first"]).dyn_into().ok()?;
    let bytes = Uint8Array::new(&buffer);
    let mut key = [0; 32];
    if bytes.length() != 32 {
        return None;
    }
    bytes.copy_to(&mut key);
    bytes.fill(0, 0, 32);
    Some(Key32::new(key))
}
