//! Ways of opening the vault: what opens it, what does not any more, and how fast one may guess.

use crate::world::*;
use longkey_core::base64;
use longkey_core::clock::Span;
use longkey_core::effect::{Copy, Key};
use longkey_core::env::Env;
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::{Key32, Secret};
use longkey_core::vault::backup::Raw;
use longkey_core::vault::envelope;
use longkey_core::vault::recovery::RecoveryCode;
use longkey_core::vault::work::Work;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn add(world: &mut World, key: &str, handle: &str) {
    world.done(Question::AddKey { text: Secret::new(key.into()), handle: handle.into() });
}

fn with_passphrase() -> World {
    let mut world = World::new();
    world.sets_passphrase(1);
    add(&mut world, KEY, "standin_user");
    world
}

fn recovery(world: &mut World) -> Secret {
    let Answer::Recovery(code) = world.ask(Question::NewRecovery) else { panic!("no code") };
    world.done(Question::KeepRecovery { typed: code.clone() });
    code
}

fn passkey(world: &mut World, secret: u8) -> PasskeyTerms {
    let Answer::PasskeyTerms(terms) = world.ask(Question::NewPasskeyTerms) else { panic!("no terms") };
    let credential = base64::print(b"credential");
    world.done(Question::AddPasskey { terms: terms.clone(), credential, derived: bytes(secret) });
    terms
}

/// Every text that lies in either store and is a vault, at any generation.
fn vaults(world: &World) -> Vec<String> {
    let texts = world.local.values().chain(world.mirror.values());
    texts.filter_map(|text| text.rsplit('\n').next()).filter(|it| it.starts_with("longkey")).map(Into::into).collect()
}

/// Whether any slot of any vault in the stores opens with this secret.
pub(crate) fn opens_anything(world: &World, secret: &Key32) -> bool {
    let envelopes = vaults(world).into_iter().filter_map(|text| envelope::parse(&text).ok());
    envelopes
        .flat_map(|it| it.header.slots.clone().into_iter().map(move |slot| (slot, it.header.vault)))
        .any(|(slot, vault)| slot.open(&vault, secret).is_some())
}

fn key_of(byte: u8) -> Key32 {
    Key32::new([byte; 32])
}

#[test]
fn setting_a_passphrase_leaves_no_way_in_without_it() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    add(&mut world, KEY, "standin_user");
    let device = Key32::from_text(&Secret::new(world.local[&Key::Device].clone())).expect("a device key");
    assert!(opens_anything(&world, &device));
    let before = vaults(&world);
    world.sets_passphrase(1);
    assert!(!world.local.contains_key(&Key::Device) && !world.mirror.contains_key(&Copy::Device));
    assert_eq!(world.local[&Key::Vault0], world.local[&Key::Vault1]);
    assert!(vaults(&world).iter().all(|text| !before.contains(text)), "no older generation stays, also in the mirror");
    assert!(!opens_anything(&world, &device));
    world.restart_browser();
    assert_eq!(world.view().vault, VaultState::Locked);
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.view().entries.len(), 1);
}

#[test]
fn after_a_new_vault_key_nothing_old_opens_anywhere() {
    let mut world = with_passphrase();
    let code = recovery(&mut world);
    passkey(&mut world, 7);
    // Raw bytes of a damage that opened with the old passphrase, too.
    world.local.insert(Key::Vault0, "?".into());
    world.local.insert(Key::Vault1, world.local[&Key::Vault1].clone());
    world.local.insert(Key::Head, "?".into());
    world.kill_worker();
    assert!(world.view().quarantined);
    let code = RecoveryCode::parse(code.expose()).expect("a code").key();
    for secret in [&key_of(1), &key_of(7), &code] {
        assert!(opens_anything(&world, secret));
    }
    world.sets_passphrase(2);
    for secret in [&key_of(1), &key_of(7), &code] {
        assert!(!opens_anything(&world, secret));
    }
    assert!(!world.view().quarantined);
    assert_eq!(world.view().ways, [Way::Passphrase { small: false }]);
    world.done(Question::Lock);
    assert_eq!(world.unlocks(1), Answer::Refused(Refusal::PassphraseWrong));
    assert_eq!(world.unlocks(2), Answer::Done);
}

