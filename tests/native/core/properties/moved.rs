//! Parts of vaults put where they do not belong: slots, items and header fields, all genuine, all refused.

use super::{key, with_env};
use longkey_core::base64;
use longkey_core::label::Id;
use longkey_core::secret::Key32;
use longkey_core::vault::envelope::{self, Envelope, Header};
use longkey_core::vault::inbox::{Item, public_half};
use longkey_core::vault::slots::{Kind, Slot};
use longkey_core::vault::work::Work;
use proptest::prelude::*;

const FIELDS: [&str; 8] = ["min_reader", "vault", "epoch", "generation", "inbox", "slots", "write_salt", "nonce"];

/// The header's text, cut before each of its fields.
fn cut(header: &str) -> Vec<&str> {
    let inside = &header[1..header.len() - 1];
    let mut rest = inside;
    let mut parts = vec![];
    for name in &FIELDS[1..] {
        // The nonce of a slot comes before the header's own write salt, so the order finds the right one.
        let at = rest.find(&format!(",\"{name}\":")).expect("the field");
        parts.push(&rest[..at]);
        rest = &rest[at + 1..];
    }
    parts.push(rest);
    parts
}

fn parts(text: &str) -> (String, String) {
    let mut parts = text.split('.').skip(1);
    let header = base64::parse(parts.next().expect("a header")).expect("base64");
    (String::from_utf8(header).expect("JSON"), parts.next().expect("a seal").into())
}

fn joined(header: &str, sealed: &str) -> Envelope {
    let text = ["longkey1.", &base64::print(header.as_bytes()), ".", sealed].concat();
    // Read as canonical: what refuses it is the seal, not the form.
    envelope::parse(&text).expect("an envelope")
}

fn sealed_vault(seed: u64, vault: [u8; 16], epoch: u32, generation: u64, key: &Key32, plain: &[u8]) -> String {
    with_env(seed, |env| {
        let (secret, id) = (Key32::new(env.random()), env.id());
        let slot = Slot::make(env, &vault, id, Kind::Device, &secret, key);
        let mut header = Header::new(vault, epoch, generation, env.random(), vec![slot]);
        envelope::print(env, &mut header, key, plain)
    })
}

/// Every mix of the fields of two generations, under the same vault key.
#[test]
fn header_fields_between_two_generations() {
    let key = Key32::new([5; 32]);
    let old = sealed_vault(1, [1; 16], 1, 1, &key, b"old");
    let new = sealed_vault(2, [2; 16], 2, 2, &key, b"new");
    let ((old, old_seal), (new, new_seal)) = (parts(&old), parts(&new));
    let (old, new) = (cut(&old), cut(&new));
    let mut opened = 0;
    // Bit by field; `min_reader` is the same in both.
    for mix in 0..1_u32 << 7 {
        let fields: Vec<&str> =
            (0..8).map(|at| if at > 0 && mix & 1 << (at - 1) != 0 { new[at] } else { old[at] }).collect();
        let header = ["{", &fields.join(","), "}"].concat();
        for (seal, whole, plain) in [(&old_seal, 0, b"old"), (&new_seal, (1 << 7) - 1, b"new")] {
            let found = joined(&header, seal).open(&key);
            assert_eq!(found.as_ref().map(|it| it.as_slice()), (mix == whole).then_some(plain.as_slice()), "{mix:#b}");
            opened += usize::from(found.is_some());
        }
    }
    assert_eq!(opened, 2, "each seal opens under its own header");
}

/// The slot of an older vault key in the header of a newer one: it still opens, to a key that opens nothing.
#[test]
fn a_slot_of_another_epoch() {
    let (id, secret) = ([1; 16], Key32::new([4; 32]));
    let (before, after) = (Key32::new([5; 32]), Key32::new([6; 32]));
    with_env(3, |env| {
        let slot = env.id();
        let old = Slot::make(env, &id, slot, Kind::Device, &secret, &before);
        let new = Slot::make(env, &id, slot, Kind::Device, &secret, &after);
        let mut header = Header::new(id, 2, 2, [0; 32], vec![new.clone()]);
        let (right, seal) = parts(&envelope::print(env, &mut header, &after, b"content"));
        let print = |slot: &Slot| serde_json::to_string(slot).expect("JSON");
        let wrong = right.replace(&print(&new), &print(&old));
        assert_ne!(right, wrong);
        let open = |header: &str| {
            let envelope = joined(header, &seal);
            let key = envelope.header.slots[0].open(&id, &secret).expect("the slot opens");
            (envelope.open(&key).is_some(), envelope.open(&after).is_some())
        };
        assert_eq!(open(&right), (true, true));
        assert_eq!(open(&wrong), (false, false), "nor for whoever has the newer key already");
    });
}

