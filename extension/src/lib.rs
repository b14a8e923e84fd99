//! The part of Longkey that touches the browser. It decides nothing that `longkey-core` can decide.

pub mod browser;
pub mod client;
pub mod pages;
pub mod perform;
pub mod worker;
