//! The feel of it: what is said before anything is sent, where a popup goes on after it closed, what can be taken back, and
//! what keys alone can do.

use crate::vault_screens::{PASSPHRASE, unlock, with_passphrase};
use anyhow::Context as _;
use longkey_tests::browsers::{DEADLINE, Key, Kind, until};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::{Value, json};
use thirtyfour::TypingData;

/// The popup's page as the toolbar opens it.
const POPUP: &str = "pages/app.html?in=popup";

fn calls(stage: &Stage) -> usize {
    stage.world.requests("xquik.com").len()
}

/// Closes Longkey's page and opens it as the toolbar does.
async fn popup_again(stage: &mut Stage) -> anyhow::Result<()> {
    if stage.us.is_some() {
        stage.on_us().await?;
        stage.us = None;
        stage.browser.close_tab(&stage.x).await?;
    }
    stage.us = Some(stage.browser.open_extension_page(POPUP).await?);
    stage.browser.until("Longkey's page", "document.querySelector('#screen')?.children.length").await?;
    Ok(())
}

async fn at(stage: &Stage, route: &str) -> anyhow::Result<()> {
    let there = format!("(location.hash || '#/') === {}", Value::from(route));
    stage.browser.until(route, &there).await?;
    Ok(())
}

async fn place(stage: &Stage) -> anyhow::Result<Value> {
    stage.browser.script("return (await chrome.storage.session.get('place')).place ?? null", vec![]).await
}

async fn keys(stage: &Stage, keys: impl Into<TypingData>) -> anyhow::Result<()> {
    Ok(stage.browser.driver().active_element().await?.send_keys(keys).await?)
}

async fn focused(stage: &Stage, css: &str) -> anyhow::Result<()> {
    let there = format!("document.activeElement.matches({})", Value::from(css));
    stage.browser.until(&format!("the focus on {css}"), &there).await?;
    Ok(())
}

async fn set(kind: Kind) -> anyhow::Result<Stage> {
    let mut stage = Stage::set(kind).await?;
    stage.on_us().await?;
    Ok(stage)
}

/// Enter copies, and it is said; the next word of the region, by the second, may come before anybody looks.
async fn copies(stage: &Stage) -> anyhow::Result<()> {
    let listens = "const live = document.querySelector('#live'), { dataset } = document.documentElement;
        delete dataset.copied;
        const watch = new MutationObserver(() => {
            if (!/copied/i.test(live.textContent)) return;
            dataset.copied = '';
            watch.disconnect();
        });
        watch.observe(live, { childList: true, characterData: true, subtree: true });";
    stage.browser.script(listens, vec![]).await?;
    keys(stage, Key::Enter).await?;
    stage.browser.until("it to be copied", "'copied' in document.documentElement.dataset").await.map(drop)
}

