//! The vault on disk, version 1: `longkey1.<header>.<sealed>`, both base64 without padding.
//!
//! The header is JSON in one canonical form; its exact bytes are the AEAD's associated data, so a change of
//! any bit of it is refused together with the content. The plain text is padded to steps of 4 KiB
//! (ISO/IEC 7816-4: one bit set, then zeros), so that its size tells little. Old versions are never edited:
//! a new format gets a new number and a new golden file.

use super::crypto::{derive, open, seal};
use super::slots::{Kind, Slot};
use crate::base64;
use crate::env::Env;
use crate::refusal::Refusal;
use crate::secret::Key32;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const MAGIC: &str = "longkey1";
/// The oldest reader version that understands what is written here. 2: recovery codes, passkeys, the bin and the last
/// backup; 3: backup codes; 4: several workspaces, X's numbers of accounts, Fans API. An older reader would drop them at its next write.
const MIN_READER: u32 = 4;
/// What this reader understands.
const READER: u32 = 4;
const STEP: usize = 4096;
const TAG: usize = 16;
/// Above this the store's quota would be near (`storage.local`: 10 MB).
const MOST: usize = 8 * 1024 * 1024;

/// A header of this version has a few hundred bytes for each slot. More is none of ours, and is not even decoded.
const MOST_HEADER: usize = 64 * 1024;
/// More ways in than anybody makes.
const MOST_SLOTS: usize = 16;

/// What is readable without a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Header {
    /// The oldest reader that may open this.
    pub min_reader: u32,
    /// The vault's id.
    #[serde(with = "base64::bytes")]
    pub vault: [u8; 16],
    /// Counts vault keys: one more with each new key.
    pub epoch: u32,
    /// Counts commits.
    pub generation: u64,
    /// The inbox's public key: a locked vault can still receive a capture.
    #[serde(with = "base64::bytes")]
    pub inbox: [u8; 32],
    /// Ways of opening it.
    pub slots: Vec<Slot>,
    #[serde(with = "base64::bytes")]
    write_salt: [u8; 32],
    #[serde(with = "base64::bytes")]
    nonce: [u8; 24],
}

impl Header {
    /// As written by this version, whatever version wrote it before.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { min_reader: MIN_READER, generation: self.generation + 1, ..self.clone() }
    }

    /// The header of a new vault; the write salt and nonce come with each [`print`].
    #[must_use]
    pub fn new(vault: [u8; 16], epoch: u32, generation: u64, inbox: [u8; 32], slots: Vec<Slot>) -> Self {
        Self { min_reader: MIN_READER, vault, epoch, generation, inbox, slots, write_salt: [0; 32], nonce: [0; 24] }
    }

    /// The vault key, by the device key.
    #[must_use]
    pub fn opens_by(&self, device: &Key32) -> Option<Key32> {
        self.slots.iter().find(|slot| slot.kind == Kind::Device)?.open(&self.vault, device)
    }

    fn bytes(&self) -> Vec<u8> {
        // Fails only for maps with keys that are no text; there are none.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Seals `plain` under the vault key, with a fresh write salt and nonce. Updates the header.
#[must_use]
pub fn print(env: &mut Env<'_>, header: &mut Header, vault_key: &Key32, plain: &[u8]) -> String {
    header.write_salt = env.random();
    header.nonce = env.random();
    let bytes = header.bytes();
    let mut padded = Zeroizing::new(Vec::with_capacity(plain.len() + STEP));
    padded.extend_from_slice(plain);
    padded.push(0x80);
    let full = padded.len().div_ceil(STEP) * STEP;
    padded.resize(full, 0);
    let sealed = seal(&content_key(header, vault_key), &header.nonce, &padded, &bytes);
    [MAGIC, ".", &base64::print(&bytes), ".", &base64::print(&sealed)].concat()
}

/// What [`parse`] read: openable, not yet opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What is readable without a key. Believed only after [`Envelope::open`].
    pub header: Header,
    bytes: Vec<u8>,
    sealed: Vec<u8>,
}

/// Reads the outer form.
///
/// # Errors
/// [`Refusal::StoreNewer`] if a later Longkey wrote it, else [`Refusal::StoreDamaged`].
pub fn parse(text: &str) -> Result<Envelope, Refusal> {
    if text.len() > MOST {
        return Err(Refusal::StoreDamaged);
    }
    let (magic, rest) = text.split_once('.').ok_or(Refusal::StoreDamaged)?;
    if magic != MAGIC {
        let newer = magic.strip_prefix("longkey").and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| n > 1);
        return Err(if newer { Refusal::StoreNewer } else { Refusal::StoreDamaged });
    }
    let (header, sealed) = rest.split_once('.').ok_or(Refusal::StoreDamaged)?;
    if header.len() > MOST_HEADER {
        return Err(Refusal::StoreDamaged);
    }
    let bytes = base64::parse(header).ok_or(Refusal::StoreDamaged)?;
    let sealed = base64::parse(sealed).ok_or(Refusal::StoreDamaged)?;
    // Whole steps and Poly1305's tag (RFC 8439 section 2.5): a text that was cut off is told before a passphrase is asked for.
    if sealed.len() % STEP != TAG {
        return Err(Refusal::StoreDamaged);
    }
    #[derive(Deserialize)]
    struct Reader {
        min_reader: u32,
    }
    let reader: Reader = serde_json::from_slice(&bytes).map_err(|_| Refusal::StoreDamaged)?;
    if reader.min_reader > READER {
        return Err(Refusal::StoreNewer);
    }
    let header: Header = serde_json::from_slice(&bytes).map_err(|_| Refusal::StoreDamaged)?;
    // Canonical, or it was not written here.
    if header.bytes() != bytes {
        return Err(Refusal::StoreDamaged);
    }
    // One id, one slot: a question names a slot by its id.
    let twice = |at: usize, slot: &Slot| header.slots[..at].iter().any(|before| before.id == slot.id);
    if header.slots.len() > MOST_SLOTS || header.slots.iter().enumerate().any(|(at, slot)| twice(at, slot)) {
        return Err(Refusal::StoreDamaged);
    }
    Ok(Envelope { header, bytes, sealed })
}

impl Envelope {
    /// Opens it; nothing if the key is another or a bit differs.
    #[must_use]
    pub fn open(&self, vault_key: &Key32) -> Option<Zeroizing<Vec<u8>>> {
        let key = content_key(&self.header, vault_key);
        let mut padded = open(&key, &self.header.nonce, &self.sealed, &self.bytes)?;
        let end = padded.iter().rposition(|byte| *byte != 0).filter(|at| padded[*at] == 0x80)?;
        padded.truncate(end);
        Some(padded)
    }
}

fn content_key(header: &Header, vault_key: &Key32) -> Zeroizing<[u8; 32]> {
    derive(vault_key.expose(), &[&header.vault, &header.write_salt], &["longkey/v1/data"])
}
