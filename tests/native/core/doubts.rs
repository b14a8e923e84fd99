//! What X's pages say against a key: what goes stale by it, and what is only asked.

use crate::stories::ticked;
use crate::world::*;
use longkey_core::capture::{Doubt, KeyState};
use longkey_core::clock::Span;
use longkey_core::label::Id;
use longkey_core::protocol::*;
use longkey_core::reset::Task;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SETTINGS: &str = "https://x.com/settings/account/login_verification";
const UNENROLMENT: &str = "https://x.com/i/flow/two-factor-unenrollment?method=authenticationApp";
const OTHER_KEY: &str = "KRSXG5CTMVRXEZLU";

fn shows(world: &mut World, url: &str, marks: &[Mark]) {
    let screen = Screen { marks: marks.to_vec(), handle: Some("standin_user".into()), ..Screen::default() };
    world.sensed(url, FromContent::Saw(screen));
}

fn keep(world: &mut World) -> Id {
    let draft = world.view().drafts[0].id;
    match world.ask(Question::KeepDraft { draft, handle: "standin_user".into() }) {
        Answer::Kept(id) => id,
        other => panic!("{other:?}"),
    }
}

/// A vault with a key that waits for X.
fn waiting() -> (World, Id) {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.x_shows_key(KEY);
    let entry = keep(&mut world);
    (world, entry)
}

/// A vault with a key that X has accepted.
fn confirmed() -> (World, Id) {
    let (mut world, entry) = waiting();
    world.x_asks_code();
    let code = world.code_of(KEY);
    world.x_accepts(&code);
    world.sensed(ENROLMENT, FromContent::Left);
    (world, entry)
}

fn entry(world: &mut World) -> EntryView {
    world.view().entries[0].clone()
}

fn states(world: &mut World) -> (Option<KeyState>, Option<KeyState>) {
    let entry = entry(world);
    (entry.current.map(|it| it.state), entry.waiting.map(|it| it.state))
}

#[test]
fn the_page_says_whether_x_still_waits_for_the_code() {
    let (mut world, _) = waiting();
    assert!(entry(&mut world).on_x);
    world.sensed(ENROLMENT, FromContent::Left);
    assert!(!entry(&mut world).on_x, "closed half-way: the key waits, and nobody asks for its code");
    assert_eq!(states(&mut world), (None, Some(KeyState::Pending)));
}

#[test]
fn closed_and_started_again_x_has_another_key() {
    let (mut world, _) = waiting();
    world.sensed(ENROLMENT, FromContent::Left);
    world.later(Span::minutes(1));
    world.x_shows_key(OTHER_KEY);
    assert_eq!(states(&mut world), (Some(KeyState::Stale), None), "the first one can never be accepted now");
    assert_eq!(world.view().drafts[0].tail, "EZLU");
}

#[test]
fn a_key_that_is_only_asked_makes_nothing_stale() {
    let (mut world, _) = waiting();
    world.sensed(ENROLMENT, FromContent::Left);
    world.later(Span::minutes(1));
    // Without X's own Next button it may be anything.
    world.x_shows(&[OTHER_KEY], &[]);
    assert_eq!(states(&mut world), (None, Some(KeyState::Pending)));
    assert!(world.view().drafts[0].ask);
    // The button came after the text.
    world.x_shows(&[OTHER_KEY], &[Mark::ShowCodeNext]);
    assert_eq!(states(&mut world), (Some(KeyState::Stale), None));
    assert!(!world.view().drafts[0].ask);
}

#[test]
fn a_matched_key_is_never_given_up_by_a_page() {
    let (mut world, _) = waiting();
    world.x_asks_code();
    let code = world.code_of(KEY);
    world.sensed(ENROLMENT, FromContent::Typed(code));
    world.sensed(ENROLMENT, FromContent::Left);
    shows(&mut world, SETTINGS, &[Mark::AppOff]);
    world.later(Span::minutes(1));
    assert_eq!(states(&mut world), (None, Some(KeyState::Matched)), "X may have taken it: only the user knows");
    let entry = entry(&mut world).id;
    world.done(Question::NotAccepted { entry });
    assert_eq!(states(&mut world), (Some(KeyState::Stale), None));
}

