//! Locking in real browsers: by the browser's own word that nobody is there, by its clock, by the shortcut, with the last
//! page, at a restart. What must come of each event natively is in `native/core/locking.rs`; here they come from where
//! browsers make them. Where Chromium without a screen makes none, `browsers/person.rs` says what stands in for it.

use crate::stores::{add, break_background, passphrase, unlock};
use longkey_tests::browsers::{DEADLINE, Kind, Options, Tab, until};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::json;
use std::time::Duration;

/// The idle time that holds without a choice.
const USUAL: Duration = Duration::from_secs(15 * 60);

/// An open vault with one key.
async fn opened(kind: Kind) -> anyhow::Result<Stage> {
    let mut stage = Stage::set(kind).await?;
    filled(&mut stage).await?;
    Ok(stage)
}

async fn filled(stage: &mut Stage) -> anyhow::Result<()> {
    passphrase(stage).await?;
    add(stage, KEY, "standin_user").await
}

/// Whether the key of the open vault, or a row of it, lies in the session's store. It is read without waking or asking anybody.
async fn key_lies_there(stage: &mut Stage) -> anyhow::Result<bool> {
    stage.on_us().await?;
    let read = "const { worker, rows } = await api.storage.session.get(['worker', 'rows']);
        return [JSON.parse(worker ?? '{}').session ?? null, rows ?? null]";
    let found = stage.browser.script(read, vec![]).await?;
    // One after the other, so that they may be caught half-way.
    Ok(found != json!([null, null]))
}

/// Waits until the browser has locked it, asking nobody who could notice only because of being asked.
async fn is_locked(stage: &mut Stage, why: &str) -> anyhow::Result<()> {
    until(&format!("the key to go: {why}"), DEADLINE, async || Ok((!key_lies_there(stage).await?).then_some(())))
        .await?;
    assert_eq!(stage.view().await?["vault"], "locked", "{why}");
    Ok(())
}

/// The same, and the page shows it.
async fn locks(stage: &mut Stage, why: &str) -> anyhow::Result<()> {
    is_locked(stage, why).await?;
    stage.browser.until("the page to show it", "document.querySelector('[data-form=unlock]')").await?;
    Ok(())
}

async fn opens_again(stage: &mut Stage) -> anyhow::Result<()> {
    unlock(stage).await?;
    let view = stage.view().await?;
    anyhow::ensure!(view["vault"] == "unlocked" && view["entries"][0]["handle"] == "standin_user", "{view}");
    Ok(())
}

/// The background's clock, so many seconds away from the real one until the background ends. No alarm notices.
async fn clock_is_off(stage: &mut Stage, seconds: i64) -> anyhow::Result<()> {
    let script = format!(
        "const realm = globalThis.window ?? globalThis;
         const real = realm.realNow ??= realm.Date.now.bind(realm.Date);
         realm.Date.now = () => real() + {seconds} * 1000;"
    );
    break_background(stage, &script).await
}

/// Changes what the session's store says of the open vault, while the background is gone.
async fn session_says(stage: &mut Stage, field: &str, seconds: i64) -> anyhow::Result<()> {
    stage.on_us().await?;
    let change = "const { worker } = await api.storage.session.get(['worker']);
        const memory = JSON.parse(worker);
        memory.session[arguments[0]] += arguments[1] * 1000;
        await api.storage.session.set({ worker: JSON.stringify(memory) })";
    stage.browser.script(change, vec![field.into(), seconds.into()]).await?;
    stage.browser.kill_background().await
}

/// Closes every page of ours, also the one of the installation, but for the one given.
async fn only(stage: &mut Stage, page: &Tab) -> anyhow::Result<()> {
    stage.browser.switch_to(page).await?;
    let close = "const here = await api.tabs.getCurrent();
        const all = await api.tabs.query({ url: api.runtime.getURL('*') });
        await api.tabs.remove(all.map(it => it.id).filter(it => it !== here.id));";
    stage.browser.script(close, vec![]).await?;
    Ok(())
}

