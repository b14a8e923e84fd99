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

pub(crate) fn add(world: &mut World, key: &str, handle: &str) -> Id {
    match world.ask(Question::AddKey { text: Secret::new(key.into()), handle: handle.into() }) {
        Answer::Kept(id) => id,
        other => panic!("not kept: {other:?}"),
    }
}

pub(crate) fn open() -> World {
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

pub(crate) fn restore(file: &Secret, derived: u8) -> Question {
    Question::Restore { file: file.clone(), derived: bytes(derived) }
}

pub(crate) fn preview(world: &mut World, file: &Secret, derived: u8) -> Preview {
    match world.ask(Question::PreviewBackup { file: file.clone(), derived: bytes(derived) }) {
        Answer::Preview(preview) => preview,
        other => panic!("no preview: {other:?}"),
    }
}

pub(crate) fn names(handles: &[longkey_core::label::Handle]) -> Vec<&str> {
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
fn a_backup_of_a_clock_that_ran_ahead_silences_nothing() {
    let mut world = open();
    add(&mut world, KEY, "standin_user");
    let right = world.now;
    world.now = right.after(Span::days(365));
    world.unlocks(1);
    let (file, _) = backup(&mut world, 5);
    world.now = right.after(Span::minutes(2));
    world.unlocks(1);
    add(&mut world, OTHER_KEY, "acme");
    assert!(world.view().unsaved > 0);
    world.later(Span::seconds(1));
    backup(&mut world, 5);
    assert_eq!(world.view().unsaved, 0);
    let mut other = World::new();
    other.stir(3);
    other.done(restore(&file, 5));
    assert_eq!(other.view().backup, Some(other.now));
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
