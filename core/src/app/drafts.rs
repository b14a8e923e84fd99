//! Drafts and the inbox they are sealed into. Deliberately not when there is one: that is `capture`'s to judge.

use super::App;
use super::commit::NewSlot;
use super::lock::FIRST_CODES;
use crate::effect::{Alarm, Effect, Write};
use crate::env::Env;
use crate::label::Id;
use crate::sites::qr::QrKey;
use crate::sites::x::Sure;
use crate::vault::inbox::Item;
use alloc::{vec, vec::Vec};

impl App {
    /// Puts the draft's present state into the inbox, in place of what stood there.
    pub(super) fn seal_draft(&mut self, id: Id, env: &mut Env<'_>) {
        let Some(header) = self.stored.envelope.as_ref().map(|it| &it.header) else { return };
        let Some(draft) = self.memory.drafts.iter().find(|draft| draft.id == id) else { return };
        let plain = zeroize::Zeroizing::new(serde_json::to_vec(&draft.sighting).unwrap_or_default());
        let item = Item::seal(env, &header.vault, &header.inbox, id, &plain);
        self.stored.inbox.retain(|item| item.id != id);
        self.stored.inbox.push(item);
    }

    /// Re-seals a draft that lies in the inbox and writes it.
    pub(super) fn keep_sealed(&mut self, id: Id, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        if self.stored.inbox.iter().any(|item| item.id == id) {
            self.seal_draft(id, env);
            out.push(Effect::Write { write: self.with_inbox(Write::default()), then: vec![Effect::News] });
        }
    }

    /// Seals a draft and writes it.
    pub(super) fn store_draft(&mut self, id: Id, then: Vec<Effect>, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        let locked = self.open.is_none() && self.stored.envelope.is_some();
        // No vault yet: one is made now, so that nothing that happens next can lose the key.
        let mut write = match &self.stored.envelope {
            Some(_) => Write::default(),
            None => self.create(env, NewSlot::Device).unwrap_or_default(),
        };
        self.seal_draft(id, env);
        write = self.with_inbox(write);
        out.push(Effect::Write { write, then });
        // Readable for a while, and not until something happens to wake the worker.
        if locked {
            out.push(Effect::Alarm(Alarm::Lock, Some(env.now.after(FIRST_CODES))));
        }
    }

    /// Certain drafts that no store has: their write failed, or the worker died before it. With each event it is tried anew.
    pub(super) fn place_drafts(&mut self, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        if self.read_only {
            return;
        }
        let inbox = &self.stored.inbox;
        let left = |draft: &&super::memory::Draft| !draft.is_asked() && inbox.iter().all(|item| item.id != draft.id);
        let left: Vec<Id> = self.memory.drafts.iter().filter(left).map(|draft| draft.id).collect();
        for id in left {
            self.store_draft(id, vec![Effect::News], env, out);
        }
    }

    /// A draft that nobody has chosen was seen again, perhaps certain now: X paints its code after the text, and a code names
    /// the account and how codes are made. Says whether that is news. Between keys that disagreed only the user chooses.
    pub(super) fn settled(&mut self, tab: i32, id: Id, sure: Sure, code: Option<&QrKey>) -> bool {
        let (told, private) = (self.tab(tab).handle.clone(), self.tab(tab).private);
        if self.memory.tabs.iter().any(|it| it.rivals.contains(&id)) {
            return false;
        }
        let Some(draft) = self.memory.drafts.iter_mut().find(|it| it.id == id && it.is_idle()) else { return false };
        let before = (draft.is_asked(), draft.ask, draft.sighting.handle.clone(), draft.sighting.recipe);
        draft.ask &= sure == Sure::Ask;
        draft.private &= private || sure == Sure::Ask;
        if let Some(code) = code {
            let was = draft.sighting.handle.take();
            // Page and label, or two labels, that disagree: only the user knows.
            draft.sighting.handle = match (was, told) {
                (_, None) if code.handle.is_some() => None,
                (Some(was), Some(told)) => (was == told).then_some(told),
                (was, told) => told.or(was),
            };
            draft.sighting.recipe = code.recipe;
        }
        let news = before != (draft.is_asked(), draft.ask, draft.sighting.handle.clone(), draft.sighting.recipe);
        self.rows_changed |= news;
        news
    }
}
