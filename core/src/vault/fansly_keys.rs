//! Long keys of Fansly accounts' authenticators. One that was replaced or removed is kept for a while ([`Vault::tidy`] drops
//! it then): it may be the only copy of a key that Fansly still wants.

use super::Vault;
use crate::clock::UnixTime;
use crate::code::Recipe;
use crate::long_key::LongKey;
use crate::secret::exposed;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// The long key of a Fansly account's authenticator. No service gets it: codes are computed from it here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct FanslyKey {
    /// The account's id at Fans API.
    pub account: String,
    /// What the account was called when the key was saved.
    #[serde(default)]
    pub name: String,
    /// The key.
    #[serde(with = "exposed")]
    pub key: LongKey,
    /// How its codes are made.
    #[serde(default)]
    pub recipe: Recipe,
    /// When it was added.
    pub added: UnixTime,
    /// Since when it is not in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<UnixTime>,
}

impl Vault {
    /// The key in use for this account.
    #[must_use]
    pub fn fansly_key(&self, account: &str) -> Option<&FanslyKey> {
        self.fansly_keys.iter().find(|it| it.account == account && it.stale.is_none())
    }

    /// Whether a key that was in use before is kept for this account.
    #[must_use]
    pub fn has_fansly_key_before(&self, account: &str) -> bool {
        self.fansly_keys.iter().any(|it| it.account == account && it.stale.is_some())
    }

    /// Keeps a key and uses it; the one that was in use is kept as the one before.
    pub fn keep_fansly_key(&mut self, key: FanslyKey, now: UnixTime) {
        if self.fansly_key(&key.account).is_some_and(|it| it.key == key.key && it.recipe == key.recipe) {
            return;
        }
        self.forget_fansly_key(&key.account, now);
        self.fansly_keys.retain(|it| it.account != key.account || it.key != key.key);
        self.fansly_keys.push(key);
    }

    /// The key in use is so no more; false if there is none.
    pub fn forget_fansly_key(&mut self, account: &str, now: UnixTime) -> bool {
        let used = self.fansly_keys.iter_mut().find(|it| it.account == account && it.stale.is_none());
        used.map(|it| it.stale = Some(now)).is_some()
    }

    /// Uses the key again that was in use before; false if there is none.
    pub fn use_fansly_key_before(&mut self, account: &str, now: UnixTime) -> bool {
        let kept = self.fansly_keys.iter().enumerate().filter(|(_, it)| it.account == account && it.stale.is_some());
        let Some((at, _)) = kept.max_by_key(|(_, it)| it.stale) else { return false };
        let key = self.fansly_keys.remove(at);
        self.forget_fansly_key(account, now);
        self.fansly_keys.push(FanslyKey { stale: None, ..key });
        true
    }

    /// Takes one of a backup file in: nothing that is here changes.
    pub fn take_in_fansly_key(&mut self, mut key: FanslyKey, now: UnixTime) {
        if self.has_fansly_key(&key) {
            return;
        }
        if self.fansly_key(&key.account).is_some() {
            key.stale = key.stale.or(Some(now));
        }
        self.fansly_keys.push(key);
    }

    /// Whether this key is here, in use or not.
    #[must_use]
    pub fn has_fansly_key(&self, key: &FanslyKey) -> bool {
        self.fansly_keys.iter().any(|it| it.account == key.account && it.key == key.key)
    }
}
