//! X's logins: the code and the backup code go into the one field that wants them, on a click, and nothing is pressed.

use super::standins;
use anyhow::Context as _;
use longkey_core::clock::UnixTime;
use longkey_core::code::{Recipe, code_at};
use longkey_core::long_key::LongKey;
use longkey_core::protocol::Mark;
use longkey_tests::browsers::{DEADLINE, until};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

/// A vault with a key that X has accepted and two backup codes.
async fn with_entry(stage: &mut Stage) -> anyhow::Result<String> {
    stage.done(json!("skip_passphrase")).await?;
    let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
    let id = kept["kept"].as_str().unwrap_or_default().to_owned();
    stage.done(json!({ "accepted": { "entry": id } })).await?;
    stage.done(json!({ "add_backup_codes": { "entry": id, "text": "mrk7er9qzx42, aaaabbbbcccc" } })).await?;
    Ok(id)
}

async fn opens(stage: &Stage, file: &str) -> anyhow::Result<()> {
    let address = stage.world.x.serve_standin(file)?;
    stage.on_x().await?;
    stage.browser.goto(&address).await
}

/// What stands in the page's fields, and whether anything was submitted or pressed.
async fn fields(stage: &Stage) -> anyhow::Result<Vec<String>> {
    stage.on_x().await?;
    let script = "return [...document.querySelectorAll('input')].map(it => it.value).filter(it => it)";
    let values = stage.browser.script(script, vec![]).await?;
    Ok(values.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The background's clock stands still with so many milliseconds left of a code. Says the code that is shown then, and
/// the one after it.
async fn code_ends_in(stage: &mut Stage, left: u64) -> anyhow::Result<[String; 2]> {
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let end = (now / 30_000 + 1) * 30_000;
    stage.view().await?;
    let hold = format!("(globalThis.window ?? globalThis).Date.now = () => {};", end - left);
    stage.browser.background_script(&hold).await?;
    let key = LongKey::parse(KEY).ok().context("a key")?;
    Ok([end - left, end].map(|moment| code_at(&key, Recipe::default(), UnixTime(moment)).expose().to_owned()))
}

/// From here on the page notes whether anything is pressed or sent.
async fn watched(stage: &Stage) -> anyhow::Result<()> {
    stage.on_x().await?;
    let watch = "for (const name of ['click', 'pointerdown', 'keydown', 'submit']) {
        document.addEventListener(name, () => { document.documentElement.dataset.pressed = name; }, true);
    }";
    stage.browser.script(watch, vec![]).await?;
    Ok(())
}

async fn pressed(stage: &Stage) -> anyhow::Result<Value> {
    stage.on_x().await?;
    stage.browser.script("return document.documentElement.dataset.pressed ?? null", vec![]).await
}

/// The card of the code says this.
async fn card_says(stage: &mut Stage, id: &str, words: &str) -> anyhow::Result<()> {
    stage.screen(&format!("#/code/{id}")).await?;
    let there = format!("document.querySelector('main')?.innerText.includes({})", Value::from(words));
    stage.browser.until(words, &there).await?;
    Ok(())
}

in_both! {
    async fn the_code_goes_into_both_logins(kind) {
        let mut stage = Stage::set(kind).await?;
        let id = with_entry(&mut stage).await?;
        // A code that ends before it can be sent is not filled: from less than 5 s on it is the next one.
        for (file, left, which) in [("login-challenge.html", 4_999, 1), ("login-challenge.jf.html", 5_000, 0)] {
            opens(&stage, file).await?;
            watched(&stage).await?;
            stage.view_until(file, |view| view["entries"][0]["code_wanted"] == true).await?;
            assert!(fields(&stage).await?.is_empty(), "{file}: nothing is filled before the click");
            let codes = code_ends_in(&mut stage, left).await?;
            stage.done(json!({ "fill": { "id": id } })).await?;
            // X's newer page spreads the six digits over its six fields by itself.
            assert!(fields(&stage).await?.concat() == codes[which], "{file}: another code, {left} ms before the end");
            assert_eq!(pressed(&stage).await?, Value::Null, "{file}");
            stage.on_x().await?;
            stage.browser.goto("https://x.com/home").await?;
            stage.view_until("the login to be left", |view| view["entries"][0]["code_wanted"] == false).await?;
            stage.world.x.clear_standins();
        }

        // Two logins that name nobody: neither is the one that is meant.
        let address = stage.world.x.serve_standin("login-challenge.html")?;
        let first = stage.x.clone();
        stage.on_x().await?;
        stage.browser.goto(&address).await?;
        stage.view_until("the first login", |view| view["entries"][0]["code_wanted"] == true).await?;
        stage.browser.background_script(standins::LISTEN).await?;
        stage.x = stage.browser.open_tab(&address).await?;
        let second = stage.x.clone();
        let seen = until("the second login", DEADLINE, async || {
            Ok(standins::heard(&stage).await?.iter().any(|(_, screen)| screen.marks.contains(&Mark::CodeField)).then_some(()))
        });
        seen.await?;
        stage.screen(&format!("#/code/{id}")).await?;
        stage.browser.click("[data-act=fill].primary").await?;
        card_says(&mut stage, &id, "Two X sign-in pages are open that this could be for.").await?;
        for tab in [second, first] {
            stage.x = tab;
            assert!(fields(&stage).await?.is_empty(), "one of two was filled");
        }
        stage.quit().await
    }

    async fn the_backup_code_goes_into_its_field(kind) {
        let mut stage = Stage::set(kind).await?;
        let id = with_entry(&mut stage).await?;
        opens(&stage, "login-backup-code.html").await?;
        let view = stage.view_until("the field", |view| view["entries"][0]["backup_wanted"] == true).await?;
        assert_eq!(view["entries"][0]["code_wanted"], false);
        assert_eq!(stage.ask(json!({ "fill": { "id": id } })).await?["refused"], "NoCodeField");
        stage.screen(&format!("#/backup-codes/{id}")).await?;
        stage.browser.until("the list", "document.querySelector('[data-slot=fill]:not([hidden])')").await?;
        stage.sees("Fills only on x.com").await?;
        stage.browser.click(".slip.next [data-slot=fill]").await?;
        let filled = "[...document.querySelectorAll('input')].some(it => it.value)";
        stage.on_x().await?;
        stage.browser.until("the code", filled).await?;
        assert_eq!(fields(&stage).await?, ["mrk7er9qzx42"]);
        stage.quit().await
    }

    async fn other_fields_of_x_get_nothing(kind) {
        let mut stage = Stage::set(kind).await?;
        let id = with_entry(&mut stage).await?;
        let mail_or_message = "X's sign-in asks for a code that X sent by e-mail or text message.";
        for (file, refusal, words) in [
            ("decoy-login-email-code.html", "CodeSent", mail_or_message),
            ("own/login.sms.html", "CodeSent", mail_or_message),
            ("own/login.six-by-mail.html", "CodeSent", mail_or_message),
            ("decoy-profile-bio.html", "NoCodeField", "X accepted"),
        ] {
            stage.browser.background_script(standins::LISTEN).await?;
            opens(&stage, file).await?;
            watched(&stage).await?;
            let address = stage.browser.script("return location.href", vec![]).await?;
            let seen = until(file, DEADLINE, async || {
                let said = standins::heard(&stage).await?;
                Ok(said.iter().any(|(at, screen)| address == *at && !screen.texts.is_empty()).then_some(()))
            });
            seen.await?;
            // The sensor has spoken: the screen says what it saw, and offers nothing to fill.
            card_says(&mut stage, &id, words).await?;
            let entry = stage.view().await?["entries"][0].clone();
            assert_eq!((&entry["code_wanted"], &entry["backup_wanted"]), (&json!(false), &json!(false)), "{file}");
            assert!(!stage.browser.exists("[data-act=fill]:not([hidden])").await?, "{file}");
            for question in [json!({ "fill": { "id": id } }), json!({ "fill_backup": { "entry": id } })] {
                assert_eq!(stage.ask(question).await?["refused"], refusal, "{file}");
            }
            assert!(fields(&stage).await?.is_empty(), "{file}");
            assert_eq!(pressed(&stage).await?, Value::Null, "{file}");
            stage.on_x().await?;
            stage.browser.goto("https://x.com/home").await?;
            stage.view_until("the page to be left", |view| view["entries"][0]["code_sent"] == false).await?;
            stage.world.x.clear_standins();
        }
        stage.quit().await
    }
}
