//! The vault on disk: opens again, refuses every changed bit, and what was written once opens for ever.

use crate::world::{ACCOUNTS, API_KEY, Counter, START, World, bytes};
use longkey_core::effect::Key;
use longkey_core::env::Env;
use longkey_core::label::Id;
use longkey_core::protocol::{Answer, Question, Way};
use longkey_core::refusal::Refusal;
use longkey_core::secret::{Key32, Secret};
use longkey_core::vault::envelope::{self, Header};
use longkey_core::vault::inbox::{Item, public_half};
use longkey_core::vault::slots::{Kind, Slot};
use longkey_core::vault::work::Work;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn key(byte: u8) -> Key32 {
    Key32::new([byte; 32])
}

fn printed(plain: &[u8]) -> String {
    let mut rng = Counter::default();
    let mut env = Env { now: START, rng: &mut rng };
    let kind = Kind::Passphrase { work: Work::USUAL, salt: [3; 16] };
    let slot = Slot::make(&mut env, &[1; 16], Id::new([2; 8]), kind, &key(4), &key(5));
    let mut header = Header::new([1; 16], 1, 1, [6; 32], vec![slot]);
    envelope::print(&mut env, &mut header, &key(5), plain)
}

#[test]
fn sealed_and_opened_again() {
    for size in [0, 1, 4094, 4095, 4096, 20_000] {
        let plain: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        let text = printed(&plain);
        let envelope = envelope::parse(&text).expect("an envelope");
        let vault_key = envelope.header.slots[0].open(&[1; 16], &key(4)).expect("the slot opens");
        assert_eq!(envelope.open(&vault_key).expect("it opens").as_slice(), plain);
        assert!(envelope.open(&key(9)).is_none());
    }
}

#[test]
fn the_size_tells_steps_of_4_kib_only() {
    assert_eq!(printed(b"").len(), printed(&[7; 4000]).len());
    assert!(printed(&[7; 4096]).len() > printed(b"").len());
}

