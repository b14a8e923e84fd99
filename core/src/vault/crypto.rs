//! The ciphers of the vault, each with its purpose in its name. Everything random comes in from outside.

use crate::secret::Key32;
use alloc::vec::Vec;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// HKDF-SHA-256 (RFC 5869) for `N` bytes.
pub(super) fn derive<const N: usize>(input: &[u8], salt: &[&[u8]], info: &[&str]) -> Zeroizing<[u8; N]> {
    let mut okm = Zeroizing::new([0; N]);
    let salt = salt.concat();
    let info = info.concat();
    // Fails only above 255 × 32 bytes; N is 32 or 64.
    let _ = Hkdf::<Sha256>::new(Some(&salt), input).expand(info.as_bytes(), okm.as_mut_slice());
    okm
}

/// XChaCha20-Poly1305 with associated bytes.
pub(super) fn seal(key: &[u8; 32], nonce: &[u8; 24], plain: &[u8], associated: &[u8]) -> Vec<u8> {
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    // Fails only above 256 GiB.
    cipher.encrypt(&XNonce::from(*nonce), Payload { msg: plain, aad: associated }).unwrap_or_default()
}

/// The reverse; nothing if a single bit differs.
pub(super) fn open(key: &[u8; 32], nonce: &[u8; 24], sealed: &[u8], associated: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = XChaCha20Poly1305::new(&(*key).into());
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: associated }).ok().map(Zeroizing::new)
}

/// SHA-256 of a text, base64: damage shows before a passphrase is asked.
#[must_use]
pub fn checksum(text: &str) -> alloc::string::String {
    crate::base64::print(&Sha256::digest(text.as_bytes()))
}

/// Splits 64 derived bytes into the wrapping key and the commitment.
pub(super) fn wrap_and_commit(okm: &[u8; 64]) -> (Key32, [u8; 32]) {
    let (mut wrap, mut commit) = ([0; 32], [0; 32]);
    wrap.copy_from_slice(&okm[..32]);
    commit.copy_from_slice(&okm[32..]);
    (Key32::new(wrap), commit)
}
