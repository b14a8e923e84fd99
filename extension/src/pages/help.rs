//! Help: X's situations as a page that can be searched, each under an address of its own, and the links that lead there
//! from other screens at the moment when they help. Which situations there are, and when each is offered, is in
//! `longkey_core::help`. What depends on what is saved here is said as it is, also where only X can help.

use super::notes::clock_state;
use super::route::Route;
use super::words::{at, countdown, refuse};
use super::{Face, Screen, dom, events, home, now};
use crate::browser::seen::{Entry, View};
use crate::browser::{choices, i18n};
use js_sys::JsString;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::help::{Group, SITUATIONS, Situation, Trigger};
use longkey_core::label::{Handle, Id};
use longkey_core::protocol::VaultState;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// The address of the list of words.
pub(super) const WORDS: &str = "words";

/// How long X's text message may take.
const PATIENCE: Span = Span::minutes(2);
/// Where it is written when that is over: a popup closes with the next press elsewhere, and the wait goes on.
const WAITS: &str = "help.waits";

/// What a row has besides its sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Has {
    /// A button with these words, which opens this place.
    Open(&'static str, &'static str),
    /// Where this is found on X, by that sentence.
    Path(&'static str),
    /// What is saved here: a key, else a backup code, else that there is neither.
    Saved,
    /// The same, the backup code first.
    SavedCode,
    /// Its sentence is about a saved key, and is not said where there is none.
    AboutKey,
    /// X's support form, while neither a key nor a backup code is saved here.
    Support,
    /// A key, if one is saved here.
    Key,
    /// A backup code, if one is saved here.
    Code,
    /// The page of the account, where it is the only one or X's login names it.
    Account,
    /// The checklist of a reset.
    Checklist,
    /// Two minutes.
    Timer,
    /// How this computer's clock stands.
    Clock,
}

const MOBILE: Has = Has::Open("help_open_mobile", "x_mobile");
const SUPPORT_FORM: (&str, &str) = ("help_open_support", "x_support");
const SUPPORT: Has = Has::Open(SUPPORT_FORM.0, SUPPORT_FORM.1);
const SETTINGS: Has = Has::Open("open_x_settings", "x_settings");
const NEW_CODE: Has = Has::Open("backup_open_x", "x_backup_codes");
const TEST: Has = Has::Open("test_on_x", "x_login");

/// What the rows have, by their names.
const HAVE: &[(&str, &[Has])] = &[
    ("lost_key_here", &[Has::Saved, Has::AboutKey, Has::Support]),
    ("lost_phone_backup", &[Has::SavedCode, MOBILE, Has::Support]),
    ("locked_out", &[Has::Saved, SUPPORT]),
    ("lost_sms", &[MOBILE, Has::Checklist]),
    ("new_phone", &[Has::Account]),
    ("new_phone_session", &[Has::Checklist]),
    ("new_phone_locked_out", &[Has::Saved, Has::Support]),
    ("temporary_password", &[Has::Path("help_path"), SETTINGS]),
    ("sms_late", &[Has::Key, Has::Timer]),
    ("sms_never", &[MOBILE]),
    ("number_changed", &[Has::Code, MOBILE, Has::Checklist]),
    ("signed_out", &[TEST, Has::Account]),
    ("push_missing", &[Has::Key]),
    ("unknown_request", &[Has::Open("change_password", "x_password")]),
    ("backup_inactive", &[NEW_CODE]),
    ("backup_order", &[NEW_CODE]),
    ("backup_make", &[Has::Path("backup_where"), NEW_CODE]),
    ("backup_use", &[Has::Code]),
    ("clock", &[Has::Clock]),
    ("key_once", &[Has::Checklist]),
    ("strongest", &[Has::Path("help_path"), SETTINGS]),
    ("turning_off", &[Has::Path("help_path"), SETTINGS]),
    ("mobile", &[Has::Account]),
];

/// A row, or a word of the list of words, and what is looked through for it.
struct Found {
    element: Element,
    text: String,
    /// Whether it is among those that the address asks for.
    asked: bool,
}

/// The page.
pub struct Help {
    rows: Vec<Found>,
    some: bool,
    drawn: Cell<Option<u32>>,
    until: Cell<Option<UnixTime>>,
}

