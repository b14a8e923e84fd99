//! The machine: an event comes in, effects go out. The only place where features meet.
//!
//! It holds what the background knows between two events, and nothing of the browser. Before the stores were
//! read it is asleep: events wait, in order, until they are.

mod accounts;
mod capture;
mod keys;
mod lock;
mod memory;
mod sign_in;
mod store;
mod view;

use crate::clock::UnixTime;
use crate::effect::{Ask, Effect, Event, Key, Loaded};
use crate::env::Env;
use crate::gate::Said;
use crate::protocol::{Answer, Question};
use crate::refusal::Refusal;
use crate::secret::Key32;
use crate::services::xquik::{Account, Verdict};
use crate::sites::x;
use crate::vault::Vault;
use crate::vault::envelope::Envelope;
use crate::vault::inbox::Item;
use alloc::{string::String, vec, vec::Vec};
use memory::{Line, Memory, Reset};
use serde::{Deserialize, Serialize};
use store::Head;

/// The machine.
#[derive(Debug, Default)]
pub struct App {
    awake: bool,
    loading: bool,
    queue: Vec<Event>,
    stored: Stored,
    open: Option<Open>,
    memory: Memory,
    /// Accounts whose sign-in this worker has sent and not seen answered.
    running: Vec<String>,
    listing: bool,
    /// The last write failed, and nothing has happened since.
    write_failed: bool,
    trouble: Option<Refusal>,
    rows_changed: bool,
    remembered: Option<crate::secret::Secret>,
    badge: Option<String>,
}

/// What `storage.local` held last.
#[derive(Debug, Default)]
struct Stored {
    head: Option<Head>,
    envelope: Option<Envelope>,
    device: Option<Key32>,
    inbox: Vec<Item>,
    journal: Vec<Line>,
    listed: Listed,
    resets: Vec<Reset>,
}

/// The open vault.
#[derive(Debug)]
struct Open {
    vault: Vault,
    key: Key32,
    /// The auto-lock; none without a passphrase.
    until: Option<UnixTime>,
    /// When it was used last: a clock that was set back shows.
    seen: UnixTime,
}

/// Accounts as Xquik listed them last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Listed {
    checked: Option<UnixTime>,
    accounts: Vec<Account>,
    trouble: Option<Verdict>,
}

impl App {
    /// A machine that has not read the stores yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One event in, effects out, to be performed in order.
    pub fn handle(&mut self, event: Event, env: &mut Env<'_>) -> Vec<Effect> {
        let mut out = Vec::new();
        if !matches!(event, Event::Loaded(_) | Event::Written { .. }) {
            self.write_failed = false;
        }
        // Locking waits for no store.
        if !self.awake && self.open.is_some() && locks(&event) {
            self.lock(&mut out);
            out.push(Effect::Rows(self.rows()));
            out.push(Effect::Remember(self.memory_text()));
        }
        match event {
            Event::Loaded(outcome) => self.wake(outcome, env, &mut out),
            Event::Written { outcome, then } if self.awake => {
                self.written(outcome, then, &mut out);
                if self.awake {
                    self.drain(env, &mut out);
                }
            }
            event if self.awake => self.live(event, env, &mut out),
            // What was under way when the stores failed is finished without them.
            Event::Written { outcome, then } => self.written(outcome, then, &mut out),
            event => {
                self.queue.push(event);
                if !self.loading {
                    self.loading = true;
                    out.push(Effect::Load);
                }
            }
        }
        self.settle(env, &mut out);
        out
    }

    fn wake(&mut self, outcome: Result<Loaded, Refusal>, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        self.loading = false;
        match outcome.and_then(|loaded| self.load(loaded, env, out)) {
            Ok(()) => {
                self.awake = true;
                self.trouble = None;
            }
            Err(refusal) => self.trouble = Some(refusal),
        }
        // What the reading itself has to write comes first: what waits may build on it only once it stands.
        if !out.iter().any(|effect| matches!(effect, Effect::Write { .. })) {
            self.drain(env, out);
        }
    }

    fn drain(&mut self, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        for event in core::mem::take(&mut self.queue) {
            if self.trouble.is_none() {
                self.live(event, env, out);
            } else {
                self.turn_away(event, env.now, out);
            }
        }
    }

    /// The stores cannot be read: pages hear why, nothing is written, the next event tries again.
    fn turn_away(&mut self, event: Event, now: UnixTime, out: &mut Vec<Effect>) {
        let refusal = self.trouble.clone().unwrap_or(Refusal::StoreSilent);
        match event {
            Event::Said(admitted, ask) => {
                let answer = match admitted.into_said() {
                    Said::Page(Question::View) => Answer::View(self.view(now)),
                    Said::Page(Question::Lock) => Answer::Done,
                    Said::Page(_) => Answer::Refused(refusal),
                    Said::Content { tab, says, .. } => {
                        if shows_a_key(&says) {
                            capture::cannot_save(tab, &says, out);
                        }
                        Answer::Refused(refusal)
                    }
                };
                out.extend(ask.map(|ask| Effect::Answer(ask, answer)));
            }
            // An answer that was paid for with a password, and the sensors of open tabs, are not thrown away.
            Event::Replied(..) | Event::Installed { .. } if self.queue.len() < 32 => self.queue.push(event),
            _ => {}
        }
    }

