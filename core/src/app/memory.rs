//! What the worker remembers beside the vault: drafts and tabs (in `storage.session`), the journal and the
//! checklists (in `storage.local`).

use super::{App, Open};
use crate::capture::{Doubt, KeyState};
use crate::clock::{Drift, UnixTime};
use crate::effect::{Copy, Key, Write};
use crate::label::{AccountRef, Handle, Id};
use crate::protocol::{Notice, Outcome, Row, Rows};
use crate::reset::Task;
use crate::secret::{Secret, exposed};
use crate::services::xquik::Verdict;
use crate::vault::recovery::RecoveryCode;
use crate::vault::workspaces::Workspace;
use crate::vault::{SeenCode, Sighting};
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Deserializer, Serialize};

/// What survives the worker's death within a browser session.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Keys seen on X that are not in the vault yet.
    pub(super) drafts: Vec<Draft>,
    /// What is known of X's tabs.
    pub(super) tabs: Vec<TabMemory>,
    /// Wrong passphrases in a row.
    #[serde(default)]
    pub(super) wrong: u32,
    /// No other passphrase before this moment.
    #[serde(default)]
    pub(super) try_from: UnixTime,
    /// Whether the screen was locked, and nobody was seen at it since.
    #[serde(default)]
    pub(super) away: bool,
    /// What the user has not read yet.
    #[serde(default)]
    pub(super) notices: Vec<Notice>,
    /// What X showed against keys of a locked vault.
    #[serde(default)]
    pub(super) doubts: Vec<(Handle, Doubt, UnixTime)>,
    /// Backup codes that no store has yet.
    #[serde(default)]
    pub(super) codes: Vec<Unplaced>,
    /// Backup codes in the inbox that no account has taken yet.
    #[serde(default)]
    pub(super) codes_waiting: Vec<Id>,
    /// Writes of the mirror that failed in a row.
    #[serde(default)]
    pub(super) mirror_failures: u32,
    /// How far this computer's clock is off.
    #[serde(default)]
    pub(super) drift: Drift,
    /// API keys, only while the vault may be locked and its accounts watched all the same.
    #[serde(default)]
    pub(super) watching: Vec<Workspace>,
}

/// A backup code that no store has yet.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unplaced {
    pub(super) id: Id,
    pub(super) tab: i32,
    pub(super) seen: SeenCode,
    /// Whether its write is on its way, in this worker.
    #[serde(skip)]
    pub(super) under_way: bool,
}

/// A key seen on X.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) id: Id,
    pub(super) sighting: Sighting,
    /// The tab that showed it, in this session.
    #[serde(default)]
    pub(super) tab: Option<i32>,
    /// Less than certain: asked before anything is stored.
    pub(super) ask: bool,
    /// From a private window: asked too, however certain it is.
    #[serde(default)]
    pub(super) private: bool,
}

/// What is known of a tab of X.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TabMemory {
    pub(super) tab: i32,
    /// The document that spoke last.
    #[serde(default)]
    pub(super) document: Option<String>,
    /// The signed-in account, where the page told it.
    pub(super) handle: Option<Handle>,
    /// Whether parts of the page name different accounts.
    #[serde(default)]
    pub(super) unclear: bool,
    /// The draft or entry whose key this tab showed last.
    pub(super) subject: Option<Id>,
    /// The account that was signed in when the subject's key was shown.
    #[serde(default)]
    pub(super) subject_of: Option<Handle>,
    /// Whether X's set-up is open.
    #[serde(default)]
    pub(super) showing: bool,
    /// What X's login asks for.
    #[serde(default)]
    pub(super) login: Option<Login>,
    /// Whether X's set-up shows nothing that is known.
    #[serde(default)]
    pub(super) strange: Option<Strange>,
    /// X's host that it shows.
    #[serde(default)]
    pub(super) host: Option<String>,
    /// Whether it was told that as many backup codes are here as X allows.
    #[serde(default)]
    pub(super) full_told: bool,
    /// Whether it is one of a private window.
    #[serde(default)]
    pub(super) private: bool,
    /// Whether it was told that nothing is saved from a private window.
    #[serde(default)]
    pub(super) private_told: bool,
    /// Which backup code it showed last.
    #[serde(default)]
    pub(super) code_seen: Option<u32>,
    /// Whether X shows its code field.
    pub(super) code_wanted: bool,
    /// The code that was submitted last.
    pub(super) submitted: Option<Submitted>,
    /// Whether X refused it.
    pub(super) refused: bool,
    /// When this tab showed a new key last.
    pub(super) newest: UnixTime,
    /// Drafts that disagree on its screen: the user chooses.
    #[serde(default)]
    pub(super) rivals: Vec<Id>,
}

