//! Secrets through everything that can hold one: what prints for a log or an error contains them in none of
//! the forms that they might take.

use crate::world::{ACCOUNTS, START, World, connect};
use longkey_core::backup_codes::{BackupCode, BackupCodes};
use longkey_core::code::{Recipe, code_at};
use longkey_core::effect::{Ask, Copy, Effect, Event, For, Joins, Key, Listing, Loaded, MirrorWrite, Write};
use longkey_core::env::{Env, Rng};
use longkey_core::gate::{Ourselves, SenderFacts, TabFacts, admit};
use longkey_core::label::{AccountRef, Handle, Id};
use longkey_core::long_key::LongKey;
use longkey_core::otpauth::Otpauth;
use longkey_core::protocol::{
    Answer, FromContent, KeyChoice, Message, Question, Row, Rows, Screen, ScreenText, Terms, ToContent,
};
use longkey_core::secret::{Key32, Secret, exposed};
use longkey_core::services::xquik::ApiKey;
use longkey_core::services::{Call, Host, Method, Reply};
use longkey_core::vault::recovery::RecoveryCode;
use longkey_core::vault::work::Work;
use longkey_core::vault::{Entry, Held, Sighting, Vault};
use serde::Deserialize;
use std::fmt::Debug;
use std::sync::LazyLock;

/// Quotes, a backslash and a letter beyond ASCII, so that JSON and `{:?}` write it otherwise than it is.
const PASSWORD: &str = "ma\"rk\\er-pässword-2719";
const KEY: &str = "MARKER3MARKER5MARKER7XQZ";
const API_KEY: &str = "xq_fe0123456789abcdeffe0123456789abcdeffe0123456789abcdeffe01234567";
const BYTES: [u8; 32] = *b"marker-of-32-bytes-of-a-key-0815";

fn base(bits: usize, alphabet: &[u8], bytes: &[u8]) -> String {
    let stream: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let whole = stream.chunks_exact(bits);
    whole.map(|part| char::from(alphabet[part.iter().fold(0, |sum, bit| sum << 1 | usize::from(*bit))])).collect()
}

/// The forms a secret may take: as it is, UTF-16LE, hex, base32, base64, escaped for JSON; and as the list of numbers
/// that `{:?}` makes of bytes.
fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
    let mut forms = vec![
        ("as it is", secret.to_vec()),
        ("UTF-16LE", String::from_utf8_lossy(secret).encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("hex", hex.clone().into_bytes()),
        ("HEX", hex.to_uppercase().into_bytes()),
        ("a list of numbers", numbers.join(", ").into_bytes()),
    ];
    if let Ok(text) = str::from_utf8(secret) {
        let json = serde_json::to_string(text).expect("JSON");
        forms.push(("JSON", json[1..json.len() - 1].into()));
        let ascii = text.chars().map(|c| if c.is_ascii() { c.to_string() } else { format!("\\u{:04x}", c as u32) });
        forms.push(("JSON in ASCII", ascii.collect::<String>().replace('"', "\\\"").into_bytes()));
        forms.push(("Rust", text.escape_debug().to_string().into_bytes()));
    }
    // Inside something longer, base32 and base64 look otherwise by where they begin.
    for skip in 0..5 {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let text = base(5, alphabet, &secret[skip..]);
        forms.push(("base32", text.to_lowercase().into_bytes()));
        forms.push(("base32", text.into_bytes()));
    }
    for skip in 0..3 {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let text = base(6, alphabet, &secret[skip..]);
        forms.push(("base64", text.replace('+', "-").replace('/', "_").into_bytes()));
        forms.push(("base64", text.into_bytes()));
    }
    forms
}

fn secrets() -> Vec<Vec<u8>> {
    let key = long_key();
    let code = code_at(&key, Recipe::default(), START).expose().as_bytes().to_vec();
    let texts = [PASSWORD, KEY, API_KEY, BACKUP_CODE, "mrk7 er9q zx42"].map(|text| text.as_bytes().to_vec());
    let recovery = recovery().expose().replace('-', "").into_bytes();
    texts.into_iter().chain([BYTES.to_vec(), key.bytes().to_vec(), code, recovery]).collect()
}

