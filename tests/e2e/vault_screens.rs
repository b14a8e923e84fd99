//! The vault's own screens, driven as a person drives them: recovery code, unlocking, starting over, backup and restore,
//! the bin, locking.

use crate::downloads::Downloads;
use anyhow::Context as _;
use longkey_tests::browsers::{Key, Kind};
use longkey_tests::in_both;
use longkey_tests::stage::{KEY, OTHER_KEY, Stage, connect};
use serde_json::json;
use std::path::Path;

pub(crate) const PASSPHRASE: &str = "correct horse battery";
const OTHER_PASSPHRASE: &str = "staple in a haystack";

/// Types into a field that may hold something already.
async fn fill(stage: &Stage, field: &str, text: &str) -> anyhow::Result<()> {
    stage.browser.element(field).await?;
    stage.browser.script("document.querySelector(arguments[0]).value = ''", vec![field.into()]).await?;
    stage.browser.type_into(field, text).await
}

/// Longkey's page as a tab: where files are saved, where links lead to the same page, and where the list does not give way
/// to a new key.
async fn in_tab(stage: &mut Stage, route: &str) -> anyhow::Result<()> {
    stage.us = Some(stage.browser.open_extension_page(&format!("pages/app.html{route}")).await?);
    Ok(())
}

/// A vault with a passphrase, set on its screen.
pub(crate) async fn with_passphrase(stage: &mut Stage) -> anyhow::Result<()> {
    in_tab(stage, "#/passphrase").await?;
    stage.browser.type_into("#new-passphrase", PASSPHRASE).await?;
    stage.browser.click("[data-form=passphrase] [data-slot=go]").await?;
    stage.sees("The passphrase is set.").await
}

pub(crate) async fn unlock(stage: &Stage, passphrase: &str) -> anyhow::Result<()> {
    fill(stage, "#unlock-passphrase", passphrase).await?;
    stage.browser.click("[data-form=unlock] .primary").await
}

async fn add(stage: &mut Stage, key: &str, handle: &str) -> anyhow::Result<String> {
    let answer = stage.ask(json!({ "add_key": { "text": key, "handle": handle } })).await?;
    Ok(answer["kept"].as_str().with_context(|| format!("not kept: {answer}"))?.to_owned())
}

/// The code on the screen, written down, typed back as people type.
async fn written_down(stage: &Stage) -> anyhow::Result<String> {
    let shown = "document.querySelector('[data-slot=code]')?.children.length === 7
        && [...document.querySelector('[data-slot=code]').children].map(it => it.textContent).join('')";
    let code = stage.browser.until("the recovery code", shown).await?;
    let code = code.as_str().unwrap_or_default().to_owned();
    stage.browser.click("[data-act=written]").await?;
    let hidden = "![...document.querySelectorAll('.groups')].some(it => it.checkVisibility())";
    stage.browser.until("the code to be hidden", hidden).await?;
    Ok(code)
}

/// As people type: in lower case, with a dash here and a space there.
fn sloppy(code: &str) -> String {
    let (first, rest) = code.split_at(6);
    format!("{} - {} ", first.to_ascii_lowercase(), rest.to_ascii_lowercase())
}

async fn restores(stage: &Stage, file: &Path, passphrase: &str) -> anyhow::Result<()> {
    choose(stage, file).await?;
    stage.browser.type_into("#file-passphrase", passphrase).await?;
    stage.browser.click("[data-form=file] [data-slot=go]").await
}

/// A file field is not typed into, but WebDriver takes the path so (section 12.5.3, "element send keys").
async fn choose(stage: &Stage, file: &Path) -> anyhow::Result<()> {
    stage.browser.type_into("#backup-file", &file.to_string_lossy()).await
}

