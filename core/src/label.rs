//! Names of things: X handles and the ids that Longkey gives.

use crate::refusal::Refusal;
use alloc::{format, string::String};
use core::fmt;
use serde::{Deserialize, Serialize};

/// An X handle without the at sign: 1 to 15 letters, digits or underscores (X's help, "username
/// requirements"). Two handles that differ in case are the same account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Handle(String);

impl Handle {
    /// Reads a handle with or without its at sign.
    ///
    /// # Errors
    /// [`Refusal::HandleShape`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let name = text.trim();
        let name = name.strip_prefix('@').unwrap_or(name);
        let legal = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
        if (1..=15).contains(&name.len()) && name.bytes().all(legal) {
            Ok(Self(name.into()))
        } else {
            Err(Refusal::HandleShape)
        }
    }

    /// The name without at sign, as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for Handle {}

impl TryFrom<String> for Handle {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).map_err(|_| "not an X handle")
    }
}

impl From<Handle> for String {
    fn from(handle: Handle) -> Self {
        handle.0
    }
}

/// An id that Longkey gave: 64 random bits, written as 16 hex digits (a JavaScript number could not hold it).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(u64);

impl Id {
    /// From random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(bytes))
    }

    /// Reads 16 hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 16 || !text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        u64::from_str_radix(text, 16).ok().map(Self)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
impl TryFrom<String> for Id {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not an id")
    }
}
impl From<Id> for String {
    fn from(id: Id) -> Self {
        format!("{id}")
    }
}

/// An account at Xquik: which workspace, and which of its accounts. Written as one word, `<workspace>.<Xquik's id>`, for
/// pages, addresses and the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountRef {
    /// The workspace.
    pub workspace: Id,
    /// Xquik's id, opaque.
    pub id: String,
}

impl AccountRef {
    /// Reads what [`AccountRef`]'s `Display` wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (workspace, id) = text.split_once('.')?;
        (!id.is_empty()).then_some(Self { workspace: Id::parse(workspace)?, id: id.into() })
    }
}

impl fmt::Display for AccountRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.workspace, self.id)
    }
}
impl TryFrom<String> for AccountRef {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not an account of a workspace")
    }
}
impl From<AccountRef> for String {
    fn from(account: AccountRef) -> Self {
        format!("{account}")
    }
}
