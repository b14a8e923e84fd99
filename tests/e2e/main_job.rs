//! The main job, through the screens a person uses: X shows the key, Longkey takes it, X accepts its code, Xquik
//! signs the account in with it.

use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};

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
}
