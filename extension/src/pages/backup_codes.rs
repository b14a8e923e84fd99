//! An account's backup codes: which one is next, one shown or copied on a click, what became of each, more by hand.
//!
//! What may become of a code is the background's to say. The page holds at most the one code that is shown.

use super::notes::{self, Lost, Tone};
use super::route::Route;
use super::sheet::Sheet;
use super::words::at;
use super::{Face, Screen, dom, entry, events, help_offer};
use crate::browser::seen::{self, Slip};
use crate::browser::{clipboard, i18n};
use longkey_core::backup_codes::{BackupCode, BackupMark, CodeState, MOST};
use longkey_core::clock::UnixTime;
use longkey_core::help::Trigger;
use longkey_core::label::Id;
use longkey_core::protocol::Question;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};
use zeroize::Zeroizing;

const HIDDEN: &str = "···· ···· ····";

/// The codes of one account.
pub struct BackupCodes {
    id: Id,
    laid: Cell<bool>,
    drawn: Cell<Option<u32>>,
    shown: std::rc::Rc<RefCell<Option<(UnixTime, Secret)>>>,
    /// The code that a dialog asks about.
    asked: Cell<Option<UnixTime>>,
    sheet: Sheet,
}

impl BackupCodes {
    /// Opens it.
    pub fn open(face: &'static Face, id: Id) -> Self {
        face.root.set_text_content(None);
        let (laid, shown) = (Cell::new(false), Default::default());
        Self { id, laid, drawn: Cell::new(None), shown, asked: Cell::new(None), sheet: Sheet::default() }
    }

    fn lay(face: &'static Face, entry: &seen::Entry) {
        face.lay("backup-codes");
        dom::text(&face.slot("handle"), &at(&entry.handle()));
        // A line break would be lost in a field of one line, and two codes would run into one.
        events::on(&dom::input("backup-code"), "paste", |event| {
            let Some(text) = clipboard::pasted(event).filter(|it| it.contains(['\n', '\r'])) else { return };
            event.prevent_default();
            let text = Zeroizing::new(text);
            let lines: Vec<&str> = text.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
            dom::input("backup-code").set_value(&Zeroizing::new(lines.join(", ")));
        });
        dom::flag(&face.slot("add"), "open", entry.backup().count_all() == 0);
    }

    fn draw(&self, face: &'static Face, entry: &seen::Entry) {
        let focused = focused();
        let list = face.slot("list");
        list.set_text_content(None);
        let (mut number, mut open, mut unknown, mut void) = (0, 0_usize, false, false);
        for slip in entry.backup() {
            number += 1;
            open += usize::from(slip.state().is_open());
            unknown |= slip.state() == CodeState::Unknown;
            void |= slip.state() == CodeState::Void;
            dom::append(&list, &self.item(&slip, number, entry.backup_wanted()));
        }
        dom::shown_if(number == 0, &face.slot("none"));
        dom::shown_if(entry.backup_undo(), &face.slot("undo-line"));
        // Where no note offers it already.
        dom::shown_if(void && !unknown && open > 0, &face.slot("make-line"));
        dom::shown_if(number > 0, &face.slot("print-line"));
        let notes = face.slot("notes");
        notes.set_text_content(None);
        if unknown {
            let title = i18n::message("backup_which_title", &[]);
            let note = notes::note(Tone::Warn, &title, &i18n::message("backup_which_text", &[]));
            notes::button(&note, "backup_none_used", "none-used", "");
            notes::button(&note, "backup_dead", "dead", "");
            notes::button(&note, "backup_open_x", "open", "x_backup_codes");
            dom::append(&notes, &note);
        } else if number > 0 && open == 0 {
            let note = notes::note(Tone::Warn, "", &i18n::message("backup_all_spent", &[]));
            notes::button(&note, "backup_open_x", "open", "x_backup_codes");
            dom::append(&notes, &note);
        }
        dom::say(&face.slot("hint"), if open >= MOST { "backup_five" } else { "backup_hint" }, &[]);
        let moments = [
            (entry.backup_wanted(), Trigger::LoginTakesBackup),
            (void || unknown, Trigger::BackupRefused),
            (open >= MOST, Trigger::BackupFull),
            (number > 0, Trigger::BackupKept),
            (number == 0, Trigger::BackupNone),
        ];
        // The first of them says most; two are read, a list is not. Beside [Fill on X] stands where it fills.
        let fills = entry.backup_wanted() && open > 0;
        let moments = moments.iter().filter(|it| it.0).map(|it| it.1).take(if fills { 1 } else { 2 });
        let moments: Vec<Trigger> = moments.chain(fills.then_some(Trigger::Filling)).collect();
        help_offer::offer(&face.slot("help"), &moments);
        if fills {
            help_offer::offer_fills(&face.slot("help"), entry.fills_on().as_deref());
        }
        if let Some(selector) = focused {
            // A control that went with what it was for leaves the keyboard to the code that is next.
            let places = [selector.as_str(), ".slip.next [data-slot=used]", "h1"];
            if let Some(place) = places.iter().find_map(|it| face.root.query_selector(it).ok().flatten()) {
                dom::focus(&place);
            }
        }
    }

