//! A reader of the vault by somebody who has core/README.md ("The vault on disk, version 1") and the plain ciphers,
//! and nothing of Longkey: what was saved can be read without Longkey, and the core's ciphers are the ones that it
//! names. Only the golden files are shared.
//!
//! `vectors/whole-1.json` holds a vault with both kinds of slot, the passphrase, the device key, an item of the inbox
//! and what each must open to. It was written by the core once (`WRITE_VECTORS=1`) and is never edited.

use super::argon2id;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use longkey_core::label::Id;
use longkey_core::secret::{Key32, Secret};
use longkey_core::vault::inbox::Item;
use longkey_core::vault::work::Work;
use longkey_core::vault::{Sighting, Vault, crypto, envelope};
use serde_json::Value;
use sha2::{Digest, Sha256};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use x25519_dalek::{PublicKey, StaticSecret};

const WHOLE: &str = include_str!("../../../vectors/whole-1.json");
const VAULT_1: &str = include_str!("../../../vectors/vault-1.txt");
const HEAD_1: &str = include_str!("../../../vectors/vault-1.head.json");

/// The vault of the items that [`item`] seals.
pub(super) const VAULT: [u8; 16] = [7; 16];
/// What is in them.
pub(super) const PLAIN: &[u8] = b"sealed by a stranger";

/// Base64 (RFC 4648 §4) without padding, as a stranger writes it.
fn unprint(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut window, mut bits) = (vec![], 0_u32, 0);
    for letter in text.bytes() {
        let value = alphabet.iter().position(|it| *it == letter).expect("a letter of base64");
        window = (window << 6 | value as u32) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((window >> bits) as u8);
        }
    }
    bytes
}

fn print(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let window = (0..3).fold(0_u32, |sum, at| sum << 8 | u32::from(part.get(at).copied().unwrap_or(0)));
        for at in 0..=part.len() {
            text.push(char::from(alphabet[(window >> (18 - 6 * at) & 63) as usize]));
        }
    }
    text
}

fn field(value: &Value) -> Vec<u8> {
    unprint(value.as_str().expect("base64"))
}

fn derive(input: &[u8], salt: &[u8], info: &str, length: usize) -> Vec<u8> {
    let mut okm = vec![0; length];
    Hkdf::<Sha256>::new(Some(salt), input).expand(info.as_bytes(), &mut okm).expect("a short output");
    okm
}

fn cipher(key: &[u8]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new_from_slice(key).expect("32 bytes")
}

fn unseal(key: &[u8], nonce: &[u8], sealed: &[u8], aad: &[u8]) -> Vec<u8> {
    let nonce = XNonce::try_from(nonce).expect("24 bytes");
    cipher(key).decrypt(&nonce, Payload { msg: sealed, aad }).expect("it opens")
}

/// The vault key in a slot, for that slot's secret.
fn slot(slot: &Value, vault: &[u8], kind: &str, secret: &[u8]) -> Vec<u8> {
    let id = slot["id"].as_str().expect("an id");
    let okm = derive(secret, vault, &format!("longkey/v1/slot/{kind}/{id}"), 64);
    assert_eq!(&okm[32..], field(&slot["commit"]), "the commitment of the {kind} slot");
    let aad = format!("longkey/v1/slot/{kind}/{id}/{}", print(vault));
    unseal(&okm[..32], &field(&slot["nonce"]), &field(&slot["wrapped"]), aad.as_bytes())
}

/// Header and content of a vault for its vault key.
fn content(text: &str, vault_key: &[u8]) -> Value {
    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!((parts.len(), parts[0]), (3, "longkey1"));
    let bytes = unprint(parts[1]);
    let header: Value = serde_json::from_slice(&bytes).expect("JSON");
    let salt = [field(&header["vault"]), field(&header["write_salt"])].concat();
    let key = derive(vault_key, &salt, "longkey/v1/data", 32);
    let padded = unseal(&key, &field(&header["nonce"]), &unprint(parts[2]), &bytes);
    assert_eq!(padded.len() % 4096, 0);
    let end = padded.iter().rposition(|byte| *byte != 0).expect("ISO/IEC 7816-4's mark");
    assert_eq!(padded[end], 0x80);
    serde_json::from_slice(&padded[..end]).expect("JSON")
}

