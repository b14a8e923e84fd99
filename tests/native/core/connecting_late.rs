//! Connecting a new account where time matters: long pauses, foreign times, late answers, two tabs; and what an answer may
//! bring into the store.

use crate::connecting::*;
use crate::world::*;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::effect::{Alarm, Presence};
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
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
fn a_clock_that_was_set_back_leaves_the_looks_to_a_click() {
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PENDING);
    world.kill_worker();
    world.now = UnixTime(world.now.0 - Span::days(1).0);
    for _ in 0..3 {
        world.rings(Alarm::Follow, Presence::Active);
        assert_eq!((looks(&world), it(&mut world).stage), (0, Stage::Late), "nobody knows how long it has been");
    }
    world.sent.clear();
    let account = account(&mut world);
    world.ask_for(Question::ConnectCheck { account });
    world.service_answers(200, PENDING);
    assert_eq!((it(&mut world).stage, world.waits.len()), (Stage::Late, 0));
    world.service_answers(200, r#"{"accounts":[]}"#);
    assert_eq!(it(&mut world).stage, Stage::Late, "Xquik may still be at it");
}

#[test]
fn a_clock_that_was_set_back_keeps_neither_a_pause_nor_a_prompt_nor_what_nobody_heard_of() {
    let back = |world: &mut World| {
        world.now = UnixTime(world.now.0 - Span::days(1).0);
        world.sent.clear();
    };
    let mut world = ready();
    begins(&mut world);
    world.replies(waited(429, 900, r#"{"error":"rate_limit_exceeded"}"#));
    back(&mut world);
    assert_eq!(it(&mut world).until, None);
    begins(&mut world);
    // It is asked for a code.
    world.sent.retain(|(call, _)| call.path == "/api/v1/x/accounts");
    world.service_answers(202, PROMPT);
    back(&mut world);
    assert_eq!((it(&mut world).until, world.badge.as_str()), (None, ""));
    begins(&mut world);
    world.sent.retain(|(call, _)| call.path == "/api/v1/x/accounts");
    world.replies(Reply::Silence);
    back(&mut world);
    let account = account(&mut world);
    world.sent.clear();
    world.ask_for(Question::ConnectCheck { account });
    world.service_answers(200, r#"{"accounts":[]}"#);
    assert_eq!(it(&mut world).verdict, Some(Verdict::NotListed));
}

#[test]
fn a_pause_holds_whatever_the_answer_is_called() {
    let passkey = r#"{"error":"passkey_required","retryAfterMs":300000}"#;
    for (reply, stage) in [
        (
            Reply::Answer { status: 422, retry_after: None, date: None, body: Secret::new(passkey.into()) },
            Stage::Failed,
        ),
        (waited(503, 300, r#"{"error":"service_unavailable"}"#), Stage::Failed),
    ] {
        let mut world = ready();
        begins(&mut world);
        world.replies(reply);
        let failed = it(&mut world);
        assert_eq!((failed.stage, failed.until), (stage, Some(world.now.after(Span::minutes(5)))));
        let since = world.view().entries[0].sendable.as_ref().expect("a key").since;
        let again = Question::ConnectNew {
            workspace: failed.account.workspace,
            handle: "acme_new".into(),
            email: "fake.person@example.invalid".into(),
            password: Secret::new(PASSWORD.into()),
            since,
        };
        assert_eq!(world.refusal(again), Refusal::Paused);
    }
    // A look waits as well.
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PENDING);
    assert!(world.waits());
    world.replies(waited(503, 60, r#"{"error":"service_unavailable"}"#));
    let before = world.now;
    assert!(world.waits());
    assert_eq!((world.now.since(before), looks(&world)), (Span::seconds(60), 1));
    // And a code.
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PROMPT);
    let account = account(&mut world);
    let code = || Question::ConnectCode { account: account.clone(), code: Secret::new("123456".into()) };
    world.done(code());
    world.replies(waited(503, 60, r#"{"error":"service_unavailable"}"#));
    assert_eq!((it(&mut world).stage, world.refusal(code())), (Stage::Code, Refusal::Paused));
    world.later(Span::seconds(61));
    world.done(code());
    // One bucket: what a code meets, sign-ins meet.
    world.replies(waited(429, 60, r#"{"error":"rate_limit_exceeded"}"#));
    assert_eq!(world.view().xquik[0].not_before, Some(world.now.after(Span::seconds(60))));
}

#[test]
fn a_limit_of_new_accounts_holds_no_sign_in_and_that_of_sign_ins_holds_new_accounts() {
    let listed = LISTED.replace("acme_new", "acme_old").replace("healthy", "needsReauth").replace("9000001", "9000002");
    let sign_in = |world: &mut World| Question::SignIn {
        account: world.view().xquik[0].accounts[0].id.clone(),
        password: Secret::new(PASSWORD.into()),
        key: KeyChoice::Theirs,
        email: None,
        region: None,
        entry: None,
        since: None,
    };
    let mut world = ready();
    world.ask_for(Question::Refresh);
    world.service_answers(200, &listed);
    begins(&mut world);
    world.replies(waited(429, 900, r#"{"error":"rate_limit_exceeded"}"#));
    assert_eq!(world.view().xquik[0].not_before, None);
    let question = sign_in(&mut world);
    world.done(question);
    let mut world = ready();
    world.ask_for(Question::Refresh);
    world.service_answers(200, &listed);
    begins(&mut world);
    world.service_answers(202, PROMPT);
    let account = account(&mut world);
    let question = sign_in(&mut world);
    world.done(question);
    world.replies(waited(429, 60, r#"{"error":"rate_limit_exceeded"}"#));
    let code = || Question::ConnectCode { account: account.clone(), code: Secret::new("123456".into()) };
    assert_eq!(world.refusal(code()), Refusal::Paused);
    world.later(Span::seconds(61));
    world.done(code());
}

/// A connection that is looked at by a click.
fn late() -> World {
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PENDING);
    world.later(Span::minutes(5));
    world.kill_worker();
    world.rings(Alarm::Follow, Presence::Active);
    assert_eq!(it(&mut world).stage, Stage::Late);
    world.sent.clear();
    let account = account(&mut world);
    world.ask_for(Question::ConnectCheck { account });
    world
}

#[test]
fn an_attempt_that_tells_nothing_is_left_to_the_list_and_given_up_after_an_hour() {
    for (status, body) in [
        (403, r#"{"error":"session_required"}"#.to_owned()),
        (200, PENDING.replace("pending", "an_unknown_word")),
        (200, PENDING.into()),
    ] {
        let mut world = late();
        world.service_answers(status, &body);
        world.service_answers(200, r#"{"accounts":[]}"#);
        assert_eq!(it(&mut world).stage, Stage::Late, "{body}");
        world.later(Span::minutes(56));
        let account = account(&mut world);
        world.sent.clear();
        world.ask_for(Question::ConnectCheck { account: account.clone() });
        world.service_answers(status, &body);
        world.service_answers(200, r#"{"accounts":[]}"#);
        let given_up = it(&mut world);
        assert_eq!((given_up.stage, given_up.verdict), (Stage::Failed, Some(Verdict::NotListed)), "{body}");
        world.done(Question::ConnectDone { account });
    }
    let mut world = late();
    world.service_answers(200, PENDING);
    world.service_answers(200, LISTED);
    assert_eq!(it(&mut world).stage, Stage::Connected);
    // Gone, by another number.
    let mut world = late();
    world.service_answers(410, r#"{"error":"connection_attempt_expired"}"#);
    world.service_answers(200, r#"{"accounts":[]}"#);
    assert_eq!(it(&mut world).verdict, Some(Verdict::NotListed));
}

#[test]
fn what_was_not_let_through_is_late_for_that_reason_until_a_list_comes() {
    for reply in [waited(401, 0, "{}"), Reply::NotAllowed] {
        let mut world = late();
        let verdict = if reply == Reply::NotAllowed { Verdict::NotAllowed } else { Verdict::ApiKeyRefused };
        world.replies(reply);
        let held = it(&mut world);
        assert_eq!((held.stage, held.verdict, world.sent.len()), (Stage::Late, Some(verdict), 0));
        world.ask_for(Question::Refresh);
        world.service_answers(200, r#"{"accounts":[]}"#);
        let now = it(&mut world);
        assert_eq!((now.stage, now.verdict), (Stage::Late, None), "[Check status] is what helps now");
    }
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
fn an_id_is_opaque_but_repeats_nothing_and_leads_nowhere_else() {
    let id = |id: &str| (PENDING.replace(ATTEMPT, id), PROMPT.replace(CHALLENGE, id));
    for opaque in ["xch_ab-cd", "7", "0A-b_c.d~e", "...a", &"0a".repeat(100)] {
        let (pending, prompt) = id(opaque);
        for (body, stage) in [(pending, Stage::Pending), (prompt, Stage::Code)] {
            let mut world = ready();
            begins(&mut world);
            world.service_answers(202, &body);
            assert_eq!(it(&mut world).stage, stage, "{opaque:?}");
        }
    }
    let echoes = [PASSWORD, KEY, &KEY.to_lowercase(), "fake.person", API_KEY].map(|it| ["xch_", it, "1"].concat());
    let others = ["", ".", "..", "one/two?", "é", "a%2e", &"0a".repeat(101)].map(String::from);
    for wrong in echoes.into_iter().chain(others) {
        let (pending, prompt) = id(&wrong);
        for (body, stage) in [(pending, Stage::Late), (prompt, Stage::Unknown)] {
            let mut world = ready();
            begins(&mut world);
            world.service_answers(202, &body);
            assert_eq!(it(&mut world).stage, stage, "{wrong:?}: only the list can tell");
            keeps_no_secret(&world);
            assert!(!world.local.values().any(|it| it.contains(&["xch_", API_KEY].concat())));
        }
    }
    // A code that was sent is in no new prompt's id.
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PROMPT);
    let account = account(&mut world);
    world.done(Question::ConnectCode { account, code: Secret::new("482913".into()) });
    world.service_answers(202, &id("xch_482913").1);
    assert_eq!(it(&mut world).stage, Stage::Unknown);
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
