//! Stories: what happens, and what must come of it. Each is a list of events against the machine.

use crate::world::*;
use longkey_core::capture::KeyState;
use longkey_core::clock::Span;
use longkey_core::effect::{Event, Key};
use longkey_core::label::{AccountRef, Id};
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::Method;
use longkey_core::services::xquik::Verdict;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub(crate) fn first_draft(world: &mut World) -> DraftView {
    world.view().drafts.first().cloned().expect("a draft")
}

pub(crate) fn keep(world: &mut World, draft: Id) -> Id {
    match world.ask(Question::KeepDraft { draft, handle: "@standin_user".into() }) {
        Answer::Kept(id) => id,
        other => panic!("not kept: {other:?}"),
    }
}

pub(crate) fn captured_and_confirmed(world: &mut World, key: &str) -> Id {
    world.x_shows_key(key);
    let draft = first_draft(world).id;
    let entry = keep(world, draft);
    world.x_asks_code();
    let code = world.code_of(key);
    world.x_accepts(&code);
    entry
}

impl World {
    /// A sign-in as a page asks for it that shows what the view has.
    pub(crate) fn sign_in(&mut self, key: KeyChoice) -> Question {
        self.sign_in_of(self.account("900001"), key)
    }

    pub(crate) fn sign_in_of(&mut self, account: AccountRef, key: KeyChoice) -> Question {
        let shown = (key == KeyChoice::Saved).then(|| listed(self, &account));
        let (entry, since) = shown.map(|it| (it.entry, it.key_since)).unwrap_or_default();
        let password = Secret::new("not-a-real-password".into());
        Question::SignIn { account, password, key, email: None, region: None, entry, since }
    }

    pub(crate) fn signs_in(&mut self, key: KeyChoice) {
        let question = self.sign_in(key);
        self.done(question);
    }

    pub(crate) fn sign_in_refused(&mut self, key: KeyChoice) -> Refusal {
        let question = self.sign_in(key);
        self.refusal(question)
    }
}

pub(crate) fn listed(world: &mut World, account: &AccountRef) -> AccountView {
    let accounts = world.view().xquik.into_iter().flat_map(|it| it.accounts);
    accounts.into_iter().find(|it| it.id == *account).expect("listed")
}

pub(crate) fn attempt(world: &mut World) -> Option<Outcome> {
    let account = world.account("900001");
    listed(world, &account).attempt.map(|it| it.outcome)
}

/// The numbers of the checklist's steps that are ticked.
pub(crate) fn ticked(world: &mut World) -> Vec<u8> {
    world.view().resets.first().map(|it| it.done.iter().map(|step| step.number()).collect()).unwrap_or_default()
}

#[test]
fn the_main_job() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    assert_eq!(world.popups, 1, "the popup opens by itself");
    assert_eq!(world.badge, "KEY");
    let draft = first_draft(&mut world);
    assert_eq!((draft.head.as_str(), draft.tail.as_str()), ("JBSW", "3PXP"));
    assert_eq!(draft.handle.as_ref().map(|it| it.as_str()), Some("standin_user"));
    let entry = keep(&mut world, draft.id);
    assert_eq!(world.badge, "");
    world.x_asks_code();
    assert_eq!(world.popups, 2, "once more at the code step");
    assert!(world.view().entries[0].code_wanted);
    world.done(Question::Fill { id: entry });
    let code = world.code_of(KEY);
    assert_eq!(world.filled, [(1, code.clone())]);
    world.x_accepts(&code);
    let state = world.view().entries[0].current.clone().expect("a key").state;
    assert_eq!(state, KeyState::Confirmed);

    world.connects(ACCOUNTS);
    assert_eq!(world.badge, "2");
    world.signs_in(KeyChoice::Saved);
    let (call, _) = &world.sent[0];
    assert_eq!((call.method, call.path.as_str()), (Method::Post, "/api/v1/x/accounts/900001/reauth"));
    let body = call.body.as_ref().expect("a body").expose();
    assert_eq!(body, r#"{"password":"not-a-real-password","totp_secret":"JBSWY3DPEHPK3PXP"}"#);
    assert_eq!(attempt(&mut world), Some(Outcome::Running));
    world.service_answers(200, HEALTHY);
    let Some(Outcome::Answered { verdict, .. }) = attempt(&mut world) else { panic!("not answered") };
    assert_eq!(verdict, Verdict::SignedIn { country: None });
    assert_eq!(world.badge, "1");
}

