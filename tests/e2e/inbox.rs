//! The sealed inbox in real browsers: keys that X shows while the vault is locked outlive the background, the browser and a
//! new passphrase; and after a new vault key nothing in either store opens with the old one.

use super::stores::{DERIVED, passphrase, stores, unlock};
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use longkey_tests::browsers::Options;
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage, THIRD_KEY, account, connect};
use serde_json::{Value, json};

/// As Argon2id would have derived them from another passphrase.
const OTHER: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

/// The epochs of every vault text that lies in either store.
fn epochs(stores: &Value) -> anyhow::Result<Vec<u64>> {
    let mut found = vec![];
    for (name, text) in ["local", "mirror"].iter().flat_map(|store| stores[store].as_object()).flatten() {
        if !name.starts_with("vault.") || name == "vault.head" {
            continue;
        }
        let text = text.as_str().context("a vault is text")?;
        let header = text.split("longkey1.").nth(1).and_then(|it| it.split('.').next()).context("a header")?;
        let header: Value = serde_json::from_slice(&STANDARD_NO_PAD.decode(header)?)?;
        found.push(header["epoch"].as_u64().context("an epoch")?);
    }
    Ok(found)
}

async fn new_passphrase(stage: &mut Stage, derived: &str) -> anyhow::Result<()> {
    let terms = stage.ask(json!("new_passphrase_terms")).await?["terms"].clone();
    stage.done(json!({ "set_passphrase": { "terms": terms, "derived": derived } })).await
}

async fn unlock_with(stage: &mut Stage, derived: &str) -> anyhow::Result<Value> {
    let terms = stage.ask(json!("unlock_terms")).await?["terms"].clone();
    stage.ask(json!({ "unlock": { "slot": terms["slot"], "derived": derived } })).await
}

in_both! {
    async fn keys_that_a_locked_vault_received_outlive_everything(kind) {
        let profile = tempfile::tempdir()?;
        let options = || Options { profile: Some(profile.path().to_owned()), ..Options::default() };
        let mut stage = Stage::set_in(kind, options()).await?;
        passphrase(&mut stage).await?;
        stage.done(json!("lock")).await?;
        // Three accounts sign in on X one after the other, and each is shown its key; two are kept, one is not decided.
        for (at, (handle, key)) in [("one", KEY), ("two", OTHER_KEY), ("three", THIRD_KEY)].into_iter().enumerate() {
            stage.world.x.set_signed_in_handle(handle);
            stage.world.x.set_next_secret(key);
            stage.on_x().await?;
            stage.browser.goto("https://x.com/settings/account/login_verification").await?;
            stage.x_shows_the_key().await?;
            let seen = |view: &Value| view["drafts"].as_array().is_some_and(|it| it.len() > at);
            let view = stage.view_until(&format!("the key of {handle}"), seen).await?;
            let draft = view["drafts"].as_array().and_then(|it| it.iter().find(|it| it["handle"] == handle)).cloned();
            if handle != "three" {
                stage.done(json!({ "keep_draft": { "draft": draft.context("a draft")?["id"], "handle": handle } })).await?;
            }
            stage.browser.kill_background().await?;
        }
        let mut stage = stage.restarted(options()).await?;
        let view = stage.view().await?;
        assert_eq!((&view["vault"], &view["drafts"]), (&json!("locked"), &json!([])));
        unlock(&mut stage).await?;
        let both = |view: &Value| {
            view["entries"].as_array().is_some_and(|it| it.len() == 2) && view["drafts"][0]["handle"] == "three"
        };
        stage.view_until("two accounts and a draft", both).await?;

        // A new passphrase while the third still waits in the inbox; then another browser session.
        new_passphrase(&mut stage, OTHER).await?;
        stage.browser.kill_background().await?;
        let mut stage = stage.restarted(options()).await?;
        assert_eq!(unlock_with(&mut stage, DERIVED).await?["refused"], "PassphraseWrong");
        assert_eq!(unlock_with(&mut stage, OTHER).await?, "done");
        let view = stage.view_until("all three", both).await?;
        let draft = view["drafts"][0]["id"].clone();
        stage.done(json!({ "keep_draft": { "draft": draft, "handle": "three" } })).await?;
        stage.view_until("the third", |view| view["entries"].as_array().is_some_and(|it| it.len() == 3)).await?;
        stage.quit().await
    }

    async fn after_a_new_passphrase_no_store_has_an_older_key(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        for (key, handle) in [(KEY, "one"), (OTHER_KEY, "two"), (THIRD_KEY, "three")] {
            stage.done(json!({ "add_key": { "text": key, "handle": handle } })).await?;
        }
        let before = epochs(&stores(&mut stage).await?)?;
        assert!(before.len() >= 4, "two places and the copies: {before:?}");
        let old = before.iter().max().copied().unwrap_or_default();
        new_passphrase(&mut stage, OTHER).await?;
        let after = epochs(&stores(&mut stage).await?)?;
        assert!(!after.is_empty() && after.iter().all(|epoch| *epoch > old), "{old}, then {after:?}");
        stage.quit().await
    }

    async fn a_locked_vault_is_not_blind(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        let api_key = stage.world.xquik.api_key();
        stage.done(connect(&api_key)).await?;
        stage.done(json!("lock")).await?;
        stage.browser.kill_background().await?;
        let view = stage.view().await?;
        assert_eq!(view["vault"], "locked");
        assert_eq!(account(&view, "900001")["health"], "needsReauth");
        stage.screen("#/").await?;
        stage.browser.until("the account that needs somebody", "document.body.innerText.includes('standin_user')").await?;
        stage.quit().await
    }
}
