//! X's backup codes on their screen: kept by hand, shown and copied one at a time, used in order, and taken back.

use crate::screens::is_accessible;
use crate::stores::{passphrase, unlock};
use longkey_tests::browsers::{DEADLINE, Key, until};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage};
use serde_json::{Value, json};

const CODES: [&str; 3] = ["yvm51584v29r", "q7w8e9r0t1y2", "mfrggzdfmztw"];

const PAGE: &str = "https://x.com/settings/account/login_verification/backup_code";

/// The standing of each code, as it is read on the screen.
async fn standings(stage: &Stage, wanted: &[&str]) -> anyhow::Result<()> {
    let shown = "[...document.querySelectorAll('.slip [data-slot=state]')].map(it => it.innerText)";
    let wanted = json!(wanted);
    let same = format!(
        "(shown => shown.length === {wanted}.length && {wanted}.every((it, at) => shown[at].startsWith(it)))({shown})"
    );
    stage.browser.until(&wanted.to_string(), &same).await?;
    Ok(())
}

fn slip(number: usize, control: &str) -> String {
    format!(".slip:nth-child({number}) [data-slot={control}]")
}

/// Longkey's page as a tab, at the codes of an entry.
async fn at_codes(stage: &mut Stage, entry: &str) -> anyhow::Result<()> {
    stage.us = Some(stage.browser.open_extension_page(&format!("pages/app.html#/backup-codes/{entry}")).await?);
    stage.sees("Backup codes").await
}

/// Text copied elsewhere, pasted by keys as a person does.
async fn paste_into(stage: &Stage, field: &str, text: &str) -> anyhow::Result<()> {
    let us = stage.browser.current_tab().await?;
    stage.browser.open_tab("data:text/html,<textarea></textarea>").await?;
    stage.browser.script("document.querySelector('textarea').value = arguments[0]", vec![text.into()]).await?;
    let area = stage.browser.element("textarea").await?;
    area.send_keys(Key::Control + "a").await?;
    area.send_keys(Key::Control + "c").await?;
    stage.browser.close_tab(&us).await?;
    stage.browser.element(field).await?.send_keys(Key::Control + "v").await?;
    Ok(())
}

