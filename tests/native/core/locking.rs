//! When the vault locks, and what is left of it then.

use crate::world::*;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::effect::{Alarm, Event, Presence};
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn open() -> World {
    let mut world = World::new();
    world.sets_passphrase(1);
    world
}

#[test]
fn idleness_locks_and_a_deadline_needs_no_alarm() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.later(Span::minutes(15));
    // As the background does when the alarm rings.
    world.happens(Event::PagesOpen(0));
    world.rings(Alarm::Lock, Presence::Active);
    assert_eq!(world.view().vault, VaultState::Unlocked, "somebody is there");
    world.later(Span::minutes(15));
    world.rings(Alarm::Lock, Presence::Idle);
    assert_eq!(world.view().vault, VaultState::Locked);
    assert_eq!(world.unlocks(1), Answer::Done);
    world.later(Span::minutes(60));
    assert_eq!(world.view().vault, VaultState::Locked, "the computer slept, the alarm did not ring");
    assert_eq!(world.unlocks(1), Answer::Done);
    world.now = START;
    world.kill_worker();
    assert_eq!(world.view().vault, VaultState::Locked, "the clock was set back");
}

#[test]
fn an_unlocked_vault_survives_the_worker_but_not_the_browser() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.kill_worker();
    assert_eq!(world.view().vault, VaultState::Unlocked);
    world.restart_browser();
    assert_eq!(world.view().vault, VaultState::Locked);
}

#[test]
fn locking_takes_sealed_drafts_out_of_sight() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.x_shows_key(KEY);
    world.done(Question::Lock);
    assert!(world.rows.is_none(), "no key lies in the session store of a locked vault");
    assert!(!world.memory.as_deref().unwrap_or_default().contains(KEY));
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.view().drafts[0].tail, "3PXP");
}

#[test]
fn locking_waits_for_no_store() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.fail_writes = true;
    world.silent_store = true;
    world.ask_for(Question::AddKey { text: Secret::new(KEY.into()), handle: "acme".into() });
    world.done(Question::Lock);
    assert!(world.rows.is_none());
    assert!(!world.memory.as_deref().unwrap_or_default().contains("until"));
}

#[test]
fn each_choice_of_idle_time_holds() {
    for minutes in [1, 5, 15, 60] {
        let mut world = open();
        world.done(Question::LockAfter(LockAfter::Minutes(minutes)));
        assert_eq!(world.idle, minutes * 60, "the browser watches for it");
        world.later(Span::seconds(u64::from(minutes) * 60 - 1));
        assert_eq!(world.view().vault, VaultState::Unlocked);
        world.later(Span::seconds(1));
        assert_eq!(world.view().vault, VaultState::Locked, "{minutes} min");
        world.restart_browser();
        assert_eq!(world.view().lock_after, LockAfter::Minutes(minutes), "the choice stays");
    }
}

#[test]
fn a_choice_that_nobody_could_make_counts_as_the_usual_one() {
    let mut world = open();
    world.done(Question::LockAfter(LockAfter::Minutes(4_000_000)));
    world.later(Span::minutes(15));
    assert_eq!(world.view().vault, VaultState::Locked);
}

#[test]
fn it_locks_with_the_last_page_if_that_was_chosen() {
    let mut world = open();
    world.happens(Event::PagesOpen(0));
    assert_eq!(world.view().vault, VaultState::Unlocked, "not chosen");
    world.done(Question::LockAfter(LockAfter::Closed));
    world.happens(Event::PagesOpen(1));
    assert_eq!(world.view().vault, VaultState::Unlocked, "one is still open");
    world.happens(Event::PagesOpen(0));
    assert_eq!(world.view().vault, VaultState::Locked);
    // A page that was killed together with the worker says nothing: the alarm asks.
    world.unlocks(1);
    world.later(Span::minutes(1));
    assert_eq!(world.alarms["lock"], Some(world.now), "it rings once a minute");
    world.kill_worker();
    world.happens(Event::PagesOpen(1));
    world.rings(Alarm::Lock, Presence::Active);
    assert_eq!(world.alarms["lock"], Some(world.now.after(Span::minutes(1))), "and again, while a page is open");
    world.kill_worker();
    world.happens(Event::PagesOpen(0));
    world.rings(Alarm::Lock, Presence::Active);
    assert_eq!(world.view().vault, VaultState::Locked);
    world.unlocks(1);
    world.later(Span::minutes(60));
    assert_eq!(world.view().vault, VaultState::Locked, "a page that stands open and that nobody uses");
}

#[test]
fn until_the_browser_restarts_only_the_screen_and_the_clock_lock() {
    let mut world = open();
    world.done(Question::LockAfter(LockAfter::Restart));
    assert_eq!(world.alarms["lock"], None);
    world.happens(Event::Presence(Presence::Idle));
    world.later(Span::days(2));
    world.kill_worker();
    assert_eq!(world.view().vault, VaultState::Unlocked);
    world.happens(Event::Presence(Presence::Locked));
    assert_eq!(world.view().vault, VaultState::Locked, "the screen was locked");
    world.unlocks(1);
    world.restart_browser();
    assert_eq!(world.view().vault, VaultState::Locked);
}