#[test]
fn a_copy_that_cannot_be_rewritten_is_said_and_put_right_later() {
    let mut world = with_passphrase();
    world.silent_mirror = true;
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    assert_eq!(world.refusal(Question::SetPassphrase { terms, derived: bytes(2) }), Refusal::CopiesLeft);
    world.silent_mirror = false;
    world.kill_worker();
    world.view();
    assert!(!opens_anything(&world, &key_of(1)), "the next reading removed the old copies");
    world.done(Question::Lock);
    assert_eq!(world.unlocks(2), Answer::Done);
}

/// A power cut after a new vault key: the copy was flushed to the disk, the store falls back to before it.
#[test]
fn a_store_that_fell_back_to_before_a_new_vault_key_opens_with_nothing_old() {
    // A first passphrase, and a change of it; also where what waited to be saved is damaged.
    for (before, damaged) in [(None, false), (Some(1), false), (Some(1), true)] {
        let mut world = World::new();
        match before {
            Some(derived) => world.sets_passphrase(derived),
            None => world.done(Question::SkipPassphrase),
        }
        add(&mut world, KEY, "standin_user");
        // Raw bytes of a damage, which open with what is given up.
        let Answer::File(damage) = world.ask(Question::Sealed) else { panic!("no file") };
        world.local.insert(Key::Quarantine0, damage.expose().into());
        // A key that waits to be saved, sealed to the vault of that day.
        world.x_shows_key(OTHER_KEY);
        let old = match before {
            Some(derived) => key_of(derived),
            None => Key32::from_text(&Secret::new(world.local[&Key::Device].clone())).expect("a device key"),
        };
        let fallen = world.local.clone();
        assert!(opens_anything(&world, &old));
        world.sets_passphrase(2);
        assert!(!opens_anything(&world, &old));
        world.local = fallen;
        if damaged {
            world.local.insert(Key::Inbox, "[{".into());
        }
        world.restart_browser();
        let view = world.view();
        assert_eq!((view.vault, view.notices, view.quarantined), (VaultState::Locked, vec![Notice::WasOlder], false));
        assert!(!opens_anything(&world, &old), "{before:?}");
        for gone in [Key::Device, Key::Quarantine0, Key::Quarantine1, Key::Quarantine2] {
            assert!(!world.local.contains_key(&gone), "{before:?}: {gone:?}");
        }
        assert_eq!(world.unlocks(2), Answer::Done);
        let view = world.view();
        assert_eq!((view.entries.len(), view.drafts.len()), (1, 1), "{before:?}: nor is the draft lost");
        let draft = view.drafts[0].id;
        world.done(Question::KeepDraft { draft, handle: "acme".into() });
        assert_eq!(world.view().entries.len(), 2);
    }
}

/// The same vault key: an older place is a spare, and what was kept of a damage stays.
#[test]
fn a_store_that_fell_back_under_the_same_vault_key_keeps_what_was_kept() {
    let mut world = with_passphrase();
    world.local.insert(Key::Quarantine0, "{}".into());
    let fallen = world.local.clone();
    add(&mut world, OTHER_KEY, "acme");
    world.local = fallen;
    world.restart_browser();
    assert_eq!(world.view().notices, [Notice::WasOlder]);
    assert_eq!(world.local[&Key::Quarantine0], "{}");
    assert_eq!(world.unlocks(1), Answer::Done);
    assert_eq!(world.view().entries.len(), 2);
}

#[test]
fn a_recovery_code_counts_only_once_it_was_typed_back() {
    let mut world = with_passphrase();
    let Answer::Recovery(code) = world.ask(Question::NewRecovery) else { panic!("no code") };
    assert_eq!(world.view().ways.len(), 1);
    let other = RecoveryCode::make(&mut Env { now: START, rng: &mut Counter::default() }).print();
    assert_eq!(world.refusal(Question::KeepRecovery { typed: other }), Refusal::RecoveryDiffers);
    world.kill_worker();
    let sloppy = code.expose().to_lowercase().replace('-', "  ");
    world.done(Question::KeepRecovery { typed: Secret::new(sloppy) });
    assert!(world.view().ways.contains(&Way::Recovery));
    // A second one would outlive the first's removal.
    let Answer::Recovery(second) = world.ask(Question::NewRecovery) else { panic!("no code") };
    assert_eq!(world.refusal(Question::KeepRecovery { typed: second }), Refusal::WayTaken);
    world.done(Question::Lock);
    world.done(Question::Recover { code });
    let view = world.view();
    assert_eq!((view.vault, view.recovered, view.entries.len()), (VaultState::Unlocked, true, 1));
}

