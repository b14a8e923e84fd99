//! Capture, and what may go wrong around it.

use longkey_tests::browsers::Install;
use longkey_tests::in_both;
use longkey_tests::stage::{OTHER_KEY, SETTINGS, Stage};
use serde_json::json;

in_both! {
    async fn the_popup_opens_by_itself_with_the_key(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.x_shows_the_key().await?;
        stage.browser.popups_until(1).await?;
        let draft = stage.draft().await?;
        assert_eq!(draft.len(), 16);
        stage.quit().await
    }

    async fn with_no_vault_one_is_made_and_says_that_nothing_is_locked(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.on_us().await?;
        assert_eq!(stage.view().await?["vault"], "none");
        stage.x_shows_the_key().await?;
        stage.draft().await?;
        assert_eq!(stage.view().await?["vault"], "not_locked");
        stage.keep().await?;
        stage.screen("#/").await?;
        let words = "document.body.innerText.includes('Not locked: anyone who can use or copy this browser profile can read your keys')";
        stage.browser.until("the words for a vault without a passphrase", words).await?;
        assert!(!stage.browser.exists("[data-act=lock]:not([hidden])").await?, "nothing to lock with, no lock icon");
        stage.quit().await
    }

    async fn a_wrong_code_on_x_confirms_nothing(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.x_shows_the_key().await?;
        stage.keep().await?;
        stage.x_asks_for_the_code().await?;
        stage.browser.type_into("[data-testid=ocfEnterTextTextInput]", "000000").await?;
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.view_until("the refusal to be seen", |view| view["entries"][0]["code_refused"] == true).await?;
        assert_eq!(stage.view().await?["entries"][0]["waiting"]["state"], "pending");
        assert_eq!(stage.world.x.confirmed_key(), None);
        stage.quit().await
    }

    async fn a_locked_vault_still_receives(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.screen("#/passphrase").await?;
        stage.browser.type_into("#new-passphrase", "correct horse battery").await?;
        stage.browser.click("[data-form=passphrase] .primary").await?;
        stage.view_until("the vault to be open", |view| view["vault"] == "unlocked").await?;
        stage.done(json!("lock")).await?;
        assert_eq!(stage.view().await?["vault"], "locked");
        stage.x_shows_the_key().await?;
        let draft = stage.keep().await?;
        stage.screen(&format!("#/code/{draft}")).await?;
        let code = "document.querySelector('.code-card .digits')?.textContent.replace(/\\D/g, '').length === 6";
        stage.browser.until("its first code", code).await?;

        stage.screen("#/").await?;
        stage.browser.type_into("#unlock-passphrase", "wrong horse battery").await?;
        stage.browser.click("[data-form=unlock] .primary").await?;
        stage.browser.until("the sentence for a wrong passphrase", "document.querySelector('#unlock-wrong').innerText.trim()").await?;
        stage.browser.script("document.querySelector('#unlock-passphrase').value = ''", vec![]).await?;
        stage.browser.type_into("#unlock-passphrase", "correct horse battery").await?;
        stage.browser.click("[data-form=unlock] .primary").await?;
        let view = stage.view_until("the vault to be open again", |view| view["vault"] == "unlocked").await?;
        assert_eq!(view["entries"][0]["handle"], "standin_user", "{view}");
        stage.quit().await
    }

    async fn popup_tab_and_worker_may_go_between_sighting_and_save(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.x_shows_the_key().await?;
        stage.browser.popups_until(1).await?;
        stage.browser.close_popups().await?;
        let draft = stage.draft().await?;
        stage.browser.kill_background().await?;
        assert_eq!(stage.draft().await?, draft, "the worker was killed");
        // X's tab is closed.
        stage.on_x().await?;
        let us = stage.us.clone().expect("our tab");
        stage.browser.close_tab(&us).await?;
        stage.browser.kill_background().await?;
        assert_eq!(stage.draft().await?, draft, "the tab was closed");
        stage.keep().await?;
        stage.browser.kill_background().await?;
        let view = stage.view().await?;
        assert_eq!(view["entries"][0]["handle"], "standin_user");
        assert_eq!(view["drafts"].as_array().map(Vec::len), Some(0));
        stage.quit().await
    }

    async fn tabs_that_were_open_at_install_are_seen(kind) {
        let mut stage = Stage::set_with(kind, Install::Later).await?;
        stage.browser.install_extension().await?;
        stage.x_shows_the_key().await?;
        stage.draft().await?;
        stage.quit().await
    }

    async fn site_access_that_was_taken_away_is_said(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.on_us().await?;
        stage.browser.revoke("https://x.com/*").await?;
        stage.on_us().await?;
        stage.browser.reload().await?;
        stage.browser.until("the banner", "document.body.innerText.includes(\"Longkey can't see x.com\") || document.body.innerText.includes('Longkey can’t see x.com')").await?;
        stage.browser.grant("https://x.com/*").await?;
        stage.quit().await
    }

    async fn starting_again_on_x_replaces_the_sighting(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.x_shows_the_key().await?;
        let first = stage.draft().await?;
        stage.on_x().await?;
        stage.world.x.set_next_secret(OTHER_KEY);
        stage.browser.goto(SETTINGS).await?;
        stage.x_shows_the_key().await?;
        let view = stage.view_until("the second key", |view| view["drafts"][0]["tail"] == "QOJQ").await?;
        assert_eq!(view["drafts"].as_array().map(Vec::len), Some(1));
        assert_ne!(view["drafts"][0]["id"], first);
        stage.quit().await
    }

    async fn nothing_of_ours_stays_readable_in_x_s_page(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.captured_and_confirmed().await?;
        stage.on_x().await?;
        // The toast is words in a closed shadow root; to the page it is an empty element without a root.
        let ours = "return [...document.documentElement.children].filter(it => !it.matches('head, body'))
            .map(it => [it.outerHTML.replace(/ style=\"[^\"]*\"/, ''), it.shadowRoot])";
        let ours = stage.browser.script(ours, vec![]).await?;
        for element in ours.as_array().into_iter().flatten() {
            assert_eq!(*element, json!(["<div></div>", null]));
        }
        let globals = "return Object.keys(globalThis).filter(it => /longkey/i.test(it))";
        assert_eq!(stage.browser.script(globals, vec![]).await?, json!([]));
        stage.quit().await
    }
}
