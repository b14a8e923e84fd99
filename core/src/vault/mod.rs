//! What the vault holds, and pure edits of it. Nothing here is written anywhere: `app` commits.
//!
//! An entry is an account; its keys are a short history. At most one of them is confirmed, at most one
//! waits for X. A confirmed key is never overwritten: it becomes stale and stays for 30 days, as does a deleted entry.

pub mod backup;
pub mod crypto;
pub mod envelope;
pub mod inbox;
pub mod recovery;
pub mod slots;
pub mod work;

use crate::backup_codes::{BackupCode, BackupCodes};
use crate::capture::{Doubt, KeyState};
use crate::clock::{Span, UnixTime};
use crate::code::Recipe;
use crate::env::Env;
use crate::label::{Handle, Id};
use crate::long_key::LongKey;
use crate::secret::{Key32, Secret, exposed};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How long a replaced key stays.
const HISTORY: Span = Span::days(30);

/// The plain content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Vault {
    /// The private half of the inbox's key, base64.
    #[serde(with = "exposed")]
    inbox: Secret,
    /// Accounts, in the order they were added.
    pub entries: Vec<Entry>,
    /// Xquik's API key.
    #[serde(with = "exposed", default)]
    pub xquik: Option<Secret>,
    /// What was deleted, for 30 days.
    #[serde(default)]
    pub bin: Vec<Deleted>,
    /// When a backup file was made last.
    #[serde(default)]
    pub backup: Option<UnixTime>,
}

/// An account in the bin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Deleted {
    /// The account and its keys.
    pub entry: Entry,
    /// Since when.
    pub since: UnixTime,
}

/// An account and its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Entry {
    /// Its id.
    pub id: Id,
    /// The X account.
    pub handle: Handle,
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

/// A key that was seen on X: what the sealed inbox keeps.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Sighting {
    /// The key.
    #[serde(with = "exposed")]
    pub key: LongKey,
    /// The account, where known.
    pub handle: Option<Handle>,
    /// When it was seen.
    pub seen: UnixTime,
    /// Whether the user chose to keep it.
    pub kept: bool,
    /// How far X is with it.
    pub state: KeyState,
    /// How its codes are made, where a QR code said something else than X's usual.
    #[serde(default, skip_serializing_if = "Recipe::is_usual")]
    pub recipe: Recipe,
}

/// A backup code that was seen on X before its account was open, or had room: what the sealed inbox keeps besides
/// sightings.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct SeenCode {
    /// The code.
    #[serde(with = "exposed")]
    pub backup: BackupCode,
    /// The account, where known.
    pub handle: Option<Handle>,
    /// The entry or draft whose set-up it came with.
    pub of: Option<Id>,
    /// When it was seen.
    pub seen: UnixTime,
}

impl SeenCode {
    /// The entry that it belongs to: its account's, else that of the key it came with (the user may have saved that under
    /// another name).
    #[must_use]
    pub fn owner<'a>(&self, entries: &'a mut [Entry]) -> Option<&'a mut Entry> {
        let named = entries.iter().position(|entry| self.handle.as_ref() == Some(&entry.handle));
        let at = named.or_else(|| entries.iter().position(|entry| self.of == Some(entry.id)))?;
        entries.get_mut(at)
    }
}

impl Vault {
    /// An empty vault with a fresh inbox key.
    #[must_use]
    pub fn new(env: &mut Env<'_>) -> Self {
        Self {
            inbox: Key32::new(env.random()).to_text(),
            entries: Vec::new(),
            xquik: None,
            bin: Vec::new(),
            backup: None,
        }
    }

    /// The private half of the inbox's key.
    #[must_use]
    pub fn inbox(&self) -> Option<Key32> {
        Key32::from_text(&self.inbox)
    }

    /// A new inbox key; the old private half, for what still lies in the inbox.
    pub fn renew_inbox(&mut self, env: &mut Env<'_>) -> Option<Key32> {
        let old = self.inbox();
        self.inbox = Key32::new(env.random()).to_text();
        old
    }

