//! Reading the stores and committing to them: two places for the vault, one `set` for the new one and the head
//! that names it, each commit only over the head it was made from.

use super::memory::Line;
use super::{App, Listed, Open};
use crate::capture::KeyState;
use crate::effect::{Effect, Key, Loaded, Write};
use crate::env::Env;
use crate::protocol::{Answer, Outcome, ToContent, ToastWords};
use crate::refusal::Refusal;
use crate::secret::{Key32, Secret};
use crate::vault::envelope::{self, Envelope, Header};
use crate::vault::inbox::{Item, public_half};
use crate::vault::slots::{Kind, Slot};
use crate::vault::{Sighting, Vault, crypto};
use alloc::{string::String, vec, vec::Vec};
use serde::{Deserialize, Serialize};

/// Which place holds the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    active: u8,
    generation: u64,
    sha256: String,
    /// A random word of the writer, so that two writers of the same generation differ.
    writer: String,
}

impl Head {
    fn text(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }

    fn place(&self) -> Key {
        if self.active == 0 { Key::Vault0 } else { Key::Vault1 }
    }
}

impl App {
    pub(super) fn load(&mut self, loaded: Loaded, env: &mut Env<'_>, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let take = |key: Key| loaded.local.iter().find(|(name, _)| *name == key).map(|(_, text)| text);
        let head: Option<Head> = take(Key::Head)
            .map(|text| serde_json::from_slice(text.expose().as_bytes()).map_err(|_| Refusal::StoreDamaged))
            .transpose()?;
        let envelope = match &head {
            Some(head) => Some(read_vault(head, take(head.place()))?),
            // A vault was here and its head is gone: never a silent new one.
            None if [Key::Vault0, Key::Vault1, Key::Born].into_iter().any(|key| take(key).is_some()) => {
                return Err(Refusal::StoreDamaged);
            }
            None => None,
        };
        self.stored.head = head;
        self.stored.device = take(Key::Device).and_then(Key32::from_text);
        self.stored.envelope = envelope;
        self.stored.inbox = read(take(Key::Inbox))?.unwrap_or_default();
        // These can be had again or done without; they do not stand between a person and the keys.
        self.stored.journal = read(take(Key::Journal)).ok().flatten().unwrap_or_default();
        self.stored.listed = read::<Listed>(take(Key::Accounts)).ok().flatten().unwrap_or_default();
        self.stored.resets = read(take(Key::Resets)).ok().flatten().unwrap_or_default();
        let (memory, session) = loaded.memory.as_ref().map(Self::recall).unwrap_or_default();
        self.memory = memory;
        self.open = None;
        self.rows_changed = true;
        if let Some(key) = self.device_vault_key() {
            self.open_with(key, None, env)?;
        } else if let Some(session) = session
            && session.until > env.now
            && session.seen <= env.now.after(super::lock::CLOCK_SLACK)
            && let Some(key) = Key32::from_text(&session.key)
        {
            // A session key of a vault that was never written (the write failed, or the worker died before it)
            // opens nothing: then the vault is locked, not damaged.
            let _ = self.open_with(key, Some(session.until), env);
        }
        if self.mark_interrupted() {
            out.push(Effect::News);
        }
        // Reading must not write again and again: after a failed write the inbox waits for the next real event.
        if !self.write_failed {
            self.absorb(env, out);
        }
        Ok(())
    }

    fn device_vault_key(&self) -> Option<Key32> {
        let envelope = self.stored.envelope.as_ref()?;
        let device = self.stored.device.as_ref()?;
        let slot = envelope.header.slots.iter().find(|slot| slot.kind == Kind::Device)?;
        slot.open(&envelope.header.vault, device)
    }

    pub(super) fn open_with(
        &mut self,
        key: Key32,
        until: Option<crate::clock::UnixTime>,
        env: &Env<'_>,
    ) -> Result<(), Refusal> {
        let envelope = self.stored.envelope.as_ref().ok_or(Refusal::NoVault)?;
        let plain = envelope.open(&key).ok_or(Refusal::StoreDamaged)?;
        let vault: Vault = serde_json::from_slice(&plain).map_err(|_| Refusal::StoreDamaged)?;
        self.open = Some(Open { vault, key, until, seen: env.now });
        self.rows_changed = true;
        Ok(())
    }

    /// Sign-ins that a worker before this one had sent: nobody waits for their answer any more. The next write
    /// of the journal carries it; until then it is found again at each reading.
    fn mark_interrupted(&mut self) -> bool {
        let running = &self.running;
        let mut found = false;
        for line in &mut self.stored.journal {
            if line.outcome == Outcome::Running && !running.contains(&line.account) {
                line.outcome = Outcome::Unknown;
                found = true;
            }
        }
        found
    }

