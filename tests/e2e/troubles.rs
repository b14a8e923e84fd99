//! The screens of the worst days, drawn as they come up: each fits the popup, shows its sentence and its ways on, and is
//! pictured light and dark, as popup and as tab, among the artefacts (`trouble/`). What leads to them is in `stores.rs`,
//! `failing.rs` and `conflicts.rs`.

use crate::conflicts::{Past, later, past};
use crate::stores::{add, break_background, damaged, marked, put, unlock};
use anyhow::Context as _;
use longkey_tests::browsers::{Kind, artefacts};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::{Value, json};

/// Surfaces and their sizes.
const SURFACES: [(&str, &str, (u32, u32)); 2] = [("popup", "?in=popup", (380, 600)), ("tab", "", (1000, 760))];

/// What stands in the page but not in its width, and what may be pressed but is cut off.
const OVER_THE_EDGE: &str = "
    const wide = document.documentElement.scrollWidth > window.innerWidth;
    const cut = [...document.querySelectorAll('button, a.button, h1, h2, p')].filter(it => it.checkVisibility()).filter(it => {
        const box = it.getBoundingClientRect();
        return box.left < -0.5 || box.right > window.innerWidth + 0.5 || it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 0;
    });
    return [wide, cut.map(it => it.outerHTML.slice(0, 200))]";

/// Pictures the current page in both themes, once it shows these words.
async fn pictured(stage: &Stage, name: &str, surface: &str, size: (u32, u32), words: &str) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.viewport(size.0, size.1).await?;
    let said = format!("document.body.innerText.includes({})", Value::from(words));
    browser.until(words, &said).await?;
    for theme in ["light", "dark"] {
        browser.script("document.documentElement.dataset.theme = arguments[0]", vec![theme.into()]).await?;
        browser.settle().await?;
        let file = format!("trouble/{name}.{surface}.{theme}.{}.png", browser.kind().name());
        browser.screenshot(&artefacts().join(file)).await?;
    }
    let over = browser.script(OVER_THE_EDGE, vec![]).await?;
    assert_eq!(over, json!([false, []]), "{name} as {surface}");
    Ok(())
}

/// Opens the list on each surface and pictures it.
async fn shows(stage: &mut Stage, name: &str, words: &str) -> anyhow::Result<()> {
    for (surface, question, size) in SURFACES {
        let tab = stage.browser.open_extension_page(&format!("pages/app.html{question}#/")).await?;
        pictured(stage, name, surface, size, words).await?;
        stage.browser.switch_to(&tab).await?;
        stage.browser.close_tab(&stage.x).await?;
    }
    Ok(())
}

/// A browser whose stores hold this, and a background that has just read them.
async fn holding(stage: &mut Stage, local: &Value, mirror: &Value) -> anyhow::Result<()> {
    put(stage, &marked(json!({ "local": local, "mirror": mirror }), json!("1"))).await?;
    stage.browser.kill_background().await
}

async fn troubles(kind: Kind) -> anyhow::Result<(Stage, Past)> {
    let mut stage = Stage::set(kind).await?;
    let past = past(&mut stage).await?;
    Ok((stage, past))
}

