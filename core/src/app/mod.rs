//! The machine: an event comes in, effects go out. The only place where features meet.
//!
//! It holds what the background knows between two events, and nothing of the browser. Before the stores were
//! read it is asleep: events wait, in order, until they are.

mod accounts;
mod asked;
mod boot;
mod capture;
mod codes;
mod commit;
mod connecting;
mod doubts;
mod drafts;
mod drift;
mod fansly;
mod fill;
mod health;
mod keys;
mod lock;
mod matching;
mod memory;
mod pauses;
mod pictures;
mod rescue;
mod rivals;
mod seen_codes;
mod sign_in;
mod store;
mod tabs;
mod undo;
mod view;
mod watch;
mod ways;
mod workspaces;

use crate::clock::UnixTime;
use crate::effect::{Ask, Effect, Event, Key, Loaded};
use crate::env::Env;
use crate::gate::{Admitted, Said};
use crate::label::{AccountRef, Id};
use crate::protocol::{Answer, Question, Store};
use crate::refusal::Refusal;
use crate::secret::{Key32, Secret};
use crate::services::xquik::{Account, Verdict};
use crate::sites::x;
use crate::vault::Vault;
use crate::vault::envelope::Envelope;
use crate::vault::inbox::Item;
use crate::vault::recovery::RecoveryCode;
use alloc::{string::String, vec, vec::Vec};
use boot::Head;
use connecting::Connection;
use lock::Settings;
use memory::{Line, Memory, Reset};
use pictures::Pictures;
use serde::{Deserialize, Serialize};

/// When what is followed is looked at again after stores that could not be read. Chromium's alarms are not closer.
const AGAIN: crate::clock::Span = crate::clock::Span::seconds(30);

/// The machine.
#[derive(Debug, Default)]
pub struct App {
    awake: bool,
    loading: bool,
    queue: Vec<Event>,
    stored: Stored,
    open: Option<Open>,
    memory: Memory,
    pictures: Pictures,
    /// Accounts whose sign-in this worker has sent and not seen answered.
    running: Vec<AccountRef>,
    listing: bool,
    /// When this worker was last told of a single account: a list that was asked for before that is older.
    told: Vec<(AccountRef, UnixTime)>,
    /// New accounts about which this worker has asked Xquik something that is not answered yet.
    connecting: Vec<(AccountRef, UnixTime)>,
    /// When the next look at one of them is due, as far as a wait is running for it.
    next_look: Option<UnixTime>,
    /// Fansly logins that this worker looks at.
    following: fansly::Following,
    /// What was taken away last. It is in no store.
    undo: undo::Undo,
    /// The last write failed, and nothing has happened since.
    write_failed: bool,
    trouble: Option<Refusal>,
    /// What the stores held when nothing of it could be opened.
    damaged: Option<Loaded>,
    /// Only the mirror can be read.
    read_only: bool,
    /// The mirror could not be read: nothing is written over what it may hold.
    mirror_unread: bool,
    /// The vault's text has nothing to speak for it but its form, and was not opened yet.
    unproved: bool,
    /// Whether this machine has read the stores before.
    lived: bool,
    /// Which of two vaults the user wants.
    chosen: Option<Store>,
    /// Who waits for everything that lies in the stores.
    file_for: Option<Ask>,
    /// Edits that wait for their write: asked again, once, if somebody else wrote first.
    edits: Vec<(Ask, Admitted)>,
    settings: Settings,
    rows_changed: bool,
    /// What codes are corrected by, as the rows have it.
    ahead: i64,
    remembered: Option<Secret>,
    badge: Option<String>,
}

/// What `storage.local` held last.
#[derive(Debug, Default)]
struct Stored {
    head: Option<Head>,
    /// The head as it stands in the store, which a write must find there.
    raw_head: Option<Secret>,
    /// How many times raw bytes of a damaged vault were kept.
    quarantined: usize,
    envelope: Option<Envelope>,
    device: Option<Key32>,
    inbox: Vec<Item>,
    journal: Vec<Line>,
    listed: Vec<Listed>,
    connections: Vec<Connection>,
    resets: Vec<Reset>,
    fansly: crate::protocol::FanslyView,
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
    /// Whether the recovery code opened it.
    recovered: bool,
    /// A recovery code that was shown and not typed back yet.
    new_recovery: Option<RecoveryCode>,
}