    fn live(&mut self, event: Event, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        self.lock_if_due(&event, env.now, out);
        match event {
            Event::Loaded(_) => {}
            Event::Installed { first } => {
                if first {
                    out.push(Effect::OpenPage("pages/app.html#/first"));
                }
                out.push(Effect::WakeSensors);
                self.schedule_poll(env.now, out);
            }
            Event::Started => self.schedule_poll(env.now, out),
            Event::Said(admitted, ask) => match admitted.into_said() {
                Said::Content { tab, place, incognito, says } => {
                    self.sensed(tab, place, incognito, says, env, out);
                    out.extend(ask.map(|ask| Effect::Answer(ask, Answer::Done)));
                }
                Said::Page(question) => {
                    let Some(ask) = ask else { return };
                    if !matches!(question, Question::View) {
                        self.touch(env.now, out);
                    }
                    if let Err(refusal) = self.asked(question, ask, env, out) {
                        out.push(Effect::Answer(ask, Answer::Refused(refusal)));
                    }
                }
            },
            Event::Written { .. } => {}
            Event::Replied(purpose, reply) => self.replied(purpose, &reply, env, out),
            Event::Filled(ask, true) => out.push(Effect::Answer(ask, Answer::Done)),
            Event::Filled(ask, false) => out.push(Effect::Answer(ask, Answer::Refused(Refusal::NoCodeField))),
            Event::PopupRefused(tab) => self.popup_refused(tab, out),
            Event::Rang(crate::effect::Alarm::Lock, presence) => self.lock_rang(presence, env.now, out),
            Event::Rang(crate::effect::Alarm::Poll, _) => self.poll(env.now, out),
            Event::Presence(presence) => self.presence(presence, env.now, out),
            Event::TabClosed(tab) => self.tab_closed(tab),
        }
    }

    fn asked(&mut self, question: Question, ask: Ask, env: &mut Env<'_>, out: &mut Vec<Effect>) -> Result<(), Refusal> {
        match question {
            Question::View => {
                self.poll_if_old(env.now, out);
                out.push(Effect::Answer(ask, Answer::View(self.view(env.now))));
                Ok(())
            }
            Question::KeepDraft { draft, handle } => self.keep_draft(draft, &handle, ask, env, out),
            Question::DropDraft { draft } => self.drop_draft(draft, ask, out),
            Question::Fill { id } => self.fill(id, ask, env.now, out),
            Question::AddKey { text, handle } => self.add_key(&text, &handle, ask, env, out),
            Question::Accepted { entry } => self.edit(entry, ask, env, out, |it, now| {
                if let Some(added) = it.waiting().map(|held| held.added) {
                    it.confirm(added, now);
                }
            }),
            Question::Refuses { entry } => self.edit(entry, ask, env, out, |it, now| it.refuse(now)),
            Question::Delete { entry } => self.delete(entry, ask, env, out),
            Question::SkipPassphrase => self.skip_passphrase(ask, env, out),
            Question::NewPassphraseTerms => {
                out.push(Effect::Answer(ask, Answer::Terms(Self::new_terms(env))));
                Ok(())
            }
            Question::SetPassphrase { terms, derived } => self.set_passphrase(&terms, &derived, ask, env, out),
            Question::UnlockTerms => {
                out.push(Effect::Answer(ask, Answer::Terms(self.unlock_terms()?)));
                Ok(())
            }
            Question::Unlock { terms, derived } => self.unlock(&terms, &derived, ask, env, out),
            Question::Lock => {
                self.lock(out);
                out.push(Effect::Answer(ask, Answer::Done));
                Ok(())
            }
            Question::Connect { api_key } => self.connect(&api_key, ask, out),
            Question::Disconnect => self.disconnect(ask, env, out),
            Question::Refresh => self.refresh(ask, out),
            Question::SignIn { account, password, key, email, region } => {
                let extras = sign_in::Extras { email, region };
                self.sign_in(account, &password, key, &extras, ask, env, out)
            }
            Question::CheckStatus { account } => self.check(account, ask, out),
            Question::Dismiss { account } => self.dismiss(&account, ask, out),
            Question::Reset { handle, mark } => self.reset(&handle, mark, ask, out),
        }
    }

    /// What follows every event: the worker's memory, the pages' rows and the badge, each only if it changed.
    fn settle(&mut self, env: &Env<'_>, out: &mut Vec<Effect>) {
        if !self.awake {
            return;
        }
        let mut first = vec![];
        let memory = self.memory_text();
        if self.remembered.as_ref() != Some(&memory) {
            self.remembered = Some(memory.clone());
            first.push(Effect::Remember(memory));
        }
        if core::mem::take(&mut self.rows_changed) {
            first.push(Effect::Rows(self.rows()));
        }
        let badge = self.badge_text(env.now);
        if self.badge.as_ref() != Some(&badge) {
            self.badge = Some(badge.clone());
            first.push(Effect::Badge(badge));
        }
        // Before the answers, so that a page that hears "done" finds its rows.
        out.splice(0..0, first);
    }

    /// Writes one key that is not the vault, then does the rest.
    fn write(key: Key, text: crate::secret::Secret, then: Vec<Effect>) -> Effect {
        let write = crate::effect::Write { over: None, set: vec![(key, text)], remove: vec![] };
        Effect::Write { write, then }
    }
}

/// Whether an event asks for the vault to be closed, whatever else is going on.
fn locks(event: &Event) -> bool {
    use crate::effect::Presence::{Idle, Locked};
    match event {
        Event::Presence(presence) | Event::Rang(crate::effect::Alarm::Lock, presence) => {
            matches!(presence, Idle | Locked)
        }
        Event::Said(admitted, _) => admitted.asks_to_lock(),
        _ => false,
    }
}

fn shows_a_key(says: &crate::protocol::FromContent) -> bool {
    match says {
        crate::protocol::FromContent::Saw(screen) => matches!(x::judge(screen), x::Step::Secret { .. }),
        _ => false,
    }
}