    /// The entry with this id.
    #[must_use]
    pub fn entry(&self, id: Id) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The entry with this id, to edit.
    pub fn entry_mut(&mut self, id: Id) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.id == id)
    }

    /// The entry of this account.
    #[must_use]
    pub fn of(&self, handle: &Handle) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.handle == *handle)
    }

    /// Keeps a key for an account, pending until X accepts it. A key that waited before is stale from
    /// now on: X makes a new one each time its dialog is opened.
    /// Says which entry it is in and which key of it.
    pub fn keep(&mut self, id: Id, handle: &Handle, key: &LongKey, recipe: Recipe, now: UnixTime) -> (Id, UnixTime) {
        let entry = self.entry_for(id, handle);
        entry.prune(now);
        let known = entry.keys.iter().find(|held| held.key == *key && held.state != KeyState::Stale);
        if let Some(held) = known {
            return (entry.id, held.added);
        }
        for held in entry.keys.iter_mut().filter(|held| held.is_waiting()) {
            held.become_state(KeyState::Stale, now);
        }
        entry.keys.retain(|held| held.key != *key);
        let latest = entry.keys.iter().map(|held| held.added).max();
        let added = latest.map_or(now, |latest| now.max(latest.after(Span(1))));
        entry.keys.push(Held {
            key: key.clone(),
            recipe,
            state: KeyState::Pending,
            since: now,
            added,
            worked: false,
            doubt: None,
        });
        (entry.id, added)
    }

    /// The entry of this account; a new one with this id where there is none.
    fn entry_for(&mut self, id: Id, handle: &Handle) -> &mut Entry {
        let at = match self.entries.iter().position(|entry| entry.handle == *handle) {
            Some(at) => at,
            None => {
                let (keys, backup) = (Vec::new(), BackupCodes::default());
                self.entries.push(Entry { id, handle: handle.clone(), keys, backup });
                self.entries.len() - 1
            }
        };
        &mut self.entries[at]
    }
}

impl Vault {
    /// Moves an entry into the bin; false if there is none with this id.
    pub fn delete(&mut self, id: Id, now: UnixTime) -> bool {
        let Some(at) = self.entries.iter().position(|entry| entry.id == id) else { return false };
        self.bin.push(Deleted { entry: self.entries.remove(at), since: now });
        true
    }

    /// Takes an entry out of the bin; beside an entry that was made for the account meanwhile it becomes history.
    pub fn undelete(&mut self, id: Id, now: UnixTime) -> Option<Id> {
        let at = self.bin.iter().position(|it| it.entry.id == id)?;
        let entry = self.bin.remove(at).entry;
        match self.entries.iter_mut().find(|here| here.handle == entry.handle) {
            Some(here) => {
                here.take_in(entry.keys, entry.backup, now);
                Some(here.id)
            }
            None => {
                self.entries.push(entry);
                Some(id)
            }
        }
    }

    /// Removes from the bin for good; false if it is not there.
    pub fn purge(&mut self, id: Id) -> bool {
        let before = self.bin.len();
        self.bin.retain(|it| it.entry.id != id);
        self.bin.len() < before
    }

    /// Drops what has lain in the bin, or in an account's history, for its time. A clock that was set back keeps it longer.
    pub fn tidy(&mut self, now: UnixTime) {
        self.bin.retain(|it| now.since(it.since) < HISTORY);
        for entry in &mut self.entries {
            entry.prune(now);
        }
    }

    /// How many keys in use and backup codes that may still work were added after the last backup file.
    #[must_use]
    pub fn unsaved(&self) -> u32 {
        let held = self.entries.iter().flat_map(|entry| &entry.keys).filter(|held| held.state != KeyState::Stale);
        let slips = self.entries.iter().flat_map(|entry| &entry.backup).filter(|slip| slip.state.is_open());
        let added = held.map(|held| held.added).chain(slips.map(|slip| slip.added));
        let count = added.filter(|added| self.backup.is_none_or(|backup| *added > backup)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

impl Vault {
    /// Keeps a sighting with what is known about it; says which entry it is in.
    pub fn keep_sighting(&mut self, id: Id, handle: &Handle, sighting: &Sighting, now: UnixTime) -> Id {
        if sighting.state == KeyState::Stale {
            // It went stale while the vault was locked: history, beside whatever waits or works.
            return self.keep_stale(id, handle, sighting);
        }
        let (id, added) = self.keep(id, handle, &sighting.key, sighting.recipe, now);
        if let Some(entry) = self.entry_mut(id) {
            match sighting.state {
                KeyState::Matched => entry.matched(added, now),
                KeyState::Confirmed => entry.confirm(added, now),
                KeyState::Pending | KeyState::Stale => {}
            }
        }
        id
    }

    fn keep_stale(&mut self, id: Id, handle: &Handle, sighting: &Sighting) -> Id {
        let Sighting { key, recipe, seen, .. } = sighting;
        let (key, recipe, state) = (key.clone(), *recipe, KeyState::Stale);
        let held = Held { key, recipe, state, since: *seen, added: *seen, worked: false, doubt: None };
        match self.entries.iter_mut().find(|entry| entry.handle == *handle) {
            Some(entry) => {
                entry.take_in(alloc::vec![held], BackupCodes::default(), *seen);
                entry.id
            }
            None => {
                let (handle, keys) = (handle.clone(), alloc::vec![held]);
                self.entries.push(Entry { id, handle, keys, backup: BackupCodes::default() });
                id
            }
        }
    }
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

    /// Drops stale keys after 30 days, unless nothing newer is here.
    fn prune(&mut self, now: UnixTime) {
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

    fn become_state(&mut self, state: KeyState, now: UnixTime) {
        self.doubt = None;
        self.worked |= state == KeyState::Confirmed || self.state == KeyState::Confirmed;
        self.state = state;
        self.since = now;
    }
}
