//! Where nobody but the user, or a later Longkey, knows which vault holds: two writers of one generation, two lines that
//! parted, two vaults, a newer format. And two backgrounds that write at the same time.
//!
//! The pairs that Longkey decides by itself are in `stores.rs`, what must come of all of them natively in
//! `native/core/boot.rs`.

use crate::stores::{DERIVED, add, damaged, marked, passphrase, put, stores, unlock};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use longkey_core::vault::crypto::checksum;
use longkey_tests::browsers::{Browser, Kind, Options};
use longkey_tests::fakes::World;
use longkey_tests::in_both;
use longkey_tests::probe::copy;
use longkey_tests::stage::{KEY, OTHER_KEY, SETTINGS, Stage, THIRD_KEY};
use serde_json::{Value, json};
use std::path::Path;

const FORKED_KEY: &str = "NBSWY3DPFQQHO33S";

/// The two stores at each generation of one vault, by another writer, and of another vault.
pub(super) struct Past {
    pub(super) generations: Vec<Value>,
    /// Made from the first generation, like the second.
    pub(super) other: Value,
    stranger: Value,
}

pub(super) async fn past(stage: &mut Stage) -> anyhow::Result<Past> {
    passphrase(stage).await?;
    let (mut generations, mut other) = (vec![], Value::Null);
    for (at, (key, handle)) in [(KEY, "one"), (OTHER_KEY, "two"), (THIRD_KEY, "three")].into_iter().enumerate() {
        if let (1, Some(first)) = (at, generations.first()) {
            add(stage, FORKED_KEY, "forked").await?;
            other = stores(stage).await?;
            reads(stage, first).await?;
            unlock(stage).await?;
        }
        add(stage, key, handle).await?;
        generations.push(stores(stage).await?);
    }
    reads(stage, &json!({ "local": {}, "mirror": {} })).await?;
    passphrase(stage).await?;
    for (at, key) in [KEY, OTHER_KEY, THIRD_KEY, FORKED_KEY].into_iter().enumerate() {
        add(stage, key, &format!("stranger_{at}")).await?;
    }
    Ok(Past { generations, other, stranger: stores(stage).await? })
}

async fn reads(stage: &mut Stage, state: &Value) -> anyhow::Result<()> {
    put(stage, state).await?;
    stage.ask(json!("reload")).await.map(drop)
}

/// The same store, as a Longkey would have left it whose format this one does not read.
pub(super) fn later(store: &Value) -> anyhow::Result<Value> {
    let mut store = store.clone();
    let newer = |text: &str| -> anyhow::Result<String> {
        let mut parts = text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let header = String::from_utf8(BASE64.decode(parts.get(1).context("no header")?)?)?;
        let (_, rest) =
            header.strip_prefix("{\"min_reader\":").and_then(|it| it.split_once(',')).context("no reader")?;
        let changed = format!("{{\"min_reader\":99,{rest}");
        parts[1] = BASE64.encode(changed);
        Ok(parts.join("."))
    };
    let head = |head: &str, vault: &str| -> anyhow::Result<String> {
        let mut head: Value = serde_json::from_str(head)?;
        head["sha256"] = checksum(vault).into();
        Ok(head.to_string())
    };
    let texts = store.as_object_mut().context("a store")?;
    let before = texts.clone();
    let text = |name: &str| before.get(name).and_then(Value::as_str);
    for name in ["vault.0", "vault.1", "vault.2"] {
        match text(name).map(|it| it.split_once('\n').unwrap_or(("", it))) {
            Some(("", vault)) => texts.insert(name.into(), newer(vault)?.into()),
            Some((line, vault)) => {
                let vault = newer(vault)?;
                texts.insert(name.into(), format!("{}\n{vault}", head(line, &vault)?).into())
            }
            None => None,
        };
    }
    if let Some(line) = text("vault.head") {
        let place = if line.contains("\"active\":0") { "vault.0" } else { "vault.1" };
        let vault = texts[place].as_str().unwrap_or_default().to_owned();
        texts.insert("vault.head".into(), head(line, &vault)?.into());
    }
    Ok(store)
}

/// What must come of a pair of which one is another's, or a later Longkey's.
fn expected(here: &str, there: &str) -> Result<(usize, Value), &'static str> {
    let keys = |which: &str| match which {
        "older" => 1,
        "valid" | "other" => 2,
        "newer" => 3,
        "stranger" => 4,
        _ => 0,
    };
    match (here, there) {
        ("later", _) | (_, "later") => Err("StoreNewer"),
        (here, "stranger") if here != "stranger" && keys(here) > 0 => Err("StoreConflict"),
        ("stranger", there) if there != "stranger" && keys(there) > 0 => Err("StoreConflict"),
        ("other", "valid" | "newer") | ("valid" | "newer", "other") => Err("StoreConflict"),
        (here, there) if keys(here) == 0 => Ok((keys(there), json!(["restored"]))),
        (here, there) if keys(there) > keys(here) => Ok((keys(there), json!(["was_older"]))),
        (here, _) => Ok((keys(here), json!([]))),
    }
}

