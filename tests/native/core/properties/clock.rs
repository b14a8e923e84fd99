//! Whatever the true difference, the trip and the browser's rounding: the bounds hold, and what is applied is near.

use crate::world::START;
use longkey_core::clock::{Dated, Drift, Look, Span, UnixTime, http_date};
use proptest::prelude::*;

/// An IMF-fixdate, made by another's hand.
fn print(moment: UnixTime) -> String {
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(moment.seconds()))
}

/// As Firefox rounds under `privacy.resistFingerprinting`: down to 100 ms.
fn rounded(moment: UnixTime) -> UnixTime {
    UnixTime(moment.0 / 100 * 100)
}

proptest! {
    #[test]
    fn what_is_applied_is_within_two_seconds(
        ahead in -86_000_000_i64..86_000_000,
        trips in prop::collection::vec((0..900_u64, 0..900_u64, 0..1_000_000_u64), 2..8),
    ) {
        let mut drift = Drift::default();
        let mut now = START;
        for (there, back, wait) in trips {
            now = now.after(Span(wait));
            let arrives = now.after(Span(there));
            let date = print(arrives.less(ahead));
            let (sent, received) = (rounded(now), rounded(arrives.after(Span(back))));
            drift.learn(Look::at(&Dated { date, sent, received }).expect("a look"), received);
            now = received;
        }
        let applied = drift.applied(now);
        // The first number is the middle of two bounds, each at most 1 s + trip + rounding wide.
        let near = 2_000;
        if ahead.abs() >= 5_000 + near {
            prop_assert!((applied - ahead).abs() <= near, "{} for {}", applied, ahead);
        } else {
            prop_assert!(applied == 0 || (applied - ahead).abs() <= near);
        }
    }

    #[test]
    fn every_second_is_read_as_it_was_written(seconds in 0..8_000_000_000_u64) {
        let moment = UnixTime::from_seconds(seconds);
        prop_assert_eq!(http_date(&print(moment)), Some(moment));
    }

    #[test]
    fn any_header_is_read_without_harm(date in "\\PC{0,60}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT", sent: u64, received: u64) {
        if let Some(look) = Look::at(&Dated { date, sent: UnixTime(sent), received: UnixTime(received) }) {
            let mut drift = Drift::default();
            drift.learn(look, START);
            drift.learn(look, START);
            prop_assert!(drift.applied(START).abs() <= 86_400_000);
        }
    }
}
