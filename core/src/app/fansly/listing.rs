//! The list of Fansly accounts: asked for to connect, or to see what is new.

use super::App;
use crate::effect::{Effect, FansListing, FansPurpose, FanslyCall, For, Write};
use crate::env::Env;
use crate::protocol::{Answer, FanslyAccount, FanslyStep, FanslyView};
use crate::refusal::Refusal;
use crate::services::Reply;
use crate::services::fansly::{self, Address};
use alloc::{vec, vec::Vec};

impl App {
    /// Whether Fans API is still connected as it was when the list was asked for: what was removed meanwhile stays so.
    fn wants_list(&self, listing: &FansListing) -> Result<(), Refusal> {
        let stands = match (listing.purpose, &self.open) {
            (FansPurpose::Refresh(_), Some(_)) => {
                self.fans().is_some_and(|(key, address)| key == listing.key && address == listing.address)
            }
            // Locked: the key cannot be compared, and the list is another one if it was another's.
            (FansPurpose::Refresh(before), None) => before.is_some() && self.stored.fansly.checked == before,
            (_, None) => return Err(if self.stored.envelope.is_some() { Refusal::Locked } else { Refusal::NoVault }),
            (FansPurpose::Connect, Some(_)) => true,
            (FansPurpose::Replace, Some(_)) => self.fans().is_some(),
        };
        if stands { Ok(()) } else { Err(Refusal::FansNotConnected) }
    }

    pub(super) fn fans_listed(
        &mut self,
        listing: &FansListing,
        reply: &Reply,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        let FansListing { ask, key, address, purpose } = listing;
        let refreshes = matches!(purpose, FansPurpose::Refresh(_));
        if let Err(refusal) = self.wants_list(listing) {
            return out.push(Effect::Answer(*ask, Answer::Refused(refusal)));
        }
        let rows = match fansly::read_list(reply, env.now, key) {
            Ok(rows) => rows,
            Err(trouble) if !refreshes => return out.push(Effect::Answer(*ask, Answer::Fans(trouble))),
            Err(trouble) => {
                (self.stored.fansly.status, self.stored.fansly.until) = (Some(trouble.status), trouble.until);
                // Failed counts as asked.
                self.stored.fansly.checked = Some(env.now);
                return self.write_fansly(vec![Effect::Answer(*ask, Answer::Fans(trouble)), Effect::News], out);
            }
        };
        let mut known = core::mem::take(&mut self.stored.fansly.accounts);
        let listed = rows.into_iter().map(|row| {
            let mut account = known.iter().find(|it| it.id == row.id).cloned().unwrap_or_default();
            // Signed in elsewhere: nobody asks for a code any more.
            if row.signed_in && account.step == FanslyStep::Code {
                (account.step, account.wrong) = (FanslyStep::Idle, false);
            }
            // Lost again since.
            if !row.signed_in && matches!(account.step, FanslyStep::Done | FanslyStep::Already) {
                account.step = FanslyStep::Idle;
            }
            FanslyAccount { id: row.id, name: row.name, signed_in: row.signed_in, ..account }
        });
        let mut accounts: Vec<FanslyAccount> = listed.collect();
        // A list may be short for once; what a call that is out or a pause needs is not to be had again. A prompt needs neither,
        // and that of an account that has left would stand for ever.
        let needed = |it: &FanslyAccount| it.step.is_followed() || it.is_paused(env.now);
        known.retain(|it| needed(it) && accounts.iter().all(|row| row.id != it.id));
        accounts.append(&mut known);
        self.stored.fansly = FanslyView { checked: Some(env.now), accounts, ..FanslyView::default() };
        let also = vec![self.fansly_text()];
        let then = vec![Effect::Answer(*ask, Answer::Done), Effect::News];
        if refreshes {
            out.push(Effect::Write { write: Write { set: also, ..Write::default() }, then });
            return;
        }
        // The key is kept only now that the service has taken it.
        if let Some(open) = self.open.as_mut() {
            open.vault.fans_key = Some(key.secret().clone());
            open.vault.fans_old = *address == Address::Old;
        }
        match self.commit(env, also, then) {
            Some(effect) => out.push(effect),
            None => out.push(Effect::Answer(*ask, Answer::Refused(Refusal::Internal))),
        }
    }
}

pub(super) fn fans_list(listing: FansListing) -> Effect {
    let call = fansly::list(&listing.key, listing.address);
    Effect::Send(call, For::Fansly(FanslyCall::List(listing)))
}
