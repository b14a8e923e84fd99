//! What the vault holds, and pure edits of it. Nothing here is written anywhere: `app` commits.
//!
//! An entry is an account; its keys are a short history. At most one of them is confirmed, at most one
//! waits for X. A confirmed key is never overwritten: it becomes stale and stays for 30 days, as does a deleted entry.

pub mod backup;
pub mod crypto;
mod entry;
pub mod envelope;
mod fansly_keys;
pub mod inbox;
pub mod names;
pub mod recovery;
pub mod slots;
pub mod work;
pub mod workspaces;

use crate::backup_codes::{BackupCode, BackupCodes};
use crate::capture::KeyState;
use crate::clock::{Span, UnixTime};
use crate::code::Recipe;
use crate::env::Env;
use crate::label::{Handle, Id};
use crate::long_key::LongKey;
use crate::secret::{Key32, Secret, exposed};
use alloc::vec::Vec;
pub use entry::{Entry, Held};
pub use fansly_keys::FanslyKey;
use serde::{Deserialize, Serialize};
use workspaces::Workspace;

/// How long a replaced key stays, and a deleted entry.
pub const HISTORY: Span = Span::days(30);
/// A clock that is wrong for one sitting is right again after this.
const SITTING: Span = Span::days(1);
/// A clock that shows no more than this since the vault was changed last is believed.
const BELIEVED: Span = Span::days(7);

/// The plain content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Vault {
    /// The private half of the inbox's key, base64.
    #[serde(with = "exposed")]
    inbox: Secret,
    /// Accounts, in the order they were added.
    pub entries: Vec<Entry>,
    /// Workspaces at Xquik, in the order they were connected.
    #[serde(default, alias = "xquik", deserialize_with = "workspaces::read")]
    pub workspaces: Vec<Workspace>,
    /// What was deleted, for 30 days.
    #[serde(default)]
    pub bin: Vec<Deleted>,
    /// When a backup file was made last.
    #[serde(default)]
    pub backup: Option<UnixTime>,
    /// Fans API's key, where connected.
    #[serde(with = "exposed", default)]
    pub fans_key: Option<Secret>,
    /// Whether it is sent to the address that Fans API had before.
    #[serde(default)]
    pub fans_old: bool,
    /// Long keys of Fansly accounts, and for 30 days those that were in use before.
    #[serde(default)]
    pub fansly_keys: Vec<FanslyKey>,
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
            workspaces: Vec::new(),
            bin: Vec::new(),
            backup: None,
            fans_key: None,
            fans_old: false,
            fansly_keys: Vec::new(),
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

    /// The workspace with this id.
    #[must_use]
    pub fn workspace(&self, id: Id) -> Option<&Workspace> {
        self.workspaces.iter().find(|it| it.id == id)
    }

    /// Whether this workspace is here, or one that took its place: a replaced API key does not come back from a file.
    #[must_use]
    pub fn has_workspace(&self, other: &Workspace) -> bool {
        self.workspaces.iter().any(|it| it.key == other.key || (it.id == other.id && it.id != workspaces::FIRST))
    }

    /// Where the entry of the same account of X is: by its number where both have one, else by its handle. Another account
    /// that had the handle before is not the same.
    #[must_use]
    pub fn place_of(&self, other: &Entry) -> Option<usize> {
        let number = other.x_user.as_ref();
        let same = |it: &Entry| number.is_some() && it.x_user.as_ref() == number;
        let named = |it: &Entry| it.handle == other.handle && (number.is_none() || it.x_user.is_none());
        self.entries.iter().position(same).or_else(|| self.entries.iter().position(named))
    }

    /// The entry of this account.
    #[must_use]
    pub fn of(&self, handle: &Handle) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.handle == *handle)
    }

    /// Keeps a key for an account, pending until X accepts it. A key that waited before is stale from
    /// now on: X makes a new one each time its dialog is opened.
    /// `id` is that of its entry, or of the one that is made where there is none. Says which entry it is in and which key of it.
    pub fn keep(&mut self, id: Id, handle: &Handle, key: &LongKey, recipe: Recipe, now: UnixTime) -> (Id, UnixTime) {
        let entry = self.entry_for(id, handle);
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

    /// The entry with this id, else of this handle; a new one where there is none.
    fn entry_for(&mut self, id: Id, handle: &Handle) -> &mut Entry {
        let own = self.entries.iter().position(|entry| entry.id == id);
        let at = match own.or_else(|| self.entries.iter().position(|entry| entry.handle == *handle)) {
            Some(at) => at,
            None => {
                let (keys, backup) = (Vec::new(), BackupCodes::default());
                self.entries.push(Entry { id, handle: handle.clone(), x_user: None, keys, backup });
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
        let Deleted { entry, since } = self.bin.remove(at);
        // A backup leaves the bin out.
        if self.backup.is_some_and(|backup| backup >= since) {
            entry.countable().for_each(|added| self.is_in_no_backup(added));
        }
        // Another account that has its handle now is not the same.
        match self.place_of(&entry).and_then(|at| self.entries.get_mut(at)) {
            Some(here) => {
                here.x_user = here.x_user.take().or(entry.x_user);
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

    /// Drops what has lain in the bin, or in an account's history, for its time. A clock that was set back keeps it longer; one
    /// that runs ahead drops nothing by that alone: far from the last change, only what had its time by then is due.
    pub fn tidy(&mut self, now: UnixTime) {
        let seen = self.changed_before(UnixTime(now.0.saturating_sub(SITTING.0)));
        let now = if now.since(seen) <= BELIEVED { now } else { seen };
        self.bin.retain(|it| now.since(it.since) < HISTORY);
        self.fansly_keys.retain(|it| it.stale.is_none_or(|since| now.since(since) < HISTORY));
        for entry in &mut self.entries {
            entry.prune(now);
        }
    }

    /// The last moment, not after this one, that something in here tells of.
    fn changed_before(&self, then: UnixTime) -> UnixTime {
        let mut last = UnixTime(0);
        let mut look = |at: UnixTime| {
            if at <= then {
                last = last.max(at);
            }
        };
        for entry in self.entries.iter().chain(self.bin.iter().map(|it| &it.entry)) {
            for held in &entry.keys {
                look(held.added);
                look(held.since);
            }
            for slip in &entry.backup {
                look(slip.since);
            }
        }
        for gone in &self.bin {
            look(gone.since);
        }
        for key in &self.fansly_keys {
            look(key.stale.unwrap_or(key.added));
        }
        self.backup.into_iter().for_each(look);
        last
    }

    /// How many keys in use and backup codes that may still work were added after the last backup file. One that was made
    /// while the clock ran ahead tells nothing.
    #[must_use]
    pub fn unsaved(&self, now: UnixTime) -> u32 {
        let last = self.backup.filter(|backup| *backup <= now);
        let fansly = self.fansly_keys.iter().filter(|it| it.stale.is_none()).map(|it| it.added);
        let added = self.entries.iter().flat_map(Entry::countable).chain(fansly);
        let count = added.filter(|added| last.is_none_or(|backup| *added > backup)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// What was added then was not there when the last backup file was made: the file counts as one from before it.
    pub fn is_in_no_backup(&mut self, added: UnixTime) {
        self.backup = self.backup.map(|backup| backup.min(UnixTime(added.0.saturating_sub(1))));
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
        let entry = self.entry_for(id, handle);
        entry.take_in(alloc::vec![held], BackupCodes::default(), *seen);
        entry.id
    }
}
