//! What pages show, and the badge: read from the machine, never written to it.

use super::App;
use super::memory::{Draft, Login, Strange};
use crate::backup_codes::Slip;
use crate::capture::KeyState;
use crate::clock::UnixTime;
use crate::label::{Handle, Id};
use crate::protocol::{
    AccountView, Attempt, BackupView, BinView, DraftView, EntryView, Group, Outcome, ResetView, Standing, VaultState,
    View, XquikView,
};
use crate::services::xquik::{Account, Health};
use crate::vault::{Entry, Held};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

impl App {
    pub(super) fn view(&self, now: UnixTime) -> View {
        let vault = match (&self.trouble, &self.stored.envelope, &self.open) {
            (Some(_), ..) => VaultState::Trouble,
            (None, None, _) => VaultState::None,
            (None, Some(_), None) => VaultState::Locked,
            (None, Some(_), Some(open)) if open.until.is_none() => VaultState::NotLocked,
            (None, Some(_), Some(_)) => VaultState::Unlocked,
        };
        let entries = self.open.iter().flat_map(|open| &open.vault.entries);
        let resets = self.stored.resets.iter();
        let bin = self.open.iter().flat_map(|open| &open.vault.bin);
        View {
            vault,
            trouble: self.trouble.clone(),
            drafts: self.memory.drafts.iter().map(|draft| self.draft_view(draft)).collect(),
            entries: entries.map(|entry| self.entry_view(entry)).collect(),
            xquik: self.xquik_view(now),
            resets: resets
                .map(|it| ResetView { handle: it.handle.clone(), done: it.done.clone(), app_off: it.app_off })
                .collect(),
            ways: self.ways(),
            recovered: self.open.as_ref().is_some_and(|open| open.recovered),
            lock_after: self.settings.lock_after,
            page_changed: self.memory.tabs.iter().any(|tab| tab.strange == Some(Strange::Told)),
            notices: self.memory.notices.clone(),
            quarantined: self.stored.quarantined > 0,
            bin: bin
                .map(|it| BinView { id: it.entry.id, handle: it.entry.handle.clone(), deleted: it.since })
                .collect(),
            unsaved: self.open.as_ref().map_or(0, |open| open.vault.unsaved()),
            backup: self.open.as_ref().and_then(|open| open.vault.backup),
            clock: self.memory.drift.told(now).map(|ahead| ahead / 1000),
        }
    }

    /// Number of accounts that the user can fix now; `KEY` while a key waits to be saved.
    pub(super) fn badge_text(&self, now: UnixTime) -> String {
        if self.memory.drafts.iter().any(|draft| !draft.sighting.kept) {
            return "KEY".into();
        }
        let count = self.stored.listed.accounts.iter().filter(|it| self.group(it, now) == Group::NeedsYou).count();
        match count {
            0 => String::new(),
            1..=999 => count.to_string(),
            _ => "999+".into(),
        }
    }

    fn on_x(&self, subject: Id) -> bool {
        self.memory.tabs.iter().any(|tab| tab.subject == Some(subject) && tab.showing)
    }

    fn code_field(&self, subject: Id) -> (bool, bool) {
        let tab = self.memory.tabs.iter().find(|tab| tab.subject == Some(subject) && tab.code_wanted);
        tab.map_or((false, false), |tab| (true, tab.refused))
    }

    /// The same for an entry, whose code X's login may ask for as well.
    fn code_field_of(&self, entry: &Entry) -> (bool, bool) {
        let (wanted, refused) = self.code_field(entry.id);
        let login = self.login_wants(&entry.handle, Login::is_code);
        (wanted || login, refused || self.login_wants(&entry.handle, Login::is_refused))
    }

