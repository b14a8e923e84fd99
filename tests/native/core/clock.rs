//! How far this computer's clock is off: dates as HTTP has them, bounds of one reply, and what several make of it.

use crate::world::*;
use longkey_core::clock::{Dated, Drift, Look, Span, UnixTime, http_date};
use longkey_core::effect::Event;
use longkey_core::protocol::{Answer, FromContent, Question};
use longkey_core::secret::Secret;
use longkey_core::services::Reply;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// 2026-11-21T00:00:00Z, as a server writes it.
const MIDNIGHT: &str = "Sat, 21 Nov 2026 00:00:00 GMT";

fn look(date: &str, sent: UnixTime, trip: u64) -> Option<Look> {
    Look::at(&Dated { date: date.into(), sent, received: sent.after(Span(trip)) })
}

fn off(ahead: i64) -> UnixTime {
    START.less(-ahead)
}

#[test]
fn dates_are_read_as_http_writes_them_and_in_no_other_way() {
    // The RFC's own example, the beginning, a leap day, the end of a year, a leap second.
    for (text, seconds) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
        ("Thu, 31 Dec 2026 23:59:59 GMT", 1_798_761_599),
        ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_799),
        ("Thu, 31 Dec 2099 23:59:59 GMT", 4_102_444_799),
        (MIDNIGHT, START.seconds()),
    ] {
        assert_eq!(http_date(text), Some(UnixTime::from_seconds(seconds)), "{text}");
    }
    for text in [
        "",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Wed, 29 Feb 2100 00:00:00 GMT",
        "Mon, 31 Nov 2026 00:00:00 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:3é GM",
        "0",
    ] {
        assert_eq!(http_date(text), None, "{text}");
    }
}

#[test]
fn one_reply_proves_nothing_and_two_that_agree_do() {
    let mut drift = Drift::default();
    drift.learn(look(MIDNIGHT, off(12_000), 80).expect("a look"), START);
    assert_eq!((drift.told(START), drift.applied(START)), (None, 0));
    drift.learn(look(MIDNIGHT, off(12_400), 80).expect("a look"), START);
    assert_eq!((drift.told(START), drift.applied(START)), (Some(12_000), 12_000));
    // A look that contradicts takes it away, and the next makes it anew.
    drift.learn(look(MIDNIGHT, off(90_000), 80).expect("a look"), START);
    assert_eq!(drift.told(START), None);
    drift.learn(look(MIDNIGHT, off(90_000), 80).expect("a look"), START);
    assert_eq!(drift.told(START), Some(90_000));
}

#[test]
fn below_five_seconds_nothing_is_said_or_done() {
    for (ahead, told) in [(0, false), (4_000, false), (-4_000, false), (7_000, true), (-7_000, true)] {
        let mut drift = Drift::default();
        for _ in 0..2 {
            drift.learn(look(MIDNIGHT, off(ahead), 40).expect("a look"), START);
        }
        assert_eq!((drift.told(START).is_some(), drift.applied(START) != 0), (told, told), "{ahead}");
    }
}

#[test]
fn what_was_measured_is_believed_for_an_hour_and_not_by_a_clock_that_was_set_back() {
    let mut drift = Drift::default();
    for _ in 0..2 {
        drift.learn(look(MIDNIGHT, off(-30_000), 40).expect("a look"), START);
    }
    assert_eq!(drift.applied(START.after(Span::minutes(59))), -30_000);
    assert_eq!(drift.applied(START.after(Span::minutes(60))), 0);
    assert_eq!(drift.applied(START.less(1)), 0);
}

#[test]
fn more_than_a_day_is_told_and_never_applied() {
    // A server that stands at 1970 or 2099 makes a difference of decades; one that is 25 hours off is as little believed.
    let hours_25 = off(-25 * 3_600_000);
    for (date, local) in
        [("Thu, 01 Jan 1970 00:00:00 GMT", START), ("Thu, 31 Dec 2099 23:59:59 GMT", START), (MIDNIGHT, hours_25)]
    {
        let mut drift = Drift::default();
        for _ in 0..2 {
            drift.learn(look(date, local, 40).expect("a look"), START);
        }
        assert!(drift.told(START).is_some_and(|ahead| ahead.abs() > 86_400_000), "{date}");
        assert_eq!(drift.applied(START), 0, "{date}");
    }
}

