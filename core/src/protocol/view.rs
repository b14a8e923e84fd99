//! What the background answers, and everything a page shows.

use super::{ConnectionView, FanslyAccount, FanslyView, LockAfter, Notice, PasskeyTerms, Way};
use crate::backup_codes::CodeState;
use crate::capture::{Doubt, KeyState};
use crate::clock::UnixTime;
use crate::code::Recipe;
use crate::label::{AccountRef, Handle, Id};
use crate::long_key::LongKey;
use crate::refusal::Refusal;
use crate::reset::Task;
use crate::secret::{Secret, exposed};
use crate::services::fansly::Trouble;
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
    /// What to derive a file's passphrase with, once for each; with none of them no passphrase is asked for.
    FileTerms(Vec<Terms>),
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
    /// What is remembered of one account at Xquik.
    Past(PastView),
    /// The service answered this instead.
    Verdict(Verdict),
    /// Fans API answered this instead.
    Fans(Trouble),
    /// A code for Fansly.
    Digits {
        /// The digits.
        #[serde(with = "exposed")]
        code: Secret,
        /// From when on another one is to be asked for.
        until: UnixTime,
    },
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
    /// Workspaces at Xquik. Accounts and their health are readable while locked.
    pub xquik: Vec<XquikView>,
    /// Connections of new accounts that were begun.
    pub connections: Vec<ConnectionView>,
    /// Fans API, where connected. Accounts and their logins are readable while locked.
    pub fansly: Option<FanslyView>,
    /// Keys of Fansly accounts that Fans API does not list; empty while locked.
    pub fansly_keys: Vec<FanslyAccount>,
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
    /// Whether notifications are wanted.
    pub notify: bool,
    /// Whether they name nobody.
    pub hide_names: bool,
    /// Whether accounts are asked for while the vault is locked.
    pub watch_locked: bool,
    /// Whether the popup waits until it is opened.
    pub stays_shut: bool,
    /// When replies last agreed about this computer's clock, right or wrong.
    pub clock_at: Option<UnixTime>,
    /// What X's login asks for right now, in the first tab where it does.
    pub login: Option<LoginView>,
}

/// X's login asks for something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct LoginView {
    /// The account, where the page names it.
    pub handle: Option<Handle>,
    /// What it asks for.
    pub wants: Wanted,
}

/// What X's login asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Six digits.
    Code,
    /// Something that may be a backup code.
    Text,
    /// A code that X sent.
    Sent,
}

/// What is remembered of one account at Xquik.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct PastView {
    /// Changes of its health, the newest first.
    pub turns: Vec<TurnView>,
    /// The last sign-in from here, also one that needs no more showing.
    pub last: Option<Attempt>,
    /// When the key that would be sent was saved.
    pub added: Option<UnixTime>,
    /// When the saved key signed it in last.
    pub worked: Option<UnixTime>,
    /// Two letters: where Xquik signs in from, where it tells.
    pub country: Option<String>,
}

/// A change of health.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct TurnView {
    /// When it was seen.
    pub at: UnixTime,
    /// Into what.
    pub health: Health,
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
    /// Whether it lies in the inbox, encrypted.
    pub sealed: bool,
    /// How far X is with it.
    pub state: KeyState,
    /// Whether X's set-up is open for it right now.
    pub on_x: bool,
    /// Whether X shows the code field for it right now.
    pub code_wanted: bool,
    /// Whether X refused the code typed last.
    pub code_refused: bool,
    /// X's host in the tab that its code would be typed into.
    pub fills_on: Option<String>,
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
    /// Which of the two a service is sent, if one of them may be.
    pub sendable: Option<Standing>,
    /// What X's pages showed against the confirmed key.
    pub doubt: Option<Doubt>,
    /// Whether X's set-up is open for the waiting key right now.
    pub on_x: bool,
    /// Whether X shows the code field for the waiting key right now.
    pub code_wanted: bool,
    /// Whether X refused the code typed last.
    pub code_refused: bool,
    /// X's host in the tab that its code would be typed into, where that is one tab.
    pub fills_on: Option<String>,
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

/// A workspace at Xquik as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct XquikView {
    /// Its id.
    pub id: Id,
    /// What the user calls it; empty where it has no name, and while locked.
    pub name: String,
    /// The last four characters of its API key; empty while locked.
    pub last_four: String,
    /// When the accounts were listed last.
    pub checked: Option<UnixTime>,
    /// What went wrong with the last listing.
    pub trouble: Option<Verdict>,
    /// Until when it takes nothing from anybody.
    pub not_before: Option<UnixTime>,
    /// Accounts, those that the user can fix first.
    pub accounts: Vec<AccountView>,
    /// How many more Xquik has, which are too many for Longkey.
    pub left_out: u32,
}

/// One account at Xquik.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct AccountView {
    /// Which account of which workspace.
    pub id: AccountRef,
    /// X's handle, as Xquik spells it.
    pub handle: String,
    /// What Xquik says.
    pub health: Health,
    /// Since when it says so, as far as was seen from here.
    pub since: Option<UnixTime>,
    /// What the user can do about it.
    pub group: Group,
    /// The saved entry of the same account.
    pub entry: Option<Id>,
    /// The handle of that entry, where X calls the account by another one now.
    pub renamed: Option<Handle>,
    /// Whether there is an entry with this handle that belongs to another account of X: its key is not this one's.
    pub stranger: bool,
    /// The state of that entry's sendable key.
    pub key: Option<KeyState>,
    /// Since when it has that state.
    pub key_since: Option<UnixTime>,
    /// No attempt before this moment.
    pub not_before: Option<UnixTime>,
    /// The last sign-in from here.
    pub attempt: Option<Attempt>,
    /// Last successful connect (RFC 3339), where Xquik tells it.
    pub connected: Option<String>,
    /// How often in a row X refused a sign-in of this account from here; a saved key that was added since begins anew.
    pub refusals: u32,
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
    /// Whether its status is to be looked at before anything is sent again: nobody knows, or the service may still be at it.
    pub open: bool,
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
    /// Tasks that are done.
    pub done: Vec<Task>,
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
