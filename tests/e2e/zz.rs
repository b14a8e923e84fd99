//! temp
use longkey_tests::browsers::artefacts;
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::json;
async fn shot(stage: &Stage, name: &str) -> anyhow::Result<()> {
    for (surface, w, h) in [("popup", 380, 600), ("tab", 1100, 800)] {
        stage.browser.viewport(w, h).await?;
        for theme in ["light", "dark"] {
            stage.browser.script("document.documentElement.dataset.theme = arguments[0]", vec![theme.into()]).await?;
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            stage
                .browser
                .screenshot(
                    &artefacts().join(format!("zz/{name}.{surface}.{theme}.{}.png", stage.browser.kind().name())),
                )
                .await?;
        }
    }
    Ok(())
}
in_both! {
    async fn pictures(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        let entry = stage.captured_and_confirmed().await?;
        stage.world.x.set_confirmed_key(Some(OTHER_KEY));
        stage.sign_in("saved").await?;
        stage.outcome().await?;
        stage.screen("#/signin/900001").await?;
        stage.browser.click("[data-act=which]").await?;
        stage.browser.until("the question", "document.querySelector('[data-slot=which]').innerText.length > 20").await?;
        shot(&stage, "1-which").await?;
        stage.browser.click("[data-slot=which] [data-act=accepted]").await?;
        shot(&stage, "2-which-accepted").await?;
        stage.browser.click("[data-slot=which] [data-act=refuses]").await.ok();
        stage.done(json!({ "refuses": { "entry": entry } })).await?;
        shot(&stage, "3-which-refused").await?;
        stage.screen(&format!("#/key/{entry}")).await?;
        shot(&stage, "4-key-refused").await?;
        stage.screen("#/").await?;
        shot(&stage, "5-home").await?;
        stage.quit().await
    }
    async fn unsure(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.x_shows_the_key().await?;
        stage.on_us().await?;
        shot(&stage, "6-save").await?;
        let entry = stage.keep().await?;
        stage.x_asks_for_the_code().await?;
        stage.view_until("field", |view| view["entries"][0]["code_wanted"] == true).await?;
        stage.done(json!({ "fill": { "id": entry } })).await?;
        stage.on_x().await?;
        stage.browser.goto("https://x.com/home").await?;
        stage.screen(&format!("#/card/{entry}")).await?;
        shot(&stage, "7-card-unsure").await?;
        stage.done(json!({ "reset": { "handle": "standin_user", "mark": "start" } })).await.ok();
        stage.screen("#/").await?;
        shot(&stage, "8-home-unsure").await?;
        let _ = KEY;
        stage.quit().await
    }
}
