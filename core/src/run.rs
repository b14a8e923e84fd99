//! A run: accounts that need the user, signed in again one after the other. What is next, when to stop, what to say at
//! the end; pure functions over what the journal knows, since whoever opens the page again must read the same.
//!
//! Deliberately keeps nothing and sends nothing: a run is no thing of its own that could be lost, only attempts that
//! followed each other.

use crate::clock::{Span, UnixTime};

/// Attempts further apart than this belong to different runs.
const GAP: Span = Span::minutes(30);

/// What came of the last attempt, as far as a run cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Came {
    /// There was none.
    #[default]
    Nothing,
    /// Sent, no answer yet.
    Running,
    /// Nobody knows: to be looked at before anything is sent again.
    Unknown,
    /// Signed in.
    SignedIn,
    /// 422: X refused it.
    Refused,
    /// 401: the service did not take the API key, nothing went to X.
    KeyRefused,
    /// 429 of the service, which concerns every account.
    SlowDown,
    /// Nothing was tried: offline, no password, or a pause that was running already.
    Untried,
    /// Any other answer.
    Other,
}

impl Came {
    /// By the word of an outcome: `running`, `unknown`, or a verdict's code.
    #[must_use]
    pub fn named(word: &str) -> Self {
        match word {
            "" => Self::Nothing,
            "running" => Self::Running,
            "unknown" | "no_answer" => Self::Unknown,
            "signed_in" => Self::SignedIn,
            "login_failed" | "passkey_required" => Self::Refused,
            "api_key_refused" => Self::KeyRefused,
            "slow_down" => Self::SlowDown,
            "offline" | "password_missing" | "cooldown" => Self::Untried,
            _ => Self::Other,
        }
    }
}

/// What is known of one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Whether the service wants a sign-in.
    pub needs: bool,
    /// When the last attempt was sent.
    pub sent: UnixTime,
    /// What came of it.
    pub came: Came,
    /// No attempt before this moment.
    pub until: Option<UnixTime>,
    /// Whether a key is saved here that X accepts.
    pub key_works: bool,
}

/// Where an account stands in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Not part of it.
    Out,
    /// Wants a password.
    Ready,
    /// Under way.
    Running,
    /// Its status is to be checked first.
    Check,
    /// Not before this moment.
    Later(UnixTime),
    /// Signed in, in this run.
    Signed,
    /// X refused it, and no key is saved that X accepts: most likely that is why.
    NeedsKey,
    /// Answered otherwise; not tried again by itself.
    Refused,
}

impl Known {
    fn is_attempt(&self) -> bool {
        self.came != Came::Nothing
    }

    /// Where it stands in the run that began then.
    #[must_use]
    pub fn place(&self, began: UnixTime, now: UnixTime) -> Place {
        let in_run = self.is_attempt() && self.sent >= began;
        match self.came {
            Came::Running => Place::Running,
            Came::Unknown => Place::Check,
            // Even if a list that was asked for before says otherwise: a second sign-in is not offered at once.
            Came::SignedIn if in_run => Place::Signed,
            _ => match self.until.filter(|until| *until > now && (self.needs || in_run)) {
                Some(until) => Place::Later(until),
                None => match self.came {
                    Came::Refused if in_run && !self.key_works => Place::NeedsKey,
                    Came::Refused | Came::Other if in_run => Place::Refused,
                    _ if self.needs => Place::Ready,
                    _ => Place::Out,
                },
            },
        }
    }
}

/// When the run began that goes on now; this moment, if none does.
#[must_use]
pub fn began(all: &[Known], now: UnixTime) -> UnixTime {
    let mut first = now;
    loop {
        let near = |it: &&Known| it.is_attempt() && it.sent < first && first.since(it.sent) <= GAP;
        match all.iter().filter(near).map(|it| it.sent).min() {
            Some(earlier) => first = earlier,
            None => return first,
        }
    }
}

/// Why nothing is sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The service asked for a pause: it goes on by itself then.
    Pause(UnixTime),
    /// The service asked to slow down and named no time.
    SlowDown,
    /// Two refusals in a row: the same mistake should not be made two hundred times.
    TwoRefusals,
    /// The API key is not accepted.
    ApiKey,
}

/// Whether the run stands still. What was sent up to `past` has been seen, and the user wants to go on. `slowed` is until when the
/// service takes nothing, whoever made it say so, and however long ago.
#[must_use]
pub fn halt(
    all: &[Known],
    slowed: Option<UnixTime>,
    began: UnixTime,
    past: Option<UnixTime>,
    now: UnixTime,
) -> Option<Halt> {
    let in_run = |it: &&Known| it.is_attempt() && it.sent >= began;
    let news = |it: &&Known| in_run(it) && past.is_none_or(|past| it.sent > past);
    if let Some(until) = slowed.filter(|until| *until > now) {
        return Some(Halt::Pause(until));
    }
    if all.iter().filter(news).any(|it| it.came == Came::KeyRefused) {
        return Some(Halt::ApiKey);
    }
    if all.iter().filter(news).any(|it| it.came == Came::SlowDown && it.until.is_none()) {
        return Some(Halt::SlowDown);
    }
    let (mut last, mut before): (Option<&Known>, Option<&Known>) = (None, None);
    let open = |it: &&Known| matches!(it.came, Came::Running | Came::Unknown | Came::Untried | Came::SlowDown);
    for known in all.iter().filter(news).filter(|it| !open(it)) {
        if last.is_none_or(|it| it.sent <= known.sent) {
            before = last.replace(known);
        } else if before.is_none_or(|it| it.sent <= known.sent) {
            before = Some(known);
        }
    }
    let refused = |it: Option<&Known>| it.is_some_and(|it| it.came == Came::Refused);
    (refused(last) && refused(before)).then_some(Halt::TwoRefusals)
}

/// What a run has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Want a password.
    pub ready: u32,
    /// Under way.
    pub running: u32,
    /// To be checked first.
    pub check: u32,
    /// Paused.
    pub later: u32,
    /// When the first pause ends.
    pub next: Option<UnixTime>,
    /// Signed in.
    pub signed: u32,
    /// Need their key.
    pub key: u32,
    /// Did not work for another reason.
    pub refused: u32,
}

impl Sum {
    /// Counts one account.
    pub fn add(&mut self, place: Place) {
        match place {
            Place::Out => {}
            Place::Ready => self.ready += 1,
            Place::Running => self.running += 1,
            Place::Check => self.check += 1,
            Place::Later(until) => {
                self.later += 1;
                self.next = Some(self.next.map_or(until, |it| it.min(until)));
            }
            Place::Signed => self.signed += 1,
            Place::NeedsKey => self.key += 1,
            Place::Refused => self.refused += 1,
        }
    }

    /// Whether nothing is left that the user could do now.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.ready + self.running + self.check == 0
    }
}
