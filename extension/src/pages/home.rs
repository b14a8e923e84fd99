//! The list: who needs you, who waits, and the codes. Codes come from the rows alone, so that they stand before
//! the background has answered; everything else comes with its answer.

use super::codes::Lamp;
use super::notes::{self, Tone};
use super::route::Route;
use super::rows::{self, FIRST};
use super::words::{at, counted, time, workspace};
use super::{Face, New, Screen, connection, dom, events, help_offer, home_search, now, trouble, unlock};
use crate::browser::i18n;
use crate::browser::seen::{Account, Entry, Row, View};
use js_sys::Array;
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::protocol::{Group, VaultState};
use longkey_core::reset::Task;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlInputElement, IntersectionObserver, IntersectionObserverEntry};

/// Accounts that need the user, or that wait, are shown up to here; all of them have a page of their own.
const MOST: u32 = 5;

/// The list of accounts and codes.
pub struct Home {
    lamps: Rc<RefCell<Vec<Lamp>>>,
    observer: RefCell<Option<IntersectionObserver>>,
    shown_rows: RefCell<Option<Rc<[Row]>>>,
    shown: Cell<Option<u32>>,
    generation: Rc<Cell<u32>>,
}

impl Home {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("home");
        Self {
            lamps: Rc::default(),
            observer: RefCell::default(),
            shown_rows: RefCell::default(),
            shown: Cell::new(None),
            generation: Rc::default(),
        }
    }

    fn codes(&self, face: &'static Face, rows: &Rc<[Row]>) {
        let list = face.slot("codes-list");
        list.set_text_content(None);
        self.lamps.borrow_mut().clear();
        if let Some(observer) = self.observer.borrow().as_ref() {
            observer.disconnect();
        }
        let generation = self.generation.get() + 1;
        self.generation.set(generation);
        let observer = watch(&self.lamps);
        let rest = rows.len().min(FIRST);
        add_rows(&list, rows.get(..rest).unwrap_or_default(), &self.lamps, observer.as_ref());
        let moment = now();
        for lamp in self.lamps.borrow().iter().take(12) {
            lamp.look(true, moment);
        }
        self.observer.borrow_mut().clone_from(&observer);
        let (rows, lamps, current) = (Rc::clone(rows), Rc::clone(&self.lamps), Rc::clone(&self.generation));
        rows::in_pieces(rest, rows.len(), move |piece| {
            // Another list has taken this one's place.
            let ours = current.get() == generation;
            if ours {
                add_rows(&list, rows.get(piece).unwrap_or_default(), &lamps, observer.as_ref());
            }
            ours
        });
    }

    fn others(&self, face: &'static Face, view: &View) {
        let (needs, waits) = (face.slot("needs-list"), face.slot("waiting-list"));
        needs.set_text_content(None);
        waits.set_text_content(None);
        for draft in view.drafts().filter(|it| !it.kept()) {
            let handle = draft.handle().map_or_else(|| i18n::message("no_handle", &[]), |it| at(&it));
            let words = i18n::message(if draft.ask() { "save_title_ask" } else { "save_title" }, &[]);
            dom::append(&needs, &row(&handle, &words, "key", &Route::Save(draft.id()).print(), "now"));
        }
        for reset in view.resets() {
            let step = Task::next(&reset.tasks()).number().to_string();
            let key = if reset.app_off() { "reset_app_off" } else { "reset_unfinished_short" };
            let tone = if reset.app_off() { "now" } else { "" };
            let words = i18n::message(key, &[&step]);
            dom::append(&needs, &row(&at(&reset.handle()), &words, "list", &Route::reset(&reset.handle()), tone));
        }
        for it in view.connections().filter(|it| it.stage() == "code") {
            dom::append(&needs, &connection::row(view, &it, "now"));
        }
        // Its checklist asks the same, as its third step.
        let in_reset = |entry: &Entry| view.resets().any(|it| it.handle().eq_ignore_ascii_case(&entry.handle()));
        for entry in view.entries().filter(|it| it.doubt().is_some() && !in_reset(it)) {
            let words = i18n::message("doubt_short", &[]);
            dom::append(&needs, &row(&at(&entry.handle()), &words, "alert", &Route::Entry(entry.id()).print(), "now"));
        }
        let codeless = face.slot("codeless-list");
        codeless.set_text_content(None);
        // Without a key that has codes there is no row, and still a page: its backup codes may be the only way in.
        let has_code =
            |it: &Entry| it.waiting().is_some() || it.current().is_some_and(|it| it.state() != KeyState::Stale);
        for entry in view.entries().filter(|it| !has_code(it)) {
            let words = if entry.current().is_some() { "row_stale" } else { "row_no_code" };
            let (words, route) = (i18n::message(words, &[]), Route::Entry(entry.id()).print());
            dom::append(&codeless, &row(&at(&entry.handle()), &words, "key", &route, ""));
        }
        let moment = now();
        let several = view.xquik().count_all() > 1;
        let (mut all, mut need, mut wait) = (0, 0, 0);
        for it in view.xquik() {
            let whose = if several { workspace(&it) } else { String::new() };
            all += it.accounts().count_all();
            for account in it.accounts() {
                let (list, tone, count) = match account.group() {
                    Group::NeedsYou => (&needs, "now", &mut need),
                    Group::Waiting => (&waits, "later", &mut wait),
                    Group::Fine => continue,
                };
                *count += 1;
                if *count > MOST {
                    continue;
                }
                let words = under(&account, &whose, moment);
                let route = Route::SignIn(account.id()).print();
                dom::append(list, &row(&at(&account.handle()), &words, icon(&account), &route, tone));
            }
        }
        for account in view.fansly().into_iter().flat_map(|it| it.accounts()).filter(|it| it.step() == "code") {
            dom::append(&needs, &super::fansly::row(&account, moment));
        }
        for (list, count) in [(&needs, need), (&waits, wait)] {
            if count > MOST {
                let words = counted("and_more", count - MOST);
                dom::append(list, &row(&words, "", "list", &Route::Accounts.print(), ""));
            }
        }
        dom::shown_if(all > 1, &face.slot("all-accounts"));
        dom::shown_if(need > 1, &face.slot("run"));
        dom::shown_if(needs.child_element_count() > 0, &face.slot("needs"));
        dom::shown_if(waits.child_element_count() > 0, &face.slot("waiting"));
    }

    fn notes(&self, face: &'static Face, view: &View) {
        let notes = face.slot("notes");
        notes.set_text_content(None);
        if face.is_silent() {
            dom::append(&notes, &notes::note(Tone::Warn, "", &i18n::message("silent", &[])));
        }
        if let Some(trouble) = view.trouble() {
            dom::append(&notes, &trouble::note(&trouble));
        }
        trouble::notices(&notes, view);
        if let Some(ahead) = view.clock() {
            dom::append(&notes, &notes::clock(ahead));
        }
        if let Some(note) = help_offer::asked(view).filter(|_| !face.asked_away.get()) {
            dom::append(&notes, &note);
        }
        if view.page_changed() {
            let words = (i18n::message("page_changed", &[]), i18n::message("page_changed_text", &[]));
            let note = notes::note(Tone::Warn, &words.0, &words.1);
            notes::link(&note, "paste_key", &Route::Add.print());
            dom::append(&notes, &note);
        }
        // One of them at a time: a list of wishes is read by nobody.
        if view.recovered() || view.vault() == VaultState::NotLocked {
            let words = if view.recovered() { "recovered" } else { "not_locked" };
            let note = notes::note(Tone::Warn, "", &i18n::message(words, &[]));
            notes::link(&note, "set_passphrase", &Route::Passphrase.print());
            // Nor are the keys of somebody who wants no passphrase anywhere else.
            if view.unsaved() > 0 && !view.recovered() {
                notes::quiet_link(&note, "make_backup", &Route::Backup.print());
            }
            dom::append(&notes, &note);
        } else if view.unsaved() > 0 && !face.nudged.get() {
            let note = notes::note(Tone::Plain, "", &counted("unsaved", view.unsaved()));
            notes::link(&note, "make_backup", &Route::Backup.print());
            notes::button(&note, "not_now", "nudged", "");
            dom::append(&notes, &note);
        }
        if !face.sees_x() {
            let words = (i18n::message("cant_see_x", &[]), i18n::message("cant_see_x_text", &[]));
            let note = notes::note(Tone::Warn, &words.0, &words.1);
            notes::button(&note, "give_access", "give-access", "");
            dom::append(&notes, &note);
        }
        let several = view.xquik().count_all() > 1;
        for it in view.xquik() {
            let whose = if several { workspace(&it) } else { String::new() };
            if let Some(verdict) = it.trouble() {
                notes::trouble(&notes, &verdict, &whose);
            }
        }
    }

    fn search(&self, face: &'static Face, open: bool) {
        let field = face.find("[data-slot=query]");
        dom::shown_if(open, &face.find("#search"));
        dom::set(&face.slot("search-button"), "aria-expanded", if open { "true" } else { "false" });
        if open {
            dom::focus(&field);
        } else {
            if let Some(field) = field.dyn_ref::<HtmlInputElement>() {
                field.set_value("");
            }
            home_search::filter(face);
            dom::focus(&face.slot("search-button"));
        }
    }
}

