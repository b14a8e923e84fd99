//! One slot, or a list of them.

use crate::golden::GOLDEN;
use longkey_core::vault::slots::{Kind, Slot};

pub(crate) fn run(bytes: &[u8]) -> bool {
    let one = serde_json::from_slice::<Slot>(bytes).is_ok_and(|slot| {
        check(&slot, &GOLDEN.envelope.header.vault);
        true
    });
    let list = serde_json::from_slice::<Vec<Slot>>(bytes).is_ok_and(|slots| {
        for slot in &slots {
            check(slot, &GOLDEN.envelope.header.vault);
        }
        !slots.is_empty()
    });
    one | list
}

/// Prints back, costs no more than the ceiling, and opens only if it was sealed for this vault.
pub(crate) fn check(slot: &Slot, vault: &[u8; 16]) {
    let text = serde_json::to_string(slot).expect("JSON");
    assert_eq!(serde_json::from_str::<Slot>(&text).ok().as_ref(), Some(slot), "{text}");
    if let Kind::Passphrase { work, .. } = &slot.kind {
        assert!(work.memory_kib() <= 256 * 1024 && work.lanes() <= 4, "{work:?}");
        assert!(u64::from(work.memory_kib()) * u64::from(work.passes()) <= 1024 * 1024, "{work:?}");
    }
    let golden = &*GOLDEN;
    let header = &golden.envelope.header;
    for secret in [&golden.device, &golden.derived] {
        let Some(key) = slot.open(vault, secret) else { continue };
        assert_eq!(key.expose(), golden.vault_key.expose());
        assert_eq!(*vault, header.vault);
        // Cost and salt say how the secret comes to be; here it has come. The vault's own seal covers them.
        let same = |genuine: &&Slot| {
            let mut it = slot.clone();
            if core::mem::discriminant(&it.kind) == core::mem::discriminant(&genuine.kind) {
                it.kind = genuine.kind.clone();
            }
            it == **genuine
        };
        assert!(header.slots.iter().find(same).is_some(), "opens but was not sealed: {text}");
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let slots = &GOLDEN.envelope.header.slots;
    let one = slots.iter().map(|slot| serde_json::to_vec(slot).expect("JSON"));
    one.chain([serde_json::to_vec(slots).expect("JSON")]).collect()
}
