//! Typed questions of pages to the background. It asks once: nothing here repeats a question.

use crate::browser::seen::{FansTrouble, Seen, Tagged, View};
use crate::browser::{asked, messages};
use longkey_core::label::Id;
use longkey_core::protocol::{Question, Terms};
use longkey_core::refusal::Refusal;
use wasm_bindgen::JsValue;

/// How long an answer may take. The background answers at once, also to a sign-in: its result comes by the view.
const PATIENCE_S: u32 = 15;
/// Connecting and refreshing wait for Xquik (30 s a call), and a store that is in trouble may use up its 10 s a call.
const PATIENCE_WITH_OTHERS_S: u32 = 90;

/// Why a question did not lead to what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Somebody says no: the name of the sentence after `refusal_`, and what its placeholders stand for.
    Refused(String, Vec<String>),
    /// The service answered this instead.
    Verdict(Tagged),
    /// Fans API answered this instead.
    Fans(FansTrouble),
    /// No answer.
    Silent,
    /// Nothing could be derived: no memory for it.
    NoMemory,
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.code().into(), refusal.arguments())
    }
}

/// What the background answered, where it is no failure.
#[derive(Debug)]
pub struct Answer(Tagged);

impl Answer {
    /// The entry or draft that it is about.
    #[must_use]
    pub fn kept(&self) -> Option<Id> {
        self.of("kept")
    }
    /// Everything a page shows.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.of("view")
    }
    /// What to derive with.
    #[must_use]
    pub fn terms(&self) -> Option<Terms> {
        self.of("terms")
    }
    /// What comes with an answer of that name.
    #[must_use]
    pub fn of<T: Seen>(&self, word: &str) -> Option<T> {
        (self.0.word() == word).then(|| self.0.content())
    }
}

/// Reads an answer.
///
/// # Errors
/// A refusal, a service's verdict, or silence.
pub fn read(answer: Option<JsValue>) -> Result<Answer, Failure> {
    let answer = Tagged::seen(answer.ok_or(Failure::Silent)?);
    match answer.word().as_str() {
        "" => Err(Failure::Silent),
        "refused" => {
            let refusal: Tagged = answer.content();
            Err(Failure::Refused(snake(&refusal.word()), refusal.values()))
        }
        "verdict" => Err(Failure::Verdict(answer.content())),
        "fans" => Err(Failure::Fans(answer.content())),
        _ => Ok(Answer(answer)),
    }
}

/// serde writes a refusal by its variant's name, whose code is the same in snake case.
#[must_use]
pub fn snake(name: &str) -> String {
    let mut code = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(letter.to_ascii_lowercase());
    }
    code
}

/// Asks the background; calls with the answer, or with why there is none.
pub fn ask(question: &Question, call: Box<dyn FnOnce(Result<Answer, Failure>)>) {
    send(question, Box::new(|answer| call(read(answer))));
}

/// Asks and calls with the answer as it came, so that one that says nothing new need not be read.
pub fn send(question: &Question, call: Box<dyn FnOnce(Option<JsValue>)>) {
    let seconds = match question {
        Question::Connect { .. }
        | Question::Refresh
        | Question::ConnectFans { .. }
        | Question::RefreshFans
        | Question::CheckStatus { .. }
        | Question::ConnectCheck { .. }
        | Question::Reload
        | Question::Choose(_)
        | Question::Erase { .. }
        | Question::Restore { .. }
        // A new vault key is written everywhere: several calls of 10 s where a store is slow.
        | Question::SetPassphrase { .. }
        | Question::OnlyPassphrase { .. } => PATIENCE_WITH_OTHERS_S,
        _ => PATIENCE_S,
    };
    messages::send(&asked::write(question), seconds, call);
}
