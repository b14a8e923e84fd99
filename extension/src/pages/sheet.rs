//! A sheet of paper with one account's backup codes. The codes are in the page from the press until the browser has printed,
//! and nowhere on the screen; they go as well when the screen is left, the vault locks, or the browser does not print.

use super::events::Hears;
use super::words::at;
use super::{Face, dom, events, now};
use crate::browser::i18n;
use crate::browser::seen::{Entry, Slip};
use crate::client;
use longkey_core::backup_codes::CodeState;
use longkey_core::label::Id;
use longkey_core::protocol::Question;
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Element;

/// What a screen has for printing. With the screen goes what lies in the page.
pub(super) struct Sheet {
    lies: Rc<Lies>,
    _hears: Vec<Hears>,
}

/// The sheet that lies in the page.
#[derive(Default)]
struct Lies {
    place: RefCell<Option<Element>>,
    /// Whether the browser has said that it prints.
    prints: Cell<bool>,
}

impl Lies {
    fn clear(&self) {
        if let Some(place) = self.place.take() {
            place.set_text_content(None);
        }
    }
}

impl Default for Sheet {
    fn default() -> Self {
        let lies = Rc::<Lies>::default();
        let (begins, ends) = (Rc::clone(&lies), Rc::clone(&lies));
        let hears = web_sys::window().map(|window| {
            let begins = Hears::of(&window, "beforeprint", move |_| begins.prints.set(true));
            [begins, Hears::of(&window, "afterprint", move |_| ends.clear())]
        });
        Self { lies, _hears: hears.into_iter().flatten().collect() }
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        self.lies.clear();
    }
}

impl Sheet {
    /// Prints the codes of this account, in X's order. The button rests until the browser has been asked.
    pub(super) fn print(&self, face: &'static Face, entry: &Entry, on: &Element, wrong: &Element) {
        if on.has_attribute("disabled") {
            return;
        }
        self.lies.clear();
        dom::hide(wrong);
        dom::flag(on, "disabled", true);
        let slips: Vec<Slip> = entry.backup().collect();
        let paper = dom::part("paper");
        dom::say(&dom::slot(&paper, "whose"), "sheet_title", &[&at(&entry.handle())]);
        dom::say(&dom::slot(&paper, "made"), "sheet_made", &[&i18n::date(now().0)]);
        // The place of this screen: when the last code has come, another account's may be there.
        let place = face.slot("sheet");
        let press = Press { lies: Rc::clone(&self.lies), place, paper, on: on.clone(), wrong: wrong.clone() };
        press.next(face, entry.id(), slips.into_iter());
    }
}

/// One press of the button.
struct Press {
    lies: Rc<Lies>,
    place: Element,
    paper: Element,
    on: Element,
    wrong: Element,
}

impl Press {
    /// One code after the other; after the last one, paper.
    fn next(self, face: &'static Face, entry: Id, mut slips: std::vec::IntoIter<Slip>) {
        let Some(slip) = slips.next() else { return self.ready() };
        let question = Question::BackupCode { entry, added: slip.added() };
        client::ask(
            &question,
            Box::new(move |done| {
                face.ask_again();
                match done.map(|answer| answer.of::<Secret>("backup_code")) {
                    Ok(Some(code)) => {
                        line(&dom::slot(&self.paper, "codes"), &slip, &code);
                        self.next(face, entry, slips);
                    }
                    Ok(None) => self.fails(),
                    Err(failure) => {
                        face.failed(&self.wrong, &failure);
                        self.over();
                    }
                }
            }),
        );
    }

    fn ready(self) {
        // Another screen may be there by now: then nothing is printed.
        if !self.place.is_connected() {
            return;
        }
        dom::fill(&self.place, &self.paper);
        self.lies.place.replace(Some(self.place.clone()));
        self.lies.prints.set(false);
        events::print();
        // Where printing is forbidden, neither event comes (HTML, "printing steps"); the first one comes at once elsewhere.
        if self.lies.prints.get() {
            return self.over();
        }
        self.lies.clear();
        self.fails();
    }

    fn fails(&self) {
        dom::reveal(&self.wrong, "sheet_failed");
        self.over();
    }

    /// The button is of use again.
    fn over(&self) {
        dom::flag(&self.on, "disabled", false);
        // A browser takes the keyboard from what rests.
        if dom::document().active_element().is_none_or(|it| it.tag_name() == "BODY") {
            dom::focus(&self.on);
        }
    }
}

fn line(list: &Element, slip: &Slip, code: &Secret) {
    let item = dom::element("li");
    let words = dom::element(if slip.state().is_open() { "bdi" } else { "s" });
    dom::set(&words, "dir", "ltr");
    dom::text(&words, code.expose());
    dom::append(&item, &words);
    let state = match slip.state() {
        CodeState::Unused => "",
        CodeState::Used => "backup_used",
        CodeState::Void => "backup_void",
        CodeState::Unknown => "backup_unknown",
    };
    if !state.is_empty() {
        let says = dom::element("span");
        dom::say(&says, state, &[&i18n::date(slip.since().0)]);
        dom::append(&item, &says);
    }
    dom::append(list, &item);
}
