//! Firefox: its preferences, and what only it can be asked, in its privileged context.
//!
//! Popups are panels of the browser's own window: WebDriver neither lists nor closes them, and its clicks
//! into a page do not close them either (in Chromium they do).

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use serde_json::{Value, json};
use thirtyfour::WebDriver;
use thirtyfour::extensions::addons::firefox::FirefoxTools;

use super::{Look, Options, Said, patience, raw};

/// The id in the manifest.
const ID: &str = "longkey@longkey";
/// Firefox draws a random host per profile; the preference below fixes it.
const HOST: &str = "7d1f4a52-3a55-4d0b-9b0f-6c6f6e676b79";

/// Firefox asks Mozilla's settings server at each start, and release builds ignore the preference
/// that says where that is, unless this is set.
pub(super) const VARIABLES: [(&str, &str); 1] = [("MOZ_REMOTE_SETTINGS_DEVTOOLS", "1")];

/// Preferences that keep Firefox's own traffic away from the proxy's record. geckodriver sets many more.
const SILENT: [(&str, bool); 14] = [
    ("app.normandy.enabled", false),
    ("app.update.disabledForTesting", true),
    ("browser.newtabpage.enabled", false),
    ("browser.region.update.enabled", false),
    ("browser.search.update", false),
    ("browser.topsites.contile.enabled", false),
    ("datareporting.policy.dataSubmissionEnabled", false),
    ("extensions.getAddons.cache.enabled", false),
    ("extensions.systemAddon.update.enabled", false),
    ("nimbus.rollouts.enabled", false),
    ("app.shield.optoutstudies.enabled", false),
    ("network.captive-portal-service.enabled", false),
    ("network.connectivity-service.enabled", false),
    ("network.dns.disablePrefetch", true),
];

pub(super) fn capabilities(options: &Options) -> Value {
    let mut prefs = serde_json::Map::new();
    for (name, value) in SILENT {
        prefs.insert(name.to_owned(), value.into());
    }
    let mut set = |name: &str, value: Value| prefs.insert(name.to_owned(), value);
    set("services.settings.server", "data:,#remote-settings-dummy/v1".into());
    set("network.trr.mode", 5.into());
    set("extensions.webextensions.uuids", json!({ ID: HOST }).to_string().into());
    set("ui.systemUsesDarkTheme", u8::from(options.dark).into());
    // Console calls then appear in the driver's log, from where `said` reads them.
    set("devtools.console.stdout.content", options.console.into());
    set("devtools.console.stdout.chrome", false.into());
    set("privacy.resistFingerprinting", options.resists_fingerprinting.into());
    // Without a screen Firefox's clipboard keeps texts alone (ESR 153); its own copy of what it put there keeps pictures too.
    set("widget.clipboard.use-cached-data.enabled", true.into());
    // As in Chromium a background does not end by itself while it is watched: what a story put into it would end with it.
    let idle = options.background_idle_ms.or(options.console.then_some(600_000));
    if let Some(idle) = idle {
        set("extensions.background.idle.timeout", idle.into());
    }
    let mut arguments = if options.headless { vec![json!("-headless")] } else { Vec::new() };
    if let Some(profile) = &options.profile {
        // geckodriver copies a profile that it is handed as a capability, and uses one that is named here as it is.
        arguments.extend([json!("-profile"), json!(profile)]);
        // A temporary extension is gone with the browser; what it stored has to stay for the next start.
        set("extensions.webextensions.keepStorageOnUninstall", true.into());
        set("extensions.webextensions.keepUuidOnUninstall", true.into());
    }
    json!({
        "browserName": "firefox",
        "moz:firefoxOptions": { "args": arguments, "prefs": prefs },
    })
}

pub(super) async fn install(driver: &WebDriver, folder: &Path) -> anyhow::Result<()> {
    let folder = folder.to_str().context("the extension's path is not UTF-8")?;
    let tools = FirefoxTools::new(driver.handle().clone());
    Ok(tools.install_addon(folder, Some(true)).await?)
}