#[test]
fn settings_with_the_app_off_end_a_pending_key_whose_dialog_is_closed() {
    let (mut world, _) = waiting();
    world.sensed(ENROLMENT, FromContent::Left);
    shows(&mut world, SETTINGS, &[Mark::AppOff]);
    assert_eq!(states(&mut world), (Some(KeyState::Stale), None));
}

#[test]
fn on_a_confirmed_key_a_page_only_puts_a_question() {
    for (url, mark, why) in [(SETTINGS, Mark::AppOff, Doubt::AppOff), (UNENROLMENT, Mark::Success, Doubt::TurningOff)] {
        let (mut world, id) = confirmed();
        shows(&mut world, url, &[mark]);
        assert_eq!(states(&mut world), (Some(KeyState::Confirmed), None));
        assert_eq!(entry(&mut world).doubt, Some(why));
        let writes = world.writes;
        shows(&mut world, url, &[mark]);
        assert_eq!(world.writes, writes, "asked once");
        world.restart_browser();
        world.unlocks(1);
        assert_eq!(entry(&mut world).doubt, Some(why), "the question outlives the browser");
        world.done(Question::Trust { entry: id });
        assert_eq!((states(&mut world).0, entry(&mut world).doubt), (Some(KeyState::Confirmed), None));
        shows(&mut world, url, &[mark]);
        world.done(Question::Refuses { entry: id });
        assert_eq!((states(&mut world).0, entry(&mut world).doubt), (Some(KeyState::Stale), None));
        world.done(Question::Trust { entry: id });
        assert_eq!(states(&mut world).0, Some(KeyState::Confirmed), "a wrong answer is taken back");
    }
}

#[test]
fn another_accounts_settings_ask_nothing() {
    let (mut world, _) = confirmed();
    let screen = Screen { marks: vec![Mark::AppOff], handle: Some("acme".into()), ..Screen::default() };
    world.sensed(SETTINGS, FromContent::Saw(screen));
    assert_eq!(entry(&mut world).doubt, None);
}

#[test]
fn what_a_locked_vault_was_shown_is_asked_after_unlocking() {
    let (mut world, _) = confirmed();
    world.done(Question::Lock);
    shows(&mut world, SETTINGS, &[Mark::AppOff]);
    world.kill_worker();
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(entry(&mut world).doubt, Some(Doubt::AppOff));
    world.kill_worker();
    assert_eq!(entry(&mut world).doubt, Some(Doubt::AppOff), "and stands in the vault now");
}

fn ticks(world: &mut World, mark: ResetMark) {
    world.done(Question::Reset { handle: "standin_user".into(), mark });
}

#[test]
fn the_user_ticks_that_the_app_is_off_and_the_old_key_ends() {
    let (mut world, _) = confirmed();
    world.later(Span::minutes(1));
    ticks(&mut world, ResetMark::Start);
    ticks(&mut world, ResetMark::Done(Task::TheApp));
    assert_eq!(states(&mut world).0, Some(KeyState::Confirmed));
    let code = longkey_core::secret::Secret::new("mrk7er9qzx42".into());
    let id = entry(&mut world).id;
    world.done(Question::AddBackupCodes { entry: id, text: code });
    world.later(Span::minutes(1));
    ticks(&mut world, ResetMark::Done(Task::OffAndOn));
    assert_eq!(states(&mut world).0, Some(KeyState::Stale));
    assert_eq!(entry(&mut world).backup[0].state, longkey_core::backup_codes::CodeState::Unknown);
}

#[test]
fn a_new_key_that_x_did_not_take_leaves_the_old_one_as_it_is() {
    let (mut world, id) = confirmed();
    world.later(Span::minutes(1));
    world.x_shows_key(OTHER_KEY);
    keep(&mut world);
    world.x_asks_code();
    let code = world.code_of(OTHER_KEY);
    world.sensed(ENROLMENT, FromContent::Typed(code));
    world.sensed(ENROLMENT, FromContent::Left);
    assert_eq!(states(&mut world), (Some(KeyState::Confirmed), Some(KeyState::Matched)));
    world.done(Question::NotAccepted { entry: id });
    assert_eq!(states(&mut world), (Some(KeyState::Confirmed), None));
}

