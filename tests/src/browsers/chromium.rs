//! Chromium: its flags, and what only it can be asked, over the pipe.
//!
//! The extension is installed by `Extensions.loadUnpacked`, at the start as later, so nothing depends on
//! `--load-extension`, which Chromium 137 began to withdraw.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use serde_json::{Value, json};

use super::pipe::{Pipe, Target};
use super::{Options, Said, patience, process};

/// What the browser itself would fetch is turned off, or sent to a port where nobody listens: the
/// proxy's record of a test should show the extension's traffic and nothing else.
const FLAGS: [&str; 19] = [
    // A sandbox needs rights that root in a container lacks.
    "--no-sandbox",
    "--disable-gpu",
    // QUIC would go past the proxy.
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--disable-features=MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,Translate",
    "--component-updater=url-source=https://127.0.0.1:9/,disable-pings",
    "--apps-gallery-update-url=https://127.0.0.1:9/",
    "--gaia-url=https://127.0.0.1:9/",
    "--google-base-url=https://127.0.0.1:9/",
];

/// A Chromium that runs.
#[derive(Debug)]
pub(super) struct Chromium {
    pipe: Pipe,
    id: Option<String>,
    /// The popup's page in the manifest: a side panel is no tab either.
    popup: String,
}

/// The browser's process, which chromedriver puts into a group of its own. Ended on drop.
#[derive(Debug)]
pub(super) struct MainProcess(PathBuf);

impl Drop for MainProcess {
    fn drop(&mut self) {
        let pid = fs::read_to_string(&self.0).ok().and_then(|text| text.trim().parse().ok());
        if let Some(pid) = pid {
            process::end(pid);
        }
    }
}