fn header(text: &str) -> Value {
    serde_json::from_slice(&unprint(text.split('.').nth(1).expect("a header"))).expect("JSON")
}

#[test]
fn a_stranger_reads_the_first_golden_vault() {
    let text = VAULT_1.trim();
    let header = header(text);
    let vault = field(&header["vault"]);
    // `vault-1` was made with a secret of 32 ones in place of Argon2id's.
    let vault_key = slot(&header["slots"][0], &vault, "passphrase", &[1; 32]);
    let content = content(text, &vault_key);
    assert_eq!(content["entries"][0]["handle"], "standin_user");
    assert_eq!(content["entries"][0]["keys"][0]["key"], "JBSWY3DPEHPK3PXP");
    let public = PublicKey::from(&StaticSecret::from(<[u8; 32]>::try_from(field(&content["inbox"])).expect("32")));
    assert_eq!(public.as_bytes().as_slice(), field(&header["inbox"]));
    let head: Value = serde_json::from_str(HEAD_1).expect("JSON");
    assert_eq!(field(&head["sha256"]), Sha256::digest(text).as_slice());
    assert_eq!(head["generation"], header["generation"]);
}

#[test]
fn a_stranger_reads_everything_from_the_passphrase_on() {
    let whole: Value = serde_json::from_str(WHOLE).expect("JSON");
    let text = whole["vault"].as_str().expect("a vault");
    let header = header(text);
    let vault = field(&header["vault"]);
    let terms = &header["slots"][0]["kind"]["passphrase"];
    let number = |name: &str| u32::try_from(terms["work"][name].as_u64().expect("a number")).expect("32 bits");
    let work = Work::new(number("m"), number("t"), number("p")).expect("below the ceiling");
    let derived = argon2id(whole["passphrase"].as_str().expect("a passphrase"), &field(&terms["salt"]), work);
    let vault_key = slot(&header["slots"][0], &vault, "passphrase", &derived);
    assert_eq!(slot(&header["slots"][1], &vault, "device", &field(&whole["device"])), vault_key);
    let content = content(text, &vault_key);
    assert_eq!(content, whole["content"]);

    let item = &whole["inbox"][0];
    let bytes = field(&item["sealed"]);
    let private = StaticSecret::from(<[u8; 32]>::try_from(field(&content["inbox"])).expect("32 bytes"));
    let public: [u8; 32] = bytes[..32].try_into().expect("32 bytes");
    let shared = private.diffie_hellman(&PublicKey::from(public));
    let salt = [public, PublicKey::from(&private).to_bytes()].concat();
    let key = derive(shared.as_bytes(), &salt, "longkey/v1/inbox", 32);
    let aad = format!("longkey/v1/inbox/{}/{}", print(&vault), item["id"].as_str().expect("an id"));
    let plain = unseal(&key, &bytes[32..56], &bytes[56..], aad.as_bytes());
    assert_eq!(serde_json::from_slice::<Value>(&plain).expect("JSON"), whole["sighting"]);
}

