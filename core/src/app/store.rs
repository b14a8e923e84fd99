//! Reading the stores: what `boot` decided is taken over, what was found wanting is put right, what lay in the inbox joins
//! the vault.

use super::boot::{self, Boot, Fix, Found, Head, Proof, Repair, take};
use super::{App, Open};
use crate::clock::UnixTime;
use crate::effect::{Copy, Effect, Key, Loaded, MirrorWrite, Stands, Weight, Write};
use crate::env::Env;
use crate::protocol::{Notice, Outcome, Store};
use crate::refusal::Refusal;
use crate::secret::{Key32, Secret};
use crate::vault::backup::Raw;
use crate::vault::envelope;
use crate::vault::inbox::Item;
use crate::vault::recovery::RecoveryCode;
use crate::vault::slots::Kind;
use crate::vault::{Sighting, Vault};
use alloc::{borrow::Cow, vec, vec::Vec};
use serde::Deserialize;

impl App {
    pub(super) fn load(&mut self, loaded: Loaded, env: &mut Env<'_>, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let boot = boot::decide(&loaded.local, &loaded.mirror);
        // Said to these two vaults, not to any that may be found later.
        let chosen = self.chosen.take();
        self.mirror_unread = loaded.mirror.is_err();
        let (found, repair) = match boot {
            Boot::First => (None, Repair::default()),
            Boot::Open { found, repair } => (Some(found), repair),
            Boot::Ask(here, copy) => {
                let chosen = match chosen {
                    Some(Store::Local) => (here, Repair { mirror: Fix::Keep, ..Repair::default() }),
                    Some(Store::Mirror) => (copy, Repair { local: Fix::Keep, ..Repair::default() }),
                    None => return Err(self.trouble(Refusal::StoreConflict, loaded)),
                };
                (Some(chosen.0), chosen.1)
            }
            Boot::Trouble(refusal) => return Err(self.trouble(refusal, loaded)),
        };
        self.damaged = None;
        self.read_only = repair.notice == Some(Notice::ReadOnly);
        let quarantine = match self.take_over(&loaded, found.as_ref(), repair, env, out) {
            Ok(quarantine) => quarantine,
            Err(refusal) => return Err(self.trouble(refusal, loaded)),
        };
        if let Some(notice) = repair.notice {
            self.notify(notice);
        }
        if !self.read_only {
            self.memory.notices.retain(|it| *it != Notice::ReadOnly);
        }
        if self.mirror_unread {
            self.stands(Stands::Once);
        }
        if self.mark_interrupted() {
            out.push(Effect::News);
        }
        // A repair that cannot be written must not be tried again and again: after a failed write it waits for the next
        // real event, as the inbox does.
        if self.write_failed || self.read_only {
            return Ok(());
        }
        // A text that nothing speaks for yet is not made official before it was opened.
        self.unproved = repair.proof == Proof::None && self.open.is_none();
        if let Some(found) = found.as_ref().filter(|_| !self.unproved) {
            self.put_right(&loaded, found, repair, quarantine, out);
        }
        self.absorb(env, out);
        Ok(())
    }

    /// What lies in the stores is shown as a file, if the user asks for it.
    fn trouble(&mut self, refusal: Refusal, loaded: Loaded) -> Refusal {
        if !core::mem::replace(&mut self.lived, true) {
            self.memory = loaded.memory.as_ref().map(Self::recall).unwrap_or_default().0;
        }
        self.stored = super::Stored::default();
        self.open = None;
        self.read_settings(&loaded);
        self.stored.raw_head = loaded.local.as_ref().ok().and_then(|texts| take(texts, Key::Head)).cloned();
        self.damaged = Some(loaded);
        refusal
    }

    fn read_settings(&mut self, loaded: &Loaded) {
        let settings = loaded.local.as_ref().ok().and_then(|texts| take(texts, Key::Settings));
        self.settings = read(settings).ok().flatten().unwrap_or_default();
    }

