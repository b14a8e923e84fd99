//! What a screen reader hears of a code: its digits one by one on arriving there, then two moments of its half minute in the one
//! polite region, and nothing by the second. Every picture of the region is kept, so that a word too many is found.

use anyhow::Context as _;
use longkey_core::clock::UnixTime;
use longkey_core::code::{Recipe, code_at};
use longkey_core::long_key::LongKey;
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// The half minute that runs now: the page's clock is set within it, so that nothing else is over or not yet begun.
fn half_minute() -> anyhow::Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() / 30 * 30)
}

/// The page's clock stands at that second; its own timers go on, once a second of its time.
async fn clock_at(stage: &Stage, second: u64) -> anyhow::Result<()> {
    let set = "const page = window.wrappedJSObject ?? window; page.Date.now = () => arguments[0];"
        .replace("arguments[0]", &(second * 1000).to_string());
    stage.browser.script(&set, vec![]).await.map(drop)
}

/// A sentence of ours, in English.
fn sentence(name: &str) -> anyhow::Result<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../static/_locales/en/messages.json");
    let all: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    Ok(all[name]["message"].as_str().with_context(|| format!("no sentence {name}"))?.to_owned())
}

/// The button that has the focus is described by the digits of that moment, spelled, and the seconds that are left.
async fn is_described(stage: &Stage, second: u64) -> anyhow::Result<()> {
    let key = LongKey::parse(KEY).ok().context("a key")?;
    let code = code_at(&key, Recipe::default(), UnixTime::from_seconds(second));
    let spelled: Vec<String> = code.expose().chars().map(String::from).collect();
    let left = (30 - second % 30).to_string();
    let words = sentence("code_spoken")?.replace("$DIGITS$", &spelled.join(" ")).replace("$SECONDS$", &left);
    let said = format!("document.activeElement.getAttribute('aria-description') === {}", json!(words));
    stage.browser.until(&format!("the description {words:?}"), &said).await.map(drop)
}

/// Everything that the region has said since it was listened to, without the emptiness in between.
async fn said(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let said = stage.browser.script("return JSON.parse(document.documentElement.dataset.said)", vec![]).await?;
    Ok(said.as_array().into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect())
}

async fn listens(stage: &Stage) -> anyhow::Result<()> {
    let listens = "const live = document.querySelector('#live'), said = [];
        document.documentElement.dataset.said = '[]';
        new MutationObserver(() => {
            if (live.textContent) said.push(live.textContent);
            document.documentElement.dataset.said = JSON.stringify(said);
        }).observe(live, { childList: true, characterData: true, subtree: true });";
    stage.browser.script(listens, vec![]).await.map(drop)
}

async fn hears(stage: &Stage, words: &str) -> anyhow::Result<()> {
    let heard = format!("document.querySelector('#live').textContent === {}", json!(words));
    stage.browser.until(&format!("{words:?} to be said"), &heard).await.map(drop)
}

in_both! {
    async fn codes_are_spelled_and_two_moments_are_said(kind) {
        let mut stage = Stage::set(kind).await?;
        let (ten, new) = (sentence("ten_seconds")?, sentence("new_code")?);
        stage.done(json!("skip_passphrase")).await?;
        let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": "acme" } })).await?;
        stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
        let entry = kept["kept"].as_str().context("no entry")?;
        for (route, css) in [("#/", "[data-slot=codes-list] button.whole"), (&*format!("#/code/{entry}"), "[data-slot=card]")] {
            stage.screen("#/settings").await?;
            stage.browser.until("another screen", "document.querySelector('#theme')?.checkVisibility()").await?;
            let begin = half_minute()?;
            clock_at(&stage, begin + 15).await?;
            stage.screen(route).await?;
            stage.browser.element(css).await?;
            let regions = "[...document.querySelectorAll('[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]')]";
            let one = format!("{regions}.length === 1 && {regions}[0].id === 'live' && {regions}[0].getAttribute('aria-live') === 'polite'");
            stage.browser.until("one region, and a polite one", &one).await?;
            // The digits themselves are no part of it, or every change would be read.
            stage.browser.until("codes outside of what is read by itself", "!document.querySelector('.digits').closest('[aria-live], [role=status]')").await?;
            // The code's own screen begins there.
            if route == "#/" {
                stage.browser.script("document.querySelector(arguments[0]).focus()", vec![css.into()]).await?;
            }
            is_described(&stage, begin + 15).await?;

            listens(&stage).await?;
            let shows = |left: u64| format!("[...document.querySelectorAll('[data-slot=seconds]')].some(it => it.textContent === '{left}')");
            for second in [16, 19] {
                clock_at(&stage, begin + second).await?;
                stage.browser.until("the seconds that are left", &shows(30 - second)).await?;
            }
            assert_eq!(said(&stage).await?, [""; 0], "{route}: nothing by the second");
            clock_at(&stage, begin + 20).await?;
            hears(&stage, &ten).await?;
            clock_at(&stage, begin + 22).await?;
            stage.browser.until("the seconds that are left", &shows(8)).await?;
            clock_at(&stage, begin + 30).await?;
            hears(&stage, &new).await?;
            is_described(&stage, begin + 30).await?;
            clock_at(&stage, begin + 33).await?;
            stage.browser.until("the seconds that are left", &shows(27)).await?;
            let mut all = said(&stage).await?;
            // A clock that stands is read once more in the same second.
            all.dedup();
            assert_eq!(all, [&*ten, &*new], "{route}");

            // Elsewhere with the focus, no moment is said.
            stage.browser.script("document.activeElement.blur()", vec![]).await?;
            clock_at(&stage, begin + 50).await?;
            stage.browser.until("the seconds that are left", &shows(10)).await?;
            clock_at(&stage, begin + 52).await?;
            stage.browser.until("the seconds that are left", &shows(8)).await?;
            let mut all = said(&stage).await?;
            all.dedup();
            assert_eq!(all, [&*ten, &*new], "{route}: without the focus");
        }
        stage.quit().await
    }
}
