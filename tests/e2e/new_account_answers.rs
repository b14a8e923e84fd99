//! New accounts in two workspaces, and answers to them that tell why not, lead elsewhere, or bring back what was sent.

use std::time::Duration;

use crate::new_account::{EMAIL, listed, presses, saved, says, sends, sent};
use anyhow::Context as _;
use longkey_tests::fakes::{Account, First, Nasty, SINK};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};
use serde_json::{Value, json};

const MINUTES: Duration = Duration::from_secs(600);

/// What Xquik answers to the credentials, and a part of the words that it leads to. The last one is about everybody.
const REFUSALS: [(u16, &str, &str); 5] = [
    (401, "unauthenticated", "Xquik didn't accept the API key."),
    (403, "session_required", "Xquik wants this done in its dashboard."),
    (422, "passkey_required", "X asked for a passkey."),
    (503, "service_unavailable", "Xquik's sign-in service isn't answering."),
    (429, "rate_limit_exceeded", "Xquik asked us to slow down."),
];
/// The same to an e-mailed code.
const CODES: [(u16, &str, &str); 5] = [
    (404, "connection_challenge_not_found", "That code prompt has ended."),
    (409, "connection_challenge_inactive", "That code prompt has ended."),
    (410, "connection_challenge_expired", "That code prompt has ended."),
    (422, "login_failed", "X refused this sign-in."),
    (400, "invalid_input", "Xquik couldn't read that code."),
];

/// Saves a key for this handle and asks for the connection as the page does; what the connection is called.
async fn begins(stage: &mut Stage, handle: &str) -> anyhow::Result<String> {
    let entry = saved(stage, handle).await?;
    let view = stage.view().await?;
    let held = view["entries"].as_array().into_iter().flatten().find(|it| it["id"] == entry.as_str());
    let since = held.map(|it| it["sendable"]["since"].clone()).context("no key to send")?;
    let (workspace, password) = (view["xquik"][0]["id"].clone(), stage.world.x.password());
    let form =
        json!({ "workspace": workspace, "handle": handle, "email": EMAIL, "password": password, "since": since });
    stage.done(json!({ "connect_new": form })).await?;
    Ok(format!("{}.{handle}", workspace.as_str().unwrap_or_default()))
}

/// Waits until the answer is there; how far the connection is then.
async fn stands(stage: &mut Stage, account: &str) -> anyhow::Result<Value> {
    let of = |view: &Value| {
        let all = view["connections"].as_array().into_iter().flatten();
        all.into_iter().find(|it| it["account"] == account).map(|it| it["stage"].clone()).unwrap_or_default()
    };
    let view = stage.view_until("an answer", |view| of(view) != "running" && of(view) != "sending").await?;
    Ok(of(&view))
}

async fn types_code(stage: &Stage, code: &str) -> anyhow::Result<()> {
    stage.browser.until("the field", "document.querySelector('#email-code')?.checkVisibility()").await?;
    stage.browser.type_into("#email-code", code).await?;
    stage.browser.click("[data-slot=code-foot] button").await
}

