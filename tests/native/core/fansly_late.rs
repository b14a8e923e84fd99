//! Fansly logins when the service asks for a pause, and when something comes late or twice.

use crate::fansly::*;
use crate::world::*;
use longkey_core::clock::Span;
use longkey_core::effect::{Alarm, Key, Presence};
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::{Method, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const OTHER_FANS_KEY: &str = "34|ABCDEFGHIJKLMNOPQRSTUVWXYZ9876543210";

fn pause(status: u16, seconds: u64) -> Reply {
    Reply::Answer { status, retry_after: Some(seconds), date: None, body: Secret::default() }
}

/// A login that runs and has not been looked at.
fn started() -> World {
    let mut world = connected();
    world.done(act(FanslyAct::SignIn));
    world.service_answers(200, STARTED);
    world
}

#[test]
fn a_pause_is_waited_for_in_pieces_and_by_the_next_worker_as_well() {
    for killed in [false, true] {
        let mut world = started();
        assert!(world.waits());
        let asked = world.now;
        world.replies(pause(429, 200));
        if killed {
            world.kill_worker();
            world.later(Span::seconds(30));
            world.rings(Alarm::Follow, Presence::Active);
        }
        let mut rings = 0;
        while world.sent.is_empty() {
            let before = world.now;
            assert_eq!(world.waits.len(), 1);
            assert!(world.waits());
            assert!(world.now.since(before) <= Span::seconds(60) && world.now > before);
            // The alarm rings once; while something is waited for there is always one to come.
            if world.sent.is_empty() && world.alarms["follow"].is_some_and(|at| at <= world.now) {
                world.rings(Alarm::Follow, Presence::Active);
                rings += 1;
            }
            assert!(world.alarms["follow"].is_some_and(|at| at > world.now));
        }
        assert!(killed || rings == 0, "each wait sets it anew");
        assert_eq!((world.now.since(asked), world.sent.len()), (Span::seconds(200), 1), "killed: {killed}");
        assert_eq!(world.sent[0].0.method, Method::Get);
    }
}

#[test]
fn a_pause_past_the_end_is_the_end_and_outlives_check_status() {
    for seconds in [301, 30 * 24 * 3600] {
        let mut world = started();
        assert!(world.waits());
        world.replies(pause(503, seconds));
        let paused = account(&mut world);
        assert_eq!((paused.step, paused.is_paused(world.now)), (FanslyStep::Unfinished, true));
        assert!(world.waits.is_empty() && world.sent.is_empty());
        for word in [FanslyAct::Check, FanslyAct::SignIn] {
            assert_eq!(world.refusal(act(word)), Refusal::Paused);
        }
        world.done(act(FanslyAct::Done));
        world.restart_browser();
        assert_eq!(world.refusal(act(FanslyAct::SignIn)), Refusal::Paused);
        assert!(world.sent.is_empty(), "nothing goes out before its end");
        world.later(Span::seconds(seconds + 1));
        world.done(act(FanslyAct::Check));
        look(&mut world, &done());
        assert_eq!(step(&mut world), FanslyStep::Done);
    }
}

#[test]
fn a_list_brings_nothing_back_that_was_removed_while_it_was_under_way() {
    // Connected and disconnected, then open or locked; the other key's list is not this one's.
    for locked in [false, true] {
        for other in [false, true] {
            let mut world = World::new();
            world.sets_passphrase(1);
            crate::fansly::connect(&mut world);
            let ask = world.asks_for(Question::RefreshFans);
            let (call, purpose) = world.sent.remove(0);
            world.done(Question::DisconnectFans);
            if other {
                world.later(Span::seconds(1));
                world
                    .ask_for(Question::ConnectFans { api_key: Secret::new(OTHER_FANS_KEY.into()), word: Address::New });
                world.service_answers(200, "[]");
            }
            if locked {
                world.done(Question::Lock);
            }
            world.sent.push((call, purpose));
            world.service_answers(200, LIST);
            assert_eq!(world.answer_to(ask), Some(Answer::Refused(Refusal::FansNotConnected)));
            let accounts = world.view().fansly.map(|it| it.accounts.len());
            assert_eq!(accounts, other.then_some(0), "locked: {locked}, another key: {other}");
            assert!(!world.local.values().any(|it| it.contains(ACCOUNT)));
        }
    }
    // Locked, and otherwise as it was.
    let mut world = World::new();
    world.sets_passphrase(1);
    crate::fansly::connect(&mut world);
    world.ask_for(Question::RefreshFans);
    world.done(Question::Lock);
    world.service_answers(200, "[]");
    assert_eq!(world.view().fansly.map(|it| it.accounts.len()), Some(0));
    // Locked or disconnected while a key was tried: it is not kept, and nothing of its list is.
    for first in [false, true] {
        let mut world = World::new();
        world.sets_passphrase(1);
        if first {
            crate::fansly::connect(&mut world);
        }
        world.ask_for(Question::ConnectFans { api_key: Secret::new(OTHER_FANS_KEY.into()), word: Address::New });
        world.done(if first { Question::DisconnectFans } else { Question::Lock });
        world.service_answers(200, LIST);
        assert_eq!(world.view().fansly, None);
    }
    // Everything erased.
    let mut world = connected();
    world.ask_for(Question::RefreshFans);
    let (call, purpose) = world.sent.remove(0);
    world.done(Question::Erase { word: "erase".into() });
    world.sent.push((call, purpose));
    world.service_answers(200, LIST);
    assert!(!world.local.values().any(|it| it.contains(ACCOUNT)));
}

#[test]
fn a_short_list_leaves_what_is_under_way_and_what_is_paused() {
    let refresh = |world: &mut World| {
        world.ask_for(Question::RefreshFans);
        let (call, purpose) = world.sent.pop().expect("a call");
        world.sent.insert(0, (call, purpose));
        world.service_answers(200, "[]");
    };
    let mut world = started();
    refresh(&mut world);
    look(&mut world, &prompt(2));
    assert_eq!(step(&mut world), FanslyStep::Code);
    world.done(code("123456"));
    refresh(&mut world);
    assert_eq!(step(&mut world), FanslyStep::Checking);
    world.replies(pause(429, 60));
    let paused = account(&mut world);
    assert_eq!((paused.step, paused.is_paused(world.now)), (FanslyStep::Code, true));
    world.later(Span::seconds(61));
    world.done(code("123456"));
    world.service_answers(200, &done());
    refresh(&mut world);
    assert_eq!(world.view().fansly.map(|it| it.accounts.len()), Some(0), "what is over goes with the list");

    let mut world = connected();
    world.done(act(FanslyAct::SignIn));
    world.replies(pause(503, 90));
    refresh(&mut world);
    world.ask_for(Question::RefreshFans);
    world.service_answers(200, LIST);
    assert_eq!(world.refusal(act(FanslyAct::SignIn)), Refusal::Paused);
}

#[test]
fn an_answer_counts_for_the_step_it_was_asked_in() {
    // The stores are read anew while a code is under way: what was sent is not forgotten.
    let mut world = connected();
    prompted(&mut world, 0);
    world.done(code("123456"));
    world.fail_writes = true;
    let other = Question::Fansly { member: "fansly_acct_FAKE0002".into(), word: FanslyAct::Done };
    assert_eq!(world.refusal(other), Refusal::NotSaved);
    world.fail_writes = false;
    assert_eq!((world.sent.len(), world.sent[0].0.method), (1, Method::Put), "nothing is asked beside it");
    world.service_answers(200, &prompt(0));
    assert_eq!(step(&mut world), FanslyStep::Checking);
    look(&mut world, &done());
    assert_eq!(step(&mut world), FanslyStep::Done);
    // Connected anew and started again: a look of the login before says nothing.
    let mut world = started();
    assert!(world.waits());
    let old = world.sent.remove(0);
    world.done(Question::DisconnectFans);
    crate::fansly::connect(&mut world);
    world.later(Span::seconds(1));
    world.done(act(FanslyAct::SignIn));
    let start = world.sent.remove(0);
    for (call, body) in [(old, done()), (start, STARTED.into())] {
        world.sent.insert(0, call);
        assert_eq!(step(&mut world), FanslyStep::Starting);
        world.service_answers(200, &body);
    }
    assert!(step(&mut world) == FanslyStep::Working && world.sent.is_empty());
    look(&mut world, &prompt(2));
    // The same, not started again.
    let mut world = started();
    assert!(world.waits());
    let old = world.sent.remove(0);
    world.done(Question::DisconnectFans);
    crate::fansly::connect(&mut world);
    world.later(Span::seconds(1));
    world.done(act(FanslyAct::Check));
    assert_eq!(world.sent.len(), 1, "it is looked at, whatever is still under way");
    world.sent.insert(0, old);
    world.service_answers(200, &prompt(2));
    assert_eq!(step(&mut world), FanslyStep::Working);
    world.service_answers(200, &done());
    assert_eq!(step(&mut world), FanslyStep::Done);
    // What cannot be written was not sent.
    let mut world = connected();
    prompted(&mut world, 0);
    world.fail_writes = true;
    assert_eq!(world.refusal(code("123456")), Refusal::NotSaved);
    world.fail_writes = false;
    assert_eq!(step(&mut world), FanslyStep::Code);
    world.done(code("123456"));
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn a_text_repeats_neither_a_key_that_was_replaced_nor_a_code_that_was_sent() {
    let mut world = connected();
    world.done(act(FanslyAct::SignIn));
    let start = world.sent.remove(0);
    world.ask_for(Question::ConnectFans { api_key: Secret::new(OTHER_FANS_KEY.into()), word: Address::New });
    world.service_answers(200, LIST);
    world.sent.push(start);
    world.service_answers(400, &format!(r#"{{"reason":"No {FANS_KEY}"}}"#));
    look(&mut world, &status(""));
    assert_eq!((step(&mut world), account(&mut world).said), (FanslyStep::NotNow, None));
    assert!(!world.local.values().any(|it| it.contains("abcdefghijkl")));
    // A look with the key that was replaced says nothing; another one is sent with the new key.
    let mut world = started();
    assert!(world.waits());
    let old = world.sent.remove(0);
    world.ask_for(Question::ConnectFans { api_key: Secret::new(OTHER_FANS_KEY.into()), word: Address::New });
    world.service_answers(200, LIST);
    world.sent.push(old);
    world.service_answers(401, "");
    assert_eq!((step(&mut world), world.sent.len()), (FanslyStep::Working, 1));
    assert!(world.sent[0].0.auth.1.expose().ends_with(OTHER_FANS_KEY));

    for sent in ["4821", "AbcdE", "12345"] {
        for killed in [false, true] {
            let mut world = connected();
            prompted(&mut world, 2);
            world.done(code(sent));
            world.service_answers(200, &prompt(2));
            look(&mut world, &prompt(2));
            assert_eq!(account(&mut world).sent_to.as_deref(), Some("f**@e*****.invalid"), "of before");
            world.later(Span::seconds(1));
            world.done(code(sent));
            world.service_answers(200, &prompt(2));
            if killed {
                world.restart_browser();
            }
            look(&mut world, &status(&format!(r#","last_error":"Code {sent} is wrong.""#)));
            assert_eq!((step(&mut world), account(&mut world).said), (FanslyStep::Refused, None));
            world.done(act(FanslyAct::SignIn));
            world.service_answers(400, &format!(r#"{{"reason":"Code {sent} was wrong."}}"#));
            look(&mut world, &status(""));
            assert_eq!((step(&mut world), account(&mut world).said), (FanslyStep::NotNow, None));
            assert!(!world.local[&Key::Fansly].contains(sent), "{sent} is stored");
            // Codes live for minutes.
            world.later(Span::minutes(61));
            world.done(act(FanslyAct::SignIn));
            world.service_answers(400, r#"{"reason":"Busy."}"#);
            look(&mut world, &status(""));
            assert_eq!(account(&mut world).said.as_deref(), Some("Busy."));
        }
    }
}

#[test]
fn nothing_is_sent_that_cannot_be_written_down() {
    let mut world = connected();
    world.silent_store = true;
    world.restart_browser();
    let connects = || Question::ConnectFans { api_key: Secret::new(FANS_KEY.into()), word: Address::New };
    for question in [act(FanslyAct::SignIn), act(FanslyAct::Check), code("123456"), Question::RefreshFans, connects()] {
        assert_eq!(world.refusal(question), Refusal::StoreReadOnly);
    }
    assert!(world.sent.is_empty());
}

#[test]
fn a_prompt_is_no_dead_end() {
    // The code is late: another login, or a look.
    let mut world = connected();
    prompted(&mut world, 2);
    world.done(act(FanslyAct::Check));
    look(&mut world, &prompt(2));
    assert_eq!(step(&mut world), FanslyStep::Code);
    world.done(act(FanslyAct::SignIn));
    assert_eq!((world.sent[0].0.method, step(&mut world)), (Method::Post, FanslyStep::Starting));
    // Signed in elsewhere.
    let mut world = connected();
    prompted(&mut world, 2);
    assert_eq!(world.badge, "1");
    world.ask_for(Question::RefreshFans);
    world.service_answers(200, &LIST.replace("\"is_authenticated\":false", "\"is_authenticated\":true"));
    let there = account(&mut world);
    assert_eq!((there.step, there.signed_in, world.badge.as_str()), (FanslyStep::Idle, true, ""));
    // It has left: told by the code's answer, and by the list.
    let mut world = connected();
    prompted(&mut world, 2);
    world.done(code("123456"));
    world.service_answers(404, "{}");
    assert_eq!(step(&mut world), FanslyStep::Checking);
    while world.sent.is_empty() {
        assert!(world.waits());
    }
    world.service_answers(404, "{}");
    assert_eq!((step(&mut world), world.badge.as_str()), (FanslyStep::Stopped, ""));
    let mut world = connected();
    prompted(&mut world, 2);
    world.ask_for(Question::RefreshFans);
    world.service_answers(200, "[]");
    assert_eq!(world.view().fansly.map(|it| it.accounts.len()), Some(0));
}

#[test]
fn a_clock_that_was_set_back_ends_a_login_and_its_pause() {
    for killed in [false, true] {
        let mut world = started();
        world.now.0 -= Span::days(1).0;
        if killed {
            world.kill_worker();
            world.rings(Alarm::Follow, Presence::Active);
        }
        world.view();
        assert_eq!(world.sent.len(), 1, "it is looked at once more, now");
        look(&mut world, &status(""));
        assert_eq!((step(&mut world), world.sent.len()), (FanslyStep::Unfinished, 0), "killed: {killed}");
        world.done(act(FanslyAct::SignIn));
        world.replies(pause(429, 900));
        assert_eq!(world.refusal(act(FanslyAct::SignIn)), Refusal::Paused);
        world.now.0 -= Span::days(1).0;
        assert_eq!(account(&mut world).until, None);
        world.done(act(FanslyAct::SignIn));
    }
}
