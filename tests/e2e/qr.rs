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
        let mut wrong = vec![];
        for (page, wanted) in &pages {
            wrong.extend(differs(&mut stage, page, wanted).await?);
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
        let which = |place: u8| format!("document.querySelector('[data-slot=which]')?.innerText === 'Key {place} of 2'");
        stage.browser.until("which of the two it is", &which(1)).await?;
        stage.browser.click("[data-slot=other]").await?;
        stage.browser.until("which of the two it is now", &which(2)).await?;
        let tail = drafts[1]["tail"].clone();
        stage.browser.until("the other key", &format!("document.querySelector('[data-slot=key]')?.innerText.endsWith({tail})")).await?;
        stage.browser.click("[data-slot=go]").await?;
        let view = stage.view_until("the chosen one", |view| view["entries"][0]["id"].is_string()).await?;
        assert_eq!(view["drafts"].as_array().map(Vec::len), Some(0), "the other one is gone");
        stage.quit().await
    }
}

/// Shows a page in X's tab: what the whole extension makes of it, if that is not what is wanted.
pub(crate) async fn differs(stage: &mut Stage, page: &Standin, wanted: &[Drafted]) -> anyhow::Result<Option<String>> {
    stage.on_us().await?;
    stage.browser.background_script(&[LISTEN, COUNT].concat()).await?;
    let address = stage.world.x.serve_standin(&page.file)?;
    stage.on_x().await?;
    stage.browser.goto(&address).await?;
    if wanted.is_empty() {
        ends(stage, page).await?;
    }
    stage.on_us().await?;
    let mut wrong = None;
    let take = |wanted: &Value| TAKE.replace("WANTED", &wanted.to_string());
    let found = match stage.browser.until(&page.file, &take(&wanted.iter().map(shown).collect())).await {
        Ok(found) => found,
        Err(error) => {
            wrong =
                Some(format!("{}: {error:#}; wanted {wanted:?}, found {}", page.file, stage.view().await?["drafts"]));
            stage.browser.until(&page.file, &take(&Value::Null)).await?
        }
    };
    // What is certain lies in the inbox, what is asked nowhere.
    if found["sealed"] != wanted.iter().filter(|it| !it.ask).count() {
        wrong = wrong.or_else(|| Some(format!("{}: wanted {wanted:?}, found {found}", page.file)));
    }
    stage.world.x.clear_standins();
    Ok(wrong)
}

/// Waits until everything that such a page shows was heard and its pictures were read: what the background is asked after
/// that, it answers with all of it in mind.
async fn ends(stage: &Stage, page: &Standin) -> anyhow::Result<()> {
    stage.browser.script(TOAST, vec![]).await?;
    until(&format!("the end of {}", page.file), DEADLINE, async || {
        let last = heard(stage).await?.pop().filter(|(_, screen)| screen.marks.contains(&Mark::Toast));
        let Some((_, screen)) = last else { return Ok(None) };
        anyhow::ensure!(screen.marks.contains(&Mark::Qr), "{}: no sight of its code's place", page.file);
        if page.pictures != Some(screen.pictures.len()) {
            // A picture may be loaded after the toast; the sensor looks again.
            return Ok(None);
        }
        let read = stage.browser.background_script("return self.pictures").await?;
        Ok((page.pictures == Some(0) || read.as_u64() > Some(0)).then_some(()))
    })
    .await
}

/// Counts in the background the pictures that were read.
const COUNT: &str = "
    self.pictures = 0;
    if (!self.decode) {
        self.decode = self.longkeyDecode;
        self.longkeyDecode = async pictures => {
            const texts = await self.decode(pictures);
            self.pictures += texts.length;
            return texts;
        };
    }";

/// Once these are the drafts (or whatever they are, if nothing is wanted): how many lie sealed; and they are dropped, so that
/// the next page shows a new key.
const TAKE: &str = "(async () => {
    const ask = page => api.runtime.sendMessage({ page });
    const drafts = (await ask('view')).view.drafts;
    const shown = drafts.map(({ head, tail, handle, ask }) => JSON.stringify([head, tail, handle, ask]));
    const wanted = WANTED?.map(it => JSON.stringify(it)) ?? shown;
    if (JSON.stringify(shown.sort()) !== JSON.stringify(wanted.sort())) return null;
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
    anyhow::ensure!(pages.len() >= 24, "{} pages", pages.len());
    Ok(pages)
}

/// How such a draft looks in the view.
fn shown(it: &Drafted) -> Value {
    json!([it.key.get(..4), it.key.get(it.key.len() - 4..), it.handle, it.ask])
}

/// How many captures lie sealed in the store.
async fn sealed(stage: &mut Stage) -> anyhow::Result<usize> {
    stage.on_us().await?;
    let inbox = stage.browser.script("return (await api.storage.local.get('inbox')).inbox ?? '[]'", vec![]).await?;
    let items: Value = serde_json::from_str(inbox.as_str().unwrap_or("[]"))?;
    Ok(items.as_array().map_or(0, Vec::len))
}
