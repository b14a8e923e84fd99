//! Accounts as Xquik lists them; and X's reset checklists.

use super::App;
use super::memory::Reset;
use super::undo::Gone;
use crate::clock::UnixTime;
use crate::effect::{Ask, Effect, For, Listing};
use crate::env::Env;
use crate::label::{AccountRef, Handle, Id};
use crate::protocol::{Answer, ResetMark};
use crate::refusal::Refusal;
use crate::reset::Task;
use crate::services::Reply;
use crate::services::xquik::{self, Account, ApiKey, Verdict};
use alloc::{vec, vec::Vec};

/// Most pages of a list: 100 × 100 accounts.
const MOST_PAGES: u32 = 100;
/// Most accounts of a workspace that are kept: all that is kept of them is written at once, and read before each answer.
const MOST_ACCOUNTS: usize = 2_000;

impl App {
    pub(super) fn refresh(&mut self, ask: Ask, now: UnixTime, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        self.vault()?;
        let all = self.workspaces();
        if all.is_empty() {
            return Err(Refusal::NotConnected);
        }
        self.list(Some(ask), all, None, now, out);
        Ok(())
    }

    /// Lists these workspaces, one after the other; who waits is answered after the last.
    pub(super) fn list(
        &mut self,
        ask: Option<Ask>,
        workspaces: Vec<Id>,
        failed: Option<Verdict>,
        now: UnixTime,
        out: &mut Vec<Effect>,
    ) {
        let mut rest = workspaces.into_iter();
        while let Some(workspace) = rest.next() {
            // Disconnected or locked meanwhile: there is nothing to ask with.
            let Ok(key) = self.watch_key(workspace) else { continue };
            self.listing = true;
            let call = xquik::list(&key, None);
            let (so_far, rest) = (vec![], rest.collect());
            let (asked, joins, left_out, pages, again) = (now, None, 0, 0, false);
            let listing = Listing { ask, workspace, key, asked, joins, so_far, left_out, pages, again, rest, failed };
            return out.push(Effect::Send(call, For::List(listing)));
        }
        self.listing = false;
        self.tell(out);
        self.schedule_poll(now, out);
        let answer = failed.map_or(Answer::Done, Answer::Verdict);
        out.extend(ask.map(|ask| Effect::Answer(ask, answer)));
    }

    pub(super) fn replied(&mut self, purpose: For, reply: &Reply, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        match purpose {
            For::SignIn { account, proves, region } => self.signed_in(&account, (proves, region), reply, env, out),
            For::Connection { account, sent, asked, secrets, ask } => {
                self.connection_replied((&account, sent, asked, ask), &secrets, reply, env, out);
            }
            For::Fansly(call) => self.fansly_replied(call, reply, env, out),
            For::Check { account, ask } => self.checked(&account, ask, reply, env.now, out),
            For::List(mut listing) => match xquik::read_list(reply, env.now) {
                Ok(page) => {
                    listing.left_out = listing.left_out.saturating_add(page.left_out);
                    listing.take(page.accounts);
                    match page.next.filter(|_| listing.pages < MOST_PAGES) {
                        Some(cursor) => {
                            let call = xquik::list(&listing.key, Some(&cursor));
                            listing.pages += 1;
                            out.push(Effect::Send(call, For::List(listing)));
                        }
                        // Where all rows are odd, it was no list of accounts.
                        None if listing.so_far.is_empty() && listing.left_out > 0 => {
                            let verdict = Verdict::Unfamiliar { status: 200, code: None };
                            self.not_listed(listing, verdict, None, env.now, out);
                        }
                        None => self.listed(listing, env, out),
                    }
                }
                // The contract's way out for a cursor that is not taken, once.
                Err(Verdict::Unfamiliar { status: 400, .. }) if listing.pages > 0 && !listing.again => {
                    (listing.so_far, listing.left_out, listing.pages, listing.again) = (vec![], 0, 0, true);
                    out.push(Effect::Send(xquik::list(&listing.key, None), For::List(listing)));
                }
                Err(verdict) => self.not_listed(listing, verdict, xquik::pause(reply, env.now), env.now, out),
            },
        }
    }

    fn listed(&mut self, listing: Listing, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        let Listing { ask, workspace, key, asked, joins, mut so_far, left_out, rest, failed, .. } = listing;
        let now = env.now;
        self.keep_newer(workspace, &mut so_far, asked, now);
        if let Some(joins) = joins {
            // The key is kept only now that Xquik has taken it.
            let joined = self.join(workspace, joins, &key, &so_far);
            let effect = joined.and_then(|()| {
                self.keep_list(workspace, ask, (so_far, left_out), now);
                let also = vec![self.listed_text()];
                let then = ask.map(|ask| Effect::Answer(ask, Answer::Done)).into_iter().chain([Effect::News]).collect();
                self.commit(env, also, then).ok_or(Refusal::Internal)
            });
            match effect {
                Ok(effect) => {
                    self.schedule_poll(now, out);
                    out.push(effect);
                }
                Err(refusal) => out.extend(ask.map(|ask| Effect::Answer(ask, Answer::Refused(refusal)))),
            }
            return;
        }
        if self.is_ours(workspace, &key) {
            let learnt = self.keep_list(workspace, ask, (so_far, left_out), now);
            let mut also = vec![self.listed_text()];
            if self.hide_what_is_over(workspace, asked) {
                also.push(self.journal_text());
            }
            if self.find_connections(workspace, now) {
                also.push(self.connections_text());
            }
            let written = if learnt { self.commit(env, also.clone(), vec![Effect::News]) } else { None };
            let write = crate::effect::Write { set: also, ..crate::effect::Write::default() };
            out.push(written.unwrap_or_else(|| Effect::Write { write, then: vec![Effect::News] }));
        }
        self.list(ask, rest, failed, now, out);
    }

