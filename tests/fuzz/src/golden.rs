//! What was really sealed: `vectors/whole-1.json`, and a machine that wakes up with it in its store.

use longkey_core::app::App;
use longkey_core::clock::UnixTime;
use longkey_core::effect::{Ask, Effect, Event, Key, Loaded, Stands};
use longkey_core::env::{Env, Rng};
use longkey_core::gate::{Ourselves, SenderFacts, TabFacts, admit};
use longkey_core::protocol::{Answer, Message, Question, View};
use longkey_core::refusal::Refusal;
use longkey_core::secret::{Key32, Secret};
use longkey_core::vault::crypto;
use longkey_core::vault::envelope::{self, Envelope};
use longkey_core::vault::inbox::Item;
use serde_json::Value;
use std::sync::LazyLock;

/// The vault of the vectors, with its secrets.
pub(crate) struct Golden {
    pub(crate) vault: String,
    pub(crate) envelope: Envelope,
    pub(crate) device: Key32,
    /// Argon2id of the passphrase, as the known answers compute it.
    pub(crate) derived: Key32,
    pub(crate) vault_key: Key32,
    /// The private half of the inbox.
    pub(crate) private: Key32,
    pub(crate) item: Item,
    pub(crate) inbox: String,
    pub(crate) content: String,
    pub(crate) sighting: String,
}

pub(crate) static GOLDEN: LazyLock<Golden> = LazyLock::new(|| {
    let whole: Value = serde_json::from_str(include_str!("../../vectors/whole-1.json")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let key = |text: &str| Key32::from_text(&Secret::new(text.into())).expect("a key");
    let vault = text(&whole["vault"]);
    let envelope = envelope::parse(&vault).expect("an envelope");
    let device = key(&text(&whole["device"]));
    let vault_key = envelope.header.slots[1].open(&envelope.header.vault, &device).expect("the slot opens");
    Golden {
        derived: key("DRo8ZSPI8G5OCvnFFapbVEjP69aDjy1Sw9i2743cPC4"),
        private: key(&text(&whole["content"]["inbox"])),
        item: serde_json::from_value(whole["inbox"][0].clone()).expect("an item"),
        inbox: whole["inbox"].to_string(),
        content: whole["content"].to_string(),
        sighting: whole["sighting"].to_string(),
        vault,
        envelope,
        device,
        vault_key,
    }
});

struct Counter(u64);

impl Rng for Counter {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

/// An environment whose entropy is the same each time.
pub(crate) fn env() -> Env<'static> {
    Env { now: UnixTime::from_seconds(1_795_219_200), rng: Box::leak(Box::new(Counter(1))) }
}

/// A head that vouches for this vault: whoever can write the vault can write the head.
pub(crate) fn head(vault: &str) -> String {
    let sha256 = crypto::checksum(vault);
    format!(r#"{{"active":0,"generation":1,"sha256":"{sha256}","writer":"AAAAAAAAAAAA"}}"#)
}

/// A machine over a store in memory, and what it did.
pub(crate) struct Machine {
    app: App,
    rng: Counter,
    loaded: Loaded,
    /// Everything that was to be done, but for the answers.
    pub(crate) effects: Vec<Effect>,
    pub(crate) answers: Vec<(Ask, Answer)>,
    /// Writes of `storage.local`. The mirror is made anew from whatever its head vouches for, also where only a slot is broken.
    pub(crate) writes: usize,
}

impl Machine {
    /// With the golden vault, its device key and its inbox, each of them replaced by what `other` says.
    pub(crate) fn with(other: &[(Key, &str)], memory: Option<&str>) -> Self {
        let golden = &*GOLDEN;
        let (head, device) = (head(&golden.vault), golden.device.to_text());
        let mut local = vec![
            (Key::Vault0, golden.vault.as_str()),
            (Key::Head, head.as_str()),
            (Key::Device, device.expose()),
            (Key::Inbox, golden.inbox.as_str()),
            (Key::Born, "1"),
        ];
        local.retain(|(key, _)| !other.iter().any(|(it, _)| it == key));
        local.extend(other);
        let local: Vec<_> = local.into_iter().map(|(key, text)| (key, Secret::new(text.into()))).collect();
        let local = Ok(local);
        let loaded = Loaded { local, mirror: Ok(vec![]), memory: memory.map(|text| Secret::new(text.into())) };
        let (app, rng) = (App::new(), Counter(1));
        let mut machine = Self { app, rng, loaded, effects: vec![], answers: vec![], writes: 0 };
        machine.happens(Event::Started);
        machine
    }

    /// An event and all that follows from it. Writes succeed and are forgotten.
    pub(crate) fn happens(&mut self, event: Event) {
        let mut next = vec![event];
        while let Some(event) = next.pop() {
            // 2026-11-21T00:00:00Z.
            let now = UnixTime::from_seconds(1_795_219_200);
            for effect in self.app.handle(event, &mut Env { now, rng: &mut self.rng }) {
                match effect {
                    Effect::Load => next.push(Event::Loaded(self.loaded.clone())),
                    Effect::Write { write, then } => {
                        self.writes += usize::from(!write.set.is_empty() || !write.remove.is_empty());
                        next.push(Event::Written { outcome: Ok(Stands::Twice), then });
                    }
                    Effect::Answer(ask, answer) => self.answers.push((ask, answer)),
                    effect => self.effects.push(effect),
                }
            }
        }
    }

    /// A message, if its sender may say it.
    pub(crate) fn hears(&mut self, from: &SenderFacts, message: Message) -> Result<(), Refusal> {
        let ourselves = Ourselves { id: "us".into(), root: "chrome-extension://us/".into() };
        let admitted = admit(from, &ourselves, message)?;
        self.happens(Event::Said(admitted, Some(Ask(1))));
        Ok(())
    }

    pub(crate) fn view(&mut self) -> View {
        self.answers.clear();
        self.hears(&page(), Message::Page(Question::View)).expect("admitted");
        match self.answers.pop() {
            Some((_, Answer::View(view))) => view,
            other => panic!("no view: {other:?}"),
        }
    }
}

/// One of our pages.
pub(crate) fn page() -> SenderFacts {
    let url = Some("chrome-extension://us/pages/app.html".into());
    SenderFacts { id: Some("us".into()), url, ..SenderFacts::default() }
}

/// The sensor on a watched page of X.
pub(crate) fn content() -> SenderFacts {
    let url = Some("https://x.com/i/flow/two-factor-auth-app-enrollment".into());
    SenderFacts {
        id: Some("us".into()),
        origin: Some("https://x.com".into()),
        url: None,
        frame_id: Some(0),
        document_id: None,
        tab: Some(TabFacts { id: Some(1), url, incognito: false }),
    }
}
