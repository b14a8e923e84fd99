//! What watching makes of things that come late or not at all: answers after everything was taken away, stores that do not
//! speak, a clock that was set back.

use crate::watching::*;
use crate::world::*;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::effect::{Alarm, Event, Later, Presence};
use longkey_core::protocol::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_clock_that_is_set_back_does_not_end_the_watching() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    choose(&mut world, &[Notify]);
    world.later(Span::days(400));
    world.connects(&five(FINE));
    let right = START;
    world.now = right;
    world.kill_worker();
    world.rings(Alarm::Poll, Presence::Active);
    assert_eq!(world.sent.len(), 1, "listed in the future: it is due");
    world.service_answers(200, &down(&[1]));
    assert_eq!((told(&world), minutes(&world)), (vec!["acme_1: needs_reauth".to_owned()], 15));
    // A page asks as well, and the alarm of another worker comes soon.
    world.later(Span::days(400));
    world.view();
    world.service_answers(200, &down(&[1]));
    world.now = right;
    world.happens(Event::Started);
    assert_eq!(minutes(&world), 1);
    world.view();
    assert_eq!(world.sent.len(), 1);
    // A correction of a few seconds is none of this.
    world.service_answers(200, &down(&[1]));
    world.now = UnixTime(world.now.0 - 5_000);
    world.view();
    assert!(world.sent.is_empty());
}

/// What is under way is answered after the user took the account's workspace away, by way of a locked vault.
fn is_gone(mut world: World, gone: impl Fn(&mut World)) {
    choose(&mut world, &[Notify, WatchLocked]);
    let account = world.account("900001");
    let question = world.sign_in_of(account.clone(), KeyChoice::Theirs);
    world.done(question);
    world.asks_for(Question::CheckStatus { account });
    world.asks_for(Question::Refresh);
    world.asks_for(Question::Refresh);
    gone(&mut world);
    let one = r#"{"id":"900001","xUsername":"acme_1","status":"active","health":"healthy"}"#;
    for (status, body) in [(200, one), (200, one), (200, down(&[1]).as_str()), (503, "")] {
        world.service_answers(status, body);
    }
    assert!(world.sent.is_empty());
    let texts = world.local.values().chain(&world.memory);
    let left = texts.filter(|text| ["900001", "acme_1", API_KEY].iter().any(|it| text.contains(it))).count();
    assert_eq!((left, world.view().xquik.len(), world.badge.as_str()), (0, 0, ""));
    world.kill_worker();
    assert_eq!(world.view().xquik, []);
}

#[test]
fn what_was_disconnected_does_not_come_back_with_a_late_answer() {
    let disconnect = |world: &mut World| {
        let workspace = world.account("900001").workspace;
        world.done(Question::Disconnect { workspace });
    };
    is_gone(watched(), disconnect);
    is_gone(watched(), |world| {
        disconnect(world);
        world.done(Question::Lock);
    });
}

#[test]
fn what_was_erased_does_not_come_back_with_a_late_answer() {
    let erase = |world: &mut World| {
        world.done(Question::Erase { word: "erase".into() });
        assert_eq!(world.alarms.values().filter(|it| it.is_some()).count(), 0, "nothing is left to do");
    };
    is_gone(watched(), erase);
    is_gone(watched(), |world| {
        world.done(Question::Lock);
        erase(world);
    });
}

#[test]
fn a_locked_vault_keeps_a_list_that_was_under_way() {
    let mut world = watched();
    rings(&mut world);
    world.done(Question::Lock);
    world.service_answers(200, &down(&[1]));
    assert_eq!((world.badge.as_str(), world.alerts.len()), ("1", 1));
}

#[test]
fn what_is_followed_is_looked_at_again_after_stores_that_were_silent_once() {
    for event in
        [Event::Rang(Alarm::Follow, Presence::Active), Event::Due(Later::Fansly), Event::Due(Later::Connection)]
    {
        let mut world = watched();
        world.kill_worker();
        (world.silent_store, world.silent_mirror) = (true, true);
        world.happens(event);
        let again = world.alarms.get("follow").copied().flatten();
        assert_eq!(again, Some(world.now.after(Span::seconds(30))));
    }
}

#[test]
fn answers_wait_for_silent_stores_however_much_else_waits() {
    let mut world = watched();
    rings(&mut world);
    let refresh = world.asks_for(Question::Refresh);
    (world.silent_store, world.silent_mirror) = (true, true);
    world.done(Question::Reload);
    for _ in 0..40 {
        world.happens(Event::Installed { first: false });
    }
    for _ in 0..2 {
        world.service_answers(200, &down(&[1]));
    }
    assert_eq!(world.answer_to(refresh), None);
    (world.silent_store, world.silent_mirror) = (false, false);
    world.view();
    assert_eq!(world.answer_to(refresh), Some(Answer::Done));
    assert_eq!((world.badge.as_str(), minutes(&world)), ("1", 15));
    polled(&mut world, &down(&[1, 2]));
}
