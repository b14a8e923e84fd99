//! Backup codes that X's pages show: whose they are, and that none is lost or takes another's place.

use crate::stories::ticked;
use crate::world::*;
use longkey_core::effect::{Event, Key};
use longkey_core::label::Id;
use longkey_core::protocol::*;
use longkey_core::reset::Task;
use longkey_core::secret::Secret;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const CODE: &str = "mrk7er9qzx42";
const PAGE: &str = "https://x.com/settings/account/login_verification/backup_code";

fn screen(text: &str, marks: &[Mark], handle: Option<&str>) -> FromContent {
    let texts = vec![ScreenText { within: None, text: text.into() }];
    FromContent::Saw(Screen { texts, marks: marks.to_vec(), handle: handle.map(Into::into), ..Screen::default() })
}

/// X's settings show a code of the account.
fn page_shows(world: &mut World, code: &str) {
    let grouped = [&code[..4], &code[4..8], &code[8..]].join(" ");
    world.sensed(PAGE, screen(&grouped, &[], Some("standin_user")));
}

/// X's success step gives the first one.
fn success_with(world: &mut World, key: &str, code: &str) {
    world.x_asks_code();
    let digits = world.code_of(key);
    world.sensed(ENROLMENT, FromContent::Typed(digits));
    let text = format!("You are all set\n{code}\nKeep it");
    world.sensed(ENROLMENT, screen(&text, &[Mark::Success], Some("standin_user")));
}

fn keep(world: &mut World, handle: &str) -> Id {
    let draft = world.view().drafts[0].id;
    match world.ask(Question::KeepDraft { draft, handle: handle.into() }) {
        Answer::Kept(id) => id,
        other => panic!("{other:?}"),
    }
}

fn count(world: &mut World) -> usize {
    world.view().entries[0].backup.len()
}

fn with_entry() -> World {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.done(Question::AddKey { text: Secret::new(KEY.into()), handle: "standin_user".into() });
    world
}

#[test]
fn the_success_step_gives_the_entry_its_first_code() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.x_shows_key(KEY);
    keep(&mut world, "standin_user");
    success_with(&mut world, KEY, CODE);
    let entry = world.view().entries[0].clone();
    assert_eq!(entry.backup.len(), 1);
    let question = Question::BackupCode { entry: entry.id, added: entry.backup[0].added };
    assert_eq!(world.ask(question), Answer::BackupCode(Secret::new("mrk7 er9q zx42".into())));
    let writes = world.writes;
    success_with(&mut world, KEY, CODE);
    assert_eq!((count(&mut world), world.writes), (1, writes), "seen again is nothing new");
}

#[test]
fn a_code_that_comes_before_the_key_is_saved_waits_for_it() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.x_shows_key(KEY);
    success_with(&mut world, KEY, CODE);
    world.kill_worker();
    keep(&mut world, "renamed_by_hand");
    assert_eq!(count(&mut world), 1, "it came with this very key");
}

/// X counts to five: with five here, its page is answered before the user has another one made.
#[test]
fn five_are_said_before_x_makes_another() {
    let opens = |world: &mut World| world.sensed(PAGE, screen("", &[], Some("standin_user")));
    let told = |world: &World| world.told.iter().filter(|it| it.1 == ToastWords::CodesFull).count();
    let mut world = with_entry();
    let entry = world.view().entries[0].id;
    let add = |world: &mut World, text: &str| {
        world.done(Question::AddBackupCodes { entry, text: Secret::new(text.into()) });
    };
    add(&mut world, "aaaaaaaaaaa1, aaaaaaaaaaa2, aaaaaaaaaaa3, aaaaaaaaaaa4");
    opens(&mut world);
    assert_eq!(told(&world), 0, "there is room");
    add(&mut world, "aaaaaaaaaaa5");
    world.sensed(PAGE, screen("", &[], Some("acme_support")));
    assert_eq!(told(&world), 0, "another account");
    opens(&mut world);
    page_shows(&mut world, "aaaaaaaaaaa5");
    assert_eq!(told(&world), 1, "once, also beside one that is here");
    world.sensed(PAGE, FromContent::Left);
    page_shows(&mut world, CODE);
    assert_eq!(told(&world), 1, "what is new has words of its own");
    assert_eq!(world.told.last().map(|it| it.1), Some(ToastWords::CodeWaits));
    world.done(Question::Lock);
    world.sensed(PAGE, FromContent::Left);
    opens(&mut world);
    assert_eq!(told(&world), 1, "locked, nobody counts");
}

