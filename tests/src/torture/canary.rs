//! One life with a passphrase, told through the screens, with values that nobody else has; and where they are met
//! afterwards: in the profile and in memory.
//!
//! Two planted texts prove that the search would have met them: they are written in plain into both stores, by the
//! same browser, into the same profile.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use serde_json::{Value, json};

use super::memory::{self, Met};
use super::needles::{Canary, Needles};
use super::profile::{self, Searched};
use crate::browsers::{Browser, Kind, Options};
use crate::fakes::World;

/// What is typed, nobody's. Letters beyond ASCII, a quotation mark and a backslash, so that every spelling differs.
const PASSPHRASE: &str = "Zeisig \"ruft\\leise\" bei Köln 58127";
const PASSWORD: &str = "Dompfaff\\\"zählt\" 90361 Kerne";
const THE_KEY: &str = "QX5LWZ3HTN7VDK2P";
/// The bytes that [`THE_KEY`] stands for.
const THE_BYTES: [u8; 10] = [0x85, 0xfa, 0xbb, 0x67, 0x67, 0x9b, 0x7f, 0x51, 0xab, 0x4f];
const API_KEY: &str = "xq_4f1d0c9b8a7e6d5c4b3a291807f6e5d4c3b2a1908f7e6d5c4b3a2918070a1b2c";
const FANS_KEY: &str = "Girlitz7Fk2Pq9Zw4Xn8Vt3Rb6Hy5Lj1Md0Sc";
const BACKUP_CODE: &str = "k7zeisig42mw";
/// Xquik's number of the account that is signed in.
const ACCOUNT: &str = "900001";
/// Planted texts, each in two halves that stand before it once: a packer writes the whole as copies of them, so that
/// in a packed store unpacking alone makes it readable.
const PLANTED: [(&str, [&str; 2]); 2] = [
    ("planted in storage.local", ["Rotkehlchen im Efeu ", "singt um 41906 Uhr"]),
    ("planted in IndexedDB", ["Wiedehopf am Bach ", "sucht seit 77213 Tagen"]),
];

/// How often the whole is repeated: LevelDB packs no block that it cannot make an eighth smaller, and Blink packed a
/// value of 96 kB, but none of 16 kB (Chromium 156, November 2026).
const OFTEN: usize = 2400;

/// The names of the secrets, in the order of the figures.
pub const SECRETS: [&str; 8] = [
    "passphrase",
    "X password",
    LONG_KEY,
    "long key's bytes",
    "API key",
    "Fans API key",
    "backup code of X",
    "recovery code",
];
/// The name of the one that an open vault must have in memory.
pub const LONG_KEY: &str = "long key";

/// In groups of four.
fn grouped(code: &str, between: &str) -> String {
    let groups: Vec<&str> = code.as_bytes().chunks(4).filter_map(|it| str::from_utf8(it).ok()).collect();
    groups.join(between)
}

/// With the recovery code, which the background makes.
fn secrets(recovery: &str) -> Vec<Canary> {
    vec![
        Canary::text(SECRETS[0], PASSPHRASE),
        Canary::text(SECRETS[1], PASSWORD),
        Canary::text(SECRETS[2], THE_KEY),
        Canary::bytes(SECRETS[3], THE_BYTES.to_vec()),
        Canary::text(SECRETS[4], API_KEY),
        Canary::text(SECRETS[5], FANS_KEY),
        Canary::text(SECRETS[6], BACKUP_CODE),
        Canary::text(SECRETS[7], recovery),
        // As it is kept until it was typed back, and as X's page shows the other one.
        Canary::text(SECRETS[7], &grouped(recovery, "-")),
        Canary::text(SECRETS[6], &grouped(BACKUP_CODE, " ")),
    ]
}

/// The names of the planted texts.
pub fn planted() -> impl Iterator<Item = &'static str> {
    PLANTED.iter().map(|(name, _)| *name)
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The profile after the browser has ended.
    pub profile: Searched,
    /// Memory, by the moment: while it is unlocked, after locking, after the background has ended, after the
    /// extension was reloaded.
    pub memory: Vec<(&'static str, Met)>,
}

impl Figures {
    /// How often a secret was met in the profile.
    #[must_use]
    pub fn hits(&self) -> usize {
        SECRETS.iter().map(|name| self.profile.of(name)).sum()
    }

    /// Whether each planted text was met.
    #[must_use]
    pub fn planted_were_met(&self) -> bool {
        planted().all(|name| self.profile.of(name) > 0)
    }
}