/// Which secret stands in this text, and how.
fn leak(text: &str) -> Option<&'static str> {
    static FORMS: LazyLock<Vec<(&str, Vec<u8>)>> =
        LazyLock::new(|| secrets().iter().flat_map(|secret| forms(secret)).collect());
    let bytes = text.as_bytes();
    let holds = |form: &[u8]| bytes.windows(form.len()).any(|part| part == form);
    FORMS.iter().find(|(_, form)| holds(form)).map(|(name, _)| *name)
}

fn long_key() -> LongKey {
    LongKey::parse(KEY).expect("a key")
}

fn password() -> Secret {
    Secret::new(PASSWORD.into())
}

fn handle() -> Handle {
    Handle::parse("standin_user").expect("a handle")
}

fn id() -> Id {
    Id::new([1; 8])
}

/// The control: whatever is planted, in whatever form and between whatever else, is found.
#[test]
fn what_is_planted_is_found() {
    for secret in secrets() {
        for (name, form) in forms(&secret) {
            // A form may be no text (a key's bytes as they are): what prints is text, so there it is not searched.
            let Ok(form) = String::from_utf8(form) else { continue };
            assert!(leak(&format!("Thing {{ it: \"{form}\" }}")).is_some(), "{name}");
        }
    }
    for before in 0..7 {
        let within = [&vec![b'x'; before], PASSWORD.as_bytes(), b"yy"].concat();
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        assert_eq!(leak(&base(6, alphabet, &within)), Some("base64"), "{before}");
        assert_eq!(leak(&base(5, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", &within)), Some("base32"), "{before}");
    }
    assert_eq!(leak("Secret(…) Key32(…) LongKey(…) standin_user"), None);
}

/// Everything that may be printed, by name.
#[derive(Default)]
struct Printed(Vec<(&'static str, String)>);

impl Printed {
    fn add(&mut self, name: &'static str, it: &dyn Debug) {
        self.0.push((name, format!("{it:?}\n{it:#?}")));
    }

    fn leaks(&self) -> Vec<&'static str> {
        self.0.iter().filter(|(_, text)| leak(text).is_some()).map(|(name, _)| *name).collect()
    }
}

fn questions() -> Vec<Question> {
    let terms = || Terms { slot: id(), salt: "AAAAAAAAAAAAAAAAAAAAAA".into(), work: Work::USUAL };
    let derived = || Key32::new(BYTES).to_text();
    let account = || AccountRef { workspace: id(), id: "900001".into() };
    vec![
        Question::AddKey { text: Secret::new(KEY.into()), handle: "standin_user".into() },
        Question::AddBackupCodes { entry: id(), text: Secret::new(BACKUP_CODE.into()) },
        Question::SetPassphrase { terms: terms(), derived: derived() },
        Question::Unlock { slot: id(), derived: derived() },
        Question::Recover { code: recovery() },
        Question::RaiseWork { slot: id(), terms: terms(), derived: derived() },
        Question::KeepRecovery { typed: recovery() },
        Question::OnlyPassphrase { slot: id(), derived: derived() },
        Question::CheckPassphrase { slot: id(), derived: derived() },
        Question::MakeBackup { terms: terms(), derived: derived() },
        Question::PreviewBackup { file: password(), derived: derived() },
        Question::Restore { file: password(), derived: derived() },
        connect(API_KEY),
        Question::SignIn {
            account: account(),
            password: password(),
            key: KeyChoice::Saved,
            email: None,
            region: None,
            entry: None,
            since: None,
        },
    ]
}

fn screen() -> Screen {
    Screen { texts: vec![ScreenText { within: None, text: KEY.into() }], ..Screen::default() }
}

/// Letters, digits and nothing else, in one case.
const BACKUP_CODE: &str = "mrk7er9qzx42";

fn backup_codes() -> BackupCodes {
    let mut codes = BackupCodes::default();
    codes.add(vec![BackupCode::parse(BACKUP_CODE).expect("a code")], START).expect("room");
    codes
}

fn code_text() -> String {
    code_at(&long_key(), Recipe::default(), START).expose().into()
}

/// A code made of the marker bytes, as it is printed for people.
fn recovery() -> Secret {
    struct Marked;
    impl Rng for Marked {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.iter_mut().zip(BYTES).for_each(|(byte, mark)| *byte = mark);
        }
    }
    RecoveryCode::make(&mut Env { now: START, rng: &mut Marked }).print()
}

/// The values that hold secrets themselves.
fn values(printed: &mut Printed) {
    let (key, code) = (long_key(), code_at(&long_key(), Recipe::default(), START));
    printed.add("Secret", &password());
    printed.add("Key32", &Key32::new(BYTES));
    printed.add("Key32 as text", &Key32::new(BYTES).to_text());
    printed.add("LongKey", &key);
    printed.add("RecoveryCode", &RecoveryCode::parse(recovery().expose()).expect("a code"));
    let grouped = BackupCode::parse(BACKUP_CODE).expect("a code").grouped();
    printed.add("BackupCode", &BackupCode::parse(BACKUP_CODE));
    printed.add("BackupCodes", &backup_codes());
    printed.add("BackupCode, in groups", &grouped);
    printed.add("Answer::BackupCode", &Answer::BackupCode(grouped.clone()));
    printed.add("Answer::Recovery", &Answer::Recovery(recovery()));
    printed.add("Answer::File", &Answer::File(password()));
    printed.add("Answer::Backup", &Answer::Backup { file: password(), accounts: 1, made: START });
    printed.add("Code", &code);
    let api_key = ApiKey::parse(&Secret::new(API_KEY.into())).expect("an API key");
    printed.add("ApiKey", &api_key);
    let address = format!("otpauth://totp/X:standin_user?secret={KEY}&issuer=X");
    let otpauth = Otpauth::parse(&address).expect("an address");
    printed.add("Otpauth", &otpauth);
    printed.add("Otpauth, printed", &otpauth.print());
    let recipe = Recipe::default();
    let state = longkey_core::capture::KeyState::Pending;
    let held = Held { key: key.clone(), recipe, state, since: START, added: START, worked: false, doubt: None };
    let entry = Entry { id: id(), handle: handle(), x_user: None, keys: vec![held.clone()], backup: backup_codes() };
    let sighting =
        Sighting { key: key.clone(), handle: None, seen: START, kept: true, state, recipe: Default::default() };
    let inbox = Key32::new(BYTES).to_text();
    let json = serde_json::json!({ "inbox": inbox.expose(), "entries": [entry], "xquik": API_KEY });
    printed.add("Vault", &serde_json::from_value::<Vault>(json).expect("a vault"));
    printed.add("Entry", &entry);
    printed.add("Held", &held);
    printed.add("Sighting", &sighting);
    let row = Row { id: id(), handle: None, key, recipe, state, draft: true, ahead: 0 };
    let rows = Rows { until: None, rows: vec![row.clone()] };
    printed.add("Row", &row);
    printed.add("Rows", &rows);
    let call = Call {
        host: Host::Xquik,
        method: Method::Post,
        path: "/api/v1/x/accounts".into(),
        auth: ("x-api-key", Secret::new(API_KEY.into())),
        body: Some(password()),
        most: 1,
        patience: 1,
    };
    let list = || {
        let (workspace, key, joins) = (id(), api_key.clone(), Some(Joins { name: "acme".into(), replaces: false }));
        let (so_far, rest, failed) = (vec![], vec![], None);
        For::List(Listing {
            ask: None,
            workspace,
            key,
            asked: START,
            joins,
            so_far,
            left_out: 0,
            pages: 0,
            again: false,
            rest,
            failed,
        })
    };
    let reply = || Reply::Answer { status: 200, retry_after: None, date: None, body: password() };
    printed.add("Call", &call);
    printed.add("For", &list());
    printed.add("Reply", &reply());
    let write = Write { over: Some(Some(password())), set: vec![(Key::Device, password())], ..Write::default() };
    let mirror = MirrorWrite { set: vec![(Copy::Device, password())], ..MirrorWrite::default() };
    printed.add("MirrorWrite", &mirror);
    let write = Write { mirror, ..write };
    let local = Ok(vec![(Key::Device, password())]);
    let loaded = Loaded { local, mirror: Ok(vec![(Copy::Device, password())]), memory: Some(password()) };
    printed.add("Write", &write);
    printed.add("Loaded", &loaded);
    printed.add("ToContent", &ToContent::Fill(Secret::new(code.expose().into())));
    printed.add("Effect::Write", &Effect::Write { write, then: vec![Effect::Remember(password())] });
    printed.add("Effect::Remember", &Effect::Remember(password()));
    printed.add("Effect::Rows", &Effect::Rows(Some(rows)));
    printed.add("Effect::Send", &Effect::Send(call, list()));
    printed.add("Effect::Fill", &Effect::Fill(1, Secret::new(code.expose().into()), Ask(1)));
    printed.add("Event::Loaded", &Event::Loaded(loaded));
    printed.add("Event::Replied", &Event::Replied(list(), reply()));
}

/// Messages on their way: as they come, admitted, and taken apart.
fn messages(printed: &mut Printed) {
    let ourselves = Ourselves { id: "us".into(), root: "chrome-extension://us/".into() };
    let url = Some("chrome-extension://us/pages/app.html".into());
    let page = SenderFacts { id: Some("us".into()), url, ..SenderFacts::default() };
    for question in questions() {
        printed.add("Question", &question);
        let admitted = admit(&page, &ourselves, Message::Page(question)).expect("admitted");
        printed.add("Admitted question", &admitted);
        printed.add("Said question", &admitted.into_said());
    }
    let url = Some(crate::world::ENROLMENT.into());
    let content = SenderFacts {
        id: Some("us".into()),
        origin: Some("https://x.com".into()),
        url: None,
        frame_id: Some(0),
        document_id: None,
        tab: Some(TabFacts { id: Some(1), url, incognito: false }),
    };
    printed.add("Screen", &screen());
    let saw: fn() -> FromContent = || FromContent::Saw(screen());
    let typed: fn() -> FromContent = || FromContent::Typed(code_text());
    for (name, admitted, event, says) in
        [("Saw", "Saw, admitted", "Saw, an event", saw), ("Typed", "Typed, admitted", "Typed, an event", typed)]
    {
        printed.add(name, &says());
        let it = admit(&content, &ourselves, Message::Content(says())).expect("admitted");
        printed.add(admitted, &it);
        printed.add(event, &Event::Said(it, None));
    }
}

/// The machine itself, locked and open, with everything in it.
fn machine(printed: &mut Printed) {
    let mut world = World::new();
    let Some(longkey_core::protocol::Answer::Terms(terms)) = world.ask_for(Question::NewPassphraseTerms) else {
        panic!("no terms")
    };
    let derived = Key32::new(BYTES).to_text();
    world.done(Question::SetPassphrase { terms, derived });
    world.done(Question::AddKey { text: Secret::new(KEY.into()), handle: "standin_user".into() });
    let entry = world.view().entries[0].id;
    world.done(Question::AddBackupCodes { entry, text: Secret::new(BACKUP_CODE.into()) });
    world.ask_for(connect(API_KEY));
    printed.add("App that waits for a list", &world.app);
    world.service_answers(200, ACCOUNTS);
    world.x_shows_key(KEY);
    world.x_asks_code();
    let entry = world.view().entries[0].id;
    world.done(Question::Fill { id: entry });
    let mut sign_in = world.sign_in(KeyChoice::Saved);
    if let Question::SignIn { password: typed, .. } = &mut sign_in {
        *typed = password();
    }
    world.ask_for(sign_in);
    printed.add("App that signs in", &world.app);
    printed.add("View", &world.view());
    // The stores and the worker's memory hold keys in the open by design; the badge and what X's page hears do not.
    printed.add("badge", &world.badge);
    printed.add("told", &world.told);
    world.done(Question::Watching { notify: true, hide_names: false, watch_locked: true });
    world.done(Question::Lock);
    printed.add("App that is locked and holds API keys for watching", &world.app);
    world.done(Question::Watching { notify: true, hide_names: false, watch_locked: false });
    printed.add("App that is locked", &world.app);
    assert!(!world.sent.is_empty() && !world.filled.is_empty(), "the story came that far");
}

/// What the parsers say about a secret that has the wrong form: the words of errors and refusals.
fn errors(printed: &mut Printed) {
    let wrong = |text: &str| [format!("[\"{text}\"]"), format!("{{\"a\":\"{text}\"}}"), format!("\"{text}\"")];
    let texts = [KEY, API_KEY, Key32::new(BYTES).to_text().expose()].map(wrong).concat();
    for text in texts.iter().map(String::as_str).chain(["0815", "null", "1e999", "tru"]) {
        fn error<T: for<'a> Deserialize<'a>>(printed: &mut Printed, name: &'static str, json: &str) {
            if let Err(error) = serde_json::from_str::<T>(json) {
                printed.add(name, &error);
                printed.add(name, &error.to_string());
            }
        }
        #[derive(Deserialize)]
        struct Holds<T: exposed::Exposed>(#[serde(with = "exposed")] T);
        error::<Holds<Secret>>(printed, "error of a secret", text);
        error::<Holds<LongKey>>(printed, "error of a long key", text);
        error::<Holds<BackupCode>>(printed, "error of a backup code", text);
        error::<Holds<BackupCode>>(printed, "error of a backup code", &format!("[\"{BACKUP_CODE}!\"]"));
        error::<Holds<LongKey>>(printed, "error of a long key", &text.replace("MARKER3", "MARKER1"));
        error::<Message>(printed, "error of a message", &format!(r#"{{"page":{{"connect":{{"api_key":{text}}}}}}}"#));
        error::<Sighting>(printed, "error of a sighting", &format!(r#"{{"key":{text},"seen":0}}"#));
        error::<Vault>(printed, "error of a vault", &format!(r#"{{"inbox":{text},"entries":[]}}"#));
        error::<Vault>(printed, "error of a vault", &format!(r#"{{"inbox":"","entries":[],"xquik":{text}}}"#));
        error::<Vault>(printed, "error of a vault", &format!(r#"{{"inbox":"","entries":[],"workspaces":{text}}}"#));
        error::<Row>(printed, "error of a row", &format!(r#"{{"id":"0000000000000000","key":{text}}}"#));
    }
    for text in [format!("{KEY}1"), format!("{KEY}é"), format!("{KEY}A"), format!("{KEY}{KEY}!"), KEY[..15].into()] {
        printed.add("refusal of a long key", &LongKey::parse(&text));
        let address = format!("otpauth://totp/X:standin_user?secret={text}&digits=4");
        printed.add("refusal of an address", &Otpauth::parse(&address));
        let unusual = format!("otpauth://totp/X:a?secret={KEY}&digits={KEY}");
        printed.add("refusal of an address", &Otpauth::parse(&unusual));
    }
    for text in [format!("{BACKUP_CODE}1"), format!("{BACKUP_CODE}é"), BACKUP_CODE[..11].into()] {
        printed.add("refusal of a backup code", &BackupCode::parse(&text));
    }
    printed.add("refusal of an API key", &ApiKey::parse(&Secret::new(format!("{API_KEY}0"))));
    printed.add("no key", &Key32::from_text(&password()));
    let mut world = World::new();
    let handle = "standin_user".into();
    let refusal = world.refusal(Question::AddKey { text: Secret::new(format!("{KEY}1")), handle });
    printed.add("refusal of a question", &refusal);
    printed.add("arguments of a refusal", &refusal.arguments());
}

#[test]
fn nothing_secret_prints() {
    let mut printed = Printed::default();
    values(&mut printed);
    messages(&mut printed);
    machine(&mut printed);
    errors(&mut printed);
    let mut leaks = printed.leaks();
    leaks.sort_unstable();
    leaks.dedup();
    assert_eq!(leaks, Vec::<&str>::new());
    assert!(printed.0.len() > 150, "{} prints", printed.0.len());
}
