//! Until when nothing is sent: an account's own pause, and what was asked of a whole workspace. Xquik counts sign-ins and codes
//! in one bucket of its user (`rate_limit_exceeded`), whichever account met its end.

use super::App;
use super::connecting::Connection;
use super::memory::Line;
use crate::clock::UnixTime;
use crate::label::{AccountRef, Id};

impl App {
    /// Until when a workspace takes nothing: no sign-in, no new account, no code.
    pub(super) fn pause_of_all(&self, workspace: Id, now: UnixTime) -> Option<UnixTime> {
        let here = |it: &&Line| it.account.workspace == workspace && it.is_of_all();
        let signed = self.stored.journal.iter().filter(here).filter_map(|it| it.pause(now));
        let here = |it: &&Connection| it.account.workspace == workspace && it.is_of_all();
        let begun = self.stored.connections.iter().filter(here).filter_map(|it| it.pause(now));
        signed.chain(begun).max()
    }

    /// Until when a listed account is not signed in.
    pub(super) fn pause_of(&self, account: &AccountRef, now: UnixTime) -> Option<UnixTime> {
        let own = self.line(account).and_then(|it| it.pause(now));
        own.max(self.pause_of_all(account.workspace, now))
    }

    /// Until when a workspace takes no new account: connecting has a limit of its own beside the bucket (10 in 15 minutes).
    pub(super) fn pause_of_new(&self, workspace: Id, now: UnixTime) -> Option<UnixTime> {
        let here = |it: &&Connection| it.account.workspace == workspace && it.is_slowed();
        let begun = self.stored.connections.iter().filter(here).filter_map(|it| it.pause(now));
        begun.max().max(self.pause_of_all(workspace, now))
    }
}