impl Help {
    /// Opens it, at a situation, a group of them, those of a moment, or the list of words.
    pub fn open(face: &'static Face, place: &str) -> Self {
        face.lay("help");
        let moment = Trigger::ALL.iter().map(|it| it.0).find(|it| it.slug() == place);
        let until = waits();
        let mut rows = Vec::new();
        for group in Group::ALL {
            let section = dom::part("help-group");
            let title = dom::slot(&section, "title");
            dom::say(&title, &["help_", group.slug()].concat(), &[]);
            dom::set(&title, "id", group.slug());
            dom::set(&section, "aria-labelledby", group.slug());
            dom::flag(&title, "data-first", group.slug() == place);
            let list = dom::slot(&section, "rows");
            for situation in SITUATIONS.iter().filter(|it| it.group == group) {
                let asked = moment.is_none_or(|it| situation.triggers.contains(&it));
                let element = row(situation);
                let here = situation.slug == place;
                let first = moment.is_some() && asked && !rows.iter().any(|it: &Found| it.asked);
                let runs = until.is_some() && have(situation).contains(&Has::Timer);
                dom::flag(&element, "open", here || first || runs);
                dom::flag(&dom::slot(&element, "title-line"), "data-first", here);
                dom::append(&list, &element);
                rows.push(found(element, asked));
            }
            dom::append(&face.slot("groups"), &section);
        }
        dom::flag(&face.slot("words-title"), "data-first", place == WORDS);
        dom::each(&face.root, ".words > div", |it| rows.push(found(it, moment.is_none())));
        let help = Self { rows, some: moment.is_some(), drawn: Cell::new(None), until: Cell::new(until) };
        help.filter(face);
        help
    }

    /// Shows what has each of the words that were typed; with none of them, what the address asks for.
    fn filter(&self, face: &'static Face) {
        let field = face.slot("query");
        let typed = lower(&field.dyn_ref::<HtmlInputElement>().map(HtmlInputElement::value).unwrap_or_default());
        let words: Vec<&str> = typed.split(' ').filter(|it| !it.is_empty()).collect();
        let mut any = false;
        for row in &self.rows {
            let fits = if words.is_empty() { row.asked } else { words.iter().all(|it| row.text.contains(it)) };
            dom::shown_if(fits, &row.element);
            any |= fits;
        }
        dom::each(&face.root, "main section", |section| {
            let full = section.query_selector("details:not([hidden]), dl > div:not([hidden])");
            dom::shown_if(matches!(full, Ok(Some(_))), &section);
        });
        dom::shown_if(self.some && words.is_empty(), &face.slot("some"));
        dom::said_if(!any, &face.slot("none"));
    }

    fn checklist(face: &'static Face, on: &Element) {
        if let Some(handle) = face.view().and_then(|it| only_handle(&it)) {
            return events::go(&Route::Reset(handle));
        }
        dom::each(&face.root, "form[data-form=help-reset]", |it| it.remove());
        let Ok(Some(row)) = on.closest("details") else { return };
        dom::append(&dom::slot(&row, "more"), &dom::part("help-reset"));
        home::suggest(face);
        dom::focus(&dom::input("help-handle"));
    }
}

/// When the two minutes are over, or were while no page was open. What is further away is not of this wait.
fn waits() -> Option<UnixTime> {
    let until = choices::kept(WAITS).parse().ok().map(UnixTime)?;
    let now = now();
    (until <= now.after(PATIENCE) && now <= until.after(PATIENCE)).then_some(until)
}

fn wait_until(until: Option<UnixTime>) {
    choices::keep(WAITS, &until.map_or_else(String::new, |it| it.0.to_string()));
}

fn found(element: Element, asked: bool) -> Found {
    let text = lower(&element.text_content().unwrap_or_default());
    Found { element, text, asked }
}

