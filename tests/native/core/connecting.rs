//! Connecting a new account at Xquik, told as lists of events: one click one POST, looks at the attempt, the e-mailed code, and
//! what is left when nobody answered.

use crate::world::*;
use longkey_core::capture::KeyState;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::effect::{Alarm, Event, Key, Presence};
use longkey_core::label::{AccountRef, Id};
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::xquik::Verdict;
use longkey_core::services::{Method, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub(crate) const ATTEMPT: &str = "xatt_0123456789abcdef0123456789abcdef";
const MADE: &str = r#"{"id":"920001","xUserId":"9000001","xUsername":"Acme_New","status":"active","health":"healthy","createdAt":"2026-11-21T00:00:00.000Z"}"#;
pub(crate) const LISTED: &str =
    r#"{"accounts":[{"id":"920001","xUserId":"9000001","xUsername":"acme_new","status":"active","health":"healthy"}]}"#;
pub(crate) const PENDING: &str = r#"{"object":"x_account_connection_attempt","id":"xatt_0123456789abcdef0123456789abcdef","status":"pending","pollAfterMs":3000}"#;
pub(crate) const CHALLENGE: &str = "xch_FAKEfake0123";
pub(crate) const PROMPT: &str = r#"{"object":"x_account_connection_challenge","id":"xch_FAKEfake0123","status":"requires_email_code","expiresAt":"2026-11-21T00:10:00.000Z","message":"Fake.","username":"acme_new"}"#;
pub(crate) const PASSWORD: &str = "not-a-real-password";

/// A workspace, and a saved key that X has accepted, for @Acme_New.
pub(crate) fn ready() -> World {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(r#"{"accounts":[]}"#);
    world.done(Question::AddKey { text: Secret::new(KEY.into()), handle: "Acme_New".into() });
    let entry = world.view().entries[0].id;
    world.done(Question::Accepted { entry });
    world
}

fn question(world: &mut World) -> Question {
    let view = world.view();
    let entry = &view.entries[0];
    let key = entry.current.as_ref().filter(|it| it.state == KeyState::Confirmed).or(entry.waiting.as_ref());
    Question::ConnectNew {
        workspace: view.xquik[0].id,
        handle: "@Acme_New".into(),
        email: " fake.person@example.invalid ".into(),
        password: Secret::new(PASSWORD.into()),
        since: key.expect("a key").since,
    }
}

pub(crate) fn begins(world: &mut World) {
    let question = question(world);
    world.done(question);
}

/// The one connection.
pub(crate) fn it(world: &mut World) -> ConnectionView {
    let mut all = world.view().connections;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

pub(crate) fn account(world: &mut World) -> AccountRef {
    it(world).account
}

fn posts(world: &World) -> usize {
    world.sent.iter().filter(|(call, _)| call.method == Method::Post).count()
}

/// What is in the stores has neither password nor e-mail.
pub(crate) fn keeps_no_secret(world: &World) {
    for (key, text) in world.local.iter().filter(|(key, _)| ![Key::Vault0, Key::Vault1, Key::Device].contains(key)) {
        assert!(!text.contains(PASSWORD) && !text.contains("fake.person") && !text.contains(KEY), "{key:?}: {text}");
    }
}

#[test]
fn exactly_four_fields_are_sent_once_and_the_account_is_listed() {
    let mut world = ready();
    begins(&mut world);
    let second = question(&mut world);
    assert_eq!(world.refusal(second), Refusal::StillRunning);
    let (call, _) = &world.sent[0];
    assert_eq!((call.method, call.path.as_str(), world.sent.len()), (Method::Post, "/api/v1/x/accounts", 1));
    let body: serde_json::Value = serde_json::from_str(call.body.as_ref().expect("a body").expose()).expect("JSON");
    let wanted = serde_json::json!({
        "username": "Acme_New", "email": "fake.person@example.invalid", "password": PASSWORD, "totp_secret": KEY,
    });
    assert_eq!(body, wanted);
    assert_eq!(it(&mut world).stage, Stage::Running);
    keeps_no_secret(&world);
    world.service_answers(201, MADE);
    assert_eq!(it(&mut world).stage, Stage::Connected);
    assert_eq!(world.sent[0].0.path, "/api/v1/x/accounts?limit=100", "the list tells its number");
    world.service_answers(200, LISTED);
    assert_eq!(world.view().xquik[0].accounts[0].handle, "acme_new");
    let account = account(&mut world);
    world.done(Question::ConnectDone { account });
    assert!(world.view().connections.is_empty());
    let again = question(&mut world);
    assert_eq!(world.ask(again), Answer::Verdict(Verdict::AlreadyConnected), "and nothing is sent");
    assert_eq!(posts(&world), 0);
}

#[test]
fn what_cannot_be_sent_is_not() {
    let mut world = ready();
    let Question::ConnectNew { workspace, handle, email, password, since } = question(&mut world) else { panic!() };
    let with = |handle: &str, email: &str, password: &str, since: UnixTime, workspace: Id| Question::ConnectNew {
        workspace,
        handle: handle.into(),
        email: email.into(),
        password: Secret::new(password.into()),
        since,
    };
    let password = password.expose();
    for (question, refusal) in [
        (with("no handle", &email, password, since, workspace), Refusal::HandleShape),
        (with(&handle, "nobody", password, since, workspace), Refusal::EmailShape),
        (with(&handle, "a b@example.invalid", password, since, workspace), Refusal::EmailShape),
        (with(&handle, &email, "", since, workspace), Refusal::PasswordEmpty),
        (with("acme_other", &email, password, since, workspace), Refusal::NoConfirmedKey),
        (with(&handle, &email, password, UnixTime(1), workspace), Refusal::KeyChanged),
        (with(&handle, &email, password, since, Id::new([9; 8])), Refusal::NotConnected),
    ] {
        assert_eq!(world.refusal(question), refusal);
    }
    world.fail_writes = true;
    let question = question(&mut world);
    assert_eq!(world.refusal(question.clone()), Refusal::NotSaved);
    assert!(world.sent.is_empty(), "unwritten means unsent");
    world.fail_writes = false;
    world.done(question);
    assert_eq!(posts(&world), 1);
}

#[test]
fn a_pending_attempt_is_looked_at_when_it_says_so_and_proves_the_key() {
    let mut world = ready();
    let entry = world.view().entries[0].id;
    world.done(Question::Refuses { entry });
    world.done(Question::AddKey { text: Secret::new(OTHER_KEY.into()), handle: "acme_new".into() });
    begins(&mut world);
    assert!(world.sent[0].0.body.as_ref().expect("a body").expose().contains(OTHER_KEY));
    let header = Reply::Answer { status: 202, retry_after: Some(0), date: None, body: Secret::new(PENDING.into()) };
    world.replies(header);
    let now = world.now;
    assert!(world.waits());
    assert_eq!(world.now.since(now), Span::seconds(1), "the header counts, but never less than a second");
    assert_eq!(world.sent[0].0.path, format!("/api/v1/x/account-connection-attempts/{ATTEMPT}"));
    world.service_answers(200, PENDING);
    let again = question(&mut world);
    assert_eq!(world.refusal(again), Refusal::StillRunning, "credentials are not sent while it is pending");
    let now = world.now;
    assert!(world.waits());
    assert_eq!(world.now.since(now), Span::seconds(3));
    // A look that failed is only a look: it goes on.
    world.replies(Reply::Silence);
    assert!(world.waits());
    assert!(world.waits.is_empty(), "one wait at a time");
    world.service_answers(200, &format!(r#"{{"object":"x","id":"{ATTEMPT}","status":"success"}}"#));
    assert_eq!(it(&mut world).stage, Stage::Connected);
    assert_eq!(world.view().entries[0].current.as_ref().map(|it| it.state), Some(KeyState::Confirmed), "a proof");
    world.service_answers(200, LISTED);
    assert_eq!(posts(&world), 0);
    assert_eq!(world.view().xquik[0].accounts.len(), 1);
}

#[test]
fn a_killed_worker_goes_on_with_what_is_pending_and_sends_no_second_post() {
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PENDING);
    assert!(world.alarms["follow"].is_some());
    world.kill_worker();
    world.later(Span::seconds(30));
    world.rings(Alarm::Follow, Presence::Active);
    assert_eq!(world.sent.iter().map(|(call, _)| call.method).collect::<Vec<_>>(), [Method::Get]);
    world.rings(Alarm::Follow, Presence::Active);
    assert_eq!(world.sent.len(), 1, "one look at a time");
    world.service_answers(200, PENDING);
    world.restart_browser();
    world.later(Span::seconds(10));
    assert_eq!(it(&mut world).stage, Stage::Pending);
    assert_eq!(world.sent.iter().filter(|(call, _)| call.path.contains("attempts")).count(), 1, "a page is enough");
    // After five minutes nobody asks by itself any more.
    world.sent.clear();
    world.kill_worker();
    world.later(Span::minutes(5));
    world.rings(Alarm::Follow, Presence::Active);
    assert_eq!(it(&mut world).stage, Stage::Late);
    world.sent.clear();
    let again = question(&mut world);
    assert_eq!(world.refusal(again), Refusal::CheckFirst);
    let account = account(&mut world);
    assert_eq!(world.ask_for(Question::ConnectCheck { account: account.clone() }), None, "it waits for the answer");
    world.service_answers(200, PENDING);
    assert_eq!(it(&mut world).stage, Stage::Late);
    assert!(world.waits.is_empty());
    // The list may tell more.
    world.service_answers(200, r#"{"accounts":[]}"#);
    assert_eq!((it(&mut world).stage, world.sent.len()), (Stage::Late, 0));
    world.ask_for(Question::ConnectCheck { account });
    // The attempt is forgotten: the list is looked at, and it is there.
    world.service_answers(400, r#"{"error":"invalid_input"}"#);
    assert_eq!(it(&mut world).stage, Stage::Unknown);
    world.service_answers(200, LISTED);
    assert_eq!(it(&mut world).stage, Stage::Connected);
    assert_eq!(posts(&world), 0);
}

#[test]
fn no_answer_is_unknown_until_the_list_tells() {
    for killed in [true, false] {
        let mut world = ready();
        begins(&mut world);
        if killed {
            world.kill_worker();
        } else {
            world.replies(Reply::Silence);
        }
        assert_eq!(it(&mut world).stage, Stage::Unknown);
        assert_eq!(posts(&world), 0, "nothing is sent without a click");
        let again = question(&mut world);
        assert_eq!(world.refusal(again), Refusal::CheckFirst);
        world.sent.clear();
        let account = account(&mut world);
        world.ask_for(Question::ConnectCheck { account: account.clone() });
        world.service_answers(200, r#"{"accounts":[]}"#);
        assert_eq!(it(&mut world).stage, Stage::Unknown, "Xquik may still be busy with it");
        let done = Question::ConnectDone { account: account.clone() };
        assert_eq!(world.refusal(done), Refusal::CheckFirst);
        world.later(Span::minutes(5));
        world.sent.clear();
        world.ask_for(Question::ConnectCheck { account });
        world.service_answers(200, r#"{"accounts":[]}"#);
        assert_eq!(it(&mut world).verdict, Some(Verdict::NotListed));
        begins(&mut world);
        assert_eq!(posts(&world), 1);
    }
}

#[test]
fn a_list_proves_no_key() {
    // Nobody heard what became of it; a colleague may have connected the account, with another key.
    for killed in [true, false] {
        let mut world = ready();
        world.done(Question::AddKey { text: Secret::new(OTHER_KEY.into()), handle: "Acme_New".into() });
        let entry = world.view().entries[0].id;
        world.done(Question::Refuses { entry });
        begins(&mut world);
        if killed {
            world.kill_worker();
        } else {
            world.replies(Reply::Silence);
        }
        world.sent.clear();
        world.ask_for(Question::Refresh);
        world.service_answers(200, LISTED);
        assert_eq!(it(&mut world).stage, Stage::Connected);
        world.kill_worker();
        let entry = world.view().entries.remove(0);
        assert_eq!(entry.waiting.map(|it| it.state), Some(KeyState::Pending));
        assert_ne!(entry.current.map(|it| it.state), Some(KeyState::Confirmed));
    }
}

#[test]
fn an_e_mailed_code_is_asked_for_again_and_takes_its_time_limit_along() {
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PROMPT);
    let asked = it(&mut world);
    assert_eq!((asked.stage, asked.until), (Stage::Code, Some(START.after(Span::minutes(10)))));
    assert_eq!(world.badge, "1", "somebody has to look into the e-mail");
    let submit = |account: &AccountRef, code: &str| Question::ConnectCode {
        account: account.clone(),
        code: Secret::new(code.into()),
    };
    assert_eq!(world.refusal(submit(&asked.account, " 12 3 ")), Refusal::EmailCodeShape);
    world.done(submit(&asked.account, "111 111"));
    assert_eq!(world.refusal(submit(&asked.account, "111111")), Refusal::StillRunning);
    let (call, _) = &world.sent[0];
    assert_eq!(call.path, "/api/v1/x/account-connection-challenges/xch_FAKEfake0123/submit");
    assert_eq!(call.body.as_ref().map(Secret::expose), Some(r#"{"email_code":"111111"}"#));
    world.service_answers(202, PROMPT);
    assert_eq!(it(&mut world).verdict, Some(Verdict::EmailCode), "another one");
    // What the service could not take now is typed again; nothing is sent by itself.
    for (status, verdict) in [(400, Verdict::CodeRefused), (503, Verdict::Unavailable)] {
        world.done(submit(&asked.account, "222222"));
        let error = if status == 400 { "invalid_input" } else { "service_unavailable" };
        world.service_answers(status, &format!(r#"{{"error":"{error}"}}"#));
        let now = it(&mut world);
        assert_eq!((now.stage, now.verdict), (Stage::Code, Some(verdict)));
    }
    let again = question(&mut world);
    assert_eq!(world.refusal(again), Refusal::StillRunning, "not while the code is asked for");
    world.done(submit(&asked.account, "333333"));
    world.service_answers(201, MADE);
    assert_eq!(it(&mut world).stage, Stage::Connected);
    keeps_no_secret(&world);
}

#[test]
fn a_code_that_is_late_or_not_asked_for_ends_the_connection() {
    for (status, error, verdict) in [
        (410, "connection_challenge_expired", Verdict::CodeExpired),
        (409, "connection_challenge_inactive", Verdict::CodeOver),
        (404, "connection_challenge_not_found", Verdict::CodeOver),
        (404, "not_found", Verdict::CodeOver),
        (422, "login_failed", Verdict::LoginFailed { reason: None, until: None }),
    ] {
        let mut world = ready();
        begins(&mut world);
        world.service_answers(202, PROMPT);
        let account = account(&mut world);
        world.done(Question::ConnectCode { account, code: Secret::new("123456".into()) });
        world.service_answers(status, &format!(r#"{{"error":"{error}"}}"#));
        let ended = it(&mut world);
        assert_eq!((ended.stage, ended.verdict.clone()), (Stage::Failed, Some(verdict)));
        if ended.verdict == Some(Verdict::CodeOver) {
            // Perhaps because it was connected meanwhile.
            world.service_answers(200, LISTED);
            assert_eq!(it(&mut world).stage, Stage::Connected);
        } else {
            begins(&mut world);
            assert_eq!(posts(&world), 1);
        }
    }
    let mut world = ready();
    begins(&mut world);
    world.service_answers(202, PROMPT);
    world.later(Span::minutes(10));
    assert_eq!(world.badge, "1");
    begins(&mut world);
    assert_eq!((posts(&world), world.badge.as_str()), (1, ""));
}

#[test]
fn a_refusal_says_what_it_means_and_its_pause_outlives_everything() {
    for (status, body, verdict) in [
        (400, r#"{"error":"invalid_input"}"#, Verdict::FieldRefused),
        (401, r#"{"error":"unauthenticated"}"#, Verdict::ApiKeyRefused),
        (409, r#"{"error":"account_already_connected"}"#, Verdict::AlreadyConnected),
        (422, r#"{"error":"passkey_required"}"#, Verdict::PasskeyRequired),
        (502, r#"{"error":"x_user_lookup_failed"}"#, Verdict::HandleUnknown),
        (503, r#"{"error":"service_unavailable"}"#, Verdict::Unavailable),
    ] {
        let mut world = ready();
        begins(&mut world);
        world.service_answers(status, body);
        let failed = it(&mut world);
        assert_eq!((failed.stage, failed.verdict), (Stage::Failed, Some(verdict)));
        begins(&mut world);
        assert_eq!(posts(&world), 1, "by a click it may be tried again");
    }
    let mut world = ready();
    begins(&mut world);
    world.service_answers(429, r#"{"error":"rate_limit_exceeded","retryAfter":900}"#);
    let account = account(&mut world);
    world.done(Question::ConnectDone { account });
    world.restart_browser();
    let again = question(&mut world);
    assert_eq!(world.refusal(again), Refusal::Paused);
    world.done(Question::AddKey { text: Secret::new(OTHER_KEY.into()), handle: "acme_other".into() });
    let other = world.view().entries[1].waiting.as_ref().expect("a key").since;
    let Question::ConnectNew { workspace, email, password, .. } = question(&mut world) else { panic!() };
    let other = Question::ConnectNew { workspace, handle: "acme_other".into(), email, password, since: other };
    assert_eq!(world.refusal(other.clone()), Refusal::Paused, "the limit is the workspace's");
    world.later(Span::minutes(15));
    world.done(other);
}

#[test]
fn strange_answers_to_a_first_connection_keep_nothing_and_send_nothing_again() {
    let echo = format!(r#"{{"object":"x","id":"{PASSWORD}","status":"pending","pollAfterMs":-1}}"#);
    let prompt = format!(r#"{{"id":"{PASSWORD}","status":"requires_email_code","expiresAt":"{PASSWORD}"}}"#);
    let other = MADE.replace("Acme_New", PASSWORD);
    let failed = format!(r#"{{"status":"failed","error":"{PASSWORD}","reason":"{PASSWORD}","retryable":"no"}}"#);
    for (status, body, stage) in [
        (202, echo.as_str(), Stage::Late),
        (202, prompt.as_str(), Stage::Unknown),
        (201, other.as_str(), Stage::Unknown),
        (201, "", Stage::Unknown),
        (200, "<html>", Stage::Unknown),
        (202, failed.as_str(), Stage::Unknown),
        (204, "", Stage::Unknown),
        (302, "", Stage::Unknown),
        (504, "<html>", Stage::Unknown),
        (418, "[]", Stage::Failed),
    ] {
        let mut world = ready();
        begins(&mut world);
        world.service_answers(status, body);
        assert_eq!(it(&mut world).stage, stage, "{status} {body}");
        keeps_no_secret(&world);
        assert!(!format!("{:?}", it(&mut world)).contains(PASSWORD));
        assert_eq!(posts(&world), 0);
    }
}

#[test]
fn a_locked_vault_waits_for_its_key_and_a_workspace_that_leaves_takes_its_connections_along() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.connects(r#"{"accounts":[]}"#);
    world.done(Question::AddKey { text: Secret::new(KEY.into()), handle: "Acme_New".into() });
    begins(&mut world);
    world.done(Question::Lock);
    world.service_answers(201, MADE);
    assert_eq!(it(&mut world).stage, Stage::Connected, "it is told, locked or not");
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.view().entries[0].current.as_ref().map(|it| it.state), Some(KeyState::Confirmed));

    let account = account(&mut world);
    world.done(Question::ConnectDone { account });
    world.sent.clear();
    begins(&mut world);
    world.service_answers(202, PENDING);
    world.done(Question::Lock);
    world.later(Span::seconds(3));
    world.rings(Alarm::Follow, Presence::Active);
    assert!(world.sent.is_empty(), "there is nothing to ask with");
    assert_eq!(world.unlocks(1), Answer::Done);
    world.view();
    assert!(world.sent.iter().any(|(call, _)| call.path.contains("attempts")));
    let workspace = world.view().xquik[0].id;
    world.done(Question::Disconnect { workspace });
    assert!(world.view().connections.is_empty());
    // Its answer comes all the same, and is about nothing.
    let at = world.sent.iter().position(|(call, _)| call.path.contains("attempts")).expect("a look");
    let (_, purpose) = world.sent.remove(at);
    world.happens(Event::Replied(purpose, Reply::Silence));
    assert!(world.view().connections.is_empty());
}

#[test]
fn what_cannot_be_written_down_is_not_sent_and_leaves_no_trace() {
    let mut world = ready();
    world.silent_store = true;
    world.restart_browser();
    for _ in 0..2 {
        let question = question(&mut world);
        assert_eq!(world.refusal(question), Refusal::StoreReadOnly);
        assert!(world.view().connections.is_empty() && posts(&world) == 0);
    }
}
