//! What an answer makes of a connection that was begun, and how long its next word is waited for.

use super::{AGAIN, Connection, LOST, MOST};
use crate::clock::{Span, UnixTime};
use crate::protocol::Stage;
use crate::services::xquik::Verdict;
use crate::services::xquik::connect::{Asked, Progress};

/// How long a prompt lasts that does not say so.
const PROMPT: Span = Span::minutes(10);
/// No prompt lasts longer, whatever it says: until then nothing can be sent anew.
const LONGEST: Span = Span::minutes(60);
/// For so long it is shown what came of a connection.
const KEPT: Span = Span::days(1);

impl Connection {
    /// What an answer makes of it, and the pause that it asks for. `ahead` is how far this computer's clock is ahead of theirs.
    pub(super) fn take(
        &mut self,
        asked: Asked,
        progress: Progress,
        pause: Option<UnixTime>,
        (now, ahead): (UnixTime, i64),
    ) {
        (self.verdict, self.not_before) = (None, pause);
        match progress {
            Progress::Connected => (self.stage, self.id, self.until) = (Stage::Connected, None, None),
            Progress::Pending { attempt, wait } => {
                let until = now.after(wait);
                self.id = attempt.or(self.id.take());
                // Without an id only the list can tell.
                self.stage = if self.id.is_none() { Stage::Late } else { self.patience(until) };
                self.until = Some(until);
            }
            Progress::Code { challenge, until } => {
                (self.stage, self.id) = (Stage::Code, Some(challenge));
                let until = until.map_or(now.after(PROMPT), |it| it.less(ahead.saturating_neg()));
                self.until = Some(until.min(now.after(LONGEST)));
                // Asked for again after one was sent.
                self.verdict = (asked == Asked::Submit).then_some(Verdict::EmailCode);
            }
            Progress::Gone => (self.stage, self.id, self.until) = (Stage::Unknown, None, None),
            Progress::Unread(verdict) => {
                let until = pause.unwrap_or(now.after(AGAIN));
                self.stage = if is_refusal(&verdict) { Stage::Late } else { self.patience(until) };
                (self.until, self.verdict) = (Some(until), Some(verdict));
            }
            Progress::Failed { verdict, for_good } => {
                let unclear = verdict == Verdict::NoAnswer || verdict.is_open();
                // The code was not looked at, and still is what is asked for.
                let stays = matches!(
                    verdict,
                    Verdict::CodeRefused
                        | Verdict::SlowDown { .. }
                        | Verdict::Unavailable
                        | Verdict::ApiKeyRefused
                        | Verdict::DashboardOnly
                        | Verdict::NotAllowed
                        | Verdict::Offline
                );
                if unclear {
                    self.stage = Stage::Unknown;
                } else if asked == Asked::Submit && stays {
                    self.stage = Stage::Code;
                } else {
                    (self.stage, self.id, self.until) = (Stage::Failed, None, pause);
                }
                (self.verdict, self.for_good) = (Some(verdict), for_good);
            }
        }
    }

    /// Whether the next look, due then, is still made without a click.
    pub(super) fn patience(&self, due: UnixTime) -> Stage {
        if self.has_settled(due) { Stage::Late } else { Stage::Pending }
    }

    /// Whether Xquik has had its time. Begun ahead of now, it was begun before the clock was set back.
    pub(super) fn has_settled(&self, now: UnixTime) -> bool {
        now.since(self.sent) >= MOST || self.sent.is_ahead(now)
    }

    /// Whether it came to nothing if a list does not have it. What has an id can be looked at, so it is given longer, and by a
    /// clock that was set back all of it: Xquik may still be at it.
    pub(super) fn is_given_up(&self, now: UnixTime) -> bool {
        match self.stage {
            Stage::Late if self.id.is_some() => now.since(self.sent) >= LOST,
            Stage::Unknown | Stage::Late => self.has_settled(now),
            _ => false,
        }
    }

    /// Whether nobody looks at it any more and a list might tell what a look does not.
    pub(super) fn is_left_to_the_list(&self) -> bool {
        let same = |it: &Verdict| is_refusal(it) || matches!(it, Verdict::Offline | Verdict::SlowDown { .. });
        self.stage == Stage::Late && !self.verdict.as_ref().is_some_and(same)
    }

    /// Whether it is late because nothing was let through.
    pub(super) fn is_held_up(&self) -> bool {
        self.stage == Stage::Late && self.verdict.as_ref().is_some_and(is_refusal)
    }

    /// Until when nothing is sent for it, as the service asked.
    pub(in crate::app) fn pause(&self, now: UnixTime) -> Option<UnixTime> {
        // Until 22 November 2026 only the verdict had it.
        let until = self.not_before.or_else(|| self.verdict.as_ref()?.until());
        until.filter(|until| *until > now && !self.sent.is_ahead(now))
    }

    /// Whether its pause concerns every new account. A look's is that of another bucket.
    pub(in crate::app) fn is_slowed(&self) -> bool {
        let sent = matches!(self.stage, Stage::Failed | Stage::Code);
        sent && matches!(self.verdict, Some(Verdict::SlowDown { .. }))
    }

    /// Whether its pause concerns sign-ins as well: a code has no limit but the one that it shares with them.
    pub(in crate::app) fn is_of_all(&self) -> bool {
        self.stage == Stage::Code && self.is_slowed()
    }

    /// Whether an answer to this still says something new.
    pub(super) fn awaits(&self, asked: Asked) -> bool {
        match asked {
            Asked::Connect => self.stage == Stage::Running,
            Asked::Submit => self.stage == Stage::Sending,
            Asked::Attempt => matches!(self.stage, Stage::Pending | Stage::Late),
        }
    }

    /// Whether the code is not asked for any more.
    pub(super) fn is_over(&self, now: UnixTime) -> bool {
        self.until.is_none_or(|until| until <= now) || self.sent.is_ahead(now)
    }

    pub(super) fn is_old(&self, now: UnixTime) -> bool {
        let ended = matches!(self.stage, Stage::Connected | Stage::Failed | Stage::Code);
        ended && now.since(self.sent) > KEPT && self.is_over(now) && self.pause(now).is_none()
    }
}

/// Whether nothing is let through before somebody does something about it.
fn is_refusal(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::ApiKeyRefused | Verdict::NotAllowed)
}
