//! The two stores in real browsers: every pair of what they may hold, stores that fail or say nothing, and a core that traps.
//! What must come of each pair natively is in `native/core/boot.rs`; here the bytes lie where browsers keep them.

use longkey_tests::browsers::{DEADLINE, until};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::{Value, json};

/// 32 bytes as Argon2id would have derived them.
pub(super) const DERIVED: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

/// Reads and writes both stores as a page of the extension can.
const STORES: &str = r"
    const mirror = (mode, does) => new Promise((done, failed) => {
        const asked = indexedDB.open('longkey', 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore('copies');
        asked.onerror = () => failed(asked.error);
        asked.onsuccess = () => {
            const database = asked.result;
            const transaction = database.transaction('copies', mode);
            const value = does(transaction.objectStore('copies'));
            transaction.oncomplete = () => { database.close(); done(value?.result ?? value); };
            transaction.onabort = () => { database.close(); failed(transaction.error); };
        };
    });
    const ring = ['vault.0', 'vault.1', 'vault.2', 'device', 'inbox', 'born'];
    const read = async () => {
        const copies = {};
        await mirror('readonly', store => {
            for (const name of ring) {
                const asked = store.get(name);
                asked.onsuccess = () => { if (asked.result !== undefined) copies[name] = asked.result; };
            }
        });
        const names = ['vault.0', 'vault.1', 'vault.head', 'device', 'inbox', 'born'];
        return { local: await api.storage.local.get(names), mirror: copies };
    };
    const write = async ({ local, mirror: copies }) => {
        const names = ['vault.0', 'vault.1', 'vault.head', 'device', 'inbox', 'born',
            'quarantine.0', 'quarantine.1', 'quarantine.2', 'journal', 'accounts', 'settings', 'resets'];
        await api.storage.local.remove(names);
        await api.storage.local.set(local);
        await mirror('readwrite', store => {
            store.clear();
            for (const [name, text] of Object.entries(copies)) store.put(text, name);
        });
        await api.storage.session.remove(['worker', 'rows']);
    };
";

pub(super) async fn stores(stage: &mut Stage) -> anyhow::Result<Value> {
    stage.on_us().await?;
    stage.browser.script(&format!("{STORES} return await read()"), vec![]).await
}

/// Puts both stores into a state, and the worker's memory away.
pub(super) async fn put(stage: &mut Stage, state: &Value) -> anyhow::Result<()> {
    stage.on_us().await?;
    stage.browser.script(&format!("{STORES} await write(arguments[0])"), vec![state.clone()]).await?;
    Ok(())
}

pub(super) async fn add(stage: &mut Stage, key: &str, handle: &str) -> anyhow::Result<()> {
    stage.done(json!({ "add_key": { "text": key, "handle": handle } })).await
}

pub(super) async fn passphrase(stage: &mut Stage) -> anyhow::Result<()> {
    let terms = stage.ask(json!("new_passphrase_terms")).await?["terms"].clone();
    stage.done(json!({ "set_passphrase": { "terms": terms, "derived": DERIVED } })).await
}

pub(super) async fn unlock(stage: &mut Stage) -> anyhow::Result<()> {
    let terms = stage.ask(json!("unlock_terms")).await?["terms"].clone();
    stage.done(json!({ "unlock": { "slot": terms["slot"], "derived": DERIVED } })).await
}

/// One store's content in a state of damage.
pub(super) fn damaged(store: &Value) -> Value {
    let mut store = store.clone();
    for (name, text) in store.as_object_mut().into_iter().flatten() {
        if name.starts_with("vault.") {
            let half = text.as_str().map_or(0, |it| it.len() / 2);
            *text = text.as_str().map(|it| [&it[..half], "?", &it[half..]].concat()).into();
        }
    }
    store
}

pub(super) fn marked(mut state: Value, born: Value) -> Value {
    for store in ["local", "mirror"] {
        match &born {
            Value::Null => drop(state[store].as_object_mut().map(|it| it.remove("born"))),
            born => state[store]["born"] = born.clone(),
        }
    }
    state
}

/// Where the background is made to fail: nothing is changed for good, its next life is well.
pub(super) async fn break_background(stage: &mut Stage, script: &str) -> anyhow::Result<()> {
    stage.view().await?;
    stage.browser.background_script(script).await?;
    Ok(())
}

in_both! {
    async fn every_pair_of_stores_leads_where_it_should(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        let mut past = vec![];
        for (key, handle) in [(KEY, "one"), (OTHER_KEY, "two"), ("MFRGGZDFMZTWQ2LK", "three")] {
            add(&mut stage, key, handle).await?;
            past.push(stores(&mut stage).await?);
        }
        let later = |store: &Value| {
            let mut store = store.clone();
            for (name, text) in store.as_object_mut().into_iter().flatten() {
                if name == "vault.0" || name == "vault.1" || name == "vault.2" {
                    *text = text.as_str().map(|it| it.replacen("longkey1", "longkey9", 1)).into();
                }
            }
            store
        };
        let states = |store: &str| vec![
            ("nothing", json!({})),
            ("valid", past[1][store].clone()),
            ("older", past[0][store].clone()),
            ("newer", past[2][store].clone()),
            ("damaged", damaged(&past[1][store])),
            ("no text", json!({ "vault.0": { "a": [1] }, "vault.1": true })),
        ];
        let mut tried = 0;
        for (here, local) in states("local") {
            for (there, mirror) in states("mirror") {
                for born in [json!("1"), Value::Null] {
                    let state = marked(json!({ "local": local, "mirror": mirror }), born.clone());
                    put(&mut stage, &state).await?;
                    // Every now and then a worker that was really ended; else one that reads anew.
                    if tried % 10 == 0 {
                        stage.browser.kill_background().await?;
                    } else {
                        stage.ask(json!("reload")).await?;
                    }
                    tried += 1;
                    let view = stage.view().await?;
                    let at = format!("{here} here, {there} in the mirror, born {born}: {} {}", view["vault"], view["trouble"]);
                    for notice in view["notices"].as_array().into_iter().flatten() {
                        stage.done(json!({ "dismissed": notice })).await?;
                    }
                    let keys = |which: &str| match which { "older" => 1, "valid" => 2, "newer" => 3, _ => 0 };
                    let best = keys(here).max(keys(there));
                    if best == 0 {
                        let first = here == "nothing" && there == "nothing" && born.is_null();
                        if first {
                            assert_eq!(view["vault"], "none", "{at}");
                        } else {
                            assert_eq!((&view["vault"], &view["trouble"]), (&json!("trouble"), &json!("StoreGone")), "{at}");
                            assert_eq!(stores(&mut stage).await?, state, "{at}: nothing is written");
                        }
                        continue;
                    }
                    let notice = match (keys(here), keys(there)) {
                        (0, _) => json!(["restored"]),
                        (here, there) if there > here => json!(["was_older"]),
                        _ => json!([]),
                    };
                    assert_eq!((&view["vault"], &view["notices"]), (&json!("locked"), &notice), "{at}");
                    unlock(&mut stage).await?;
                    let entries = stage.view().await?["entries"].as_array().map_or(0, Vec::len);
                    assert_eq!(entries, if keys(here) == 0 { keys(there) } else { best }, "{at}");
                    let kept = view["quarantined"] == true;
                    assert_eq!(kept, (keys(here) == 0 && here != "nothing") || (keys(there) == 0 && there != "nothing"), "{at}");
                }
            }
        }
        assert_eq!(tried, 72);
        // A later Longkey wrote it: refused, and left as it is.
        let text = later(&past[1]["local"]);
        let state = json!({ "local": { "vault.0": text["vault.0"] }, "mirror": {} });
        put(&mut stage, &state).await?;
        stage.ask(json!("reload")).await?;
        assert_eq!(stage.view().await?["trouble"], "StoreNewer");
        assert_eq!(stores(&mut stage).await?, state);
        stage.quit().await
    }

    async fn a_store_that_says_nothing_is_waited_for_and_said(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        add(&mut stage, KEY, "one").await?;
        let before = stores(&mut stage).await?;

        // storage.local rejects: the copy opens, nothing is written.
        break_background(&mut stage, "chrome.storage.local.get = () => Promise.reject(new Error('broken'))").await?;
        stage.ask(json!("reload")).await?;
        let view = stage.view().await?;
        assert_eq!(view["notices"], json!(["read_only"]), "{view}");
        assert_eq!(view["entries"].as_array().map(Vec::len), Some(1), "the session's key opens the copy");
        let refused = stage.ask(json!({ "add_key": { "text": OTHER_KEY, "handle": "two" } })).await?;
        assert_eq!(refused["refused"], "StoreReadOnly");
        assert_eq!(stores(&mut stage).await?, before);

        // Both fail: said, and no vault is made.
        let both = "indexedDB.open = () => { throw new Error('broken') };
                    Object.defineProperty(globalThis, 'indexedDB', { value: { open() { throw new Error('broken') } } });";
        break_background(&mut stage, both).await?;
        stage.ask(json!("reload")).await?;
        assert_eq!(stage.view().await?["trouble"], "StoreSilent");
        assert_eq!(stage.ask(json!("skip_passphrase")).await?["refused"], "StoreSilent");
        stage.browser.kill_background().await?;
        let view = stage.view().await?;
        assert_eq!((&view["notices"], view["entries"].as_array().map(Vec::len)), (&json!([]), Some(1)), "well again");
        assert_eq!(stores(&mut stage).await?, before);
        stage.quit().await
    }

    async fn a_write_that_comes_late_is_waited_for(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        // The next `set` lands only when the test lets it, long after its time limit: not a second later than the next one.
        break_background(&mut stage, "
            const set = chrome.storage.local.set.bind(chrome.storage.local);
            let held;
            globalThis.letGo = () => held();
            chrome.storage.local.set = values => {
                chrome.storage.local.set = set;
                return new Promise(done => { held = () => done(set(values)); });
            };").await?;
        // It is refused after its 10 s; then it lands after all, and the next edit stands on what is there.
        let answer = stage.ask(json!({ "add_key": { "text": KEY, "handle": "late" } })).await?;
        assert_eq!(answer["refused"], "StoreUnknown", "{answer}");
        stage.browser.background_script("letGo()").await?;
        add(&mut stage, OTHER_KEY, "next").await?;
        let view = stage.view().await?;
        let handles: Vec<&str> = view["entries"].as_array().into_iter().flatten().filter_map(|it| it["handle"].as_str()).collect();
        assert!(handles.contains(&"next"), "{handles:?}");
        stage.browser.kill_background().await?;
        let again = stage.view().await?;
        assert_eq!(again["entries"], view["entries"], "and the stores agree");
        assert_eq!(again["notices"], json!([]));
        stage.quit().await
    }

    async fn forty_edits_from_popup_tab_and_background_keep_forty(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        stage.on_us().await?;
        // Thirteen at once from the popup, from this tab and from another, while X shows a key that the background seals.
        let many = |from: char| format!("
            const letters = 'ABCDEFGHIJKLM';
            return (await Promise.all([...letters].map(letter => (globalThis.browser ?? globalThis.chrome).runtime.sendMessage(
                {{ page: {{ add_key: {{ text: 'JBSWY3DPEHPK3P{from}' + letter, handle: '{from}_' + letter }} }} }}))))
                .filter(answer => answer.kept).length;");
        let begun = |from: char| format!("(globalThis.window ?? globalThis).asked = (async () => {{ {} }})(); return 0;", many(from));
        let asked = "return await (globalThis.window ?? globalThis).asked";
        stage.on_x().await?;
        stage.browser.click("input[name=Totp]").await?;
        stage.x_is_at("password").await?;
        stage.browser.type_into("input[name=password]", &stage.world.x.password()).await?;
        stage.x_presses("LoginForm_Login_Button").await?;
        stage.x_is_at("begin").await?;
        let other = stage.browser.open_extension_page("pages/app.html").await?;
        stage.on_us().await?;
        stage.browser.script("await api.action.openPopup()", vec![]).await?;
        stage.browser.popups_until(1).await?;
        stage.browser.popup_script(&begun('X')).await?;
        stage.browser.switch_to(&other).await?;
        stage.browser.script(&begun('W'), vec![]).await?;
        stage.on_x().await?;
        stage.x_presses("ActionListNextButton").await?;
        stage.on_us().await?;
        assert_eq!(stage.browser.script(&many('Y'), vec![]).await?, 13);
        stage.browser.switch_to(&other).await?;
        assert_eq!(stage.browser.script(asked, vec![]).await?, 13);
        // A click on X's page may close the popup; what it had asked is done all the same.
        let all = |view: &Value| view["entries"].as_array().is_some_and(|it| it.len() >= 39) && view["drafts"][0].is_object();
        stage.view_until("thirty-nine entries and X's key", all).await?;
        stage.browser.kill_background().await?;
        let view = stage.view_until("all of them, woken again", all).await?;
        assert_eq!(view["entries"].as_array().map(Vec::len), Some(39));
        assert_eq!(view["drafts"].as_array().map(Vec::len), Some(1));
        stage.quit().await
    }

    async fn a_core_that_traps_costs_one_message(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        add(&mut stage, "MFRGGZDFMZTWQ2LK", "one").await?;
        // Without entropy the core panics; in WASM that is a trap, after which the instance must not be used again.
        break_background(&mut stage, "
            const real = crypto.getRandomValues.bind(crypto);
            crypto.getRandomValues = () => { crypto.getRandomValues = real; throw new Error('no entropy'); };").await?;
        let lost = stage.ask(json!("new_recovery")).await?;
        assert_eq!(lost, Value::Null, "the one message");
        let view = stage.view().await?;
        assert_eq!((&view["vault"], view["entries"].as_array().map(Vec::len)), (&json!("unlocked"), Some(1)));
        add(&mut stage, OTHER_KEY, "two").await?;
        // X's open tab goes on as well.
        stage.x_shows_the_key().await?;
        stage.draft().await?;
        stage.quit().await
    }

    async fn locking_drops_the_instance_and_open_tabs_of_x_go_on(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        add(&mut stage, OTHER_KEY, "one").await?;
        // Every instance has a memory of its own; the background tells which one it is by a mark in it.
        break_background(&mut stage, "
            const realm = globalThis.window ?? globalThis;
            realm.instances = 0;
            realm.WebAssembly.Instance = new Proxy(realm.WebAssembly.Instance, {
                construct(target, given) { realm.instances += 1; return new target(...given); },
            });").await?;
        stage.done(json!("lock")).await?;
        until("a new instance", DEADLINE, async || {
            Ok((stage.browser.background_script("return (globalThis.window ?? globalThis).instances").await? == 1).then_some(()))
        })
        .await?;
        assert_eq!(stage.view().await?["vault"], "locked");
        stage.x_shows_the_key().await?;
        stage.draft().await?;
        unlock(&mut stage).await?;
        assert_eq!(stage.view().await?["entries"].as_array().map(Vec::len), Some(1));
        stage.quit().await
    }
}