    /// Takes what lies in the inbox: kept captures go into the vault, others are shown as drafts again;
    /// sign-ins that proved a key while the vault was locked confirm it.
    pub(super) fn absorb(&mut self, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        let Some(open) = self.open.as_mut() else { return };
        let (Some(envelope), Some(private)) = (self.stored.envelope.as_ref(), open.vault.inbox()) else { return };
        let vault_id = envelope.header.vault;
        let mut changed = false;
        let mut stay = Vec::new();
        for item in core::mem::take(&mut self.stored.inbox) {
            let sighting =
                item.open(&vault_id, &private).and_then(|plain| serde_json::from_slice::<Sighting>(&plain).ok());
            // What cannot be opened stays where it is: it is not ours to throw away.
            let Some(sighting) = sighting else {
                stay.push(item);
                continue;
            };
            // Without the user's Save it stays a draft, also when X accepted it: a page alone adds no entry.
            match &sighting.handle {
                Some(handle) if sighting.kept => {
                    let id = open.vault.keep_sighting(item.id, handle, &sighting, env.now);
                    self.memory.drafts.retain(|draft| draft.id != item.id);
                    for tab in self.memory.tabs.iter_mut().filter(|tab| tab.subject == Some(item.id)) {
                        tab.subject = Some(id);
                    }
                    changed = true;
                }
                _ => {
                    if self.memory.drafts.iter().all(|draft| draft.id != item.id) {
                        self.memory.drafts.push(super::memory::Draft { id: item.id, sighting, ask: false });
                        self.rows_changed = true;
                    }
                    stay.push(item);
                }
            }
        }
        self.stored.inbox = stay;
        // A worker that died after the vault was written and before it forgot the draft.
        let known = &open.vault.entries;
        self.memory.drafts.retain(|draft| {
            let holds = |entry: &crate::vault::Entry| {
                let same = |held: &crate::vault::Held| held.key == draft.sighting.key && held.state != KeyState::Stale;
                entry.keys.iter().any(same)
            };
            !known.iter().any(holds)
        });
        let mut proved = false;
        for line in self.stored.journal.iter_mut() {
            if let Some((entry, added)) = line.proved.take() {
                proved = true;
                if let Some(entry) = open.vault.entry_mut(entry) {
                    entry.confirm(added, env.now);
                }
            }
        }
        if changed || proved {
            let mut set = vec![self.inbox_text()];
            if proved {
                set.push(self.journal_text());
            }
            out.extend(self.commit(env, set, vec![Effect::News]));
        }
    }

    /// Writes the open vault to the other place, together with `also`, in one `set`.
    pub(super) fn commit(&mut self, env: &mut Env<'_>, also: Vec<(Key, Secret)>, then: Vec<Effect>) -> Option<Effect> {
        let open = self.open.as_ref()?;
        let mut header = self.stored.envelope.as_ref()?.header.clone();
        header.generation += 1;
        let key = open.key.clone();
        let write = self.print_vault(env, header, &key, Places::Other, also)?;
        Some(Effect::Write { write, then })
    }