#[test]
fn a_sighting_survives_everything_before_save() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    world.happens(Event::TabClosed(1));
    world.kill_worker();
    assert_eq!(first_draft(&mut world).tail, "3PXP");
    world.restart_browser();
    let draft = first_draft(&mut world);
    assert_eq!((draft.tail.as_str(), draft.kept), ("3PXP", false));
    keep(&mut world, draft.id);
    world.restart_browser();
    assert_eq!(world.view().entries.len(), 1);
    assert!(world.view().drafts.is_empty());
}

#[test]
fn not_now_forgets_it_for_good() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    let draft = first_draft(&mut world).id;
    world.done(Question::DropDraft { draft });
    world.restart_browser();
    assert!(world.view().drafts.is_empty());
    assert_eq!(world.local.get(&Key::Inbox).map(String::as_str), Some("[]"));
}

#[test]
fn a_locked_vault_still_receives_and_shows_the_first_code() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.done(Question::Lock);
    assert_eq!(world.view().vault, VaultState::Locked);
    assert!(world.rows.is_none());
    world.x_shows_key(KEY);
    let draft = first_draft(&mut world).id;
    assert_eq!(keep(&mut world, draft), draft);
    let rows = world.rows.as_ref().expect("rows");
    assert_eq!(rows.rows[0].key.expose(), KEY);
    world.x_asks_code();
    let code = world.code_of(KEY);
    world.done(Question::Fill { id: draft });
    world.x_accepts(&code);
    assert_eq!(first_draft(&mut world).state, KeyState::Confirmed);
    world.restart_browser();
    assert!(world.view().drafts.is_empty(), "nothing readable while locked");
    assert_eq!(world.unlocks(2), Answer::Refused(Refusal::PassphraseWrong));
    assert_eq!(world.unlocks(1), Answer::Done);
    let view = world.view();
    assert_eq!(view.vault, VaultState::Unlocked);
    assert_eq!(view.entries[0].current.as_ref().map(|it| it.state), Some(KeyState::Confirmed));
}

#[test]
fn a_wrong_code_on_x_confirms_nothing() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    let draft = first_draft(&mut world).id;
    keep(&mut world, draft);
    world.x_asks_code();
    world.sensed(ENROLMENT, FromContent::Typed("000000".into()));
    world.x_shows(&[], &[Mark::CodeField, Mark::Toast]);
    let entry = world.view().entries[0].clone();
    assert!(entry.code_refused);
    assert_eq!(entry.waiting.map(|it| it.state), Some(KeyState::Pending));
    // X accepts a code that was not ours: another authenticator holds another key.
    world.x_accepts("000000");
    assert_eq!(world.view().entries[0].waiting.as_ref().map(|it| it.state), Some(KeyState::Pending));
}

#[test]
fn success_without_a_submitted_code_proves_nothing() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    let draft = first_draft(&mut world).id;
    keep(&mut world, draft);
    world.x_shows(&[], &[Mark::Success]);
    assert_eq!(world.view().entries[0].waiting.as_ref().map(|it| it.state), Some(KeyState::Pending));
}

#[test]
fn a_page_never_touches_a_confirmed_key() {
    let mut world = World::new();
    captured_and_confirmed(&mut world, KEY);
    // A hostile page shows a key of its own, and plays the whole flow without the user's Save.
    world.later(Span::seconds(5));
    world.x_shows_key(OTHER_KEY);
    world.x_asks_code();
    let code = world.code_of(OTHER_KEY);
    world.x_accepts(&code);
    let view = world.view();
    assert_eq!(view.entries.len(), 1);
    assert_eq!(view.entries[0].current.as_ref().map(|it| it.state), Some(KeyState::Confirmed));
    let rows = world.rows.as_ref().expect("rows");
    let confirmed = rows.rows.iter().find(|row| !row.draft).expect("the entry's row");
    assert_eq!(confirmed.key.expose(), KEY);
    assert!(view.drafts[0].replaces);
}

#[test]
fn a_new_key_takes_the_old_ones_place_when_x_accepts_it() {
    let mut world = World::new();
    let entry = captured_and_confirmed(&mut world, KEY);
    world.later(Span::seconds(60));
    assert_eq!(captured_and_confirmed(&mut world, OTHER_KEY), entry);
    let view = world.view();
    assert_eq!((view.entries.len(), view.entries[0].older), (1, 1));
    let rows = world.rows.as_ref().expect("rows");
    assert_eq!(rows.rows[0].key.expose(), OTHER_KEY);
}

#[test]
fn starting_again_on_x_makes_the_first_sighting_dead() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    world.later(Span::seconds(5));
    world.sensed(ENROLMENT, FromContent::Left);
    world.x_shows_key(OTHER_KEY);
    let view = world.view();
    assert_eq!(view.drafts.len(), 1);
    assert_eq!(view.drafts[0].tail, "QOJQ");
}

