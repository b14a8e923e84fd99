//! Codes that go into X's fields: on the user's click alone, into the one tab that waits for this account, and never one
//! that is about to end. Which fields those are is the sensor's plan.

use super::App;
use super::memory::{Login, TabMemory};
use crate::clock::{Span, UnixTime};
use crate::code::{Code, Recipe, code_after, code_at};
use crate::effect::{Ask, Effect};
use crate::label::{Handle, Id};
use crate::long_key::LongKey;
use crate::refusal::Refusal;
use crate::secret::Secret;
use alloc::vec::Vec;

/// How long a code must still live to be filled: the user presses Next after it.
const TO_TYPE: Span = Span::seconds(5);

impl App {
    /// X's login wants a second factor: the popup opens where there is something to give.
    pub(super) fn login_asks(&mut self, tab: i32, out: &mut Vec<Effect>) {
        let named = self.tab(tab).handle.clone();
        let known = |handle: &Handle| named.as_ref().is_none_or(|named| named == handle);
        let has = self.open.as_ref().is_some_and(|open| open.vault.entries.iter().any(|entry| known(&entry.handle)));
        if has {
            out.push(Effect::OpenPopup(tab));
        }
    }

    /// [Fill on X]: into the tab that shows the code field for this very key, else into a login of its account.
    pub(super) fn fill(&mut self, id: Id, ask: Ask, now: UnixTime, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let set_up = self.memory.tabs.iter().find(|tab| tab.code_wanted && tab.subject == Some(id)).map(|tab| tab.tab);
        let (tab, code) = if let Some(draft) = self.draft(id) {
            (set_up.ok_or(Refusal::NoCodeField)?, fresh_code(&draft.sighting.key, draft.sighting.recipe, now))
        } else {
            let entry = self.vault()?.vault.entry(id).ok_or(Refusal::EntryUnknown)?.clone();
            let (tab, held) = match set_up {
                Some(tab) => (tab, entry.waiting().or_else(|| entry.confirmed())),
                // The login knows only what X has accepted, where that is known at all.
                None => (self.login_tab(&entry.handle, Login::is_code)?, entry.sendable()),
            };
            let held = held.ok_or(Refusal::EntryUnknown)?;
            (tab, fresh_code(&held.key, held.recipe, now))
        };
        if self.tab(tab).login_anew() {
            out.push(Effect::News);
        }
        out.push(Effect::Fill(tab, Secret::new(code.expose().into()), ask));
        Ok(())
    }

    /// [Fill on X] for the backup code that is next: into the field of a login of its account.
    pub(super) fn fill_backup(&mut self, id: Id, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let entry = self.vault()?.vault.entry(id).ok_or(Refusal::EntryUnknown)?.clone();
        let slip = entry.backup.next().ok_or(Refusal::BackupUnknown)?;
        let tab = self.login_tab(&entry.handle, Login::is_text)?;
        out.push(Effect::Fill(tab, Secret::new(slip.code.expose().into()), ask));
        Ok(())
    }

    /// The one such tab. Two are too many: one of them is not the one that the user looks at.
    pub(super) fn login_tab(&self, handle: &Handle, fits: fn(Login) -> bool) -> Result<i32, Refusal> {
        let mut tabs = self.logins(handle, fits);
        match (tabs.next(), tabs.next()) {
            (Some(tab), None) => Ok(tab.tab),
            (Some(_), Some(_)) => Err(Refusal::LoginUnclear),
            (None, _) if self.login_wants(handle, Login::is_sent) => Err(Refusal::CodeSent),
            (None, _) => Err(Refusal::NoCodeField),
        }
    }

    /// Whether a login waits that this account's code or backup code fits.
    pub(super) fn login_wants(&self, handle: &Handle, fits: fn(Login) -> bool) -> bool {
        self.logins(handle, fits).next().is_some()
    }

    /// The tabs whose login waits for this account, or names nobody.
    fn logins(&self, handle: &Handle, fits: fn(Login) -> bool) -> impl Iterator<Item = &TabMemory> {
        self.memory
            .tabs
            .iter()
            .filter(move |tab| tab.login.is_some_and(fits) && tab.handle.as_ref().is_none_or(|named| named == handle))
    }
}

/// The code of this moment, or the next one if it would be refused before it is sent.
fn fresh_code(key: &LongKey, recipe: Recipe, now: UnixTime) -> Code {
    if recipe.left(now) < TO_TYPE { code_after(key, recipe, now) } else { code_at(key, recipe, now) }
}