    /// Takes over what was read; says what of it is kept aside before it is written over.
    fn take_over(
        &mut self,
        loaded: &Loaded,
        found: Option<&Found>,
        repair: Repair,
        env: &Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<Option<Secret>, Refusal> {
        let empty = Vec::new();
        let local = loaded.local.as_ref().unwrap_or(&empty);
        let nothing = Vec::new();
        let mirror = loaded.mirror.as_ref().unwrap_or(&nothing);
        self.read_settings(loaded);
        self.stored.raw_head = take(local, Key::Head).cloned();
        self.stored.head = found.map(|it| it.head.clone());
        self.stored.envelope = found.map(|it| it.envelope.clone());
        self.stored.quarantined =
            Key::QUARANTINE.iter().filter(|key| take(local, **key).is_some_and(|it| !it.is_empty())).count();

        // The inbox cannot be had again. A text that cannot be read is kept aside, and the copy takes its place.
        let here = read::<Vec<Item>>(take(local, Key::Inbox));
        let copied = || read::<Vec<Item>>(take(mirror, Copy::Inbox)).ok().flatten();
        let lost = here.is_err();
        // Both together: a capture can be in one only, and one that comes back after it was saved is known.
        let mut inbox = here.ok().flatten().unwrap_or_default();
        let mut more = copied().unwrap_or_default();
        // That of the vault which counts comes first: it may have been sealed anew, to a new key.
        if repair.local != Fix::None {
            core::mem::swap(&mut inbox, &mut more);
        }
        more.retain(|item| inbox.iter().all(|here| here.id != item.id));
        inbox.append(&mut more);
        self.stored.inbox = inbox;
        // These can be had again or done without; they do not stand between a person and the keys.
        self.stored.journal = read(take(local, Key::Journal)).ok().flatten().unwrap_or_default();
        self.stored.listed = read(take(local, Key::Accounts)).ok().flatten().unwrap_or_default();
        self.stored.connections = read(take(local, Key::Connections)).ok().flatten().unwrap_or_default();
        self.stored.resets = read(take(local, Key::Resets)).ok().flatten().unwrap_or_default();
        self.stored.fansly = read(take(local, Key::Fansly)).ok().flatten().unwrap_or_default();

        let (memory, session) = loaded.memory.as_ref().map(Self::recall).unwrap_or_default();
        // Read anew within one life, its own memory is the better one: the session's store may be full or broken.
        if !core::mem::replace(&mut self.lived, true) {
            self.memory = memory;
        }
        self.open = None;
        self.rows_changed = true;
        let devices = [take(local, Key::Device), take(mirror, Copy::Device)].into_iter().flatten();
        let had_key = session.is_some();
        let opens = |device: &Key32| self.stored.envelope.as_ref()?.header.opens_by(device);
        let device = devices.filter_map(Key32::from_text).find_map(|device| Some((opens(&device)?, device)));
        self.stored.device = None;
        if let Some((key, device)) = device {
            self.stored.device = Some(device);
            self.open_with(key, None, env)?;
        } else if self
            .stored
            .envelope
            .as_ref()
            .is_some_and(|it| it.header.slots.iter().all(|it| it.kind == Kind::Device))
        {
            // The key beside the vault is gone, and there is no other way in; as far as the stores could be read.
            return Err(if self.mirror_unread { Refusal::StoreSilent } else { Refusal::StoreGone });
        } else if let Some(session) = session
            && session.until > env.now
            && !session.seen.is_ahead(env.now)
            && let Some(key) = Key32::from_text(&session.key)
        {
            // A session key of a vault that was never written (the write failed, or the worker died before it)
            // opens nothing: then the vault is locked, not damaged.
            if self.open_with(key, Some(session.until), env).is_ok()
                && let Some(open) = self.open.as_mut()
            {
                open.recovered |= session.recovered;
                open.new_recovery = session.new_recovery.and_then(|it| RecoveryCode::parse(it.expose()).ok());
            }
        }
        if had_key && self.open.is_none() {
            // Its time ended while the worker slept: locked now, as by the alarm of one that was awake.
            self.close(out);
        }
        let keep = repair.local == Fix::Keep || repair.mirror == Fix::Keep || lost;
        Ok(keep.then(|| bundle(loaded, repair, lost, env.now)))
    }

    /// Writes what the reading found wanting, before anything else is written.
    fn put_right(
        &mut self,
        loaded: &Loaded,
        found: &Found,
        repair: Repair,
        quarantine: Option<Secret>,
        out: &mut Vec<Effect>,
    ) {
        let mut write = Write::default();
        let empty = Vec::new();
        let local = loaded.local.as_ref().unwrap_or(&empty);
        // The store fell back to before a new vault key. What was set aside by choice or for its damage stays aside.
        let places = [Key::Vault0, Key::Vault1];
        let epoch = |place| Some(envelope::parse(take(local, place)?.expose()).ok()?.header.epoch);
        let other = |place| epoch(place).is_some_and(|it| it != found.envelope.header.epoch);
        let fell_back = repair.local == Fix::Write && places.into_iter().any(other);
        if fell_back {
            self.give_up_quarantine(&mut write);
        } else if let Some(text) = quarantine {
            // The latest stands first, the oldest of three goes; what is kept already is not kept twice.
            let bytes = |text: &Secret| text.expose().split_once("\"local\"").map(|(_, rest)| Secret::new(rest.into()));
            let kept = Key::QUARANTINE.iter().filter_map(|key| take(local, *key)).any(|it| bytes(it) == bytes(&text));
            if !kept {
                write.set.push((Key::Quarantine0, text));
                let moved = [(Key::Quarantine0, Key::Quarantine1), (Key::Quarantine1, Key::Quarantine2)];
                write.set.extend(moved.into_iter().filter_map(|(from, to)| Some((to, take(local, from)?.clone()))));
            }
            write.set.push(self.inbox_text());
            self.stored.quarantined += 1;
        }
        if repair.local != Fix::None {
            write.over = Some(self.stored.raw_head.clone());
            // Both places: what else stands there may be of a vault key that was given up since.
            write.set.extend(places.map(|place| (place, found.text.clone())));
            write.set.push((Key::Head, found.head.text()));
            write.set.push((Key::Born, Secret::new("1".into())));
            match &self.stored.device {
                Some(device) => write.set.push((Key::Device, device.to_text())),
                None if take(local, Key::Device).is_some() => write.give_up(&[Key::Device]),
                None => {}
            }
            if !write.set.iter().any(|(key, _)| *key == Key::Inbox) {
                write.set.push(self.inbox_text());
            }
            self.stored.raw_head = Some(found.head.text());
        }
        // What stands beside a vault that is right must be there twice as well, or the next loss is the last.
        let lacks = |key| take(local, key).is_none_or(|it| it.is_empty());
        if repair.local == Fix::None && loaded.local.is_ok() {
            let device = self.stored.device.as_ref().map(Key32::to_text);
            write.set.extend(device.filter(|it| take(local, Key::Device) != Some(it)).map(|it| (Key::Device, it)));
            write.set.extend(lacks(Key::Born).then(|| (Key::Born, Secret::new("1".into()))));
            if !write.set.is_empty() {
                write.over = Some(self.stored.raw_head.clone());
            }
        }
        if repair.mirror != Fix::None {
            write.mirror = self.copies(&found.head, &found.text);
            write.mirror.remove.extend(Copy::RING.into_iter().filter(|copy| *copy != found.head.copy()));
        }
        if write != Write::default() {
            out.push(Effect::Write { write, then: vec![Effect::News] });
        }
    }

    /// Everything that the mirror holds, at this vault.
    pub(super) fn copies(&self, head: &Head, text: &Secret) -> MirrorWrite {
        let mut set = vec![(head.copy(), head.copied(text)), (Copy::Born, Secret::new("1".into()))];
        set.push((Copy::Inbox, self.inbox_text().1));
        let mut remove = vec![];
        match &self.stored.device {
            Some(device) => set.push((Copy::Device, device.to_text())),
            None => remove.push(Copy::Device),
        }
        MirrorWrite { set, remove, weight: Weight::Spare }
    }

    pub(super) fn open_with(&mut self, key: Key32, until: Option<UnixTime>, env: &Env<'_>) -> Result<(), Refusal> {
        let envelope = self.stored.envelope.as_ref().ok_or(Refusal::NoVault)?;
        let plain = envelope.open(&key).ok_or(Refusal::StoreDamaged)?;
        let vault: Vault = serde_json::from_slice(&plain).map_err(|_| Refusal::StoreDamaged)?;
        let recovered = self.settings.recovered;
        self.open = Some(Open { vault, key, until, seen: env.now, recovered, new_recovery: None });
        self.rows_changed = true;
        Ok(())
    }

    /// Tells once, until it was read.
    pub(super) fn notify(&mut self, notice: Notice) {
        if !self.memory.notices.contains(&notice) {
            self.memory.notices.push(notice);
        }
    }

    /// Sign-ins that a worker before this one had sent: nobody waits for their answer any more. The next write
    /// of the journal carries it; until then it is found again at each reading.
    pub(super) fn mark_interrupted(&mut self) -> bool {
        let mut found = self.interrupt_connections();
        let running = &self.running;
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
        let inbox = self.open.as_ref().and_then(|open| open.vault.inbox());
        let (Some(envelope), Some(private)) = (self.stored.envelope.as_ref(), inbox) else { return };
        let vault_id = envelope.header.vault;
        let mut changed = false;
        let (mut stay, mut kept) = (Vec::new(), Vec::new());
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
                    let home = self.home_of(handle, env.now).unwrap_or(item.id);
                    let Some(open) = self.open.as_mut() else {
                        stay.push(item);
                        continue;
                    };
                    let id = open.vault.keep_sighting(home, handle, &sighting, env.now);
                    kept.push((item.id, id));
                    self.memory.drafts.retain(|draft| draft.id != item.id);
                    for tab in self.memory.tabs.iter_mut().filter(|tab| tab.subject == Some(item.id)) {
                        tab.subject = Some(id);
                    }
                    changed = true;
                }
                _ => {
                    // The same key again, seen while the vault was locked: one of them is enough.
                    let mut entries = self.open.iter().flat_map(|open| &open.vault.entries);
                    let entry = entries.find(|entry| entry.holds(&sighting.key)).map(|entry| entry.id);
                    let same = |draft: &&super::memory::Draft| {
                        draft.id != item.id && draft.sighting.key == sighting.key && !draft.is_asked()
                    };
                    let draft = self.memory.drafts.iter().find(same).map(|draft| draft.id);
                    if let Some(known) = entry.or(draft) {
                        for tab in self.memory.tabs.iter_mut().filter(|tab| tab.subject == Some(item.id)) {
                            tab.subject = Some(known);
                        }
                        self.memory.drafts.retain(|draft| draft.id != item.id);
                        changed = true;
                        continue;
                    }
                    if self.memory.drafts.iter().all(|draft| draft.id != item.id) {
                        let (id, tab) = (item.id, None);
                        let draft = super::memory::Draft { id, sighting, tab, ask: false, private: false };
                        self.memory.drafts.push(draft);
                        self.rows_changed = true;
                    }
                    stay.push(item);
                }
            }
        }
        self.stored.inbox = stay;
        let Some(open) = self.open.as_mut() else { return };
        // A worker that died after the vault was written and before it forgot the draft.
        let known = &open.vault.entries;
        self.memory.drafts.retain(|draft| !known.iter().any(|entry| entry.holds(&draft.sighting.key)));
        let mut proved = false;
        for line in self.stored.journal.iter_mut() {
            if let Some((entry, added)) = line.proved.take() {
                proved = true;
                if let Some(entry) = open.vault.entry_mut(entry) {
                    entry.confirm(added, env.now);
                }
            }
        }
        let by_connections = self.proved_by_connections();
        let connected = !by_connections.is_empty();
        if let Some(open) = self.open.as_mut() {
            for (entry, added) in by_connections {
                if let Some(entry) = open.vault.entry_mut(entry) {
                    entry.confirm(added, env.now);
                }
            }
        }
        let ended = self.stored.resets.iter().any(|reset| reset.ended.is_some());
        changed |= self.take_up_doubts(env);
        for (draft, entry) in kept {
            self.codes_of(draft, entry);
        }
        changed |= self.take_up_codes();
        if changed || proved || connected || ended {
            let mut set = vec![self.inbox_text()];
            if proved {
                set.push(self.journal_text());
            }
            if connected {
                set.push(self.connections_text());
            }
            if ended {
                set.push(self.resets_text());
            }
            out.extend(self.commit(env, set, vec![Effect::News]));
        }
    }
}

