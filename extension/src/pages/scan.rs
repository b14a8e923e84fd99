//! A key out of a picture: of the tab behind the popup, of a file, of the clipboard. What is found is added as a pasted
//! address is, after the user has seen whose it is; a key is never shown whole here, and no picture is kept.

use super::route::Route;
use super::words::{at, fail, refuse};
use super::{Face, Screen, dom, events, home, now};
use crate::browser::i18n;
use crate::browser::qr_pictures::{self, NoPicture, Pasted};
use crate::browser::qr_worker::{self, Unread};
use crate::client::{self, Failure};
use js_sys::decode_uri_component;
use longkey_core::import::migration;
use longkey_core::label::Handle;
use longkey_core::long_key::LongKey;
use longkey_core::protocol::Question;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use web_sys::{Element, Event};

/// Most keys that are offered: the whole of an authenticator, not a wall of codes.
const MOST: usize = 100;

/// The screen.
pub struct Scan {
    /// The addresses that were found.
    found: Rc<RefCell<Vec<Secret>>>,
    busy: Rc<Cell<bool>>,
    /// Counts what was asked for: the browser may ask the user before it gives a picture, and by then another one was taken,
    /// or another screen opened.
    turn: Rc<Cell<u32>>,
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.next();
    }
}

impl Scan {
    /// Opens it.
    pub fn open(face: &'static Face) -> Self {
        face.lay("scan");
        // In a tab of its own the tab in front is this one, and a file picker closes a popup.
        dom::shown_if(!face.is_tab(), &face.slot("page"));
        dom::shown_if(face.is_tab(), &face.slot("in-tab"));
        dom::shown_if(!face.popup, &face.slot("file"));
        dom::shown_if(face.popup, &face.slot("file-link"));
        face.stage("choose");
        Self { found: Rc::default(), busy: Rc::default(), turn: Rc::default() }
    }

    fn say(face: &'static Face, key: &str) {
        let wrong = face.find("[data-wrong]");
        dom::reveal(&wrong, key);
    }

    fn next(&self) -> u32 {
        self.turn.set(self.turn.get().wrapping_add(1));
        self.turn.get()
    }