    fn draft_view(&self, draft: &Draft) -> DraftView {
        let sighting = &draft.sighting;
        let key = sighting.key.expose();
        let (code_wanted, code_refused) = self.code_field(draft.id);
        let known = self.open.as_ref().zip(sighting.handle.as_ref()).and_then(|(open, handle)| open.vault.of(handle));
        DraftView {
            id: draft.id,
            handle: sighting.handle.clone(),
            head: key.get(..4).unwrap_or_default().into(),
            tail: key.get(key.len().saturating_sub(4)..).unwrap_or_default().into(),
            seen: sighting.seen,
            kept: sighting.kept,
            ask: draft.ask,
            private: draft.private,
            state: sighting.state,
            on_x: self.on_x(draft.id),
            code_wanted,
            code_refused,
            rival: self.rival_of(draft.id),
            replaces: known.is_some_and(|entry| entry.confirmed().is_some()),
        }
    }

    fn entry_view(&self, entry: &Entry) -> EntryView {
        let standing = |held: &Held| Standing { state: held.state, since: held.since };
        let (code_wanted, code_refused) = self.code_field_of(entry);
        let next = entry.backup.next().map(|slip| slip.added);
        let backup = |slip: &Slip| {
            let (added, state, since) = (slip.added, slip.state, slip.since);
            BackupView { added, state, since, next: next == Some(added) }
        };
        let shown = usize::from(entry.current().is_some()) + usize::from(entry.waiting().is_some());
        EntryView {
            id: entry.id,
            handle: entry.handle.clone(),
            current: entry.current().map(standing),
            waiting: entry.waiting().map(standing),
            doubt: entry.confirmed().and_then(|held| held.doubt),
            on_x: self.on_x(entry.id),
            code_wanted,
            code_refused,
            code_sent: self.login_wants(&entry.handle, Login::is_sent),
            older: u32::try_from(entry.keys.len().saturating_sub(shown)).unwrap_or(u32::MAX),
            backup: entry.backup.iter().map(backup).collect(),
            backup_wanted: self.login_wants(&entry.handle, Login::is_text),
            backup_undo: entry.backup.can_undo(),
        }
    }

    fn xquik_view(&self, now: UnixTime) -> Option<XquikView> {
        let listed = &self.stored.listed;
        let connected = match &self.open {
            Some(open) => open.vault.xquik.is_some(),
            None => listed.checked.is_some(),
        };
        if !connected {
            return None;
        }
        let mut accounts: Vec<AccountView> = listed.accounts.iter().map(|it| self.account_view(it, now)).collect();
        accounts.sort_by_key(|it| it.group);
        Some(XquikView { checked: listed.checked, trouble: listed.trouble.clone(), accounts })
    }

    fn account_view(&self, account: &Account, now: UnixTime) -> AccountView {
        let handle = Handle::parse(&account.handle).ok();
        let entry = self.open.as_ref().zip(handle).and_then(|(open, handle)| open.vault.of(&handle));
        let key = entry.map(|it| it.sendable().or_else(|| it.current()).map_or(KeyState::Stale, |held| held.state));
        let line = self.line(&account.id);
        let attempt = line.filter(|line| line.shown || line.outcome == Outcome::Unknown);
        AccountView {
            id: account.id.clone(),
            handle: account.handle.clone(),
            health: account.health.clone(),
            group: self.group(account, now),
            entry: entry.map(|it| it.id),
            key,
            not_before: line.and_then(|line| line.not_before).filter(|until| *until > now),
            attempt: attempt.map(|line| Attempt { sent: line.sent, outcome: line.outcome.clone() }),
            connected: account.connected.clone().or_else(|| account.connected_before.clone()),
        }
    }

    fn group(&self, account: &Account, now: UnixTime) -> Group {
        let line = self.line(&account.id);
        match line.map(|line| &line.outcome) {
            Some(Outcome::Running) => return Group::Waiting,
            Some(Outcome::Unknown) => return Group::NeedsYou,
            Some(Outcome::Answered { .. }) | None => {}
        }
        let paused = line.and_then(|line| line.not_before).is_some_and(|until| until > now);
        match account.health {
            Health::NeedsReauth if paused => Group::Waiting,
            Health::NeedsReauth | Health::Locked => Group::NeedsYou,
            // Only an appeal helps, and waiting is all that is left: nothing to fix here.
            Health::Suspended | Health::Recovering | Health::TemporaryIssue | Health::Other => Group::Waiting,
            Health::Healthy => Group::Fine,
        }
    }
}