    /// Prints the vault under this header and key, remembers it as what is stored, and says what to write.
    fn print_vault(
        &mut self,
        env: &mut Env<'_>,
        mut header: Header,
        key: &Key32,
        places: Places,
        also: Vec<(Key, Secret)>,
    ) -> Option<Write> {
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(&self.open.as_ref()?.vault).ok()?);
        let text = envelope::print(env, &mut header, key, &plain);
        let before = self.stored.head.as_ref();
        let head = Head {
            active: before.map_or(0, |head| 1 - head.active.min(1)),
            generation: header.generation,
            sha256: crypto::checksum(&text),
            writer: crate::base64::print(&env.random::<9>()),
        };
        let over = Some(before.map(Head::text));
        self.stored.envelope = envelope::parse(&text).ok();
        let mut set = vec![(head.place(), Secret::new(text.clone())), (Key::Head, head.text())];
        if places == Places::Both {
            let other = if head.active == 0 { Key::Vault1 } else { Key::Vault0 };
            set.push((other, Secret::new(text)));
        }
        set.extend(also);
        self.stored.head = Some(head);
        self.rows_changed = true;
        Some(Write { over, set, remove: vec![] })
    }

    /// A new vault, open, with this slot; what to write for it.
    pub(super) fn create(&mut self, env: &mut Env<'_>, slot: NewSlot<'_>) -> Option<Write> {
        let vault = Vault::new(env);
        let inbox = public_half(&vault.inbox()?);
        let id = env.random();
        let key = Key32::new(env.random());
        let until = slot.until(env.now);
        self.open = Some(Open { vault, key: key.clone(), until, seen: env.now });
        let (slot, device) = slot.make(env, &id, &key);
        let header = Header::new(id, 1, 1, inbox, vec![slot]);
        let mut also = vec![(Key::Born, Secret::new("1".into()))];
        also.extend(device.as_ref().map(|device| (Key::Device, device.to_text())));
        self.stored.device = device;
        self.print_vault(env, header, &key, Places::Other, also)
    }

    /// A new vault key with this slot alone: both places are rewritten, so that nothing old opens them.
    pub(super) fn rekey(&mut self, env: &mut Env<'_>, slot: NewSlot<'_>) -> Option<Write> {
        let before = self.stored.envelope.as_ref()?.header.clone();
        let until = slot.until(env.now);
        let key = Key32::new(env.random());
        let (slot, device) = slot.make(env, &before.vault, &key);
        let open = self.open.as_mut()?;
        open.key = key.clone();
        open.until = until;
        // A new inbox key as well: whoever holds an old copy of the profile must not read what comes from now on.
        let old = open.vault.renew_inbox(env)?;
        let inbox = public_half(&open.vault.inbox()?);
        for item in &mut self.stored.inbox {
            if let Some(plain) = item.open(&before.vault, &old) {
                *item = Item::seal(env, &before.vault, &inbox, item.id, &plain);
            }
        }
        let also = vec![self.inbox_text()];
        let header = Header::new(before.vault, before.epoch + 1, before.generation + 1, inbox, vec![slot]);
        let mut write = self.print_vault(env, header, &key, Places::Both, also)?;
        if device.is_none() && self.stored.device.is_some() {
            write.remove.push(Key::Device);
        }
        self.stored.device = device;
        Some(write)
    }

    /// A write came back. If it failed, what stands in the store counts: the machine reads it again, and who
    /// waited hears that nothing was saved.
    pub(super) fn written(&mut self, outcome: Result<(), Refusal>, then: Vec<Effect>, out: &mut Vec<Effect>) {
        let Err(refusal) = outcome else {
            for effect in then {
                match effect {
                    Effect::Forget(id) => self.memory.drafts.retain(|draft| draft.id != id),
                    effect => out.push(effect),
                }
            }
            self.rows_changed = true;
            return;
        };
        for effect in then {
            match effect {
                Effect::Answer(ask, _) => out.push(Effect::Answer(ask, Answer::Refused(refusal.clone()))),
                Effect::OpenPopup(tab) => {
                    out.push(Effect::Tell(tab, ToContent::Toast(ToastWords::NotSaved)));
                    out.push(Effect::OpenPopup(tab));
                }
                Effect::Send(_, crate::effect::For::SignIn { account, .. }) => {
                    self.running.retain(|it| *it != account);
                }
                _ => {}
            }
        }
        self.awake = false;
        self.write_failed = true;
        self.remembered = None;
        self.loading = true;
        out.push(Effect::Load);
        out.push(Effect::News);
    }
}

/// The slot of a new vault key.
pub(super) enum NewSlot<'a> {
    /// No passphrase.
    Device,
    /// A passphrase, derived by these terms.
    Passphrase(crate::label::Id, Kind, &'a Key32),
}

impl NewSlot<'_> {
    fn until(&self, now: crate::clock::UnixTime) -> Option<crate::clock::UnixTime> {
        matches!(self, Self::Passphrase(..)).then(|| now.after(super::lock::IDLE))
    }

    fn make(self, env: &mut Env<'_>, vault: &[u8; 16], key: &Key32) -> (Slot, Option<Key32>) {
        match self {
            Self::Device => {
                let device = Key32::new(env.random());
                let id = env.id();
                (Slot::make(env, vault, id, Kind::Device, &device, key), Some(device))
            }
            Self::Passphrase(id, kind, derived) => (Slot::make(env, vault, id, kind, derived, key), None),
        }
    }
}

#[derive(PartialEq, Eq)]
enum Places {
    Other,
    Both,
}

fn read_vault(head: &Head, text: Option<&Secret>) -> Result<Envelope, Refusal> {
    let text = text.ok_or(Refusal::StoreDamaged)?;
    // Before a passphrase is asked: damage must never read as a wrong passphrase.
    if crypto::checksum(text.expose()) != head.sha256 {
        return Err(Refusal::StoreDamaged);
    }
    let envelope = envelope::parse(text.expose())?;
    if envelope.header.generation == head.generation { Ok(envelope) } else { Err(Refusal::StoreDamaged) }
}

fn read<T: for<'a> Deserialize<'a>>(text: Option<&Secret>) -> Result<Option<T>, Refusal> {
    text.map(|text| serde_json::from_slice(text.expose().as_bytes()).map_err(|_| Refusal::StoreDamaged)).transpose()
}

impl Line {
    pub(super) fn new(account: String, sent: crate::clock::UnixTime) -> Self {
        Self { account, sent, outcome: Outcome::Running, not_before: None, shown: true, proved: None }
    }
}