in_both! {
    async fn one_handle_in_two_workspaces_is_two_connections(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        let first = stage.world.xquik.api_key();
        let second = stage.world.xquik.add_workspace(vec![Account::new("930009", "acme_jp", "healthy")]);
        for (key, name) in [(&first, "Acme"), (&second, "Agency")] {
            stage.done(json!({ "connect": { "api_key": key, "name": name } })).await?;
        }
        saved(&mut stage, "Acme_New").await?;
        let view = stage.view().await?;
        let [a, b] = [0, 1].map(|at| format!("{}.acme_new", view["xquik"][at]["id"].as_str().unwrap_or_default()));
        let password = stage.world.x.password();
        stage.world.xquik.meets(First::Codes(vec!["111111"], MINUTES));
        stage.world.xquik.meets(First::Codes(vec!["222222"], MINUTES));

        stage.screen("#/new-account/Acme_New").await?;
        let choice = "[...document.querySelectorAll('[data-slot=workspaces] input')].filter(it => it.checkVisibility())";
        stage.browser.until("both to choose from", &format!("{choice}.length === 2")).await?;
        sends(&stage, &password).await?;
        stage.browser.accept_consent().await?;
        says(&stage, "X e-mailed a code for @Acme_New.").await?;
        let at = |account: &str| format!("decodeURIComponent(location.hash) === '#/new-account/{account}'");
        stage.browser.until("the first connection", &at(&a)).await?;

        // The form again, where the first one is a line below it.
        stage.screen("#/new-account/Acme_New").await?;
        let below = "document.querySelector('[data-slot=others-list]')?.textContent.includes('X e-mailed a code')";
        stage.browser.until("the first one below", below).await?;
        stage.browser.script(&format!("{choice}[1].click()"), vec![]).await?;
        sends(&stage, &password).await?;
        says(&stage, "X e-mailed a code for @Acme_New.").await?;
        stage.browser.until("the second connection", &at(&b)).await?;

        // Each code goes where it was asked for, the newer connection standing beside it or not.
        stage.screen("#/").await?;
        let links = "[...document.querySelectorAll('[data-slot=needs-list] a')].filter(it => it.hash.startsWith('#/new-account/'))";
        stage.browser.until("both at home", &format!("{links}.length === 2")).await?;
        let link = format!("{links}.map(it => decodeURIComponent(it.hash)).find(it => it.endsWith('{a}'))");
        let link = stage.browser.until("the way to the first", &link).await?;
        stage.screen(link.as_str().unwrap_or_default()).await?;
        types_code(&stage, "111111").await?;
        says(&stage, "@Acme_New is connected.").await?;
        listed(&mut stage, "Acme_New").await?;
        stage.screen(&format!("#/new-account/{b}")).await?;
        types_code(&stage, "222222").await?;
        says(&stage, "@Acme_New is connected.").await?;
        let submits: Vec<_> = stage.world.requests("xquik.com").into_iter().filter(|it| it.path().ends_with("/submit")).collect();
        let told = |it: &longkey_tests::fakes::Recorded| (it.header("x-api-key").map(str::to_owned), it.json());
        assert_eq!(submits.iter().map(told).collect::<Vec<_>>(), [
            (Some(first), Some(json!({ "email_code": "111111" }))), (Some(second), Some(json!({ "email_code": "222222" }))),
        ]);

        // Connected already: its own workspace's sheet.
        let there = |view: &Value| view["xquik"][1]["accounts"].to_string().contains("Acme_New");
        stage.view_until("the second list", there).await?;
        stage.on_us().await?;
        presses(&stage, "action").await?;
        stage.view_until("one connection left", |view| view["connections"].as_array().is_some_and(|it| it.len() == 1)).await?;
        stage.screen(&format!("#/new-account/{b}")).await?;
        sends(&stage, &password).await?;
        says(&stage, "is already connected.").await?;
        stage.browser.click("[data-slot=result] [data-act=signin]").await?;
        let sheet = format!("decodeURIComponent(location.hash).startsWith('#/signin/{}.92')", b.trim_end_matches(".acme_new"));
        stage.browser.until("its sheet in that workspace", &sheet).await?;
        assert_eq!(sent(&stage).len(), 2);
        stage.quit().await
    }

    async fn each_answer_to_a_new_account_has_its_words(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        for (number, (status, error, words)) in CODES.iter().enumerate() {
            stage.world.xquik.meets(First::Codes(vec!["123456"], MINUTES));
            let account = begins(&mut stage, &format!("acme_code_{number}")).await?;
            assert_eq!(stands(&mut stage, &account).await?, "code");
            stage.world.xquik.answers_code(*status, json!({ "error": error }));
            stage.done(json!({ "connect_code": { "account": account, "code": "123456" } })).await?;
            stage.screen(&format!("#/new-account/{account}")).await?;
            says(&stage, words).await?;
        }
        for (number, (status, error, words)) in REFUSALS.iter().enumerate() {
            stage.world.xquik.meets(First::Answer(*status, json!({ "error": error, "retryAfter": 900 })));
            let account = begins(&mut stage, &format!("acme_new_{number}")).await?;
            stage.screen(&format!("#/new-account/{account}")).await?;
            says(&stage, words).await?;
            assert_eq!(sent(&stage).len(), CODES.len() + number + 1, "{status}: one click, one POST");
        }
        // The limit is for everybody.
        saved(&mut stage, "acme_other").await?;
        stage.screen("#/new-account/acme_other").await?;
        let counts = "document.querySelector('[data-slot=go]')?.disabled && /1[45]:\\d\\d/.test(document.querySelector('[data-slot=go]').innerText)";
        stage.browser.until("the pause counted down", counts).await?;
        stage.quit().await
    }

    async fn no_answer_to_a_new_account_leads_astray(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        let (password, all) = (stage.world.x.password(), Nasty::astray());
        assert!(all.len() >= 15, "{} answers", all.len());
        let secrets = [password.as_str(), EMAIL, KEY, "onerror"];
        let shows = |text: &str| secrets.iter().any(|it| text.contains(it));
        for (number, nasty) in all.into_iter().enumerate() {
            let (name, leads) = (nasty.name, nasty.leads);
            stage.world.xquik.meets(First::Nasty(nasty));
            let account = begins(&mut stage, &format!("acme_{number}")).await?;
            let found = stands(&mut stage, &account).await?;
            let wanted: &[&str] = if leads == "unknown" { &["unknown"] } else { &["unknown", "failed"] };
            assert!(wanted.iter().any(|it| found == *it), "{name}: {found}");
            assert_eq!(sent(&stage).len(), number + 1, "{name}: one click, one POST");
            assert!(!shows(&stage.view().await?.to_string()), "{name}: what was sent came back");
            stage.screen(&format!("#/new-account/{account}")).await?;
            let names = format!("document.querySelector('#new-handle')?.value === 'acme_{number}'");
            stage.browser.until("its screen", &names).await?;
            stage.browser.until("words", "document.querySelector('[data-slot=result]').innerText.length > 20").await?;
            let page = stage.browser.script("return document.documentElement.outerHTML", vec![]).await?;
            assert!(!shows(page.as_str().unwrap_or_default()), "{name}: a page shows what it must not");
        }
        let local = stage.browser.script("return JSON.stringify(await api.storage.local.get(null))", vec![]).await?;
        let local = local.as_str().unwrap_or_default();
        assert!(local.contains("acme_1") && !shows(local), "what was sent is stored");
        let astray: Vec<_> = stage.world.refused().into_iter().filter(|it| it.contains(SINK) || it.contains("xquik.com")).collect();
        assert_eq!(astray, Vec::<String>::new());
        let paths = stage.world.requests("xquik.com");
        assert!(paths.iter().all(|it| it.path() == "/api/v1/x/accounts"), "nothing else was asked for");
        stage.quit().await
    }
}
