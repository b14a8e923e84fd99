//! X's rules for backup codes, one test a rule, and what pages may ask about them.

use crate::world::*;
use longkey_core::backup_codes::{BackupCode, BackupCodes, BackupMark, CodeState, MOST};
use longkey_core::clock::{Span, UnixTime};
use longkey_core::label::Id;
use longkey_core::long_key::LongKey;
use longkey_core::protocol::{Answer, BackupView, Question};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// As the stand-in of X's page makes them; the last one has letters only.
const CODES: [&str; 6] =
    ["yvm51584v29r", "q7w8e9r0t1y2", "a1b2c3d4e5f6", "k0m4n8p1r5s9", "mfrggzdfmztw", "zyxwvutsrqpo"];

fn code(text: &str) -> BackupCode {
    BackupCode::parse(text).expect("a code")
}

fn codes(count: usize) -> BackupCodes {
    let mut codes = BackupCodes::default();
    codes.add(CODES[..count].iter().map(|it| code(it)).collect(), START).expect("room");
    codes
}

/// `-` unused, `u` used, `v` void, `?` unknown.
fn states(codes: &BackupCodes) -> String {
    let letter = |state| match state {
        CodeState::Unused => '-',
        CodeState::Used => 'u',
        CodeState::Void => 'v',
        CodeState::Unknown => '?',
    };
    codes.iter().map(|it| letter(it.state)).collect()
}

fn added(codes: &BackupCodes, at: usize) -> UnixTime {
    codes.iter().nth(at).expect("so many").added
}

fn next(codes: &BackupCodes) -> Option<usize> {
    let next = codes.next()?.added;
    codes.iter().position(|it| it.added == next)
}

fn soon() -> UnixTime {
    START.after(Span::minutes(1))
}

#[test]
fn a_code_is_read_as_people_write_it_down() {
    for text in ["yvm51584v29r", "yvm5 1584 v29r", " YVM5-1584-V29R\n", "yvm5\u{a0}1584\u{200b} v29r", "Yvm51584v29r,"]
    {
        let code = code(text);
        assert_eq!((code.expose(), code.grouped().expose()), ("yvm51584v29r", "yvm5 1584 v29r"), "{text:?}");
    }
    assert_eq!(code("mfrggzdfmztw").expose(), "mfrggzdfmztw", "letters alone are a code");
    assert_eq!(code("123456789012").expose(), "123456789012", "digits alone are a code");
    assert_eq!(format!("{:?}", code("yvm51584v29r")), "BackupCode(…)");
}

#[test]
fn several_keep_their_order_and_the_same_one_twice_is_one() {
    for text in [
        "yvm5 1584 v29r\nq7w8 e9r0 t1y2\n\n yvm51584v29r",
        "yvm51584v29r q7w8e9r0t1y2",
        "yvm51584v29r, q7w8-e9r0-t1y2",
        "yvm51584v29r;q7w8e9r0t1y2;",
    ] {
        let read = BackupCode::parse_list(text).expect("codes");
        assert_eq!(read.iter().map(BackupCode::expose).collect::<Vec<_>>(), CODES[..2], "{text:?}");
    }
    assert_eq!(BackupCode::parse_list(&CODES.join("\n")).err(), Some(Refusal::BackupFull));
}

#[test]
fn what_is_no_code_is_called_by_its_name() {
    for key in [KEY, "jbsw y3dp ehpk 3pxp", "JBSWY3DPEHPK3PXPJBSWY3DP", "otpauth://totp/X:a?secret=JBSWY3DPEHPK3PXP"] {
        assert_eq!(BackupCode::parse(key).err(), Some(Refusal::BackupIsKey), "{key}");
    }
    assert_eq!(BackupCode::parse("482 913").err(), Some(Refusal::BackupIsSixDigitCode));
    assert_eq!(BackupCode::parse(" \n ").err(), Some(Refusal::BackupEmpty));
    assert_eq!(BackupCode::parse("yvm51584v29").err(), Some(Refusal::BackupLength { length: 11 }));
    assert_eq!(BackupCode::parse("yvm51584v29rx").err(), Some(Refusal::BackupLength { length: 13 }));
    assert_eq!(BackupCode::parse("yvm51584v29é").err(), Some(Refusal::BackupCharacter { position: 12, found: 'é' }));
    assert_eq!(BackupCode::parse(&"a".repeat(5000)).err(), Some(Refusal::BackupLength { length: 5000 }));
    assert_eq!(BackupCode::parse("yvm51584v29r q7w8e9r0t1y2").err(), Some(Refusal::BackupLength { length: 25 }));
    // And the other way round.
    for text in CODES.into_iter().chain(["YVM5 1584 V29R"]) {
        assert_eq!(LongKey::parse(text).err(), Some(Refusal::KeyIsBackupCode), "{text}");
    }
}

