//! End to end: the extension built for tests, in real Chromium and real Firefox, against the fakes.
//!
//! Each module is a story; each story is told once and run in both browsers. Nothing is skipped: a
//! missing browser or build fails with the sentence that says what to do.

#![cfg(not(target_arch = "wasm32"))]

mod answers;
mod backup_codes;
mod capture;
mod clock;
mod conflicts;
mod failing;
mod framing;
mod harness;
mod hostile;
mod inbox;
mod layouts;
mod locking;
mod login;
mod main_job;
mod nasty;
mod over_x;
mod passkeys;
mod private;
mod qr;
mod refused;
mod reset;
mod resisting;
mod scan;
mod spending;
mod standins;
mod stores;
mod to_and_fro;
mod torture;
mod troubles;
mod vault_screens;
mod whose;
