//! Writes a page's [`Question`] as the plain value that the background reads with serde: external tagging, snake case.
//!
//! It stands beside serde for the same reason as `seen`: the pages' module is to be small. The compiler says when a
//! question is missing; a test sends each one through this and back through serde.

use js_sys::Object;
use longkey_core::clock::UnixTime;
use longkey_core::label::{AccountRef, Id};
use longkey_core::protocol::{
    Address, BackupMark, FanslyAct, KeyChoice, LockAfter, Notice, PasskeyTerms, Question, ResetMark, Store, Terms,
};
use longkey_core::secret::Secret;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = set)]
    fn put(of: &JsValue, name: &str, value: &JsValue) -> Result<bool, JsValue>;
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = JsValue::from(Object::new());
    for (name, value) in fields {
        // Setting a property of a fresh object cannot fail.
        let _ = put(&object, name, value);
    }
    object
}

fn tagged(word: &str, fields: &[(&str, JsValue)]) -> JsValue {
    object(&[(word, object(fields))])
}

fn word(word: &str) -> JsValue {
    JsValue::from_str(word)
}

fn id(id: &Id) -> JsValue {
    word(&String::from(*id))
}

fn secret(secret: &Secret) -> JsValue {
    word(secret.expose())
}

fn or_null(text: Option<&String>) -> JsValue {
    text.map_or(JsValue::NULL, |it| word(it))
}

fn terms(terms: &Terms) -> JsValue {
    let work = object(&[
        ("m", terms.work.memory_kib().into()),
        ("t", terms.work.passes().into()),
        ("p", terms.work.lanes().into()),
    ]);
    object(&[("slot", id(&terms.slot)), ("salt", word(&terms.salt)), ("work", work)])
}

fn choice(choice: KeyChoice) -> JsValue {
    word(match choice {
        KeyChoice::Saved => "saved",
        KeyChoice::Theirs => "theirs",
        KeyChoice::NoApp => "no_app",
    })
}

fn mark(mark: ResetMark) -> JsValue {
    match mark {
        ResetMark::Start => word("start"),
        ResetMark::Done(step) => object(&[("done", step.number().into())]),
        ResetMark::Undone(step) => object(&[("undone", step.number().into())]),
        ResetMark::End => word("end"),
    }
}

#[allow(clippy::cast_precision_loss)] // a date is far below 2^53 ms
fn moment(moment: UnixTime) -> JsValue {
    (moment.0 as f64).into()
}

fn backup_mark(mark: BackupMark) -> JsValue {
    match mark {
        BackupMark::Used(added) => object(&[("used", moment(added))]),
        BackupMark::Refused(added) => object(&[("refused", moment(added))]),
        BackupMark::Next(added) => object(&[("next", moment(added))]),
        BackupMark::NoneUsed => word("none_used"),
        BackupMark::Dead => word("dead"),
        BackupMark::Undo => word("undo"),
    }
}

fn passkey_terms(terms: &PasskeyTerms) -> JsValue {
    object(&[("slot", id(&terms.slot)), ("salt", word(&terms.salt))])
}

fn lock_after(after: LockAfter) -> JsValue {
    match after {
        LockAfter::Minutes(minutes) => object(&[("minutes", minutes.into())]),
        LockAfter::Closed => word("closed"),
        LockAfter::Restart => word("restart"),
    }
}

fn store(store: Store) -> JsValue {
    word(match store {
        Store::Local => "local",
        Store::Mirror => "mirror",
    })
}

fn notice(notice: Notice) -> JsValue {
    word(match notice {
        Notice::Restored => "restored",
        Notice::WasOlder => "was_older",
        Notice::ReadOnly => "read_only",
        Notice::NoCopy => "no_copy",
    })
}

