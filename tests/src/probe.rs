//! The extension as it was built, with counters beside its scripts: what the sensor asks of the browser, how long it
//! runs, and what the background fetches. The scripts themselves stay as they are; only the copy's manifest names the
//! counters, and the background's copy takes its own in first.

use crate::browsers::{Browser, Kind};
use anyhow::Context as _;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Before the sensor in its own world: the six seconds after which the toast goes by itself never pass.
const HOLD: &str = "
    {
        const later = globalThis.setTimeout;
        globalThis.longkeyHeld = [];
        globalThis.setTimeout = (does, wait) => wait === 6000 ? globalThis.longkeyHeld.push(does) : later(does, wait);
    }";

/// A copy with counters; gone with its value.
#[derive(Debug)]
pub struct Probed(TempDir);

impl Probed {
    /// Makes the copy.
    ///
    /// # Errors
    /// When the built extension is missing, or is not as expected.
    pub fn of(kind: Kind) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("longkey-probed-").tempdir()?;
        copy(&kind.built_extension(), folder.path()).context("run cargo xtask build --test-overlay")?;
        let place = |file: &str| folder.path().join(file);
        fs::write(place("js/probe-sensor.js"), include_str!("probe/sensor.js"))?;
        fs::write(place("js/probe-after.js"), include_str!("probe/after.js"))?;
        fs::write(place("js/probe-background.js"), include_str!("probe/background.js"))?;
        let background = fs::read_to_string(place("js/background.js"))?;
        fs::write(place("js/background.js"), format!("import \"./probe-background.js\";\n{background}"))?;
        let mut manifest: Value = serde_json::from_slice(&fs::read(place("manifest.json"))?)?;
        let scripts = &mut manifest["content_scripts"][0]["js"];
        anyhow::ensure!(*scripts == json!(["js/content.js"]), "the content scripts are {scripts}");
        *scripts = json!(["js/probe-sensor.js", "js/content.js", "js/probe-after.js"]);
        fs::write(place("manifest.json"), manifest.to_string())?;
        Ok(Self(folder))
    }

    /// The same, and its toast does not go by itself: `longkeyHeld` in the sensor's world has what would make it go.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn holding(kind: Kind) -> anyhow::Result<Self> {
        let probed = Self::of(kind)?;
        let before = probed.folder().join("js/probe-sensor.js");
        let script = fs::read_to_string(&before)?;
        fs::write(before, [&script, HOLD].concat())?;
        Ok(probed)
    }

    /// Where it lies.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

/// What the sensor of X's one tab has asked until now.
///
/// # Errors
/// When there is no such tab, or no sensor in it.
pub async fn asked(browser: &Browser) -> anyhow::Result<Value> {
    let read = "
        const [tab] = await chrome.tabs.query({ url: ['https://x.com/*', 'https://*.x.com/*', 'https://*.twitter.com/*'] });
        const func = () => JSON.stringify(globalThis.longkeyProbe ?? null);
        return (await chrome.scripting.executeScript({ target: { tabId: tab.id }, func }))[0].result;";
    let text = browser.background_script(read).await?;
    let asked: Value = serde_json::from_str(text.as_str().context("no answer from X's tab")?)?;
    anyhow::ensure!(asked.is_object(), "no sensor in X's tab");
    Ok(asked)
}

/// What the running background has counted.
///
/// # Errors
/// When none runs.
pub async fn counted(browser: &Browser) -> anyhow::Result<Value> {
    browser.background_script("return self.longkeyProbe").await
}

/// Copies a folder with all that is in it.
///
/// # Errors
/// What the file system says.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in from.read_dir().with_context(|| from.display().to_string())? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}
