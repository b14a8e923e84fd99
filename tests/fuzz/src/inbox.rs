//! The inbox: its list, the bytes of one item, what is in an item; and a machine that takes them in.

use crate::golden::{GOLDEN, Machine};
use longkey_core::base64;
use longkey_core::effect::Key;
use longkey_core::protocol::VaultState;
use longkey_core::vault::Sighting;
use longkey_core::vault::inbox::Item;

pub(crate) fn run(bytes: &[u8]) -> bool {
    let sealed = serde_json::json!({ "id": GOLDEN.item.id.to_string(), "sealed": base64::print(bytes) });
    let raw = check(&serde_json::from_value(sealed).expect("an item"));
    let sighting = serde_json::from_slice::<Sighting>(bytes).is_ok_and(|sighting| {
        let text = serde_json::to_string(&sighting).expect("JSON");
        let again = serde_json::from_str::<Sighting>(&text).expect("what was printed");
        assert_eq!(serde_json::to_string(&again).expect("JSON"), text);
        true
    });
    let Ok(text) = str::from_utf8(bytes) else { return raw | sighting };
    let list = serde_json::from_str::<Vec<Item>>(text);
    if let Ok(items) = &list {
        let printed = serde_json::to_string(items).expect("JSON");
        assert_eq!(serde_json::from_str::<Vec<Item>>(&printed).ok().as_ref(), Some(items));
        for item in items {
            check(item);
        }
    }
    let mut machine = Machine::with(&[(Key::Inbox, text)], None);
    let view = machine.view();
    match &list {
        // The same capture put in twice counts once, and nothing comes out that was not sealed.
        Ok(items) => {
            assert_eq!(view.vault, VaultState::NotLocked);
            assert_eq!(
                (view.entries.len(), view.drafts.len()),
                (1, usize::from(items.contains(&GOLDEN.item))),
                "{text}"
            );
        }
        // Damage does not stand before the vault; its bytes are set aside.
        Err(_) => assert_eq!((view.vault, view.entries.len(), view.quarantined), (VaultState::NotLocked, 1, true)),
    }
    raw | sighting | list.is_ok_and(|items| !items.is_empty())
}

/// Whether it opens: only what was sealed does.
fn check(item: &Item) -> bool {
    let golden = &*GOLDEN;
    let opened = item.open(&golden.envelope.header.vault, &golden.private);
    assert_eq!(opened.is_some(), *item == golden.item, "{item:?}");
    opened.is_some()
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let golden = &*GOLDEN;
    let item: serde_json::Value = serde_json::to_value(&golden.item).expect("JSON");
    let sealed = base64::parse(item["sealed"].as_str().unwrap_or_default()).unwrap_or_default();
    vec![golden.inbox.clone().into(), sealed, golden.sighting.clone().into(), b"[]".into()]
}
