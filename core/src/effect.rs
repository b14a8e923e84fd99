//! The closed list of what may be done outside, and of what may happen. Effects are data: a story is a list
//! of events and the effects that must come of it; cut anywhere and replayed it is a crash test.

use crate::clock::UnixTime;
use crate::gate::Admitted;
use crate::label::{AccountRef, Id};
use crate::protocol::{Answer, Rows, ToastWords};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::services::fansly::{Address, FansKey};
use crate::services::xquik::connect::Asked;
use crate::services::xquik::{Account, ApiKey, Health, Verdict};
use crate::services::{Call, Reply};
use crate::sites::qr::{Bitmap, Fingerprint};
use alloc::{borrow::Cow, string::String, vec::Vec};

/// A question that waits for its answer; given out by the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask(pub u32);

/// A key of `storage.local`. The list is closed, so nothing is read or removed wholesale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// One of the two places of the vault.
    Vault0,
    /// The other.
    Vault1,
    /// Which of them holds, and its checksum.
    Head,
    /// The device key, where there is no passphrase.
    Device,
    /// Sealed captures.
    Inbox,
    /// Sign-ins: account id, time, outcome. No secrets.
    Journal,
    /// Accounts as Xquik listed them last.
    Accounts,
    /// New accounts that are being connected. No secrets.
    Connections,
    /// Checklists that were begun.
    Resets,
    /// "There was a vault here."
    Born,
    /// What the user chose, as far as a locked vault needs it.
    Settings,
    /// The language of what is said outside our own pages, where it is not the browser's.
    Language,
    /// Fansly accounts as Fans API listed them last, with their logins. No secrets.
    Fansly,
    /// Raw bytes of a damaged vault.
    Quarantine0,
    /// The one before.
    Quarantine1,
    /// The one before that.
    Quarantine2,
}

impl Key {
    /// Every key.
    pub const ALL: &'static [Self] = &[
        Self::Vault0,
        Self::Vault1,
        Self::Head,
        Self::Device,
        Self::Inbox,
        Self::Journal,
        Self::Accounts,
        Self::Connections,
        Self::Resets,
        Self::Born,
        Self::Settings,
        Self::Language,
        Self::Fansly,
        Self::Quarantine0,
        Self::Quarantine1,
        Self::Quarantine2,
    ];

    /// Raw bytes of damaged vaults, the latest first.
    pub const QUARANTINE: [Self; 3] = [Self::Quarantine0, Self::Quarantine1, Self::Quarantine2];

    /// Its name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vault0 => "vault.0",
            Self::Vault1 => "vault.1",
            Self::Head => "vault.head",
            Self::Device => "device",
            Self::Inbox => "inbox",
            Self::Journal => "journal",
            Self::Accounts => "accounts",
            Self::Connections => "connections",
            Self::Resets => "resets",
            Self::Born => "born",
            Self::Settings => "settings",
            Self::Language => "language",
            Self::Fansly => "fansly",
            Self::Quarantine0 => "quarantine.0",
            Self::Quarantine1 => "quarantine.1",
            Self::Quarantine2 => "quarantine.2",
        }
    }
}

/// A key of the mirror in IndexedDB: what must outlive the loss of `storage.local`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Copy {
    /// The last three generations of the vault take turns, each with its head.
    Vault0,
    /// The next.
    Vault1,
    /// And the next.
    Vault2,
    /// As [`Key::Device`].
    Device,
    /// As [`Key::Inbox`].
    Inbox,
    /// As [`Key::Born`].
    Born,
}

impl Copy {
    /// Every key.
    pub const ALL: &'static [Self] = &[Self::Vault0, Self::Vault1, Self::Vault2, Self::Device, Self::Inbox, Self::Born];
    /// The three that take turns.
    pub const RING: [Self; 3] = [Self::Vault0, Self::Vault1, Self::Vault2];

    /// Its name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vault0 => "vault.0",
            Self::Vault1 => "vault.1",
            Self::Vault2 => "vault.2",
            Self::Device => "device",
            Self::Inbox => "inbox",
            Self::Born => "born",
        }
    }
}

/// What the stores held; a store that did not answer is an error of its own.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// `storage.local`: the keys that were there. Some are secret (the device key), so all are wiped.
    pub local: Result<Vec<(Key, Secret)>, Refusal>,
    /// The mirror.
    pub mirror: Result<Vec<(Copy, Secret)>, Refusal>,
    /// `storage.session`: the worker's memory, if it lived before in this browser session.
    pub memory: Option<Secret>,
}

