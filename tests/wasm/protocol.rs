//! The pages write questions and read answers by hand, beside serde: each variant and each field is compared with what
//! serde makes of it. Which variants there are is asked of serde itself, so that a new one without a sample fails here.

use js_sys::JSON;
use longkey_core::capture::KeyState;
use longkey_core::protocol::{Answer, CodeState, Group, Preview, Question, Rows, Terms, VaultState, View, Wanted};
use longkey_core::refusal::Refusal;
use longkey_core::services::xquik::Health;
use longkey_extension::browser::seen::{self, Seen};
use longkey_extension::browser::{asked, extension};
use longkey_extension::client;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

/// The names of an enum's variants, out of serde's own words about one that it does not know.
fn variants<T: DeserializeOwned>() -> Vec<String> {
    let Err(error) = serde_json::from_value::<T>(json!("?")) else { panic!("a variant of that name") };
    let words = error.to_string();
    let (_, names) = words.split_once("expected ").expect("serde names the variants");
    names.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn tag(value: &Value) -> &str {
    value.as_str().or_else(|| value.as_object()?.keys().next().map(String::as_str)).expect("externally tagged")
}

/// One of each; some twice, where a field has more than one form.
fn questions() -> Vec<Value> {
    let id = "0123456789abcdef";
    let account = "0123456789abcdef.1";
    let terms = json!({ "slot": id, "salt": "c2FsdA", "work": { "m": 65536, "t": 3, "p": 1 } });
    let file = json!({ "file": "text", "derived": "key" });
    vec![
        json!("view"),
        json!({ "keep_draft": { "draft": id, "handle": "acme" } }),
        json!({ "drop_draft": { "draft": id } }),
        json!({ "fill": { "id": id } }),
        json!({ "add_key": { "text": "key", "handle": "acme" } }),
        json!({ "accepted": { "entry": id } }),
        json!({ "not_accepted": { "entry": id } }),
        json!({ "trust": { "entry": id } }),
        json!({ "fill_backup": { "entry": id } }),
        json!({ "refuses": { "entry": id } }),
        json!({ "add_backup_codes": { "entry": id, "text": "code" } }),
        json!({ "backup_code": { "entry": id, "added": 1_795_000_000_123_u64 } }),
        json!({ "mark_backup": { "entry": id, "mark": { "used": 5 } } }),
        json!({ "mark_backup": { "entry": id, "mark": { "refused": 5 } } }),
        json!({ "mark_backup": { "entry": id, "mark": { "next": 5 } } }),
        json!({ "mark_backup": { "entry": id, "mark": "none_used" } }),
        json!({ "mark_backup": { "entry": id, "mark": "dead" } }),
        json!({ "mark_backup": { "entry": id, "mark": "undo" } }),
        json!({ "delete": { "entry": id } }),
        json!({ "undelete": { "entry": id } }),
        json!({ "purge": { "entry": id } }),
        json!("skip_passphrase"),
        json!("new_passphrase_terms"),
        json!({ "set_passphrase": { "terms": terms, "derived": "key" } }),
        json!("unlock_terms"),
        json!({ "unlock": { "slot": id, "derived": "key" } }),
        json!({ "recover": { "code": "code" } }),
        json!({ "raise_work": { "slot": id, "terms": terms, "derived": "key" } }),
        json!("new_recovery"),
        json!({ "keep_recovery": { "typed": "code" } }),
        json!("new_passkey_terms"),
        json!({ "add_passkey": { "terms": { "slot": id, "salt": "c2FsdA" }, "credential": "id", "derived": "key" } }),
        json!({ "only_passphrase": { "slot": id, "derived": "key" } }),
        json!({ "check_passphrase": { "slot": id, "derived": "key" } }),
        json!("lock"),
        json!({ "lock_after": { "minutes": 5 } }),
        json!({ "lock_after": "closed" }),
        json!({ "lock_after": "restart" }),
        json!({ "watching": { "notify": true, "hide_names": false, "watch_locked": true } }),
        json!({ "past": { "account": "0123456789abcdef.1" } }),
        json!("clock_set"),
        json!({ "stays_shut": true }),
        json!({ "language": "pt_BR" }),
        json!("reload"),
        json!({ "choose": "local" }),
        json!({ "choose": "mirror" }),
        json!({ "dismissed": "restored" }),
        json!({ "dismissed": "was_older" }),
        json!({ "dismissed": "read_only" }),
        json!({ "dismissed": "no_copy" }),
        json!("sealed"),
        json!({ "erase": { "word": "erase" } }),
        json!({ "make_backup": { "terms": terms, "derived": "key" } }),
        json!({ "backup_saved": { "made": 1_795_000_000_123_u64 } }),
        json!({ "backup_terms": { "file": "text" } }),
        json!({ "preview_backup": file }),
        json!({ "restore": file }),
        json!({ "connect": { "api_key": "key", "name": "acme", "workspace": id } }),
        json!({ "name_workspace": { "workspace": id, "name": "acme" } }),
        json!({ "disconnect": { "workspace": id } }),
        json!({ "rename": { "entry": id, "handle": "acme" } }),
        json!("refresh"),
        json!({ "sign_in": {
            "account": account, "password": "p", "key": "saved", "email": null, "region": null, "entry": id,
            "since": 1_795_000_000_123_u64,
        } }),
        json!({ "sign_in": {
            "account": account, "password": "p", "key": "theirs", "email": "e", "region": "DE", "entry": null, "since": null,
        } }),
        json!({ "sign_in": {
            "account": account, "password": "p", "key": "no_app", "email": null, "region": null, "entry": null, "since": null,
        } }),
        json!({ "check_status": { "account": account } }),
        json!({ "dismiss": { "account": account } }),
        json!({ "connect_new": {
            "workspace": id, "handle": "acme", "email": "e", "password": "p", "since": 1_795_000_000_123_u64,
        } }),
        json!({ "connect_code": { "account": "0123456789abcdef.acme", "code": "123456" } }),
        json!({ "connect_check": { "account": "0123456789abcdef.acme" } }),
        json!({ "connect_done": { "account": "0123456789abcdef.acme" } }),
        json!({ "reset": { "handle": "acme", "mark": "start" } }),
        json!({ "reset": { "handle": "acme", "mark": { "done": 3 } } }),
        json!({ "reset": { "handle": "acme", "mark": { "undone": 3 } } }),
        json!({ "reset": { "handle": "acme", "mark": "end" } }),
        json!({ "connect_fans": { "api_key": "key", "word": "new" } }),
        json!({ "connect_fans": { "api_key": "key", "word": "old" } }),
        json!("disconnect_fans"),
        json!({ "take_back": { "draft": null, "workspace": id, "handle": null } }),
        json!({ "take_back": { "draft": null, "workspace": null, "handle": "acme" } }),
        json!("refresh_fans"),
        json!({ "fansly": { "member": "a", "word": "sign_in" } }),
        json!({ "fansly": { "member": "a", "word": "check" } }),
        json!({ "fansly": { "member": "a", "word": "done" } }),
        json!({ "fansly": { "member": "a", "word": "digits" } }),
        json!({ "fansly": { "member": "a", "word": "forget_key" } }),
        json!({ "fansly": { "member": "a", "word": "key_before" } }),
        json!({ "fansly_code": { "member": "a", "code": "000123" } }),
        json!({ "fansly_key": { "member": "a", "text": "key" } }),
    ]
}

#[wasm_bindgen_test]
fn pages_write_each_question_as_serde_does() {
    let samples = questions();
    for name in variants::<Question>() {
        assert!(samples.iter().any(|it| tag(it) == name), "no sample of the question {name}");
    }
    for sample in samples {
        let question: Question = serde_json::from_value(sample.clone()).unwrap_or_else(|e| panic!("{sample}: {e}"));
        let text = JSON::stringify(&asked::write(&question)).expect("JSON").as_string().expect("text");
        let written: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(written, serde_json::to_value(&question).expect("JSON"), "{sample}");
    }
}

/// The names that the pages read are exactly those that serde writes, but for `besides`, which are read otherwise.
fn reads(what: &str, names: &[&str], besides: &[&str], it: &Value) {
    let mut read: Vec<_> = names.iter().chain(besides).copied().collect();
    let mut written: Vec<_> = it.as_object().expect("an object").keys().map(String::as_str).collect();
    read.sort_unstable();
    written.sort_unstable();
    assert_eq!(read, written, "{what}");
}

fn view() -> Value {
    let id = "0123456789abcdef";
    let account = "0123456789abcdef.1";
    let standing = json!({ "state": "pending", "since": 5 });
    let attempt = json!({ "sent": 5, "outcome": "running", "open": true });
    let fansly_account = json!({
        "id": "a", "name": "@acme", "signed_in": true, "step": "code", "since": 5, "kind": 2, "sent_to": "f**@e**",
        "wrong": true, "said": "Busy.", "status": 429, "until": 5, "coded": 5, "followed": true, "key": true,
        "key_before": true,
    });
    let draft = json!({
        "id": id, "handle": "acme", "head": "JBSW", "tail": "3PXP", "seen": 5, "kept": true, "ask": false, "private": true, "sealed": true,
        "state": "matched", "on_x": true, "code_wanted": true, "code_refused": false, "fills_on": "x.com", "replaces": true,
        "rival": id,
    });
    let entry = json!({
        "id": id, "handle": "acme", "current": standing, "waiting": standing, "sendable": standing, "doubt": "app_off", "on_x": false,
        "code_wanted": false,
        "code_refused": true, "fills_on": "mobile.x.com", "code_sent": true, "older": 3, "backup_wanted": true, "backup_undo": true,
        "backup": [{ "added": 5, "state": "unused", "since": 6, "next": true }],
    });
    let listed = json!({
        "id": account, "handle": "Acme", "health": "needsReauth", "since": 5, "group": "needs_you", "entry": id,
        "renamed": "acme", "stranger": true, "key": "stale", "key_since": 5,
        "not_before": 5, "attempt": attempt, "connected": "2026-11-21T00:00:00Z", "refusals": 2,
    });
    let xquik = json!({
        "id": id, "name": "acme", "last_four": "cdef", "checked": 5, "trouble": null, "not_before": 5, "left_out": 5, "accounts": [listed],
    });
    let view = json!({
        "vault": "unlocked", "trouble": null, "page_changed": true, "recovered": false, "quarantined": true, "unsaved": 2, "backup": 5, "clock": -12,
        "notify": true, "hide_names": false, "watch_locked": true, "login": { "handle": "acme", "wants": "code" },
        "stays_shut": true, "clock_at": 5,
        "drafts": [draft],
        "entries": [entry],
        "xquik": [xquik],
        "connections": [{
            "account": "0123456789abcdef.acme", "handle": "Acme", "sent": 5, "stage": "code", "until": 6, "verdict": "email_code",
            "for_good": true,
        }],
        "fansly": {
            "old": true, "last_four": "3PXP", "checked": 5, "status": 429, "until": 5, "accounts": [fansly_account],
        },
        "fansly_keys": [fansly_account],
        "resets": [{ "handle": "acme", "done": [1, 2], "app_off": true }],
        "ways": ["recovery"], "lock_after": { "minutes": 5 }, "notices": ["restored"],
        "bin": [{ "id": id, "handle": "acme", "deleted": 5 }],
    });
    // Once through serde: what is missing or unknown to it shows here.
    same::<View>(view)
}

fn same<T: DeserializeOwned + Serialize>(sample: Value) -> Value {
    let typed: T = serde_json::from_value(sample.clone()).unwrap_or_else(|e| panic!("{sample}: {e}"));
    let written = serde_json::to_value(&typed).expect("JSON");
    assert_eq!(written, sample);
    written
}

#[wasm_bindgen_test]
fn pages_read_each_field_that_serde_writes() {
    let it = view();
    reads("view", seen::View::FIELDS, &[], &it);
    reads("draft", seen::Draft::FIELDS, &[], &it["drafts"][0]);
    reads("entry", seen::Entry::FIELDS, &[], &it["entries"][0]);
    reads("standing", seen::Standing::FIELDS, &[], &it["entries"][0]["waiting"]);
    reads("slip", seen::Slip::FIELDS, &[], &it["entries"][0]["backup"][0]);
    reads("login", seen::LoginAsks::FIELDS, &[], &it["login"]);
    reads("xquik", seen::Xquik::FIELDS, &[], &it["xquik"][0]);
    reads("account", seen::Account::FIELDS, &[], &it["xquik"][0]["accounts"][0]);
    reads("attempt", seen::Attempt::FIELDS, &[], &it["xquik"][0]["accounts"][0]["attempt"]);
    reads("connection", seen::Connection::FIELDS, &[], &it["connections"][0]);
    reads("fansly", seen::Fansly::FIELDS, &[], &it["fansly"]);
    reads("fansly account", seen::FanslyAccount::FIELDS, &[], &it["fansly"]["accounts"][0]);
    let trouble = same::<Answer>(json!({ "fans": { "status": 429, "until": 5 } }));
    reads("trouble at Fans API", seen::FansTrouble::FIELDS, &[], &trouble["fans"]);
    let terms = json!({ "slot": "0123456789abcdef", "salt": "c2FsdA", "work": { "m": 19456, "t": 2, "p": 1 } });
    let terms = same::<Answer>(json!({ "file_terms": [terms, terms] }));
    let answer = client::read(extension::to_js(&terms).ok()).expect("an answer");
    let listed = answer.of::<seen::List<Terms>>("file_terms").expect("a list");
    assert_eq!(serde_json::to_value(listed.collect::<Vec<_>>()).expect("JSON"), terms["file_terms"]);
    let digits = same::<Answer>(json!({ "digits": { "code": "000123", "until": 5 } }));
    reads("digits", seen::FansDigits::FIELDS, &[], &digits["digits"]);
    reads("reset", seen::Reset::FIELDS, &[], &it["resets"][0]);
    reads("bin", seen::Binned::FIELDS, &[], &it["bin"][0]);
    let backup = same::<Answer>(json!({ "backup": { "file": "text", "accounts": 2, "made": 5 } }));
    reads("backup", seen::Backup::FIELDS, &[], &backup["backup"]);
    let preview = json!({ "made": 5, "new": ["acme"], "differ": [], "same": 1, "api_key": true, "fansly": true });
    reads("preview", seen::Preview::FIELDS, &[], &same::<Preview>(preview));
    let attempt = json!({ "sent": 5, "outcome": "running", "open": true });
    let turns = json!([{ "at": 5, "health": "locked" }]);
    let past = json!({ "turns": turns, "last": attempt, "added": 4, "worked": 5, "country": "US" });
    let past = same::<Answer>(json!({ "past": past }));
    reads("past", seen::Past::FIELDS, &[], &past["past"]);
    reads("turn", seen::Turn::FIELDS, &[], &past["past"]["turns"][0]);
    let recipe = json!({ "algorithm": "Sha256", "digits": 8, "period": 60 });
    let row = json!({
        "id": "0123456789abcdef", "handle": null, "key": "JBSWY3DPEHPK3PXP", "recipe": recipe, "state": "confirmed",
        "draft": false, "ahead": -7000,
    });
    let rows = same::<Rows>(json!({ "until": 5, "rows": [row] }));
    reads("rows", seen::Rows::FIELDS, &[], &rows);
    reads("row", seen::Row::FIELDS, &["key", "recipe"], &rows["rows"][0]);

    let looked = seen::View::seen(extension::to_js(&it).expect("a value"));
    let draft = looked.drafts().next().expect("a draft");
    assert_eq!((draft.head(), draft.state(), draft.seen().0), ("JBSW".into(), KeyState::Matched, 5));
    assert_eq!(looked.lock_after().word(), "minutes");
    assert_eq!(looked.lock_after().content::<u32>(), 5);
    let row = seen::Rows::seen(extension::to_js(&rows).expect("a value")).rows().next().expect("a row");
    assert_eq!(serde_json::to_value(row.recipe()).expect("JSON"), recipe);
    assert_eq!(row.key().expect("a key").expose(), "JBSWY3DPEHPK3PXP");
}

fn understands<T: DeserializeOwned + Seen + PartialEq + std::fmt::Debug>() {
    for name in variants::<T>() {
        let known: T = serde_json::from_value(json!(name)).expect("a variant without content");
        assert_eq!(T::seen(JsValue::from_str(&name)), known);
    }
}

#[wasm_bindgen_test]
fn pages_understand_each_word() {
    understands::<VaultState>();
    understands::<KeyState>();
    understands::<Group>();
    understands::<CodeState>();
    understands::<Wanted>();
    for word in ["healthy", "needsReauth", "locked", "suspended", "recovering", "temporaryIssue", "newWord"] {
        let known: Health = serde_json::from_value(json!(word)).expect("an open set");
        assert_eq!(seen::Health::seen(JsValue::from_str(word)).code(), known.code(), "{word}");
    }
}

/// `client` makes the sentence's name from the variant's.
#[wasm_bindgen_test]
fn a_refusals_code_is_its_name_in_snake_case() {
    let made: Vec<_> = variants::<Refusal>().iter().map(|name| client::snake(name)).collect();
    assert_eq!(made, Refusal::CODES);
}
