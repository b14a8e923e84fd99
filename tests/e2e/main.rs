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
mod cut_off;
mod downloads;
mod failing;
mod fansly;
mod flows;
mod framing;
mod harness;
mod help;
mod hostile;
mod inbox;
mod languages;
mod layouts;
mod locking;
mod login;
mod main_job;
mod many;
mod nasty;
mod new_account;
mod new_account_answers;
mod one_post;
mod over_x;
mod passkeys;
mod private;
mod qr;
mod refused;
mod reset;
mod resisting;
mod scan;
mod screens;
mod settings;
mod spending;
mod spoken;
mod standins;
mod store_pictures;
mod stores;
mod to_and_fro;
mod torture;
mod troubles;
mod vault_screens;
mod watching;
mod whose;
mod workspaces;
