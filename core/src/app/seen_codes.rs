//! Backup codes that X's pages show: they join the account's list in the order they were seen. A page never takes a code
//! away: one that comes while five are open waits, sealed, until there is room.

use super::App;
use super::memory::Unplaced;
use crate::backup_codes::BackupCode;
use crate::effect::{Effect, Write};
use crate::env::Env;
use crate::label::Id;
use crate::protocol::ToastWords;
use crate::secret::Secret;
use crate::vault::inbox::Item;
use crate::vault::{SeenCode, Vault};
use alloc::{vec, vec::Vec};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Most codes that wait in the inbox: a page that shows one after the other must not fill the store.
const MOST_WAITING: usize = 16;

impl App {
    pub(super) fn saw_backup(&mut self, tab: i32, code: &Secret, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        let Ok(backup) = BackupCode::parse(code.expose()) else { return };
        let it = self.tab(tab);
        // A page shows its code again with each look.
        let mark = fingerprint(&backup);
        if it.code_seen.replace(mark) == Some(mark) {
            return;
        }
        // Only the last step of the set-up shows a code beside the key that the tab showed; elsewhere the page names the account.
        let of = it.subject.filter(|_| it.showing);
        let named = it.handle.clone();
        // Under the name that its account has here.
        let handle = named.map(|on_x| self.owner(&on_x).map_or(on_x, |entry| entry.handle.clone()));
        let seen = SeenCode { backup, handle, of, seen: env.now };
        let known = self.open.is_none() || {
            let entries = self.open.as_mut().map(|open| open.vault.entries.as_mut_slice()).unwrap_or_default();
            seen.owner(entries).is_some() || self.memory.drafts.iter().any(|draft| Some(draft.id) == seen.of)
        };
        let named = seen.handle.is_some() || seen.of.is_some();
        // Whose it is the page did not tell, and some account may be waiting for it: only the user knows.
        if !named && (self.open.as_ref()).map_or(self.stored.envelope.is_some(), |open| !open.vault.entries.is_empty())
        {
            out.push(Effect::Tell(tab, ToastWords::CodeNotSaved));
            return;
        }
        // An account that is not here, and no draft of it either: nothing of ours.
        if !known || !named || self.stored.envelope.is_none() {
            return;
        }
        if self.memory.codes_waiting.len() + self.memory.codes.len() >= MOST_WAITING {
            out.push(Effect::Tell(tab, ToastWords::CodeNotSaved));
            return;
        }
        let id = env.id();
        self.memory.codes.push(Unplaced { id, tab, seen, under_way: false });
        self.place_codes(env, out);
    }

    /// X's page for backup codes is open, and as many of the account's codes as X allows are here: that is said before the user
    /// makes another one, once a page. A code on it that is new is answered in its own words.
    pub(super) fn warn_full(&mut self, tab: i32, shows: Option<&Secret>, out: &mut Vec<Effect>) {
        let it = self.tab(tab);
        let Some(handle) = it.handle.clone().filter(|_| !it.full_told) else { return };
        let Some(entry) = self.owner(&handle) else { return };
        let shows = shows.and_then(|code| BackupCode::parse(code.expose()).ok());
        let new = shows.is_some_and(|code| !entry.backup.iter().any(|slip| slip.code == code));
        if !new && !entry.backup.has_room(1) {
            self.tab(tab).full_told = true;
            out.push(Effect::Tell(tab, ToastWords::CodesFull));
        }
    }

    /// Puts codes that are in memory alone into the vault, else into the inbox. They leave the memory once that stands, so
    /// that a write that fails, or a worker that ends before it, loses none.
    pub(super) fn place_codes(&mut self, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        for at in 0..self.memory.codes.len() {
            let Unplaced { id, tab, ref seen, under_way } = self.memory.codes[at];
            if under_way {
                continue;
            }
            let seen = seen.clone();
            let joined = self.open.as_mut().map(|open| joins(&mut open.vault, &seen));
            let words = match joined {
                Some(Joins::NoRoom) => ToastWords::CodeWaits,
                Some(Joins::Yes) => self.numbered(&seen),
                _ => ToastWords::CodeSaved,
            };
            let mut then = vec![Effect::Forget(id), Effect::Tell(tab, words), Effect::News];
            let effect = match joined {
                Some(Joins::Yes) => self.commit(env, vec![], then),
                Some(Joins::Known) => {
                    then.truncate(1);
                    self.commit(env, vec![], then)
                }
                _ => self.seal_code(id, &seen, env).map(|write| Effect::Write { write, then }),
            };
            if let Some(effect) = effect {
                self.memory.codes[at].under_way = true;
                out.push(effect);
            }
        }
    }