#[test]
fn ticked_while_locked_it_ends_at_the_next_unlocking() {
    let (mut world, id) = confirmed();
    world.later(Span::minutes(1));
    world.done(Question::Lock);
    ticks(&mut world, ResetMark::Start);
    ticks(&mut world, ResetMark::Done(Task::OffAndOn));
    world.restart_browser();
    world.unlocks(1);
    assert_eq!(states(&mut world).0, Some(KeyState::Stale));
    world.done(Question::Trust { entry: id });
    world.done(Question::Lock);
    world.unlocks(1);
    assert_eq!(states(&mut world).0, Some(KeyState::Confirmed), "once, not at each unlocking");
}

#[test]
fn a_new_key_during_a_reset_outlives_the_tick_that_came_before_it() {
    let (mut world, _) = confirmed();
    world.later(Span::minutes(1));
    world.done(Question::Lock);
    ticks(&mut world, ResetMark::Start);
    ticks(&mut world, ResetMark::Done(Task::OffAndOn));
    world.later(Span::minutes(1));
    world.x_shows_key(OTHER_KEY);
    keep(&mut world);
    world.x_asks_code();
    let code = world.code_of(OTHER_KEY);
    world.x_accepts(&code);
    world.unlocks(1);
    assert_eq!(states(&mut world), (Some(KeyState::Confirmed), None), "the new one");
    assert!(!world.view().resets[0].app_off);
}

#[test]
fn the_settings_of_x_tick_the_steps_that_lead_to_them() {
    let (mut world, _) = confirmed();
    ticks(&mut world, ResetMark::Start);
    for marks in [&[][..], &[Mark::AppOff, Mark::AppOn]] {
        shows(&mut world, SETTINGS, marks);
        assert!(world.view().resets[0].done.is_empty(), "nobody knows which page that is: {marks:?}");
    }
    for mark in [Mark::AppOn, Mark::AppOff] {
        ticks(&mut world, ResetMark::Undone(Task::TheApp));
        shows(&mut world, SETTINGS, &[mark]);
        assert_eq!(ticked(&mut world), [1, 2], "{mark:?}");
    }
    assert!(world.view().resets[0].app_off);
}

#[test]
fn a_reset_that_ended_is_red_no_more() {
    let (mut world, _) = confirmed();
    ticks(&mut world, ResetMark::Start);
    shows(&mut world, SETTINGS, &[Mark::AppOff]);
    assert!(world.view().resets[0].app_off);
    world.later(Span::minutes(1));
    world.x_shows_key(OTHER_KEY);
    keep(&mut world);
    world.x_asks_code();
    let code = world.code_of(OTHER_KEY);
    world.x_accepts(&code);
    assert!(!world.view().resets[0].app_off);
}

const LOGIN: &str = "https://x.com/i/flow/login";

fn login(world: &mut World, handle: Option<&str>, marks: &[Mark]) {
    let screen = Screen { marks: marks.to_vec(), handle: handle.map(Into::into), ..Screen::default() };
    world.sensed(LOGIN, FromContent::Saw(screen));
}

#[test]
fn xs_login_gets_the_code_of_the_account_that_it_names() {
    let (mut world, id) = confirmed();
    login(&mut world, Some("acme"), &[Mark::CodeField]);
    assert!(!entry(&mut world).code_wanted, "somebody else");
    assert_eq!(world.refusal(Question::Fill { id }), longkey_core::refusal::Refusal::NoCodeField);
    login(&mut world, Some("standin_user"), &[Mark::CodeField]);
    assert!(entry(&mut world).code_wanted);
    world.done(Question::Fill { id });
    assert_eq!(world.filled, [(1, world.code_of(KEY))]);
    login(&mut world, Some("standin_user"), &[Mark::TextField]);
    assert!(!entry(&mut world).code_wanted, "a name, a number or a backup code: never six digits");
}

