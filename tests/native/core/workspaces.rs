//! Several workspaces at Xquik side by side, and which saved key belongs to which of their accounts.

use crate::stories::*;
use crate::world::*;
use longkey_core::capture::KeyState;
use longkey_core::clock::Span;
use longkey_core::effect::Key;
use longkey_core::label::Id;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::xquik::Verdict;
use longkey_core::services::{Method, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A second workspace's key, and a third.
pub(crate) const SECOND: &str = "xq_fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
const THIRD: &str = "xq_00000000000000000000000000000000000000000000000000000000000000ff";
/// The same X account as 900001, by another id; and the same id as 900002 for another account.
const OTHERS: &str = r#"{"accounts":[
 {"id":"7","xUserId":"1","xUsername":"standin_user","status":"active","health":"healthy"},
 {"id":"900002","xUserId":"77","xUsername":"acme_jp","status":"active","health":"needsReauth"}],"hasMore":false}"#;

pub(crate) fn named(api_key: &str, name: &str, workspace: Option<Id>) -> Question {
    Question::Connect { api_key: Secret::new(api_key.into()), name: name.into(), workspace }
}

/// A world with two workspaces.
fn two() -> World {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    world.ask_for(named(SECOND, " Agency ", None));
    world.service_answers(200, OTHERS);
    world
}

impl World {
    fn signs_in_at(&mut self, id: &str, key: KeyChoice) {
        let question = self.sign_in_of(self.account(id), key);
        self.done(question);
    }
}

fn keys_sent(world: &World) -> Vec<&str> {
    world.sent.iter().map(|(call, _)| call.auth.1.expose()).collect()
}

#[test]
fn two_workspaces_stand_side_by_side() {
    let mut world = two();
    let view = world.view();
    let told: Vec<_> =
        view.xquik.iter().map(|it| (it.name.as_str(), it.last_four.as_str(), it.accounts.len())).collect();
    assert_eq!(told, [("", "cdef", 3), ("Agency", "3210", 2)]);
    assert_eq!(world.badge, "3", "what the user can fix, in both");
    world.kill_worker();
    assert_eq!(world.view(), view);
}

#[test]
fn each_account_is_signed_in_with_its_own_workspaces_key() {
    let mut world = two();
    // Two accounts of different workspaces have the same id at Xquik: the last one listed is another's.
    let second = world.view().xquik[1].accounts.iter().find(|it| it.handle == "acme_jp").expect("listed").id.clone();
    let password = Secret::new("not-a-real-password".into());
    world.done(Question::SignIn {
        account: second.clone(),
        password,
        key: KeyChoice::Theirs,
        email: None,
        region: None,
        entry: None,
        since: None,
    });
    assert_eq!(keys_sent(&world), [SECOND]);
    assert_eq!(world.sent[0].0.path, "/api/v1/x/accounts/900002/reauth");
    let running: Vec<_> =
        world.view().xquik.into_iter().flat_map(|it| it.accounts).filter(|it| it.attempt.is_some()).collect();
    assert_eq!(running.len(), 1);
    assert_eq!(running[0].id, second);
    world.signs_in_at("900001", KeyChoice::Theirs);
    assert_eq!(keys_sent(&world), [SECOND, API_KEY]);
}

