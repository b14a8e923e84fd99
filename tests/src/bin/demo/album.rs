//! The numbered lines and the pictures that belong to them, one line and one picture a step. Knows nothing of the story.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use longkey_tests::browsers::Browser;

use crate::asked::Asked;

/// How a page is framed in its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A page of X.
    Site,
    /// Longkey in a tab.
    Tab,
    /// Longkey in its popup.
    Popup,
}

impl Frame {
    fn size(self) -> (u32, u32) {
        match self {
            Self::Site => (1100, 800),
            Self::Tab => (1000, 860),
            // The design's size of the popup.
            Self::Popup => (380, 600),
        }
    }
}

/// Lines and pictures, in order.
#[derive(Debug)]
pub(crate) struct Album {
    folder: PathBuf,
    headless: bool,
    steps: usize,
}

impl Album {
    /// Begins with an empty folder: pictures of an older story would look like a part of this one.
    pub(crate) fn open(asked: &Asked) -> anyhow::Result<Self> {
        let folder = asked.pictures.clone();
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        for file in std::fs::read_dir(&folder)? {
            let path = file?.path();
            if is_picture_of_a_step(&path) {
                std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
            }
        }
        Ok(Self { folder, headless: asked.headless, steps: 0 })
    }

    /// One step: its line, and the current tab's picture.
    pub(crate) async fn step(
        &mut self,
        browser: &Browser,
        frame: Frame,
        name: &str,
        words: &str,
    ) -> anyhow::Result<()> {
        let file = self.line(name, words);
        self.picture(browser, frame, &file).await?;
        self.pause(words).await;
        Ok(())
    }

    /// One step without its picture, for which it gives the file.
    pub(crate) async fn told(&mut self, name: &str, words: &str) -> PathBuf {
        let file = self.line(name, words);
        self.pause(words).await;
        file
    }

    /// The current tab's picture; without a window the popup's also in dark.
    pub(crate) async fn picture(&self, browser: &Browser, frame: Frame, file: &Path) -> anyhow::Result<()> {
        // In a window X and the tabs keep the window's size; the popup is the one that has a size of its own.
        if self.headless || frame == Frame::Popup {
            let (width, height) = frame.size();
            browser.viewport(width, height).await?;
        }
        // A click leaves the mouse where it was; whatever is there now should not look pointed at. Two points, since
        // a mouse that the driver believes to be there already is not moved.
        browser.driver().action_chain().move_to(2, 2).move_to(0, 0).perform().await?;
        browser.settle().await?;
        browser.screenshot(file).await?;
        if self.headless && frame == Frame::Popup {
            theme(browser, "dark").await?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            browser.screenshot(&file.with_file_name(format!("{name}-dark.png"))).await?;
            theme(browser, "").await?;
        }
        Ok(())
    }

    /// Where the pictures are, as short as it can be said.
    pub(crate) fn place(&self) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        self.folder.strip_prefix(here).unwrap_or(&self.folder).display().to_string()
    }

    fn line(&mut self, name: &str, words: &str) -> PathBuf {
        self.steps += 1;
        println!("{:>2}  {words}", self.steps);
        self.folder.join(format!("{:02}-{name}.png", self.steps))
    }

    /// Time to look at the window and to read the line, at the usual pace of about 15 characters a second.
    async fn pause(&self, words: &str) {
        if !self.headless {
            let reading = Duration::from_millis(66) * u32::try_from(words.len()).unwrap_or(u32::MAX);
            tokio::time::sleep(Duration::from_secs(1) + reading).await;
        }
    }
}

/// As the theme in Longkey's settings does it, without the visit there.
async fn theme(browser: &Browser, name: &str) -> anyhow::Result<()> {
    browser.script("document.documentElement.dataset.theme = arguments[0]", vec![name.into()]).await?;
    browser.settle().await
}

fn is_picture_of_a_step(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let numbered = name.as_bytes().get(..3).is_some_and(|it| it[..2].iter().all(u8::is_ascii_digit) && it[2] == b'-');
    numbered && name.ends_with(".png")
}
