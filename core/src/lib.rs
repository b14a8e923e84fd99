//! The part of Longkey that thinks: no browser, clock, entropy, disk, network or language.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod app;
pub mod backup_codes;
pub mod base64;
pub mod capture;
pub mod clock;
pub mod code;
pub mod diagnostic;
pub mod effect;
pub mod env;
pub mod gate;
pub mod help;
pub mod import;
pub mod label;
pub mod long_key;
pub mod otpauth;
pub mod protocol;
pub mod refusal;
pub mod reset;
pub mod run;
pub mod secret;
pub mod services;
pub mod sites;
pub mod vault;
