//! X's set-up walked where it looks or is addressed otherwise: on each of X's hosts, on the narrow layout (a full page, its
//! foot rendered twice), and to its way out.

use longkey_tests::in_both;
use longkey_tests::stage::{SETTINGS, Stage};
use serde_json::json;

in_both! {
    async fn from_the_key_to_x_s_yes_on_each_host_and_layout(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        for (host, narrow, key) in [
            ("mobile.x.com", true, "GEZDGNBVGY3TQOJQ"),
            ("twitter.com", false, "MFRGGZDFMZTWQ2LK"),
            ("mobile.twitter.com", true, "KRSXG5CTMVRXEZLU"),
        ] {
            stage.world.x.set_confirmed_key(None);
            stage.world.x.set_next_secret(key);
            stage.world.x.set_narrow(narrow);
            stage.on_x().await?;
            stage.browser.goto(&format!("https://{host}/settings/account/login_verification")).await?;
            stage.captured_and_confirmed().await?;
            assert_eq!(stage.world.x.confirmed_key().as_deref(), Some(key), "{host}");
            let entry = stage.view_until(host, |view| view["entries"][0]["current"]["state"] == "confirmed").await?["entries"][0].clone();
            assert!(entry["waiting"].is_null(), "{host}: {entry}");
        }

        // The page that turns the app off is only opened: that is a question, and not more.
        stage.world.x.set_narrow(false);
        stage.on_x().await?;
        stage.browser.goto(SETTINGS).await?;
        stage.browser.click("input[name=Totp]").await?;
        stage.x_is_at("unenrol").await?;
        let entry = stage.view_until("the question", |view| view["entries"][0]["doubt"] == "turning_off").await?["entries"][0].clone();
        assert_eq!(entry["current"]["state"], "confirmed");
        let id = entry["id"].as_str().unwrap_or_default().to_owned();
        stage.screen(&format!("#/entry/{id}")).await?;
        let words = "document.querySelector('[data-slot=notes]')?.innerText.includes('turning the Authentication app off was open')";
        stage.browser.until("the question in words", words).await?;
        stage.quit().await
    }
}
