//! One storage call fails: each one of some long stories in turn, before it did anything or after it did it. Whatever was
//! answered with "done" is there afterwards, nothing panics, and the vault opens.

use crate::ways::opens_anything;
use crate::world::*;
use longkey_core::effect::Copy;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::vault::work::Work;
use std::collections::{BTreeMap, BTreeSet};
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
    passphrase_of(world, told, Question::SetPassphrase { terms, derived: bytes(derived) }, derived);
}

fn passphrase_of(world: &mut World, told: &mut Told, asks: Question, derived: u8) {
    match world.ask_for(asks) {
        Some(Answer::Done) => told.passphrases = vec![derived],
        // The words say that nothing was overwritten.
        Some(Answer::Refused(Refusal::StoreSilent | Refusal::NotSaved | Refusal::StoreChanged)) => {}
        // It may stand or not: the answer says that it is not known, or there is none.
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

/// Captures while locked, a new passphrase while a draft waits, deletion, recovery code.
fn captures(world: &mut World, told: &mut Told) {
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

/// A passphrase made with little memory and raised, a passkey, a recovery code that is used, and all but the passphrase
/// given up.
fn ways(world: &mut World, told: &mut Told) {
    if let Some(Answer::Terms(terms)) = world.ask_for(Question::NewPassphraseTerms) {
        let asks = Question::SetPassphrase { terms: Terms { work: Work::SMALL, ..terms }, derived: bytes(1) };
        passphrase_of(world, told, asks, 1);
    }
    add(world, told, "JBSWY3DPEHPK3PXP", "small");
    if let (Some(Answer::Terms(own)), Some(Answer::Terms(terms))) =
        (world.ask_for(Question::UnlockTerms), world.ask_for(Question::NewPassphraseTerms))
    {
        passphrase_of(world, told, Question::RaiseWork { slot: own.slot, terms, derived: bytes(2) }, 2);
    }
    unlock(world, told);
    if let Some(Answer::PasskeyTerms(terms)) = world.ask_for(Question::NewPasskeyTerms) {
        world.ask_for(Question::AddPasskey { terms, credential: "Y3JlZA".into(), derived: bytes(7) });
    }
    let mut code = None;
    if let Some(Answer::Recovery(made)) = world.ask_for(Question::NewRecovery) {
        let kept = world.ask_for(Question::KeepRecovery { typed: made.clone() });
        code = (kept == Some(Answer::Done)).then_some(made);
    }
    add(world, told, "JBSWY3DPEHPK3PXQ", "ways");
    world.ask_for(Question::Lock);
    match code {
        Some(code) => drop(world.ask_for(Question::Recover { code })),
        None => unlock(world, told),
    }
    add(world, told, "JBSWY3DPEHPK3PXR", "recovered");
    world.kill_worker();
    for derived in told.passphrases.clone() {
        let Some(Answer::Terms(own)) = world.ask_for(Question::UnlockTerms) else { continue };
        let asks = Question::OnlyPassphrase { slot: own.slot, derived: bytes(derived) };
        if world.ask_for(asks) == Some(Answer::Done) {
            assert!(!opens_anything(world, &longkey_core::secret::Key32::new([7; 32])), "the passkey is given up");
            told.passphrases = vec![derived];
            break;
        }
    }
    passphrase(world, told, 3);
    add(world, told, "JBSWY3DPEHPK3PXS", "after");
}

/// Another vault in the copy, of which this one is chosen; what was deleted and taken back, and what a file brings back.
fn rescues(world: &mut World, told: &mut Told) {
    passphrase(world, told, 1);
    for (key, handle) in [("JBSWY3DPEHPK3PXP", "back"), ("JBSWY3DPEHPK3PXQ", "purged"), ("JBSWY3DPEHPK3PXR", "stays")] {
        add(world, told, key, handle);
    }
    let entry = |world: &mut World, handle: &str| match world.ask_for(Question::View) {
        Some(Answer::View(view)) => view.entries.iter().find(|it| it.handle.as_str() == handle).map(|it| it.id),
        _ => None,
    };
    // Nothing is told of one that is deleted and taken back, or brought back, before the last of it was acknowledged.
    let turn = |told: &mut Told, handle: &str, done: bool| {
        told.there.remove(handle);
        told.maybe.remove(handle);
        if done {
            told.there.insert(handle.into())
        } else {
            told.maybe.insert(handle.into())
        };
    };
    if let Some(entry) = entry(world, "back") {
        turn(told, "back", false);
        world.ask_for(Question::Delete { entry });
        let back = world.ask_for(Question::Undelete { entry });
        turn(told, "back", matches!(back, Some(Answer::Kept(_))));
    }
    let mut file = None;
    if let (Some(entry), Some(Answer::Terms(terms))) =
        (entry(world, "purged"), world.ask_for(Question::NewPassphraseTerms))
        && let Some(Answer::Backup { file: made, made: at, .. }) =
            world.ask_for(Question::MakeBackup { terms, derived: bytes(5) })
    {
        world.ask_for(Question::BackupSaved { made: at });
        turn(told, "purged", false);
        world.ask_for(Question::Delete { entry });
        world.ask_for(Question::Purge { entry });
        file = Some(made);
    }
    if let Some(file) = file {
        let back = world.ask_for(Question::Restore { file, derived: bytes(5) });
        turn(told, "purged", back == Some(Answer::Done));
    }
    world.mirror = stranger();
    world.kill_worker();
    world.memory = None;
    // Pressed again where the first press was not heard.
    let mut asked = false;
    for _ in 0..3 {
        world.ask_for(Question::Reload);
        if let Some(Answer::View(view)) = world.ask_for(Question::View)
            && view.trouble == Some(Refusal::StoreConflict)
        {
            world.ask_for(Question::Choose(Store::Local));
            asked = true;
        }
    }
    if !asked {
        // There was none of ours to choose.
        told.passphrases.push(8);
        told.maybe.insert("stranger".into());
    }
    unlock(world, told);
    add(world, told, "JBSWY3DPEHPK3PXS", "chosen");
}

/// The copy of another vault.
fn stranger() -> BTreeMap<Copy, String> {
    let mut world = World::new();
    world.stir(9);
    world.sets_passphrase(8);
    world.done(Question::AddKey { text: Secret::new("MFRGGZDFMZTWQ2LK".into()), handle: "stranger".into() });
    world.mirror
}

/// Everything is deleted, and it goes on from nothing.
fn starting_over(world: &mut World, told: &mut Told) {
    passphrase(world, told, 1);
    add(world, told, "JBSWY3DPEHPK3PXP", "before");
    let all = std::mem::take(&mut told.there);
    if world.ask_for(Question::Erase { word: "erase".into() }) == Some(Answer::Done) {
        told.gone.extend(all);
        told.passphrases.clear();
    } else {
        told.maybe.extend(all);
    }
    // Pressed again where the first press was not heard.
    for _ in 0..2 {
        world.ask_for(Question::SkipPassphrase);
    }
    unlock(world, told);
    add(world, told, "JBSWY3DPEHPK3PXQ", "after");
}

#[test]
fn each_storage_call_in_turn() {
    each_call(captures, 45);
}

#[test]
fn each_storage_call_of_the_ways_in() {
    each_call(ways, 45);
}

#[test]
fn each_storage_call_of_a_rescue() {
    each_call(rescues, 50);
}

#[test]
fn each_storage_call_of_starting_over() {
    each_call(starting_over, 15);
}

fn each_call(story: fn(&mut World, &mut Told), least: u32) {
    let (mut count, mut told) = (World::new(), Told::default());
    story(&mut count, &mut told);
    assert!(count.calls > least, "the story writes a lot: {}", count.calls);
    assert!(told.maybe.len() <= 1, "undisturbed, all is acknowledged: {:?}", told.maybe);
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
