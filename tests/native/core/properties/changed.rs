//! Any single bit changed: by accident, where the head's checksum does not agree, and on purpose, where it does.

use super::{Whole, flipped, store, whole, with_env};
use crate::world::World;
use longkey_core::effect::{Event, Key};
use longkey_core::label::Id;
use longkey_core::protocol::{Answer, Question, VaultState};
use longkey_core::refusal::Refusal;
use longkey_core::secret::{Key32, Secret};
use longkey_core::vault::envelope;
use longkey_core::vault::inbox::{Item, public_half};
use longkey_core::vault::slots::{Kind, Slot};
use longkey_core::vault::work::Work;
use proptest::prelude::*;

fn bytes(value: u8) -> Key32 {
    Key32::new([value; 32])
}

/// All bits of a slot. A changed cost or salt asks for another secret and is covered by the vault's own seal; every
/// other change is refused by the slot itself.
#[test]
fn of_a_slot() {
    for kind in [Kind::Device, Kind::Passphrase { work: Work::USUAL, salt: [3; 16] }] {
        let slot = with_env(1, |env| Slot::make(env, &[1; 16], Id::new([2; 8]), kind, &bytes(4), &bytes(5)));
        let text = serde_json::to_string(&slot).expect("JSON");
        for at in 0..text.len() {
            for bit in 0..8 {
                let Some(changed) = flipped(&text, at, bit) else { continue };
                let Ok(read) = serde_json::from_str::<Slot>(&changed) else { continue };
                assert_ne!(read, slot, "bit {bit} of byte {at} means nothing");
                let opened = read.open(&[1; 16], &bytes(4));
                let asks_otherwise = read.kind != slot.kind;
                assert!(opened.is_none() || asks_otherwise, "bit {bit} of byte {at}");
            }
        }
    }
}

/// All bits of an item.
#[test]
fn of_an_item_of_the_inbox() {
    let inbox = public_half(&bytes(7));
    let item = with_env(2, |env| Item::seal(env, &[1; 16], &inbox, Id::new([2; 8]), b"a sighting"));
    let text = serde_json::to_string(&item).expect("JSON");
    let mut read = 0;
    for at in 0..text.len() {
        for bit in 0..8 {
            let changed = flipped(&text, at, bit).and_then(|it| serde_json::from_str::<Item>(&it).ok());
            let Some(changed) = changed else { continue };
            assert!(changed.open(&[1; 16], &bytes(7)).is_none(), "bit {bit} of byte {at}");
            read += 1;
        }
    }
    assert!(read > 100, "{read} changed items were read at all");
}

/// The page that is asked for the passphrase knows the right one.
fn unlock(world: &mut World, derived: &Key32) -> Option<Refusal> {
    let Some(Answer::Terms(terms)) = world.ask_for(Question::UnlockTerms) else { return Some(Refusal::Internal) };
    match world.ask(Question::Unlock { slot: terms.slot, derived: derived.to_text() }) {
        Answer::Refused(refusal) => Some(refusal),
        _ => None,
    }
}

/// Nothing of the vault shows, no new vault is made over it, and it is not written over.
fn stays_shut(mut world: World, derived: &Key32) -> Result<(), TestCaseError> {
    let before = world.local.clone();
    world.happens(Event::Started);
    let view = world.view();
    prop_assert!(view.entries.is_empty() && view.drafts.is_empty(), "{:?}", view.vault);
    prop_assert!(matches!(view.vault, VaultState::Trouble | VaultState::Locked), "{:?}", view.vault);
    prop_assert!(unlock(&mut world, derived).is_some());
    for question in [Question::SkipPassphrase, Question::Lock] {
        world.ask_for(question);
    }
    let text = Secret::new("JBSWY3DPEHPK3PXP".into());
    world.ask_for(Question::AddKey { text, handle: "standin_user".into() });
    prop_assert!(world.view().entries.is_empty());
    prop_assert_eq!(world.local, before);
    Ok(())
}

