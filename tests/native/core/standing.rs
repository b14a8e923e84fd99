//! What became of a sign-in, as time goes on: answers that leave open whether it went through, successes that are over, pauses
//! of one account and of all, and a clock that was set back.

use crate::stories::*;
use crate::world::*;
use longkey_core::clock::Span;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::xquik::{Health, Verdict};
use longkey_core::services::{Reply, wait};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const TWO_MINUTES: Span = Span::seconds(121);

fn sent(world: &mut World) {
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.signs_in(KeyChoice::Theirs);
}

fn stands(world: &mut World, health: &str) {
    world.sent.clear();
    world.ask_for(Question::CheckStatus { account: world.account("900001") });
    world.service_answers(200, &HEALTHY.replace("healthy", health));
}

fn lists(world: &mut World, accounts: &str) {
    world.sent.clear();
    world.ask_for(Question::Refresh);
    world.service_answers(200, accounts);
}

fn verdict(world: &mut World) -> Option<Verdict> {
    match attempt(world)? {
        Outcome::Answered { verdict, .. } => Some(verdict),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_success_is_shown_until_the_account_has_dropped_again() {
    let mut world = World::new();
    sent(&mut world);
    world.service_answers(200, HEALTHY);
    lists(&mut world, ACCOUNTS);
    assert!(matches!(verdict(&mut world), Some(Verdict::SignedIn { .. })), "a list may be older than the sign-in");
    world.later(TWO_MINUTES);
    lists(&mut world, &ACCOUNTS.replacen("needsReauth", "healthy", 1));
    assert!(matches!(verdict(&mut world), Some(Verdict::SignedIn { .. })));
    lists(&mut world, ACCOUNTS);
    assert_eq!(attempt(&mut world), None, "it wants its form");
    world.restart_browser();
    assert_eq!(attempt(&mut world), None);
}

#[test]
fn what_x_reported_beside_a_success_can_be_looked_at_again() {
    let mut world = World::new();
    sent(&mut world);
    world.service_answers(200, &HEALTHY.replace("healthy", "recovering"));
    stands(&mut world, "locked");
    assert_eq!(verdict(&mut world), Some(Verdict::SignedInBut { health: Health::Locked }));
    stands(&mut world, "healthy");
    assert!(matches!(verdict(&mut world), Some(Verdict::SignedIn { .. })));
}

#[test]
fn an_account_that_is_listed_again_is_not_gone() {
    let mut world = World::new();
    sent(&mut world);
    world.service_answers(404, r#"{"error":"account_not_found"}"#);
    assert_eq!(verdict(&mut world), Some(Verdict::AccountGone));
    world.later(Span::seconds(1));
    lists(&mut world, ACCOUNTS);
    assert_eq!(attempt(&mut world), None);
}

#[test]
fn after_an_answer_that_leaves_it_open_nothing_is_sent_before_a_look() {
    for (status, body) in [
        (202, r#"{"status":"pending"}"#),
        (202, r#"{"status":"requires_email_code"}"#),
        (200, "<html>"),
        (200, r#"{"id":"1","xUsername":"other","status":"active","health":"healthy"}"#),
        (502, "<html>bad gateway</html>"),
        (504, ""),
    ] {
        let mut world = World::new();
        sent(&mut world);
        world.service_answers(status, body);
        world.ask_for(Question::Dismiss { account: world.account("900001") });
        let account = world.account("900001");
        assert!(listed(&mut world, &account).attempt.is_some_and(|it| it.open), "{status} {body}");
        assert_eq!(world.sign_in_refused(KeyChoice::Theirs), Refusal::CheckFirst, "{status} {body}");
        stands(&mut world, "needsReauth");
        assert_eq!(world.sign_in_refused(KeyChoice::Theirs), Refusal::CheckFirst, "Xquik may still be busy with it");
        world.later(TWO_MINUTES);
        stands(&mut world, "needsReauth");
        world.signs_in(KeyChoice::Theirs);
    }
    let mut world = World::new();
    sent(&mut world);
    world.service_answers(202, r#"{"status":"pending"}"#);
    stands(&mut world, "healthy");
    assert!(matches!(verdict(&mut world), Some(Verdict::SignedIn { .. })));
}

#[test]
fn a_refusal_of_what_was_asked_for_leaves_nothing_open() {
    let mut world = World::new();
    sent(&mut world);
    world.service_answers(418, r#"{"error":"a_teapot"}"#);
    world.signs_in(KeyChoice::Theirs);
}

#[test]
fn any_refusal_may_bring_a_pause() {
    for (status, body) in [
        (422, r#"{"error":"passkey_required","retryAfterMs":300000}"#),
        (503, r#"{"error":"service_unavailable","retryAfter":300}"#),
    ] {
        let mut world = World::new();
        sent(&mut world);
        world.service_answers(status, body);
        world.restart_browser();
        assert_eq!(world.sign_in_refused(KeyChoice::Theirs), Refusal::Paused, "{body}");
        world.later(Span::seconds(301));
        world.signs_in(KeyChoice::Theirs);
    }
}

#[test]
fn who_asks_to_slow_down_means_every_account() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(&ACCOUNTS.replace("locked", "needsReauth"));
    assert_eq!(world.badge, "2");
    world.signs_in(KeyChoice::Theirs);
    world.service_answers(429, r#"{"error":"rate_limit_exceeded","retryAfter":60}"#);
    let account = world.account("900002");
    let question = world.sign_in_of(account.clone(), KeyChoice::Theirs);
    assert_eq!(world.refusal(question), Refusal::Paused);
    // Each of them says so, and none is for the user to fix now.
    let view = world.view();
    let until = Some(world.now.after(Span::seconds(60)));
    assert_eq!(view.xquik[0].not_before, until);
    assert!(view.xquik[0].accounts.iter().all(|it| it.not_before == until));
    let wait = view.xquik[0].accounts.iter().filter(|it| it.health == Health::NeedsReauth);
    assert_eq!(wait.map(|it| it.group).collect::<Vec<_>>(), [Group::Waiting, Group::Waiting]);
    assert_eq!(world.badge, "", "none can be fixed now");
    world.later(Span::seconds(61));
    let question = world.sign_in_of(account, KeyChoice::Theirs);
    world.done(question);
}

#[test]
fn a_clock_that_was_set_back_keeps_no_account() {
    let mut world = World::new();
    sent(&mut world);
    world.service_answers(429, r#"{"error":"login_cooldown","retryAfterMs":3600000}"#);
    world.now.0 -= Span::days(30).0;
    let account = world.account("900001");
    assert_eq!(listed(&mut world, &account).not_before, None);
    world.sent.clear();
    world.signs_in(KeyChoice::Theirs);
    world.replies(Reply::Silence);
    world.now.0 -= Span::days(30).0;
    stands(&mut world, "needsReauth");
    world.signs_in(KeyChoice::Theirs);
}

#[test]
fn a_cursor_that_is_not_taken_is_left_away_once() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.ask_for(connect(API_KEY));
    let more = ACCOUNTS.replace("\"hasMore\":false", "\"hasMore\":true,\"nextCursor\":\"abc\"");
    world.service_answers(200, &more);
    assert!(world.sent[0].0.path.ends_with("&cursor=abc"));
    world.service_answers(400, r#"{"error":"invalid_input"}"#);
    assert!(!world.sent[0].0.path.contains("cursor"));
    world.service_answers(200, ACCOUNTS);
    assert_eq!(world.view().xquik[0].accounts.len(), 3);

    world.ask_for(Question::Refresh);
    for (status, body) in [(200, &*more), (400, "{}"), (200, &*more), (400, "{}")] {
        world.service_answers(status, body);
    }
    assert!(world.sent.is_empty(), "once");
    assert!(world.view().xquik[0].trouble.is_some());
}

#[test]
fn headers_say_how_long_to_wait() {
    let wait = |header, bucket| wait(header, bucket, &Secret::new(r#"{"error":"rate_limit_exceeded"}"#.into()));
    assert_eq!(wait(Some(" 90 "), Some(r#""write";r=0;t=12"#)), Some(90));
    assert_eq!(wait(Some("Wed, 21 Oct 2026 07:28:00 GMT"), Some(r#""write";r=0;t=12"#)), Some(12));
    assert_eq!(wait(None, Some(r#""read";r=499;t=1"#)), None, "there are some left");
    for nonsense in ["", "r=0", "t=5", "r=0;t=-1", ";;=;r==0;t=9"] {
        assert_eq!(wait(None, Some(nonsense)), None, "{nonsense}");
    }
    assert_eq!(wait(None, None), None);
    for body in [r#"{"error":"login_cooldown","retryAfterMs":3600000}"#, r#"{"retryAfter":"3600"}"#] {
        let body = Secret::new(body.into());
        assert_eq!(longkey_core::services::wait(None, Some(r#""write";r=0;t=12"#), &body), None, "the body says more");
        assert_eq!(longkey_core::services::wait(Some("90"), None, &body), Some(90));
    }
}
