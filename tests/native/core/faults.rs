//! One storage call fails: each one of a long story in turn, before it did anything or after it did it. Whatever was
//! answered with "done" is there afterwards, nothing panics, and the vault opens.

use crate::world::*;
use longkey_core::protocol::*;
use longkey_core::secret::Secret;
use std::collections::BTreeSet;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What was acknowledged, and what may or may not be there.
#[derive(Default)]
struct Told {
    there: BTreeSet<String>,
    gone: BTreeSet<String>,
    maybe: BTreeSet<String>,
    passphrases: Vec<u8>,
}

fn add(world: &mut World, told: &mut Told, key: &str, handle: &str) {
    let asks = Question::AddKey { text: Secret::new(key.into()), handle: handle.into() };
    match world.ask_for(asks) {
        Some(Answer::Kept(_)) => told.there.insert(handle.into()),
        _ => told.maybe.insert(handle.into()),
    };
}

fn passphrase(world: &mut World, told: &mut Told, derived: u8) {
    let Some(Answer::Terms(terms)) = world.ask_for(Question::NewPassphraseTerms) else { return };
    match world.ask_for(Question::SetPassphrase { terms, derived: bytes(derived) }) {
        Some(Answer::Done) => told.passphrases = vec![derived],
        // It may stand or not: the answer says that it is not known.
        _ => told.passphrases.push(derived),
    }
}

fn unlock(world: &mut World, told: &Told) {
    for derived in &told.passphrases {
        if let Some(Answer::Terms(terms)) = world.ask_for(Question::UnlockTerms) {
            world.ask_for(Question::Unlock { slot: terms.slot, derived: bytes(*derived) });
        }
    }
}

/// Captures while locked, a new passphrase while a draft waits, deletion, recovery code: every kind of write.
fn story(world: &mut World, told: &mut Told) {
    add(world, told, "JBSWY3DPEHPK3PXP", "before");
    world.ask_for(Question::SkipPassphrase);
    add(world, told, "JBSWY3DPEHPK3PXQ", "plain");
    passphrase(world, told, 1);
    add(world, told, "JBSWY3DPEHPK3PXR", "one");
    world.ask_for(Question::Lock);
    world.x_shows_key("JBSWY3DPEHPK3PXS");
    if let Some(Answer::View(view)) = world.ask_for(Question::View)
        && let Some(draft) = view.drafts.first()
    {
        match world.ask_for(Question::KeepDraft { draft: draft.id, handle: "captured".into() }) {
            Some(Answer::Kept(_)) => told.there.insert("captured".into()),
            _ => told.maybe.insert("captured".into()),
        };
    }
    world.kill_worker();
    unlock(world, told);
    passphrase(world, told, 2);
    add(world, told, "JBSWY3DPEHPK3PXT", "two");
    let entries = match world.ask_for(Question::View) {
        Some(Answer::View(view)) => view.entries,
        _ => vec![],
    };
    if let Some(entry) = entries.iter().find(|it| it.handle.as_str() == "one") {
        told.there.remove("one");
        match world.ask_for(Question::Delete { entry: entry.id }) {
            Some(Answer::Done) => told.gone.insert("one".into()),
            _ => told.maybe.insert("one".into()),
        };
    }
    if let Some(Answer::Recovery(code)) = world.ask_for(Question::NewRecovery) {
        world.ask_for(Question::KeepRecovery { typed: code });
    }
    world.x_shows_key("JBSWY3DPEHPK3PXU");
    add(world, told, "JBSWY3DPEHPK3PXV", "last");
}

#[test]
fn each_storage_call_in_turn() {
    let mut count = World::new();
    story(&mut count, &mut Told::default());
    assert!(count.calls > 45, "the story writes a lot: {}", count.calls);
    for fault in [Fault::Before, Fault::After] {
        for at in 0..count.calls {
            let mut world = World::new();
            world.fault = Some((at, fault));
            let mut told = Told::default();
            story(&mut world, &mut told);
            world.restart_browser();
            unlock(&mut world, &told);
            let view = world.view();
            let here = format!("call {at}, {fault:?}");
            assert_eq!(view.trouble, None, "{here}");
            assert!(matches!(view.vault, VaultState::Unlocked | VaultState::NotLocked), "{here}: {:?}", view.vault);
            let found: BTreeSet<String> = view.entries.iter().map(|it| it.handle.as_str().to_owned()).collect();
            let drafts: BTreeSet<String> =
                view.drafts.iter().flat_map(|it| it.handle.clone()).map(Into::into).collect();
            for handle in &told.there {
                assert!(
                    found.contains(handle) || drafts.contains(handle),
                    "{here}: {handle} was acknowledged and is lost"
                );
            }
            for handle in &told.gone {
                assert!(!found.contains(handle), "{here}: {handle} came back");
            }
            for handle in &found {
                assert!(told.there.contains(handle) || told.maybe.contains(handle), "{here}: {handle} from nowhere");
            }
        }
    }
}

#[test]
fn one_silent_call_at_the_start_never_leads_to_a_new_vault() {
    for at in 0..4 {
        let mut world = World::new();
        world.done(Question::SkipPassphrase);
        world.ask(Question::AddKey { text: Secret::new(KEY.into()), handle: "acme".into() });
        let before = world.local.clone();
        world.fault = Some((at, Fault::Before));
        world.kill_worker();
        world.memory = None;
        world.ask_for(Question::View);
        world.ask_for(Question::SkipPassphrase);
        world.x_shows_key(OTHER_KEY);
        assert!(world.fault.is_none(), "call {at} was made");
        world.kill_worker();
        assert_eq!(world.view().entries.len(), 1, "call {at}");
        assert_eq!(world.local[&longkey_core::effect::Key::Born], before[&longkey_core::effect::Key::Born]);
    }
}
