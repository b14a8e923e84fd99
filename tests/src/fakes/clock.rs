//! The fakes' clock: the machine's time plus a difference that a test may set, so that a browser whose
//! clock is wrong can be played without touching the machine. It does not tick on its own and never
//! stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock shared by all fakes of one world.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    /// Sets how many seconds the fakes are ahead (or, negative, behind) of the machine.
    pub fn set_ahead(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    /// The time the fakes believe in.
    pub fn now(&self) -> SystemTime {
        let ahead = self.0.load(Ordering::SeqCst);
        let difference = Duration::from_secs(ahead.unsigned_abs());
        if ahead < 0 { SystemTime::now() - difference } else { SystemTime::now() + difference }
    }

    /// Whole seconds since 1970.
    pub fn unix(&self) -> u64 {
        self.now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
    }

    /// The value of a `Date` header.
    pub(crate) fn http_date(&self) -> String {
        httpdate::fmt_http_date(self.now())
    }

    /// The form of Xquik's times: `2026-11-21T00:00:00.000Z`.
    pub(crate) fn iso(&self) -> String {
        iso(self.unix())
    }

    /// The same, so many seconds from now.
    pub(crate) fn iso_in(&self, seconds: u64) -> String {
        iso(self.unix() + seconds)
    }
}

/// Days to a calendar date in the proleptic Gregorian calendar, counted in eras of 400 years that
/// begin on 1 March, so that the leap day is the last day of a year.
fn iso(unix: u64) -> String {
    let (days, second) = (unix / 86_400 + 719_468, unix % 86_400);
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.000Z", second / 3_600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(951_782_399), "2000-02-28T23:59:59.000Z");
        assert_eq!(iso(951_782_400), "2000-02-29T00:00:00.000Z");
        assert_eq!(iso(1_795_219_200), "2026-11-21T00:00:00.000Z");
    }

    #[test]
    fn ahead_and_behind() {
        let clock = Clock::default();
        let plain = clock.unix();
        clock.set_ahead(600);
        assert!(clock.unix() >= plain + 600);
        clock.set_ahead(-600);
        assert!(clock.unix() < plain);
    }
}
