//! Moments and spans, and how far this computer's clock is off. The moment itself comes from the world (`Env`); nothing
//! here asks a clock.
//!
//! How far it is off is read from the `Date` of replies that come anyway (RFC 9110 §6.6.1). It has whole seconds and was
//! written somewhere between asking and hearing, so one reply gives no number but bounds. Two that agree make a number;
//! it is believed for an hour, and nothing above a day is ever applied: then the server is as likely to be wrong.

use alloc::string::String;
use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixTime(pub u64);

impl UnixTime {
    /// A moment from whole seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds, as RFC 6238 counts them.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The moment that much later.
    #[must_use]
    pub const fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// Whether what happened at this moment lies ahead of now: the clock was set back since, and how much of a time that was
    /// counted from there is left nobody knows.
    #[must_use]
    pub fn is_ahead(self, now: Self) -> bool {
        self > now.after(SLACK)
    }
}

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub u64);

impl Span {
    /// A span of whole seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }
    /// A span of whole minutes.
    #[must_use]
    pub const fn minutes(minutes: u64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }
    /// A span of whole days.
    #[must_use]
    pub const fn days(days: u64) -> Self {
        Self::minutes(days.saturating_mul(24 * 60))
    }
}

/// A clock may be corrected by this much without looking set back.
const SLACK: Span = Span::minutes(1);

/// Most that one look may leave open; a reply that took longer says too little.
const VAGUEST: i64 = 12_000;
/// A browser may round its clock: Firefox to 100 ms under `privacy.resistFingerprinting` (MDN, `Date.now()`, "Reduced time
/// precision"), less otherwise. Rounded times are within that of the true ones, so the bounds are widened by it.
const ROUNDING: i64 = 100;
/// From here on it is told, and codes are corrected.
const TOLD: i64 = 5_000;
/// No difference above this is applied.
const MOST: i64 = 24 * 3600 * 1000;
/// For how long two looks are believed: accounts are asked for every 15 minutes.
const BELIEVED: Span = Span::minutes(60);

/// A reply's `Date`, and when it was asked for and heard by this computer's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// As it stood in the header.
    pub date: String,
    /// When the question was sent.
    pub sent: UnixTime,
    /// When the reply began.
    pub received: UnixTime,
}

/// How far this computer's clock is ahead, in milliseconds: between these two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    low: i64,
    high: i64,
}

impl Look {
    /// What one reply tells; nothing if its date cannot be read or it took too long.
    #[must_use]
    pub fn at(dated: &Dated) -> Option<Self> {
        let signed = |it: UnixTime| i64::try_from(it.0).ok();
        let (server, sent) = (signed(http_date(&dated.date)?)?, signed(dated.sent)?);
        let received = signed(dated.received)?;
        // The server's second had begun, and had not ended, at some moment between sending and receiving.
        let low = sent.checked_sub(server)?.checked_sub(1000 + ROUNDING)?;
        let high = received.checked_sub(server)?.checked_add(ROUNDING)?;
        (low <= high && high - low <= VAGUEST).then_some(Self { low, high })
    }

    fn both(self, other: Self) -> Option<Self> {
        let (low, high) = (self.low.max(other.low), self.high.min(other.high));
        (low <= high).then_some(Self { low, high })
    }

    /// The middle, in whole seconds: more than that the header does not tell.
    fn middle(self) -> i64 {
        ((self.low + self.high) / 2 + 500).div_euclid(1000) * 1000
    }
}

/// What replies have told so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Drift {
    last: Option<Look>,
    agreed: Option<(i64, UnixTime)>,
}

impl Drift {
    /// One look more. Two in a row that can both be true make a number, which stays while looks allow it, so that what is
    /// shown does not tremble; one that contradicts it takes it away until the next agrees: somebody may have set the clock.
    pub fn learn(&mut self, look: Look, now: UnixTime) {
        let both = self.last.and_then(|last| last.both(look));
        self.last = Some(look);
        let stays = self.agreed.map(|(old, _)| old).filter(|old| (look.low..=look.high).contains(old));
        self.agreed = stays.or(both.map(Look::middle)).map(|ahead| (ahead, now));
    }

    /// How far this computer's clock is ahead, in milliseconds, where that is known and worth telling.
    #[must_use]
    pub fn told(&self, now: UnixTime) -> Option<i64> {
        let (ahead, at) = self.agreed?;
        // Measured later than now: the clock was set back since.
        (at <= now && now.since(at) < BELIEVED && ahead.abs() >= TOLD).then_some(ahead)
    }

    /// When replies last agreed, where that still counts.
    #[must_use]
    pub fn known(&self, now: UnixTime) -> Option<UnixTime> {
        self.agreed.map(|(_, at)| at).filter(|at| *at <= now && now.since(*at) < BELIEVED)
    }

    /// What codes are corrected by: nothing below five seconds, and nothing above a day.
    #[must_use]
    pub fn applied(&self, now: UnixTime) -> i64 {
        self.told(now).filter(|ahead| ahead.abs() <= MOST).unwrap_or(0)
    }
}

impl UnixTime {
    /// The moment by a clock that is this much behind ours (milliseconds; negative: ahead of ours).
    #[must_use]
    pub const fn less(self, ahead: i64) -> Self {
        Self(self.0.saturating_add_signed(ahead.saturating_neg()))
    }
}

/// A date as HTTP has it: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, IMF-fixdate). The two obsolete forms, which
/// nobody may send any more, are no date here: without one nothing is measured, which is no harm.
#[must_use]
pub fn http_date(text: &str) -> Option<UnixTime> {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    if text.len() != 29 || !text.is_ascii() {
        return None;
    }
    let signs = [(3, ", "), (7, " "), (11, " "), (16, " "), (19, ":"), (22, ":"), (25, " GMT")];
    if !signs.iter().all(|(at, sign)| text[*at..].starts_with(sign)) {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = &text[from..to];
        digits.bytes().all(|it| it.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten()
    };
    let (day, year) = (number(5, 7)?, number(12, 16)?);
    let month = MONTHS.iter().position(|it| *it == &text[8..11])?;
    let (hour, minute, second) = (number(17, 19)?, number(20, 22)?, number(23, 25)?);
    let days = days(year, month, day)?;
    // 60 is a leap second (RFC 9110 §5.6.7 takes it over from RFC 5322); it counts as the last one of its minute.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    if DAYS[usize::try_from(days % 7).ok()?] != &text[..3] {
        return None;
    }
    Some(UnixTime::from_seconds(days * 86_400 + hour * 3600 + minute * 60 + second.min(59)))
}

/// Days from 1 January 1970 to a day of the Gregorian calendar, whose months count from 0; nothing before 1970, and for a
/// day that its month has not.
pub(crate) fn days(year: u64, month: usize, day: u64) -> Option<u64> {
    const LENGTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap = u64::from(year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)));
    let length = LENGTHS.get(month)? + if month == 1 { leap } else { 0 };
    if year < 1970 || !(1..=length).contains(&day) {
        return None;
    }
    let before = |year: u64| year / 4 - year / 100 + year / 400;
    let months = LENGTHS[..month].iter().sum::<u64>() + if month > 1 { leap } else { 0 };
    Some((year - 1970) * 365 + before(year - 1) - before(1969) + months + day - 1)
}
