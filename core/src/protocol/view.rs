//! What the background answers, and everything a page shows.

use super::{LockAfter, Notice, PasskeyTerms, Way};
use crate::backup_codes::CodeState;
use crate::capture::{Doubt, KeyState};
use crate::clock::UnixTime;
use crate::code::Recipe;
use crate::label::{Handle, Id};
use crate::long_key::LongKey;
use crate::refusal::Refusal;
use crate::secret::{Secret, exposed};
use crate::services::xquik::{Health, Verdict};
use crate::vault::backup::Preview;
use crate::vault::slots::Terms;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// What the background answers a page.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one at a time, made to be sent; in 32 bits it is none")]
pub enum Answer {
    /// Done; ask for the view if you show one.
    Done,
    /// Done, and this entry or kept draft is what it is about.
    Kept(Id),
    /// Everything a page shows.
    View(View),
    /// What to derive with.
    Terms(Terms),
    /// A recovery code, in groups, to write down.
    Recovery(#[serde(with = "exposed")] Secret),
    /// What a new passkey is made with.
    PasskeyTerms(PasskeyTerms),
    /// One backup code, in groups of four.
    BackupCode(#[serde(with = "exposed")] Secret),
    /// A backup file that was opened again and counted.
    Backup {
        /// The text of the file.
        #[serde(with = "exposed")]
        file: Secret,
        /// How many accounts it holds.
        accounts: u32,
        /// When it was made.
        made: UnixTime,
    },
    /// The text of a file.
    File(#[serde(with = "exposed")] Secret),
    /// What a backup file would add.
    Preview(Preview),
    /// The service answered this instead.
    Verdict(Verdict),
    /// Not done, and why.
    Refused(Refusal),
}

/// How the vault stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// There is none yet: first run.
    None,
    /// No passphrase: "Not locked: anyone who can use or copy this browser profile can read your keys".
    NotLocked,
    /// Open until it is locked.
    Unlocked,
    /// A passphrase is needed.
    Locked,
    /// The store cannot be read; nothing is written.
    Trouble,
}

/// Everything a page shows, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct View {
    /// How the vault stands.
    pub vault: VaultState,
    /// Why it cannot be read, where it cannot.
    pub trouble: Option<Refusal>,
    /// Keys seen on X.
    pub drafts: Vec<DraftView>,
    /// Saved accounts; empty while locked.
    pub entries: Vec<EntryView>,
    /// Xquik, where connected. Accounts and their health are readable while locked.
    pub xquik: Option<XquikView>,
    /// Checklists that were begun.
    pub resets: Vec<ResetView>,
    /// The ways of opening the vault; readable while locked.
    pub ways: Vec<Way>,
    /// Whether it was opened with the recovery code: a new passphrase is due.
    pub recovered: bool,
    /// When it locks by itself.
    pub lock_after: LockAfter,
    /// Whether X's set-up is open and shows nothing that is known.
    pub page_changed: bool,
    /// What happened to the stores.
    pub notices: Vec<Notice>,
    /// Whether raw bytes of a damaged vault are kept.
    pub quarantined: bool,
    /// What was deleted in the last 30 days.
    pub bin: Vec<BinView>,
    /// How many keys and backup codes are in no backup file.
    pub unsaved: u32,
    /// When the last backup file was made.
    pub backup: Option<UnixTime>,
    /// How many seconds this computer's clock is ahead (negative: behind), from 5 on. Codes are corrected by it, unless it is
    /// more than a day.
    pub clock: Option<i64>,
}

/// A deleted account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct BinView {
    /// The entry's id.
    pub id: Id,
    /// The account.
    pub handle: Handle,
    /// When it was deleted.
    pub deleted: UnixTime,
}

/// A key seen on X.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct DraftView {
    /// Its id.
    pub id: Id,
    /// The account, where the page told it.
    pub handle: Option<Handle>,
    /// The first four and the last four characters.
    pub head: String,
    /// See `head`.
    pub tail: String,
    /// When it was seen.
    pub seen: UnixTime,
    /// Whether the user chose to keep it.
    pub kept: bool,
    /// Less than certain: "Is this X's login key?"
    pub ask: bool,
    /// From a private window: nothing is stored before the user has chosen.
    pub private: bool,
    /// How far X is with it.
    pub state: KeyState,
    /// Whether X's set-up is open for it right now.
    pub on_x: bool,
    /// Whether X shows the code field for it right now.
    pub code_wanted: bool,
    /// Whether X refused the code typed last.
    pub code_refused: bool,
    /// Whether a confirmed key of this handle would move to its history.
    pub replaces: bool,
    /// Another key that X shows on the same screen, where they disagree.
    #[serde(default)]
    pub rival: Option<Id>,
}

