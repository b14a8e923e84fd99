//! Connections of new accounts as a page shows them.

use crate::clock::UnixTime;
use crate::label::{AccountRef, Handle};
use crate::services::xquik::Verdict;
use serde::{Deserialize, Serialize};

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Sent, no answer yet.
    Running,
    /// No answer: it may have gone through. The list is looked at before any resend.
    Unknown,
    /// Xquik works on it, and is asked again by itself.
    Pending,
    /// Xquik may still work on it, and is asked by a click.
    Late,
    /// X has e-mailed a code.
    Code,
    /// The code was sent, no answer yet.
    Sending,
    /// It is there.
    Connected,
    /// It came to nothing.
    Failed,
}

/// A connection that was begun: what the journal knows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct ConnectionView {
    /// The workspace, and the handle in small letters.
    pub account: AccountRef,
    /// The handle as it was typed.
    pub handle: Handle,
    /// When it was sent.
    pub sent: UnixTime,
    /// How far it is.
    pub stage: Stage,
    /// Until when the code is asked for; the end of a pause.
    pub until: Option<UnixTime>,
    /// What the last answer meant, where it was no progress.
    pub verdict: Option<Verdict>,
    /// Whether Xquik says that the same again would fail again.
    pub for_good: bool,
}