impl Screen for Home {
    fn refresh(&self, face: &'static Face) {
        let (rows, view) = (face.rows(), face.view());
        // Rows are drawn anew, those that a search found among them: the keyboard comes back once all are there.
        let focused = focused_row();
        // Sightings that nobody kept are not among the codes; before the first answer nobody knows which those are.
        let kept = |row: &Row| {
            !row.draft() || view.as_ref().is_some_and(|it| it.drafts().any(|it| it.kept() && it.id() == row.id()))
        };
        let list: Rc<[Row]> = rows.rows().filter(kept).collect();
        if self.shown_rows.borrow().as_ref().is_none_or(|it| !same_rows(it, &list)) {
            self.codes(face, &list);
            dom::shown_if(!list.is_empty(), &face.slot("codes"));
            *self.shown_rows.borrow_mut() = Some(list);
        }
        let new = self.shown.replace(Some(face.news())) != Some(face.news());
        if let Some(view) = view {
            if new {
                self.others(face, &view);
                self.notes(face, &view);
            }
            let locked = view.vault() == VaultState::Locked;
            unlock::place(face, &face.slot("unlock"), locked);
            dom::shown_if(view.vault() == VaultState::Unlocked, &face.slot("lock"));
            let nothing = !locked
                && view.entries().count_all() == 0
                && view.drafts().count_all() == 0
                && view.resets().count_all() == 0
                && view.trouble().is_none()
                && self.lamps.borrow().is_empty()
                && view.accounts().next().is_none()
                && view.fansly().is_none();
            dom::shown_if(nothing, &face.slot("empty"));
            dom::shown_if(view.xquik().count_all() == 0, &face.slot("connect"));
            // Locked, there may be nothing to search.
            let listed = matches!(face.root.query_selector(".list > li"), Ok(Some(_)));
            dom::shown_if(listed && view.trouble().is_none(), &face.slot("search-button"));
            dom::shown_if(view.trouble().is_none(), &face.slot("add"));
            if !nothing && !locked && view.trouble().is_none() {
                dom::show(&face.slot("codes"));
            }
        } else if face.is_silent() && new {
            let note = notes::note(Tone::Warn, "", &i18n::message("silent", &[]));
            dom::fill(&face.slot("notes"), &note);
        }
        home_search::filter(face);
        refocus(face, focused);
    }