    fn item(&self, slip: &Slip, number: u32, wanted: bool) -> Element {
        let (item, number) = (dom::part("slip"), number.to_string());
        let (added, state) = (slip.added(), slip.state());
        dom::set(&item, "data-added", &added.0.to_string());
        dom::class(&item, "next", slip.next());
        dom::class(&item, "spent", !state.is_open());
        dom::text(&dom::slot(&item, "number"), &number);
        let (words, icon) = match state {
            _ if slip.next() => ("backup_next", "key"),
            CodeState::Unused => ("backup_unused", "todo"),
            CodeState::Used => ("backup_used", "good"),
            CodeState::Void => ("backup_void", "blocked"),
            CodeState::Unknown => ("backup_unknown", "alert"),
        };
        dom::icon(&dom::slot(&item, "icon"), icon);
        dom::say(&dom::slot(&item, "state"), words, &[&i18n::date(slip.since().0)]);
        // Copied and "I used it": the next one; any where that is not known. A later one says first what X does then.
        for slot in ["copy", "used"] {
            dom::shown_if(slip.next() || state == CodeState::Unknown, &dom::slot(&item, slot));
        }
        dom::shown_if(slip.next(), &dom::slot(&item, "refused"));
        dom::shown_if(state.is_open() && !slip.next(), &dom::slot(&item, "choose"));
        dom::shown_if(state.is_open(), &dom::slot(&item, "actions"));
        dom::shown_if(slip.next() && wanted, &dom::slot(&item, "fill"));
        dom::class(&dom::slot(&item, "copy"), "primary", slip.next() && !wanted);
        for (slot, words) in [
            ("show", "backup_show_named"),
            ("copy", "backup_copy_named"),
            ("fill", "backup_fill_named"),
            ("used", "backup_used_named"),
            ("refused", "backup_refused_named"),
            ("choose", "backup_choose_named"),
        ] {
            // Which one is a description: a name would have to hold the words that are seen (WCAG 2.2, 2.5.3).
            dom::set(&dom::slot(&item, slot), "aria-description", &i18n::message(words, &[&number]));
        }
        if let Some((_, code)) = self.shown.borrow().as_ref().filter(|(it, _)| *it == added) {
            reveal(&item, Some(code));
        }
        item
    }

    /// Shows a code, or hides the one that is shown.
    fn show(&self, face: &'static Face, item: &Element, added: UnixTime) {
        let before = self.shown.take();
        dom::each(&face.root, "[data-added]", |it| reveal(&it, None));
        if before.is_some_and(|(it, _)| it == added) {
            return;
        }
        let (item, shown) = (item.clone(), self.shown.clone());
        face.ask(&Question::BackupCode { entry: self.id, added }, wrong(face), move |answer| {
            let Some(code) = answer.of::<Secret>("backup_code") else { return };
            reveal(&item, Some(&code));
            shown.replace(Some((added, code)));
        });
    }

    fn copy(&self, face: &'static Face, added: UnixTime) {
        face.ask(&Question::BackupCode { entry: self.id, added }, wrong(face), move |answer| {
            let Some(code) = answer.of::<Secret>("backup_code") else { return };
            let bare = Secret::new(code.expose().split(' ').collect());
            entry::lend(bare, face.slot("clipboard"));
        });
    }

    fn mark(&self, face: &'static Face, mark: BackupMark, words: &'static str) {
        face.ask(&Question::MarkBackup { entry: self.id, mark }, wrong(face), move |_| {
            dom::announce(&i18n::message(words, &[]));
        });
    }
}

fn wrong(face: &'static Face) -> Element {
    face.find("[data-wrong-here]")
}

fn reveal(item: &Element, code: Option<&Secret>) {
    dom::text(&dom::slot(item, "code"), code.map_or(HIDDEN, Secret::expose));
    let show = dom::slot(item, "show");
    dom::text(&show, &i18n::message(if code.is_some() { "hide" } else { "show" }, &[]));
    dom::set(&show, "aria-pressed", if code.is_some() { "true" } else { "false" });
}

