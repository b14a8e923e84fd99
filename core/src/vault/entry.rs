//! One account in the vault: its keys, from the newest that X accepted to those that it refused, and its backup codes. What
//! becomes of a key when X says something about it is decided here, and nowhere else.

use super::HISTORY;
use crate::backup_codes::BackupCodes;
use crate::capture::{Doubt, KeyState};
use crate::clock::{Span, UnixTime};
use crate::code::Recipe;
use crate::label::{Handle, Id};
use crate::long_key::LongKey;
use crate::secret::exposed;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// An account and its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Entry {
    /// Its id.
    pub id: Id,
    /// The X account.
    pub handle: Handle,
    /// X's own number of the account, once a service has told it: a handle can be changed, and taken by somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x_user: Option<String>,
    /// Oldest first.
    pub keys: Vec<Held>,
    /// Its backup codes.
    #[serde(default, skip_serializing_if = "BackupCodes::is_empty")]
    pub backup: BackupCodes,
}

/// A key in an entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Held {
    /// The key.
    #[serde(with = "exposed")]
    pub key: LongKey,
    /// How its codes are made.
    #[serde(default)]
    pub recipe: Recipe,
    /// How far X is with it.
    pub state: KeyState,
    /// Since when it is in that state.
    pub since: UnixTime,
    /// When it was added: which key of its entry this is, for those who may not hold the key itself.
    #[serde(default)]
    pub added: UnixTime,
    /// Whether X has ever accepted it, as far as was noted.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub worked: bool,
    /// What X's pages showed against it, until the user has answered. Only a confirmed key has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
}

impl Entry {
    /// The key that X accepts, as far as is known.
    #[must_use]
    pub fn confirmed(&self) -> Option<&Held> {
        self.keys.iter().rfind(|held| held.state == KeyState::Confirmed)
    }

    /// Whether it has this key, and not only in its history.
    #[must_use]
    pub fn holds(&self, key: &LongKey) -> bool {
        self.keys.iter().any(|held| held.key == *key && held.state != KeyState::Stale)
    }

    /// The key that X has not accepted yet.
    #[must_use]
    pub fn waiting(&self) -> Option<&Held> {
        self.keys.iter().rfind(|held| held.is_waiting())
    }

    /// The confirmed key, else the one that went stale last: one that X had once accepted before all others.
    #[must_use]
    pub fn current(&self) -> Option<&Held> {
        self.confirmed().or_else(|| self.last_stale().and_then(|at| self.keys.get(at)))
    }

    fn last_stale(&self) -> Option<usize> {
        let stale = self.keys.iter().enumerate().filter(|(_, held)| held.state == KeyState::Stale);
        stale.max_by_key(|(_, held)| (held.worked, held.since)).map(|(at, _)| at)
    }

    /// What a sign-in sends: the confirmed key, else the waiting one (and the page says so). Never a
    /// stale one.
    #[must_use]
    pub fn sendable(&self) -> Option<&Held> {
        self.confirmed().or_else(|| self.waiting())
    }

    /// When what belongs into a backup file was added: keys in use and backup codes that may still work.
    pub(super) fn countable(&self) -> impl Iterator<Item = UnixTime> {
        let held = self.keys.iter().filter(|held| held.state != KeyState::Stale).map(|held| held.added);
        held.chain(self.backup.iter().filter(|slip| slip.state.is_open()).map(|slip| slip.added))
    }

    /// The code typed on X was this waiting key's.
    pub fn matched(&mut self, added: UnixTime, now: UnixTime) {
        let pending = |held: &&mut Held| held.added == added && held.state == KeyState::Pending;
        if let Some(held) = self.keys.iter_mut().find(pending) {
            held.become_state(KeyState::Matched, now);
        }
    }

    /// X accepted this waiting key; the one before it moves to the history. Any other key proves nothing here:
    /// what waits now may have come after what was proved.
    pub fn confirm(&mut self, added: UnixTime, now: UnixTime) {
        if !self.keys.iter().any(|held| held.added == added && held.is_waiting()) {
            return;
        }
        let mut replaced = false;
        for held in &mut self.keys {
            if held.added == added {
                held.become_state(KeyState::Confirmed, now);
            } else if held.state == KeyState::Confirmed {
                held.become_state(KeyState::Stale, now);
                replaced = true;
            }
        }
        if replaced {
            self.backup.enrolled_anew(added, now);
        }
    }

    /// X refuses the key that stood as confirmed (or the waiting one, where there is none).
    pub fn refuse(&mut self, now: UnixTime) {
        let confirmed = self.keys.iter_mut().rfind(|held| held.state == KeyState::Confirmed);
        if let Some(held) = confirmed {
            held.become_state(KeyState::Stale, now);
            self.backup.enrolled_anew(UnixTime(u64::MAX), now);
        } else if let Some(held) = self.keys.iter_mut().rfind(|held| held.is_waiting()) {
            held.become_state(KeyState::Stale, now);
        }
    }

