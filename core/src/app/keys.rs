//! Keys as pages edit them: add, accept, refuse, delete and take back.

use super::App;
use crate::clock::UnixTime;
use crate::code::Recipe;
use crate::effect::{Ask, Effect};
use crate::env::Env;
use crate::label::{Handle, Id};
use crate::long_key::LongKey;
use crate::otpauth::Otpauth;
use crate::protocol::Answer;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::vault::{Entry, Vault};
use alloc::{vec, vec::Vec};

impl App {
    /// The open vault, or why there is none.
    pub(super) fn vault(&mut self) -> Result<&mut super::Open, Refusal> {
        let none = if self.stored.envelope.is_some() { Refusal::Locked } else { Refusal::NoVault };
        self.open.as_mut().ok_or(none)
    }

    pub(super) fn saved(&mut self, env: &mut Env<'_>, answer: Vec<Effect>) -> Result<Effect, Refusal> {
        if self.read_only {
            return Err(Refusal::StoreReadOnly);
        }
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

    /// An edit of the vault that may find nothing to do.
    pub(super) fn change(
        &mut self,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
        change: impl FnOnce(&mut Vault, UnixTime) -> Option<Answer>,
    ) -> Result<(), Refusal> {
        let now = env.now;
        let answer = change(&mut self.vault()?.vault, now).ok_or(Refusal::EntryUnknown)?;
        let effect = self.saved(env, vec![Effect::Answer(ask, answer), Effect::News])?;
        out.push(effect);
        Ok(())
    }
}