async fn add_key(stage: &mut Stage) -> anyhow::Result<String> {
    stage.done(json!("skip_passphrase")).await?;
    let answer = stage.ask(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
    Ok(answer["kept"].as_str().unwrap_or_default().to_owned())
}

/// X's page for backup codes makes another one; the toast over it says what became of it.
async fn x_makes(stage: &Stage, code: &str, said: &str) -> anyhow::Result<()> {
    stage.on_x().await?;
    stage.world.x.set_next_backup(code);
    // The words may be those of the toast before: another element says them.
    let ours = "window.toast = () => document.querySelector('html > div'); window.earlier = window.toast();";
    stage.browser.script(ours, vec![]).await?;
    stage.x_presses("generate").await?;
    let grouped = [&code[..4], &code[4..8], &code[8..]].join(" ");
    stage.sees(&grouped).await?;
    stage.browser.until("a toast of its own", "window.toast() && window.toast() !== window.earlier").await?;
    toast_says(stage, said).await
}

async fn toast_says(stage: &Stage, said: &str) -> anyhow::Result<()> {
    stage.browser.until("a toast", "document.querySelector('html > div')").await?;
    until(said, DEADLINE, async || {
        let toast = stage.browser.inside_shadow("html > div", "[role=status]").await?;
        // One that has just given its place to the next can't be read any more.
        Ok(toast.text().await.is_ok_and(|it| it.contains(said)).then_some(()))
    })
    .await
}

/// X's page for backup codes, in X's tab; another account may be signed in.
async fn x_backup_page(stage: &Stage, handle: &str) -> anyhow::Result<()> {
    stage.on_x().await?;
    stage.world.x.set_signed_in_handle(handle);
    stage.browser.goto(PAGE).await?;
    stage.browser.element("[data-testid=generate]").await?;
    Ok(())
}

/// How many codes each account has, in the order of its name.
fn counts(view: &Value) -> Vec<(String, usize)> {
    let entries = view["entries"].as_array().into_iter().flatten();
    let mut all: Vec<(String, usize)> = entries
        .map(|it| (it["handle"].as_str().unwrap_or_default().to_owned(), it["backup"].as_array().map_or(0, Vec::len)))
        .collect();
    all.sort();
    all
}

in_both! {
    async fn what_x_s_settings_show_joins_its_account_and_no_other(kind) {
        let mut stage = Stage::set(kind).await?;
        passphrase(&mut stage).await?;
        stage.done(json!({ "add_key": { "text": KEY, "handle": "standin_user" } })).await?;
        stage.done(json!({ "add_key": { "text": OTHER_KEY, "handle": "acme_support" } })).await?;
        let of = |acme: usize, standin: usize| vec![("acme_support".to_owned(), acme), ("standin_user".to_owned(), standin)];

        // Locked: sealed, and there after the next unlocking. A code of letters alone could be base32, and is no key.
        stage.done(json!("lock")).await?;
        x_backup_page(&stage, "standin_user").await?;
        x_makes(&stage, CODES[0], "Backup code saved in Longkey.").await?;
        x_makes(&stage, CODES[2], "Backup code saved in Longkey.").await?;
        let view = stage.view().await?;
        assert_eq!((&view["entries"], &view["drafts"]), (&json!([]), &json!([])), "locked, and no key was seen");
        unlock(&mut stage).await?;
        stage.view_until("both codes", |view| counts(view) == of(0, 2)).await?;

        // Another account signs in on X: its code, its list.
        x_backup_page(&stage, "acme_support").await?;
        x_makes(&stage, CODES[1], "Backup code saved in Longkey: 1 of 5.").await?;
        stage.view_until("the other account's code", |view| counts(view) == of(1, 2)).await?;

        // Three by hand make five; the screen says what X's help says, and takes no sixth.
        let entries = stage.view().await?["entries"].clone();
        let entry = entries.as_array().into_iter().flatten().find(|it| it["handle"] == "standin_user").cloned();
        let entry = entry.and_then(|it| it["id"].as_str().map(str::to_owned)).unwrap_or_default();
        at_codes(&mut stage, &entry).await?;
        standings(&stage, &["The next one to use", "Not used"]).await?;
        stage.browser.click("[data-slot=add] summary").await?;
        stage.browser.type_into("#backup-code", "aaaa aaaa aaa1, aaaa aaaa aaa2, aaaa aaaa aaa3").await?;
        stage.browser.click("[data-form=backup-code] [data-slot=go]").await?;
        stage.sees("Five are here. X allows five; more may force you to set up two-factor sign-in again.").await?;
        stage.browser.type_into("#backup-code", "aaaaaaaaaaa4").await?;
        stage.browser.click("[data-form=backup-code] [data-slot=go]").await?;
        stage.sees("Say first which one was used, then add the new one.").await?;
        standings(&stage, &["The next one to use", "Not used", "Not used", "Not used", "Not used"]).await?;

        // X's page says it before it makes another one.
        x_backup_page(&stage, "standin_user").await?;
        toast_says(&stage, "five unused backup codes of this account").await?;

        // One that X shows waits, in nobody's place, until one was used.
        x_backup_page(&stage, "standin_user").await?;
        x_makes(&stage, "aaaaaaaaaaa6", "Five count as unused: mark the used ones in Longkey.").await?;
        stage.on_us().await?;
        stage.browser.click(&slip(1, "used")).await?;
        standings(&stage, &["Used on", "The next one to use", "Not used", "Not used", "Not used"]).await?;
        assert_eq!(counts(&stage.view().await?), of(1, 5), "used by mistake, it can still be taken back");
        stage.done(json!("lock")).await?;
        unlock(&mut stage).await?;
        standings(&stage, &["The next one to use", "Not used", "Not used", "Not used", "Not used"]).await?;
        stage.browser.click(&slip(5, "show")).await?;
        let last = "[...document.querySelectorAll('.slip [data-slot=code]')].pop()?.textContent === 'aaaa aaaa aaa6'";
        stage.browser.until("the one that waited", last).await?;
        assert_eq!(counts(&stage.view().await?), of(1, 5));
        stage.quit().await
    }

    async fn backup_codes_are_kept_shown_copied_and_used_in_order(kind) {
        let mut stage = Stage::set(kind).await?;
        let entry = add_key(&mut stage).await?;
        stage.us = Some(stage.browser.open_extension_page(&format!("pages/app.html#/entry/{entry}")).await?);
        stage.sees("None left").await?;
        stage.browser.click("[data-slot=backup-codes]").await?;
        stage.sees("No backup codes yet").await?;
        is_accessible(&stage).await?;

        // What is no backup code is called by its name, in the field's own place.
        for (text, words) in [
            (KEY, "That is a long key, not a backup code."),
            ("482 913", "That is the 6-digit code"),
            ("yvm51584v29", "this has 11"),
        ] {
            stage.browser.script("document.querySelector('#backup-code').value = ''", vec![]).await?;
            stage.browser.type_into("#backup-code", text).await?;
            stage.browser.click("[data-form=backup-code] [data-slot=go]").await?;
            stage.sees(words).await?;
        }
        // Lines that are pasted stay apart although the field has one line only.
        stage.browser.script("document.querySelector('#backup-code').value = ''", vec![]).await?;
        paste_into(&stage, "#backup-code", "yvm5 1584 v29r\n\nq7w8 e9r0 t1y2\nmfrg gzdf mztw\n").await?;
        let typed = stage.browser.script("return document.querySelector('#backup-code').value", vec![]).await?;
        assert_eq!(typed, "yvm5 1584 v29r, q7w8 e9r0 t1y2, mfrg gzdf mztw");
        stage.browser.click("[data-form=backup-code] [data-slot=go]").await?;
        standings(&stage, &["The next one to use", "Not used", "Not used"]).await?;
        is_accessible(&stage).await?;

        // None is in the page before it is asked for, then only that one, and only as long.
        let held = "[...document.querySelectorAll('.slip [data-slot=code]')].map(it => it.textContent)";
        let hidden = json!(["···· ···· ····", "···· ···· ····", "···· ···· ····"]);
        assert_eq!(stage.browser.script(&format!("return {held}"), vec![]).await?, hidden);
        stage.browser.click(&slip(2, "show")).await?;
        stage.browser.until("the second code", &format!("{held}[1] === 'q7w8 e9r0 t1y2' && {held}[0].startsWith('·')")).await?;
        stage.browser.click(&slip(3, "show")).await?;
        stage.browser.until("the third instead", &format!("{held}[2] === 'mfrg gzdf mztw' && {held}[1].startsWith('·')")).await?;
        stage.browser.click(&slip(3, "show")).await?;
        stage.browser.until("none", &format!("{held}.every(it => it.startsWith('·'))")).await?;
        let text = stage.browser.script("return document.documentElement.outerHTML", vec![]).await?.to_string();
        assert!(!CODES.iter().any(|code| text.contains(code)), "a code is in the page");

        // Only the one that X takes next is copied without a word.
        let copies = "return [...document.querySelectorAll('.slip [data-slot=copy]')].map(it => [it.checkVisibility(), it.matches('.primary')])";
        assert_eq!(stage.browser.script(copies, vec![]).await?, json!([[true, true], [false, false], [false, false]]));
        stage.browser.click(&slip(1, "copy")).await?;
        stage.sees("Copied.").await?;
        let us = stage.browser.current_tab().await?;
        assert_eq!(stage.browser.clipboard().await?, CODES[0]);
        stage.browser.switch_to(&us).await?;

        // A later one first: X cancels what came before, which is said before and can be taken back.
        stage.browser.click(&slip(2, "choose")).await?;
        stage.sees("X cancels those before it").await?;
        stage.browser.click("dialog[open] [data-act=choose-code]").await?;
        standings(&stage, &["Not accepted by X since", "The next one to use", "Not used"]).await?;
        stage.browser.click("[data-act=undo-mark]").await?;
        standings(&stage, &["The next one to use", "Not used", "Not used"]).await?;

        // By keyboard; what had the focus is gone, the next code's control has it.
        stage.browser.script("document.querySelector(arguments[0]).focus()", vec![slip(1, "used").into()]).await?;
        stage.browser.type_into(&slip(1, "used"), "\u{e007}").await?;
        standings(&stage, &["Used on", "The next one to use", "Not used"]).await?;
        let focus = "document.activeElement.getAttribute('aria-description') === 'I used code 2'";
        stage.browser.until("the focus on the next code", focus).await?;
        stage.browser.click(&slip(2, "refused")).await?;
        standings(&stage, &["Used on", "Not accepted by X since", "The next one to use"]).await?;

        // The account's page counts what is left; locked, nothing of it is there.
        stage.browser.click("header .back").await?;
        stage.sees("1 left").await?;
        stage.quit().await
    }

    async fn what_became_of_a_backup_code_is_asked_where_nobody_knows(kind) {
        let mut stage = Stage::set(kind).await?;
        let entry = add_key(&mut stage).await?;
        stage.done(json!({ "accepted": { "entry": entry } })).await?;
        stage.done(json!({ "add_backup_codes": { "entry": entry, "text": CODES.join("\n") } })).await?;
        // X's set-up was done anew with another key.
        stage.done(json!({ "add_key": { "text": OTHER_KEY, "handle": "standin_user" } })).await?;
        stage.done(json!({ "accepted": { "entry": entry } })).await?;
        at_codes(&mut stage, &entry).await?;
        stage.sees("Which one did you use?").await?;
        standings(&stage, &["The next one to use", "Not known", "Not known"]).await?;
        stage.browser.until("any to be copied", "[...document.querySelectorAll('.slip [data-slot=copy]')].every(it => it.checkVisibility())").await?;
        is_accessible(&stage).await?;
        stage.browser.click("[data-act=none-used]").await?;
        standings(&stage, &["The next one to use", "Not used", "Not used"]).await?;
        stage.browser.click("[data-act=undo-mark]").await?;
        stage.browser.click(&slip(2, "used")).await?;
        standings(&stage, &["Not accepted by X since", "Used on", "The next one to use"]).await?;
        // Refused, nothing is left; a list without an open code says where another is made.
        stage.browser.click(&slip(3, "refused")).await?;
        stage.sees("No code is left that X takes.").await?;

        // The key is refused too: the account has no 6-digit code, and its page is still to be found.
        stage.done(json!({ "refuses": { "entry": entry } })).await?;
        let home = stage.browser.open_extension_page("pages/app.html#/").await?;
        stage.us = Some(home);
        stage.browser.click("[data-slot=codeless-list] a").await?;
        stage.browser.click("[data-slot=backup-codes]").await?;
        standings(&stage, &["Not accepted by X since", "Used on", "Not accepted by X since"]).await?;

        // Another window says the same at once.
        let other = stage.browser.open_extension_page(&format!("pages/app.html#/backup-codes/{entry}")).await?;
        stage.us = Some(other);
        stage.done(json!({ "mark_backup": { "entry": entry, "mark": "undo" } })).await?;
        until("both windows", DEADLINE, async || {
            standings(&stage, &["Not accepted by X since", "Used on", "The next one to use"]).await?;
            Ok(Some(()))
        })
        .await?;
        stage.quit().await
    }
}
