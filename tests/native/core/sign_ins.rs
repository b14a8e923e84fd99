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
    world.signs_in(KeyChoice::Theirs);
    assert_eq!(world.sign_in_refused(KeyChoice::Theirs), Refusal::StillRunning);
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn a_worker_killed_during_a_sign_in_leaves_it_unknown_and_sends_no_second_post() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.signs_in(KeyChoice::Theirs);
    world.kill_worker();
    assert_eq!(attempt(&mut world), Some(Outcome::Unknown));
    assert!(world.sent.is_empty(), "nothing is sent without a click");
    world.ask_for(Question::CheckStatus { account: world.account("900001") });
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
    assert_eq!(world.sign_in_refused(KeyChoice::Theirs), Refusal::NotSaved);
    assert!(world.sent.is_empty(), "unwritten means unsent");
    world.fail_writes = false;
    world.signs_in(KeyChoice::Theirs);
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn a_pause_outlives_restarts_and_done() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.signs_in(KeyChoice::Theirs);
    world.service_answers(429, r#"{"error":"login_cooldown","reason":"temporary_issue","retryAfterMs":60000}"#);
    world.done(Question::Dismiss { account: world.account("900001") });
    world.restart_browser();
    assert_eq!(world.sign_in_refused(KeyChoice::Theirs), Refusal::Paused);
    assert_eq!(world.badge, "1", "a paused account is nothing to fix now");
    world.later(Span::seconds(61));
    world.signs_in(KeyChoice::Theirs);
}

#[test]
fn no_answer_is_unknown() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.signs_in(KeyChoice::Theirs);
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
    world.signs_in(KeyChoice::Saved);
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
    assert_eq!(
        world.refusal(Question::Connect { api_key, name: String::new(), workspace: None }),
        Refusal::ApiKeyShape
    );
    world.ask_for(connect(API_KEY));
    world.service_answers(401, r#"{"error":"unauthenticated"}"#);
    assert!(world.view().xquik.is_empty());
    assert_eq!(world.refusal(Question::Refresh), Refusal::NotConnected);
}

#[test]
fn a_proof_is_of_the_key_that_was_sent_and_of_no_other() {
    let mut world = World::new();
    world.sets_passphrase(1);
    let entry = captured_and_confirmed(&mut world, KEY);
    world.connects(ACCOUNTS);
    world.signs_in(KeyChoice::Saved);
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
    world.signs_in(KeyChoice::Theirs);
    world.replies(Reply::Silence);
    assert_eq!(world.sign_in_refused(KeyChoice::Theirs), Refusal::CheckFirst);
    world.ask_for(Question::CheckStatus { account: world.account("900001") });
    world.service_answers(200, &HEALTHY.replace("healthy", "needsReauth"));
    assert_eq!(attempt(&mut world), Some(Outcome::Unknown), "Xquik may still be busy with it");
    world.later(Span::seconds(121));
    world.ask_for(Question::CheckStatus { account: world.account("900001") });
    world.sent.retain(|(_, purpose)| matches!(purpose, longkey_core::effect::For::Check { .. }));
    world.service_answers(200, &HEALTHY.replace("healthy", "needsReauth"));
    world.signs_in(KeyChoice::Theirs);
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
    let workspace = world.view().xquik[0].id;
    world.done(Question::Disconnect { workspace });
    world.service_answers(200, ACCOUNTS);
    assert!(world.view().xquik.is_empty());
}

#[test]
fn a_list_without_end_ends() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.ask_for(connect(API_KEY));
    for _ in 0..150 {
        if world.sent.is_empty() {
            return;
        }
        world.service_answers(200, r#"{"accounts":[],"hasMore":true,"nextCursor":"again"}"#);
    }
    panic!("still asking");
}