/// Counts the lines that the current page lays to the background, from now on.
const COUNT_LINES: &str = "
    const { runtime } = window.chrome, connect = runtime.connect.bind(runtime);
    document.body.dataset.lines = 0;
    runtime.connect = () => { document.body.dataset.lines++; return connect(); };";

/// A page of ours, with nobody else's, that lays lines to the background and counts them.
async fn page(stage: &mut Stage) -> anyhow::Result<Tab> {
    let page = stage.browser.open_extension_page("pages/app.html#/settings").await?;
    stage.browser.until("the page's line", "document.querySelector('[data-slot=locking]:not([hidden])')").await?;
    stage.browser.script(COUNT_LINES, vec![]).await?;
    Ok(page)
}

/// The background's own account of whether the vault is open, with no page of ours to ask.
async fn key_lies_behind(stage: &Stage) -> anyhow::Result<bool> {
    let read = "const { worker } = await chrome.storage.session.get(['worker']);
        return Boolean(JSON.parse(worker ?? '{}').session);";
    Ok(stage.browser.background_script(read).await? == true)
}

in_both! {
    async fn idle_time_locks(kind) {
        let mut stage = opened(kind).await?;
        if kind == Kind::Firefox {
            // Less than was chosen is no reason, also for a background that sleeps: the browser keeps the time for it.
            for asleep in [false, true] {
                if asleep {
                    stage.browser.kill_background().await?;
                }
                stage.browser.nobody_there(USUAL - Duration::from_secs(60)).await?;
                assert_eq!(stage.view().await?["vault"], "unlocked", "asleep: {asleep}");
            }
            stage.browser.kill_background().await?;
        }
        stage.browser.nobody_there(USUAL).await?;
        locks(&mut stage, "nobody was there").await?;
        opens_again(&mut stage).await?;
        stage.quit().await
    }

    async fn the_chosen_time_is_the_browsers(kind) {
        let mut stage = opened(kind).await?;
        break_background(&mut stage, "
            const realm = globalThis.window ?? globalThis;
            realm.watched = [];
            chrome.idle.setDetectionInterval = seconds => { realm.watched.push(seconds); };").await?;
        for choice in [json!({ "minutes": 1 }), json!({ "minutes": 60 }), json!("restart"), json!({ "minutes": 5 })] {
            stage.done(json!({ "lock_after": choice })).await?;
        }
        let watched = stage.browser.background_script("return (globalThis.window ?? globalThis).watched").await?;
        // "Until the browser restarts" watches for nothing; the browser needs a number all the same.
        assert_eq!(watched, json!([60, 3600, 300]));
        stage.quit().await
    }

    async fn the_alarm_asks_whether_somebody_is_there(kind) {
        let mut stage = opened(kind).await?;
        let until_when = "return JSON.parse((await api.storage.session.get(['worker'])).worker).session?.until ?? 0";
        stage.on_us().await?;
        let before = stage.browser.script(until_when, vec![]).await?.as_u64().unwrap_or_default();
        // A real alarm, at a time when the machine believes its deadline to be here.
        for (state, open) in [("active", true), ("idle", false)] {
            break_background(&mut stage, &format!("chrome.idle.queryState = async () => '{state}'")).await?;
            clock_is_off(&mut stage, 15 * 60).await?;
            stage.browser.background_script("await chrome.alarms.create('lock', { when: 1 })").await?;
            if open {
                let moved = format!("(async () => {{ {until_when} }})().then(it => it > {before} + 14 * 60000)");
                stage.on_us().await?;
                stage.browser.until("the deadline to move", &moved).await?;
                assert_eq!(stage.view().await?["vault"], "unlocked");
                // Back in time by as much would look like a clock that was set back; the next life knows the real one.
                stage.done(json!("lock")).await?;
                stage.browser.kill_background().await?;
                opens_again(&mut stage).await?;
            } else {
                locks(&mut stage, "the alarm rang and nobody was there").await?;
            }
        }
        stage.quit().await
    }

    async fn a_deadline_that_has_passed_locks_without_any_alarm(kind) {
        let mut stage = opened(kind).await?;
        stage.browser.background_script("await chrome.alarms.clear('lock')").await?;
        clock_is_off(&mut stage, 14 * 60).await?;
        assert_eq!(stage.view().await?["vault"], "unlocked");
        clock_is_off(&mut stage, 16 * 60).await?;
        let refused = stage.ask(json!({ "add_key": { "text": OTHER_KEY, "handle": "late" } })).await?;
        assert_eq!(refused["refused"], "Locked", "{refused}");
        locks(&mut stage, "the computer slept").await?;
        stage.browser.kill_background().await?;
        opens_again(&mut stage).await?;
        // The same for a background that was gone when it passed.
        session_says(&mut stage, "until", -16 * 60).await?;
        stage.browser.reload().await?;
        locks(&mut stage, "it passed while the background slept").await?;
        opens_again(&mut stage).await?;
        stage.quit().await
    }

    async fn a_page_that_shows_a_key_asks_at_the_deadline(kind) {
        let mut stage = opened(kind).await?;
        let entry = stage.view().await?["entries"][0]["id"].clone();
        let route = format!("#/entry/{}", entry.as_str().unwrap_or_default());
        stage.us = Some(stage.browser.open_extension_page(&format!("pages/app.html{route}")).await?);
        stage.browser.click("[data-act=show]").await?;
        let shows = "document.querySelector('[data-slot=key]')?.textContent.replace(/\\W/g, '') === arguments[0]";
        stage.browser.script(&format!("if (!({shows})) throw new Error('no key is shown')"), vec![KEY.into()]).await?;
        // The computer slept: no alarm rang, and both clocks are on.
        stage.browser.background_script("await chrome.alarms.clear('lock')").await?;
        clock_is_off(&mut stage, 16 * 60).await?;
        let on = "const real = window.Date.now.bind(window.Date); window.Date.now = () => real() + 16 * 60000";
        stage.browser.script(on, vec![]).await?;
        stage.browser.until("the key to go by itself", "document.querySelector('[data-form=unlock]')").await?;
        assert!(!stage.browser.exists("[data-slot=key]").await?);
        assert!(!key_lies_there(&mut stage).await?);
        stage.quit().await
    }

    async fn a_clock_that_was_set_back_locks(kind) {
        let mut stage = opened(kind).await?;
        clock_is_off(&mut stage, -30).await?;
        assert_eq!(stage.view().await?["vault"], "unlocked", "clocks are corrected by that much");
        clock_is_off(&mut stage, -60 * 60).await?;
        assert_eq!(stage.view().await?["vault"], "locked");
        locks(&mut stage, "the clock was set back").await?;
        stage.browser.kill_background().await?;
        opens_again(&mut stage).await?;
        session_says(&mut stage, "seen", 60 * 60).await?;
        stage.browser.reload().await?;
        locks(&mut stage, "it was set back while the background slept").await?;
        stage.quit().await
    }

    async fn the_screens_lock_locks_where_the_browser_tells(kind) {
        let mut stage = opened(kind).await?;
        let states = stage.browser.script("return Object.values(api.idle.IdleState)", vec![]).await?;
        if kind == Kind::Firefox {
            // Settings says so; the day that it has the third state, this is to be told in Settings too.
            assert_eq!(states, json!(["active", "idle"]));
            return stage.quit().await;
        }
        assert_eq!(states, json!(["active", "idle", "locked"]));
        // Also where idle time does not count.
        stage.done(json!({ "lock_after": "restart" })).await?;
        stage.browser.nobody_there(USUAL).await?;
        assert_eq!(stage.view().await?["vault"], "unlocked");
        stage.browser.screen_is_locked().await?;
        locks(&mut stage, "the screen was locked").await?;
        stage.quit().await
    }

    async fn the_shortcut_locks(kind) {
        let mut stage = opened(kind).await?;
        stage.browser.press_shortcut("lock").await?;
        locks(&mut stage, "the shortcut was pressed").await?;
        opens_again(&mut stage).await?;
        // Pressed on a page of X, which must not notice; once more is no harm.
        stage.on_x().await?;
        for _ in 0..2 {
            stage.browser.press_shortcut("lock").await?;
        }
        locks(&mut stage, "the shortcut was pressed over X").await?;
        opens_again(&mut stage).await?;
        stage.quit().await
    }

    async fn the_last_page_locks_if_that_was_chosen_also_for_a_background_that_was_gone(kind) {
        let mut stage = opened(kind).await?;
        stage.done(json!({ "lock_after": "closed" })).await?;
        for killed in [false, true] {
            let first = page(&mut stage).await?;
            only(&mut stage, &first).await?;
            let other = page(&mut stage).await?;
            stage.us = Some(first.clone());
            if killed {
                stage.browser.kill_background().await?;
                for page in [&first, &other] {
                    stage.browser.switch_to(page).await?;
                    stage.browser.until("the line to be laid anew", "Number(document.body.dataset.lines) >= 1").await?;
                }
            }
            // One is closed, and one left open.
            stage.browser.close_tab(&first).await?;
            assert_eq!(stage.view().await?["vault"], "unlocked", "another page is open, killed: {killed}");
            // A popup is a page like any other.
            stage.browser.script("await api.action.openPopup()", vec![]).await?;
            stage.browser.popups_until(1).await?;
            stage.browser.close_popups().await?;
            assert_eq!(stage.view().await?["vault"], "unlocked", "a popup was closed, killed: {killed}");
            stage.browser.close_tab(&stage.x).await?;
            stage.us = None;
            until("the key to go with the last page", DEADLINE, async || {
                Ok((!key_lies_behind(&stage).await?).then_some(()))
            })
            .await?;
            stage.on_us().await?;
            assert_eq!(stage.view().await?["vault"], "locked", "killed: {killed}");
            opens_again(&mut stage).await?;
        }
        stage.quit().await
    }

    async fn a_page_that_ended_with_the_background_is_missed_by_the_alarm(kind) {
        let mut stage = opened(kind).await?;
        stage.done(json!({ "lock_after": "closed" })).await?;
        let page = page(&mut stage).await?;
        only(&mut stage, &page).await?;
        stage.us = Some(page);
        // It lays no line any more, as if it were gone; the background that counted it is.
        stage.browser.script("window.chrome.runtime.connect = () => { throw new Error('gone') }", vec![]).await?;
        stage.browser.kill_background().await?;
        assert_eq!(stage.view().await?["vault"], "unlocked");
        stage.browser.script("await api.alarms.create('lock', { when: 1 })", vec![]).await?;
        is_locked(&mut stage, "nobody has a line").await?;
        stage.quit().await
    }

    async fn a_restarted_browser_is_locked(kind) {
        let profile = tempfile::tempdir()?;
        let options = || Options { profile: Some(profile.path().to_owned()), ..Options::default() };
        let mut stage = Stage::set_in(kind, options()).await?;
        filled(&mut stage).await?;
        // The choice that locks least.
        stage.done(json!({ "lock_after": "restart" })).await?;
        stage.browser.kill_background().await?;
        assert_eq!(stage.view().await?["vault"], "unlocked", "only the background was gone");
        let mut stage = stage.restarted(options()).await?;
        let view = stage.view().await?;
        assert_eq!((&view["vault"], &view["entries"]), (&json!("locked"), &json!([])), "{view}");
        assert_eq!(view["lock_after"], "restart", "the choice stays");
        assert!(!key_lies_there(&mut stage).await?);
        opens_again(&mut stage).await?;
        stage.quit().await
    }
}
