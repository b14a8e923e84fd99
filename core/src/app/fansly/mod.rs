//! Fansly at Fans API: connect, start a login, follow it to its end, answer its code prompt.
//!
//! One click is one POST, written into the journal before it is sent. Only looks are repeated: after 2, 3, 5, 8, then each
//! 10 s, for five minutes from the start, from the last code or from [Check status]; a prompt waits for the user, and
//! nothing is asked meanwhile. A worker that was killed goes on with what the journal says, woken by an alarm. A locked
//! vault has no key: nothing is followed until it is open again, and pages say so.

mod following;
mod keys;
mod listing;

pub(super) use following::Following;

use super::App;
use super::undo::Gone;
use super::workspaces::Left;
use crate::clock::UnixTime;
use crate::effect::{Ask, Effect, FansListing, FansPurpose, FanslyCall, FanslyLogin, For, Key};
use crate::env::Env;
use crate::protocol::{Answer, FanslyAccount, FanslyAct, FanslyStep, FanslyView};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::services::Call;
use crate::services::fansly::{self, Address, FansKey};
use alloc::{boxed::Box, string::String, vec, vec::Vec};
use core::mem;
use listing::fans_list;

impl App {
    fn fans(&self) -> Option<(FansKey, Address)> {
        let vault = &self.open.as_ref()?.vault;
        let address = if vault.fans_old { Address::Old } else { Address::New };
        Some((FansKey::parse(vault.fans_key.as_ref()?).ok()?, address))
    }

    fn connected_fans(&mut self) -> Result<(FansKey, Address), Refusal> {
        // Nothing is sent that cannot be written down.
        self.writable()?;
        self.fans().ok_or(Refusal::FansNotConnected)
    }

    pub(super) fn fansly_text(&self) -> (Key, Secret) {
        (Key::Fansly, Secret::new(serde_json::to_string(&self.stored.fansly).unwrap_or_default()))
    }

    fn write_fansly(&self, then: Vec<Effect>, out: &mut Vec<Effect>) {
        let (key, text) = self.fansly_text();
        out.push(Self::write(key, text, then));
    }

    fn fansly_account(&mut self, id: &str) -> Option<&mut FanslyAccount> {
        self.stored.fansly.accounts.iter_mut().find(|it| it.id == id)
    }

    /// What pages show.
    pub(super) fn fansly_view(&self, now: UnixTime) -> Option<FanslyView> {
        let mut view = self.stored.fansly.clone();
        for account in &mut view.accounts {
            account.followed = account.step.is_followed();
            account.until = account.until.filter(|_| !account.since.is_ahead(now));
        }
        let Some(open) = &self.open else { return view.checked.is_some().then_some(view) };
        let key = open.vault.fans_key.as_ref()?.expose();
        view.last_four = key.get(key.len().saturating_sub(4)..).unwrap_or_default().into();
        view.old = open.vault.fans_old;
        for account in &mut view.accounts {
            account.tell_keys(&open.vault);
        }
        Some(view)
    }

    /// How many logins wait for a code.
    pub(super) fn fansly_prompts(&self) -> usize {
        self.stored.fansly.accounts.iter().filter(|it| it.step == FanslyStep::Code).count()
    }

    pub(super) fn connect_fans(
        &mut self,
        api_key: &Secret,
        address: Address,
        ask: Ask,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let key = FansKey::parse(api_key)?;
        self.writable()?;
        let purpose = if self.fans().is_some() { FansPurpose::Replace } else { FansPurpose::Connect };
        out.push(fans_list(FansListing { ask, key, address, purpose }));
        Ok(())
    }

    pub(super) fn refresh_fans(&mut self, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let (key, address) = self.connected_fans()?;
        let purpose = FansPurpose::Refresh(self.stored.fansly.checked);
        out.push(fans_list(FansListing { ask, key, address, purpose }));
        Ok(())
    }

    /// The keys of authenticators stay: they are the user's, not the service's.
    pub(super) fn disconnect_fans(
        &mut self,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let vault = &mut self.writable()?.vault;
        // As for a workspace.
        let (key, old) = (vault.fans_key.take().ok_or(Refusal::FansNotConnected)?, vault.fans_old);
        let seen = mem::take(&mut self.stored.fansly);
        let also = vec![self.fansly_text()];
        out.push(
            self.commit(env, also, vec![Effect::Answer(ask, Answer::Done), Effect::News]).ok_or(Refusal::Internal)?,
        );
        let fans = Some((key, old, seen));
        self.offer(Gone::Connection(Box::new(Left { fans, ..Left::default() })), out);
        Ok(())
    }

