//! The backup file: the vault's envelope with a passphrase of its own, and what of the vault can be moved.
//!
//! It also reads a sealed vault that was saved as a file: the content has the same names. It never overwrites: what is
//! here stays, what the file knows beside it goes into the history.

use super::envelope::{self, Envelope, Header};
use super::inbox::Item;
use super::slots::{Kind, Slot, Terms};
use super::work::Work;
use super::workspaces::{self, Workspace};
use super::{Entry, FanslyKey, Held, SeenCode, Sighting, Vault};
use crate::backup_codes::{BackupCode, BackupCodes};
use crate::capture::KeyState;
use crate::clock::UnixTime;
use crate::env::Env;
use crate::label::Handle;
use crate::refusal::Refusal;
use crate::secret::{Key32, Secret, exposed};
use alloc::{borrow::Cow, vec, vec::Vec};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What a backup file holds, and what is read of a vault's content.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Backup {
    /// When it was made; a vault's content has no such moment.
    #[serde(default)]
    pub made: Option<UnixTime>,
    entries: Vec<Entry>,
    #[serde(default, alias = "xquik", deserialize_with = "workspaces::read")]
    workspaces: Vec<Workspace>,
    #[serde(with = "exposed", default)]
    fans_key: Option<Secret>,
    #[serde(default)]
    fans_old: bool,
    #[serde(default)]
    fansly_keys: Vec<FanslyKey>,
    /// The private half of a vault's inbox; a backup has none.
    #[serde(default, skip_serializing, deserialize_with = "exposed::deserialize")]
    inbox: Option<Secret>,
    /// Other vaults of the same file, after the newest: of two that parted, the one that was not chosen.
    #[serde(skip)]
    also: Vec<Self>,
}

/// What a backup file would add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Preview {
    /// When it was made, where the file tells.
    pub made: Option<UnixTime>,
    /// Accounts that are not here yet.
    pub new: Vec<Handle>,
    /// Accounts that are here with another key: the file's key is added beside it.
    pub differ: Vec<Handle>,
    /// Number of accounts whose keys are all here.
    pub same: u32,
    /// Whether it brings an API key of Xquik's that is not here.
    pub api_key: bool,
    /// Whether it brings something of Fansly that is not here: the key of Fans API, or an account's.
    pub fansly: bool,
}

/// A file that can be opened, not yet opened: a backup, or every vault that lay in the stores, the newest first.
#[derive(Debug)]
pub struct Sealed {
    envelopes: Vec<Lying>,
    /// One for each passphrase that may be asked for, of the newest vault first.
    slots: Vec<Slot>,
    inbox: Vec<Item>,
}

/// A vault as it lay in a store.
#[derive(Debug)]
struct Lying {
    /// The number of the store; of one store the newest counts.
    store: usize,
    envelope: Envelope,
    /// Its key, where the device key that opens it lay beside it.
    key: Option<Key32>,
}

/// Most passphrases that one file may ask for.
pub const MOST_PASSPHRASES: usize = 5;

impl Backup {
    /// Everything in the vault that can be moved, as of now.
    #[must_use]
    pub fn of(vault: &Vault, now: UnixTime) -> Self {
        Self {
            made: Some(now),
            entries: vault.entries.clone(),
            workspaces: vault.workspaces.clone(),
            fans_key: vault.fans_key.clone(),
            fans_old: vault.fans_old,
            fansly_keys: vault.fansly_keys.clone(),
            inbox: None,
            also: Vec::new(),
        }
    }