/// The control: unchanged it opens, by passphrase and by device key.
#[test]
fn unchanged_it_opens() {
    let Whole { vault, device, inbox, derived } = whole();
    let mut world = store(&vault);
    world.happens(Event::Started);
    assert_eq!(world.view().vault, VaultState::Locked);
    assert_eq!(unlock(&mut world, &derived), None);
    assert_eq!(world.view().entries.len(), 1);
    let mut world = store(&vault);
    world.local.insert(Key::Device, device);
    world.local.insert(Key::Inbox, inbox);
    world.happens(Event::Started);
    let view = world.view();
    assert_eq!((view.entries.len(), view.drafts.len()), (1, 1));
}

proptest! {
    #[test]
    fn of_a_stored_vault(at in any::<prop::sample::Index>(), bit in 0_u32..8, vouched in any::<bool>(), with_device in any::<bool>()) {
        let Whole { vault, device, derived, .. } = whole();
        let Some(changed) = flipped(&vault, at.index(vault.len()), bit) else { return Ok(()) };
        let mut world = store(if vouched { &changed } else { &vault });
        world.local.insert(Key::Vault0, changed);
        if with_device {
            world.local.insert(Key::Device, device);
        }
        stays_shut(world, &derived)?;
    }

    /// The head is no secret and has no seal: where a change of it is damage the vault is found without it. It never opens
    /// something else and never looks like a first run.
    #[test]
    fn of_the_head(at in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let Whole { vault, derived, .. } = whole();
        let mut world = store(&vault);
        let head = world.local[&Key::Head].clone();
        let Some(changed) = flipped(&head, at.index(head.len()), bit) else { return Ok(()) };
        world.local.insert(Key::Head, changed.clone());
        let sum = head.find("\"sha256\"").expect("a checksum")..head.find(",\"writer\"").expect("a writer");
        world.happens(Event::Started);
        match world.view().vault {
            VaultState::Locked => {
                prop_assert_eq!(unlock(&mut world, &derived), None);
                prop_assert_eq!(world.view().entries.len(), 1);
            }
            // It vouches for another text, or for another generation: then what lies there is not what was written last.
            state => {
                prop_assert_eq!(state, VaultState::Trouble);
                prop_assert!(sum.contains(&at.index(head.len())) || changed.contains("\"generation\""));
                prop_assert_eq!(&world.local[&Key::Vault0], &vault);
            }
        }
    }

    /// A changed inbox costs the changed item, never the vault's content, and invents nothing.
    #[test]
    fn of_the_inbox(at in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let Whole { vault, device, inbox, .. } = whole();
        let Some(changed) = flipped(&inbox, at.index(inbox.len()), bit) else { return Ok(()) };
        let mut world = store(&vault);
        world.local.insert(Key::Device, device);
        world.local.insert(Key::Inbox, changed.clone());
        world.happens(Event::Started);
        let view = world.view();
        prop_assert!(view.drafts.is_empty());
        prop_assert!(view.entries.len() == 1 || view.vault == VaultState::Trouble);
        let kept = [Key::Inbox, Key::Quarantine0].into_iter().filter_map(|key| world.local.get(&key));
        let json = serde_json::to_string(&changed).expect("JSON");
        let mut kept = kept.map(|text| *text == changed || text.contains(&json));
        prop_assert!(kept.any(|kept| kept), "what cannot be opened stays, here or set aside");
    }

    /// Truncated or with something behind it.
    #[test]
    fn of_the_length(at in any::<prop::sample::Index>(), behind in "[A-Za-z0-9+/=. \n]{1,8}") {
        let Whole { vault, derived, .. } = whole();
        let open = |text: &str| {
            let envelope = envelope::parse(text).ok()?;
            let vault_key = envelope.header.slots.first()?.open(&envelope.header.vault, &derived)?;
            envelope.open(&vault_key)
        };
        prop_assert!(open(&vault).is_some());
        prop_assert!(open(&vault[..at.index(vault.len())]).is_none());
        prop_assert!(open(&[vault.as_str(), &behind].concat()).is_none());
        prop_assert!(open(&[behind.as_str(), &vault].concat()).is_none());
    }
}
