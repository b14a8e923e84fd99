//! Fansly at Fans API, from the key to the last code: what the pages say, what is sent and where, and that nothing follows
//! the service's own address for looking.

use std::collections::BTreeSet;

use longkey_tests::browsers::{DEADLINE, Kind, until};
use longkey_tests::fakes::{FANS_HOSTS, FanslyOrder, FanslyRoute, Phase, SINK, Wants};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};
use serde_json::{Value, json};

const FIRST: &str = "fansly_acct_FAKE0001";
const SECOND: &str = "fansly_acct_FAKE0002";
const THIRD: &str = "fansly_acct_FAKE0003";
/// What Longkey sets, what says what is sent, and the browser's own.
const HEADERS: [&str; 6] = ["accept", "authorization", "content-type", "content-length", "host", "user-agent"];
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

/// The screen of an account.
async fn on(stage: &mut Stage, id: &str) -> anyhow::Result<()> {
    stage.screen(&format!("#/fansly/{id}")).await?;
    stage.browser.until("the account", "document.querySelector('[data-slot=key]')").await?;
    Ok(())
}

/// One account of the view.
fn account<'a>(view: &'a Value, id: &str) -> &'a Value {
    let all = view["fansly"]["accounts"].as_array();
    all.and_then(|all| all.iter().find(|it| it["id"] == id)).unwrap_or(&Value::Null)
}

/// How many requests of that method and to that end there were.
fn count(stage: &Stage, method: &str, end: &str) -> usize {
    let all = FANS_HOSTS.iter().flat_map(|host| stage.world.requests(host));
    all.filter(|it| it.method == method && it.path().ends_with(end)).count()
}

async fn connected(stage: &mut Stage) -> anyhow::Result<()> {
    for id in [FIRST, SECOND, THIRD] {
        stage.world.fansly.change(id, |it| it.looks = 0);
    }
    stage.done(json!("skip_passphrase")).await?;
    let key = stage.world.fansly.key();
    stage.done(json!({ "connect_fans": { "api_key": key, "word": "new" } })).await
}

fn act(id: &str, word: &str) -> Value {
    json!({ "fansly": { "member": id, "word": word } })
}