    /// How many accounts it holds.
    #[must_use]
    pub fn accounts(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// The text of the file, sealed under what Argon2id made of its passphrase. It is opened again and compared
    /// before it is given out.
    ///
    /// # Errors
    /// [`Refusal::Internal`] if what was written is not what is read.
    pub fn print(&self, env: &mut Env<'_>, terms: &Terms, derived: &Key32) -> Result<Secret, Refusal> {
        let plain = Zeroizing::new(serde_json::to_vec(self).map_err(|_| Refusal::Internal)?);
        let (id, key) = (env.random(), Key32::new(env.random()));
        let slot = Slot::make(env, &id, terms.slot, terms.kind().ok_or(Refusal::Internal)?, derived, &key);
        // Nothing is sent to a file: it has no inbox.
        let mut header = Header::new(id, 1, 1, [0; 32], vec![slot]);
        let file = Secret::new([envelope::print(env, &mut header, &key, &plain).as_str(), "\n"].concat());
        let (again, _) = Sealed::parse(&file)?.open(core::slice::from_ref(derived))?;
        let same = serde_json::to_vec(&again).map(Zeroizing::new).is_ok_and(|it| *it == *plain);
        if same { Ok(file) } else { Err(Refusal::Internal) }
    }

    /// Captures that were kept and still lay in the inbox are keys like the others; so are backup codes of these accounts.
    fn unpack(&mut self, vault: &[u8; 16], inbox: &[Item]) {
        let Some(private) = self.inbox.take().as_ref().and_then(Key32::from_text) else { return };
        for item in inbox {
            let plain = item.open(vault, &private);
            let Some(sighting) = plain.and_then(|plain| serde_json::from_slice::<Sighting>(&plain).ok()) else {
                continue;
            };
            let Sighting { key, handle: Some(handle), seen, kept: true, state, recipe } = sighting else { continue };
            // It lies in both stores.
            if self.entries.iter().any(|entry| entry.id == item.id) {
                continue;
            }
            let held = Held { key, recipe, state, since: seen, added: seen, worked: false, doubt: None };
            let (keys, backup) = (vec![held], BackupCodes::default());
            self.entries.push(Entry { id: item.id, handle, x_user: None, keys, backup });
        }
        for item in inbox {
            let plain = item.open(vault, &private);
            let Some(seen) = plain.and_then(|plain| serde_json::from_slice::<SeenCode>(&plain).ok()) else { continue };
            if let Some(entry) = seen.owner(&mut self.entries) {
                entry.backup.saw(seen.backup, seen.seen);
            }
        }
    }

    /// What [`Backup::add_to`] would do.
    #[must_use]
    pub fn preview(&self, vault: Option<&Vault>) -> Preview {
        let mut preview = Preview { made: self.made, ..Preview::default() };
        let mut same: Vec<&Handle> = Vec::new();
        for entry in self.all().flat_map(|it| &it.entries) {
            let handle = &entry.handle;
            if preview.new.contains(handle) || preview.differ.contains(handle) {
                continue;
            }
            match vault.and_then(|vault| vault.entries.get(vault.place_of(entry)?)) {
                None => preview.new.push(handle.clone()),
                Some(here) if !here.has_all_of(entry) => {
                    same.retain(|it| *it != handle);
                    preview.differ.push(handle.clone());
                }
                Some(_) if same.contains(&handle) => {}
                Some(_) => same.push(handle),
            }
        }
        preview.same = u32::try_from(same.len()).unwrap_or(u32::MAX);
        let here = |it: &Workspace| vault.is_some_and(|vault| vault.has_workspace(it));
        preview.api_key = self.all().flat_map(|it| &it.workspaces).any(|it| !here(it));
        let missed = |key: &FanslyKey| key.stale.is_none() && vault.is_none_or(|it| !it.has_fansly_key(key));
        let connects = self.all().any(|it| it.fans_key.is_some()) && vault.is_none_or(|it| it.fans_key.is_none());
        preview.fansly = connects || self.all().flat_map(|it| &it.fansly_keys).any(missed);
        preview
    }

    /// Adds what is not there yet.
    pub fn add_to(self, vault: &mut Vault, env: &mut Env<'_>) {
        for mut entry in self.entries {
            let place = vault.place_of(&entry);
            match place.and_then(|at| vault.entries.get_mut(at)) {
                Some(here) => {
                    here.x_user = here.x_user.take().or(entry.x_user);
                    here.take_in(entry.keys, entry.backup, env.now);
                }
                None => {
                    // The same file may be restored next to an entry that was deleted and made anew.
                    let taken = vault.entries.iter().chain(vault.bin.iter().map(|it| &it.entry));
                    if taken.into_iter().any(|here| here.id == entry.id) {
                        entry.id = env.id();
                    }
                    vault.entries.push(entry);
                }
            }
        }
        for workspace in self.workspaces {
            if !vault.has_workspace(&workspace) {
                vault.workspaces.push(workspace);
            }
        }
        if vault.fans_key.is_none() {
            (vault.fans_key, vault.fans_old) = (self.fans_key, self.fans_old);
        }
        for key in self.fansly_keys {
            vault.take_in_fansly_key(key, env.now);
        }
        for other in self.also {
            other.add_to(vault, env);
        }
    }

    fn all(&self) -> impl Iterator<Item = &Self> {
        core::iter::once(self).chain(&self.also)
    }
}

impl Entry {
    /// Whether nothing of the other is missing here. A code that was used or cancelled is not missed.
    fn has_all_of(&self, other: &Self) -> bool {
        let has_code = |code: &BackupCode| self.backup.iter().any(|it| it.code == *code);
        other.keys.iter().all(|held| self.keys.iter().any(|it| it.key == held.key))
            && other.backup.iter().all(|slip| !slip.state.is_open() || has_code(&slip.code))
    }

