//! The vault's text: as it is; as the JSON of a header under a genuine seal; and in the store of a machine.

use crate::golden::{GOLDEN, Machine, head};
use crate::slots;
use longkey_core::base64;
use longkey_core::effect::Key;
use longkey_core::protocol::VaultState;
use longkey_core::vault::envelope;

fn joined(header: &[u8], sealed: &str) -> String {
    ["longkey1.", &base64::print(header), ".", sealed].concat()
}

fn sealed(text: &str) -> &str {
    text.rsplit('.').next().unwrap_or_default()
}

pub(crate) fn run(bytes: &[u8]) -> bool {
    let as_it_is = str::from_utf8(bytes).is_ok_and(read);
    // Behind the base64, which hides the header from whoever changes single bytes.
    as_it_is | read(&joined(bytes, sealed(&GOLDEN.vault)))
}

fn read(text: &str) -> bool {
    let golden = &*GOLDEN;
    let genuine = text == golden.vault;
    let Ok(envelope) = envelope::parse(text) else {
        assert!(!genuine, "a genuine vault is not read");
        return false;
    };
    let header = serde_json::to_vec(&envelope.header).expect("JSON");
    let again = joined(&header, &base64::print(&base64::parse(sealed(text)).expect("base64")));
    assert_eq!(again, text, "what is read prints back as it was");
    assert_eq!(envelope.open(&golden.vault_key).is_some(), genuine, "opens but was not sealed: {text}");
    for slot in &envelope.header.slots {
        slots::check(slot, &envelope.header.vault);
    }
    let mut machine = Machine::with(&[(Key::Vault0, text), (Key::Head, &head(text))], None);
    let view = machine.view();
    assert_eq!(!view.entries.is_empty(), genuine);
    assert!(genuine || matches!(view.vault, VaultState::Trouble | VaultState::Locked), "{:?}", view.vault);
    assert!(genuine || machine.writes == 0, "written over what cannot be opened");
    true
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let golden = &*GOLDEN;
    let first = include_str!("../../vectors/vault-1.txt").trim();
    let header = |text: &str| base64::parse(text.split('.').nth(1).unwrap_or_default()).unwrap_or_default();
    vec![golden.vault.clone().into(), first.into(), header(&golden.vault), header(first)]
}