/// Lives it and looks.
///
/// # Errors
/// When a screen does not do what it should; what is met is no error but a figure.
pub async fn run(kind: Kind) -> anyhow::Result<Figures> {
    let world = World::start().await?;
    world.x.set_password(PASSWORD);
    world.x.set_confirmed_key(Some(THE_KEY));
    world.xquik.set_api_key(API_KEY);
    world.fansly.set_key(FANS_KEY);
    let room = tempfile::Builder::new().prefix("longkey-torture-").tempdir()?;
    let life = Life { kind, proxy: world.proxy(), profile: room.path().join("profile") };
    std::fs::create_dir(&life.profile)?;
    let mut browser = life.start().await?;
    let recovery = everything(&browser, &world).await?;
    let secrets = secrets(&recovery);
    let texts = Needles::texts(&secrets)?;
    let look = |browser: &Browser| memory::search(&browser.processes()?, &texts);
    let mut figures = vec![("unlocked", look(&browser)?)];
    lock(&browser).await?;
    figures.push(("locked", look(&browser)?));
    browser.kill_background().await?;
    figures.push(("background ended", look(&browser)?));
    // Its pages close with it; one of our own keeps the window open.
    browser.open_tab("about:blank").await?;
    browser.install_extension().await?;
    figures.push(("extension reloaded", look(&browser)?));
    open(&browser).await?;
    plant(&browser).await?;
    browser.quit().await?;
    // A second start lets the stores tidy up: what lay in their logs is packed into tables.
    browser = life.start().await?;
    unlock(&browser).await?;
    lock(&browser).await?;
    browser.quit().await?;
    let texts = PLANTED.map(|(name, [one, other])| (name, format!("{one}{other}")));
    let planted = texts.iter().map(|(name, text)| Canary::text(name, text));
    let needles = Needles::all(&secrets.into_iter().chain(planted).collect::<Vec<_>>())?;
    Ok(Figures { profile: profile::search(&life.profile, &needles)?, memory: figures })
}

struct Life {
    kind: Kind,
    proxy: std::net::SocketAddr,
    profile: PathBuf,
}

impl Life {
    async fn start(&self) -> anyhow::Result<Browser> {
        let options = Options { proxy: Some(self.proxy), profile: Some(self.profile.clone()), ..Options::default() };
        let browser = Browser::start(self.kind, options).await?;
        open(&browser).await?;
        Ok(browser)
    }
}

async fn open(browser: &Browser) -> anyhow::Result<()> {
    browser.open_extension_page("pages/app.html").await?;
    browser.until("Longkey's page", "document.querySelector('#screen')?.children.length").await?;
    Ok(())
}

async fn go(browser: &Browser, route: &str) -> anyhow::Result<()> {
    browser.script("location.hash = arguments[0]", vec![route.into()]).await?;
    Ok(())
}

/// What a person does with each of the secrets, on the screens. Returns the recovery code.
async fn everything(browser: &Browser, world: &World) -> anyhow::Result<String> {
    // The first page opens by itself and comes to the front, where it would hide what the browser asks.
    let close = "(async () => {
        const own = await api.tabs.getCurrent();
        const other = (await api.tabs.query({})).find(it => it.id !== own.id && it.url?.startsWith(location.origin));
        if (!other) return false;
        await api.tabs.remove(other.id);
        return true;
    })()";
    browser.until("Longkey's first page to open by itself", close).await?;
    browser.switch_to(&browser.current_tab().await?).await?;
    go(browser, "#/first").await?;
    browser.type_into("#new-passphrase", PASSPHRASE).await?;
    browser.click("[data-form=passphrase] .primary").await?;
    browser.element("[data-slot=ways]").await?;
    let recovery = recovery(browser).await?;
    go(browser, "#/add").await?;
    browser.type_into("#add-key", THE_KEY).await?;
    browser.type_into("#add-handle", &world.x.handle()).await?;
    browser.click(".foot .primary").await?;
    view_until(browser, "the key to be saved", "view.entries.length === 1").await?;
    let entry = "(await api.runtime.sendMessage({ page: 'view' })).view.entries[0].id";
    let entry = browser.until("the entry", entry).await?;
    go(browser, &format!("#/backup-codes/{}", entry.as_str().unwrap_or_default())).await?;
    // The place to type into opens on a press where there are codes already.
    browser
        .until(
            "the form",
            "document.querySelector('[data-slot=add]') && (document.querySelector('[data-slot=add]').open = true)",
        )
        .await?;
    browser.type_into("#backup-code", BACKUP_CODE).await?;
    browser.click("[data-form=backup-code] [data-slot=go]").await?;
    view_until(browser, "the backup code to be saved", "view.entries[0].backup.length === 1").await?;
    go(browser, "#/fansly").await?;
    browser.type_into("#fans-key", FANS_KEY).await?;
    browser.click("[data-form=fansly] [data-slot=go]").await?;
    browser.accept_consent().await?;
    view_until(browser, "Fansly to be connected", "view.fansly?.accounts.length").await?;
    go(browser, "#/connect").await?;
    browser.type_into("#api-key", API_KEY).await?;
    // Firefox asks for its consent once, and the test's package has the hosts.
    browser.click("[data-form=connect] .primary").await?;
    browser.click("[data-slot=all-accounts]:not([hidden])").await?;
    let sheet = format!("document.querySelector('a[href^=\"#/signin/\"][href$=\".{ACCOUNT}\"]')?.getAttribute('href')");
    let sheet = browser.until("the account's row", &sheet).await?;
    go(browser, sheet.as_str().unwrap_or_default()).await?;
    // Not preselected: X has not accepted it yet.
    browser.click("[data-slot=saved]").await?;
    browser.type_into("#x-password", PASSWORD).await?;
    browser.click(".foot .primary").await?;
    let answered = format!("view.xquik[0].accounts.find(it => it.id.endsWith('.{ACCOUNT}')).attempt?.outcome.answered");
    view_until(browser, "the sign-in's outcome", &answered).await?;
    let sent: Vec<Value> =
        world.requests("xquik.com").into_iter().filter(|it| it.method == "POST").filter_map(|it| it.json()).collect();
    ensure!(sent.len() == 1 && sent[0]["password"] == PASSWORD, "the password did not arrive as it was typed");
    ensure!(sent[0]["totp_secret"] == THE_KEY, "the key did not arrive as it was typed");
    lock(browser).await?;
    unlock(browser).await?;
    browser.kill_background().await?;
    view_until(browser, "the vault to be open again", "view.vault === 'unlocked' && view.entries.length === 1").await?;
    Ok(recovery)
}

