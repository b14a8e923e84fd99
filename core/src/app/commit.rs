//! Committing: two places for the vault, one `set` for the new one and the head that names it, each commit only over the
//! head it was made from, and a copy in the mirror after it.

use super::boot::Head;
use super::{App, Open};
use crate::clock::UnixTime;
use crate::effect::{Copy, Effect, Key, MirrorWrite, Stands, Weight, Write};
use crate::env::Env;
use crate::protocol::{Answer, Notice, ToastWords};
use crate::refusal::Refusal;
use crate::secret::{Key32, Secret};
use crate::vault::envelope::{self, Header};
use crate::vault::inbox::{Item, public_half};
use crate::vault::slots::{Kind, Slot};
use crate::vault::{Vault, crypto};
use alloc::{vec, vec::Vec};

impl App {
    /// Writes the open vault to the other place, together with `also`, in one `set`.
    pub(super) fn commit(&mut self, env: &mut Env<'_>, also: Vec<(Key, Secret)>, then: Vec<Effect>) -> Option<Effect> {
        if self.read_only {
            return None;
        }
        let open = self.open.as_mut()?;
        open.vault.tidy(env.now);
        let key = open.key.clone();
        let header = self.stored.envelope.as_ref()?.header.next();
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
        let text = Secret::new(envelope::print(env, &mut header, key, &plain));
        let before = self.stored.head.as_ref();
        let head = Head {
            active: before.map_or(0, |head| 1 - head.active.min(1)),
            generation: header.generation,
            sha256: crypto::checksum(text.expose()),
            writer: crate::base64::print(&env.random::<9>()),
            before: before.map(Head::line).unwrap_or_default(),
        };
        let over = Some(self.stored.raw_head.clone());
        // What could not be read again is not written: a vault may be too large.
        let envelope = envelope::parse(text.expose()).ok()?;
        // An old copy that cannot be removed would still open; one that was not read may be the newer.
        if places == Places::Every && self.mirror_unread {
            return None;
        }
        self.stored.envelope = Some(envelope);
        let mut set = vec![(head.place(), text.clone()), (Key::Head, head.text())];
        let mut mirror = if self.mirror_unread { MirrorWrite::default() } else { self.copies(&head, &text) };
        if places == Places::Every {
            let other = if head.active == 0 { Key::Vault1 } else { Key::Vault0 };
            set.push((other, text));
            mirror.remove.extend(Copy::RING.into_iter().filter(|copy| *copy != head.copy()));
            mirror.weight = Weight::Must;
        }
        set.extend(also);
        self.stored.raw_head = Some(head.text());
        self.stored.head = Some(head);
        self.rows_changed = true;
        Some(Write { over, set, remove: vec![], mirror })
    }

    /// A new vault, open, with this slot; what to write for it.
    pub(super) fn create(&mut self, env: &mut Env<'_>, slot: NewSlot<'_>) -> Option<Write> {
        let vault = Vault::new(env);
        self.create_with(vault, env, slot)
    }

    /// A new vault with this content.
    pub(super) fn create_with(&mut self, vault: Vault, env: &mut Env<'_>, slot: NewSlot<'_>) -> Option<Write> {
        let inbox = public_half(&vault.inbox()?);
        let id = env.random();
        let key = Key32::new(env.random());
        let until = self.until(&slot, env.now);
        self.open = Some(Open { vault, key: key.clone(), until, seen: env.now, recovered: false, new_recovery: None });
        let (slot, device) = slot.make(env, &id, &key);
        let header = Header::new(id, 1, 1, inbox, vec![slot]);
        let mut also = vec![(Key::Born, Secret::new("1".into()))];
        also.extend(self.used_up());
        also.extend(device.as_ref().map(|device| (Key::Device, device.to_text())));
        self.stored.device = device;
        self.print_vault(env, header, &key, Places::Other, also)
    }

    /// A new vault key with this slot alone: both places and the mirror are rewritten, so that nothing old opens them.
    pub(super) fn rekey(&mut self, env: &mut Env<'_>, slot: NewSlot<'_>) -> Option<Write> {
        let before = self.stored.envelope.as_ref()?.header.clone();
        let until = self.until(&slot, env.now);
        let key = Key32::new(env.random());
        let (slot, device) = slot.make(env, &before.vault, &key);
        let open = self.open.as_mut()?;
        open.key = key.clone();
        open.until = until;
        open.recovered = false;
        open.new_recovery = None;
        // A new inbox key as well: whoever holds an old copy of the profile must not read what comes from now on.
        let old = open.vault.renew_inbox(env)?;
        let inbox = public_half(&open.vault.inbox()?);
        for item in &mut self.stored.inbox {
            if let Some(plain) = item.open(&before.vault, &old) {
                *item = Item::seal(env, &before.vault, &inbox, item.id, &plain);
            }
        }
        let mut also = vec![self.inbox_text()];
        also.extend(self.used_up());
        also.extend(device.as_ref().map(|device| (Key::Device, device.to_text())));
        self.stored.device = device;
        let header = Header::new(before.vault, before.epoch + 1, before.generation + 1, inbox, vec![slot]);
        let mut write = self.print_vault(env, header, &key, Places::Every, also)?;
        if self.stored.device.is_none() {
            write.give_up(&[Key::Device]);
        }
        self.give_up_quarantine(&mut write);
        Some(write)
    }