#[test]
fn a_locked_vault_receives_it_sealed() {
    let mut world = with_entry();
    world.done(Question::Lock);
    page_shows(&mut world, CODE);
    let inbox = &world.local[&longkey_core::effect::Key::Inbox];
    assert!(!inbox.contains(CODE) && !inbox.contains("standin_user"));
    world.restart_browser();
    world.unlocks(1);
    assert_eq!(count(&mut world), 1);
    world.done(Question::Lock);
    page_shows(&mut world, CODE);
    world.unlocks(1);
    assert_eq!(count(&mut world), 1, "the same one again");
}

#[test]
fn a_locked_vault_receives_key_and_code_together() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.done(Question::Lock);
    world.x_shows_key(KEY);
    keep(&mut world, "standin_user");
    success_with(&mut world, KEY, CODE);
    world.restart_browser();
    world.unlocks(1);
    assert_eq!(count(&mut world), 1);
}

#[test]
fn a_sixth_code_takes_nobodys_place() {
    let mut world = with_entry();
    let codes = ["aaaaaaaaaaa1", "aaaaaaaaaaa2", "aaaaaaaaaaa3", "aaaaaaaaaaa4", "aaaaaaaaaaa5", "aaaaaaaaaaa6"];
    for code in codes {
        page_shows(&mut world, code);
    }
    let entry = world.view().entries[0].clone();
    assert_eq!(entry.backup.len(), 5);
    let first = entry.backup[0].added;
    let question = Question::BackupCode { entry: entry.id, added: first };
    assert_eq!(world.ask(question), Answer::BackupCode(Secret::new("aaaa aaaa aaa1".into())));
    // It is kept, and joins when there is room.
    world.done(Question::MarkBackup { entry: entry.id, mark: longkey_core::backup_codes::BackupMark::Used(first) });
    world.done(Question::Lock);
    world.unlocks(1);
    let entry = world.view().entries[0].clone();
    let last = entry.backup.last().expect("codes").added;
    let question = Question::BackupCode { entry: entry.id, added: last };
    assert_eq!(world.ask(question), Answer::BackupCode(Secret::new("aaaa aaaa aaa6".into())));
}

#[test]
fn from_a_private_window_nothing_is_saved_unasked_and_it_is_said() {
    let mut world = with_entry();
    world.incognito = true;
    let writes = world.writes;
    page_shows(&mut world, CODE);
    page_shows(&mut world, "aaaaaaaaaaa1");
    assert_eq!((count(&mut world), world.writes, world.told.len()), (0, writes, 1));
    world.x_shows_key(OTHER_KEY);
    let draft = world.view().drafts[0].clone();
    assert!(draft.private && !draft.ask, "a key is asked, although there is no doubt about it");
    assert_eq!(world.writes, writes);
    // Its code works, X takes it, the window is closed, the worker ends: it stays a question.
    world.x_asks_code();
    let code = world.code_of(OTHER_KEY);
    world.x_accepts(&code);
    world.kill_worker();
    let view = world.view();
    assert!(view.drafts[0].private && !view.drafts[0].kept);
    let inbox = world.local.get(&longkey_core::effect::Key::Inbox).cloned().unwrap_or_default();
    assert_eq!((world.writes, inbox.contains("sealed")), (writes, false), "not a word of it in any store");
    world.later(longkey_core::clock::Span::minutes(1));
    world.x_shows(&["MFRGGZDFMZTWQ2LK"], &[]);
    assert!(
        world.view().drafts.iter().any(|it| it.private && it.ask),
        "and one that may be none says both: {:?}",
        world.view().drafts
    );
    let id = keep(&mut world, "standin_user");
    assert!(world.writes > writes && world.view().entries.iter().any(|it| it.id == id), "the user's click keeps it");
}