/// It is written down, and typed back.
async fn recovery(browser: &Browser) -> anyhow::Result<String> {
    go(browser, "#/recovery").await?;
    let shown = "document.querySelector('[data-slot=code]')?.children.length === 7
        && [...document.querySelector('[data-slot=code]').children].map(it => it.textContent).join('')";
    let code = browser.until("the recovery code", shown).await?.as_str().unwrap_or_default().to_owned();
    browser.click("[data-act=written]").await?;
    browser.type_into("#recovery-typed", &code).await?;
    browser.click("[data-slot=go-keep]").await?;
    view_until(browser, "the recovery code to be a way in", "view.ways.length === 2").await?;
    Ok(code)
}

async fn view_until(browser: &Browser, what: &str, fits: &str) -> anyhow::Result<()> {
    let fits = format!(
        "(async () => {{ const {{ view }} = await api.runtime.sendMessage({{ page: 'view' }}); return {fits}; }})()"
    );
    browser.until(what, &fits).await?;
    Ok(())
}

async fn lock(browser: &Browser) -> anyhow::Result<()> {
    go(browser, "#/").await?;
    browser.click("[data-act=lock]").await?;
    browser.element("#unlock-passphrase").await?;
    view_until(browser, "the vault to be locked", "view.vault === 'locked'").await
}

async fn unlock(browser: &Browser) -> anyhow::Result<()> {
    go(browser, "#/").await?;
    browser.type_into("#unlock-passphrase", PASSPHRASE).await?;
    browser.click("[data-form=unlock] .primary").await?;
    let codes =
        "document.querySelector('[data-slot=codes-list] .digits')?.textContent.replace(/\\D/g, '').length === 6";
    // Argon2id takes its time on a busy machine.
    browser.until_within(Duration::from_secs(30), "a code", codes).await?;
    Ok(())
}

/// Writes the planted texts, in plain, as a careless extension would.
async fn plant(browser: &Browser) -> anyhow::Result<()> {
    let values: Vec<String> = PLANTED
        .iter()
        .map(|(_, [one, other])| format!("{one}; {other}; {}", format!("{one}{other}").repeat(OFTEN)))
        .collect();
    browser
        .script(
            r"
            const [plain, deep] = arguments[0];
            await api.storage.local.set({ planted: plain });
            // LevelDB packs what it has once it is more than 4 MB.
            for (let many = 0; many < 6; many++) {
                await api.storage.local.set({ much: many + 'x'.repeat(1e6) });
            }
            await new Promise((done, failed) => {
                const open = indexedDB.open('planted', 1);
                open.onerror = () => failed(open.error);
                open.onupgradeneeded = () => open.result.createObjectStore('texts');
                open.onsuccess = () => {
                    const write = open.result.transaction('texts', 'readwrite', { durability: 'strict' });
                    write.objectStore('texts').put({ text: deep }, 'planted');
                    for (let many = 0; many < 6; many++) {
                        write.objectStore('texts').put(many + 'x'.repeat(1e6), 'much' + many);
                    }
                    write.oncomplete = () => { open.result.close(); done(); };
                    write.onerror = () => failed(write.error);
                };
            });",
            vec![json!(values)],
        )
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_s_bytes_are_those_of_its_text() {
        let key = Needles::all(&[Canary::bytes("bytes", THE_BYTES.to_vec())]).expect("few");
        assert!(key.within(THE_KEY.as_bytes()).any(|found| found == ("bytes", "base32")));
    }
}