#[test]
fn a_code_that_x_shows_comes_last_and_the_others_stay() {
    let mut codes = codes(2);
    assert!(codes.saw(code(CODES[2]), soon()));
    assert_eq!((states(&codes).as_str(), next(&codes)), ("---", Some(0)));
    assert!(!codes.saw(code(CODES[0]), soon()), "it is here");
    assert_eq!(codes.iter().count(), 3);
}

#[test]
fn a_page_makes_an_unknown_code_known_and_revives_nothing() {
    let mut codes = codes(4);
    codes.mark(BackupMark::Refused(added(&codes, 1)), soon());
    assert_eq!(states(&codes), "vv??");
    codes.mark(BackupMark::Used(added(&codes, 2)), soon());
    codes.enrolled_anew(UnixTime(u64::MAX), soon());
    assert_eq!(states(&codes), "vvu?");
    for (at, news) in [(1, false), (2, false), (3, true)] {
        assert_eq!(codes.saw(code(CODES[at]), soon()), news);
    }
    assert_eq!(states(&codes), "vvu-");
}

#[test]
fn a_sixth_takes_nobodys_place() {
    let mut codes = codes(5);
    assert!(!codes.saw(code(CODES[5]), soon()));
    assert_eq!((states(&codes).as_str(), next(&codes)), ("-----", Some(0)));
    // Where one was used, it makes room.
    codes.mark(BackupMark::Used(added(&codes, 0)), soon());
    assert!(codes.saw(code(CODES[5]), soon()));
    assert_eq!(states(&codes), "-----");
}

#[test]
fn using_one_cancels_those_before_it_and_no_other() {
    let mut codes = codes(4);
    assert!(codes.mark(BackupMark::Used(added(&codes, 0)), soon()));
    assert_eq!((states(&codes).as_str(), next(&codes)), ("u---", Some(1)));
    assert!(codes.mark(BackupMark::Used(added(&codes, 2)), soon()));
    assert_eq!((states(&codes).as_str(), next(&codes)), ("uvu-", Some(3)));
    assert!(!codes.mark(BackupMark::Used(UnixTime(1)), soon()), "there is none like that");
}

#[test]
fn a_use_that_is_told_settles_what_was_unknown_after_it() {
    let mut codes = codes(5);
    codes.enrolled_anew(UnixTime(u64::MAX), soon());
    assert_eq!((states(&codes).as_str(), next(&codes)), ("?????", Some(0)));
    codes.mark(BackupMark::Used(added(&codes, 2)), soon());
    assert_eq!(states(&codes), "vvu--");
    let mut codes = self::codes(3);
    codes.enrolled_anew(UnixTime(u64::MAX), soon());
    codes.mark(BackupMark::NoneUsed, soon());
    assert_eq!(states(&codes), "---");
}

#[test]
fn choosing_a_later_one_cancels_those_before_it() {
    let mut codes = codes(4);
    assert!(codes.mark(BackupMark::Next(added(&codes, 2)), soon()));
    assert_eq!((states(&codes).as_str(), next(&codes)), ("vv--", Some(2)));
    assert!(!codes.mark(BackupMark::Next(added(&codes, 0)), soon()), "a void one is not chosen");
    assert!(codes.mark(BackupMark::Undo, soon()));
    assert_eq!(states(&codes), "----");
}

#[test]
fn refused_as_inactive_it_is_void_and_out_of_order_it_takes_others_along() {
    let mut codes = codes(4);
    codes.mark(BackupMark::Refused(added(&codes, 0)), soon());
    assert_eq!((states(&codes).as_str(), next(&codes)), ("v---", Some(1)));
    codes.mark(BackupMark::Refused(added(&codes, 2)), soon());
    assert_eq!((states(&codes).as_str(), next(&codes)), ("vvv?", Some(3)));
}

