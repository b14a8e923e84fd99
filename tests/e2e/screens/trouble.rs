//! The worst days: stores that are gone, damaged or contradict each other, and a background that says nothing.

use super::scene::Scene;
use super::walk::Walk;
use crate::conflicts::{later, past};
use crate::stores::{break_background, damaged, marked, put};
use longkey_tests::in_both;
use longkey_tests::stage::Stage;
use serde_json::json;

in_both! {
    async fn the_screens_of_the_worst_days(kind) {
        let mut stage = Stage::set(kind).await?;
        let mut walk = Walk::new();
        let past = past(&mut stage).await?;
        let ours = &past.generations[1];
        let (empty, newer) = (json!({}), later(&ours["local"])?);
        let damage = (damaged(&ours["local"]), damaged(&ours["mirror"]));
        for (name, local, mirror) in [
            ("trouble-conflict", &ours["local"], &past.other["mirror"]),
            ("trouble-newer", &newer, &empty),
            ("trouble-damaged", &damage.0, &damage.1),
            ("trouble-gone", &empty, &empty),
        ] {
            put(&mut stage, &marked(json!({ "local": local, "mirror": mirror }), json!("1"))).await?;
            stage.browser.kill_background().await?;
            walk.visit(&mut stage, Scene::popup(name, "#/").shows("[data-slot=notes] .note")).await?;
        }
        put(&mut stage, &marked(json!({ "local": damage.0, "mirror": ours["mirror"] }), json!("1"))).await?;
        stage.browser.kill_background().await?;
        walk.visit(&mut stage, Scene::popup("trouble-restored", "#/").shows("[data-slot=notes] .note")).await?;
        put(&mut stage, &marked(json!({ "local": ours["local"], "mirror": ours["mirror"] }), json!("1"))).await?;
        stage.browser.kill_background().await?;
        break_background(&mut stage, "
            const realm = globalThis.window ?? globalThis;
            chrome.storage.local.get = () => Promise.reject(new Error('broken'));
            Object.defineProperty(realm, 'indexedDB', { value: { open() { throw new Error('broken') } } });").await?;
        stage.ask(json!("reload")).await?;
        walk.visit(&mut stage, Scene::popup("trouble-silent", "#/").shows("[data-slot=notes] .note")).await?;
        walk.end()?;
        stage.quit().await
    }
}