in_both! {
    async fn from_the_key_to_an_emailed_code(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        // The new address does not answer: the other one is offered, and asked only when it was chosen.
        stage.world.fansly.close(Some(FANS_HOSTS[0]));
        stage.screen("#/settings").await?;
        stage.browser.until("the way there", "document.querySelector('a[href=\\'#/fansly\\']')").await?;
        stage.screen("#/fansly").await?;
        stage.browser.until("the form", "document.querySelector('#fans-key')?.checkVisibility()").await?;
        stage.sees("closed beta").await?;
        stage.browser.type_into("#fans-key", "too short").await?;
        stage.browser.click("[data-form=fansly] [data-slot=go]").await?;
        stage.sees("That is not a Fans API key.").await?;
        stage.browser.script("document.querySelector('#fans-key').value = ''", vec![]).await?;
        stage.browser.type_into("#fans-key", &stage.world.fansly.key()).await?;
        stage.browser.click("[data-form=fansly] [data-slot=go]").await?;
        stage.browser.accept_consent().await?;
        stage.sees("No answer from this address.").await?;
        assert!(stage.world.requests(FANS_HOSTS[1]).is_empty(), "the other address was asked by itself");
        stage.browser.click("[data-act=other]").await?;
        stage.browser.click("[data-form=fansly] [data-slot=go]").await?;
        stage.sees("@fake_creator").await?;
        stage.sees("at app.onlyfansapi.com").await?;
        assert!(stage.view().await?["fansly"]["last_four"] == stage.world.fansly.key()[39..]);

        stage.browser.click(&format!("a[href='#/fansly/{FIRST}']")).await?;
        stage.sees("@fake_creator is signed out.").await?;
        // It asks for the code once that was seen.
        stage.world.fansly.change(FIRST, |it| it.looks = u32::MAX);
        stage.browser.click("[data-act=fansly-sign-in]").await?;
        stage.sees("Signing @fake_creator in.").await?;
        stage.world.fansly.change(FIRST, |it| (it.looks, it.phase) = (1, Phase::Working(1)));
        stage.sees("Fansly e-mailed a code to f**@e*****.invalid.").await?;
        stage.screen("#/").await?;
        stage.sees("Wants a code").await?;
        on(&mut stage, FIRST).await?;
        let right = stage.world.fansly.member(FIRST).map(|it| it.emailed).unwrap_or_default();
        let wrong = if right == "111111" { "222222" } else { "111111" };
        stage.browser.type_into("#fansly-code", wrong).await?;
        stage.browser.click("[data-form=fansly-code] [data-slot=submit]").await?;
        stage.sees("That code wasn't accepted.").await?;
        stage.browser.type_into("#fansly-code", &right).await?;
        stage.browser.click("[data-form=fansly-code] [data-slot=submit]").await?;
        stage.sees("@fake_creator is signed in again.").await?;
        stage.browser.click("[data-act=fansly-done]").await?;
        stage.sees("@fake_creator is signed in.").await?;
        assert_eq!((count(&stage, "POST", "/reauthenticate"), count(&stage, "PUT", FIRST)), (1, 2));
        let astray: Vec<_> = stage.world.refused().into_iter().filter(|it| it.contains(SINK)).collect();
        assert_eq!(astray, Vec::<String>::new(), "somebody followed the service's own address");

        let requests = stage.world.requests(FANS_HOSTS[1]);
        let names: BTreeSet<&str> = requests.iter().flat_map(|it| &it.headers).map(|(name, _)| name.as_str()).collect();
        let own = (kind == Kind::Firefox).then_some("priority");
        let known: BTreeSet<&str> = HEADERS.into_iter().chain(ADDED).chain(own).collect();
        assert_eq!(names, known);
        let page = stage.browser.script("return document.documentElement.outerHTML", vec![]).await?.to_string();
        assert!(!page.contains(&stage.world.fansly.key()) && !page.contains(&right), "a page shows what it must not");
        stage.quit().await
    }

    async fn the_saved_keys_code_and_a_killed_worker(kind) {
        let mut stage = Stage::set(kind).await?;
        connected(&mut stage).await?;
        stage.world.fansly.change(SECOND, |it| it.wants = Wants::App(KEY.into()));
        on(&mut stage, SECOND).await?;
        stage.browser.type_into("#fansly-key", "otpauth://totp/Fansly:x?secret=jbswy3dpehpk3pxp").await?;
        stage.browser.click("[data-slot=save-key]").await?;
        stage.sees("the key itself is never sent").await?;
        stage.browser.click("[data-act=fansly-sign-in]").await?;
        stage.sees("Fansly wants the authenticator code.").await?;
        stage.browser.click("[data-act=fansly-send]:not([hidden])").await?;
        // The code is under way; the worker dies, and what wakes goes on with looks alone.
        stage.world.seen(FANS_HOSTS[0], |it| it.method == "PUT" && it.path().ends_with(SECOND), longkey_tests::browsers::DEADLINE).await?;
        stage.browser.kill_background().await?;
        stage.sees("@second_creator is signed in again.").await?;
        assert_eq!((count(&stage, "POST", "/reauthenticate"), count(&stage, "PUT", SECOND)), (1, 1));
        assert!(!format!("{:?}", stage.world.requests(FANS_HOSTS[0])).contains(KEY), "a long key was sent");

        // Removed and back; removed with the connection, it is in the list of those that nobody lists.
        stage.browser.click("[data-act=fansly-forget]").await?;
        stage.sees("kept for 30 days").await?;
        stage.browser.click("[data-act=fansly-before]").await?;
        stage.sees("the key itself is never sent").await?;
        stage.done(json!("disconnect_fans")).await?;
        stage.screen("#/fansly").await?;
        stage.sees("aren't in the list of Fans API").await?;
        stage.browser.click("[data-slot=keys-list] [data-act=fansly-forget]").await?;
        stage.browser.click("[data-slot=keys-list] [data-act=fansly-before]").await?;
        stage.browser.until("it is back", "document.querySelector('[data-slot=keys-list] [data-act=fansly-forget]')").await?;
        let key = stage.world.fansly.key();
        stage.done(json!({ "connect_fans": { "api_key": key, "word": "new" } })).await?;

        // Killed while the start itself is unanswered: it is looked at, not sent again.
        stage.world.fansly.answer_next(FanslyRoute::Start, FanslyOrder { slow: true, ..FanslyOrder::new(200, " ".repeat(4_000)) });
        stage.done(act(THIRD, "sign_in")).await?;
        stage.world.seen(FANS_HOSTS[0], |it| it.method == "POST" && it.path().contains(THIRD), longkey_tests::browsers::DEADLINE).await?;
        stage.browser.kill_background().await?;
        stage.world.fansly.change(THIRD, |it| it.signed_in = true);
        stage.view_until("the end of it", |view| account(view, THIRD)["step"] == "done").await?;
        assert_eq!(count(&stage, "POST", "/reauthenticate"), 2);
        stage.quit().await
    }

    async fn what_else_it_answers(kind) {
        let mut stage = Stage::set(kind).await?;
        connected(&mut stage).await?;
        let key = stage.world.fansly.key();
        // Signed in meanwhile: the refusal is looked into before anything is said.
        stage.world.fansly.change(FIRST, |it| it.signed_in = true);
        on(&mut stage, FIRST).await?;
        stage.browser.click("[data-act=fansly-sign-in]").await?;
        stage.sees("@fake_creator is already signed in.").await?;
        // Fansly's own words, and an echo that must not be shown.
        let echo = format!("The key {key} is wrong");
        let told = [(json!("Account <b>locked</b>."), "Account b locked /b ."), (json!({ "message": echo }), "It gave no reason that can be shown.")];
        for (error, words) in told {
            stage.world.fansly.change(THIRD, |it| it.error = Some(error));
            on(&mut stage, THIRD).await?;
            stage.browser.click("[data-act=fansly-sign-in]").await?;
            stage.sees("Fansly refused:").await?;
            stage.sees(words).await?;
            stage.done(act(THIRD, "done")).await?;
        }
        for (order, words) in [
            (FanslyOrder::new(400, r#"{"message":"No.","reason":"Fake other reason"}"#), "Fake other reason"),
            (FanslyOrder::new(200, r#"{"success":false,"message":"Fake text."}"#), "Fake text."),
            (FanslyOrder::new(401, "<p>"), "Fans API didn't accept the key."),
            (FanslyOrder::new(403, "$key"), "Fans API didn't accept the key."),
            (FanslyOrder::new(402, ""), "No credits left."),
            (FanslyOrder::new(404, "$key"), "@third_creator isn't in this team."),
            (FanslyOrder::new(503, "$key"), "Fans API isn't answering."),
            (FanslyOrder::new(418, "{}"), "Fans API answered with something Longkey doesn't know (HTTP 418)."),
            (FanslyOrder { headers: vec![("retry-after", "90")], ..FanslyOrder::new(429, "") }, "Again in 1:"),
        ] {
            stage.world.fansly.change(THIRD, |it| it.phase = Phase::Idle);
            let status = order.status;
            stage.world.fansly.answer_next(FanslyRoute::Start, order);
            stage.done(act(THIRD, "sign_in")).await?;
            // The words of the row before may be the same ones.
            stage.view_until("its answer", |view| account(view, THIRD)["followed"] == false).await?;
            stage.sees(words).await?;
            if status != 429 {
                stage.done(act(THIRD, "done")).await?;
            }
        }
        stage.browser.kill_background().await?;
        assert_eq!(stage.ask(act(THIRD, "sign_in")).await?["refused"], "Paused", "a pause outlives the worker");
        // A pause that is longer than a login is followed: it ends, and no press goes out before the pause does.
        let long = FanslyOrder { headers: vec![("retry-after", "600")], ..FanslyOrder::new(503, "") };
        stage.world.fansly.answer_next(FanslyRoute::Look, long);
        stage.world.fansly.change(FIRST, |it| it.signed_in = false);
        on(&mut stage, FIRST).await?;
        stage.browser.click("[data-act=fansly-done]").await?;
        let posts = count(&stage, "POST", "/reauthenticate");
        stage.browser.script("for (let i = 0; i < 2; i += 1) document.querySelector('[data-act=fansly-sign-in]').click()", vec![]).await?;
        stage.sees("Not finished yet.").await?;
        stage.sees("Again in ").await?;
        assert_eq!(count(&stage, "POST", "/reauthenticate"), posts + 1, "two presses are one start");
        // Looks lead nowhere else, however they are answered.
        stage.world.fansly.change(SECOND, |it| it.wants = Wants::Nothing);
        for order in [
            FanslyOrder { headers: vec![("location", "https://elsewhere.invalid/")], ..FanslyOrder::new(307, "") },
            FanslyOrder { slow: true, ..FanslyOrder::new(200, format!("{{\"account_id\":\"{SECOND}\",\"is_authenticated\":false,\"needs_code\":true,\"status\":\"verifying\",\"polling_url\":\"https://elsewhere.invalid/\"}}")) },
        ] {
            stage.world.fansly.answer_next(FanslyRoute::Look, order);
        }
        stage.done(act(SECOND, "sign_in")).await?;
        // The third look, ten seconds after the start.
        let end = until("the end of it", DEADLINE * 2, async || {
            Ok((account(&stage.view().await?, SECOND)["step"] == "done").then_some(()))
        });
        end.await?;
        let astray: Vec<_> = stage.world.refused().into_iter().filter(|it| it.contains(SINK)).collect();
        assert_eq!(astray, Vec::<String>::new());
        let told = stage.view().await?.to_string();
        assert!(!told.contains(&key), "the key came back");
        // The permission is taken back: nothing is sent, and the screen says what to do.
        let sent = count(&stage, "POST", "/reauthenticate");
        stage.browser.revoke("https://api.fansapi.com/*").await?;
        stage.done(act(SECOND, "done")).await?;
        on(&mut stage, SECOND).await?;
        stage.browser.click("[data-act=fansly-sign-in]").await?;
        stage.sees("The browser doesn't let Longkey ask this address any more.").await?;
        assert_eq!(count(&stage, "POST", "/reauthenticate"), sent);
        stage.quit().await
    }
}
