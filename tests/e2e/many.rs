//! Many accounts: a list of a thousand that can be searched and filtered, and two hundred that dropped at once, signed in again
//! one after the other with nothing but a keyboard.

use crate::stores::{passphrase, unlock};
use anyhow::Context as _;
use longkey_core::secret::Secret;
use longkey_tests::browsers::{DEADLINE, ENTER, Kind, until};
use longkey_tests::fakes::{Account, Canned, Route};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};
use serde_json::{Value, json};
use std::time::Duration;

/// As many accounts; every one of them knows its key at Xquik.
async fn accounts(stage: &mut Stage, health: &[&str], count: usize) -> anyhow::Result<()> {
    let one = |at: usize| {
        let handle = format!("acme_{at}");
        stage.world.x.set_confirmed_key_of(&handle, Some(KEY));
        let mut account = Account::new(&format!("{}", 910_000 + at), &handle, health[at % health.len()]);
        account.stored_key = Some(KEY.to_owned());
        account
    };
    stage.world.xquik.set_accounts((0..count).map(one).collect());
    stage.connected().await
}

/// How often each account was sent.
fn posts(stage: &Stage) -> std::collections::BTreeMap<String, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for request in stage.world.requests("xquik.com").into_iter().filter(|it| it.method == "POST") {
        *counts.entry(request.target).or_default() += 1;
    }
    counts
}

async fn sum(stage: &Stage) -> anyhow::Result<String> {
    let sum = stage.browser.script("return document.querySelector('[data-slot=sum]').textContent", vec![]).await?;
    Ok(sum.as_str().unwrap_or_default().to_owned())
}

async fn sum_is(stage: &Stage, what: &str) -> anyhow::Result<()> {
    let there = format!("document.querySelector('[data-slot=sum]').textContent === {}", json!(what));
    let seen = stage.browser.until(what, &there).await;
    let now = sum(stage).await?;
    seen.map(drop).with_context(|| format!("the sum is {now:?}"))
}

/// A password and Enter, where the focus is.
async fn types(stage: &Stage, password: &str) -> anyhow::Result<()> {
    stage.browser.type_into("[data-slot=password]:focus", &format!("{password}{ENTER}")).await
}

/// The same with the password put there at once: twenty keys for each of two hundred take minutes.
async fn enters(stage: &Stage, css: &str, password: &str) -> anyhow::Result<()> {
    stage.browser.element(css).await?;
    let put = "document.querySelector(arguments[0]).value = arguments[1]";
    stage.browser.script(put, vec![css.into(), password.into()]).await?;
    stage.browser.type_into(css, ENTER).await
}

