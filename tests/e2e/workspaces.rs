//! API keys and workspaces through the screens: two side by side with the same X account in both, names, a revoked key
//! that is replaced, a permission that was taken back.

use longkey_tests::fakes::Account;
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage, account};
use serde_json::{Value, json};

/// A key that Xquik never gave, and one that it gives later.
const REVOKED: &str = "xq_00000000000000000000000000000000000000000000000000000000000000ee";
const NEXT: &str = "xq_00000000000000000000000000000000000000000000000000000000000000ff";

/// Presses a button of the workspace that has this name.
async fn presses(stage: &Stage, name: &str, act: &str) -> anyhow::Result<()> {
    let cards = "[...document.querySelectorAll('[data-slot=workspaces] section')]";
    let button = format!(
        "{cards}.find(it => it.querySelector('[data-slot=name]').innerText === {})?.querySelector('[data-act={act}]')",
        Value::from(name)
    );
    stage.browser.until(&format!("{act} of {name}"), &format!("{button} && ({button}.click(), true)")).await?;
    Ok(())
}

/// Fills the form in and sends it.
async fn sends(stage: &Stage, key: &str, name: &str) -> anyhow::Result<()> {
    stage.browser.until("the form", "document.querySelector('#workspace-name')?.checkVisibility()").await?;
    let empty = "document.querySelector('#workspace-name').value = document.querySelector('#api-key').value = ''";
    stage.browser.script(empty, vec![]).await?;
    if !key.is_empty() {
        stage.browser.type_into("#api-key", key).await?;
    }
    if !name.is_empty() {
        stage.browser.type_into("#workspace-name", name).await?;
    }
    stage.browser.click("[data-form=connect] .primary").await
}

/// The API keys of the sign-ins that Xquik has received, and their paths.
fn posts(stage: &Stage) -> Vec<(String, String)> {
    let all = stage.world.requests("xquik.com").into_iter().filter(|it| it.method == "POST");
    all.map(|it| (it.header("x-api-key").unwrap_or_default().to_owned(), it.path().to_owned())).collect()
}

