//! Pages that are cut off in the middle, and browsers that have lost, or spoilt, what pages keep beside the vault. Nothing of
//! it stands between a person and the codes.

use crate::vault_screens::with_passphrase;
use longkey_tests::browsers::Options;
use longkey_tests::in_both;
use longkey_tests::probe::copy;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::json;
use std::fs;

/// In front of what starts a page: its store throws, as Firefox's does when its file is damaged.
const DAMAGED: &str = "Object.defineProperty(globalThis, 'localStorage',
    { get() { throw new DOMException('damaged', 'NS_ERROR_FILE_CORRUPTED'); } });\n";

/// What a store may hold that nobody has written as it is: (name, a script's expression).
const NONSENSE: [(&str, &str); 5] = [
    ("language", "'../../manifest.json?'"),
    ("language", "'\\ud800'"),
    ("language", "'x'.repeat(1e6)"),
    ("theme", "'\"><b>'"),
    ("handles", "'x'.repeat(1e6)"),
];

async fn shows_its_code(stage: &Stage) -> anyhow::Result<()> {
    stage.sees("@standin_user").await?;
    // Digits are drawn where they can be seen, and what else the first screen tells may stand above the fold.
    let code = "document.querySelector('.digits, [data-slot=code]')";
    let digits = format!("({code}?.scrollIntoView(), {code}?.textContent.replace(/\\D/g, '').length === 6)");
    stage.browser.until("six digits", &digits).await?;
    Ok(())
}

async fn anew(stage: &mut Stage) -> anyhow::Result<()> {
    stage.on_us().await?;
    stage.browser.reload().await?;
    stage.browser.until("the page", "document.querySelector('#screen')?.children.length").await?;
    Ok(())
}

