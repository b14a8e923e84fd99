//! Connecting a new account to Xquik through its screen: what is sent, what is waited for, and how often.

use std::time::Duration;

use longkey_tests::browsers::{DEADLINE, ENTER};
use longkey_tests::fakes::{Account, Canned, First, Recorded, Route};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, Stage};
use serde_json::{Value, json};

pub(crate) const EMAIL: &str = "fake.person@example.invalid";

/// Xquik is connected, and a key that X has accepted is saved for this account.
pub(crate) async fn saved(stage: &mut Stage, handle: &str) -> anyhow::Result<String> {
    stage.world.x.set_confirmed_key_of(handle, Some(KEY));
    let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": handle } })).await?;
    let entry = kept["kept"].as_str().unwrap_or_default().to_owned();
    stage.done(json!({ "accepted": { "entry": entry } })).await?;
    Ok(entry)
}

/// The credentials that Xquik has received.
pub(crate) fn sent(stage: &Stage) -> Vec<Recorded> {
    let all = stage.world.requests("xquik.com").into_iter();
    all.filter(|it| it.method == "POST" && it.path() == "/api/v1/x/accounts").collect()
}

/// Fills in what is never kept, and presses the button.
pub(crate) async fn sends(stage: &Stage, password: &str) -> anyhow::Result<()> {
    let browser = &stage.browser;
    browser.until("the form", "document.querySelector('#new-password')?.checkVisibility()").await?;
    browser
        .until(
            "no e-mail and no password",
            "document.querySelector('#new-email').value + document.querySelector('#new-password').value === ''",
        )
        .await?;
    browser.type_into("#new-email", EMAIL).await?;
    browser.type_into("#new-password", password).await?;
    browser.click("[data-slot=go]").await
}

pub(crate) async fn says(stage: &Stage, words: &str) -> anyhow::Result<()> {
    let said = format!(
        "document.querySelector('[data-slot=result]')?.innerText.replaceAll('\u{2019}', \"'\").includes({})",
        Value::from(words)
    );
    stage.browser.until(&format!("the words: {words}"), &said).await?;
    Ok(())
}

pub(crate) async fn presses(stage: &Stage, slot: &str) -> anyhow::Result<()> {
    let there = format!(
        "document.querySelector('[data-slot={slot}]')?.checkVisibility() && !document.querySelector('[data-slot={slot}]').disabled"
    );
    stage.browser.until(&format!("the button {slot}"), &there).await?;
    stage.browser.click(&format!("[data-slot={slot}]")).await
}

async fn stage_is(stage: &mut Stage, wanted: &str) -> anyhow::Result<Value> {
    let what = format!("the connection to be {wanted}");
    let view = stage.view_until(&what, |view| view["connections"][0]["stage"] == wanted).await?;
    Ok(view["connections"][0].clone())
}

pub(crate) async fn listed(stage: &mut Stage, handle: &str) -> anyhow::Result<()> {
    let there = |view: &Value| {
        let accounts = view["xquik"][0]["accounts"].as_array();
        accounts.is_some_and(|all| all.iter().any(|it| it["handle"] == handle && it["health"] == "healthy"))
    };
    stage.view_until("the account in the list", there).await?;
    Ok(())
}