#[test]
fn what_a_silent_store_cannot_keep_is_said() {
    for marks in [vec![Mark::Qr], vec![]] {
        let mut world = with_entry();
        world.kill_worker();
        world.silent_store = true;
        world.silent_mirror = true;
        let told = world.told.len();
        match marks.is_empty() {
            true => page_shows(&mut world, CODE),
            false => world.x_shows(&[], &marks),
        }
        assert_eq!(world.told.len(), told + 1, "{marks:?}");
    }
}

#[test]
fn a_write_that_fails_loses_no_code() {
    for lock in [false, true] {
        let mut world = with_entry();
        if lock {
            world.done(Question::Lock);
        }
        world.fail_writes = true;
        page_shows(&mut world, CODE);
        world.fail_writes = false;
        // X's page shows it no more; the next event brings it in, unless it is a page's look.
        world.kill_worker();
        world.happens(Event::TabClosed(99));
        world.restart_browser();
        world.unlocks(1);
        assert_eq!(count(&mut world), 1, "locked: {lock}");
        let memory = world.memory.clone().unwrap_or_default();
        assert!(!memory.contains(CODE), "and the session holds it no longer than that");
    }
}

#[test]
fn a_code_that_waited_during_a_backup_is_in_no_backup() {
    let mut world = with_entry();
    let entry = world.view().entries[0].id;
    let text = Secret::new("aaaaaaaaaaa1, aaaaaaaaaaa2, aaaaaaaaaaa3, aaaaaaaaaaa4, aaaaaaaaaaa5".into());
    world.done(Question::AddBackupCodes { entry, text });
    world.later(longkey_core::clock::Span::seconds(1));
    page_shows(&mut world, CODE);
    world.later(longkey_core::clock::Span::seconds(1));
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    let made = world.ask(Question::MakeBackup { terms, derived: bytes(5) });
    let Answer::Backup { made, .. } = made else { panic!("no backup") };
    world.done(Question::BackupSaved { made });
    assert_eq!(world.view().unsaved, 0);
    let oldest = world.view().entries[0].backup[0].added;
    world.done(Question::MarkBackup { entry, mark: BackupMark::Used(oldest) });
    world.restart_browser();
    world.unlocks(1);
    let codes = world.view().entries[0].backup.clone();
    assert!(codes.iter().all(|it| it.added != oldest), "there was room for it");
    assert_eq!(world.view().unsaved, 1, "the file has it not");
}

#[test]
fn a_key_saved_under_another_name_gets_its_code() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.x_shows_key(KEY);
    keep(&mut world, "renamed_by_hand");
    success_with(&mut world, KEY, CODE);
    assert_eq!(count(&mut world), 1);
}

#[test]
fn a_flood_of_codes_fills_nothing() {
    let mut world = with_entry();
    world.done(Question::Lock);
    for at in 0..500 {
        page_shows(&mut world, &format!("flood000{at:04}"));
    }
    assert!(world.local[&longkey_core::effect::Key::Inbox].len() < 16 * 1024);
}

#[test]
fn another_accounts_code_is_not_this_ones() {
    let mut world = with_entry();
    world.sensed(PAGE, screen(CODE, &[], Some("acme")));
    assert_eq!(count(&mut world), 0);
}

#[test]
fn the_key_that_the_tab_showed_before_claims_no_code_of_another_page() {
    let mut world = with_entry();
    world.later(longkey_core::clock::Span::minutes(1));
    world.x_shows_key(OTHER_KEY);
    keep(&mut world, "acme_support");
    world.sensed(ENROLMENT, FromContent::Left);
    // Nobody is named, then somebody who has no key here.
    world.sensed(PAGE, screen("mrk7 er9q zx42", &[], None));
    world.sensed(PAGE, screen("mrk7 er9q zx43", &[], Some("somebody")));
    assert!(world.view().entries.iter().all(|it| it.backup.is_empty()));
}

