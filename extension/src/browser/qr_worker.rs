//! A worker for one picture: made for it, ended after it, or when it takes too long.

use super::promise::then;
use js_sys::{Array, Promise};
use longkey_core::secret::Secret;
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// A photograph takes a second or two on a slow machine; a picture that was made to take longer is let go.
const PATIENCE_MS: u32 = 15_000;

/// Why there are no texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// The browser cannot show it either.
    NoPicture,
    /// It took too long.
    Slow,
}

/// Calls with the texts of the QR codes in a picture: a file, or a `data:` address.
pub fn read(picture: &JsValue, call: impl FnOnce(Result<Vec<Secret>, Unread>) + 'static) {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let Ok(worker) = Worker::new_with_options(&super::runtime::address("js/scan.js"), &options) else {
        return call(Err(Unread::Slow));
    };
    let answered = Promise::new(&mut |resolve, reject| {
        worker.set_onmessage(Some(&resolve));
        worker.set_onerror(Some(&reject));
    });
    let answered = worker
        .post_message(picture)
        .map(|()| Promise::race(&Array::of2(&answered, &super::timer::passed(PATIENCE_MS))));
    then(
        answered,
        Box::new(move |answer| {
            worker.terminate();
            let event = answer.and_then(|it| it.dyn_into::<MessageEvent>().ok());
            call(event.ok_or(Unread::Slow).and_then(|event| {
                let texts: Array = event.data().dyn_into().map_err(|_| Unread::NoPicture)?;
                Ok(texts.iter().filter_map(|text| text.as_string()).map(Secret::new).collect())
            }));
        }),
    );
}
