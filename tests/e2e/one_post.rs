//! One click, one POST: a background, a page or a browser that ends at the worst moment, and a network that goes. Each time the
//! service counts, and what the journal says afterwards is what the user may do next.

use crate::stores::break_background;
use anyhow::Context as _;
use longkey_tests::browsers::{Browser, DEADLINE, ENTER, Options, until};
use longkey_tests::fakes::{Account, Canned, Nasty, Route};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage, account};
use serde_json::{Value, json};
use std::time::Duration;

/// What a killed background leaves: nothing at all, or an attempt of which nobody knows.
const NOTHING: Value = Value::Null;

/// The moments at which the background ends: what makes it stop there, how many POSTs have come to the service by then,
/// and whether an attempt is known to its next life. `there()` is called at the moment.
const MOMENTS: [(&str, &str, usize, bool); 5] = [
    ("before the journal is written", "chrome.storage.local.set = () => { there(); return never; };", 0, false),
    ("written, not sent", "realm.fetch = () => { there(); return never; };", 0, true),
    ("sent, no answer", "", 1, true),
    ("answered, the answer not read", "realm.fetch = async (...all) => { await send(...all); there(); return never; };", 1, true),
    (
        "the answer read, its line not written",
        "let writes = 0;
         const write = chrome.storage.local.set.bind(chrome.storage.local);
         chrome.storage.local.set = (...all) => { writes += 1; if (writes === 1) return write(...all); there(); return never; };",
        1,
        true,
    ),
];

/// Around each of them.
const STOP: &str = "
    const realm = globalThis.window ?? globalThis;
    const never = new realm.Promise(() => {});
    const send = realm.fetch.bind(realm);
    const there = () => { realm.there = true; };
    realm.there = false;";

fn of(number: usize) -> String {
    format!("90000{}", number + 1)
}

/// As many accounts that want a sign-in.
async fn accounts(stage: &mut Stage, count: usize) -> anyhow::Result<()> {
    let one = |at: usize| {
        let handle = format!("acme_{at}");
        stage.world.x.set_confirmed_key_of(&handle, Some(KEY));
        let mut account = Account::new(&of(at), &handle, "needsReauth");
        account.stored_key = Some(KEY.to_owned());
        account
    };
    stage.world.xquik.set_accounts((0..count).map(one).collect());
    stage.connected().await
}

async fn question(stage: &mut Stage, id: &str) -> anyhow::Result<Value> {
    stage.sign_in_of(id, "theirs").await
}

/// Asked as by a page that is closed before the answer.
async fn asks_and_goes(stage: &mut Stage, id: &str) -> anyhow::Result<()> {
    let question = question(stage, id).await?;
    stage.on_us().await?;
    let ask = "void api.runtime.sendMessage({ page: arguments[0] }).catch(() => {})";
    stage.browser.script(ask, vec![question]).await?;
    Ok(())
}

fn posts(stage: &Stage, id: &str) -> usize {
    let path = format!("/{id}/reauth");
    let all = stage.world.requests("xquik.com");
    all.iter().filter(|it| it.method == "POST" && it.target.ends_with(&path)).count()
}

async fn outcome(stage: &mut Stage, id: &str) -> anyhow::Result<Value> {
    Ok(account(&stage.view().await?, id)["attempt"]["outcome"].clone())
}

fn verdict(outcome: &Value) -> String {
    let verdict = &outcome["answered"]["verdict"];
    let named = verdict.as_object().and_then(|it| it.keys().next().cloned());
    named.or_else(|| verdict.as_str().map(str::to_owned)).unwrap_or_else(|| outcome.to_string())
}

async fn becomes(stage: &mut Stage, id: &str, wanted: &str) -> anyhow::Result<()> {
    let fits = |view: &Value| verdict(&account(view, id)["attempt"]["outcome"]) == wanted;
    stage.view_until(&format!("{id} to be {wanted}"), fits).await.map(drop)
}

/// The background's clock runs so far ahead, until it ends.
async fn ahead(stage: &mut Stage, span: Duration) -> anyhow::Result<()> {
    let shift = format!(
        "const date = (globalThis.window ?? globalThis).Date, now = date.now.bind(date); date.now = () => now() + {};",
        span.as_millis()
    );
    break_background(stage, &shift).await
}

