//! The vault's own screens: recovery code, locking, backup and restore, the bin.

use super::scene::Scene;
use super::walk::Walk;
use anyhow::Context as _;
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::json;

const PASSPHRASE: &str = "correct horse battery";

in_both! {
    async fn the_screens_of_a_vault_with_a_passphrase(kind) {
        let mut stage = Stage::set(kind).await?;
        let mut walk = Walk::new();
        let folder = tempfile::tempdir()?;
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/passphrase").await?);
        stage.browser.type_into("#new-passphrase", PASSPHRASE).await?;
        stage.browser.click("[data-form=passphrase] [data-slot=go]").await?;
        stage.view_until("the vault to be open", |view| view["vault"] == "unlocked").await?;
        for (key, handle) in [(KEY, "standin_user"), (OTHER_KEY, "acme_support"), ("MFRGGZDFMZTWQ2LK", "acme_de")] {
            let kept = stage.ask(json!({ "add_key": { "text": key, "handle": handle } })).await?;
            stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
        }
        let file = folder.path().join("longkey.txt");
        let sealed = stage.ask(json!("sealed")).await?;
        std::fs::write(&file, sealed["file"].as_str().context("no file")?)?;
        for entry in stage.view().await?["entries"].as_array().into_iter().flatten() {
            if entry["handle"] != "standin_user" {
                stage.done(json!({ "delete": { "entry": entry["id"] } })).await?;
            }
        }
        walk.visit(&mut stage, Scene::popup("home-unsaved", "#/").shows("[data-act=nudged]")).await?;
        walk.visit(&mut stage, Scene::tab("settings", "#/settings").shows("#lock-after")).await?;
        walk.visit(&mut stage, Scene::popup("settings-popup", "#/settings").shows("#lock-after")).await?;
        let groups = "document.querySelectorAll('[data-slot=code] > *').length === 7";
        walk.visit(&mut stage, Scene::tab("recovery", "#/recovery").when(groups)).await?;
        let typed = Scene::tab("recovery-typed", "#/recovery").until("[data-slot=code] > *").click("[data-act=written]");
        walk.visit(&mut stage, typed.shows("#recovery-typed")).await?;
        walk.visit(&mut stage, Scene::tab("backup", "#/backup").shows("#new-passphrase")).await?;
        walk.visit(&mut stage, Scene::tab("restore", "#/restore").shows("#backup-file")).await?;
        let chosen = || Scene::tab("restore-file", "#/restore").file("#backup-file", &file);
        walk.visit(&mut stage, chosen().shows("#file-passphrase")).await?;
        let opened = Scene::tab("restore-preview", "#/restore").file("#backup-file", &file).types("#file-passphrase", PASSPHRASE);
        walk.visit(&mut stage, opened.click("[data-form=file] [data-slot=go]").shows("[data-slot=adds] li")).await?;
        walk.visit(&mut stage, Scene::popup("bin", "#/bin").shows(".binned")).await?;
        let purge = Scene::popup("bin-purge", "#/bin").click("[data-act=ask-purge]");
        walk.visit(&mut stage, purge.shows("dialog[open] [data-act=purge]")).await?;
        let entry = stage.view().await?["entries"][0]["id"].as_str().unwrap_or_default().to_owned();
        walk.visit(&mut stage, Scene::popup("phone", &format!("#/phone/{entry}")).shows("#phone-passphrase")).await?;
        walk.visit(&mut stage, Scene::tab("diagnostics", "#/diagnostics").shows("[data-slot=diagnostic]")).await?;
        walk.visit(&mut stage, Scene::tab("only", "#/only").shows("#screen form")).await?;

        stage.done(json!("lock")).await?;
        walk.visit(&mut stage, Scene::popup("locked", "#/").shows("#unlock-passphrase").with_tree()).await?;
        let wrong = Scene::popup("locked-wrong", "#/").types("#unlock-passphrase", "something else").click("[data-form=unlock] .primary");
        walk.visit(&mut stage, wrong.shows("#unlock-wrong")).await?;
        walk.visit(&mut stage, Scene::popup("locked-screen", "#/add").shows("#unlock-passphrase")).await?;
        walk.visit(&mut stage, Scene::tab("forgotten", "#/forgotten").shows("#erase-word")).await?;
        walk.visit(&mut stage, Scene::tab("settings-locked", "#/settings").shows("#theme")).await?;
        walk.end()?;
        stage.quit().await
    }
}
