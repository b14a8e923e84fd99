//! A time limit for everything that is awaited: a browser API that never settles must not hold a turn.

use gloo::timers::callback::Timeout;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The result of `work`, or nothing after `limit` milliseconds.
pub async fn within<T>(limit: u32, work: impl Future<Output = T>) -> Option<T> {
    let over = Rc::new(Cell::new(false));
    let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
    let _timer = Timeout::new(limit, {
        let (over, waker) = (over.clone(), waker.clone());
        move || {
            over.set(true);
            if let Some(waker) = waker.take() {
                waker.wake();
            }
        }
    });
    let mut work = pin!(work);
    poll_fn(|context| {
        if let Poll::Ready(value) = work.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        if over.get() {
            return Poll::Ready(None);
        }
        *waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    })
    .await
}