#[test]
fn a_page_that_shows_key_after_key_fills_nothing() {
    let mut world = World::new();
    for number in 0..200_u32 {
        world.later(Span::seconds(2));
        let tail: String = (0..4).map(|at| char::from(b'A' + ((number >> (2 * at)) & 3) as u8)).collect();
        world.x_shows_key(&format!("JBSWY3DPEHPK{tail}"));
    }
    assert!(world.view().drafts.len() <= 8);
}

#[test]
fn key_missing_then_key_rejected_then_reset() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.connects(ACCOUNTS);
    assert_eq!(world.sign_in_refused(KeyChoice::Saved), Refusal::NoConfirmedKey);
    let entry = captured_and_confirmed(&mut world, KEY);
    world.signs_in(KeyChoice::Saved);
    world.service_answers(422, r#"{"error":"login_failed","message":"no"}"#);
    let Some(Outcome::Answered { verdict: Verdict::LoginFailed { reason: None, until: None }, .. }) =
        attempt(&mut world)
    else {
        panic!("not a failed login")
    };
    world.done(Question::Refuses { entry });
    assert_eq!(world.sign_in_refused(KeyChoice::Saved), Refusal::NoConfirmedKey);
    world.done(Question::Reset { handle: "standin_user".into(), mark: ResetMark::Start });
    world.later(Span::seconds(60));
    captured_and_confirmed(&mut world, OTHER_KEY);
    assert_eq!(ticked(&mut world), [1, 2, 3, 4, 5, 7], "the list ticks itself");
    // The page's look at the accounts is still under way.
    world.service_answers(200, ACCOUNTS);
    world.signs_in(KeyChoice::Saved);
    assert!(world.sent[0].0.body.as_ref().expect("a body").expose().contains(OTHER_KEY));
    world.service_answers(200, HEALTHY);
    assert!(world.view().resets.is_empty());
}

#[test]
fn what_cannot_be_saved_is_said_and_stays_on_the_screen() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.fail_writes = true;
    world.x_shows_key(KEY);
    assert!(matches!(world.told.last(), Some((1, ToastWords::NotSaved))));
    assert_eq!(first_draft(&mut world).tail, "3PXP", "the key is still shown");
    let draft = first_draft(&mut world).id;
    let kept = Question::KeepDraft { draft, handle: "standin_user".into() };
    assert_eq!(world.refusal(kept), Refusal::NotSaved);
    world.fail_writes = false;
    let draft = first_draft(&mut world).id;
    keep(&mut world, draft);
}

#[test]
fn a_refused_popup_becomes_a_toast() {
    let mut world = World::new();
    world.popup_refuses = true;
    world.x_shows_key(KEY);
    assert!(matches!(world.told.last(), Some((1, ToastWords::KeySeen))));
}

#[test]
fn a_code_is_filled_only_where_its_key_was_shown() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.done(Question::AddKey { text: Secret::new(KEY.into()), handle: "acme".into() });
    let id = world.view().entries[0].id;
    world.x_asks_code();
    assert_eq!(world.refusal(Question::Fill { id }), Refusal::NoCodeField);
    assert!(world.filled.is_empty());
}

#[test]
fn a_store_that_stays_full_does_not_keep_the_machine_busy() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.connects(ACCOUNTS);
    world.signs_in(KeyChoice::Theirs);
    world.fail_writes = true;
    world.service_answers(200, HEALTHY);
    world.kill_worker();
    assert_eq!(attempt(&mut world), Some(Outcome::Unknown));
    world.done(Question::Lock);
    assert_eq!(world.view().vault, VaultState::Locked);
}

#[test]
fn a_passphrase_that_could_not_be_set_leaves_the_vault_as_it_was() {
    let mut world = World::new();
    captured_and_confirmed(&mut world, KEY);
    world.fail_writes = true;
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    let refusal = world.refusal(Question::SetPassphrase { terms, derived: bytes(1) });
    assert_eq!(refusal, Refusal::NotSaved);
    world.fail_writes = false;
    assert_eq!(world.view().vault, VaultState::NotLocked);
    assert_eq!(world.view().entries.len(), 1);

    let mut first = World::new();
    first.fail_writes = true;
    let Answer::Terms(terms) = first.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    first.refusal(Question::SetPassphrase { terms, derived: bytes(1) });
    first.fail_writes = false;
    assert_eq!(first.view().vault, VaultState::None);
    first.x_shows_key(KEY);
    assert_eq!(first_draft(&mut first).tail, "3PXP");
}