in_both! {
    async fn what_cannot_be_opened_has_its_screen(kind) {
        let (mut stage, past) = troubles(kind).await?;
        let ours = &past.generations[1];
        let damage = (damaged(&ours["local"]), damaged(&ours["mirror"]));
        for (name, local, mirror, words) in [
            ("conflict", &ours["local"], &past.other["mirror"], "There are two different vaults."),
            ("newer", &later(&ours["local"])?, &json!({}), "Longkey is older than its vault."),
            ("damaged", &damage.0, &damage.1, "Your vault is gone or damaged."),
            ("gone", &json!({}), &json!({}), "Your vault is gone or damaged."),
        ] {
            holding(&mut stage, local, mirror).await?;
            shows(&mut stage, name, words).await?;
        }
        holding(&mut stage, &ours["local"], &ours["mirror"]).await?;
        break_background(&mut stage, "
            const realm = globalThis.window ?? globalThis;
            chrome.storage.local.get = () => Promise.reject(new Error('broken'));
            Object.defineProperty(realm, 'indexedDB', { value: { open() { throw new Error('broken') } } });").await?;
        stage.ask(json!("reload")).await?;
        shows(&mut stage, "silent", "Your vault can't be reached.").await?;
        stage.quit().await
    }

    async fn what_was_put_right_or_is_in_one_place_only_is_told(kind) {
        let (mut stage, past) = troubles(kind).await?;
        let [older, ours, newer] = [0, 1, 2].map(|at| &past.generations[at]);
        let accepted = async |stage: &mut Stage| -> anyhow::Result<()> {
            // A key that X has not accepted calls for its own screen in the popup.
            for entry in stage.view().await?["entries"].as_array().into_iter().flatten() {
                stage.done(json!({ "accepted": { "entry": entry["id"] } })).await?;
            }
            Ok(())
        };
        for (name, local, mirror, words) in [
            ("was-older", &older["local"], &newer["mirror"], "The browser's storage held an older state than the copy."),
            ("restored", &damaged(&ours["local"]), &ours["mirror"], "The vault in the browser's storage was damaged or gone."),
        ] {
            holding(&mut stage, local, mirror).await?;
            shows(&mut stage, &format!("{name}-locked"), words).await?;
            unlock(&mut stage).await?;
            accepted(&mut stage).await?;
            shows(&mut stage, name, words).await?;
            for notice in ["restored", "was_older"] {
                stage.done(json!({ "dismissed": notice })).await?;
            }
        }
        break_background(&mut stage, "
            const realm = globalThis.window ?? globalThis;
            Object.defineProperty(realm, 'indexedDB', { value: { open() { throw new Error('broken') } } });").await?;
        for handle in ["four", "five"] {
            add(&mut stage, &format!("JBSWY3DPEHPK3P{}", if handle == "four" { "AA" } else { "BB" }), handle).await?;
        }
        accepted(&mut stage).await?;
        shows(&mut stage, "no-copy", "the copy of the vault couldn't be written").await?;
        // The next life writes the copy anew, and then it is the copy's turn.
        stage.browser.kill_background().await?;
        stage.view_until("the copy to be there again", |view| view["notices"] == json!([])).await?;
        break_background(&mut stage, "
            chrome.storage.local.get = () => Promise.reject(new Error('broken'));").await?;
        stage.ask(json!("reload")).await?;
        shows(&mut stage, "read-only", "Only the copy of the vault can be read.").await?;
        stage.quit().await
    }

    async fn a_file_is_looked_into_before_anything_is_added(kind) {
        let mut stage = Stage::set(kind).await?;
        let folder = tempfile::tempdir()?;
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/passphrase").await?);
        stage.browser.type_into("#new-passphrase", "correct horse battery").await?;
        stage.browser.click("[data-form=passphrase] [data-slot=go]").await?;
        stage.view_until("the vault to be open", |view| view["vault"] == "unlocked").await?;
        for (key, handle) in [(KEY, "standin_user"), (OTHER_KEY, "other_user"), ("MFRGGZDFMZTWQ2LK", "third_user")] {
            add(&mut stage, key, handle).await?;
        }
        let sealed = stage.ask(json!("sealed")).await?;
        let file = folder.path().join("longkey-sealed.txt");
        std::fs::write(&file, sealed["file"].as_str().context("no file")?)?;
        // Of three, one is gone for good, and one has another key.
        for entry in stage.view().await?["entries"].as_array().into_iter().flatten() {
            if entry["handle"] != "standin_user" {
                stage.done(json!({ "delete": { "entry": entry["id"] } })).await?;
            }
        }
        add(&mut stage, "NBSWY3DPFQQHO33S", "third_user").await?;
        let before = stage.view().await?["entries"].clone();
        for (surface, question, size) in SURFACES {
            let tab = stage.browser.open_extension_page(&format!("pages/app.html{question}#/restore")).await?;
            stage.us = Some(tab);
            stage.browser.type_into("#backup-file", &file.to_string_lossy()).await?;
            stage.browser.element("#file-passphrase").await?;
            pictured(&stage, "restore-file", surface, size, "Passphrase").await?;
            stage.browser.type_into("#file-passphrase", "correct horse battery").await?;
            stage.browser.click("[data-form=file] [data-slot=go]").await?;
            pictured(&stage, "restore-preview", surface, size, "1 account that is not here").await?;
        }
        assert_eq!(stage.view().await?["entries"], before, "a preview changes nothing");
        stage.quit().await
    }
}
