//! Private windows. Firefox keeps an extension out whose manifest says "not_allowed", Chromium until the user allows it: there
//! nothing is seen, and a page of ours says so. Where Chromium lets it in, a key is asked and lies in no store before the
//! user's click, and what nobody saved has left nothing on the disk.

use crate::stores::stores;
use longkey_tests::browsers::{Kind, Options, Tab};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, SETTINGS, Stage, THIRD_KEY};
use longkey_tests::torture::needles::{Canary, Needles};
use longkey_tests::torture::profile;
use serde_json::{Value, json};

const UNSAVED_KEY: &str = "KRSXG5CTMVRXEZLU";
const PLANTED: &str = "not a secret, to be met";

/// X shows this key in that tab, which is X's tab from now on.
async fn shows(stage: &mut Stage, x: &Tab, key: &str) -> anyhow::Result<()> {
    stage.x = x.clone();
    stage.world.x.set_next_secret(key);
    stage.on_x().await?;
    stage.browser.goto(SETTINGS).await?;
    stage.x_shows_the_key().await
}

/// The keys that are offered, by their last four characters.
fn tails(view: &Value) -> Vec<String> {
    let drafts = view["drafts"].as_array().into_iter().flatten();
    drafts.map(|it| it["tail"].as_str().unwrap_or_default().to_owned()).collect()
}

fn tail(key: &str) -> String {
    key[12..].to_owned()
}

in_both! {
    async fn a_key_of_a_private_window_is_asked_or_not_seen_and_never_lies_about(kind) {
        let profile = tempfile::tempdir()?;
        let options = Options { profile: Some(profile.path().to_owned()), ..Options::default() };
        let mut stage = Stage::set_in(kind, options).await?;
        stage.done(json!("skip_passphrase")).await?;
        let normal = stage.x.clone();
        if kind == Kind::Firefox {
            // Not even a user who allows it changes what the manifest says.
            stage.browser.allow_private().await?;
            stage.us = None;
        }

        // Kept out: what is shown in the private window is heard of by nobody. The key in the window beside it is, later.
        let private = stage.browser.open_private_window(SETTINGS).await?;
        shows(&mut stage, &private, KEY).await?;
        shows(&mut stage, &normal, OTHER_KEY).await?;
        let view = stage.view_until("the key of the normal window", |view| !tails(view).is_empty()).await?;
        assert_eq!(tails(&view), [tail(OTHER_KEY)]);
        stage.screen("#/add").await?;
        let words = match kind {
            Kind::Chromium => "keeps Longkey out of private windows until you allow it there",
            Kind::Firefox => "Firefox keeps Longkey out of private windows.",
        };
        stage.browser.until(words, &format!("document.querySelector('[data-slot=private]:not([hidden])')?.innerText.includes({})", json!(words))).await?;

        stage.done(json!({ "drop_draft": { "draft": view["drafts"][0]["id"] } })).await?;
        stage.on_x().await?;
        stage.browser.goto("https://x.com/home").await?;
        stage.browser.switch_to(&private).await?;
        stage.browser.close_tab(&normal).await?;

        if kind == Kind::Chromium {
            asked_in_chromium(&mut stage).await?;
        }
        // The search is shown to find what lies there.
        stage.on_us().await?;
        stage.browser.script("await api.storage.local.set({ planted: arguments[0] })", vec![PLANTED.into()]).await?;
        stage.quit().await?;
        let unsaved = [("unseen", KEY), ("asked", UNSAVED_KEY), ("saved and sealed", THIRD_KEY)];
        let planted = ("planted", PLANTED);
        let canaries: Vec<Canary> = unsaved.iter().chain([&planted]).map(|(name, text)| Canary::text(name, text)).collect();
        let found = profile::search(profile.path(), &Needles::all(&canaries)?)?;
        assert!(found.of("planted") > 0, "{} files, {} bytes", found.files, found.bytes);
        assert_eq!(unsaved.map(|(name, _)| found.of(name)), [0; 3], "{:?}", found.hits);
        Ok(())
    }
}

/// Allowed in, as the user may choose in Chromium.
async fn asked_in_chromium(stage: &mut Stage) -> anyhow::Result<()> {
    stage.browser.allow_private().await?;
    stage.us = None;
    let private = stage.browser.open_private_window(SETTINGS).await?;
    stage.screen("#/add").await?;
    // The page has asked before, so it has its answer.
    let no_word =
        "await api.extension.isAllowedIncognitoAccess() && document.querySelector('[data-slot=private][hidden]')";
    stage.browser.until("no word against it", no_word).await?;
    let before = stores(stage).await?;
    shows(stage, &private, THIRD_KEY).await?;
    let view = stage.view_until("the question", |view| tails(view) == [tail(THIRD_KEY)]).await?;
    let draft = &view["drafts"][0];
    assert_eq!((&draft["private"], &draft["ask"], &draft["kept"]), (&json!(true), &json!(false), &json!(false)));
    stage.browser.kill_background().await?;
    assert_eq!(tails(&stage.view().await?), [tail(THIRD_KEY)], "it outlives the background");
    assert!(stores(stage).await? == before, "it lies in a store");

    // The screen says why it asks; the click keeps it.
    stage.screen(&format!("#/save/{}", draft["id"].as_str().unwrap_or_default())).await?;
    stage.browser.until("the words", "document.querySelector('[data-slot=private]:not([hidden])')").await?;
    assert!(!stage.browser.exists("[data-slot=ask]:not([hidden])").await?, "nothing is odd about X's page");
    stage.browser.click("[data-slot=go]").await?;
    stage.view_until("the saved key", |view| view["entries"][0]["waiting"]["state"] == "pending").await?;

    // Another one, which nobody answers, goes with the browser.
    shows(stage, &private, UNSAVED_KEY).await?;
    stage.view_until("the other question", |view| tails(view) == [tail(UNSAVED_KEY)]).await?;
    stage.on_x().await?;
    let us = stage.us.clone().unwrap_or(private);
    stage.browser.close_tab(&us).await?;
    assert_eq!(tails(&stage.view().await?), [tail(UNSAVED_KEY)], "the window is closed: it can still be saved");
    Ok(())
}