    fn tick(&self, face: &'static Face, now: UnixTime) {
        if face.rows().rows().count_all() == 0 && !self.lamps.borrow().is_empty() {
            // The deadline has passed while the page was open.
            self.refresh(face);
        }
        for lamp in self.lamps.borrow().iter() {
            lamp.tick(now);
        }
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        match act {
            "copy" => {
                if let Some(lamp) = self.lamps.borrow().iter().find(|it| it.button == *on) {
                    lamp.copy();
                }
            }
            "search" => self.search(face, face.find("#search").has_attribute("hidden")),
            "search-open" => self.search(face, true),
            "search-close" => self.search(face, false),
            "replace" => events::go(&Route::Connect),
            "nudged" | "asked-away" => {
                if act == "nudged" { &face.nudged } else { &face.asked_away }.set(true);
                if let Some(view) = face.view() {
                    self.notes(face, &view);
                }
                dom::focus(&face.find("h1"));
            }
            _ => {}
        }
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        if on.get_attribute("data-slot").as_deref() == Some("query") {
            home_search::filter(face);
        }
    }

    fn focused(&self, on: &Element) {
        if let Some(lamp) = self.lamps.borrow().iter().find(|it| it.button == *on) {
            lamp.describe(now());
        }
    }
}

fn same_rows(left: &[Row], right: &[Row]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(a, b)| a.is_same(b))
}

fn add_rows(list: &Element, rows: &[Row], lamps: &Rc<RefCell<Vec<Lamp>>>, observer: Option<&IntersectionObserver>) {
    let piece = dom::document().create_document_fragment();
    let mut lamps = lamps.borrow_mut();
    for row in rows {
        let item = dom::part("row");
        let handle = row.handle().map_or_else(|| i18n::message("no_handle", &[]), |it| at(&it));
        dom::text(&dom::slot(&item, "handle"), &handle);
        let under = match (row.draft(), row.state()) {
            (true, _) => "row_draft",
            (_, KeyState::Pending) => "row_pending",
            (_, KeyState::Matched) => "row_matched",
            (_, KeyState::Stale) => "row_stale",
            (_, KeyState::Confirmed) => "",
        };
        if !under.is_empty() {
            dom::say(&dom::slot(&item, "under"), under, &[]);
        }
        let more = dom::slot(&item, "more");
        let waits = row.draft() || matches!(row.state(), KeyState::Pending | KeyState::Matched);
        dom::set(&more, "href", &if waits { Route::Code(row.id()) } else { Route::Entry(row.id()) }.print());
        dom::set(&more, "aria-label", &i18n::message("open_account", &[&handle]));
        dom::set(&item, "data-at", &lamps.len().to_string());
        dom::set(&item, "data-key", &String::from(row.id()));
        dom::set(&item, "data-find", &handle.to_ascii_lowercase());
        let button = item.query_selector(".whole").ok().flatten().unwrap_or_else(|| dom::element("span"));
        dom::append(&piece, &item);
        if let Some(observer) = observer {
            observer.observe(&item);
        }
        lamps.push(Lamp::new(row.clone(), button, vec![item]));
    }
    dom::append(list, &piece);
}