#[test]
fn a_code_of_nobody_knows_whom_is_said_once_where_there_are_accounts() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.sensed(PAGE, screen("mrk7 er9q zx42", &[], None));
    assert_eq!(world.told.len(), 0, "nothing of ours");
    for locked in [false, true] {
        let mut world = with_entry();
        if locked {
            world.done(Question::Lock);
        }
        let writes = world.writes;
        world.sensed(PAGE, screen("mrk7 er9q zx42", &[], None));
        world.sensed(PAGE, screen("mrk7 er9q zx42", &[], None));
        assert_eq!((world.told.len(), world.writes), (1, writes), "locked: {locked}");
        assert!(matches!(world.told[0].1, ToastWords::CodeNotSaved));
    }
}

fn ticks(world: &mut World, mark: ResetMark) {
    world.done(Question::Reset { handle: "standin_user".into(), mark });
}

#[test]
fn the_checklist_ticks_itself_when_the_new_code_is_kept() {
    for locked in [false, true] {
        let mut world = with_entry();
        ticks(&mut world, ResetMark::Start);
        page_shows(&mut world, CODE);
        assert_eq!(ticked(&mut world), [0_u8; 0], "a code of the old set-up");
        world.later(longkey_core::clock::Span::minutes(1));
        if locked {
            world.done(Question::Lock);
        }
        world.x_shows_key(OTHER_KEY);
        keep(&mut world, "standin_user");
        success_with(&mut world, OTHER_KEY, "aaaaaaaaaaa1");
        assert_eq!(ticked(&mut world), [1, 2, 3, 4, 5, 7, 8], "locked: {locked}");
        ticks(&mut world, ResetMark::Undone(Task::BackupCode));
        world.restart_browser();
        world.unlocks(1);
        assert_eq!(ticked(&mut world), [1, 2, 3, 4, 5, 7], "what the user takes back stays back");
        page_shows(&mut world, "aaaaaaaaaaa2");
        assert_eq!(ticked(&mut world), [1, 2, 3, 4, 5, 7, 8], "X's settings show it too");
    }
}

#[test]
fn the_checklist_ticks_itself_for_a_code_by_hand_but_for_no_other_account() {
    let mut world = with_entry();
    world.done(Question::AddKey { text: Secret::new(OTHER_KEY.into()), handle: "acme".into() });
    let id = |world: &mut World, handle: &str| {
        let entries = world.view().entries;
        entries.iter().find(|it| it.handle.as_str() == handle).map(|it| it.id).expect("an entry")
    };
    let (mine, other) = (id(&mut world, "standin_user"), id(&mut world, "acme"));
    ticks(&mut world, ResetMark::Start);
    let code = |text: &str| Secret::new(text.into());
    world.done(Question::AddBackupCodes { entry: mine, text: code("aaaaaaaaaaa1") });
    assert_eq!(ticked(&mut world), [0_u8; 0], "X has not taken the new key yet");
    ticks(&mut world, ResetMark::Done(Task::Digits));
    world.done(Question::AddBackupCodes { entry: other, text: code("aaaaaaaaaaa2") });
    assert_eq!(ticked(&mut world), [7]);
    world.done(Question::AddBackupCodes { entry: mine, text: code("aaaaaaaaaaa3") });
    assert_eq!(ticked(&mut world), [7, 8]);
}

#[test]
fn a_code_that_was_not_kept_ticks_nothing() {
    let mut world = with_entry();
    ticks(&mut world, ResetMark::Start);
    ticks(&mut world, ResetMark::Done(Task::Digits));
    world.fail_writes = true;
    page_shows(&mut world, CODE);
    assert_eq!(ticked(&mut world), [7]);
    world.fail_writes = false;
    world.later(longkey_core::clock::Span::minutes(1));
    world.happens(Event::TabClosed(99));
    assert_eq!((count(&mut world), ticked(&mut world)), (1, vec![7, 8]), "the next try keeps both");
}

#[test]
fn a_task_that_only_a_later_longkey_knows_takes_no_checklist_along() {
    let mut world = with_entry();
    ticks(&mut world, ResetMark::Start);
    ticks(&mut world, ResetMark::Done(Task::TheApp));
    let stored = world.local.get_mut(&Key::Resets).expect("it is written");
    *stored = stored.replace("[2]", "[2,10,0]");
    assert!(stored.contains("[2,10,0]"));
    world.restart_browser();
    assert_eq!(ticked(&mut world), [2]);
}
