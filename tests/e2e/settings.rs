//! Settings that show what they do, and what can be taken out of Longkey by hand: a key for a phone, a sheet of backup codes, the
//! diagnostic text.

use std::time::Duration;

use longkey_tests::browsers::{Browser, Key, Kind, Medium, Options, artefacts};
use longkey_tests::fakes::Wants;
use longkey_tests::in_both;
use longkey_tests::probe::Probed;
use longkey_tests::stage::{KEY, OTHER_KEY, SETTINGS, Stage, THIRD_KEY};
use longkey_tests::torture::needles::{Canary, Needles};
use serde_json::{Value, json};
use thirtyfour::action_chain::ActionChain;

const PASSPHRASE: &str = "correct horse battery";
const CODES: [&str; 3] = ["yvm51584v29r", "q7w8e9r0t1y2", "mfrggzdfmztw"];

/// Longkey's page as a tab of its own.
async fn in_tab(stage: &mut Stage, route: &str) -> anyhow::Result<()> {
    stage.us = Some(stage.browser.open_extension_page(&format!("pages/app.html{route}")).await?);
    Ok(())
}

async fn add(stage: &mut Stage, key: &str, handle: &str) -> anyhow::Result<String> {
    let answer = stage.ask(json!({ "add_key": { "text": key, "handle": handle } })).await?;
    Ok(answer["kept"].as_str().unwrap_or_default().to_owned())
}

fn hand(browser: &Browser) -> ActionChain {
    browser.driver().action_chain_with_delay(Some(Duration::ZERO), Some(Duration::ZERO))
}

/// The code is in the page, or nothing of it.
const HELD: &str =
    "document.querySelector('.qr').checkVisibility() && document.querySelector('.qr path').hasAttribute('d')";
const LET_GO: &str =
    "!document.querySelector('.qr').checkVisibility() && !document.querySelector('.qr path').hasAttribute('d')
    && document.querySelector('.qr-place .icon').checkVisibility()";

/// An address that is typed for a new account.
const NEEDLE_EMAIL: &str = "needle@mail.invalid";
/// The fields of the view that name somebody or something of the user's.
const NAMES: [&str; 12] = [
    "id",
    "handle",
    "name",
    "account",
    "entry",
    "renamed",
    "last_four",
    "head",
    "tail",
    "sent_to",
    "said",
    "connected",
];

/// What stands in these fields, wherever they are; shorter than four characters it could be anything.
fn names(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let Some(text) = value.as_str().filter(|it| NAMES.contains(&name.as_str()) && it.len() >= 4) {
                    found.push(text.to_owned());
                }
                names(value, found);
            }
        }
        Value::Array(all) => all.iter().for_each(|it| names(it, found)),
        _ => {}
    }
}

/// How a name is drawn: the size of its letters, and what stands after it.
const DRAWN: &str = "(it => getComputedStyle(it).fontSize + getComputedStyle(it, '::after').content)(document.querySelector('.row [data-slot=handle]'))";