#[test]
fn a_clock_that_is_set_back_does_not_silence_x() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    world.now = longkey_core::clock::UnixTime(world.now.0 - 3_600_000);
    world.x_shows_key(OTHER_KEY);
    assert_eq!(first_draft(&mut world).tail, "QOJQ");
}

#[test]
fn what_x_accepted_and_what_was_chosen_makes_no_room_for_others() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    world.x_asks_code();
    let code = world.code_of(KEY);
    world.x_accepts(&code);
    let accepted = first_draft(&mut world);
    assert_eq!(accepted.state, KeyState::Confirmed);
    assert_eq!(world.refusal(Question::DropDraft { draft: accepted.id }), Refusal::AcceptedByX);
    for number in 0..20_u32 {
        world.later(Span::seconds(2));
        let tail: String = (0..4).map(|at| char::from(b'A' + ((number >> (2 * at)) & 3) as u8)).collect();
        world.x_shows_key(&format!("JBSWY3DPEHPK{tail}"));
    }
    world.restart_browser();
    assert!(world.view().drafts.iter().any(|draft| draft.id == accepted.id));
}

#[test]
fn twelve_keys_captured_while_locked_are_twelve_keys() {
    let mut world = World::new();
    world.sets_passphrase(1);
    world.done(Question::Lock);
    for number in 0..12_u8 {
        world.later(Span::seconds(20));
        world.x_shows_key(&format!("JBSWY3DPEHPKAAA{}", char::from(b'A' + number)));
        let drafts = world.view().drafts;
        let draft = drafts.iter().find(|draft| !draft.kept).expect("the newest").id;
        world.ask(Question::KeepDraft { draft, handle: format!("standin_{number}") });
    }
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.view().entries.len(), 12);
}

#[test]
fn a_page_alone_adds_no_entry() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    world.x_asks_code();
    let code = world.code_of(KEY);
    world.x_accepts(&code);
    assert!(world.view().entries.is_empty());
    world.restart_browser();
    assert!(world.view().entries.is_empty());
    assert_eq!(first_draft(&mut world).state, KeyState::Confirmed, "and what X accepted is not lost");
}

#[test]
fn what_comes_after_a_new_passphrase_is_not_for_the_old_one() {
    let mut world = World::new();
    world.sets_passphrase(1);
    let inbox = |world: &World| {
        let place = if world.local[&Key::Head].contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
        longkey_core::vault::envelope::parse(&world.local[&place]).expect("a vault").header.inbox
    };
    let before = inbox(&world);
    world.x_shows_key(KEY);
    world.sets_passphrase(2);
    assert_ne!(before, inbox(&world));
    world.restart_browser();
    assert_eq!(world.unlocks(2), Answer::Done);
    assert_eq!(first_draft(&mut world).tail, "3PXP", "what lay in the inbox moved along");
}

#[test]
fn a_code_that_was_sent_from_one_page_is_not_accepted_by_another() {
    for next in [Some("one"), Some("two")] {
        let mut world = World::new();
        world.document = Some("one");
        world.x_shows_key(KEY);
        let draft = first_draft(&mut world).id;
        keep(&mut world, draft);
        world.x_asks_code();
        let code = world.code_of(KEY);
        world.sensed(ENROLMENT, FromContent::Typed(code));
        // The page is gone without a word, or was not: another one shows X's last step.
        world.document = next;
        world.x_shows(&["You are all set"], &[Mark::Success]);
        let state = world.view().entries[0].current.as_ref().map(|it| it.state);
        assert_eq!(state == Some(KeyState::Confirmed), next == Some("one"), "{next:?}");
    }
}

#[test]
fn the_farewell_of_the_page_before_forgets_nothing_of_the_one_that_came() {
    let mut world = World::new();
    world.x_shows_key(KEY);
    let draft = first_draft(&mut world).id;
    keep(&mut world, draft);
    let wanted = |world: &mut World| world.view().entries.iter().any(|it| it.code_wanted);
    for (page, farewell, forgets) in [
        (Some("new"), Some("old"), false),
        (Some("new"), Some("new"), true),
        // A browser that does not tell: the farewell counts.
        (None, Some("old"), true),
        (Some("new"), None, true),
    ] {
        world.document = page;
        world.x_asks_code();
        assert!(wanted(&mut world));
        world.document = farewell;
        world.sensed(ENROLMENT, FromContent::Left);
        assert_eq!(wanted(&mut world), !forgets, "{page:?} {farewell:?}");
    }
}
