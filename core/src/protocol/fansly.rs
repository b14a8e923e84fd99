//! Fansly at Fans API, as pages see it and as the journal keeps it: the same words, since neither has a secret in it.

use crate::clock::{Span, UnixTime};
use crate::services::fansly::Trouble;
use crate::services::foreign::Fields;
use crate::vault::Vault;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// Fans API as a page shows it, and without address and key as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, rename_all = "snake_case")]
pub struct FanslyView {
    /// Whether the address that it had before is asked; not told while locked.
    pub old: bool,
    /// The last four characters of the key; empty while locked.
    pub last_four: String,
    /// When the accounts were listed last.
    pub checked: Option<UnixTime>,
    /// What went wrong with the last listing: a [`Trouble`]'s status.
    pub status: Option<u16>,
    /// And its pause.
    pub until: Option<UnixTime>,
    /// Accounts, in the order of the service.
    pub accounts: Vec<FanslyAccount>,
}

/// One account, with what the journal knows of its login.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Fields")]
pub struct FanslyAccount {
    /// The service's id.
    pub id: String,
    /// `@username`, else its display name.
    pub name: String,
    /// Whether the service has it signed in.
    pub signed_in: bool,
    /// How far the login from here is.
    pub step: FanslyStep,
    /// When it was started, a code was sent or [Check status] was pressed last: it is followed for five minutes from then.
    pub since: UnixTime,
    /// What kind of code is asked for: 0 of the authenticator app, 2 by e-mail.
    pub kind: Option<u64>,
    /// The masked address that a code was sent to.
    pub sent_to: Option<String>,
    /// Whether the last code was not accepted.
    pub wrong: bool,
    /// What the service says, reduced to plain words.
    pub said: Option<String>,
    /// What went wrong last: a [`Trouble`]'s status.
    pub status: Option<u16>,
    /// And its pause.
    pub until: Option<UnixTime>,
    /// When a code was sent last.
    pub coded: Option<UnixTime>,
    /// Whether the background looks at it by itself.
    pub followed: bool,
    /// Whether the long key of its authenticator is saved here; never told while locked.
    pub key: bool,
    /// Whether one that was in use before is still kept; never told while locked.
    pub key_before: bool,
}

impl FanslyAccount {
    /// What went wrong last.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        Some(Trouble { status: self.status?, until: self.until })
    }

    /// Tells which keys a vault has for it.
    pub fn tell_keys(&mut self, vault: &Vault) {
        self.key = vault.fansly_key(&self.id).is_some();
        self.key_before = vault.has_fansly_key_before(&self.id);
    }

    /// Whether the service asked for a pause that has not ended. One of a step that lies ahead was asked for before the clock was
    /// set back: how much of it is left nobody knows.
    #[must_use]
    pub fn is_paused(&self, now: UnixTime) -> bool {
        self.until.is_some_and(|until| until > now) && !self.since.is_ahead(now)
    }

    /// Whether a text of the service may repeat a code that was sent, which is kept nowhere to compare it with: codes live
    /// for minutes.
    #[must_use]
    pub fn may_repeat_a_code(&self, now: UnixTime) -> bool {
        self.coded.is_some_and(|sent| now.since(sent) < Span::minutes(60))
    }

    /// Notes what went wrong, or that nothing did.
    pub fn has(&mut self, trouble: Option<Trouble>) {
        self.status = trouble.map(|it| it.status);
        self.until = trouble.and_then(|it| it.until);
    }
}

impl From<Fields> for FanslyAccount {
    fn from(mut it: Fields) -> Self {
        Self {
            id: it.word("id").unwrap_or_default(),
            name: it.word("name").unwrap_or_default(),
            signed_in: it.truth("signed_in").unwrap_or_default(),
            step: FanslyStep::named(&it.word("step").unwrap_or_default()),
            since: UnixTime(it.number("since").unwrap_or_default()),
            kind: it.number("kind"),
            sent_to: it.word("sent_to"),
            wrong: it.truth("wrong").unwrap_or_default(),
            said: it.word("said"),
            status: it.number("status").and_then(|it| it.try_into().ok()),
            until: it.number("until").map(UnixTime),
            coded: it.number("coded").map(UnixTime),
            followed: it.truth("followed").unwrap_or_default(),
            key: it.truth("key").unwrap_or_default(),
            key_before: it.truth("key_before").unwrap_or_default(),
        }
    }
}

/// How far a login from here is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FanslyStep {
    /// None was started, or its result was read.
    #[default]
    Idle,
    /// The start is under way.
    Starting,
    /// It runs.
    Working,
    /// The service did not start it; it is looked at before that is said.
    Looking,
    /// A code is asked for.
    Code,
    /// A code was sent.
    Checking,
    /// Signed in.
    Done,
    /// It was signed in before.
    Already,
    /// It cannot be started now.
    NotNow,
    /// Fansly refused it.
    Refused,
    /// Five minutes have passed.
    Unfinished,
    /// The service does not answer this as it should.
    Stopped,
}

impl FanslyStep {
    /// The step of that name; one that is not known is none.
    fn named(word: &str) -> Self {
        match word {
            "starting" => Self::Starting,
            "working" => Self::Working,
            "looking" => Self::Looking,
            "code" => Self::Code,
            "checking" => Self::Checking,
            "done" => Self::Done,
            "already" => Self::Already,
            "not_now" => Self::NotNow,
            "refused" => Self::Refused,
            "unfinished" => Self::Unfinished,
            "stopped" => Self::Stopped,
            _ => Self::Idle,
        }
    }

    /// Whether the background looks at it by itself.
    #[must_use]
    pub fn is_followed(self) -> bool {
        matches!(self, Self::Starting | Self::Working | Self::Looking | Self::Checking)
    }
}

/// What a page wants of one account. Read by `read`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FanslyAct {
    /// [Sign in again]: one POST.
    SignIn,
    /// [Check status]: it is looked at, and followed for five minutes more.
    Check,
    /// [Done] on a result.
    Done,
    /// The six digits of the saved key. Answer: [`super::Answer::Digits`].
    Digits,
    /// The saved key is not used any more; for 30 days it is kept.
    ForgetKey,
    /// The key that was in use before is used again.
    KeyBefore,
}