in_both! {
    async fn each_switch_does_what_it_says(kind) {
        let probed = Probed::holding(kind)?;
        let mut stage = Stage::set_in(kind, Options { extension: Some(probed.folder()), ..Options::default() }).await?;
        stage.done(json!("skip_passphrase")).await?;
        let entry = add(&mut stage, OTHER_KEY, "acme_support").await?;
        in_tab(&mut stage, "#/settings").await?;

        // The index leads to its parts, and only to those that are there.
        let dead = "[...document.querySelectorAll('.index a')].filter(it => it.checkVisibility()
            !== document.getElementById(it.dataset.to).checkVisibility()).length === 0";
        stage.browser.until("an index of what is there", dead).await?;
        let low = "return [...document.querySelectorAll('.index a')].filter(it => it.checkVisibility()
            && it.getBoundingClientRect().height < 40).map(it => it.dataset.to)";
        assert_eq!(stage.browser.script(low, vec![]).await?, json!([]), "less than 40 px high");
        stage.browser.click(".index [data-to=h-rights]").await?;
        stage.browser.until("the part", "document.activeElement.id === 'h-rights' && document.activeElement.getBoundingClientRect().top < innerHeight / 2").await?;

        // Names: two letters until they are reached, and none in a notification.
        stage.browser.click("label[for=hide-handles]").await?;
        stage.view_until("none in notifications either", |view| view["hide_names"] == true).await?;
        let shown = "document.querySelector('#watch-hide').checked && document.querySelector('#watch-hide').disabled";
        stage.browser.until("that it cannot be had otherwise", shown).await?;
        in_tab(&mut stage, "#/").await?;
        let hidden = format!("{DRAWN}.replaceAll('\"', '') === '0px•••'");
        stage.browser.until("two letters", &hidden).await?;
        let narrow = "document.querySelector('.row [data-slot=handle]').getBoundingClientRect().width";
        let before = stage.browser.until("a width", narrow).await?.as_f64().unwrap_or_default();
        stage.browser.script("document.querySelector('.row .side').focus()", vec![]).await?;
        stage.browser.until("the whole name", &format!("{DRAWN} === '14pxnone'")).await?;
        let after = stage.browser.until("a width", narrow).await?.as_f64().unwrap_or_default();
        assert!(before > 20.0 && before * 2.0 < after, "{before} and {after}");
        stage.screen(&format!("#/entry/{entry}")).await?;
        let title = "getComputedStyle(document.querySelector('h1')).fontSize === '0px'";
        stage.browser.until("a title of two letters", title).await?;
        // Also of what was deleted: in the bar that brings it back, and in the question before it goes for good.
        stage.browser.click("[data-act=delete]").await?;
        let none = |css: &str| format!("(it => it && getComputedStyle(it).fontSize === '0px')(document.querySelector({css:?}))");
        stage.browser.until("a bar of two letters", &none("#undo .at")).await?;
        stage.screen("#/bin").await?;
        stage.browser.click("[data-slot=list] [data-act=ask-purge]").await?;
        stage.browser.until("a question of two letters", &none("dialog[open] h2 > .at")).await?;
        stage.browser.click("dialog[open] [data-act=close-dialog]").await?;
        stage.done(json!({ "undelete": { "entry": entry } })).await?;
        in_tab(&mut stage, "#/settings").await?;
        stage.browser.click("label[for=hide-handles]").await?;
        in_tab(&mut stage, "#/").await?;
        stage.browser.until("the whole name", &format!("{DRAWN} === '14pxnone'")).await?;

        // Opening by itself: shut, a key leaves toast and badge.
        in_tab(&mut stage, "#/settings").await?;
        stage.browser.click("label[for=opens-itself]").await?;
        stage.view_until("the choice", |view| view["stays_shut"] == true).await?;
        stage.x_shows_the_key().await?;
        stage.browser.until("the toast", "document.documentElement.lastElementChild.localName === 'div'").await?;
        let draft = stage.draft().await?;
        assert_eq!(stage.browser.popups().await?, 0);
        let badge = "return await api.action.getBadgeText({})";
        assert_eq!(stage.browser.script(badge, vec![]).await?, "KEY");
        stage.done(json!({ "drop_draft": { "draft": draft } })).await?;
        in_tab(&mut stage, "#/settings").await?;
        stage.browser.click("label[for=opens-itself]").await?;
        stage.view_until("the choice", |view| view["stays_shut"] == false).await?;
        stage.on_x().await?;
        stage.browser.goto(SETTINGS).await?;
        stage.x_shows_the_key().await?;
        stage.browser.popups_until(1).await?;
        stage.browser.close_popups().await?;
        stage.quit().await
    }

    async fn permissions_are_listed_granted_and_given_back(kind) {
        let mut stage = Stage::set(kind).await?;
        in_tab(&mut stage, "#/settings").await?;
        let states = "[...document.querySelectorAll('[data-right]')].map(it => it.querySelector('[data-slot=words]').innerText)";
        let all = format!("(it => it.length > 9 && it.every(it => it))({states})");
        stage.browser.until("the state of each", &all).await?;
        // Without it [Allow] leads to what Xquik gets (`workspaces.rs`).
        stage.browser.script("localStorage.setItem('agreed.xquik', '1790000000000')", vec![]).await?;
        // What a person would answer to the browser's own question, which no test can press.
        let answers = "const page = window.wrappedJSObject ?? window, permissions = page.chrome.permissions;
            page.longkeyHas = false; page.longkeyAsked = '';
            permissions.contains = () => page.Promise.resolve(page.longkeyHas);
            permissions.request = what => { page.longkeyAsked = '+' + page.JSON.stringify(what); page.longkeyHas = true; return page.Promise.resolve(true); };
            permissions.remove = what => { page.longkeyAsked = '-' + page.JSON.stringify(what); page.longkeyHas = false; return page.Promise.resolve(true); };";
        stage.browser.script(answers, vec![]).await?;
        stage.browser.script("location.hash = '#/'", vec![]).await?;
        stage.browser.until("home", "!document.querySelector('[data-right]')").await?;
        stage.browser.script("location.hash = '#/settings'", vec![]).await?;
        let row = "[data-of='https://xquik.com/*']";
        stage.browser.click(&format!("{row} [data-slot=allow]")).await?;
        stage.browser.click(&format!("{row} [data-slot='take-back']")).await?;
        stage.browser.element(&format!("{row} [data-slot=allow]")).await?;
        let asked = stage.browser.script("return (window.wrappedJSObject ?? window).longkeyAsked", vec![]).await?;
        assert_eq!(asked, "-{\"origins\":[\"https://xquik.com/*\"]}");
        let focus = "document.activeElement.matches('[data-slot=allow]')";
        stage.browser.until("the keyboard where it was", focus).await?;
        // A browser that keeps it is told apart.
        let keeps = "(window.wrappedJSObject ?? window).chrome.permissions.request = () => (window.wrappedJSObject ?? window).Promise.resolve(false)";
        stage.browser.script(keeps, vec![]).await?;
        stage.browser.click(&format!("{row} [data-slot=allow]")).await?;
        stage.sees("The browser left it as it was.").await?;
        stage.quit().await
    }

    async fn a_key_goes_to_a_phone_while_a_button_is_held(kind) {
        let mut stage = Stage::set(kind).await?;
        in_tab(&mut stage, "#/passphrase").await?;
        stage.browser.type_into("#new-passphrase", PASSPHRASE).await?;
        stage.browser.click("[data-form=passphrase] [data-slot=go]").await?;
        stage.sees("The passphrase is set.").await?;
        let entry = add(&mut stage, KEY, "standin_user").await?;
        stage.screen(&format!("#/entry/{entry}")).await?;
        stage.browser.click("[data-slot=phone]").await?;

        // The passphrase again, and the right one.
        stage.browser.type_into("#phone-passphrase", "wrong horse battery").await?;
        stage.browser.click("[data-form=phone] [data-slot=go]").await?;
        stage.sees("That passphrase doesn't open Longkey.").await?;
        assert_eq!(stage.browser.script("return document.querySelector('[data-slot=hold]').checkVisibility()", vec![]).await?, false);
        stage.browser.script("document.querySelector('#phone-passphrase').value = ''", vec![]).await?;
        stage.browser.type_into("#phone-passphrase", PASSPHRASE).await?;
        stage.browser.click("[data-form=phone] [data-slot=go]").await?;
        stage.browser.until("the button", "document.activeElement.matches('[data-slot=hold]')").await?;
        stage.browser.until("nothing of the code", LET_GO).await?;

        // By keyboard, each of the two keys.
        for key in [Key::Space, Key::Enter] {
            hand(&stage.browser).key_down(key.clone()).perform().await?;
            stage.browser.until("the code", HELD).await?;
            hand(&stage.browser).key_up(key).perform().await?;
            stage.browser.until("nothing of the code", LET_GO).await?;
        }
        // By pointer; gone with the focus, the pointer, or the page.
        let button = stage.browser.element("[data-slot=hold]").await?;
        for end in ["release", "leave", "blur", "hidden"] {
            hand(&stage.browser).move_to_element_center(&button).click_and_hold().perform().await?;
            stage.browser.until(&format!("the code, before {end}"), HELD).await?;
            let file = artefacts().join(format!("{}-phone.png", kind.name()));
            stage.browser.screenshot(&file).await?;
            match end {
                "release" => hand(&stage.browser).release().perform().await?,
                "leave" => hand(&stage.browser).move_by_offset(0, -200).perform().await?,
                "blur" => stage.browser.script("window.dispatchEvent(new Event('blur'))", vec![]).await.map(drop)?,
                _ => stage.browser.script("document.dispatchEvent(new Event('visibilitychange'))", vec![]).await.map(drop)?,
            }
            stage.browser.until(&format!("nothing of the code, by {end}"), LET_GO).await?;
            hand(&stage.browser).release().perform().await?;
        }
        let whole = stage.browser.script("return document.documentElement.outerHTML", vec![]).await?;
        assert!(!whole.as_str().unwrap_or_default().contains(KEY), "the key is in the page");

        // What was on the screen is read by the product itself, and is that account's key.
        let file = artefacts().join(format!("{}-phone.png", kind.name()));
        stage.screen("#/scan").await?;
        stage.browser.choose_file("#scan-file", &file).await?;
        stage.browser.until("one key", "document.querySelectorAll('.scanned input').length === 1").await?;
        let shown = stage.browser.text(".scanned").await?;
        assert!(shown.contains("@standin_user") && shown.contains("JBSW ···· ···· 3PXP"), "{shown}");
        std::fs::remove_file(file)?;
        stage.quit().await
    }

    async fn a_passphrase_shows_the_key_of_its_own_screen_alone(kind) {
        let mut stage = Stage::set(kind).await?;
        in_tab(&mut stage, "#/passphrase").await?;
        stage.browser.type_into("#new-passphrase", PASSPHRASE).await?;
        stage.browser.click("[data-form=passphrase] [data-slot=go]").await?;
        stage.sees("The passphrase is set.").await?;
        let entry = add(&mut stage, KEY, "standin_user").await?;
        let other = add(&mut stage, OTHER_KEY, "acme_support").await?;
        stage.screen(&format!("#/phone/{entry}")).await?;
        stage.browser.type_into("#phone-passphrase", PASSPHRASE).await?;
        // Sent, and the screen is left for the other account's before the answer is there: it empties the field.
        let leaves = "window.longkeyField = document.querySelector('#phone-passphrase');
            document.querySelector('[data-form=phone] [data-slot=go]').click();
            location.hash = arguments[0];";
        stage.browser.script(leaves, vec![format!("#/phone/{other}").into()]).await?;
        stage.browser.until("the answer", "window.longkeyField.value === ''").await?;
        stage.sees("@acme_support").await?;
        stage.browser.until("still a question", "document.querySelector('#phone-passphrase').checkVisibility()").await?;
        assert_eq!(stage.browser.script("return document.querySelector('[data-slot=hold]').checkVisibility()", vec![]).await?, false);
        stage.quit().await
    }

    async fn a_sheet_has_the_codes_and_nothing_else(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        let entry = add(&mut stage, KEY, "standin_user").await?;
        stage.done(json!({ "add_backup_codes": { "entry": entry, "text": CODES.join(", ") } })).await?;
        let first = stage.view().await?["entries"][0]["backup"][0]["added"].clone();
        stage.done(json!({ "mark_backup": { "entry": entry, "mark": { "used": first } } })).await?;
        in_tab(&mut stage, &format!("#/backup-codes/{entry}")).await?;
        stage.browser.until("the codes", "document.querySelectorAll('.slip').length === 3").await?;
        // The browser's own window for printing would stand in the way.
        let prints = "const page = window.wrappedJSObject ?? window; page.longkeyPrints = 0; page.print = () => { page.longkeyPrints++; page.dispatchEvent(new page.Event('beforeprint')); };";
        stage.browser.script(prints, vec![]).await?;
        stage.browser.click("[data-act=print]").await?;
        stage.browser.until("the sheet", "(window.wrappedJSObject ?? window).longkeyPrints === 1").await?;
        let there = "return document.body.textContent.includes('yvm5 1584 v29r')";
        assert_eq!(stage.browser.script(there, vec![]).await?, true);
        let screen = stage.browser.text("body").await?;
        assert!(!screen.contains("1584"), "on the screen: {screen}");

        stage.browser.medium(Medium::Paper).await?;
        let paper = stage.browser.text("body").await?;
        let lines: Vec<&str> = paper.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
        assert_eq!(lines[0], "Backup codes of @standin_user on X");
        assert!(lines[1].starts_with("yvm5 1584 v29r") && lines[1].contains("Used on"), "{paper}");
        assert_eq!(lines[2..5], ["q7w8 e9r0 t1y2", "mfrg gzdf mztw", "Each works once, in this order."]);
        assert!(lines[5].starts_with("Printed on ") && lines.len() == 6, "{paper}");
        let struck = "document.querySelectorAll('.codes > li > s').length === 1 && getComputedStyle(document.querySelector('.codes s')).textDecorationLine === 'line-through'";
        stage.browser.until("the used one struck through", struck).await?;
        let pdf = stage.browser.pdf().await?;
        let pages = pdf.windows(11).filter(|it| *it == b"/Type /Page").count() - pdf.windows(12).filter(|it| *it == b"/Type /Pages").count();
        // Firefox packs the list of its pages.
        assert!(pdf.starts_with(b"%PDF") && (pages == 1 || kind == Kind::Firefox), "{pages} pages");
        stage.browser.medium(Medium::Screen).await?;

        stage.browser.script("(window.wrappedJSObject ?? window).dispatchEvent(new Event('afterprint'))", vec![]).await?;
        stage.browser.until("the codes to be gone", "!document.body.textContent.includes('1584')").await?;

        // Once more, and no code twice; what was not printed to its end goes with the screen.
        stage.browser.click("[data-act=print]").await?;
        stage.browser.until("the sheet again", "(window.wrappedJSObject ?? window).longkeyPrints === 2").await?;
        stage.browser.until("three codes", "document.querySelectorAll('.codes > li').length === 3").await?;
        let kept = "window.longkeySheet = document.querySelector('[data-slot=sheet]')";
        stage.browser.script(kept, vec![]).await?;
        stage.screen("#/").await?;
        stage.browser.until("an empty sheet", "window.longkeySheet.childElementCount === 0").await?;
        // A browser that may not print does nothing at all.
        stage.screen(&format!("#/backup-codes/{entry}")).await?;
        stage.browser.script("(window.wrappedJSObject ?? window).print = () => {};", vec![]).await?;
        stage.browser.click("[data-act=print]").await?;
        stage.sees("The browser didn't print.").await?;
        stage.browser.until("no codes", "!document.body.textContent.includes('1584')").await?;
        stage.browser.until("the button again", "document.querySelector('[data-act=print]:enabled') === document.activeElement").await?;
        stage.quit().await
    }

    async fn the_diagnostic_text_names_nobody(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.connected().await?;
        // Fansly: an account's name, where its code was sent, its authenticator's key.
        let fans_key = stage.world.fansly.key();
        stage.done(json!({ "connect_fans": { "api_key": fans_key, "word": "new" } })).await?;
        let view = stage.view_until("accounts of Fansly", |view| view["fansly"]["accounts"][0]["id"].is_string()).await?;
        let member = view["fansly"]["accounts"][0]["id"].as_str().unwrap_or_default().to_owned();
        stage.world.fansly.change(&member, |it| (it.wants, it.looks) = (Wants::Email, 0));
        stage.done(json!({ "fansly_key": { "member": member, "text": OTHER_KEY } })).await?;
        stage.ask(json!({ "fansly": { "member": member, "word": "sign_in" } })).await?;
        let prompt = |view: &Value| view["fansly"]["accounts"].as_array().is_some_and(|all| all.iter().any(|it| it["sent_to"].is_string()));
        stage.view_until("a code that was sent", prompt).await?;
        let entry = add(&mut stage, KEY, "needle_handle").await?;
        stage.done(json!({ "add_backup_codes": { "entry": entry, "text": CODES[0] } })).await?;
        stage.done(json!({ "reset": { "handle": "needle_reset", "mark": "start" } })).await?;
        let api_key = stage.world.xquik.api_key();
        let workspace = stage.view().await?["xquik"][0]["id"].clone();
        stage.done(json!({ "name_workspace": { "workspace": workspace, "name": "needle workspace" } })).await?;
        stage.done_sign_in("theirs").await?;
        stage.outcome().await?;
        // A new account with its e-mail address, which is in no view; whatever comes of it.
        let since = stage.view().await?["entries"][0]["sendable"]["since"].clone();
        let new = json!({ "workspace": workspace, "handle": "needle_handle", "email": NEEDLE_EMAIL, "password": "needle password", "since": since });
        stage.ask(json!({ "connect_new": new })).await?;
        stage.view_until("a new account", |view| view["connections"][0]["account"].is_string()).await?;
        // A key that waits, with its first and last letters.
        stage.world.x.set_next_secret(THIRD_KEY);
        stage.x_shows_the_key().await?;
        stage.draft().await?;
        let view = stage.view().await?;
        in_tab(&mut stage, "#/diagnostics").await?;
        stage.browser.until("the text", "document.querySelector('.diagnostic').textContent.includes('last sign-ins')").await?;
        let known = "!document.querySelector('.diagnostic').textContent.includes('unknown\\n  ')";
        stage.browser.until("what the browser tells", known).await?;
        let text = stage.browser.script("return document.querySelector('.diagnostic').textContent", vec![]).await?;
        let text = text.as_str().unwrap_or_default().to_owned();
        let mut canaries = vec![
            Canary::text("key", KEY),
            Canary::text("handle", "needle_handle"),
            Canary::text("checklist", "needle_reset"),
            Canary::text("workspace", "needle workspace"),
            Canary::text("backup code", CODES[0]),
            Canary::text("API key", &api_key),
            Canary::text("end of the API key", &api_key[api_key.len() - 4..]),
            Canary::text("entry", &entry),
            Canary::text("password", &stage.world.x.password()),
            Canary::text("e-mail address", NEEDLE_EMAIL),
            Canary::text("key of Fans API", &fans_key),
            Canary::text("key of an authenticator", OTHER_KEY),
            Canary::text("key that waits", THIRD_KEY),
        ];
        // Whatever the view names, wherever it stands.
        let mut named = vec![];
        names(&view, &mut named);
        for name in ["needle_handle", "needle_reset", "needle workspace", member.as_str()] {
            assert!(named.iter().any(|it| it.contains(name)), "{name} is not in the view: {view}");
        }
        canaries.extend(named.iter().map(|it| Canary::text("what the view names", it)));
        let found: Vec<_> = Needles::texts(&canaries)?.within(text.as_bytes()).collect();
        assert!(found.is_empty(), "{found:?} in {text}");
        assert!(text.contains("  language: en\n"), "{text}");
        // A clock that was never compared is not right by that.
        let compared = !text.contains("  clock compared: never\n");
        assert_eq!(text.contains("  clock: unknown\n"), !compared, "{text}");
        assert!(text.contains("  workspaces: 1\n") && text.contains("  login_failed: 1\n    latest: 0 h ago\n"), "{text}");
        stage.speaks("pt_BR").await?;
        stage.browser.until("its language", "document.querySelector('.diagnostic').textContent.includes('  language: pt-BR\\n')").await?;
        stage.quit().await
    }
}