in_both! {
    async fn two_workspaces_with_names_and_keys_of_their_own(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
        stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
        let first = stage.world.xquik.api_key();
        // The same X account by another id, and another account by an id that the first workspace has as well.
        let same = Account { x_user_id: stage.world.xquik.accounts()[0].x_user_id.clone(), ..Account::new("7", "standin_user", "healthy") };
        let second = stage.world.xquik.add_workspace(vec![same, Account::new("900006", "acme_jp", "needsReauth")]);
        stage.screen("#/connect").await?;
        sends(&stage, &first, "").await?;
        stage.browser.accept_consent().await?;
        let unnamed = format!("API key …{}", &first[63..]);
        stage.sees(&unnamed).await?;
        stage.browser.click("[data-act=another]").await?;
        // What is there already is refused before anything is sent.
        let before = stage.world.requests("xquik.com").len();
        sends(&stage, &first, "Twice").await?;
        stage.sees("This API key is connected already.").await?;
        assert_eq!(stage.world.requests("xquik.com").len(), before);
        sends(&stage, &second, "Agency <b>").await?;
        stage.sees("Agency <b>").await?;
        presses(&stage, &unnamed, "rename").await?;
        sends(&stage, "", "Acme").await?;
        stage.sees("Acme").await?;
        let view = stage.view().await?;
        let named: Vec<_> = view["xquik"].as_array().into_iter().flatten().map(|it| it["name"].clone()).collect();
        assert_eq!(named, ["Acme", "Agency <b>"]);
        // One key, saved once, for the same X account in both.
        assert_eq!((&account(&view, "7")["key"], &account(&view, "900001")["key"]), (&json!("confirmed"), &json!("confirmed")));

        // The list says whose each row is.
        stage.screen("#/").await?;
        stage.sees("Agency <b>").await?;
        let other = stage.account_ref("900006").await?;
        let password = stage.world.x.password();
        stage.done(json!({ "sign_in": { "account": other, "password": password, "key": "theirs" } })).await?;
        stage.view_until("an answer", |view| account(view, "900006")["attempt"]["outcome"]["answered"].is_object()).await?;
        assert_eq!(posts(&stage), [(second.clone(), "/api/v1/x/accounts/900006/reauth".to_owned())]);

        // Revoked at Xquik: said where it is, replaced there, and the other workspace goes on.
        stage.world.xquik.set_api_key(REVOKED);
        stage.screen("#/connect").await?;
        stage.browser.click("[data-slot=refresh]").await?;
        stage.sees("Xquik didn't accept the API key.").await?;
        stage.world.xquik.set_api_key(NEXT);
        presses(&stage, "Acme", "replace").await?;
        sends(&stage, REVOKED, "Acme").await?;
        stage.sees("Xquik didn't accept the API key.").await?;
        sends(&stage, NEXT, "Acme").await?;
        let replaced = stage.view_until("the new key", |view| view["xquik"][0]["last_four"] == "00ff").await?;
        assert_eq!((&replaced["xquik"][0]["trouble"], &replaced["xquik"][1]["trouble"]), (&Value::Null, &Value::Null));

        // Left: its accounts and its journal go, the other's stay.
        stage.browser.until("the list", "document.querySelector('[data-slot=workspaces] section')?.checkVisibility()").await?;
        presses(&stage, "Agency <b>", "disconnect").await?;
        stage.view_until("one left", |view| view["xquik"].as_array().is_some_and(|it| it.len() == 1)).await?;
        let local = stage.browser.script("return JSON.stringify(await api.storage.local.get(['accounts', 'journal']))", vec![]).await?;
        assert!(!local.as_str().unwrap_or_default().contains("acme_jp"), "{local}");
        stage.quit().await
    }

    async fn a_permission_that_was_taken_back_is_said_before_anything_is_sent(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.on_us().await?;
        stage.browser.revoke("https://xquik.com/*").await?;
        let before = stage.world.requests("xquik.com").len();
        assert_eq!(stage.ask(json!("refresh")).await?["verdict"], "not_allowed");
        stage.screen("#/").await?;
        stage.sees("Longkey is no longer allowed to talk to xquik.com.").await?;
        stage.sheet("900001").await?;
        stage.done_sign_in("theirs").await?;
        assert_eq!(stage.outcome().await?["answered"]["verdict"], "not_allowed");
        stage.sees("Nothing was sent.").await?;
        assert_eq!(stage.world.requests("xquik.com").len(), before, "nothing was sent");
        // Given back: the next click goes through, without a check first.
        stage.browser.grant("https://xquik.com/*").await?;
        stage.done_sign_in("theirs").await?;
        stage.outcome().await?;
        assert_eq!(stage.posts(), 1);
        stage.done(json!("refresh")).await?;
        assert_eq!(stage.view().await?["xquik"][0]["trouble"], Value::Null);

        // Not agreed to, the browser is not even asked: what Xquik gets is said first.
        stage.browser.revoke("https://xquik.com/*").await?;
        stage.browser.script("localStorage.removeItem('agreed.xquik')", vec![]).await?;
        assert_eq!(stage.ask(json!("refresh")).await?["verdict"], "not_allowed");
        let before = stage.world.requests("xquik.com").len();
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/").await?);
        stage.browser.click("[data-slot=notes] [data-act=allow-xquik]").await?;
        stage.browser.until("its page", "location.hash === '#/connect'").await?;
        stage.browser.until("the card", "document.activeElement.matches('[data-slot=agreed] .agree')").await?;
        stage.screen("#/settings").await?;
        stage.browser.click("[data-of^='https://xquik.com/'] [data-act=allow-right]").await?;
        stage.browser.until("its page again", "location.hash === '#/connect'").await?;
        assert_eq!(stage.world.requests("xquik.com").len(), before, "nothing was sent");
        // No driver can press Chromium's own question.
        stage.browser.grant("https://xquik.com/*").await?;
        stage.browser.click("[data-slot=agreed] [data-act=agree]").await?;
        stage.browser.accept_consent().await?;
        stage.sees("You agreed on").await?;
        stage.view_until("accounts that were asked for", |view| view["xquik"][0]["trouble"].is_null()).await?;
        stage.quit().await
    }

    async fn a_renamed_account_keeps_its_key(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
        stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
        stage.done(json!("refresh")).await?;
        // Its old name is another account's now.
        stage.world.xquik.change("900001", |it| it.handle = "standin_new".into());
        stage.world.xquik.change("900002", |it| it.handle = "standin_user".into());
        stage.done(json!("refresh")).await?;
        stage.sheet("900002").await?;
        stage.sees("belongs to another X account").await?;
        stage.sheet("900001").await?;
        stage.sees("X calls this account @standin_new now.").await?;
        stage.browser.click("[data-act=rename]").await?;
        let view = stage.view_until("its new name", |view| view["entries"][0]["handle"] == "standin_new").await?;
        assert_eq!((&account(&view, "900001")["key"], &account(&view, "900002")["key"]), (&json!("confirmed"), &Value::Null));
        stage.quit().await
    }
}
