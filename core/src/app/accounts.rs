//! Xquik connected, its accounts listed; and X's reset checklists.

use super::memory::Reset;
use super::{App, Listed};
use crate::clock::{Span, UnixTime};
use crate::effect::{Alarm, Ask, Effect, For};
use crate::env::Env;
use crate::label::Handle;
use crate::protocol::{Answer, ResetMark};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::services::Reply;
use crate::services::xquik::{self, Account, ApiKey, Verdict};
use alloc::{vec, vec::Vec};

/// There are no webhooks: accounts are asked for this often.
const POLL: Span = Span::minutes(15);
/// A list younger than this is not asked for again because a page was opened.
const FRESH: Span = Span::minutes(1);
/// The step of the checklist from which X does not know the old key any more.
const OFF_AND_ON: u8 = 3;
/// The step at which X takes the new key, and then gives a backup code.
const ACCEPTED: u8 = 7;
/// The step that keeps this code.
const CODE_KEPT: u8 = 8;
/// Most pages of a list: 100 × 100 accounts.
const MOST_PAGES: u32 = 100;

impl App {
    pub(super) fn connect(&mut self, api_key: &Secret, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let key = ApiKey::parse(api_key)?;
        self.vault()?;
        let purpose = For::List { ask: Some(ask), key: key.clone(), connect: true, so_far: vec![], pages: 0 };
        out.push(Effect::Send(xquik::list(&key, None), purpose));
        Ok(())
    }

    pub(super) fn disconnect(&mut self, ask: Ask, env: &mut Env<'_>, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        self.vault()?.vault.xquik = None;
        self.stored.listed = Listed::default();
        self.stored.journal.clear();
        let also = vec![self.listed_text(), self.journal_text()];
        let then = vec![Effect::Alarm(Alarm::Poll, None), Effect::Answer(ask, Answer::Done), Effect::News];
        out.push(self.commit(env, also, then).ok_or(Refusal::Internal)?);
        Ok(())
    }

    pub(super) fn refresh(&mut self, ask: Ask, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        let key = self.api_key()?;
        self.list(key, Some(ask), out);
        Ok(())
    }

    fn list(&mut self, key: ApiKey, ask: Option<Ask>, out: &mut Vec<Effect>) {
        self.listing = true;
        let call = xquik::list(&key, None);
        out.push(Effect::Send(call, For::List { ask, key, connect: false, so_far: vec![], pages: 0 }));
    }

    pub(super) fn schedule_poll(&mut self, now: UnixTime, out: &mut Vec<Effect>) {
        out.push(Effect::Alarm(Alarm::Poll, Some(now.after(POLL))));
    }

    pub(super) fn poll(&mut self, now: UnixTime, out: &mut Vec<Effect>) {
        self.schedule_poll(now, out);
        self.poll_if_old(now, out);
    }

    /// When a page is opened: not more often than once a minute, and not during a pause.
    pub(super) fn poll_if_old(&mut self, now: UnixTime, out: &mut Vec<Effect>) {
        let paused = self.stored.listed.trouble.as_ref().and_then(Verdict::until).is_some_and(|until| until > now);
        let fresh = self.stored.listed.checked.is_some_and(|checked| now.since(checked) < FRESH);
        if self.listing || paused || fresh {
            return;
        }
        if let Ok(key) = self.api_key() {
            self.list(key, None, out);
        }
    }

    pub(super) fn replied(&mut self, purpose: For, reply: &Reply, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        match purpose {
            For::SignIn { account, proves } => self.signed_in(&account, proves, reply, env, out),
            For::Check { account, ask } => self.checked(&account, ask, reply, env.now, out),
            For::List { ask, key, connect, so_far, pages } => match xquik::read_list(reply, env.now) {
                Ok(page) => {
                    let accounts: Vec<Account> = so_far.into_iter().chain(page.accounts).collect();
                    match page.next.filter(|_| pages < MOST_PAGES) {
                        Some(cursor) => {
                            let call = xquik::list(&key, Some(&cursor));
                            out.push(Effect::Send(
                                call,
                                For::List { ask, key, connect, so_far: accounts, pages: pages + 1 },
                            ));
                        }
                        None => self.listed(ask, &key, connect, accounts, env, out),
                    }
                }
                Err(verdict) => self.not_listed(ask, connect, verdict, env.now, out),
            },
        }
    }

