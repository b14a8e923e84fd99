//! Locking: after 15 idle minutes, when the screen is locked, and whenever the deadline turns out to have
//! passed (alarms stand still while a computer sleeps) or the clock was set back.

use super::App;
use crate::clock::{Span, UnixTime};
use crate::effect::{Alarm, Effect, Event, Presence};

/// Auto-lock after this much idleness.
pub(super) const IDLE: Span = Span::minutes(15);
/// A clock may be corrected by this much without looking set back.
pub(super) const CLOCK_SLACK: Span = Span::minutes(1);
/// How late an alarm may ring and still count as being on time.
const ALARM_SLACK: Span = Span::minutes(1);

impl App {
    /// Closes the vault: the key and the content are wiped, pages lose their rows.
    pub(super) fn lock(&mut self, out: &mut alloc::vec::Vec<Effect>) {
        // Without a passphrase there is nothing to lock with.
        if self.open.as_ref().is_some_and(|open| open.until.is_some()) {
            self.open = None;
            self.forget_sealed(|_| true);
            self.rows_changed = true;
            out.push(Effect::Alarm(Alarm::Lock, None));
            out.push(Effect::News);
        }
    }

    /// Drafts that lie in the inbox leave the memory of a locked vault: the next unlocking brings them back. One that
    /// comes while it is locked stays for its first codes.
    fn forget_sealed(&mut self, which: impl Fn(&super::memory::Draft) -> bool) {
        let (inbox, before) = (&self.stored.inbox, self.memory.drafts.len());
        self.memory.drafts.retain(|draft| !(which(draft) && inbox.iter().any(|item| item.id == draft.id)));
        self.rows_changed |= self.memory.drafts.len() != before;
    }

    /// Somebody used it: the deadline moves.
    pub(super) fn touch(&mut self, now: UnixTime, out: &mut alloc::vec::Vec<Effect>) {
        let Some(open) = self.open.as_mut() else { return };
        open.seen = now;
        if let Some(until) = open.until.as_mut() {
            let next = now.after(IDLE);
            // Half a minute more is not worth an alarm and a write.
            if next.since(*until) > Span::seconds(30) {
                *until = next;
                self.rows_changed = true;
                out.push(Effect::Alarm(Alarm::Lock, Some(next)));
            }
        }
    }

    /// Checked at each event, since a deadline in the past needs no alarm to count.
    pub(super) fn lock_if_due(&mut self, event: &Event, now: UnixTime, out: &mut alloc::vec::Vec<Effect>) {
        if self.open.is_none() && self.stored.envelope.is_some() {
            self.forget_sealed(|draft| now.since(draft.sighting.seen) >= IDLE);
        }
        let Some(open) = self.open.as_ref() else { return };
        let Some(until) = open.until else { return };
        let on_time = matches!(event, Event::Rang(Alarm::Lock, _)) && now < until.after(ALARM_SLACK);
        let set_back = open.seen > now.after(CLOCK_SLACK);
        if (now >= until && !on_time) || set_back {
            self.lock(out);
        }
    }

    pub(super) fn lock_rang(&mut self, presence: Presence, now: UnixTime, out: &mut alloc::vec::Vec<Effect>) {
        match presence {
            Presence::Active => {
                self.touch(now, out);
                self.rows_changed = true;
            }
            Presence::Idle | Presence::Locked => self.lock(out),
        }
    }

    pub(super) fn presence(&mut self, presence: Presence, now: UnixTime, out: &mut alloc::vec::Vec<Effect>) {
        match presence {
            Presence::Active => self.touch(now, out),
            Presence::Idle | Presence::Locked => self.lock(out),
        }
    }
}