#[test]
fn a_new_key_in_an_old_ones_place_leaves_older_codes_unknown() {
    let mut world = World::new();
    let entry = with_codes(&mut world, 2);
    world.done(Question::Accepted { entry });
    assert_eq!(shown(&mut world), "--", "the first key that is proved is no new one");
    world.later(Span::minutes(1));
    add_key(&mut world, OTHER_KEY);
    world.later(Span::minutes(1));
    // X's success step shows a code of the new enrolment before it is known that X accepted the key.
    world.done(Question::AddBackupCodes { entry, text: Secret::new(CODES[2].into()) });
    world.done(Question::Accepted { entry });
    assert_eq!(shown(&mut world), "??-");
    let view = world.view();
    assert!(view.entries[0].backup[2].next, "what is sure comes before what may be");
    world.done(Question::Refuses { entry });
    assert_eq!(shown(&mut world), "???");
}

#[test]
fn turned_off_or_dead_nothing_works_any_more() {
    let mut codes = codes(3);
    codes.mark(BackupMark::Used(added(&codes, 0)), soon());
    codes.two_factor_off(soon());
    assert_eq!((states(&codes).as_str(), next(&codes)), ("uvv", None));
    let mut codes = self::codes(2);
    codes.mark(BackupMark::Dead, soon());
    assert_eq!(states(&codes), "vv");
}

#[test]
fn the_last_change_can_be_taken_back_and_no_other() {
    let mut codes = codes(4);
    assert!(!codes.can_undo() && !codes.mark(BackupMark::Undo, soon()));
    codes.mark(BackupMark::Used(added(&codes, 1)), soon());
    codes.mark(BackupMark::Refused(added(&codes, 2)), soon());
    assert_eq!(states(&codes), "vuv-");
    assert!(codes.can_undo() && codes.mark(BackupMark::Undo, soon()));
    assert_eq!(states(&codes), "vu--", "the use stands");
    assert!(!codes.can_undo());
    // What changes nothing leaves it possible.
    codes.mark(BackupMark::Used(added(&codes, 2)), soon());
    codes.mark(BackupMark::NoneUsed, soon());
    assert!(codes.mark(BackupMark::Undo, soon()));
}

#[test]
fn more_than_five_open_ones_are_refused_by_hand() {
    let mut codes = codes(5);
    assert_eq!(codes.add(vec![code(CODES[5])], soon()), Err(Refusal::BackupFull));
    assert_eq!(codes.add(vec![code(CODES[4]), code(CODES[0])], soon()), Ok(()), "they are here");
    assert_eq!(codes.iter().count(), MOST);
    codes.mark(BackupMark::Used(added(&codes, 1)), soon());
    assert_eq!(codes.add(vec![code(CODES[5])], soon()), Ok(()));
    assert_eq!(states(&codes), "u----", "the oldest of what is spent makes room");
}

#[test]
fn codes_of_two_lists_come_together_without_a_change_of_what_is_here() {
    let mut here = codes(2);
    here.mark(BackupMark::Used(added(&here, 0)), soon());
    let mut there = codes(4);
    there.mark(BackupMark::Used(added(&there, 2)), soon());
    here.take_in(there);
    assert_eq!(states(&here), "u-u?");
    let mut empty = BackupCodes::default();
    empty.take_in(codes(3));
    assert_eq!(states(&empty), "---", "alone they are what they were");
}

fn add_key(world: &mut World, key: &str) -> Id {
    match world.ask(Question::AddKey { text: Secret::new(key.into()), handle: "standin_user".into() }) {
        Answer::Kept(id) => id,
        other => panic!("not kept: {other:?}"),
    }
}

fn with_codes(world: &mut World, count: usize) -> Id {
    world.sets_passphrase(1);
    let entry = add_key(world, KEY);
    world.later(Span::seconds(1));
    world.done(Question::AddBackupCodes { entry, text: Secret::new(CODES[..count].join("\n")) });
    entry
}

fn backup(world: &mut World) -> Vec<BackupView> {
    world.view().entries[0].backup.clone()
}

fn shown(world: &mut World) -> String {
    let mut text = String::new();
    for it in backup(world) {
        text.push(match it.state {
            CodeState::Unused => '-',
            CodeState::Used => 'u',
            CodeState::Void => 'v',
            CodeState::Unknown => '?',
        });
    }
    text
}

