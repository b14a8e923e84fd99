//! Codes that tick: one lamp a key. The ring moves in CSS; a lamp touches the page once a second, and only
//! while it can be seen.

use super::dom;
use super::words::at;
use crate::browser::seen::Row;
use crate::browser::{clipboard, i18n, timer};
use longkey_core::clock::UnixTime;
use longkey_core::code::{Code, Recipe, code_after, code_at};
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// From here on the code is about to change: amber, and the next one is shown.
const SOON_S: u64 = 7;
/// A tick that comes later than this was held up (sleep, a hidden tab): the ring is set anew.
const GAP_MS: u64 = 5_000;
/// How long "Copied" stands.
const COPIED_MS: u32 = 1_500;

/// One key's code on the screen.
pub struct Lamp {
    /// What it shows.
    pub row: Row,
    /// The button that copies.
    pub button: Element,
    /// The elements that carry `live` and `soon`: the row, or the card and its clock.
    scopes: Vec<Element>,
    digits: Element,
    after: Element,
    seconds: Element,
    ring: Option<HtmlElement>,
    recipe: Recipe,
    /// How far this computer's clock is ahead of the one that codes are made for.
    ahead: i64,
    period: Cell<u64>,
    soon: Cell<bool>,
    ticked: Cell<u64>,
    seen: Cell<bool>,
}

impl Lamp {
    /// A lamp over elements that are there already.
    #[must_use]
    pub fn new(row: Row, button: Element, scopes: Vec<Element>) -> Self {
        let slot = |name: &str| {
            let selector = ["[data-slot=\"", name, "\"]"].concat();
            scopes.iter().find_map(|it| it.query_selector(&selector).ok().flatten())
        };
        let or_unseen = |it: Option<Element>| it.unwrap_or_else(|| dom::element("span"));
        let (digits, after, seconds) =
            (or_unseen(slot("digits")), or_unseen(slot("after")), or_unseen(slot("seconds")));
        let ring = scopes.iter().find_map(|it| it.query_selector(".ring").ok().flatten());
        let ring = ring.and_then(|it| it.dyn_into().ok());
        let handle = row.handle().map_or_else(|| i18n::message("this_account", &[]), |it| at(&it));
        dom::set(&button, "aria-label", &i18n::message("copy_code_for", &[&handle]));
        let (recipe, ahead) = (row.recipe(), row.ahead());
        Self {
            row,
            recipe,
            ahead,
            button,
            scopes,
            digits,
            after,
            seconds,
            ring,
            period: Cell::new(u64::MAX),
            soon: Cell::new(false),
            ticked: Cell::new(0),
            seen: Cell::new(false),
        }
    }

    /// Whether the user can see it.
    pub fn look(&self, seen: bool, now: UnixTime) {
        self.seen.set(seen);
        if seen {
            self.paint(now.less(self.ahead));
        }
        for scope in &self.scopes {
            dom::class(scope, "live", seen);
        }
    }

    /// Shows the code of this moment, if anybody sees it.
    pub fn tick(&self, now: UnixTime) {
        if self.seen.get() {
            self.paint(now.less(self.ahead));
            self.speak(now);
        }
    }

    fn paint(&self, now: UnixTime) {
        let period = u64::from(self.recipe.period());
        let left = self.recipe.left(now).0.div_ceil(1000);
        let number = now.seconds() / period;
        if now.0.saturating_sub(self.ticked.replace(now.0)) > GAP_MS {
            self.turn(now);
        }
        if self.period.replace(number) != number {
            show_digits(&self.digits, self.code(now).as_ref());
            self.soon.set(false);
            self.mark_soon(false);
        }
        if left <= SOON_S && !self.soon.replace(true) {
            let next = self.row.key().map(|it| code_after(&it, self.recipe, now));
            dom::say(&self.after, "next_code", &[&spaced(next.as_ref())]);
            self.mark_soon(true);
        }
        dom::text(&self.seconds, &left.to_string());
    }

    fn code(&self, now: UnixTime) -> Option<Code> {
        self.row.key().map(|it| code_at(&it, self.recipe, now))
    }

    fn mark_soon(&self, soon: bool) {
        for scope in &self.scopes {
            dom::class(scope, "soon", soon);
        }
    }

    /// Sets the ring to this moment: its animation is as long as the period and begins in the past.
    fn turn(&self, now: UnixTime) {
        let Some(ring) = &self.ring else { return };
        let period = u64::from(self.recipe.period()) * 1000;
        for scope in &self.scopes {
            dom::class(scope, "live", false);
        }
        // Reading a size makes the browser forget the running animation, so that the new one starts from here.
        let _ = ring.offset_width();
        let style = ring.style();
        let _ = style.set_property("--period", &[&period.to_string(), "ms"].concat());
        let _ = style.set_property("--late", &["-", &(now.0 % period).to_string(), "ms"].concat());
        for scope in &self.scopes {
            dom::class(scope, "live", true);
        }
    }

    /// Copies the code of this moment.
    pub fn copy(&self) {
        let Some(code) = self.code(super::now().less(self.ahead)) else { return };
        let scope = self.scopes.first().unwrap_or(&self.button).clone();
        clipboard::copy(code.expose(), move |done| {
            dom::announce(&i18n::message(if done { "copied_code" } else { "copy_failed" }, &[]));
            if done {
                dom::class(&scope, "copied", true);
                timer::after(COPIED_MS, move || dom::class(&scope, "copied", false));
            }
        });
    }

    /// What a screen reader hears on arriving here: the digits one by one, and the time.
    pub fn describe(&self, now: UnixTime) {
        let now = now.less(self.ahead);
        let Some(code) = self.code(now) else { return };
        let digits: String = code.expose().chars().flat_map(|it| [it, ' ']).collect();
        let left = self.recipe.left(now).0.div_ceil(1000).to_string();
        dom::set(&self.button, "aria-description", &i18n::message("code_spoken", &[digits.trim_end(), &left]));
    }

    /// While it has the focus, two moments are said; else nothing per second.
    fn speak(&self, now: UnixTime) {
        if dom::document().active_element().as_ref() != Some(&self.button) {
            return;
        }
        let left = self.recipe.left(now.less(self.ahead)).0.div_ceil(1000);
        if left == 10 {
            dom::announce(&i18n::message("ten_seconds", &[]));
        } else if left == u64::from(self.recipe.period()) {
            dom::announce(&i18n::message("new_code", &[]));
            self.describe(now);
        }
    }
}

/// The digits in two halves; the gap between them is CSS, so that nothing but digits is ever copied.
fn show_digits(into: &Element, code: Option<&Code>) {
    let (first, second) = halves(code);
    into.set_text_content(None);
    for half in [first, second] {
        let span = dom::element("span");
        span.set_text_content(Some(half));
        dom::append(into, &span);
    }
}

fn spaced(code: Option<&Code>) -> String {
    let (first, second) = halves(code);
    [first, " ", second].concat()
}

fn halves(code: Option<&Code>) -> (&str, &str) {
    let digits = code.map_or("", Code::expose);
    digits.split_at_checked(digits.len() / 2).unwrap_or((digits, ""))
}