fn read<T: for<'a> Deserialize<'a>>(text: Option<&Secret>) -> Result<Option<T>, Refusal> {
    text.map(|text| serde_json::from_slice(text.expose().as_bytes()).map_err(|_| Refusal::StoreDamaged)).transpose()
}

fn named<K: core::marker::Copy>(
    texts: &Result<Vec<(K, Secret)>, Refusal>,
    name: fn(K) -> &'static str,
    wanted: impl Fn(K) -> bool,
) -> Vec<(Cow<'static, str>, Cow<'_, str>)> {
    let texts = texts.iter().flatten().filter(|(key, _)| wanted(*key));
    texts.map(|(key, text)| (name(*key).into(), text.expose().into())).collect()
}

/// What is kept aside of a damaged store.
fn bundle(loaded: &Loaded, repair: Repair, inbox_lost: bool, now: UnixTime) -> Secret {
    let vault = [Key::Vault0, Key::Vault1, Key::Head, Key::Device];
    let wanted = |key: Key| (repair.local == Fix::Keep && vault.contains(&key)) || (inbox_lost && key == Key::Inbox);
    let local = named(&loaded.local, Key::name, wanted);
    let mirror = named(&loaded.mirror, Copy::name, |_| repair.mirror == Fix::Keep);
    Secret::new(serde_json::to_string(&Raw { found: now, local, mirror }).unwrap_or_default())
}

/// Everything that lies in both stores, sealed or damaged as it is: for a file.
pub(super) fn everything(loaded: &Loaded, now: UnixTime) -> Secret {
    // Accounts and journal are no part of the vault; the device key is, since it opens one without a passphrase.
    let leave = [Key::Journal, Key::Accounts, Key::Connections, Key::Settings, Key::Resets, Key::Fansly, Key::Language];
    let local = named(&loaded.local, Key::name, |key| !leave.contains(&key));
    let mirror = named(&loaded.mirror, Copy::name, |_| true);
    Secret::new(serde_json::to_string(&Raw { found: now, local, mirror }).unwrap_or_default())
}
