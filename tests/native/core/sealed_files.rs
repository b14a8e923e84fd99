//! What was saved of the stores as it lay there: every vault in it comes back, by whatever opened it.

use crate::rescue::{add, names, open, preview, restore};
use crate::world::*;
use longkey_core::base64;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::vault::recovery::RecoveryCode;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn what_was_saved_before_starting_over_opens_with_the_recovery_code_too() {
    let mut world = open();
    let Answer::Recovery(code) = world.ask(Question::NewRecovery) else { panic!("no code") };
    world.done(Question::KeepRecovery { typed: code.clone() });
    add(&mut world, KEY, "standin_user");
    world.done(Question::Lock);
    let Answer::File(file) = world.ask(Question::Sealed) else { panic!("no file") };
    world.done(Question::Erase { word: "erase".into() });

    // The paper turned up. What Argon2id made of it opens nothing; its own key stands behind that.
    let file = || file.clone();
    let key = RecoveryCode::parse(code.expose()).expect("a code").key();
    let typed = |keys: &[[u8; 32]]| Secret::new(base64::print(&keys.concat()));
    for wrong in [typed(&[[9; 32]]), typed(&[[9; 32], [8; 32]]), typed(&[*key.expose()])] {
        assert_eq!(world.refusal(Question::PreviewBackup { file: file(), derived: wrong }), Refusal::PassphraseWrong);
    }
    let derived = typed(&[[9; 32], *key.expose()]);
    world.done(Question::Restore { file: file(), derived: derived.clone() });
    let view = world.view();
    assert_eq!((view.vault, view.entries.len()), (VaultState::NotLocked, 1), "the code stays the old vault's");

    // Beside what is there, it is added as from any other file.
    let mut other = World::new();
    other.stir(4);
    other.sets_passphrase(2);
    add(&mut other, OTHER_KEY, "acme");
    other.done(Question::Restore { file: file(), derived });
    other.restart_browser();
    other.unlocks(2);
    assert_eq!(other.view().entries.len(), 2);
}

#[test]
fn a_sealed_file_gives_the_newest_that_is_whole_and_what_waited_in_the_inbox() {
    let mut world = open();
    add(&mut world, KEY, "first");
    add(&mut world, OTHER_KEY, "second");
    world.done(Question::Lock);
    world.x_shows_key("MFRGGZDFMZTWQ2LK");
    let draft = world.view().drafts[0].id;
    assert!(matches!(world.ask(Question::KeepDraft { draft, handle: "third".into() }), Answer::Kept(_)));
    let Answer::File(file) = world.ask(Question::Sealed) else { panic!("no file") };
    let all = ["first", "second", "third"];
    assert_eq!(names(&preview(&mut World::new(), &file, 1).new), all);

    // The newest text is damaged where it is stored: its copy is whole.
    let active = if world.local[&longkey_core::effect::Key::Head].contains("\"active\":0") { 0 } else { 1 };
    let mut bundle: serde_json::Value = serde_json::from_str(file.expose()).expect("JSON");
    for pair in bundle["local"].as_array_mut().expect("a list") {
        if pair[0] == format!("vault.{active}").as_str() {
            let text = pair[1].as_str().expect("a text");
            let at = text.len() - 30;
            let other = if &text[at..=at] == "A" { "B" } else { "A" };
            pair[1] = [&text[..at], other, &text[at + 1..]].concat().into();
        }
    }
    let damaged = Secret::new(bundle.to_string());
    assert_eq!(names(&preview(&mut World::new(), &damaged, 1).new), all);

    // What was set aside long ago is found in it.
    let nested = serde_json::json!({ "found": 0, "local": [["quarantine.0", file.expose()]], "mirror": [] });
    let mut fresh = World::new();
    fresh.done(restore(&Secret::new(nested.to_string()), 1));
    assert_eq!(fresh.view().entries.len(), 3);
}

fn file_terms(world: &mut World, file: &Secret) -> Vec<Terms> {
    match world.ask(Question::BackupTerms { file: file.clone() }) {
        Answer::FileTerms(terms) => terms,
        other => panic!("no terms: {other:?}"),
    }
}

fn own_terms(world: &mut World) -> Terms {
    match world.ask(Question::UnlockTerms) {
        Answer::Terms(terms) => terms,
        other => panic!("no terms: {other:?}"),
    }
}