pub(super) fn origin() -> String {
    format!("moz-extension://{HOST}")
}

/// Runs the body of an async function in the browser's own window, with `own` for the extension,
/// `popups` for its open popups and `args` for the arguments.
async fn privileged(driver: &WebDriver, body: &str, args: Value) -> anyhow::Result<Value> {
    let script = format!(
        "const [args, done] = arguments;
         (async () => {{
             const own = WebExtensionPolicy.getByID('{ID}')?.extension;
             if (!own) throw new Error('the extension is not installed');
             const popups = [...own.views].filter(view => view.viewType === 'popup');
             {body}
         }})().then(value => done({{ value }}), error => done({{ error: String(error) }}));"
    );
    context(driver, "chrome").await?;
    let answer = driver.execute_async(script, vec![args]).await;
    context(driver, "content").await?;
    let answer = answer?.json().clone();
    if let Some(error) = answer["error"].as_str() {
        bail!("Firefox: {error}");
    }
    Ok(answer["value"].clone())
}

async fn context(driver: &WebDriver, name: &str) -> anyhow::Result<()> {
    raw::post(driver, "moz/context", json!({ "context": name })).await?;
    Ok(())
}

pub(super) async fn background_is_running(driver: &WebDriver) -> anyhow::Result<bool> {
    Ok(privileged(driver, "return own.backgroundState !== 'stopped'", Value::Null).await? == true)
}

/// What the idle timer calls, without the excuses that keep a background alive. Gone is also a
/// background in whose place a new one runs already, woken by an open page.
pub(super) async fn kill_background(driver: &WebDriver) -> anyhow::Result<()> {
    let running = "[...own.views].find(view => view.viewType === 'background')?.contextId ?? null";
    let kill = format!(
        "const before = {running};
         await own.terminateBackground(
             {{ ignoreDevToolsAttached: true, disableResetIdleForTest: true }});
         return before;"
    );
    let before = privileged(driver, &kill, Value::Null).await?;
    patience::until("the background to end", patience::DEADLINE, async || {
        let now = privileged(driver, &format!("return {running}"), Value::Null).await?;
        Ok((now.is_null() || now != before).then_some(()))
    })
    .await
}

/// How many are open for good. One that comes or goes is counted neither way: it is loaded elsewhere and moved into its panel
/// then, and what is asked of it in between is never answered.
pub(super) async fn popups(driver: &WebDriver) -> anyhow::Result<usize> {
    let body = "const settled = popups.every(view => view.xulBrowser.closest('panel')?.state === 'open');
        return settled ? popups.length : -1";
    let count = privileged(driver, body, Value::Null).await?;
    Ok(count.as_u64().and_then(|it| usize::try_from(it).ok()).unwrap_or(usize::MAX))
}

pub(super) async fn close_popups(driver: &WebDriver) -> anyhow::Result<()> {
    let body = "for (const view of popups) view.xulBrowser.closest('panel').hidePopup()";
    privileged(driver, body, Value::Null).await?;
    Ok(())
}

/// What the toolbar's own handler calls.
pub(super) async fn press_toolbar_button(driver: &WebDriver) -> anyhow::Result<()> {
    let body =
        "const { ExtensionParent } = ChromeUtils.importESModule('resource://gre/modules/ExtensionParent.sys.mjs');
        await ExtensionParent.apiManager.global.browserActionFor(own).triggerAction(window)";
    privileged(driver, body, Value::Null).await?;
    Ok(())
}

/// What a click on a notification leads to: the desktop tells the API, which tells the extension.
pub(super) async fn press_notification(driver: &WebDriver, id: &str) -> anyhow::Result<()> {
    let body =
        "const { ExtensionParent } = ChromeUtils.importESModule('resource://gre/modules/ExtensionParent.sys.mjs');
        const api = await ExtensionParent.apiManager.asyncGetAPI('notifications', own, 'addon_parent');
        api.notificationsMap.emit('clicked', args);";
    privileged(driver, body, json!(id)).await?;
    Ok(())
}

