//! Every other text in the stores, under a genuine vault: the first byte says which.

use crate::golden::{GOLDEN, Machine, head};
use longkey_core::effect::Key;
use longkey_core::protocol::VaultState;
use longkey_core::vault::Vault;

/// What takes the place of a text of `storage.local`; the last is the worker's memory.
const PLACES: [Option<Key>; 11] = [
    Some(Key::Head),
    Some(Key::Device),
    Some(Key::Journal),
    Some(Key::Accounts),
    Some(Key::Resets),
    Some(Key::Vault1),
    Some(Key::Settings),
    Some(Key::Language),
    Some(Key::Connections),
    Some(Key::Fansly),
    None,
];

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Some((first, rest)) = bytes.split_first() else { return false };
    let Ok(text) = str::from_utf8(rest) else { return false };
    content(text);
    let place = PLACES[usize::from(*first) % PLACES.len()];
    let mut machine = match place {
        Some(key) => Machine::with(&[(key, text)], None),
        None => Machine::with(&[], Some(text)),
    };
    let view = machine.view();
    // A vault was here: never a first run, whatever else the stores say.
    assert_ne!(view.vault, VaultState::None);
    let shut = matches!(view.vault, VaultState::Trouble | VaultState::Locked);
    assert_eq!(view.entries.is_empty(), shut, "{:?}", view.vault);
    if !matches!(place, Some(Key::Head | Key::Device)) {
        assert!(!shut, "only head, device key and vault stand between a person and the keys");
    }
    !shut
}

/// The plain content is trusted, but what can be read must be written again as it was.
fn content(text: &str) {
    if let Ok(vault) = serde_json::from_str::<Vault>(text) {
        let printed = serde_json::to_string(&vault).expect("JSON");
        let again = serde_json::from_str::<Vault>(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
        assert_eq!(serde_json::to_string(&again).expect("JSON"), printed);
    }
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let golden = &*GOLDEN;
    let head = head(&golden.vault);
    let journal = r#"[{"account":"635e6caa951d894e.900001","sent":1795219200000,"outcome":"running","not_before":null,"shown":true,"proved":["635e6caa951d894e",1795219200000]}]"#;
    let listed = r#"[{"workspace":"635e6caa951d894e","checked":1795219200000,"accounts":[{"id":"900001","xUsername":"Standin_User","health":"needsReauth"}],"trouble":null}]"#;
    let resets = r#"[{"handle":"standin_user","done":[1,2],"app_off":false}]"#;
    let settings =
        r#"{"lock_after":{"minutes":5},"notify":true,"hide_names":true,"watch_locked":true,"stays_shut":true}"#;
    let connections = r#"[{"account":"635e6caa951d894e.standin_user","handle":"Standin_User","sent":1795219200000,"stage":"pending","id":"xatt_0123456789abcdef0123456789abcdef","until":1795219203000,"verdict":null,"for_good":false,"proves":["635e6caa951d894e",1795219200000]}]"#;
    let fansly = r#"{"checked":1795219200000,"accounts":[{"id":"acct_1","name":"@fake_creator","signed_in":false,"step":"code","since":1795219200000,"kind":2,"sent_to":"f**@e*****.invalid","coded":1795219200000,"followed":true}]}"#;
    let memory = r#"{"memory":{"drafts":[],"tabs":[{"tab":1,"handle":null,"subject":null,"code_wanted":true,"submitted":null,"refused":false,"newest":0}]},"session":null}"#;
    let device = golden.device.to_text();
    let listed = [&head, device.expose(), journal, listed, resets, &golden.content];
    let texts = listed.into_iter().chain([settings, "pt_BR", connections, fansly, memory]);
    (0_u8..).zip(texts).map(|(at, text)| [&[at], text.as_bytes()].concat()).collect()
}