/// A saved account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct EntryView {
    /// Its id.
    pub id: Id,
    /// The account.
    pub handle: Handle,
    /// The confirmed key's state (confirmed or stale), if there is one.
    pub current: Option<Standing>,
    /// The key that X has not accepted yet, if there is one.
    pub waiting: Option<Standing>,
    /// What X's pages showed against the confirmed key.
    pub doubt: Option<Doubt>,
    /// Whether X's set-up is open for the waiting key right now.
    pub on_x: bool,
    /// Whether X shows the code field for the waiting key right now.
    pub code_wanted: bool,
    /// Whether X refused the code typed last.
    pub code_refused: bool,
    /// Whether X's login asks for a code that it sent by e-mail or text message.
    pub code_sent: bool,
    /// How many older keys are kept in the history.
    pub older: u32,
    /// Its backup codes, oldest first.
    pub backup: Vec<BackupView>,
    /// Whether X's login shows a field that may take a backup code.
    pub backup_wanted: bool,
    /// Whether the last change of the backup codes can be taken back.
    pub backup_undo: bool,
}

/// A backup code, without the code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct BackupView {
    /// Names it within its entry.
    pub added: UnixTime,
    /// What is known of it.
    pub state: CodeState,
    /// Since when.
    pub since: UnixTime,
    /// Whether it is the one for the next login.
    pub next: bool,
}

/// A key's state and since when.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Standing {
    /// Pending, matched, confirmed or stale.
    pub state: KeyState,
    /// Since when.
    pub since: UnixTime,
}

/// Xquik as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct XquikView {
    /// When the accounts were listed last.
    pub checked: Option<UnixTime>,
    /// What went wrong with the last listing.
    pub trouble: Option<Verdict>,
    /// Accounts, those that the user can fix first.
    pub accounts: Vec<AccountView>,
}

/// One account at Xquik.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct AccountView {
    /// Xquik's id.
    pub id: String,
    /// X's handle, as Xquik spells it.
    pub handle: String,
    /// What Xquik says.
    pub health: Health,
    /// What the user can do about it.
    pub group: Group,
    /// The saved entry with the same handle.
    pub entry: Option<Id>,
    /// The state of that entry's sendable key.
    pub key: Option<KeyState>,
    /// No attempt before this moment.
    pub not_before: Option<UnixTime>,
    /// The last sign-in from here.
    pub attempt: Option<Attempt>,
    /// Last successful connect (RFC 3339), where Xquik tells it.
    pub connected: Option<String>,
}

/// Where an account stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// NEEDS YOU.
    NeedsYou,
    /// WAITING: a pause, or a sign-in that runs.
    Waiting,
    /// Nothing to do.
    Fine,
}

/// A sign-in from here: what the journal knows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Attempt {
    /// When it was sent.
    pub sent: UnixTime,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Sent, no answer yet.
    Running,
    /// No answer: it may have gone through. Check the status before any resend.
    Unknown,
    /// Answered.
    Answered {
        /// When.
        at: UnixTime,
        /// With what.
        verdict: Verdict,
    },
}

/// A checklist that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct ResetView {
    /// The account.
    pub handle: Handle,
    /// Steps (1 to 9) that are done.
    pub done: Vec<u8>,
    /// Whether X's settings page was seen with the Authentication App off.
    pub app_off: bool,
}

/// Rows for pages, kept in `storage.session` under the key `rows`, so that a page paints codes without
/// waking the background. Gone when the vault is locked.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Rows {
    /// Rows are void from this moment on (auto-lock); none without a passphrase.
    pub until: Option<UnixTime>,
    /// One row a key that has codes.
    pub rows: Vec<Row>,
}

/// One key that has codes.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Row {
    /// Entry or draft.
    pub id: Id,
    /// The account, where known.
    pub handle: Option<Handle>,
    /// The key.
    #[serde(with = "exposed")]
    pub key: LongKey,
    /// How its codes are made.
    #[serde(default)]
    pub recipe: Recipe,
    /// How far X is with it.
    pub state: KeyState,
    /// Whether this is a draft that is not in the vault yet.
    pub draft: bool,
    /// How many milliseconds this computer's clock is ahead; the row's codes are those of the moment that much before.
    #[serde(default)]
    pub ahead: i64,
}