/// The control that has the keyboard, so that it has it again once the list was drawn anew.
fn focused() -> Option<String> {
    let active = dom::document().active_element()?;
    let item = active.closest("[data-added]").ok().flatten()?;
    let (added, slot) = (item.get_attribute("data-added")?, active.get_attribute("data-slot")?);
    Some(["[data-added=\"", &added, "\"] [data-slot=\"", &slot, "\"]:not([hidden])"].concat())
}

fn dialog(face: &'static Face) -> Option<HtmlDialogElement> {
    face.slot("dialog").dyn_into().ok()
}

impl Screen for BackupCodes {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let Some(entry) = view.entries().find(|it| it.id() == self.id) else {
            Lost::open(face, "lost_code");
            self.laid.set(false);
            return;
        };
        if !self.laid.replace(true) {
            Self::lay(face, &entry);
            self.drawn.set(None);
            self.draw(face, &entry);
            events::settle_focus(&face.root);
        }
        if self.drawn.replace(Some(face.news())) != Some(face.news()) {
            self.draw(face, &entry);
        }
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        let item = on.closest("[data-added]").ok().flatten();
        let added = item.as_ref().and_then(|it| it.get_attribute("data-added"));
        let added = added.and_then(|it| it.parse().ok()).map(UnixTime);
        match (act, item, added) {
            ("show-code", Some(item), Some(added)) => self.show(face, &item, added),
            ("copy-code", _, Some(added)) => self.copy(face, added),
            ("fill", ..) => {
                face.ask(&Question::FillBackup { entry: self.id }, wrong(face), |_| {
                    dom::announce(&i18n::message("backup_filled", &[]));
                });
            }
            ("used", _, Some(added)) => self.mark(face, BackupMark::Used(added), "backup_said_used"),
            ("refused", _, Some(added)) => self.mark(face, BackupMark::Refused(added), "backup_said_refused"),
            ("ask-next", _, Some(added)) => {
                self.asked.set(Some(added));
                if let Some(dialog) = dialog(face) {
                    // It is in the document and not open, so it can be shown.
                    let _ = dialog.show_modal();
                }
            }
            ("choose-code" | "close-dialog", ..) => {
                if let Some(dialog) = dialog(face) {
                    dialog.close();
                }
                if let Some(added) = self.asked.take().filter(|_| act == "choose-code") {
                    self.mark(face, BackupMark::Next(added), "backup_said_next");
                }
            }
            ("none-used", ..) => self.mark(face, BackupMark::NoneUsed, "backup_said_none"),
            ("dead", ..) => self.mark(face, BackupMark::Dead, "backup_said_dead"),
            ("undo-mark", ..) => {
                self.mark(face, BackupMark::Undo, "backup_said_undo");
                dom::focus(&face.find("h1"));
            }
            ("clear-clipboard", ..) => entry::wipe(face.slot("clipboard")),
            // The browser's own window for printing closes a popup.
            ("print", ..) if face.popup => face.open_in_tab(&Route::BackupCodes(self.id)),
            ("print", ..) => {
                let entry = face.view().and_then(|view| view.entries().find(|it| it.id() == self.id));
                if let Some(entry) = entry {
                    self.sheet.print(face, &entry, on, &wrong(face));
                }
            }
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        let (field, wrong) = (dom::input("backup-code"), face.find("[data-wrong]"));
        let text = Secret::new(field.value());
        if let Err(refusal) = BackupCode::parse_list(text.expose()) {
            super::words::refuse(&wrong, refusal);
            return dom::focus(&field);
        }
        let question = Question::AddBackupCodes { entry: self.id, text };
        let done = Box::new(move |_| {
            field.set_value("");
            dom::announce(&i18n::message("toast_saved", &[]));
            dom::focus(&field);
        });
        face.press(&face.slot("go"), "adding", &question, wrong, done);
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        let wrong = face.find("[data-wrong]");
        dom::hide(&wrong);
        if on.id() != "backup-code" {
            return;
        }
        match BackupCode::parse_list(&Zeroizing::new(dom::input("backup-code").value())) {
            // Half a code that is being typed is no mistake yet.
            Ok(_) | Err(Refusal::BackupEmpty | Refusal::BackupLength { .. } | Refusal::BackupIsSixDigitCode) => {}
            Err(refusal) => super::words::refuse(&wrong, refusal),
        }
    }
}