    pub(super) fn fansly_acts(
        &mut self,
        account: String,
        act: FanslyAct,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let now = env.now;
        match act {
            FanslyAct::SignIn => return self.start_fansly(account, ask, now, out),
            FanslyAct::Check => {
                self.connected_fans()?;
                let it = self.fansly_account(&account).ok_or(Refusal::AccountUnknown)?;
                if it.is_paused(now) {
                    return Err(Refusal::Paused);
                }
                if !it.step.is_followed() {
                    let (step, since) = (FanslyStep::Working, now);
                    *it = FanslyAccount { step, since, wrong: false, said: None, ..it.clone() };
                    it.has(None);
                }
                self.look_at(&account, now);
            }
            FanslyAct::Done => {
                let it = self.fansly_account(&account).ok_or(Refusal::AccountUnknown)?;
                if it.step.is_followed() {
                    return Err(Refusal::StillRunning);
                }
                it.step = FanslyStep::Idle;
            }
            FanslyAct::Digits => {
                let answer = self.fansly_digits(&account, now)?;
                out.push(Effect::Answer(ask, answer));
                return Ok(());
            }
            FanslyAct::ForgetKey | FanslyAct::KeyBefore => {
                return self.change(ask, env, out, |vault, now| {
                    let changed = match act {
                        FanslyAct::ForgetKey => vault.forget_fansly_key(&account, now),
                        _ => vault.use_fansly_key_before(&account, now),
                    };
                    changed.then_some(Answer::Done)
                });
            }
        }
        self.write_fansly(vec![Effect::Answer(ask, Answer::Done), Effect::News], out);
        Ok(())
    }

    /// [Sign in again]: journal, then one POST.
    fn start_fansly(&mut self, account: String, ask: Ask, now: UnixTime, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let (key, address) = self.connected_fans()?;
        let it = self.fansly_account(&account).ok_or(Refusal::AccountUnknown)?;
        if it.step.is_followed() {
            return Err(Refusal::StillRunning);
        }
        if it.is_paused(now) {
            return Err(Refusal::Paused);
        }
        let said = it.said.take().filter(|_| it.step == FanslyStep::Refused);
        let (step, since) = (FanslyStep::Starting, now);
        *it = FanslyAccount { step, since, said, wrong: false, kind: None, sent_to: None, ..it.clone() };
        it.has(None);
        let call = fansly::start(&key, address, &account);
        self.send_fansly(call, FanslyCall::Start(FanslyLogin { account, since, key }), ask, out);
        Ok(())
    }

    /// A code of the user's, or the saved key's that was shown: one PUT.
    pub(super) fn fansly_code(
        &mut self,
        account: String,
        code: &Secret,
        ask: Ask,
        now: UnixTime,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let (key, address) = self.connected_fans()?;
        let it = self.fansly_account(&account).ok_or(Refusal::AccountUnknown)?;
        if it.step != FanslyStep::Code {
            return Err(if it.step.is_followed() { Refusal::StillRunning } else { Refusal::NoCodeAsked });
        }
        if it.is_paused(now) {
            return Err(Refusal::Paused);
        }
        // Codes are written in groups; their form is the service's.
        let digits = zeroize::Zeroizing::new(
            code.expose().chars().filter(|it| !it.is_whitespace() && *it != '-').collect::<String>(),
        );
        if !(4..=12).contains(&digits.len()) || !digits.bytes().all(|it| it.is_ascii_alphanumeric()) {
            return Err(Refusal::CodeShape);
        }
        let (step, since) = (FanslyStep::Checking, now);
        *it = FanslyAccount { step, since, wrong: false, coded: Some(now), ..it.clone() };
        it.has(None);
        let call = fansly::submit(&key, address, &account, &digits);
        self.send_fansly(call, FanslyCall::Code(FanslyLogin { account, since, key }), ask, out);
        Ok(())
    }

    fn send_fansly(&mut self, call: Call, purpose: FanslyCall, ask: Ask, out: &mut Vec<Effect>) {
        if let FanslyCall::Start(login) | FanslyCall::Code(login) = &purpose {
            self.look_at(&login.account, login.since).out = Some(login.since);
        }
        let send = Effect::Send(call, For::Fansly(purpose));
        self.write_fansly(vec![Effect::Answer(ask, Answer::Done), Effect::News, send], out);
    }

    /// The journal could not be written, so nothing was sent.
    pub(super) fn fansly_unsent(&mut self, call: &FanslyCall) {
        let (login, step) = match call {
            FanslyCall::Start(login) => (login, FanslyStep::Idle),
            FanslyCall::Code(login) => (login, FanslyStep::Code),
            FanslyCall::List(_) | FanslyCall::Look(_) => return,
        };
        self.following.returned(login);
        if let Some(it) = self.fansly_account(&login.account).filter(|it| it.since == login.since) {
            it.step = step;
        }
    }
}
