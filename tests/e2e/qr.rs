//! The QR step of X's set-up, in both browsers: from the pixels to a sealed draft, and what disagrees is only offered.

use longkey_tests::fakes::Standin;
use longkey_tests::in_both;
use longkey_tests::stage::Stage;
use serde_json::{Value, json};

in_both! {
    async fn the_key_is_caught_at_the_qr_step(kind) {
        let mut stage = Stage::set(kind).await?;
        let pages: Vec<Standin> = Standin::all()?.into_iter().filter(|it| it.step == "qr" && it.qr_secret.is_some()).collect();
        assert!(pages.len() >= 5, "{} pages", pages.len());
        for page in &pages {
            let key = page.qr_secret.clone().unwrap_or_default();
            let address = stage.world.x.serve_standin(&page.file)?;
            stage.on_x().await?;
            stage.browser.goto(&address).await?;
            let view = stage.view_until(&page.file, |view| view["drafts"][0]["id"].is_string()).await?;
            let draft = &view["drafts"][0];
            assert_eq!(view["drafts"].as_array().map(Vec::len), Some(1), "{}", page.file);
            assert_eq!((draft["head"].as_str(), draft["tail"].as_str()), (key.get(..4), key.get(key.len() - 4..)), "{}", page.file);
            assert_eq!((&draft["ask"], &draft["handle"]), (&json!(false), &json!("standin_user")), "{}", page.file);
            assert_eq!(sealed(&mut stage).await?, 1, "{}: it lies in the inbox", page.file);
            stage.done(json!({ "drop_draft": { "draft": draft["id"] } })).await?;
            stage.on_x().await?;
            stage.browser.goto("https://x.com/").await?;
            stage.world.x.clear_standins();
        }
        stage.quit().await
    }

    async fn a_code_that_disagrees_with_the_text_is_offered_and_stored_nowhere(kind) {
        let mut stage = Stage::set(kind).await?;
        let address = stage.world.x.serve_standin("decoy-qr-mismatch.html")?;
        stage.on_x().await?;
        stage.browser.goto(&address).await?;
        let view = stage.view_until("both keys", |view| view["drafts"].as_array().is_some_and(|it| it.len() == 2)).await?;
        let drafts = view["drafts"].as_array().cloned().unwrap_or_default();
        assert!(drafts.iter().all(|it| it["ask"] == true && it["rival"].is_string()), "{drafts:?}");
        assert_eq!(view["vault"], "none");
        assert_eq!(sealed(&mut stage).await?, 0);
        // The popup's screen says it, and leads from one to the other.
        let first = drafts[0]["id"].as_str().unwrap_or_default().to_owned();
        stage.screen(&format!("#/save/{first}")).await?;
        stage.browser.until("the words", "document.querySelector('[data-slot=rival]:not([hidden])')").await?;
        stage.browser.click("[data-slot=other]").await?;
        let tail = drafts[1]["tail"].clone();
        stage.browser.until("the other key", &format!("document.querySelector('[data-slot=key]')?.innerText.endsWith({tail})")).await?;
        stage.browser.click("[data-slot=go]").await?;
        let view = stage.view_until("the chosen one", |view| view["entries"][0]["id"].is_string()).await?;
        assert_eq!(view["drafts"].as_array().map(Vec::len), Some(0), "the other one is gone");
        stage.quit().await
    }
}

/// How many captures lie sealed in the store.
async fn sealed(stage: &mut Stage) -> anyhow::Result<usize> {
    stage.on_us().await?;
    let inbox = stage.browser.script("return (await api.storage.local.get('inbox')).inbox ?? '[]'", vec![]).await?;
    let items: Value = serde_json::from_str(inbox.as_str().unwrap_or("[]"))?;
    Ok(items.as_array().map_or(0, Vec::len))
}
