//! One store that fails while the other works, each in the ways in which browsers let it fail: by an error, by an aborted
//! transaction, by never answering. Both failing at once is in `stores.rs`.

use crate::stores::{add, break_background, passphrase, put, stores, unlock};
use longkey_tests::browsers::{DEADLINE, until};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::{Value, json};

/// Ways in which the mirror fails in the background's life.
const FAILURES: [(&str, &str); 3] = [
    (
        "its opening throws",
        "Object.defineProperty(realm, 'indexedDB', { configurable: true, value: { open() { throw new Error('broken') } } });",
    ),
    (
        "its opening ends with an error",
        "Object.defineProperty(realm, 'indexedDB', { configurable: true, value: { open() {
            const asked = {};
            setTimeout(() => asked.onerror?.(new realm.Event('error')));
            return asked;
        } } });",
    ),
    (
        // As a full disk does: all requests succeed, the transaction does not.
        "its transactions are aborted",
        "const real = realm.IDBDatabase.prototype.transaction;
         realm.IDBDatabase.prototype.transaction = function (store, mode, options) {
             const begun = real.call(this, store, mode, options);
             if (mode === 'readwrite') realm.queueMicrotask(() => begun.abort());
             return begun;
         };",
    ),
];

fn count(view: &Value) -> Option<usize> {
    view["entries"].as_array().map(Vec::len)
}

/// The vaults that the mirror holds, one after the other.
fn copies(stores: &Value) -> Vec<&str> {
    ["vault.0", "vault.1", "vault.2"].iter().filter_map(|name| stores["mirror"][name].as_str()).collect()
}

in_both! {
    async fn a_mirror_alone_that_fails_costs_nothing_and_is_told_the_second_time(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        let mut keys = 0;
        for (how, script) in FAILURES {
            let before = stores(&mut stage).await?;
            break_background(&mut stage, &format!("const realm = globalThis.window ?? globalThis; {script}")).await?;
            for told in [json!([]), json!(["no_copy"])] {
                keys += 1;
                let key = format!("JBSWY3DPEHPK3P{}A", char::from(b'A' + keys));
                add(&mut stage, &key, &format!("account_{keys}")).await?;
                assert_eq!(stage.view().await?["notices"], told, "{how}");
            }
            assert_eq!(copies(&stores(&mut stage).await?), copies(&before), "{how}: the copy did fail");
            // Its next life finds the mirror well, and makes up for what it lacks without being asked.
            stage.browser.kill_background().await?;
            stage.view_until("the notice to go", |view| view["notices"] == json!([])).await?;
            let after = until("the copy to be whole", DEADLINE, async || {
                let after = stores(&mut stage).await?;
                let place = if after["local"]["vault.head"].as_str().is_some_and(|it| it.contains("\"active\":0")) { "vault.0" } else { "vault.1" };
                let vault = after["local"][place].as_str().unwrap_or_default();
                Ok(copies(&after).iter().any(|it| it.ends_with(vault)).then(|| after.clone()))
            })
            .await?;
            // It alone is enough.
            put(&mut stage, &json!({ "local": {}, "mirror": after["mirror"] })).await?;
            stage.browser.kill_background().await?;
            let view = stage.view().await?;
            assert_eq!((&view["vault"], &view["notices"]), (&json!("locked"), &json!(["restored"])), "{how}");
            stage.done(json!({ "dismissed": "restored" })).await?;
            unlock(&mut stage).await?;
            assert_eq!(count(&stage.view().await?), Some(usize::from(keys)), "{how}");
        }
        stage.quit().await
    }

    async fn a_write_that_never_ends_is_given_up_and_nothing_is_lost(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        add(&mut stage, OTHER_KEY, "one").await?;
        let before = stores(&mut stage).await?;
        break_background(&mut stage, "chrome.storage.local.set = () => new Promise(() => {})").await?;
        let refused = stage.ask(json!({ "add_key": { "text": "MFRGGZDFMZTWQ2LK", "handle": "two" } })).await?;
        assert_eq!(refused["refused"], "StoreUnknown", "{refused}");
        // It may still land, so nothing that is read there counts: codes come from the copy.
        let view = stage.view().await?;
        assert_eq!((&view["notices"], count(&view)), (&json!(["read_only"]), Some(1)), "{view}");
        // X shows its key once, now of all times: it is on the screen, and said not to be saved.
        stage.x_shows_the_key().await?;
        let draft = stage.draft().await?;
        let kept = stage.ask(json!({ "keep_draft": { "draft": draft, "handle": "standin_user" } })).await?;
        assert_eq!(kept["refused"], "StoreReadOnly", "{kept}");
        assert_eq!(stage.view().await?["drafts"][0]["tail"], KEY[KEY.len() - 4..]);
        assert_eq!(stores(&mut stage).await?, before, "nothing was written");
        // The next life is well, and the key is still there to be kept.
        stage.browser.kill_background().await?;
        let draft = stage.draft().await?;
        stage.done(json!({ "keep_draft": { "draft": draft, "handle": "standin_user" } })).await?;
        let view = stage.view().await?;
        assert_eq!((&view["notices"], count(&view)), (&json!([]), Some(2)), "{view}");
        stage.quit().await
    }

    async fn a_store_that_never_answers_leaves_codes_and_says_so(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        // Not of the account whose settings X shows: what they say of it may be heard at any time, and is written down.
        add(&mut stage, KEY, "one").await?;
        let before = stores(&mut stage).await?;
        break_background(&mut stage, "
            const realm = globalThis.window ?? globalThis;
            realm.real = chrome.storage.local.get.bind(chrome.storage.local);
            chrome.storage.local.get = () => new Promise(() => {});").await?;
        stage.ask(json!("reload")).await?;
        let view = stage.view().await?;
        assert_eq!((&view["notices"], count(&view)), (&json!(["read_only"]), Some(1)), "{view}");
        for edit in [
            json!({ "add_key": { "text": OTHER_KEY, "handle": "two" } }),
            json!({ "delete": { "entry": view["entries"][0]["id"] } }),
            json!({ "lock_after": "closed" }),
        ] {
            assert_eq!(stage.ask(edit.clone()).await?["refused"], "StoreReadOnly", "{edit}");
        }
        assert_eq!(stores(&mut stage).await?, before);
        let tab = stage.browser.open_extension_page("pages/app.html#/").await?;
        stage.us = Some(tab);
        let said = "document.body.innerText.includes('Only the copy of the vault can be read.')";
        stage.browser.until("the note", said).await?;
        let digits = "document.querySelector('[data-slot=digits]')?.textContent.length === 6";
        stage.browser.until("a code", digits).await?;
        // It answers again: [Try again] is all that is needed.
        stage.browser.background_script("chrome.storage.local.get = (globalThis.window ?? globalThis).real").await?;
        stage.browser.click("[data-act=reload]").await?;
        stage.browser.until("the note to go", &format!("!{said}")).await?;
        add(&mut stage, OTHER_KEY, "two").await?;
        assert_eq!(count(&stage.view().await?), Some(2));
        stage.quit().await
    }
}
