//! Help where it is wanted: from X's login, by its address, by searching, with the keyboard alone; and what it says of
//! what is saved here is so.

use longkey_tests::browsers::{Key, Medium};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::{Value, json};

/// The situations that can be seen.
const SHOWN: &str = "return [...document.querySelectorAll('details[data-row]')].filter(it => it.checkVisibility()).map(it => it.dataset.row)";

async fn shown(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let rows = stage.browser.script(SHOWN, vec![]).await?;
    Ok(rows.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// What was opened says this.
async fn row_says(stage: &Stage, row: &str, words: &str) -> anyhow::Result<()> {
    let there = format!("document.querySelector('[data-row={row}]')?.innerText.includes({})", Value::from(words));
    stage.browser.until(&format!("{row}: {words}"), &there).await?;
    Ok(())
}

async fn presses(stage: &Stage, keys: impl Into<thirtyfour::TypingData>) -> anyhow::Result<()> {
    stage.browser.element(":focus").await?.send_keys(keys).await?;
    Ok(())
}

async fn focus_is_in(stage: &Stage, css: &str) -> anyhow::Result<()> {
    stage
        .browser
        .until(&format!("the keyboard at {css}"), &format!("document.activeElement?.matches({css:?})"))
        .await?;
    Ok(())
}

async fn is_at(stage: &Stage, hash: &str) -> anyhow::Result<()> {
    stage.browser.until(hash, &format!("location.hash === {hash:?}")).await?;
    Ok(())
}

in_both! {
    async fn it_is_offered_at_the_prompt_and_says_what_stands(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        // A field for text, most often for the name, is no prompt.
        for (file, wants) in [("login-backup-code.html", "text"), ("login-challenge.html", "code")] {
            let address = stage.world.x.serve_standin(file)?;
            stage.on_x().await?;
            stage.browser.goto(&address).await?;
            stage.view_until(file, |view| view["login"]["wants"] == wants).await?;
            stage.screen("#/").await?;
            // Anew, so that what is seen comes from that answer.
            stage.browser.reload().await?;
            stage.sees("No keys yet").await?;
            assert!(wants == "code" || !stage.browser.exists(".note .help-link").await?, "{file}");
        }
        stage.sees("X asks for a code").await?;
        stage.browser.click(".note .help-link").await?;
        is_at(&stage, "#/help/when_login_asks").await?;
        stage.browser.until("the situations", "document.querySelector('details[data-row]')").await?;
        let asked = ["lost_key_here", "lost_phone_backup", "locked_out", "new_phone_locked_out", "code_generator", "push_missing", "phone_sign_in"];
        assert_eq!(shown(&stage).await?, asked);
        row_says(&stage, "lost_key_here", "only X support can help now").await?;
        // What only a saved key could do is not spoken of; the form is one press away.
        let dead_end = "(row => row.querySelector('[data-to=x_support]').checkVisibility() && !row.querySelector('[data-slot=text]').checkVisibility())
            (document.querySelector('[data-row=lost_key_here]'))";
        stage.browser.until("X's support form, and no words of a key", dead_end).await?;

        // A key that is saved meanwhile changes what is said, not what is being read.
        let kept = stage.ask(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
        let code = format!("#/code/{}", kept["kept"].as_str().unwrap_or_default());
        row_says(&stage, "lost_key_here", "Your code is here.").await?;
        row_says(&stage, "lost_key_here", "When X asks for the code").await?;
        assert!(!stage.browser.exists("[data-row=lost_key_here] [data-to=x_support]:not([hidden])").await?, "X's support");
        assert_eq!(shown(&stage).await?, asked);
        // The same words lead elsewhere as soon as there are two.
        let leads = |to: &str| format!("document.querySelector('[data-row=lost_key_here] [data-slot=link]')?.getAttribute('href') === {to:?}");
        stage.browser.until("the link to the one", &leads(&code)).await?;
        let other = stage.ask(json!({ "add_key": { "text": OTHER_KEY, "handle": "acme_support" } })).await?;
        stage.browser.until("the link to the list", &leads("#/")).await?;
        stage.done(json!({ "delete": { "entry": other["kept"] } })).await?;
        stage.browser.until("the link to the one again", &leads(&code)).await?;
        stage.browser.click("[data-row=lost_key_here] [data-slot=link]").await?;
        is_at(&stage, &code).await?;

        // Beside the button that fills stands where it does.
        stage.sees("Fills only on x.com").await?;

        // With the keyboard: the button of each bar, and back to where it was pressed.
        stage.browser.until("the code", "document.querySelector('.code-card')").await?;
        stage.browser.element("header a[href='#/help']").await?.send_keys(Key::Enter + "").await?;
        is_at(&stage, "#/help").await?;
        focus_is_in(&stage, "h1").await?;
        presses(&stage, "/").await?;
        focus_is_in(&stage, "[data-slot=query]").await?;
        assert_eq!(shown(&stage).await?.len(), 32);
        presses(&stage, "40404 VERIZON").await?;
        stage.browser.until("one situation", "[...document.querySelectorAll('details[data-row]')].filter(it => it.checkVisibility()).length === 1").await?;
        assert_eq!(shown(&stage).await?, ["verizon"]);
        presses(&stage, "x").await?;
        stage.sees("Nothing found.").await?;
        presses(&stage, Key::Escape + "").await?;
        is_at(&stage, &code).await?;

        // By its address: open, with the keyboard on it. Two minutes later it says so once.
        stage.screen("#/help/sms_late").await?;
        focus_is_in(&stage, "[data-row=sms_late][open] > summary").await?;
        for stop in ["a[data-slot=link]", "[data-act=help-timer]"] {
            presses(&stage, Key::Tab + "").await?;
            focus_is_in(&stage, stop).await?;
        }
        presses(&stage, Key::Enter + "").await?;
        let runs = "/[01]:\\d\\d/.test(document.querySelector('[data-row=sms_late][open] [data-slot=timer-left]')?.textContent)";
        stage.browser.until("the wait to begin", runs).await?;
        // A popup closes with the next press elsewhere; opened again, the same two minutes go on.
        let waits = "localStorage.getItem('help.waits')";
        let until = stage.browser.until("the end of the wait", waits).await?;
        stage.browser.reload().await?;
        stage.browser.until("the wait to go on", runs).await?;
        assert_eq!(stage.browser.script(&format!("return {waits}"), vec![]).await?, until);
        let later = "const page = window.wrappedJSObject ?? window, before = page.Date.now.bind(page.Date);
            page.Date.now = () => before() + 120000;";
        stage.browser.script(later, vec![]).await?;
        row_says(&stage, "sms_late", "Two minutes are over.").await?;
        let said = stage.browser.script("return document.querySelector('#live').textContent", vec![]).await?;
        assert!(said.as_str().is_some_and(|it| it.starts_with("Two minutes are over.")), "{said}");
        stage.browser.until("nothing that waits", &format!("{waits} === null")).await?;

        // A session that X ended leads to the account; a clock that was never compared is not right by that.
        stage.screen("#/help/signed_out").await?;
        stage.browser.element("[data-row=signed_out][open] [data-to=x_login]").await?;
        stage.browser.click("[data-row=signed_out][open] a[href^='#/entry/']").await?;
        stage.browser.until("the account", "location.hash.startsWith('#/entry/')").await?;
        stage.screen("#/help/clock").await?;
        row_says(&stage, "clock", "Not compared yet.").await?;

        // The words that are easily mixed up.
        stage.screen("#/add").await?;
        stage.browser.type_into("#add-key", "482913").await?;
        stage.browser.click(".help-link").await?;
        is_at(&stage, "#/help/words").await?;
        focus_is_in(&stage, "#help-words").await?;
        stage.quit().await
    }

    async fn it_and_the_reset_list_are_read_on_paper(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        for (route, css) in [("#/help", "[data-row=lost_phone_backup] [data-slot=text]"), ("#/reset/standin_user", ".tasks > li.now + li .what")] {
            stage.screen(route).await?;
            stage.browser.until(css, &format!("document.querySelector('{css}')?.textContent")).await?;
            stage.browser.medium(Medium::Paper).await?;
            let inked = "(it => it.checkVisibility({ contentVisibilityAuto: true }) && it.getBoundingClientRect().height >= 16)";
            stage.browser.until("the words on paper", &format!("{inked}(document.querySelector('{css}'))")).await?;
            stage.browser.until("its title", &format!("{inked}(document.querySelector('h1'))")).await?;
            stage.browser.until("no way back", "!document.querySelector('.back').checkVisibility()").await?;
            stage.browser.medium(Medium::Screen).await?;
        }
        stage.quit().await
    }
}
