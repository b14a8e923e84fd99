//! The extension seen from outside: its pages, background, popups, rights and console.

use serde_json::Value;

use super::browser::Engine;
use super::{Browser, Said, Tab, firefox, patience};

impl Browser {
    /// The address of one of the extension's pages.
    ///
    /// # Errors
    /// In Chromium, before the extension is installed.
    pub fn extension_url(&self, path: &str) -> anyhow::Result<String> {
        let origin = match &self.engine {
            Engine::Chromium(chromium) => chromium.origin()?,
            Engine::Firefox => firefox::origin(),
        };
        Ok(format!("{origin}/{}", path.trim_start_matches('/')))
    }

    /// Opens one of the extension's pages in a new tab and goes there.
    ///
    /// # Errors
    /// When the page does not load.
    pub async fn open_extension_page(&self, path: &str) -> anyhow::Result<Tab> {
        self.open_tab(&self.extension_url(path)?).await
    }

    /// Whether the background (Chromium's service worker, Firefox's event page) runs now. Asking does
    /// not wake it.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn background_is_running(&self) -> anyhow::Result<bool> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.background_is_running().await,
            Engine::Firefox => firefox::background_is_running(&self.driver).await,
        }
    }

    /// Ends the background as the browser does when it is idle, and waits until it is gone. The next
    /// event wakes another; an open page of the extension may do so at once, so afterwards
    /// [`Self::background_is_running`] says nothing about the one that was ended.
    ///
    /// # Errors
    /// When it does not go.
    pub async fn kill_background(&self) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.kill_background().await,
            Engine::Firefox => firefox::kill_background(&self.driver).await,
        }
    }

    /// Runs the body of an async function in the running background, whose next life knows nothing of it.
    ///
    /// # Errors
    /// When no background is running, or the script throws.
    pub async fn background_script(&self, body: &str) -> anyhow::Result<Value> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.background_script(body).await,
            Engine::Firefox => firefox::background_script(&self.driver, body).await,
        }
    }

    pub(super) async fn background_until(&self, what: &str, running: bool) -> anyhow::Result<()> {
        patience::until(what, patience::DEADLINE, async || {
            Ok((self.background_is_running().await? == running).then_some(()))
        })
        .await
    }

    /// How many of the extension's popups are open. Poll with [`patience::until`]: an
    /// `action.openPopup()` that has resolved may not be counted yet in Firefox.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn popups(&self) -> anyhow::Result<usize> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.popups(&self.tabs()).await,
            Engine::Firefox => firefox::popups(&self.driver).await,
        }
    }

    async fn popups_are_loaded(&self) -> anyhow::Result<bool> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.popups_are_loaded(&self.tabs()).await,
            Engine::Firefox => Ok(true),
        }
    }

    /// Waits until exactly so many popups are open.
    ///
    /// # Errors
    /// When that does not come true in time.
    pub async fn popups_until(&self, count: usize) -> anyhow::Result<()> {
        patience::until(&format!("{count} open popups"), patience::DEADLINE, async || {
            let open = self.popups().await?;
            // One that is still on its way to its page would lose what it is told.
            Ok((open == count && (open == 0 || self.popups_are_loaded().await?)).then_some(()))
        })
        .await
    }

    /// Presses the extension's button in the toolbar, as a user does: the current tab is then the active one that
    /// `activeTab` speaks of.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn press_toolbar_button(&self) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.press_toolbar_button(&self.driver.window().await?.to_string()).await,
            Engine::Firefox => firefox::press_toolbar_button(&self.driver).await,
        }
    }

    /// Closes the open popups and waits until they are gone.
    ///
    /// # Errors
    /// When they do not go.
    pub async fn close_popups(&self) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.close_popups(&self.tabs()).await?,
            Engine::Firefox => firefox::close_popups(&self.driver).await?,
        }
        self.popups_until(0).await
    }

    /// Runs the body of an async function in the open popup. Its clicks are not trusted ones; drive
    /// the popup's page in a tab where that matters.
    ///
    /// # Errors
    /// When no popup is open or the script throws.
    pub async fn popup_script(&self, body: &str) -> anyhow::Result<Value> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.popup_script(&self.tabs(), body).await,
            Engine::Firefox => firefox::popup_script(&self.driver, body).await,
        }
    }

    /// The open popup as a PNG.
    ///
    /// # Errors
    /// When no popup is open.
    pub async fn popup_picture(&self) -> anyhow::Result<Vec<u8>> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.popup_picture(&self.tabs()).await,
            Engine::Firefox => firefox::popup_picture(&self.driver).await,
        }
    }

    /// Takes the extension's right to a site of its manifest, such as `https://x.com/*`.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn revoke(&self, pattern: &str) -> anyhow::Result<()> {
        self.permit(pattern, false).await
    }

    /// Gives it back.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn grant(&self, pattern: &str) -> anyhow::Result<()> {
        self.permit(pattern, true).await
    }

    /// Agrees to what the browser asks the user about data that the extension sends. Chromium does not ask, and
    /// the extension built for tests has its hosts granted; Firefox asks in a doorhanger, which is pressed until it is gone.
    ///
    /// # Errors
    /// When nothing is asked in time.
    pub async fn accept_consent(&self) -> anyhow::Result<()> {
        let Engine::Firefox = &self.engine else {
            return Ok(());
        };
        let mut asked = false;
        patience::until("the consent to be asked and given", patience::DEADLINE, async || {
            let open = firefox::accept_prompt(&self.driver).await?;
            asked |= open;
            Ok((asked && !open).then_some(()))
        })
        .await
    }

    async fn permit(&self, pattern: &str, granted: bool) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.permit(pattern, granted).await,
            Engine::Firefox => firefox::permit(&self.driver, pattern, granted).await,
        }
    }

    /// What consoles said since the start: pages, popups and the background.
    #[must_use]
    pub fn console(&self) -> Vec<Said> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.said(),
            Engine::Firefox => firefox::said(&self.process.log()),
        }
    }

    /// The errors among them.
    #[must_use]
    pub fn console_errors(&self) -> Vec<Said> {
        self.console().into_iter().filter(|said| said.level == "error").collect()
    }
}
