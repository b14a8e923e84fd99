//! Web Locks: one writer of the vault at a time, whoever it is.

use super::deadline::within;
use js_sys::{Object, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortController;

/// A lock that cannot be had by then (its holder trapped) is given up.
const LIMIT: u32 = 90_000;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request(name: &str, options: &Object, work: &JsValue) -> Result<Promise, JsValue>;
}

/// Does `work` while holding the lock `name`; nothing if the lock cannot be had.
pub async fn holding<T: 'static>(name: &str, work: impl Future<Output = T> + 'static) -> Option<T> {
    let result: Rc<RefCell<Option<T>>> = Rc::default();
    let inside = Closure::once({
        let result = result.clone();
        move || {
            future_to_promise(async move {
                *result.borrow_mut() = Some(work.await);
                Ok(JsValue::UNDEFINED)
            })
        }
    });
    let abort = AbortController::new().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"signal".into(), &abort.signal()).ok()?;
    let held = request(name, &options, inside.as_ref()).ok()?;
    // Longer than the work's own time limits together; an aborted request that was not granted does nothing.
    if within(LIMIT, JsFuture::from(held)).await.is_none() {
        abort.abort();
    }
    result.take()
}
