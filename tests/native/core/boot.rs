//! What two stores may hold when the worker starts, and what must come of each pair: the table of the design, told again
//! as rows, with and without the mark that there was a vault.

use crate::world::*;
use longkey_core::effect::{Copy, Key};
use longkey_core::protocol::*;
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What one store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Nothing,
    /// Generation 3: two keys.
    Valid,
    /// Generation 2: one key.
    Older,
    /// Generation 4: three keys.
    Newer,
    /// Generation 3 by another writer.
    Other,
    /// Another vault, which is further on.
    Stranger,
    /// Bytes that are none of ours.
    Damaged,
    /// Written by a later Longkey.
    Later,
    /// It does not answer.
    Silent,
}
use Holds::*;

/// What must come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Comes {
    First,
    /// The vault with so many keys, and what is told.
    Open(usize, Option<Notice>),
    Trouble(Refusal),
}

pub(crate) const PASSPHRASE: u8 = 1;

pub(crate) fn add(world: &mut World, key: &str, handle: &str) {
    world.done(Question::AddKey { text: Secret::new(key.into()), handle: handle.into() });
}

/// Stores at each generation.
struct Past {
    generations: Vec<(BTreeMap<Key, String>, BTreeMap<Copy, String>)>,
    other: (BTreeMap<Key, String>, BTreeMap<Copy, String>),
    stranger: (BTreeMap<Key, String>, BTreeMap<Copy, String>),
}

fn past() -> Past {
    let keys = ["JBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQ", "MFRGGZDFMZTWQ2LK"];
    let mut world = World::new();
    world.sets_passphrase(PASSPHRASE);
    let mut generations = vec![];
    let mut other = None;
    for (at, key) in keys.iter().enumerate() {
        if at == 1 {
            let mut fork = World::new();
            (fork.local, fork.mirror, fork.memory) = (world.local.clone(), world.mirror.clone(), world.memory.clone());
            add(&mut fork, "NBSWY3DPFQQHO33S", "forked");
            other = Some((fork.local, fork.mirror));
        }
        add(&mut world, key, &format!("account_{at}"));
        generations.push((world.local.clone(), world.mirror.clone()));
    }
    let mut stranger = World::new();
    // Other randomness: another vault id.
    stranger.stir(9);
    stranger.sets_passphrase(PASSPHRASE);
    for (at, key) in keys.iter().enumerate().chain(keys.iter().enumerate()) {
        stranger.ask(Question::AddKey { text: Secret::new((*key).into()), handle: format!("stranger_{at}") });
    }
    let stranger = (stranger.local, stranger.mirror);
    Past { generations, other: other.expect("a fork"), stranger }
}

impl Past {
    fn world(&self, local: Holds, mirror: Holds, born: bool) -> World {
        let mut world = World::new();
        // No id comes twice.
        world.stir(11);
        let valid = &self.generations[1];
        world.local = match local {
            Nothing | Silent => BTreeMap::new(),
            Valid => valid.0.clone(),
            Older => self.generations[0].0.clone(),
            Newer => self.generations[2].0.clone(),
            Other => self.other.0.clone(),
            Stranger => self.stranger.0.clone(),
            Damaged => damaged(&valid.0, &[Key::Vault0, Key::Vault1, Key::Head]),
            Later => later(&valid.0, &[Key::Vault0, Key::Vault1]),
        };
        world.mirror = match mirror {
            Nothing | Silent => BTreeMap::new(),
            Valid => valid.1.clone(),
            Older => self.generations[0].1.clone(),
            Newer => self.generations[2].1.clone(),
            Other => self.other.1.clone(),
            Stranger => self.stranger.1.clone(),
            Damaged => damaged(&valid.1, &Copy::RING),
            Later => later(&valid.1, &Copy::RING),
        };
        if born {
            world.local.insert(Key::Born, "1".into());
            world.mirror.insert(Copy::Born, "1".into());
        } else {
            world.local.remove(&Key::Born);
            world.mirror.remove(&Copy::Born);
        }
        world.silent_store = local == Silent;
        world.silent_mirror = mirror == Silent;
        world
    }
}

fn damaged<K: Ord + core::marker::Copy>(texts: &BTreeMap<K, String>, which: &[K]) -> BTreeMap<K, String> {
    let mut texts = texts.clone();
    for key in which {
        if let Some(text) = texts.get_mut(key) {
            text.insert(text.len() / 2, '?');
        }
    }
    texts
}

