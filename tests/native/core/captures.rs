//! Many captures in a row that nobody keeps by hand: what was certain is there after everything, or was said to be unsaved.

use crate::qr::picture;
use crate::world::*;
use longkey_core::clock::Span;
use longkey_core::effect::{Alarm, Event, Presence};
use longkey_core::protocol::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Keys that differ in their last four characters.
fn key(number: u32) -> String {
    let tail: String = (0..4).map(|at| char::from(b'A' + ((number >> (2 * at)) & 3) as u8)).collect();
    format!("JBSWY3DPEHPK{tail}")
}

fn tails(numbers: std::ops::Range<u32>) -> Vec<String> {
    let mut tails: Vec<String> = numbers.map(|number| key(number)[12..].to_owned()).collect();
    tails.sort();
    tails
}

fn drafts(world: &mut World) -> Vec<String> {
    let mut tails: Vec<String> = world.view().drafts.into_iter().map(|draft| draft.tail).collect();
    tails.sort();
    tails
}

/// X's step with a key as text; only with [`Mark::ShowCodeNext`] is it certain.
fn shows(world: &mut World, tab: i32, handle: &str, number: u32, marks: &[Mark]) {
    world.later(Span::seconds(2));
    let texts = vec![ScreenText { within: None, text: key(number) }];
    let screen = Screen { texts, marks: marks.to_vec(), handle: Some(handle.into()), ..Screen::default() };
    world.sensed_in(tab, ENROLMENT, FromContent::Saw(screen));
}

fn is_certain(world: &mut World, tab: i32, number: u32) {
    shows(world, tab, &format!("standin_{number}"), number, &[Mark::ShowCodeNext]);
}

fn comes_back(mut world: World) {
    assert_eq!(drafts(&mut world), tails(0..12));
    world.restart_browser();
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(drafts(&mut world), tails(0..12), "after a restart");
}

#[test]
fn twelve_keys_in_twelve_tabs_are_twelve_keys() {
    for locked in [false, true] {
        let mut world = World::new();
        world.sets_passphrase(1);
        if locked {
            world.done(Question::Lock);
        }
        for number in 0..12 {
            is_certain(&mut world, 1 + i32::try_from(number).expect("few"), number);
        }
        comes_back(world);
    }
}

#[test]
fn twelve_accounts_in_one_tab_are_twelve_keys() {
    let mut world = World::new();
    world.sets_passphrase(1);
    for number in 0..12 {
        is_certain(&mut world, 1, number);
        world.sensed(ENROLMENT, FromContent::Left);
    }
    comes_back(world);
    // Only X's code says whose the key is.
    let mut world = World::new();
    world.sets_passphrase(1);
    for number in 0..12 {
        world.later(Span::seconds(2));
        let first = u8::try_from(number).expect("few");
        let address = format!("otpauth://totp/Twitter:@standin_{number}?secret={}&issuer=Twitter", key(number));
        world.qr_says(first, &address);
        let (texts, marks) = (vec![ScreenText { within: None, text: key(number) }], vec![Mark::Qr]);
        let screen = Screen { texts, marks, pictures: vec![picture(first)], ..Screen::default() };
        world.sensed(ENROLMENT, FromContent::Saw(screen));
        world.sensed(ENROLMENT, FromContent::Left);
    }
    comes_back(world);
}

#[test]
fn a_page_that_names_another_account_with_each_key_fills_nothing() {
    let mut world = World::new();
    world.sets_passphrase(1);
    is_certain(&mut world, 1, 255);
    let before = world.told.len();
    for number in 0..200 {
        is_certain(&mut world, 2, number);
    }
    let many = drafts(&mut world).len();
    assert!(many <= 33, "{many}");
    assert!(world.told[before..].iter().all(|told| *told == (2, ToastWords::NotSaved)));
    assert_eq!(world.told.len() - before, 201 - many, "each that has no room is said");
    // Whoever was there before, or comes after it from elsewhere, is there.
    is_certain(&mut world, 3, 254);
    world.restart_browser();
    assert_eq!(world.unlocks(1), Answer::Done);
    let kept = drafts(&mut world);
    assert_eq!(kept.len(), many + 1);
    assert!([255, 254].iter().all(|number| kept.contains(&key(*number)[12..].to_owned())));
}

