//! Which saved entry an account of a service is: by X's own number of it where that is known, else by its handle.
//!
//! A handle can be changed, and taken by somebody else afterwards: then its key is not that account's.

use super::App;
use crate::effect::Ask;
use crate::effect::Effect;
use crate::env::Env;
use crate::label::{AccountRef, Handle, Id};
use crate::protocol::Answer;
use crate::refusal::Refusal;
use crate::services::xquik::Account;
use crate::vault::{Entry, Vault};
use alloc::{vec, vec::Vec};

/// What the vault has of an account.
pub(super) enum Match<'a> {
    /// Nothing.
    None,
    /// This entry.
    Entry(&'a Entry),
    /// An entry with its handle that belongs to another account of X.
    Stranger,
}

impl<'a> Match<'a> {
    pub(super) fn of(vault: &'a Vault, account: &Account) -> Self {
        let number = account.x_user.as_ref();
        let by_number = vault.entries.iter().find(|it| number.is_some() && it.x_user.as_ref() == number);
        if let Some(entry) = by_number {
            return Self::Entry(entry);
        }
        let handle = Handle::parse(&account.handle).ok();
        match handle.and_then(|handle| vault.of(&handle)) {
            Some(entry) if entry.x_user.is_none() || number.is_none() => Self::Entry(entry),
            Some(_) => Self::Stranger,
            None => Self::None,
        }
    }

    pub(super) fn entry(&self) -> Option<&'a Entry> {
        match self {
            Self::Entry(entry) => Some(entry),
            Self::None | Self::Stranger => None,
        }
    }
}

impl App {
    /// The account of that name, as it was listed last.
    pub(super) fn account(&self, account: &AccountRef) -> Option<&Account> {
        let listed = self.stored.listed.iter().find(|it| it.workspace == account.workspace)?;
        listed.accounts.iter().find(|it| it.id == account.id)
    }

    /// Notes X's numbers of accounts that were known by their handle alone. True if there were any.
    pub(super) fn learn_numbers(&mut self) -> bool {
        let Some(open) = self.open.as_mut() else { return false };
        let mut learnt = false;
        for account in self.stored.listed.iter().flat_map(|it| &it.accounts) {
            let Some(entry) = Match::of(&open.vault, account).entry().filter(|it| it.x_user.is_none()) else {
                continue;
            };
            let (id, number) = (entry.id, account.x_user.clone());
            if let Some(entry) = open.vault.entry_mut(id).filter(|_| number.is_some()) {
                entry.x_user = number;
                learnt = true;
            }
        }
        learnt
    }

    /// X calls the account by another handle now.
    pub(super) fn rename(
        &mut self,
        entry: Id,
        handle: &str,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let handle = Handle::parse(handle)?;
        let vault = &mut self.writable()?.vault;
        if vault.of(&handle).is_some_and(|it| it.id != entry) {
            return Err(Refusal::HandleTaken);
        }
        vault.entry_mut(entry).ok_or(Refusal::EntryUnknown)?.handle = handle;
        let effect = self.saved(env, vec![Effect::Answer(ask, Answer::Done), Effect::News])?;
        out.push(effect);
        Ok(())
    }
}