in_both! {
    async fn a_new_account_is_connected_with_exactly_four_fields(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        let entry = saved(&mut stage, "Acme_New").await?;
        let password = stage.world.x.password();

        // From the account's page; there X's name and the key stand already.
        stage.screen(&format!("#/entry/{entry}")).await?;
        let link = "document.querySelector('[data-slot=new-account]')?.checkVisibility()";
        stage.browser.until("the way to Xquik", link).await?;
        stage.screen("#/new-account/Acme_New").await?;
        let key = "document.querySelector('[data-slot=key-words]')?.innerText.includes('X accepted it')";
        stage.browser.until("the saved key", key).await?;

        // X has no such account, says Xquik: back in the field, everything secret to be typed anew.
        stage.world.xquik.meets(First::Answer(502, json!({ "error": "x_user_lookup_failed" })));
        sends(&stage, &password).await?;
        stage.browser.accept_consent().await?;
        says(&stage, "X doesn't know @Acme_New.").await?;
        stage.browser.until("the field in focus", "document.activeElement?.id === 'new-handle'").await?;

        stage.world.xquik.meets(First::Answer(400, json!({ "error": "invalid_input" })));
        sends(&stage, &password).await?;
        says(&stage, "Xquik didn't take one of the fields.").await?;

        sends(&stage, "a wrong password").await?;
        says(&stage, "X refused this sign-in.").await?;
        presses(&stage, "action").await?;
        assert_eq!(sent(&stage).len(), 3);

        // Enter twice in a row is once.
        stage.browser.until("the form", "document.querySelector('#new-password')?.checkVisibility()").await?;
        stage.browser.type_into("#new-email", EMAIL).await?;
        stage.browser.type_into("#new-password", &format!("{password}{ENTER}{ENTER}")).await?;
        says(&stage, "@Acme_New is connected.").await?;
        listed(&mut stage, "Acme_New").await?;
        let all = sent(&stage);
        assert_eq!(all.len(), 4);
        let wanted = json!({ "username": "Acme_New", "email": EMAIL, "password": password, "totp_secret": KEY });
        assert_eq!(all[3].json().as_ref(), Some(&wanted));
        for name in ["cookie", "referer", "xquik-api-contract"] {
            assert_eq!(all[3].header(name), None, "{name}");
        }
        presses(&stage, "action").await?;
        stage.view_until("nothing left of it", |view| view["connections"] == json!([])).await?;

        // Somebody else was faster: the list is asked, and leads to the account's own sheet.
        saved(&mut stage, "acme_two").await?;
        let mut accounts = stage.world.xquik.accounts();
        accounts.push(Account::new("930001", "acme_two", "needsReauth"));
        stage.world.xquik.set_accounts(accounts);
        stage.screen("#/new-account/acme_two").await?;
        sends(&stage, &password).await?;
        says(&stage, "@acme_two is already connected.").await?;
        stage.view_until("the list", |view| view["xquik"][0]["accounts"].to_string().contains("acme_two")).await?;
        stage.on_us().await?;
        presses(&stage, "action").await?;
        stage.browser.until("its sheet", "location.hash.startsWith('#/signin/')").await?;
        assert_eq!(sent(&stage).len(), 5);
        stage.quit().await
    }

    async fn a_pending_connection_goes_on_without_page_and_worker(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        saved(&mut stage, "acme_new").await?;
        let password = stage.world.x.password();
        stage.world.xquik.meets(First::Pending(3, Box::new(First::Login)));
        stage.screen("#/new-account/acme_new").await?;
        sends(&stage, &password).await?;
        stage.browser.accept_consent().await?;
        says(&stage, "Don't send it again.").await?;

        // The page is closed and the worker killed: who comes back finds it going on.
        stage.browser.close_tab(&stage.x).await?;
        stage.us = None;
        stage.browser.kill_background().await?;
        stage.screen("#/new-account/acme_new").await?;
        says(&stage, "@acme_new is connected.").await?;
        listed(&mut stage, "acme_new").await?;
        assert_eq!(sent(&stage).len(), 1);

        // Killed while nobody has answered: unknown, and the list knows.
        saved(&mut stage, "acme_two").await?;
        stage.world.xquik.meets(First::Hold);
        // A young list is not asked for again before the press that looks.
        stage.done(json!("refresh")).await?;
        stage.screen("#/new-account/acme_two").await?;
        sends(&stage, &password).await?;
        stage.world.xquik.until_holding(1, DEADLINE).await?;
        stage.browser.kill_background().await?;
        says(&stage, "No answer yet about @acme_two.").await?;
        // It went through after all.
        let mut accounts = stage.world.xquik.accounts();
        accounts.push(Account::new("930001", "acme_two", "healthy"));
        stage.world.xquik.set_accounts(accounts);
        presses(&stage, "action").await?;
        says(&stage, "@acme_two is connected.").await?;
        assert_eq!(sent(&stage).len(), 2);
        stage.quit().await
    }

    async fn a_code_that_x_e_mails_is_sent_while_it_is_asked_for(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        saved(&mut stage, "acme_new").await?;
        let password = stage.world.x.password();
        stage.world.xquik.meets(First::Codes(vec!["135790"], Duration::from_secs(600)));
        stage.screen("#/new-account/acme_new").await?;
        sends(&stage, &password).await?;
        stage.browser.accept_consent().await?;
        says(&stage, "X e-mailed a code for @acme_new.").await?;
        stage.browser.until("the time left", "/^(9:\\d\\d|10:00) /.test(document.querySelector('[data-slot=code-left]').innerText)").await?;
        // Its time passes while somebody looks: the page's clock is put ahead, and back.
        let clock = |ahead: u32| format!(
            "const page = window.wrappedJSObject ?? window; page.before ??= page.Date.now.bind(page.Date);
            const before = page.before; page.Date.now = () => before() + {ahead};"
        );
        stage.browser.script(&clock(660_000), vec![]).await?;
        says(&stage, "That code prompt has ended.").await?;
        assert!(!stage.browser.exists("#code-form:not([hidden])").await?);
        stage.browser.script(&clock(0), vec![]).await?;
        // One that the service has given up itself: everything is typed again.
        stage.browser.until("the field", "document.querySelector('#email-code')?.checkVisibility()").await?;
        stage.world.xquik.forget_codes();
        stage.browser.type_into("#email-code", "135790").await?;
        stage.browser.click("[data-slot=code-foot] button").await?;
        says(&stage, "That code prompt has ended.").await?;
        presses(&stage, "action").await?;

        stage.world.xquik.meets(First::Pending(0, Box::new(First::Codes(vec!["246801"], Duration::from_secs(600)))));
        sends(&stage, &password).await?;
        stage_is(&mut stage, "code").await?;
        stage.on_us().await?;
        stage.browser.until("the field", "document.querySelector('#email-code')?.checkVisibility()").await?;
        stage.browser.type_into("#email-code", "000 000").await?;
        stage.browser.click("[data-slot=code-foot] button").await?;
        says(&stage, "X wants another code").await?;
        stage.browser.until("an empty field", "document.querySelector('#email-code').value === ''").await?;
        stage.browser.type_into("#email-code", "246 801").await?;
        stage.browser.click("[data-slot=code-foot] button").await?;
        says(&stage, "@acme_new is connected.").await?;
        listed(&mut stage, "acme_new").await?;

        assert_eq!(sent(&stage).len(), 2);
        let codes: Vec<_> = stage.world.requests("xquik.com").into_iter().filter(|it| it.path().ends_with("/submit")).collect();
        assert_eq!(codes.iter().filter_map(Recorded::json).collect::<Vec<_>>(), [
            json!({ "email_code": "135790" }), json!({ "email_code": "000000" }), json!({ "email_code": "246801" }),
        ]);
        stage.quit().await
    }

    async fn a_sign_in_sends_exactly_the_fields_that_were_filled_in(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        stage.sheet("900001").await?;
        let form = "document.querySelector('#x-password')?.checkVisibility()";
        stage.browser.until("the sheet", form).await?;
        stage.browser.type_into("#x-password", "one").await?;
        stage.browser.script("document.querySelector('[data-slot=more]').open = true", vec![]).await?;
        stage.browser.type_into("#x-region", "de").await?;
        stage.world.xquik.answer_next(Route::Reauth, Canned::InvalidCountry);
        stage.browser.click("[data-slot=go]").await?;
        says(&stage, "most likely the login region").await?;

        // The region is left out, an e-mail is put in: Firefox asks once whether it may go.
        stage.browser.until("the form again", form).await?;
        stage.browser.script(
            "document.querySelector('[data-slot=more]').open = true; document.querySelector('#x-region').value = ''",
            vec![],
        ).await?;
        stage.browser.type_into("#x-email", EMAIL).await?;
        stage.browser.type_into("#x-password", "two").await?;
        // A mistyped one is named even where it is folded away, and nothing is sent.
        stage.browser.script(
            "const field = document.querySelector('#x-email'); [field.dataset.typed, field.value] = [field.value, 'nobody@'];
             document.querySelector('[data-slot=more]').open = false",
            vec![],
        ).await?;
        stage.browser.click("[data-slot=go]").await?;
        stage.sees("Enter the account's e-mail address.").await?;
        stage.browser.until("the field in focus", "document.activeElement?.id === 'x-email'").await?;
        stage.browser.script("const field = document.querySelector('#x-email'); field.value = field.dataset.typed", vec![]).await?;
        stage.world.xquik.answer_next(Route::Reauth, Canned::Healthy);
        stage.browser.click("[data-slot=go]").await?;
        stage.browser.accept_consent().await?;
        says(&stage, "is signed in again.").await?;
        let posts: Vec<_> = stage.world.requests("xquik.com").into_iter().filter(|it| it.method == "POST").collect();
        assert_eq!(posts.iter().filter_map(Recorded::json).collect::<Vec<_>>(), [
            json!({ "password": "one", "proxy_country": "DE" }),
            json!({ "password": "two", "email": EMAIL }),
        ]);
        stage.quit().await
    }
}
