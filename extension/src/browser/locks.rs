//! Web Locks: one writer of the vault at a time, whoever it is.

use js_sys::Promise;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request(name: &str, work: &JsValue) -> Result<Promise, JsValue>;
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
    let held = request(name, inside.as_ref()).ok()?;
    JsFuture::from(held).await.ok()?;
    result.take()
}