/// Lights the lamps that can be seen.
fn watch(lamps: &Rc<RefCell<Vec<Lamp>>>) -> Option<IntersectionObserver> {
    let lamps = Rc::clone(lamps);
    let saw = Closure::<dyn Fn(Array)>::new(move |entries: Array| {
        let moment = now();
        let lamps = lamps.borrow();
        for entry in entries.iter() {
            let Ok(entry) = entry.dyn_into::<IntersectionObserverEntry>() else { continue };
            let place = entry.target().get_attribute("data-at").and_then(|it| it.parse::<usize>().ok());
            if let Some(lamp) = place.and_then(|it| lamps.get(it)) {
                lamp.look(entry.is_intersecting(), moment);
            }
        }
    });
    IntersectionObserver::new(saw.into_js_value().unchecked_ref()).ok()
}

/// An account with what is to be said of it, leading to its screen.
pub(super) fn row(handle: &str, under: &str, icon: &str, route: &str, tone: &str) -> Element {
    let item = dom::part("account");
    dom::text(&dom::slot(&item, "handle"), handle);
    dom::text(&dom::slot(&item, "under"), under);
    dom::icon(&dom::slot(&item, "icon"), icon);
    dom::set(&dom::slot(&item, "link"), "href", route);
    dom::set(&item, "data-key", route);
    dom::set(&item, "data-find", &handle.to_ascii_lowercase());
    if !tone.is_empty() {
        dom::class(&item, tone, true);
    }
    item
}

pub(super) fn icon(account: &Account) -> &'static str {
    match (account.health().code(), account.group()) {
        // Nothing is waited for: signing in won't fix it.
        ("suspended", _) => "blocked",
        (_, Group::Waiting) => "wait",
        ("locked", _) => "lock",
        (_, Group::NeedsYou) => "alert",
        ("healthy", _) => "good",
        _ => "wait",
    }
}

/// How an account stands, and in which workspace where there are several.
pub(super) fn under(account: &Account, whose: &str, now: UnixTime) -> String {
    let words = standing(account, now);
    if whose.is_empty() { words } else { i18n::message("two_facts", &[&words, whose]) }
}

pub(super) fn standing(account: &Account, now: UnixTime) -> String {
    match account.attempt().map(|it| it.outcome().word()).as_deref() {
        Some("running") => return i18n::message("account_running", &[]),
        Some("unknown") => return i18n::message("account_unknown", &[]),
        _ => {}
    }
    let health = account.health().code();
    // A pause says something of those alone that wait for a sign-in: a workspace's is everybody's.
    if let Some(until) = account.not_before().filter(|it| *it > now && health == "needs_reauth") {
        return i18n::message("account_until", &[&time(until, now)]);
    }
    i18n::message(&["account_", health].concat(), &[])
}

fn focused_row() -> Option<String> {
    let active = dom::document().active_element()?;
    let row = active.closest("li[data-key]").ok().flatten()?;
    row.get_attribute("data-key")
}

fn refocus(face: &Face, key: Option<String>) {
    let Some(key) = key else { return };
    let gone = dom::document().active_element().is_none_or(|it| it.tag_name() == "BODY");
    if gone {
        let selector = ["li[data-key=\"", &key, "\"] .whole"].concat();
        // A row that went, as an account does that is signed in again, leaves the keyboard at the top of the page.
        let row = face.root.query_selector(&selector).ok().flatten();
        dom::focus(&row.unwrap_or_else(|| face.find("h1")));
    }
}

/// The handles that are known, for the lists that fields suggest from.
pub fn suggest(face: &'static Face) {
    let known = face.slot("known");
    if known.child_element_count() > 0 {
        return;
    }
    let Some(view) = face.view() else { return };
    let mut handles: Vec<String> = Vec::new();
    for handle in view.entries().map(|it| it.handle()).chain(view.accounts().map(|it| it.handle())) {
        if handles.iter().any(|it| it.eq_ignore_ascii_case(&handle)) {
            continue;
        }
        let option = dom::element("option");
        dom::set(&option, "value", &handle);
        dom::append(&known, &option);
        handles.push(handle);
    }
}

/// Which key's row an entry's page shows.
#[must_use]
pub fn entry_row(face: &'static Face, id: longkey_core::label::Id) -> Option<Row> {
    face.row(id, New::Last)
}
