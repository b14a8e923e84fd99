//! The walk from screen to screen: how one is reached, what is asked of it, and where its pictures go. What must hold of every
//! screen stands here once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use longkey_tests::browsers::{DEADLINE, Kind, Tab, artefacts};
use longkey_tests::pictures::Picture;
use longkey_tests::stage::Stage;
use serde_json::{Value, json};

use super::page::{AXE, EDGES, FORCED, MOTION, QUIET, STILL, THEME};
use super::scene::{NARROW, Scene, Step, Surface};
use super::tree::spoken;

const THEMES: [&str; 2] = ["light", "dark"];
/// The languages of the pictures.
const LANGUAGES: [&str; 4] = ["en", "de", "ar", "ja"];
/// What the walk is for.
#[derive(Clone, Debug)]
enum Purpose {
    /// Everything must hold.
    Check,
    /// The records are made anew.
    Accept,
    /// Pictures in every language, into that folder.
    Pictures(PathBuf),
}

/// A walk through the screens of one stage.
pub(super) struct Walk {
    purpose: Purpose,
    faults: Vec<String>,
    names: BTreeSet<&'static str>,
    still: Option<Tab>,
    size: Option<(u32, u32)>,
}

/// The records.
fn album() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("album")
}

/// Axe, as npm has installed it.
fn axe() -> anyhow::Result<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../xtask/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&path).context("axe-core is not installed; `cargo xtask test e2e` does that")
}

