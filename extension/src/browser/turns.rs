//! One change of a store after the other, also when a change has outlived its time limit: it may still land, and what
//! is read or written before it has would be overtaken by it.
//!
//! It holds for one life of the background; a change of an earlier life is what Web Locks and the head are for.

use super::deadline::within;
use super::storage::Silent;
use js_sys::Promise;
use std::cell::RefCell;
use std::pin::Pin;
use std::thread::LocalKey;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// The change that was begun last and may be on its way.
pub(super) type Turns = LocalKey<RefCell<Option<Promise>>>;

/// A change that can be begun. In a box, so that there is one code for all of them (3 kB less with the mirror in use).
pub(super) type Work = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// What `work` comes to. It begins when no earlier change is on its way, or not at all; once begun it goes on beyond
/// the limit, and the next one waits.
pub(super) async fn in_turn(turns: &'static Turns, limit: u32, work: Work) -> Result<JsValue, Silent> {
    let begun = async {
        over(turns).await;
        let promise = future_to_promise(work);
        turns.set(Some(promise.clone()));
        let done = JsFuture::from(promise.clone()).await;
        forget(turns, &promise);
        done
    };
    within(limit, begun).await.and_then(Result::ok).ok_or(Silent)
}

/// Waits until no change is on its way, for ever if need be: the caller has the limit.
pub(super) async fn over(turns: &'static Turns) {
    while let Some(last) = turns.with_borrow(Clone::clone) {
        let _ = JsFuture::from(last.clone()).await;
        forget(turns, &last);
    }
}

/// It has settled. Another that waited may have begun since.
fn forget(turns: &'static Turns, settled: &Promise) {
    turns.with_borrow_mut(|now| drop(now.take_if(|it| <JsValue as PartialEq>::eq(it, settled))));
}

/// Whether no change is on its way.
pub(super) fn is_quiet(turns: &'static Turns) -> bool {
    turns.with_borrow(Option::is_none)
}
