//! Connecting a new account at Xquik: journal, then one POST, then looks at the attempt until it ends, and the code that X
//! e-mails. Credentials are sent by a click only and never while what became of the last ones is open; a password is in no line.

mod progress;

use super::App;
use super::matching::Match;
use crate::clock::{Span, UnixTime};
use crate::effect::{Alarm, Ask, Effect, For, Key, Later, Write};
use crate::env::Env;
use crate::label::{AccountRef, Handle, Id};
use crate::protocol::{Answer, ConnectionView, Stage};
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::services::Reply;
use crate::services::xquik::connect::{self, Asked, NewAccount, Progress};
use crate::services::xquik::{self, ApiKey, Verdict};
use alloc::{string::String, vec, vec::Vec};
use serde::{Deserialize, Serialize};

/// For so long an attempt is looked at without a click, and nothing is sent again that nobody heard of.
const MOST: Span = Span::minutes(5);
/// For so long an attempt that has an id is believed to go on, whatever the list says.
const LOST: Span = Span::minutes(60);
/// After a look that told nothing.
const AGAIN: Span = Span::seconds(5);
/// A wait dies with the worker; the alarm does not.
const ALARM: Span = Span::seconds(30);

/// A connection that was begun. No secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Connection {
    /// The workspace, and the handle in small letters.
    pub(super) account: AccountRef,
    handle: Handle,
    sent: UnixTime,
    stage: Stage,
    /// Xquik's id of the attempt, or of the challenge.
    #[serde(default)]
    id: Option<String>,
    /// The next look; until when the code is asked for; of what failed, the end of its pause.
    #[serde(default)]
    until: Option<UnixTime>,
    /// The pause that the last answer asked for.
    #[serde(default)]
    not_before: Option<UnixTime>,
    #[serde(default)]
    verdict: Option<Verdict>,
    #[serde(default)]
    for_good: bool,
    /// The entry whose waiting key a success proves.
    #[serde(default)]
    pub(super) proves: Option<(Id, UnixTime)>,
}

/// What is typed for a new account.
pub(super) struct Typed<'a> {
    pub(super) workspace: Id,
    pub(super) handle: &'a str,
    pub(super) email: &'a str,
    pub(super) password: &'a Secret,
    /// Since when the key that the page shows has the state that it shows.
    pub(super) since: UnixTime,
}

impl App {
    /// [Connect the account]: one POST with the four fields.
    pub(super) fn connect_new(
        &mut self,
        typed: &Typed<'_>,
        ask: Ask,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let (now, workspace) = (env.now, typed.workspace);
        let handle = Handle::parse(typed.handle)?;
        let email = typed.email.trim();
        let (name, host) = email.split_once('@').ok_or(Refusal::EmailShape)?;
        if name.is_empty() || !host.contains('.') || email.chars().any(char::is_whitespace) || email.len() > 254 {
            return Err(Refusal::EmailShape);
        }
        if typed.password.is_empty() {
            return Err(Refusal::PasswordEmpty);
        }
        let api_key = self.api_key(workspace)?;
        let account = AccountRef { workspace, id: handle.as_str().to_ascii_lowercase() };
        let before = self.stored.connections.iter().find(|it| it.account == account);
        match before.map(|it| it.stage) {
            Some(Stage::Running | Stage::Sending | Stage::Pending) => return Err(Refusal::StillRunning),
            Some(Stage::Code) if before.is_some_and(|it| !it.is_over(now)) => return Err(Refusal::StillRunning),
            Some(Stage::Unknown | Stage::Late) => return Err(Refusal::CheckFirst),
            Some(Stage::Code | Stage::Failed | Stage::Connected) | None => {}
        }
        let own = before.and_then(|it| it.pause(now));
        if own.or(self.pause_of_new(workspace, now)).is_some() {
            return Err(Refusal::Paused);
        }
        if self.lists(workspace, &handle) {
            out.push(Effect::Answer(ask, Answer::Verdict(Verdict::AlreadyConnected)));
            return Ok(());
        }
        // An entry of that name may be of an account that X has renamed since: its key is not for who has the name now.
        self.vault()?;
        let entry = self.owner(&handle).ok_or(Refusal::NoConfirmedKey)?;
        let held = entry.sendable().ok_or(Refusal::NoConfirmedKey)?;
        if held.since != typed.since {
            return Err(Refusal::KeyChanged);
        }
        // Only a key that waits can be proved by the answer.
        let proves = held.is_waiting().then_some((entry.id, held.added));
        let with = NewAccount { handle: &handle, email, password: typed.password, key: &held.key };
        let call = connect::connect(&api_key, &with);
        let text = |it: &str| Secret::new(it.into());
        let secrets =
            vec![typed.password.clone(), text(held.key.expose()), text(email), text(name), api_key.secret().clone()];
        self.stored.connections.retain(|it| it.account != account && !it.is_old(now));
        let line = Connection {
            account: account.clone(),
            handle,
            sent: now,
            stage: Stage::Running,
            id: None,
            until: None,
            not_before: None,
            verdict: None,
            for_good: false,
            proves,
        };
        self.stored.connections.push(line);
        self.connecting.push((account.clone(), now));
        let purpose = For::Connection { account, sent: now, asked: Asked::Connect, secrets, ask: None };
        let then = vec![Effect::Answer(ask, Answer::Done), Effect::News, Effect::Send(call, purpose)];
        self.write_connections(then, out);
        Ok(())
    }