#[test]
fn what_tells_too_little_or_nothing_is_no_look() {
    assert!(look(MIDNIGHT, START, 10_000).is_some());
    assert!(look(MIDNIGHT, START, 11_000).is_none(), "too slow");
    assert!(look("now", START, 40).is_none());
    let backwards = Dated { date: MIDNIGHT.into(), sent: START, received: START.less(5_000) };
    assert!(Look::at(&backwards).is_none(), "the clock was set back meanwhile");
    assert!(look(MIDNIGHT, UnixTime(u64::MAX), 0).is_none());
}

fn dated(date: &str, ahead: i64) -> Option<Dated> {
    Some(Dated { date: date.into(), sent: off(ahead), received: off(ahead + 60) })
}

/// The list of accounts, answered with this `Date`.
fn listed(world: &mut World, date: Option<Dated>) {
    let body = Secret::new(ACCOUNTS.into());
    let (_, purpose) = world.sent.remove(0);
    world.happens(Event::Replied(purpose, Reply::Answer { status: 200, retry_after: None, date, body }));
}

fn with_key(date: Option<Dated>) -> (World, longkey_core::label::Id) {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    let text = Secret::new(KEY.into());
    let Answer::Kept(entry) = world.ask(Question::AddKey { text, handle: "standin_user".into() }) else {
        panic!("not kept")
    };
    world.ask_for(connect(API_KEY));
    listed(&mut world, date.clone());
    assert_eq!((world.view().clock, rows(&world)), (None, 0), "one reply changes nothing");
    world.ask_for(Question::Refresh);
    listed(&mut world, date);
    (world, entry)
}

fn rows(world: &World) -> i64 {
    let rows = world.rows.as_ref().expect("rows");
    rows.rows[0].ahead
}

#[test]
fn codes_are_those_of_the_corrected_moment_everywhere() {
    let (mut world, entry) = with_key(dated(MIDNIGHT, -40_000));
    assert_eq!(world.view().clock, Some(-40));
    assert_eq!(rows(&world), -40_000);
    world.kill_worker();
    assert_eq!((world.view().clock, rows(&world)), (Some(-40), -40_000), "a worker that wakes remembers it");
    world.x_shows_key(KEY);
    world.x_asks_code();
    world.done(Question::Fill { id: entry });
    let local = world.code_of(KEY);
    world.now = world.now.after(Span::seconds(40));
    let true_code = world.code_of(KEY);
    world.now = world.now.less(40_000);
    assert_ne!(local, true_code);
    assert_eq!(world.filled, [(1, true_code.clone())]);
    // X shows whose code was typed: by its clock, not by ours.
    world.sensed(ENROLMENT, FromContent::Typed(true_code));
    let state = world.view().entries[0].waiting.as_ref().map(|it| it.state);
    assert_eq!(state, Some(longkey_core::capture::KeyState::Matched));
    // Nothing but codes goes by it.
    assert_eq!(world.view().xquik[0].checked, Some(world.now));
}

#[test]
fn a_clock_that_was_set_is_measured_anew() {
    let (mut world, _) = with_key(dated(MIDNIGHT, 25_000));
    assert_eq!((world.view().clock, rows(&world)), (Some(25), 25_000));
    assert!(world.view().clock_at.is_some());
    world.done(Question::ClockSet);
    assert_eq!((world.view().clock, rows(&world)), (None, 0));
    assert_eq!(world.view().clock_at, None);
    // One that is right was looked at too, and that is told.
    let right = with_key(dated(MIDNIGHT, 0)).0.view();
    assert_eq!((right.clock, right.clock_at.is_some()), (None, true));
    let (mut world, _) = with_key(dated(MIDNIGHT, 25_000));
    world.later(Span::minutes(61));
    assert_eq!((world.view().clock, rows(&world)), (None, 0), "nobody has looked for an hour");
}

#[test]
fn no_date_breaks_a_code() {
    let before = with_key(None).0.code_of(KEY);
    for date in ["Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 31 Dec 2099 23:59:59 GMT", "", "Sat, 21 Nov 2026", "\u{0}"] {
        let (mut world, entry) = with_key(dated(date, 0));
        assert_eq!(rows(&world), 0, "{date}");
        world.x_shows_key(KEY);
        world.x_asks_code();
        world.done(Question::Fill { id: entry });
        assert_eq!(world.filled, [(1, before.clone())], "{date}");
    }
}
