//! Handles that X has changed: an account has a number that stays, and its handle may be another account's tomorrow. What X
//! `calls` an account now is known from outside, by its number.

use super::{Entry, Vault};
use crate::clock::UnixTime;
use crate::label::{Handle, Id};
use crate::refusal::Refusal;
use alloc::{vec, vec::Vec};

/// What X calls the account with a number, as far as that is known.
pub type Calls<'a> = &'a dyn Fn(&str) -> Option<Handle>;

impl Vault {
    /// Whose a handle is: of the account that X calls so, else of the one that is saved under it and that X does not call
    /// otherwise.
    #[must_use]
    pub fn owner(&self, handle: &Handle, calls: Calls<'_>) -> Option<&Entry> {
        let called = |it: &Entry| it.x_user.as_deref().and_then(calls);
        let now = self.entries.iter().find(|it| called(it).as_ref() == Some(handle));
        now.or_else(|| self.entries.iter().find(|it| it.handle == *handle && called(it).is_none()))
    }

    /// Gives an entry another handle. An entry that has it makes room: it takes the handle that X calls it by, or is taken in
    /// where it is of the same account. Says which entries went into which others; what is refused has changed nothing.
    ///
    /// # Errors
    /// [`Refusal::EntryUnknown`]; [`Refusal::HandleTaken`] where nobody but the user knows whose the other entry is.
    pub fn rename(
        &mut self,
        id: Id,
        handle: &Handle,
        calls: Calls<'_>,
        now: UnixTime,
    ) -> Result<Vec<(Id, Id)>, Refusal> {
        let (mut names, mut joins, mut at) = (vec![(id, handle.clone())], vec![], 0);
        while let Some((id, handle)) = names.get(at).cloned() {
            at += 1;
            let entry = self.entry(id).ok_or(Refusal::EntryUnknown)?;
            let called = entry.x_user.as_deref().and_then(calls).as_ref() == Some(&handle);
            for holder in self.entries.iter().filter(|it| it.handle == handle) {
                if names.iter().any(|(it, _)| *it == holder.id) {
                    continue;
                }
                if called && entry.is_of_the_same(holder) {
                    joins.push((holder.id, id));
                    continue;
                }
                let other = holder.x_user.as_deref().and_then(calls);
                let free = other.filter(|it| names.iter().all(|(_, name)| name != it));
                names.push((holder.id, free.ok_or(Refusal::HandleTaken)?));
            }
        }
        for (id, handle) in names {
            self.entry_mut(id).ok_or(Refusal::EntryUnknown)?.handle = handle;
        }
        for (gone, into) in &joins {
            let at = self.entries.iter().position(|it| it.id == *gone).ok_or(Refusal::EntryUnknown)?;
            let other = self.entries.remove(at);
            self.entry_mut(*into).ok_or(Refusal::EntryUnknown)?.merge(other, now);
        }
        Ok(joins)
    }
}

impl Entry {
    /// Whether the entry that has this account's handle now is of this account: it has its number; or none, and nothing but
    /// keys that came after the one that is in use here, as those do that were made under the new handle. Older ones may be
    /// of another account that had the handle before.
    fn is_of_the_same(&self, holder: &Self) -> bool {
        let newer = || {
            let here = self.sendable().map(|it| it.added);
            holder.keys.iter().all(|it| here.is_none_or(|here| it.added > here))
        };
        self.x_user.is_some() && holder.x_user.as_ref().map_or_else(newer, |it| Some(it) == self.x_user.as_ref())
    }
}
