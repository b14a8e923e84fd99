//! A key from X's dialog to its own page: saving, the code, X's answer, backup codes, the reset.

use super::scene::Scene;
use super::walk::Walk;
use longkey_tests::in_both;
use longkey_tests::stage::{OTHER_KEY, Stage};
use serde_json::{Value, json};

/// A key that X has accepted, typed in by hand.
async fn accepted(stage: &mut Stage, key: &str, handle: &str) -> anyhow::Result<String> {
    let kept = stage.ask(json!({ "add_key": { "text": key, "handle": handle } })).await?;
    stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
    Ok(kept["kept"].as_str().unwrap_or_default().to_owned())
}

const CODES: [&str; 5] = ["aaaaaaaaaaa1", "aaaaaaaaaaa2", "aaaaaaaaaaa3", "aaaaaaaaaaa4", "aaaaaaaaaaa5"];

in_both! {
    async fn the_screens_of_a_new_key(kind) {
        let mut stage = Stage::set(kind).await?;
        let mut walk = Walk::new();
        stage.done(json!("skip_passphrase")).await?;
        let plain = accepted(&mut stage, "MFRGGZDFMZTWQ2LK", "acme_support").await?;
        accepted(&mut stage, "KRSXG5CTMVRXEZLU", "acme_de").await?;
        accepted(&mut stage, "NBSWY3DPFQQHO33S", "wide_name_wwwww").await?;
        walk.visit(&mut stage, Scene::popup("home-codes", "#/").shows("[data-slot=codes-list] .digits").with_tree()).await?;
        let found = Scene::popup("home-search", "#/").until("[data-slot=codes-list] .digits").click("[data-act=search]").types("[data-slot=query]", "acme_d");
        let one = "[...document.querySelectorAll('[data-slot=codes-list] li')].filter(it => it.checkVisibility()).length === 1";
        walk.visit(&mut stage, found.when(one)).await?;
        let found = Scene::popup("home-no-match", "#/").until("[data-slot=codes-list] .digits").click("[data-act=search]");
        walk.visit(&mut stage, found.types("[data-slot=query]", "nobody").shows("[data-slot=no-match]")).await?;

        stage.x_shows_the_key().await?;
        let draft = stage.draft().await?;
        let save = format!("#/save/{draft}");
        walk.visit(&mut stage, Scene::popup("save", &save).shows("#save-handle").with_tree()).await?;
        let entry = stage.keep().await?;
        let code = format!("#/code/{entry}");
        walk.visit(&mut stage, Scene::popup("code", &code).shows(".code-card .digits").with_tree()).await?;
        walk.visit(&mut stage, Scene::panel("code-panel", &code).shows(".code-card .digits")).await?;
        walk.visit(&mut stage, Scene::popup("code-soon", &code).second(25).shows(".soon .after")).await?;
        stage.x_asks_for_the_code().await?;
        stage.view_until("X's code field to be seen", |view| {
            view["entries"].as_array().into_iter().flatten().any(|it| it["code_wanted"] == true)
        }).await?;
        walk.visit(&mut stage, Scene::popup("code-wanted", &code).shows("[data-act=fill]")).await?;
        stage.done(json!({ "fill": { "id": entry } })).await?;
        stage.on_x().await?;
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.x_is_at("done").await?;
        let standing = |view: &Value| {
            let all = view["entries"].as_array().into_iter().flatten();
            all.filter(|it| it["handle"] == "standin_user").any(|it| it["current"]["state"] == "confirmed" && it["waiting"].is_null())
        };
        stage.view_until("the key to be confirmed", standing).await?;
        walk.visit(&mut stage, Scene::popup("code-accepted", &code).shows(".code-card .digits")).await?;

        let page = format!("#/entry/{entry}");
        walk.visit(&mut stage, Scene::popup("entry", &page).shows("[data-slot=backup-codes]")).await?;
        let asks = Scene::popup("entry-copy", &page).click("[data-act=ask-copy]");
        walk.visit(&mut stage, asks.shows("dialog[open] [data-act=copy-key]")).await?;
        walk.visit(&mut stage, Scene::popup("backup-codes-none", &format!("#/backup-codes/{plain}")).shows("[data-slot=none]")).await?;
        let some = format!("#/backup-codes/{entry}");
        walk.visit(&mut stage, Scene::popup("backup-codes", &some).shows(".slip")).await?;
        let five = |codes: &[&str]| json!({ "add_backup_codes": { "entry": plain, "text": codes.join("\n") } });
        stage.done(five(&CODES)).await?;
        let full = Scene::popup("backup-codes-five", &format!("#/backup-codes/{plain}"));
        walk.visit(&mut stage, full.when("document.querySelectorAll('.slip').length === 5")).await?;
        let later = Scene::popup("backup-codes-later", &format!("#/backup-codes/{plain}"));
        walk.visit(&mut stage, later.click(".slip:nth-child(3) [data-slot=choose]").shows("dialog[open] [data-act=choose-code]")).await?;

        // The reset, and the app off in the middle of it.
        stage.done(json!({ "reset": { "handle": "standin_user", "mark": "start" } })).await?;
        stage.done(json!({ "reset": { "handle": "standin_user", "mark": { "done": 1 } } })).await?;
        walk.visit(&mut stage, Scene::popup("reset", "#/reset/standin_user").shows(".tasks li.now")).await?;
        walk.visit(&mut stage, Scene::panel("reset-panel", "#/reset/standin_user").shows(".tasks li.now")).await?;
        stage.x_turns_the_app_off().await?;
        stage.view_until("red", |view| view["resets"][0]["app_off"] == true).await?;
        walk.visit(&mut stage, Scene::popup("reset-app-off", "#/reset/standin_user").shows(".note.bad")).await?;
        walk.visit(&mut stage, Scene::popup("home-reset", "#/").shows("[data-slot=needs-list] .row")).await?;
        walk.visit(&mut stage, Scene::popup("entry-doubt", &page).shows("[data-slot=notes] [data-act=trust]")).await?;
        stage.done(json!({ "refuses": { "entry": entry } })).await?;
        walk.visit(&mut stage, Scene::popup("entry-refused", &page).shows("[data-slot=standing]")).await?;

        // A set-up that is left half-way: nobody knows whether X took the key.
        stage.world.x.set_next_secret(OTHER_KEY);
        stage.x_shows_the_key().await?;
        let entry = stage.keep().await?;
        stage.x_asks_for_the_code().await?;
        stage.view_until("X's code field to be seen", |view| {
            view["entries"].as_array().into_iter().flatten().any(|it| it["code_wanted"] == true)
        }).await?;
        stage.done(json!({ "fill": { "id": entry } })).await?;
        stage.on_x().await?;
        stage.browser.goto("https://x.com/home").await?;
        stage.view_until("the field to be gone", |view| {
            view["entries"].as_array().into_iter().flatten().all(|it| it["code_wanted"] != true)
        }).await?;
        let unsure = Scene::popup("code-unsure", &format!("#/code/{entry}"));
        walk.visit(&mut stage, unsure.shows("[data-slot=more] [data-act=accepted]")).await?;
        walk.end()?;
        stage.quit().await
    }
}
