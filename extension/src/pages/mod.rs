//! The face: one page for popup, side panel and tab. It shows what the background knows and asks for what the user
//! wants; it keeps no secret but the rows it computes codes from, and decides nothing that `longkey-core` can.
//!
//! One file a screen. A screen is built from its template once and refreshed in place, so that what is being typed stays.

mod account;
pub mod accounts;
pub mod add;
pub mod agree;
mod asking;
pub mod backup;
pub mod backup_codes;
pub mod bin;
mod by_itself;
pub mod card;
pub mod codes;
pub mod connect;
pub mod connection;
pub mod derive;
pub mod diagnostics;
pub mod dom;
mod elsewhere;
pub mod entry;
pub mod events;
pub mod fansly;
pub mod fansly_account;
pub mod first;
pub mod forgotten;
pub mod help;
mod help_offer;
pub mod home;
mod home_search;
pub mod kept;
mod language;
pub mod new_account;
pub mod notes;
pub mod passphrase;
mod phone;
mod pin;
pub mod recovery;
pub mod reset;
pub mod restore;
pub mod result;
mod rights;
pub mod route;
pub mod rows;
pub mod run;
mod run_row;
pub mod save;
pub mod scan;
pub mod settings;
mod sheet;
pub mod sign_in;
pub mod trouble;
pub mod unlock;
mod watching;
pub mod ways;
mod which;
pub mod words;

use crate::browser::permissions::{Answered, Right};
use crate::browser::seen::{FansDigits, Row, Rows, View};
use crate::browser::{i18n, messages, permissions, session_rows, tabs, timer};
use crate::client;
use js_sys::{JSON, Promise};
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::label::Id;
use longkey_core::protocol::{Question, VaultState};
use route::Route;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::Element;

/// This moment.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date is positive and far below 2^53 ms
pub fn now() -> UnixTime {
    UnixTime(js_sys::Date::now() as u64)
}

