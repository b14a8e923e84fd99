//! X's reset as a checklist of nine steps. Ticks are kept by the background; the page only shows and sends them.

use super::notes::{self, Tone};
use super::route::Route;
use super::words::at;
use super::{Face, Screen, bin, dom, events, help_offer};
use crate::browser::seen::{Entry, View};
use crate::browser::{i18n, timer};
use longkey_core::help::Trigger;
use longkey_core::label::Handle;
use longkey_core::protocol::{Question, ResetMark};
use longkey_core::reset::Task;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// The checklist of one account.
pub struct Reset {
    handle: Handle,
    begun: Cell<bool>,
    ending: Cell<bool>,
    ticks: RefCell<Vec<(Task, Element)>>,
    warned: Cell<bool>,
}

impl Reset {
    /// Opens it.
    pub fn open(face: &'static Face, handle: Handle) -> Self {
        face.lay("reset");
        let title = face.slot("title");
        dom::say(&title, "reset_title", &[&at(handle.as_str())]);
        dom::shown_if(face.can_keep_open(), &face.slot("keep-open"));
        help_offer::offer(&face.slot("help"), &[Trigger::Resetting]);
        let list = face.slot("tasks");
        let mut ticks = Vec::new();
        for step in Task::ALL {
            let task = dom::part("task");
            let number = step.number().to_string();
            dom::text(&dom::slot(&task, "number"), &number);
            dom::say(&dom::slot(&task, "what"), &["reset_", &number].concat(), &[]);
            let hint = i18n::message(&["reset_", &number, "_hint"].concat(), &[]);
            let place = dom::slot(&task, "hint");
            dom::text(&place, &hint);
            dom::shown_if(!hint.is_empty(), &place);
            dom::shown_if(step == Task::OffAndOn, &dom::slot(&task, "alarm"));
            dom::set(&dom::slot(&task, "tick"), "data-step", &number);
            dom::append(&list, &task);
            ticks.push((step, task));
        }
        let (begun, ending, warned) = (Cell::new(false), Cell::new(false), Cell::new(false));
        Self { handle, begun, ending, ticks: RefCell::new(ticks), warned }
    }

    fn tell(&self, face: &'static Face, mark: ResetMark) {
        let handle = self.handle.as_str().to_owned();
        let question = Question::Reset { handle: handle.clone(), mark };
        face.ask(&question, face.find("[data-wrong]"), move |_| {
            if mark == ResetMark::End {
                events::go(&Route::Home);
                bin::list_away(face, &handle);
            }
        });
    }

    /// The way to the new key's QR code, and none while the old key is the only one.
    fn phones(&self, view: &View, done: &[Task]) {
        let entry = view.entries().find(|it| it.handle().eq_ignore_ascii_case(self.handle.as_str()));
        let has_new = |it: &Entry| it.waiting().is_some() || it.sendable().is_some() && done.contains(&Task::Digits);
        let ticks = self.ticks.borrow();
        let Some((_, task)) = ticks.iter().find(|(step, _)| *step == Task::OwnApp) else { return };
        let entry = entry.filter(has_new);
        dom::shown_if(entry.is_some(), &dom::slot(task, "phone-line"));
        if let Some(entry) = entry {
            dom::set(&dom::slot(task, "phone"), "href", &Route::Phone(entry.id()).print());
        }
    }

    fn next(&self, face: &'static Face, view: &View, done: &[Task]) {
        let link = face.slot("sign-in");
        // What comes before leads to the last, which is done elsewhere.
        dom::shown_if(Task::next(done) == Task::SignIn, &link);
        let account = view.accounts().find(|it| it.handle().eq_ignore_ascii_case(self.handle.as_str()));
        let route = account.map_or(Route::Connect, |it| Route::SignIn(it.id()));
        dom::set(&link, "href", &route.print());
    }
}

impl Screen for Reset {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let Some(list) = view.resets().find(|it| it.handle().eq_ignore_ascii_case(self.handle.as_str())) else {
            if !self.begun.replace(true) && !self.ending.get() {
                self.tell(face, ResetMark::Start);
            }
            return;
        };
        let first = !self.begun.replace(true);
        let all = list.tasks();
        let now = Task::next(&all);
        for (step, task) in self.ticks.borrow().iter() {
            let done = all.contains(step);
            if let Some(tick) = dom::slot(task, "tick").dyn_ref::<HtmlInputElement>() {
                tick.set_checked(done);
            }
            dom::class(task, "ticked", done);
            dom::class(task, "now", *step == now && !done);
            if first && *step == now && now > Task::Security {
                // What was to be had first has been read.
                dom::hide(&face.slot("before"));
                // After the heading has got the keyboard, which stays there. Later the user scrolls.
                let task = task.clone();
                timer::after(0, move || task.scroll_into_view_with_bool(false));
            }
        }
        let off = list.app_off();
        if self.warned.replace(off) != off {
            let notes = face.slot("notes");
            notes.set_text_content(None);
            if off {
                let words = i18n::message("reset_off_text", &[&at(self.handle.as_str())]);
                let note = notes::note(Tone::Bad, &i18n::message("reset_off_title", &[]), &words);
                help_offer::on_note(&note, Trigger::AppOff);
                dom::append(&notes, &note);
            }
        }
        self.next(face, &view, &all);
        self.phones(&view, &all);
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        let step = on.get_attribute("data-step").and_then(|it| it.parse().ok()).and_then(Task::of);
        let Some(step) = step else { return };
        let Some(tick) = on.dyn_ref::<HtmlInputElement>() else { return };
        self.tell(face, if tick.checked() { ResetMark::Done(step) } else { ResetMark::Undone(step) });
    }

    fn act(&self, face: &'static Face, act: &str, _: &Element) {
        if act == "end" {
            self.ending.set(true);
            self.tell(face, ResetMark::End);
        }
    }
}
