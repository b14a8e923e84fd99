//! The services: accounts, the sheet and what becomes of a sign-in, runs, new accounts, Fansly.

use super::scene::Scene;
use super::walk::Walk;
use crate::new_account::{says, sends};
use crate::stores::break_background;
use longkey_tests::browsers::DEADLINE;
use longkey_tests::fakes::{Account, Canned, First, Route, Wants};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage, account};
use serde_json::{Value, json};

/// What is served, and the name of the screen.
const RESULTS: [(Canned, &str); 10] = [
    (Canned::LoginFailed, "result-login-failed"),
    (Canned::Passkey, "result-passkey"),
    (Canned::Unauthenticated, "result-api-key"),
    (Canned::NotFound, "result-gone"),
    (Canned::Unavailable, "result-unavailable"),
    (Canned::SessionRequired, "result-dashboard"),
    (Canned::Teapot, "result-unfamiliar"),
    (Canned::OtherCountry, "result-healthy"),
    (Canned::Locked, "result-locked"),
    (Canned::RateLimited, "result-slow-down"),
];

const FANSLY: [&str; 2] = ["fansly_acct_FAKE0001", "fansly_acct_FAKE0002"];

/// Keys end as they do on record: screens name their last four characters.
fn with_known_ends(stage: &Stage) {
    let ends = |key: String| format!("{}0000", &key[..key.len() - 4]);
    stage.world.xquik.set_api_key(&ends(stage.world.xquik.api_key()));
    stage.world.fansly.set_key(&ends(stage.world.fansly.key()));
}

async fn staged(kind: longkey_tests::browsers::Kind) -> anyhow::Result<Stage> {
    let mut stage = Stage::set(kind).await?;
    with_known_ends(&stage);
    let healths = ["needsReauth", "needsReauth", "needsReauth", "healthy", "locked", "suspended", "recovering"];
    let one = |(at, health): (usize, &&str)| {
        let handle = format!("acme_{at}");
        stage.world.x.set_confirmed_key_of(&handle, Some(KEY));
        let mut account = Account::new(&format!("{}", 900_001 + at), &handle, health);
        account.stored_key = Some(KEY.to_owned());
        account
    };
    stage.world.xquik.set_accounts(healths.iter().enumerate().map(one).collect());
    let second = stage.world.xquik.add_workspace(vec![Account::new("900099", "acme_jp", "needsReauth")]);
    stage.connected().await?;
    stage.done(json!({ "connect": { "api_key": second, "name": "Agency" } })).await?;
    for handle in ["acme_0", "lonely"] {
        let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": handle } })).await?;
        stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
    }
    Ok(stage)
}

/// A sign-in of that account, to its end.
async fn signed_in(stage: &mut Stage, id: &str) -> anyhow::Result<()> {
    let question = stage.sign_in_of(id, "theirs").await?;
    stage.done(question).await?;
    let over = |view: &Value| {
        let outcome = &account(view, id)["attempt"]["outcome"];
        !outcome.is_null() && *outcome != "running"
    };
    stage.view_until("an outcome", over).await.map(drop)
}