in_both! {
    async fn a_page_without_a_store_of_its_own_shows_codes(kind) {
        let folder = tempfile::Builder::new().prefix("longkey-without-store-").tempdir()?;
        copy(&kind.built_extension(), folder.path())?;
        let page = folder.path().join("js/page.js");
        let script = fs::read_to_string(&page)?;
        fs::write(&page, [DAMAGED, &script].concat())?;
        let mut stage = Stage::set_in(kind, Options { extension: Some(folder.path().into()), ..Options::default() }).await?;
        stage.us = Some(stage.browser.open_extension_page("pages/app.html?in=popup").await?);
        stage.done(json!("skip_passphrase")).await?;
        stage.done(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
        shows_its_code(&stage).await?;
        for route in ["#/settings", "#/help", "#/connect"] {
            stage.screen(route).await?;
            stage.browser.until(route, "document.querySelector('#screen h1')?.textContent").await?;
        }
        stage.quit().await
    }

    async fn nonsense_where_choices_are_kept_is_no_choice(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.done(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
        for (name, value) in NONSENSE {
            let put = format!("localStorage.setItem('{name}', {value})");
            stage.on_us().await?;
            stage.browser.script(&put, vec![]).await?;
            anew(&mut stage).await?;
            stage.screen("#/").await?;
            shows_its_code(&stage).await?;
            stage.browser.until("the browser's language", "document.documentElement.lang === 'en'").await?;
            stage.screen("#/settings").await?;
            stage.browser.element("#language, [data-slot=language]").await?;
            stage.browser.script("localStorage.removeItem(arguments[0])", vec![name.into()]).await?;
        }
        // What is no moment is no consent.
        for odd in ["", "yes", "-1", "1e999", "NaN", "18446744073709551616"] {
            stage.on_us().await?;
            stage.browser.script("localStorage.setItem('agreed.xquik', arguments[0])", vec![odd.into()]).await?;
            stage.screen("#/").await?;
            stage.sheet("900001").await?;
            stage.browser.element("[data-act=agree]").await?;
        }
        // Where the background looks for its language.
        stage.done(json!({ "stays_shut": true })).await?;
        for (at, odd) in [json!({ "a": [1] }), json!(7), json!("../../x"), json!(["de"])].into_iter().enumerate() {
            stage.on_us().await?;
            stage.browser.script("await chrome.storage.local.set({ language: arguments[0] })", vec![odd]).await?;
            stage.browser.kill_background().await?;
            stage.on_x().await?;
            stage.browser.goto(longkey_tests::stage::SETTINGS).await?;
            let key = [&OTHER_KEY[..15], &"QRST"[at..=at]].concat();
            stage.world.x.set_next_secret(&key);
            stage.x_shows_the_key().await?;
            stage.view_until("the key", |view| view["drafts"][0]["tail"] == key[12..]).await?;
        }
        stage.quit().await
    }

    /// The usual way of locking: the worker sleeps when the time is over.
    async fn a_vault_whose_time_is_over_keeps_no_place(kind) {
        let mut stage = Stage::set(kind).await?;
        with_passphrase(&mut stage).await?;
        stage.on_us().await?;
        stage.browser.script(
            "await chrome.storage.session.set({ place: { route: '#/', at: Date.now(), fields: [['find-code', 'standin_user']] } });
             const { worker } = await chrome.storage.session.get('worker');
             const memory = JSON.parse(worker);
             if (!memory.session.until) throw new Error('no deadline');
             memory.session.until = 1;
             window.longkeyMemory = JSON.stringify(memory);", vec![]).await?;
        stage.browser.kill_background().await?;
        stage.browser.script("await chrome.storage.session.set({ worker: window.longkeyMemory })", vec![]).await?;
        // An alarm, X's page, or whoever comes: none of our own pages has to be there.
        stage.view_until("the vault to be locked", |view| view["vault"] == "locked").await?;
        stage.browser.until("no place", "!(await chrome.storage.session.get('place')).place").await?;
        stage.browser.until("no rows", "!(await chrome.storage.session.get('rows')).rows").await?;
        stage.quit().await
    }

    async fn everything_is_deleted_also_by_a_page_that_was_closed_meanwhile(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        stage.screen("#/forgotten").await?;
        stage.browser.type_into("#erase-word", "erase").await?;
        assert!(stage.browser.script("return localStorage.getItem('agreed.xquik')", vec![]).await?.is_string());
        // The page goes once it has asked; whether the answer is there before is the browser's to say.
        stage.browser.script("document.querySelector('[data-slot=go-erase]').click(); setTimeout(() => location.reload());", vec![]).await?;
        stage.browser.until("nothing to be left", "!localStorage.length").await?;
        assert_eq!(stage.view().await?["vault"], "none");
        // A word that was refused deletes nothing, and the next page does not either.
        stage.browser.script("localStorage.setItem('theme', 'dark')", vec![]).await?;
        stage.screen("#/forgotten").await?;
        stage.browser.type_into("#erase-word", "delete").await?;
        stage.browser.click("[data-slot=go-erase]").await?;
        stage.sees("Type the word erase to go on.").await?;
        anew(&mut stage).await?;
        assert_eq!(stage.browser.script("return localStorage.getItem('theme')", vec![]).await?, "dark");
        stage.quit().await
    }

    async fn what_another_page_took_back_is_not_sent_here(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.sheet("900001").await?;
        stage.browser.type_into("#x-password", "not-a-real-password").await?;
        let other = stage.browser.open_extension_page("pages/app.html#/connect").await?;
        stage.browser.click("[data-act=withdraw]").await?;
        stage.sees("sends your API key for that").await?;
        stage.on_us().await?;
        stage.browser.element("[data-act=agree]").await?;
        assert!(!stage.browser.exists("input[type=password]").await?, "what was typed is gone");
        assert_eq!(stage.posts(), 0);
        stage.browser.switch_to(&other).await?;
        stage.quit().await
    }

    async fn undo_that_could_not_be_written_is_pressed_again(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.screen("#/connect").await?;
        stage.browser.click("[data-act=disconnect]").await?;
        stage.browser.element("#undo [data-act=undo]").await?;
        let full = "const area = chrome.storage.local;
            self.longkeySet = area.set.bind(area);
            area.set = () => Promise.reject(new Error('full'));";
        stage.browser.background_script(full).await?;
        stage.browser.click("#undo [data-act=undo]").await?;
        stage.sees("storage doesn't answer").await?;
        assert_eq!(stage.view().await?["xquik"], json!([]));
        stage.browser.background_script("chrome.storage.local.set = self.longkeySet;").await?;
        stage.browser.click("#undo [data-act=undo]").await?;
        let view = stage.view_until("the connection", |view| view["xquik"][0]["accounts"][0]["id"].is_string()).await?;
        assert_eq!(view["xquik"].as_array().map(Vec::len), Some(1), "{view}");
        stage.quit().await
    }
}