#[test]
fn pages_that_open_tab_after_tab_leave_room_for_what_is_chosen() {
    let mut world = World::new();
    world.sets_passphrase(1);
    for number in 0..200 {
        is_certain(&mut world, 1 + i32::try_from(number).expect("few"), number);
    }
    assert_eq!(drafts(&mut world), tails(0..100), "the first ones, which nothing pushed out");
    assert_eq!(world.told.last(), Some(&(200, ToastWords::NotSaved)));
    let draft = world.view().drafts[0].id;
    assert!(matches!(world.ask(Question::KeepDraft { draft, handle: "acme".into() }), Answer::Kept(_)));
    is_certain(&mut world, 999, 255);
    assert!(drafts(&mut world).contains(&key(255)[12..].to_owned()));
}

#[test]
fn older_keys_of_one_account_make_room_for_newer_ones() {
    let mut world = World::new();
    world.sets_passphrase(1);
    is_certain(&mut world, 1, 255);
    for number in 0..20 {
        shows(&mut world, 10 + i32::try_from(number).expect("few"), "acme", number, &[Mark::ShowCodeNext]);
    }
    let mut wanted = tails(12..20);
    wanted.push(key(255)[12..].to_owned());
    wanted.sort();
    assert_eq!(drafts(&mut world), wanted);
    world.restart_browser();
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(drafts(&mut world), wanted);
}

#[test]
fn what_was_only_asked_makes_room_in_its_own_tab() {
    let mut world = World::new();
    world.sets_passphrase(1);
    shows(&mut world, 1, "acme", 255, &[]);
    for number in 0..40 {
        shows(&mut world, 2, &format!("standin_{number}"), number, &[]);
    }
    assert!(world.view().drafts.iter().all(|draft| draft.ask));
    assert_eq!(drafts(&mut world).len(), 33, "the newest of the one tab, and that of the other");
    for number in 40..50 {
        is_certain(&mut world, 2, number);
    }
    let kept = drafts(&mut world);
    assert_eq!(kept.len(), 33);
    assert!((40..50).chain([255]).all(|number| kept.contains(&key(number)[12..].to_owned())));
}

#[test]
fn a_worker_that_dies_before_a_key_is_stored_stores_it_with_the_next_event() {
    for at in 0..20 {
        let mut world = World::new();
        world.sets_passphrase(1);
        world.done(Question::Lock);
        world.dies_after = Some(at);
        is_certain(&mut world, 7, 3);
        let died = world.dies_after.take().is_none();
        // Whatever comes next; the page says nothing again.
        let known = !world.view().drafts.is_empty();
        world.happens(Event::TabClosed(99));
        world.restart_browser();
        world.unlocks(1);
        let there = drafts(&mut world) == tails(3..4);
        assert_eq!(there, known, "effect {at}");
        assert!(there || died, "effect {at}");
        if !died {
            return;
        }
    }
    panic!("it never lived");
}

#[test]
fn a_store_that_takes_nothing_costs_no_key_when_the_vault_locks() {
    let ways: [fn() -> Event; 3] =
        [|| Event::LockPressed, || Event::Presence(Presence::Locked), || Event::Rang(Alarm::Lock, Presence::Idle)];
    for (at, way) in ways.into_iter().enumerate() {
        for open in [true, false] {
            let mut world = World::new();
            world.sets_passphrase(1);
            if !open {
                world.done(Question::Lock);
            }
            world.fail_writes = true;
            is_certain(&mut world, 7, 3);
            // Pages look at each news; that is no news again.
            let news = world.news;
            assert_eq!(drafts(&mut world), tails(3..4));
            assert_eq!(world.news, news);
            world.happens(way());
            assert_eq!(drafts(&mut world), tails(3..4), "way {at}");
            world.fail_writes = false;
            world.happens(Event::TabClosed(99));
            world.restart_browser();
            world.unlocks(1);
            assert_eq!(drafts(&mut world), tails(3..4), "way {at}");
        }
    }
}
