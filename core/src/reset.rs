//! The reset of an Authentication App as a checklist: nine tasks in the order in which X's own screens ask for them (as
//! recorded in November 2026). The one place that knows their numbers.

use serde::{Deserialize, Serialize};

/// A task. Its number stands in the stores and in the names of its words (`reset_1` to `reset_9`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(into = "u8", try_from = "u8")]
#[repr(u8)]
pub enum Task {
    /// X's settings, the page about security.
    Security = 1,
    /// The app, among the ways of two-factor authentication.
    TheApp,
    /// Off, then on: from here on X does not know the old key any more.
    OffAndOn,
    /// "Can’t scan the QR code?".
    LongKey,
    /// The key is saved here.
    Save,
    /// And in the user's own authenticator: a wish.
    OwnApp,
    /// The six digits: X takes the new key, and then gives a backup code.
    Digits,
    /// This code is kept.
    BackupCode,
    /// The service signs in with the new key.
    SignIn,
}

impl Task {
    /// All, in order.
    pub const ALL: [Self; 9] = [
        Self::Security,
        Self::TheApp,
        Self::OffAndOn,
        Self::LongKey,
        Self::Save,
        Self::OwnApp,
        Self::Digits,
        Self::BackupCode,
        Self::SignIn,
    ];
    /// What lies behind a user who sees the long key.
    pub const BEFORE_THE_KEY: &[Self] = &[Self::Security, Self::TheApp, Self::OffAndOn, Self::LongKey];

    /// 1 to 9.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The task of a number.
    #[must_use]
    pub fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.number() == number)
    }

    /// The first that is not done; the last, where all are. Once X has taken the code nothing waits for the key in the
    /// user's own authenticator.
    #[must_use]
    pub fn next(done: &[Self]) -> Self {
        let waits = |it: &Self| !done.contains(it) && (*it != Self::OwnApp || !done.contains(&Self::Digits));
        Self::ALL.into_iter().find(waits).unwrap_or(Self::SignIn)
    }
}

impl From<Task> for u8 {
    fn from(task: Task) -> Self {
        task.number()
    }
}

impl TryFrom<u8> for Task {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::of(number).ok_or("no task of the checklist")
    }
}
