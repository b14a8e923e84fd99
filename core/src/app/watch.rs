//! Watching: when accounts are asked for, and who is told of what came. What is remembered from list to list is in `health`.
//!
//! There are no webhooks: an alarm asks, and a page that is opened. A sign-in's own pause is the journal's business.

use super::App;
use super::health::{FRESH, POLL, Witness};
use super::memory::Line;
use crate::clock::UnixTime;
use crate::effect::{Alarm, Alert, Ask, Effect};
use crate::label::{AccountRef, Id};
use crate::protocol::{Answer, PastView, TurnView};
use crate::refusal::Refusal;
use crate::services::encode;
use crate::services::xquik::ApiKey;
use crate::vault::workspaces::Workspace;
use alloc::string::{String, ToString};
use alloc::{vec, vec::Vec};

/// From so many at once one notification tells of all.
const MANY: usize = 3;

impl App {
    /// The alarm for the next question, and for the next end of a pause: then one more account can be put right.
    pub(super) fn schedule_poll(&self, now: UnixTime, out: &mut Vec<Effect>) {
        // Only of workspaces that could be asked for: a list whose key is locked away is due for ever.
        let known = self.known();
        let watched = self.stored.listed.iter().filter(|it| known.iter().any(|here| here.id == it.workspace));
        let questions = watched.map(|it| it.watch.next(it.checked, now));
        let pauses = self.stored.journal.iter().filter_map(|line| line.pause(now));
        let at = questions.chain(pauses).min().unwrap_or_else(|| now.after(POLL));
        out.push(Effect::Alarm(Alarm::Poll, Some(at.max(now.after(FRESH)))));
    }

    /// The alarm rang.
    pub(super) fn poll(&mut self, now: UnixTime, out: &mut Vec<Effect>) {
        let due = self.watched(|listed| listed.watch.is_due(listed.checked, now));
        if self.listing || due.is_empty() {
            return self.schedule_poll(now, out);
        }
        // Should the worker end before the answers, it rings again all the same.
        out.push(Effect::Alarm(Alarm::Poll, Some(now.after(POLL))));
        self.list(None, due, None, now, out);
    }

    /// When a page asks for what is so, as it does when it is opened: no workspace more often than once a minute, and none during a pause.
    pub(super) fn poll_if_old(&mut self, now: UnixTime, out: &mut Vec<Effect>) {
        let due = self.watched(|listed| listed.watch.may_ask(listed.checked, now));
        if !self.listing && !due.is_empty() {
            self.list(None, due, None, now, out);
        }
    }

    /// The workspaces whose keys are at hand.
    fn known(&self) -> &[Workspace] {
        match &self.open {
            Some(open) => &open.vault.workspaces,
            None => &self.memory.watching,
        }
    }

    /// Those of them that may be asked for now.
    fn watched(&self, may: impl Fn(&super::Listed) -> bool) -> Vec<Id> {
        let rests = |id: Id| self.stored.listed.iter().any(|it| it.workspace == id && !may(it));
        self.known().iter().map(|it| it.id).filter(|id| !rests(*id)).collect()
    }

    /// The key to list a workspace with: the open vault's, or one that was left for watching when it was locked.
    pub(super) fn watch_key(&mut self, workspace: Id) -> Result<ApiKey, Refusal> {
        if self.open.is_some() {
            return self.api_key(workspace);
        }
        let key = self.memory.watching.iter().find(|it| it.id == workspace).ok_or(Refusal::Locked)?;
        ApiKey::parse(&key.key)
    }

    /// What stays in the session's memory when the vault is locked: nothing, unless the user chose otherwise.
    pub(super) fn leave_watch_keys(&mut self) {
        if !self.settings.watch_locked {
            self.memory.watching.clear();
        } else if let Some(open) = &self.open {
            // Without a passphrase it is never locked. What the user calls them nobody needs there.
            let nameless = |it: &Workspace| Workspace { name: String::new(), ..it.clone() };
            let all = open.vault.workspaces.iter().filter(|_| open.until.is_some());
            self.memory.watching = all.map(nameless).collect();
        }
    }

    /// Whether somebody knows of whatever a list brings.
    pub(super) fn witness(&self, ask: Option<Ask>) -> Witness {
        if ask.is_some() || !self.settings.notify { Witness::User } else { Witness::Nobody }
    }

    /// All lists are there: tells of incidents that nobody was told of. That they were told is written first: a
    /// notification may be lost with the worker, but none comes twice.
    pub(super) fn tell(&mut self, out: &mut Vec<Effect>) {
        let hide = self.settings.hide_names;
        let mut alerts = Vec::new();
        for listed in &mut self.stored.listed {
            for (id, health) in listed.watch.news() {
                let handle = listed.accounts.iter().find(|it| it.id == id).map(|it| it.handle.clone());
                let account = AccountRef { workspace: listed.workspace, id }.to_string();
                alerts.push(Alert::One { account, handle: handle.filter(|_| !hide), health });
            }
        }
        if alerts.is_empty() {
            return;
        }
        if alerts.len() >= MANY {
            alerts = vec![Alert::Many(u32::try_from(alerts.len()).unwrap_or(u32::MAX))];
        }
        let then = if self.settings.notify { alerts.into_iter().map(Effect::Notify).collect() } else { vec![] };
        let (key, text) = self.listed_text();
        out.push(Self::write(key, text, then));
    }

    /// A notification was pressed: the page of its account, or the list.
    pub(super) fn alert_pressed(about: &str, out: &mut Vec<Effect>) {
        let path = if AccountRef::parse(about).is_some() {
            ["pages/app.html#/account/", &encode(about)].concat().into()
        } else {
            "pages/app.html#/".into()
        };
        out.push(Effect::OpenPage(path));
    }

    /// What is remembered of an account.
    pub(super) fn past(&self, account: &AccountRef) -> Result<Answer, Refusal> {
        let listed = self.stored.listed.iter().find(|it| it.workspace == account.workspace);
        let found = self.account(account).ok_or(Refusal::AccountUnknown)?;
        let turns = listed.map(|it| it.watch.turns(&account.id)).unwrap_or_default();
        let line = self.line(account);
        Ok(Answer::Past(PastView {
            turns: turns.into_iter().rev().map(|(at, health)| TurnView { at, health }).collect(),
            last: line.filter(|line| line.went_out()).map(Line::attempt),
            added: self.open.as_ref().and_then(|open| {
                let entry = super::matching::Match::of(&open.vault, found).entry()?;
                entry.sendable().or_else(|| entry.current()).map(|held| held.added)
            }),
            worked: line.and_then(|line| line.worked),
            country: found.login_country.as_deref().and_then(crate::services::foreign::country),
        }))
    }
}
