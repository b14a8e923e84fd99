//! Passkeys, with the authenticator played by the page: what is asked of the browser, and what is made of its answers.

use js_sys::Promise;
use longkey_extension::browser::passkey::{ask, create, offered};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(inline_js = r#"
const hex = (bytes) => Array.from(new Uint8Array(bytes.buffer ?? bytes), (it) => it.toString(16).padStart(2, "0")).join("");
const buffer = (length, filled) => filled === undefined ? undefined : new Uint8Array(length).fill(filled).buffer;
// Answers in turn: { first: what every byte is, length, enabled }, or a string, which is an exception's name.
export const play = (script) => {
  const answers = JSON.parse(script), asked = [], kept = [];
  const answer = (kind) => async ({ publicKey }) => {
    const plain = structuredClone(publicKey);
    plain.challenge = plain.challenge.byteLength;
    plain.extensions.prf.eval.first = hex(plain.extensions.prf.eval.first);
    for (const one of plain.allowCredentials ?? []) one.id = hex(one.id);
    if (plain.user) plain.user.id = plain.user.id.byteLength;
    asked.push({ [kind]: plain });
    const next = answers.shift();
    if (typeof next !== "object") throw new DOMException("no", next);
    const first = buffer(next.length ?? 32, next.first);
    if (first) kept.push(first);
    const prf = { enabled: next.enabled ?? (kind === "create" ? true : undefined), results: first && { first } };
    return { rawId: buffer(4, 0xc1), getClientExtensionResults: () => ({ prf }) };
  };
  Object.defineProperty(navigator, "credentials", { configurable: true, value: { create: answer("create"), get: answer("get") } });
  return { asked, kept };
};
export const asked = (play) => JSON.stringify(play.asked);
export const names = (play) => play.asked.map((one) => Object.keys(one)[0]).join();
export const kept = (play) => play.kept.map(hex).join();
// `true`, `false`, or an exception's name; nothing for a browser that does not have the call.
export const browser = (origin, knows) => {
  globalThis.chrome = { runtime: { getURL: (path) => `${origin}/${path}` } };
  PublicKeyCredential.getClientCapabilities = knows === "" ? undefined : async () => {
    if (knows === "NotAllowedError") throw new DOMException("no", knows);
    return { "extension:prf": JSON.parse(knows), conditionalGet: true };
  };
};
"#)]
extern "C" {
    fn play(script: &str) -> JsValue;
    fn asked(play: &JsValue) -> String;
    fn names(play: &JsValue) -> String;
    fn kept(play: &JsValue) -> String;
    fn browser(origin: &str, knows: &str);
}

const SALT: [u8; 32] = [7; 32];

/// What a call with a callback comes to, as text.
async fn called(begin: impl FnOnce(Box<dyn FnOnce(String)>)) -> String {
    let mut begin = Some(begin);
    let promise = Promise::new(&mut |resolve, _| {
        let begin = begin.take().expect("once");
        begin(Box::new(move |text| drop(resolve.call1(&JsValue::NULL, &text.into()))));
    });
    JsFuture::from(promise).await.expect("called").as_string().expect("text")
}

async fn made() -> String {
    let shown = |made: Option<(Vec<u8>, longkey_core::secret::Key32)>| {
        made.map_or("none".to_owned(), |(id, key)| format!("{id:x?} {:?}", key.expose()))
    };
    called(|call| create("Longkey", SALT, move |made| call(shown(made)))).await
}

async fn given() -> String {
    let shown =
        |key: Option<longkey_core::secret::Key32>| key.map_or("none".to_owned(), |it| format!("{:?}", it.expose()));
    called(|call| ask(&[1, 2, 255], SALT, move |key| call(shown(key)))).await
}

#[wasm_bindgen_test]
async fn it_is_offered_where_it_can_work() {
    for (origin, knows, wanted) in [
        ("chrome-extension://a", "true", "true"),
        ("chrome-extension://a", "false", "false"),
        ("chrome-extension://a", "null", "false"),
        ("chrome-extension://a", "", "false"),
        ("chrome-extension://a", "NotAllowedError", "false"),
        ("moz-extension://a", "true", "false"),
        ("https://a", "true", "false"),
    ] {
        browser(origin, knows);
        let said = called(|call| offered(move |yes| call(yes.to_string()))).await;
        assert_eq!(said, wanted, "{origin} {knows}");
    }
}

#[wasm_bindgen_test]
async fn what_is_asked_of_the_browser() {
    let play = play(r#"[{"first":5},{"first":5}]"#);
    assert_eq!(made().await, format!("[c1, c1, c1, c1] {:?}", [5; 32]));
    let asked: serde_json::Value = serde_json::from_str(&asked(&play)).expect("json");
    let salt = "07".repeat(32);
    let create = serde_json::json!({
        "rp": { "name": "Longkey" }, "challenge": 32, "timeout": 120_000,
        "user": { "id": 16, "name": "Longkey", "displayName": "Longkey" },
        "pubKeyCredParams": [{ "type": "public-key", "alg": -7 }, { "type": "public-key", "alg": -257 }],
        "authenticatorSelection": { "residentKey": "preferred", "userVerification": "required" },
        "extensions": { "prf": { "eval": { "first": salt } } },
    });
    let get = serde_json::json!({
        "challenge": 32, "timeout": 120_000, "userVerification": "required",
        "allowCredentials": [{ "type": "public-key", "id": "c1c1c1c1" }],
        "extensions": { "prf": { "eval": { "first": salt } } },
    });
    assert_eq!(asked, serde_json::json!([{ "create": create }, { "get": get }]));
    assert_eq!(kept(&play), ["00".repeat(32), "00".repeat(32)].join(","), "the browser's buffers are wiped");
}

#[wasm_bindgen_test]
async fn a_new_passkey_counts_after_two_answers_that_agree() {
    let good = format!("[c1, c1, c1, c1] {:?}", [5; 32]);
    for (script, order, wanted) in [
        // A security key that answers only when it is asked.
        (r#"[{},{"first":5},{"first":5}]"#, "create,get,get", good.as_str()),
        (r#"[{},{"first":5},{"first":6}]"#, "create,get,get", "none"),
        (r#"[{},{}]"#, "create,get", "none"),
        (r#"[{"first":5},{"first":6}]"#, "create,get", "none"),
        (r#"[{"first":5},{}]"#, "create,get", "none"),
        (r#"[{"first":5},"NotAllowedError"]"#, "create,get", "none"),
        // It has no PRF: nothing more is asked.
        (r#"[{"enabled":false}]"#, "create", "none"),
        (r#"["NotAllowedError"]"#, "create", "none"),
        (r#"["SecurityError"]"#, "create", "none"),
    ] {
        let play = play(script);
        assert_eq!(made().await, wanted, "{script}");
        assert_eq!(names(&play), order, "{script}");
    }
}

#[wasm_bindgen_test]
async fn a_passkey_is_asked_by_its_id() {
    let played = play(r#"[{"first":9}]"#);
    assert_eq!(given().await, format!("{:?}", [9; 32]));
    assert!(asked(&played).contains(r#""id":"0102ff""#), "{}", asked(&played));
    for script in [r#"[{}]"#, r#"[{"first":9,"length":31}]"#, r#"[{"first":9,"length":64}]"#, r#"["NotAllowedError"]"#]
    {
        play(script);
        assert_eq!(given().await, "none", "{script}");
    }
}
