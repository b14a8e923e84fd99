//! Whose key it is: the account switcher of X's wide layout says it, whatever the account calls itself; where nothing
//! does, or X's page disagrees with itself, the user presses the account.

use longkey_tests::in_both;
use longkey_tests::stage::Stage;

/// X shows its key on that page; our page, as the popup shows it, offers to save it.
async fn offered(stage: &mut Stage, file: &str) -> anyhow::Result<String> {
    stage.world.x.clear_standins();
    let address = stage.world.x.serve_standin(file)?;
    stage.on_x().await?;
    stage.browser.goto(&address).await?;
    let draft = stage.draft().await?;
    stage.screen(&format!("#/save/{draft}")).await?;
    stage.browser.until(&format!("the offer for {file}"), "document.querySelector('#save-handle')").await?;
    let field = stage.browser.script("return document.querySelector('#save-handle').value", vec![]).await?;
    Ok(field.as_str().unwrap_or_default().to_owned())
}

async fn put_away(stage: &mut Stage) -> anyhow::Result<()> {
    stage.browser.click("[data-act=drop]").await?;
    stage.view_until("nothing to be offered", |view| view["drafts"] == serde_json::json!([])).await?;
    Ok(())
}

in_both! {
    async fn the_switcher_says_it_and_else_the_user_presses_the_account(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        for (file, wanted) in [("own/account.hostile-name.html", "standin_user"), ("own/account.disagree.html", "")] {
            assert_eq!(offered(&mut stage, file).await?, wanted, "{file}");
            put_away(&mut stage).await?;
        }

        assert_eq!(offered(&mut stage, "own/account.name-only.html").await?, "", "a name is nobody");
        let picks = "[...document.querySelectorAll('[data-act=pick]')].map(it => it.innerText).sort().join()";
        let names = stage.browser.script(&format!("return {picks}"), vec![]).await?;
        assert_eq!(names, "@acme_de,@acme_fr,@acme_old,@acme_support,@standin_user");
        stage.browser.click(".foot .primary").await?;
        stage.browser.until("a word that nobody was chosen", "document.querySelector('#save-wrong:not([hidden])')").await?;
        stage.browser.click("[data-act=pick][data-handle=acme_de]").await?;
        stage.browser.click(".foot .primary").await?;
        stage.view_until("the account that was pressed", |view| view["entries"][0]["handle"] == "acme_de").await?;
        stage.quit().await
    }
}
