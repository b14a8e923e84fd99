//! How far this computer's clock is off, from the `Date` of replies that come anyway; nothing is asked for its sake. What
//! counts as known is in `clock`.
//!
//! Only codes are corrected: pauses, deadlines and what was seen when all go by this computer's own clock.

use super::App;
use crate::clock::{Drift, Look, UnixTime};
use crate::effect::Effect;
use crate::services::Reply;
use alloc::vec::Vec;

impl App {
    pub(super) fn look_at_clock(&mut self, reply: &Reply, now: UnixTime, out: &mut Vec<Effect>) {
        let Reply::Answer { date: Some(dated), .. } = reply else { return };
        let Some(look) = Look::at(dated) else { return };
        let before = self.memory.drift.told(now);
        self.memory.drift.learn(look, now);
        if self.memory.drift.told(now) != before {
            out.push(Effect::News);
        }
    }

    /// The moment that codes are made for.
    pub(super) fn code_time(&self, now: UnixTime) -> UnixTime {
        now.less(self.memory.drift.applied(now))
    }

    pub(super) fn clock_was_set(&mut self, out: &mut Vec<Effect>) {
        self.memory.drift = Drift::default();
        out.push(Effect::News);
    }
}