#[test]
fn what_xs_login_asks_for_is_told_also_where_nothing_is_saved() {
    let mut world = World::new();
    let asked = |world: &mut World| world.view().login.map(|it| (it.handle.map(|it| it.as_str().to_owned()), it.wants));
    assert_eq!(asked(&mut world), None);
    for (mark, wants) in
        [(Mark::CodeField, Wanted::Code), (Mark::TextField, Wanted::Text), (Mark::EmailCode, Wanted::Sent)]
    {
        login(&mut world, None, &[mark]);
        assert_eq!(asked(&mut world), Some((None, wants)));
    }
    login(&mut world, Some("acme"), &[Mark::CodeField]);
    assert_eq!(asked(&mut world), Some((Some("acme".to_owned()), Wanted::Code)));
    world.sensed(LOGIN, FromContent::Left);
    assert_eq!(asked(&mut world), None);
}

#[test]
fn a_code_that_is_about_to_end_is_not_filled() {
    let (mut world, id) = confirmed();
    login(&mut world, None, &[Mark::SixDigits]);
    world.sensed(
        "https://x.com/i/jf/onboarding/web",
        FromContent::Saw(Screen { marks: vec![Mark::SixDigits], ..Screen::default() }),
    );
    let left = 30_000 - world.now.0 % 30_000;
    world.later(Span(left - 4_000));
    world.done(Question::Fill { id });
    let filled = world.filled.pop().map(|(_, code)| code);
    assert_ne!(filled, Some(world.code_of(KEY)));
    world.later(Span(4_000));
    assert_eq!(filled, Some(world.code_of(KEY)), "the next one");
}

#[test]
fn a_login_s_refusal_stands_until_another_code_is_sent() {
    let (mut world, id) = confirmed();
    let asks = [Mark::CodeField];
    let refuses = [Mark::CodeField, Mark::Toast];
    login(&mut world, None, &asks);
    assert!(!entry(&mut world).code_refused);
    for _ in 0..2 {
        login(&mut world, None, &refuses);
        login(&mut world, None, &asks);
        assert!(entry(&mut world).code_refused, "the toast is gone, what it said is not");
        assert_eq!(states(&mut world), (Some(KeyState::Confirmed), None), "a page only asks");
        world.done(Question::Fill { id });
        assert!(!entry(&mut world).code_refused);
    }
    login(&mut world, None, &refuses);
    world.sensed(LOGIN, FromContent::Typed("000000".into()));
    assert!(!entry(&mut world).code_refused, "typed by hand");
    login(&mut world, None, &refuses);
    world.done(Question::Trust { entry: id });
    assert!(!entry(&mut world).code_refused, "X accepted it, the user says");
    login(&mut world, Some("acme"), &refuses);
    assert!(!entry(&mut world).code_refused, "somebody else's");
    login(&mut world, None, &refuses);
    world.done(Question::Refuses { entry: id });
    assert_eq!(states(&mut world), (Some(KeyState::Stale), None));
    world.sensed(LOGIN, FromContent::Left);
    assert!(!entry(&mut world).code_refused);
}

#[test]
fn a_code_that_x_sent_is_not_ours_to_fill() {
    use longkey_core::refusal::Refusal;
    let (mut world, id) = confirmed();
    let popups = world.popups;
    login(&mut world, None, &[Mark::EmailCode]);
    assert!(entry(&mut world).code_sent && !entry(&mut world).code_wanted);
    for question in [Question::Fill { id }, Question::FillBackup { entry: id }] {
        if matches!(question, Question::FillBackup { .. }) {
            let text = longkey_core::secret::Secret::new("aaaaaaaaaaa1".into());
            world.done(Question::AddBackupCodes { entry: id, text });
        }
        assert_eq!(world.refusal(question), Refusal::CodeSent);
    }
    assert_eq!((world.filled.len(), world.popups), (0, popups), "nothing to give, nothing opens");
    login(&mut world, Some("acme"), &[Mark::EmailCode]);
    assert_eq!(world.refusal(Question::Fill { id }), Refusal::NoCodeField);
}

