//! Watching health in real browsers: an alarm finds what Xquik lost, the badge and one notification say so, and a locked vault
//! asks nothing unless that was chosen. Who is told of what natively is in `native/core/watching.rs`.
//!
//! Time passes in the background alone: its clock is put forward, and the browser's own alarm is made to ring.

use crate::stores::{add, passphrase, unlock};
use anyhow::Context as _;
use longkey_tests::browsers::{DEADLINE, Kind, until};
use longkey_tests::fakes::{Canned, Route};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage, account, connect};
use serde_json::{Value, json};

/// So many minutes later than now; notifications are noted once the browser has taken them.
const LATER: &str = "
    const realm = globalThis.window ?? globalThis;
    realm.realNow ??= realm.Date.now.bind(realm.Date);
    const ahead = MINUTES * 60000;
    realm.Date.now = () => realm.realNow() + ahead;
    if (!realm.shown) {
        const shown = realm.shown = [], create = chrome.notifications.create.bind(chrome.notifications);
        chrome.notifications.create = async (id, options) => {
            const taken = await create(id, options);
            shown.push(options.title);
            return taken;
        };
    }
    await chrome.alarms.create('poll', { when: 1 });";

/// The background's life between two of its ends.
struct Life {
    minutes: u64,
}

impl Life {
    /// The background is made to run, and the alarm rings so many minutes later than it last did.
    async fn rings(&mut self, stage: &mut Stage, minutes: u64) -> anyhow::Result<()> {
        stage.on_us().await?;
        // A question that it refuses wakes it, and asks Xquik nothing.
        stage.browser.script("await api.runtime.sendMessage({}).catch(() => {})", vec![]).await?;
        self.minutes += minutes;
        stage.browser.background_script(&LATER.replace("MINUTES", &self.minutes.to_string())).await?;
        Ok(())
    }

    /// In how many minutes the alarm rings next, once that has been settled anew.
    async fn next(&self, stage: &Stage, fits: impl Fn(f64) -> bool) -> anyhow::Result<()> {
        let read = "return (await chrome.alarms.get('poll'))?.scheduledTime ?? 0";
        let ask = format!("const at = await (async () => {{ {read} }})(); return (at - Date.now()) / 60000");
        let ask = ask.replace("Date.now", "(globalThis.window ?? globalThis).Date.now");
        let last = std::cell::Cell::new(0.0);
        let waited = until("the alarm's next time", DEADLINE, async || {
            let minutes = stage.browser.background_script(&ask).await?.as_f64().unwrap_or_default();
            last.set(minutes);
            Ok(fits(minutes).then_some(()))
        });
        waited.await.map_err(|error| error.context(format!("it rings in {} minutes", last.get())))
    }
}

fn about(minutes: f64) -> impl Fn(f64) -> bool {
    move |it| (minutes - 0.6..minutes + 0.6).contains(&it)
}

/// Titles of the notifications of this life.
async fn shown(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let shown = stage.browser.background_script("return (globalThis.window ?? globalThis).shown").await?;
    let titles = shown.as_array().into_iter().flatten().filter_map(|it| it.as_str().map(Into::into));
    Ok(titles.collect())
}

async fn shows(stage: &Stage, titles: &[&str]) -> anyhow::Result<()> {
    until(&format!("notifications {titles:?}"), DEADLINE, async || Ok((shown(stage).await? == titles).then_some(())))
        .await
}

async fn badge_is(stage: &mut Stage, text: &str) -> anyhow::Result<()> {
    stage.on_us().await?;
    let is = format!("(async () => await api.action.getBadgeText({{}}) === '{text}')()");
    stage.browser.until(&format!("the badge {text:?}"), &is).await.map(drop)
}

fn set(stage: &Stage, health: &str, accounts: &[&str]) {
    for id in accounts {
        stage.world.xquik.change(id, |it| it.health = health.into());
    }
}

/// The browser's answer to the question whether notifications may be shown.
async fn answers(stage: &Stage, answer: &str) -> anyhow::Result<()> {
    let set = format!(
        "const page = window.wrappedJSObject ?? window, permissions = page.chrome.permissions;
         for (const what of ['contains', 'request']) permissions[what] = () => page.Promise.resolve({answer});"
    );
    stage.browser.script(&set, vec![]).await.map(drop)
}

/// The accounts were listed two minutes ago by the clock that pages have too: with this answer, after so many questions. A page
/// that is open may ask as soon as the clock is right.
async fn listed_two_minutes_ago(stage: &mut Stage) -> anyhow::Result<(Value, (usize, usize))> {
    let before = "const realm = globalThis.window ?? globalThis;
        realm.realNow ??= realm.Date.now.bind(realm.Date);
        realm.Date.now = () => realm.realNow() - 120000;";
    stage.browser.background_script(before).await?;
    let answer = stage.ask(json!("refresh")).await?;
    let asked = gets(stage);
    rights(stage).await?;
    Ok((answer, asked))
}

