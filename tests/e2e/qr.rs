//! The QR step of X's set-up, in both browsers: from the pixels to a sealed draft, and what disagrees is only offered.

use crate::standins::{LISTEN, TOAST, heard};
use anyhow::Context as _;
use longkey_core::protocol::Mark;
use longkey_tests::browsers::{DEADLINE, until};
use longkey_tests::fakes::{Drafted, Standin};
use longkey_tests::in_both;
use longkey_tests::stage::Stage;
use serde_json::{Value, json};

in_both! {
    async fn each_page_with_a_code_leads_to_what_its_manifest_says(kind) {
        let mut stage = Stage::set(kind).await?;
        let pages = pages()?;
        stage.on_us().await?;
        stage.browser.background_script(LISTEN).await?;
        let mut wrong = vec![];
        for (page, wanted) in &pages {
            let address = stage.world.x.serve_standin(&page.file)?;
            stage.on_x().await?;
            stage.browser.goto(&address).await?;
            if wanted.is_empty() {
                // What comes of the last word of the page before the next question to the background, has come.
                stage.browser.script(TOAST, vec![]).await?;
                until(&format!("the end of {}", page.file), DEADLINE, async || {
                    let last = heard(&stage).await?.pop().filter(|(_, screen)| screen.marks.contains(&Mark::Toast));
                    Ok(last.map(|(_, screen)| screen.marks.contains(&Mark::Qr)))
                })
                .await?
                .then_some(())
                .with_context(|| format!("{}: no sight of its code's place", page.file))?;
            }
            stage.on_us().await?;
            let found = match stage.browser.until(&page.file, &TAKE.replace("COUNT", &wanted.len().to_string())).await {
                Ok(found) => found,
                Err(error) => {
                    wrong.push(format!("{}: wanted {wanted:?}: {error:#}; {}", page.file, stage.view().await?["drafts"]));
                    stage.browser.until(&page.file, &TAKE.replace("!== COUNT", "< 0")).await?
                }
            };
            let drafts = found["drafts"].as_array().map_or(&[][..], Vec::as_slice);
            // What is certain lies in the inbox, what is asked nowhere.
            let certain = wanted.iter().filter(|it| !it.ask).count();
            if !wanted.iter().all(|it| drafts.iter().any(|draft| is(it, draft))) || found["sealed"] != certain {
                wrong.push(format!("{}: wanted {wanted:?}, found {found}", page.file));
            }
            stage.world.x.clear_standins();
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pages.len(), wrong.join("\n"));
        // Nothing came after all either.
        assert_eq!(stage.view().await?["drafts"], json!([]));
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

/// Once there are so many drafts: what they are, how many lie sealed; and they are dropped, so that the next page shows a
/// new key.
const TAKE: &str = "(async () => {
    const ask = page => api.runtime.sendMessage({ page });
    const drafts = (await ask('view')).view.drafts;
    if (drafts.length !== COUNT) return null;
    const sealed = JSON.parse((await api.storage.local.get('inbox')).inbox ?? '[]').length;
    for (const { id } of drafts) await ask({ drop_draft: { draft: id } });
    return { drafts, sealed };
})()";

/// X's own step, as public pages show it, and every page of ours about codes; each with what it leads to.
fn pages() -> anyhow::Result<Vec<(Standin, Vec<Drafted>)>> {
    let step = Standin::all()?.into_iter().filter(|it| it.step == "qr").filter_map(|page| {
        let key = page.qr_secret.clone()?;
        Some((page, vec![Drafted { key, handle: Some("standin_user".to_owned()), ask: false }]))
    });
    let own = Standin::own()?.into_iter().filter(|it| it.file.starts_with("own/qr."));
    let mut pages: Vec<_> = step.collect();
    anyhow::ensure!(pages.len() >= 5, "{} pages", pages.len());
    for page in own {
        let drafts = page.drafts.clone().with_context(|| format!("the manifest says nothing of {}", page.file))?;
        pages.push((page, drafts));
    }
    anyhow::ensure!(pages.len() >= 23, "{} pages", pages.len());
    Ok(pages)
}

fn is(wanted: &Drafted, draft: &Value) -> bool {
    let (key, handle) = (&wanted.key, json!(wanted.handle));
    let ends = (draft["head"].as_str(), draft["tail"].as_str());
    ends == (key.get(..4), key.get(key.len() - 4..)) && draft["handle"] == handle && draft["ask"] == wanted.ask
}

/// How many captures lie sealed in the store.
async fn sealed(stage: &mut Stage) -> anyhow::Result<usize> {
    stage.on_us().await?;
    let inbox = stage.browser.script("return (await api.storage.local.get('inbox')).inbox ?? '[]'", vec![]).await?;
    let items: Value = serde_json::from_str(inbox.as_str().unwrap_or("[]"))?;
    Ok(items.as_array().map_or(0, Vec::len))
}
