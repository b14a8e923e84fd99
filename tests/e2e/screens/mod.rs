//! Every screen and state of Longkey, once: looked at by axe (light and dark, left to right and right to left), at 320 px, at
//! 200 %, with longer words, without motion, in forced colours, and compared with its pictures on record (`tests/album`; a tab in
//! its whole height). One staged browser a group, one pass.
//!
//! `cargo xtask screenshots` runs the same walk to take pictures (in every language) or to renew the records (`--accept`).
//! Deliberately tells no story: what a screen does is told elsewhere.

mod first;
mod key;
mod many;
mod page;
mod scene;
mod services;
mod tree;
mod trouble;
mod vault;
mod walk;

pub(super) use page::STILL;
pub(super) use walk::is_accessible;