/// The background's clock is right again.
async fn rights(stage: &Stage) -> anyhow::Result<()> {
    let right = "const realm = globalThis.window ?? globalThis; realm.Date.now = realm.realNow;";
    stage.browser.background_script(right).await.map(drop)
}

/// What lists the accounts, and what asks for one.
fn gets(stage: &Stage) -> (usize, usize) {
    let requests = stage.world.requests("xquik.com");
    let lists = requests.iter().filter(|it| it.target.contains("?limit=")).count();
    (lists, requests.len() - lists)
}

const ALL: [&str; 5] = ["900001", "900002", "900003", "900004", "900005"];

/// These are chosen, and no others.
fn choice(choices: &[&str]) -> Value {
    let has = |choice| choices.contains(&choice);
    json!({ "watching": {
        "notify": has("notify"), "hide_names": has("hide_names"), "watch_locked": has("watch_locked"),
    } })
}

fn calls(stage: &Stage) -> usize {
    stage.world.requests("xquik.com").len()
}

in_both! {
    async fn an_alarm_finds_what_was_lost_and_says_so_once(kind) {
        let mut stage = Stage::set(kind).await?;
        set(&stage, "healthy", &ALL);
        stage.connected().await?;
        stage.on_us().await?;
        answers(&stage, "false").await?;
        stage.screen("#/settings").await?;
        stage.browser.click("#watch-notify").await?;
        stage.sees("The browser didn't allow notifications.").await?;
        let off = "return document.querySelector('#watch-notify').checked";
        assert_eq!(stage.browser.script(off, vec![]).await?, false);
        assert_eq!(stage.view().await?["notify"], false);
        answers(&stage, "true").await?;
        stage.browser.click("#watch-notify").await?;
        stage.view_until("the choice", |view| view["notify"] == true).await?;
        stage.browser.until("no words of it", "document.querySelector('[data-slot=watch-wrong]').hidden").await?;
        let name = stage.account_ref("900002").await?;

        let mut life = Life { minutes: 0 };
        set(&stage, "needsReauth", &["900002"]);
        life.rings(&mut stage, 16).await?;
        badge_is(&mut stage, "1").await?;
        life.next(&stage, about(15.0)).await?;
        shows(&stage, &["@acme_support needs you"]).await?;
        if kind == Kind::Chromium {
            // Firefox without a screen takes it away as soon as it is there.
            let there = "return Object.keys(await chrome.notifications.getAll())";
            assert_eq!(stage.browser.background_script(there).await?, json!([name]));
        }

        // The same incident, and another worker that has only the store to know it from.
        stage.browser.kill_background().await?;
        let before = calls(&stage);
        life.rings(&mut stage, 16).await?;
        until("the question", DEADLINE, async || Ok((calls(&stage) > before).then_some(()))).await?;
        life.next(&stage, about(15.0)).await?;
        assert_eq!(shown(&stage).await?, Vec::<String>::new());

        set(&stage, "needsReauth", &["900001", "900004"]);
        set(&stage, "locked", &["900003"]);
        life.rings(&mut stage, 16).await?;
        badge_is(&mut stage, "4").await?;
        shows(&stage, &["3 accounts need you"]).await?;
        set(&stage, "healthy", &ALL);
        life.rings(&mut stage, 16).await?;
        badge_is(&mut stage, "").await?;
        stage.done(choice(&["notify", "hide_names"])).await?;
        set(&stage, "needsReauth", &["900002"]);
        life.rings(&mut stage, 16).await?;
        badge_is(&mut stage, "1").await?;
        shows(&stage, &["3 accounts need you", "An account needs you"]).await?;

        add(&mut stage, KEY, "acme_support").await?;
        // Its page tells since when, and what was before.
        stage.screen(&format!("#/account/{name}")).await?;
        let says = "document.querySelector('[data-slot=xquik]')?.textContent.startsWith('Needs sign-in since')";
        stage.browser.until("since when", says).await?;
        stage.browser.until("four turns", "document.querySelectorAll('[data-slot=turns] li').length === 4").await?;
        stage.browser.element("[data-slot=code-place] .digits").await.context("the key's own part of the page")?;
        stage.browser.press_notification(&name).await?;
        let opened = format!("(async () => (await api.tabs.query({{}})).some(it => it.url?.endsWith('#/account/{name}') &&
            it.url.includes('app.html#')))()"
        );
        stage.browser.until("the account's page in a tab", &opened).await?;
        stage.quit().await
    }

    async fn a_locked_vault_is_watched_only_if_that_was_chosen(kind) {
        let mut stage = Stage::set(kind).await?;
        set(&stage, "healthy", &ALL);
        passphrase(&mut stage).await?;
        let api_key = stage.world.xquik.api_key();
        stage.done(connect(&api_key)).await?;
        let workspace = stage.view().await?["xquik"][0]["id"].clone();
        stage.done(json!({ "name_workspace": { "workspace": workspace, "name": "Stand-in agency" } })).await?;
        // A pause of an hour, so that no page asks by itself, however slow this machine is.
        stage.world.xquik.answer_next(Route::List, Canned::CooldownAutomated);
        assert!(stage.ask(json!("refresh")).await?["verdict"]["cooldown"].is_object());
        stage.done(json!("lock")).await?;
        let mut life = Life { minutes: 0 };
        stage.world.xquik.answer_next(Route::List, Canned::Internal);
        life.rings(&mut stage, 62).await?;
        life.next(&stage, about(15.0)).await?;
        // Locked means no call. One that was on its way all the same would have taken this answer.
        rights(&stage).await?;
        unlock(&mut stage).await?;
        assert_eq!(stage.ask(json!("refresh")).await?, json!({ "verdict": "unavailable" }));
        stage.done(json!("refresh")).await?;
        let mut life = Life { minutes: 0 };

        stage.screen("#/settings").await?;
        stage.browser.click("#watch-when-locked").await?;
        stage.view_until("the choice", |view| view["watch_locked"] == true).await?;
        stage.done(json!("lock")).await?;
        stage.browser.kill_background().await?;
        let left = "const { worker, rows } = await api.storage.session.get(['worker', 'rows']);
            const local = JSON.stringify(await api.storage.local.get(null));
            const { memory, session } = JSON.parse(worker);
            return [memory.watching, session, rows ?? null, local.includes(arguments[0])]";
        let left = stage.browser.script(left, vec![api_key.clone().into()]).await?;
        let kept = json!([{ "id": workspace, "name": "", "key": api_key }]);
        assert_eq!(left, json!([kept, null, null, false]), "the API key and nothing else, in the session's memory");

        set(&stage, "needsReauth", &["900002"]);
        life.rings(&mut stage, 16).await?;
        badge_is(&mut stage, "1").await?;
        let view = stage.view().await?;
        assert_eq!((&view["vault"], &account(&view, "900002")["health"]), (&json!("locked"), &json!("needsReauth")));

        // One question at each ring, and the answer sets the alarm.
        let answers = [
            (16, Canned::Internal, "unavailable", 15.0),
            (16, Canned::Internal, "unavailable", 30.0),
            (31, Canned::Internal, "unavailable", 60.0),
            (61, Canned::RateLimited, "slow_down", 15.0),
        ];
        for (minutes, canned, trouble, next) in answers {
            let before = calls(&stage);
            stage.world.xquik.answer_next(Route::List, canned);
            life.rings(&mut stage, minutes).await?;
            until("the question", DEADLINE, async || Ok((calls(&stage) > before).then_some(()))).await?;
            stage.view_until(trouble, |view| {
                let said = &view["xquik"][0]["trouble"];
                *said == trouble || said[trouble].is_object()
            })
            .await?;
            life.next(&stage, about(next)).await?;
            assert_eq!(calls(&stage), before + 1, "{minutes} minutes later");
        }
        stage.quit().await
    }

    async fn a_page_that_is_opened_asks_once_and_not_during_a_pause(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        let account = stage.account_ref("900001").await?;
        for (canned, lists) in [(Some(Canned::CooldownAutomated), 0), (None, 1)] {
            // For each of two: the page that stands open may ask for itself while the clock is another.
            for _ in 0..2 {
                if let Some(canned) = canned {
                    stage.world.xquik.answer_next(Route::List, canned);
                }
            }
            let (answer, before) = listed_two_minutes_ago(&mut stage).await?;
            stage.world.xquik.clear_orders();
            assert_eq!(answer["verdict"]["cooldown"].is_object(), canned.is_some(), "{answer}");
            stage.browser.reload().await?;
            stage.browser.until("the page", "document.querySelector('#screen')?.children.length").await?;
            until("its question", DEADLINE, async || Ok((gets(&stage).0 >= before.0 + lists).then_some(()))).await?;
            // What comes after it, by the same way.
            stage.done(json!({ "check_status": { "account": account } })).await?;
            assert_eq!(gets(&stage), (before.0 + lists, before.1 + 1), "{canned:?}");
        }
        stage.quit().await
    }
}