/// Runs the body of an async function in the open popup. The detour over a frame script is needed
/// because extension pages live in a process of their own, and over a sandbox because their policy
/// forbids `eval`.
pub(super) async fn popup_script(driver: &WebDriver, body: &str) -> anyhow::Result<Value> {
    script_in(driver, "popup", body).await
}

/// The same in the background's page.
pub(super) async fn background_script(driver: &WebDriver, body: &str) -> anyhow::Result<Value> {
    script_in(driver, "background", body).await
}

async fn script_in(driver: &WebDriver, view: &str, body: &str) -> anyhow::Result<Value> {
    let carried = format!("(async () => JSON.stringify(await (async () => {{ {body} }})()))()");
    let answer = privileged(driver, VIEW_SCRIPT, json!([view, carried])).await?;
    if let Some(error) = answer["error"].as_str() {
        bail!("the script threw: {error}");
    }
    match answer["value"].as_str() {
        Some(text) => Ok(serde_json::from_str(text)?),
        None => Ok(Value::Null),
    }
}

const VIEW_SCRIPT: &str = r"
    const [kind, carried] = args;
    const view = [...own.views].find(view => view.viewType === kind);
    if (!view) throw new Error(`no ${kind} is open`);
    const messages = view.xulBrowser.messageManager;
    const name = 'longkey-test-' + Math.random();
    const frame = `(async function () {
        let answer;
        try {
            // One for the page's life: what a script leaves behind (a promise, a changed API) must stay alive with it.
            this.boxes ??= new WeakMap();
            let box = this.boxes.get(content);
            if (!box) {
                box = Cu.Sandbox(content, { sandboxPrototype: content, wantXrays: false });
                this.boxes.set(content, box);
            }
            answer = { value: await Cu.evalInSandbox(${JSON.stringify(carried)}, box) };
        } catch (error) {
            answer = { error: String(error) };
        }
        sendAsyncMessage(${JSON.stringify(name)}, answer);
    }).call(this)`;
    return await new Promise(resolve => {
        messages.addMessageListener(name, function heard(message) {
            messages.removeMessageListener(name, heard);
            resolve(message.data);
        });
        messages.loadFrameScript('data:,' + encodeURIComponent(frame), false);
    });";

/// The open popup as a PNG, at twice its size.
pub(super) async fn popup_picture(driver: &WebDriver) -> anyhow::Result<Vec<u8>> {
    let body = "
        if (!popups.length) throw new Error('no popup is open');
        const shown = popups[0].xulBrowser.browsingContext.currentWindowGlobal;
        const drawn = await shown.drawSnapshot(null, 2, 'white');
        const canvas = document.createElementNS('http://www.w3.org/1999/xhtml', 'canvas');
        [canvas.width, canvas.height] = [drawn.width, drawn.height];
        canvas.getContext('2d').drawImage(drawn, 0, 0);
        return canvas.toDataURL().split(',')[1];";
    let text = privileged(driver, body, Value::Null).await?;
    let text = text.as_str().context("no picture")?;
    Ok(base64::engine::general_purpose::STANDARD.decode(text)?)
}

/// Gives or takes the right to a site, as about:addons does.
pub(super) async fn permit(driver: &WebDriver, pattern: &str, granted: bool) -> anyhow::Result<()> {
    let body = "
        const { ExtensionPermissions } =
            ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
        const change = { origins: [args.pattern], permissions: [] };
        await (args.granted ? ExtensionPermissions.add : ExtensionPermissions.remove)
            .call(ExtensionPermissions, own.id, change, own);";
    privileged(driver, body, json!({ "pattern": pattern, "granted": granted })).await?;
    Ok(())
}

/// Presses the main button of the doorhanger that asks the user something. Says whether there was one.
pub(super) async fn accept_prompt(driver: &WebDriver) -> anyhow::Result<bool> {
    let body = "
        const panel = Services.wm.getMostRecentWindow('navigator:browser').PopupNotifications.panel;
        const question = panel.state === 'open' && panel.firstElementChild;
        // A doorhanger takes no clicks in its first moments, lest it catch one meant for the page.
        question?.button?.click();
        return Boolean(question);";
    Ok(privileged(driver, body, Value::Null).await? == true)
}

