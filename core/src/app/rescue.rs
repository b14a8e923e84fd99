//! Files and last resorts: backup and restore, everything that lies in the stores as a file, starting over.

use super::App;
use super::commit::NewSlot;
use super::store::everything;
use crate::effect::{Alarm, Ask, Copy, Effect, Key, Loaded};
use crate::env::Env;
use crate::protocol::{Answer, Terms};
use crate::refusal::Refusal;
use crate::secret::{Key32, Secret};
use crate::vault::Vault;
use crate::vault::backup::{Backup, Sealed};
use crate::vault::slots::Kind;
use alloc::{vec, vec::Vec};
use zeroize::Zeroizing;

/// What has to be typed before everything is deleted; the same in all languages.
const ERASE: &str = "erase";

impl App {
    /// A file under a passphrase of its own. It was opened again and compared when it is answered.
    pub(super) fn make_backup(
        &mut self,
        terms: &Terms,
        derived: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let derived = Key32::from_text(derived).ok_or(Refusal::Internal)?;
        let made = env.now;
        let backup = Backup::of(&self.vault()?.vault, made);
        let file = backup.print(env, terms, &derived)?;
        out.push(Effect::Answer(ask, Answer::Backup { file, accounts: backup.accounts(), made }));
        Ok(())
    }

    pub(super) fn preview(&self, file: &Secret, derived: &Secret) -> Result<Answer, Refusal> {
        let (sealed, keys) = (Sealed::parse(file)?, keys(derived)?);
        let (backup, _) = sealed.open(&keys)?;
        if self.open.is_none() && self.stored.envelope.is_some() {
            return Err(Refusal::Locked);
        }
        Ok(Answer::Preview(backup.preview(self.open.as_ref().map(|open| &open.vault))))
    }

    /// Adds what the file has and the vault has not; without a vault one is made that the file's passphrase opens. A recovery
    /// code stays the old vault's: what it restores to nothing has no passphrase yet.
    pub(super) fn restore(
        &mut self,
        file: &Secret,
        derived: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let (sealed, keys) = (Sealed::parse(file)?, keys(derived)?);
        let (backup, by) = sealed.open(&keys)?;
        let made = backup.made;
        let then = vec![Effect::Answer(ask, Answer::Done), Effect::News];
        if self.stored.envelope.is_some() {
            let before = self.writable()?;
            backup.add_to(&mut before.vault, env);
            let effect = self.saved(env, then)?;
            out.push(effect);
            return Ok(());
        }
        let by = by.filter(|(slot, _)| matches!(slot.kind, Kind::Passphrase { .. }));
        let slot = match by {
            Some((slot, secret)) => NewSlot::Passphrase(slot.id, slot.kind.clone(), secret),
            None => NewSlot::Device,
        };
        let mut vault = Vault::new(env);
        backup.add_to(&mut vault, env);
        vault.backup = made.map(|made| made.min(env.now));
        let mut write = self.create_with(vault, env, slot).ok_or(Refusal::Internal)?;
        // What could not be read is kept aside, not written over.
        if let Some(damaged) = self.damaged.take() {
            self.awake = true;
            self.trouble = None;
            self.stored.quarantined = 1;
            // And nothing of it stays where the new vault's own things stand.
            if by.is_some() {
                write.give_up(&[Key::Device]);
            }
            write.set.push((Key::Quarantine0, everything(&damaged, env.now)));
            let fresh = write.mirror.set.first().map(|(copy, _)| *copy);
            write.mirror.remove.extend(Copy::RING.into_iter().filter(|copy| Some(*copy) != fresh));
        }
        if by.is_some() {
            out.push(self.lock_alarm(self.deadline(env.now), env.now));
        }
        out.push(Effect::Write { write, then });
        Ok(())
    }

    /// What lies in the stores, sealed or damaged as it is.
    ///
    /// # Errors
    /// [`Refusal::StoreSilent`]: an empty file must not look like a whole one.
    pub(super) fn sealed(loaded: &Loaded, env: &Env<'_>) -> Result<Answer, Refusal> {
        if loaded.local.is_err() && loaded.mirror.as_ref().map_or(true, Vec::is_empty) {
            return Err(Refusal::StoreSilent);
        }
        Ok(Answer::File(everything(loaded, env.now)))
    }

    /// Everything goes: the vault, its copies, what lies beside it.
    pub(super) fn start_over(&mut self, word: &str, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        if !word.trim().eq_ignore_ascii_case(ERASE) {
            return Err(Refusal::EraseWord);
        }
        out.push(Self::erase(vec![Effect::Erased, Effect::Answer(ask, Answer::Done), Effect::News]));
        Ok(())
    }

    /// What was erased in the stores goes from memory as well.
    pub(super) fn erased(&mut self, out: &mut Vec<Effect>) {
        self.open = None;
        self.forget_undo();
        self.damaged = None;
        self.trouble = None;
        self.memory = super::memory::Memory::default();
        self.stored = super::Stored::default();
        self.settings = super::Settings::default();
        // What is under way comes back to nothing.
        self.running.clear();
        self.connecting.clear();
        self.following = super::fansly::Following::default();
        (self.listing, self.next_look) = (false, None);
        self.rows_changed = true;
        self.awake = true;
        out.extend([Alarm::Lock, Alarm::Poll, Alarm::Follow].map(|alarm| Effect::Alarm(alarm, None)));
        out.push(Effect::Retire);
    }
}

/// What a file's passphrase is derived with.
pub(super) fn terms(file: &Secret) -> Result<Vec<Terms>, Refusal> {
    Sealed::parse(file).map(|sealed| sealed.terms())
}

/// What was derived by each of a file's terms, and the secret of a recovery code behind them.
fn keys(derived: &Secret) -> Result<Vec<Key32>, Refusal> {
    let bytes = Zeroizing::new(crate::base64::parse(derived.expose()).ok_or(Refusal::Internal)?);
    Ok(bytes.as_chunks().0.iter().map(|key| Key32::new(*key)).collect())
}
