//! From sighting to proof: what a key on X's page may become, and in which order.
//!
//! draft → pending → matched → confirmed → stale. A confirmed key is never overwritten; a page can
//! only ever add a pending one, make a pending one stale, and put a question to a confirmed one. Which evidence
//! counts on X is in `sites::x`.

use serde::{Deserialize, Serialize};

/// What speaks against a confirmed key: a question that the user answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// X's settings showed the Authentication App switched off.
    AppOff,
    /// X's page for turning the Authentication App off was open.
    TurningOff,
}

/// How far X is with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Saved, not yet accepted by X.
    Pending,
    /// The code typed on X was this key's: the right key, not yet accepted.
    Matched,
    /// X accepted it.
    Confirmed,
    /// X does not accept it any more.
    Stale,
}