#[test]
fn refreshing_lists_one_after_the_other_and_tells_the_first_trouble() {
    let mut world = two();
    world.later(Span::minutes(5));
    let ask = world.asks_for(Question::Refresh);
    assert_eq!(keys_sent(&world), [API_KEY]);
    world.service_answers(401, r#"{"error":"unauthenticated"}"#);
    assert_eq!(keys_sent(&world), [SECOND]);
    world.service_answers(200, OTHERS);
    assert_eq!(world.answer_to(ask), Some(Answer::Verdict(Verdict::ApiKeyRefused)));
    let view = world.view();
    assert_eq!(view.xquik[0].trouble, Some(Verdict::ApiKeyRefused));
    assert_eq!(view.xquik[0].accounts.len(), 3, "what was known stays");
    assert_eq!(view.xquik[1].trouble, None);
    assert_eq!(view.xquik[1].checked, Some(world.now));
}

#[test]
fn a_pause_of_one_workspace_does_not_hold_up_the_other() {
    let mut world = two();
    world.later(Span::minutes(5));
    world.asks_for(Question::Refresh);
    world.service_answers(429, r#"{"error":"rate_limit_exceeded","retryAfter":600}"#);
    world.service_answers(200, OTHERS);
    world.later(Span::minutes(2));
    world.view();
    assert_eq!(keys_sent(&world), [SECOND]);
}

#[test]
fn another_key_takes_the_place_of_the_old_one_only_once_xquik_takes_it() {
    let mut world = two();
    let first = world.view().xquik[0].id;
    world.ask_for(named(THIRD, "Acme", Some(first)));
    world.service_answers(401, "{}");
    assert_eq!(world.view().xquik[0].last_four, "cdef");
    world.ask_for(named(THIRD, "Acme", Some(first)));
    world.service_answers(200, ACCOUNTS);
    let view = world.view();
    assert_eq!((view.xquik.len(), view.xquik[0].id, view.xquik[0].last_four.as_str()), (2, first, "00ff"));
    assert_eq!(view.xquik[0].name, "Acme");
    // The answer to a list that was asked with the old key is nobody's.
    world.signs_in_at("900001", KeyChoice::Theirs);
    assert_eq!(keys_sent(&world), [THIRD]);
}

#[test]
fn what_cannot_be_connected_is_refused_before_anything_is_sent() {
    let mut world = two();
    let second = world.view().xquik[1].id;
    assert_eq!(world.refusal(named(API_KEY, "", None)), Refusal::ApiKeyTaken);
    assert_eq!(world.refusal(named(API_KEY, "", Some(second))), Refusal::ApiKeyTaken);
    assert_eq!(world.refusal(named(THIRD, &"x".repeat(41), None)), Refusal::NameShape);
    assert_eq!(world.refusal(named(THIRD, "two\nlines", None)), Refusal::NameShape);
    assert_eq!(world.refusal(named(THIRD, "", Some(Id::new([9; 8])))), Refusal::NotConnected);
    assert!(world.sent.is_empty());
    world.done(Question::NameWorkspace { workspace: second, name: "Agentur".into() });
    assert_eq!(world.view().xquik[1].name, "Agentur");
}

#[test]
fn what_is_connected_twice_at_once_is_connected_once() {
    let mut world = two();
    let (one, other) = (world.asks_for(named(THIRD, "a", None)), world.asks_for(named(THIRD, "b", None)));
    world.service_answers(200, r#"{"accounts":[]}"#);
    world.service_answers(200, r#"{"accounts":[]}"#);
    assert_eq!(world.answer_to(one), Some(Answer::Done));
    assert_eq!(world.answer_to(other), Some(Answer::Refused(Refusal::ApiKeyTaken)));
    assert_eq!(world.view().xquik.len(), 3);
    // Left while its new key was being asked about.
    let first = world.view().xquik[0].id;
    let late = world.asks_for(named(&THIRD.replace("ff", "aa"), "", Some(first)));
    world.done(Question::Disconnect { workspace: first });
    world.service_answers(200, ACCOUNTS);
    assert_eq!(world.answer_to(late), Some(Answer::Refused(Refusal::NotConnected)));
    assert_eq!(world.view().xquik.len(), 2);
}

#[test]
fn two_keys_of_one_user_are_one_workspace() {
    let mut world = two();
    let second = world.view().xquik[1].id;
    // As a workspace of its own, and in place of another one's key.
    for replaces in [None, Some(second)] {
        let ask = world.asks_for(named(THIRD, "", replaces));
        // One account of three is enough: lists change.
        world.service_answers(
            200,
            r#"{"accounts":[{"id":"900003","xUserId":"3","xUsername":"renamed","health":"healthy"}]}"#,
        );
        assert_eq!(world.answer_to(ask), Some(Answer::Refused(Refusal::WorkspaceTaken)));
    }
    let view = world.view();
    let told: Vec<_> = view.xquik.iter().map(|it| (it.last_four.as_str(), it.accounts.len())).collect();
    assert_eq!(told, [("cdef", 3), ("3210", 2)], "nothing has changed");
    // In place of its own key it is welcome.
    let ask = world.asks_for(named(THIRD, "", Some(view.xquik[0].id)));
    world.service_answers(200, ACCOUNTS);
    assert_eq!(world.answer_to(ask), Some(Answer::Done));
    // What has no number of X may be anything.
    let ask = world.asks_for(named(API_KEY, "", None));
    world.service_answers(200, r#"{"accounts":[{"id":"900003","xUsername":"acme_de","health":"healthy"}]}"#);
    assert_eq!(world.answer_to(ask), Some(Answer::Done));
}

/// The backup file of a world, and a vault elsewhere into which it is restored.
fn restored(from: &mut World, into: &mut World) {
    let Answer::Terms(terms) = from.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    let Answer::Backup { file, .. } = from.ask(Question::MakeBackup { terms, derived: bytes(5) }) else {
        panic!("no backup")
    };
    into.done(Question::Restore { file, derived: bytes(5) });
}

#[test]
fn a_backup_brings_workspaces_and_no_replaced_key_back() {
    let mut old = two();
    let mut here = World::new();
    here.done(Question::SkipPassphrase);
    restored(&mut old, &mut here);
    let named_here = |world: &mut World| -> Vec<_> { world.view().xquik.into_iter().map(|it| it.last_four).collect() };
    assert_eq!(named_here(&mut here), ["cdef", "3210"]);
    let first = here.view().xquik[0].id;
    // A page that looks has them listed.
    here.sent.clear();
    here.ask_for(named(THIRD, "", Some(first)));
    here.service_answers(200, ACCOUNTS);
    restored(&mut old, &mut here);
    assert_eq!(named_here(&mut here), ["00ff", "3210"], "the replaced key stays away");
}

#[test]
fn a_backup_knows_accounts_by_their_numbers() {
    let account = |handle: &str, key: &str, number: &str| {
        let mut world = World::new();
        world.done(Question::SkipPassphrase);
        let Answer::Kept(entry) = world.ask(Question::AddKey { text: Secret::new(key.into()), handle: handle.into() })
        else {
            panic!("not kept")
        };
        world.done(Question::Accepted { entry });
        let listed = format!(
            r#"{{"accounts":[{{"id":"1","xUserId":"{number}","xUsername":"{handle}","status":"active","health":"healthy"}}]}}"#
        );
        world.connects(&listed);
        world
    };
    // The same account under a new name: one entry.
    let (mut before, mut here) = (account("old_name", KEY, "11"), account("new_name", KEY, "11"));
    restored(&mut before, &mut here);
    assert_eq!(here.view().entries.len(), 1);
    assert_eq!(here.view().entries[0].handle.as_str(), "new_name");
    // Another account under the same name: its key stays apart, and is sent for it alone.
    let (mut stranger, mut here) = (account("shared", OTHER_KEY, "22"), account("shared", KEY, "33"));
    restored(&mut stranger, &mut here);
    assert_eq!(here.view().entries.len(), 2);
    let account = here.account("1");
    let question = here.sign_in_of(account, KeyChoice::Saved);
    here.done(question);
    let body = here.sent.iter().find_map(|(call, _)| call.body.as_ref()).expect("a body");
    assert!(body.expose().contains(KEY));
}

#[test]
fn leaving_one_leaves_the_other_alone() {
    let mut world = two();
    let second = world.view().xquik[1].id;
    world.signs_in_at("7", KeyChoice::Theirs);
    world.service_answers(429, r#"{"error":"login_cooldown","retryAfterMs":60000}"#);
    world.done(Question::Disconnect { workspace: second });
    let view = world.view();
    assert_eq!((view.xquik.len(), view.xquik[0].accounts.len()), (1, 3));
    for (key, text) in &world.local {
        assert!(!text.contains(&String::from(second)), "{key:?}");
    }
    assert_ne!(world.alarms.get("poll"), Some(&None), "the other is watched on");
    let first = view.xquik[0].id;
    world.done(Question::Disconnect { workspace: first });
    assert_eq!(world.alarms.get("poll"), Some(&None));
}

#[test]
fn locked_shows_the_accounts_and_neither_names_nor_keys() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.connects(ACCOUNTS);
    world.ask_for(named(SECOND, "Agency", None));
    world.service_answers(200, OTHERS);
    world.done(Question::Lock);
    let view = world.view();
    let told: Vec<_> =
        view.xquik.iter().map(|it| (it.name.as_str(), it.last_four.as_str(), it.accounts.len())).collect();
    assert_eq!(told, [("", "", 3), ("", "", 2)]);
    assert!(world.sent.is_empty(), "locked asks nobody");
}

#[test]
fn a_permission_that_was_taken_back_is_said_and_nothing_counts_as_sent() {
    let mut world = two();
    world.signs_in_at("900001", KeyChoice::Theirs);
    world.replies(Reply::NotAllowed);
    assert!(matches!(attempt(&mut world), Some(Outcome::Answered { verdict: Verdict::NotAllowed, .. })));
    // Given back, it goes on with a click, without a check first.
    world.signs_in_at("900001", KeyChoice::Theirs);
    assert_eq!(world.sent[0].0.method, Method::Post);
}

#[test]
fn a_renamed_account_keeps_its_key_and_takes_its_new_name_on_a_click() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    let entry = captured_and_confirmed(&mut world, KEY);
    world.connects(ACCOUNTS);
    let of = |world: &mut World, id: &str| {
        let account = world.account(id);
        world.view().xquik.into_iter().flat_map(|it| it.accounts).find(|it| it.id == account).expect("listed")
    };
    assert_eq!(of(&mut world, "900001").entry, Some(entry));
    world.later(Span::minutes(5));
    world.asks_for(Question::Refresh);
    world.service_answers(200, &ACCOUNTS.replace("Standin_User", "standin_new"));
    let account = of(&mut world, "900001");
    assert_eq!((account.entry, account.key), (Some(entry), Some(KeyState::Confirmed)));
    assert_eq!(account.renamed.as_ref().map(longkey_core::label::Handle::as_str), Some("standin_user"));
    world.signs_in_at("900001", KeyChoice::Saved);
    assert!(world.sent[0].0.body.as_ref().expect("a body").expose().contains(KEY), "the number tells whose key it is");
    world.service_answers(200, HEALTHY);
    world.done(Question::Rename { entry, handle: "standin_new".into() });
    assert_eq!(of(&mut world, "900001").renamed, None);
    assert_eq!(world.view().entries[0].handle.as_str(), "standin_new");
}

#[test]
fn a_name_that_somebody_else_took_does_not_take_the_key_with_it() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    captured_and_confirmed(&mut world, KEY);
    world.connects(ACCOUNTS);
    world.later(Span::minutes(5));
    world.asks_for(Question::Refresh);
    // 900001 has another name now; another account of X has taken the old one.
    let swapped = ACCOUNTS.replace("Standin_User", "gone_away").replace("acme_support", "Standin_User");
    world.service_answers(200, &swapped);
    let stranger = world.account("900002");
    let view = world.view();
    let of = |id: &longkey_core::label::AccountRef| {
        view.xquik.iter().flat_map(|it| &it.accounts).find(|it| it.id == *id).expect("listed").clone()
    };
    let account = of(&stranger);
    assert_eq!((account.entry, account.key, account.stranger), (None, None, true));
    assert!(of(&world.account("900001")).entry.is_some());
    let question = world.sign_in_of(world.account("900002"), KeyChoice::Saved);
    assert_eq!(world.refusal(question), Refusal::NoConfirmedKey);
}

#[test]
fn a_rename_takes_no_other_entrys_name() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    let entry = captured_and_confirmed(&mut world, KEY);
    world.done(Question::AddKey { text: Secret::new(OTHER_KEY.into()), handle: "acme".into() });
    assert_eq!(world.refusal(Question::Rename { entry, handle: "ACME".into() }), Refusal::HandleTaken);
    assert_eq!(world.refusal(Question::Rename { entry, handle: "no handle".into() }), Refusal::HandleShape);
    // Its own name in another spelling is.
    world.done(Question::Rename { entry, handle: "Standin_User".into() });
}

#[test]
fn numbers_are_learnt_once_and_are_in_the_vault() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    captured_and_confirmed(&mut world, KEY);
    world.connects(ACCOUNTS);
    let place = |world: &World| (world.local[&Key::Vault0].clone(), world.local[&Key::Vault1].clone());
    let before = place(&world);
    world.later(Span::minutes(5));
    world.asks_for(Question::Refresh);
    world.service_answers(200, ACCOUNTS);
    assert_eq!(place(&world), before, "nothing new to learn is no new vault");
}

#[test]
fn a_connection_that_was_ended_comes_back_whole() {
    let mut world = two();
    world.signs_in_at("900001", KeyChoice::Theirs);
    world.service_answers(429, r#"{"error":"login_cooldown"}"#);
    let before = world.view().xquik;
    world.done(Question::Disconnect { workspace: before[0].id });
    assert_eq!(world.view().xquik, before[1..]);
    world.done(Question::TakeBack { draft: None, workspace: Some(before[0].id), handle: None });
    let mut after = world.view().xquik;
    after.rotate_left(1);
    assert_eq!(after, before, "with its accounts and their pauses");
    assert_eq!(
        world.ask(Question::TakeBack { draft: None, workspace: Some(before[0].id), handle: None }),
        Answer::Refused(Refusal::UndoOver),
        "once"
    );
    world.kill_worker();
    assert_eq!(world.view().xquik.len(), 2);
    // Connected anew meanwhile: two workspaces with one key are refused, here too.
    world.done(Question::Disconnect { workspace: before[1].id });
    world.ask_for(named(SECOND, "", None));
    world.service_answers(200, OTHERS);
    assert_eq!(
        world.ask(Question::TakeBack { draft: None, workspace: Some(before[1].id), handle: None }),
        Answer::Refused(Refusal::ApiKeyTaken)
    );
    // What stood in its way is gone: refusing it took nothing away.
    let again = world.view().xquik.iter().find(|it| it.last_four == "3210").expect("connected anew").id;
    world.done(Question::NameWorkspace { workspace: again, name: "Anew".into() });
    assert_eq!(
        world.ask(Question::TakeBack { draft: None, workspace: Some(before[1].id), handle: None }),
        Answer::Refused(Refusal::ApiKeyTaken),
        "not that there is nothing"
    );
    // Another key of the same user has the same accounts.
    world.ask_for(named(THIRD, "", Some(again)));
    world.service_answers(200, OTHERS);
    assert_eq!(
        world.ask(Question::TakeBack { draft: None, workspace: Some(before[1].id), handle: None }),
        Answer::Refused(Refusal::WorkspaceTaken)
    );
    world.ask_for(named(&THIRD.replace("ff", "aa"), "", Some(again)));
    world.service_answers(200, r#"{"accounts":[]}"#);
    world.done(Question::TakeBack { draft: None, workspace: Some(before[1].id), handle: None });
    assert_eq!(world.view().xquik.len(), 3);
    // With the worker goes what could be taken back: it is in no store.
    let last = world.view().xquik[0].id;
    world.done(Question::Disconnect { workspace: last });
    world.kill_worker();
    assert_eq!(
        world.ask(Question::TakeBack { draft: None, workspace: Some(last), handle: None }),
        Answer::Refused(Refusal::UndoOver)
    );
}
