//! Accounts that X calls otherwise than the vault does: a handle is changed, swapped, or taken by another account, and keys
//! are kept under the new one.

use crate::connecting::PASSWORD;
use crate::stories::*;
use crate::workspaces::{SECOND, named};
use crate::world::*;
use longkey_core::capture::{Doubt, KeyState};
use longkey_core::clock::Span;
use longkey_core::label::Id;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SETTINGS: &str = "https://x.com/settings/account/login_verification";
const THIRD_KEY: &str = "MFRGGZDFMZTWQ2LK";

/// Xquik lists the accounts with other handles: each of these in place of the one before it.
fn calls(world: &mut World, names: &[(&str, &str)]) {
    let number = |handle: &str| match handle {
        "Standin_User" => "1",
        "acme_support" => "2",
        _ => "3",
    };
    let mut list = ACCOUNTS.to_owned();
    for (before, after) in names {
        let of = |handle: &str| format!(r#""xUserId":"{}","xUsername":"{handle}""#, number(before));
        list = list.replace(&of(before), &of(after));
    }
    world.later(Span::seconds(1));
    world.sent.clear();
    world.ask_for(Question::Refresh);
    world.service_answers(200, &list);
}

fn adds(world: &mut World, handle: &str, key: &str) -> Id {
    world.later(Span::seconds(1));
    match world.ask(Question::AddKey { text: Secret::new(key.into()), handle: handle.into() }) {
        Answer::Kept(entry) => entry,
        other => panic!("{other:?}"),
    }
}

/// A key that X has accepted.
fn works(world: &mut World, handle: &str, key: &str) -> Id {
    let entry = adds(world, handle, key);
    world.later(Span::seconds(1));
    world.done(Question::Accepted { entry });
    entry
}

/// Connected, with a key for number 1.
fn known() -> (World, Id) {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    let entry = works(&mut world, "standin_user", KEY);
    world.connects(ACCOUNTS);
    (world, entry)
}

/// The key that a sign-in of the account would send now.
fn sends(world: &mut World, id: &str) -> String {
    let question = world.sign_in_of(world.account(id), KeyChoice::Saved);
    world.sent.clear();
    world.done(question);
    let body = world.sent[0].0.body.as_ref().expect("a body").expose().to_owned();
    world.service_answers(503, "");
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    body["totp_secret"].as_str().expect("a key").to_owned()
}

fn names(world: &mut World) -> Vec<(Id, String)> {
    world.view().entries.iter().map(|it| (it.id, it.handle.as_str().to_ascii_lowercase())).collect()
}

fn takes(entry: Id, handle: &str) -> Question {
    Question::Rename { entry, handle: handle.into() }
}

#[test]
fn a_key_that_came_before_the_list_knew_the_new_name_is_sent_once_that_is_taken() {
    for accepted in [true, false] {
        let (mut world, entry) = known();
        let other = adds(&mut world, "standin_new", OTHER_KEY);
        assert_ne!(entry, other, "nobody knows yet whose it is");
        if accepted {
            world.later(Span::seconds(1));
            world.done(Question::Accepted { entry: other });
        }
        calls(&mut world, &[("Standin_User", "standin_new")]);
        world.done(takes(entry, "standin_new"));
        assert_eq!(names(&mut world), [(entry, "standin_new".to_owned())], "one account, one entry");
        let view = world.view().entries.remove(0);
        assert_eq!(view.current.map(|it| it.state), Some(KeyState::Confirmed));
        assert_eq!(view.waiting.map(|it| it.state), (!accepted).then_some(KeyState::Pending));
        assert_eq!(sends(&mut world, "900001"), if accepted { OTHER_KEY } else { KEY });
        if !accepted {
            world.done(Question::Accepted { entry });
            assert_eq!(sends(&mut world, "900001"), OTHER_KEY);
        }
        assert_eq!(world.view().entries[0].older, 1, "the old one is history");
    }
}

#[test]
fn a_key_that_comes_under_the_new_name_goes_to_the_account_that_has_it() {
    let (mut world, entry) = known();
    calls(&mut world, &[("Standin_User", "standin_new")]);
    assert_eq!(adds(&mut world, "Standin_New", OTHER_KEY), entry);
    assert_eq!(names(&mut world), [(entry, "standin_new".to_owned())]);
    world.done(Question::Accepted { entry });
    assert_eq!(sends(&mut world, "900001"), OTHER_KEY);
    // The same for one that waited in the inbox while the vault was locked.
    let (mut world, entry) = known();
    world.sets_passphrase(1);
    calls(&mut world, &[("Standin_User", "acme_new")]);
    world.done(Question::Lock);
    world.x_shows_key(OTHER_KEY);
    let draft = first_draft(&mut world).id;
    world.done(Question::KeepDraft { draft, handle: "acme_new".into() });
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(names(&mut world), [(entry, "acme_new".to_owned())]);
    assert!(world.view().entries[0].waiting.is_some());
}

#[test]
fn accounts_that_swapped_their_names_keep_their_keys() {
    for by_a_key in [true, false] {
        let (mut world, first) = known();
        let second = works(&mut world, "acme_support", OTHER_KEY);
        calls(&mut world, &[]);
        calls(&mut world, &[("Standin_User", "acme_support"), ("acme_support", "Standin_User")]);
        assert_eq!((sends(&mut world, "900001"), sends(&mut world, "900002")), (KEY.into(), OTHER_KEY.into()));
        if by_a_key {
            assert_eq!(works(&mut world, "acme_support", THIRD_KEY), first, "it is number 1's now");
        } else {
            world.done(takes(first, "acme_support"));
        }
        let swapped = [(first, "acme_support".to_owned()), (second, "standin_user".to_owned())];
        assert_eq!(names(&mut world), swapped, "both in one step");
        let new = if by_a_key { THIRD_KEY } else { KEY };
        assert_eq!((sends(&mut world, "900001"), sends(&mut world, "900002")), (new.into(), OTHER_KEY.into()));
    }
}

#[test]
fn names_that_moved_on_in_a_ring_are_all_taken_at_once() {
    let (mut world, first) = known();
    let second = works(&mut world, "acme_support", OTHER_KEY);
    let third = works(&mut world, "acme_de", THIRD_KEY);
    calls(&mut world, &[]);
    let ring = [("Standin_User", "acme_support"), ("acme_support", "acme_de"), ("acme_de", "Standin_User")];
    calls(&mut world, &ring);
    world.done(takes(first, "acme_support"));
    let moved = [(first, "acme_support"), (second, "acme_de"), (third, "standin_user")];
    assert_eq!(names(&mut world), moved.map(|(id, name)| (id, name.to_owned())));
}

#[test]
fn an_account_that_took_the_name_of_another_gets_an_entry_of_its_own() {
    let (mut world, entry) = known();
    calls(&mut world, &[("Standin_User", "standin_new")]);
    let stranger = works(&mut world, "standin_user", OTHER_KEY);
    assert_ne!(stranger, entry);
    let both = [(entry, "standin_new".to_owned()), (stranger, "standin_user".to_owned())];
    assert_eq!(names(&mut world), both);
    assert_eq!(sends(&mut world, "900001"), KEY);
}

#[test]
fn an_account_is_connected_with_the_key_of_who_has_the_name_now() {
    let (mut world, _) = known();
    calls(&mut world, &[("Standin_User", "standin_new")]);
    // Another workspace, whose list is empty.
    world.ask_for(named(SECOND, "", None));
    world.service_answers(200, r#"{"accounts":[]}"#);
    let view = world.view();
    let since = view.entries[0].current.as_ref().expect("a key").since;
    let asked = |handle: &str| Question::ConnectNew {
        workspace: view.xquik[1].id,
        handle: handle.into(),
        email: "fake.person@example.invalid".into(),
        password: Secret::new(PASSWORD.into()),
        since,
    };
    world.sent.clear();
    assert_eq!(world.ask(asked("Standin_User")), Answer::Refused(Refusal::NoConfirmedKey), "whoever has that name now");
    assert!(world.sent.is_empty());
    world.done(asked("standin_new"));
    let body = world.sent[0].0.body.as_ref().expect("a body").expose().to_owned();
    assert!(body.contains(KEY), "the key that the account has");
}

#[test]
fn an_older_key_under_the_new_name_may_be_of_another_account() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    let other = works(&mut world, "standin_new", OTHER_KEY);
    let entry = works(&mut world, "standin_user", KEY);
    world.connects(ACCOUNTS);
    calls(&mut world, &[("Standin_User", "standin_new")]);
    let before = world.view().entries;
    assert_eq!(world.refusal(takes(entry, "standin_new")), Refusal::HandleTaken);
    assert_eq!(world.view().entries, before, "nothing has changed");
    // By its number a new key goes to the right one all the same.
    assert_eq!(adds(&mut world, "standin_new", THIRD_KEY), entry);
    assert_eq!(names(&mut world), [(other, "standin_new".to_owned()), (entry, "standin_user".to_owned())]);
}

#[test]
fn what_x_says_of_the_new_name_is_said_of_the_account() {
    let (mut world, entry) = known();
    let second = works(&mut world, "acme_support", OTHER_KEY);
    calls(&mut world, &[]);
    calls(&mut world, &[("Standin_User", "acme_support"), ("acme_support", "acme_new")]);
    let says = |world: &mut World, handle: &str| {
        let marks = vec![Mark::AppOff];
        let screen = Screen { marks, handle: Some(handle.into()), ..Screen::default() };
        world.sensed(SETTINGS, FromContent::Saw(screen));
    };
    let doubts = |world: &mut World| {
        let of = |id| move |it: &&EntryView| it.id == id;
        let view = world.view();
        [entry, second].map(|id| view.entries.iter().find(of(id)).expect("an entry").doubt)
    };
    says(&mut world, "standin_user");
    assert_eq!(doubts(&mut world), [None, None], "it is nobody's who is known here");
    says(&mut world, "acme_support");
    assert_eq!(doubts(&mut world), [Some(Doubt::AppOff), None]);
}

#[test]
fn what_comes_out_of_the_bin_goes_to_its_own_account() {
    let (mut world, entry) = known();
    calls(&mut world, &[("Standin_User", "standin_new")]);
    world.done(Question::Delete { entry });
    // Number 2 has its handle now.
    calls(&mut world, &[("Standin_User", "standin_new"), ("acme_support", "Standin_User")]);
    let other = works(&mut world, "standin_user", OTHER_KEY);
    calls(&mut world, &[("Standin_User", "standin_new"), ("acme_support", "Standin_User")]);
    world.done(Question::Undelete { entry });
    assert_ne!(entry, other);
    assert_eq!((sends(&mut world, "900001"), sends(&mut world, "900002")), (KEY.into(), OTHER_KEY.into()));
}

#[test]
fn what_is_taken_in_makes_no_key_less_accepted_and_loses_no_newer_code() {
    let (mut world, entry) = known();
    let codes = |from: u8| -> Vec<String> { (from..from + 5).map(|it| format!("{it:012}")).collect() };
    world.done(Question::AddBackupCodes { entry, text: Secret::new(codes(10).join(", ")) });
    // No list has told the new name yet, so that it has an entry of its own.
    let other = adds(&mut world, "renamed", KEY);
    assert_ne!(other, entry);
    world.later(Span::seconds(1));
    world.done(Question::AddBackupCodes { entry: other, text: Secret::new(codes(20).join(", ")) });
    let newer: Vec<_> = world.view().entries[1].backup.iter().map(|it| it.added).collect();
    calls(&mut world, &[("Standin_User", "renamed")]);
    world.done(Question::Rename { entry, handle: "renamed".into() });
    let view = world.view();
    assert_eq!(view.entries.len(), 1);
    let it = &view.entries[0];
    assert_eq!(it.current.as_ref().map(|it| it.state), Some(KeyState::Confirmed));
    assert!(it.waiting.is_none());
    assert_eq!(it.backup.iter().map(|it| it.added).collect::<Vec<_>>(), newer);
}