    /// That it is saved, as the how manieth of those that X allows.
    fn numbered(&mut self, seen: &SeenCode) -> ToastWords {
        let entries = self.open.as_mut().map(|open| open.vault.entries.as_mut_slice()).unwrap_or_default();
        let open = seen.owner(entries).and_then(|it| u8::try_from(it.backup.count_open()).ok());
        open.map_or(ToastWords::CodeSaved, ToastWords::CodeNumbered)
    }

    /// A store has the code: the memory need not keep it, and the account's checklist may know.
    pub(super) fn code_stands(&mut self, id: Id, out: &mut Vec<Effect>) {
        let Some(at) = self.memory.codes.iter().position(|code| code.id == id) else { return };
        let Unplaced { seen, .. } = self.memory.codes.remove(at);
        let entries = self.open.as_mut().map(|open| open.vault.entries.as_mut_slice()).unwrap_or_default();
        let owner = seen.owner(entries).map(|entry| entry.handle.clone());
        let draft = || self.memory.drafts.iter().find(|draft| Some(draft.id) == seen.of)?.sighting.handle.clone();
        if let Some(handle) = owner.or_else(draft).or(seen.handle) {
            self.backup_kept(&handle, out);
        }
    }

    fn seal_code(&mut self, id: Id, seen: &SeenCode, env: &mut Env<'_>) -> Option<Write> {
        let header = self.stored.envelope.as_ref().map(|it| &it.header)?;
        let plain = Zeroizing::new(serde_json::to_vec(seen).unwrap_or_default());
        let item = Item::seal(env, &header.vault, &header.inbox, id, &plain);
        self.stored.inbox.retain(|item| item.id != id);
        self.stored.inbox.push(item);
        if !self.memory.codes_waiting.contains(&id) {
            self.memory.codes_waiting.push(id);
        }
        Some(self.with_inbox(Write::default()))
    }

    /// Codes in the inbox whose account is there now, and has room. Says whether an entry took one.
    pub(super) fn take_up_codes(&mut self) -> bool {
        let Some(open) = self.open.as_mut() else { return false };
        let (Some(envelope), Some(private)) = (self.stored.envelope.as_ref(), open.vault.inbox()) else { return false };
        let vault = envelope.header.vault;
        let mut changed = false;
        let mut waiting = vec![];
        self.stored.inbox.retain(|item| {
            let seen = item.open(&vault, &private).and_then(|plain| serde_json::from_slice::<SeenCode>(&plain).ok());
            let Some(seen) = seen else { return true };
            match joins(&mut open.vault, &seen) {
                Joins::NoRoom | Joins::NoAccount => {
                    waiting.push(item.id);
                    true
                }
                joined => {
                    changed |= joined == Joins::Yes;
                    // Taken, or there already.
                    false
                }
            }
        });
        self.memory.codes_waiting = waiting;
        changed
    }

    /// The draft was kept: codes that came for it are of this entry now.
    pub(super) fn codes_of(&mut self, draft: Id, entry: Id) {
        let Some(open) = self.open.as_ref() else { return };
        let (Some(envelope), Some(private)) = (self.stored.envelope.as_ref(), open.vault.inbox()) else { return };
        let Some(handle) = open.vault.entry(entry).map(|it| it.handle.clone()) else { return };
        let vault = envelope.header.vault;
        let mut mine = vec![];
        for item in &self.stored.inbox {
            let seen = item.open(&vault, &private).and_then(|plain| serde_json::from_slice::<SeenCode>(&plain).ok());
            mine.extend(seen.filter(|seen| seen.of == Some(draft)).map(|seen| (item.id, seen)));
        }
        let Some(open) = self.open.as_mut() else { return };
        for (id, mut seen) in mine {
            seen.handle = Some(handle.clone());
            if matches!(joins(&mut open.vault, &seen), Joins::Yes | Joins::Known) {
                self.stored.inbox.retain(|item| item.id != id);
                self.memory.codes_waiting.retain(|it| *it != id);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joins {
    /// It is in the list now, or better known than before.
    Yes,
    /// It is there, and nothing is new.
    Known,
    /// No such account yet.
    NoAccount,
    /// Five are open.
    NoRoom,
}

fn joins(vault: &mut Vault, seen: &SeenCode) -> Joins {
    let Some(entry) = seen.owner(&mut vault.entries) else { return Joins::NoAccount };
    let known = entry.backup.iter().any(|slip| slip.code == seen.backup);
    if !known && !entry.backup.has_room(1) {
        return Joins::NoRoom;
    }
    let news = entry.backup.saw(seen.backup.clone(), seen.seen);
    if !known {
        // It may have waited in the inbox while a backup was made.
        vault.is_in_no_backup(seen.seen);
    }
    if news { Joins::Yes } else { Joins::Known }
}

/// Tells codes of one tab apart without keeping them.
fn fingerprint(code: &BackupCode) -> u32 {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(code.expose().as_bytes()).into();
    u32::from_be_bytes([a, b, c, d])
}
