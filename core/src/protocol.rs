//! Every word that the contexts say to each other. Audiences are types: what a content script may say
//! ([`FromContent`]) and may hear ([`ToContent`]) cannot be mistaken for what a page asks ([`Question`]).
//!
//! Deliberately absent: a way for a content script to read anything, and a variant of [`ToContent`] that
//! carries a key. The one code that a click asked to fill is the only value it ever gets.

use crate::capture::KeyState;
use crate::clock::UnixTime;
use crate::code::Recipe;
use crate::label::{Handle, Id};
use crate::long_key::LongKey;
use crate::refusal::Refusal;
use crate::secret::{Secret, exposed};
use crate::services::xquik::{Health, Verdict};
use crate::vault::work::Work;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// What arrives at the background, before the gate has looked at its sender.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// From the sensor on X's pages.
    Content(FromContent),
    /// From one of our own pages.
    Page(Question),
}

/// What the sensor may say. It offers; it asks nothing.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FromContent {
    /// What a watched page shows now.
    Saw(Screen),
    /// What stood in X's code field when it was submitted.
    Typed(String),
    /// The watched page is no longer shown.
    Left,
}

/// What a watched page shows: the text of visible elements inside the scope, and which landmarks are there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Screen {
    /// Elements in document order; children after their parents.
    pub texts: Vec<ScreenText>,
    /// Landmarks in the scope.
    pub marks: Vec<Mark>,
    /// The signed-in handle, where the page tells it.
    #[serde(default)]
    pub handle: Option<String>,
}

/// The whole text of one visible element.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct ScreenText {
    /// Index of the nearest collected element around it.
    #[serde(default)]
    pub within: Option<u32>,
    /// NFKC text, blocks separated by line feeds.
    pub text: String,
}

/// Landmarks that the sensor names; `core::sites::x` says by which selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The scope is a modal dialog.
    Dialog,
    /// The Next button of the QR and secret steps.
    ShowCodeNext,
    /// A canvas or picture where the QR stands.
    Qr,
    /// The field for the confirmation code.
    CodeField,
    /// The button of the success step.
    Success,
    /// A toast with an error.
    Toast,
    /// Settings: the Authentication App is switched on.
    AppOn,
    /// Settings: the Authentication App is switched off.
    AppOff,
}

/// What the sensor may hear.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToContent {
    /// Show words in the toast. Words only.
    Toast(ToastWords),
    /// Type this code into X's code field; the user's click asked for it.
    Fill(#[serde(with = "exposed")] Secret),
}

/// The sentences that a toast may show; the sensor looks them up in `_locales`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToastWords {
    /// "X is showing a login key. Open Longkey."
    KeySeen,
    /// "Saved."
    Saved,
    /// "Not saved. Copy the key now."
    NotSaved,
}

/// To all open pages: ask again. It says nothing else.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToPage {
    /// Something changed.
    News,
}

/// Which key a sign-in uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChoice {
    /// Send the saved key.
    Saved,
    /// Use the one Xquik has: nothing is sent.
    Theirs,
    /// This account has no Authenticator App: nothing is sent.
    NoApp,
}

/// What a page asks of the background.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Question {
    /// Everything a page shows, without secrets. Answer: [`Answer::View`].
    View,
    /// [Save and get the code]: keep this sighting for that account.
    KeepDraft {
        /// The sighting.
        draft: Id,
        /// The account it belongs to.
        handle: String,
    },
    /// [Not now]: forget this sighting.
    DropDraft {
        /// The sighting.
        draft: Id,
    },
    /// [Fill on X]: type the code of this entry (or of a kept draft) into X's field.
    Fill {
        /// Entry or draft.
        id: Id,
    },
    /// A key typed or pasted by hand: base32 or an `otpauth` address.
    AddKey {
        /// What was pasted.
        #[serde(with = "exposed")]
        text: Secret,
        /// The account; may be empty if the address names it.
        handle: String,
    },
    /// "X accepted it": the pending key is confirmed by hand.
    Accepted {
        /// The entry.
        entry: Id,
    },
    /// [X refuses this key]: the confirmed key is stale.
    Refuses {
        /// The entry.
        entry: Id,
    },
    /// Remove an entry with its keys.
    Delete {
        /// The entry.
        entry: Id,
    },
    /// Go on without a passphrase: a vault with a device slot.
    SkipPassphrase,
    /// What a new passphrase is to be derived with. Answer: [`Answer::Terms`].
    NewPassphraseTerms,
    /// Set the passphrase; new vault key.
    SetPassphrase {
        /// The terms that [`Question::NewPassphraseTerms`] gave.
        terms: Terms,
        /// What Argon2id derived, base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// What the passphrase is to be derived with. Answer: [`Answer::Terms`].
    UnlockTerms,
    /// Open the vault.
    Unlock {
        /// The terms that [`Question::UnlockTerms`] gave.
        terms: Terms,
        /// What Argon2id derived, base64.
        #[serde(with = "exposed")]
        derived: Secret,
    },
    /// Lock now.
    Lock,
    /// Connect Xquik with this API key: lists the accounts once; saved only if Xquik takes it.
    /// Answer: [`Answer::Done`], [`Answer::Verdict`] or [`Answer::Refused`].
    Connect {
        /// `xq_` and 64 hex digits.
        #[serde(with = "exposed")]
        api_key: Secret,
    },
    /// Forget the API key and the accounts.
    Disconnect,
    /// Ask Xquik for the accounts. Answer as for [`Question::Connect`].
    Refresh,
    /// Sign this account in again: one POST.
    SignIn {
        /// Xquik's account id.
        account: String,
        /// X's password: lives in this message and in one request.
        #[serde(with = "exposed")]
        password: Secret,
        /// Which key.
        key: KeyChoice,
        /// Replaces the e-mail stored at Xquik.
        #[serde(default)]
        email: Option<String>,
        /// Two letters.
        #[serde(default)]
        region: Option<String>,
    },
    /// What does Xquik say about this account now? (GET)
    CheckStatus {
        /// Xquik's account id.
        account: String,
    },
    /// [Done] on a result: it needs no more showing.
    Dismiss {
        /// Xquik's account id.
        account: String,
    },
    /// Start or end X's reset checklist for a handle, or tick a step of it.
    Reset {
        /// The account.
        handle: String,
        /// What to do.
        mark: ResetMark,
    },
}

/// What happens to a checklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetMark {
    /// Begin at step 1.
    Start,
    /// This step (1 to 9) is done.
    Done(u8),
    /// This step is not done after all.
    Undone(u8),
    /// Put the list away.
    End,
}

/// How a slot's secret is derived.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Terms {
    /// The slot.
    pub slot: Id,
    /// Salt of Argon2id, base64.
    pub salt: String,
    /// Cost of Argon2id.
    pub work: Work,
}

/// What the background answers a page.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Done; ask for the view if you show one.
    Done,
    /// Done, and this entry or kept draft is what it is about.
    Kept(Id),
    /// Everything a page shows.
    View(View),
    /// What to derive with.
    Terms(Terms),
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
    /// How far X is with it.
    pub state: KeyState,
    /// Whether X shows the code field for it right now.
    pub code_wanted: bool,
    /// Whether X refused the code typed last.
    pub code_refused: bool,
    /// Whether a confirmed key of this handle would move to its history.
    pub replaces: bool,
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
    /// Whether X shows the code field for the waiting key right now.
    pub code_wanted: bool,
    /// Whether X refused the code typed last.
    pub code_refused: bool,
    /// How many older keys are kept in the history.
    pub older: u32,
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
}