fn later<K: Ord + core::marker::Copy>(texts: &BTreeMap<K, String>, which: &[K]) -> BTreeMap<K, String> {
    let mut texts = texts.clone();
    for key in which {
        let Some(text) = texts.get_mut(key) else { continue };
        let (head, vault) = text.split_once('\n').map_or((None, text.as_str()), |(head, vault)| (Some(head), vault));
        let vault = vault.replacen("longkey1", "longkey9", 1);
        // A later version has its checksum in its head, as this one does.
        let sum = longkey_core::vault::crypto::checksum(&vault);
        *text = match head {
            Some(head) => {
                let mut head: serde_json::Value = serde_json::from_str(head).expect("a head");
                head["sha256"] = sum.into();
                format!("{head}\n{vault}")
            }
            None => vault,
        };
    }
    texts
}

/// The design's table. `born` only matters where nothing valid is left.
fn expected(local: Holds, mirror: Holds, born: bool) -> Comes {
    use Comes::{First, Open, Trouble};
    let keys = |holds| match holds {
        Older => 1,
        Valid | Other => 2,
        Newer => 3,
        _ => 6,
    };
    let whole = |holds| matches!(holds, Valid | Older | Newer | Other | Stranger);
    match (local, mirror) {
        (Later, _) | (_, Later) => Trouble(Refusal::StoreNewer),
        (Silent, mirror) if whole(mirror) => Open(keys(mirror).min(3), Some(Notice::ReadOnly)),
        (Silent, _) => Trouble(Refusal::StoreSilent),
        (Stranger, Stranger) => Open(3, None),
        (local, Stranger) if whole(local) => Trouble(Refusal::StoreConflict),
        (Stranger, mirror) if whole(mirror) => Trouble(Refusal::StoreConflict),
        // Two lines that parted.
        (Valid | Newer, Other) | (Other, Valid | Newer) => Trouble(Refusal::StoreConflict),
        (local, mirror) if whole(local) && whole(mirror) && keys(mirror) > keys(local) => {
            Open(keys(mirror), Some(Notice::WasOlder))
        }
        (local, _) if whole(local) => Open(keys(local).min(3), None),
        (Nothing | Damaged, mirror) if whole(mirror) => Open(keys(mirror).min(3), Some(Notice::Restored)),
        (Nothing | Damaged, Silent) => Trouble(Refusal::StoreSilent),
        (Nothing, Nothing) if !born => First,
        (Nothing | Damaged, Nothing | Damaged) => Trouble(Refusal::StoreGone),
        (local, mirror) => panic!("no row for {local:?} and {mirror:?}"),
    }
}

const ALL: [Holds; 9] = [Nothing, Valid, Older, Newer, Other, Stranger, Damaged, Later, Silent];

#[test]
fn every_pair_with_and_without_the_mark() {
    let past = past();
    for local in ALL {
        for mirror in ALL {
            for born in [true, false] {
                let at = format!("{local:?} here, {mirror:?} in the mirror, born {born}");
                let mut world = past.world(local, mirror, born);
                let before = (world.local.clone(), world.mirror.clone());
                let view = world.view();
                let expected = expected(local, mirror, born);
                match &expected {
                    Comes::First => assert_eq!(view.vault, VaultState::None, "{at}"),
                    Comes::Trouble(refusal) => {
                        assert_eq!((view.vault, view.trouble), (VaultState::Trouble, Some(refusal.clone())), "{at}");
                        assert_eq!(world.refusal(Question::SkipPassphrase), *refusal, "{at}");
                        world.x_shows_key(KEY);
                        assert_eq!((world.local.clone(), world.mirror.clone()), before, "{at}: nothing is written");
                        continue;
                    }
                    Comes::Open(count, notice) => {
                        assert_eq!(view.vault, VaultState::Locked, "{at}: {:?}", view.trouble);
                        assert_eq!(view.notices, notice.iter().copied().collect::<Vec<_>>(), "{at}");
                        assert_eq!(world.unlocks(PASSPHRASE), Answer::Done, "{at}");
                        assert_eq!(world.view().entries.len(), *count, "{at}");
                    }
                }
                // From here on it is well: read again, nothing is told any more but what was not read yet.
                let keys = world.view().entries.len();
                world.silent_store = false;
                world.silent_mirror = false;
                let read_only = view.notices.contains(&Notice::ReadOnly);
                if !read_only && expected != Comes::First {
                    add(&mut world, "KRSXG5CTMVRXEZLU", "afterwards");
                    world.kill_worker();
                    assert_eq!(world.view().entries.len(), keys + 1, "{at}");
                    assert!(world.mirror.contains_key(&Copy::Born), "{at}: the mark stands in both");
                    let vault = |text: &String| text.rsplit('\n').next().map(str::to_owned);
                    let copies: Vec<_> = world.mirror.values().filter_map(vault).collect();
                    let place =
                        if world.local[&Key::Head].contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
                    assert!(copies.contains(&world.local[&place]), "{at}: both hold the same");
                }
            }
        }
    }
}

