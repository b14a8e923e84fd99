//! What pages show, and the badge: read from the machine, never written to it.

use super::matching::Match;
use super::memory::{Draft, Line, Login, Strange};
use super::{App, Listed};
use crate::backup_codes::Slip;
use crate::capture::KeyState;
use crate::clock::UnixTime;
use crate::label::{AccountRef, Handle, Id};
use crate::protocol::{
    AccountView, BackupView, BinView, DraftView, EntryView, Group, LoginView, Outcome, ResetView, Standing, VaultState,
    View, Wanted, XquikView,
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
            xquik: self.xquik_views(now),
            connections: self.connection_views(now),
            fansly: self.fansly_view(now),
            fansly_keys: self.fansly_keys_left(),
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
            unsaved: self.open.as_ref().map_or(0, |open| open.vault.unsaved(now)),
            backup: self.open.as_ref().and_then(|open| open.vault.backup),
            clock: self.memory.drift.told(now).map(|ahead| ahead / 1000),
            notify: self.settings.notify,
            hide_names: self.settings.hide_names,
            watch_locked: self.settings.watch_locked,
            stays_shut: self.settings.stays_shut,
            clock_at: self.memory.drift.known(now),
            login: self.memory.tabs.iter().find_map(|tab| {
                let wants = match tab.login? {
                    Login::Code { .. } => Wanted::Code,
                    Login::Text => Wanted::Text,
                    Login::Sent => Wanted::Sent,
                };
                Some(LoginView { handle: tab.handle.clone(), wants })
            }),
        }
    }

    /// Number of accounts that the user can fix now; `KEY` while a key waits to be saved.
    pub(super) fn badge_text(&self, now: UnixTime) -> String {
        if self.memory.drafts.iter().any(|draft| !draft.sighting.kept) {
            return "KEY".into();
        }
        let of = |it: &Listed| {
            let slowed = self.pause_of_all(it.workspace, now);
            let groups = it.accounts.iter().map(|account| self.group(&it.named(account), account, slowed, now));
            groups.filter(|it| *it == Group::NeedsYou).count()
        };
        let count: usize = self.stored.listed.iter().map(of).sum();
        let count = count + self.codes_asked_for(now) + self.fansly_prompts();
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

    /// X's host in the tab that a code would be typed into, where that is one tab; the set-up's comes first.
    fn fills_on(&self, subject: Id, handle: Option<&Handle>) -> Option<String> {
        let tabs = self.memory.tabs.iter().filter(|tab| tab.subject == Some(subject));
        let set_up = tabs.clone().find(|tab| tab.code_wanted).or_else(|| tabs.clone().find(|tab| tab.showing));
        let login = || {
            let handle = handle?;
            let tab =
                self.login_tab(handle, Login::is_code).or_else(|_| self.login_tab(handle, Login::is_text)).ok()?;
            self.memory.tabs.iter().find(|it| it.tab == tab)
        };
        set_up.or_else(login)?.host.clone()
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
        let known = sighting.handle.as_ref().and_then(|handle| self.owner(handle));
        DraftView {
            id: draft.id,
            handle: sighting.handle.clone(),
            head: key.get(..4).unwrap_or_default().into(),
            tail: key.get(key.len().saturating_sub(4)..).unwrap_or_default().into(),
            seen: sighting.seen,
            kept: sighting.kept,
            ask: draft.ask,
            private: draft.private,
            sealed: self.stored.inbox.iter().any(|item| item.id == draft.id),
            state: sighting.state,
            on_x: self.on_x(draft.id),
            code_wanted,
            code_refused,
            fills_on: self.fills_on(draft.id, None),
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
            sendable: entry.sendable().map(standing),
            doubt: entry.confirmed().and_then(|held| held.doubt),
            on_x: self.on_x(entry.id),
            code_wanted,
            code_refused,
            fills_on: self.fills_on(entry.id, Some(&entry.handle)),
            code_sent: self.login_wants(&entry.handle, Login::is_sent),
            older: u32::try_from(entry.keys.len().saturating_sub(shown)).unwrap_or(u32::MAX),
            backup: entry.backup.iter().map(backup).collect(),
            backup_wanted: self.login_wants(&entry.handle, Login::is_text),
            backup_undo: entry.backup.can_undo(),
        }
    }

    fn xquik_views(&self, now: UnixTime) -> Vec<XquikView> {
        match &self.open {
            Some(open) => {
                let listed = |id| self.stored.listed.iter().find(|it| it.workspace == id);
                let each = open.vault.workspaces.iter();
                each.map(|it| self.xquik_view(it.id, it.name.clone(), it.last_four(), listed(it.id), now)).collect()
            }
            // Names and keys are in the vault; health stays in sight.
            None => {
                let each = self.stored.listed.iter();
                each.map(|it| self.xquik_view(it.workspace, String::new(), String::new(), Some(it), now)).collect()
            }
        }
    }

    fn xquik_view(&self, id: Id, name: String, last_four: String, listed: Option<&Listed>, now: UnixTime) -> XquikView {
        let not_before = self.pause_of_all(id, now);
        let accounts = listed.into_iter().flat_map(|it| it.accounts.iter().map(|account| (it.named(account), account)));
        let mut accounts: Vec<AccountView> =
            accounts.map(|(named, account)| self.account_view(named, account, not_before, now)).collect();
        for account in &mut accounts {
            account.since = listed.and_then(|it| it.watch.since(&account.id.id));
        }
        accounts.sort_by_key(|it| it.group);
        let checked = listed.and_then(|it| it.checked);
        let trouble = listed.and_then(|it| it.trouble.clone());
        let left_out = listed.map_or(0, |it| it.left_out);
        XquikView { id, name, last_four, checked, trouble, not_before, accounts, left_out }
    }

    /// `slowed` is the workspace's pause.
    fn account_view(&self, id: AccountRef, account: &Account, slowed: Option<UnixTime>, now: UnixTime) -> AccountView {
        let found = self.open.as_ref().map_or(Match::None, |open| Match::of(&open.vault, account));
        let entry = found.entry();
        let held = entry.and_then(|it| it.sendable().or_else(|| it.current()));
        let key = entry.map(|_| held.map_or(KeyState::Stale, |held| held.state));
        let renamed = entry.filter(|it| !it.handle.as_str().eq_ignore_ascii_case(&account.handle));
        let line = self.line(&id);
        let attempt = line.filter(|line| line.shown || line.is_open());
        AccountView {
            handle: account.handle.clone(),
            health: account.health.clone(),
            since: None,
            group: self.group(&id, account, slowed, now),
            entry: entry.map(|it| it.id),
            renamed: renamed.map(|it| it.handle.clone()),
            stranger: matches!(found, Match::Stranger),
            key,
            key_since: held.map(|it| it.since),
            not_before: line.and_then(|line| line.pause(now)).max(slowed),
            attempt: attempt.map(Line::attempt),
            connected: account.connected.clone().or_else(|| account.connected_before.clone()),
            refusals: line.map_or(0, |line| line.refusals_before(held)),
            id,
        }
    }

    fn group(&self, id: &AccountRef, account: &Account, slowed: Option<UnixTime>, now: UnixTime) -> Group {
        let line = self.line(id);
        match line.map(|line| &line.outcome) {
            Some(Outcome::Running) => return Group::Waiting,
            Some(Outcome::Unknown) => return Group::NeedsYou,
            Some(Outcome::Answered { .. }) | None => {}
        }
        let paused = slowed.is_some() || line.is_some_and(|line| line.pause(now).is_some());
        match account.health {
            Health::NeedsReauth if paused => Group::Waiting,
            Health::NeedsReauth | Health::Locked => Group::NeedsYou,
            // Only an appeal helps, and waiting is all that is left: nothing to fix here.
            Health::Suspended | Health::Recovering | Health::TemporaryIssue | Health::Other => Group::Waiting,
            Health::Healthy => Group::Fine,
        }
    }
}

impl Listed {
    /// How an account of this list is named.
    fn named(&self, account: &Account) -> AccountRef {
        AccountRef { workspace: self.workspace, id: account.id.clone() }
    }
}
