//! A worker for one derivation: made for it, ended after it.

use super::promise::then;
use js_sys::{Array, Promise, Uint8Array};
use longkey_core::secret::Key32;
use longkey_core::vault::work::Work;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// More than any machine needs for 64 MiB, less than a person waits.
const PATIENCE_MS: u32 = 60_000;

/// Calls with what Argon2id makes of the passphrase (NFKC, UTF-8); with nothing if the memory cannot be had.
pub fn derive(passphrase: &Uint8Array, salt: &[u8], work: Work, call: impl FnOnce(Option<Key32>) + 'static) {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let Ok(worker) = Worker::new_with_options(&super::runtime::address("js/kdf.js"), &options) else {
        return call(None);
    };
    let answered = Promise::new(&mut |resolve, reject| {
        worker.set_onmessage(Some(&resolve));
        worker.set_onerror(Some(&reject));
    });
    let question = Array::of5(
        passphrase,
        &Uint8Array::from(salt),
        &JsValue::from(work.memory_kib()),
        &JsValue::from(work.passes()),
        &JsValue::from(work.lanes()),
    );
    let answered = worker
        .post_message(&question)
        .map(|()| Promise::race(&Array::of2(&answered, &super::timer::passed(PATIENCE_MS))));
    then(
        answered,
        Box::new(move |answer| {
            worker.terminate();
            call(answer.and_then(key));
        }),
    );
}

fn key(answer: JsValue) -> Option<Key32> {
    let event: MessageEvent = answer.dyn_into().ok()?;
    let bytes: Uint8Array = event.data().dyn_into().ok()?;
    let mut derived = [0; 32];
    if bytes.length() != 32 {
        return None;
    }
    bytes.copy_to(&mut derived);
    bytes.fill(0, 0, 32);
    Some(Key32::new(derived))
}
