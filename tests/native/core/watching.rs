//! Watching health, told as lists of events: who is asked when, who is told of what and how often, and what a locked vault
//! leaves behind for it.

use crate::stories::listed;
use crate::world::*;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::effect::{Alarm, Alert, Event, Key, Presence};
use longkey_core::protocol::*;
use longkey_core::secret::Secret;
use longkey_core::services::Reply;
use longkey_core::services::xquik::Health;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Five accounts, with these healths.
pub(crate) fn five(healths: [&str; 5]) -> String {
    let account = |(at, health): (usize, &str)| {
        format!(r#"{{"id":"90000{at}","xUsername":"acme_{at}","status":"active","health":"{health}"}}"#)
    };
    let accounts: Vec<String> = healths.into_iter().enumerate().map(account).collect();
    format!(r#"{{"accounts":[{}],"hasMore":false}}"#, accounts.join(","))
}

pub(crate) const FINE: [&str; 5] = ["healthy"; 5];

/// These of the five need a sign-in.
pub(crate) fn down(which: &[usize]) -> String {
    let mut healths = FINE;
    for at in which {
        healths[*at] = "needsReauth";
    }
    five(healths)
}

/// A choice of the settings' block "Watching".
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    Notify,
    HideNames,
    WatchLocked,
}
pub(crate) use Choice::{HideNames, Notify, WatchLocked};

/// These are chosen, and no others.
pub(crate) fn choose(world: &mut World, choices: &[Choice]) {
    let has = |choice| choices.contains(&choice);
    let (notify, hide_names, watch_locked) = (has(Notify), has(HideNames), has(WatchLocked));
    world.done(Question::Watching { notify, hide_names, watch_locked });
}

/// Connected, with a passphrase, all well, notifications wanted.
pub(crate) fn watched() -> World {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.connects(&five(FINE));
    choose(&mut world, &[Notify]);
    world
}

/// The alarm rings when it should, and Xquik answers this.
pub(crate) fn polled(world: &mut World, list: &str) {
    rings(world);
    assert_eq!(world.sent.len(), 1, "it asks");
    world.service_answers(200, list);
}

/// The alarm rings at its time, with somebody there all the while.
pub(crate) fn rings(world: &mut World) {
    let at = alarm(world);
    waits(world, at);
    world.rings(Alarm::Poll, Presence::Active);
}

/// Somebody is there until then.
fn waits(world: &mut World, at: UnixTime) {
    while world.now < at {
        world.now = world.now.after(Span::minutes(10)).min(at);
        world.happens(Event::Presence(Presence::Active));
    }
}

pub(crate) fn alarm(world: &World) -> UnixTime {
    world.alarms.get("poll").copied().flatten().expect("an alarm")
}

/// In how many minutes it rings.
pub(crate) fn minutes(world: &World) -> u64 {
    alarm(world).since(world.now).0 / 60_000
}

/// Who was told of, and why.
pub(crate) fn told(world: &World) -> Vec<String> {
    let words = world.alerts.iter().map(|it| match it {
        Alert::One { handle, health, .. } => format!("{}: {}", handle.as_deref().unwrap_or("?"), health.code()),
        Alert::Many(count) => count.to_string(),
    });
    words.collect()
}

#[test]
fn an_incident_is_told_once_whatever_dies_in_between() {
    let mut world = watched();
    polled(&mut world, &down(&[1]));
    assert_eq!(told(&world), ["acme_1: needs_reauth"]);
    let account = world.account("900001").to_string();
    assert!(matches!(&world.alerts[0], Alert::One { account: it, .. } if *it == account));
    assert_eq!(world.badge, "1");
    world.kill_worker();
    polled(&mut world, &down(&[1]));
    world.restart_browser();
    world.unlocks(1);
    // From one trouble to another it is the same incident, also by way of something that passes.
    for health in ["locked", "temporaryIssue", "needsReauth", "recovering", "locked"] {
        let mut healths = FINE;
        healths[1] = health;
        polled(&mut world, &five(healths));
    }
    assert_eq!(world.alerts.len(), 1);
    polled(&mut world, &down(&[]));
    assert_eq!(world.badge, "");
    polled(&mut world, &five(["healthy", "locked", "healthy", "healthy", "healthy"]));
    assert_eq!(told(&world)[1..], ["acme_1: locked"], "well in between: another incident");
}

#[test]
fn two_are_told_one_by_one_and_three_in_a_summary() {
    let mut world = watched();
    polled(&mut world, &down(&[0, 3]));
    assert_eq!(told(&world), ["acme_0: needs_reauth", "acme_3: needs_reauth"]);
    polled(&mut world, &down(&[]));
    polled(&mut world, &down(&[0, 1, 2, 4]));
    assert_eq!(told(&world)[2..], ["4"]);
    choose(&mut world, &[Notify, HideNames]);
    polled(&mut world, &down(&[0, 1, 2, 3, 4]));
    assert_eq!(told(&world)[3..], ["?: needs_reauth"]);
}

#[test]
fn nobody_is_told_who_did_not_ask_for_it_or_knows_already() {
    let mut world = watched();
    choose(&mut world, &[]);
    polled(&mut world, &down(&[1]));
    choose(&mut world, &[Notify]);
    polled(&mut world, &down(&[1]));
    // The user asked for this list and sees it.
    world.ask_for(Question::Refresh);
    world.service_answers(200, &down(&[1, 2]));
    polled(&mut world, &down(&[1, 2]));
    assert_eq!(world.alerts, []);
    // One that was never seen well has not turned from anything.
    let mut new = World::new();
    new.sets_passphrase(1);
    choose(&mut new, &[Notify]);
    new.connects(&down(&[1]));
    polled(&mut new, &down(&[1]));
    assert_eq!(new.alerts, []);
}

#[test]
fn what_cannot_be_written_is_not_told() {
    let mut world = watched();
    rings(&mut world);
    world.fail_writes = true;
    world.service_answers(200, &down(&[1]));
    assert_eq!(world.alerts, []);
    world.fail_writes = false;
    world.view();
    world.later(Span::minutes(2));
    world.view();
    world.service_answers(200, &down(&[1]));
    assert_eq!(world.alerts.len(), 1);
}

#[test]
fn failures_back_off_and_a_pause_is_obeyed() {
    let mut world = watched();
    assert_eq!(minutes(&world), 15);
    let busy = |world: &mut World, status, retry_after, body: &str| {
        rings(world);
        world.replies(Reply::Answer { status, retry_after, date: None, body: Secret::new(body.into()) });
        minutes(world)
    };
    let gaps: Vec<u64> = (0..7).map(|_| busy(&mut world, 503, None, "")).collect();
    assert_eq!(gaps, [15, 30, 60, 120, 240, 240, 240]);
    assert_eq!(busy(&mut world, 503, Some(40 * 60), ""), 40, "what the service asks for");
    let almost = world.now.after(Span::minutes(39));
    waits(&mut world, almost);
    world.view();
    assert!(world.sent.is_empty(), "a page does not ask during a pause");
    assert_eq!(busy(&mut world, 429, None, r#"{"error":"rate_limit_exceeded","retryAfter":3000}"#), 50);
    assert_eq!(busy(&mut world, 503, Some(5), ""), 15, "not sooner than usual");
    // It is remembered with the list.
    world.restart_browser();
    world.unlocks(1);
    assert_eq!(minutes(&world), 15);
    polled(&mut world, &five(FINE));
    assert_eq!(minutes(&world), 15);
    // What never left this computer is no failure of the service.
    for _ in 0..5 {
        rings(&mut world);
        world.replies(Reply::Offline);
        assert_eq!(minutes(&world), 15);
    }
    for _ in 0..2 {
        rings(&mut world);
        world.replies(Reply::Silence);
    }
    assert_eq!(minutes(&world), 30);
    world.later(Span::minutes(2));
    world.view();
    assert_eq!(world.sent.len(), 1, "a page may ask all the same: it is online again");
}

#[test]
fn a_worker_that_dies_with_the_question_asks_again_by_itself() {
    let mut world = watched();
    rings(&mut world);
    world.kill_worker();
    assert_eq!(minutes(&world), 15);
    polled(&mut world, &down(&[1]));
    assert_eq!(world.badge, "1");
}

#[test]
fn the_badge_grows_when_a_pause_ends() {
    let mut world = watched();
    polled(&mut world, &down(&[1]));
    let account = world.account("900001");
    let (password, key) = (Secret::new("password".into()), KeyChoice::Theirs);
    world.done(Question::SignIn { account, password, key, email: None, region: None, entry: None, since: None });
    world.service_answers(429, r#"{"error":"login_cooldown","reason":"temporary_issue","retryAfterMs":300000}"#);
    assert_eq!((world.badge.as_str(), minutes(&world)), ("", 5));
    rings(&mut world);
    assert_eq!(world.badge, "1");
    assert!(world.sent.is_empty(), "the list is not due yet");
}

#[test]
fn a_locked_vault_asks_nothing_unless_that_was_chosen() {
    let mut world = watched();
    world.done(Question::Lock);
    for _ in 0..3 {
        rings(&mut world);
        world.view();
        assert!(world.sent.is_empty());
        assert_eq!(minutes(&world), 15, "nothing is due, all night: the worker sleeps");
    }
    assert!(!world.memory.as_ref().expect("a memory").contains(API_KEY));

    world.unlocks(1);
    choose(&mut world, &[Notify, WatchLocked]);
    world.done(Question::Lock);
    let memory = world.memory.clone().expect("a memory");
    let secret: serde_json::Value = serde_json::from_str(&memory).expect("JSON");
    assert!(memory.contains(API_KEY) && secret["session"].is_null() && world.rows.is_none(), "the API key alone");
    assert!(world.local.values().chain(world.mirror.values()).all(|text| !text.contains(API_KEY)));
    world.kill_worker();
    polled(&mut world, &down(&[1, 2]));
    assert_eq!((world.badge.as_str(), world.alerts.len()), ("2", 2));
    assert_eq!(world.view().vault, VaultState::Locked);
    // Chosen otherwise while it is locked.
    choose(&mut world, &[Notify]);
    assert!(!world.memory.as_ref().expect("a memory").contains(API_KEY));
    rings(&mut world);
    assert!(world.sent.is_empty());
}

#[test]
fn a_vault_that_locks_in_its_sleep_is_watched_as_well_and_a_restart_ends_it() {
    let mut world = watched();
    choose(&mut world, &[Notify, WatchLocked]);
    world.kill_worker();
    world.later(Span::minutes(60));
    world.rings(Alarm::Poll, Presence::Active);
    assert_eq!(world.view().vault, VaultState::Locked);
    assert_eq!(world.sent.len(), 1);
    world.service_answers(200, &down(&[1]));
    assert_eq!(world.alerts.len(), 1);
    world.restart_browser();
    rings(&mut world);
    assert!(world.sent.is_empty(), "nothing is left in a new browser session");
    // Disconnected, nothing is left either.
    world.unlocks(1);
    let workspace = world.account("900001").workspace;
    world.done(Question::Disconnect { workspace });
    world.done(Question::Lock);
    assert!(!world.memory.as_ref().expect("a memory").contains(API_KEY));
}

fn past(world: &mut World, id: &str) -> PastView {
    let account = world.account(id);
    match world.ask(Question::Past { account }) {
        Answer::Past(past) => past,
        other => panic!("no past: {other:?}"),
    }
}

#[test]
fn the_history_keeps_twenty_changes_and_goes_with_its_workspace() {
    let mut world = watched();
    assert_eq!(past(&mut world, "900001").turns.len(), 1, "the first look");
    let since = |world: &mut World| {
        let view = world.view();
        let all = view.xquik.iter().flat_map(|it| &it.accounts);
        all.into_iter().find(|it| it.id.id == "900001").expect("listed").since
    };
    assert_eq!(since(&mut world), None, "nobody saw it change");
    for round in 0..15 {
        polled(&mut world, &down(&[1]));
        let fell = world.now;
        // Listed anew without a change.
        polled(&mut world, &down(&[1]));
        assert_eq!(since(&mut world), Some(fell), "{round}");
        polled(&mut world, &five(FINE));
    }
    world.restart_browser();
    world.unlocks(1);
    let turns = past(&mut world, "900001").turns;
    assert_eq!(turns.len(), 20);
    assert!(turns.windows(2).all(|pair| pair[0].at > pair[1].at && pair[0].health != pair[1].health));
    assert_eq!(past(&mut world, "900002").turns.len(), 1);
    let workspace = world.account("900001").workspace;
    world.done(Question::Disconnect { workspace });
    assert!(!world.local[&Key::Accounts].contains("900001"));
}

#[test]
fn a_sign_in_from_here_is_part_of_the_history() {
    let mut world = watched();
    polled(&mut world, &down(&[1]));
    let account = world.account("900001");
    let (password, key) = (Secret::new("password".into()), KeyChoice::Theirs);
    world.done(Question::SignIn {
        account: account.clone(),
        password,
        key,
        email: None,
        region: None,
        entry: None,
        since: None,
    });
    world.later(Span::seconds(20));
    let healthy = r#"{"id":"900001","xUsername":"acme_1","status":"active","health":"healthy"}"#;
    world.service_answers(200, healthy);
    world.done(Question::Dismiss { account });
    let past = past(&mut world, "900001");
    assert_eq!((past.turns[0].at, past.turns[0].health.clone()), (world.now, Health::Healthy));
    assert!(past.last.is_some(), "dismissed, and still known");
    assert_eq!(past.worked, None, "it was Xquik's own key");
    polled(&mut world, &five(FINE));
    polled(&mut world, &down(&[1]));
    assert_eq!(world.alerts.len(), 2, "well in between: another incident");
}

#[test]
fn a_list_that_was_asked_for_earlier_changes_nothing_that_is_newer() {
    let mut world = watched();
    polled(&mut world, &down(&[1]));
    rings(&mut world);
    world.service_answers(200, &down(&[1]).replace(r#""hasMore":false"#, r#""nextCursor":"a""#));
    let (_, second_page) = world.sent.remove(0);
    let account = world.account("900001");
    let question = world.sign_in_of(account.clone(), KeyChoice::Theirs);
    world.done(question);
    world.later(Span::seconds(20));
    let healthy = r#"{"id":"900001","xUsername":"acme_1","status":"active","health":"healthy"}"#;
    world.service_answers(200, healthy);
    world.done(Question::Dismiss { account: account.clone() });
    let answered = world.now;
    world.later(Span::seconds(1));
    let (status, body) = (200, Secret::new(r#"{"accounts":[]}"#.into()));
    let reply = Reply::Answer { status, retry_after: None, date: None, body };
    world.happens(Event::Replied(second_page, reply));
    assert_eq!(listed(&mut world, &account).health, Health::Healthy);
    let past = past(&mut world, "900001");
    assert_eq!((past.turns.len(), past.turns[0].at, past.turns[0].health.clone()), (3, answered, Health::Healthy));
    assert_eq!((world.alerts.len(), world.badge.as_str()), (1, ""), "nobody is told of what is over");
    // The next list is newer.
    polled(&mut world, &down(&[1]));
    assert_eq!((world.alerts.len(), world.badge.as_str()), (2, "1"));
}

#[test]
fn a_pressed_notification_opens_its_account() {
    let mut world = watched();
    world.happens(Event::AlertPressed("0123456789abcdef.90/1".into()));
    world.happens(Event::AlertPressed(String::new()));
    assert_eq!(world.opened, ["pages/app.html#/account/0123456789abcdef.90%2F1", "pages/app.html#/"]);
}

#[test]
fn each_workspace_is_watched_by_itself_and_told_with_the_others() {
    let mut world = watched();
    let second = "xq_fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
    let theirs = |list: &str| list.replace("90000", "80000").replace("acme_", "other_");
    world.ask_for(Question::Connect { api_key: Secret::new(second.into()), name: "other".into(), workspace: None });
    world.service_answers(200, &theirs(&five(FINE)));
    rings(&mut world);
    world.service_answers(200, &down(&[1]));
    assert_eq!(told(&world).len(), 0, "the other list is on its way");
    world.service_answers(200, &theirs(&down(&[1, 2])));
    assert_eq!(told(&world), ["3"]);
    // The second fails twice, the first goes on.
    for _ in 0..2 {
        rings(&mut world);
        world.service_answers(200, &down(&[1]));
        world.service_answers(500, "");
    }
    assert_eq!(minutes(&world), 15);
    rings(&mut world);
    world.service_answers(200, &down(&[1]));
    assert_eq!((world.sent.len(), minutes(&world)), (0, 15), "the second waits for half an hour");
    rings(&mut world);
    assert_eq!(world.sent.len(), 1);
    world.service_answers(200, &down(&[1]));
    assert_eq!(world.sent.len(), 1, "now both are due");
    world.service_answers(200, &theirs(&down(&[])));
    assert_eq!(world.badge, "1");
}

#[test]
fn a_locked_vault_wakes_for_the_end_of_a_pause_and_for_what_it_may_watch_alone() {
    let mut world = watched();
    polled(&mut world, &down(&[1]));
    let account = world.account("900001");
    let question = world.sign_in_of(account, KeyChoice::Theirs);
    world.done(question);
    world.service_answers(429, r#"{"error":"login_cooldown","reason":"temporary_issue","retryAfterMs":1200000}"#);
    world.done(Question::Lock);
    world.later(Span::minutes(16));
    world.rings(Alarm::Poll, Presence::Active);
    assert_eq!((minutes(&world), world.badge.as_str()), (4, ""), "the list is overdue, and cannot be asked for");
    rings(&mut world);
    assert_eq!((minutes(&world), world.badge.as_str()), (15, "1"));
    assert!(world.sent.is_empty());
    // Chosen, it is asked for at its time.
    world.unlocks(1);
    choose(&mut world, &[Notify, WatchLocked]);
    world.view();
    world.service_answers(200, &five(FINE));
    world.done(Question::Lock);
    assert_eq!(minutes(&world), 15);
    polled(&mut world, &five(FINE));
    assert_eq!(minutes(&world), 15);
}

#[test]
fn a_locked_vault_leaves_its_api_keys_and_no_names() {
    let mut world = watched();
    let workspace = world.view().xquik[0].id;
    world.done(Question::NameWorkspace { workspace, name: "Stand-in agency".into() });
    choose(&mut world, &[Notify, WatchLocked]);
    world.done(Question::Lock);
    let memory: serde_json::Value = serde_json::from_str(world.memory.as_deref().expect("a memory")).expect("JSON");
    let left = serde_json::json!([{ "id": String::from(workspace), "name": "", "key": API_KEY }]);
    assert_eq!(memory["memory"]["watching"], left);
    world.unlocks(1);
    assert_eq!(world.view().xquik[0].name, "Stand-in agency");
}
