//! Signing in again, told as lists of events: one POST a click, whatever is killed, lost or slow; and the lists of accounts.

use crate::stories::*;
use crate::world::*;
use longkey_core::capture::KeyState;
use longkey_core::clock::Span;
use longkey_core::effect::Key;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::xquik::Verdict;
use longkey_core::services::{Method, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_second_click_sends_nothing() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.done(sign_in(KeyChoice::Theirs));
    assert_eq!(world.refusal(sign_in(KeyChoice::Theirs)), Refusal::StillRunning);
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn a_worker_killed_during_a_sign_in_leaves_it_unknown_and_sends_no_second_post() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.done(sign_in(KeyChoice::Theirs));
    world.kill_worker();
    assert_eq!(attempt(&mut world), Some(Outcome::Unknown));
    assert!(world.sent.is_empty(), "nothing is sent without a click");
    world.ask_for(Question::CheckStatus { account: "900001".into() });
    assert_eq!(world.sent[0].0.method, Method::Get);
    world.service_answers(200, HEALTHY);
    assert!(matches!(attempt(&mut world), Some(Outcome::Answered { verdict: Verdict::SignedIn { .. }, .. })));
}

#[test]
fn the_journal_is_written_before_the_post() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.fail_writes = true;
    assert_eq!(world.refusal(sign_in(KeyChoice::Theirs)), Refusal::NotSaved);
    assert!(world.sent.is_empty(), "unwritten means unsent");
    world.fail_writes = false;
    world.done(sign_in(KeyChoice::Theirs));
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn a_pause_outlives_restarts_and_done() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.done(sign_in(KeyChoice::Theirs));
    world.service_answers(429, r#"{"error":"login_cooldown","reason":"temporary_issue","retryAfterMs":60000}"#);
    world.done(Question::Dismiss { account: "900001".into() });
    world.restart_browser();
    assert_eq!(world.refusal(sign_in(KeyChoice::Theirs)), Refusal::Paused);
    assert_eq!(world.badge, "1", "a paused account is nothing to fix now");
    world.later(Span::seconds(61));
    world.done(sign_in(KeyChoice::Theirs));
}

#[test]
fn no_answer_is_unknown() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.done(sign_in(KeyChoice::Theirs));
    world.replies(Reply::Silence);
    assert_eq!(attempt(&mut world), Some(Outcome::Unknown));
}

#[test]
fn a_200_confirms_the_key_that_was_sent_even_if_the_vault_was_locked_meanwhile() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.connects(ACCOUNTS);
    let added = Question::AddKey { text: Secret::new(KEY.into()), handle: "standin_user".into() };
    world.done(added);
    world.done(sign_in(KeyChoice::Saved));
    world.done(Question::Lock);
    world.service_answers(200, HEALTHY);
    assert_eq!(world.unlocks(1), Answer::Done);
    let entry = world.view().entries[0].clone();
    assert_eq!(entry.current.map(|it| it.state), Some(KeyState::Confirmed));
}

#[test]
fn accounts_are_polled_when_a_page_opens_but_not_in_a_loop() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.view();
    assert!(world.sent.is_empty(), "the list is fresh");
    world.later(Span::minutes(2));
    world.view();
    world.view();
    assert_eq!(world.sent.len(), 1);
    world.service_answers(429, r#"{"error":"rate_limit_exceeded","retryAfter":600}"#);
    world.later(Span::minutes(2));
    world.view();
    assert!(world.sent.is_empty(), "the service asked for a pause");
}

#[test]
fn the_api_key_is_kept_only_if_xquik_takes_it() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    let api_key = Secret::new("xq_nonsense".into());
    assert_eq!(world.refusal(Question::Connect { api_key }), Refusal::ApiKeyShape);
    world.ask_for(Question::Connect { api_key: Secret::new(API_KEY.into()) });
    world.service_answers(401, r#"{"error":"unauthenticated"}"#);
    assert!(world.view().xquik.is_none());
    assert_eq!(world.refusal(Question::Refresh), Refusal::NotConnected);
}

#[test]
fn a_proof_is_of_the_key_that_was_sent_and_of_no_other() {
    let mut world = World::new();
    world.sets_passphrase(1);
    let entry = captured_and_confirmed(&mut world, KEY);
    world.connects(ACCOUNTS);
    world.done(sign_in(KeyChoice::Saved));
    // A newer key waits while the answer for the confirmed one is under way.
    world.done(Question::AddKey { text: Secret::new(OTHER_KEY.into()), handle: "standin_user".into() });
    world.service_answers(200, HEALTHY);
    let view = world.view().entries[0].clone();
    assert_eq!(view.id, entry);
    assert_eq!(view.current.map(|it| it.state), Some(KeyState::Confirmed));
    assert_eq!(view.waiting.map(|it| it.state), Some(KeyState::Pending), "nothing has proved it");
    let rows = world.rows.as_ref().expect("rows");
    assert_eq!(rows.rows[0].key.expose(), KEY);
}

#[test]
fn an_unknown_sign_in_is_looked_at_before_it_is_repeated() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.done(sign_in(KeyChoice::Theirs));
    world.replies(Reply::Silence);
    assert_eq!(world.refusal(sign_in(KeyChoice::Theirs)), Refusal::CheckFirst);
    world.ask_for(Question::CheckStatus { account: "900001".into() });
    world.service_answers(200, &HEALTHY.replace("healthy", "needsReauth"));
    assert_eq!(attempt(&mut world), Some(Outcome::Unknown), "Xquik may still be busy with it");
    world.later(Span::seconds(121));
    world.ask_for(Question::CheckStatus { account: "900001".into() });
    world.sent.retain(|(_, purpose)| matches!(purpose, longkey_core::effect::For::Check { .. }));
    world.service_answers(200, &HEALTHY.replace("healthy", "needsReauth"));
    world.done(sign_in(KeyChoice::Theirs));
}

#[test]
fn a_broken_list_of_accounts_does_not_stand_before_the_keys() {
    let mut world = World::new();
    captured_and_confirmed(&mut world, KEY);
    for key in [Key::Accounts, Key::Journal, Key::Resets] {
        world.local.insert(key, "nonsense".into());
    }
    world.restart_browser();
    assert_eq!(world.view().entries.len(), 1);
}

#[test]
fn a_list_that_arrives_after_disconnecting_is_not_ours() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.ask_for(Question::Refresh);
    world.done(Question::Disconnect);
    world.service_answers(200, ACCOUNTS);
    assert!(world.view().xquik.is_none());
}

#[test]
fn a_list_without_end_ends() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.ask_for(Question::Connect { api_key: Secret::new(API_KEY.into()) });
    for _ in 0..150 {
        if world.sent.is_empty() {
            return;
        }
        world.service_answers(200, r#"{"accounts":[],"hasMore":true,"nextCursor":"again"}"#);
    }
    panic!("still asking");
}