/// Accounts of a workspace as Xquik listed them last.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Listed {
    #[serde(default)]
    watch: health::Watch,
    workspace: Id,
    checked: Option<UnixTime>,
    accounts: Vec<Account>,
    /// How many accounts more Xquik has.
    #[serde(default)]
    left_out: u32,
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
        if !self.awake && self.open.is_some() && self.locks(&event) {
            self.lock(&mut out);
            out.push(Effect::Rows(self.rows()));
            out.push(Effect::Remember(self.memory_text()));
        }
        match event {
            Event::Loaded(loaded) => self.wake(loaded, env, &mut out),
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

    fn wake(&mut self, loaded: Loaded, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        self.loading = false;
        if let Some(ask) = self.file_for.take() {
            out.push(Effect::Answer(ask, Self::sealed(&loaded, env).unwrap_or_else(Answer::Refused)));
        }
        match self.load(loaded, env, out) {
            Ok(()) => {
                self.awake = true;
                self.trouble = None;
                out.push(self.watch_idle());
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
                self.turn_away(event, env, out);
            }
        }
    }

    /// Reads both stores anew; events wait until they are read.
    fn reload(&mut self, out: &mut Vec<Effect>) {
        self.awake = false;
        self.remembered = None;
        // Two failed writes in one turn are one reason: a second reading would be older than what followed the first.
        if !core::mem::replace(&mut self.loading, true) {
            out.push(Effect::Load);
        }
    }

    /// The stores cannot be read: pages hear why and get what helps, nothing else is written, the next event tries again.
    fn turn_away(&mut self, event: Event, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        // Locking needs no store: the session forgets the key, so that the vault is locked when the stores are well again.
        if self.locks(&event) {
            self.forget_undo();
            out.push(Effect::Rows(None));
            out.push(Effect::Remember(self.memory_text()));
        }
        match event {
            Event::Said(admitted, ask) => match admitted.into_said() {
                Said::Page(question) => {
                    let Some(ask) = ask else { return };
                    if let Err(refusal) = self.asked_in_trouble(question, ask, env, out) {
                        out.push(Effect::Answer(ask, Answer::Refused(refusal)));
                    }
                }
                Said::Content { tab, place, says, .. } => {
                    if shows_a_secret(place, &says) {
                        capture::cannot_save(tab, &says, out);
                    }
                    let refusal = self.trouble.clone().unwrap_or(Refusal::StoreSilent);
                    out.extend(ask.map(|ask| Effect::Answer(ask, Answer::Refused(refusal))));
                }
            },
            Event::Again(_, ask) => {
                let refusal = self.trouble.clone().unwrap_or(Refusal::StoreSilent);
                out.push(Effect::Answer(ask, Answer::Refused(refusal)));
            }
            // Looking at the accounts goes on once the stores are well.
            Event::Rang(crate::effect::Alarm::Poll, _) => self.schedule_poll(env.now, out),
            Event::Due(crate::effect::Later::Undo) => self.undo_is_over(),
            // So does what is followed at Xquik and Fans API: a wait that is over is not waited for again.
            Event::Rang(crate::effect::Alarm::Follow, _) | Event::Due(_) => {
                out.push(Effect::Alarm(crate::effect::Alarm::Follow, Some(env.now.after(AGAIN))));
            }
            // The next look at the page asks for them anew.
            Event::Decoded(tab, _) => self.pictures.forget(tab),
            // An answer may have been paid for with a password, and somebody waits for it; there are no more of them than
            // there were calls.
            Event::Replied(..) => self.queue.push(event),
            // The sensors of open tabs are not forgotten.
            Event::Installed { .. } if self.queue.len() < 32 => self.queue.push(event),
            _ => {}
        }
    }

    fn live(&mut self, event: Event, env: &mut Env<'_>, out: &mut Vec<Effect>) {
        self.lock_if_due(&event, env.now, out);
        if !matches!(&event, Event::Said(admitted, _) if admitted.stores_nothing()) {
            self.place_codes(env, out);
            // What locks forgets drafts that are sealed, and these are not yet.
            if !self.locks(&event) && !matches!(event, Event::PagesOpen(_)) {
                self.place_drafts(env, out);
            }
        }
        match event {
            Event::Loaded(_) => {}
            Event::Installed { first } => {
                if first {
                    out.push(Effect::OpenPage("pages/app.html#/first".into()));
                }
                out.push(Effect::WakeSensors);
                self.schedule_poll(env.now, out);
            }
            Event::Started => self.schedule_poll(env.now, out),
            Event::Said(admitted, ask) => match self.noted(admitted, ask).into_said() {
                Said::Content { tab, document, host, place, incognito, says } => {
                    if !self.is_of_the_page_before(tab, document, &says, out) {
                        self.tab(tab).host = Some(host.into());
                        self.sensed(tab, place, incognito, says, env, out);
                    }
                    out.extend(ask.map(|ask| Effect::Answer(ask, Answer::Done)));
                }
                Said::Page(question) => {
                    let Some(ask) = ask else { return };
                    if !matches!(question, Question::View | Question::Past { .. }) {
                        self.touch(env.now, out);
                    }
                    if let Err(mut refusal) = self.asked(question, ask, env, out) {
                        // What was edited and cannot be written is taken back: the stores count.
                        if refusal == Refusal::Internal {
                            self.reload(out);
                            if self.read_only {
                                refusal = Refusal::StoreReadOnly;
                            }
                        }
                        out.push(Effect::Answer(ask, Answer::Refused(refusal)));
                    }
                }
            },
            Event::Again(admitted, ask) => {
                let Said::Page(question) = admitted.into_said() else { return };
                if let Err(refusal) = self.asked(question, ask, env, out) {
                    out.push(Effect::Answer(ask, Answer::Refused(refusal)));
                }
            }
            Event::Written { .. } => {}
            Event::Replied(purpose, reply) => {
                self.look_at_clock(&reply, env.now, out);
                self.replied(purpose, &reply, env, out);
            }
            Event::Filled(ask, true) => out.push(Effect::Answer(ask, Answer::Done)),
            Event::Filled(ask, false) => out.push(Effect::Answer(ask, Answer::Refused(Refusal::NoCodeField))),
            Event::Decoded(tab, read) => self.decoded(tab, &read, env, out),
            Event::Shows(tab, address) => self.shows(tab, address.as_deref(), out),
            Event::PopupRefused(tab) => self.popup_refused(tab, out),
            Event::Rang(crate::effect::Alarm::Lock, presence) => self.lock_rang(presence, env.now, out),
            Event::Rang(crate::effect::Alarm::Poll, _) => self.poll(env.now, out),
            Event::Due(crate::effect::Later::Fansly) => self.fansly_is_due(),
            Event::Due(crate::effect::Later::Undo) => self.undo_is_over(),
            // Fansly logins are looked at after each event.
            Event::Rang(crate::effect::Alarm::Follow, _) => {
                self.fansly_alarm_rang();
                self.look_at_connections(env.now, out);
            }
            Event::Due(crate::effect::Later::Connection) => self.look_at_connections(env.now, out),
            Event::Presence(presence) => self.presence(presence, env.now, out),
            Event::TabClosed(tab) => self.tab_closed(tab),
            Event::PagesOpen(count) => self.pages_open(count, out),
            Event::LockPressed => self.lock(out),
            Event::AlertPressed(about) => Self::alert_pressed(&about, out),
        }
        self.follow_fansly(env.now, out);
    }

    /// Remembers an edit until it is answered. One that is asked again is not remembered a second time.
    fn noted(&mut self, admitted: Admitted, ask: Option<Ask>) -> Admitted {
        if let Some(ask) = ask.filter(|_| admitted.is_edit() && !self.read_only) {
            self.edits.push((ask, admitted.clone()));
        }
        admitted
    }

    /// Somebody else wrote first: the edit is made once more, over what stands there now.
    fn again(&mut self, ask: Ask) -> bool {
        let Some(at) = self.edits.iter().position(|(it, _)| *it == ask) else { return false };
        let (_, admitted) = self.edits.swap_remove(at);
        self.queue.push(Event::Again(admitted, ask));
        true
    }

    /// Whether events wait for the stores: then this machine holds what is nowhere else.
    #[must_use]
    pub fn waits(&self) -> bool {
        !self.queue.is_empty()
    }

    /// What follows every event: the worker's memory, the pages' rows and the badge, each only if it changed.
    fn settle(&mut self, env: &Env<'_>, out: &mut Vec<Effect>) {
        if self.read_only {
            // Whatever wants to write: nothing is written, and who waits hears why.
            let (writes, rest) = core::mem::take(out).into_iter().partition(|it| matches!(it, Effect::Write { .. }));
            *out = rest;
            self.fail(&Refusal::StoreReadOnly, writes, out);
        }
        if self.settings.stays_shut {
            self.stay_shut(out);
        }
        self.undo_is_done(out);
        let answered = |ask: Ask| out.iter().any(|effect| matches!(effect, Effect::Answer(it, _) if *it == ask));
        self.edits.retain(|(ask, _)| !answered(*ask));
        if !self.awake {
            return;
        }
        self.leave_watch_keys();
        let mut first = vec![];
        let memory = self.memory_text();
        if self.remembered.as_ref() != Some(&memory) {
            self.remembered = Some(memory.clone());
            first.push(Effect::Remember(memory));
        }
        let ahead = self.memory.drift.applied(env.now);
        self.rows_changed |= core::mem::replace(&mut self.ahead, ahead) != ahead;
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
    fn write(key: Key, text: Secret, then: Vec<Effect>) -> Effect {
        let write = crate::effect::Write { set: vec![(key, text)], ..crate::effect::Write::default() };
        Effect::Write { write, then }
    }

    /// Whether an event asks for the vault to be closed, whatever else is going on.
    fn locks(&self, event: &Event) -> bool {
        use crate::effect::Presence::{Idle, Locked};
        match event {
            Event::Presence(presence) | Event::Rang(crate::effect::Alarm::Lock, presence) => match presence {
                Idle => self.settings.lock_after.idle().is_some(),
                Locked => true,
                crate::effect::Presence::Active => false,
            },
            Event::Said(admitted, _) => admitted.asks_to_lock(),
            Event::LockPressed => true,
            _ => false,
        }
    }
}

/// Whether a page shows what X does not show again: a key, as text or as a QR code, or a backup code.
fn shows_a_secret(place: x::Place, says: &crate::protocol::FromContent) -> bool {
    use x::Step::{Backup, Conflict, Qr, Secret, Success};
    let crate::protocol::FromContent::Saw(screen) = says else { return false };
    matches!(x::judge_at(place, screen), Secret { .. } | Conflict(_) | Qr | Backup(_) | Success { backup: Some(_) })
}