    /// Whether what was asked with this key is still wanted: the workspace may have been disconnected, given another key or
    /// erased while it was under way. A locked vault tells no key, but its lists are there.
    fn is_ours(&mut self, workspace: Id, key: &ApiKey) -> bool {
        if self.open.is_some() {
            return self.api_key(workspace).as_ref() == Ok(key);
        }
        let listed = self.stored.listed.iter().any(|it| it.workspace == workspace);
        listed || self.memory.watching.iter().any(|it| it.id == workspace)
    }

    /// A list takes a while, page by page. What was answered of a single account since it was asked for is newer.
    fn keep_newer(&self, workspace: Id, accounts: &mut [Account], asked: UnixTime, now: UnixTime) {
        let newer = |it: &&(AccountRef, UnixTime)| it.0.workspace == workspace && (asked..=now).contains(&it.1);
        for (which, _) in self.told.iter().filter(newer) {
            let listed = accounts.iter_mut().find(|it| it.id == which.id);
            if let Some((listed, known)) = listed.zip(self.account(which)) {
                listed.health.clone_from(&known.health);
                listed.connected.clone_from(&known.connected);
            }
        }
    }

    /// True if the vault has learnt something by it.
    fn keep_list(
        &mut self,
        workspace: Id,
        ask: Option<Ask>,
        (accounts, left_out): (Vec<Account>, u32),
        now: UnixTime,
    ) -> bool {
        let witness = self.witness(ask);
        let listed = self.listed_mut(workspace);
        listed.watch.came(&accounts, witness, now);
        (listed.checked, listed.accounts, listed.left_out, listed.trouble) = (Some(now), accounts, left_out, None);
        self.learn_numbers()
    }

    /// True if the journal is another now.
    fn hide_what_is_over(&mut self, workspace: Id, asked: UnixTime) -> bool {
        let Some(listed) = self.stored.listed.iter().find(|it| it.workspace == workspace) else { return false };
        let mut news = false;
        for line in self.stored.journal.iter_mut().filter(|it| it.account.workspace == workspace) {
            if let Some(account) = listed.accounts.iter().find(|it| it.id == line.account.id) {
                news |= line.is_listed(&account.health, asked);
            }
        }
        news
    }

    fn not_listed(
        &mut self,
        listing: Listing,
        verdict: Verdict,
        pause: Option<UnixTime>,
        now: UnixTime,
        out: &mut Vec<Effect>,
    ) {
        let Listing { ask, workspace, key, joins, rest, failed, .. } = listing;
        if joins.is_some() {
            return out.extend(ask.map(|ask| Effect::Answer(ask, Answer::Verdict(verdict))));
        }
        let failed = failed.or_else(|| Some(verdict.clone()));
        if self.is_ours(workspace, &key) {
            let listed = self.listed_mut(workspace);
            // Failed counts as asked: a page that is opened again and again does not hammer.
            // What never left this computer is no reason to ask the service less often.
            let asked = !matches!(verdict, Verdict::Offline | Verdict::NotAllowed);
            listed.watch.failed(asked, verdict.until().or(pause));
            (listed.checked, listed.trouble) = (Some(now), Some(verdict));
            let (name, text) = self.listed_text();
            out.push(Self::write(name, text, vec![Effect::News]));
        }
        self.list(ask, rest, failed, now, out);
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
            ResetMark::End => {
                if let Some(at) = resets.iter().position(|it| it.handle == handle) {
                    let gone = resets.remove(at);
                    self.offer(Gone::Reset(gone), out);
                }
            }
            ResetMark::Start => {
                if !resets.iter().any(|it| it.handle == handle) {
                    resets.push(Reset { handle, done: vec![], app_off: false, ended: None });
                }
            }
            ResetMark::Done(step) | ResetMark::Undone(step) => {
                let reset = resets.iter_mut().find(|it| it.handle == handle).ok_or(Refusal::AccountUnknown)?;
                reset.done.retain(|it| *it != step);
                if matches!(mark, ResetMark::Done(_)) {
                    reset.done.push(step);
                    reset.done.sort_unstable();
                }
                if step == Task::OffAndOn {
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
    pub(super) fn tick(&mut self, handle: &Handle, tasks: &[Task], out: &mut Vec<Effect>) {
        let Some(reset) = self.stored.resets.iter_mut().find(|it| it.handle == *handle) else { return };
        let before = reset.done.len();
        for task in tasks {
            if !reset.done.contains(task) {
                reset.done.push(*task);
            }
        }
        reset.done.sort_unstable();
        if reset.done.contains(&Task::SignIn) {
            self.stored.resets.retain(|it| it.handle != *handle);
        } else if reset.done.len() == before {
            return;
        }
        self.write_resets(out);
    }

    /// A backup code of the account is kept. One that came before X took the new key is of the old set-up.
    pub(super) fn backup_kept(&mut self, handle: &Handle, out: &mut Vec<Effect>) {
        if self.stored.resets.iter().any(|it| it.handle == *handle && it.done.contains(&Task::Digits)) {
            self.tick(handle, &[Task::BackupCode], out);
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

impl Listing {
    /// Takes a page. A list that changes while it is read may have an account twice; two healths of it would end and begin its
    /// incident at each look, so the first counts.
    fn take(&mut self, accounts: Vec<Account>) {
        for account in accounts {
            if self.so_far.iter().any(|it| it.id == account.id) {
                continue;
            }
            if self.so_far.len() < MOST_ACCOUNTS && account.fits() {
                self.so_far.push(account);
            } else {
                self.left_out = self.left_out.saturating_add(1);
            }
        }
    }
}