#[test]
fn what_was_damaged_is_kept_and_can_be_had_as_a_file() {
    let past = past();
    let mut world = past.world(Damaged, Valid, true);
    let raw = world.local[&Key::Vault0].clone();
    assert!(world.view().quarantined);
    assert!(world.local[&Key::Quarantine0].contains(&raw));
    let Answer::File(file) = world.ask(Question::Sealed) else { panic!("no file") };
    assert!(file.expose().contains(&raw));
    // A second time: the first is not overwritten.
    let first = world.local[&Key::Quarantine0].clone();
    world.local.insert(Key::Head, "?".into());
    for key in [Key::Vault0, Key::Vault1] {
        world.local.insert(key, "twice".into());
    }
    world.kill_worker();
    assert_eq!(world.view().vault, VaultState::Locked);
    assert_eq!(world.local[&Key::Quarantine1], first);
    assert!(world.local[&Key::Quarantine0].contains("twice"));
    world.done(Question::Dismissed(Notice::Restored));
    assert_eq!(world.view().notices, []);
}

#[test]
fn a_lost_head_alone_costs_nothing() {
    let past = past();
    for mirror in [Nothing, Valid, Damaged] {
        let mut world = past.world(Valid, mirror, true);
        world.local.remove(&Key::Head);
        assert_eq!(world.view().notices, [Notice::Restored], "{mirror:?}");
        assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
        assert_eq!(world.view().entries.len(), 2, "{mirror:?}");
    }
    // The copy may be the newer one, and says nothing.
    let mut world = past.world(Valid, Silent, true);
    world.local.remove(&Key::Head);
    assert_eq!(world.view().trouble, Some(Refusal::StoreSilent));
}

#[test]
fn a_text_that_nothing_speaks_for_is_not_made_official_before_it_opened() {
    let past = past();
    let mut world = past.world(Valid, Nothing, true);
    let before = world.local.clone();
    world.local.remove(&Key::Head);
    assert_eq!(world.view().vault, VaultState::Locked);
    assert!(!world.local.contains_key(&Key::Head), "not yet");
    assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
    let view = world.view();
    assert_eq!((view.vault, view.entries.len()), (VaultState::Unlocked, 2));
    assert!(world.local.contains_key(&Key::Head) && world.mirror.contains_key(&Copy::Born));
    // Its content is damaged: said, and left as it is.
    let mut world = past.world(Valid, Nothing, true);
    world.local = before;
    world.local.remove(&Key::Head);
    for key in [Key::Vault0, Key::Vault1] {
        let text = world.local.get_mut(&key).expect("a vault");
        let at = text.len() - 40;
        let other = if &text[at..=at] == "A" { "B" } else { "A" };
        text.replace_range(at..=at, other);
    }
    let damaged = world.local.clone();
    assert_eq!(world.unlocks(PASSPHRASE), Answer::Refused(Refusal::StoreDamaged), "not the passphrase");
    assert_eq!(world.local, damaged);
}

#[test]
fn what_the_mirror_may_hold_is_not_written_over_unread() {
    let past = past();
    // A power cut: the store fell back by one generation, the copy has the newest and says nothing right now.
    let mut world = past.world(Valid, Newer, true);
    let newer = world.mirror.clone();
    world.silent_mirror = true;
    assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
    add(&mut world, "KRSXG5CTMVRXEZLU", "meanwhile");
    world.silent_mirror = false;
    assert_eq!(world.mirror, newer);
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    world.kill_worker();
    // Two lines parted: the user decides, and the other is kept.
    assert_eq!(world.view().trouble, Some(Refusal::StoreConflict));
    world.done(Question::Choose(Store::Mirror));
    assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
    assert_eq!(world.view().entries.len(), 3);
    assert!(world.local.contains_key(&Key::Quarantine0));
    // A new vault key needs the mirror: what lies there unread would still open.
    world.silent_mirror = true;
    world.kill_worker();
    assert_eq!(
        world.refusal(Question::SetPassphrase { terms: terms.clone(), derived: bytes(2) }),
        Refusal::StoreSilent
    );
    world.silent_mirror = false;
    world.done(Question::SetPassphrase { terms, derived: bytes(2) });
}

