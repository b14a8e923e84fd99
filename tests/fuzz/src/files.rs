//! A backup file: one envelope, or everything that lay in the stores, with damaged stores inside it.

use crate::golden::{GOLDEN, env, head};
use longkey_core::clock::UnixTime;
use longkey_core::secret::Secret;
use longkey_core::vault::Vault;
use longkey_core::vault::backup::{Backup, Raw, Sealed};
use longkey_core::vault::slots::Terms;
use std::borrow::Cow;

pub(crate) fn run(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let Ok(sealed) = Sealed::parse(&Secret::new(text.into())) else { return false };
    let terms = sealed.terms();
    assert!(terms.iter().all(|it| it.kind().is_some()));
    let derived = vec![GOLDEN.derived.clone(); terms.len()];
    if let Ok((backup, _)) = sealed.open(&derived) {
        // Nothing comes out that was not sealed: the golden vault's one account, however often it stands there.
        assert_eq!(backup.accounts(), 1, "{text}");
        let preview = backup.preview(None);
        assert_eq!(preview.new.iter().map(|it| it.as_str()).collect::<Vec<_>>(), ["standin_user"], "{text}");
        let mut vault = content();
        backup.add_to(&mut vault, &mut env());
        assert_eq!(vault.entries.len(), 1);
        assert_eq!(vault.entries[0].keys.len(), 1);
    }
    true
}

fn content() -> Vault {
    serde_json::from_str(&GOLDEN.content).expect("the golden vault's content")
}

/// Everything that lay in the stores, as Longkey writes it.
pub(crate) fn raw<'a>(local: &[(&'a str, &'a str)], mirror: &[(&'a str, &'a str)]) -> String {
    let texts =
        |it: &[(&'a str, &'a str)]| it.iter().map(|(name, text)| (Cow::from(*name), Cow::from(*text))).collect();
    let found = UnixTime::from_seconds(1_795_219_200);
    serde_json::to_string(&Raw { found, local: texts(local), mirror: texts(mirror) }).expect("JSON")
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let golden = &*GOLDEN;
    let head = head(&golden.vault);
    let copy = [&head, "\n", &golden.vault].concat();
    let local = [("vault.0", golden.vault.as_str()), ("vault.head", &head), ("inbox", &golden.inbox), ("born", "1")];
    let stores = raw(&local, &[("vault.1", &copy), ("inbox", &golden.inbox)]);
    let once = raw(&[("quarantine.0", &stores), ("vault.1", "damaged")], &[]);
    let twice = raw(&[("quarantine.0", &once), ("quarantine.1", "{}")], &[("vault.2", &copy)]);
    let slot = &golden.envelope.header.slots[0];
    let terms = Terms::of(slot).expect("a passphrase");
    let file = Backup::of(&content(), UnixTime::from_seconds(1_795_219_200)).print(&mut env(), &terms, &golden.derived);
    let file = file.expect("a backup").expose().to_owned();
    [golden.vault.clone(), file, stores, once, twice].map(Into::into).to_vec()
}
