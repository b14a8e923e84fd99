//! What an answer makes of a connection that was begun, and how long its next word is waited for.

use super::{AGAIN, Connection, MOST};
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
    /// What an answer makes of it. `ahead` is how far this computer's clock is ahead of theirs.
    pub(super) fn take(&mut self, asked: Asked, progress: Progress, now: UnixTime, ahead: i64) {
        self.verdict = None;
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
                let refused = matches!(verdict, Verdict::ApiKeyRefused | Verdict::NotAllowed);
                let until = verdict.until().unwrap_or(now.after(AGAIN));
                self.stage = if refused { Stage::Late } else { self.patience(until) };
                self.until = Some(until);
                self.verdict = Some(verdict);
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
                    (self.stage, self.id, self.until) = (Stage::Failed, None, verdict.until());
                }
                (self.verdict, self.for_good) = (Some(verdict), for_good);
            }
        }
    }

    /// Whether the next look, due then, is still made without a click.
    pub(super) fn patience(&self, due: UnixTime) -> Stage {
        if due.since(self.sent) >= MOST { Stage::Late } else { Stage::Pending }
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
        self.until.is_none_or(|until| until <= now)
    }

    pub(super) fn is_old(&self, now: UnixTime) -> bool {
        let ended = matches!(self.stage, Stage::Connected | Stage::Failed | Stage::Code);
        ended && now.since(self.sent) > KEPT && self.is_over(now)
    }
}