#[test]
fn the_shortcut_locks_and_the_instance_goes() {
    let mut world = open();
    let before = world.retired;
    world.happens(Event::LockPressed);
    assert_eq!(world.view().vault, VaultState::Locked);
    assert_eq!(world.retired, before + 1);
    world.happens(Event::LockPressed);
    assert_eq!(world.retired, before + 1, "once is enough");
}

#[test]
fn use_moves_the_deadline_and_looking_does_not() {
    let mut world = open();
    world.done(Question::LockAfter(LockAfter::Minutes(1)));
    world.later(Span::seconds(40));
    world.view();
    world.ask(Question::NewPassphraseTerms);
    world.later(Span::seconds(40));
    assert_eq!(world.view().vault, VaultState::Unlocked);
    world.later(Span::seconds(20));
    assert_eq!(world.view().vault, VaultState::Locked);
}

#[test]
fn locked_is_not_blind() {
    let mut world = open();
    world.connects(ACCOUNTS);
    world.done(Question::Lock);
    let view = world.view();
    assert_eq!(view.vault, VaultState::Locked);
    assert_eq!(view.xquik[0].accounts.len(), 3);
    assert_eq!(world.badge, "2");
    assert!(view.entries.is_empty() && view.bin.is_empty());
}

#[test]
fn without_a_passphrase_nothing_locks_and_nothing_says_so() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.ask(Question::AddKey { text: Secret::new(KEY.into()), handle: "acme".into() });
    world.rings(Alarm::Lock, Presence::Locked);
    world.done(Question::Lock);
    let view = world.view();
    assert_eq!((view.vault, view.entries.len()), (VaultState::NotLocked, 1));
    assert_eq!(view.ways, []);
}

/// The usual way: the worker sleeps when the deadline comes, and finds it over. What pages keep of where they were goes with the
/// instance, which has read the session's key.
#[test]
fn a_vault_whose_time_ended_while_the_worker_slept_is_locked_as_any_other() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.done(Question::LockAfter(LockAfter::Minutes(1)));
    for set_back in [false, true] {
        world.kill_worker();
        let (retired, news) = (world.retired, world.news);
        if set_back {
            world.now = world.now.less(120_000);
        } else {
            world.later(Span::minutes(2));
        }
        world.rings(Alarm::Lock, Presence::Active);
        assert_eq!((world.retired, world.news > news), (retired + 1, true), "set back: {set_back}");
        assert_eq!(world.view().vault, VaultState::Locked);
        assert!(world.rows.is_none());
        // Once: a locked vault has nothing more to end.
        world.kill_worker();
        world.view();
        assert_eq!(world.retired, retired + 1);
        assert_eq!(world.unlocks(1), Answer::Done);
    }
}

#[test]
fn whoever_has_left_opens_nothing() {
    let mut world = open();
    world.done(Question::Lock);
    let Answer::Terms(terms) = world.ask(Question::UnlockTerms) else { panic!("no terms") };
    // Deriving takes a while, and the screen is locked meanwhile.
    world.happens(Event::Presence(Presence::Locked));
    world.kill_worker();
    let unlock = || Question::Unlock { slot: terms.slot, derived: bytes(1) };
    assert_eq!(world.refusal(unlock()), Refusal::Locked);
    assert_eq!(world.view().vault, VaultState::Locked);
    // Back again, also in a browser that does not say so.
    assert_eq!(world.unlocks(1), Answer::Done);
    world.happens(Event::Presence(Presence::Locked));
    world.happens(Event::Presence(Presence::Active));
    world.done(unlock());
}

#[test]
fn a_key_that_came_while_locked_is_readable_for_a_quarter_of_an_hour_and_not_after_locking_again() {
    for press in [false, true] {
        let mut world = open();
        world.done(Question::Lock);
        world.x_shows_key(KEY);
        assert!(world.rows.is_some() && world.view().drafts[0].sealed, "its first codes");
        if press {
            world.happens(Event::LockPressed);
        } else {
            assert_eq!(world.alarms["lock"], Some(world.now.after(Span::minutes(15))));
            world.later(Span::minutes(15));
            world.rings(Alarm::Lock, Presence::Active);
        }
        assert!(world.rows.is_none());
        assert!(!world.memory.as_deref().unwrap_or_default().contains(KEY));
        world.unlocks(1);
        assert_eq!(world.view().drafts.len(), 1);
    }
}

#[test]
fn a_clock_set_back_to_before_the_last_event_locks() {
    let mut world = open();
    world.later(Span::minutes(14));
    world.view();
    world.now = UnixTime(world.now.0 - Span::minutes(12).0);
    assert_eq!(world.view().vault, VaultState::Locked);
}
