//! One saved account: what is known about its key, and what can be done with it. The key itself is shown only on request.

use super::codes::Lamp;
use super::notes::{self, Lost, Tone};
use super::route::Route;
use super::words::{at, counted, key_text, state};
use super::{Face, New, Screen, bin, dom, events, home, now};
use crate::browser::seen::{self, Standing, View};
use crate::browser::{clipboard, i18n, timer};
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::label::Id;
use longkey_core::protocol::Question;
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

/// Not a doubt: X refuses the key.
const STALE: &str = "stale";

/// How long a copied key may stay on the clipboard.
const ON_CLIPBOARD_MS: u32 = 30_000;

/// The page of one account.
pub struct Entry {
    id: Id,
    lamp: RefCell<Option<Lamp>>,
    laid: Cell<bool>,
    shown: Cell<bool>,
    leaving: Cell<bool>,
}

impl Entry {
    /// Opens it.
    pub fn open(face: &'static Face, id: Id) -> Self {
        face.root.set_text_content(None);
        let (laid, shown, leaving) = (Cell::new(false), Cell::new(false), Cell::new(false));
        Self { id, lamp: RefCell::default(), laid, shown, leaving }
    }

    fn light(&self, face: &'static Face) {
        let Some(row) = home::entry_row(face, self.id) else { return };
        if self.lamp.borrow().as_ref().is_some_and(|it| it.row.is_same(&row)) {
            return;
        }
        let item = dom::part("row");
        let button = item.query_selector(".whole").ok().flatten().unwrap_or_else(|| dom::element("span"));
        // The page's title names the account, and its link would lead here.
        dom::hide(&dom::slot(&item, "more"));
        dom::say(&dom::slot(&item, "handle"), "six_digits", &[]);
        let list = dom::element("ul");
        list.set_class_name("list");
        dom::append(&list, &item);
        dom::fill(&face.slot("code-place"), &list);
        let lamp = Lamp::new(row, button, vec![item]);
        lamp.look(true, now());
        *self.lamp.borrow_mut() = Some(lamp);
    }

    fn facts(&self, face: &'static Face, view: &View, entry: &seen::Entry) {
        let current = entry.current().map_or_else(|| i18n::message("standing_none", &[]), |it| standing(&it));
        dom::text(&face.slot("standing"), &current);
        let fact = |slot: &str, words: Option<String>| {
            let term = face.slot(&[slot, "-term"].concat());
            let value = face.slot(slot);
            dom::shown_if(words.is_some(), &term);
            dom::shown_if(words.is_some(), &value);
            dom::text(&value, &words.unwrap_or_default());
        };
        let account = view.accounts().find(|it| it.entry() == Some(self.id));
        fact("waiting", entry.waiting().map(|it| standing(&it)));
        fact("older", (entry.older() > 0).then(|| counted("older", entry.older())));
        fact("xquik", account.as_ref().map(|it| i18n::message(&["health_", it.health().code()].concat(), &[])));
        let connected = account.as_ref().and_then(|it| it.connected()).map(|it| js_sys::Date::parse(&it));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date is far below 2^53 ms
        fact("connected", connected.filter(|it| it.is_finite() && *it > 0.0).map(|it| i18n::date(it as u64)));

        let codes = face.slot("backup-codes");
        dom::set(&codes, "href", &Route::BackupCodes(self.id).print());
        let open = entry.backup().filter(|it| it.state().is_open()).count();
        let left = u32::try_from(open).unwrap_or(u32::MAX);
        dom::text(
            &face.slot("backup-left"),
            &if left == 0 { i18n::message("backup_left_none", &[]) } else { counted("backup_left", left) },
        );
        let card = face.slot("card-link");
        dom::shown_if(entry.waiting().is_some(), &card);
        dom::set(&card, "href", &Route::Code(self.id).print());
        let sign_in = face.slot("sign-in");
        dom::shown_if(account.is_some(), &sign_in);
        if let Some(account) = account {
            dom::set(&sign_in, "href", &Route::SignIn(account.id()).print());
        }
        dom::set(&face.slot("reset"), "href", &["#/reset/", &entry.handle()].concat());
        let works = entry.current().is_some_and(|it| it.state() == KeyState::Confirmed);
        let doubt = entry.doubt();
        dom::shown_if(works && doubt.is_none(), &face.slot("refuses"));
        // Said to be dead by mistake: nothing newer stands in its place.
        let stale = entry.current().is_some_and(|it| it.state() == KeyState::Stale) && entry.waiting().is_none();
        dom::shown_if(stale, &face.slot("trust"));
        let says = if stale { Some(STALE.to_owned()) } else { doubt };
        question(face, &says.unwrap_or_default(), &entry.handle());
    }

    fn show_key(&self, face: &'static Face) {
        // An account may have backup codes and no key that has codes.
        dom::shown_if(home::entry_row(face, self.id).is_some(), &face.slot("key-part"));
        let row = if self.shown.get() { home::entry_row(face, self.id) } else { None };
        let text = row.as_ref().map_or_else(|| "···· ···· ···· ····".into(), key_text);
        dom::text(&face.slot("key"), &text);
        let button = face.slot("show");
        dom::say(&button, if row.is_some() { "hide" } else { "show" }, &[]);
        dom::set(&button, "aria-pressed", if row.is_some() { "true" } else { "false" });
    }