fn kind() -> impl Strategy<Value = Kind> {
    let passphrase = any::<[u8; 16]>().prop_map(|salt| Kind::Passphrase { work: Work::USUAL, salt });
    prop_oneof![Just(Kind::Device), passphrase]
}

proptest! {
    /// A slot opens for its vault, id, type and secret, and for no other.
    #[test]
    fn slots(seed: u64, ids: [[u8; 8]; 2], vaults: [[u8; 16]; 2], kinds in [kind(), kind()], secret in key(), other in key(), vault_key in key()) {
        let id = Id::new(ids[0]);
        let slot = with_env(seed, |env| Slot::make(env, &vaults[0], id, kinds[0].clone(), &secret, &vault_key));
        let opened = slot.open(&vaults[0], &secret).map(|key| *key.expose());
        prop_assert_eq!(opened, Some(*vault_key.expose()));
        prop_assert!(slot.open(&vaults[0], &other).is_none());
        prop_assert!(slot.open(&vaults[1], &secret).is_none());
        let mut renamed = slot.clone();
        renamed.id = Id::new(ids[1]);
        prop_assert!(renamed.open(&vaults[0], &secret).is_none());
        let mut retyped = slot;
        retyped.kind = kinds[1].clone();
        let same_type = core::mem::discriminant(&kinds[0]) == core::mem::discriminant(&kinds[1]);
        prop_assert_eq!(retyped.open(&vaults[0], &secret).is_some(), same_type);
    }

    /// An item opens for its vault, id and key, and for no other; a seal put on another item opens for neither.
    #[test]
    fn items(seed: u64, ids: [[u8; 8]; 2], vaults: [[u8; 16]; 2], private in key(), other in key(), plain: Vec<u8>) {
        let inbox = public_half(&private);
        let seal = |seed, id| with_env(seed, |env| Item::seal(env, &vaults[0], &inbox, Id::new(id), &plain));
        let item = seal(seed, ids[0]);
        let opened = item.open(&vaults[0], &private).map(|it| it.to_vec());
        prop_assert_eq!(opened, Some(plain.clone()));
        prop_assert!(item.open(&vaults[1], &private).is_none());
        prop_assert!(item.open(&vaults[0], &other).is_none());
        let mut moved = item.clone();
        moved.id = Id::new(ids[1]);
        prop_assert!(moved.open(&vaults[0], &private).is_none());
        // The same bytes sealed twice tell nothing of each other.
        prop_assert_ne!(seal(seed.wrapping_add(1), ids[0]), item);
    }

    /// What is sealed is read back, whatever it is; another key reads nothing; the form is canonical.
    #[test]
    fn vaults(seed: u64, vault: [u8; 16], epoch: u32, generation: u64, vault_key in key(), other in key(), plain in prop::collection::vec(any::<u8>(), 0..9000)) {
        let text = sealed_vault(seed, vault, epoch, generation, &vault_key, &plain);
        let read = envelope::parse(&text).expect("an envelope");
        prop_assert_eq!((read.header.vault, read.header.epoch, read.header.generation), (vault, epoch, generation));
        let opened = read.open(&vault_key).map(|it| it.to_vec());
        prop_assert_eq!(opened, Some(plain));
        prop_assert!(read.open(&other).is_none());
        prop_assert_eq!(parts(&text).0, serde_json::to_string(&read.header).expect("JSON"));
    }

    /// Costs: all that is read is below the ceiling, and is written as it was read.
    #[test]
    fn costs(m in prop_oneof![any::<u32>(), 0_u32..300_000], t in prop_oneof![any::<u32>(), 0_u32..20], p in 0_u32..8) {
        let text = format!(r#"{{"m":{m},"t":{t},"p":{p}}}"#);
        let sane = (1..=4).contains(&p) && t >= 1 && m >= 8 * p && m <= 262_144 && u64::from(m) * u64::from(t) <= 1_048_576;
        match serde_json::from_str::<Work>(&text) {
            Ok(work) => {
                prop_assert!(sane, "{text}");
                prop_assert_eq!(serde_json::to_string(&work).expect("JSON"), text);
            }
            Err(_) => prop_assert!(!sane, "{text}"),
        }
    }
}