    /// The code that X has e-mailed: one POST.
    pub(super) fn connect_code(
        &mut self,
        account: AccountRef,
        code: &Secret,
        ask: Ask,
        now: UnixTime,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let typed = Secret::new(code.expose().chars().filter(|it| !it.is_whitespace()).collect());
        if !(4..=64).contains(&typed.expose().chars().count()) {
            return Err(Refusal::EmailCodeShape);
        }
        let api_key = self.api_key(account.workspace)?;
        let slowed = self.pause_of_all(account.workspace, now);
        let line = self.connection_mut(&account).ok_or(Refusal::AccountUnknown)?;
        let challenge = match (line.stage, &line.id) {
            (Stage::Code, Some(challenge)) => challenge.clone(),
            (Stage::Unknown, _) => return Err(Refusal::CheckFirst),
            _ => return Err(Refusal::StillRunning),
        };
        if line.pause(now).or(slowed).is_some() {
            return Err(Refusal::Paused);
        }
        // From now on nobody knows what becomes of it, however long ago the connection was begun.
        (line.stage, line.verdict, line.sent) = (Stage::Sending, None, now);
        self.connecting.push((account.clone(), now));
        let call = connect::submit(&api_key, &challenge, &typed);
        let secrets = vec![typed, api_key.secret().clone()];
        let purpose = For::Connection { account, sent: now, asked: Asked::Submit, secrets, ask: None };
        let then = vec![Effect::Answer(ask, Answer::Done), Effect::News, Effect::Send(call, purpose)];
        self.write_connections(then, out);
        Ok(())
    }

    /// [Check status]: a look at the attempt; where there is none, at the list of accounts.
    pub(super) fn check_connection(
        &mut self,
        account: AccountRef,
        ask: Ask,
        now: UnixTime,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let api_key = self.api_key(account.workspace)?;
        let line = self.connection_mut(&account).ok_or(Refusal::AccountUnknown)?;
        match (line.stage, line.id.clone()) {
            (Stage::Running | Stage::Sending, _) => return Err(Refusal::StillRunning),
            (Stage::Late | Stage::Pending, Some(id)) => {
                let call = (account.clone(), line.sent);
                // One look at a time, however many tabs ask: what it tells is news to all of them.
                if self.connecting.contains(&call) {
                    out.push(Effect::Answer(ask, Answer::Done));
                    return Ok(());
                }
                self.connecting.push(call.clone());
                out.push(look(&api_key, &id, call, Some(ask)));
            }
            _ => self.list(Some(ask), vec![account.workspace], None, now, out),
        }
        Ok(())
    }

    /// [Done] on what came of it. A pause outlives it.
    pub(super) fn connection_done(
        &mut self,
        account: &AccountRef,
        ask: Ask,
        now: UnixTime,
        out: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let line = self.connection_mut(account).ok_or(Refusal::AccountUnknown)?;
        match line.stage {
            Stage::Connected | Stage::Failed => {}
            Stage::Code if line.is_over(now) => {}
            Stage::Unknown | Stage::Late => return Err(Refusal::CheckFirst),
            _ => return Err(Refusal::StillRunning),
        }
        self.stored.connections.retain(|it| it.account != *account || it.pause(now).is_some());
        self.write_connections(vec![Effect::Answer(ask, Answer::Done), Effect::News], out);
        Ok(())
    }

    /// The journal could not be written, so nothing was sent.
    pub(super) fn connection_unsent(&mut self, account: &AccountRef, sent: UnixTime, asked: Asked) {
        self.connecting.retain(|it| (&it.0, it.1) != (account, sent));
        match asked {
            Asked::Connect => self.stored.connections.retain(|it| it.account != *account || it.sent != sent),
            Asked::Submit => {
                let line = self.connection_mut(account).filter(|it| it.stage == Stage::Sending);
                if let Some(line) = line {
                    line.stage = Stage::Code;
                }
            }
            Asked::Attempt => {}
        }
    }

