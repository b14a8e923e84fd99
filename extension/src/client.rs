//! Typed questions of pages to the background. It asks once: nothing here repeats a question.

use crate::browser::{asked, messages};
use crate::browser::plain::Plain;
use longkey_core::protocol::{Answer, Question};
use longkey_core::refusal::Refusal;
use longkey_core::services::xquik::Verdict;
use wasm_bindgen::JsValue;

/// How long an answer may take. The background answers at once, also to a sign-in: its result comes by the view.
const PATIENCE_S: u32 = 15;
/// Connecting and refreshing wait for Xquik (30 s a call), so they may take longer.
const PATIENCE_WITH_NETWORK_S: u32 = 90;

/// Why a question did not lead to what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The background says no.
    Refused(Refusal),
    /// The service answered this instead.
    Verdict(Verdict),
    /// No answer.
    Silent,
    /// Nothing could be derived: no memory for it.
    NoMemory,
}

/// Asks the background; calls with the answer, or with a refusal, a service's verdict, or silence.
pub fn ask(question: &Question, call: Box<dyn FnOnce(Result<Answer, Failure>)>) {
    send(question, Box::new(|answer| {
        call(match answer.and_then(Answer::read) {
            Some(Answer::Refused(refusal)) => Err(Failure::Refused(refusal)),
            Some(Answer::Verdict(verdict)) => Err(Failure::Verdict(verdict)),
            Some(answer) => Ok(answer),
            None => Err(Failure::Silent),
        });
    }));
}

/// Asks and calls with the answer as it came, so that one that says nothing new need not be read.
pub fn send(question: &Question, call: Box<dyn FnOnce(Option<JsValue>)>) {
    let seconds = match question {
        Question::Connect { .. } | Question::Refresh | Question::CheckStatus { .. } => PATIENCE_WITH_NETWORK_S,
        _ => PATIENCE_S,
    };
    messages::send(&asked::write(question), seconds, call);
}