    /// Puts a question to the confirmed key that was there at that moment; false if there is none, or a question stands
    /// there already.
    pub fn question(&mut self, why: Doubt, seen: UnixTime) -> bool {
        let confirmed = self.keys.iter_mut().rfind(|held| held.state == KeyState::Confirmed);
        let old = |held: &&mut Held| held.doubt.is_none() && held.added <= seen;
        let Some(held) = confirmed.filter(old) else { return false };
        held.doubt = Some(why);
        true
    }

    /// The confirmed key still works; where there is none, the one that went stale last does.
    pub fn trust(&mut self, now: UnixTime) {
        if let Some(held) = self.keys.iter_mut().rfind(|held| held.state == KeyState::Confirmed) {
            held.doubt = None;
        } else if let Some(held) = self.last_stale().and_then(|at| self.keys.get_mut(at)) {
            held.become_state(KeyState::Confirmed, now);
        }
    }

    /// The pending key will not be accepted any more; false if there is none. One whose code was typed on X stays: only
    /// the user knows whether X took it.
    pub fn lapse(&mut self, seen: UnixTime, now: UnixTime) -> bool {
        let pending = self.keys.iter_mut().rfind(|held| held.state == KeyState::Pending && held.added <= seen);
        pending.map(|held| held.become_state(KeyState::Stale, now)).is_some()
    }

    /// The user says that X did not accept the key that waits.
    pub fn not_accepted(&mut self, now: UnixTime) {
        if let Some(held) = self.keys.iter_mut().rfind(|held| held.is_waiting()) {
            held.become_state(KeyState::Stale, now);
        }
    }

    /// The app was turned off then: what was confirmed before is stale.
    pub fn end_before(&mut self, then: UnixTime, now: UnixTime) -> bool {
        let old = |held: &&mut Held| held.state == KeyState::Confirmed && held.since < then;
        let ended = self.keys.iter_mut().rfind(old).map(|held| held.become_state(KeyState::Stale, now)).is_some();
        if ended {
            self.backup.enrolled_anew(then, now);
        }
        ended
    }

    /// Takes in another entry of the same account. The later word on a key counts; of two that X accepted the one that it
    /// accepted last is in use, and what waits is the newest of all or waits no more.
    pub(super) fn merge(&mut self, other: Self, now: UnixTime) {
        // Where there is not room for all codes, the newest are those that X may still take.
        let newest = |codes: &BackupCodes| codes.iter().map(|slip| slip.added).max();
        let (base, more) = if newest(&other.backup) > newest(&self.backup) {
            (other.backup, core::mem::take(&mut self.backup))
        } else {
            (core::mem::take(&mut self.backup), other.backup)
        };
        self.backup = base;
        self.backup.take_in(more);
        for mut held in other.keys {
            let same = self.keys.iter().position(|here| here.key == held.key);
            if let Some(here) = same.and_then(|at| self.keys.get(at)) {
                // Typed in again, it is no less accepted.
                if here.since >= held.since || (here.state == KeyState::Confirmed && held.is_waiting()) {
                    continue;
                }
                held.worked |= here.worked;
            }
            same.map(|at| self.keys.remove(at));
            while self.keys.iter().any(|here| here.added == held.added) {
                held.added = held.added.after(Span(1));
            }
            self.keys.push(held);
        }
        self.keys.sort_by_key(|held| held.added);
        let confirmed = self.keys.iter().filter(|it| it.state == KeyState::Confirmed);
        let confirmed = confirmed.max_by_key(|it| it.since).map(|it| it.added);
        let newest = self.keys.iter().filter(|it| it.state != KeyState::Stale).map(|it| it.added).max();
        let mut replaced = false;
        for held in &mut self.keys {
            let kept = if held.is_waiting() { newest } else { confirmed };
            if held.state != KeyState::Stale && kept != Some(held.added) {
                replaced |= held.state == KeyState::Confirmed;
                held.become_state(KeyState::Stale, now);
            }
        }
        if let Some(added) = confirmed.filter(|_| replaced) {
            self.backup.enrolled_anew(added, now);
        }
    }

    /// Drops stale keys after 30 days, unless nothing newer is here.
    pub(super) fn prune(&mut self, now: UnixTime) {
        let last = self.keys.len().saturating_sub(1);
        // The one that is shown where none works.
        let shown = if self.confirmed().is_none() { self.last_stale() } else { None };
        let mut at = 0;
        self.keys.retain(|held| {
            at += 1;
            let kept = at > last || shown == Some(at - 1);
            held.state != KeyState::Stale || kept || now.since(held.since) < HISTORY
        });
    }
}

impl Held {
    /// Pending or matched.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(self.state, KeyState::Pending | KeyState::Matched)
    }

    pub(super) fn become_state(&mut self, state: KeyState, now: UnixTime) {
        self.doubt = None;
        self.worked |= state == KeyState::Confirmed || self.state == KeyState::Confirmed;
        self.state = state;
        self.since = now;
    }
}