/// Beside "Fill on X" stands where: the set-up's tab, else the one login; two logins are none.
#[test]
fn the_host_that_is_filled_is_told() {
    let (mut world, _) = confirmed();
    let on = |world: &mut World| world.view().entries[0].fills_on.clone();
    assert_eq!(on(&mut world), None);
    let wants = || FromContent::Saw(Screen { marks: vec![Mark::CodeField], ..Screen::default() });
    world.sensed_in(5, "https://mobile.x.com/i/flow/login", wants());
    assert_eq!(on(&mut world).as_deref(), Some("mobile.x.com"));
    world.sensed_in(6, "https://twitter.com/i/flow/login", wants());
    assert_eq!(on(&mut world), None, "two logins, and only the user knows which");
    world.sensed_in(5, "https://mobile.x.com/i/flow/login", FromContent::Left);
    assert_eq!(on(&mut world).as_deref(), Some("twitter.com"));
    world.later(Span::minutes(1));
    world.x_shows_key(OTHER_KEY);
    world.x_asks_code();
    assert_eq!(world.view().drafts[0].fills_on.as_deref(), Some("x.com"));
}

#[test]
fn a_login_that_wants_a_backup_code_gets_the_next_one() {
    use longkey_core::backup_codes::BackupMark;
    use longkey_core::refusal::Refusal;
    let (mut world, entry) = confirmed();
    let text = longkey_core::secret::Secret::new("aaaaaaaaaaa1, aaaaaaaaaaa2".into());
    world.done(Question::AddBackupCodes { entry, text });
    assert_eq!(world.refusal(Question::FillBackup { entry }), Refusal::NoCodeField);
    login(&mut world, Some("standin_user"), &[Mark::CodeField]);
    assert_eq!(world.refusal(Question::FillBackup { entry }), Refusal::NoCodeField, "six digits are wanted");
    login(&mut world, Some("standin_user"), &[Mark::TextField]);
    assert!(world.view().entries[0].backup_wanted);
    world.done(Question::FillBackup { entry });
    assert_eq!(world.filled.pop(), Some((1, "aaaaaaaaaaa1".into())));
    let first = world.view().entries[0].backup[0].added;
    world.done(Question::MarkBackup { entry, mark: BackupMark::Used(first) });
    world.done(Question::FillBackup { entry });
    assert_eq!(world.filled.pop(), Some((1, "aaaaaaaaaaa2".into())));
}

#[test]
fn a_set_up_that_shows_nothing_known_is_told_once() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.x_shows(&["Confirm it is you"], &[Mark::Before]);
    world.sensed(ENROLMENT, FromContent::Still);
    assert!(!world.view().page_changed, "the password's step is known; typing takes its time");
    world.x_shows(&["A new kind of step"], &[]);
    assert!(!world.view().page_changed, "not yet");
    let toasts = world.told.len();
    world.sensed(ENROLMENT, FromContent::Still);
    world.sensed(ENROLMENT, FromContent::Still);
    assert!(world.view().page_changed);
    assert_eq!(world.told.len(), toasts + 1, "told once");
    world.x_shows_key(KEY);
    assert!(!world.view().page_changed, "there it is");
    world.x_shows(&["A new kind of step"], &[]);
    world.sensed(ENROLMENT, FromContent::Still);
    world.sensed(ENROLMENT, FromContent::Left);
    assert!(!world.view().page_changed);
    world.x_shows(&["A new kind of step"], &[]);
    world.sensed(ENROLMENT, FromContent::Still);
    shows(&mut world, SETTINGS, &[Mark::AppOn]);
    assert!(!world.view().page_changed, "on to another page");
    let login = "https://x.com/i/flow/login";
    world.sensed(login, FromContent::Saw(Screen::default()));
    world.sensed(login, FromContent::Still);
    assert!(!world.view().page_changed, "only the set-up has a key to show");
}

#[test]
fn what_went_stale_while_locked_is_history_after_unlocking() {
    let (mut world, _) = confirmed();
    world.done(Question::Lock);
    world.later(Span::minutes(1));
    world.x_shows_key(OTHER_KEY);
    keep(&mut world);
    world.sensed(ENROLMENT, FromContent::Left);
    shows(&mut world, SETTINGS, &[Mark::AppOff]);
    world.restart_browser();
    world.unlocks(1);
    let found = entry(&mut world);
    assert_eq!(states(&mut world), (Some(KeyState::Confirmed), None), "not pending again");
    assert_eq!((found.older, world.view().drafts.len()), (1, 0), "and not lost");
}

