//! Signing an account in again: journal, then one POST, then the result. Never a second POST without a click.

use super::App;
use super::memory::Line;
use crate::clock::UnixTime;
use crate::effect::{Ask, Effect, For};
use crate::env::Env;
use crate::label::Handle;
use crate::protocol::{Answer, KeyChoice, Outcome};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::services::Reply;
use crate::services::xquik::{self, ApiKey, Health, SignIn, Verdict};
use alloc::{string::String, vec, vec::Vec};

/// How long Xquik may still be busy with a sign-in that nobody heard from.
const SETTLED: crate::clock::Span = crate::clock::Span::seconds(120);

/// What a sign-in may carry besides the password and the key.
pub(super) struct Extras {
    pub(super) email: Option<String>,
    pub(super) region: Option<String>,
}

impl App {
    /// Xquik's key, from the open vault.
    pub(super) fn api_key(&mut self) -> Result<ApiKey, Refusal> {
        let key = self.vault()?.vault.xquik.as_ref().ok_or(Refusal::NotConnected)?;
        ApiKey::parse(key)
    }

    #[expect(clippy::too_many_arguments, reason = "one per field of the question")]
    pub(super) fn sign_in(
        &mut self,
        account: String,
        password: &Secret,
        choice: KeyChoice,
        extras: &Extras,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if password.is_empty() {
            return Err(Refusal::PasswordEmpty);
        }
        let api_key = self.api_key()?;
        let listed = self.stored.listed.accounts.iter().find(|it| it.id == account).ok_or(Refusal::AccountUnknown)?;
        let handle = Handle::parse(&listed.handle).ok();
        if let Some(line) = self.line(&account) {
            match line.outcome {
                Outcome::Running => return Err(Refusal::StillRunning),
                Outcome::Unknown => return Err(Refusal::CheckFirst),
                Outcome::Answered { .. } => {}
            }
            if line.not_before.is_some_and(|until| until > env.now) {
                return Err(Refusal::Paused);
            }
        }
        let entry = handle.as_ref().and_then(|handle| self.open.as_ref()?.vault.of(handle)).cloned();
        let held = match choice {
            KeyChoice::Saved => Some(entry.as_ref().and_then(|it| it.sendable()).ok_or(Refusal::NoConfirmedKey)?),
            KeyChoice::Theirs | KeyChoice::NoApp => None,
        };
        let filled =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|it| !it.is_empty()).map(String::from);
        let (email, region) = (filled(&extras.email), filled(&extras.region).map(|it| it.to_ascii_uppercase()));
        let with = SignIn { password, key: held.map(|it| &it.key), email: email.as_deref(), region: region.as_deref() };
        let call = xquik::sign_in(&api_key, &account, &with);
        self.stored.journal.retain(|line| line.account != account);
        self.stored.journal.push(Line::new(account.clone(), env.now));
        self.running.push(account.clone());
        // Only a key that waits can be proved by the answer.
        let waiting = held.filter(|held| held.is_waiting());
        let proves = entry.as_ref().zip(waiting).map(|(entry, held)| (entry.id, held.added));
        let purpose = For::SignIn { account, proves };
        let (key, text) = self.journal_text();
        let then = vec![Effect::Answer(ask, Answer::Done), Effect::News, Effect::Send(call, purpose)];
        out.push(Self::write(key, text, then));
        Ok(())
    }

    pub(super) fn signed_in(
        &mut self,
        account: &str,
        proves: Option<(crate::label::Id, UnixTime)>,
        reply: &Reply,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        let now = env.now;
        self.running.retain(|it| it != account);
        let (verdict, state) = xquik::read_sign_in(reply, now, account);
        let worked = matches!(verdict, Verdict::SignedIn { .. } | Verdict::SignedInBut { .. });
        if let Some(line) = self.line_mut(account) {
            line.not_before = verdict.until();
            line.proved = proves.filter(|_| worked);
            line.outcome = match verdict {
                Verdict::NoAnswer => Outcome::Unknown,
                verdict => Outcome::Answered { at: now, verdict },
            };
        }
        if let Some(state) = state {
            let connected = state.connected.or(state.connected_before);
            self.account_is(account, state.health, connected);
        }
        if worked && let Some(handle) = self.handle_of(account) {
            self.tick(&handle, &[9], out);
        }
        let mut also = vec![self.journal_text(), self.listed_text()];
        // Xquik's 200 proves the key that was sent: X accepted a code of it.
        let proved = self.open.as_mut().zip(proves.filter(|_| worked));
        let proved = proved.and_then(|(open, (id, added))| Some((open.vault.entry_mut(id)?, added)));
        if let Some((entry, added)) = proved {
            entry.confirm(added, now);
            if let Some(line) = self.line_mut(account) {
                line.proved = None;
            }
            also[0] = self.journal_text();
            out.extend(self.commit(env, also, vec![Effect::News]));
        } else {
            if self.open.is_some()
                && let Some(line) = self.line_mut(account)
            {
                line.proved = None;
                also[0] = self.journal_text();
            }
            let write = crate::effect::Write { set: also, ..crate::effect::Write::default() };
            out.push(Effect::Write { write, then: vec![Effect::News] });
        }
    }

    /// [Check status]: a GET, allowed at any time.
    pub(super) fn check(&mut self, account: String, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let api_key = self.api_key()?;
        out.push(Effect::Send(xquik::account(&api_key, &account), For::Check { account, ask }));
        Ok(())
    }

    pub(super) fn checked(&mut self, account: &str, ask: Ask, reply: &Reply, now: UnixTime, out: &mut Vec<Effect>) {
        let answer = match xquik::read_account(reply, now, account) {
            Ok(state) => {
                let healthy = state.health == Health::Healthy;
                self.account_is(account, state.health, state.connected.or(state.connected_before));
                let unknown = self.line(account).is_some_and(|line| line.outcome == Outcome::Unknown);
                if unknown && healthy {
                    if let Some(line) = self.line_mut(account) {
                        line.outcome = Outcome::Answered { at: now, verdict: Verdict::SignedIn { country: None } };
                    }
                } else if unknown {
                    // It did not go through, once Xquik has had its time: the account may be sent again, by a click.
                    let tried = |line: &Line| line.account == account && now.since(line.sent) >= SETTLED;
                    self.stored.journal.retain(|line| !tried(line));
                }
                Answer::Done
            }
            Err(verdict) => Answer::Verdict(verdict),
        };
        let write = crate::effect::Write {
            set: vec![self.journal_text(), self.listed_text()],
            ..crate::effect::Write::default()
        };
        out.push(Effect::Write { write, then: vec![Effect::Answer(ask, answer), Effect::News] });
    }

    /// [Done] on a result. A pause outlives it.
    pub(super) fn dismiss(&mut self, account: &str, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let line = self.line_mut(account).ok_or(Refusal::AccountUnknown)?;
        if line.outcome == Outcome::Running {
            return Err(Refusal::StillRunning);
        }
        line.shown = false;
        let (key, text) = self.journal_text();
        out.push(Self::write(key, text, vec![Effect::Answer(ask, Answer::Done), Effect::News]));
        Ok(())
    }

    fn handle_of(&self, account: &str) -> Option<Handle> {
        let account = self.stored.listed.accounts.iter().find(|it| it.id == account)?;
        Handle::parse(&account.handle).ok()
    }

    fn account_is(&mut self, id: &str, health: Health, connected: Option<String>) {
        if let Some(account) = self.stored.listed.accounts.iter_mut().find(|it| it.id == id) {
            account.health = health;
            account.connected = connected.or(account.connected.take());
        }
    }
}
