//! X's logins: the code and the backup code go into the one field that wants them, on a click, and nothing is pressed.

use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};
use serde_json::{Value, json};

/// A vault with a key that X has accepted and two backup codes.
async fn with_entry(stage: &mut Stage) -> anyhow::Result<String> {
    stage.done(json!("skip_passphrase")).await?;
    let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
    let id = kept["kept"].as_str().unwrap_or_default().to_owned();
    stage.done(json!({ "accepted": { "entry": id } })).await?;
    stage.done(json!({ "add_backup_codes": { "entry": id, "text": "mrk7er9qzx42, aaaabbbbcccc" } })).await?;
    Ok(id)
}

async fn opens(stage: &Stage, file: &str) -> anyhow::Result<()> {
    let address = stage.world.x.serve_standin(file)?;
    stage.on_x().await?;
    stage.browser.goto(&address).await
}

/// What stands in the page's fields, and whether anything was submitted or pressed.
async fn fields(stage: &Stage) -> anyhow::Result<Vec<String>> {
    stage.on_x().await?;
    let script = "return [...document.querySelectorAll('input')].map(it => it.value).filter(it => it)";
    let values = stage.browser.script(script, vec![]).await?;
    Ok(values.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|it| it.is_ascii_digit())
}

in_both! {
    async fn the_code_goes_into_both_logins(kind) {
        let mut stage = Stage::set(kind).await?;
        let id = with_entry(&mut stage).await?;
        for file in ["login-challenge.html", "login-challenge.jf.html"] {
            opens(&stage, file).await?;
            stage.view_until(file, |view| view["entries"][0]["code_wanted"] == true).await?;
            assert!(fields(&stage).await?.is_empty(), "{file}: nothing is filled before the click");
            stage.done(json!({ "fill": { "id": id } })).await?;
            // X's newer page spreads the six digits over its six fields by itself.
            assert!(is_code(&fields(&stage).await?.concat()), "{file}");
            stage.on_x().await?;
            stage.browser.goto("https://x.com/home").await?;
            stage.view_until("the login to be left", |view| view["entries"][0]["code_wanted"] == false).await?;
            stage.world.x.clear_standins();
        }
        stage.quit().await
    }

    async fn the_backup_code_goes_into_its_field(kind) {
        let mut stage = Stage::set(kind).await?;
        let id = with_entry(&mut stage).await?;
        opens(&stage, "login-backup-code.html").await?;
        let view = stage.view_until("the field", |view| view["entries"][0]["backup_wanted"] == true).await?;
        assert_eq!(view["entries"][0]["code_wanted"], false);
        assert_eq!(stage.ask(json!({ "fill": { "id": id } })).await?["refused"], "NoCodeField");
        stage.screen(&format!("#/backup-codes/{id}")).await?;
        stage.browser.until("the list", "document.querySelector('[data-slot=fill]:not([hidden])')").await?;
        stage.browser.click(".slip.next [data-slot=fill]").await?;
        let filled = "[...document.querySelectorAll('input')].some(it => it.value)";
        stage.on_x().await?;
        stage.browser.until("the code", filled).await?;
        assert_eq!(fields(&stage).await?, ["mrk7er9qzx42"]);
        stage.quit().await
    }

    async fn other_fields_of_x_get_nothing(kind) {
        let mut stage = Stage::set(kind).await?;
        let id = with_entry(&mut stage).await?;
        for file in ["decoy-login-email-code.html", "decoy-profile-bio.html"] {
            opens(&stage, file).await?;
            for question in [json!({ "fill": { "id": id } }), json!({ "fill_backup": { "entry": id } })] {
                assert_eq!(stage.ask(question).await?["refused"], "NoCodeField", "{file}");
            }
            assert!(fields(&stage).await?.is_empty(), "{file}");
            stage.world.x.clear_standins();
        }
        stage.quit().await
    }
}
