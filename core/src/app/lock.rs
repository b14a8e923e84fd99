//! Locking: after idle time, when the screen is locked, when the last page is closed if the user chose so, and whenever the
//! deadline turns out to have passed (alarms stand still while a computer sleeps) or the clock was set back.

use super::App;
use crate::clock::{Span, UnixTime};
use crate::effect::{Alarm, Effect, Event, Key, Presence};
use crate::protocol::LockAfter;
use crate::secret::Secret;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How much later an event is than the one that was noted last, to be noted too: each change of it is written down.
const SEEN_AGAIN: Span = Span::minutes(1);
/// How late an alarm may ring and still count as being on time.
const ALARM_SLACK: Span = Span::minutes(1);
/// How long a key that X shows to a locked vault stays readable, for the codes that confirm it there.
pub(super) const FIRST_CODES: Span = Span::minutes(15);
/// How soon it is noticed that no page is open any more, where neither a page nor a worker lived to say so.
const ROUNDS: Span = Span::minutes(1);
/// The last moment that a JavaScript `Date` has.
const NEVER: UnixTime = UnixTime(8_640_000_000_000_000);

/// What the user chose, readable while locked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Settings {
    #[serde(default)]
    pub(super) lock_after: LockAfter,
    /// Whether a notification tells of an account that needs the user.
    #[serde(default)]
    pub(super) notify: bool,
    /// Whether it names nobody.
    #[serde(default)]
    pub(super) hide_names: bool,
    /// Whether accounts are asked for while the vault is locked.
    #[serde(default)]
    pub(super) watch_locked: bool,
    /// Whether the popup waits until it is opened.
    #[serde(default)]
    pub(super) stays_shut: bool,
    /// Not chosen: whether the recovery code was used, and there was no new passphrase since.
    #[serde(default)]
    pub(super) recovered: bool,
}

impl LockAfter {
    /// The idle time; none where idleness does not count.
    #[must_use]
    pub const fn idle(self) -> Option<Span> {
        match self {
            // Only these can be chosen; anything else in the store counts as the usual time.
            Self::Minutes(minutes @ (1 | 5 | 15 | 60)) => Some(Span::minutes(minutes as u64)),
            Self::Minutes(_) => Some(Span::minutes(15)),
            // Of a page that stands open and that nobody uses.
            Self::Closed => Some(Span::minutes(60)),
            Self::Restart => None,
        }
    }
}

impl App {
    /// Closes the vault: the key and the content are wiped, pages lose their rows, the instance goes.
    pub(super) fn lock(&mut self, out: &mut Vec<Effect>) {
        // Without a passphrase there is nothing to lock with.
        match self.open.as_ref().map(|open| open.until) {
            Some(None) => {}
            Some(Some(_)) => self.close(out),
            // Locked before: a capture may have come, or been put away, since.
            None => {
                self.forget_undo();
                self.forget_sealed(|_| true);
            }
        }
    }

    pub(super) fn close(&mut self, out: &mut Vec<Effect>) {
        self.open = None;
        self.forget_undo();
        self.forget_sealed(|_| true);
        self.pictures.forget_all();
        self.rows_changed = true;
        out.push(Effect::Alarm(Alarm::Lock, None));
        out.push(Effect::News);
        out.push(Effect::Retire);
    }

    /// Drafts that lie in the inbox leave the memory of a locked vault: the next unlocking brings them back. One that
    /// comes while it is locked stays for its first codes.
    fn forget_sealed(&mut self, which: impl Fn(&super::memory::Draft) -> bool) {
        let (inbox, before) = (&self.stored.inbox, self.memory.drafts.len());
        self.memory.drafts.retain(|draft| !(which(draft) && inbox.iter().any(|item| item.id == draft.id)));
        self.rows_changed |= self.memory.drafts.len() != before;
    }

    /// When an open vault locks, if nothing happens from now on.
    pub(super) fn deadline(&self, now: UnixTime) -> UnixTime {
        self.settings.lock_after.idle().map_or(NEVER, |idle| now.after(idle))
    }

