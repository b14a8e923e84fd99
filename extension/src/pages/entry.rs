//! The page of one account, saved here, listed at Xquik, or both: what is known of its key and what can be done with it. The
//! key itself is shown only on request. What Xquik says of it is in `account`.

use super::codes::Lamp;
use super::notes::{self, Lost, Tone};
use super::route::Route;
use super::words::{at, counted, key_text, state};
use super::{Face, New, Screen, account, bin, dom, events, help_offer, home, now, unlock};
use crate::browser::seen::{self, Standing, View};
use crate::browser::{clipboard, i18n, timer};
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::help::Trigger;
use longkey_core::label::{AccountRef, Handle, Id};
use longkey_core::protocol::{Question, VaultState};
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement};

/// Not a doubt: X refuses the key.
const STALE: &str = "stale";

/// How long a copied key may stay on the clipboard.
const ON_CLIPBOARD_MS: u32 = 30_000;

/// Whose page it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A saved account.
    Saved(Id),
    /// One at Xquik.
    AtXquik(AccountRef),
}

/// The page of one account.
pub struct Entry {
    subject: Subject,
    /// The saved account; none where there is no key of it, or while the vault is locked.
    id: Cell<Option<Id>>,
    memory: Rc<account::Memory>,
    lamp: RefCell<Option<Lamp>>,
    laid: Cell<bool>,
    shown: Cell<bool>,
    leaving: Cell<bool>,
}

impl Entry {
    /// Opens it.
    pub fn open(face: &'static Face, subject: Subject) -> Self {
        face.root.set_text_content(None);
        let (laid, shown, leaving) = (Cell::new(false), Cell::new(false), Cell::new(false));
        let (id, lamp, memory) = (Cell::new(None), RefCell::default(), Rc::default());
        Self { subject, id, memory, lamp, laid, shown, leaving }
    }

