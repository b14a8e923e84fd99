//! Bin, backup, restore and starting over: what is deleted comes back, what is restored overwrites nothing.

use crate::world::*;
use longkey_core::capture::KeyState;
use longkey_core::clock::Span;
use longkey_core::label::Id;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn add(world: &mut World, key: &str, handle: &str) -> Id {
    match world.ask(Question::AddKey { text: Secret::new(key.into()), handle: handle.into() }) {
        Answer::Kept(id) => id,
        other => panic!("not kept: {other:?}"),
    }
}

fn open() -> World {
    let mut world = World::new();
    world.sets_passphrase(1);
    world
}

/// A backup under a passphrase of its own.
fn backup(world: &mut World, derived: u8) -> (Secret, u32) {
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    match world.ask(Question::MakeBackup { terms, derived: bytes(derived) }) {
        Answer::Backup { file, accounts, made } => {
            world.done(Question::BackupSaved { made });
            (file, accounts)
        }
        other => panic!("no backup: {other:?}"),
    }
}

fn restore(file: &Secret, derived: u8) -> Question {
    Question::Restore { file: file.clone(), derived: bytes(derived) }
}

fn preview(world: &mut World, file: &Secret, derived: u8) -> Preview {
    match world.ask(Question::PreviewBackup { file: file.clone(), derived: bytes(derived) }) {
        Answer::Preview(preview) => preview,
        other => panic!("no preview: {other:?}"),
    }
}

fn names(handles: &[longkey_core::label::Handle]) -> Vec<&str> {
    handles.iter().map(|it| it.as_str()).collect()
}

#[test]
fn a_deleted_account_comes_back_for_thirty_days() {
    let mut world = open();
    let entry = add(&mut world, KEY, "standin_user");
    world.done(Question::Accepted { entry });
    world.done(Question::Delete { entry });
    let view = world.view();
    assert!(view.entries.is_empty());
    assert_eq!(view.bin.iter().map(|it| it.handle.as_str()).collect::<Vec<_>>(), ["standin_user"]);
    assert!(world.rows.as_ref().is_some_and(|rows| rows.rows.is_empty()), "no codes from the bin");
    world.kill_worker();
    world.done(Question::Undelete { entry });
    let view = world.view();
    assert_eq!(view.entries[0].id, entry);
    assert_eq!(view.entries[0].current.as_ref().map(|it| it.state), Some(KeyState::Confirmed));
    assert!(view.bin.is_empty());

    world.done(Question::Delete { entry });
    world.later(Span::days(29));
    world.unlocks(1);
    add(&mut world, OTHER_KEY, "acme");
    assert_eq!(world.view().bin.len(), 1);
    world.later(Span::days(1));
    world.unlocks(1);
    add(&mut world, "MFRGGZDFMZTWQ2LK", "third");
    assert_eq!(world.view().bin.len(), 0, "the next write after 30 days forgets it");
    assert_eq!(world.refusal(Question::Undelete { entry }), Refusal::EntryUnknown);
}

#[test]
fn a_clock_that_runs_ahead_for_a_sitting_empties_nothing() {
    for ahead in [33, 60, 4000] {
        let mut world = open();
        let gone = add(&mut world, KEY, "standin_user");
        let used = add(&mut world, OTHER_KEY, "acme");
        world.done(Question::Accepted { entry: used });
        world.later(Span::seconds(60));
        add(&mut world, "MFRGGZDFMZTWQ2LK", "acme");
        world.done(Question::Accepted { entry: used });
        world.done(Question::Delete { entry: gone });
        let holds = |world: &mut World| {
            let view = world.view();
            let older = view.entries.iter().find(|it| it.id == used).map(|it| it.older);
            (view.bin.iter().any(|it| it.id == gone), older)
        };
        world.later(Span::days(1));
        let right = world.now;
        world.later(Span::days(ahead));
        world.unlocks(1);
        // A sitting of several hours, with all that can be changed.
        for key in ["GEZDGNBVGY3TQOJR", "GEZDGNBVGY3TQOJS", "GEZDGNBVGY3TQOJT", "GEZDGNBVGY3TQOJU"] {
            let more = add(&mut world, key, "third");
            world.done(Question::Accepted { entry: more });
            backup(&mut world, 5);
            world.done(Question::Delete { entry: more });
            world.later(Span::minutes(150));
            world.unlocks(1);
        }
        assert_eq!(holds(&mut world), (true, Some(1)), "{ahead} days ahead");
        world.now = right;
        world.kill_worker();
        for days in [1, 2, 5, 15] {
            world.later(Span::days(days));
            world.unlocks(1);
            let more = add(&mut world, "GEZDGNBVGY3TQOJX", "fourth");
            world.done(Question::Delete { entry: more });
            world.done(Question::Purge { entry: more });
            assert_eq!(holds(&mut world), (true, Some(1)), "right again");
        }
        // Its 30 days are over by the right clock, too.
        world.later(Span::days(6));
        world.unlocks(1);
        add(&mut world, "GEZDGNBVGY3TQOJV", "fifth");
        world.later(Span::days(1));
        world.unlocks(1);
        add(&mut world, "GEZDGNBVGY3TQOJW", "sixth");
        assert_eq!(holds(&mut world), (false, Some(0)));
    }
}

