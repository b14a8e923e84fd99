//! A browser from its start to its end.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use thirtyfour::{Capabilities, Key, TimeoutConfiguration, WebDriver};

use super::chromium::{Chromium, MainProcess};
use super::process::{self, Driver};
use super::{Install, Kind, Options, Process, Said, Tab, family, firefox, patience, raw};

/// What belongs to one kind only.
#[derive(Debug)]
pub(super) enum Engine {
    Chromium(Chromium),
    Firefox,
}

/// A running browser. Ends with its value; [`Self::quit`] ends it in good order.
///
/// The order of the fields is the order of the end: the pipe closes, then the driver and the browser
/// go, then the folder.
#[derive(Debug)]
pub struct Browser {
    pub(super) kind: Kind,
    pub(super) driver: WebDriver,
    pub(super) engine: Engine,
    pub(super) process: Driver,
    _main: Option<MainProcess>,
    _room: Room,
    /// The running test's name, for artefacts.
    pub(super) test: String,
    extension: PathBuf,
    /// The tabs that the test opened. WebDriver's own list may or may not name a popup.
    pub(super) opened: Mutex<Vec<String>>,
}

impl Browser {
    /// Starts a browser with a fresh profile.
    ///
    /// # Errors
    /// When the browser, its driver or the built extension is missing (the sentence says what to do), or
    /// when the browser does not start.
    pub async fn start(kind: Kind, options: Options) -> anyhow::Result<Self> {
        let extension = options.extension.clone().unwrap_or_else(|| kind.built_extension());
        if !extension.join("manifest.json").is_file() {
            bail!("{} is missing: run cargo xtask build --test-overlay", extension.display());
        }
        let room = Room::new()?;
        let (engine, main, process, mut capabilities) = match kind {
            Kind::Chromium => start_chromium(&room.0, &options).await?,
            Kind::Firefox => start_firefox(&room.0, &options).await?,
        };
        // The fakes sign their certificates themselves.
        capabilities["acceptInsecureCerts"] = true.into();
        if let Some(proxy) = options.proxy {
            let proxy = proxy.to_string();
            capabilities["proxy"] = json!({ "proxyType": "manual", "httpProxy": proxy, "sslProxy": proxy });
        }
        let driver = connect(&process, capabilities)
            .await
            .with_context(|| format!("{} does not start; its driver said:\n{}", kind.name(), process.log()))?;
        let test = std::thread::current().name().unwrap_or("unnamed").replace("::", "-");
        let mut browser =
            Self { kind, driver, engine, process, _main: main, _room: room, test, extension, opened: Mutex::default() };
        if let Engine::Chromium(chromium) = &browser.engine {
            chromium.attach(options.console).await?;
        }
        if kind == Kind::Firefox {
            // Without a screen Firefox takes no size from its command line.
            let (width, height) = options.window;
            browser.driver.set_window_rect(0, 0, width, height).await?;
        }
        if options.install == Install::AtStart {
            browser.install_extension().await?;
        }
        Ok(browser)
    }

    /// Which browser this is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Installs the extension, or reloads it if it is installed already, and waits until its background
    /// has started once.
    ///
    /// # Errors
    /// When the browser refuses the extension.
    pub async fn install_extension(&mut self) -> anyhow::Result<()> {
        match &mut self.engine {
            Engine::Chromium(chromium) => chromium.install(&self.extension).await?,
            Engine::Firefox => firefox::install(&self.driver, &self.extension).await?,
        }
        self.background_until("the background to start", true).await
    }