/// What stands there now is accessible, and nothing of it is cut off.
pub(crate) async fn is_accessible(stage: &Stage) -> anyhow::Result<()> {
    let mut faults = looked_at(stage).await?;
    faults.extend(edges(stage).await?);
    anyhow::ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

async fn looked_at(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let there = "return !!(globalThis.axe ?? window.axe)";
    if stage.browser.script(there, vec![]).await? != true {
        stage.browser.script(&format!("{};", axe()?), vec![]).await?;
    }
    stage.browser.settle().await?;
    Ok(lines(&stage.browser.script(AXE, vec![]).await?))
}

async fn edges(stage: &Stage) -> anyhow::Result<Vec<String>> {
    Ok(lines(&stage.browser.script(EDGES, vec![]).await?))
}

/// What a browser was asked for by somebody whom motion makes ill, or who needs colours of their own; and what does not heed it.
/// Chromium alone can be asked from outside.
pub(super) async fn wishes(stage: &Stage) -> anyhow::Result<Vec<(&'static str, Vec<String>)>> {
    let cdp = stage.browser.driver().cdp();
    let mut found = vec![];
    for (wish, value, looks) in [("prefers-reduced-motion", "reduce", MOTION), ("forced-colors", "active", FORCED)] {
        let features = json!({ "features": [{ "name": wish, "value": value }] });
        cdp.send_raw("Emulation.setEmulatedMedia", features).await?;
        stage.browser.until(wish, &format!("matchMedia('({wish}: {value})').matches")).await?;
        found.push((wish, lines(&stage.browser.script(looks, vec![]).await?)));
        cdp.send_raw("Emulation.setEmulatedMedia", json!({ "features": [] })).await?;
    }
    Ok(found)
}

fn lines(found: &Value) -> Vec<String> {
    found.as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

impl Walk {
    pub(super) fn new() -> Self {
        let purpose = match std::env::var("LONGKEY_SCREENS").as_deref() {
            Ok("accept") => Purpose::Accept,
            Ok(folder) => Purpose::Pictures(folder.into()),
            Err(_) => Purpose::Check,
        };
        Self { purpose, faults: vec![], names: BTreeSet::new(), still: None, size: None }
    }

    /// Goes to a screen and does there what the walk is for.
    pub(super) async fn visit(&mut self, stage: &mut Stage, scene: Scene) -> anyhow::Result<()> {
        anyhow::ensure!(self.names.insert(scene.name), "there are two screens {}", scene.name);
        let walked = async {
            stage.on_us().await?;
            self.stands_still(stage).await?;
            match (stage.browser.kind(), self.purpose.clone()) {
                (Kind::Firefox, Purpose::Check) => self.in_firefox(stage, &scene).await,
                (Kind::Firefox, _) => Ok(()),
                (Kind::Chromium, Purpose::Pictures(folder)) => self.pictured(stage, &scene, &folder).await,
                (Kind::Chromium, _) => self.in_chromium(stage, &scene).await,
            }
        };
        walked.await.with_context(|| format!("the screen {}", scene.name))?;
        stage.browser.script("localStorage.removeItem('language')", vec![]).await?;
        Ok(())
    }

    /// Fails with all that was found.
    pub(super) fn end(self) -> anyhow::Result<()> {
        anyhow::ensure!(self.faults.is_empty(), "{} faults:\n{}", self.faults.len(), self.faults.join("\n"));
        Ok(())
    }

    async fn stands_still(&mut self, stage: &Stage) -> anyhow::Result<()> {
        if stage.browser.kind() == Kind::Chromium && self.still != stage.us {
            let cdp = stage.browser.driver().cdp();
            cdp.send_raw("Page.addScriptToEvaluateOnNewDocument", json!({ "source": STILL })).await?;
            cdp.send_raw("Emulation.setTimezoneOverride", json!({ "timezoneId": "UTC" })).await?;
            // Whether a browser without a screen takes its window for the one in front is chance, and decides who hears of the focus.
            cdp.send_raw("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await?;
            self.still.clone_from(&stage.us);
            self.size = None;
        }
        Ok(())
    }

    async fn resize(&mut self, stage: &Stage, size: (u32, u32)) -> anyhow::Result<()> {
        if self.size == Some(size) {
            return Ok(());
        }
        match stage.browser.kind() {
            // One pixel of the screen for each of the page: a record needs no more, and half of the time goes into pictures.
            Kind::Chromium if !matches!(self.purpose, Purpose::Pictures(_)) => {
                let metrics = json!({ "width": size.0, "height": size.1, "deviceScaleFactor": 1, "mobile": false });
                stage.browser.driver().cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await?;
                let there = format!("window.innerWidth === {} && window.innerHeight === {}", size.0, size.1);
                stage.browser.until("the page to have its size", &there).await?;
            }
            _ => stage.browser.viewport(size.0, size.1).await?,
        }
        self.size = Some(size);
        Ok(())
    }

    /// Loads the screen in a language, as it is after its steps.
    async fn load(&mut self, stage: &Stage, scene: &Scene, language: &str, more: &str) -> anyhow::Result<()> {
        let browser = &stage.browser;
        self.resize(stage, scene.surface.size()).await?;
        let put = "localStorage.setItem('language', arguments[0])";
        browser.script(put, vec![language.into()]).await?;
        let path = format!(
            "pages/app.html?in={}&scene={}&second={}&said={language}{more}{}",
            scene.surface.name(),
            scene.name,
            scene.second,
            scene.route
        );
        browser.goto(&browser.extension_url(&path)?).await?;
        // Firefox may still show the page before.
        let new = format!(
            "document.readyState === 'complete' && location.search.includes('scene={}&') && location.search.includes('said={language}')",
            scene.name
        );
        browser.until("the new page", &new).await?;
        for step in &scene.steps {
            // What is pressed may be drawn anew once the background has answered.
            browser.script(QUIET, vec![]).await?;
            match step {
                Step::Click(css) => browser.click(css).await?,
                Step::Type(css, text) => browser.type_into(css, text).await?,
                Step::File(css, file) => browser.choose_file(css, file).await?,
                Step::Until(there) => drop(browser.until(there, there).await?),
            }
        }
        let deadline = match browser.kind() {
            Kind::Chromium => DEADLINE,
            // Time goes on there: what a screen shows in the last seconds of a code comes within one period.
            Kind::Firefox => DEADLINE + Duration::from_secs(30),
        };
        browser.until_within(deadline, &format!("{}: {}", scene.name, scene.there), &scene.there).await?;
        let spoken = format!("document.documentElement.lang === {}", json!(language.replace('_', "-")));
        browser.until(&format!("{language} on {}", scene.name), &spoken).await?;
        browser.script(QUIET, vec![]).await?;
        Ok(())
    }

    fn found(&mut self, scene: &Scene, how: &str, faults: Vec<String>) {
        self.faults.extend(faults.into_iter().map(|it| format!("{} ({how}): {it}", scene.name)));
    }

    async fn in_firefox(&mut self, stage: &Stage, scene: &Scene) -> anyhow::Result<()> {
        self.load(stage, scene, "en", "").await?;
        for theme in THEMES {
            stage.browser.script(THEME, vec![theme.into()]).await?;
            let faults = looked_at(stage).await?;
            self.found(scene, &format!("Firefox, {theme}"), faults);
        }
        let faults = edges(stage).await?;
        self.found(scene, "Firefox", faults);
        self.load(stage, scene, "ar_XB", "").await?;
        stage.browser.until("right to left", "document.documentElement.dir === 'rtl'").await?;
        // Edges are Chromium's to measure here: of this language, whose every word stands between signs that turn it, Firefox
        // calls paragraphs cut off of which Chromium sees the whole (22 November 2026).
        let faults = looked_at(stage).await?;
        self.found(scene, "Firefox, right to left", faults);
        Ok(())
    }

    async fn in_chromium(&mut self, stage: &Stage, scene: &Scene) -> anyhow::Result<()> {
        let checks = matches!(self.purpose, Purpose::Check);
        self.load(stage, scene, "en", "&pinned").await?;
        self.whole(stage, scene).await?;
        for theme in THEMES {
            stage.browser.script(THEME, vec![theme.into()]).await?;
            self.compared(stage, scene, theme).await?;
            if checks {
                let faults = looked_at(stage).await?;
                self.found(scene, theme, faults);
            }
        }
        if scene.tree.is_some() {
            self.heard(stage, scene).await?;
        }
        if checks {
            for size in [scene.surface.size(), scene.surface.doubled(), NARROW] {
                self.fits(stage, scene, size, "").await?;
            }
            for (wish, faults) in wishes(stage).await? {
                self.found(scene, wish, faults);
            }
        }
        self.load(stage, scene, "ar_XB", "&pinned").await?;
        stage.browser.until("right to left", "document.documentElement.dir === 'rtl'").await?;
        self.whole(stage, scene).await?;
        stage.browser.script(THEME, vec![THEMES[0].into()]).await?;
        self.compared(stage, scene, "rtl").await?;
        if !checks {
            return Ok(());
        }
        for theme in THEMES {
            stage.browser.script(THEME, vec![theme.into()]).await?;
            let faults = looked_at(stage).await?;
            self.found(scene, &format!("{theme}, right to left"), faults);
        }
        for size in [scene.surface.size(), NARROW] {
            self.fits(stage, scene, size, ", right to left").await?;
        }
        self.load(stage, scene, "en_XA", "&pinned").await?;
        for size in [scene.surface.size(), scene.surface.doubled(), NARROW] {
            self.fits(stage, scene, size, ", longer words").await?;
        }
        Ok(())
    }

    /// Makes a tab as high as its page: what lies below the first look is part of the picture. Popups and panels have a height
    /// of their own.
    async fn whole(&mut self, stage: &Stage, scene: &Scene) -> anyhow::Result<()> {
        if scene.surface != Surface::Tab {
            return Ok(());
        }
        let (width, least) = scene.surface.size();
        let high = stage.browser.script("return document.documentElement.scrollHeight", vec![]).await?;
        let high = u32::try_from(high.as_u64().context("no height")?)?.max(least);
        self.resize(stage, (width, high)).await?;
        let all = "document.documentElement.scrollHeight <= window.innerHeight";
        stage.browser.until("all of the page to be in sight", all).await.map(drop)
    }

    async fn fits(&mut self, stage: &Stage, scene: &Scene, size: (u32, u32), how: &str) -> anyhow::Result<()> {
        if size == NARROW && scene.surface == Surface::Popup {
            // A popup has its 380 px everywhere; the same page in a side panel may be as narrow.
            stage.browser.script("document.documentElement.dataset.in = 'panel'", vec![]).await?;
        }
        self.resize(stage, size).await?;
        let faults = edges(stage).await?;
        self.found(scene, &format!("{} × {}{how}", size.0, size.1), faults);
        Ok(())
    }

    /// The picture is the one on record.
    async fn compared(&mut self, stage: &Stage, scene: &Scene, theme: &str) -> anyhow::Result<()> {
        let whole = stage.browser.driver().screenshot_as_png().await?;
        let picture = Picture::read(&whole)?.record();
        let name = format!("{}.{theme}.png", scene.name);
        let on_record = album().join(&name);
        if matches!(self.purpose, Purpose::Accept) {
            std::fs::create_dir_all(album())?;
            std::fs::write(&on_record, picture.png()?)?;
            return Ok(());
        }
        let what = match std::fs::read(&on_record) {
            Ok(bytes) => {
                let compared = Picture::read(&bytes)?.compared(&picture);
                if compared.blocks == 0 {
                    return Ok(());
                }
                let folder = artefacts().join("album");
                std::fs::create_dir_all(&folder)?;
                std::fs::write(folder.join(format!("{}.{theme}.before.png", scene.name)), &bytes)?;
                std::fs::write(folder.join(format!("{}.{theme}.where.png", scene.name)), compared.picture.png()?)?;
                std::fs::write(folder.join(format!("{}.{theme}.after.png", scene.name)), &whole)?;
                match compared.blocks {
                    usize::MAX => "has another size; see album/ among the artefacts".to_owned(),
                    places => format!("looks different in {places} places; see album/ among the artefacts"),
                }
            }
            Err(_) => "is not on record".to_owned(),
        };
        let what = format!("{what}. Where it is meant: `cargo xtask screenshots --accept`");
        self.found(scene, theme, vec![what]);
        Ok(())
    }

    /// What a screen reader is given is what is on record.
    async fn heard(&mut self, stage: &Stage, scene: &Scene) -> anyhow::Result<()> {
        let tree = stage.browser.driver().cdp().send_raw("Accessibility.getFullAXTree", json!({})).await?;
        let said = spoken(&tree);
        let on_record = album().join(format!("{}.tree.txt", scene.name));
        if matches!(self.purpose, Purpose::Accept) {
            std::fs::write(&on_record, said)?;
        } else if std::fs::read_to_string(&on_record).unwrap_or_default() != said {
            self.found(scene, "accessibility tree", vec![format!("is not the one on record, but\n{said}")]);
        }
        Ok(())
    }

    async fn pictured(&mut self, stage: &Stage, scene: &Scene, folder: &Path) -> anyhow::Result<()> {
        for language in LANGUAGES {
            self.load(stage, scene, language, "").await?;
            self.whole(stage, scene).await?;
            for theme in THEMES {
                stage.browser.script(THEME, vec![theme.into()]).await?;
                let file = folder.join(format!("{}.{theme}.{language}.png", scene.name));
                stage.browser.screenshot(&file).await?;
            }
        }
        Ok(())
    }
}