/// X's set-up shows nothing that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Strange {
    /// It does now: a step that is on its way, or not drawn yet.
    Seen,
    /// It has for a while, and the user was told.
    Told,
}

/// What X's login asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Login {
    /// Six digits.
    Code {
        /// Whether X refused the last ones.
        refused: bool,
    },
    /// Some other text, which may be a backup code.
    Text,
    /// A code that X sent.
    Sent,
}

impl Login {
    pub(super) fn is_code(self) -> bool {
        matches!(self, Self::Code { .. })
    }

    pub(super) fn is_text(self) -> bool {
        self == Self::Text
    }

    pub(super) fn is_sent(self) -> bool {
        self == Self::Sent
    }

    pub(super) fn is_refused(self) -> bool {
        self == Self::Code { refused: true }
    }
}

/// Whose code was submitted on X.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Submitted {
    /// The subject's own: a draft's, or that of the entry's key that was added then.
    Ours(Option<UnixTime>),
    /// Another key's.
    Other,
}

/// A line of the journal. No secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) account: AccountRef,
    pub(super) sent: UnixTime,
    pub(super) outcome: Outcome,
    /// No attempt before this moment.
    pub(super) not_before: Option<UnixTime>,
    /// Whether a page still shows the outcome.
    pub(super) shown: bool,
    /// The entry whose waiting key this sign-in proved, to be confirmed once the vault is open.
    pub(super) proved: Option<(Id, UnixTime)>,
    /// Whether the saved key was sent.
    #[serde(default)]
    pub(super) saved: bool,
    /// When the saved key signed this account in last.
    #[serde(default)]
    pub(super) worked: Option<UnixTime>,
    /// How often X refused the account in a row.
    #[serde(default)]
    pub(super) refusals: u32,
}

/// A checklist that was begun.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reset {
    pub(super) handle: Handle,
    #[serde(deserialize_with = "tasks")]
    pub(super) done: Vec<Task>,
    pub(super) app_off: bool,
    /// When the user ticked that the app is off, until the vault is open and knows it.
    #[serde(default)]
    pub(super) ended: Option<UnixTime>,
}

/// What a later Longkey may know beyond these tasks takes nothing else along.
fn tasks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Task>, D::Error> {
    Ok(Vec::<u8>::deserialize(from)?.into_iter().filter_map(Task::of).collect())
}

#[derive(Serialize, Deserialize)]
struct Kept<M> {
    memory: M,
    session: Option<Session>,
}

/// The open vault's key, for a worker that is woken again.
#[derive(Serialize, Deserialize)]
pub(super) struct Session {
    #[serde(with = "exposed")]
    pub(super) key: Secret,
    pub(super) until: UnixTime,
    pub(super) seen: UnixTime,
    #[serde(default)]
    pub(super) recovered: bool,
    /// A recovery code that is being written down: writing takes longer than a worker lives.
    #[serde(default, with = "exposed")]
    pub(super) new_recovery: Option<Secret>,
}

impl App {
    pub(super) fn memory_text(&self) -> Secret {
        // Without a passphrase the device key opens the vault; nothing needs remembering.
        let session = self.open.as_ref().and_then(|open| {
            let Open { key, until, seen, recovered, new_recovery, .. } = open;
            let new_recovery = new_recovery.as_ref().map(RecoveryCode::print);
            Some(Session { key: key.to_text(), until: (*until)?, seen: *seen, recovered: *recovered, new_recovery })
        });
        Secret::new(serde_json::to_string(&Kept { memory: &self.memory, session }).unwrap_or_default())
    }

    /// Reads what [`App::memory_text`] wrote. A memory that cannot be read is an empty one: everything that
    /// must not be lost is in the inbox.
    pub(super) fn recall(text: &Secret) -> (Memory, Option<Session>) {
        match serde_json::from_slice::<Kept<Memory>>(text.expose().as_bytes()) {
            Ok(kept) => (kept.memory, kept.session),
            Err(_) => (Memory::default(), None),
        }
    }

    pub(super) fn journal_text(&self) -> (Key, Secret) {
        (Key::Journal, Secret::new(serde_json::to_string(&self.stored.journal).unwrap_or_default()))
    }

    pub(super) fn inbox_text(&self) -> (Key, Secret) {
        (Key::Inbox, Secret::new(serde_json::to_string(&self.stored.inbox).unwrap_or_default()))
    }

    /// This write with the inbox, in both stores: a capture cannot be had again.
    pub(super) fn with_inbox(&self, mut write: Write) -> Write {
        let (key, text) = self.inbox_text();
        if !self.mirror_unread {
            write.mirror.set.retain(|(copy, _)| *copy != Copy::Inbox);
            write.mirror.set.push((Copy::Inbox, text.clone()));
        }
        // Sealed to the vault that stands there, not to one that another writer has replaced.
        write.over = write.over.or_else(|| Some(self.stored.raw_head.clone()));
        write.set.push((key, text));
        write
    }

