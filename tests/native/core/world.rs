//! A world made of plain memory: stores, a clock that is set by hand, entropy that counts, a performer that
//! does what effects say. What it cannot do (a network) it hands to the story.

use longkey_core::app::App;
use longkey_core::clock::{Span, UnixTime};
use longkey_core::effect::{
    Alarm, Alert, Ask, Copy, Effect, Event, For, Key, Later, Loaded, Presence, Stands, Weight, Write,
};
use longkey_core::env::{Env, Rng};
use longkey_core::gate::{Ourselves, SenderFacts, TabFacts, admit};
use longkey_core::label::{AccountRef, Id};
use longkey_core::protocol::{
    Answer, FromContent, Mark, Message, Question, Rows, Screen, ScreenText, ToastWords, View,
};
use longkey_core::refusal::Refusal;
use longkey_core::secret::Secret;
use longkey_core::services::{Call, Reply};
use std::collections::{BTreeMap, VecDeque};

pub(crate) const ENROLMENT: &str = "https://x.com/i/flow/two-factor-auth-app-enrollment";
pub(crate) const KEY: &str = "JBSWY3DPEHPK3PXP";
pub(crate) const OTHER_KEY: &str = "GEZDGNBVGY3TQOJQ";
pub(crate) const API_KEY: &str = "xq_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// 2026-11-21T00:00:00Z.
pub(crate) const START: UnixTime = UnixTime::from_seconds(1_795_219_200);

#[derive(Default)]
pub(crate) struct Counter(u64);

impl Rng for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

