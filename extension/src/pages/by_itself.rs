//! What a page does by itself: it goes by the clock, keeps its line to the background, and shows what X shows right now. It asks
//! no service for anything: the background does when it is asked for the view, and knows of pauses.

use super::route::Route;
use super::{Face, now};
use crate::browser::messages;
use crate::browser::seen::{Entry, View};
use crate::browser::timer;
use crate::client;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::protocol::{Question, VaultState};

/// A new key is shown by itself for this long after it was seen; later it is one row among others.
const FRESH: Span = Span::minutes(10);

/// A browser's two clocks part by less than this when nobody sets one (Firefox rounds both to 100 ms under
/// `privacy.resistFingerprinting`).
const CLOCK_SET_MS: f64 = 2_000.0;

impl Face {
    /// The deadline has passed while the page was open: no code comes from these rows any more, and the background is
    /// asked. It locks then if no alarm told it to; or somebody has used another page, and the deadline has moved.
    pub(super) fn look_at_the_deadline(&'static self, now: UnixTime) {
        if self.rows.borrow().until().is_some_and(|it| it <= now) {
            self.rows.take();
            self.ask_again();
        }
    }

    /// A clock that was set takes back what was measured of it: codes that are corrected by an old difference are wrong.
    /// One that stood still with the computer looks the same, and costs nothing but the next two looks.
    pub(super) fn watch_clock(&'static self) {
        let steady = js_sys::Date::now() - timer::since_start();
        let set = self.steady.replace(Some(steady)).is_some_and(|before| (before - steady).abs() > CLOCK_SET_MS);
        if set && self.view.borrow().as_ref().is_some_and(|it| it.clock().is_some()) {
            client::send(&Question::ClockSet, Box::new(|_| self.ask_again()));
        }
    }

    /// Where the vault is to lock with the last page, the background counts them. It is ended now and then, and then
    /// the line to it breaks and is laid anew.
    pub(super) fn stay_open(&'static self) {
        let wanted = |it: &View| it.vault() == VaultState::Unlocked && it.lock_after().word() == "closed";
        if self.line.borrow().is_none() && self.view().as_ref().is_some_and(wanted) {
            *self.line.borrow_mut() = messages::stay_open(|| {
                self.line.take();
                self.ask_again();
            });
        }
    }

    /// A key that X shows right now is what the popup was opened for.
    pub(super) fn calls_for_itself(&self) -> Option<Route> {
        let view = self.view()?;
        let put_away = self.put_away.borrow();
        let fresh = |since: UnixTime| now().since(since) < FRESH;
        let mut kept = None;
        for draft in view.drafts().filter(|it| !put_away.contains(&it.id())) {
            if !draft.kept() && fresh(draft.seen()) {
                return Some(Route::Save(draft.id()));
            }
            if draft.kept() && (draft.code_wanted() || fresh(draft.seen())) {
                kept = kept.or(Some(Route::Code(draft.id())));
            }
        }
        let waits = |it: &Entry| it.waiting().is_some_and(|waiting| it.code_wanted() || fresh(waiting.since()));
        // A login that names nobody fits everybody: then the list is the place to choose.
        let mut logins = view.entries().filter(|it| it.code_wanted());
        let login = logins.next().filter(|_| logins.next().is_none());
        let one = kept.or_else(|| view.entries().find(|it| waits(it)).or(login).map(|it| Route::Code(it.id())));
        one.filter(|route| !matches!(route, Route::Code(id) if put_away.contains(id)))
    }
}