/// The same file by Longkey: for ever.
#[test]
fn longkey_reads_the_same() {
    let whole: Value = serde_json::from_str(WHOLE).expect("JSON");
    let envelope = envelope::parse(whole["vault"].as_str().expect("a vault")).expect("an envelope");
    let (id, slots) = (envelope.header.vault, &envelope.header.slots);
    let device = Key32::from_text(&Secret::new(whole["device"].as_str().expect("a key").into())).expect("a key");
    let derived = Key32::new(argon2id(super::PASSPHRASE, &super::salt(), Work::USUAL));
    for (slot, secret) in slots.iter().zip([derived, device]) {
        let vault_key = slot.open(&id, &secret).expect("the slot opens");
        let plain = envelope.open(&vault_key).expect("the vault opens");
        let vault: Vault = serde_json::from_slice(&plain).expect("a vault");
        assert_eq!(vault.entries[0].handle.as_str(), "standin_user");
        let inbox: Vec<Item> = serde_json::from_value(whole["inbox"].clone()).expect("an inbox");
        let plain = inbox[0].open(&id, &vault.inbox().expect("an inbox")).expect("the item opens");
        let sighting: Sighting = serde_json::from_slice(&plain).expect("a sighting");
        assert_eq!(sighting.key.expose(), "GEZDGNBVGY3TQOJQ");
    }
    assert_eq!(slots.len(), 2);
    assert_eq!(crypto::checksum("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0", "SHA-256 of FIPS 180-2 B.1");
}

/// An item as a stranger seals it, from the shared secret on.
pub(super) fn item(public: &[u8; 32], shared: &[u8; 32], inbox: &[u8; 32]) -> Item {
    let key = derive(shared, &[*public, *inbox].concat(), "longkey/v1/inbox", 32);
    let id = Id::new([5; 8]);
    let aad = format!("longkey/v1/inbox/{}/{id}", print(&VAULT));
    let sealed = cipher(&key).encrypt(&XNonce::from([9; 24]), Payload { msg: PLAIN, aad: aad.as_bytes() });
    let bytes = [public.as_slice(), &[9; 24], &sealed.expect("sealed")].concat();
    let json = serde_json::json!({ "id": id.to_string(), "sealed": print(&bytes) });
    serde_json::from_value(json).expect("an item")
}

/// Writes `whole-1.json` where there is none yet (`WRITE_VECTORS=1`); an existing one is left alone.
#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_whole_is_written_once() {
    use crate::world::{Counter, KEY, OTHER_KEY, START};
    use longkey_core::capture::KeyState;
    use longkey_core::code::Recipe;
    use longkey_core::env::Env;
    use longkey_core::label::Handle;
    use longkey_core::long_key::LongKey;
    use longkey_core::vault::envelope::Header;
    use longkey_core::vault::inbox::public_half;
    use longkey_core::vault::slots::{Kind, Slot};

    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/whole-1.json");
    let missing = std::fs::read_to_string(&path).unwrap_or_default().trim().is_empty();
    if std::env::var_os("WRITE_VECTORS").is_some() && missing {
        let mut rng = Counter::default();
        let mut env = Env { now: START, rng: &mut rng };
        let (id, vault_key, device) = (env.random(), Key32::new(env.random()), Key32::new(env.random()));
        let mut vault = Vault::new(&mut env);
        let handle = Handle::parse("standin_user").expect("a handle");
        vault.keep(env.id(), &handle, &LongKey::parse(KEY).expect("a key"), Recipe::default(), START);
        let inbox = public_half(&vault.inbox().expect("an inbox"));
        let kind = Kind::Passphrase { work: Work::USUAL, salt: super::salt() };
        let derived = Key32::new(argon2id(super::PASSPHRASE, &super::salt(), Work::USUAL));
        let (first, second) = (env.id(), env.id());
        let slots = vec![
            Slot::make(&mut env, &id, first, kind, &derived, &vault_key),
            Slot::make(&mut env, &id, second, Kind::Device, &device, &vault_key),
        ];
        let mut header = Header::new(id, 1, 1, inbox, slots);
        let content = serde_json::to_vec(&vault).expect("JSON");
        let text = envelope::print(&mut env, &mut header, &vault_key, &content);
        let key = LongKey::parse(OTHER_KEY).expect("a key");
        let sighting = Sighting {
            key,
            handle: Some(handle),
            seen: START,
            kept: false,
            state: KeyState::Pending,
            recipe: Default::default(),
        };
        let sighting = serde_json::to_vec(&sighting).expect("JSON");
        let item = env.id();
        let item = Item::seal(&mut env, &id, &inbox, item, &sighting);
        let json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("JSON");
        let whole = serde_json::json!({
            "passphrase": super::PASSPHRASE,
            "device": device.to_text().expose(),
            "vault": text,
            "content": json(&content),
            "inbox": [item],
            "sighting": json(&sighting),
        });
        std::fs::write(&path, serde_json::to_string_pretty(&whole).expect("JSON") + "\n").expect("written");
    }
    assert!(path.exists());
}
