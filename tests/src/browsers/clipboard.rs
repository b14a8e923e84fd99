//! The clipboard of a browser without a screen, which is its own and no other's; and the user's answer when a page asks to
//! look at it.
//!
//! Firefox's holds texts alone then (ESR 153: a picture that is put there is gone), but by a preference it trusts its own copy
//! of what it put there, and that keeps pictures. It asks at the button, in a menu with the one word Paste. Chromium without
//! a screen asks nobody and refuses, unless the site has been given the right or the refusal before.

use anyhow::Context as _;
use base64::Engine as _;
use serde_json::json;

use super::browser::Engine;
use super::{Browser, firefox, patience};

/// What was copied.
#[derive(Clone, Copy, Debug)]
pub enum Copied<'a> {
    /// A PNG.
    Picture(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// Nothing: the clipboard was emptied.
    Nothing,
}

/// What the user answers to a page that wants to look at the clipboard.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Look {
    /// Yes.
    Allowed,
    /// No.
    Refused,
}

impl Browser {
    /// Puts something on the clipboard, as another program does. In Chromium the current page does it, which must be in
    /// front.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn copy(&self, what: Copied<'_>) -> anyhow::Result<()> {
        let what = match what {
            Copied::Picture(png) => json!({ "picture": base64::engine::general_purpose::STANDARD.encode(png) }),
            Copied::Text(text) => json!({ "text": text }),
            Copied::Nothing => json!({ "text": null }),
        };
        match &self.engine {
            Engine::Firefox => firefox::copy(&self.driver, what).await,
            Engine::Chromium(_) => {
                self.permit_clipboard("clipboard-write", Look::Allowed).await?;
                self.script(WRITE, vec![what]).await.map(drop)
            }
        }
    }

    /// Presses a control that makes the page look at the clipboard, and answers what the browser asks.
    ///
    /// # Errors
    /// When there is no such control, or Firefox asks nothing.
    pub async fn click_and_let_look(&self, css: &str, answer: Look) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(_) => {
                self.permit_clipboard("clipboard-read", answer).await?;
                self.click(css).await
            }
            Engine::Firefox => {
                self.click(css).await?;
                patience::until("the question about the clipboard", patience::DEADLINE, async || {
                    Ok(firefox::answer_paste(&self.driver, answer).await?.then_some(()))
                })
                .await
            }
        }
    }

    async fn permit_clipboard(&self, name: &str, answer: Look) -> anyhow::Result<()> {
        let origin = self.script("return location.origin", vec![]).await?;
        let setting = if answer == Look::Allowed { "granted" } else { "denied" };
        let params = json!({ "origin": origin, "permission": { "name": name }, "setting": setting });
        self.driver.cdp().send_raw("Browser.setPermission", params).await.context("the right to the clipboard")?;
        Ok(())
    }
}

const WRITE: &str = "
    const { picture, text } = arguments[0];
    if (!picture) return await navigator.clipboard.writeText(text ?? '');
    const png = new Blob([Uint8Array.from(atob(picture), letter => letter.charCodeAt(0))], { type: 'image/png' });
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })])";
