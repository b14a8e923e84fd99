//! What X's pages say against a key. A pending key goes stale by it; on a confirmed one it puts a question that the
//! user answers in Longkey, because any page of X could be made to say it. Nothing here is removed: what goes stale
//! stays in the history for 30 days.

use super::App;
use crate::capture::{Doubt, KeyState};
use crate::effect::{Ask, Effect, Write};
use crate::env::Env;
use crate::label::{Handle, Id};
use crate::protocol::Answer;
use crate::refusal::Refusal;
use alloc::{vec, vec::Vec};

/// Most questions that wait for a locked vault.
const MOST_DOUBTS: usize = 64;

impl App {
    /// X showed this about an account. While locked it waits in the session for the next unlocking.
    pub(super) fn doubt(&mut self, handle: &Handle, why: Doubt, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        if why == Doubt::AppOff {
            self.lapse_drafts(handle, None, env, out);
        }
        let (shown, owner) = (self.shown_on_x(handle), self.owner(handle).map(|it| it.id));
        let Some(open) = self.open.as_mut() else {
            let waits = &mut self.memory.doubts;
            waits.retain(|(of, kind, _)| (of, kind) != (handle, &why));
            if self.stored.envelope.is_some() && waits.len() < MOST_DOUBTS {
                waits.push((handle.clone(), why, env.now));
            }
            return;
        };
        let Some(entry) = owner.and_then(|id| open.vault.entry_mut(id)) else { return };
        let mut changed = entry.question(why, env.now);
        // Never accepted, its dialog closed, and X says that there is no app: nothing can accept it any more.
        if why == Doubt::AppOff && !shown {
            changed |= entry.lapse(env.now, env.now);
        }
        if changed {
            out.extend(self.commit(env, vec![], vec![Effect::News]));
        }
    }

    /// X made another key for this account: what waited for its acceptance is dead.
    pub(super) fn superseded(&mut self, handle: &Handle, by: Id, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        self.lapse_drafts(handle, Some(by), env, out);
        let now = env.now;
        let owner = self.owner(handle).map(|it| it.id);
        let entry = self.open.as_mut().zip(owner).and_then(|(open, id)| open.vault.entry_mut(id));
        if entry.is_some_and(|entry| entry.lapse(now, now)) {
            out.extend(self.commit(env, vec![], vec![Effect::News]));
        }
    }

    /// Kept sightings of an account that X has not accepted and does not show any more. Those that nobody chose are
    /// offered as before: they say themselves that X's set-up is closed.
    fn lapse_drafts(&mut self, handle: &Handle, but: Option<Id>, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        let dead = |draft: &&mut super::memory::Draft| {
            let sighting = &draft.sighting;
            Some(draft.id) != but
                && sighting.kept
                && sighting.state == KeyState::Pending
                && sighting.handle.as_ref() == Some(handle)
        };
        let showing: Vec<Id> =
            self.memory.tabs.iter().filter(|tab| tab.showing && but.is_none()).filter_map(|tab| tab.subject).collect();
        let mut lapsed = vec![];
        for draft in self.memory.drafts.iter_mut().filter(dead).filter(|draft| !showing.contains(&draft.id)) {
            draft.sighting.state = KeyState::Stale;
            lapsed.push(draft.id);
        }
        for id in &lapsed {
            self.rows_changed = true;
            self.seal_draft(*id, env);
        }
        if !lapsed.is_empty() {
            out.push(Effect::Write { write: self.with_inbox(Write::default()), then: vec![Effect::News] });
        }
    }

    /// Whether a tab shows X's set-up for this account's waiting key.
    fn shown_on_x(&self, handle: &Handle) -> bool {
        let entry = self.owner(handle).map(|entry| entry.id);
        self.memory.tabs.iter().any(|tab| {
            let its_own = tab.subject.is_some() && tab.subject == entry;
            tab.showing && (its_own || tab.handle.as_ref() == Some(handle))
        })
    }

    /// What was seen while the vault was locked; says whether an entry changed.
    pub(super) fn take_up_doubts(&mut self, env: &Env<'_>) -> bool {
        if self.open.is_none() {
            return false;
        }
        let mut changed = false;
        for (handle, why, seen) in core::mem::take(&mut self.memory.doubts) {
            let (shown, owner) = (self.shown_on_x(&handle), self.owner(&handle).map(|it| it.id));
            let Some(open) = self.open.as_mut() else { return changed };
            let Some(entry) = owner.and_then(|id| open.vault.entry_mut(id)) else { continue };
            changed |= entry.question(why, seen);
            changed |= why == Doubt::AppOff && !shown && entry.lapse(seen, env.now);
        }
        // Off and on, ticked by the user: from there on X does not know the old key any more.
        for at in 0..self.stored.resets.len() {
            let Some(reset) = self.stored.resets.get_mut(at) else { break };
            let Some((ended, handle)) = reset.ended.take().map(|ended| (ended, reset.handle.clone())) else { continue };
            let owner = self.owner(&handle).map(|it| it.id);
            let entry = self.open.as_mut().zip(owner).and_then(|(open, id)| open.vault.entry_mut(id));
            changed |= entry.is_some_and(|entry| entry.end_before(ended, env.now));
        }
        changed
    }

    /// X has the app on: what was seen against an account before that is over.
    pub(super) fn no_doubt(&mut self, handle: &Handle) {
        self.memory.doubts.retain(|(of, ..)| of != handle);
    }

    /// "It still works": the user says that the key is not dead, or not dead after all.
    pub(super) fn trust(
        &mut self,
        entry: Id,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        // What X's login said against it as well.
        let handle = self.vault()?.vault.entry(entry).map(|it| it.handle.clone());
        for tab in self.memory.tabs.iter_mut().filter(|tab| tab.handle.is_none() || tab.handle == handle) {
            tab.login_anew();
        }
        self.change(ask, env, out, |vault, now| {
            vault.entry_mut(entry)?.trust(now);
            Some(Answer::Done)
        })
    }
}
