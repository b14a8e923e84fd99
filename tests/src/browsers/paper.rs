//! What a page would be on paper: its text under the print style sheet, and the browser's own PDF of it.

use anyhow::Context as _;
use base64::Engine as _;
use serde_json::json;

use super::browser::Engine;
use super::{Browser, firefox, raw};

/// What a page is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// A screen.
    Screen,
    /// Paper.
    Paper,
}

impl Browser {
    /// Shows the current tab's page as it is on that medium.
    ///
    /// # Errors
    /// When the browser does not.
    pub async fn medium(&self, medium: Medium) -> anyhow::Result<()> {
        let name = if medium == Medium::Paper { "print" } else { "" };
        match &self.engine {
            Engine::Chromium(_) => {
                self.driver.cdp().send_raw("Emulation.setEmulatedMedia", json!({ "media": name })).await?;
            }
            Engine::Firefox => firefox::medium(&self.driver, name).await?,
        }
        let there = format!("matchMedia('print').matches === {}", medium == Medium::Paper);
        self.until("the medium", &there).await?;
        Ok(())
    }

    /// The current tab's page as PDF (WebDriver, section 18.1, "print page").
    ///
    /// # Errors
    /// When the browser makes none.
    pub async fn pdf(&self) -> anyhow::Result<Vec<u8>> {
        let made = raw::post(&self.driver, "print", json!({ "background": true })).await?;
        let text = made.as_str().context("no PDF")?;
        Ok(base64::engine::general_purpose::STANDARD.decode(text)?)
    }
}
