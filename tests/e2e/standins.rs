//! The stand-in pages of X at their real addresses: what each step may lead to, and what not. Pages about QR codes,
//! backup codes and logging in belong to stories of their own.

use longkey_core::sites::x::{self, Place};
use longkey_tests::fakes::Standin;
use longkey_tests::in_both;
use longkey_tests::stage::Stage;
use serde_json::Value;

const STEPS: &[&str] = &["settings", "password", "begin", "secret", "reject", "code", "none"];

in_both! {
    async fn each_page_leads_to_what_its_manifest_says(kind) {
        let mut stage = Stage::set(kind).await?;
        let pages: Vec<Standin> = Standin::all()?.into_iter().filter(|it| STEPS.contains(&it.step.as_str())).collect();
        assert!(pages.len() > 30, "{} pages", pages.len());
        let mut wrong = vec![];
        // Our own page hears what the sensor says to the background.
        stage.on_us().await?;
        let listen = "api.runtime.onMessage.addListener(message => { if (message?.content?.saw) window.heard += 1; })";
        stage.browser.script(listen, vec![]).await?;
        for page in &pages {
            let address = stage.world.x.serve_standin(&page.file)?;
            stage.on_us().await?;
            stage.browser.script("window.heard = 0", vec![]).await?;
            stage.on_x().await?;
            stage.browser.goto(&address).await?;
            // On a page that is read the sensor speaks once in any case; what it said is judged before the question after it.
            // Elsewhere it has nothing to say.
            if matches!(x::place(&address), Some(Place::Enrolment | Place::Settings)) {
                stage.on_us().await?;
                stage.browser.until(&format!("the sensor on {}", page.file), "window.heard > 0").await?;
            }
            let view = match &page.expect {
                Some(_) => stage.view_until(&page.file, |view| view["drafts"][0]["id"].is_string()).await,
                None => stage.view().await,
            };
            let drafts = view.as_ref().map(|view| view["drafts"].clone()).unwrap_or_default();
            let found = drafts.as_array().filter(|it| !it.is_empty()).map(|it| it[0].clone());
            let said = match (&page.expect, &found) {
                (None, None) => None,
                (Some(key), Some(draft)) if draft["ask"] == false && ends_fit(key, draft) => None,
                _ => Some(format!("{}: wanted {:?}, found {found:?}", page.file, page.expect)),
            };
            wrong.extend(said);
            for draft in drafts.as_array().into_iter().flatten() {
                stage.done(serde_json::json!({ "drop_draft": { "draft": draft["id"] } })).await?;
            }
            stage.world.x.clear_standins();
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        stage.quit().await
    }
}

fn ends_fit(key: &str, draft: &Value) -> bool {
    draft["head"].as_str() == key.get(..4) && draft["tail"].as_str() == key.get(key.len() - 4..)
}
