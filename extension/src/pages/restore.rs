//! Restoring a backup file: choose it, give its passphrase, see what it would add, add it. Nothing is overwritten or
//! deleted by it, and nothing is done before the last press.

use super::agree::{self, Service};
use super::derive::{Form, code_in};
use super::notes::{self, Tone};
use super::words::{at, counted, refuse};
use super::{Face, Screen, dom, help_offer};
use crate::browser::seen::{List, Preview};
use crate::browser::{files, i18n, permissions};
use crate::client::{self, Answer};
use longkey_core::help::Trigger;
use longkey_core::protocol::{Question, Terms};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::Element;

/// The file and the key of its passphrase, while they are needed.
#[derive(Default)]
struct Held {
    file: RefCell<Secret>,
    derived: RefCell<Secret>,
    /// Whether what is made of it has no passphrase: its vault had none, or a recovery code opened it.
    plain: Cell<bool>,
}

/// The screen.
pub struct Restore(Rc<Held>);

impl Restore {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("restore");
        face.stage("choose");
        help_offer::offer(&face.slot("help"), &[Trigger::Restoring]);
        Self(Rc::default())
    }

    fn chosen(&self, face: &'static Face) {
        let (held, field) = (Rc::clone(&self.0), dom::input("backup-file"));
        let wrong = face.find("[data-wrong-file]");
        dom::hide(&wrong);
        files::read(&field, move |text| {
            let Some(file) = text else { return refuse(&wrong, Refusal::BackupDamaged) };
            held.file.replace(file.clone());
            client::ask(
                &Question::BackupTerms { file: file.clone() },
                Box::new(move |answer| match answer {
                    Ok(answer) => {
                        let plain = answer.of::<List<Terms>>("file_terms").is_some_and(|it| it.count_all() == 0);
                        held.plain.set(plain);
                        face.slot("notes").set_text_content(None);
                        becomes(face, plain);
                        if !plain {
                            return face.stage("passphrase");
                        }
                        let question = Question::PreviewBackup { file, derived: Secret::default() };
                        client::ask(
                            &question,
                            Box::new(move |answer| match answer {
                                Ok(answer) => opened(face, &answer),
                                Err(failure) => face.failed(&wrong, &failure),
                            }),
                        );
                    }
                    Err(failure) => face.failed(&wrong, &failure),
                }),
            );
        });
    }

    fn open_file(&self, face: &'static Face) {
        let (keeps, held) = (Rc::clone(&self.0), Rc::clone(&self.0));
        let file = self.0.file.borrow().clone();
        let form = Form::named(face, "file");
        // A recovery code opens the file and not the vault that is made of it.
        let plain = code_in(&form.field).is_some();
        form.ask(
            face,
            "opening_file",
            Question::BackupTerms { file },
            Box::new(move |_, derived| {
                keeps.derived.replace(derived.clone());
                Question::PreviewBackup { file: keeps.file.borrow().clone(), derived }
            }),
            Box::new(move |answer, _| {
                if plain && !held.plain.replace(true) {
                    face.slot("notes").set_text_content(None);
                    becomes(face, true);
                }
                opened(face, &answer);
            }),
        );
    }

    fn restore(&self, face: &'static Face, on: &Element) {
        let (held, on) = (Rc::clone(&self.0), on.clone());
        if face.slot("agree").child_element_count() == 0 {
            return restore(face, held, &on);
        }
        // Before anything is awaited: the browser asks only while the click is fresh. What it does not allow is not sent; the
        // keys are restored all the same.
        permissions::ask_to_send(permissions::XQUIK, move |granted| {
            if granted {
                agree::give(Service::Xquik);
            }
            restore(face, held, &on);
        });
    }
}

fn restore(face: &'static Face, held: Rc<Held>, on: &Element) {
    let (file, derived) = (held.file.borrow().clone(), held.derived.borrow().clone());
    face.press(
        on,
        "restoring",
        &Question::Restore { file, derived },
        face.find("[data-wrong-restore]"),
        Box::new(move |_| {
            held.file.take();
            held.derived.take();
            dom::announce(&i18n::message("restored", &[]));
            face.stage("done");
        }),
    );
}

fn opened(face: &'static Face, answer: &Answer) {
    let Some(preview) = answer.of::<Preview>("preview") else { return };
    face.stage(if show(face, &preview) { "preview" } else { "nothing" });
}

/// Where there is no vault yet: what opens the one that will be made.
fn becomes(face: &'static Face, plain: bool) {
    let Some(view) = face.view() else { return };
    // Once it is restored, the vault is there, and the sentence would be wrong.
    if face.slot("notes").child_element_count() == 0 && view.ways().count_all() == 0 && view.entries().count_all() == 0
    {
        let (tone, words) = if plain { (Tone::Warn, "not_locked") } else { (Tone::Plain, "restore_becomes") };
        let note = notes::note(tone, "", &i18n::message(words, &[]));
        dom::append(&face.slot("notes"), &note);
    }
}

/// Lists what the file would add; whether that is anything.
fn show(face: &'static Face, preview: &Preview) -> bool {
    let list = face.slot("adds");
    list.set_text_content(None);
    let line = |words: String, handles: Option<List<String>>| {
        let item = dom::part("adds");
        dom::text(&dom::slot(&item, "what"), &words);
        let names: Vec<String> = handles.into_iter().flatten().map(|it| at(&it)).collect();
        dom::text(&dom::slot(&item, "which"), &names.join(", "));
        dom::append(&list, &item);
    };
    let (new, differ) = (preview.new().count_all(), preview.differ().count_all());
    if new > 0 {
        line(counted("adds_new", new), Some(preview.new()));
    }
    if differ > 0 {
        line(counted("adds_differ", differ), Some(preview.differ()));
    }
    if preview.fansly() {
        line(i18n::message("adds_fansly", &[]), None);
    }
    let adds = preview.api_key();
    if adds {
        line(i18n::message("adds_api_key", &[]), None);
    }
    // With a key of Xquik's Longkey asks there how accounts are, by itself.
    let (agree, go) = (face.slot("agree"), face.find("[data-act=restore]"));
    agree.set_text_content(None);
    let asks = adds && agree::place(face, &agree, Service::Xquik) != "connect";
    dom::words(&go, if asks { "flow_agree_restore" } else { "restore" });
    if preview.same() > 0 {
        line(counted("adds_same", preview.same()), None);
    }
    let made = preview.made().map(|it| i18n::message("file_made", &[&i18n::date(it.0)]));
    dom::text(&face.slot("made"), &made.unwrap_or_default());
    adds || preview.fansly() || new + differ > 0
}

impl Screen for Restore {
    fn refresh(&self, face: &'static Face) {
        becomes(face, self.0.plain.get());
    }

    fn submit(&self, face: &'static Face, _: &str) {
        self.open_file(face);
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        match act {
            "restore" => self.restore(face, on),
            "other-file" => {
                dom::input("backup-file").set_value("");
                self.0.file.take();
                self.0.derived.take();
                face.stage("choose");
            }
            _ => {}
        }
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        if on.id() == "backup-file" {
            self.chosen(face);
        } else {
            dom::hide(&face.find("[data-wrong]"));
        }
    }
}