/// By the browser's own tables: Rust's would be a tenth of this module.
fn lower(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

fn row(situation: &Situation) -> Element {
    let row = dom::part("help-row");
    let words = |ending: &str| ["help_", situation.slug, ending].concat();
    dom::set(&row, "data-row", situation.slug);
    dom::say(&dom::slot(&row, "title"), &words("_title"), &[]);
    dom::say(&dom::slot(&row, "text"), &words("_text"), &[]);
    for has in have(situation) {
        let actions = dom::slot(&row, "actions");
        match *has {
            Has::Open(words, place) => dom::append(&actions, &opens(words, place)),
            Has::Support => {
                let button = opens(SUPPORT_FORM.0, SUPPORT_FORM.1);
                dom::set(&button, "data-slot", "support");
                dom::hide(&button);
                dom::append(&actions, &button);
            }
            Has::Path(words) => dom::say(&dom::slot(&row, "path"), words, &[]),
            Has::Checklist => {
                let button = dom::element("button");
                dom::set(&button, "type", "button");
                dom::set(&button, "data-act", "help-checklist");
                dom::say(&button, "help_checklist", &[]);
                dom::append(&actions, &button);
            }
            Has::Timer => dom::append(&actions, &dom::fragment("help-timer")),
            Has::Saved | Has::SavedCode | Has::AboutKey | Has::Key | Has::Code | Has::Account | Has::Clock => {}
        }
    }
    row
}

fn opens(words: &str, place: &str) -> Element {
    let button = dom::part("help-open");
    dom::set(&button, "data-to", place);
    dom::say(&dom::slot(&button, "words"), words, &[]);
    button
}

fn have(situation: &Situation) -> &'static [Has] {
    HAVE.iter().find(|it| it.0 == situation.slug).map_or(&[], |it| it.1)
}

/// What is said of what is saved here: how it looks, its sentence, and where its link leads by what name.
struct Here {
    tone: &'static str,
    icon: &'static str,
    words: String,
    link: Option<(String, String)>,
}

pub(super) fn has_code(it: &Entry) -> bool {
    it.sendable().is_some()
}

pub(super) fn has_backup(it: &Entry) -> bool {
    it.backup().any(|it| it.state().is_open())
}

/// The accounts that are spoken of: that of X's login where its page names it, else all of them.
pub(super) fn spoken_of(view: &View) -> impl Iterator<Item = Entry> + use<> {
    let named = view.login().and_then(|it| it.handle());
    view.entries().filter(move |it| named.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(&it.handle())))
}

/// Whether there is one, and which if it is the only one.
fn one(view: &View, of: fn(&Entry) -> bool) -> Option<Option<Id>> {
    let mut all = spoken_of(view).filter(of);
    let first = all.next()?.id();
    Some(all.next().is_none().then_some(first))
}

/// The link to the page of the only one, else to the list.
fn linked(words: &str, only: Option<Id>, page: fn(Id) -> Route) -> Option<(String, String)> {
    Some((i18n::message(words, &[]), only.map_or(Route::Home, page).print()))
}

fn here(view: &View, has: Has) -> Option<Here> {
    let good =
        |words: &str, link| Some(Here { tone: "state good", icon: "good", words: i18n::message(words, &[]), link });
    let key = || {
        let only = one(view, has_code)?;
        good("help_here_key", linked("six_digits", only, Route::Code))
    };
    let code = || {
        let only = one(view, has_backup)?;
        good("help_here_backup", linked("backup_codes", only, Route::BackupCodes))
    };
    if has == Has::Clock {
        return Some(Here { tone: "state", icon: "wait", words: clock_state(view), link: None });
    }
    match view.vault() {
        VaultState::Locked => {
            let words = i18n::message("help_here_locked", &[]);
            return Some(Here { tone: "state", icon: "lock", words, link: linked("unlock", None, Route::Code) });
        }
        VaultState::Trouble => return None,
        _ => {}
    }
    match has {
        Has::Key => key(),
        Has::Code => code(),
        Has::Saved => key().or_else(code).or_else(|| none(view)),
        Has::SavedCode => code().or_else(key).or_else(|| none(view)),
        _ => None,
    }
}

fn none(view: &View) -> Option<Here> {
    let words = match view.login().and_then(|it| it.handle()) {
        Some(handle) => i18n::message("help_here_none", &[&at(&handle)]),
        None => i18n::message("help_here_none_any", &[]),
    };
    Some(Here { tone: "state warn", icon: "alert", words, link: None })
}

