//! Which saved entry an account of a service is: by X's own number of it where that is known, else by its handle.
//!
//! A handle can be changed, and taken by somebody else afterwards: then its key is not that account's.

use super::{App, Listed};
use crate::clock::UnixTime;
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
        self.writable()?;
        let Self { open, stored, .. } = self;
        let vault = &mut open.as_mut().ok_or(Refusal::Locked)?.vault;
        let joined = vault.rename(entry, &handle, &|number| name_of(&stored.listed, number), env.now)?;
        self.follow(&joined);
        let effect = self.saved(env, vec![Effect::Answer(ask, Answer::Done), Effect::News])?;
        out.push(effect);
        Ok(())
    }

    /// The entry of the account that has this handle on X, as far as is known.
    pub(super) fn owner(&self, handle: &Handle) -> Option<&Entry> {
        let vault = &self.open.as_ref()?.vault;
        vault.owner(handle, &|number| name_of(&self.stored.listed, number))
    }

    /// A key is about to be kept under a handle: the entry that it goes into, where there is one. X may have changed handles
    /// that nobody has looked at since: the entry takes this one, and another account's gives it up.
    pub(super) fn home_of(&mut self, handle: &Handle, now: UnixTime) -> Option<Id> {
        let owner = self.owner(handle).map(|it| (it.id, it.handle.clone()));
        let Self { open, stored, .. } = self;
        let vault = &mut open.as_mut()?.vault;
        let calls = |number: &str| name_of(&stored.listed, number);
        let joined = match &owner {
            Some((_, saved)) if saved == handle => return owner.map(|(id, _)| id),
            Some((id, _)) => vault.rename(*id, handle, &calls, now),
            None => {
                let holder = vault.of(handle)?;
                let (id, called) = (holder.id, calls(holder.x_user.as_deref()?)?);
                vault.rename(id, &called, &calls, now)
            }
        };
        // Where nobody knows whose another entry is, names stay as they are.
        self.follow(&joined.unwrap_or_default());
        owner.map(|(id, _)| id)
    }

    /// What points at an entry that went into another one points at that.
    fn follow(&mut self, joined: &[(Id, Id)]) {
        for (gone, into) in joined {
            for tab in self.memory.tabs.iter_mut().filter(|tab| tab.subject == Some(*gone)) {
                tab.subject = Some(*into);
            }
            let signed = self.stored.journal.iter_mut().filter_map(|line| line.proved.as_mut());
            for (entry, _) in signed.chain(self.stored.connections.iter_mut().filter_map(|line| line.proves.as_mut())) {
                if entry == gone {
                    *entry = *into;
                }
            }
        }
    }
}

/// What X calls the account with this number, by the list that came last.
fn name_of(listed: &[Listed], number: &str) -> Option<Handle> {
    let has = |it: &&Account| it.x_user.as_deref() == Some(number);
    let each = listed.iter().filter_map(|it| Some((it.checked, it.accounts.iter().find(has)?)));
    Handle::parse(&each.max_by_key(|(checked, _)| *checked)?.1.handle).ok()
}
