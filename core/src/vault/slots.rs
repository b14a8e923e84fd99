//! Key slots: each wraps the vault key for one way of opening the vault.
//!
//! `HKDF(secret, salt = vault id, info = "longkey/v1/slot/<type>/<slot id>")` gives a wrapping key and a
//! commitment; the commitment is compared in constant time before anything is decrypted, so that one
//! ciphertext cannot be opened by two secrets (key-committing, which the AEAD alone is not).

use super::crypto::{derive, open, seal, wrap_and_commit};
use super::work::Work;
use crate::base64;
use crate::env::Env;
use crate::label::Id;
use crate::secret::Key32;
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// How a slot's secret comes to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// A passphrase, by Argon2id.
    Passphrase {
        /// Cost.
        work: Work,
        /// Argon2id's salt.
        #[serde(with = "base64::bytes")]
        salt: [u8; 16],
    },
    /// A recovery code ([`super::recovery`]).
    Recovery,
    /// The output of a passkey's PRF (WebAuthn Level 3 §10.1.4).
    Passkey {
        /// WebAuthn's id of the credential.
        #[serde(with = "base64::bytes")]
        credential: Vec<u8>,
        /// The PRF's input.
        #[serde(with = "base64::bytes")]
        salt: [u8; 32],
    },
    /// 32 random bytes that lie beside the vault: opens without asking, protects nothing.
    Device,
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Passphrase { .. } => "passphrase",
            Self::Recovery => "recovery",
            Self::Passkey { .. } => "passkey",
            Self::Device => "device",
        }
    }
}

/// How a slot's secret is derived.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub struct Terms {
    /// The slot.
    pub slot: Id,
    /// Salt of Argon2id, base64.
    pub salt: String,
    /// Cost of Argon2id.
    pub work: Work,
}

impl Terms {
    /// The terms of a passphrase's slot.
    #[must_use]
    pub fn of(slot: &Slot) -> Option<Self> {
        match &slot.kind {
            Kind::Passphrase { work, salt } => Some(Self { slot: slot.id, salt: base64::print(salt), work: *work }),
            _ => None,
        }
    }

    /// The slot that these terms are for.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        let salt = <[u8; 16]>::try_from(base64::parse(&self.salt)?).ok()?;
        Some(Kind::Passphrase { work: self.work, salt })
    }
}

/// One way of opening the vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Slot {
    /// Its id.
    pub id: Id,
    /// How its secret comes to be.
    pub kind: Kind,
    #[serde(with = "base64::bytes")]
    commit: [u8; 32],
    #[serde(with = "base64::bytes")]
    nonce: [u8; 24],
    #[serde(with = "base64::bytes")]
    wrapped: Vec<u8>,
}

impl Slot {
    /// Wraps the vault key under this secret.
    pub fn make(env: &mut Env<'_>, vault: &[u8; 16], id: Id, kind: Kind, secret: &Key32, vault_key: &Key32) -> Self {
        let (wrap, commit) = keys(vault, id, &kind, secret);
        let nonce = env.random();
        let wrapped = seal(wrap.expose(), &nonce, vault_key.expose(), &associated(vault, id, &kind));
        Self { id, kind, commit, nonce, wrapped }
    }

    /// Unwraps the vault key; nothing if the secret is another.
    #[must_use]
    pub fn open(&self, vault: &[u8; 16], secret: &Key32) -> Option<Key32> {
        let (wrap, commit) = keys(vault, self.id, &self.kind, secret);
        if !bool::from(commit.ct_eq(&self.commit)) {
            return None;
        }
        let key = open(wrap.expose(), &self.nonce, &self.wrapped, &associated(vault, self.id, &self.kind))?;
        Some(Key32::new(key.as_slice().try_into().ok()?))
    }
}

fn keys(vault: &[u8; 16], id: Id, kind: &Kind, secret: &Key32) -> (Key32, [u8; 32]) {
    let info = ["longkey/v1/slot/", kind.name(), "/", &id.to_string()].concat();
    wrap_and_commit(&derive::<64>(secret.expose(), &[vault], &[&info]))
}

fn associated(vault: &[u8; 16], id: Id, kind: &Kind) -> Vec<u8> {
    format!("longkey/v1/slot/{}/{id}/{}", kind.name(), base64::print(vault)).into_bytes()
}