impl Chromium {
    /// Opens the pipe and writes the little launcher that chromedriver is told to start: it notes the
    /// process id and connects the pipe to the file descriptors 3 and 4, where Chromium expects it.
    pub(super) fn prepare(room: &Path) -> anyhow::Result<(Self, PathBuf, MainProcess)> {
        let advice = "install the packages chromium and chromium-driver";
        let program = process::find(&["chromium", "chromium-browser", "google-chrome"], advice)?;
        let pipe = Pipe::open(room)?;
        let launcher = room.join("launch");
        let (program, room) = (program.display(), room.display());
        let script = format!(
            "#!/bin/sh\necho $$ >'{room}/pid'\nexec '{program}' \"$@\" --remote-debugging-pipe \
             --enable-unsafe-extension-debugging 3<'{room}/to-browser' 4>'{room}/from-browser'\n"
        );
        fs::write(&launcher, script)?;
        fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755))?;
        let pid = launcher.with_file_name("pid");
        Ok((Self { pipe, id: None, popup: String::new() }, launcher, MainProcess(pid)))
    }

    pub(super) fn capabilities(launcher: &Path, room: &Path, options: &Options) -> Value {
        let mut arguments = FLAGS.map(str::to_owned).to_vec();
        let profile = options.profile.clone().unwrap_or_else(|| room.join("profile"));
        arguments.push(format!("--user-data-dir={}", profile.display()));
        arguments.push(format!("--window-size={},{}", options.window.0, options.window.1));
        if options.headless {
            arguments.push("--headless=new".to_owned());
        }
        if let Some(language) = &options.language {
            arguments.push(format!("--lang={language}"));
        }
        if options.dark {
            arguments.push("--force-dark-mode".to_owned());
        }
        json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "binary": launcher,
                "args": arguments,
                "prefs": {
                    // The first page is otherwise a search engine's.
                    "session.restore_on_startup": 4,
                    "session.startup_urls": ["about:blank"],
                    "signin.allowed": false,
                    "safebrowsing.enabled": false,
                    "search.suggest_enabled": false,
                    // The dictionary would be fetched.
                    "browser.enable_spellchecking": false,
                    // Without it an extension that reloads itself stays off.
                    "extensions.ui.developer_mode": true,
                },
            },
        })
    }

    /// To be called once the session exists.
    pub(super) async fn attach(&self, workers: bool) -> anyhow::Result<()> {
        self.pipe.attach_to_all(workers).await
    }

    /// Installs the unpacked extension; a second time reloads it, as an update does.
    pub(super) async fn install(&mut self, folder: &Path) -> anyhow::Result<()> {
        let answer = self.pipe.ask(None, "Extensions.loadUnpacked", json!({ "path": folder })).await?;
        let id = answer["id"].as_str().context("Chromium names no id")?;
        self.id = Some(id.to_owned());
        let manifest = serde_json::from_slice::<Value>(&fs::read(folder.join("manifest.json"))?)?;
        let popup = manifest["action"]["default_popup"].as_str().unwrap_or_default();
        self.popup = popup.to_owned();
        Ok(())
    }

    pub(super) fn origin(&self) -> anyhow::Result<String> {
        let id = self.id.as_ref().context("the extension is not installed yet")?;
        Ok(format!("chrome-extension://{id}"))
    }

    async fn own_targets(&self, kind: &str) -> anyhow::Result<Vec<Target>> {
        let origin = self.origin()?;
        let targets = self.pipe.targets().await?;
        Ok(targets.into_iter().filter(|one| one.kind == kind && one.url.starts_with(&origin)).collect())
    }

    pub(super) async fn background_is_running(&self) -> anyhow::Result<bool> {
        Ok(!self.own_targets("service_worker").await?.is_empty())
    }

    /// Closing its target ends the worker as the browser's own idle timer does. Gone is also a worker
    /// in whose place a new one runs already, woken by an open page.
    pub(super) async fn kill_background(&self) -> anyhow::Result<()> {
        for worker in self.own_targets("service_worker").await? {
            let before = self.pipe.contexts(&worker.id);
            self.close(&worker.id).await?;
            patience::until("the worker to end", patience::DEADLINE, async || {
                let again = self.pipe.contexts(&worker.id) > before;
                Ok((again || !self.background_is_running().await?).then_some(()))
            })
            .await?;
        }
        Ok(())
    }

    /// Evaluates the body of an async function in the service worker.
    pub(super) async fn background_script(&self, body: &str) -> anyhow::Result<Value> {
        let worker = self.own_targets("service_worker").await?.pop().context("no background is running")?;
        self.pipe.evaluate(&worker.id, &format!("(async () => {{ {body} }})()")).await
    }

    /// The extension's pages at the popup's address that are none of the test's `tabs` (WebDriver's handles are target ids).
    async fn popup_targets(&self, tabs: &[String]) -> anyhow::Result<Vec<Target>> {
        let popup = format!("{}/{}", self.origin()?, self.popup);
        let mut pages = self.own_targets("page").await?;
        pages.retain(|page| !tabs.contains(&page.id) && page.url.starts_with(&popup));
        Ok(pages)
    }

    pub(super) async fn popups(&self, tabs: &[String]) -> anyhow::Result<usize> {
        Ok(self.popup_targets(tabs).await?.len())
    }

    pub(super) async fn popups_are_loaded(&self, tabs: &[String]) -> anyhow::Result<bool> {
        let loaded = "location.protocol === 'chrome-extension:' && document.readyState === 'complete'";
        for popup in self.popup_targets(tabs).await? {
            if !self.pipe.evaluate(&popup.id, loaded).await.is_ok_and(|it| it == true) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) async fn close_popups(&self, tabs: &[String]) -> anyhow::Result<()> {
        for popup in self.popup_targets(tabs).await? {
            self.close(&popup.id).await?;
        }
        Ok(())
    }

    /// DevTools' own way of pressing the button; it counts as the user's.
    pub(super) async fn press_toolbar_button(&self, tab: &str) -> anyhow::Result<()> {
        let id = self.id.as_ref().context("the extension is not installed yet")?;
        // A page's handle names the target inside the tab's own; they have the address in common.
        let list = self
            .pipe
            .ask(None, "Target.getTargets", json!({ "filter": [{ "type": "tab" }, { "type": "page" }] }))
            .await?;
        let targets = list["targetInfos"].as_array().context("no list of targets")?;
        let page = targets.iter().find(|it| it["targetId"] == tab).context("no such page")?;
        let same = |it: &&Value| it["type"] == "tab" && it["url"] == page["url"];
        let tab = targets.iter().find(same).context("the page has no tab")?["targetId"].clone();
        let params = json!({ "id": id, "targetId": tab });
        self.pipe.ask(None, "Extensions.triggerAction", params).await?;
        Ok(())
    }

    async fn close(&self, target: &str) -> anyhow::Result<()> {
        self.pipe.ask(None, "Target.closeTarget", json!({ "targetId": target })).await?;
        Ok(())
    }

    async fn only_popup(&self, tabs: &[String]) -> anyhow::Result<Target> {
        self.popup_targets(tabs).await?.pop().context("no popup is open")
    }

    /// Runs the body of an async function in the open popup.
    pub(super) async fn popup_script(&self, tabs: &[String], body: &str) -> anyhow::Result<Value> {
        let popup = self.only_popup(tabs).await?;
        self.pipe.evaluate(&popup.id, &format!("(async () => {{ {body} }})()")).await
    }

    /// The open popup as a PNG.
    pub(super) async fn popup_picture(&self, tabs: &[String]) -> anyhow::Result<Vec<u8>> {
        let popup = self.only_popup(tabs).await?;
        self.pipe.picture(&popup.id).await
    }

    /// Gives or takes the right to a site, as a user does on chrome://extensions. The browser has one
    /// switch for all sites and a list for some, so the others' state is read and written back.
    pub(super) async fn permit(&self, pattern: &str, granted: bool) -> anyhow::Result<()> {
        let id = self.id.as_ref().context("the extension is not installed yet")?;
        let script = PERMIT
            .replace("ID", &json!(id).to_string())
            .replace("PATTERN", &json!(pattern).to_string())
            .replace("GRANTED", &granted.to_string());
        let done = self.on_extensions_page(&script).await?;
        anyhow::ensure!(done == true, "{pattern} is not among the extension's sites");
        Ok(())
    }

    /// Evaluates an expression on chrome://extensions, whose API may do what a user may do there.
    async fn on_extensions_page(&self, expression: &str) -> anyhow::Result<Value> {
        self.behind("chrome://extensions", "chrome.developerPrivate", expression).await
    }

    /// Evaluates an expression in a tab that is opened behind the current one, once the page has the
    /// API that it needs, and closes the tab again.
    async fn behind(&self, url: &str, api: &str, expression: &str) -> anyhow::Result<Value> {
        let params = json!({ "url": url, "background": true });
        let answer = self.pipe.ask(None, "Target.createTarget", params).await?;
        let page = answer["targetId"].as_str().context("no target")?;
        let ready = format!("document.readyState === 'complete' && !!globalThis.{api}");
        patience::until(url, patience::DEADLINE, async || {
            Ok((self.pipe.evaluate(page, &ready).await? == true).then_some(()))
        })
        .await?;
        let value = self.pipe.evaluate(page, expression).await;
        self.close(page).await?;
        patience::until("a tab to close", patience::DEADLINE, async || {
            let targets = self.pipe.targets().await?;
            Ok(targets.iter().all(|target| target.id != page).then_some(()))
        })
        .await?;
        value
    }

    /// Lets the extension into private windows, which starts it anew.
    pub(super) async fn allow_private(&self) -> anyhow::Result<()> {
        let id = self.id.as_ref().context("the extension is not installed yet")?;
        let workers = self.own_targets("service_worker").await?;
        let before: Vec<_> = workers.into_iter().map(|it| (self.pipe.contexts(&it.id), it.id)).collect();
        let change = json!({ "extensionId": id, "incognitoAccess": true });
        let change = format!("chrome.developerPrivate.updateExtensionConfiguration({change})");
        self.on_extensions_page(&change).await?;
        // The worker from before is still listed for a while.
        patience::until("another worker", patience::DEADLINE, async || {
            let workers = self.own_targets("service_worker").await?;
            let same = |id: &str| before.iter().any(|(count, known)| known == id && self.pipe.contexts(id) == *count);
            Ok(workers.iter().any(|it| !same(&it.id)).then_some(()))
        })
        .await
    }

    /// The manifest is a page of the extension that runs nothing.
    pub(super) async fn open_private_window(&self, url: &str) -> anyhow::Result<()> {
        let window = json!({ "incognito": true, "url": url });
        let script = format!("chrome.windows.create({window}).then(() => true)");
        self.behind(&format!("{}/manifest.json", self.origin()?), "chrome.windows", &script).await?;
        Ok(())
    }

    pub(super) fn said(&self) -> Vec<Said> {
        self.pipe.said()
    }

    /// Waits until all is heard that a browser which is dead by now has said.
    pub(super) async fn hear_the_end(&self) -> anyhow::Result<()> {
        self.pipe.hear_the_end().await
    }
}