#[test]
fn a_used_recovery_code_is_used_up_by_the_new_passphrase() {
    let mut world = with_passphrase();
    let code = recovery(&mut world);
    world.restart_browser();
    world.done(Question::Recover { code: code.clone() });
    world.kill_worker();
    assert!(world.view().recovered, "the worker's death changes nothing");
    world.sets_passphrase(3);
    assert!(!world.view().recovered);
    world.done(Question::Lock);
    assert_eq!(world.refusal(Question::Recover { code }), Refusal::RecoveryWrong);
    assert_eq!(world.unlocks(1), Answer::Refused(Refusal::PassphraseWrong));
    assert_eq!(world.unlocks(3), Answer::Done);
    recovery(&mut world);
}

/// Whoever leaves without a new passphrase is asked for it again, whatever opens the vault the next time.
#[test]
fn a_used_recovery_code_stays_due_until_there_is_a_new_passphrase() {
    let mut world = with_passphrase();
    let code = recovery(&mut world);
    passkey(&mut world, 7);
    let Some(Way::Passkey { terms, .. }) = world.view().ways.pop() else { panic!("no passkey") };
    world.done(Question::Lock);
    world.done(Question::Recover { code: code.clone() });
    assert!(world.view().recovered);
    for restart in [false, true] {
        world.done(Question::Lock);
        assert!(!world.view().recovered, "nothing is said of a locked vault");
        if restart {
            world.restart_browser();
        }
        assert_eq!(world.unlocks(1), Answer::Done);
        assert!(world.view().recovered, "by the passphrase");
        world.done(Question::Lock);
        world.done(Question::Unlock { slot: terms.slot, derived: bytes(7) });
        assert!(world.view().recovered, "by the passkey");
        world.done(Question::StaysShut(restart));
        assert!(world.view().recovered, "other settings change nothing of it");
    }
    // A passphrase that was not written does not count.
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    world.fail_writes = true;
    assert_eq!(world.refusal(Question::SetPassphrase { terms, derived: bytes(3) }), Refusal::NotSaved);
    world.fail_writes = false;
    assert_eq!(world.unlocks(1), Answer::Done);
    assert!(world.view().recovered);
    world.sets_passphrase(3);
    for _ in 0..2 {
        assert!(!world.view().recovered);
        world.restart_browser();
        assert_eq!(world.unlocks(3), Answer::Done);
    }
    world.done(Question::Lock);
    assert_eq!(world.refusal(Question::Recover { code }), Refusal::RecoveryWrong);
    // Nor is it due in another vault.
    assert_eq!(world.unlocks(3), Answer::Done);
    let code = recovery(&mut world);
    world.done(Question::Lock);
    world.done(Question::Recover { code });
    world.done(Question::Erase { word: "erase".into() });
    world.sets_passphrase(4);
    world.restart_browser();
    assert_eq!(world.unlocks(4), Answer::Done);
    assert!(!world.view().recovered);
}

/// The head is lost, so what the code opened is read once more before it counts.
#[test]
fn a_recovery_code_that_proves_a_vault_is_used_like_any_other() {
    let mut world = with_passphrase();
    let code = recovery(&mut world);
    world.local.remove(&Key::Head);
    world.mirror.clear();
    world.restart_browser();
    world.done(Question::Recover { code });
    assert!(world.view().recovered);
    world.done(Question::Lock);
    assert_eq!(world.unlocks(1), Answer::Done);
    assert!(world.view().recovered);
}

#[test]
fn a_typo_in_a_recovery_code_is_told_from_a_wrong_one() {
    let mut world = with_passphrase();
    let code = recovery(&mut world);
    world.done(Question::Lock);
    let mut letters: Vec<char> = code.expose().chars().collect();
    for at in 0..letters.len() {
        let right = letters[at];
        if right == '-' {
            continue;
        }
        letters[at] = if right == 'A' { 'B' } else { 'A' };
        let typed = Secret::new(letters.iter().collect());
        let refusal = world.refusal(Question::Recover { code: typed });
        letters[at] = right;
        // One in 4,096 mistyped codes passes the check; none of these does, or the answer is "wrong".
        assert!(matches!(refusal, Refusal::RecoveryTypo | Refusal::RecoveryWrong), "{refusal:?}");
    }
    for typed in ["", "ABCD", "U", "ABCD-EFGH-0000-0000-0000-0000-0000-0000"] {
        assert_eq!(world.refusal(Question::Recover { code: Secret::new(typed.into()) }), Refusal::RecoveryTypo);
    }
    world.done(Question::Recover { code });
}

