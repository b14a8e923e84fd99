//! A worker for one picture: made for it, ended after it, or when it takes too long. And one that draws a code.

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

/// A worker that draws codes. It is there before there is anything to draw, so that its module is when it is wanted; with it
/// goes what it was told.
#[derive(Debug)]
pub struct Drawer(Worker);

impl Drawer {
    /// A worker that knows nothing yet, if the browser makes one.
    #[must_use]
    pub fn new() -> Option<Self> {
        start().map(Self)
    }

    /// Calls with the drawing: how many modules a side has, and a path of the dark ones, which is the text in another form.
    pub fn draw(&self, text: &Secret, call: impl FnOnce(Option<(u32, Secret)>) + 'static) {
        let answered = answer(&self.0);
        let asked = self.0.post_message(&Array::of1(&JsValue::from_str(text.expose())));
        then(
            asked.map(|()| Promise::race(&Array::of2(&answered, &super::timer::passed(PATIENCE_MS)))),
            Box::new(move |answer| {
                let event = answer.and_then(|it| it.dyn_into::<MessageEvent>().ok());
                let drawn = event.and_then(|it| it.data().as_string()).map(Secret::new);
                let parts = drawn.as_ref().and_then(|it| it.expose().split_once(' '));
                call(parts.and_then(|(side, path)| Some((side.parse().ok()?, Secret::new(path.to_owned())))));
            }),
        );
    }
}

impl Drop for Drawer {
    fn drop(&mut self) {
        self.0.terminate();
    }
}

fn start() -> Option<Worker> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    Worker::new_with_options(&super::runtime::address("js/scan.js"), &options).ok()
}

fn answer(worker: &Worker) -> Promise {
    Promise::new(&mut |resolve, reject| {
        worker.set_onmessage(Some(&resolve));
        worker.set_onerror(Some(&reject));
    })
}

/// Calls with the texts of the QR codes in a picture: a file, or a `data:` address.
pub fn read(picture: &JsValue, call: impl FnOnce(Result<Vec<Secret>, Unread>) + 'static) {
    let Some(worker) = start() else { return call(Err(Unread::Slow)) };
    let answered = answer(&worker);
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