const PERMIT: &str = r"(async () => {
    const [id, pattern, granted] = [ID, PATTERN, GRANTED];
    const own = chrome.developerPrivate;
    const before = (await own.getExtensionInfo(id)).permissions.runtimeHostPermissions.hosts;
    if (!before.some(site => site.host === pattern)) return false;
    const wanted = site => site.host === pattern ? granted : site.granted;
    if (before.every(wanted)) {
        await own.updateExtensionConfiguration({ extensionId: id, hostAccess: 'ON_ALL_SITES' });
        return true;
    }
    await own.updateExtensionConfiguration({ extensionId: id, hostAccess: 'ON_SPECIFIC_SITES' });
    const now = (await own.getExtensionInfo(id)).permissions.runtimeHostPermissions.hosts;
    const has = host => now.some(site => site.host === host && site.granted);
    for (const site of before) {
        if (wanted(site) && !has(site.host)) await own.addHostPermission(id, site.host);
        if (!wanted(site) && has(site.host)) await own.removeHostPermission(id, site.host);
    }
    return true;
})()";

impl Pipe {
    async fn picture(&self, target: &str) -> anyhow::Result<Vec<u8>> {
        let answer = self.ask_target(target, "Page.captureScreenshot", json!({})).await?;
        let text = answer["data"].as_str().context("no picture")?;
        Ok(base64::engine::general_purpose::STANDARD.decode(text)?)
    }
}
