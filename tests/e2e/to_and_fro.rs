//! The set-up as people walk through it: back and forth, reloaded, in two tabs, closed half-way. X makes a new key with
//! each new dialog; within one it shows the same again. What the sensor says of single pages is in `standins.rs`.

use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, SETTINGS, Stage};
use serde_json::{Value, json};

fn keys(view: &Value) -> Vec<(String, String)> {
    let text = |draft: &Value, name: &str| draft[name].as_str().unwrap_or_default().to_owned();
    view["drafts"].as_array().into_iter().flatten().map(|it| (text(it, "id"), text(it, "tail"))).collect()
}

/// From the secret step to the QR step and to the text again.
async fn there_and_back(stage: &Stage) -> anyhow::Result<()> {
    stage.on_x().await?;
    stage.x_presses("app-bar-back").await?;
    stage.x_is_at("qr").await?;
    let link = "[...document.querySelectorAll('[role=dialog] [role=button]')].find(it => !it.dataset.testid)";
    stage.browser.until("the link to the text", &format!("{link} && ({link}.click(), true)")).await?;
    stage.x_is_at("secret").await
}

in_both! {
    async fn back_and_forth_is_one_key_and_its_code_is_taken(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.x_shows_the_key().await?;
        let first = stage.draft().await?;
        for _ in 0..3 {
            there_and_back(&stage).await?;
        }
        stage.x_asks_for_the_code().await?;
        stage.view_until("the code field", |view| view["drafts"][0]["code_wanted"] == true).await?;
        stage.on_x().await?;
        stage.x_presses("app-bar-back").await?;
        stage.x_is_at("qr").await?;
        stage.view_until("the code field to be gone", |view| view["drafts"][0]["code_wanted"] == false).await?;
        stage.on_x().await?;
        stage.x_presses("ocfShowCodeNextLink").await?;
        stage.x_is_at("code").await?;
        let view = stage.view_until("the code field again", |view| view["drafts"][0]["code_wanted"] == true).await?;
        assert_eq!(keys(&view), [(first.clone(), KEY[12..].to_owned())]);
        stage.keep().await?;
        let entry = stage.view().await?["entries"][0]["id"].clone();
        stage.done(json!({ "fill": { "id": entry } })).await?;
        stage.on_x().await?;
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.x_is_at("done").await?;
        stage.view_until("the proof", |view| view["entries"][0]["current"]["state"] == "confirmed").await?;
        stage.quit().await
    }

    async fn reloading_and_closing_half_way_make_a_new_key_each_time(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.x_shows_the_key().await?;
        let first = stage.draft().await?;
        // A reload in the middle of the flow begins it anew.
        stage.on_x().await?;
        stage.world.x.set_next_secret(OTHER_KEY);
        stage.browser.reload().await?;
        stage.browser.until("the first step", "['password', 'begin'].includes(document.documentElement.dataset.step)").await?;
        stage.browser.goto(SETTINGS).await?;
        stage.x_shows_the_key().await?;
        let view = stage.view_until("the second key", |view| view["drafts"][0]["tail"] == OTHER_KEY[12..]).await?;
        assert_eq!(keys(&view).len(), 1, "the first one is dead: {view}");
        assert_ne!(keys(&view)[0].0, first);
        // Closed at the code step, never confirmed, begun once more.
        stage.x_asks_for_the_code().await?;
        stage.view_until("the code field", |view| view["drafts"][0]["code_wanted"] == true).await?;
        stage.on_x().await?;
        let third = "MFRGGZDFMZTWQ2LK";
        stage.world.x.set_next_secret(third);
        stage.browser.goto(SETTINGS).await?;
        stage.view_until("nothing to be wanted", |view| view["drafts"][0]["code_wanted"] == false).await?;
        stage.x_shows_the_key().await?;
        let view = stage.view_until("the third key", |view| view["drafts"][0]["tail"] == third[12..]).await?;
        assert_eq!(keys(&view).len(), 1, "{view}");
        assert_eq!(stage.world.x.confirmed_key(), None);
        stage.quit().await
    }

    async fn two_tabs_are_two_keys_and_closing_one_keeps_the_other(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.x_shows_the_key().await?;
        stage.draft().await?;
        let first = stage.x.clone();
        stage.world.x.set_next_secret(OTHER_KEY);
        stage.x = stage.browser.open_tab(SETTINGS).await?;
        stage.x_shows_the_key().await?;
        let both = stage.view_until("both keys", |view| keys(view).len() == 2).await?;
        let mut tails: Vec<String> = keys(&both).into_iter().map(|it| it.1).collect();
        tails.sort();
        assert_eq!(tails, [&KEY[12..], &OTHER_KEY[12..]]);
        // The second tab's dialog is the one whose key X knows; the first tab goes.
        stage.browser.switch_to(&first).await?;
        let second = stage.x.clone();
        stage.browser.close_tab(&second).await?;
        stage.x_asks_for_the_code().await?;
        let tail = &OTHER_KEY[12..];
        let wanted = |view: &Value| {
            let drafts = view["drafts"].as_array().cloned().unwrap_or_default();
            drafts.iter().any(|it| it["tail"] == tail && it["code_wanted"] == true)
                && drafts.iter().all(|it| it["tail"] == tail || it["code_wanted"] == false)
        };
        let view = stage.view_until("the second tab's code field", wanted).await?;
        let drafts = view["drafts"].as_array().cloned().unwrap_or_default();
        let draft = drafts.iter().find(|it| it["tail"] == tail).map(|it| it["id"].clone()).unwrap_or_default();
        let handle = stage.world.x.handle();
        let kept = stage.ask(json!({ "keep_draft": { "draft": draft, "handle": handle } })).await?["kept"].clone();
        stage.done(json!({ "fill": { "id": kept } })).await?;
        stage.on_x().await?;
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.x_is_at("done").await?;
        stage.view_until("the proof", |view| view["entries"][0]["current"]["state"] == "confirmed").await?;
        assert_eq!(stage.world.x.confirmed_key().as_deref(), Some(OTHER_KEY));
        stage.quit().await
    }
}