    /// Lets the extension into private windows. The browser reloads it for that: its tabs close.
    ///
    /// # Errors
    /// When the extension is not installed.
    pub async fn allow_private(&self) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Chromium(chromium) => chromium.allow_private().await?,
            Engine::Firefox => firefox::allow_private(&self.driver).await?,
        }
        self.background_until("the background to start again", true).await
    }

    /// Opens a private window at an address; its tab becomes the current one.
    ///
    /// # Errors
    /// When it does not open.
    pub async fn open_private_window(&self, url: &str) -> anyhow::Result<Tab> {
        let before = self.all_tabs().await?;
        match &self.engine {
            Engine::Chromium(chromium) => chromium.open_private_window(url).await?,
            Engine::Firefox => firefox::open_private_window(&self.driver).await?,
        }
        let tab = patience::until("a private window", patience::DEADLINE, async || {
            Ok(self.all_tabs().await?.into_iter().find(|tab| !before.contains(tab)))
        })
        .await?;
        self.switch_to(&tab).await?;
        self.goto(url).await?;
        Ok(tab)
    }

    /// What the clipboard holds, pasted by keys into a field of a tab made for it.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn clipboard(&self) -> anyhow::Result<String> {
        let here = self.current_tab().await?;
        self.open_tab("data:text/html,<textarea></textarea>").await?;
        self.element("textarea").await?.send_keys(Key::Control + "v").await?;
        let pasted = self.script("return document.querySelector('textarea').value", vec![]).await?;
        self.close_tab(&here).await?;
        Ok(pasted.as_str().unwrap_or_default().to_owned())
    }

    /// What WebDriver cannot name can be asked here; prefer the methods of [`Browser`].
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// The browser's processes, the main one first.
    ///
    /// # Errors
    /// When there are none.
    pub fn processes(&self) -> anyhow::Result<Vec<Process>> {
        family::of_driver(self.process.shell())
    }

    /// Kills every process of the browser at once, as a crash does: nothing of it gets to finish anything. Gives what
    /// its consoles have said to the last.
    ///
    /// # Errors
    /// When the processes are not found, or do not die.
    pub async fn kill(self) -> anyhow::Result<Vec<Said>> {
        family::kill(&self.processes()?).await?;
        if let Engine::Chromium(chromium) = &self.engine {
            chromium.hear_the_end().await?;
        }
        Ok(self.console())
    }

    /// Gives the current tab a passkey authenticator that knows PRF and agrees to everything at once (Web Authentication
    /// Level 3, section 11.3). It goes with the tab. Chromium asks nothing of it until the tab is in front and focused:
    /// one that the extension opened at its installation takes that away, so [`Self::switch_to`] the tab afterwards.
    ///
    /// # Errors
    /// In Firefox, which refuses WebAuthn on an extension's own pages (ESR 153: SecurityError), so that there is nothing
    /// for an authenticator to do.
    pub async fn virtual_authenticator(&self) -> anyhow::Result<()> {
        if self.kind == Kind::Firefox {
            bail!("Firefox refuses WebAuthn on an extension's pages: no authenticator can answer there");
        }
        let options = json!({
            "protocol": "ctap2_1", "transport": "internal", "extensions": ["prf"],
            "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true, "isUserConsenting": true,
        });
        raw::post(&self.driver, "webauthn/authenticator", options).await.map(drop)
    }

    /// Ends the browser in good order. Dropping it ends it too.
    ///
    /// # Errors
    /// When the driver no longer answers.
    pub async fn quit(self) -> anyhow::Result<()> {
        raw::end(&self.driver).await
    }
}

type Started = (Engine, Option<MainProcess>, Driver, Value);

async fn start_chromium(room: &Path, options: &Options) -> anyhow::Result<Started> {
    let advice = "install the package chromium-driver";
    let program = process::find(&["chromedriver"], advice)?;
    let (chromium, launcher, main) = Chromium::prepare(room)?;
    let capabilities = Chromium::capabilities(&launcher, room, options);
    let driver = Driver::start(&program, &[], &[], room).await?;
    Ok((Engine::Chromium(chromium), Some(main), driver, capabilities))
}

async fn start_firefox(room: &Path, options: &Options) -> anyhow::Result<Started> {
    let program = process::find(&["geckodriver"], "run cargo install --locked geckodriver")?;
    let arguments = [
        // Popups and the background are reached in the privileged context.
        "--allow-system-access".to_owned(),
        format!("--profile-root={}", room.display()),
        // Unused, but two drivers would contend for its fixed port.
        "--websocket-port=0".to_owned(),
    ];
    let driver = Driver::start(&program, &arguments, &firefox::VARIABLES, room).await?;
    Ok((Engine::Firefox, None, driver, firefox::capabilities(options)))
}

async fn connect(process: &Driver, capabilities: Value) -> anyhow::Result<WebDriver> {
    let Value::Object(map) = capabilities else { bail!("capabilities are an object") };
    let driver = WebDriver::new(&process.address, Capabilities::from(map)).await?;
    // The session ends with the processes; thirtyfour's own drop would block the runtime for it.
    driver.clone().leak()?;
    let seconds = |count| Some(Duration::from_secs(count));
    // No implicit wait: waiting is `until`, visibly.
    let limits = TimeoutConfiguration::new(seconds(30), seconds(30), Some(Duration::ZERO));
    driver.update_timeouts(limits).await?;
    Ok(driver)
}

/// A folder of its own for profile, sockets and logs.
#[derive(Debug)]
struct Room(PathBuf);

impl Room {
    fn new() -> anyhow::Result<Self> {
        Ok(Self(tempfile::Builder::new().prefix("longkey-").tempdir()?.keep()))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // A dying process may still write; the folder is gone once removing it finds nothing.
        patience::until_blocking(Duration::from_secs(5), || {
            let _ = std::fs::remove_dir_all(&self.0);
            !self.0.exists()
        });
    }
}