#[test]
fn a_refused_region_is_told_from_a_missing_password() {
    for (region, verdict) in [(Some("de"), Verdict::RegionRefused), (None, Verdict::PasswordMissing)] {
        let mut world = World::new();
        world.done(Question::SkipPassphrase);
        world.connects(ACCOUNTS);
        let password = Secret::new("not-a-real-password".into());
        let (account, email) = (world.account("900001"), Some(" a@b.example ".into()));
        let region = region.map(Into::into);
        world.done(Question::SignIn {
            account,
            password,
            key: KeyChoice::Theirs,
            email,
            region: region.clone(),
            entry: None,
            since: None,
        });
        let body = world.sent[0].0.body.as_ref().expect("a body").expose();
        let country = if region.is_some() { r#","proxy_country":"DE""# } else { "" };
        let wanted = format!(r#"{{"password":"not-a-real-password","email":"a@b.example"{country}}}"#);
        assert_eq!(body, wanted);
        world.service_answers(400, r#"{"error":"invalid_input"}"#);
        let answered = attempt(&mut world);
        assert!(matches!(answered, Some(Outcome::Answered { verdict: it, .. }) if it == verdict));
    }
}

#[test]
fn only_the_key_that_was_shown_is_sent() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    let entry = captured_and_confirmed(&mut world, KEY);
    world.connects(ACCOUNTS);
    let shown = world.sign_in(KeyChoice::Saved);
    // Given another key of another name, refused and trusted again, or taken by a rename: each is another one than was shown.
    world.later(Span::seconds(1));
    world.done(Question::Refuses { entry });
    world.done(Question::AddKey { text: Secret::new(OTHER_KEY.into()), handle: "standin_user".into() });
    assert_eq!(world.refusal(shown.clone()), Refusal::KeyChanged, "what waits now was not shown");
    let waits = world.sign_in(KeyChoice::Saved);
    world.done(Question::Delete { entry });
    assert_eq!(world.refusal(waits.clone()), Refusal::NoConfirmedKey);
    world.done(Question::AddKey { text: Secret::new(KEY.into()), handle: "standin_user".into() });
    assert_eq!(world.refusal(waits), Refusal::KeyChanged, "the same name, another entry");
    let Question::SignIn { account, password, key, entry, .. } = world.sign_in(KeyChoice::Saved) else { panic!() };
    let question = Question::SignIn { account, password, key, email: None, region: None, entry, since: None };
    assert_eq!(world.refusal(question), Refusal::KeyChanged, "nothing was shown");
    assert!(world.sent.is_empty());
    world.signs_in(KeyChoice::Saved);
    assert!(world.sent[0].0.body.as_ref().expect("a body").expose().contains(KEY));
}

/// What X refused so far, as pages show it.
fn refusals(world: &mut World) -> u32 {
    let account = world.account("900001");
    listed(world, &account).refusals
}

/// A sign-in of this key that X refuses.
fn refused(world: &mut World, key: KeyChoice) -> u32 {
    world.signs_in(key);
    world.service_answers(422, r#"{"error":"login_failed"}"#);
    refusals(world)
}

#[test]
fn refusals_in_a_row_are_counted_until_a_success_or_a_new_key() {
    let mut world = World::new();
    world.sets_passphrase(1);
    let entry = captured_and_confirmed(&mut world, KEY);
    world.connects(ACCOUNTS);
    assert_eq!(refused(&mut world, KeyChoice::Saved), 1);
    world.done(Question::Dismiss { account: world.account("900001") });
    world.restart_browser();
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(refused(&mut world, KeyChoice::Saved), 2, "in a row, whatever ended in between");
    // An answer that is none of X's changes nothing.
    world.signs_in(KeyChoice::Saved);
    world.service_answers(503, "{}");
    assert_eq!(refusals(&mut world), 2);
    world.signs_in(KeyChoice::Saved);
    world.replies(Reply::Silence);
    world.later(Span::seconds(121));
    world.ask_for(Question::CheckStatus { account: world.account("900001") });
    world.sent.retain(|(_, purpose)| matches!(purpose, longkey_core::effect::For::Check { .. }));
    world.service_answers(200, &HEALTHY.replace("healthy", "needsReauth"));
    assert_eq!((attempt(&mut world), refusals(&mut world)), (None, 2), "what did not go through is no refusal");
    world.sent.clear();
    // X counts logins, whichever of the keys that were there they were made with.
    assert_eq!(refused(&mut world, KeyChoice::Theirs), 3);
    assert_eq!(refused(&mut world, KeyChoice::Saved), 4);
    world.signs_in(KeyChoice::Theirs);
    world.service_answers(422, r#"{"error":"passkey_required"}"#);
    assert_eq!(refusals(&mut world), 5);
    // A key that is new begins anew, before anything is sent.
    world.later(Span::seconds(1));
    world.done(Question::Refuses { entry });
    world.done(Question::AddKey { text: Secret::new(OTHER_KEY.into()), handle: "standin_user".into() });
    assert_eq!(refusals(&mut world), 0);
    assert_eq!(refused(&mut world, KeyChoice::Saved), 1);
    world.signs_in(KeyChoice::Saved);
    world.service_answers(200, HEALTHY);
    assert_eq!(refusals(&mut world), 0);
    let Answer::Past(past) = world.ask(Question::Past { account: world.account("900001") }) else { panic!() };
    let (saved, worked) = (past.added.expect("saved"), past.worked.expect("worked"));
    assert!(saved <= worked && worked == world.now);
}

#[test]
fn a_status_that_turned_out_well_ends_the_row_of_refusals() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    assert_eq!(refused(&mut world, KeyChoice::Theirs), 1);
    assert_eq!(refused(&mut world, KeyChoice::Theirs), 2);
    world.signs_in(KeyChoice::Theirs);
    world.replies(Reply::Silence);
    world.ask_for(Question::CheckStatus { account: world.account("900001") });
    world.service_answers(200, HEALTHY);
    assert_eq!(refusals(&mut world), 0);
}
