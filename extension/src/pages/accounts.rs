//! Every account at Xquik, by what the user can do about it, and the keys that belong to none: to search, to filter, to open.
//! A thousand rows stand still: what is known is compared, and only what has changed is written.

use super::home::{icon, row, standing};
use super::route::Route;
use super::rows::{self, FIRST};
use super::words::{at, workspace};
use super::{Face, Screen, dom, notes, now};
use crate::browser::i18n;
use crate::browser::seen::{Account, View};
use longkey_core::capture::KeyState;
use longkey_core::protocol::Group;
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;
use web_sys::Element;

/// The lists, by the ends of their slots' names.
const LISTS: [&str; 4] = ["needs", "waits", "fine", "lonely"];
/// The last of them: keys without an account.
const LONELY: usize = 3;

/// One row: what it says, and where it stands.
struct Item {
    route: String,
    handle: String,
    words: String,
    icon: &'static str,
    list: usize,
    keyless: bool,
    /// Not there yet, or not any more.
    drawn: Option<Element>,
    hidden: bool,
}

type Items = Rc<RefCell<Vec<Item>>>;

/// What is looked for.
#[derive(Clone, Default, PartialEq, Eq)]
struct Wanted {
    only: String,
    query: String,
}

/// The list of all accounts.
pub struct Accounts {
    items: Items,
    wanted: Rc<RefCell<Wanted>>,
    shown: Cell<Option<u32>>,
    /// Another number for each list that is drawn.
    turn: Rc<Cell<u32>>,
}

impl Accounts {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("accounts");
        let wanted = Rc::new(RefCell::new(Wanted { only: "all".into(), query: String::new() }));
        Self { items: Rc::default(), wanted, shown: Cell::new(None), turn: Rc::default() }
    }

    /// What is known now takes the place of what was known; rows that go on stay the elements they are.
    fn take(&self, face: &'static Face, view: &View) {
        let mut fresh = known(view);
        let mut old = std::mem::take(&mut *self.items.borrow_mut());
        // Lists come in much the same order: the next one is where the last one was found.
        let mut next = 0;
        for item in &mut fresh {
            let place = (next..old.len()).chain(0..next).find(|place| old[*place].route == item.route);
            let Some(place) = place else { continue };
            next = place + 1;
            let Some(element) = old[place].drawn.take() else { continue };
            item.hidden = old[place].hidden;
            if old[place].list != item.list {
                dom::append(&face.slot(&["list-", LISTS[item.list]].concat()), &element);
            }
            if (old[place].list, old[place].icon) != (item.list, item.icon) {
                dom::icon(&dom::slot(&element, "icon"), item.icon);
                element.set_class_name(&["row ", tone(item.list)].concat());
            }
            if old[place].words != item.words {
                dom::text(&dom::slot(&element, "under"), &item.words);
            }
            if old[place].handle != item.handle {
                dom::text(&dom::slot(&element, "handle"), &at(&item.handle));
            }
            item.drawn = Some(element);
        }
        old.iter().filter_map(|it| it.drawn.as_ref()).for_each(|it| it.remove());
        *self.items.borrow_mut() = fresh;
        self.draw(face);
    }

    /// Draws what is not there yet: as much as can be seen at once, the rest in pieces.
    fn draw(&self, face: &'static Face) {
        let turn = self.turn.get() + 1;
        self.turn.set(turn);
        let all = self.items.borrow().len();
        let lists = LISTS.map(|name| face.slot(&["list-", name].concat()));
        put(&lists, &self.items, &self.wanted.borrow(), 0..all.min(FIRST));
        let (items, wanted, current) = (Rc::clone(&self.items), Rc::clone(&self.wanted), Rc::clone(&self.turn));
        rows::in_pieces(FIRST, all, move |piece| {
            let ours = current.get() == turn;
            if ours {
                put(&lists, &items, &wanted.borrow(), piece);
            }
            ours
        });
    }

    /// Shows what is looked for, and how much of it there is.
    fn filter(&self, face: &'static Face) {
        let wanted = self.wanted.borrow();
        let mut seen = [0_u32; LISTS.len()];
        let (mut counts, mut keyless) = ([0_u32; LISTS.len()], 0);
        for item in self.items.borrow_mut().iter_mut() {
            counts[item.list] += 1;
            keyless += u32::from(item.keyless);
            let hidden = !item.fits(&wanted);
            seen[item.list] += u32::from(!hidden);
            if item.hidden != hidden {
                item.hidden = hidden;
                if let Some(element) = &item.drawn {
                    dom::flag(element, "hidden", hidden);
                }
            }
        }
        for (name, (seen, count)) in LISTS.iter().zip(seen.iter().zip(counts)) {
            dom::shown_if(*seen > 0, &face.slot(&["part-", name].concat()));
            dom::text(&face.slot(&["all-", name].concat()), &count.to_string());
        }
        let all: u32 = counts[..LONELY].iter().sum();
        dom::text(&face.slot("all"), &all.to_string());
        dom::text(&face.slot("all-keyless"), &keyless.to_string());
        dom::said_if(seen.iter().sum::<u32>() == 0, &face.slot("no-match"));
        dom::shown_if(counts[0] > 1, &face.slot("run"));
    }
}