in_both! {
    async fn nothing_leaves_before_it_is_agreed(kind) {
        let mut stage = set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        stage.browser.script("localStorage.clear()", vec![]).await?;
        let popup = stage.us.take().context("a page")?;
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/connect").await?);
        stage.sees("Xquik signs your accounts in to X.").await?;
        stage.sees("Nothing is sent before you agree.").await?;
        stage.browser.type_into("#api-key", &stage.world.xquik.api_key()).await?;
        assert_eq!(calls(&stage), 0, "typing sends nothing");
        assert_eq!(stage.browser.text("[data-form=connect] [data-slot=go]").await?, "Agree and connect");
        stage.browser.click("[data-form=connect] [data-slot=go]").await?;
        stage.browser.accept_consent().await?;
        stage.view_until("the accounts", |view| view["xquik"][0]["accounts"][0]["id"].is_string()).await?;
        stage.sees("You agreed on").await?;

        // Taken back: the sheet asks before there is a field, and not agreeing sends nothing.
        stage.browser.click("[data-act=withdraw]").await?;
        stage.sees("Longkey asks it how your accounts are, and sends your API key for that.").await?;
        for route in ["#/run", "#/new-account"] {
            stage.screen(route).await?;
            stage.browser.element("[data-act=agree]").await?;
            stage.sees("Nothing else is sent before you agree.").await?;
            assert!(!stage.browser.exists("main input").await?, "{route} has no field");
        }
        stage.screen("#/").await?;
        stage.sheet("900001").await?;
        stage.browser.click("footer [data-act=back]").await?;
        at(&stage, "#/").await?;
        stage.sheet("900001").await?;
        stage.browser.click("[data-act=agree]").await?;
        stage.browser.accept_consent().await?;
        stage.browser.type_into("#x-password", &stage.world.x.password()).await?;
        assert_eq!(stage.posts(), 0);
        stage.browser.click("[data-slot=foot] [data-slot=go]").await?;
        stage.outcome().await?;
        assert_eq!(stage.posts(), 1);

        // Taken back in Firefox's own settings: a page that opens asks again, for both services, since the consent is one.
        if kind == Kind::Firefox {
            stage.browser.script(
                "localStorage.setItem('agreed.fans', '1790000000000');
                 await chrome.permissions.remove({ data_collection: ['authenticationInfo'] });", vec![]).await?;
            stage.us = Some(stage.browser.open_extension_page("pages/app.html#/run").await?);
            stage.browser.element("[data-act=agree]").await?;
            stage.browser.until("neither to stand", "!localStorage.getItem('agreed.xquik') && !localStorage.getItem('agreed.fans')").await?;
        }
        stage.browser.close_tab(&popup).await?;
        stage.us = Some(popup);
        stage.quit().await
    }

    async fn a_popup_goes_on_where_it_closed(kind) {
        let mut stage = set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        let added = stage.ask(json!({ "add_key": { "text": OTHER_KEY, "handle": "standin_user" } })).await?;
        stage.done(json!({ "accepted": { "entry": added["kept"] } })).await?;
        popup_again(&mut stage).await?;

        stage.screen("#/add").await?;
        stage.browser.type_into("#add-handle", "other_user").await?;
        stage.browser.type_into("#add-key", "GEZDGNBVGY3TQOJQ").await?;
        popup_again(&mut stage).await?;
        at(&stage, "#/add").await?;
        stage.browser.until("the handle", "document.querySelector('#add-handle')?.value === 'other_user'").await?;
        let kept = place(&stage).await?.to_string();
        assert!(kept.contains("other_user") && !kept.contains("GEZD"), "the key is not kept");
        assert_eq!(stage.browser.script("return document.querySelector('#add-key').value", vec![]).await?, "");

        // Back takes it away.
        stage.browser.click("header [data-act=back]").await?;
        at(&stage, "#/").await?;
        stage.browser.until("nothing to be kept", "!(await chrome.storage.session.get('place')).place").await?;
        popup_again(&mut stage).await?;
        at(&stage, "#/").await?;

        // What was searched for.
        stage.browser.script("document.querySelector('[data-act=search]').click()", vec![]).await?;
        stage.browser.type_into("#find-code", "nobody").await?;
        popup_again(&mut stage).await?;
        stage.browser.until("the search", "document.querySelector('#search:not([hidden]) input')?.value === 'nobody'").await?;
        stage.sees("No account matches.").await?;

        // Ten minutes later it begins anew.
        stage.screen("#/settings").await?;
        stage.browser.until("it to be kept", "(await chrome.storage.session.get('place')).place?.route === '#/settings'").await?;
        stage.us = None;
        stage.browser.close_tab(&stage.x).await?;
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/").await?);
        stage.browser.until("it to stand", "(await chrome.storage.session.get('place')).place?.route === '#/settings'").await?;
        // Any page that opens takes it away then. The one that was closed may write its place once more, after the first try.
        let age = "const { place } = await chrome.storage.session.get('place');
            if (!place) return true;
            if (place.at > Date.now() - 600000) await chrome.storage.session.set({ place: { ...place, at: place.at - 601000 } });
            setTimeout(() => location.reload());
            return false;";
        until("it to be taken away", DEADLINE, async || {
            Ok(stage.browser.script(age, vec![]).await.is_ok_and(|gone| gone == true).then_some(()))
        })
        .await?;
        popup_again(&mut stage).await?;
        at(&stage, "#/").await?;

        // A key that X shows comes first.
        stage.screen("#/settings").await?;
        stage.browser.until("it to be kept", "(await chrome.storage.session.get('place')).place?.route === '#/settings'").await?;
        stage.x_shows_the_key().await?;
        stage.draft().await?;
        popup_again(&mut stage).await?;
        stage.browser.until("the offer", "location.hash.startsWith('#/save/')").await?;

        // Put away, it comes back with one press.
        stage.browser.click("[data-act=drop]").await?;
        at(&stage, "#/").await?;
        stage.sees("The key was not saved.").await?;
        assert_eq!(stage.view().await?["drafts"], json!([]));
        stage.browser.click("#undo button").await?;
        stage.browser.until("the offer again", "location.hash.startsWith('#/save/')").await?;
        stage.quit().await
    }

    async fn nothing_of_where_a_popup_was_outlives_the_lock(kind) {
        let mut stage = Stage::set(kind).await?;
        with_passphrase(&mut stage).await?;
        popup_again(&mut stage).await?;
        let kept = |route: &str| format!("(await chrome.storage.session.get('place')).place?.route === '{route}'");
        // Locked while the popup shows it, and closed then.
        stage.screen("#/add").await?;
        stage.browser.type_into("#add-handle", "other_user").await?;
        stage.browser.until("it to be kept", &kept("#/add")).await?;
        stage.done(json!("lock")).await?;
        stage.browser.until("it to be gone", "!(await chrome.storage.session.get('place')).place").await?;
        stage.browser.until("the lock", "document.querySelector('[data-form=unlock]')").await?;
        popup_again(&mut stage).await?;
        at(&stage, "#/").await?;
        assert_eq!(place(&stage).await?, Value::Null, "closing it wrote nothing");

        // Locked after it closed.
        unlock(&stage, PASSPHRASE).await?;
        stage.view_until("it to be open", |view| view["vault"] == "unlocked").await?;
        stage.screen("#/add").await?;
        stage.browser.type_into("#add-handle", "other_user").await?;
        stage.browser.until("it to be kept", &kept("#/add")).await?;
        stage.us = None;
        stage.browser.close_tab(&stage.x).await?;
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/").await?);
        stage.browser.until("Longkey's page", "document.querySelector('#screen')?.children.length").await?;
        stage.done(json!("lock")).await?;
        stage.browser.until("it to be gone", "!(await chrome.storage.session.get('place')).place").await?;
        stage.quit().await
    }

    async fn a_region_that_comes_back_is_seen(kind) {
        let mut stage = set(kind).await?;
        stage.connected().await?;
        popup_again(&mut stage).await?;
        stage.sheet("900001").await?;
        stage.browser.element("#x-password").await?;
        stage.browser.script("document.querySelector('#x-region').closest('details').open = true", vec![]).await?;
        stage.browser.type_into("#x-region", "DE").await?;
        popup_again(&mut stage).await?;
        stage.browser.until("the region", "document.querySelector('#x-region')?.value === 'DE'").await?;
        stage.browser.until("it in sight", "document.querySelector('#x-region').checkVisibility()").await?;
        stage.quit().await
    }

    async fn keys_reach_everything_and_nothing_moves_while_codes_tick(kind) {
        let mut stage = set(kind).await?;
        stage.connected().await?;
        for (text, handle) in [(KEY, "key_one"), (OTHER_KEY, "key_two")] {
            let added = stage.ask(json!({ "add_key": { "text": text, "handle": handle } })).await?;
            stage.done(json!({ "accepted": { "entry": added["kept"] } })).await?;
        }
        stage.browser.viewport(380, 600).await?;
        popup_again(&mut stage).await?;
        stage.screen("#/").await?;
        stage.browser.until("the codes", "document.querySelectorAll('[data-slot=codes-list] > li').length === 2").await?;
        stage.browser.until("the needs", "document.querySelector('[data-slot=needs-list] > li')").await?;
        // The clock is what ticks, and the next code comes in its last seconds, to a place that is kept for it.
        let places = "return [...document.querySelectorAll('main *')].filter(it => !it.closest('.clock, .after')).map(it => {
            const { x, y, width, height } = it.getBoundingClientRect();
            return [it.tagName, it.dataset.slot, x, y, width, height].join(' ');
        })";
        for (width, height) in [(380, 600), (395, 300)] {
            stage.browser.viewport(width, height).await?;
            let down = "(document.querySelector('[data-slot=codes-list]').scrollIntoView(),
                document.body.clientHeight <= innerHeight && document.querySelector('[data-slot=seconds]').textContent)";
            stage.browser.until("a code in sight", down).await?;
            // Zoomed to 200 %, Chromium gives a popup half the height, and room for a scrollbar that the page must not have.
            let before = stage.browser.script(places, vec![]).await?;
            let seconds = "document.querySelector('[data-slot=seconds]').textContent";
            let first = stage.browser.script(&format!("return {seconds}"), vec![]).await?;
            stage.browser.until("a second", &format!("{seconds} !== {first}")).await?;
            let after = stage.browser.script(places, vec![]).await?;
            let lists = (before.as_array().context("places")?, after.as_array().context("places")?);
            let moved: Vec<_> = lists.0.iter().zip(lists.1).filter(|(was, is)| was != is).collect();
            assert!(moved.is_empty() && lists.0.len() == lists.1.len(), "{width} × {height}: {moved:#?}");
            let fits = "return document.documentElement.scrollWidth <= innerWidth && document.documentElement.scrollHeight <= innerHeight";
            assert_eq!(stage.browser.script(fits, vec![]).await?, true, "one scrollbar at most: {width} × {height}");
        }
        stage.browser.viewport(380, 600).await?;

        keys(&stage, "/").await?;
        focused(&stage, "#find-code").await?;
        keys(&stage, "key_two").await?;
        keys(&stage, Key::Down).await?;
        focused(&stage, "[data-slot=codes-list] > li:not([hidden]) > .whole").await?;
        copies(&stage).await?;
        keys(&stage, Key::Right).await?;
        focused(&stage, "[data-slot=codes-list] > li:not([hidden]) > .side").await?;
        stage.browser.script("document.documentElement.dir = 'rtl'", vec![]).await?;
        keys(&stage, Key::Right).await?;
        focused(&stage, "[data-slot=codes-list] > li:not([hidden]) > .whole").await?;
        stage.browser.script("document.documentElement.dir = 'ltr'", vec![]).await?;
        keys(&stage, Key::Escape).await?;
        focused(&stage, "[data-act=search]").await?;
        // Enter goes from the field to what it has found; where that is nothing, it is said.
        keys(&stage, "/").await?;
        keys(&stage, "key_two").await?;
        keys(&stage, Key::Enter).await?;
        focused(&stage, "[data-slot=codes-list] > li:not([hidden]) > .whole").await?;
        stage.browser.click("#find-code").await?;
        keys(&stage, "x").await?;
        stage.browser.until("it to be said", "document.querySelector('#live').textContent === document.querySelector('[data-slot=no-match]').textContent").await?;
        keys(&stage, Key::Escape).await?;
        stage.browser.until("all rows", "!document.querySelector('.list > li[hidden]')").await?;
        // One letter alone can be switched off (WCAG 2.1.4). Not typed: what a page leaves, Firefox takes for its own search.
        let slash = "return !document.activeElement.dispatchEvent(
            new window.KeyboardEvent('keydown', { key: '/', bubbles: true, cancelable: true }))";
        let codes = "document.querySelectorAll('[data-slot=codes-list] > li').length === 2";
        for taken in [false, true] {
            stage.screen("#/settings").await?;
            stage.browser.click("#slash").await?;
            stage.screen("#/").await?;
            stage.browser.until("the codes", codes).await?;
            assert_eq!(stage.browser.script(slash, vec![]).await?, taken);
            assert_eq!(stage.browser.exists("#search:not([hidden])").await?, taken);
        }

        // A code's own screen begins with what copies it.
        let entry = stage.view().await?["entries"][0]["id"].as_str().unwrap_or_default().to_owned();
        stage.screen(&format!("#/code/{entry}")).await?;
        focused(&stage, "[data-slot=card]").await?;
        copies(&stage).await?;

        // A connection that was ended comes back, with keys alone as well.
        stage.screen("#/connect").await?;
        stage.browser.click("[data-act=disconnect]").await?;
        stage.browser.element("#undo button").await?;
        assert_eq!(stage.view().await?["xquik"], json!([]));
        stage.browser.script("document.querySelector('#undo button').focus()", vec![]).await?;
        keys(&stage, Key::Enter).await?;
        stage.view_until("it to be back", |view| view["xquik"][0]["accounts"][0]["id"].is_string()).await?;
        focused(&stage, "h1").await?;
        stage.quit().await
    }

    async fn a_button_that_was_put_away_is_told_of_once(kind) {
        let mut stage = set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        stage.browser.script(
            "window.pinned = false;
             chrome.action.getUserSettings = async () => ({ isOnToolbar: window.pinned });", vec![]).await?;
        stage.screen("#/first").await?;
        stage.sees("Keep Longkey in sight").await?;
        stage.browser.script("window.pinned = true", vec![]).await?;
        stage.browser.until("the note to go", "!document.querySelector('[data-slot=pin]').children.length").await?;
        if kind == Kind::Chromium {
            // Edge names itself in the same list, and its menu has an eye.
            let edge = "Object.defineProperty(navigator, 'userAgentData', { value: { brands: [{ brand: 'Chromium' }, { brand: 'Microsoft Edge' }] } })";
            stage.browser.script(edge, vec![]).await?;
        }
        stage.browser.script("window.pinned = false", vec![]).await?;
        stage.sees(if kind == Kind::Chromium { "then the eye beside Longkey" } else { "then the cog beside Longkey" }).await?;
        stage.browser.click("[data-act=pin-away]").await?;
        stage.screen("#/").await?;
        stage.screen("#/first").await?;
        stage.browser.until("the ways", "document.querySelector('[data-slot=ways]:not([hidden])')").await?;
        assert!(!stage.browser.exists("[data-act=pin-away]").await?, "it was put away");
        stage.quit().await
    }
}