/// The only account that is known, or the one that X's login names.
fn only_handle(view: &View) -> Option<Handle> {
    let named = view.login().and_then(|it| it.handle());
    let mut known = view.entries().map(|it| it.handle()).chain(view.accounts().map(|it| it.handle()));
    let first = named.or_else(|| {
        let first = known.next()?;
        known.all(|it| it.eq_ignore_ascii_case(&first)).then_some(first)
    })?;
    Handle::parse(&first).ok()
}

fn say_here(place: &Element, here: &Here) {
    let same = place.text_content().is_some_and(|it| it.starts_with(&here.words));
    let leads = dom::slot(place, "link").get_attribute("href");
    if same && leads.as_ref() == here.link.as_ref().map(|it| &it.1) {
        return;
    }
    let part = dom::part("help-here");
    dom::slot(&part, "state").set_class_name(here.tone);
    dom::icon(&dom::slot(&part, "icon"), here.icon);
    dom::text(&dom::slot(&part, "words"), &here.words);
    let link = dom::slot(&part, "link");
    dom::shown_if(here.link.is_some(), &link);
    if let Some((words, address)) = &here.link {
        dom::text(&link, words);
        dom::set(&link, "href", address);
    }
    dom::fill(place, &part);
}

impl Screen for Help {
    fn refresh(&self, face: &'static Face) {
        let Some(view) = face.view() else { return };
        if self.drawn.replace(Some(face.news())) == Some(face.news()) {
            return;
        }
        // What a vault that is shut holds is not known.
        let known = !matches!(view.vault(), VaultState::Locked | VaultState::Trouble);
        let no_key = known && one(&view, has_code).is_none();
        let neither = no_key && one(&view, has_backup).is_none();
        for (situation, row) in SITUATIONS.iter().filter_map(|it| Some((it, face.row_of_help(it.slug)?))) {
            let place = dom::slot(&row, "here");
            for has in have(situation) {
                match here(&view, *has) {
                    Some(here) => say_here(&place, &here),
                    None if matches!(has, Has::Key | Has::Code | Has::Saved | Has::SavedCode) => {
                        place.set_text_content(None);
                    }
                    None => {}
                }
                match has {
                    Has::Account => account(&row, &view),
                    Has::AboutKey => dom::shown_if(!no_key, &dom::slot(&row, "text")),
                    Has::Support => dom::shown_if(neither, &dom::slot(&row, "support")),
                    _ => {}
                }
            }
        }
    }

    fn tick(&self, face: &'static Face, now: UnixTime) {
        let Some(until) = self.until.get() else { return };
        let left = until.since(now);
        let place = face.slot("timer-left");
        if left.0 > 0 {
            return dom::say(&place, "help_timer_left", &[&countdown(left)]);
        }
        self.until.set(None);
        wait_until(None);
        dom::reveal(&place, "help_timer_over");
    }

    fn act(&self, face: &'static Face, act: &str, on: &Element) {
        match act {
            "search-open" => dom::focus(&face.slot("query")),
            "help-checklist" => Self::checklist(face, on),
            "help-timer" => {
                self.until.set(Some(now().after(PATIENCE)));
                wait_until(self.until.get());
                self.tick(face, now());
            }
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        let (field, wrong) = (dom::input("help-handle"), face.find("[data-wrong-handle]"));
        match Handle::parse(&field.value()) {
            Ok(handle) => events::go(&Route::Reset(handle)),
            Err(refusal) => {
                refuse(&wrong, refusal);
                dom::focus(&field);
            }
        }
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        if on.get_attribute("data-slot").as_deref() == Some("query") {
            self.filter(face);
        }
    }
}

fn account(row: &Element, view: &View) {
    let actions = dom::slot(row, "actions");
    dom::each(&actions, "a", |it| it.remove());
    let mut entries = spoken_of(view);
    let (Some(entry), None) = (entries.next(), entries.next()) else { return };
    let link = dom::element("a");
    link.set_class_name("button");
    dom::set(&link, "href", &Route::Entry(entry.id()).print());
    dom::say(&link, "open_account", &[&at(&entry.handle())]);
    dom::append(&actions, &link);
}

impl Face {
    fn row_of_help(&self, slug: &str) -> Option<Element> {
        self.root.query_selector(&["details[data-row=\"", slug, "\"]"].concat()).ok().flatten()
    }
}
