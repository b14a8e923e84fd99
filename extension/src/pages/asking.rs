//! Questions that a screen asks for the user: the button says what it is doing, a failure is said where it belongs, and
//! the view is read again after each.

use super::{Face, dom, now, unlock, words};
use crate::client::{self, Answer, Failure};
use longkey_core::clock::Span;
use longkey_core::protocol::Question;
use web_sys::Element;

impl Face {
    /// Asks the background, and for the view after it. A failure is said in `wrong`.
    pub fn ask(&'static self, question: &Question, wrong: Element, call: impl FnOnce(Answer) + 'static) {
        dom::hide(&wrong);
        client::ask(
            question,
            Box::new(move |done| {
                self.ask_again();
                match done {
                    Ok(answer) => call(answer),
                    Err(failure) => {
                        self.failed(&wrong, &failure);
                        self.retry();
                    }
                }
            }),
        );
    }

    /// The same with a button that says meanwhile what it is doing.
    pub fn press(
        &'static self,
        on: &Element,
        busy: &str,
        question: &Question,
        wrong: Element,
        call: Box<dyn FnOnce(Answer)>,
    ) {
        if on.has_attribute("disabled") {
            return;
        }
        dom::hide(&wrong);
        let told = move |done: Result<Answer, Failure>| match done {
            Ok(answer) => call(answer),
            Err(failure) => self.failed(&wrong, &failure),
        };
        self.press_for(on, busy, question, Box::new(told));
    }

    /// The same for who says a failure in a way of its own.
    pub fn press_for(
        &'static self,
        on: &Element,
        busy: &str,
        question: &Question,
        call: Box<dyn FnOnce(Result<Answer, Failure>)>,
    ) {
        if on.has_attribute("disabled") {
            return;
        }
        dom::busy(on, busy);
        let on = on.clone();
        client::ask(
            question,
            Box::new(move |done| {
                dom::idle(&on);
                self.ask_again();
                call(done);
            }),
        );
    }

    /// Says why something was not done; a pause that comes with it holds every form that waits for it.
    pub fn failed(&'static self, wrong: &Element, failure: &Failure) {
        words::fail(wrong, failure, now());
        if let Failure::Refused(code, arguments) = failure
            && code == "too_soon"
            && let Some(seconds) = arguments.first().and_then(|it| it.parse().ok())
        {
            self.pause.set(now().after(Span::seconds(seconds)));
            unlock::tick(self, now());
        }
    }

    /// A question failed: the screen may be used again.
    pub fn retry(&'static self) {
        let screen = self.screen.borrow().clone();
        screen.act(self, "retry", &self.root);
    }
}