    fn listed(
        &mut self,
        ask: Option<Ask>,
        key: &ApiKey,
        connect: bool,
        accounts: Vec<Account>,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        self.listing = false;
        // Disconnected (or connected anew) while it was under way: not ours any more.
        if !connect && self.open.is_some() && self.api_key().as_ref() != Ok(key) {
            out.extend(ask.map(|ask| Effect::Answer(ask, Answer::Refused(Refusal::NotConnected))));
            return;
        }
        self.stored.listed = Listed { checked: Some(env.now), accounts, trouble: None };
        let also = vec![self.listed_text()];
        let mut then: Vec<Effect> = ask.map(|ask| Effect::Answer(ask, Answer::Done)).into_iter().collect();
        then.push(Effect::News);
        if !connect {
            let write = crate::effect::Write { set: also, ..crate::effect::Write::default() };
            out.push(Effect::Write { write, then });
            return;
        }
        // The key is kept only now that Xquik has taken it.
        let effect = match self.vault() {
            Ok(open) => {
                open.vault.xquik = Some(key.secret().clone());
                self.commit(env, also, then).ok_or(Refusal::Internal)
            }
            Err(refusal) => Err(refusal),
        };
        match (effect, ask) {
            (Ok(effect), _) => {
                self.schedule_poll(env.now, out);
                out.push(effect);
            }
            (Err(refusal), Some(ask)) => out.push(Effect::Answer(ask, Answer::Refused(refusal))),
            (Err(_), None) => {}
        }
    }

    fn not_listed(&mut self, ask: Option<Ask>, connect: bool, verdict: Verdict, now: UnixTime, out: &mut Vec<Effect>) {
        let mut then: Vec<Effect> =
            ask.map(|ask| Effect::Answer(ask, Answer::Verdict(verdict.clone()))).into_iter().collect();
        if connect {
            out.append(&mut then);
            return;
        }
        self.listing = false;
        self.stored.listed.trouble = Some(verdict);
        // Failed counts as asked: a page that is opened again and again does not hammer.
        self.stored.listed.checked = Some(now);
        then.push(Effect::News);
        let (name, text) = self.listed_text();
        out.push(Self::write(name, text, then));
    }

    pub(super) fn reset(
        &mut self,
        handle: &str,
        mark: ResetMark,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let handle = Handle::parse(handle)?;
        let resets = &mut self.stored.resets;
        match mark {
            ResetMark::End => resets.retain(|it| it.handle != handle),
            ResetMark::Start => {
                if !resets.iter().any(|it| it.handle == handle) {
                    resets.push(Reset { handle, done: vec![], app_off: false, ended: None });
                }
            }
            ResetMark::Done(step) | ResetMark::Undone(step) => {
                let reset = resets.iter_mut().find(|it| it.handle == handle).ok_or(Refusal::AccountUnknown)?;
                reset.done.retain(|it| *it != step);
                if matches!(mark, ResetMark::Done(_)) && (1..=9).contains(&step) {
                    reset.done.push(step);
                    reset.done.sort_unstable();
                }
                if step == OFF_AND_ON {
                    reset.ended = matches!(mark, ResetMark::Done(_)).then_some(env.now);
                }
            }
        }
        if self.take_up_doubts(env) {
            let also = vec![self.resets_text()];
            let then = vec![Effect::Answer(ask, Answer::Done), Effect::News];
            out.push(self.commit(env, also, then).ok_or(Refusal::Internal)?);
            return Ok(());
        }
        let (key, text) = self.resets_text();
        out.push(Self::write(key, text, vec![Effect::Answer(ask, Answer::Done), Effect::News]));
        Ok(())
    }

    /// The checklist ticks itself where Longkey saw a step being done.
    pub(super) fn tick(&mut self, handle: &Handle, steps: &[u8], out: &mut Vec<Effect>) {
        let Some(reset) = self.stored.resets.iter_mut().find(|it| it.handle == *handle) else { return };
        let before = reset.done.len();
        for step in steps {
            if !reset.done.contains(step) {
                reset.done.push(*step);
            }
        }
        reset.done.sort_unstable();
        if reset.done.contains(&9) {
            self.stored.resets.retain(|it| it.handle != *handle);
        } else if reset.done.len() == before {
            return;
        }
        self.write_resets(out);
    }

    /// A backup code of the account is kept. One that came before X took the new key is of the old set-up.
    pub(super) fn backup_kept(&mut self, handle: &Handle, out: &mut Vec<Effect>) {
        if self.stored.resets.iter().any(|it| it.handle == *handle && it.done.contains(&ACCEPTED)) {
            self.tick(handle, &[CODE_KEPT], out);
        }
    }

    /// X accepted a new key: two-factor authentication is on again.
    pub(super) fn app_is_on(&mut self, handle: &Handle, out: &mut Vec<Effect>) {
        let red = self.stored.resets.iter_mut().find(|it| it.handle == *handle && it.app_off);
        if let Some(reset) = red {
            reset.app_off = false;
            self.write_resets(out);
        }
    }

    pub(super) fn write_resets(&self, out: &mut Vec<Effect>) {
        let (key, text) = self.resets_text();
        out.push(Self::write(key, text, vec![Effect::News]));
    }
}
