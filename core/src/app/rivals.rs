//! Keys that disagree on one screen (a text and a QR code, or two codes): nothing is stored, the user chooses.

use super::App;
use super::capture::{MOST_DRAFTS, PACE};
use super::memory::Draft;
use crate::capture::KeyState;
use crate::effect::Effect;
use crate::env::Env;
use crate::label::Id;
use crate::sites::qr::QrKey;
use crate::vault::Sighting;
use alloc::vec::Vec;

impl App {
    /// Offers each of them; the popup says that they differ.
    pub(super) fn saw_rivals(&mut self, tab: i32, rivals: Vec<QrKey>, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        // One of them was chosen before: that is what the tab shows.
        let chosen = rivals.iter().find_map(|rival| {
            let id = self.knows(&rival.key)?;
            self.draft(id).is_none_or(|draft| draft.sighting.kept).then_some(id)
        });
        if chosen.is_some() {
            self.tab(tab).subject = chosen;
            return;
        }
        let known = |draft: &Draft| rivals.iter().any(|rival| rival.key == draft.sighting.key);
        let offered = self.memory.drafts.iter().filter(|it| known(it)).count();
        let newest = self.tab(tab).newest;
        if offered == rivals.len() || (newest <= env.now && env.now.since(newest) < PACE) {
            return;
        }
        self.forget_rivals(tab, None);
        if self.memory.drafts.len() + rivals.len() > MOST_DRAFTS {
            return;
        }
        let it = self.tab(tab);
        it.newest = env.now;
        it.subject = None;
        it.submitted = None;
        let private = it.private;
        let mut ids = Vec::new();
        for QrKey { key, handle, recipe } in rivals {
            let drafted = self.memory.drafts.iter().find(|draft| draft.sighting.key == key).map(|draft| draft.id);
            ids.push(drafted.unwrap_or_else(|| {
                let (id, handle) = (env.id(), self.tab(tab).whose(handle));
                let sighting = Sighting { key, handle, seen: env.now, kept: false, state: KeyState::Pending, recipe };
                self.memory.drafts.push(Draft { id, sighting, tab: Some(tab), ask: true, private });
                id
            }));
        }
        self.tab(tab).rivals = ids;
        self.rows_changed = true;
        out.push(Effect::News);
        out.push(Effect::OpenPopup(tab));
    }

    /// The user chose this one: it is what the tab shows, and the others go.
    pub(super) fn choose_rival(&mut self, id: Id) {
        let tabs = self.memory.tabs.iter().filter(|it| it.rivals.contains(&id)).map(|it| it.tab);
        for tab in tabs.collect::<Vec<_>>() {
            self.forget_rivals(tab, Some(id));
            let it = self.tab(tab);
            it.subject = Some(id);
            it.submitted = None;
        }
    }

    /// Drops what was only offered, but for one.
    pub(super) fn forget_rivals(&mut self, tab: i32, but: Option<Id>) {
        let rivals = core::mem::take(&mut self.tab(tab).rivals);
        self.forget_drafts(|draft| draft.ask && draft.is_idle() && rivals.contains(&draft.id) && Some(draft.id) != but);
    }

    /// The next key that stands beside this one.
    pub(super) fn rival_of(&self, id: Id) -> Option<Id> {
        let beside = self.memory.tabs.iter().find(|it| it.rivals.contains(&id))?;
        let at = beside.rivals.iter().position(|it| *it == id)?;
        let ring = beside.rivals.iter().cycle().skip(at + 1).take(beside.rivals.len() - 1);
        ring.copied().find(|it| self.draft(*it).is_some())
    }
}