/// What one passphrase gives by each of a file's terms: with these salts these bytes, with any other something else.
fn typed(terms: &[Terms], known: &[(&Terms, u8)]) -> Secret {
    let of = |terms: &Terms| known.iter().find(|(it, _)| it.salt == terms.salt).map_or(99, |(_, byte)| *byte);
    Secret::new(longkey_core::base64::print(&terms.iter().flat_map(|it| [of(it); 32]).collect::<Vec<u8>>()))
}

fn previewed(world: &mut World, file: &Secret, derived: &Secret) -> Preview {
    match world.ask(Question::PreviewBackup { file: file.clone(), derived: derived.clone() }) {
        Answer::Preview(preview) => preview,
        other => panic!("no preview: {other:?}"),
    }
}

/// One vault here and another in the copy, of which this one is chosen and goes on.
fn chosen(mut here: World, there: World, keys: &[(&str, &str)]) -> World {
    here.mirror = there.mirror;
    here.restart_browser();
    assert_eq!(here.view().trouble, Some(Refusal::StoreConflict));
    here.done(Question::Choose(Store::Local));
    if here.view().vault == VaultState::Locked {
        assert_eq!(here.unlocks(1), Answer::Done);
    }
    for (key, handle) in keys {
        add(&mut here, key, handle);
    }
    here
}

const MORE: [(&str, &str); 3] =
    [("KRSXG5CTMVRXEZLU", "more_0"), ("KRSXG5CTMVRXEZLV", "more_1"), ("KRSXG5CTMVRXEZLW", "more_2")];

/// A stranger's vault: other randomness, so another id and another salt.
fn stranger(passphrase: Option<u8>) -> World {
    let mut world = World::new();
    world.stir(9);
    match passphrase {
        Some(derived) => world.sets_passphrase(derived),
        None => world.done(Question::SkipPassphrase),
    }
    add(&mut world, OTHER_KEY, "stranger");
    world
}

#[test]
fn a_vault_that_was_set_aside_opens_with_its_own_passphrase() {
    // Before and after the chosen one is further on.
    for more in [&MORE[..0], &MORE] {
        let mut ours = open();
        add(&mut ours, KEY, "ours");
        let mut theirs = stranger(Some(2));
        let (our_terms, their_terms) = (own_terms(&mut ours), own_terms(&mut theirs));
        let mut world = chosen(ours, theirs, more);
        let Answer::File(file) = world.ask(Question::Sealed) else { panic!("no file") };
        assert_eq!(world.unlocks(1), Answer::Done);
        let before = world.view().entries;
        let terms = file_terms(&mut world, &file);
        assert_eq!(terms.len(), 2, "{terms:?}");
        assert_eq!(
            world.refusal(Question::Restore { file: file.clone(), derived: typed(&terms, &[]) }),
            Refusal::PassphraseWrong
        );
        let own = typed(&terms, &[(&our_terms, 1)]);
        assert_eq!(previewed(&mut world, &file, &own).new.len(), 0, "what the chosen one has is here");
        // The same passphrase for both is typed once.
        let both = typed(&terms, &[(&our_terms, 1), (&their_terms, 2)]);
        assert_eq!(names(&previewed(&mut world, &file, &both).new), ["stranger"]);
        let theirs = typed(&terms, &[(&their_terms, 2)]);
        assert_eq!(names(&previewed(&mut world, &file, &theirs).new), ["stranger"]);
        world.done(Question::Restore { file: file.clone(), derived: theirs.clone() });
        let after = world.view().entries;
        assert_eq!((&after[..before.len()], after.len()), (&before[..], before.len() + 1), "nothing is overwritten");

        // Without a vault the passphrase that was typed opens the new one.
        let mut fresh = World::new();
        fresh.stir(5);
        fresh.done(Question::Restore { file, derived: theirs });
        fresh.restart_browser();
        assert_eq!(own_terms(&mut fresh), their_terms);
        assert_eq!(fresh.unlocks(2), Answer::Done);
        assert_eq!(fresh.view().entries.len(), 1);
    }
}

