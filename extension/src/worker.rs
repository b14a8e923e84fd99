//! The background: events in, one turn at a time, effects performed in order.
//!
//! A turn ends when its storage work is done; calls over the network go on by themselves and come back as events.

use crate::browser::{extension, storage};
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

thread_local! {
    static WORKER: Rc<Worker> = Rc::new(Worker::default());
}

#[derive(Default)]
struct Worker {
    app: RefCell<App>,
    waiting: RefCell<VecDeque<Event>>,
    turning: Cell<bool>,
    asks: Cell<u32>,
    /// Calls that will come back as events.
    out: Cell<u32>,
    /// The idle time that the browser watches, in seconds; `core` decides it and what follows.
    idle: Cell<u32>,
    /// Alarms that rang while a turn was under way: a worker that was woken by one knows the idle time after its first
    /// turn, and asking the browser for another would find somebody idle who is there.
    alarms: RefCell<Vec<Alarm>>,
    /// Whether the vault was locked since this instance was made.
    locked: Cell<bool>,
    /// Those who wait for an answer.
    open: RefCell<Vec<(Ask, js_sys::Function)>>,
}

/// The browser's entropy.
struct Entropy;

impl Rng for Entropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        // Without entropy nothing may go on: this instance ends, and `background.js` makes another for the next event.
        assert!(fill(bytes).is_ok(), "no entropy");
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
                    Effect::WatchIdle(seconds) => {
                        if worker.idle.replace(seconds) != seconds {
                            extension::watch_idle(seconds);
                        }
                        continue;
                    }
                    // Opened again: its memory is in use.
                    Effect::Rows(Some(rows)) => {
                        worker.locked.set(false);
                        Effect::Rows(Some(rows))
                    }
                    Effect::Retire => {
                        worker.locked.set(true);
                        Effect::Retire
                    }
                    effect => effect,
                };
                match perform(effect).await {
                    After::Nothing => {}
                    After::Then(event) => {
                        failed |= matches!(*event, Event::Written { outcome: Err(_), .. });
                        next.push_back(*event);
                    }
                    // An instance that has gone meanwhile hears nothing of it: the glue lets no callback into the next one.
                    After::Perhaps(event) => wasm_bindgen_futures::spawn_local(async move {
                        if let Some(event) = event.await {
                            happened(event);
                        }
                    }),
                    After::Later(event) => {
                        worker.out.set(worker.out.get() + 1);
                        let worker = worker.clone();
                        wasm_bindgen_futures::spawn_local(async move {
                            let event = event.await;
                            worker.out.set(worker.out.get() - 1);
                            match event {
                                Some(event) => happened(event),
                                None => worker.retire(),
                            }
                        });
                    }
                }
            }
        }
    }
    worker.turning.set(false);
    worker.answer_alarms();
    worker.retire();
}

impl Worker {
    fn answer_alarms(&self) {
        for alarm in self.alarms.take() {
            let idle = self.idle.get().max(15);
            wasm_bindgen_futures::spawn_local(async move {
                happened(Event::Rang(alarm, extension::presence(idle).await));
            });
        }
    }

    fn is_spent(&self) -> bool {
        let nobody = self.waiting.borrow().is_empty() && self.open.borrow().is_empty() && self.out.get() == 0;
        // A change that has outlived its limit is waited for by this instance only.
        self.locked.get() && !self.turning.get() && nobody && storage::is_quiet() && !self.app.borrow().waits()
    }

    /// After locking, the instance goes as soon as nobody waits for it: its memory never shrinks and may hold what was
    /// wiped from its variables.
    fn retire(&self) {
        if self.is_spent() {
            extension::retire();
        }
    }

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
        WORKER.with(|worker| {
            worker.alarms.borrow_mut().push(alarm);
            if !worker.turning.get() {
                worker.answer_alarms();
            }
        });
    }
}

/// The browser told whether somebody is there.
pub fn presence(state: &str) {
    happened(Event::Presence(extension::presence_named(state)));
}

/// Whether this instance may be dropped now: the vault was locked, and nobody waits.
#[must_use]
pub fn is_spent() -> bool {
    WORKER.with(|worker| worker.is_spent())
}