    pub(super) fn listed_text(&self) -> (Key, Secret) {
        (Key::Accounts, Secret::new(serde_json::to_string(&self.stored.listed).unwrap_or_default()))
    }

    pub(super) fn resets_text(&self) -> (Key, Secret) {
        (Key::Resets, Secret::new(serde_json::to_string(&self.stored.resets).unwrap_or_default()))
    }

    pub(super) fn draft(&self, id: Id) -> Option<&Draft> {
        self.memory.drafts.iter().find(|draft| draft.id == id)
    }

    pub(super) fn line(&self, account: &AccountRef) -> Option<&Line> {
        self.stored.journal.iter().find(|line| line.account == *account)
    }

    pub(super) fn line_mut(&mut self, account: &AccountRef) -> Option<&mut Line> {
        self.stored.journal.iter_mut().find(|line| line.account == *account)
    }

    /// What pages paint codes from. Nothing at all is a state of its own: locked, or no vault.
    pub(super) fn rows(&self) -> Option<Rows> {
        let (mut rows, ahead) = (Vec::new(), self.ahead);
        for draft in &self.memory.drafts {
            let Sighting { key, handle, state, recipe, .. } = &draft.sighting;
            let (key, handle) = (key.clone(), handle.clone());
            rows.push(Row { id: draft.id, handle, key, recipe: *recipe, state: *state, draft: true, ahead });
        }
        for entry in self.open.iter().flat_map(|open| &open.vault.entries) {
            for held in [entry.confirmed(), entry.waiting()].into_iter().flatten() {
                let (key, handle) = (held.key.clone(), Some(entry.handle.clone()));
                rows.push(Row {
                    id: entry.id,
                    handle,
                    key,
                    recipe: held.recipe,
                    state: held.state,
                    draft: false,
                    ahead,
                });
            }
        }
        let until = self.open.as_ref().and_then(|open| open.until);
        (self.open.is_some() || !rows.is_empty()).then_some(Rows { until, rows })
    }
}

impl TabMemory {
    pub(super) fn new(tab: i32) -> Self {
        Self {
            tab,
            document: None,
            handle: None,
            unclear: false,
            subject: None,
            subject_of: None,
            showing: false,
            login: None,
            strange: None,
            host: None,
            full_told: false,
            private: false,
            private_told: false,
            code_seen: None,
            code_wanted: false,
            submitted: None,
            refused: false,
            newest: UnixTime(0),
            rivals: Vec::new(),
        }
    }
}

impl TabMemory {
    /// The account of a key: the QR's label binds it; where the page names another, or several, only the user knows.
    pub(super) fn whose(&self, label: Option<Handle>) -> Option<Handle> {
        match (label, &self.handle) {
            _ if self.unclear => None,
            (Some(label), Some(page)) if label != *page => None,
            (label, page) => label.or_else(|| page.clone()),
        }
    }

    /// Another code goes to the login: what X said of the one before is over. Says whether it had said something.
    pub(super) fn login_anew(&mut self) -> bool {
        let refused = self.login.is_some_and(Login::is_refused);
        if refused {
            self.login = Some(Login::Code { refused: false });
        }
        refused
    }

    /// What pages show of a tab: if it changes, they ask again.
    pub(super) fn standing(&self) -> (bool, bool, bool, bool, Option<Login>) {
        let told = self.strange == Some(Strange::Told);
        (self.showing && self.subject.is_some(), self.code_wanted, self.refused, told, self.login)
    }
}

impl Draft {
    pub(super) fn state(&self) -> KeyState {
        self.sighting.state
    }

    /// Whether nothing of it is stored before the user has chosen.
    pub(super) fn is_asked(&self) -> bool {
        self.ask || self.private
    }

    /// Neither chosen by the user nor touched by X.
    pub(super) fn is_idle(&self) -> bool {
        !self.sighting.kept && self.state() == KeyState::Pending
    }
}

impl Line {
    pub(super) fn new(account: AccountRef, sent: UnixTime) -> Self {
        Self {
            account,
            sent,
            outcome: Outcome::Running,
            not_before: None,
            shown: true,
            proved: None,
            saved: false,
            worked: None,
            refusals: 0,
        }
    }

    /// Whether it was a sign-in at all: one that was looked at, and had not gone through, was none.
    pub(super) fn went_out(&self) -> bool {
        !matches!(self.outcome, Outcome::Answered { verdict: Verdict::NoAnswer, .. })
    }
}