#[test]
fn after_a_long_pause_the_bin_is_emptied_by_the_change_after_the_next() {
    let mut world = open();
    let entry = add(&mut world, KEY, "standin_user");
    world.done(Question::Delete { entry });
    for (pause, key, left) in [(40, OTHER_KEY, 1), (50, "MFRGGZDFMZTWQ2LK", 0)] {
        world.later(Span::days(pause));
        world.unlocks(1);
        add(&mut world, key, &format!("acme_{pause}"));
        assert_eq!(world.view().bin.len(), left);
    }
}

#[test]
fn taken_back_beside_a_new_entry_it_is_history() {
    let mut world = open();
    let old = add(&mut world, KEY, "standin_user");
    world.done(Question::Accepted { entry: old });
    world.done(Question::Delete { entry: old });
    let new = add(&mut world, OTHER_KEY, "Standin_User");
    world.done(Question::Accepted { entry: new });
    assert_eq!(world.ask(Question::Undelete { entry: old }), Answer::Kept(new));
    let view = world.view();
    assert_eq!((view.entries.len(), view.entries[0].older), (1, 1));
    let rows = &world.rows.as_ref().expect("rows").rows;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].key.expose(), OTHER_KEY, "the key in use stays the key in use");
}

#[test]
fn for_good_is_for_good() {
    let mut world = open();
    let entry = add(&mut world, KEY, "standin_user");
    world.done(Question::Delete { entry });
    world.done(Question::Purge { entry });
    assert!(world.view().bin.is_empty());
    assert_eq!(world.refusal(Question::Purge { entry }), Refusal::EntryUnknown);
}

#[test]
fn what_lay_in_the_bin_during_a_backup_is_in_no_backup() {
    for beside in [false, true] {
        let mut world = open();
        let entry = add(&mut world, KEY, "standin_user");
        world.later(Span::seconds(1));
        add(&mut world, "MFRGGZDFMZTWQ2LK", "acme");
        world.later(Span::seconds(1));
        backup(&mut world, 5);
        world.later(Span::seconds(1));
        world.done(Question::Delete { entry });
        world.done(Question::Undelete { entry });
        assert_eq!(world.view().unsaved, 0, "the file has it");
        world.done(Question::Delete { entry });
        world.later(Span::seconds(1));
        let (_, accounts) = backup(&mut world, 5);
        assert_eq!((accounts, world.view().unsaved), (1, 0));
        world.later(Span::seconds(1));
        if beside {
            add(&mut world, OTHER_KEY, "standin_user");
            assert_eq!(world.view().unsaved, 1);
        }
        world.done(Question::Undelete { entry });
        world.restart_browser();
        world.unlocks(1);
        assert!(world.view().unsaved > 0, "the file has it not");
        world.later(Span::seconds(1));
        backup(&mut world, 5);
        assert_eq!(world.view().unsaved, 0);
    }
}

