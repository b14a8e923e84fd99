//! A key that X does not take any more, told through the screens: refused, tested on X, found stale, reset, sent anew.

use anyhow::Context as _;
use longkey_tests::browsers::{DEADLINE, Tab, until};
use longkey_tests::in_both;
use longkey_tests::stage::{OTHER_KEY, Stage, account};
use serde_json::{Value, json};

/// The key that somebody set up on another computer.
const THEIRS: &str = "MFRGGZDFMZTWQ2LK";
/// X's field for a code, at the login and in the set-up.
const FIELD: &str = "[data-testid=ocfEnterTextTextInput]";

/// Our page says this, in red.
async fn says_in_red(stage: &Stage, selector: &str, words: &str) -> anyhow::Result<()> {
    let red = format!(
        "(() => {{
            const it = document.querySelector({});
            const red = document.createElement('b');
            red.style.color = 'var(--danger)';
            document.body.append(red);
            const same = it && getComputedStyle(it).color === getComputedStyle(red).color;
            red.remove();
            return same && it.checkVisibility() && it.innerText.includes({});
        }})()",
        Value::from(selector),
        Value::from(words)
    );
    stage.browser.until(&format!("in red: {words}"), &red).await?;
    Ok(())
}

/// What stands in X's field of the current tab, once it is a whole code.
async fn filled(stage: &Stage) -> anyhow::Result<String> {
    let value = format!("document.querySelector('{FIELD}')?.value");
    let code = stage.browser.until("the code in X's field", &format!("{value}?.length === 6 && {value}")).await?;
    Ok(code.as_str().unwrap_or_default().to_owned())
}

/// The popup's page shows by itself what X waits for, and [Fill on X] is the next step.
async fn fills_by_a_click(stage: &mut Stage) -> anyhow::Result<()> {
    stage.on_us().await?;
    stage.browser.until("[Fill on X] to be the next step", "document.querySelector('[data-act=fill].primary')").await?;
    stage.browser.click("[data-act=fill]").await?;
    // The popup closes after the fill.
    stage.us = None;
    Ok(())
}

/// The sheet's password is typed and sent.
async fn sends(stage: &mut Stage) -> anyhow::Result<()> {
    stage.browser.until("the saved key preselected", "document.querySelector('[data-slot=saved]')?.checked").await?;
    stage.browser.type_into("#x-password", &stage.world.x.password()).await?;
    stage.browser.click(".foot:not([hidden]) .primary").await
}

/// The tab that our page opened.
async fn opened(stage: &Stage, before: &[Tab]) -> anyhow::Result<Tab> {
    until("a tab of X", DEADLINE, async || {
        Ok(stage.browser.all_tabs().await?.into_iter().find(|tab| !before.contains(tab)))
    })
    .await
}