/// How a storage call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does nothing.
    Before,
    /// It does what it should, and says that it did not.
    After,
}

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) now: UnixTime,
    pub(crate) local: BTreeMap<Key, String>,
    pub(crate) mirror: BTreeMap<Copy, String>,
    pub(crate) memory: Option<String>,
    pub(crate) rows: Option<Rows>,
    pub(crate) badge: String,
    pub(crate) sent: Vec<(Call, For)>,
    pub(crate) told: Vec<(i32, ToastWords)>,
    pub(crate) filled: Vec<(i32, String)>,
    pub(crate) popups: u32,
    pub(crate) popup_refuses: bool,
    pub(crate) writes: u32,
    pub(crate) fail_writes: bool,
    pub(crate) silent_store: bool,
    pub(crate) silent_mirror: bool,
    /// X's tab is a private one.
    pub(crate) incognito: bool,
    /// The document that X's tabs show, where the browser names it.
    pub(crate) document: Option<&'static str>,
    /// Another writer is faster, each time.
    pub(crate) head_moves: bool,
    /// The storage call (counted from here) that fails next, and how.
    pub(crate) fault: Option<(u32, Fault)>,
    /// So many effects are performed from here; then the worker is killed, in the middle of what it was doing.
    pub(crate) dies_after: Option<u32>,
    /// Effects so far.
    pub(crate) effects: u32,
    /// Storage calls so far.
    pub(crate) calls: u32,
    pub(crate) idle: u32,
    pub(crate) retired: u32,
    /// What the QR codes in a picture say, by its first byte.
    pub(crate) qr: BTreeMap<u8, Vec<String>>,
    /// How many pictures were read.
    pub(crate) decoded: u32,
    pub(crate) news: u32,
    /// Notifications that were shown.
    pub(crate) alerts: Vec<Alert>,
    /// Pages that were opened in a tab.
    pub(crate) opened: Vec<String>,
    pub(crate) alarms: BTreeMap<&'static str, Option<UnixTime>>,
    /// Short waits, and when they are over.
    pub(crate) waits: Vec<(Later, UnixTime)>,
    rng: Counter,
    asks: u32,
    answers: BTreeMap<u32, Answer>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            app: App::new(),
            now: START,
            local: BTreeMap::new(),
            mirror: BTreeMap::new(),
            memory: None,
            rows: None,
            badge: String::new(),
            sent: vec![],
            told: vec![],
            filled: vec![],
            popups: 0,
            popup_refuses: false,
            writes: 0,
            fail_writes: false,
            silent_store: false,
            silent_mirror: false,
            incognito: false,
            document: None,
            head_moves: false,
            fault: None,
            dies_after: None,
            effects: 0,
            calls: 0,
            idle: 0,
            retired: 0,
            qr: BTreeMap::new(),
            decoded: 0,
            news: 0,
            alerts: vec![],
            opened: vec![],
            alarms: BTreeMap::new(),
            waits: vec![],
            rng: Counter(7),
            asks: 0,
            answers: BTreeMap::new(),
        }
    }

    /// The worker is killed: what it held in memory is gone, and so are the calls it waited for.
    pub(crate) fn kill_worker(&mut self) {
        self.app = App::new();
        self.sent.clear();
        self.waits.clear();
    }

    /// The browser is closed and opened again.
    pub(crate) fn restart_browser(&mut self) {
        self.kill_worker();
        self.fault = None;
        self.memory = None;
        self.rows = None;
        self.happens(Event::Started);
    }

    /// Other entropy from here on.
    pub(crate) fn stir(&mut self, seed: u64) {
        self.rng = Counter(seed);
    }

    pub(crate) fn later(&mut self, span: Span) {
        self.now = self.now.after(span);
    }

    /// The short wait that is over first is waited for; false if there is none.
    pub(crate) fn waits(&mut self) -> bool {
        let first = (0..self.waits.len()).min_by_key(|at| self.waits[*at].1);
        let Some(at) = first else { return false };
        let (what, over) = self.waits.remove(at);
        self.now = self.now.max(over);
        self.happens(Event::Due(what));
        true
    }

    pub(crate) fn happens(&mut self, event: Event) {
        let mut next = VecDeque::from([event]);
        while let Some(event) = next.pop_front() {
            let effects = self.app.handle(event, &mut Env { now: self.now, rng: &mut self.rng });
            let mut failed = false;
            for effect in effects {
                self.effects += 1;
                match &mut self.dies_after {
                    Some(0) => {
                        self.dies_after = None;
                        return self.kill_worker();
                    }
                    Some(more) => *more -= 1,
                    None => {}
                }
                match effect {
                    // As the worker does: nothing is written on top of a write that failed.
                    Effect::Write { then, .. } if failed => {
                        next.push_back(Event::Written { outcome: Err(Refusal::NotSaved), then });
                    }
                    effect => self.perform(effect, &mut next),
                }
                failed |= matches!(next.back(), Some(Event::Written { outcome: Err(_), .. }));
            }
        }
    }

    fn perform(&mut self, effect: Effect, next: &mut VecDeque<Event>) {
        match effect {
            Effect::Load => next.push_back(Event::Loaded(self.load())),
            Effect::Write { write, then } => {
                let outcome = self.write(&write);
                next.push_back(Event::Written { outcome, then });
            }
            Effect::Remember(memory) => self.memory = Some(memory.expose().into()),
            Effect::Rows(rows) => self.rows = rows,
            Effect::Answer(ask, answer) => drop(self.answers.insert(ask.0, answer)),
            Effect::Send(call, purpose) => self.sent.push((call, purpose)),
            Effect::LookAt(_) => {}
            Effect::Tell(tab, words) => self.told.push((tab, words)),
            Effect::Fill(tab, code, ask) => {
                self.filled.push((tab, code.expose().into()));
                next.push_back(Event::Filled(ask, true));
            }
            Effect::OpenPopup(tab) if self.popup_refuses => next.push_back(Event::PopupRefused(tab)),
            Effect::OpenPopup(_) => self.popups += 1,
            Effect::Badge(text) => self.badge = text,
            Effect::Alarm(alarm, at) => drop(self.alarms.insert(alarm.name(), at)),
            Effect::Later(what, span) => self.waits.push((what, self.now.after(span))),
            Effect::WatchIdle(seconds) => self.idle = seconds,
            Effect::Retire => self.retired += 1,
            Effect::Decode(tab, pictures) => {
                let read = pictures.iter().map(|it| {
                    self.decoded += 1;
                    let texts = self.qr.get(&it.bits()[0]).into_iter().flatten();
                    (it.fingerprint(), texts.map(|text| Secret::new(text.clone())).collect())
                });
                let read = read.collect();
                next.push_back(Event::Decoded(tab, read));
            }
            Effect::News => self.news += 1,
            Effect::Notify(alert) => self.alerts.push(alert),
            Effect::OpenPage(path) => self.opened.push(path.into_owned()),
            Effect::Forget(_) | Effect::Erased | Effect::WakeSensors => {}
        }
    }

    fn load(&mut self) -> Loaded {
        let local = self.call(|world| if world.silent_store { Err(Refusal::StoreSilent) } else { Ok(()) });
        let mirror = self.call(|world| if world.silent_mirror { Err(Refusal::StoreSilent) } else { Ok(()) });
        let texts = |text: &String| Secret::new(text.clone());
        Loaded {
            local: local.map(|()| self.local.iter().map(|(key, text)| (*key, texts(text))).collect()),
            mirror: mirror.map(|()| self.mirror.iter().map(|(key, text)| (*key, texts(text))).collect()),
            memory: self.memory.clone().map(Secret::new),
        }
    }

    /// One call of a store. The one that the story chose fails: before it does anything, or after it has done it.
    fn call(&mut self, does: impl FnOnce(&mut Self) -> Result<(), Refusal>) -> Result<(), Refusal> {
        self.calls += 1;
        match &mut self.fault {
            Some((0, fault)) => {
                let fault = *fault;
                self.fault = None;
                if fault == Fault::After {
                    does(self)?;
                }
                Err(Refusal::StoreSilent)
            }
            Some((more, _)) => {
                *more -= 1;
                does(self)
            }
            None => does(self),
        }
    }

    fn write(&mut self, write: &Write) -> Result<Stands, Refusal> {
        if self.fail_writes {
            return Err(Refusal::NotSaved);
        }
        if let Some(over) = &write.over {
            self.call(|_| Ok(()))?;
            if self.head_moves || self.local.get(&Key::Head).map(String::as_str) != over.as_ref().map(Secret::expose) {
                return Err(Refusal::StoreChanged);
            }
        }
        self.writes += 1;
        // What is read back could not be both.
        let mut keys: Vec<Key> = write.set.iter().map(|(key, _)| *key).collect();
        keys.sort();
        assert!(keys.windows(2).all(|it| it[0] != it[1]), "a key is set twice: {keys:?}");
        if !write.set.is_empty() {
            let wrote = self.call(|world| {
                world.local.extend(write.set.iter().map(|(key, text)| (*key, text.expose().to_owned())));
                Ok(())
            });
            // Read back: that counts.
            self.call(|_| Ok(())).map_err(|_| Refusal::StoreUnknown)?;
            let stands = |(key, text): &(Key, Secret)| self.local.get(key).map(String::as_str) == Some(text.expose());
            if !write.set.iter().all(stands) {
                return Err(wrote.err().unwrap_or(Refusal::NotSaved));
            }
        }
        if !write.remove.is_empty() {
            let removed = self.call(|world| {
                world.local.retain(|key, _| !write.remove.contains(key));
                Ok(())
            });
            if write.set.is_empty() {
                removed?;
            }
        }
        let mirror = &write.mirror;
        if mirror.set.is_empty() && mirror.remove.is_empty() {
            return Ok(Stands::Here);
        }
        let copied = self.call(|world| {
            if world.silent_mirror {
                return Err(Refusal::StoreSilent);
            }
            world.mirror.retain(|copy, _| !mirror.remove.contains(copy));
            world.mirror.extend(mirror.set.iter().map(|(copy, text)| (*copy, text.expose().to_owned())));
            Ok(())
        });
        match (copied, mirror.weight) {
            (Ok(()), _) => Ok(Stands::Twice),
            (Err(_), Weight::Spare) => Ok(Stands::Once),
            (Err(_), Weight::Must) => Err(Refusal::CopiesLeft),
        }
    }

    /// A page asks, and the answer is there at once or not at all.
    pub(crate) fn ask_for(&mut self, question: Question) -> Option<Answer> {
        let ask = self.asks_for(question);
        self.answer_to(ask)
    }

    /// The answer, once it is there; it is given once.
    pub(crate) fn answer_to(&mut self, ask: Ask) -> Option<Answer> {
        self.answers.remove(&ask.0)
    }

    /// A page asks; its answer may come later.
    pub(crate) fn asks_for(&mut self, question: Question) -> Ask {
        let facts = SenderFacts {
            id: Some("us".into()),
            origin: Some("chrome-extension://us".into()),
            url: Some("chrome-extension://us/pages/app.html".into()),
            ..SenderFacts::default()
        };
        self.say(&facts, Message::Page(question))
    }

    pub(crate) fn ask(&mut self, question: Question) -> Answer {
        self.ask_for(question).expect("an answer in the same turn")
    }

    pub(crate) fn refusal(&mut self, question: Question) -> Refusal {
        match self.ask(question) {
            Answer::Refused(refusal) => refusal,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub(crate) fn done(&mut self, question: Question) {
        match self.ask(question) {
            Answer::Done | Answer::Kept(_) => {}
            other => panic!("not done: {other:?}"),
        }
    }

    pub(crate) fn view(&mut self) -> View {
        match self.ask(Question::View) {
            Answer::View(view) => view,
            other => panic!("no view: {other:?}"),
        }
    }

    fn say(&mut self, facts: &SenderFacts, message: Message) -> Ask {
        self.asks += 1;
        let ask = Ask(self.asks);
        let ours = Ourselves { id: "us".into(), root: "chrome-extension://us/".into() };
        let admitted = admit(facts, &ours, message).expect("admitted");
        self.happens(Event::Said(admitted, Some(ask)));
        ask
    }

    /// X's page in tab 1 says something.
    pub(crate) fn sensed(&mut self, url: &str, says: FromContent) {
        self.sensed_in(1, url, says);
    }

    /// The same in another tab.
    pub(crate) fn sensed_in(&mut self, tab: i32, url: &str, says: FromContent) {
        let of = |host: &&&str| url.strip_prefix("https://").is_some_and(|it| it.split('/').next() == Some(**host));
        let host = longkey_core::sites::x::HOSTS.iter().find(of).unwrap_or(&"x.com");
        let facts = SenderFacts {
            id: Some("us".into()),
            origin: Some(format!("https://{host}")),
            url: Some(url.into()),
            frame_id: Some(0),
            document_id: self.document.map(Into::into),
            tab: Some(TabFacts { id: Some(tab), url: Some(url.into()), incognito: self.incognito }),
        };
        self.say(&facts, Message::Content(says));
    }

    pub(crate) fn x_shows(&mut self, texts: &[&str], marks: &[Mark]) {
        let texts = texts.iter().map(|text| ScreenText { within: None, text: (*text).into() }).collect();
        let screen = Screen { texts, marks: marks.to_vec(), handle: Some("standin_user".into()), ..Screen::default() };
        self.sensed(ENROLMENT, FromContent::Saw(screen));
    }

    pub(crate) fn x_shows_key(&mut self, key: &str) {
        self.x_shows(&["Enter the following code", key], &[Mark::ShowCodeNext]);
    }

    pub(crate) fn x_asks_code(&mut self) {
        self.x_shows(&[], &[Mark::CodeField]);
    }

    pub(crate) fn x_accepts(&mut self, code: &str) {
        self.sensed(ENROLMENT, FromContent::Typed(code.into()));
        self.x_shows(&["You are all set"], &[Mark::Success]);
    }

    pub(crate) fn code_of(&self, key: &str) -> String {
        let key = longkey_core::long_key::LongKey::parse(key).expect("a key");
        longkey_core::code::code_at(&key, Default::default(), self.now).expose().into()
    }

    /// The call that waits longest is answered.
    pub(crate) fn service_answers(&mut self, status: u16, body: &str) {
        self.replies(Reply::Answer { status, retry_after: None, date: None, body: Secret::new(body.into()) });
    }

    pub(crate) fn replies(&mut self, reply: Reply) {
        let (_, purpose) = self.sent.remove(0);
        self.happens(Event::Replied(purpose, reply));
    }

    pub(crate) fn rings(&mut self, alarm: Alarm, presence: Presence) {
        self.happens(Event::Rang(alarm, presence));
    }

    /// A passphrase, as if Argon2id had derived these bytes.
    pub(crate) fn sets_passphrase(&mut self, derived: u8) {
        let Answer::Terms(terms) = self.ask(Question::NewPassphraseTerms) else { panic!("no terms") };
        self.done(Question::SetPassphrase { terms, derived: bytes(derived) });
    }

    pub(crate) fn unlocks(&mut self, derived: u8) -> Answer {
        let Answer::Terms(terms) = self.ask(Question::UnlockTerms) else { panic!("no terms") };
        self.ask(Question::Unlock { slot: terms.slot, derived: bytes(derived) })
    }

    /// Xquik connected with the standard accounts.
    /// The account with that id at Xquik, as it was listed last.
    pub(crate) fn account(&self, id: &str) -> AccountRef {
        let listed: serde_json::Value = serde_json::from_str(&self.local[&Key::Accounts]).expect("a list");
        let has =
            |it: &&serde_json::Value| it["accounts"].as_array().expect("accounts").iter().any(|it| it["id"] == id);
        let workspace = listed.as_array().expect("workspaces").iter().find(has).expect("listed")["workspace"].as_str();
        AccountRef { workspace: Id::parse(workspace.expect("an id")).expect("an id"), id: id.into() }
    }

    pub(crate) fn connects(&mut self, accounts: &str) {
        self.ask_for(connect(API_KEY));
        self.service_answers(200, accounts);
    }
}

/// Connects a first workspace.
pub(crate) fn connect(api_key: &str) -> Question {
    Question::Connect { api_key: Secret::new(api_key.into()), name: String::new(), workspace: None }
}

pub(crate) fn bytes(value: u8) -> Secret {
    longkey_core::secret::Key32::new([value; 32]).to_text()
}

pub(crate) const ACCOUNTS: &str = r#"{"accounts":[
 {"id":"900001","xUserId":"1","xUsername":"Standin_User","status":"active","health":"needsReauth","createdAt":"2026-01-02T03:04:05.000Z"},
 {"id":"900002","xUserId":"2","xUsername":"acme_support","status":"active","health":"healthy","createdAt":"2026-01-02T03:04:05.000Z"},
 {"id":"900003","xUserId":"3","xUsername":"acme_de","status":"active","health":"locked","createdAt":"2026-01-02T03:04:05.000Z"}],"hasMore":false}"#;
pub(crate) const HEALTHY: &str = r#"{"id":"900001","xUserId":"1","xUsername":"Standin_User","status":"active","health":"healthy","createdAt":"2026-01-02T03:04:05.000Z"}"#;