#[test]
fn a_page_gets_one_code_on_a_click_and_the_view_none() {
    let mut world = World::new();
    let entry = with_codes(&mut world, 3);
    let view = backup(&mut world);
    assert_eq!(view.iter().map(|it| it.next).collect::<Vec<_>>(), [true, false, false]);
    let added = view[1].added;
    let Answer::BackupCode(code) = world.ask(Question::BackupCode { entry, added }) else { panic!("no code") };
    assert_eq!(code.expose(), "q7w8 e9r0 t1y2");
    for text in [serde_json::to_string(&world.view()), serde_json::to_string(&world.rows)] {
        let text = text.expect("JSON");
        assert!(CODES.iter().all(|code| !text.contains(code) && !text.contains(&code[..4])), "in sight");
    }
    let gone = Question::BackupCode { entry, added: UnixTime(5) };
    assert_eq!(world.refusal(gone), Refusal::BackupUnknown);
    world.done(Question::Lock);
    assert_eq!(world.refusal(Question::BackupCode { entry, added }), Refusal::Locked);
    assert!(world.view().entries.is_empty());
}

#[test]
fn what_a_page_says_is_kept_over_a_worker_that_is_killed() {
    let mut world = World::new();
    let entry = with_codes(&mut world, 3);
    let view = backup(&mut world);
    world.done(Question::MarkBackup { entry, mark: BackupMark::Used(view[1].added) });
    world.kill_worker();
    assert_eq!(shown(&mut world), "vu-");
    assert!(world.view().entries[0].backup_undo);
    world.done(Question::MarkBackup { entry, mark: BackupMark::Undo });
    world.kill_worker();
    assert_eq!(shown(&mut world), "---");
    let mark = BackupMark::Undo;
    assert_eq!(world.refusal(Question::MarkBackup { entry, mark }), Refusal::BackupUnknown);
    let text = Secret::new(KEY.into());
    assert_eq!(world.refusal(Question::AddBackupCodes { entry, text }), Refusal::BackupIsKey);
}

#[test]
fn bin_and_backup_file_keep_them_and_the_nudge_counts_them() {
    let mut world = World::new();
    let entry = with_codes(&mut world, 2);
    assert_eq!(world.view().unsaved, 3, "a key and two codes");
    world.later(Span::seconds(1));
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    let made = world.ask(Question::MakeBackup { terms, derived: bytes(5) });
    let Answer::Backup { file, made, .. } = made else { panic!("no backup") };
    world.done(Question::BackupSaved { made });
    assert_eq!(world.view().unsaved, 0);
    world.later(Span::seconds(1));
    world.done(Question::AddBackupCodes { entry, text: Secret::new(CODES[2].into()) });
    assert_eq!(world.view().unsaved, 1);
    world.done(Question::Delete { entry });
    assert_eq!(world.view().unsaved, 0);
    world.done(Question::Undelete { entry });
    assert_eq!(shown(&mut world), "---");

    let mut other = World::new();
    other.done(Question::Restore { file: file.clone(), derived: bytes(5) });
    assert_eq!(shown(&mut other), "--");
    // Beside the same key with another list, a file that has more is not "all here".
    let mut third = World::new();
    third.sets_passphrase(1);
    add_key(&mut third, KEY);
    let question = Question::PreviewBackup { file: file.clone(), derived: bytes(5) };
    let Answer::Preview(preview) = third.ask(question) else { panic!("no preview") };
    assert_eq!((preview.same, preview.differ.len()), (0, 1));
    third.done(Question::Restore { file, derived: bytes(5) });
    assert_eq!(shown(&mut third), "--");
}

#[test]
fn an_entry_of_before_has_none_and_an_odd_list_opens() {
    let entry = |backup: &str| {
        let text = format!(r#"{{"id":"0000000000000001","handle":"a","keys":[]{backup}}}"#);
        serde_json::from_str::<longkey_core::vault::Entry>(&text)
    };
    let old = entry("").expect("an entry");
    assert!(old.backup.is_empty());
    assert!(!serde_json::to_string(&old).expect("JSON").contains("backup"), "nothing is written where there is none");
    let slip = |code: &str, added: u64| format!(r#"{{"code":"{code}","state":"unused","since":1,"added":{added}}}"#);
    let slips: Vec<String> = (0..6).map(|at| slip(CODES[at], 10 - at as u64)).collect();
    let odd = entry(&format!(r#","backup":[{},{}]"#, slips.join(","), slip(CODES[0], 10))).expect("an entry");
    let order: Vec<u64> = odd.backup.iter().map(|it| it.added.0).collect();
    assert_eq!(order, [6, 7, 8, 9, 10]);
    assert!(entry(&format!(r#","backup":[{}]"#, slip("short", 1))).is_err());
}