#[test]
fn codes_are_read_as_they_are_printed() {
    let mut rng = Counter::default();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let code = RecoveryCode::make(&mut Env { now: START, rng: &mut rng });
        let text = code.print();
        assert_eq!(text.expose().len(), 34, "seven groups of four");
        assert!(RecoveryCode::parse(text.expose()).is_ok_and(|it| it == code));
        let alike = text.expose().replace('0', "o").replace('1', "l");
        assert!(RecoveryCode::parse(&alike).is_ok_and(|it| it == code), "look-alikes as the alphabet prescribes");
        assert!(!format!("{code:?}").contains(&text.expose()[..4]));
        seen.insert(text.expose().to_owned());
    }
    assert_eq!(seen.len(), 200);
}

#[test]
fn a_passkey_opens_until_it_is_removed() {
    let mut world = with_passphrase();
    let terms = passkey(&mut world, 7);
    let Some(Way::Passkey { terms: shown, credential }) = world.view().ways.pop() else { panic!("no passkey") };
    assert_eq!((&shown, credential.as_str()), (&terms, base64::print(b"credential").as_str()));
    world.restart_browser();
    let with = |secret| Question::Unlock { slot: shown.slot, derived: bytes(secret) };
    assert_eq!(world.refusal(with(6)), Refusal::PasskeyWrong);
    world.done(with(7));
    assert_eq!(world.view().entries.len(), 1);
    let Answer::Terms(own) = world.ask(Question::UnlockTerms) else { panic!("no terms") };
    let only = |secret| Question::OnlyPassphrase { slot: own.slot, derived: bytes(secret) };
    assert_eq!(world.refusal(only(9)), Refusal::PassphraseWrong);
    world.done(only(1));
    assert_eq!(world.view().ways, [Way::Passphrase { small: false }]);
    assert!(!opens_anything(&world, &key_of(7)));
    world.done(Question::Lock);
    assert!(matches!(world.ask(with(7)), Answer::Refused(_)));
    assert_eq!(world.unlocks(1), Answer::Done);
}

#[test]
fn without_a_passphrase_there_is_nothing_to_recover() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    assert_eq!(world.refusal(Question::NewRecovery), Refusal::PassphraseMissing);
    let terms = PasskeyTerms { slot: longkey_core::label::Id::new([1; 8]), salt: base64::print(&[1; 32]) };
    let adds = Question::AddPasskey { terms, credential: base64::print(b"c"), derived: bytes(7) };
    assert_eq!(world.refusal(adds), Refusal::PassphraseMissing);
}

#[test]
fn locked_nothing_can_be_added_and_a_shown_code_is_forgotten() {
    let mut world = with_passphrase();
    let Answer::Recovery(code) = world.ask(Question::NewRecovery) else { panic!("no code") };
    world.done(Question::Lock);
    assert_eq!(world.refusal(Question::NewRecovery), Refusal::Locked);
    assert_eq!(world.refusal(Question::KeepRecovery { typed: code.clone() }), Refusal::Locked);
    world.unlocks(1);
    assert_eq!(world.refusal(Question::KeepRecovery { typed: code }), Refusal::RecoveryDiffers);
}

/// The passphrase once more, of an open vault: what the session holds stays, also a recovery code that waits to be typed back.
#[test]
fn checking_the_passphrase_changes_nothing_and_counts_like_unlocking() {
    let mut world = with_passphrase();
    passkey(&mut world, 7);
    let Answer::Recovery(code) = world.ask(Question::NewRecovery) else { panic!("no code") };
    let Answer::Terms(own) = world.ask(Question::UnlockTerms) else { panic!("no terms") };
    let check = |secret| Question::CheckPassphrase { slot: own.slot, derived: bytes(secret) };
    world.done(check(1));
    world.done(Question::KeepRecovery { typed: code.clone() });
    // Not with another way in.
    let Some(Way::Passkey { terms, .. }) = world.view().ways.into_iter().find(|it| matches!(it, Way::Passkey { .. }))
    else {
        panic!("no passkey")
    };
    let other = Question::CheckPassphrase { slot: terms.slot, derived: bytes(7) };
    assert_eq!(world.refusal(other), Refusal::PassphraseWrong);

    for _ in 0..3 {
        assert_eq!(world.refusal(check(9)), Refusal::PassphraseWrong);
    }
    assert!(matches!(world.refusal(check(1)), Refusal::TooSoon { .. }), "the right one waits as well");
    world.kill_worker();
    assert!(matches!(world.refusal(check(1)), Refusal::TooSoon { .. }), "a new worker has not forgotten it");
    world.later(Span::seconds(1));
    world.done(check(1));
    assert_eq!(world.refusal(check(9)), Refusal::PassphraseWrong, "counted anew");

    // Locked, it opens nothing; and a passphrase that is due stays due.
    world.done(Question::Lock);
    assert_eq!(world.refusal(check(1)), Refusal::Locked);
    assert_eq!(world.view().vault, VaultState::Locked);
    world.done(Question::Recover { code });
    world.done(check(1));
    assert!(world.view().recovered);
}

