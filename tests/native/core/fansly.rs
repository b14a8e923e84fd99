//! Fansly at Fans API: what each answer means, and logins told as lists of events.

use crate::world::*;
use longkey_core::clock::Span;
use longkey_core::effect::{Alarm, Presence};
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::fansly::{self, FansKey, Login, Started, What};
use longkey_core::services::{Host, Method, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub(crate) const FANS_KEY: &str = "12|abcdefghijklmnopqrstuvwxyz0123456789";
pub(crate) const ACCOUNT: &str = "fansly_acct_FAKE0001";
pub(crate) const LIST: &str = r#"[{"id":"fansly_acct_FAKE0001","display_name":"Fake Creator","fansly_username":"fake_creator","is_authenticated":false},
 {"id":"fansly_acct_FAKE0002","display_name":"Second <b>one</b>","fansly_username":null,"is_authenticated":true,"authentication_progress":"authenticated"}]"#;
pub(crate) const STARTED: &str = r#"{"success":true,"message":"x","polling_url":"https://elsewhere.invalid/"}"#;

pub(crate) fn key() -> FansKey {
    FansKey::parse(&Secret::new(FANS_KEY.into())).expect("a key")
}

pub(crate) fn status(more: &str) -> String {
    format!(r#"{{"account_id":"{ACCOUNT}","status":"odd-word","is_authenticated":false,"needs_code":false{more}}}"#)
}

pub(crate) fn prompt(kind: u8) -> String {
    status(&format!(r#","twofa_type":{kind},"masked_email":"f**@e*****.invalid""#))
        .replace("\"needs_code\":false", "\"needs_code\":true")
}

pub(crate) fn done() -> String {
    status("").replace("\"is_authenticated\":false", "\"is_authenticated\":true")
}

pub(crate) fn reply(status: u16, body: &str) -> Reply {
    Reply::Answer { status, retry_after: None, date: None, body: Secret::new(body.into()) }
}

pub(crate) fn connected() -> World {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    connect(&mut world);
    world
}

pub(crate) fn connect(world: &mut World) {
    world.ask_for(Question::ConnectFans { api_key: Secret::new(FANS_KEY.into()), word: Address::New });
    world.service_answers(200, LIST);
}

pub(crate) fn act(act: FanslyAct) -> Question {
    Question::Fansly { member: ACCOUNT.into(), word: act }
}

pub(crate) fn code(code: &str) -> Question {
    Question::FanslyCode { member: ACCOUNT.into(), code: Secret::new(code.into()) }
}

pub(crate) fn account(world: &mut World) -> FanslyAccount {
    world.view().fansly.expect("connected").accounts.remove(0)
}

pub(crate) fn step(world: &mut World) -> FanslyStep {
    account(world).step
}

/// Waits for the next look and answers it.
pub(crate) fn look(world: &mut World, body: &str) {
    while world.sent.is_empty() {
        assert!(world.waits(), "nothing is waited for");
    }
    assert_eq!(world.sent[0].0.method, Method::Get);
    world.service_answers(200, body);
}

/// A login that asks for a code.
pub(crate) fn prompted(world: &mut World, kind: u8) {
    world.done(act(FanslyAct::SignIn));
    world.service_answers(200, STARTED);
    look(world, &prompt(kind));
    assert_eq!(step(world), FanslyStep::Code);
}

#[test]
fn a_key_has_16_visible_characters_and_goes_to_one_of_two_hosts() {
    for (text, fits) in [
        (FANS_KEY, true),
        ("  Bearer 12|abcdefghijklmnop \n", true),
        ("short", false),
        ("twelve characters and spaces", false),
        ("0123456789abcdefé", false),
    ] {
        assert_eq!(FansKey::parse(&Secret::new(text.into())).is_ok(), fits, "{text}");
    }
    let (new, old) = (fansly::look(&key(), Address::New, "a/../b?c"), fansly::list(&key(), Address::Old));
    assert_eq!((new.host, new.path.as_str()), (Host::Fans, "/api/fansly/authenticate/a%2F..%2Fb%3Fc"));
    assert_eq!((old.host, old.auth.0), (Host::FansOld, "authorization"));
    assert_eq!(old.auth.1.expose(), format!("Bearer {FANS_KEY}"));
    assert!(fansly::start(&key(), Address::New, "a").body.is_none());
    let submit = fansly::submit(&key(), Address::New, "a", "000123");
    assert_eq!(submit.body.expect("a body").expose(), r#"{"code":"000123"}"#);
}

#[test]
fn foreign_texts_are_plain_short_and_repeat_nothing() {
    let long = "word ".repeat(60);
    for (text, told) in [
        ("Account is locked. Try later!", Some("Account is locked. Try later!")),
        ("<b>bad</b>\u{202e} {\"a\":1}\n\nend", Some("b bad /b a :1 end")),
        ("the code 482913 is wrong", None),
        ("the code 482 913 is wrong", None),
        ("4-8-2-9-1-3", None),
        ("５４３２１０", None),
        ("call 5 of 10, then 3", Some("call 5 of 10, then 3")),
        ("your key 12|abcdefghijkl is bad", None),
        ("ABCD-EFGH-IJKL", None),
        ("", None),
        ("\u{1}\u{2}", None),
        (&long, Some(long[..120].trim())),
    ] {
        assert_eq!(fansly::told(text, &key()).as_deref().map(str::trim), told, "{text}");
    }
}

#[test]
fn each_status_and_field_has_its_meaning() {
    let key = key();
    let login = |body: &str| fansly::read_login(&reply(200, body), START, ACCOUNT, Some(&key)).map_err(|it| it.what());
    let refused = |said: Option<&str>| Ok(Login::Refused(said.map(Into::into)));
    let sent_to = Some("f**@e*****.invalid".to_owned());
    let verifying = prompt(2).replace("odd-word", "verifying");
    for (body, wanted) in [
        (status(""), Ok(Login::Working)),
        (done(), Ok(Login::Done)),
        (prompt(2), Ok(Login::Code { kind: Some(2), sent_to: sent_to.clone() })),
        (prompt(0), Ok(Login::Code { kind: Some(0), sent_to })),
        (verifying, Ok(Login::Working)),
        (prompt(2).replace("f**@e*****.invalid", "me@example.com"), Ok(Login::Code { kind: Some(2), sent_to: None })),
        (prompt(2).replace("\"f**@e*****.invalid\"", "[1]"), Ok(Login::Code { kind: Some(2), sent_to: None })),
        (status(r#","last_error":"Wrong password.""#), refused(Some("Wrong password."))),
        (status(r#","last_error":{"message":"Wrong password."}"#), refused(Some("Wrong password."))),
        (status(r#","last_error":{"message":"no","code":"bad_password"}"#), refused(Some("bad_password"))),
        (status(r#","last_error":{"deep":{"er":1}}"#), refused(None)),
        (status(&format!(r#","last_error":"{FANS_KEY}""#)), refused(None)),
        (status(r#","last_error":null,"polling_url":"https://elsewhere.invalid""#), Ok(Login::Working)),
        (status("").replace("FAKE0001", "FAKE0002"), Err(What::Unfamiliar)),
        (status("").replace("\"is_authenticated\":false", "\"is_authenticated\":\"yes\""), Err(What::Unfamiliar)),
        (String::new(), Err(What::Unfamiliar)),
        ("[]".into(), Err(What::Unfamiliar)),
        ("[".repeat(60_000), Err(What::Unfamiliar)),
        ("<!DOCTYPE html>".into(), Err(What::Unfamiliar)),
    ] {
        assert_eq!(login(&body), wanted, "{body}");
    }
    for (status, what) in [
        (401, What::KeyRefused),
        (403, What::KeyRefused),
        (402, What::NoCredits),
        (404, What::Gone),
        (429, What::SlowDown),
        (500, What::Unavailable),
        (503, What::Unavailable),
        (204, What::Unfamiliar),
        (302, What::Unfamiliar),
        (418, What::Unfamiliar),
    ] {
        let trouble = fansly::read_login(&reply(status, "<p>"), START, ACCOUNT, Some(&key)).expect_err("trouble");
        assert_eq!((trouble.what(), trouble.status), (what, status));
        assert_eq!(trouble.until, (status == 429).then_some(START.after(Span::minutes(1))));
    }
    let start = |status, body: &str| fansly::read_start(&reply(status, body), START, Some(&key));
    let not_now = |said: Option<&str>| Started::NotNow(said.map(Into::into));
    for (status, body, wanted) in [
        (200, STARTED, Started::Yes),
        (202, "", Started::Yes),
        (200, "<!DOCTYPE html>", Started::Yes),
        (200, r#"{"success":false,"message":"Busy."}"#, not_now(Some("Busy."))),
        (400, r#"{"message":"No.","reason":"Already running"}"#, not_now(Some("Already running"))),
        (400, r#"{"message":7}"#, not_now(None)),
        (400, "", not_now(None)),
    ] {
        assert_eq!(start(status, body), wanted, "{status} {body}");
    }
    assert_eq!(fansly::read_start(&Reply::Silence, START, None), Started::Yes, "it may run: looking tells");
    let Started::No(trouble) = fansly::read_start(&Reply::Offline, START, None) else { panic!("it was not sent") };
    assert_eq!(trouble.what(), What::Offline);
    let rows = fansly::read_list(&reply(200, LIST), START, &key).expect("a list");
    let names: Vec<&str> = rows.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["@fake_creator", "Second b one /b"]);
    let odd = r#"[{"id":""},{"id":7},{"id":"a","fansly_username":"<b>"},{"id":"12|abcdefghijklmnop"}]"#;
    assert_eq!(fansly::read_list(&reply(200, odd), START, &key).expect("a list").len(), 1);
}

#[test]
fn the_key_is_kept_only_if_the_service_takes_it() {
    let mut world = World::new();
    let question = || Question::ConnectFans { api_key: Secret::new(FANS_KEY.into()), word: Address::Old };
    assert_eq!(world.refusal(question()), Refusal::NoVault);
    world.done(Question::SkipPassphrase);
    world.ask_for(question());
    world.service_answers(401, "");
    assert_eq!(world.view().fansly, None);
    world.ask_for(question());
    world.service_answers(200, LIST);
    let view = world.view().fansly.expect("connected");
    assert_eq!((view.old, view.last_four.as_str(), view.accounts.len()), (true, "6789", 2));
    assert!(view.accounts[1].signed_in && !view.accounts[0].signed_in);
    world.restart_browser();
    assert_eq!(world.view().fansly.map(|it| it.accounts.len()), Some(2));
    world.ask_for(Question::RefreshFans);
    assert_eq!(world.sent[0].0.host, Host::FansOld);
    world.service_answers(200, "[]");
    assert_eq!(world.view().fansly.map(|it| it.accounts.len()), Some(0));
    let connected = world.view().fansly;
    world.done(Question::DisconnectFans);
    assert_eq!(world.view().fansly, None);
    world.done(Question::TakeBack { draft: None, workspace: None, handle: None });
    assert_eq!(world.view().fansly, connected);
    world.done(Question::DisconnectFans);
    assert_eq!(world.view().fansly, None);
    assert_eq!(world.refusal(Question::RefreshFans), Refusal::FansNotConnected);
}

#[test]
fn one_click_is_one_post_and_looks_follow_the_schedule() {
    let mut world = connected();
    world.fail_writes = true;
    assert_eq!(world.refusal(act(FanslyAct::SignIn)), Refusal::NotSaved);
    world.fail_writes = false;
    assert!(world.sent.is_empty(), "unwritten means unsent");
    world.done(act(FanslyAct::SignIn));
    assert_eq!(world.refusal(act(FanslyAct::SignIn)), Refusal::StillRunning);
    assert_eq!((world.sent.len(), world.sent[0].0.method), (1, Method::Post));
    assert!(world.waits.is_empty(), "nothing is asked before the start is answered");
    world.service_answers(200, STARTED);
    let (began, mut looks) = (world.now, vec![]);
    while step(&mut world) == FanslyStep::Working {
        assert!(world.waits());
        assert_eq!(world.sent.len(), 1);
        assert_eq!(world.sent[0].0.host, Host::Fans);
        looks.push(world.now.since(began).0 / 1000);
        assert_eq!(world.refusal(act(FanslyAct::SignIn)), Refusal::StillRunning);
        world.service_answers(200, &status(""));
    }
    assert_eq!(looks[..7], [2, 5, 10, 18, 28, 38, 48]);
    assert_eq!(*looks.last().expect("a look"), 300);
    assert_eq!(step(&mut world), FanslyStep::Unfinished);
    assert!(!world.waits() && world.sent.is_empty(), "five minutes are the end");
    world.done(act(FanslyAct::Check));
    look(&mut world, &done());
    let account = account(&mut world);
    assert!(account.step == FanslyStep::Done && account.signed_in);
    world.done(act(FanslyAct::Done));
    assert_eq!(step(&mut world), FanslyStep::Idle);
}

#[test]
fn a_wrong_code_keeps_the_prompt_and_a_right_one_ends_it() {
    let mut world = connected();
    prompted(&mut world, 2);
    assert_eq!(account(&mut world).sent_to.as_deref(), Some("f**@e*****.invalid"));
    assert_eq!(world.badge, "1");
    assert!(!world.waits() && world.sent.is_empty(), "a prompt waits for the user");
    for wrong in ["", "12", "12 34 é", "1234567890123"] {
        assert_eq!(world.refusal(code(wrong)), Refusal::CodeShape);
    }
    for (sent, wrong) in [("111 111", true), ("222-222", true), ("000123", false)] {
        world.done(code(sent));
        assert_eq!(world.refusal(code(sent)), Refusal::StillRunning, "one code, one PUT");
        assert_eq!((world.sent.len(), world.sent[0].0.method), (1, Method::Put));
        let body = world.sent[0].0.body.as_ref().expect("a body").expose().to_owned();
        assert_eq!(body, format!(r#"{{"code":"{}"}}"#, sent.replace([' ', '-'], "")));
        // Still true in this answer, and while it is verified: no second prompt.
        world.service_answers(200, &prompt(2));
        look(&mut world, &prompt(2).replace("odd-word", "verifying"));
        assert_eq!(step(&mut world), FanslyStep::Checking);
        look(&mut world, &if wrong { prompt(2) } else { done() });
        let account = account(&mut world);
        assert_eq!((account.step, account.wrong), (if wrong { FanslyStep::Code } else { FanslyStep::Done }, wrong));
    }
    assert_eq!(world.badge, "");
    let stored =
        world.local.values().chain(world.memory.iter()).any(|it| it.contains("000123") || it.contains("111111"));
    assert!(!stored, "codes are stored nowhere");
    assert_eq!(world.refusal(code("000123")), Refusal::NoCodeAsked);
}

#[test]
fn a_start_that_is_refused_is_looked_at_before_it_is_said() {
    let refusals = [
        (400, r#"{"message":"Can't.","reason":"Account is already successfully authenticated"}"#),
        (200, r#"{"success":false,"message":"Busy."}"#),
    ];
    for (code, body) in refusals {
        for (found, wanted) in
            [(done(), FanslyStep::Already), (prompt(2), FanslyStep::Code), (status(""), FanslyStep::NotNow)]
        {
            let mut world = connected();
            world.done(act(FanslyAct::SignIn));
            world.service_answers(code, body);
            look(&mut world, &found);
            assert_eq!(step(&mut world), wanted);
            assert_eq!(account(&mut world).said.is_some(), wanted == FanslyStep::NotNow);
        }
    }
}

#[test]
fn an_error_ends_the_login_and_an_old_one_does_not_end_the_next() {
    let mut world = connected();
    let error = status(r#","last_error":"Wrong password.""#);
    world.done(act(FanslyAct::SignIn));
    world.service_answers(200, STARTED);
    look(&mut world, &error);
    let refused = account(&mut world);
    assert_eq!((refused.step, refused.said.as_deref()), (FanslyStep::Refused, Some("Wrong password.")));
    world.done(act(FanslyAct::SignIn));
    world.service_answers(200, STARTED);
    look(&mut world, &error);
    assert_eq!(step(&mut world), FanslyStep::Working, "what stood there before says nothing of this one");
    look(&mut world, &error);
    look(&mut world, &error);
    assert_eq!(step(&mut world), FanslyStep::Refused, "after ten seconds it does");
}

#[test]
fn no_answer_is_looked_at_and_trouble_is_said() {
    let mut world = connected();
    world.done(act(FanslyAct::SignIn));
    world.replies(Reply::Silence);
    assert_eq!(step(&mut world), FanslyStep::Working);
    for trouble in [Reply::Offline, Reply::Silence, reply(500, ""), reply(200, "<p>")] {
        assert!(world.waits());
        world.replies(trouble);
        assert_eq!(step(&mut world), FanslyStep::Working, "only looks are repeated");
    }
    assert!(world.waits());
    let pause = Reply::Answer { status: 429, retry_after: Some(90), date: None, body: Secret::default() };
    let asked = world.now;
    world.replies(pause);
    assert_eq!(account(&mut world).until, Some(asked.after(Span::seconds(90))));
    assert!(world.waits() && world.waits(), "in two pieces");
    assert_eq!(world.now.since(asked), Span::seconds(90));
    world.service_answers(404, "");
    let stopped = account(&mut world);
    assert_eq!((stopped.step, stopped.trouble().map(|it| it.what())), (FanslyStep::Stopped, Some(What::Gone)));

    world.done(act(FanslyAct::SignIn));
    world.service_answers(429, "");
    assert_eq!(step(&mut world), FanslyStep::Stopped);
    world.restart_browser();
    assert_eq!(world.refusal(act(FanslyAct::SignIn)), Refusal::Paused);
    world.later(Span::seconds(61));
    world.done(act(FanslyAct::SignIn));
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn a_code_that_was_not_taken_stays_with_the_user() {
    for (answer, prompts) in [
        (reply(401, ""), true),
        (reply(429, ""), true),
        (reply(500, ""), true),
        (Reply::Offline, true),
        (reply(422, "{}"), false),
        (Reply::Silence, false),
    ] {
        let mut world = connected();
        prompted(&mut world, 0);
        world.done(code("123456"));
        world.replies(answer);
        assert_eq!(step(&mut world), if prompts { FanslyStep::Code } else { FanslyStep::Checking });
        if !prompts {
            look(&mut world, &prompt(0));
        }
        let account = account(&mut world);
        assert_eq!((account.step, account.wrong, account.status.is_some()), (FanslyStep::Code, !prompts, prompts));
    }
}

#[test]
fn a_killed_worker_goes_on_with_looks_alone() {
    // Killed before the answer to the start, and between two looks.
    for answered in [false, true] {
        let mut world = connected();
        world.done(act(FanslyAct::SignIn));
        if answered {
            world.service_answers(200, STARTED);
        }
        world.kill_worker();
        world.later(Span::seconds(30));
        world.rings(Alarm::Follow, Presence::Active);
        assert_eq!((world.sent.len(), world.sent[0].0.method), (1, Method::Get));
        assert!(world.alarms["follow"].is_some_and(|at| at > world.now), "it is woken again");
        world.service_answers(200, &status(""));
        assert_eq!(step(&mut world), FanslyStep::Working);
        look(&mut world, &done());
        assert_eq!(step(&mut world), FanslyStep::Done);
    }
    // Long after: one look says how it ended.
    let mut world = connected();
    world.done(act(FanslyAct::SignIn));
    world.later(Span::minutes(60));
    world.restart_browser();
    look(&mut world, &status(""));
    assert_eq!(step(&mut world), FanslyStep::Unfinished);
}

#[test]
fn a_locked_vault_asks_nothing_and_goes_on_when_it_is_open() {
    let mut world = World::new();
    world.sets_passphrase(1);
    connect(&mut world);
    world.done(act(FanslyAct::SignIn));
    world.service_answers(200, STARTED);
    world.done(Question::Lock);
    assert!(world.waits());
    assert!(world.sent.is_empty(), "there is no key");
    let view = world.view().fansly.expect("readable while locked");
    assert_eq!((view.accounts[0].step, view.last_four.as_str()), (FanslyStep::Working, ""));
    assert_eq!(world.refusal(act(FanslyAct::SignIn)), Refusal::Locked);
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.sent.len(), 1);
    world.service_answers(200, &done());
    assert_eq!(step(&mut world), FanslyStep::Done);
    // An answer that comes while it is locked is kept; only its free text is not.
    world.done(act(FanslyAct::SignIn));
    world.done(Question::Lock);
    world.service_answers(400, r#"{"reason":"Busy."}"#);
    assert_eq!(step(&mut world), FanslyStep::Looking);
}