    /// Other slots for the same vault key. `every` place is rewritten where the slot that goes must not open any more.
    pub(super) fn rewrap(&mut self, env: &mut Env<'_>, slots: Vec<Slot>, places: Places) -> Option<Write> {
        let key = self.open.as_ref()?.key.clone();
        let mut header = self.stored.envelope.as_ref()?.header.next();
        header.slots = slots;
        let every = places == Places::Every;
        let mut write = self.print_vault(env, header, &key, places, vec![])?;
        if every {
            self.give_up_quarantine(&mut write);
        }
        Some(write)
    }

    /// A recovery code that was used opens nothing any more.
    fn used_up(&mut self) -> Option<(Key, Secret)> {
        core::mem::take(&mut self.settings.recovered).then(|| (Key::Settings, self.settings_text()))
    }

    /// Raw bytes of a damaged vault may open with what is given up.
    pub(super) fn give_up_quarantine(&mut self, write: &mut Write) {
        write.give_up(&Key::QUARANTINE);
        self.stored.quarantined = 0;
    }

    /// Removes everything, the mirror first: a copy that stayed would come back.
    pub(super) fn erase(then: Vec<Effect>) -> Effect {
        let mirror = MirrorWrite { remove: Copy::ALL.to_vec(), weight: Weight::Must, set: vec![] };
        let local = Write { remove: Key::ALL.to_vec(), ..Write::default() };
        let then = vec![Effect::Write { write: local, then }];
        Effect::Write { write: Write { mirror, ..Write::default() }, then }
    }

    /// A write came back. If it failed, what stands in the store counts: the machine reads it again, and who
    /// waited hears that nothing was saved.
    pub(super) fn written(&mut self, outcome: Result<Stands, Refusal>, then: Vec<Effect>, out: &mut Vec<Effect>) {
        let refusal = match outcome.map_err(|refusal| not_erased(refusal, &then)) {
            Ok(stands) => {
                self.stands(stands);
                for effect in then {
                    match effect {
                        Effect::Forget(id) => {
                            self.memory.drafts.retain(|draft| draft.id != id);
                            self.code_stands(id, out);
                        }
                        Effect::Erased => self.erased(out),
                        effect => out.push(effect),
                    }
                }
                self.rows_changed = true;
                return;
            }
            Err(refusal) => refusal,
        };
        self.fail(&refusal, then, out);
        for code in &mut self.memory.codes {
            code.under_way = false;
        }
        self.write_failed = true;
        self.reload(out);
        out.push(Effect::News);
    }

    pub(super) fn fail(&mut self, refusal: &Refusal, then: Vec<Effect>, out: &mut Vec<Effect>) {
        for effect in then {
            match effect {
                Effect::Answer(ask, _) if *refusal == Refusal::StoreChanged && self.again(ask) => {}
                Effect::Answer(ask, _) => out.push(Effect::Answer(ask, Answer::Refused(refusal.clone()))),
                Effect::OpenPopup(tab) => {
                    out.push(Effect::Tell(tab, ToastWords::NotSaved));
                    out.push(Effect::OpenPopup(tab));
                }
                Effect::Send(_, crate::effect::For::SignIn { account, .. }) => {
                    self.running.retain(|it| *it != account);
                }
                Effect::Send(_, crate::effect::For::Connection { account, sent, asked, .. }) => {
                    self.connection_unsent(&account, sent, asked);
                }
                Effect::Send(_, crate::effect::For::Fansly(call)) => self.fansly_unsent(&call),
                Effect::Write { then, .. } => self.fail(refusal, then, out),
                _ => {}
            }
        }
    }

    /// One failure of the mirror is put right by the next write, which carries everything; two in a row are told.
    pub(super) fn stands(&mut self, stands: Stands) {
        match stands {
            Stands::Here => {}
            Stands::Twice => {
                self.memory.mirror_failures = 0;
                self.memory.notices.retain(|it| *it != Notice::NoCopy);
            }
            Stands::Once => {
                self.memory.mirror_failures += 1;
                if self.memory.mirror_failures >= 2 {
                    self.notify(Notice::NoCopy);
                }
            }
        }
    }
}

impl Write {
    /// What opens with what is given up goes in the same `set`: emptied first, removed after it.
    pub(super) fn give_up(&mut self, keys: &[Key]) {
        self.set.extend(keys.iter().map(|key| (*key, Secret::default())));
        self.remove.extend(keys);
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

impl App {
    fn until(&self, slot: &NewSlot<'_>, now: UnixTime) -> Option<UnixTime> {
        matches!(slot, NewSlot::Passphrase(..)).then(|| self.deadline(now))
    }
}

/// Where a vault is written.
#[derive(PartialEq, Eq)]
pub(super) enum Places {
    /// To the place that does not hold now; the other stays as the generation before.
    Other,
    /// To both, and no older copy stays in the mirror.
    Every,
}

/// A copy that cannot be removed is "done, but" for a new vault key and "not done" for erasing.
fn not_erased(refusal: Refusal, then: &[Effect]) -> Refusal {
    let erases = |effect: &Effect| match effect {
        Effect::Erased => true,
        Effect::Write { then, .. } => then.iter().any(|it| matches!(it, Effect::Erased)),
        _ => false,
    };
    if refusal == Refusal::CopiesLeft && then.iter().any(erases) { Refusal::NotErased } else { refusal }
}