    /// Not asked first: it can be undone.
    fn delete(&self, face: &'static Face) {
        let Some(entry) = face.view().and_then(|it| it.entries().find(|it| it.id() == self.id)) else { return };
        if self.leaving.replace(true) {
            return;
        }
        let (id, handle) = (self.id, entry.handle());
        face.ask(&Question::Delete { entry: id }, face.find("[data-wrong]"), move |_| {
            events::replace(&Route::Home);
            bin::deleted(face, id, &handle);
        });
    }

    fn copy_key(&self, face: &'static Face) {
        let Some(row) = face.row(self.id, New::Last) else { return };
        let Some(key) = row.key() else { return };
        lend(Secret::new(key.expose().into()), face.slot("clipboard"));
    }
}

/// Puts a secret on the clipboard for a while; what becomes of it is said in `place`.
pub(super) fn lend(secret: Secret, place: Element) {
    let held = secret.clone();
    clipboard::copy(secret.expose(), move |done| {
        let words = i18n::message(if done { "key_copied" } else { "copy_failed" }, &[]);
        dom::text(&place, &words);
        dom::announce(&words);
        if done {
            timer::after(ON_CLIPBOARD_MS, move || clear(place, held));
        }
    });
}

/// Takes the key from the clipboard if it is still there; where the browser does not tell, the user decides.
fn clear(place: Element, key: Secret) {
    clipboard::holds(key, |held| match held {
        Some(true) => wipe(place),
        Some(false) => dom::text(&place, ""),
        None => offer(&place),
    });
}

/// Empties the clipboard.
pub(super) fn wipe(place: Element) {
    clipboard::copy("", move |cleared| {
        if !cleared {
            return offer(&place);
        }
        let words = i18n::message("clipboard_cleared", &[]);
        dom::text(&place, &words);
        dom::announce(&words);
    });
}

fn offer(place: &Element) {
    let note = notes::note(Tone::Warn, "", &i18n::message("clipboard_kept", &[]));
    notes::button(&note, "clear_clipboard", "clear-clipboard", "");
    dom::fill(place, &note);
}

fn standing(it: &Standing) -> String {
    i18n::message(&["standing_", state(it.state())].concat(), &[&i18n::date(it.since().0)])
}

/// What X's pages showed against the key: only the user knows. Of a key that is dead it is said that it is.
/// What is to be said of the key: that it is dead, or a doubt; empty for nothing.
fn question(face: &'static Face, says: &str, handle: &str) {
    let notes = face.slot("notes");
    // What stands there stays as long as it is what is to be said: it may have the focus.
    if notes.get_attribute("data-says").as_deref() == Some(says) {
        return;
    }
    dom::set(&notes, "data-says", says);
    notes.set_text_content(None);
    if says == STALE {
        let note = notes::note(Tone::Bad, &i18n::message("row_stale", &[]), &i18n::message("key_dead_text", &[]));
        notes::link(&note, "reset_key", &["#/reset/", handle].concat());
        return dom::append(&notes, &note);
    }
    if says.is_empty() {
        return;
    }
    let title = i18n::message("doubt_title", &[&at(handle)]);
    let note = notes::note(Tone::Warn, &title, &i18n::message(&["doubt_", says].concat(), &[]));
    notes::button(&note, "doubt_dead", "refuses", "");
    notes::button(&note, "still_works", "trust", "");
    dom::append(&notes, &note);
}

fn dialog(face: &'static Face) -> Option<HtmlDialogElement> {
    face.slot("copy-dialog").dyn_into().ok()
}

impl Screen for Entry {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let Some(entry) = view.entries().find(|it| it.id() == self.id) else {
            if !self.leaving.get() {
                Lost::open(face, "lost_code");
                self.laid.set(false);
            }
            return;
        };
        if !self.laid.replace(true) {
            face.lay("entry");
            let title = face.slot("title");
            dom::text(&title, &at(&entry.handle()));
            dom::set(&title, "dir", "ltr");
            *self.lamp.borrow_mut() = None;
            events::settle_focus(&face.root);
        }
        self.light(face);
        self.facts(face, &view, &entry);
        self.show_key(face);
    }

    fn tick(&self, _: &'static Face, now: UnixTime) {
        if let Some(lamp) = self.lamp.borrow().as_ref() {
            lamp.tick(now);
        }
    }

    fn act(&self, face: &'static Face, act: &str, _: &Element) {
        let close = || {
            if let Some(dialog) = dialog(face) {
                dialog.close();
            }
        };
        match act {
            "copy" => {
                if let Some(lamp) = self.lamp.borrow().as_ref() {
                    lamp.copy();
                }
            }
            "show" => {
                self.shown.set(!self.shown.get());
                self.show_key(face);
            }
            "ask-copy" => {
                if let Some(dialog) = dialog(face) {
                    // It is in the document and not open, so it can be shown.
                    let _ = dialog.show_modal();
                }
            }
            "close-dialog" => close(),
            "copy-key" => {
                self.copy_key(face);
                close();
            }
            "clear-clipboard" => wipe(face.slot("clipboard")),
            "refuses" => face.ask(&Question::Refuses { entry: self.id }, face.find("[data-wrong]"), |_| {}),
            "trust" => face.ask(&Question::Trust { entry: self.id }, face.find("[data-wrong]"), |_| {}),
            "delete" => self.delete(face),
            "retry" => self.leaving.set(false),
            _ => {}
        }
    }

    fn focused(&self, on: &Element) {
        if let Some(lamp) = self.lamp.borrow().as_ref().filter(|it| it.button == *on) {
            lamp.describe(now());
        }
    }
}