    /// One of the three calls was answered, or not.
    pub(super) fn connection_replied(
        &mut self,
        (account, sent, asked, ask): (&AccountRef, UnixTime, Asked, Option<Ask>),
        secrets: &[Secret],
        reply: &Reply,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        let now = env.now;
        let ahead = self.memory.drift.applied(now);
        self.connecting.retain(|it| (&it.0, it.1) != (account, sent));
        let answer = ask.map(|ask| Effect::Answer(ask, Answer::Done));
        // Disconnected, begun anew, or told by the list meanwhile.
        let Some(line) = self.connection_mut(account).filter(|it| it.sent == sent && it.awaits(asked)) else {
            out.extend(answer);
            return;
        };
        let progress = connect::read(asked, reply, now, &line.handle, secrets);
        let looks = !matches!(progress, Progress::Pending { .. } | Progress::Code { .. } | Progress::Unread(_));
        line.take(asked, progress, xquik::pause(reply, now), (now, ahead));
        let ended = matches!(line.verdict, Some(Verdict::AlreadyConnected | Verdict::CodeOver));
        let ended =
            line.stage == Stage::Connected || ended || (line.stage == Stage::Unknown && asked == Asked::Attempt);
        // The attempt tells nothing any more: what the list has, it may tell.
        let list = (looks && ended) || (asked == Asked::Attempt && line.is_left_to_the_list());
        let proves = if line.stage == Stage::Connected { line.proves } else { None };
        let mut then: Vec<Effect> = answer.into_iter().collect();
        then.push(Effect::News);
        // Xquik has signed in with the key that was sent: X accepted a code of it.
        let entry = self.open.as_mut().zip(proves);
        let entry = entry.and_then(|(open, (id, added))| Some((open.vault.entry_mut(id)?, added)));
        if let Some((entry, added)) = entry {
            entry.confirm(added, now);
            if let Some(line) = self.connection_mut(account) {
                line.proves = None;
            }
            let also = vec![self.connections_text()];
            out.extend(self.commit(env, also, then));
        } else {
            self.write_connections(then, out);
        }
        if list {
            self.list(None, vec![account.workspace], None, now, out);
        }
        self.follow_connections(now, out);
    }

    /// Looks at what is pending and due, and sees to it that somebody comes back for the rest. A locked vault has no key to
    /// ask with: the page that unlocks it comes back.
    pub(super) fn follow_connections(&mut self, now: UnixTime, out: &mut Vec<Effect>) {
        let (mut next, mut late): (Option<UnixTime>, bool) = (None, false);
        for at in 0..self.stored.connections.len() {
            let Some(line) = self.stored.connections.get_mut(at).filter(|it| it.stage == Stage::Pending) else {
                continue;
            };
            let call = (line.account.clone(), line.sent);
            if self.connecting.contains(&call) {
                continue;
            }
            if line.has_settled(now) {
                (line.stage, late) = (Stage::Late, true);
                continue;
            }
            let (id, until) = (line.id.clone().unwrap_or_default(), line.until.unwrap_or(now));
            let Ok(key) = self.api_key(call.0.workspace) else { continue };
            if until > now {
                next = Some(next.map_or(until, |next| next.min(until)));
                continue;
            }
            self.connecting.push(call.clone());
            out.push(look(&key, &id, call, None));
        }
        if late {
            self.write_connections(vec![Effect::News], out);
        }
        if let Some(next) = next.filter(|next| self.next_look.is_none_or(|set| set <= now || *next < set)) {
            self.next_look = Some(next);
            out.push(Effect::Later(Later::Connection, next.since(now)));
        }
        if next.is_some() || !self.connecting.is_empty() {
            out.push(Effect::Alarm(Alarm::Follow, Some(now.after(ALARM))));
        }
    }

    /// A wait is over, or the alarm rang.
    pub(super) fn look_at_connections(&mut self, now: UnixTime, out: &mut Vec<Effect>) {
        self.next_look = None;
        self.follow_connections(now, out);
    }