in_both! {
    async fn a_recovery_code_opens_the_vault_once_and_is_followed_by_a_new_passphrase(kind) {
        let mut stage = Stage::set(kind).await?;
        // First run: the passphrase, then the offer.
        in_tab(&mut stage, "#/first").await?;
        stage.browser.type_into("#new-passphrase", PASSPHRASE).await?;
        stage.browser.click("[data-form=passphrase] [data-slot=go]").await?;
        stage.browser.click("[data-slot=ways] a[href=\"#/recovery\"]").await?;
        let code = written_down(&stage).await?;
        assert_eq!(code.len(), 28);

        // Typed back wrong, it opens nothing; shown again it is the same code.
        stage.browser.type_into("#recovery-typed", "0000").await?;
        stage.browser.click("[data-slot=go-keep]").await?;
        stage.sees("A character is missing or mistyped.").await?;
        assert_eq!(stage.view().await?["ways"].as_array().map(Vec::len), Some(1));
        stage.browser.click("[data-act=again]").await?;
        assert_eq!(written_down(&stage).await?, code);
        fill(&stage, "#recovery-typed", &sloppy(&code)).await?;
        stage.browser.click("[data-slot=go-keep]").await?;
        stage.sees("The recovery code works.").await?;
        let left = "return document.body.textContent.replace(/\\s/g, '').includes(arguments[0])";
        assert_eq!(stage.browser.script(left, vec![code.clone().into()]).await?, false, "the code leaves the page");

        // The passphrase is forgotten: several wrong ones, a pause with its seconds, the code.
        stage.done(json!("lock")).await?;
        stage.us = None;
        stage.screen("#/").await?;
        stage.sees("Locked").await?;
        // Deriving takes time of its own, so the first pauses may be over before the next try arrives.
        let tried = "document.querySelector('#unlock-wrong').checkVisibility() && document.querySelector('#unlock-wrong').innerText";
        for number in 1.. {
            anyhow::ensure!(number < 10, "no pause after {number} wrong passphrases");
            unlock(&stage, "wrong horse battery").await?;
            let said = stage.browser.until("the try to end", tried).await?;
            if said.as_str().is_some_and(|it| it.contains("You can try again in")) {
                break;
            }
        }
        stage.browser.until("the countdown", "document.querySelector('[data-form=unlock] .primary:disabled')?.innerText.includes('0:0')").await?;
        stage.browser.until("the pause to end", "document.querySelector('[data-form=unlock] .primary:not(:disabled)')?.innerText === 'Unlock'").await?;

        stage.browser.click("[data-form=unlock] a[href=\"#/forgotten\"]").await?;
        // The page of the popup opens it in a tab of its own, and closes.
        stage.on_x().await?;
        in_tab(&mut stage, "#/forgotten").await?;
        let tabs = "(await api.tabs.query({})).filter(it => it.url?.endsWith('#/forgotten')).length === 2";
        stage.browser.until("the tab that was opened", tabs).await?;
        stage.browser.type_into("#recovery-code", &sloppy(&code)).await?;
        stage.browser.click("[data-slot=go-recover]").await?;
        stage.browser.until("the screen for a new passphrase", "location.hash === '#/passphrase'").await?;
        stage.sees("Set a new passphrase").await?;
        assert_eq!(stage.view().await?["recovered"], true);
        stage.browser.type_into("#new-passphrase", OTHER_PASSPHRASE).await?;
        stage.browser.click("[data-form=passphrase] [data-slot=go]").await?;
        stage.sees("Make a recovery code").await?;
        let view = stage.view().await?;
        assert_eq!((&view["recovered"], view["ways"].as_array().map(Vec::len)), (&json!(false), Some(1)), "{view}");

        // It is used up; the new passphrase opens, the old one does not.
        stage.done(json!("lock")).await?;
        stage.screen("#/").await?;
        unlock(&stage, PASSPHRASE).await?;
        stage.sees("That passphrase doesn't open Longkey.").await?;
        unlock(&stage, OTHER_PASSPHRASE).await?;
        stage.view_until("the vault to be open", |view| view["vault"] == "unlocked").await?;
        stage.quit().await
    }

    async fn a_code_that_was_replaced_meanwhile_is_not_relied_on(kind) {
        let mut stage = Stage::set(kind).await?;
        with_passphrase(&mut stage).await?;
        stage.screen("#/recovery").await?;
        let replaced = written_down(&stage).await?;
        stage.ask(json!("new_recovery")).await?;
        stage.browser.type_into("#recovery-typed", &replaced).await?;
        stage.browser.click("[data-slot=go-keep]").await?;
        stage.sees("That code was replaced before it was typed back").await?;
        let code = written_down(&stage).await?;
        assert_ne!(code, replaced);
        stage.browser.kill_background().await?;
        stage.browser.type_into("#recovery-typed", &code).await?;
        stage.browser.click("[data-slot=go-keep]").await?;
        stage.sees("The recovery code works.").await?;
        stage.quit().await
    }

    async fn other_ways_go_only_with_the_passphrase(kind) {
        let mut stage = Stage::set(kind).await?;
        with_passphrase(&mut stage).await?;
        stage.screen("#/recovery").await?;
        let code = written_down(&stage).await?;
        stage.browser.type_into("#recovery-typed", &code).await?;
        stage.browser.click("[data-slot=go-keep]").await?;
        stage.sees("The recovery code works.").await?;

        stage.screen("#/settings").await?;
        stage.sees("Make a new one").await?;
        stage.browser.click("[data-slot=recovery-remove]").await?;
        stage.sees("This makes a new vault key. Only the passphrase opens it then; recovery code and passkey stop working.").await?;
        stage.browser.type_into("#only-passphrase", "wrong horse battery").await?;
        stage.browser.click("[data-form=only] [data-slot=go]").await?;
        stage.sees("That passphrase doesn't open Longkey.").await?;
        assert_eq!(stage.view().await?["ways"].as_array().map(Vec::len), Some(2));
        fill(&stage, "#only-passphrase", PASSPHRASE).await?;
        stage.browser.click("[data-form=only] [data-slot=go]").await?;
        stage.browser.until("Settings again", "location.hash === '#/settings'").await?;
        stage.view_until("one way", |view| view["ways"].as_array().map(Vec::len) == Some(1)).await?;
        stage.quit().await
    }

    async fn a_backup_file_brings_everything_back_after_starting_over(kind) {
        let mut stage = Stage::set(kind).await?;
        let downloads = Downloads::of(&stage.browser).await?;
        with_passphrase(&mut stage).await?;
        add(&mut stage, KEY, "standin_user").await?;
        add(&mut stage, OTHER_KEY, "other_user").await?;
        stage.done(connect(&stage.world.xquik.api_key())).await?;
        stage.screen("#/").await?;
        stage.sees("2 keys and backup codes are not in a backup file yet.").await?;

        stage.screen("#/backup").await?;
        stage.browser.type_into("#new-passphrase", OTHER_PASSPHRASE).await?;
        stage.browser.click("[data-form=passphrase] [data-slot=go]").await?;
        stage.sees("2 accounts. The file was opened again, counted and handed to the browser.").await?;
        let file = downloads.file("longkey-backup-", ".longkey").await?;
        let text = std::fs::read_to_string(&file)?;
        assert!(!text.contains(KEY) && !text.contains("standin_user"), "nothing readable in the file");
        stage.view_until("the keys to be counted", |view| view["unsaved"] == 0 && !view["backup"].is_null()).await?;

        // Everything in it is here.
        stage.screen("#/restore").await?;
        restores(&stage, &file, OTHER_PASSPHRASE).await?;
        stage.sees("Everything in this file is here already.").await?;

        // Start over: save what is here, type the word.
        stage.done(json!("lock")).await?;
        stage.screen("#/forgotten").await?;
        stage.sees("No recovery code was made.").await?;
        stage.browser.type_into("#erase-word", "delete").await?;
        stage.browser.click("[data-slot=go-erase]").await?;
        stage.sees("Type the word erase to go on.").await?;
        assert_eq!(stage.view().await?["vault"], "locked");
        // What lies beside the vault goes too: choices of the pages, and the language that the background speaks.
        stage.done(json!({ "language": "en" })).await?;
        stage.browser.script(
            "for (const it of ['theme', 'language', 'pin.away']) localStorage.setItem(it, it === 'theme' ? 'dark' : 'en');
             chrome.storage.session.set({ place: { route: '#/add', at: Date.now(), fields: [] } });", vec![]).await?;
        fill(&stage, "#erase-word", "erase").await?;
        // Of a package for tests the hosts cannot be given back; that they would be is noted where a reload leaves it.
        stage.browser.script(
            "const given = [];
             chrome.permissions.remove = async what => {
                 given.push(...Object.values(what).flat());
                 sessionStorage.setItem('given', given.join(' '));
                 return true;
             };", vec![]).await?;
        stage.browser.click("[data-slot=go-erase]").await?;
        stage.browser.until("the first screen", "location.hash === '#/first'").await?;
        let given = stage.browser.script("return sessionStorage.getItem('given')", vec![]).await?;
        for right in ["https://xquik.com/*", "https://api.fansapi.com/*", "https://app.onlyfansapi.com/*", "notifications"] {
            assert!(given.as_str().is_some_and(|it| it.split(' ').any(|it| it == right)), "{right} was kept: {given}");
        }
        let empty = "!localStorage.length && !Object.keys(await chrome.storage.local.get(null)).length
            && !(await chrome.storage.session.get('place')).place";
        stage.browser.until("nothing in the stores", empty).await?;
        let view = stage.view_until("no vault", |view| view["vault"] == "none").await?;
        assert_eq!(view["ways"], json!([]));
        let calls = stage.world.requests("xquik.com").len();

        stage.screen("#/restore").await?;
        stage.sees("The file's passphrase becomes the vault's passphrase.").await?;
        restores(&stage, &file, PASSPHRASE).await?;
        stage.sees("That passphrase doesn't open this file.").await?;
        fill(&stage, "#file-passphrase", OTHER_PASSPHRASE).await?;
        stage.browser.click("[data-form=file] [data-slot=go]").await?;
        stage.sees("2 accounts that are not here").await?;
        stage.sees("Nothing here is overwritten or deleted.").await?;
        assert_eq!(stage.view().await?["vault"], "none", "a preview changes nothing");
        // It brings an API key, and what Xquik gets is said before it gets anything.
        stage.sees("What Xquik gets").await?;
        assert_eq!(stage.world.requests("xquik.com").len(), calls, "nothing was sent");
        assert_eq!(stage.browser.text(".foot:not([hidden]) [data-act=restore]").await?, "Agree and restore");
        stage.browser.click(".foot:not([hidden]) [data-act=restore]").await?;
        stage.browser.accept_consent().await?;
        stage.sees("The file is restored.").await?;
        assert_eq!(stage.browser.script("return Boolean(localStorage.getItem('agreed.xquik'))", vec![]).await?, true);
        let view = stage.view().await?;
        assert_eq!((&view["vault"], view["entries"].as_array().map(Vec::len)), (&json!("unlocked"), Some(2)), "{view}");
        stage.done(json!("lock")).await?;
        stage.screen("#/").await?;
        unlock(&stage, OTHER_PASSPHRASE).await?;
        stage.view_until("the file's passphrase to open the vault", |view| view["vault"] == "unlocked").await?;
        stage.quit().await
    }

    async fn a_file_that_is_none_of_ours_has_its_sentence(kind) {
        let mut stage = Stage::set(kind).await?;
        let downloads = Downloads::of(&stage.browser).await?;
        let file = downloads.path().join("notes.txt");
        std::fs::write(&file, "milk, bread")?;
        stage.screen("#/restore").await?;
        choose(&stage, &file).await?;
        stage.sees("That is not a file that Longkey saved, or it is damaged.").await?;

        // What a vault without a passphrase saves of itself has the device's key beside it, and asks for nothing.
        stage.done(json!("skip_passphrase")).await?;
        add(&mut stage, KEY, "standin_user").await?;
        let sealed = stage.ask(json!("sealed")).await?;
        let sealed = sealed["file"].as_str().context("a file")?;
        let file = downloads.path().join("sealed.txt");
        std::fs::write(&file, sealed)?;
        choose(&stage, &file).await?;
        stage.sees("1 account is here already, with the same keys").await?;

        // Without that key nothing opens it.
        stage.browser.click(".foot:not([hidden]) [data-act=other-file]").await?;
        std::fs::write(&file, sealed.replace("\"device\"", "\"else\""))?;
        choose(&stage, &file).await?;
        stage.sees("its vault had no passphrase, and what opened it isn't in the file").await?;
        stage.quit().await
    }

    async fn what_lies_in_the_stores_is_saved_as_a_file_and_opens_with_the_old_passphrase(kind) {
        let mut stage = Stage::set(kind).await?;
        let downloads = Downloads::of(&stage.browser).await?;
        with_passphrase(&mut stage).await?;
        add(&mut stage, KEY, "standin_user").await?;
        stage.done(json!("lock")).await?;
        in_tab(&mut stage, "#/forgotten").await?;
        stage.sees("No recovery code was made.").await?;
        stage.browser.click("[data-act=save-sealed]").await?;
        let file = downloads.file("longkey-sealed-", ".txt").await?;
        stage.browser.type_into("#erase-word", "erase").await?;
        stage.browser.click("[data-slot=go-erase]").await?;
        stage.browser.until("the first screen", "location.hash === '#/first'").await?;
        stage.screen("#/restore").await?;
        restores(&stage, &file, PASSPHRASE).await?;
        stage.sees("1 account that is not here").await?;
        stage.browser.click(".foot:not([hidden]) [data-act=restore]").await?;
        stage.sees("The file is restored.").await?;
        assert_eq!(stage.view().await?["entries"][0]["handle"], "standin_user");
        stage.quit().await
    }

    async fn what_was_saved_before_starting_over_opens_with_the_recovery_code(kind) {
        let mut stage = Stage::set(kind).await?;
        let downloads = Downloads::of(&stage.browser).await?;
        with_passphrase(&mut stage).await?;
        add(&mut stage, KEY, "standin_user").await?;
        in_tab(&mut stage, "#/recovery").await?;
        let code = written_down(&stage).await?;
        stage.browser.type_into("#recovery-typed", &code).await?;
        stage.browser.click("[data-slot=go-keep]").await?;
        stage.sees("The recovery code works.").await?;
        stage.done(json!("lock")).await?;
        stage.screen("#/forgotten").await?;
        stage.browser.click("[data-act=save-sealed]").await?;
        let file = downloads.file("longkey-sealed-", ".txt").await?;
        stage.browser.type_into("#erase-word", "erase").await?;
        stage.browser.click("[data-slot=go-erase]").await?;
        stage.browser.until("the first screen", "location.hash === '#/first'").await?;

        // The paper turned up afterwards. It opens the file, and what is made of it has no passphrase.
        stage.screen("#/restore").await?;
        restores(&stage, &file, OTHER_PASSPHRASE).await?;
        stage.sees("That passphrase doesn't open this file.").await?;
        fill(&stage, "#file-passphrase", &sloppy(&code)).await?;
        stage.browser.click("[data-form=file] [data-slot=go]").await?;
        stage.sees("1 account that is not here").await?;
        stage.sees("Not locked: anyone who can use or copy this browser profile can read your keys").await?;
        stage.browser.click(".foot:not([hidden]) [data-act=restore]").await?;
        stage.sees("The file is restored.").await?;
        let view = stage.view().await?;
        assert_eq!((&view["vault"], &view["entries"][0]["handle"]), (&json!("not_locked"), &json!("standin_user")));
        stage.quit().await
    }

    async fn a_deletion_is_undone_or_waits_in_the_bin(kind) {
        let mut stage = Stage::set(kind).await?;
        stage.done(json!("skip_passphrase")).await?;
        let entry = add(&mut stage, KEY, "standin_user").await?;
        let route = format!("#/entry/{entry}");
        in_tab(&mut stage, &route).await?;
        stage.browser.click("[data-act=delete]").await?;
        stage.sees("Deleted @standin_user.").await?;
        let view = stage.view().await?;
        assert_eq!((view["entries"].as_array().map(Vec::len), view["bin"].as_array().map(Vec::len)), (Some(0), Some(1)));
        // Refused, it stays for another press.
        stage.browser.script(
            "const { runtime } = chrome, send = runtime.sendMessage.bind(runtime);
             runtime.sendMessage = async message => {
                 if (!message.page?.undelete) return send(message);
                 runtime.sendMessage = send;
                 return { refused: 'StoreSilent' };
             };", vec![]).await?;
        stage.browser.click("[data-act=undo]").await?;
        stage.browser.until("the refusal", "document.querySelector('#undo').innerText.includes('storage doesn')").await?;
        stage.browser.click("[data-act=undo]").await?;
        stage.view_until("it to be back", |view| view["entries"][0]["id"] == entry.as_str()).await?;
        stage.browser.until("the bar to go", "!document.querySelector('[data-act=undo]')").await?;

        // The same with keys alone: by Tab the way to the bar is as long as the list.
        stage.screen(&route).await?;
        stage.browser.element("[data-act=delete]").await?.send_keys(Key::Enter + "").await?;
        stage.sees("Deleted @standin_user.").await?;
        stage.browser.driver().active_element().await?.send_keys(Key::Control + "z").await?;
        stage.view_until("it to be back", |view| view["entries"][0]["id"] == entry.as_str()).await?;
        stage.browser.until("the bar to go", "!document.querySelector('[data-act=undo]')").await?;

        // Deleted again; the bar goes by itself, the bin keeps it.
        stage.screen(&route).await?;
        stage.browser.click("[data-act=delete]").await?;
        stage.sees("Deleted @standin_user.").await?;
        stage.browser.until("the bar to go by itself", "!document.querySelector('[data-act=undo]')").await?;
        stage.screen("#/bin").await?;
        stage.sees("Deleted today, kept until").await?;
        stage.browser.click("[data-slot=list] [data-act=restore]").await?;
        stage.sees("The bin is empty.").await?;
        assert_eq!(stage.view().await?["entries"][0]["id"], entry.as_str());

        // For good: asked once.
        stage.done(json!({ "delete": { "entry": entry } })).await?;
        stage.browser.click("[data-slot=list] [data-act=ask-purge]").await?;
        stage.sees("Delete @standin_user for good?").await?;
        stage.browser.click("dialog[open] [data-act=purge]").await?;
        stage.view_until("the bin to be empty", |view| view["bin"] == json!([]) && view["entries"] == json!([])).await?;
        stage.quit().await
    }

    async fn damage_in_the_store_is_told_until_it_was_read(kind) {
        let mut stage = Stage::set(kind).await?;
        with_passphrase(&mut stage).await?;
        add(&mut stage, KEY, "standin_user").await?;
        let damage = "await api.storage.local.set({ 'vault.0': 'longkey1.x.y', 'vault.1': 'longkey1.x.y' })";
        stage.browser.script(damage, vec![]).await?;
        stage.browser.kill_background().await?;
        in_tab(&mut stage, "#/").await?;
        stage.sees("The vault in the browser's storage was damaged or gone.").await?;
        stage.browser.click("[data-act=read]").await?;
        stage.browser.until("the note to go", "!document.querySelector('[data-act=read]')").await?;
        assert_eq!(stage.view().await?["notices"], json!([]));
        stage.screen("#/settings").await?;
        stage.sees("Save everything as a file").await?;
        stage.quit().await
    }

    async fn when_to_lock_is_chosen_and_locking_shows(kind) {
        let mut stage = Stage::set(kind).await?;
        with_passphrase(&mut stage).await?;
        add(&mut stage, KEY, "standin_user").await?;
        stage.screen("#/settings").await?;
        stage.browser.until("the usual time", "document.querySelector('#lock-after').value === '15'").await?;
        // By the keyboard: a list of choices is drawn by the browser, not by the page.
        for (keys, stored) in [
            (Key::Home + Key::Down, json!({ "minutes": 5 })),
            (Key::End + "", json!("restart")),
            (Key::Up + "", json!("closed")),
        ] {
            stage.on_us().await?;
            stage.browser.element("#lock-after").await?.send_keys(keys).await?;
            stage.view_until("the choice to be kept", |view| view["lock_after"] == stored).await?;
        }
        let screen = if kind == Kind::Firefox { "Firefox does not tell extensions when the screen is locked" } else { "Longkey also locks with the screen." };
        stage.sees(screen).await?;
        stage.browser.click("main [data-act=lock]").await?;
        let view = stage.view_until("the vault to be locked", |view| view["vault"] == "locked").await?;
        assert_eq!(view["lock_after"], "closed", "{view}");
        stage.screen("#/").await?;
        unlock(&stage, PASSPHRASE).await?;
        stage.view_until("the vault to be open", |view| view["vault"] == "unlocked").await?;

        stage.browser.until("the page to have noticed", "!document.querySelector('[data-form=unlock]')").await?;

        // The last of its windows: the port of this page.
        let others = "const here = await api.tabs.getCurrent();
            const all = await api.tabs.query({ url: api.runtime.getURL('*') });
            await api.tabs.remove(all.map(it => it.id).filter(it => it !== here.id));";
        // One was opened at the installation, too.
        stage.browser.script(others, vec![]).await?;
        stage.browser.close_tab(&stage.x).await?;
        stage.us = None;
        stage.view_until("the vault to be locked again", |view| view["vault"] == "locked").await?;
        stage.quit().await
    }
}
