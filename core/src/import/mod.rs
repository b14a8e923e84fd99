//! What other authenticators export, as addresses that are read like a scanned one: a module a format.
//!
//! Deliberately adds nothing: what is found is chosen by the user, read again strictly (`otpauth`) and kept like any key.

pub mod migration;