    /// Fetches a picture, or the key of why there is none, and reads it.
    fn fetch(&self, face: &'static Face, from: impl FnOnce(Box<dyn FnOnce(Result<JsValue, &'static str>)>)) {
        if self.busy.get() {
            return;
        }
        dom::hide(&face.find("[data-wrong]"));
        let mine = self.next();
        let (found, busy, turn) = (Rc::clone(&self.found), Rc::clone(&self.busy), Rc::clone(&self.turn));
        from(Box::new(move |picture| match picture {
            _ if turn.get() != mine => {}
            Ok(picture) => Self::read(face, &picture, found, busy, move || turn.get() == mine),
            Err(why) => Self::say(face, why),
        }));
    }

    fn read(
        face: &'static Face,
        picture: &JsValue,
        found: Rc<RefCell<Vec<Secret>>>,
        busy: Rc<Cell<bool>>,
        wanted: impl Fn() -> bool + 'static,
    ) {
        busy.set(true);
        let reading = face.slot("reading");
        dom::show(&reading);
        dom::announce(&i18n::message("scanning", &[]));
        qr_worker::read(picture, move |read| {
            busy.set(false);
            if !wanted() {
                return;
            }
            dom::hide(&reading);
            match read {
                Ok(texts) => Self::offer(face, &texts, &found),
                Err(Unread::NoPicture) => Self::say(face, "scan_no_picture"),
                Err(Unread::Slow) => Self::say(face, "scan_slow"),
            }
        });
    }

    /// Shows whose keys were found.
    fn offer(face: &'static Face, texts: &[Secret], found: &RefCell<Vec<Secret>>) {
        let list = face.slot("found");
        list.set_text_content(None);
        let mut kept: Vec<Secret> = Vec::new();
        let mut keys = Vec::new();
        let mut why = if texts.is_empty() { None } else { Some(Refusal::OtpauthBroken) };
        let mut all: Vec<Secret> = Vec::new();
        for text in texts {
            match migration::is_one(text.expose()).then(|| migration::addresses(text.expose())) {
                None => all.push(text.clone()),
                Some(Ok(found)) => all.extend(found),
                Some(Err(refusal)) => why = Some(refusal),
            }
        }
        // An authenticator has keys of many services: where some are X's, the others are nobody's choice here.
        let ours = |text: &Secret| Echo::of(text).is_ok_and(|it| it.handle.is_some());
        let some = all.iter().any(ours);
        for text in all.iter().filter(|it| !some || ours(it)).take(MOST) {
            match Echo::of(text) {
                Ok(echo) => {
                    // The same code twice on a page is one choice.
                    let key = (echo.ends.clone(), echo.account.clone());
                    if keys.contains(&key) {
                        continue;
                    }
                    keys.push(key);
                    dom::append(&list, &choice(&echo, kept.len()));
                    kept.push(text.clone());
                }
                Err(Refusal::OtpauthBroken) => {}
                Err(refusal) => why = Some(refusal),
            }
        }
        if kept.is_empty() {
            return match why {
                None => Self::say(face, "scan_none"),
                Some(Refusal::OtpauthBroken) => Self::say(face, "scan_no_key"),
                Some(refusal) => refuse(&face.find("[data-wrong]"), refusal),
            };
        }
        dom::say(&face.slot("whose"), if kept.len() == 1 { "scan_found" } else { "scan_several" }, &[]);
        let one = kept.len() == 1;
        *found.borrow_mut() = kept;
        face.stage("found");
        if one {
            dom::each(&list, "input", |it| dom::flag(&it, "checked", true));
        }
        Self::name(face, found);
        dom::announce(&face.slot("whose").text_content().unwrap_or_default());
        match list.query_selector("input") {
            Ok(Some(first)) if !one => dom::focus(&first),
            _ => events::settle_focus(&face.root),
        }
    }

    /// The account of what is chosen.
    fn name(face: &'static Face, found: &RefCell<Vec<Secret>>) {
        let chosen = Self::chosen(found);
        dom::flag(&face.slot("go"), "disabled", chosen.is_none());
        let echo = chosen.and_then(|text| Echo::of(&text).ok());
        dom::input("scan-handle").set_value(&echo.and_then(|it| it.handle).unwrap_or_default());
        dom::hide(&face.find("[data-wrong-handle]"));
    }

    fn chosen(found: &RefCell<Vec<Secret>>) -> Option<Secret> {
        let marked = dom::find(&dom::document(), "input[name=scanned]:checked")?;
        let at: usize = marked.get_attribute("value")?.parse().ok()?;
        found.borrow().get(at).cloned()
    }
}

/// What an address says, for the eye: the background reads it again, strictly, before anything is saved. A second strict
/// parser here would be a tenth of the pages' module.
struct Echo {
    account: String,
    handle: Option<String>,
    issuer: String,
    ends: String,
}

impl Echo {
    fn of(text: &Secret) -> Result<Self, Refusal> {
        let text = text.expose().trim();
        let after = |head: &str| {
            // An index would bring the words of its panic along: 4 kB.
            let (found, rest) = text.split_at_checked(head.len())?;
            found.eq_ignore_ascii_case(head).then_some(rest)
        };
        if after("otpauth://hotp/").is_some() {
            return Err(Refusal::OtpauthCounter);
        }
        let plain = |text: &str| decode_uri_component(text).map(String::from).map_err(|_| Refusal::OtpauthBroken);
        let (label, query) =
            after("otpauth://totp/").and_then(|it| it.split_once('?')).ok_or(Refusal::OtpauthBroken)?;
        let label = plain(label)?;
        let (mut issuer, account) = match label.split_once(':') {
            Some((issuer, account)) => (issuer.trim().to_owned(), account.trim()),
            None => (String::new(), label.trim()),
        };
        let mut ends = Err(Refusal::KeyEmpty);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if name.eq_ignore_ascii_case("secret") {
                ends = LongKey::parse(Secret::new(plain(value)?).expose()).map(|key| short(key.expose()));
            } else if name.eq_ignore_ascii_case("issuer") {
                issuer = plain(value)?;
            }
        }
        let ours = issuer.is_empty() || ["twitter", "x"].iter().any(|it| issuer.eq_ignore_ascii_case(it));
        let handle = if ours { Handle::parse(account).ok().map(String::from) } else { None };
        Ok(Self { account: account.to_owned(), handle, issuer, ends: ends? })
    }
}