in_both! {
    async fn a_key_that_x_refuses_is_tested_reset_and_sent_anew(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        let answer = stage.sign_in("saved").await?;
        assert_eq!(answer["refused"], "NoConfirmedKey", "{answer}");
        stage.captured_and_confirmed().await?;

        // Somebody resets the key on another computer: Xquik cannot sign in with ours.
        stage.world.x.set_confirmed_key(Some(THEIRS));
        stage.sheet("900001").await?;
        sends(&mut stage).await?;
        let outcome = stage.outcome().await?;
        assert!(outcome["answered"]["verdict"]["login_failed"].is_object(), "{outcome}");
        stage.on_us().await?;
        says_in_red(&stage, "[data-slot=note] h2", "X refused this sign-in.").await?;
        assert!(!stage.browser.exists("[data-slot=refusals] > *").await?, "once is no reason to warn");
        // Once more with the same key: a third try is warned of, and the way is to find out which one it is.
        stage.browser.click("[data-slot=again]").await?;
        sends(&mut stage).await?;
        let warning = "document.querySelector('[data-slot=refusals]').innerText.includes('X refused the sign-in twice. A third try may pause or lock')";
        stage.browser.until("the warning before a third try", warning).await?;
        stage.browser.click("[data-act=which]").await?;
        let which = "document.querySelector('[data-slot=which]').innerText.includes('Which one is out of date?')";
        stage.browser.until("the question which one", which).await?;
        let facts = "[...document.querySelectorAll('[data-slot=which] dl > :not([hidden])')].map(it => it.textContent)";
        let facts = stage.browser.until("the facts", &format!("{facts}.includes('Key saved') && {facts}")).await?;
        let terms: Vec<_> = facts.as_array().into_iter().flatten().step_by(2).collect();
        assert_eq!(terms, ["Key saved", "Key", "This computer's clock"], "a key that never signed in has not worked");
        assert!(facts[3].as_str().is_some_and(|it| it.starts_with("Accepted by X on ")), "{facts}");
        assert_eq!(facts[5], "Right, as far as is known");

        // Test on X: its login asks for the code, and nothing is filled before the click.
        let before = stage.browser.all_tabs().await?;
        stage.browser.click("[data-slot=which] [data-to=x_login]").await?;
        let login = opened(&stage, &before).await?;
        // The popup closes when a tab opens.
        stage.us = None;
        stage.browser.switch_to(&login).await?;
        stage.browser.until("X's code field", &format!("document.querySelector('{FIELD}')?.value === ''")).await?;
        stage.view_until("the login to be seen", |view| view["entries"][0]["code_wanted"] == true).await?;
        fills_by_a_click(&mut stage).await?;
        stage.browser.switch_to(&login).await?;
        let code = filled(&stage).await?;
        assert_eq!(stage.world.x.refused_codes(), Vec::<String>::new(), "Longkey presses nothing");
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.browser.until("X's toast", "document.querySelector('[data-testid=toast][role=alert]')").await?;
        assert!(stage.world.x.refused_codes() == [code], "another code was sent than was filled");

        // Longkey says that X refused it; what that means the user says.
        stage.on_us().await?;
        says_in_red(&stage, "[data-slot=state]", "X refused the code.").await?;
        assert_eq!(stage.view().await?["entries"][0]["current"]["state"], "confirmed", "a page only asks");
        stage.browser.until("the question", "document.querySelector('[data-slot=notes] h2')?.innerText === 'Did X accept it?'").await?;
        stage.browser.click("[data-slot=notes] [data-act=refuses]").await?;
        says_in_red(&stage, "[data-slot=notes] .bad h2", "X refuses this key").await?;
        stage.browser.until("since when", "document.querySelector('[data-slot=standing]').innerText.startsWith('Refused by X since')").await?;
        stage.browser.switch_to(&login).await?;
        stage.browser.close_tab(&stage.x).await?;

        // Where the sign-in failed it is said as well, with the way out: off and on at X.
        stage.sheet("900001").await?;
        stage.browser.click("[data-act=which]").await?;
        says_in_red(&stage, "[data-slot=found]", "X refuses this key. Reset it").await?;
        assert!(!stage.browser.exists("[data-slot=tested]:not([hidden])").await?, "it is answered");
        stage.browser.click("[data-slot=which] [data-slot=reset].primary").await?;
        stage.view_until("the checklist", |view| view["resets"][0]["handle"] == "standin_user").await?;
        stage.x_turns_the_app_off().await?;
        stage.on_us().await?;
        says_in_red(&stage, "[data-slot=notes] .bad h2", "Two-factor sign-in is off").await?;

        stage.world.x.set_next_secret(OTHER_KEY);
        stage.x_shows_the_key().await?;
        stage.us = None;
        stage.on_us().await?;
        let shown = "document.querySelector('[data-form=save] [data-slot=key]')?.textContent === 'GEZD ···· ···· QOJQ'";
        stage.browser.until("the offer to save the new key", shown).await?;
        stage.browser.click(".foot .primary").await?;
        stage.browser.until("its card", "document.querySelector('.code-card')").await?;
        stage.x_asks_for_the_code().await?;
        fills_by_a_click(&mut stage).await?;
        stage.on_x().await?;
        filled(&stage).await?;
        stage.x_presses("ocfEnterTextNextButton").await?;
        stage.x_is_at("done").await?;
        stage.view_until("the new key to be confirmed", |view| view["entries"][0]["current"]["state"] == "confirmed").await?;
        assert_eq!(stage.world.x.confirmed_key().as_deref(), Some(OTHER_KEY));

        // The same account, the new key.
        stage.sheet("900001").await?;
        stage.browser.click("[data-slot=again]").await?;
        sends(&mut stage).await?;
        let words = "document.querySelector('[data-slot=result] h2')?.innerText.includes('@standin_user is signed in again.')";
        stage.browser.until("the result in words", words).await?;
        assert!(!stage.browser.exists("[data-slot=refusals] > *").await?, "it is over");
        let view = stage.view().await?;
        assert_eq!(account(&view, "900001")["health"], "healthy");
        assert_eq!(view["resets"], json!([]), "the checklist is finished");
        let posts: Vec<_> = stage.world.requests("xquik.com").into_iter().filter(|it| it.method == "POST").collect();
        let sent = posts.last().context("nothing was sent")?;
        assert_eq!(posts.len(), 3);
        assert_eq!(sent.json().unwrap_or_default()["totp_secret"], OTHER_KEY);
        stage.quit().await
    }
}