in_both! {
    async fn the_screens_of_accounts_and_runs(kind) {
        let mut stage = staged(kind).await?;
        let mut walk = Walk::new();
        let (first, healthy) = (stage.account_ref("900001").await?, stage.account_ref("900004").await?);
        walk.visit(&mut stage, Scene::popup("home-needs-you", "#/").shows("[data-slot=needs-list] .row").with_tree()).await?;
        walk.visit(&mut stage, Scene::panel("home-panel", "#/").shows("[data-slot=needs-list] .row")).await?;
        walk.visit(&mut stage, Scene::tab("workspaces", "#/connect").shows("[data-act=disconnect]")).await?;
        walk.visit(&mut stage, Scene::tab("accounts", "#/accounts").shows(".list .row")).await?;
        walk.visit(&mut stage, Scene::popup("account", &format!("#/account/{first}")).shows(".facts")).await?;
        walk.visit(&mut stage, Scene::popup("sheet", &format!("#/signin/{first}")).shows("#x-password").with_tree()).await?;
        walk.visit(&mut stage, Scene::panel("sheet-panel", &format!("#/signin/{first}")).shows("#x-password")).await?;
        let more = Scene::popup("sheet-more", &format!("#/signin/{first}")).until("#x-password").click("[data-slot=more] summary");
        walk.visit(&mut stage, more.shows("#x-region")).await?;
        walk.visit(&mut stage, Scene::popup("sheet-no-need", &format!("#/signin/{healthy}")).shows("#x-password")).await?;
        // Nothing leaves before it was agreed to.
        stage.browser.script("localStorage.removeItem('agreed.xquik')", vec![]).await?;
        walk.visit(&mut stage, Scene::popup("sheet-agree", &format!("#/signin/{first}")).shows("[data-act=agree]")).await?;
        stage.browser.script("localStorage.setItem('agreed.xquik', '1790000000000')", vec![]).await?;
        walk.visit(&mut stage, Scene::tab("run", "#/run").shows(".run [data-slot=password]")).await?;
        walk.visit(&mut stage, Scene::tab("new-account", "#/new-account").shows("#new-password")).await?;
        // Refused twice, and everybody has to wait.
        for (canned, id) in [(Canned::LoginFailed, "900001"), (Canned::LoginFailed, "900001"), (Canned::RateLimited, "900002")] {
            stage.world.xquik.answer_next(Route::Reauth, canned);
            signed_in(&mut stage, id).await?;
        }
        walk.visit(&mut stage, Scene::tab("run-paused", "#/run").shows("[data-slot=halt] h2")).await?;
        walk.visit(&mut stage, Scene::popup("account-refused", &format!("#/account/{first}")).shows(".facts")).await?;
        walk.end()?;
        stage.quit().await
    }

    async fn the_screens_of_a_sign_in(kind) {
        let mut stage = Stage::set(kind).await?;
        let mut walk = Walk::new();
        with_known_ends(&stage);
        stage.connected().await?;
        stage.captured_and_confirmed().await?;
        let sheet = format!("#/signin/{}", stage.account_ref("900001").await?);
        stage.world.xquik.answer_next(Route::Reauth, Canned::Hold);
        stage.done_sign_in("theirs").await?;
        stage.world.xquik.until_holding(1, DEADLINE).await?;
        walk.visit(&mut stage, Scene::popup("progress", &sheet).shows("[data-slot=progress]")).await?;
        stage.browser.kill_background().await?;
        stage.outcome().await?;
        walk.visit(&mut stage, Scene::popup("result-unknown", &sheet).shows("[data-slot=result] h2")).await?;
        stage.world.xquik.release();
        stage.world.xquik.change("900001", |it| it.health = "healthy".into());
        let account = stage.account_ref("900001").await?;
        stage.done(json!({ "check_status": { "account": account } })).await?;
        stage.outcome().await?;
        for (canned, name) in RESULTS {
            stage.world.xquik.change("900001", |it| it.health = "needsReauth".into());
            stage.world.xquik.answer_next(Route::Reauth, canned);
            stage.done_sign_in("theirs").await?;
            stage.outcome().await?;
            walk.visit(&mut stage, Scene::popup(name, &sheet).shows("[data-slot=result] h2")).await?;
            if name == "result-login-failed" {
                let which = Scene::popup("which", &sheet).click("[data-act=which]");
                walk.visit(&mut stage, which.shows("[data-slot=which] .facts")).await?;
            }
        }
        walk.end()?;
        stage.quit().await
    }

    async fn the_screens_of_pauses_and_lost_networks(kind) {
        let mut stage = Stage::set(kind).await?;
        let mut walk = Walk::new();
        with_known_ends(&stage);
        stage.connected().await?;
        let sheet = format!("#/signin/{}", stage.account_ref("900001").await?);
        break_background(&mut stage, "Object.defineProperty((globalThis.window ?? globalThis).navigator, 'onLine', { configurable: true, get: () => false });").await?;
        stage.done_sign_in("theirs").await?;
        stage.outcome().await?;
        walk.visit(&mut stage, Scene::popup("result-offline", &sheet).shows("[data-slot=result] h2")).await?;
        stage.browser.kill_background().await?;
        stage.world.xquik.answer_next(Route::Reauth, Canned::Cooldown);
        stage.done_sign_in("theirs").await?;
        stage.outcome().await?;
        walk.visit(&mut stage, Scene::popup("result-cooldown", &sheet).shows("[data-slot=result] h2")).await?;
        walk.visit(&mut stage, Scene::popup("home-waiting", "#/").shows("[data-slot=waiting-list] .row")).await?;

        // A new account whose code X e-mails.
        stage.world.x.set_confirmed_key_of("acme_new", Some(KEY));
        let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": "acme_new" } })).await?;
        stage.done(json!({ "accepted": { "entry": kept["kept"] } })).await?;
        stage.world.xquik.meets(First::Codes(vec!["135790"], std::time::Duration::from_secs(600)));
        stage.us = Some(stage.browser.open_extension_page("pages/app.html#/new-account/acme_new").await?);
        let password = stage.world.x.password();
        sends(&stage, &password).await?;
        stage.browser.accept_consent().await?;
        says(&stage, "X e-mailed a code for @acme_new.").await?;
        walk.visit(&mut stage, Scene::tab("new-account-code", "#/new-account/acme_new").shows("#email-code")).await?;
        let begun = stage.view().await?["connections"][0]["account"].as_str().unwrap_or_default().to_owned();
        walk.visit(&mut stage, Scene::tab("connection", &format!("#/new-account/{begun}")).shows("#email-code")).await?;

        // Fansly: one that needs a sign-in, one that wants a code.
        for id in FANSLY {
            stage.world.fansly.change(id, |it| it.looks = 0);
        }
        stage.world.fansly.change(FANSLY[1], |it| it.wants = Wants::App(KEY.into()));
        let key = stage.world.fansly.key();
        stage.done(json!({ "connect_fans": { "api_key": key, "word": "new" } })).await?;
        walk.visit(&mut stage, Scene::tab("fansly", "#/fansly").shows(".list li")).await?;
        walk.visit(&mut stage, Scene::popup("fansly-account", &format!("#/fansly/{}", FANSLY[0])).shows("[data-slot=key]")).await?;
        stage.done(json!({ "fansly": { "member": FANSLY[0], "word": "sign_in" } })).await?;
        let asked = |view: &Value| view["fansly"]["accounts"].as_array().into_iter().flatten().any(|it| it["step"] == "code");
        stage.view_until("a code to be asked for", asked).await?;
        walk.visit(&mut stage, Scene::popup("fansly-code", &format!("#/fansly/{}", FANSLY[0])).shows("#fansly-code")).await?;
        walk.end()?;
        stage.quit().await
    }
}
