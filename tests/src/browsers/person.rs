//! What happens around a browser rather than in it: nobody types any more, the screen is locked, a shortcut is pressed.
//!
//! Firefox is told by its own idle service and by real keys. Chromium without a screen knows neither: it says "active"
//! for ever (156, also under `Emulation.setIdleOverride`), and keys that come over DevTools do not reach its shortcuts. There
//! the browser's event is dispatched to the listeners that the background has registered.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::browser::Engine;
use super::{Browser, firefox};

impl Browser {
    /// Nobody has touched the computer for so long. Returns when everybody who waits for that time or less was told. In
    /// Chromium the background must run, and whoever it asks for the state afterwards says "idle" too.
    ///
    /// # Errors
    /// When the browser does not tell.
    pub async fn nobody_there(&self, time: Duration) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(_) => self.presence_becomes("idle").await,
            Engine::Firefox => firefox::nobody_there(&self.driver, time).await,
        }
    }

    /// The computer's screen is locked.
    ///
    /// # Errors
    /// In Firefox, which does not tell extensions (ESR 153: `idle.IdleState` has no such state).
    pub async fn screen_is_locked(&self) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(_) => self.presence_becomes("locked").await,
            Engine::Firefox => bail!("Firefox does not tell extensions when the screen is locked"),
        }
    }

    async fn presence_becomes(&self, state: &str) -> anyhow::Result<()> {
        let state = json!(state);
        let script = format!(
            "chrome.idle.queryState = async () => {state};
             chrome.idle.onStateChanged.dispatch({state});"
        );
        self.background_script(&script).await?;
        Ok(())
    }

    /// Presses a notification. In Chromium the background must run.
    ///
    /// # Errors
    /// When the browser has no way of telling the extension.
    pub async fn press_notification(&self, id: &str) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(_) => {
                let dispatch = format!("chrome.notifications.onClicked.dispatch({})", json!(id));
                self.background_script(&dispatch).await.map(drop)
            }
            Engine::Firefox => firefox::press_notification(&self.driver, id).await,
        }
    }

    /// Presses the keys of one of the extension's commands. In Chromium the background must run.
    ///
    /// # Errors
    /// When the command has no keys.
    pub async fn press_shortcut(&self, command: &str) -> anyhow::Result<()> {
        let find = "return (await chrome.commands.getAll()).map(it => [it.name, it.shortcut]);";
        let all = self.background_script(find).await?;
        let shortcut = all.as_array().into_iter().flatten().find(|it| it[0] == command);
        let shortcut = shortcut.and_then(|it| it[1].as_str()).filter(|it| !it.is_empty());
        let shortcut = shortcut.with_context(|| format!("{command} has no keys"))?;
        match &self.engine {
            Engine::Chromium(_) => {
                let dispatch = format!("chrome.commands.onCommand.dispatch({})", Value::from(command));
                self.background_script(&dispatch).await.map(drop)
            }
            Engine::Firefox => firefox::press(&self.driver, shortcut).await,
        }
    }
}
