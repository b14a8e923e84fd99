//! Words about the vault that questions and views share: ways in, when it locks, what happened to its stores.

use super::PasskeyTerms;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// A way of opening the vault.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// A passphrase.
    Passphrase {
        /// Whether its slot had to be made with less memory than usual.
        small: bool,
    },
    /// A recovery code.
    Recovery,
    /// A passkey.
    Passkey {
        /// What its secret is asked with.
        terms: PasskeyTerms,
        /// WebAuthn's id of the credential, base64.
        credential: String,
    },
}

/// When the vault locks by itself. It also locks when the browser starts, and when the screen is locked where the browser
/// tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LockAfter {
    /// After so many minutes without input: 1, 5, 15 or 60.
    Minutes(u32),
    /// When the last page of Longkey is closed, at the latest after 60 minutes without input.
    Closed,
    /// Not while the browser is open.
    Restart,
}

impl Default for LockAfter {
    fn default() -> Self {
        Self::Minutes(15)
    }
}

/// One of the two stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Store {
    /// `storage.local`.
    Local,
    /// The copy in IndexedDB.
    Mirror,
}

/// What happened to the stores, until the user has read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The vault was damaged in its store or gone from it; the newest that is whole is used, what lay there is kept.
    Restored,
    /// The store held an older state than the copy: the newer one is used.
    WasOlder,
    /// Only the copy can be read: nothing is saved until the store answers again.
    ReadOnly,
    /// The copy could not be written twice in a row: the vault is in one store only.
    NoCopy,
}
