//! The background: events in, one turn at a time, effects performed in order.
//!
//! A turn ends when its storage work is done; calls over the network go on by themselves and come back as events.

use crate::browser::extension;
use crate::perform::{After, message, perform};
use getrandom::fill;
use longkey_core::app::App;
use longkey_core::clock::UnixTime;
use longkey_core::effect::{Alarm, Ask, Effect, Event};
use longkey_core::env::{Env, Rng};
use longkey_core::gate::{Ourselves, SenderFacts, admit};
use longkey_core::protocol::{Answer, Message};
use longkey_core::refusal::Refusal;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// The idle time after which the vault locks, in seconds; `core` decides what follows.
const IDLE_SECONDS: u32 = 15 * 60;

thread_local! {
    static WORKER: Rc<Worker> = Rc::new(Worker::default());
}

#[derive(Default)]
struct Worker {
    app: RefCell<App>,
    waiting: RefCell<VecDeque<Event>>,
    turning: Cell<bool>,
    asks: Cell<u32>,
    /// Those who wait for an answer.
    open: RefCell<Vec<(Ask, js_sys::Function)>>,
}

/// The browser's entropy.
struct Entropy;

impl Rng for Entropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        // A browser without crypto.getRandomValues does not load this extension; without entropy nothing may go on.
        if fill(bytes).is_err() {
            wasm_bindgen::throw_str("no entropy");
        }
    }
}

fn now() -> UnixTime {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "Date.now() is a positive whole number"
    )]
    UnixTime(js_sys::Date::now() as u64)
}

/// Something happened.
pub fn happened(event: Event) {
    let worker = WORKER.with(Rc::clone);
    worker.waiting.borrow_mut().push_back(event);
    if !worker.turning.replace(true) {
        wasm_bindgen_futures::spawn_local(turn(worker));
    }
}

async fn turn(worker: Rc<Worker>) {
    loop {
        let Some(event) = worker.waiting.borrow_mut().pop_front() else { break };
        let mut next = VecDeque::from([event]);
        while let Some(event) = next.pop_front() {
            let effects = worker.app.borrow_mut().handle(event, &mut Env { now: now(), rng: &mut Entropy });
            let mut failed = false;
            for effect in effects {
                let effect = match effect {
                    Effect::Answer(ask, answer) => {
                        worker.answer(ask, &answer);
                        continue;
                    }
                    // What was decided on top of a write that failed must not be written either.
                    Effect::Write { then, .. } if failed => {
                        next.push_back(Event::Written { outcome: Err(Refusal::NotSaved), then });
                        continue;
                    }
                    effect => effect,
                };
                match perform(effect).await {
                    After::Nothing => {}
                    After::Then(event) => {
                        failed |= matches!(*event, Event::Written { outcome: Err(_), .. });
                        next.push_back(*event);
                    }
                    After::Later(event) => wasm_bindgen_futures::spawn_local(async move {
                        if let Some(event) = event.await {
                            happened(event);
                        }
                    }),
                }
            }
        }
    }
    worker.turning.set(false);
}

impl Worker {
    fn answer(&self, ask: Ask, answer: &Answer) {
        let mut open = self.open.borrow_mut();
        if let Some(at) = open.iter().position(|(it, _)| *it == ask) {
            let (_, resolve) = open.swap_remove(at);
            let _ = resolve.call1(&JsValue::NULL, &message(answer));
        }
    }
}

/// A message arrived; the promise is its answer.
pub fn heard(text: JsValue, sender: JsValue) -> js_sys::Promise {
    js_sys::Promise::new(&mut |resolve, _| {
        let refuse = |refusal| {
            let _ = resolve.call1(&JsValue::NULL, &message(&Answer::Refused(refusal)));
        };
        // The browser's own object, not a message: read where it lies, whatever else it carries.
        let facts = serde_wasm_bindgen::from_value::<SenderFacts>(sender.clone());
        let text = extension::from_js::<Message>(&text);
        let (Ok(facts), Some(text)) = (facts, text) else { return refuse(Refusal::NotAdmitted) };
        match admit(&facts, &ourselves(), text) {
            Ok(admitted) => {
                let worker = WORKER.with(Rc::clone);
                let ask = Ask(worker.asks.replace(worker.asks.get().wrapping_add(1)));
                worker.open.borrow_mut().push((ask, resolve));
                happened(Event::Said(admitted, Some(ask)));
            }
            Err(refusal) => refuse(refusal),
        }
    })
}

fn ourselves() -> Ourselves {
    let root = extension::root();
    Ourselves { id: extension::own_id(), root }
}

/// An alarm rang.
pub fn rang(name: &str) {
    if let Some(alarm) = Alarm::named(name) {
        wasm_bindgen_futures::spawn_local(async move {
            happened(Event::Rang(alarm, extension::presence(IDLE_SECONDS).await));
        });
    }
}

/// The browser told whether somebody is there.
pub fn presence(state: &str) {
    happened(Event::Presence(extension::presence_named(state)));
}

/// Once for each life of the worker.
pub fn begin() {
    extension::watch_idle(IDLE_SECONDS);
}