/// Nothing that an extension can keep has the password.
async fn is_kept_nowhere(stage: &mut Stage) -> anyhow::Result<()> {
    let everything = "
        const databases = await Promise.all((await indexedDB.databases()).map(({ name }) => new Promise((done, failed) => {
            const asked = indexedDB.open(name);
            asked.onerror = () => failed(asked.error);
            asked.onsuccess = async () => {
                const database = asked.result, found = [];
                for (const store of database.objectStoreNames) {
                    const all = database.transaction(store).objectStore(store).getAll();
                    found.push(await new Promise(read => { all.onsuccess = () => read(all.result); }));
                }
                database.close();
                done(found);
            };
        })));
        return JSON.stringify([await api.storage.local.get(null), await api.storage.session.get(null), databases,
            Object.entries(localStorage), Object.entries(sessionStorage), location.href, document.documentElement.outerHTML]);";
    let password = stage.world.x.password();
    stage.on_us().await?;
    let all = stage.browser.script(everything, vec![]).await?;
    let all = all.as_str().context("the stores as text")?;
    anyhow::ensure!(all.contains("vault.head"), "the stores were not read");
    anyhow::ensure!(!all.contains(&password), "the password lies in a store");
    Ok(())
}

in_both! {
    async fn a_background_killed_at_any_moment_sends_once_and_knows_what_it_does_not_know(kind) {
        let mut stage = Stage::set(kind).await?;
        accounts(&mut stage, MOMENTS.len()).await?;
        for (at, (moment, how, sent, known)) in MOMENTS.into_iter().enumerate() {
            let id = of(at);
            if how.is_empty() {
                stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
                asks_and_goes(&mut stage, &id).await?;
                stage.world.xquik.until_holding(1, DEADLINE).await?;
            } else {
                break_background(&mut stage, &format!("{STOP} {how}")).await?;
                asks_and_goes(&mut stage, &id).await?;
                until(moment, DEADLINE, async || {
                    let there = stage.browser.background_script("return (globalThis.window ?? globalThis).there").await?;
                    Ok((there == true).then_some(()))
                })
                .await?;
            }
            stage.browser.kill_background().await?;
            // The request ends with the background. The service goes on only then, so that this one did not go through.
            stage.world.xquik.until_holding(0, DEADLINE).await?;
            stage.world.xquik.release();
            assert_eq!(posts(&stage, &id), sent, "{moment}");
            let wanted = if known { json!("unknown") } else { NOTHING };
            assert_eq!(outcome(&mut stage, &id).await?, wanted, "{moment}");
            is_kept_nowhere(&mut stage).await?;
            if known {
                let again = question(&mut stage, &id).await?;
                assert_eq!(stage.ask(again).await?["refused"], "CheckFirst", "{moment}");
            }
            assert_eq!(posts(&stage, &id), sent, "{moment}: nothing is sent by itself");
        }
        // [Check status]: what went through is known; what did not may be sent again once Xquik has had its time, by a click.
        for (at, (moment, _, sent, known)) in MOMENTS.into_iter().enumerate().filter(|it| it.1.3) {
            let id = of(at);
            ahead(&mut stage, Duration::from_secs(121)).await?;
            let account = stage.account_ref(&id).await?;
            stage.done(json!({ "check_status": { "account": account } })).await?;
            let now = outcome(&mut stage, &id).await?;
            match at {
                3 | 4 => assert_eq!(verdict(&now), "signed_in", "{moment}"),
                _ => assert_eq!(now, NOTHING, "{moment}"),
            }
            assert_eq!((posts(&stage, &id), known), (sent, true), "{moment}: a look sends nothing");
            stage.browser.kill_background().await?;
        }
        for id in [of(0), of(1)] {
            assert_eq!(outcome(&mut stage, &id).await?, NOTHING);
            let again = question(&mut stage, &id).await?;
            stage.done(again).await?;
            becomes(&mut stage, &id, "signed_in").await?;
            assert_eq!(posts(&stage, &id), 1);
        }
        stage.quit().await
    }

    async fn fast_hands_and_closed_pages_send_once(kind) {
        let mut stage = Stage::set(kind).await?;
        accounts(&mut stage, 3).await?;
        let password = stage.world.x.password();
        let field = "document.querySelector('#x-password')?.checkVisibility()";
        // Enter twice, and a button that is pressed again before anything could have been drawn.
        for (at, press) in [[ENTER, ENTER].concat(), String::new()].into_iter().enumerate() {
            let id = of(at);
            stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
            stage.sheet(&id).await?;
            stage.browser.until("the field", field).await?;
            stage.browser.type_into("#x-password", &format!("{password}{press}")).await?;
            if press.is_empty() {
                let twice = "const go = document.querySelector('[data-slot=go]'); go.click(); go.click(); go.form.requestSubmit();";
                stage.browser.script(twice, vec![]).await?;
            }
            stage.world.xquik.until_holding(1, DEADLINE).await?;
            assert_eq!(outcome(&mut stage, &id).await?, "running");
            stage.world.xquik.release();
            becomes(&mut stage, &id, "signed_in").await?;
            assert_eq!(posts(&stage, &id), 1);
            is_kept_nowhere(&mut stage).await?;
        }
        // The popup is closed while the answer is under way; the result is there all the same.
        let id = of(2);
        stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        let account = stage.account_ref(&id).await?;
        stage.on_x().await?;
        stage.browser.press_toolbar_button().await?;
        stage.browser.popups_until(1).await?;
        stage.browser.popup_script(&format!("location.hash = '#/signin/{account}'")).await?;
        let there = "return !!document.querySelector('#x-password')?.checkVisibility()";
        until("the field in the popup", DEADLINE, async || Ok((stage.browser.popup_script(there).await? == true).then_some(()))).await?;
        let send = format!(
            "document.querySelector('#x-password').value = {}; document.querySelector('#sign-in-form').requestSubmit();",
            json!(password)
        );
        stage.browser.popup_script(&send).await?;
        stage.world.xquik.until_holding(1, DEADLINE).await.context("from the popup")?;
        stage.browser.close_popups().await?;
        stage.world.xquik.release();
        becomes(&mut stage, &id, "signed_in").await?;
        assert_eq!(posts(&stage, &id), 1);
        stage.quit().await
    }

    async fn a_network_that_goes_never_sends_twice(kind) {
        let mut stage = Stage::set(kind).await?;
        accounts(&mut stage, 6).await?;
        // The browser says that it is offline: nothing was sent, so it may be tried again at once.
        let realm = "const realm = globalThis.window ?? globalThis;";
        let offline = format!("{realm} Object.defineProperty(realm.navigator, 'onLine', {{ configurable: true, get: () => false }});");
        break_background(&mut stage, &offline).await?;
        let ask = question(&mut stage, &of(0)).await?;
        stage.done(ask.clone()).await?;
        becomes(&mut stage, &of(0), "offline").await?;
        assert_eq!(posts(&stage, &of(0)), 0);
        stage.browser.kill_background().await?;
        stage.done(ask).await?;
        becomes(&mut stage, &of(0), "signed_in").await?;
        assert_eq!(posts(&stage, &of(0)), 1);
        // It is not, and the way is cut: before the request, then while the service works.
        stage.world.cut(true);
        let ask = question(&mut stage, &of(1)).await?;
        stage.done(ask).await?;
        becomes(&mut stage, &of(1), "\"unknown\"").await?;
        stage.world.cut(false);
        assert_eq!(posts(&stage, &of(1)), 0);
        // A young list is not asked for again meanwhile: the connection of the next press is its own.
        stage.done(json!("refresh")).await?;
        stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        let ask = question(&mut stage, &of(2)).await?;
        stage.done(ask).await?;
        stage.world.xquik.until_holding(1, DEADLINE).await?;
        stage.world.cut(true);
        becomes(&mut stage, &of(2), "\"unknown\"").await?;
        stage.world.cut(false);
        // The service itself hangs up, on a connection that is as new as the cut: on one that has served before, both browsers
        // send the request once more by themselves (Chromium 156, Firefox ESR 153), which no option of `fetch` forbids.
        stage.world.xquik.answer_next(Route::Reauth, Canned::HangUp);
        let ask = question(&mut stage, &of(3)).await?;
        stage.done(ask).await?;
        becomes(&mut stage, &of(3), "\"unknown\"").await?;
        // 120 s without an answer.
        let hasty = format!("{realm} const real = realm.setTimeout.bind(realm); realm.setTimeout = (does, ms, ...rest) => real(does, ms === 120000 ? 500 : ms, ...rest);");
        break_background(&mut stage, &hasty).await?;
        stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        let ask = question(&mut stage, &of(4)).await?;
        stage.done(ask).await?;
        becomes(&mut stage, &of(4), "\"unknown\"").await?;
        stage.world.xquik.until_holding(0, DEADLINE).await.context("the request is given up")?;
        // The same for an answer that begins and does not end.
        stage.world.xquik.answer_nastily(Nasty::endless());
        let ask = question(&mut stage, &of(5)).await?;
        stage.done(ask).await?;
        becomes(&mut stage, &of(5), "\"unknown\"").await?;
        assert_eq!([2, 3, 4, 5].map(|at| posts(&stage, &of(at))), [1, 1, 1, 1]);
        is_kept_nowhere(&mut stage).await?;
        for at in 1..6 {
            let again = question(&mut stage, &of(at)).await?;
            assert_eq!(stage.ask(again).await?["refused"], "CheckFirst");
        }
        stage.quit().await
    }

    async fn a_browser_that_ends_in_between_leaves_it_unknown_and_pauses_stand(kind) {
        let profile = tempfile::tempdir()?;
        let options = || Options { profile: Some(profile.path().to_owned()), ..Options::default() };
        let mut stage = Stage::set_in(kind, options()).await?;
        accounts(&mut stage, 3).await?;
        // Two pauses, of which one is the account's and one the service's: for all of a workspace.
        let others = ["acme_jp", "acme_kr"].iter().zip(3..).map(|(handle, at)| Account::new(&of(at), handle, "needsReauth"));
        let key = stage.world.xquik.add_workspace(others.collect());
        stage.done(json!({ "connect": { "api_key": key, "name": "Agency" } })).await?;
        for (at, canned, word) in [(2, Canned::Cooldown, "cooldown"), (3, Canned::RateLimited, "slow_down")] {
            stage.world.xquik.answer_next(Route::Reauth, canned);
            let ask = question(&mut stage, &of(at)).await?;
            stage.done(ask).await?;
            becomes(&mut stage, &of(at), word).await?;
        }
        // Once in good order while the service is busy, once as a crash between journal and network.
        stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        asks_and_goes(&mut stage, &of(0)).await?;
        stage.world.xquik.until_holding(1, DEADLINE).await?;
        let mut stage = stage.restarted(options()).await?;
        stage.world.xquik.release();
        assert_eq!(outcome(&mut stage, &of(0)).await?, "unknown");
        break_background(&mut stage, &format!("{STOP} {}", MOMENTS[1].1)).await?;
        asks_and_goes(&mut stage, &of(1)).await?;
        until("the journal", DEADLINE, async || {
            let journal = stage.browser.script("return (await api.storage.local.get('journal')).journal ?? ''", vec![]).await?;
            Ok(journal.as_str().is_some_and(|it| it.contains(&of(1))).then_some(()))
        })
        .await?;
        let Stage { world, browser, .. } = stage;
        browser.kill().await?;
        let browser = Browser::start(kind, Options { proxy: Some(world.proxy()), ..options() }).await?;
        let x = browser.current_tab().await?;
        let mut stage = Stage { world, browser, x, us: None };
        assert_eq!(outcome(&mut stage, &of(1)).await?, "unknown");
        is_kept_nowhere(&mut stage).await?;
        for at in [0, 1] {
            stage.sheet(&of(at)).await?;
            stage.browser.until("the way on", "document.querySelector('[data-act=check]')?.checkVisibility()").await?;
        }
        assert_eq!([posts(&stage, &of(0)), posts(&stage, &of(1))], [1, 0]);
        // What is paused says until when, and counts down without being drawn anew.
        for at in [2, 3] {
            stage.sheet(&of(at)).await?;
            let left = "document.querySelector('[data-slot=action]')?.textContent.match(/\\d+:\\d\\d/)?.[0]";
            let first = stage.browser.until("what is left", left).await?;
            stage.browser.until("less of it", &format!("{left} && {left} !== {first} && {left}")).await?;
            let again = question(&mut stage, &of(at)).await?;
            assert_eq!(stage.ask(again).await?["refused"], "Paused");
            assert_eq!(posts(&stage, &of(at)), 1);
        }
        let other = question(&mut stage, &of(4)).await?;
        assert_eq!(stage.ask(other).await?["refused"], "Paused");
        assert_eq!(posts(&stage, &of(4)), 0);
        stage.quit().await
    }

    async fn an_answer_that_takes_longer_than_an_idle_background_lives_still_arrives(kind) {
        // A worker that is listened to never ends by itself.
        let mut stage = Stage::set_in(kind, Options { console: false, ..Options::default() }).await?;
        accounts(&mut stage, 1).await?;
        stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        asks_and_goes(&mut stage, &of(0)).await?;
        stage.world.xquik.until_holding(1, DEADLINE).await?;
        // The length of the answer: both browsers end a background after 30 s in which nothing is asked of them.
        tokio::time::sleep(Duration::from_secs(40)).await;
        assert_eq!(stage.world.xquik.holding(), 1, "the background has ended, and its request with it");
        stage.world.xquik.release();
        becomes(&mut stage, &of(0), "signed_in").await?;
        assert_eq!(posts(&stage, &of(0)), 1);
        stage.quit().await
    }
}
