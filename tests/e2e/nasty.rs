//! Answers to a sign-in that no contract describes. Each leads to words, leads nowhere else, and shows nothing of what
//! was sent; what is sent has these headers and no others.

use std::collections::BTreeSet;

use longkey_tests::browsers::Kind;
use longkey_tests::fakes::{Account, Nasty, SINK};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage, account};
use serde_json::{Value, json};

/// Headers that Longkey sets, those that say what is sent, and the browser's own.
const HEADERS: [&str; 6] = ["accept", "content-type", "x-api-key", "content-length", "host", "user-agent"];
const ADDED: [&str; 9] = [
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "origin",
    "pragma",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
];
/// Firefox's alone (RFC 9218).
const FIREFOX: &str = "priority";

/// The code of an outcome's words.
fn code(outcome: &Value) -> String {
    let verdict = outcome.get("answered").map_or(outcome, |it| &it["verdict"]);
    let named = verdict.as_object().and_then(|it| it.keys().next().cloned());
    named.or_else(|| verdict.as_str().map(Into::into)).unwrap_or_default()
}

in_both! {
    async fn no_answer_leads_astray(kind) {
        let mut stage = Stage::set(kind).await?;
        let password = stage.world.x.password();
        let all = Nasty::all();
        assert!(all.len() >= 50, "{} answers", all.len());
        // One account for each, so that none waits for what another one caused; to X they are one, so they have one key.
        let one = |number: usize| {
            let mut account = Account::new(&format!("{}", 910_000 + number), "standin_user", "needsReauth");
            account.x_user_id = "4242".to_owned();
            account
        };
        stage.world.xquik.set_accounts((0..all.len()).map(one).collect());
        stage.connected().await?;
        stage.done(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
        let entry = stage.view().await?["entries"][0]["id"].clone();
        stage.done(json!({ "accepted": { "entry": entry } })).await?;
        let mut others = vec![];
        for (number, nasty) in all.into_iter().enumerate() {
            let id = format!("{}", 910_000 + number);
            let (name, leads) = (nasty.name, nasty.leads);
            stage.world.xquik.answer_nastily(nasty);
            let asked = stage.sign_in_of(&id, "saved").await?;
            stage.done(asked).await?;
            let view = stage.view_until(&format!("an outcome of {name:?}"), |view| {
                let outcome = &account(view, &id)["attempt"]["outcome"];
                !outcome.is_null() && outcome != "running"
            }).await?;
            let found = code(&account(&view, &id)["attempt"]["outcome"]);
            if found != leads && !(leads == "either" && ["unknown", "unfamiliar"].contains(&found.as_str())) {
                others.push(format!("{name}: {found} instead of {leads}"));
            }
            let told = view.to_string();
            assert!(!told.contains(&password) && !told.contains(KEY), "{name}: what was sent came back");
            assert_eq!(stage.posts(), number + 1, "{name}: one click, one POST");
        }
        assert_eq!(others, Vec::<String>::new());
        // All of it on one screen.
        stage.screen("#/accounts").await?;
        let every = format!("document.querySelectorAll('.list li').length >= {}", stage.posts());
        stage.browser.until("the accounts", &every).await?;
        let shown = stage.browser.script("return document.documentElement.outerHTML", vec![]).await?;
        let shown = shown.as_str().unwrap_or_default();
        assert!(!shown.contains(&password) && !shown.contains(KEY) && !shown.contains("onerror"), "a page shows what it must not");
        let astray: Vec<_> = stage.world.refused().into_iter().filter(|it| it.contains(SINK) || it.contains("xquik.com")).collect();
        assert_eq!(astray, Vec::<String>::new());

        let requests = stage.world.requests("xquik.com");
        assert!(requests.iter().all(|it| it.path().starts_with("/api/v1/x/accounts")), "nothing else was asked for");
        let names: BTreeSet<&str> = requests.iter().flat_map(|it| &it.headers).map(|(name, _)| name.as_str()).collect();
        let own = (kind == Kind::Firefox).then_some(FIREFOX);
        let known: BTreeSet<&str> = HEADERS.into_iter().chain(ADDED).chain(own).collect();
        assert_eq!(names, known);
        stage.quit().await
    }
}
