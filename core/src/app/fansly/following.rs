//! The looks at Fansly logins: when each is due, and what its answer makes of the login's step. What is sent for a click, and
//! the list of accounts, are not here.

use super::App;
use crate::clock::{Span, UnixTime};
use crate::effect::{Alarm, Effect, FanslyCall, FanslyLogin, For, Later};
use crate::env::Env;
use crate::protocol::{FanslyAccount, FanslyStep};
use crate::services::Reply;
use crate::services::fansly::{self, Login, Started, Trouble, What};
use alloc::{string::String, vec, vec::Vec};

/// Seconds between two looks; the last one goes on.
const PAUSES: [u64; 5] = [2, 3, 5, 8, 10];
/// How long a login is followed.
const LIMIT: Span = Span::minutes(5);
/// For how long an error that stood there before may still stand there after a new start.
const OLD_ERROR: Span = Span::seconds(10);
/// The longest wait in one piece: browsers' timers end at once beyond 24.8 days, and a computer's clock may be set.
const MOST_WAIT: Span = Span::seconds(60);
/// A worker that was killed is woken after this; Chromium's alarms are not closer.
const WAKE: Span = Span::seconds(30);
/// What this worker follows.
#[derive(Debug, Default)]
pub(in crate::app) struct Following {
    timer: Option<UnixTime>,
    /// Whether an alarm is set for the case that this worker is killed.
    alarm: bool,
    looks: Vec<Look>,
}

#[derive(Debug)]
pub(super) struct Look {
    account: String,
    /// How many there were.
    count: usize,
    /// When the next one is due.
    next: UnixTime,
    /// The call that is under way for this account: when its step began.
    pub(super) out: Option<UnixTime>,
}

impl Following {
    /// A call came back, or was not sent.
    pub(super) fn returned(&mut self, login: &FanslyLogin) {
        let mine = |it: &&mut Look| it.account == login.account && it.out == Some(login.since);
        if let Some(look) = self.looks.iter_mut().find(mine) {
            look.out = None;
        }
    }
}

impl App {
    /// The look that is under way or due for an account; a fresh one is due at the end of a pause, else now.
    pub(super) fn look_at(&mut self, account: &str, now: UnixTime) -> &mut Look {
        let pause = self.fansly_account(account).and_then(|it| it.until);
        // A login rests for less than it is followed: more is a clock that was set back.
        let next = pause.filter(|it| it.since(now) <= LIMIT).map_or(now, |it| it.max(now));
        let looks = &mut self.following.looks;
        let at = looks.iter().position(|it| it.account == account).unwrap_or_else(|| {
            looks.push(Look { account: account.into(), count: 0, next, out: None });
            looks.len() - 1
        });
        &mut looks[at]
    }

    /// After each event: looks that are due are sent, and the next one is waited for.
    pub(in crate::app) fn follow_fansly(&mut self, now: UnixTime, out: &mut Vec<Effect>) {
        let accounts = self.stored.fansly.accounts.iter();
        let followed = accounts.filter(|it| it.step.is_followed()).map(|it| (it.id.clone(), it.since));
        let followed: Vec<(String, UnixTime)> = followed.collect();
        let fans = self.fans().filter(|_| !self.read_only);
        let open = fans.is_some();
        // Locked: the calls that are out come back, and nothing more is sent.
        let wanted = |look: &Look| open && followed.iter().any(|(account, _)| *account == look.account);
        self.following.looks.retain(|it| it.out.is_some() || wanted(it));
        let Some((key, address)) = fans else { return };
        let (mut nearest, mut stirs) = (None, false);
        for (account, since) in followed {
            let look = self.look_at(&account, now);
            if look.out == Some(since) {
                continue;
            }
            // The clock was set back: what is due then is due in a day, or never.
            if since.is_ahead(now) {
                look.next = now;
            }
            if look.next > now {
                nearest = Some(nearest.map_or(look.next, |it: UnixTime| it.min(look.next)));
                continue;
            }
            look.out = Some(since);
            stirs = true;
            let call = fansly::look(&key, address, &account);
            let login = FanslyLogin { account, since, key: key.clone() };
            out.push(Effect::Send(call, For::Fansly(FanslyCall::Look(login))));
        }
        let waits = nearest.map(|it| it.min(now.after(MOST_WAIT)));
        if let Some(at) = waits.filter(|at| self.following.timer.is_none_or(|timer| timer > *at || timer < now)) {
            self.following.timer = Some(at);
            stirs = true;
            out.push(Effect::Later(Later::Fansly, at.since(now)));
        }
        let follows = !self.following.looks.is_empty();
        if stirs || (follows && !self.following.alarm) {
            self.following.alarm = true;
            out.push(Effect::Alarm(Alarm::Follow, Some(now.after(WAKE))));
        }
    }

    /// The alarm rang, and rings once.
    pub(in crate::app) fn fansly_alarm_rang(&mut self) {
        self.following.alarm = false;
    }

    pub(in crate::app) fn fansly_is_due(&mut self) {
        self.following.timer = None;
    }