#[test]
fn it_still_works_brings_back_the_key_that_had_worked() {
    let (mut world, id) = confirmed();
    world.later(Span::minutes(1));
    world.x_shows_key(OTHER_KEY);
    keep(&mut world);
    world.sensed(ENROLMENT, FromContent::Left);
    world.later(Span::minutes(1));
    world.x_shows_key("MFRGGZDFMZTWQ2LK");
    assert_eq!(states(&mut world), (Some(KeyState::Confirmed), None));
    world.done(Question::Refuses { entry: id });
    world.later(Span::days(40));
    world.unlocks(1);
    world.done(Question::Trust { entry: id });
    let rows = world.rows.as_ref().map(|rows| &rows.rows).expect("rows");
    let confirmed: Vec<&str> =
        rows.iter().filter(|row| row.state == KeyState::Confirmed).map(|row| row.key.expose()).collect();
    assert_eq!(confirmed, [KEY], "not the one that X never took");
}

#[test]
fn what_was_seen_before_a_new_key_says_nothing_against_it() {
    let (mut world, id) = confirmed();
    world.done(Question::Lock);
    shows(&mut world, SETTINGS, &[Mark::AppOff]);
    world.later(Span::minutes(1));
    world.x_shows_key(OTHER_KEY);
    keep(&mut world);
    world.x_asks_code();
    let code = world.code_of(OTHER_KEY);
    world.x_accepts(&code);
    world.unlocks(1);
    assert_eq!(entry(&mut world).doubt, None);
    assert_eq!(states(&mut world), (Some(KeyState::Confirmed), None));
    assert_eq!(entry(&mut world).id, id);
}

#[test]
fn a_vault_that_locks_during_a_set_up_breaks_no_proof() {
    let (mut world, _) = waiting();
    world.done(Question::Lock);
    // X shows the same screen again: the locked vault cannot know that it has the key.
    world.x_shows_key(KEY);
    world.unlocks(1);
    assert_eq!(world.view().drafts, []);
    world.x_asks_code();
    let code = world.code_of(KEY);
    world.x_accepts(&code);
    assert_eq!(states(&mut world), (Some(KeyState::Confirmed), None));
    let inbox = &world.local[&longkey_core::effect::Key::Inbox];
    assert_eq!(inbox, "[]", "nothing stays behind");
}

#[test]
fn another_account_in_the_same_tab_gets_no_code_of_the_first() {
    let (mut world, id) = waiting();
    world.sensed(ENROLMENT, FromContent::Left);
    let screen = Screen { marks: vec![Mark::CodeField], handle: Some("acme".into()), ..Screen::default() };
    world.sensed(ENROLMENT, FromContent::Saw(screen));
    assert!(!entry(&mut world).code_wanted);
    assert_eq!(world.refusal(Question::Fill { id }), longkey_core::refusal::Refusal::NoCodeField);
}

#[test]
fn two_logins_that_both_could_be_meant_get_nothing() {
    let (mut world, id) = confirmed();
    login(&mut world, Some("standin_user"), &[Mark::CodeField]);
    let facts = |tab, handle: Option<&str>| {
        (tab, Screen { marks: vec![Mark::CodeField], handle: handle.map(Into::into), ..Screen::default() })
    };
    let (tab, screen) = facts(2, None);
    world.sensed_in(tab, LOGIN, FromContent::Saw(screen));
    assert_eq!(world.refusal(Question::Fill { id }), longkey_core::refusal::Refusal::LoginUnclear);
}

#[test]
fn a_page_that_went_without_a_word_is_noticed() {
    use longkey_core::effect::Event;
    let (mut world, _) = confirmed();
    login(&mut world, Some("standin_user"), &[Mark::CodeField]);
    world.happens(Event::Shows(1, Some(LOGIN.into())));
    assert!(entry(&mut world).code_wanted);
    for address in [Some("https://x.com/home".into()), None] {
        login(&mut world, Some("standin_user"), &[Mark::CodeField]);
        world.happens(Event::Shows(1, address));
        assert!(!entry(&mut world).code_wanted);
    }
}