/// The ends of a key.
fn short(key: &str) -> String {
    let (head, tail) = (key.get(..4), key.get(key.len().saturating_sub(4)..));
    [head.unwrap_or_default(), " ···· ···· ", tail.unwrap_or_default()].concat()
}

/// One key: its account, its issuer, its ends.
fn choice(echo: &Echo, place: usize) -> Element {
    let item = dom::part("scanned");
    dom::set(&dom::slot(&item, "pick"), "value", &place.to_string());
    let name = echo.handle.as_ref().map_or_else(|| echo.account.clone(), |it| at(it));
    dom::text(&dom::slot(&item, "account"), &name);
    dom::text(&dom::slot(&item, "issuer"), &echo.issuer);
    dom::text(&dom::slot(&item, "ends"), &echo.ends);
    item
}

impl Screen for Scan {
    fn refresh(&self, face: &'static Face) {
        home::suggest(face);
    }

    fn act(&self, face: &'static Face, act: &str, _: &Element) {
        match act {
            "scan-page" => self.fetch(face, |call| {
                qr_pictures::visible_tab(|it| call(it.ok_or("scan_not_allowed")));
            }),
            "scan-clipboard" => self.fetch(face, |call| {
                qr_pictures::on_clipboard(|it| {
                    call(it.map_err(|none| match none {
                        NoPicture::Refused => "scan_clipboard_refused",
                        NoPicture::Absent => "scan_clipboard_none",
                    }));
                });
            }),
            "scan-again" => {
                self.found.take();
                face.slot("found").set_text_content(None);
                dom::input("scan-file").set_value("");
                face.stage("choose");
            }
            "retry" => {
                self.busy.set(false);
                dom::flag(&face.slot("go"), "disabled", false);
            }
            _ => {}
        }
    }

    fn changed(&self, face: &'static Face, on: &Element) {
        if on.id() == "scan-file" {
            let picture = qr_pictures::chosen(&dom::input("scan-file"));
            // The same file may be chosen once more.
            self.fetch(face, |call| call(picture.ok_or("scan_no_picture")));
            dom::input("scan-file").set_value("");
        } else if on.id() == "scan-handle" {
            dom::hide(&face.find("[data-wrong-handle]"));
        } else {
            Self::name(face, &self.found);
        }
    }

    fn pasted(&self, face: &'static Face, event: &Event) {
        match qr_pictures::pasted(event) {
            Some(Pasted::Picture(picture)) => {
                event.prevent_default();
                self.fetch(face, |call| call(Ok(picture)));
            }
            // Into the field for the account a text belongs; elsewhere it may be what the code says.
            Some(Pasted::Text(text)) if text.expose().trim_start().starts_with("otpauth") => {
                event.prevent_default();
                dom::hide(&face.find("[data-wrong]"));
                self.next();
                Self::offer(face, &[text], &self.found);
            }
            _ => {}
        }
    }

    fn submit(&self, face: &'static Face, _: &str) {
        let (wrong, field) = (face.find("[data-wrong-handle]"), dom::input("scan-handle"));
        let Some(text) = Self::chosen(&self.found) else { return };
        let named = field.value();
        if let Err(refusal) = Handle::parse(&named) {
            refuse(&wrong, refusal);
            return dom::focus(&field);
        }
        if self.busy.replace(true) {
            return;
        }
        dom::flag(&face.slot("go"), "disabled", true);
        let found = Rc::clone(&self.found);
        client::ask(
            &Question::AddKey { text, handle: named.trim().into() },
            Box::new(move |done| {
                face.ask_again();
                match done {
                    Ok(answer) => {
                        found.take();
                        dom::announce(&i18n::message("toast_saved", &[]));
                        events::replace(&answer.kept().map_or(Route::Home, Route::Code));
                    }
                    Err(failure) => {
                        let at_handle = matches!(&failure, Failure::Refused(code, _) if code == "handle_shape");
                        fail(&if at_handle { wrong } else { face.find("[data-wrong]") }, &failure, now());
                        face.retry();
                    }
                }
            }),
        );
    }
}
