//! The main job, through the screens a person uses: X shows the key, Longkey takes it, X accepts its code, Xquik
//! signs the account in with it.

use longkey_tests::browsers::Key;
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage, connect};
use serde_json::json;

/// Counts what a person does on the page: presses, keys that send, and fields that are filled in.
const COUNTS: &str =
    "const hear = (kind, does) => addEventListener(kind, event => { if (event.isTrusted) does(event); }, true);
    hear('pointerdown', () => window.longkeyDid.presses++);
    hear('keydown', event => { if (event.key === 'Enter') window.longkeyDid.enters++; });
    hear('input', event => window.longkeyDid.fields.add(event.target.id));";
const ANEW: &str = "window.longkeyDid = { presses: 0, enters: 0, fields: new Set() };";
const DID: &str = "return [window.longkeyDid.presses, window.longkeyDid.enters, [...window.longkeyDid.fields]]";

in_both! {
    async fn two_presses_save_a_key_and_one_field_signs_in(kind) {
        let mut stage = Stage::set(kind).await?;
        // With the key comes the popup: no press.
        stage.x_shows_the_key().await?;
        stage.browser.popups_until(1).await?;
        stage.browser.close_popups().await?;
        stage.on_us().await?;
        for script in [ANEW, COUNTS] {
            stage.browser.script(script, vec![]).await?;
        }
        stage.browser.until("the offer to save", "document.querySelector('[data-form=save]')").await?;
        stage.browser.click(".foot .primary").await?;
        let view = stage.view_until("the key to be saved", |view| view["entries"][0]["waiting"].is_object()).await?;
        let did = stage.browser.script(DID, vec![]).await?;
        // Where the popup stays shut, opening it is the second.
        assert_eq!(did, json!([1, 0, []]), "presses, Enter, fields");
        let entry = view["entries"][0]["id"].clone();

        stage.x_asks_for_the_code().await?;
        stage.view_until("X's code field to be seen", |view| view["entries"][0]["code_wanted"] == true).await?;
        stage.done(json!({ "fill": { "id": entry } })).await?;
        stage.on_x().await?;
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.x_is_at("done").await?;
        stage.view_until("the key to be confirmed", |view| view["entries"][0]["current"]["state"] == "confirmed").await?;
        let api_key = stage.world.xquik.api_key();
        stage.done(connect(&api_key)).await?;

        // The account that needs a sign-in: the field has the keyboard, everything else is chosen.
        stage.sheet("900001").await?;
        stage.browser.until("the field to be ready", "document.activeElement.id === 'x-password'").await?;
        stage.browser.until("the saved key preselected", "document.querySelector('[data-slot=saved]').checked").await?;
        stage.browser.script(ANEW, vec![]).await?;
        let password = stage.world.x.password();
        let field = stage.browser.element(":focus").await?;
        field.send_keys(password.as_str()).await?;
        field.send_keys(Key::Enter + "").await?;
        let outcome = stage.outcome().await?;
        assert!(outcome["answered"]["verdict"]["signed_in"].is_object(), "{outcome}");
        stage.on_us().await?;
        let did = stage.browser.script(DID, vec![]).await?;
        assert_eq!(did, json!([0, 1, ["x-password"]]), "presses, Enter, fields");
        assert_eq!(stage.posts(), 1);
        stage.quit().await
    }

    async fn from_x_s_key_to_a_signed_in_account(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.x_shows_the_key().await?;
        stage.browser.popups_until(1).await?;
        stage.browser.close_popups().await?;

        // The popup's page, in a tab: "Save this login key?" stands there by itself.
        stage.on_us().await?;
        let browser = &stage.browser;
        let shown = browser.until("the offer to save", "document.querySelector('[data-form=save] [data-slot=key]')?.textContent");
        let shown = shown.await?;
        assert_eq!(shown, "JBSW ···· ···· 3PXP");
        let handle = browser.script("return document.querySelector('#save-handle').value", vec![]).await?;
        assert_eq!(handle, "standin_user");
        browser.click(".foot .primary").await?;
        let code = "document.querySelector('.code-card .digits')?.textContent.replace(/\\D/g, '')";
        browser.until("the code card", &format!("({code} ?? '').length === 6")).await?;

        stage.x_asks_for_the_code().await?;
        stage.on_us().await?;
        stage.browser.until("[Fill on X] to be the next step", "document.querySelector('[data-act=fill].primary')").await?;
        // The popup closes after the fill, as a click on X would close it: the driver may find it gone under the click. The
        // code in X's field says that it was one.
        let _ = stage.browser.click("[data-act=fill]").await;
        stage.us = None;
        stage.on_x().await?;
        let field = "document.querySelector('[data-testid=ocfEnterTextTextInput]').value";
        let filled = stage.browser.until("the code in X's field", &format!("{field}.length === 6 && {field}")).await?;
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.x_is_at("done").await?;
        assert_eq!(stage.world.x.accepted_codes().last().map(String::as_str), filled.as_str());
        assert_eq!(stage.world.x.confirmed_key().as_deref(), Some(KEY));
        stage.view_until("the key to be confirmed", |view| view["entries"][0]["current"]["state"] == "confirmed").await?;

        // Connect Xquik.
        stage.screen("#/connect").await?;
        stage.browser.type_into("#api-key", &stage.world.xquik.api_key()).await?;
        stage.browser.click("[data-form=connect] .primary").await?;
        stage.browser.accept_consent().await?;
        stage.browser.click("[data-slot=all-accounts]").await?;
        stage.browser.until("the accounts", "document.querySelectorAll('.list li').length >= 3").await?;

        // The account that needs a sign-in.
        stage.sheet("900001").await?;
        stage.browser.until("the saved key preselected", "document.querySelector('[data-slot=saved]').checked").await?;
        stage.browser.type_into("#x-password", &stage.world.x.password()).await?;
        stage.browser.click(".foot .primary").await?;
        let outcome = stage.outcome().await?;
        assert!(outcome["answered"]["verdict"]["signed_in"].is_object(), "{outcome}");
        stage.on_us().await?;
        let words = stage.browser.until("the result in words", "document.querySelector('[data-slot=result]').innerText.trim()");
        let words = words.await?;
        assert!(words.as_str().unwrap_or_default().contains("@standin_user is signed in again."), "{words}");
        let field = stage.browser.script("return document.querySelector('#x-password')?.value ?? ''", vec![]).await?;
        assert_eq!(field, "", "the password does not stay in the field");

        let posts: Vec<_> = stage.world.requests("xquik.com").into_iter().filter(|it| it.method == "POST").collect();
        assert_eq!(posts.len(), 1);
        assert_eq!(posts[0].json().unwrap_or_default()["totp_secret"], KEY);
        for name in ["cookie", "referer", "xquik-api-contract"] {
            assert_eq!(posts[0].header(name), None, "{name}");
        }
        assert_eq!(stage.world.xquik.account("900001").map(|it| it.health).as_deref(), Some("healthy"));
        stage.quit().await
    }
}
