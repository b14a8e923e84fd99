//! An account as Xquik tells of it, and how its sign-in stands.

use super::super::foreign::{Fields, is_number, is_time};
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// What Xquik says about an account's sign-in. An open set: unknown words behave like `TemporaryIssue`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Health {
    /// Signed in.
    Healthy,
    /// Needs a sign-in with current credentials.
    NeedsReauth,
    /// X locked the account.
    Locked,
    /// X suspended the account.
    Suspended,
    /// A pause is over; Xquik reconnects by itself.
    Recovering,
    /// A passing problem.
    TemporaryIssue,
    /// A word that this version does not know. It is not kept: an answer that echoes what was sent would bring a
    /// password to the screen, and into a list that is stored without a seal.
    Other,
}

impl Health {
    /// The name of its sentence, after `health_`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::NeedsReauth => "needs_reauth",
            Self::Locked => "locked",
            Self::Suspended => "suspended",
            Self::Recovering => "recovering",
            Self::TemporaryIssue | Self::Other => "temporary_issue",
        }
    }
    /// Every code there is.
    pub const CODES: &'static [&'static str] =
        &["healthy", "needs_reauth", "locked", "suspended", "recovering", "temporary_issue"];
}

impl From<String> for Health {
    fn from(word: String) -> Self {
        match word.as_str() {
            "healthy" => Self::Healthy,
            "needsReauth" => Self::NeedsReauth,
            "locked" => Self::Locked,
            "suspended" => Self::Suspended,
            "recovering" => Self::Recovering,
            "temporaryIssue" => Self::TemporaryIssue,
            _ => Self::Other,
        }
    }
}

impl From<Health> for String {
    fn from(health: Health) -> Self {
        match health {
            Health::Healthy => "healthy".into(),
            Health::NeedsReauth => "needsReauth".into(),
            Health::Locked => "locked".into(),
            Health::Suspended => "suspended".into(),
            Health::Recovering => "recovering".into(),
            Health::TemporaryIssue => "temporaryIssue".into(),
            Health::Other => "other".into(),
        }
    }
}

/// An account as Xquik lists it, and as it is kept under the same names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Xquik's id, opaque.
    pub id: String,
    /// The handle, without at sign.
    #[serde(rename = "xUsername")]
    pub handle: String,
    /// X's own number of the account, which stays when its handle changes.
    #[serde(rename = "xUserId", default, skip_serializing_if = "Option::is_none")]
    pub x_user: Option<String>,
    /// How its sign-in stands.
    pub health: Health,
    /// `active` in today's contract.
    #[serde(default)]
    pub status: String,
    /// Last successful connect (RFC 3339).
    #[serde(rename = "connectedAt", default, skip_serializing_if = "Option::is_none")]
    pub connected: Option<String>,
    /// The same, by its older name (until about October 2026); an answer may carry both.
    #[serde(rename = "cookiesObtainedAt", default, skip_serializing_if = "Option::is_none")]
    pub connected_before: Option<String>,
    /// Two letters, where Xquik signed in from another country than asked.
    #[serde(rename = "loginCountry", default, skip_serializing_if = "Option::is_none")]
    pub login_country: Option<String>,
}

/// The fields that are read.
const NAMES: [&str; 8] =
    ["id", "xUsername", "xUserId", "health", "status", "connectedAt", "cookiesObtainedAt", "loginCountry"];

impl Account {
    /// Reads one. Without an id, a handle or a health there is none, nor where one of its fields is said twice: which of the
    /// two counts nobody knows.
    pub(super) fn read(mut from: Fields) -> Option<Self> {
        let account = Self {
            id: from.word("id")?,
            handle: from.word("xUsername")?,
            x_user: from.word("xUserId").filter(|it| is_number(it)),
            health: from.word("health")?.into(),
            status: from.word("status").unwrap_or_default(),
            connected: from.word("connectedAt").filter(|it| is_time(it)),
            connected_before: from.word("cookiesObtainedAt").filter(|it| is_time(it)),
            login_country: from.word("loginCountry"),
        };
        NAMES.into_iter().all(|name| from.take(name).is_none()).then_some(account)
    }

    /// Whether its names are such that they can be kept and shown: an answer is a megabyte at most, and so could a name be.
    #[must_use]
    pub fn fits(&self) -> bool {
        let country = self.login_country.as_deref().unwrap_or_default();
        let short = [self.handle.as_str(), &self.status, country].into_iter().all(|it| it.len() <= 60);
        short && (1..=200).contains(&self.id.len())
    }
}
