//! The long keys of Fansly authenticators: their digits, the key before, keys that nobody lists, backup files.

use crate::fansly::{ACCOUNT, LIST, account, act, connected, prompted};
use crate::world::*;
use longkey_core::clock::Span;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn the_saved_key_gives_the_digits_and_outlives_the_connection() {
    let mut world = connected();
    assert_eq!(world.refusal(act(FanslyAct::Digits)), Refusal::NoConfirmedKey);
    let save = |text: &str| Question::FanslyKey { member: ACCOUNT.into(), text: Secret::new(text.into()) };
    assert_eq!(world.refusal(save("482913")), Refusal::KeyIsSixDigitCode);
    world.done(save("jbsw y3dp ehpk 3pxp"));
    assert!(account(&mut world).key);
    prompted(&mut world, 0);
    for (second, wanted) in [(0, 25), (24, 1), (26, 29)] {
        world.now = START.after(Span::seconds(600 + second));
        let Answer::Digits { code, until } = world.ask(act(FanslyAct::Digits)) else { panic!("no digits") };
        assert_eq!(until.since(world.now), Span::seconds(wanted), "at {second} s");
        let now = core::mem::replace(&mut world.now, until);
        let meant = world.code_of(KEY);
        world.now = now;
        assert_eq!(code.expose(), meant, "at {second} s: it still stands then");
    }
    world.done(Question::DisconnectFans);
    crate::fansly::connect(&mut world);
    assert!(account(&mut world).key, "the key is the user's, not the service's");
    world.done(act(FanslyAct::ForgetKey));
    assert!(!account(&mut world).key);
}

#[test]
fn a_key_that_was_replaced_or_removed_comes_back_for_30_days() {
    let mut world = connected();
    let save = |text: &str| Question::FanslyKey { member: ACCOUNT.into(), text: Secret::new(text.into()) };
    let holds = |world: &mut World, key: &str| {
        world.later(Span::seconds(60));
        let Answer::Digits { code, .. } = world.ask(act(FanslyAct::Digits)) else { panic!("no digits") };
        code.expose() == world.code_of(key)
    };
    assert_eq!(world.refusal(act(FanslyAct::KeyBefore)), Refusal::EntryUnknown);
    world.done(save(KEY));
    world.done(save(KEY));
    assert!(!account(&mut world).key_before, "the same key replaces nothing");
    world.done(save(OTHER_KEY));
    assert!(account(&mut world).key_before && holds(&mut world, OTHER_KEY));
    for key in [KEY, OTHER_KEY] {
        world.done(act(FanslyAct::KeyBefore));
        assert!(holds(&mut world, key), "it goes to and fro");
    }
    world.done(act(FanslyAct::ForgetKey));
    assert!(!account(&mut world).key);
    assert_eq!(world.refusal(act(FanslyAct::ForgetKey)), Refusal::EntryUnknown);
    world.done(act(FanslyAct::KeyBefore));
    assert!(holds(&mut world, OTHER_KEY), "the one that was removed last");
    // Typed again, it is not there twice.
    world.done(save(KEY));
    world.done(act(FanslyAct::ForgetKey));
    // Two changes: by one alone, a clock that runs ahead would end it.
    for (days, key, handle) in [(31, OTHER_KEY, "a"), (1, KEY, "b")] {
        world.later(Span::days(days));
        world.done(Question::AddKey { text: Secret::new(key.into()), handle: handle.into() });
    }
    assert_eq!(world.refusal(act(FanslyAct::KeyBefore)), Refusal::EntryUnknown);
}

#[test]
fn a_key_whose_account_is_not_listed_is_shown_and_can_be_removed() {
    let mut world = World::new();
    world.sets_passphrase(1);
    crate::fansly::connect(&mut world);
    world.done(Question::FanslyKey { member: ACCOUNT.into(), text: Secret::new(KEY.into()) });
    assert!(world.view().fansly_keys.is_empty());
    world.ask_for(Question::RefreshFans);
    world.service_answers(200, "[]");
    let left = |world: &mut World| -> Vec<(String, bool, bool)> {
        world.view().fansly_keys.into_iter().map(|it| (it.name, it.key, it.key_before)).collect()
    };
    assert_eq!(left(&mut world), [("@fake_creator".into(), true, false)]);
    world.done(Question::DisconnectFans);
    assert_eq!(left(&mut world).len(), 1, "neither is one lost that nobody lists");
    world.done(act(FanslyAct::ForgetKey));
    assert_eq!(left(&mut world), [("@fake_creator".into(), false, true)]);
    world.done(act(FanslyAct::KeyBefore));
    world.done(Question::Lock);
    assert!(left(&mut world).is_empty(), "locked");
    assert_eq!(world.unlocks(1), Answer::Done);
    crate::fansly::connect(&mut world);
    assert!(left(&mut world).is_empty() && account(&mut world).key);
}

#[test]
fn a_backup_file_brings_the_keys_of_fansly() {
    let mut world = connected();
    world.done(Question::FanslyKey { member: ACCOUNT.into(), text: Secret::new(KEY.into()) });
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    let Answer::Backup { file, .. } = world.ask(Question::MakeBackup { terms, derived: bytes(3) }) else {
        panic!("no backup")
    };
    let mut other = World::new();
    other.done(Question::SkipPassphrase);
    let preview = Question::PreviewBackup { file: file.clone(), derived: bytes(3) };
    let Answer::Preview(found) = other.ask(preview.clone()) else { panic!("no preview") };
    assert!(found.fansly);
    other.done(Question::Restore { file, derived: bytes(3) });
    let Answer::Preview(found) = other.ask(preview) else { panic!("no preview") };
    assert!(!found.fansly, "nothing of it is missing any more");
    other.ask_for(Question::RefreshFans);
    other.service_answers(200, LIST);
    assert!(account(&mut other).key);
}
