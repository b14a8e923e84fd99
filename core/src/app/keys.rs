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

    /// The open vault, to be changed: asked for before anything is, so that what is refused has changed nothing.
    pub(super) fn writable(&mut self) -> Result<&mut super::Open, Refusal> {
        let read_only = self.read_only;
        let open = self.vault()?;
        if read_only { Err(Refusal::StoreReadOnly) } else { Ok(open) }
    }

    /// The same for what is changed beside the vault.
    pub(super) fn changeable(&self) -> Result<(), Refusal> {
        if self.read_only { Err(Refusal::StoreReadOnly) } else { Ok(()) }
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
        let (key, recipe, named) = read(text)?;
        let handle = match named {
            Some(named) if handle.trim().is_empty() => named,
            _ => Handle::parse(handle)?,
        };
        let fresh = env.id();
        self.writable()?;
        let home = self.home_of(&handle, env.now).unwrap_or(fresh);
        let (id, _) = self.writable()?.vault.keep(home, &handle, &key, recipe, env.now);
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
        change(self.writable()?.vault.entry_mut(entry).ok_or(Refusal::EntryUnknown)?, now);
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
        let answer = change(&mut self.writable()?.vault, now).ok_or(Refusal::EntryUnknown)?;
        let effect = self.saved(env, vec![Effect::Answer(ask, answer), Effect::News])?;
        out.push(effect);
        Ok(())
    }
}

/// A pasted key: base32 or an `otpauth` address, which may name the account.
pub(super) fn read(text: &Secret) -> Result<(LongKey, Recipe, Option<Handle>), Refusal> {
    match LongKey::parse(text.expose()) {
        Ok(key) => Ok((key, Recipe::default(), None)),
        Err(Refusal::KeyIsOtpauth) => {
            let address = Otpauth::parse(text.expose())?;
            let handle = address.handle();
            Ok((address.key, address.recipe, handle))
        }
        Err(refusal) => Err(refusal),
    }
}
