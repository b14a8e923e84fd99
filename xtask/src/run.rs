//! `cargo xtask run`: a browser with the extension on a fresh, temporary profile, and the real sites.

use std::process::Command;

use anyhow::{Result, bail};

use crate::arguments::Arguments;
use crate::manifest::Package;
use crate::{build, layout, lint, process, tools};

/// What the browser opens first.
const FIRST_PAGE: &str = "https://x.com/";

/// The command.
pub(crate) fn command(mut arguments: Arguments) -> Result<()> {
    let browser = arguments.value("--browser")?;
    arguments.finish()?;
    match browser.as_deref().unwrap_or("chromium") {
        "chromium" => chromium(),
        "firefox" => firefox(),
        "chrome" => by_hand(Package::Chrome, "chrome"),
        "edge" => by_hand(Package::Edge, "edge"),
        other => bail!("--browser takes chromium, firefox, chrome or edge, not {other}"),
    }
}

fn chromium() -> Result<()> {
    build::build(&[Package::Chrome])?;
    let browsers = tools::browsers()?;
    // Emptied before and not after: a browser that is interrupted leaves its profile behind.
    let profile = layout::kept().join("profile");
    if profile.exists() {
        std::fs::remove_dir_all(&profile)?;
    }
    let mut command = Command::new(browsers.chromium);
    command
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--load-extension={}", layout::dist().join("chrome").display()))
        .args(["--no-first-run", "--no-default-browser-check"]);
    if tools::is_root()? {
        command.arg("--no-sandbox");
    }
    process::run(command.arg(FIRST_PAGE))
}

fn firefox() -> Result<()> {
    build::build(&[Package::Firefox])?;
    let browsers = tools::browsers()?;
    // web-ext makes the temporary profile itself, and deletes it.
    process::run(
        lint::web_ext("run")?
            .arg("--source-dir")
            .arg(layout::dist().join("firefox"))
            .arg("--firefox")
            .arg(browsers.firefox)
            .args(["--no-reload", "--start-url", FIRST_PAGE]),
    )
}

/// Chrome and Edge load no extension from the command line.
fn by_hand(package: Package, scheme: &str) -> Result<()> {
    build::build(&[package])?;
    println!(
        "Longkey is in {}\n  1. Open {scheme}://extensions\n  2. Switch on Developer mode\n  3. Choose Load unpacked, and that folder",
        layout::dist().join(package.name()).display()
    );
    Ok(())
}
