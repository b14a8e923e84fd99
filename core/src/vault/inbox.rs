//! The sealed inbox: anyone who can read the vault's header can put something in, only the open vault
//! can take it out. So a capture is safe the moment it is seen, locked or not.
//!
//! X25519 (RFC 7748) with a fresh key pair for each item, HKDF-SHA-256, XChaCha20-Poly1305.

use super::crypto::{derive, open, seal};
use crate::base64;
use crate::env::Env;
use crate::label::Id;
use crate::secret::Key32;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

/// The public half of an inbox's key.
#[must_use]
pub fn public_half(private: &Key32) -> [u8; 32] {
    PublicKey::from(&StaticSecret::from(*private.expose())).to_bytes()
}

/// One sealed item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Item {
    /// Its id: the same capture put in twice counts once.
    pub id: Id,
    sealed: String,
}

impl Item {
    /// Seals `plain` to the inbox.
    #[must_use]
    pub fn seal(env: &mut Env<'_>, vault: &[u8; 16], inbox: &[u8; 32], id: Id, plain: &[u8]) -> Self {
        let ours = StaticSecret::from(env.random::<32>());
        let public = PublicKey::from(&ours).to_bytes();
        let shared = ours.diffie_hellman(&PublicKey::from(*inbox));
        let key = derive::<32>(shared.as_bytes(), &[&public, inbox], &["longkey/v1/inbox"]);
        let nonce: [u8; 24] = env.random();
        let sealed = seal(&key, &nonce, plain, &associated(vault, id));
        Self { id, sealed: base64::print(&[public.as_slice(), &nonce, &sealed].concat()) }
    }

    /// Opens it with the vault's private half; nothing if a bit differs.
    #[must_use]
    pub fn open(&self, vault: &[u8; 16], private: &Key32) -> Option<Zeroizing<Vec<u8>>> {
        let bytes = base64::parse(&self.sealed)?;
        let (public, rest) = bytes.split_first_chunk::<32>()?;
        let (nonce, sealed) = rest.split_first_chunk::<24>()?;
        let ours = StaticSecret::from(*private.expose());
        let shared = ours.diffie_hellman(&PublicKey::from(*public));
        // RFC 7748 §6.1: an all-zero result means a hostile public key.
        if !shared.was_contributory() {
            return None;
        }
        let key = derive::<32>(shared.as_bytes(), &[public, &public_half(private)], &["longkey/v1/inbox"]);
        open(&key, nonce, sealed, &associated(vault, self.id))
    }
}

fn associated(vault: &[u8; 16], id: Id) -> Vec<u8> {
    alloc::format!("longkey/v1/inbox/{}/{id}", base64::print(vault)).into_bytes()
}