impl Item {
    fn fits(&self, wanted: &Wanted) -> bool {
        let listed = match wanted.only.as_str() {
            "all" => true,
            "keyless" => self.keyless,
            only => LISTS[self.list] == only,
        };
        listed && (wanted.query.is_empty() || self.handle.to_ascii_lowercase().contains(&wanted.query))
    }
}

/// The accounts of all workspaces, and the keys without one.
fn known(view: &View) -> Vec<Item> {
    let moment = now();
    let several = view.xquik().count_all() > 1;
    let (mut items, mut entries) = (Vec::new(), Vec::new());
    let facts = |one: String, other: &str| i18n::message("two_facts", &[&one, other]);
    for it in view.xquik() {
        let whose = if several { workspace(&it) } else { String::new() };
        for account in it.accounts() {
            let key = i18n::message(key_word(&account), &[]);
            let mut words = facts(standing(&account, moment), &key);
            if !whose.is_empty() {
                words = facts(words, &whose);
            }
            let list = match account.group() {
                Group::NeedsYou => 0,
                Group::Waiting => 1,
                Group::Fine => 2,
            };
            entries.extend(account.entry());
            items.push(Item {
                // Where something can be done, to the place for it; else to what is known of the account.
                route: match list {
                    2 => Route::Account(account.id()),
                    _ => Route::SignIn(account.id()),
                }
                .print(),
                handle: account.handle(),
                words,
                icon: icon(&account),
                list,
                keyless: account.key().is_none(),
                drawn: None,
                hidden: false,
            });
        }
    }
    for entry in view.entries().filter(|it| !entries.contains(&it.id())) {
        let (route, handle) = (Route::Entry(entry.id()).print(), entry.handle());
        items.push(Item {
            route,
            handle,
            words: String::new(),
            icon: "key",
            list: LONELY,
            keyless: false,
            drawn: None,
            hidden: false,
        });
    }
    items
}

fn key_word(account: &Account) -> &'static str {
    match account.key() {
        None => "without_key",
        Some(KeyState::Confirmed) => "with_key",
        Some(KeyState::Pending | KeyState::Matched) => "with_pending_key",
        Some(KeyState::Stale) => "with_stale_key",
    }
}

fn tone(list: usize) -> &'static str {
    ["now", "later", "", ""][list]
}

fn put(lists: &[Element; 4], items: &Items, wanted: &Wanted, piece: Range<usize>) {
    for item in items.borrow_mut().get_mut(piece).unwrap_or_default().iter_mut().filter(|it| it.drawn.is_none()) {
        let element = row(&at(&item.handle), &item.words, item.icon, &item.route, tone(item.list));
        item.hidden = !item.fits(wanted);
        dom::flag(&element, "hidden", item.hidden);
        dom::append(&lists[item.list], &element);
        item.drawn = Some(element);
    }
}

impl Screen for Accounts {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        if self.shown.replace(Some(face.news())) == Some(face.news()) {
            return;
        }
        self.take(face, &view);
        self.filter(face);
        let notes = face.slot("notes");
        notes.set_text_content(None);
        let several = view.xquik().count_all() > 1;
        for it in view.xquik() {
            if let Some(verdict) = it.trouble() {
                notes::trouble(&notes, &verdict, &if several { workspace(&it) } else { String::new() });
            }
        }
    }

    fn act(&self, face: &'static Face, act: &str, _: &Element) {
        match act {
            "search-open" => dom::focus(&face.slot("query")),
            "replace" => super::events::go(&Route::Connect),
            _ => {}
        }
    }

    fn changed(&self, face: &'static Face, _: &Element) {
        let only = face.find("input[name=only]:checked").get_attribute("value").unwrap_or_default();
        let wanted = Wanted { only, query: rows::query(&face.slot("query")) };
        if *self.wanted.borrow() != wanted {
            *self.wanted.borrow_mut() = wanted;
            self.filter(face);
        }
    }
}
