//! What the extension's crate does with a browser's own APIs, in headless Chromium and Firefox; and the known answers
//! once more, in the engines that will run the ciphers.

#![cfg(target_arch = "wasm32")]

#[path = "../native/core/known_answers/mod.rs"]
mod known_answers;
mod mirror;
mod passkey;
mod protocol;
mod storage;

use js_sys::{Array, Promise};
use longkey_core::protocol::{Answer, Message, Question};
use longkey_extension::browser::{deadline::within, extension, locks};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn a_promise_that_never_settles_meets_its_time_limit() {
    let never = Promise::new(&mut |_, _| {});
    assert!(within(20, JsFuture::from(never)).await.is_none());
    let at_once = Promise::resolve(&JsValue::from(7));
    assert_eq!(within(10_000, JsFuture::from(at_once)).await, Some(Ok(JsValue::from(7))));
}

/// Measured without the lock: 40 updates of read, wait, write kept one.
#[wasm_bindgen_test]
async fn forty_updates_under_the_lock_keep_forty() {
    let kept = Rc::new(Cell::new(0));
    let updates: Array = (0..40)
        .map(|_| {
            let kept = kept.clone();
            future_to_promise(async move {
                let update = async move {
                    let before = kept.get();
                    let _ = JsFuture::from(Promise::resolve(&JsValue::NULL)).await;
                    kept.set(before + 1);
                };
                locks::holding("test", update).await.expect("the lock");
                Ok(JsValue::NULL)
            })
        })
        .collect();
    JsFuture::from(Promise::all(&updates)).await.expect("all done");
    assert_eq!(kept.get(), 40);
}

#[wasm_bindgen_test]
fn messages_survive_the_boundary_in_both_directions() {
    let asked = extension::to_js(&Message::Page(Question::View)).expect("a message");
    assert!(matches!(extension::from_js::<Message>(&asked), Some(Message::Page(Question::View))));
    let answered = extension::to_js(&Answer::Done).expect("an answer");
    assert_eq!(extension::from_js::<Answer>(&answered), Some(Answer::Done));
    assert!(extension::from_js::<Message>(&JsValue::from("page")).is_none());
    assert!(extension::from_js::<Message>(&JsValue::UNDEFINED).is_none());
}
