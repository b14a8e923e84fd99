//! Signing an account in again: journal, then one POST, then the result. Never a second POST without a click.

use super::App;
use super::health::Witness;
use super::matching::Match;
use super::memory::Line;
use crate::clock::UnixTime;
use crate::effect::{Ask, Effect, For};
use crate::env::Env;
use crate::label::{AccountRef, Handle, Id};
use crate::protocol::{Answer, Attempt, KeyChoice, Outcome};
use crate::refusal::Refusal;
use crate::reset::Task;
use crate::secret::Secret;
use crate::services::Reply;
use crate::services::xquik::{self, Health, SignIn, Verdict};
use crate::vault::Held;
use alloc::{string::String, vec, vec::Vec};

/// How long Xquik may still be busy with a sign-in that nobody heard from.
const SETTLED: crate::clock::Span = crate::clock::Span::seconds(120);

/// What was chosen and typed for a sign-in.
pub(super) struct Typed<'a> {
    pub(super) password: &'a Secret,
    pub(super) key: KeyChoice,
    pub(super) email: Option<String>,
    pub(super) region: Option<String>,
    /// The entry whose key the page shows, and since when that has the state that it shows.
    pub(super) shown: Option<(Id, UnixTime)>,
}

impl Line {
    /// Whether it is to be looked at before anything is sent again.
    pub(super) fn is_open(&self) -> bool {
        match &self.outcome {
            Outcome::Running => false,
            Outcome::Unknown => true,
            Outcome::Answered { verdict, .. } => verdict.is_open(),
        }
    }

    /// Whether its pause concerns every account of the workspace.
    pub(super) fn is_of_all(&self) -> bool {
        matches!(self.outcome, Outcome::Answered { verdict: Verdict::SlowDown { .. }, .. })
    }

    /// Until when nothing may be sent. One that began ahead of now was named before the clock was set back: how much of it is left
    /// nobody knows.
    pub(super) fn pause(&self, now: UnixTime) -> Option<UnixTime> {
        self.not_before.filter(|until| *until > now && !self.sent.is_ahead(now))
    }

    /// Whether the service has had its time for what was sent.
    fn has_settled(&self, now: UnixTime) -> bool {
        now.since(self.sent) >= SETTLED || self.sent.is_ahead(now)
    }

    /// How often in a row X refused the account, before this key is sent. X counts logins, whatever they were made with: only a
    /// key that was added since begins anew.
    pub(super) fn refusals_before(&self, held: Option<&Held>) -> u32 {
        if held.is_some_and(|it| it.added > self.sent) { 0 } else { self.refusals }
    }

    /// The user looked, and the account stands like this.
    fn stands(&mut self, health: &Health, now: UnixTime) {
        let was = match &self.outcome {
            Outcome::Answered { verdict: Verdict::SignedInBut { .. }, .. } => true,
            _ if self.is_open() => false,
            _ => return,
        };
        let verdict = match health {
            Health::Healthy => {
                self.refusals = 0;
                Verdict::SignedIn { country: None }
            }
            health if was => Verdict::SignedInBut { health: health.clone() },
            // It did not go through: the account may be sent again, by a click. What was known of its key before stays.
            _ if self.has_settled(now) => {
                self.shown = false;
                Verdict::NoAnswer
            }
            _ => return,
        };
        self.outcome = Outcome::Answered { at: now, verdict };
    }

    /// A list that was asked for at `asked` says so of the account: a success that is over, or an account that is there again, is
    /// shown no more, so that its form is. True if that is new.
    pub(super) fn is_listed(&mut self, health: &Health, asked: UnixTime) -> bool {
        let Outcome::Answered { at, verdict } = &self.outcome else { return false };
        let over = match verdict {
            Verdict::SignedIn { .. } => *health != Health::Healthy && asked.since(*at) >= SETTLED,
            Verdict::SignedInBut { health: was } => health != was && asked.since(*at) >= SETTLED,
            Verdict::AccountGone | Verdict::IdUnknown => asked > *at,
            _ => false,
        };
        let news = self.shown && over;
        self.shown &= !over;
        news
    }

    /// As pages show it.
    pub(super) fn attempt(&self) -> Attempt {
        Attempt { sent: self.sent, outcome: self.outcome.clone(), open: self.is_open() }
    }
}