    pub(in crate::app) fn fansly_replied(
        &mut self,
        call: FanslyCall,
        reply: &Reply,
        env: &mut Env<'_>,
        out: &mut Vec<Effect>,
    ) {
        let now = env.now;
        let (login, sent) = match call {
            FanslyCall::List(listing) => return self.fans_listed(&listing, reply, env, out),
            FanslyCall::Start(login) => (login, Sent::Start),
            FanslyCall::Code(login) => (login, Sent::Code),
            FanslyCall::Look(login) => (login, Sent::Look),
        };
        self.following.returned(&login);
        let fans = self.fans();
        let replaced = fans.as_ref().is_some_and(|(key, _)| *key != login.key);
        // No text is taken that may repeat the key: it is at hand while the vault is open, and while it is the one that was
        // sent.
        let key = fans.map(|(key, _)| key).filter(|_| !replaced);
        let key = key.as_ref();
        let id = login.account;
        // Disconnected, gone from the list, or in another step meanwhile.
        let Some(account) = self.fansly_account(&id).filter(|it| it.since == login.since) else { return };
        let before = account.clone();
        let mute = account.may_repeat_a_code(now);
        let next = match sent {
            Sent::Start => {
                let started = fansly::read_start(reply, now, key);
                take_start(account, if mute { started.mute() } else { started })
            }
            Sent::Code => take_code(account, fansly::read_login(reply, now, &id, key)),
            // What another key may see is not said of this one.
            Sent::Look if replaced => Next::Now,
            Sent::Look => {
                let login = fansly::read_login(reply, now, &id, key);
                take_look(account, if mute { login.map(Login::mute) } else { login }, now)
            }
        };
        let (changed, end) = (*account != before, account.since.after(LIMIT));
        let look = self.look_at(&id, now);
        look.next = match next {
            Next::Now => now,
            Next::Fresh => {
                look.count = 1;
                now.after(Span::seconds(PAUSES[0]))
            }
            Next::After(pause) => {
                let seconds = PAUSES[look.count.min(PAUSES.len() - 1)];
                look.count += 1;
                // The last look is at the end, not after it; a pause that was asked for holds in any case.
                now.after(Span::seconds(seconds)).min(end.max(now)).max(pause.unwrap_or_default())
            }
        };
        if changed {
            self.write_fansly(vec![Effect::News], out);
        }
    }
}

/// What was sent.
enum Sent {
    Start,
    Code,
    Look,
}

/// When it is looked at next, if it is followed.
enum Next {
    Now,
    /// As after a start.
    Fresh,
    /// As the schedule says, and not before this moment.
    After(Option<UnixTime>),
}

fn take_start(account: &mut FanslyAccount, started: Started) -> Next {
    match started {
        Started::Yes => account.step = FanslyStep::Working,
        Started::NotNow(why) => {
            account.step = FanslyStep::Looking;
            account.said = why;
            return Next::Now;
        }
        Started::No(trouble) => {
            account.step = FanslyStep::Stopped;
            account.has(Some(trouble));
        }
    }
    Next::Fresh
}

/// `needs_code` may stay true while the code is verified, so a prompt in this answer says nothing: the next look does.
fn take_code(account: &mut FanslyAccount, login: Result<Login, Trouble>) -> Next {
    match login {
        Ok(Login::Done) => is_done(account),
        Ok(_) => {}
        // Refused in an undocumented way, gone, or nobody knows: looking tells whether the prompt, or the account, still stands.
        Err(trouble) if matches!(trouble.what(), What::Unfamiliar | What::NoAnswer | What::Gone) => {}
        Err(trouble) => {
            account.step = FanslyStep::Code;
            account.has(Some(trouble));
        }
    }
    Next::Fresh
}

fn take_look(account: &mut FanslyAccount, login: Result<Login, Trouble>, now: UnixTime) -> Next {
    // Something else was begun, or read, since it was sent.
    if !account.step.is_followed() {
        return Next::Now;
    }
    let end = account.since.after(LIMIT);
    // A pause that is longer than it is followed ends it as well: nothing would be asked meanwhile.
    let over = now >= end
        || account.since.is_ahead(now)
        || login.as_ref().is_err_and(|it| it.until.is_some_and(|until| until > end));
    let (looking, checking) = (account.step == FanslyStep::Looking, account.step == FanslyStep::Checking);
    let trouble = login.as_ref().err().copied();
    account.has(trouble);
    match login {
        Ok(Login::Done) => is_done(account),
        Ok(Login::Code { kind, sent_to }) => {
            (account.step, account.wrong, account.said) = (FanslyStep::Code, checking, None);
            (account.kind, account.sent_to) = (kind, sent_to.or_else(|| account.sent_to.take()));
        }
        Ok(Login::Refused(why))
            if looking || (!over && !checking && why == account.said && now.since(account.since) < OLD_ERROR) =>
        {
            if looking {
                account.step = FanslyStep::NotNow;
            }
        }
        Ok(Login::Refused(why)) => (account.step, account.said) = (FanslyStep::Refused, why),
        Ok(Login::Working) if looking => account.step = FanslyStep::NotNow,
        Err(trouble) if trouble.what().lasts() => account.step = FanslyStep::Stopped,
        Ok(Login::Working) | Err(_) if over => account.step = FanslyStep::Unfinished,
        Ok(Login::Working) | Err(_) => {
            if account.step == FanslyStep::Starting {
                account.step = FanslyStep::Working;
            }
        }
    }
    Next::After(trouble.and_then(|it| it.until))
}

fn is_done(account: &mut FanslyAccount) {
    account.step = if account.step == FanslyStep::Looking { FanslyStep::Already } else { FanslyStep::Done };
    account.signed_in = true;
    (account.said, account.wrong) = (None, false);
}