    /// The alarm for a deadline; none for the one that never comes. Where the last page locks, it rings once a minute: a page
    /// that ends together with the worker tells nobody.
    pub(super) fn lock_alarm(&self, until: UnixTime, now: UnixTime) -> Effect {
        let at = if self.settings.lock_after == LockAfter::Closed { until.min(now.after(ROUNDS)) } else { until };
        Effect::Alarm(Alarm::Lock, (at < NEVER).then_some(at))
    }

    /// How long without input until the browser is to say "idle".
    pub(super) fn watch_idle(&self) -> Effect {
        let idle = self.settings.lock_after.idle().unwrap_or(Span::minutes(60));
        Effect::WatchIdle(u32::try_from(idle.0 / 1000).unwrap_or(u32::MAX))
    }

    pub(super) fn set_lock_after(
        &mut self,
        lock_after: LockAfter,
        now: UnixTime,
        then: Vec<Effect>,
        out: &mut Vec<Effect>,
    ) {
        self.settings.lock_after = lock_after;
        let until = self.deadline(now);
        if let Some(deadline) = self.open.as_mut().and_then(|open| open.until.as_mut()) {
            *deadline = until;
            self.rows_changed = true;
            out.push(self.lock_alarm(until, now));
        }
        out.push(self.watch_idle());
        out.push(self.write_settings(then));
    }

    pub(super) fn write_settings(&self, then: Vec<Effect>) -> Effect {
        Self::write(Key::Settings, self.settings_text(), then)
    }

    pub(super) fn settings_text(&self) -> Secret {
        Secret::new(serde_json::to_string(&self.settings).unwrap_or_default())
    }

    /// Somebody used it: the deadline moves.
    pub(super) fn touch(&mut self, now: UnixTime, out: &mut Vec<Effect>) {
        let next = self.deadline(now);
        let Some(open) = self.open.as_mut() else { return };
        open.seen = now;
        if let Some(until) = open.until.as_mut() {
            // A few seconds more are not worth an alarm and a write.
            if next.since(*until) > Span::seconds(5) || *until > next {
                *until = next;
                self.rows_changed = true;
                out.push(self.lock_alarm(next, now));
            }
        }
    }

    /// Checked at each event, since a deadline in the past needs no alarm to count.
    pub(super) fn lock_if_due(&mut self, event: &Event, now: UnixTime, out: &mut Vec<Effect>) {
        if self.open.is_none() && self.stored.envelope.is_some() {
            self.forget_sealed(|draft| now.since(draft.sighting.seen) >= FIRST_CODES);
        }
        let Some(open) = self.open.as_mut() else { return };
        let Some(until) = open.until else { return };
        // The alarm that rings at the deadline asks whether somebody is there; how many pages are open is told just before.
        let asks = matches!(event, Event::Rang(Alarm::Lock, _) | Event::PagesOpen(_));
        let on_time = asks && now < until.after(ALARM_SLACK);
        let set_back = open.seen.is_ahead(now);
        if now.since(open.seen) >= SEEN_AGAIN {
            open.seen = now;
        }
        if (now >= until && !on_time) || set_back {
            self.lock(out);
        }
    }

    pub(super) fn lock_rang(&mut self, presence: Presence, now: UnixTime, out: &mut Vec<Effect>) {
        self.presence(presence, now, out);
        self.rows_changed = true;
        let until = self.open.as_ref().and_then(|open| open.until);
        if let Some(until) = until.filter(|_| self.settings.lock_after == LockAfter::Closed) {
            out.push(self.lock_alarm(until, now));
        }
    }

    pub(super) fn presence(&mut self, presence: Presence, now: UnixTime, out: &mut Vec<Effect>) {
        self.memory.away = presence == Presence::Locked;
        match presence {
            Presence::Active => self.touch(now, out),
            Presence::Idle if self.settings.lock_after.idle().is_none() => {}
            Presence::Idle | Presence::Locked => self.lock(out),
        }
    }

    /// A page was opened or closed, or the alarm asked how many there are.
    pub(super) fn pages_open(&mut self, count: u32, out: &mut Vec<Effect>) {
        // Only pages of an open vault count, so that a locked one has none.
        if count == 0 && self.open.is_some() && self.settings.lock_after == LockAfter::Closed {
            self.lock(out);
        }
    }
}
