//! Keys and the vault as pages edit them: keep, add, accept, refuse, delete; passphrase, unlock.

use super::App;
use super::store::NewSlot;
use crate::clock::UnixTime;
use crate::code::Recipe;
use crate::effect::{Alarm, Ask, Effect};
use crate::env::Env;
use crate::label::{Handle, Id};
use crate::long_key::LongKey;
use crate::otpauth::Otpauth;
use crate::protocol::{Answer, Terms};
use crate::refusal::Refusal;
use crate::secret::{Key32, Secret};
use crate::vault::Entry;
use crate::vault::slots::Kind;
use crate::vault::work::Work;
use alloc::{vec, vec::Vec};

impl App {
    /// The open vault, or why there is none.
    pub(super) fn vault(&mut self) -> Result<&mut super::Open, Refusal> {
        let none = if self.stored.envelope.is_some() { Refusal::Locked } else { Refusal::NoVault };
        self.open.as_mut().ok_or(none)
    }

    pub(super) fn saved(&mut self, env: &mut Env<'_>, answer: Vec<Effect>) -> Result<Effect, Refusal> {
        self.commit(env, vec![], answer).ok_or(Refusal::Internal)
    }

    pub(super) fn add_key(
        &mut self,
        text: &Secret,
        handle: &str,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let (key, recipe, named) = match LongKey::parse(text.expose()) {
            Ok(key) => (key, Recipe::default(), None),
            Err(Refusal::KeyIsOtpauth) => {
                let address = Otpauth::parse(text.expose())?;
                let handle = address.handle();
                (address.key, address.recipe, handle)
            }
            Err(refusal) => return Err(refusal),
        };
        let handle = match named {
            Some(named) if handle.trim().is_empty() => named,
            _ => Handle::parse(handle)?,
        };
        let fresh = env.id();
        let open = self.vault()?;
        let (id, _) = open.vault.keep(fresh, &handle, &key, recipe, env.now);
        let effect = self.saved(env, vec![Effect::Answer(ask, Answer::Kept(id)), Effect::News])?;
        out.push(effect);
        Ok(())
    }

    pub(super) fn edit(
        &mut self,
        entry: Id,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
        change: impl FnOnce(&mut Entry, UnixTime),
    ) -> Result<(), Refusal> {
        let now = env.now;
        change(self.vault()?.vault.entry_mut(entry).ok_or(Refusal::EntryUnknown)?, now);
        let effect = self.saved(env, vec![Effect::Answer(ask, Answer::Done), Effect::News])?;
        out.push(effect);
        Ok(())
    }

    pub(super) fn delete(
        &mut self,
        entry: Id,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let open = self.vault()?;
        open.vault.entry(entry).ok_or(Refusal::EntryUnknown)?;
        open.vault.entries.retain(|it| it.id != entry);
        let effect = self.saved(env, vec![Effect::Answer(ask, Answer::Done), Effect::News])?;
        out.push(effect);
        Ok(())
    }

    /// First run, skipped: capture works at once, and the state says that nothing is locked.
    pub(super) fn skip_passphrase(
        &mut self,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let answer = vec![Effect::Answer(ask, Answer::Done), Effect::News];
        if self.stored.envelope.is_some() {
            out.extend(answer);
            return Ok(());
        }
        let write = self.create(env, NewSlot::Device).ok_or(Refusal::Internal)?;
        out.push(Effect::Write { write, then: answer });
        Ok(())
    }

    pub(super) fn new_terms(env: &mut Env<'_>) -> Terms {
        Terms { slot: env.id(), salt: crate::base64::print(&env.random::<16>()), work: Work::USUAL }
    }

    /// Sets or changes the passphrase: a new vault key, and no other way in.
    pub(super) fn set_passphrase(
        &mut self,
        terms: &Terms,
        derived: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let derived = Key32::from_text(derived).ok_or(Refusal::Internal)?;
        let salt = crate::base64::parse(&terms.salt).and_then(|salt| <[u8; 16]>::try_from(salt).ok());
        let kind = Kind::Passphrase { work: terms.work, salt: salt.ok_or(Refusal::Internal)? };
        let slot = NewSlot::Passphrase(terms.slot, kind, &derived);
        let write = if self.stored.envelope.is_none() {
            self.create(env, slot)
        } else {
            self.vault()?;
            // The inbox is empty or holds what the open vault has shown as drafts; its key stays.
            self.rekey(env, slot)
        };
        let until = env.now.after(super::lock::IDLE);
        let then = vec![Effect::Alarm(Alarm::Lock, Some(until)), Effect::Answer(ask, Answer::Done), Effect::News];
        out.push(Effect::Write { write: write.ok_or(Refusal::Internal)?, then });
        Ok(())
    }

    pub(super) fn unlock_terms(&self) -> Result<Terms, Refusal> {
        let envelope = self.stored.envelope.as_ref().ok_or(Refusal::NoVault)?;
        let terms = envelope.header.slots.iter().find_map(|slot| match &slot.kind {
            Kind::Passphrase { work, salt } => {
                Some(Terms { slot: slot.id, salt: crate::base64::print(salt), work: *work })
            }
            Kind::Device => None,
        });
        terms.ok_or(Refusal::NoVault)
    }

    pub(super) fn unlock(
        &mut self,
        terms: &Terms,
        derived: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let derived = Key32::from_text(derived).ok_or(Refusal::Internal)?;
        let envelope = self.stored.envelope.as_ref().ok_or(Refusal::NoVault)?;
        let header = &envelope.header;
        let slot = header.slots.iter().find(|slot| slot.id == terms.slot).ok_or(Refusal::PassphraseWrong)?;
        let key = slot.open(&header.vault, &derived).ok_or(Refusal::PassphraseWrong)?;
        let until = env.now.after(super::lock::IDLE);
        self.open_with(key, Some(until), env)?;
        out.push(Effect::Alarm(Alarm::Lock, Some(until)));
        self.absorb(env, out);
        out.push(Effect::Answer(ask, Answer::Done));
        out.push(Effect::News);
        Ok(())
    }
}