    /// Takes keys and backup codes of the same account in: nothing that is here changes, and a key keeps the standing it
    /// had only where no key here has that standing.
    pub fn take_in(&mut self, keys: Vec<Held>, backup: BackupCodes, now: UnixTime) {
        self.backup.take_in(backup);
        for mut held in keys {
            if self.keys.iter().any(|here| here.key == held.key) {
                continue;
            }
            let taken = match held.state {
                KeyState::Confirmed => self.confirmed().is_some(),
                KeyState::Pending | KeyState::Matched => self.waiting().is_some() || self.confirmed().is_some(),
                KeyState::Stale => false,
            };
            if taken {
                held.become_state(KeyState::Stale, now);
            }
            while self.keys.iter().any(|here| here.added == held.added) {
                held.added = held.added.after(crate::clock::Span(1));
            }
            // Oldest first; what is taken in as history must not stand in front of what is in use.
            let at = self.keys.iter().position(|here| here.added > held.added).unwrap_or(self.keys.len());
            self.keys.insert(at, held);
        }
    }
}

/// Most accounts of one file: each is looked for among those that are here, and a file of somebody else's making must not
/// keep the background busy for longer than a browser waits.
const MOST_ENTRIES: usize = 20_000;

/// The slot that a passphrase or a recovery code opened, and what was derived of it.
pub type By<'a> = (&'a Slot, &'a Key32);

impl Sealed {
    /// Reads the outer form of a file.
    ///
    /// # Errors
    /// [`Refusal::BackupDamaged`], [`Refusal::BackupWithoutPassphrase`], [`Refusal::StoreNewer`].
    pub fn parse(file: &Secret) -> Result<Self, Refusal> {
        let text = file.expose().trim();
        let (mut envelopes, mut inbox) = (Vec::new(), Vec::new());
        if text.starts_with('{') {
            let raw: Raw<'_> = serde_json::from_str(text).map_err(|_| Refusal::BackupDamaged)?;
            raw.sort_out(NESTED, &mut 0, &mut envelopes, &mut inbox);
            envelopes.sort_by_key(|it| core::cmp::Reverse(it.envelope.header.generation));
        } else {
            let envelope = envelope::parse(text).map_err(|refusal| match refusal {
                Refusal::StoreNewer => Refusal::StoreNewer,
                _ => Refusal::BackupDamaged,
            })?;
            envelopes.push(Lying { store: 0, envelope, key: None });
        }
        if envelopes.is_empty() || envelopes.len() > MOST_VAULTS {
            return Err(Refusal::BackupDamaged);
        }
        // Together they cost no more than one may.
        let (mut slots, mut left) = (Vec::<Slot>::new(), Work::MOST);
        for slot in envelopes.iter().flat_map(|it| &it.envelope.header.slots) {
            if let Kind::Passphrase { work, .. } = &slot.kind
                && slots.len() < MOST_PASSPHRASES
                && slots.iter().all(|it| it.kind != slot.kind)
                && let Some(less) = left.checked_sub(work.total())
            {
                left = less;
                slots.push(slot.clone());
            }
        }
        if slots.is_empty() && envelopes.iter().all(|it| it.key.is_none()) {
            return Err(Refusal::BackupWithoutPassphrase);
        }
        Ok(Self { envelopes, slots, inbox })
    }

    /// What the passphrase is derived with, once for each of these; nothing where none is asked for.
    #[must_use]
    pub fn terms(&self) -> Vec<Terms> {
        self.slots.iter().filter_map(Terms::of).collect()
    }