/// A screen that is shown.
pub trait Screen {
    /// Shows what is known now. What the user is typing stays.
    fn refresh(&self, face: &'static Face);
    /// A second has passed.
    fn tick(&self, _face: &'static Face, _now: UnixTime) {}
    /// Something with `data-act` was pressed.
    fn act(&self, _face: &'static Face, _act: &str, _on: &Element) {}
    /// A form with `data-form` was sent.
    fn submit(&self, _face: &'static Face, _form: &str) {}
    /// A field was changed.
    fn changed(&self, _face: &'static Face, _on: &Element) {}
    /// Something was pasted.
    fn pasted(&self, _face: &'static Face, _event: &web_sys::Event) {}
    /// An element got the focus.
    fn focused(&self, _on: &Element) {}
    /// The background has computed a code for Fansly, or could not.
    fn told(&self, _face: &'static Face, _digits: Option<FansDigits>) {}
}

struct Blank;
impl Screen for Blank {
    fn refresh(&self, _: &'static Face) {}
}

/// Everything a page holds. It lives as long as the page.
pub struct Face {
    /// Whether this is the popup, which closes itself when something else opens.
    pub popup: bool,
    /// Where screens are put.
    pub root: Element,
    tab: bool,
    view: RefCell<Option<View>>,
    rows: RefCell<Rows>,
    route: RefCell<Route>,
    back: RefCell<Route>,
    screen: RefCell<Rc<dyn Screen>>,
    put_away: RefCell<Vec<Id>>,
    window: Cell<Option<f64>>,
    sees_x: Cell<bool>,
    silent: Cell<bool>,
    heard: RefCell<JsValue>,
    news: Cell<u32>,
    asking: Cell<bool>,
    asked_meanwhile: Cell<bool>,
    /// What stands in the way of some screens: a locked vault, or trouble with the stores.
    stopped: Cell<(bool, bool)>,
    /// After several wrong passphrases, nothing opens the vault before this moment.
    pause: Cell<UnixTime>,
    /// The screen for a new passphrase has come by itself after the recovery code.
    due: Cell<bool>,
    /// The note about keys without a backup was put away.
    nudged: Cell<bool>,
    /// The note about X's login was put away.
    asked_away: Cell<bool>,
    undo: bin::Undo,
    kept: kept::Kept,
    /// The clock against one that nobody sets.
    steady: Cell<Option<f64>>,
    /// By it the background knows that this page is open.
    line: RefCell<Option<JsValue>>,
}

/// Starts the page. `stored` is what `storage.session` has of rows and place, asked for before this module was there.
pub fn start(stored: Promise) {
    let document = dom::document();
    let root = document.get_element_by_id("screen").unwrap_or_else(|| dom::element("div"));
    let html = document.document_element();
    let surface = html.as_ref().and_then(|it| it.get_attribute("data-in")).unwrap_or_default();
    if let Some(html) = &html {
        dom::set(html, "dir", &i18n::message("words_direction", &[]));
        dom::set(html, "lang", &i18n::message("words_language", &[]));
    }
    let face: &'static Face = Box::leak(Box::new(Face {
        popup: surface == "popup",
        tab: surface == "tab",
        root,
        view: RefCell::default(),
        rows: RefCell::default(),
        route: RefCell::new(Route::Nowhere),
        back: RefCell::new(Route::Home),
        screen: RefCell::new(Rc::new(Blank)),
        put_away: RefCell::default(),
        window: Cell::new(None),
        sees_x: Cell::new(true),
        silent: Cell::new(false),
        heard: RefCell::new(JsValue::NULL),
        news: Cell::new(0),
        asking: Cell::new(false),
        asked_meanwhile: Cell::new(false),
        stopped: Cell::new((false, false)),
        pause: Cell::new(UnixTime(0)),
        due: Cell::new(false),
        nudged: Cell::new(false),
        asked_away: Cell::new(false),
        undo: bin::Undo::default(),
        kept: kept::Kept::default(),
        steady: Cell::new(None),
        line: RefCell::default(),
    }));
    events::listen(face);
    messages::on_news(move || face.ask_again());
    kept::before(face, &stored);
    agree::look(face);
    session_rows::from(Ok(stored), move |rows| {
        *face.rows.borrow_mut() = rows;
        // The first codes, before the background is asked anything: it may be asleep.
        face.open(events::address());
        face.ask_again();
        tabs::window(|window| face.window.set(window));
        face.look_for_x();
    });
    tick(face);
}

/// One timer for everything that changes by the second.
fn tick(face: &'static Face) {
    let moment = now();
    let screen = face.screen.borrow().clone();
    screen.tick(face, moment);
    unlock::tick(face, moment);
    face.look_at_the_deadline(moment);
    face.watch_clock();
    let rest = 1000 - u32::try_from(moment.0 % 1000).unwrap_or(0);
    timer::after(rest, move || tick(face));
}

impl Face {
    /// What the background said last.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.view.borrow().clone()
    }

    /// The rows that may still be shown: none after the vault's deadline.
    #[must_use]
    pub fn rows(&self) -> Rows {
        let rows = self.rows.borrow().clone();
        if rows.until().is_some_and(|it| it <= now()) { Rows::default() } else { rows }
    }

    /// The row of an entry or draft: of its new key if that is asked for, else of the one in use.
    #[must_use]
    pub fn row(&self, id: Id, new: New) -> Option<Row> {
        let is_new = |it: &Row| matches!(it.state(), KeyState::Pending | KeyState::Matched);
        let mut other = None;
        for row in self.rows().rows().filter(|it| it.id() == id) {
            if is_new(&row) == (new == New::First) {
                return Some(row);
            }
            other = other.or(Some(row));
        }
        other
    }

    /// Whether this is a tab of its own, not a popup or a side panel.
    #[must_use]
    pub fn is_tab(&self) -> bool {
        self.tab
    }

    /// Whether the background did not answer the last question.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.silent.get()
    }

    /// Whether the browser lets Longkey see X.
    #[must_use]
    pub fn sees_x(&self) -> bool {
        self.sees_x.get()
    }

    /// Asks the browser whether Longkey may see X.
    pub fn look_for_x(&'static self) {
        // A browser that does not say counts as yes: the banner must not cry wolf.
        permissions::has(&Right::of("origins", permissions::X), Answered::Yes, |sees| {
            if self.sees_x.replace(sees) != sees {
                self.news.set(self.news.get() + 1);
                self.refresh();
            }
        });
    }

    /// Shows what belongs to this stage of the screen, and nothing of the others. An answer that comes when another
    /// screen is there changes nothing of that one.
    pub fn stage(&self, name: &str) {
        let wanted = ["[data-stage~=\"", name, "\"]"].concat();
        if !name.is_empty() && self.root.query_selector(&wanted).ok().flatten().is_none() {
            return;
        }
        dom::each(&self.root, "[data-stage]", |it| dom::hide(&it));
        dom::each(&self.root, &wanted, |it| dom::show(&it));
        events::settle_focus(&self.root);
    }

    /// Reads rows and view again. A question that comes while one is under way is asked once more after it.
    pub fn ask_again(&'static self) {
        if self.asking.replace(true) {
            self.asked_meanwhile.set(true);
            return;
        }
        client::send(
            &Question::View,
            Box::new(|answer| {
                session_rows::read(|rows| {
                    *self.rows.borrow_mut() = rows;
                    self.arrived(answer);
                    self.asking.set(false);
                    if self.asked_meanwhile.replace(false) {
                        self.ask_again();
                    }
                });
            }),
        );
    }

    fn arrived(&'static self, answer: Option<JsValue>) {
        let text = answer.as_ref().and_then(|it| JSON::stringify(it).ok()).map_or(JsValue::NULL, JsValue::from);
        // The same words mean the same view; screens need not be drawn anew.
        if self.heard.replace(text.clone()) != text {
            self.news.set(self.news.get() + 1);
        }
        let view = client::read(answer).ok().and_then(|it| it.view());
        self.silent.set(view.is_none());
        if view.is_some() {
            *self.view.borrow_mut() = view;
        }
        let route = self.route.borrow().clone();
        if self.stopped.get() == self.stands_in_the_way(&route) {
            self.refresh();
        } else {
            self.open(route);
        }
        if self.is_locked() {
            kept::locked(self);
        }
        forgotten::look(self);
        self.stay_open();
        let recovered = self.view().is_some_and(|it| it.recovered());
        if self.due.replace(recovered) != recovered && recovered {
            return events::replace(&Route::Passphrase);
        }
        kept::fill(self);
        let came_back = self.view.borrow().is_some() && self.kept.came_back.take();
        let at_home = came_back || !self.tab && *self.route.borrow() == Route::Home;
        if let Some(route) = at_home.then(|| self.calls_for_itself()).flatten() {
            events::replace(&route);
        }
    }

    /// A number that changes with whatever the screens show besides codes.
    #[must_use]
    pub fn news(&self) -> u32 {
        self.news.get()
    }

    /// Whether a passphrase is needed.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.view.borrow().as_ref().is_some_and(|it| it.vault() == VaultState::Locked)
    }

    fn stands_in_the_way(&self, route: &Route) -> (bool, bool) {
        (self.is_locked(), self.in_trouble() && !route.survives_trouble())
    }

    /// Whether the stores cannot be read.
    #[must_use]
    pub fn in_trouble(&self) -> bool {
        self.view.borrow().as_ref().is_some_and(|it| it.trouble().is_some())
    }

    /// The user has seen this key's screen: it does not come by itself again.
    pub fn put_away(&self, id: Id) {
        self.put_away.borrow_mut().push(id);
    }

    /// Shows what is known now.
    pub fn refresh(&'static self) {
        let screen = self.screen.borrow().clone();
        screen.refresh(self);
    }

    /// Opens a screen.
    pub fn open(&'static self, route: Route) {
        let left = self.route.replace(route.clone());
        // Help leads back to the screen that it was wanted on, however much was read in between.
        let reads_on = matches!((&left, &route), (Route::Help(_), Route::Help(_)));
        let moved = left != route;
        if moved && left != Route::Nowhere {
            kept::leave(self);
        }
        if moved && !reads_on {
            let helps = matches!(route, Route::Help(_)) && left != Route::Nowhere;
            let beside = helps || left == Route::Add && route == Route::Scan;
            *self.back.borrow_mut() = if left.leads_back() || beside { left } else { Route::Home };
        }
        let (locked, trouble) = self.stands_in_the_way(&route);
        self.stopped.set((locked, trouble));
        let screen: Rc<dyn Screen> = if locked && route.needs_open_vault() {
            Rc::new(unlock::Locked::open(self))
        } else if trouble {
            Rc::new(home::Home::open(self))
        } else if let Some(service) = agree::missing(&route) {
            Rc::new(agree::Ask::open(self, service))
        } else {
            match route {
                Route::Home => Rc::new(home::Home::open(self)),
                Route::Save(id) => Rc::new(save::Save::open(self, id)),
                Route::Code(id) => Rc::new(card::Card::open(self, id)),
                Route::Entry(id) => Rc::new(entry::Entry::open(self, entry::Subject::Saved(id))),
                Route::Account(account) => Rc::new(entry::Entry::open(self, entry::Subject::AtXquik(account))),
                Route::BackupCodes(id) => Rc::new(backup_codes::BackupCodes::open(self, id)),
                Route::SignIn(account) => Rc::new(sign_in::Sheet::open(self, account)),
                Route::Reset(handle) => Rc::new(reset::Reset::open(self, handle)),
                Route::Connect => Rc::new(connect::Connect::open(self)),
                Route::NewAccount(handle) => Rc::new(new_account::NewAccount::open(self, handle)),
                Route::Connection(account) => Rc::new(new_account::NewAccount::of(self, account)),
                Route::Fansly => Rc::new(fansly::Fansly::open(self)),
                Route::FanslyAccount(id) => Rc::new(fansly_account::Account::open(self, id)),
                Route::Accounts => Rc::new(accounts::Accounts::open(self)),
                Route::Run => Rc::new(run::Run::open(self)),
                Route::First => Rc::new(first::First::open(self)),
                Route::Passphrase => Rc::new(passphrase::Choose::open(self)),
                Route::Add => Rc::new(add::Add::open(self)),
                Route::Scan => Rc::new(scan::Scan::open(self)),
                Route::Settings => Rc::new(settings::Settings::open(self)),
                Route::Phone(id) => Rc::new(phone::Phone::open(self, id)),
                Route::Diagnostics => Rc::new(diagnostics::Diagnostics::open(self)),
                Route::Recovery => Rc::new(recovery::Recovery::open(self)),
                Route::Only => Rc::new(ways::Only::open(self)),
                Route::Forgotten => Rc::new(forgotten::Forgotten::open(self)),
                Route::Backup => Rc::new(backup::Backup::open(self)),
                Route::Restore => Rc::new(restore::Restore::open(self)),
                Route::Bin => Rc::new(bin::Bin::open(self)),
                Route::Help(place) => Rc::new(help::Help::open(self, &place)),
                Route::Nowhere => Rc::new(notes::Lost::open(self, "lost_page")),
            }
        };
        self.screen.replace(screen.clone());
        screen.refresh(self);
        events::settle_focus(&self.root);
        if moved {
            kept::opened(self);
        }
        kept::fill(self);
    }

    /// Puts a screen's template in place.
    pub fn lay(&self, name: &str) {
        let fragment = dom::fragment(name);
        dom::fill(&self.root, &fragment);
        // The tab's title goes into the history: it names the screen, and no account.
        let bar = self.find("header");
        let key = bar.get_attribute("data-name").or_else(|| bar.get_attribute("data-bar"));
        let title = key.map_or_else(String::new, |it| [i18n::message(&it, &[]).as_str(), " – "].concat());
        dom::document().set_title(&[title.as_str(), "Longkey"].concat());
        dom::each(&self.root, "header[data-bar]", |bar| {
            let own = bar.first_child();
            let _ = bar.insert_before(&dom::fragment("bar"), own.as_ref());
            let title = bar.get_attribute("data-bar").unwrap_or_default();
            if !title.is_empty() {
                dom::say(&dom::slot(&bar, "title"), &title, &[]);
            }
        });
        // At the same place on every screen: the end of the bar.
        if name != "help" {
            dom::each(&self.root, "header.bar", |bar| dom::append(&bar, &dom::fragment("help-button")));
        }
    }

    /// The slot of that name on the screen.
    #[must_use]
    pub fn slot(&self, name: &str) -> Element {
        dom::slot(&self.root, name)
    }

    /// The first element that matches.
    #[must_use]
    pub fn find(&self, selector: &str) -> Element {
        self.root.query_selector(selector).ok().flatten().unwrap_or_else(|| dom::element("span"))
    }
}

/// Which of two keys of one account is meant, where there are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum New {
    /// The one X has not accepted yet.
    First,
    /// The one in use.
    Last,
}
