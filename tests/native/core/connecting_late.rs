//! Connecting a new account where time matters: long pauses, foreign times, late answers, two tabs; and what an answer may
//! bring into the store.

use crate::connecting::*;
use crate::world::*;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::effect::{Alarm, Presence};
use longkey_core::protocol::*;
use longkey_core::secret::Secret;
use longkey_core::services::Reply;
use longkey_core::services::xquik::Verdict;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn looks(world: &World) -> usize {
    world.sent.iter().filter(|(call, _)| call.path.contains("attempts")).count()
}

fn waited(status: u16, seconds: u64, body: &str) -> Reply {
    Reply::Answer { status, retry_after: Some(seconds), date: None, body: Secret::new(body.into()) }
}

#[test]
fn a_pause_that_outlasts_the_looks_ends_them() {
    let limited = r#"{"error":"rate_limit_exceeded","retryAfter":900}"#;
    for (status, body, paused) in [(429, limited, true), (200, PENDING, false)] {
        let mut world = ready();
        begins(&mut world);
        world.service_answers(202, PENDING);
        assert!(world.waits());
        world.replies(waited(status, 900, body));
        assert_eq!((looks(&world), world.waits.len()), (0, 0), "nothing is asked again by itself");
        let late = it(&mut world);
        let until = late.until.filter(|_| paused);
        assert_eq!((late.stage, until), (Stage::Late, paused.then(|| world.now.after(Span::minutes(15)))));
        world.kill_worker();
        world.later(Span::seconds(30));
        world.rings(Alarm::Follow, Presence::Active);
        assert_eq!(looks(&world), 0);
    }
    // A short one is waited for.
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PENDING);
    assert!(world.waits());
    world.replies(waited(429, 60, limited));
    assert_eq!((it(&mut world).stage, looks(&world)), (Stage::Pending, 0));
    let before = world.now;
    assert!(world.waits());
    assert_eq!((world.now.since(before), looks(&world)), (Span::seconds(60), 1));
}

#[test]
fn a_clock_that_was_set_back_makes_it_wait_for_seconds() {
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PENDING);
    world.kill_worker();
    world.now = UnixTime(world.now.0 - Span::days(1).0);
    for _ in 0..3 {
        world.rings(Alarm::Follow, Presence::Active);
        assert_eq!(looks(&world), 0, "not at once, and not again and again");
    }
    let before = world.now;
    assert!(world.waits());
    assert_eq!((world.now.since(before), looks(&world)), (Span::seconds(5), 1));
}

#[test]
fn a_prompt_that_never_ends_ends_after_an_hour() {
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, &PROMPT.replace("2026-11-21", "9999-12-31"));
    let asked = it(&mut world);
    assert_eq!((asked.stage, asked.until), (Stage::Code, Some(world.now.after(Span::minutes(60)))));
    world.later(Span::minutes(60));
    world.done(Question::ConnectDone { account: asked.account });
    assert_eq!(world.badge, "");
}

#[test]
fn a_code_that_nobody_answered_has_its_own_five_minutes() {
    for killed in [true, false] {
        let mut world = ready();
        begins(&mut world);
        world.service_answers(202, PROMPT);
        world.later(Span::minutes(6));
        let account = account(&mut world);
        world.sent.clear();
        world.done(Question::ConnectCode { account: account.clone(), code: Secret::new("123456".into()) });
        if killed {
            world.kill_worker();
        } else {
            world.replies(Reply::Silence);
        }
        assert_eq!(it(&mut world).stage, Stage::Unknown);
        for (after, stage) in [(Span::seconds(1), Stage::Unknown), (Span::minutes(5), Stage::Failed)] {
            world.later(after);
            world.sent.clear();
            world.ask_for(Question::ConnectCheck { account: account.clone() });
            world.service_answers(200, r#"{"accounts":[]}"#);
            assert_eq!(it(&mut world).stage, stage);
        }
    }
}

#[test]
fn a_late_answer_changes_nothing_that_is_newer() {
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PENDING);
    world.later(Span::minutes(5));
    world.kill_worker();
    world.rings(Alarm::Follow, Presence::Active);
    let account = account(&mut world);
    world.sent.clear();
    // Two tabs: one look, and both are answered.
    let check = Question::ConnectCheck { account: account.clone() };
    let first = world.asks_for(check.clone());
    let second = world.asks_for(check);
    assert_eq!((looks(&world), world.answer_to(second)), (1, Some(Answer::Done)));
    // The list is faster.
    let (call, purpose) = world.sent.remove(0);
    assert!(call.path.contains("attempts"));
    world.ask_for(Question::Refresh);
    world.service_answers(200, LISTED);
    assert_eq!(it(&mut world).stage, Stage::Connected);
    let failed = format!(r#"{{"id":"{ATTEMPT}","status":"failed","error":"login_failed"}}"#);
    let reply = Reply::Answer { status: 200, retry_after: None, date: None, body: Secret::new(failed) };
    world.happens(longkey_core::effect::Event::Replied(purpose, reply));
    assert_eq!((it(&mut world).stage, world.answer_to(first)), (Stage::Connected, Some(Answer::Done)));
}

#[test]
fn an_id_of_another_form_is_not_kept() {
    let echoes =
        [PASSWORD.to_owned(), "0a".repeat(15), "0A".repeat(16), "0a".repeat(200), KEY.to_owned(), String::new()];
    for echo in echoes {
        let mut world = ready();
        begins(&mut world);
        world.service_answers(202, &PENDING.replace(ATTEMPT, &["xatt_", &echo].concat()));
        assert_eq!(it(&mut world).stage, Stage::Late, "{echo:?}: only the list can tell");
        keeps_no_secret(&world);
    }
    for echo in [PASSWORD.to_owned(), "one/two?".into(), "a".repeat(65), "é".into(), String::new()] {
        let mut world = ready();
        begins(&mut world);
        world.service_answers(202, &PROMPT.replace(CHALLENGE, &["xch_", &echo].concat()));
        assert_eq!(it(&mut world).stage, Stage::Unknown, "{echo:?}");
        keeps_no_secret(&world);
    }
}

#[test]
fn a_listed_account_counts_by_the_number_that_x_gave_it() {
    let other = LISTED.replace("9000001", "5");
    let renamed = LISTED.replace("acme_new", "acme_newer");
    for (list, stage) in [(LISTED, Stage::Connected), (&other, Stage::Unknown), (&renamed, Stage::Connected)] {
        let mut world = ready();
        // The number is learnt from a list; then the account leaves the workspace.
        for list in [LISTED, r#"{"accounts":[]}"#] {
            world.ask_for(Question::Refresh);
            world.service_answers(200, list);
        }
        begins(&mut world);
        world.replies(Reply::Silence);
        world.ask_for(Question::Refresh);
        world.service_answers(200, list);
        assert_eq!(it(&mut world).stage, stage, "{list}");
    }
    // Where the number is not known, the handle has to do.
    let mut world = ready();
    begins(&mut world);
    world.replies(Reply::Silence);
    world.ask_for(Question::Refresh);
    world.service_answers(200, &other);
    assert_eq!(it(&mut world).stage, Stage::Connected);
    assert_ne!(it(&mut world).verdict, Some(Verdict::NotListed));
}