#[test]
fn a_capture_that_only_the_copy_still_has_is_not_lost() {
    let mut world = World::new();
    world.sets_passphrase(PASSPHRASE);
    world.done(Question::Lock);
    world.x_shows_key(KEY);
    let draft = world.view().drafts[0].id;
    assert!(matches!(world.ask(Question::KeepDraft { draft, handle: "acme".into() }), Answer::Kept(_)));
    world.local.remove(&Key::Inbox);
    world.restart_browser();
    assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
    assert_eq!(world.view().entries.len(), 1);
}

#[test]
fn the_same_damage_is_kept_once_and_a_third_does_not_push_out_the_first_at_once() {
    let past = past();
    let mut world = past.world(Valid, Damaged, true);
    world.view();
    let first = world.local[&Key::Quarantine0].clone();
    // The copy could not be written: the next start finds the same damage.
    for _ in 0..4 {
        world.mirror = past.world(Valid, Damaged, true).mirror;
        world.later(longkey_core::clock::Span::minutes(1));
        world.kill_worker();
        world.view();
    }
    assert_eq!(world.local[&Key::Quarantine0], first);
    assert!(!world.local.contains_key(&Key::Quarantine1));
}

#[test]
fn locking_while_the_stores_are_in_trouble_locks() {
    for lock in [true, false] {
        let mut world = World::new();
        world.sets_passphrase(PASSPHRASE);
        add(&mut world, KEY, "acme");
        (world.silent_store, world.silent_mirror) = (true, true);
        world.kill_worker();
        assert_eq!(world.view().vault, VaultState::Trouble);
        if lock {
            world.done(Question::Lock);
        } else {
            world.happens(longkey_core::effect::Event::LockPressed);
        }
        assert!(world.rows.is_none());
        (world.silent_store, world.silent_mirror) = (false, false);
        assert_eq!(world.view().vault, VaultState::Locked);
    }
}

#[test]
fn the_other_place_is_better_than_nothing() {
    let past = past();
    let mut world = past.world(Valid, Nothing, true);
    let place = if world.local[&Key::Head].contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
    world.local.insert(place, "gone".into());
    assert_eq!(world.view().notices, [Notice::Restored]);
    assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
    assert_eq!(world.view().entries.len(), 1, "the generation before");
    assert!(world.local[&Key::Quarantine0].contains("gone"));
}

#[test]
fn the_user_decides_between_two_vaults_and_the_other_is_kept() {
    let past = past();
    for (store, keys, lost) in [(Store::Local, 2, "stranger"), (Store::Mirror, 3, "ours")] {
        let mut world = past.world(Valid, Stranger, true);
        let ours = world.local.clone();
        let theirs = world.mirror.clone();
        assert_eq!(world.view().trouble, Some(Refusal::StoreConflict));
        world.done(Question::Choose(store));
        assert_eq!(world.view().vault, VaultState::Locked);
        assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
        assert_eq!(world.view().entries.len(), keys);
        let kept: serde_json::Value = serde_json::from_str(&world.local[&Key::Quarantine0]).expect("JSON");
        let (texts, side) = match store {
            Store::Local => (theirs.values().cloned().collect::<Vec<_>>(), "mirror"),
            Store::Mirror => (vec![ours[&Key::Vault0].clone(), ours[&Key::Vault1].clone()], "local"),
        };
        let found: Vec<&str> = kept[side].as_array().expect("a list").iter().filter_map(|it| it[1].as_str()).collect();
        assert!(texts.iter().all(|text| found.contains(&text.as_str())), "{lost} is kept");
        world.kill_worker();
        assert_eq!(world.view().trouble, None, "decided once");
    }
}

#[test]
fn what_the_vault_that_was_not_chosen_has_comes_back_from_the_file() {
    let past = past();
    for (store, lost) in [(Store::Local, "forked"), (Store::Mirror, "account_1")] {
        let mut world = past.world(Valid, Other, true);
        assert_eq!(world.view().trouble, Some(Refusal::StoreConflict));
        let Answer::File(before) = world.ask(Question::Sealed) else { panic!("no file") };
        world.done(Question::Choose(store));
        assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
        // The line that was chosen goes on.
        add(&mut world, "KRSXG5CTMVRXEZLU", "afterwards");
        let Answer::File(after) = world.ask(Question::Sealed) else { panic!("no file") };
        assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
        let entries = world.view().entries.len();
        for file in [before, after.clone()] {
            let Answer::Preview(preview) = world.ask(Question::PreviewBackup { file, derived: bytes(PASSPHRASE) })
            else {
                panic!("no preview")
            };
            let new: Vec<&str> = preview.new.iter().map(|it| it.as_str()).collect();
            assert_eq!((new, preview.differ.len()), (vec![lost], 0));
        }
        world.done(Question::Restore { file: after, derived: bytes(PASSPHRASE) });
        assert_eq!(world.view().entries.len(), entries + 1, "{lost} is back, and nothing else came");
    }
}