    /// Opens it with what was derived by each of the terms, and behind these, where what was typed has the form of a recovery
    /// code, the secret of its slot: of several vaults the newest that is whole, and with it the newest of each other store
    /// that the same opens, or the device key that lay beside it. They may be of a line that parted from the first, or other
    /// vaults. With it the slot that was opened, and its secret.
    ///
    /// # Errors
    /// [`Refusal::PassphraseWrong`]; [`Refusal::BackupDamaged`] if the passphrase is right and no content is whole.
    pub fn open<'a>(&'a self, derived: &'a [Key32]) -> Result<(Backup, Option<By<'a>>), Refusal> {
        let (mut first, mut by, mut opened) = (None::<Backup>, None, Vec::new());
        for Lying { store, envelope, key } in &self.envelopes {
            if opened.contains(store) {
                continue;
            }
            let header = &envelope.header;
            let typed = header.slots.iter().find_map(|slot| {
                let secret = match slot.kind {
                    Kind::Recovery => derived.get(self.slots.len()),
                    // The same salt and cost: what was derived is for these only.
                    _ => self.slots.iter().zip(derived).find_map(|(of, it)| (of.kind == slot.kind).then_some(it)),
                }?;
                Some((slot.open(&header.vault, secret)?, (slot, secret)))
            });
            let key = match typed {
                Some((key, with)) => {
                    by = by.or(Some(with));
                    Some(key)
                }
                None => key.clone(),
            };
            let plain = key.and_then(|key| envelope.open(&key));
            let Some(mut backup) = plain.and_then(|plain| serde_json::from_slice::<Backup>(&plain).ok()) else {
                continue;
            };
            backup.unpack(&header.vault, &self.inbox);
            opened.push(*store);
            match first.as_mut() {
                Some(first) => first.also.push(backup),
                None => first = Some(backup),
            }
        }
        // What opens without a passphrase must not hide that the one that was typed is wrong.
        if by.is_none() && !self.slots.is_empty() {
            return Err(Refusal::PassphraseWrong);
        }
        let first = first.ok_or(Refusal::BackupDamaged)?;
        if first.all().map(|it| it.entries.len()).sum::<usize>() > MOST_ENTRIES {
            return Err(Refusal::BackupDamaged);
        }
        Ok((first, by))
    }
}

/// Everything that lay in both stores, as one text: the names of its keys and what stood there, sealed or damaged as it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct Raw<'a> {
    /// When it was read.
    pub found: UnixTime,
    /// From `storage.local`.
    #[serde(borrow)]
    pub local: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// From the mirror.
    #[serde(borrow)]
    pub mirror: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// How deep raw bytes may lie in raw bytes.
const NESTED: u32 = 3;
/// More vaults than stores ever held, damaged ones of damaged ones among them: such a file only costs time.
const MOST_VAULTS: usize = 256;

impl Raw<'_> {
    fn sort_out(&self, depth: u32, store: &mut usize, envelopes: &mut Vec<Lying>, inbox: &mut Vec<Item>) {
        // Either store's: the other one may have lost it.
        let devices = [&self.local, &self.mirror].map(|texts| {
            let (_, text) = texts.iter().find(|(name, _)| name == "device")?;
            Key32::from_text(&Secret::new((**text).into()))
        });
        for texts in [&self.local, &self.mirror] {
            *store += 1;
            let here = *store;
            for (name, text) in texts {
                if envelopes.len() > MOST_VAULTS {
                    return;
                }
                if name == "inbox" {
                    inbox.extend(serde_json::from_str::<Vec<Item>>(text).unwrap_or_default());
                } else if name.starts_with("quarantine.") && depth > 0 {
                    if let Ok(raw) = serde_json::from_str::<Raw<'_>>(text) {
                        raw.sort_out(depth - 1, store, envelopes, inbox);
                    }
                } else if let Ok(envelope) = envelope::parse(text.rsplit('\n').next().unwrap_or_default()) {
                    // A copy in the mirror has its head in a line before it.
                    let key = devices.iter().flatten().find_map(|device| envelope.header.opens_by(device));
                    envelopes.push(Lying { store: here, envelope, key });
                }
            }
        }
    }
}