/// Puts a picture or a text on the clipboard, or empties it.
pub(super) async fn copy(driver: &WebDriver, what: Value) -> anyhow::Result<()> {
    let body = "
        const { clipboard } = Services, where = clipboard.kGlobalClipboard;
        const copied = Cc['@mozilla.org/widget/transferable;1'].createInstance(Ci.nsITransferable);
        copied.init(null);
        const put = (flavour, what) => {
            copied.addDataFlavor(flavour);
            copied.setTransferData(flavour, what);
            clipboard.setData(copied, null, where);
        };
        if (args.picture) {
            // As a stream, which is what another program's picture comes as.
            const bytes = Cc['@mozilla.org/io/string-input-stream;1'].createInstance(Ci.nsIStringInputStream);
            bytes.setByteStringData(atob(args.picture));
            put('image/png', bytes);
        } else if (args.text) {
            const text = Cc['@mozilla.org/supports-string;1'].createInstance(Ci.nsISupportsString);
            text.data = args.text;
            put('text/plain', text);
        } else {
            clipboard.emptyClipboard(where);
        }";
    privileged(driver, body, what).await?;
    Ok(())
}

/// Presses Paste in the menu that asks whether a page may look at the clipboard, or closes the menu. Says whether there was one.
pub(super) async fn answer_paste(driver: &WebDriver, answer: Look) -> anyhow::Result<bool> {
    let body = "
        const menu = document.getElementById('clipboardReadPasteMenuPopup');
        const item = menu?.querySelector('menuitem');
        // It takes no clicks in its first moments, lest it catch one meant for the page.
        if (menu?.state !== 'open' || item.disabled) return false;
        if (args) menu.activateItem(item);
        else menu.hidePopup();
        return true;";
    Ok(privileged(driver, body, (answer == Look::Allowed).into()).await? == true)
}

/// Sets back when the computer was touched last, as Firefox's own tests do, and waits until the idle service has gone
/// through those who wait for that time: one more of them is told in the same round. Adding it also makes the service look
/// at the time anew.
pub(super) async fn nobody_there(driver: &WebDriver, time: Duration) -> anyhow::Result<()> {
    let body = "
        const idle = Cc['@mozilla.org/widget/useridleservice;1'].getService(Ci.nsIUserIdleServiceInternal);
        const told = new Promise(done => {
            const observer = { observe() { idle.removeIdleObserver(observer, args.seconds); done(); } };
            idle.resetIdleTimeOut(args.seconds * 1000);
            idle.addIdleObserver(observer, args.seconds);
            // A later observer is not looked at before the first one's time; one for a second brings the round about.
            const first = { observe() {} };
            idle.addIdleObserver(first, 1);
            idle.removeIdleObserver(first, 1);
        });
        await told;";
    privileged(driver, body, json!({ "seconds": time.as_secs() })).await?;
    Ok(())
}

/// Presses keys like `Alt+Shift+L` in the browser's window: a page's keys, as WebDriver gives them, are none of its own.
pub(super) async fn press(driver: &WebDriver, keys: &str) -> anyhow::Result<()> {
    let body = "
        const input = Cc['@mozilla.org/text-input-processor;1'].createInstance(Ci.nsITextInputProcessor);
        if (!input.beginInputTransactionForTests(window)) throw new Error('no keys can be pressed now');
        const known = { Alt: ['AltLeft', 18], Shift: ['ShiftLeft', 16], Ctrl: ['ControlLeft', 17] };
        const events = args.map(key => {
            const [code, keyCode] = known[key] ?? ['Key' + key, key.charCodeAt(0)];
            return new KeyboardEvent('', { key: key === 'Ctrl' ? 'Control' : key, code, keyCode });
        });
        for (const event of events) input.keydown(event);
        for (const event of events.reverse()) input.keyup(event);";
    let keys: Vec<&str> = keys.split('+').collect();
    privileged(driver, body, json!(keys)).await?;
    Ok(())
}