#[test]
fn any_single_bit_is_refused() {
    let text = printed(b"{}");
    let sealed = text.rfind('.').expect("a dot");
    for at in 0..text.len() {
        // Every bit of the header and of the seal; of the padding in between one bit of each character.
        let bits = if at <= sealed || at + 32 > text.len() { 0..8 } else { at % 8..at % 8 + 1 };
        for bit in bits {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1 << bit;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let opened = envelope::parse(&changed).ok().and_then(|it| it.open(&key(5)));
            assert!(opened.is_none(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_later_version_is_named_as_such() {
    assert_eq!(envelope::parse("longkey2.a.b").err(), Some(Refusal::StoreNewer));
    assert_eq!(envelope::parse("").err(), Some(Refusal::StoreDamaged));
}

#[test]
fn a_slot_opens_for_its_secret_and_its_vault_only() {
    let mut rng = Counter::default();
    let mut env = Env { now: START, rng: &mut rng };
    let slot = Slot::make(&mut env, &[1; 16], Id::new([2; 8]), Kind::Device, &key(4), &key(5));
    assert!(slot.open(&[1; 16], &key(4)).is_some());
    assert!(slot.open(&[1; 16], &key(3)).is_none());
    assert!(slot.open(&[9; 16], &key(4)).is_none());
}

#[test]
fn an_inbox_item_opens_for_its_vault_only() {
    let mut rng = Counter::default();
    let mut env = Env { now: START, rng: &mut rng };
    let id = Id::new([2; 8]);
    let item = Item::seal(&mut env, &[1; 16], &public_half(&key(7)), id, b"sighting");
    assert_eq!(item.open(&[1; 16], &key(7)).expect("it opens").as_slice(), b"sighting");
    assert!(item.open(&[1; 16], &key(8)).is_none());
    assert!(item.open(&[2; 16], &key(7)).is_none());
    let mut renamed = item;
    renamed.id = Id::new([3; 8]);
    assert!(renamed.open(&[1; 16], &key(7)).is_none());
}

#[test]
fn costs_above_the_ceiling_are_refused_before_anything_is_computed() {
    for (m, t, p) in
        [(1024 * 1024, 1, 1), (256 * 1024, 5, 1), (65_536, 0, 1), (65_536, 3, 5), (7, 1, 1), (u32::MAX, u32::MAX, 4)]
    {
        assert!(Work::new(m, t, p).is_none(), "{m} KiB, {t} passes, {p} lanes");
        let text = format!(r#"{{"m":{m},"t":{t},"p":{p}}}"#);
        assert!(serde_json::from_str::<Work>(&text).is_err());
    }
    assert_eq!(Work::new(65_536, 3, 1), Some(Work::USUAL));
}

/// A vault that was written by the first version. Never edited: what was saved once opens for ever.
#[test]
fn the_golden_vault_opens() {
    let text = include_str!("../../vectors/vault-1.txt").trim();
    let envelope = envelope::parse(text).expect("an envelope");
    let vault_key = envelope.header.slots[0].open(&envelope.header.vault, &key(1)).expect("the slot opens");
    let plain = envelope.open(&vault_key).expect("it opens");
    let vault: serde_json::Value = serde_json::from_slice(&plain).expect("JSON");
    assert_eq!(vault["entries"][0]["keys"][0]["key"], "JBSWY3DPEHPK3PXP");
    let mut world = World::new();
    let head = include_str!("../../vectors/vault-1.head.json").trim();
    let place = if head.contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
    world.local.insert(place, text.into());
    world.local.insert(Key::Head, head.into());
    world.local.insert(Key::Born, "1".into());
    world.unlocks(1);
    assert_eq!(world.view().entries[0].handle.as_str(), "standin_user");
}

/// A vault and a backup file of reader version 2: passphrase, recovery code and passkey, an entry in the bin.
#[test]
fn the_golden_vault_of_reader_2_opens_in_every_way() {
    let golden: serde_json::Value = serde_json::from_str(include_str!("../../vectors/vault-2.json")).expect("JSON");
    let text = |name: &str| golden[name].as_str().expect(name).to_owned();
    let world = || {
        let mut world = World::new();
        let head = text("head");
        let place = if head.contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
        world.local.insert(place, text("vault"));
        world.local.insert(Key::Head, head);
        world.local.insert(Key::Born, "1".into());
        world
    };
    let mut by_passphrase = world();
    assert_eq!(by_passphrase.unlocks(1), Answer::Done);
    let mut by_code = world();
    by_code.done(Question::Recover { code: Secret::new(text("recovery")) });
    let mut by_passkey = world();
    let slot = by_passkey.view().ways.into_iter().find_map(|way| match way {
        Way::Passkey { terms, .. } => Some(terms.slot),
        _ => None,
    });
    by_passkey.done(Question::Unlock { slot: slot.expect("a passkey"), derived: bytes(7) });
    for mut world in [by_passphrase, by_code, by_passkey] {
        let view = world.view();
        assert_eq!((view.entries[0].handle.as_str(), view.bin[0].handle.as_str()), ("standin_user", "deleted"));
    }
    let mut fresh = World::new();
    fresh.done(Question::Restore { file: Secret::new(text("backup")), derived: bytes(5) });
    assert_eq!(fresh.view().entries[0].handle.as_str(), "standin_user");
}

/// A vault and a backup file of reader version 3: backup codes in every state, in an entry and in the bin.
#[test]
fn the_golden_vault_of_reader_3_opens_with_its_backup_codes() {
    use longkey_core::protocol::CodeState::{Unknown, Unused, Used, Void};
    let golden: serde_json::Value = serde_json::from_str(include_str!("../../vectors/vault-3.json")).expect("JSON");
    let text = |name: &str| golden[name].as_str().expect(name).to_owned();
    let head = text("head");
    let place = if head.contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
    let mut world = World::new();
    world.local.extend([(place, text("vault")), (Key::Head, head), (Key::Born, "1".into())]);
    assert_eq!(world.unlocks(1), Answer::Done);
    let deleted = world.view().bin[0].id;
    world.done(Question::Undelete { entry: deleted });
    let mut restored = World::new();
    restored.done(Question::Restore { file: Secret::new(text("backup")), derived: bytes(5) });
    for (mut world, entries) in [(world, 2), (restored, 1)] {
        let view = world.view();
        assert_eq!(view.entries.len(), entries);
        let states: Vec<_> = view.entries[0].backup.iter().map(|it| it.state).collect();
        assert_eq!(states, [Void, Used, Void, Unknown, Unused]);
        let (entry, added) = (view.entries[0].id, view.entries[0].backup[4].added);
        let Answer::BackupCode(code) = world.ask(Question::BackupCode { entry, added }) else { panic!("no code") };
        assert_eq!(code.expose(), "mfrg gzdf mztw");
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn vault_3() -> serde_json::Value {
    use longkey_core::protocol::BackupMark;
    let mut world = World::new();
    world.sets_passphrase(1);
    let mut ids = vec![];
    for handle in ["standin_user", "deleted"] {
        let text = Secret::new("JBSWY3DPEHPK3PXP".into());
        let Answer::Kept(entry) = world.ask(Question::AddKey { text, handle: handle.into() }) else { panic!("kept") };
        let text = Secret::new("yvm51584v29r\nq7w8e9r0t1y2\na1b2c3d4e5f6\nk0m4n8p1r5s9".into());
        world.done(Question::AddBackupCodes { entry, text });
        ids.push(entry);
    }
    let entry = ids[0];
    let added: Vec<_> = world.view().entries[0].backup.iter().map(|it| it.added).collect();
    world.done(Question::MarkBackup { entry, mark: BackupMark::Used(added[1]) });
    world.done(Question::MarkBackup { entry, mark: BackupMark::Refused(added[2]) });
    // X refuses a key that it had accepted: what is still open is unknown.
    world.done(Question::Accepted { entry });
    world.done(Question::Refuses { entry });
    world.done(Question::AddBackupCodes { entry, text: Secret::new("mfrggzdfmztw".into()) });
    world.done(Question::Delete { entry: ids[1] });
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    let made = world.ask(Question::MakeBackup { terms, derived: bytes(5) });
    let Answer::Backup { file: backup, .. } = made else { panic!("no backup") };
    let head = &world.local[&Key::Head];
    let place = if head.contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
    serde_json::json!({ "vault": world.local[&place], "head": head, "backup": backup.expose() })
}

/// A vault and a backup file of reader version 4: workspaces, X's numbers of accounts, Fans API and its keys.
#[test]
fn the_golden_vault_of_reader_4_opens_with_its_services() {
    let golden: serde_json::Value = serde_json::from_str(include_str!("../../vectors/vault-4.json")).expect("JSON");
    let text = |name: &str| golden[name].as_str().expect(name).to_owned();
    let head = text("head");
    let place = if head.contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
    let mut world = World::new();
    world.local.extend([(place, text("vault")), (Key::Head, head), (Key::Born, "1".into())]);
    assert_eq!(world.unlocks(1), Answer::Done);
    let mut restored = World::new();
    restored.done(Question::Restore { file: Secret::new(text("backup")), derived: bytes(5) });
    for mut world in [world, restored] {
        let view = world.view();
        let told: Vec<_> = view.xquik.iter().map(|it| (it.name.as_str(), it.last_four.as_str())).collect();
        assert_eq!(told, [("", "cdef"), ("Agency", "3210")]);
        assert_eq!(view.fansly.expect("Fans API").last_four, "6789");
        let keys: Vec<_> = view.fansly_keys.iter().map(|it| (it.id.as_str(), it.name.as_str())).collect();
        assert_eq!(keys, [("fansly_acct_FAKE0001", "@fake_creator")]);
        // X's number of the account is known: its key goes with it under another name.
        world.sent.clear();
        let first = view.xquik[0].id;
        let question =
            Question::Connect { api_key: Secret::new(API_KEY.into()), name: String::new(), workspace: Some(first) };
        world.ask_for(question);
        world.service_answers(200, &ACCOUNTS.replace("Standin_User", "other_name"));
        let account = world.account("900001");
        let listed = crate::stories::listed(&mut world, &account);
        assert_eq!(listed.renamed.as_ref().map(longkey_core::label::Handle::as_str), Some("standin_user"));
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn vault_4() -> serde_json::Value {
    use longkey_core::services::fansly::Address;
    let mut world = World::new();
    world.sets_passphrase(1);
    let text = Secret::new("JBSWY3DPEHPK3PXP".into());
    world.done(Question::AddKey { text, handle: "standin_user".into() });
    world.connects(ACCOUNTS);
    let api_key = Secret::new(format!("xq_{}", "fedcba9876543210".repeat(4)));
    world.ask_for(Question::Connect { api_key, name: "Agency".into(), workspace: None });
    world.service_answers(200, r#"{"accounts":[]}"#);
    let api_key = Secret::new("12|abcdefghijklmnopqrstuvwxyz0123456789".into());
    world.ask_for(Question::ConnectFans { api_key, word: Address::New });
    let listed = r#"[{"id":"fansly_acct_FAKE0001","fansly_username":"fake_creator","is_authenticated":false}]"#;
    world.service_answers(200, listed);
    for key in ["JBSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQ"] {
        let text = Secret::new(key.into());
        world.done(Question::FanslyKey { member: "fansly_acct_FAKE0001".into(), text });
        world.later(longkey_core::clock::Span::seconds(1));
    }
    let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
    let made = world.ask(Question::MakeBackup { terms, derived: bytes(5) });
    let Answer::Backup { file: backup, .. } = made else { panic!("no backup") };
    let head = &world.local[&Key::Head];
    let place = if head.contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
    serde_json::json!({ "vault": world.local[&place], "head": head, "backup": backup.expose() })
}

/// Writes a golden vault where there is none yet (`WRITE_VECTORS=1`); an existing one is left alone.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn golden_vaults_are_written_once() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let file = folder.join("vault-2.json");
    let missing = std::fs::read_to_string(&file).unwrap_or_default().trim().is_empty();
    if std::env::var_os("WRITE_VECTORS").is_some() && missing {
        let mut world = World::new();
        world.sets_passphrase(1);
        let mut ids = vec![];
        for handle in ["standin_user", "deleted"] {
            let text = Secret::new("JBSWY3DPEHPK3PXP".into());
            let Answer::Kept(id) = world.ask(Question::AddKey { text, handle: handle.into() }) else { panic!("kept") };
            ids.push(id);
        }
        world.done(Question::Delete { entry: ids[1] });
        let Answer::Recovery(code) = world.ask(Question::NewRecovery) else { panic!("no code") };
        world.done(Question::KeepRecovery { typed: code.clone() });
        let Answer::PasskeyTerms(terms) = world.ask(Question::NewPasskeyTerms) else { panic!("no terms") };
        let credential = longkey_core::base64::print(b"credential");
        world.done(Question::AddPasskey { terms, credential, derived: bytes(7) });
        let Answer::Terms(terms) = world.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
        let made = world.ask(Question::MakeBackup { terms, derived: bytes(5) });
        let Answer::Backup { file: backup, .. } = made else { panic!("no backup") };
        let head = &world.local[&Key::Head];
        let place = if head.contains("\"active\":0") { Key::Vault0 } else { Key::Vault1 };
        let golden = serde_json::json!({
            "vault": world.local[&place], "head": head, "recovery": code.expose(), "backup": backup.expose(),
        });
        std::fs::write(&file, format!("{golden:#}\n")).expect("written");
    }
    for (name, make) in [("vault-3.json", vault_3 as fn() -> _), ("vault-4.json", vault_4)] {
        let file = folder.join(name);
        let missing = std::fs::read_to_string(&file).unwrap_or_default().trim().is_empty();
        if std::env::var_os("WRITE_VECTORS").is_some() && missing {
            std::fs::write(&file, format!("{:#}\n", make())).expect("written");
        }
    }
    assert!(
        ["vault-1.txt", "vault-1.head.json", "vault-2.json", "vault-3.json", "vault-4.json"]
            .iter()
            .all(|name| folder.join(name).exists())
    );
}