#[test]
fn a_backup_opens_with_its_own_passphrase_on_another_computer() {
    let mut world = open();
    world.connects(ACCOUNTS);
    add(&mut world, KEY, "standin_user");
    add(&mut world, OTHER_KEY, "acme");
    assert_eq!(world.view().unsaved, 2);
    let (file, accounts) = backup(&mut world, 5);
    assert_eq!(accounts, 2);
    let view = world.view();
    assert_eq!((view.unsaved, view.backup), (0, Some(START)));
    assert!(file.expose().starts_with("longkey1.") && file.expose().ends_with('\n'));
    assert!(!file.expose().contains(KEY));
    world.later(Span::seconds(1));
    add(&mut world, "MFRGGZDFMZTWQ2LK", "third");
    assert_eq!(world.view().unsaved, 1, "what came after it is in no file");

    // Another computer, first run: the file's passphrase becomes the vault's.
    let mut other = World::new();
    other.stir(3);
    let Answer::FileTerms(_) = other.ask(Question::BackupTerms { file: file.clone() }) else { panic!("no terms") };
    assert_eq!(other.refusal(restore(&file, 6)), Refusal::PassphraseWrong);
    assert_eq!(names(&preview(&mut other, &file, 5).new), ["standin_user", "acme"]);
    other.done(restore(&file, 5));
    let view = other.view();
    assert_eq!((view.vault, view.entries.len(), view.unsaved), (VaultState::Unlocked, 2, 0));
    assert!(!view.xquik.is_empty(), "connected with the same API key");
    other.restart_browser();
    assert_eq!(other.unlocks(5), Answer::Done);
    assert_eq!(other.view().entries.len(), 2);
}

#[test]
fn restoring_overwrites_and_deletes_nothing() {
    let mut world = open();
    let same = add(&mut world, KEY, "same");
    world.done(Question::Accepted { entry: same });
    let changed = add(&mut world, OTHER_KEY, "changed");
    world.done(Question::Accepted { entry: changed });
    let gone = add(&mut world, "MFRGGZDFMZTWQ2LK", "gone");
    let (file, _) = backup(&mut world, 5);

    // X gave a new key since, one account was deleted, one came.
    add(&mut world, "NBSWY3DPFQQHO33S", "changed");
    world.done(Question::Accepted { entry: changed });
    world.done(Question::Delete { entry: gone });
    world.done(Question::Purge { entry: gone });
    add(&mut world, "KRSXG5CTMVRXEZLU", "fresh");
    let mut other = World::new();
    other.stir(8);
    other.sets_passphrase(1);
    let theirs = add(&mut other, "NBSWY3DPFQQHO33S", "changed");
    other.done(Question::Accepted { entry: theirs });

    for world in [&mut world, &mut other] {
        let before = world.view();
        let looked = preview(world, &file, 5);
        world.done(restore(&file, 5));
        let view = world.view();
        for entry in &before.entries {
            let after = view.entries.iter().find(|it| it.id == entry.id).expect("still here");
            assert_eq!((&after.current, &after.waiting), (&entry.current, &entry.waiting), "nothing is overwritten");
        }
        assert_eq!(view.entries.len(), before.entries.len() + looked.new.len());
        let in_use = |world: &World| {
            let rows = &world.rows.as_ref().expect("rows").rows;
            let row = rows.iter().find(|it| it.handle.as_ref().is_some_and(|it| it.as_str() == "changed"));
            row.expect("a row").key.expose().to_owned()
        };
        assert_eq!(in_use(world), "NBSWY3DPFQQHO33S");
        assert_eq!(
            preview(world, &file, 5).new.len() + preview(world, &file, 5).differ.len(),
            0,
            "a second time adds nothing"
        );
        let again = world.view();
        world.done(restore(&file, 5));
        assert_eq!(world.view().entries, again.entries);
    }
    assert_eq!(names(&preview(&mut open(), &file, 5).new), ["same", "changed", "gone"]);
}

