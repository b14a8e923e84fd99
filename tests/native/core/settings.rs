//! Settings that are small: whether the popup opens by itself, what is known of the clock, and the diagnostic text.

use crate::world::*;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::diagnostic::{Diagnostic, Line, OUTCOMES, known};
use longkey_core::effect::Key;
use longkey_core::protocol::*;
use longkey_core::services::xquik::Verdict;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn toasts(world: &World) -> usize {
    world.told.iter().filter(|it| matches!(it, (_, ToastWords::KeySeen))).count()
}

#[test]
fn a_popup_that_stays_shut_leaves_toast_and_badge() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.done(Question::StaysShut(true));
    assert!(world.view().stays_shut);
    world.kill_worker();
    world.x_shows_key(KEY);
    assert_eq!((world.popups, toasts(&world), world.badge.as_str()), (0, 1, "KEY"));
    // Saved: nothing says any more that a key is to be seen.
    let draft = world.view().drafts[0].id;
    world.done(Question::KeepDraft { draft, handle: "standin_user".into() });
    world.x_asks_code();
    assert_eq!((world.popups, toasts(&world)), (0, 1));
    let mut world = World::new();
    world.done(Question::StaysShut(true));
    world.done(Question::StaysShut(false));
    assert!(!world.view().stays_shut);
    world.x_shows_key(KEY);
    assert_eq!((world.popups, toasts(&world)), (1, 0), "it opens again");
}

#[test]
fn a_key_that_cannot_be_kept_is_said_over_everything_else() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    world.done(Question::StaysShut(true));
    world.fail_writes = true;
    world.x_shows_key(KEY);
    assert_eq!(world.popups, 0);
    assert!(matches!(world.told.last(), Some((_, ToastWords::NotSaved))), "{:?}", world.told);
}

#[test]
fn the_text_has_numbers_and_words_of_ours() {
    let mut it = Diagnostic::default();
    it.part("Longkey");
    it.version("version", "0.1.20.@needle");
    it.line("vault", Line::Word("locked"));
    it.line("keys", Line::Count(12));
    it.line("granted", Line::Is(true));
    it.line("clock", Line::Ahead(-40));
    it.line("checked", Line::Unknown);
    let now = UnixTime::from_seconds(1_000_000);
    it.times("login_failed", 2, now.less(i64::try_from(Span::minutes(119).0).expect("small")), now);
    it.times("cooldown", 0, now, now);
    let (_, text) = it.text().split_once('\n').expect("a first line");
    let expected = "\nLongkey\n  version: 0.1.20\n  vault: locked\n  keys: 12\n  granted: yes\n  clock: -40 s ahead\n  checked: unknown\n  login_failed: 2\n    latest: 1 h ago\n";
    assert_eq!(text, expected);
}

/// A word that comes from elsewhere is one of ours, or none.
#[test]
fn each_outcome_has_its_word() {
    let Err(error) = serde_json::from_str::<Verdict>("\"?\"") else { panic!("a verdict of that name") };
    let words = error.to_string();
    let (_, names) = words.split_once("expected ").expect("serde names the variants");
    for name in names.split('`').skip(1).step_by(2).chain(["running", "unknown"]) {
        assert_eq!(known(name, OUTCOMES), name);
    }
    assert_eq!(known("acme_support", OUTCOMES), "other");
}

#[test]
fn the_language_of_the_background_goes_with_everything_else() {
    let mut world = World::new();
    world.done(Question::Language("pt_BR".into()));
    assert_eq!(world.local.get(&Key::Language).map(String::as_str), Some("pt_BR"));
    world.kill_worker();
    assert_eq!(world.view().vault, VaultState::None, "it is no sign of a vault");
    world.sets_passphrase(1);
    world.done(Question::Erase { word: "erase".into() });
    assert!(world.local.is_empty() && world.mirror.is_empty());
}