    /// The accounts of a workspace were listed: what became of connections that nobody heard from. True if that told something.
    pub(super) fn find_connections(&mut self, workspace: Id, now: UnixTime) -> bool {
        let mut told = false;
        for at in 0..self.stored.connections.len() {
            let Some(line) = self.stored.connections.get(at).filter(|it| it.account.workspace == workspace) else {
                continue;
            };
            let lost = matches!(line.verdict, Some(Verdict::CodeOver));
            let open = match line.stage {
                Stage::Unknown | Stage::Late | Stage::Pending => true,
                Stage::Failed => lost,
                Stage::Running | Stage::Sending | Stage::Code | Stage::Connected => false,
            };
            let there = self.finds(workspace, &line.handle);
            let Some(line) = self.stored.connections.get_mut(at).filter(|_| open) else { continue };
            if there {
                // By whom and with which key a list does not say: it proves none.
                (line.stage, line.verdict, line.proves, told) = (Stage::Connected, None, None, true);
                line.not_before = None;
            } else if line.is_given_up(now) {
                (line.stage, line.verdict, told) = (Stage::Failed, Some(Verdict::NotListed), true);
                // A look's pause: a new attempt has another bucket.
                line.not_before = None;
            } else if line.is_held_up() {
                // The key that was refused, or the permission that was missing, is one now: the list came.
                (line.verdict, told) = (None, true);
            }
        }
        told
    }

    /// Calls that a worker before this one had sent: nobody waits for their answer any more.
    pub(super) fn interrupt_connections(&mut self) -> bool {
        let mut found = false;
        for line in &mut self.stored.connections {
            let running = matches!(line.stage, Stage::Running | Stage::Sending);
            if running && !self.connecting.iter().any(|it| (&it.0, it.1) == (&line.account, line.sent)) {
                (line.stage, found) = (Stage::Unknown, true);
            }
        }
        found
    }

    /// Keys that a connection has proved while the vault was locked.
    pub(super) fn proved_by_connections(&mut self) -> Vec<(Id, UnixTime)> {
        let connected = self.stored.connections.iter_mut().filter(|it| it.stage == Stage::Connected);
        connected.filter_map(|it| it.proves.take()).collect()
    }

    /// What pages show of them.
    pub(super) fn connection_views(&self, now: UnixTime) -> Vec<ConnectionView> {
        let view = |it: &Connection| ConnectionView {
            account: it.account.clone(),
            handle: it.handle.clone(),
            sent: it.sent,
            stage: it.stage,
            until: it.until.filter(|_| !it.sent.is_ahead(now)),
            verdict: it.verdict.clone(),
            for_good: it.for_good,
        };
        self.stored.connections.iter().map(view).collect()
    }

    /// How many wait for a code that the user has in an e-mail.
    pub(super) fn codes_asked_for(&self, now: UnixTime) -> usize {
        self.stored.connections.iter().filter(|it| it.stage == Stage::Code && !it.is_over(now)).count()
    }

    /// Whether a workspace's list has this handle.
    fn lists(&self, workspace: Id, handle: &Handle) -> bool {
        let listed = self.stored.listed.iter().filter(|it| it.workspace == workspace);
        listed.flat_map(|it| &it.accounts).any(|it| Handle::parse(&it.handle).as_ref() == Ok(handle))
    }

    /// Whether a workspace's list has the X account of this handle. By X's number of it where the list and the vault know
    /// one: behind the same handle it may be another account's.
    fn finds(&self, workspace: Id, handle: &Handle) -> bool {
        let listed = self.stored.listed.iter().filter(|it| it.workspace == workspace);
        listed.flat_map(|it| &it.accounts).any(|it| {
            let named = Handle::parse(&it.handle).as_ref() == Ok(handle);
            match self.open.as_ref().map(|open| Match::of(&open.vault, it)) {
                Some(Match::Entry(entry)) => named || entry.handle == *handle,
                Some(Match::Stranger) => false,
                Some(Match::None) | None => named,
            }
        })
    }

    fn connection_mut(&mut self, account: &AccountRef) -> Option<&mut Connection> {
        self.stored.connections.iter_mut().find(|it| it.account == *account)
    }

    pub(super) fn connections_text(&self) -> (Key, Secret) {
        (Key::Connections, Secret::new(serde_json::to_string(&self.stored.connections).unwrap_or_default()))
    }

    fn write_connections(&self, then: Vec<Effect>, out: &mut Vec<Effect>) {
        let write = Write { set: vec![self.connections_text()], ..Write::default() };
        out.push(Effect::Write { write, then });
    }
}

/// A look at an attempt.
fn look(key: &ApiKey, id: &str, (account, sent): (AccountRef, UnixTime), ask: Option<Ask>) -> Effect {
    let secrets = vec![key.secret().clone()];
    Effect::Send(connect::attempt(key, id), For::Connection { account, sent, asked: Asked::Attempt, secrets, ask })
}