    fn light(&self, face: &'static Face) {
        let Some(row) = self.row(face) else { return };
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

    fn row(&self, face: &'static Face) -> Option<seen::Row> {
        home::entry_row(face, self.id.get()?)
    }

    /// What belongs to this page: the saved account, the one at Xquik, or both.
    fn found(&self, view: &View) -> (Option<seen::Entry>, Option<seen::Account>) {
        let saved = |id: Id| view.entries().find(|it| it.id() == id);
        match &self.subject {
            Subject::Saved(id) => (saved(*id), view.accounts().find(|it| it.entry() == Some(*id))),
            Subject::AtXquik(name) => {
                let account = view.accounts().find(|it| it.id() == *name);
                (account.as_ref().and_then(seen::Account::entry).and_then(saved), account)
            }
        }
    }

    fn facts(&self, face: &'static Face, view: &View, entry: Option<&seen::Entry>, account: Option<&seen::Account>) {
        let locked = view.vault() == VaultState::Locked;
        let standings = |of: fn(&seen::Entry) -> Option<Standing>| entry.and_then(of).map(|it| standing(&it));
        let current = standings(seen::Entry::current);
        let none = || i18n::message(if entry.is_some() { "standing_none" } else { "key_saved_none" }, &[]);
        account::fact(face, "standing", (!locked).then(|| current.unwrap_or_else(none)));
        account::fact(face, "waiting", standings(seen::Entry::waiting));
        account::fact(face, "older", entry.map(seen::Entry::older).filter(|it| *it > 0).map(|it| counted("older", it)));
        match account {
            Some(account) => account::show(face, account, &self.memory),
            None => {
                dom::hide(&face.slot("past"));
                for slot in ["xquik", "connected", "last", "country", "worked"] {
                    account::fact(face, slot, None);
                }
            }
        }
        let codes = face.slot("backup-codes");
        dom::shown_if(entry.is_some(), &codes);
        let card = face.slot("card-link");
        let waiting = entry.and_then(seen::Entry::waiting);
        dom::shown_if(waiting.is_some(), &card);
        if let Some(entry) = entry {
            dom::set(&codes, "href", &Route::BackupCodes(entry.id()).print());
            let open = entry.backup().filter(|it| it.state().is_open()).count();
            let left = u32::try_from(open).unwrap_or(u32::MAX);
            let none = || i18n::message("backup_left_none", &[]);
            dom::text(&face.slot("backup-left"), &if left == 0 { none() } else { counted("backup_left", left) });
            dom::set(&card, "href", &Route::Code(entry.id()).print());
        }
        let sign_in = face.slot("sign-in");
        dom::shown_if(account.is_some(), &sign_in);
        let phone = face.slot("phone");
        dom::shown_if(self.row(face).is_some(), &phone);
        if let Some(entry) = entry {
            dom::set(&phone, "href", &Route::Phone(entry.id()).print());
        }
        let new = face.slot("new-account");
        let connected = view.xquik().count_all() > 0;
        dom::shown_if(account.is_none() && entry.is_some() && connected, &new);
        if let Some(account) = account {
            dom::set(&sign_in, "href", &Route::SignIn(account.id()).print());
        }
        let handle = entry.map(seen::Entry::handle).or_else(|| account.map(seen::Account::handle)).unwrap_or_default();
        dom::set(&face.slot("reset"), "href", &Route::reset(&handle));
        dom::set(&new, "href", &Route::NewAccount(Handle::parse(&handle).ok()).print());
        let current = entry.and_then(seen::Entry::current).map(|it| it.state());
        let doubt = entry.and_then(seen::Entry::doubt);
        dom::shown_if(current == Some(KeyState::Confirmed) && doubt.is_none(), &face.slot("refuses"));
        // Said to be dead by mistake: nothing newer stands in its place.
        let stale = current == Some(KeyState::Stale) && waiting.is_none();
        dom::shown_if(stale, &face.slot("trust"));
        dom::shown_if(entry.is_some(), &face.slot("delete"));
        let says = if stale { Some(STALE.to_owned()) } else { doubt };
        question(face, &says.unwrap_or_default(), &handle);
    }

    fn show_key(&self, face: &'static Face) {
        // An account may have backup codes and no key that has codes.
        dom::shown_if(self.row(face).is_some(), &face.slot("key-part"));
        let row = if self.shown.get() { self.row(face) } else { None };
        help_offer::offer(&face.slot("help"), &[Trigger::Moving]);
        let text = row.as_ref().map_or_else(|| "···· ···· ···· ····".into(), key_text);
        dom::text(&face.slot("key"), &text);
        let button = face.slot("show");
        dom::say(&button, if row.is_some() { "hide" } else { "show" }, &[]);
        dom::set(&button, "aria-pressed", if row.is_some() { "true" } else { "false" });
    }

    /// Not asked first: it can be undone.
    fn delete(&self, face: &'static Face) {
        let Some(entry) = face.view().and_then(|it| self.found(&it).0) else { return };
        if self.leaving.replace(true) {
            return;
        }
        let (id, handle) = (entry.id(), entry.handle());
        face.ask(&Question::Delete { entry: id }, face.find("[data-wrong]"), move |_| {
            events::replace(&Route::Home);
            bin::deleted(face, id, &handle);
        });
    }

    fn copy_key(&self, face: &'static Face) {
        let Some(row) = self.id.get().and_then(|id| face.row(id, New::Last)) else { return };
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
        notes::link(&note, "reset_key", &Route::reset(handle));
        return dom::append(&notes, &note);
    }
    if says.is_empty() {
        return;
    }
    let title = i18n::message("doubt_title", &[&at(handle)]);
    let note = notes::note(Tone::Warn, &title, &i18n::message(&["doubt_", says].concat(), &[]));
    notes::button(&note, "doubt_dead", "refuses", "");
    notes::button(&note, "still_works", "trust", "");
    help_offer::on_note(&note, Trigger::AppOff);
    dom::append(&notes, &note);
}

fn dialog(face: &'static Face) -> Option<HtmlDialogElement> {
    face.slot("copy-dialog").dyn_into().ok()
}

impl Screen for Entry {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        let (entry, account) = self.found(&view);
        let saved = entry.as_ref().map(seen::Entry::handle);
        let Some(handle) = saved.or_else(|| account.as_ref().map(seen::Account::handle)) else {
            if !self.leaving.get() {
                Lost::open(face, "lost_code");
                self.laid.set(false);
            }
            return;
        };
        self.id.set(entry.as_ref().map(seen::Entry::id));
        if !self.laid.replace(true) {
            face.lay("entry");
            let title = face.slot("title");
            dom::text(&title, &at(&handle));
            dom::set(&title, "dir", "ltr");
            *self.lamp.borrow_mut() = None;
            events::settle_focus(&face.root);
        }
        unlock::place(face, &face.slot("unlock"), view.vault() == VaultState::Locked);
        self.light(face);
        self.facts(face, &view, entry.as_ref(), account.as_ref());
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
            "refuses" | "trust" => {
                let Some(entry) = self.id.get() else { return };
                let refuses = act == "refuses";
                let question = if refuses { Question::Refuses { entry } } else { Question::Trust { entry } };
                face.ask(&question, face.find("[data-wrong]"), move |_| {
                    dom::announce(&i18n::message(if refuses { "key_stale" } else { "key_works" }, &[]));
                    // The button that was pressed goes.
                    dom::focus(&face.find("h1"));
                });
            }
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