/// One atomic write of `storage.local`, and one of the mirror after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Write {
    /// The head that must stand there for the write to be allowed; none where the vault is untouched.
    pub over: Option<Option<Secret>>,
    /// What is set, in one `set`.
    pub set: Vec<(Key, Secret)>,
    /// What is removed afterwards.
    pub remove: Vec<Key>,
    /// What follows in the mirror.
    pub mirror: MirrorWrite,
}

/// One transaction of the mirror; empty means none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MirrorWrite {
    /// What is set.
    pub set: Vec<(Copy, Secret)>,
    /// What is removed.
    pub remove: Vec<Copy>,
    /// How much hangs on it.
    pub weight: Weight,
}

/// What a failure of the mirror means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// The write is done all the same, with one copy less.
    #[default]
    Spare,
    /// It counts as failed, although `storage.local` has it: an old copy would still open, or come back.
    Must,
}

/// A write that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// In `storage.local`; nothing was asked of the mirror.
    Here,
    /// In both stores.
    Twice,
    /// In `storage.local`; the mirror failed.
    Once,
}

/// Listing the accounts of one workspace after the other, page by page.
#[derive(Debug)]
pub struct Listing {
    /// Who waits.
    pub ask: Option<Ask>,
    /// Whose accounts.
    pub workspace: Id,
    /// The API key they were asked with.
    pub key: ApiKey,
    /// When the first page was asked for.
    pub asked: UnixTime,
    /// What this first list connects, or gives another key.
    pub joins: Option<Joins>,
    /// Accounts before this page, as far as they are kept.
    pub so_far: Vec<Account>,
    /// How many were listed and not kept.
    pub left_out: u32,
    /// Pages before this one.
    pub pages: u32,
    /// Whether it was begun once more, because its cursor was not taken.
    pub again: bool,
    /// Workspaces that come after this one.
    pub rest: Vec<Id>,
    /// What went wrong first with the workspaces before this one.
    pub failed: Option<Verdict>,
}

/// A workspace that is in the vault once Xquik has taken its API key.
#[derive(Debug)]
pub struct Joins {
    /// What the user calls it.
    pub name: String,
    /// Whether it is one that has another key so far.
    pub replaces: bool,
}

/// What a reply is for.
#[derive(Debug)]
pub enum For {
    /// A page of accounts.
    List(Listing),
    /// A sign-in.
    SignIn {
        /// The account at Xquik.
        account: AccountRef,
        /// The entry and its waiting key (by when it was added) that a success proves.
        proves: Option<(Id, crate::clock::UnixTime)>,
        /// The login region that was sent along.
        region: Option<String>,
    },
    /// A new account: connecting it, a look at the attempt, the e-mailed code.
    Connection {
        /// The workspace, and the handle in small letters.
        account: AccountRef,
        /// When it was begun.
        sent: crate::clock::UnixTime,
        /// Which of the three.
        asked: Asked,
        /// What was sent with it: no id may repeat it.
        secrets: Vec<Secret>,
        /// Who waits.
        ask: Option<Ask>,
    },
    /// A look at one account.
    Check {
        /// The account at Xquik.
        account: AccountRef,
        /// Who waits.
        ask: Ask,
    },
    /// Something at Fans API.
    Fansly(FanslyCall),
}

/// A list of Fansly accounts that is under way.
#[derive(Debug)]
pub struct FansListing {
    /// Who waits.
    pub ask: Ask,
    /// The key it was asked with.
    pub key: FansKey,
    /// Where.
    pub address: Address,
    /// What it is asked for.
    pub purpose: FansPurpose,
}

/// What a list of Fansly accounts is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FansPurpose {
    /// To connect.
    Connect,
    /// To take the place of the key that is there.
    Replace,
    /// To see what is new since the list of this moment, if there is one.
    Refresh(Option<crate::clock::UnixTime>),
}

/// The login that a call is about.
#[derive(Debug)]
pub struct FanslyLogin {
    /// The account.
    pub account: String,
    /// When the step began that it was sent in: its answer says nothing of another one.
    pub since: crate::clock::UnixTime,
    /// The key it was sent with, which no text may repeat.
    pub key: FansKey,
}

/// A call to Fans API.
#[derive(Debug)]
pub enum FanslyCall {
    /// The accounts.
    List(FansListing),
    /// The start of a login.
    Start(FanslyLogin),
    /// A look at it.
    Look(FanslyLogin),
    /// A code for it.
    Code(FanslyLogin),
}

