//! What Longkey promises for its worst moments, tried on real browsers: kills in the middle of writing
//! ([`kills`]), a search of the whole profile for secrets ([`canary`]), and one of the browser's memory
//! ([`memory`]). `cargo xtask torture` runs them long, the end-to-end tests briefly.
//!
//! Each comes with a control that must fail, so that a run which could not have found anything is no proof.
//! Deliberately prints nothing: figures are for the caller.

pub mod canary;
pub mod kills;
mod ledger;
mod leveldb;
pub mod memory;
pub mod needles;
pub mod profile;
mod sqlite;
mod unpack;