impl App {
    pub(super) fn sign_in(
        &mut self,
        account: AccountRef,
        typed: &Typed<'_>,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if typed.password.is_empty() {
            return Err(Refusal::PasswordEmpty);
        }
        let api_key = self.api_key(account.workspace)?;
        let listed = self.account(&account).ok_or(Refusal::AccountUnknown)?;
        let entry = self.open.as_ref().and_then(|open| Match::of(&open.vault, listed).entry().cloned());
        if let Some(line) = self.line(&account) {
            if line.outcome == Outcome::Running {
                return Err(Refusal::StillRunning);
            }
            if line.is_open() {
                return Err(Refusal::CheckFirst);
            }
        }
        if self.pause_of(&account, env.now).is_some() {
            return Err(Refusal::Paused);
        }
        let held = match typed.key {
            KeyChoice::Saved => {
                let found = entry.as_ref().and_then(|it| Some((it, it.sendable()?)));
                let (entry, held) = found.ok_or(Refusal::NoConfirmedKey)?;
                // Renamed, replaced or refused meanwhile: another key than the one that the user saw is not sent.
                if typed.shown != Some((entry.id, held.since)) {
                    return Err(Refusal::KeyChanged);
                }
                Some(held)
            }
            KeyChoice::Theirs | KeyChoice::NoApp => None,
        };
        let filled =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|it| !it.is_empty()).map(String::from);
        let (email, region) = (filled(&typed.email), filled(&typed.region).map(|it| it.to_ascii_uppercase()));
        let key = held.map(|it| &it.key);
        let with = SignIn { password: typed.password, key, email: email.as_deref(), region: region.as_deref() };
        let call = xquik::sign_in(&api_key, &account.id, &with);
        let mut line = Line::new(account.clone(), env.now);
        line.saved = held.is_some();
        if let Some(before) = self.line(&account) {
            line.worked = before.worked;
            line.refusals = before.refusals_before(held);
        }
        self.stored.journal.retain(|line| line.account != account);
        self.stored.journal.push(line);
        self.running.push(account.clone());
        // Only a key that waits can be proved by the answer.
        let waiting = held.filter(|held| held.is_waiting());
        let proves = entry.as_ref().zip(waiting).map(|(entry, held)| (entry.id, held.added));
        let purpose = For::SignIn { account, proves, region };
        let (key, text) = self.journal_text();
        let then = vec![Effect::Answer(ask, Answer::Done), Effect::News, Effect::Send(call, purpose)];
        out.push(Self::write(key, text, then));
        Ok(())
    }

    pub(super) fn signed_in(
        &mut self,
        account: &AccountRef,
        (proves, region): (Option<(Id, UnixTime)>, Option<String>),
        reply: &Reply,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        let now = env.now;
        self.running.retain(|it| it != account);
        let (verdict, state) = xquik::read_sign_in(reply, now, &account.id);
        // The code is the same for every field; the one that is not documented any more is the likely one.
        let verdict = match verdict {
            Verdict::PasswordMissing if region.is_some() => Verdict::RegionRefused,
            verdict => verdict,
        };
        let worked = matches!(verdict, Verdict::SignedIn { .. } | Verdict::SignedInBut { .. });
        if let Some(line) = self.line_mut(account) {
            line.not_before = verdict.until().or_else(|| xquik::pause(reply, now));
            if worked && line.saved {
                line.worked = Some(now);
            }
            match verdict {
                Verdict::LoginFailed { .. } | Verdict::PasskeyRequired => {
                    line.refusals = line.refusals.saturating_add(1)
                }
                _ if worked => line.refusals = 0,
                _ => {}
            }
            line.proved = proves.filter(|_| worked);
            line.outcome = match verdict {
                Verdict::NoAnswer => Outcome::Unknown,
                verdict => Outcome::Answered { at: now, verdict },
            };
        }
        if let Some(state) = state {
            let connected = state.connected.or(state.connected_before);
            self.account_is(account, state.health, connected, now);
        }
        if worked && let Some(handle) = self.handle_of(account) {
            self.tick(&handle, &[Task::SignIn], out);
        }
        self.schedule_poll(now, out);
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
        } else if self.is_known(account) {
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
    pub(super) fn check(&mut self, account: AccountRef, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let api_key = self.api_key(account.workspace)?;
        out.push(Effect::Send(xquik::account(&api_key, &account.id), For::Check { account, ask }));
        Ok(())
    }

    pub(super) fn checked(
        &mut self,
        account: &AccountRef,
        ask: Ask,
        reply: &Reply,
        now: UnixTime,
        out: &mut Vec<Effect>,
    ) {
        let answer = match xquik::read_account(reply, now, &account.id) {
            Ok(state) => {
                let health = state.health.clone();
                self.account_is(account, state.health, state.connected.or(state.connected_before), now);
                if let Some(line) = self.line_mut(account) {
                    line.stands(&health, now);
                }
                Answer::Done
            }
            Err(verdict) => Answer::Verdict(verdict),
        };
        let then = vec![Effect::Answer(ask, answer), Effect::News];
        if !self.is_known(account) {
            return out.extend(then);
        }
        let write = crate::effect::Write {
            set: vec![self.journal_text(), self.listed_text()],
            ..crate::effect::Write::default()
        };
        out.push(Effect::Write { write, then });
    }

    /// [Done] on a result. A pause outlives it.
    pub(super) fn dismiss(&mut self, account: &AccountRef, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let line = self.line_mut(account).ok_or(Refusal::AccountUnknown)?;
        if line.outcome == Outcome::Running {
            return Err(Refusal::StillRunning);
        }
        line.shown = false;
        let (key, text) = self.journal_text();
        out.push(Self::write(key, text, vec![Effect::Answer(ask, Answer::Done), Effect::News]));
        Ok(())
    }

    /// Whether there is anything of the account: it may have been disconnected or erased while it was asked about.
    fn is_known(&self, account: &AccountRef) -> bool {
        self.line(account).is_some() || self.account(account).is_some()
    }

    fn handle_of(&self, account: &AccountRef) -> Option<Handle> {
        Handle::parse(&self.account(account)?.handle).ok()
    }

    fn account_is(&mut self, which: &AccountRef, health: Health, connected: Option<String>, now: UnixTime) {
        // Disconnected or erased meanwhile: nothing is made anew.
        let Some(listed) = self.stored.listed.iter_mut().find(|it| it.workspace == which.workspace) else { return };
        if let Some(account) = listed.accounts.iter_mut().find(|it| it.id == which.id) {
            self.told.retain(|(it, _)| it != which);
            self.told.push((which.clone(), now));
            // The user waits for this answer.
            listed.watch.is(&account.id, &health, Witness::User, now);
            account.health = health;
            account.connected = connected.or(account.connected.take());
        }
    }
}
