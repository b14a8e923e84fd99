//! Every word that the contexts say to each other. Audiences are types: what a content script may say
//! ([`FromContent`]) and may hear ([`ToContent`]) cannot be mistaken for what a page asks ([`Question`]).
//!
//! Deliberately absent: a way for a content script to read anything, and a variant of [`ToContent`] that
//! carries a key. The one code that a click asked to fill is the only value it ever gets.

mod connection;
mod content;
mod fansly;
mod question;
mod read;
mod vault;
mod view;

pub use crate::backup_codes::{BackupMark, CodeState};
pub use crate::services::fansly::Address;
pub use crate::vault::backup::Preview;
pub use crate::vault::slots::Terms;
pub use connection::{ConnectionView, Stage};
pub use content::{FromContent, Mark, Picture, Screen, ScreenText, ToContent, ToPage, ToastWords};
pub use fansly::{FanslyAccount, FanslyAct, FanslyStep, FanslyView};
pub use question::{KeyChoice, PasskeyTerms, Question, ResetMark};
use serde::{Deserialize, Serialize};
pub use vault::{LockAfter, Notice, Store, Way};
pub use view::{
    AccountView, Answer, Attempt, BackupView, BinView, DraftView, EntryView, Group, LoginView, Outcome, PastView,
    ResetView, Row, Rows, Standing, TurnView, VaultState, View, Wanted, XquikView,
};

/// What arrives at the background, before the gate has looked at its sender.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// From the sensor on X's pages.
    Content(FromContent),
    /// From one of our own pages.
    Page(Question),
}
