//! A passkey as a way of opening the vault: in Chromium with an authenticator that knows PRF; in Firefox, which has no
//! WebAuthn for extensions' own pages (ESR 153), it is not offered.

use longkey_tests::browsers::Kind;
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};
use serde_json::{Value, json};

/// 32 bytes as Argon2id would have derived them.
const DERIVED: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

fn has_passkey(view: &Value) -> bool {
    view["ways"].as_array().into_iter().flatten().any(|way| way.get("passkey").is_some())
}

in_both! {
    async fn a_passkey_opens_the_vault_where_the_browser_has_them(kind) {
        let mut stage = Stage::set(kind).await?;
        let terms = stage.ask(json!("new_passphrase_terms")).await?["terms"].clone();
        stage.done(json!({ "set_passphrase": { "terms": terms, "derived": DERIVED } })).await?;
        stage.done(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
        let tab = stage.browser.open_extension_page("pages/app.html#/settings").await?;
        stage.us = Some(tab.clone());
        let shown = "document.querySelector('[data-slot=recovery]:not([hidden])')";
        stage.browser.until("the ways in Settings", shown).await?;
        if kind == Kind::Firefox {
            assert!(!stage.browser.exists("[data-slot=passkey]:not([hidden])").await?, "nothing that cannot work");
            return stage.quit().await;
        }
        stage.browser.virtual_authenticator().await?;
        // The page that the installation opens comes to the front once; what asks for a passkey has to be there.
        let first = "(async () => (await api.tabs.query({})).some(it => it.url?.endsWith('#/first')))()";
        stage.browser.until("the first page's tab", first).await?;
        stage.browser.switch_to(&tab).await?;
        stage.browser.until("the offer", "document.querySelector('[data-slot=passkey]:not([hidden])')").await?;
        stage.browser.click("[data-act=add-passkey]").await?;
        stage.view_until("the passkey to be kept", has_passkey).await?;

        stage.done(json!("lock")).await?;
        stage.screen("#/").await?;
        stage.browser.until("the offer to use it", "document.querySelector('[data-act=passkey]:not([hidden])')").await?;
        stage.browser.click("[data-act=passkey]").await?;
        let view = stage.view_until("the vault to be open", |view| view["vault"] == "unlocked").await?;
        assert_eq!(view["entries"].as_array().map(Vec::len), Some(1));
        assert_eq!(view["recovered"], false);

        // A new vault key that only the passphrase opens: the passkey is answered, and opens nothing.
        let slot = view["ways"].as_array().into_iter().flatten().find_map(|way| way.get("passkey")).cloned();
        let unlock = stage.ask(json!("unlock_terms")).await?["terms"]["slot"].clone();
        stage.done(json!({ "only_passphrase": { "slot": unlock, "derived": DERIVED } })).await?;
        assert!(!has_passkey(&stage.view().await?));
        stage.done(json!("lock")).await?;
        let slot = slot.map(|it| it["terms"]["slot"].clone());
        let refused = stage.ask(json!({ "unlock": { "slot": slot, "derived": DERIVED } })).await?;
        assert_eq!(refused["refused"], "PassphraseWrong");
        stage.quit().await
    }
}