/// Lets the extension into private windows, which starts it anew.
pub(super) async fn allow_private(driver: &WebDriver) -> anyhow::Result<()> {
    let body = "
        const { ExtensionPermissions } =
            ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
        const { AddonManager } =
            ChromeUtils.importESModule('resource://gre/modules/AddonManager.sys.mjs');
        const right = { permissions: ['internal:privateBrowsingAllowed'], origins: [] };
        await ExtensionPermissions.add(own.id, right);
        await (await AddonManager.getAddonByID(own.id)).reload();";
    privileged(driver, body, Value::Null).await?;
    Ok(())
}

/// Opens a private window and waits for its own first page: one that is still on its way would replace the page that
/// the test goes to.
pub(super) async fn open_private_window(driver: &WebDriver) -> anyhow::Result<()> {
    privileged(driver, "OpenBrowserWindow({ private: true })", Value::Null).await?;
    let body = "
        return [...Services.wm.getEnumerator('navigator:browser')].some((window) =>
            window.PrivateBrowsingUtils?.isWindowPrivate(window)
            && window.gBrowserInit?.delayedStartupFinished
            && window.gBrowser.currentURI.spec === 'about:privatebrowsing'
            && !window.gBrowser.selectedBrowser.webProgress.isLoadingDocument);";
    patience::until("the private window's first page", patience::DEADLINE, async || {
        Ok((privileged(driver, body, Value::Null).await? == true).then_some(()))
    })
    .await
}

/// Makes the current tab's page exactly so large, at a device scale of two. The window cannot do it:
/// Firefox makes none narrower than 500 pixels.
/// The tab is found by its address: another may come to the front at any moment, as the extension's first page does.
pub(super) async fn viewport(driver: &WebDriver, width: u32, height: u32) -> anyhow::Result<()> {
    let url = driver.execute("return location.href", vec![]).await?.convert::<String>()?;
    let body = "
        const has = tab => tab.currentURI.spec === args.url;
        const tab = has(gBrowser.selectedBrowser) ? gBrowser.selectedBrowser : gBrowser.browsers.find(has);
        gBrowser.selectedTab = gBrowser.getTabForBrowser(tab);
        tab.style.setProperty('width', args.width + 'px');
        tab.style.setProperty('height', args.height + 'px');
        tab.style.setProperty('flex', 'none');
        tab.browsingContext.overrideDPPX = 2;";
    privileged(driver, body, json!({ "url": url, "width": width, "height": height })).await?;
    Ok(())
}

/// Shows the current tab's page as it is on that medium; on its own where it has no name.
pub(super) async fn medium(driver: &WebDriver, name: &str) -> anyhow::Result<()> {
    let url = driver.execute("return location.href", vec![]).await?.convert::<String>()?;
    let body = "
        const tab = gBrowser.browsers.find(tab => tab.currentURI.spec === args.url);
        tab.browsingContext.mediumOverride = args.name;";
    privileged(driver, body, json!({ "url": url, "name": name })).await?;
    Ok(())
}

/// Errors and warnings out of the log. Firefox writes no address beside a console call.
pub(super) fn said(log: &str) -> Vec<Said> {
    log.lines().filter_map(said_in_line).collect()
}

fn said_in_line(line: &str) -> Option<Said> {
    if let Some(rest) = line.strip_prefix("JavaScript error: ") {
        let (url, text) = rest.split_once(", line ")?;
        let text = text.split_once(": ").map_or(text, |(_, text)| text);
        let ours = url.starts_with("moz-extension:") || url.starts_with("https:");
        return ours.then(|| said_as("error", url, text));
    }
    let (level, text) = line.strip_prefix("console.")?.split_once(": ")?;
    Some(said_as(level, "", text))
}

fn said_as(level: &str, url: &str, text: &str) -> Said {
    Said { level: level.to_owned(), url: url.to_owned(), text: text.to_owned() }
}