async fn handles(stage: &mut Stage) -> anyhow::Result<Vec<String>> {
    let view = stage.view().await?;
    let entries = view["entries"].as_array().into_iter().flatten();
    Ok(entries.filter_map(|it| it["handle"].as_str()).map(str::to_owned).collect())
}

/// Presses one of the two buttons of the question.
async fn chooses(stage: &mut Stage, store: &str) -> anyhow::Result<()> {
    stage.us = Some(stage.browser.open_extension_page("pages/app.html#/").await?);
    let asks = "document.body.innerText.includes('There are two different vaults.')";
    stage.browser.until("the question", asks).await?;
    stage.browser.click(&format!("[data-act=choose][data-to={store}]")).await?;
    stage.browser.until("the vault's lock", "document.querySelector('[data-form=unlock]')").await?;
    Ok(())
}

/// Every text of a vault in a store, without the heads of the copies.
fn vaults(store: &Value) -> Vec<String> {
    let names = ["vault.0", "vault.1", "vault.2"];
    let texts = names.iter().filter_map(|name| store[name].as_str());
    texts.map(|text| text.rsplit('\n').next().unwrap_or_default().to_owned()).collect()
}

/// A second background in a page of its own: the product's own module, with nothing but a question to ask it.
const SECOND: &str = "
    import init, * as core from '../wasm/background.js';
    globalThis.longkeyRetire = () => {};
    await init({ module_or_path: new URL('../wasm/background_bg.wasm', import.meta.url) });
    const origin = location.origin;
    globalThis.second = (page) => core.message({ page }, { id: chrome.runtime.id, origin, url: `${origin}/pages/app.html` });
    document.documentElement.dataset.ready = 'yes';
";

/// The extension with one page more.
fn with_second(kind: Kind, folder: &Path) -> anyhow::Result<()> {
    copy(&kind.built_extension(), folder)?;
    std::fs::write(folder.join("js/second.js"), SECOND)?;
    let page =
        "<!doctype html><meta charset=utf-8><title>Second</title><script type=module src=../js/second.js></script>";
    Ok(std::fs::write(folder.join("pages/second.html"), page)?)
}

