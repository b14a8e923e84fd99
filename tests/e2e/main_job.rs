//! The main job, through the screens a person uses: X shows the key, Longkey takes it, X accepts its code, Xquik
//! signs the account in with it.

use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage, account};
use serde_json::json;

in_both! {
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
        stage.browser.click("[data-act=fill]").await?;
        // The popup closes after the fill, as a click on X would close it.
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
        stage.browser.until("the accounts", "document.querySelectorAll('[data-slot=list] li').length >= 3").await?;

        // The account that needs a sign-in.
        stage.screen("#/signin/900001").await?;
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

    async fn the_key_is_missing_then_works_then_is_rejected_and_reset(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        let answer = stage.sign_in("saved").await?;
        assert_eq!(answer["refused"], "NoConfirmedKey", "{answer}");
        stage.captured_and_confirmed().await?;
        stage.done_sign_in("saved").await?;
        let outcome = stage.outcome().await?;
        assert!(outcome["answered"]["verdict"]["signed_in"].is_object(), "{outcome}");

        // Somebody resets the key on another computer: ours is refused.
        stage.world.x.set_confirmed_key(Some("MFRGGZDFMZTWQ2LK"));
        stage.world.xquik.change("900001", |it| it.health = "needsReauth".into());
        stage.done(json!("refresh")).await?;
        stage.done_sign_in("saved").await?;
        let outcome = stage.outcome().await?;
        assert!(outcome["answered"]["verdict"]["login_failed"].is_object(), "{outcome}");
        let view = stage.view().await?;
        let entry = view["entries"][0]["id"].clone();
        stage.done(json!({ "refuses": { "entry": entry } })).await?;
        assert_eq!(stage.view().await?["entries"][0]["current"]["state"], "stale");

        // Off and on at X: a new key, confirmed, sent.
        stage.done(json!({ "reset": { "handle": "standin_user", "mark": "start" } })).await?;
        stage.x_turns_the_app_off().await?;
        stage.world.x.set_next_secret(OTHER_KEY);
        stage.captured_and_confirmed().await?;
        stage.done_sign_in("saved").await?;
        let outcome = stage.outcome().await?;
        assert!(outcome["answered"]["verdict"]["signed_in"].is_object(), "{outcome}");
        let view = stage.view().await?;
        assert_eq!(account(&view, "900001")["health"], "healthy");
        assert_eq!(view["resets"].as_array().map(Vec::len), Some(0), "the checklist is finished");
        stage.quit().await
    }
}
