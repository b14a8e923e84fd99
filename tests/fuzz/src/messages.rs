//! Every word between the contexts, said by the sensor and by a page to a machine whose vault is open.

use crate::golden::{GOLDEN, Machine, content, page};
use longkey_core::clock::UnixTime;
use longkey_core::effect::Effect;
use longkey_core::label::{AccountRef, Id};
use longkey_core::protocol::{
    Answer, FromContent, KeyChoice, LockAfter, Mark, Message, Notice, PasskeyTerms, Question, ResetMark, Rows, Screen,
    ScreenText, Store, Terms, ToContent, VaultState, View,
};
use longkey_core::refusal::Refusal;
use longkey_core::reset::Task;
use longkey_core::secret::Secret;
use longkey_core::vault::work::Work;
use serde::{Serialize, de::DeserializeOwned};

/// Whether it is one of these; if so, it prints back.
fn prints_back<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
    serde_json::from_slice::<T>(bytes).is_ok_and(|it| {
        let text = serde_json::to_string(&it).expect("JSON");
        let again = serde_json::from_str::<T>(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(serde_json::to_string(&again).expect("JSON"), text);
        true
    })
}

pub(crate) fn run(bytes: &[u8]) -> bool {
    let read = [prints_back::<Answer>, prints_back::<ToContent>, prints_back::<Rows>, prints_back::<View>];
    let mut known = read.into_iter().fold(false, |known, read| known | read(bytes));
    // Each machine gets its own copy.
    let message = || serde_json::from_slice::<Message>(bytes).ok();
    if prints_back::<Message>(bytes) {
        known = true;
        from_the_sensor(message().expect("read before"));
        from_a_page(message().expect("read before"));
    }
    known
}

/// A page of X may offer a key and observations; it learns nothing, and nothing that stands is lost.
fn from_the_sensor(message: Message) {
    let mut machine = Machine::with(&[], None);
    let before = machine.view();
    machine.effects.clear();
    if matches!(message, Message::Page(_)) {
        assert_eq!(machine.hears(&content(), message).err(), Some(Refusal::NotAdmitted));
        return;
    }
    assert_eq!(machine.hears(&content(), message), Ok(()));
    for (_, answer) in &machine.answers {
        assert!(matches!(answer, Answer::Done | Answer::Refused(_)), "{answer:?}");
    }
    for effect in &machine.effects {
        let harmless = matches!(
            effect,
            Effect::Remember(_)
                | Effect::Rows(_)
                | Effect::News
                | Effect::OpenPopup(_)
                | Effect::Badge(_)
                | Effect::Tell(..)
        );
        assert!(harmless, "{effect:?}");
    }
    let after = machine.view();
    assert_eq!(after.vault, before.vault);
    let standing = |view: &View| {
        let entries = view.entries.iter();
        entries.map(|it| (it.id, it.handle.clone(), it.current.clone(), it.older)).collect::<Vec<_>>()
    };
    assert_eq!(standing(&after), standing(&before));
}