#[test]
fn guessing_waits_at_most_five_seconds() {
    let mut world = with_passphrase();
    world.done(Question::Lock);
    let mut waits = vec![];
    for _ in 0..10 {
        let mut waited = 0;
        while let Answer::Refused(Refusal::TooSoon { seconds }) = world.unlocks(9) {
            assert!((1..=5).contains(&seconds));
            assert_eq!(world.unlocks(1), Answer::Refused(Refusal::TooSoon { seconds }), "the right one waits as well");
            waited += 1;
            world.later(Span::seconds(1));
            // The worker's death shortens nothing.
            world.kill_worker();
        }
        waits.push(waited);
    }
    assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 5, 5, 5]);
    world.later(Span::seconds(5));
    assert_eq!(world.unlocks(1), Answer::Done);
    world.done(Question::Lock);
    assert_eq!(world.unlocks(9), Answer::Refused(Refusal::PassphraseWrong));
    assert_eq!(world.unlocks(1), Answer::Done, "counted anew");
}

#[test]
fn a_clock_set_back_locks_nobody_out() {
    let mut world = with_passphrase();
    world.done(Question::Lock);
    for _ in 0..8 {
        world.unlocks(9);
        world.later(Span::seconds(6));
    }
    world.unlocks(9);
    world.now = START;
    assert_eq!(world.unlocks(1), Answer::Done);
}

#[test]
fn a_slot_made_with_little_memory_is_raised() {
    let mut world = World::new();
    let Answer::Terms(mut terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    terms.work = Work::SMALL;
    world.done(Question::SetPassphrase { terms, derived: bytes(1) });
    assert_eq!(world.view().ways, [Way::Passphrase { small: true }]);
    let code = recovery(&mut world);
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    let Answer::Terms(old) = world.ask(Question::UnlockTerms) else { panic!("no terms") };
    let stale = longkey_core::label::Id::new([9; 8]);
    let asks = |slot| Question::RaiseWork { slot, terms: terms.clone(), derived: bytes(2) };
    assert_eq!(world.refusal(asks(stale)), Refusal::NoVault, "the passphrase was changed meanwhile");
    world.done(asks(old.slot));
    assert_eq!(world.view().ways, [Way::Passphrase { small: false }, Way::Recovery]);
    assert!(!opens_anything(&world, &key_of(1)), "the cheap slot is nowhere");
    world.done(Question::Lock);
    assert_eq!(world.unlocks(2), Answer::Done);
    world.done(Question::Lock);
    world.done(Question::Recover { code });
}

#[test]
fn drafts_that_wait_survive_a_new_passphrase() {
    let mut world = with_passphrase();
    world.done(Question::Lock);
    world.x_shows_key(OTHER_KEY);
    assert_eq!(world.unlocks(1), Answer::Done);
    world.sets_passphrase(2);
    world.restart_browser();
    assert_eq!(world.unlocks(2), Answer::Done);
    let draft = world.view().drafts.first().cloned().expect("a draft");
    assert!(matches!(world.ask(Question::KeepDraft { draft: draft.id, handle: "acme".into() }), Answer::Kept(_)));
    assert_eq!(world.view().entries.len(), 2);
}

#[test]
fn a_sealed_file_holds_what_lies_there_and_no_plain_word() {
    let mut world = with_passphrase();
    world.connects(ACCOUNTS);
    let Answer::File(file) = world.ask(Question::Sealed) else { panic!("no file") };
    let raw: Raw<'_> = serde_json::from_str(file.expose()).expect("JSON");
    assert!(raw.local.iter().any(|(name, text)| name == "vault.0" && *text == world.local[&Key::Vault0]));
    assert!(!raw.mirror.is_empty());
    for plain in [KEY, API_KEY, "standin_user", "acme_support"] {
        assert!(!file.expose().contains(plain));
    }
}