/// What may be done outside.
#[derive(Debug)]
pub enum Effect {
    /// Read both stores; comes back as [`Event::Loaded`].
    Load,
    /// Write `storage.local`; comes back as [`Event::Written`] with `then`.
    Write {
        /// What.
        write: Write,
        /// What is done once it is safely written.
        then: Vec<Effect>,
    },
    /// Keep the worker's memory in `storage.session`.
    Remember(Secret),
    /// Rows for pages, in `storage.session`; none removes them.
    Rows(Option<Rows>),
    /// Answer a question.
    Answer(Ask, Answer),
    /// Send a call once; comes back as [`Event::Replied`].
    Send(Call, For),
    /// Show these words in a tab: [`ToContent::Toast`](crate::protocol::ToContent) in the user's language.
    Tell(i32, ToastWords),
    /// Type a code into X's field in a tab; comes back as [`Event::Filled`].
    Fill(i32, Secret, Ask),
    /// After a write: this draft is in the vault now. The machine's own; until then it stays in memory, so that
    /// a write that fails loses nothing.
    Forget(Id),
    /// After a write: everything was erased. The machine's own.
    Erased,
    /// Read the QR codes in these pictures of a tab; comes back as [`Event::Decoded`].
    Decode(i32, Vec<Bitmap>),
    /// Look what a tab shows; comes back as [`Event::Shows`].
    LookAt(i32),
    /// Tell all pages to ask again.
    News,
    /// Open the popup, for this tab; refused, comes back as [`Event::PopupRefused`].
    OpenPopup(i32),
    /// The toolbar badge; empty removes it.
    Badge(String),
    /// Wake up at this moment; none removes the alarm.
    Alarm(Alarm, Option<crate::clock::UnixTime>),
    /// Come back after this time, as [`Event::Due`]; for moments too near for an alarm (Chromium's are 30 s apart at least).
    Later(Later, crate::clock::Span),
    /// Open a page of ours in a tab.
    OpenPage(Cow<'static, str>),
    /// Show a notification, in the user's own language.
    Notify(Alert),
    /// Bring the sensor into X tabs that were open before.
    WakeSensors,
    /// After how many seconds without input the browser is to say so.
    WatchIdle(u32),
    /// The vault was locked: drop this instance with its memory as soon as nobody waits for it.
    Retire,
}

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alert {
    /// One account needs the user.
    One {
        /// The account at Xquik; a click opens its page.
        account: String,
        /// Whose it is, unless names are hidden.
        handle: Option<String>,
        /// Why.
        health: Health,
    },
    /// So many do.
    Many(u32),
}

/// What a short wait is for. It dies with the worker: whoever waits has an alarm as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Later {
    /// The next look at a Fansly login.
    Fansly,
    /// The next look at an account that is being connected.
    Connection,
    /// The end of what can be taken back.
    Undo,
}

/// Alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// Auto-lock.
    Lock,
    /// Look at the accounts.
    Poll,
    /// Go on with what was followed when the worker ended.
    Follow,
}

impl Alarm {
    /// Its name at the browser.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Poll => "poll",
            Self::Follow => "follow",
        }
    }
    /// The alarm of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Lock, Self::Poll, Self::Follow].into_iter().find(|it| it.name() == name)
    }
}

/// What may happen.
#[derive(Debug)]
pub enum Event {
    /// The extension was installed or updated.
    Installed {
        /// The first time.
        first: bool,
    },
    /// The browser started.
    Started,
    /// The stores were read, or did not answer.
    Loaded(Loaded),
    /// A message from the sensor or a page, admitted by the gate.
    Said(Admitted, Option<Ask>),
    /// The machine's own: an edit that is made once more, because somebody else wrote first.
    Again(Admitted, Ask),
    /// A write is safely done, or not.
    Written {
        /// Whether.
        outcome: Result<Stands, Refusal>,
        /// What was to follow.
        then: Vec<Effect>,
    },
    /// A call was answered.
    Replied(For, Reply),
    /// A fill was done, or there was no field.
    Filled(Ask, bool),
    /// These pictures of a tab were read: the texts of the QR codes in each, none if it has none or cannot be read.
    Decoded(i32, Vec<(Fingerprint, Vec<Secret>)>),
    /// A tab shows this address; none where it is gone, or not ours to see.
    Shows(i32, Option<String>),
    /// The browser did not open the popup.
    PopupRefused(i32),
    /// A short wait is over.
    Due(Later),
    /// An alarm rang.
    Rang(Alarm, Presence),
    /// The person left or came back.
    Presence(Presence),
    /// A tab was closed.
    TabClosed(i32),
    /// A page of ours was opened or closed: so many are open now.
    PagesOpen(u32),
    /// The shortcut for locking was pressed.
    LockPressed,
    /// A notification was pressed. Its id is the account that it was about, if it was about one.
    AlertPressed(String),
}

/// Whether somebody is at the computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Input within the idle time.
    Active,
    /// No input for the idle time.
    Idle,
    /// The screen is locked.
    Locked,
}