/// A page may do what it likes; only a panic would be wrong, or a vault that is gone.
fn from_a_page(message: Message) {
    let mut machine = Machine::with(&[], None);
    machine.answers.clear();
    if matches!(message, Message::Content(_)) {
        assert_eq!(machine.hears(&page(), message).err(), Some(Refusal::NotAdmitted));
        return;
    }
    let erases = matches!(&message, Message::Page(Question::Erase { .. }));
    assert_eq!(machine.hears(&page(), message), Ok(()));
    assert!(machine.answers.len() <= 1, "{:?}", machine.answers);
    assert!(erases || !matches!(machine.view().vault, VaultState::None | VaultState::Trouble));
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let golden = &*GOLDEN;
    let secret = |text: &str| Secret::new(text.into());
    let terms =
        || Terms { slot: golden.envelope.header.slots[0].id, salt: "AAECAwQFBgcICQoLDA0ODw".into(), work: Work::USUAL };
    let passkey = || PasskeyTerms { slot: Id::new([7; 8]), salt: "A".repeat(43) };
    let entry = Id::parse("635e6caa951d894e").unwrap_or(Id::new([0; 8]));
    let handle = || "standin_user".to_owned();
    let account = || AccountRef { workspace: entry, id: "900001".into() };
    let questions = [
        Question::View,
        Question::KeepDraft { draft: golden.item.id, handle: handle() },
        Question::DropDraft { draft: golden.item.id },
        Question::Fill { id: entry },
        Question::AddKey { text: secret("JBSWY3DPEHPK3PXP"), handle: handle() },
        Question::AddKey {
            text: secret("otpauth://totp/X:@a?secret=JBSWY3DPEHPK3PXP&digits=8"),
            handle: String::new(),
        },
        Question::Accepted { entry },
        Question::Refuses { entry },
        Question::Rename { entry, handle: handle() },
        Question::Delete { entry },
        Question::SkipPassphrase,
        Question::NewPassphraseTerms,
        Question::SetPassphrase { terms: terms(), derived: golden.derived.to_text() },
        Question::UnlockTerms,
        Question::Unlock { slot: terms().slot, derived: golden.derived.to_text() },
        Question::Recover { code: secret("0000-0000-0000-0000-0000-0000-0000") },
        Question::RaiseWork { slot: terms().slot, terms: terms(), derived: golden.derived.to_text() },
        Question::NewRecovery,
        Question::KeepRecovery { typed: secret("0000-0000-0000-0000-0000-0000-0000") },
        Question::NewPasskeyTerms,
        Question::AddPasskey { terms: passkey(), credential: "AAAA".into(), derived: golden.derived.to_text() },
        Question::OnlyPassphrase { slot: terms().slot, derived: golden.derived.to_text() },
        Question::CheckPassphrase { slot: terms().slot, derived: golden.derived.to_text() },
        Question::LockAfter(LockAfter::Minutes(5)),
        Question::StaysShut(true),
        Question::Language("pt_BR".into()),
        Question::Watching { notify: true, hide_names: true, watch_locked: true },
        Question::Reload,
        Question::Choose(Store::Mirror),
        Question::Dismissed(Notice::Restored),
        Question::Sealed,
        Question::Undelete { entry },
        Question::Purge { entry },
        Question::MakeBackup { terms: terms(), derived: golden.derived.to_text() },
        Question::BackupSaved { made: UnixTime(1_795_219_200_000) },
        Question::BackupTerms { file: secret(&golden.vault) },
        Question::PreviewBackup { file: secret(&golden.vault), derived: golden.derived.to_text() },
        Question::Restore { file: secret(&golden.vault), derived: golden.derived.to_text() },
        Question::Lock,
        Question::Connect {
            api_key: secret(&format!("xq_{}", "0123456789abcdef".repeat(4))),
            name: "acme".into(),
            workspace: Some(entry),
        },
        Question::NameWorkspace { workspace: entry, name: "acme".into() },
        Question::Disconnect { workspace: entry },
        Question::TakeBack { draft: None, workspace: None, handle: None },
        Question::Refresh,
        Question::SignIn {
            account: account(),
            password: secret("a password"),
            key: KeyChoice::Saved,
            email: Some("standin@example.org".into()),
            region: Some("de".into()),
            entry: Some(entry),
            since: Some(UnixTime(1_795_219_200_000)),
        },
        Question::CheckStatus { account: account() },
        Question::Dismiss { account: account() },
        Question::Reset { handle: handle(), mark: ResetMark::Done(Task::OffAndOn) },
    ];
    let text = |within, text: &str| ScreenText { within, text: text.into() };
    let texts = vec![text(None, "Enter the code"), text(Some(0), "JBSW Y3DP EHPK 3PXP"), text(Some(1), "JBSW")];
    let marks = vec![Mark::ShowCodeNext];
    let screens = [
        Screen { texts, marks, handle: Some(handle()), ..Screen::default() },
        Screen { texts: vec![], marks: vec![Mark::CodeField, Mark::Toast], ..Screen::default() },
        Screen { texts: vec![], marks: vec![Mark::Success], handle: Some("@other".into()), ..Screen::default() },
    ];
    let said =
        screens.map(FromContent::Saw).into_iter().chain([FromContent::Typed("482913".into()), FromContent::Left]);
    let messages = questions.map(Message::Page).into_iter().chain(said.map(Message::Content));
    let mut seeds: Vec<Vec<u8>> = messages.map(|it| serde_json::to_vec(&it).expect("JSON")).collect();
    let mut machine = Machine::with(&[], None);
    let view = machine.view();
    let answers = [
        Answer::Done,
        Answer::Kept(entry),
        Answer::Terms(terms()),
        Answer::FileTerms(vec![terms(), terms()]),
        Answer::Refused(Refusal::KeyDigit { position: 3, found: '0' }),
    ];
    seeds.extend(answers.iter().chain([&Answer::View(view.clone())]).map(|it| serde_json::to_vec(it).expect("JSON")));
    seeds.push(serde_json::to_vec(&view).expect("JSON"));
    seeds.push(serde_json::to_vec(&ToContent::Fill(secret("482913"))).expect("JSON"));
    seeds.push(serde_json::to_vec(&ToContent::Toast(["Saved.".into(), "ltr".into()])).expect("JSON"));
    let rows = machine.effects.iter().find_map(|it| if let Effect::Rows(rows) = it { rows.as_ref() } else { None });
    seeds.extend(rows.map(|it| serde_json::to_vec(it).expect("JSON")));
    seeds
}