in_both! {
    async fn accounts_that_dropped_at_once_are_signed_in_with_a_keyboard(kind) {
        // Two hundred in one browser; what the other has of its own shows with fewer.
        let all = if kind == Kind::Chromium { 200 } else { 60 };
        let mut stage = Stage::set(kind).await?;
        accounts(&mut stage, &["needsReauth"], all).await?;
        stage.world.xquik.limit_every(40, Duration::from_secs(1));
        let password = stage.world.x.password();
        stage.screen("#/run").await?;
        stage.browser.until("the list", &format!("document.querySelectorAll('.run').length === {all}")).await?;
        // 5 %, spread out: two in a row would stop the list, which is told elsewhere.
        for at in 0..all {
            match at % 40 {
                10 => stage.world.xquik.change(&format!("{}", 910_000 + at), |it| it.stored_key = None),
                30 => stage.world.xquik.change(&format!("{}", 910_000 + at), |it| it.pause(Duration::from_secs(3_600))),
                _ => {}
            }
        }
        stage.browser.element("[data-slot=password]:focus").await.context("the first field has the focus")?;
        for _ in 0..all {
            enters(&stage, "[data-slot=password]:focus", &password).await?;
        }
        let patience = Duration::from_secs(90);
        let over = "!/to do|under way/.test(document.querySelector('[data-slot=sum]').textContent)";
        loop {
            // What met the limit was not tried, and is typed once more.
            let field = format!("{over} ? 'over' : document.querySelector('[data-slot=form]:not([hidden]) [data-slot=password]') && 'field'");
            if stage.browser.until_within(patience, "the end of it", &field).await? == "over" {
                break;
            }
            enters(&stage, "[data-slot=form]:not([hidden]) [data-slot=password]", &password).await?;
        }
        let said = sum(&stage).await?;
        let (key, paused) = ((0..all).filter(|at| at % 40 == 10).count(), (0..all).filter(|at| at % 40 == 30).count());
        let (begins, ends) = (format!("{} signed in · {paused} paused until ", all - key - paused), format!(" · {key} need their keys"));
        assert!(said.starts_with(&begins) && said.ends_with(&ends), "{said}");
        let states = "return [...document.querySelectorAll('.run [data-slot=under]')].filter(it => !it.textContent).length";
        assert_eq!(stage.browser.script(states, vec![]).await?, 0, "every account says how it stands");
        let (posts, limited) = (posts(&stage), stage.world.xquik.limited());
        assert_eq!(posts.len(), all);
        assert_eq!(posts.values().sum::<usize>(), all + limited, "one POST for each Enter");
        assert_eq!(limited, all / 40, "the limit is met");
        stage.quit().await
    }

    async fn a_run_stops_pauses_and_shows_the_same_when_it_is_opened_again(kind) {
        let mut stage = Stage::set(kind).await?;
        accounts(&mut stage, &["needsReauth"], 8).await?;
        let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": "acme_1" } })).await?;
        stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
        stage.done(json!({ "add_key": { "text": KEY, "handle": "acme_2" } })).await?;
        let password = stage.world.x.password();
        stage.screen("#/run").await?;
        stage.browser.until("the list", "document.querySelectorAll('.run').length === 8").await?;
        // A key that X has not accepted is never chosen by itself, and says what it is.
        let keys = "return [...document.querySelectorAll('.run')].slice(0, 3).map(it => [it.querySelector('select').value, it.querySelector('[data-slot=saved]').textContent])";
        let keys = stage.browser.script(keys, vec![]).await?;
        assert_eq!(keys, json!([["theirs", "No saved key"], ["saved", "Saved key"], ["theirs", "Saved key, not accepted by X yet"]]));
        for canned in [Canned::Hold, Canned::Healthy, Canned::LoginFailed, Canned::LoginFailed] {
            stage.world.xquik.answer_next(Route::Reauth, canned);
        }
        // One at a time, however fast the fingers are: the others wait, and say so.
        for _ in 0..5 {
            types(&stage, &password).await?;
        }
        stage.world.xquik.until_holding(1, DEADLINE).await?;
        let waiting = "[...document.querySelectorAll('[data-act=take-back]')].filter(it => it.checkVisibility()).length";
        stage.browser.until("four that wait", &format!("{waiting} === 4")).await?;
        assert_eq!(posts(&stage).len(), 1);
        stage.world.xquik.release();
        stage.browser.until("the stop", "document.querySelector('[data-act=go-on]')").await?;
        sum_is(&stage, "2 signed in · 4 to do · 2 need their keys").await?;
        let bodies: Vec<Value> = stage.world.requests("xquik.com").iter().filter(|it| it.method == "POST").filter_map(|it| it.json()).collect();
        let sent: Vec<bool> = bodies.iter().map(|it| it.get("totp_secret").is_some()).collect();
        assert_eq!(sent, [false, true, false, false], "the saved key where X has accepted it, else none");
        // The one that waits is not sent while the list stands, and is when the user goes on.
        stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        stage.browser.click("[data-act=go-on]").await?;
        stage.world.xquik.until_holding(1, DEADLINE).await?;
        // The background dies meanwhile: that one is to be checked, and the list goes on without it.
        stage.browser.kill_background().await?;
        stage.world.xquik.until_holding(0, DEADLINE).await?;
        stage.browser.reload().await?;
        sum_is(&stage, "2 signed in · 1 to check · 3 to do · 2 need their keys").await?;
        assert_eq!(posts(&stage).values().copied().collect::<Vec<_>>(), [1; 5]);
        // [Go on] is asked for anew by a page that was opened again; 401 stops it as well, and nobody is sent after it.
        stage.browser.click("[data-act=go-on]").await?;
        stage.browser.until("no stop", "!document.querySelector('[data-act=go-on]')").await?;
        stage.world.xquik.answer_next(Route::Reauth, Canned::Unauthenticated);
        stage.browser.click(".run form:not([hidden]) [data-slot=password]").await?;
        for _ in 0..2 {
            types(&stage, &password).await?;
        }
        stage.browser.until("the stop", "document.querySelector('[data-slot=halt] a[href=\"#/connect\"]')").await?;
        assert_eq!(posts(&stage).len(), 6);
        // [Check status] on the one that nobody knows of.
        let check = "return document.querySelectorAll('[data-act=check]').length";
        assert_eq!(stage.browser.script(check, vec![]).await?, 1);
        stage.world.xquik.change("910004", |it| it.health = "healthy".into());
        stage.browser.click("[data-act=check]").await?;
        stage.browser.until("it to be known", "/^3 signed in/.test(document.querySelector('[data-slot=sum]').textContent)").await?;
        // Locking takes what was typed with it: one waits for its turn, one stands in its field.
        passphrase(&mut stage).await?;
        stage.browser.type_into(".run form:not([hidden]) [data-slot=password]", &password).await?;
        stage.browser.until("one that waits", &format!("{waiting} === 1")).await?;
        stage.done(json!("lock")).await?;
        let locked = "document.querySelector('form[data-form=unlock]')?.checkVisibility()";
        stage.browser.until("the way to unlock", locked).await?;
        let typed = "return [...document.querySelectorAll('.run [data-slot=password]')].filter(it => it.value || it.checkVisibility()).length";
        assert_eq!(stage.browser.script(typed, vec![]).await?, 0, "no password is there, and none can be typed");
        unlock(&mut stage).await?;
        stage.browser.until("the list again", &format!("!{locked} && {waiting} === 0")).await?;
        stage.browser.click("[data-act=go-on]").await?;
        stage.browser.click(".run form:not([hidden]) [data-slot=password]").await?;
        types(&stage, &password).await?;
        // What waited before would have been sent before it.
        sum_is(&stage, "4 signed in · 2 to do · 2 need their keys").await?;
        assert_eq!((posts(&stage).len(), posts(&stage).values().sum::<usize>()), (6, 7));
        let stores = "return JSON.stringify([await api.storage.local.get(null), await api.storage.session.get(null), document.body.outerHTML])";
        let stores = stage.browser.script(stores, vec![]).await?;
        assert!(!stores.as_str().unwrap_or_default().contains(Secret::new(password).expose()), "the password lies in a store");
        stage.quit().await
    }

    async fn a_thousand_accounts_are_searched_and_filtered(kind) {
        let mut stage = Stage::set(kind).await?;
        accounts(&mut stage, &["healthy", "needsReauth", "locked", "temporaryIssue", "healthy"], 1_000).await?;
        let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": "acme_7" } })).await?;
        stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
        // Accepted too: a key that waits for its code would be what the first screen opens with.
        let other = stage.ask(json!({ "add_key": { "text": KEY, "handle": "nobody_else" } })).await?;
        stage.done(json!({ "accepted": { "entry": other["kept"] } })).await?;
        // Five on the first screen, and the way to all of them.
        stage.screen("#/").await?;
        stage.browser.until("the first five", "document.querySelectorAll('[data-slot=needs-list] li').length === 6").await?;
        assert_eq!(stage.browser.text("[data-slot=needs-list] li:last-child bdi").await?, "and 395 more");
        // One that only the search has found keeps the keyboard when the list is drawn anew.
        stage.browser.click("[data-act=search]").await?;
        stage.browser.type_into("#find-code", "acme_991").await?;
        let found = "document.querySelector('li[data-found] > .whole')";
        stage.browser.until("the row that was found", &format!("{found} && ({found}.focus(), window.was = {found}, true)")).await?;
        stage.world.xquik.change("910001", |it| it.health = "locked".into());
        stage.done(json!("refresh")).await?;
        stage.browser.until("another row", &format!("{found} && {found} !== window.was")).await?;
        stage.browser.until("the keyboard on it", &format!("document.activeElement === {found}")).await?;
        stage.browser.script("document.querySelector('[data-act=search]').click()", vec![]).await?;
        stage.world.xquik.change("910001", |it| it.health = "needsReauth".into());
        stage.done(json!("refresh")).await?;
        // In one step: the answer to the refresh draws the list anew, and what was found before it is gone.
        stage.browser.script("document.querySelector('[data-slot=needs-list] li:last-child a').click()", vec![]).await?;
        let rows = "[...document.querySelectorAll('.list > li')].filter(it => !it.hidden)";
        let shown = async |count: usize| stage.browser.until(&format!("{count} rows"), &format!("{rows}.length === {count}")).await;
        shown(1_001).await?;
        let counts = stage.browser.script("return [...document.querySelectorAll('.chip > [data-slot]')].map(it => Number(it.textContent))", vec![]).await?;
        assert_eq!(counts, json!([1000, 400, 200, 400, 999, 1]));
        for (only, count) in [("needs", 400), ("waits", 200), ("fine", 400), ("keyless", 999), ("lonely", 1), ("all", 1_001)] {
            stage.browser.script("document.querySelector(`input[name=only][value=${arguments[0]}]`).click()", vec![only.into()]).await?;
            shown(count).await?;
        }
        stage.browser.type_into("[data-slot=query]", "@ACME_99").await?;
        shown(11).await?;
        stage.browser.script("document.querySelector('input[name=only][value=needs]').click()", vec![]).await?;
        shown(4).await?;
        stage.browser.type_into("[data-slot=query]", "x").await?;
        stage.browser.until("nothing", "document.querySelector('[data-slot=no-match]').checkVisibility()").await?;
        // What is heard anew moves one row and touches no other.
        stage.browser.script("
            const field = document.querySelector('[data-slot=query]');
            field.value = '';
            field.dispatchEvent(new Event('input', { bubbles: true }));
            window.touched = new Set();
            const note = list => { for (const it of list) window.touched.add((it.target.closest ? it.target : it.target.parentElement).closest('li')?.textContent ?? it.target.dataset.slot); };
            window.watcher = new MutationObserver(note);
            for (const list of document.querySelectorAll('.list')) window.watcher.observe(list, { subtree: true, childList: true, characterData: true, attributes: true });", vec![]).await?;
        shown(400).await?;
        stage.browser.script("await new Promise(done => setTimeout(done)); window.touched.clear()", vec![]).await?;
        stage.world.xquik.change("910001", |it| it.health = "healthy".into());
        let question = json!("refresh");
        stage.done(question).await?;
        until("one row to go", DEADLINE, async || {
            let left = stage.browser.script(&format!("return {rows}.length"), vec![]).await?;
            Ok((left == 399).then_some(()))
        })
        .await?;
        let touched = stage.browser.script("return window.touched.size", vec![]).await?;
        assert!(touched.as_u64().is_some_and(|it| it <= 3), "{touched} rows and lists were touched");
        stage.quit().await
    }
}
