//! Chromium and Firefox under WebDriver, with Longkey installed: one test body for both.
//!
//! Each [`Browser`] has a fresh profile and processes of its own, which end with it, also when a test
//! panics. What differs between the two stays in `chromium` and `firefox`. Deliberately knows nothing of
//! the fakes: a proxy is an address.
//!
//! Both are real browsers without a screen. What they were seen to do (Chromium 156, Firefox ESR 153):
//!
//! | | Chromium | Firefox |
//! |---|---|---|
//! | `action.openPopup()` without a gesture, from the background, a page or after an alarm | opens over whatever tab is in front | the same |
//! | the same while a popup is open | refused: "Could not find an active browser window" | refused: "cannot be called while another panel is open" |
//! | a WebDriver click into the page under a popup | closes the popup | leaves it open, so [`Browser::close_popups`] |
//! | a popup is | a DevTools target, no WebDriver window | a panel, seen in the privileged context |
//! | a popup's count after `openPopup()` resolved | at once | a little later, so [`Browser::popups_until`] |
//! | WebDriver into a closed shadow root | works | works |
//! | an idle background ends by itself | after 30 s, never while its console is heard | after [`Options::background_idle_ms`] |
//! | `runtime.onInstalled` after the first and a second install | `install`, `update` | the same |
//! | a reload of the extension | closes its tabs | closes its tabs, and the window with the last one |
//! | a tab that the extension opens | comes to the front; WebDriver stays where it was | the same |
//! | WebAuthn on the extension's own pages, relying party left out | works in the focused tab, with [`Browser::virtual_authenticator`] too | "SecurityError: The operation is insecure." |
//! | idle time | never: "active" for ever, also under `Emulation.setIdleOverride` | as its idle service is told |
//! | the screen's lock | said to extensions | not said: `idle.IdleState` has no such state |
//! | keys of a command | not by WebDriver or DevTools | not by WebDriver; by the window's own text input |
//! | an extension's page in a web page's frame, with `web_accessible_resources` and without `frame-ancestors` | works | is there, without the interfaces that it needs |
//! | `navigator.clipboard.read()` on the extension's own page | refused unasked, so [`Browser::click_and_let_look`] | asks in a menu |
//! | loopback addresses | go past the proxy | go past the proxy |

mod browser;
mod chromium;
mod clipboard;
mod extension;
mod family;
mod firefox;
mod page;
mod paper;
mod patience;
mod person;
mod pipe;
mod process;
mod raw;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use browser::Browser;
pub use clipboard::{Copied, Look};
pub use family::Process;
pub use page::{Element, Tab};
pub use paper::Medium;
pub use patience::{DEADLINE, INTERVAL, until};
/// Keys for [`Element::send_keys`]; thirtyfour's.
pub use thirtyfour::Key;

/// WebDriver's "Enter", within a text (section 17.4.2, "Keyboard actions").
pub const ENTER: &str = "\u{E007}";

/// Which browser.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Chromium with chromedriver.
    Chromium,
    /// Firefox with geckodriver.
    Firefox,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];

    /// The name in test names and artefacts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }

    /// The folder of the extension built for tests.
    #[must_use]
    pub fn built_extension(self) -> PathBuf {
        let dist = std::env::var_os("LONGKEY_DIST").map_or_else(|| workspace().join("dist"), PathBuf::from);
        dist.join(match self {
            Self::Chromium => "test-chrome",
            Self::Firefox => "test-firefox",
        })
    }
}

/// When the extension comes into the browser.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Install {
    /// Before the first page.
    #[default]
    AtStart,
    /// When the test says [`Browser::install_extension`], with tabs already open.
    Later,
}

/// How a browser starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The proxy for http and https. Loopback addresses go past it in both browsers.
    pub proxy: Option<SocketAddr>,
    /// The unpacked extension; without one, [`Kind::built_extension`].
    pub extension: Option<PathBuf>,
    /// When it is installed.
    pub install: Install,
    /// Without a window on a screen.
    pub headless: bool,
    /// Whether pages are told that the user prefers dark.
    pub dark: bool,
    /// The window's size.
    pub window: (u32, u32),
    /// The language of the extension's texts, such as `ar`. Chromium only, and there only
    /// `i18n.getMessage` follows while its own translations are not installed; Firefox takes another
    /// language from an installed language pack alone.
    pub language: Option<String>,
    /// Whether to hear the consoles. A background that is listened to does not end by itself (Chromium's never, Firefox's not
    /// within ten minutes), so a test that waits for that says no.
    pub console: bool,
    /// The profile's folder: what stands there goes on, and it outlives the browser. Without one the profile is
    /// fresh and ends with the browser.
    pub profile: Option<PathBuf>,
    /// How long Firefox lets a background idle before it ends it, where that is not the usual time; Chromium's 30 s are fixed.
    pub background_idle_ms: Option<u32>,
    /// Firefox's `privacy.resistFingerprinting`, which Tor Browser and careful people switch on: pages get a coarse
    /// clock, UTC, and made-up pixels for what they painted. Chromium has nothing like it.
    pub resists_fingerprinting: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            proxy: None,
            extension: None,
            install: Install::AtStart,
            headless: true,
            dark: false,
            window: (1280, 900),
            language: None,
            console: true,
            profile: None,
            background_idle_ms: None,
            resists_fingerprinting: false,
        }
    }
}

/// One thing that a console said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Said {
    /// `error`, `warning`, `log` and so on, in the browser's word.
    pub level: String,
    /// Where it was said, as far as the browser tells (Firefox: only for uncaught errors).
    pub url: String,
    /// What was said.
    pub text: String,
}

/// Where screenshots and what else a failed test leaves go: LONGKEY_ARTEFACTS or `target/artefacts`.
#[must_use]
pub fn artefacts() -> PathBuf {
    std::env::var_os("LONGKEY_ARTEFACTS").map_or_else(|| workspace().join("target/artefacts"), PathBuf::from)
}

fn workspace() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map_or_else(|| own.clone(), PathBuf::from)
}

/// No test takes that long; a hanging driver must not hang the run.
const LIMIT: Duration = Duration::from_secs(900);

/// Runs a test's body on a runtime of its own; for [`in_both!`](crate::in_both).
///
/// # Panics
/// When the body fails or hangs: that is the test's failure.
pub fn run(body: impl Future<Output = anyhow::Result<()>>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime needs two threads");
    let ended = runtime.block_on(async { tokio::time::timeout(LIMIT, body).await });
    match ended {
        Ok(Ok(())) => {}
        // Without the backtrace, which shows only the runtime.
        Ok(Err(error)) => panic!("{error:#}"),
        Err(_) => panic!("the test did not end within {} s", LIMIT.as_secs()),
    }
}

/// Writes one body as two tests, `name::chromium` and `name::firefox`.
///
/// ```ignore
/// in_both! {
///     async fn popup_shows_the_code(kind) {
///         let browser = Browser::start(kind, Options::default()).await?;
///         browser.quit().await
///     }
/// }
/// ```
#[macro_export]
macro_rules! in_both {
    ($($(#[$attribute:meta])* async fn $name:ident($kind:ident) $body:block)+) => {$(
        async fn $name($kind: $crate::browsers::Kind) -> ::anyhow::Result<()> $body

        $(#[$attribute])*
        mod $name {
            #[test]
            fn chromium() {
                $crate::browsers::run(super::$name($crate::browsers::Kind::Chromium));
            }

            #[test]
            fn firefox() {
                $crate::browsers::run(super::$name($crate::browsers::Kind::Firefox));
            }
        }
    )+};
}