in_both! {
    async fn every_pair_with_another_writer_another_vault_or_a_later_format(kind) {
        let mut stage = Stage::set(kind).await?;
        let past = past(&mut stage).await?;
        let valid = &past.generations[1];
        let states = |store: &str| -> anyhow::Result<Vec<(&str, Value)>> { Ok(vec![
            ("nothing", json!({})),
            ("valid", valid[store].clone()),
            ("older", past.generations[0][store].clone()),
            ("newer", past.generations[2][store].clone()),
            ("damaged", damaged(&valid[store])),
            ("other", past.other[store].clone()),
            ("stranger", past.stranger[store].clone()),
            ("later", later(&valid[store])?),
        ]) };
        let new = |which: &str| ["other", "stranger", "later"].contains(&which);
        let mut tried = 0;
        for (here, local) in states("local")? {
            for (there, mirror) in states("mirror")?.into_iter().filter(|(there, _)| new(here) || new(there)) {
                let state = marked(json!({ "local": local, "mirror": mirror }), json!("1"));
                put(&mut stage, &state).await?;
                // Every now and then a worker that was really ended; else one that reads anew.
                if tried % 10 == 0 {
                    stage.browser.kill_background().await?;
                } else {
                    stage.ask(json!("reload")).await?;
                }
                tried += 1;
                let view = stage.view().await?;
                let at = format!("{here} here, {there} in the mirror: {} {}", view["vault"], view["trouble"]);
                for notice in view["notices"].as_array().into_iter().flatten() {
                    stage.done(json!({ "dismissed": notice })).await?;
                }
                match expected(here, there) {
                    Err(trouble) => {
                        assert_eq!((&view["vault"], &view["trouble"]), (&json!("trouble"), &json!(trouble)), "{at}");
                        let refused = stage.ask(json!("skip_passphrase")).await?;
                        assert_eq!(refused["refused"], trouble, "{at}");
                        assert_eq!(stores(&mut stage).await?, state, "{at}: nothing is written");
                    }
                    Ok((keys, notices)) => {
                        assert_eq!((&view["vault"], &view["notices"]), (&json!("locked"), &notices), "{at}");
                        unlock(&mut stage).await?;
                        assert_eq!(handles(&mut stage).await?.len(), keys, "{at}");
                    }
                }
            }
        }
        assert_eq!(tried, 39);
        stage.quit().await
    }

    async fn between_two_vaults_the_user_decides_and_the_other_is_kept(kind) {
        let mut stage = Stage::set(kind).await?;
        let past = past(&mut stage).await?;
        let ours = &past.generations[1];
        let both = ["one", "two"].as_slice();
        let strangers = ["stranger_0", "stranger_1", "stranger_2", "stranger_3"].as_slice();
        for (theirs, store, wanted) in [
            (&past.other, "local", both),
            (&past.other, "mirror", ["one", "forked"].as_slice()),
            (&past.stranger, "local", both),
            (&past.stranger, "mirror", strangers),
        ] {
            let state = marked(json!({ "local": ours["local"], "mirror": theirs["mirror"] }), json!("1"));
            put(&mut stage, &state).await?;
            stage.browser.kill_background().await?;
            // A key that X shows meanwhile is on the screen, and said not to be saved.
            assert_eq!(stage.view().await?["trouble"], "StoreConflict");
            assert!(stage.ask(json!("sealed")).await?["file"].is_string(), "both can be had as a file first");
            chooses(&mut stage, store).await?;
            unlock(&mut stage).await?;
            assert_eq!(handles(&mut stage).await?, wanted, "{store}");
            let view = stage.view().await?;
            assert_eq!((&view["quarantined"], &view["notices"]), (&json!(true), &json!([])), "{store}");
            let file = stage.ask(json!("sealed")).await?;
            let file = file["file"].as_str().context("no file")?;
            let lost = if store == "local" { vaults(&theirs["mirror"]) } else { vaults(&ours["local"]) };
            assert!(lost.iter().all(|text| file.contains(text.as_str())), "{store}: the other is in the file");
            // Under the same passphrase a restore brings back what only the other one has; another vault's takes its own.
            if *theirs == past.other {
                stage.done(json!({ "restore": { "file": file, "derived": DERIVED } })).await?;
                let mut found = handles(&mut stage).await?;
                found.sort();
                assert_eq!(found, ["forked", "one", "two"], "{store}");
            }
            // It was asked once.
            stage.browser.kill_background().await?;
            let view = stage.view().await?;
            assert_eq!((&view["trouble"], &view["vault"]), (&Value::Null, &json!("unlocked")), "{store}: {view}");
            stage.on_us().await?;
            let us = stage.us.clone().context("a page")?;
            stage.browser.switch_to(&us).await?;
        }
        stage.quit().await
    }

    async fn two_backgrounds_at_once_lose_nothing_that_either_has_acknowledged(kind) {
        let folder = tempfile::tempdir()?;
        with_second(kind, folder.path())?;
        let world = World::start().await?;
        let options = Options { proxy: Some(world.proxy()), extension: Some(folder.path().to_owned()), ..Options::default() };
        let browser = Browser::start(kind, options).await?;
        let x = browser.open_tab(SETTINGS).await?;
        let mut stage = Stage { world, browser, x, us: None };
        // Without a passphrase each instance opens the vault by itself.
        stage.done(json!("skip_passphrase")).await?;
        add(&mut stage, KEY, "standin_user").await?;
        let second = stage.browser.open_extension_page("pages/second.html").await?;
        stage.browser.until("the second instance", "document.documentElement.dataset.ready").await?;
        stage.browser.switch_to(&second).await?;
        // Side by side, each with twelve edits of its own; the two know of each other only through the stores.
        let race = "
            const second = window.second;
            const many = async (from, ask) => {
                const answers = [];
                for (const letter of 'ABCDEFGHIJKL') {
                    const key = { text: `JBSWY3DPEHPK3P${from}${letter}`, handle: `${from}_${letter}` };
                    answers.push([key.handle, await ask({ add_key: key })]);
                }
                return answers;
            };
            const [ours, theirs] = await Promise.all([
                many('X', page => api.runtime.sendMessage({ page })), many('Y', page => second(page)),
            ]);
            return JSON.parse(JSON.stringify([...ours, ...theirs]));";
        let answers = stage.browser.script(race, vec![]).await?;
        let mut kept = vec!["standin_user".to_owned()];
        for answer in answers.as_array().context("answers")? {
            let handle = answer[0].as_str().unwrap_or_default();
            // One that was made twice over somebody else's is given back, not forced in.
            match &answer[1]["refused"] {
                Value::Null => kept.push(handle.to_owned()),
                refused => assert_eq!(refused, "StoreChanged", "{handle}"),
            }
        }
        for from in ["X_", "Y_"] {
            assert!(kept.iter().any(|it| it.starts_with(from)), "{from}: {answers}");
        }
        stage.browser.kill_background().await?;
        let view = stage.view().await?;
        let mut found = handles(&mut stage).await?;
        found.sort();
        kept.sort();
        assert_eq!(found, kept, "what was acknowledged is there, and nothing else");
        assert_eq!((&view["trouble"], &view["notices"]), (&Value::Null, &json!([])));
        // The second one, asked again, reads what the first has made of it.
        stage.browser.switch_to(&second).await?;
        let again = "const edit = { add_key: { text: 'JBSWY3DPEHPK3PZZ', handle: 'last' } };
            const answer = await window.second(edit);
            const view = (await window.second('view')).view;
            return [answer.kept !== undefined, view.entries.length];";
        assert_eq!(stage.browser.script(again, vec![]).await?, json!([true, kept.len() + 1]));
        stage.quit().await
    }
}