#[test]
fn only_the_copy_can_be_read_so_nothing_is_written() {
    let past = past();
    let mut world = past.world(Silent, Valid, true);
    assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
    let before = world.writes;
    let adds = Question::AddKey { text: Secret::new("MFRGGZDFMZTWQ2LK".into()), handle: "third".into() };
    assert_eq!(world.refusal(adds), Refusal::StoreReadOnly);
    world.x_shows_key("KRSXG5CTMVRXEZLU");
    assert!(matches!(world.told.last(), Some((1, ToastWords::NotSaved))));
    assert_eq!(world.view().drafts.len(), 1, "shown, so that it can be copied");
    let draft = world.view().drafts[0].id;
    let keeps = Question::KeepDraft { draft, handle: "acme".into() };
    assert_eq!(world.refusal(keeps), Refusal::StoreReadOnly);
    assert_eq!(world.writes, before);
    world.silent_store = false;
    world.local = past.generations[1].0.clone();
    world.done(Question::Reload);
    let view = world.view();
    assert_eq!((view.notices, view.vault), (vec![], VaultState::Unlocked), "the session's key opens it again");
}

#[test]
fn a_device_vault_comes_back_with_its_key_from_the_copy() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    add(&mut world, KEY, "standin_user");
    world.local.clear();
    world.kill_worker();
    world.memory = None;
    let view = world.view();
    assert_eq!((view.vault, view.entries.len()), (VaultState::NotLocked, 1));
    assert!(world.local.contains_key(&Key::Device));
    // Without it there is no way in, and no new vault is made over it.
    world.local.remove(&Key::Device);
    world.mirror.remove(&Copy::Device);
    world.kill_worker();
    assert_eq!(world.view().trouble, Some(Refusal::StoreGone));
}

#[test]
fn what_stands_beside_a_vault_that_is_right_is_put_back() {
    let mut world = World::new();
    world.done(Question::SkipPassphrase);
    add(&mut world, KEY, "standin_user");
    let whole = world.local.clone();
    for key in [Key::Device, Key::Born] {
        world.local.remove(&key);
        world.kill_worker();
        world.memory = None;
        assert_eq!(world.view().vault, VaultState::NotLocked);
        assert_eq!(world.local, whole, "{key:?}");
    }
    // While the copy cannot be read, nobody knows that the key is gone.
    world.local.remove(&Key::Device);
    world.silent_mirror = true;
    world.kill_worker();
    world.memory = None;
    assert_eq!(world.view().trouble, Some(Refusal::StoreSilent));
    world.silent_mirror = false;
    assert_eq!(world.view().vault, VaultState::NotLocked);
}

#[test]
fn a_damaged_inbox_does_not_stand_before_the_vault() {
    let mut world = World::new();
    world.sets_passphrase(PASSPHRASE);
    world.done(Question::Lock);
    world.x_shows_key(KEY);
    assert!(world.mirror[&Copy::Inbox].contains("sealed"), "the copy holds it too");
    world.local.insert(Key::Inbox, "[{".into());
    world.kill_worker();
    world.memory = None;
    assert_eq!(world.unlocks(PASSPHRASE), Answer::Done);
    assert_eq!(world.view().drafts.len(), 1, "the copy takes its place");
    assert!(world.local[&Key::Quarantine0].contains("[{"));
}

#[test]
fn two_failures_of_the_mirror_are_told_and_the_third_write_carries_all() {
    let mut world = World::new();
    world.sets_passphrase(PASSPHRASE);
    world.silent_mirror = true;
    add(&mut world, KEY, "one");
    assert_eq!(world.view().notices, []);
    add(&mut world, OTHER_KEY, "two");
    assert_eq!(world.view().notices, [Notice::NoCopy]);
    world.silent_mirror = false;
    add(&mut world, "MFRGGZDFMZTWQ2LK", "three");
    assert_eq!(world.view().notices, []);
    world.local.clear();
    world.kill_worker();
    assert_eq!(world.view().entries.len(), 3);
}