#[test]
fn files_that_are_none_are_told_apart() {
    let mut world = open();
    add(&mut world, KEY, "standin_user");
    let (file, _) = backup(&mut world, 5);
    let text = file.expose();
    let damaged =
        [&text[..text.len() - 9], "", "hello", "longkey1.", "{}", "[]", "{\"found\":0,\"local\":[],\"mirror\":[]}"];
    for text in damaged {
        let file = Secret::new(text.into());
        let refusal = world.refusal(Question::BackupTerms { file: file.clone() });
        if refusal != Refusal::BackupDamaged {
            panic!("{text:?}: {refusal:?}");
        }
    }
    let flipped = Secret::new(text.replacen(&text[text.len() - 40..text.len() - 36], "AAAA", 1));
    assert_eq!(world.refusal(restore(&flipped, 5)), Refusal::BackupDamaged, "the passphrase was right");
    let later = Secret::new(text.replacen("longkey1", "longkey7", 1));
    assert_eq!(world.refusal(Question::BackupTerms { file: later }), Refusal::StoreNewer);

    // A vault without a passphrase, and what opens it does not lie beside it.
    let mut plain = World::new();
    plain.done(Question::SkipPassphrase);
    let Answer::File(file) = plain.ask(Question::Sealed) else { panic!("no file") };
    let file = Secret::new(file.expose().replace("\"device\"", "\"else\""));
    assert_eq!(plain.refusal(Question::BackupTerms { file }), Refusal::BackupWithoutPassphrase);
}

#[test]
fn starting_over_leaves_nothing_and_the_sealed_file_still_opens() {
    let mut world = open();
    add(&mut world, KEY, "standin_user");
    world.done(Question::Lock);
    let Answer::File(sealed) = world.ask(Question::Sealed) else { panic!("no file") };
    assert_eq!(world.refusal(Question::Erase { word: "yes".into() }), Refusal::EraseWord);
    assert_eq!(world.view().vault, VaultState::Locked);
    world.done(Question::Erase { word: " Erase ".into() });
    assert!(world.local.is_empty() && world.mirror.is_empty(), "{:?}", world.local.keys());
    assert_eq!(world.view().vault, VaultState::None);
    world.restart_browser();
    assert_eq!(world.view().vault, VaultState::None, "no copy comes back");
    // The passphrase came back to mind.
    assert_eq!(names(&preview(&mut world, &sealed, 1).new), ["standin_user"]);
    world.done(restore(&sealed, 1));
    assert_eq!(world.view().entries.len(), 1);
}

#[test]
fn erasing_that_cannot_reach_the_copy_erases_nothing() {
    let mut world = open();
    add(&mut world, KEY, "standin_user");
    world.silent_mirror = true;
    assert_eq!(world.refusal(Question::Erase { word: "erase".into() }), Refusal::NotErased);
    world.silent_mirror = false;
    assert_eq!(world.view().vault, VaultState::Unlocked);
    assert_eq!(world.view().entries.len(), 1);
}

#[test]
fn a_vault_that_is_gone_is_restored_from_a_file_and_its_bytes_are_kept() {
    let mut world = open();
    add(&mut world, KEY, "standin_user");
    let (file, _) = backup(&mut world, 5);
    for text in world.local.values_mut().chain(world.mirror.values_mut()) {
        *text = text.chars().rev().collect();
    }
    world.kill_worker();
    world.memory = None;
    assert_eq!(world.view().trouble, Some(Refusal::StoreGone));
    let before = world.local.clone();
    assert_eq!(world.refusal(restore(&file, 4)), Refusal::PassphraseWrong);
    assert_eq!(world.local, before, "nothing was written");
    let Answer::File(raw) = world.ask(Question::Sealed) else { panic!("no file") };
    assert!(raw.expose().contains(&before[&longkey_core::effect::Key::Vault0]));
    world.done(restore(&file, 5));
    let view = world.view();
    assert_eq!((view.vault, view.entries.len(), view.quarantined), (VaultState::Unlocked, 1, true));
    world.kill_worker();
    assert_eq!(world.view().trouble, None);
    assert!(world.local[&longkey_core::effect::Key::Quarantine0].contains("vault.0"));
}

#[test]
fn locked_there_is_no_backup_and_no_restoring() {
    let mut world = open();
    add(&mut world, KEY, "standin_user");
    let (file, _) = backup(&mut world, 5);
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    world.done(Question::Lock);
    assert_eq!(world.refusal(Question::MakeBackup { terms, derived: bytes(5) }), Refusal::Locked);
    assert_eq!(world.refusal(Question::PreviewBackup { file: file.clone(), derived: bytes(5) }), Refusal::Locked);
    assert_eq!(world.refusal(restore(&file, 5)), Refusal::Locked);
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