#[test]
fn a_vault_without_a_passphrase_that_was_set_aside_comes_back() {
    let nothing = Secret::default();
    // Beside a vault with a passphrase: that one is typed.
    let mut ours = open();
    add(&mut ours, KEY, "ours");
    let terms = own_terms(&mut ours);
    let mut world = chosen(ours, stranger(None), &MORE);
    let Answer::File(file) = world.ask(Question::Sealed) else { panic!("no file") };
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(file_terms(&mut world, &file), [terms]);
    for wrong in [bytes(4), nothing.clone()] {
        let asks = Question::PreviewBackup { file: file.clone(), derived: wrong };
        assert_eq!(world.refusal(asks), Refusal::PassphraseWrong, "a wrong one is said");
    }
    assert_eq!(names(&preview(&mut world, &file, 1).new), ["stranger"]);
    world.done(restore(&file, 1));
    assert_eq!(world.view().entries.len(), 5);

    // Beside another one without: nothing is asked for.
    let mut plain = World::new();
    plain.done(Question::SkipPassphrase);
    add(&mut plain, KEY, "ours");
    let mut world = chosen(plain, stranger(None), &MORE);
    assert_eq!(world.view().vault, VaultState::NotLocked);
    let Answer::File(file) = world.ask(Question::Sealed) else { panic!("no file") };
    assert_eq!(file_terms(&mut world, &file), []);
    assert_eq!(names(&previewed(&mut world, &file, &nothing).new), ["stranger"]);
    world.done(Question::Restore { file: file.clone(), derived: nothing.clone() });
    assert_eq!(world.view().entries.len(), 5);

    // Where there is no vault, the new one has no passphrase either; nor where the one that was is gone.
    for gone in [false, true] {
        let mut fresh = World::new();
        fresh.stir(5);
        if gone {
            fresh.local.insert(longkey_core::effect::Key::Born, "1".into());
            assert_eq!(fresh.view().trouble, Some(Refusal::StoreGone));
        }
        fresh.done(Question::Restore { file: file.clone(), derived: nothing.clone() });
        assert_eq!((fresh.view().vault, fresh.alarms.get("lock").copied().flatten()), (VaultState::NotLocked, None));
        fresh.restart_browser();
        assert_eq!((fresh.view().vault, fresh.view().entries.len()), (VaultState::NotLocked, 5));
    }
}

/// However many vaults a file holds: all their passphrases together cost no more to derive than one may.
#[test]
fn a_file_asks_for_no_more_work_than_one_passphrase_may() {
    use longkey_core::vault::work::Work;
    let most = Work::new(262_144, 4, 1).expect("the ceiling");
    for (work, asked) in [(Work::USUAL, 5), (Work::SMALL, 5), (most, 1)] {
        let texts: Vec<_> = (0..20)
            .map(|at| {
                let mut world = World::new();
                world.stir(at);
                let Answer::Terms(mut terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
                terms.work = work;
                world.done(Question::SetPassphrase { terms, derived: bytes(1) });
                ("vault.0", world.local[&longkey_core::effect::Key::Vault0].clone())
            })
            .collect();
        let file = serde_json::json!({ "found": 0, "local": texts, "mirror": [] });
        let terms = file_terms(&mut World::new(), &Secret::new(file.to_string()));
        assert_eq!(terms.len(), asked, "{work:?}");
        assert!(terms.iter().map(|it| it.work.total()).sum::<u64>() <= Work::MOST);
    }
}

#[test]
fn a_file_of_more_accounts_than_can_be_compared_is_refused() {
    use longkey_core::env::Env;
    use longkey_core::secret::Key32;
    use longkey_core::vault::Vault;
    use longkey_core::vault::backup::Backup;

    let mut rng = Counter::default();
    let mut env = Env { now: START, rng: &mut rng };
    let terms = file_terms_of_a_new_file();
    let mut vault = Vault::new(&mut env);
    let handle = longkey_core::label::Handle::parse("standin_user").expect("a handle");
    let key = longkey_core::long_key::LongKey::parse(KEY).expect("a key");
    vault.keep(env.id(), &handle, &key, Default::default(), START);
    for (accounts, fits) in [(20_000, true), (20_001, false)] {
        vault.entries = vec![vault.entries[0].clone(); accounts];
        // What is written is opened again.
        let file = Backup::of(&vault, START).print(&mut env, &terms, &Key32::new([5; 32]));
        assert_eq!(file.err(), (!fits).then_some(Refusal::BackupDamaged));
    }
}

fn file_terms_of_a_new_file() -> Terms {
    let mut world = open();
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    terms
}