/// The question as a plain value.
#[must_use]
pub fn write(question: &Question) -> JsValue {
    let on_entry = |tag: &str, entry: &Id| tagged(tag, &[("entry", id(entry))]);
    let on_account = |tag: &str, account: &AccountRef| tagged(tag, &[("account", word(&account.to_string()))]);
    let derived = |tag: &str, of: &Terms, key: &Secret| tagged(tag, &[("terms", terms(of)), ("derived", secret(key))]);
    let by_slot = |tag: &str, slot: &Id, key: &Secret| tagged(tag, &[("slot", id(slot)), ("derived", secret(key))]);
    let by_file =
        |tag: &str, file: &Secret, key: &Secret| tagged(tag, &[("file", secret(file)), ("derived", secret(key))]);
    let one = |tag: &str, value: JsValue| object(&[(tag, value)]);
    match question {
        Question::View => word("view"),
        Question::KeepDraft { draft, handle } => {
            tagged("keep_draft", &[("draft", id(draft)), ("handle", word(handle))])
        }
        Question::DropDraft { draft } => tagged("drop_draft", &[("draft", id(draft))]),
        Question::Fill { id: of } => tagged("fill", &[("id", id(of))]),
        Question::AddKey { text, handle } => tagged("add_key", &[("text", secret(text)), ("handle", word(handle))]),
        Question::Accepted { entry } => on_entry("accepted", entry),
        Question::FillBackup { entry } => on_entry("fill_backup", entry),
        Question::NotAccepted { entry } => on_entry("not_accepted", entry),
        Question::Trust { entry } => on_entry("trust", entry),
        Question::Refuses { entry } => on_entry("refuses", entry),
        Question::AddBackupCodes { entry, text } => {
            tagged("add_backup_codes", &[("entry", id(entry)), ("text", secret(text))])
        }
        Question::BackupCode { entry, added } => {
            tagged("backup_code", &[("entry", id(entry)), ("added", moment(*added))])
        }
        Question::MarkBackup { entry, mark: what } => {
            tagged("mark_backup", &[("entry", id(entry)), ("mark", backup_mark(*what))])
        }
        Question::Rename { entry, handle } => tagged("rename", &[("entry", id(entry)), ("handle", word(handle))]),
        Question::Delete { entry } => on_entry("delete", entry),
        Question::Undelete { entry } => on_entry("undelete", entry),
        Question::Purge { entry } => on_entry("purge", entry),
        Question::SkipPassphrase => word("skip_passphrase"),
        Question::NewPassphraseTerms => word("new_passphrase_terms"),
        Question::SetPassphrase { terms, derived: key } => derived("set_passphrase", terms, key),
        Question::UnlockTerms => word("unlock_terms"),
        Question::Unlock { slot, derived: key } => by_slot("unlock", slot, key),
        Question::Recover { code } => tagged("recover", &[("code", secret(code))]),
        Question::RaiseWork { slot, terms: of, derived: key } => {
            tagged("raise_work", &[("slot", id(slot)), ("terms", terms(of)), ("derived", secret(key))])
        }
        Question::NewRecovery => word("new_recovery"),
        Question::KeepRecovery { typed } => tagged("keep_recovery", &[("typed", secret(typed))]),
        Question::NewPasskeyTerms => word("new_passkey_terms"),
        Question::AddPasskey { terms, credential, derived: key } => tagged(
            "add_passkey",
            &[("terms", passkey_terms(terms)), ("credential", word(credential)), ("derived", secret(key))],
        ),
        Question::OnlyPassphrase { slot, derived: key } => by_slot("only_passphrase", slot, key),
        Question::CheckPassphrase { slot, derived: key } => by_slot("check_passphrase", slot, key),
        Question::Lock => word("lock"),
        Question::LockAfter(after) => one("lock_after", lock_after(*after)),
        Question::Watching { notify, hide_names, watch_locked } => tagged(
            "watching",
            &[
                ("notify", (*notify).into()),
                ("hide_names", (*hide_names).into()),
                ("watch_locked", (*watch_locked).into()),
            ],
        ),
        Question::Past { account } => on_account("past", account),
        Question::ClockSet => word("clock_set"),
        Question::StaysShut(shut) => one("stays_shut", (*shut).into()),
        Question::Language(language) => one("language", language.into()),
        Question::Reload => word("reload"),
        Question::Choose(which) => one("choose", store(*which)),
        Question::Dismissed(what) => one("dismissed", notice(*what)),
        Question::Sealed => word("sealed"),
        Question::Erase { word: typed } => tagged("erase", &[("word", word(typed))]),
        Question::MakeBackup { terms, derived: key } => derived("make_backup", terms, key),
        Question::BackupSaved { made } => tagged("backup_saved", &[("made", moment(*made))]),
        Question::BackupTerms { file } => tagged("backup_terms", &[("file", secret(file))]),
        Question::PreviewBackup { file, derived: key } => by_file("preview_backup", file, key),
        Question::Restore { file, derived: key } => by_file("restore", file, key),
        Question::Connect { api_key, name, workspace } => tagged(
            "connect",
            &[
                ("api_key", secret(api_key)),
                ("name", word(name)),
                ("workspace", workspace.map_or(JsValue::NULL, |it| id(&it))),
            ],
        ),
        Question::NameWorkspace { workspace, name } => {
            tagged("name_workspace", &[("workspace", id(workspace)), ("name", word(name))])
        }
        Question::Disconnect { workspace } => tagged("disconnect", &[("workspace", id(workspace))]),
        Question::Refresh => word("refresh"),
        Question::SignIn { account, password, key, email, region, entry, since } => tagged(
            "sign_in",
            &[
                ("account", word(&account.to_string())),
                ("password", secret(password)),
                ("key", choice(*key)),
                ("email", or_null(email.as_ref())),
                ("region", or_null(region.as_ref())),
                ("entry", entry.map_or(JsValue::NULL, |it| id(&it))),
                ("since", since.map_or(JsValue::NULL, moment)),
            ],
        ),
        Question::CheckStatus { account } => on_account("check_status", account),
        Question::Dismiss { account } => on_account("dismiss", account),
        Question::ConnectNew { workspace, handle, email, password, since } => tagged(
            "connect_new",
            &[
                ("workspace", id(workspace)),
                ("handle", word(handle)),
                ("email", word(email)),
                ("password", secret(password)),
                ("since", moment(*since)),
            ],
        ),
        Question::ConnectCode { account, code } => {
            tagged("connect_code", &[("account", word(&account.to_string())), ("code", secret(code))])
        }
        Question::ConnectCheck { account } => on_account("connect_check", account),
        Question::ConnectDone { account } => on_account("connect_done", account),
        Question::Reset { handle, mark: what } => tagged("reset", &[("handle", word(handle)), ("mark", mark(*what))]),
        Question::ConnectFans { api_key, word: address } => {
            let address = if *address == Address::Old { "old" } else { "new" };
            tagged("connect_fans", &[("api_key", secret(api_key)), ("word", word(address))])
        }
        Question::DisconnectFans => word("disconnect_fans"),
        Question::TakeBack { draft, workspace, handle } => tagged(
            "take_back",
            &[
                ("draft", draft.map_or(JsValue::NULL, |it| id(&it))),
                ("workspace", workspace.map_or(JsValue::NULL, |it| id(&it))),
                ("handle", handle.as_deref().map_or(JsValue::NULL, JsValue::from_str)),
            ],
        ),
        Question::RefreshFans => word("refresh_fans"),
        Question::Fansly { member, word: act } => {
            let act = match act {
                FanslyAct::SignIn => "sign_in",
                FanslyAct::Check => "check",
                FanslyAct::Done => "done",
                FanslyAct::Digits => "digits",
                FanslyAct::ForgetKey => "forget_key",
                FanslyAct::KeyBefore => "key_before",
            };
            tagged("fansly", &[("member", word(member)), ("word", word(act))])
        }
        Question::FanslyCode { member, code } => {
            tagged("fansly_code", &[("member", word(member)), ("code", secret(code))])
        }
        Question::FanslyKey { member, text } => {
            tagged("fansly_key", &[("member", word(member)), ("text", secret(text))])
        }
    }
}
