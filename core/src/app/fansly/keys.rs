//! The long keys of Fansly authenticators: kept in the vault, never sent. Codes are computed from them here.

use super::App;
use crate::clock::{Span, UnixTime};
use crate::code::{Recipe, code_after, code_at};
use crate::effect::{Ask, Effect};
use crate::env::Env;
use crate::long_key::LongKey;
use crate::protocol::{Answer, FanslyAccount};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::vault::FanslyKey;
use alloc::{string::String, vec::Vec};

/// How long a code must still live to be sent.
const TO_SEND: Span = Span::seconds(5);

impl App {
    /// Keys of accounts that Fans API does not list, or not any more: nobody else shows them. Empty while locked.
    pub(in crate::app) fn fansly_keys_left(&self) -> Vec<FanslyAccount> {
        let Some(vault) = self.open.as_ref().map(|it| &it.vault) else { return Vec::new() };
        let listed = |id: &str| vault.fans_key.is_some() && self.stored.fansly.accounts.iter().any(|it| it.id == id);
        let mut left: Vec<FanslyAccount> = Vec::new();
        for FanslyKey { account, name, .. } in &vault.fansly_keys {
            if !listed(account) && left.iter().all(|it| it.id != *account) {
                let mut it = FanslyAccount { id: account.clone(), name: name.clone(), ..FanslyAccount::default() };
                it.tell_keys(vault);
                left.push(it);
            }
        }
        left
    }

    pub(in crate::app) fn save_fansly_key(
        &mut self,
        account: String,
        text: &Secret,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.vault()?;
        let (key, recipe, _) = crate::app::keys::read(text)?;
        let name = self.fansly_account(&account).ok_or(Refusal::AccountUnknown)?.name.clone();
        self.change(ask, env, out, |vault, now| {
            vault.keep_fansly_key(FanslyKey { account, name, key, recipe, added: now, stale: None }, now);
            Some(Answer::Done)
        })
    }

    /// The code that can be sent now, and until when that is so by this computer's clock.
    pub(super) fn fansly_digits(&mut self, account: &str, now: UnixTime) -> Result<Answer, Refusal> {
        let moment = self.code_time(now);
        let vault = &self.vault()?.vault;
        let FanslyKey { key, recipe, .. } = vault.fansly_key(account).ok_or(Refusal::NoConfirmedKey)?;
        let (code, left) = digits(key, *recipe, moment);
        Ok(Answer::Digits { code, until: now.after(left) })
    }
}

/// The code of this moment, or the next one if this one would end on its way; and how long it can be sent.
fn digits(key: &LongKey, recipe: Recipe, moment: UnixTime) -> (Secret, Span) {
    let left = recipe.left(moment).0;
    let (code, left) = if left < TO_SEND.0 {
        (code_after(key, recipe, moment), left + u64::from(recipe.period()) * 1000)
    } else {
        (code_at(key, recipe, moment), left)
    };
    (Secret::new(code.expose().into()), Span(left.saturating_sub(TO_SEND.0)))
}
