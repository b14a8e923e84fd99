//! What a fresh machine needs beside Rust: compilation targets, browsers and their drivers. Quiet when all is there.
//!
//! Installs only what the system's own package manager, rustup or Cargo offers, and only when it may; else it
//! says which command to type.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{layout, process};

/// The version that the tests are known to work with.
const GECKODRIVER: &str = "0.37.1";

/// The programs of the end-to-end tests.
pub(crate) struct Browsers {
    /// Chromium.
    pub(crate) chromium: PathBuf,
    /// Chromium's driver.
    pub(crate) chromedriver: PathBuf,
    /// Firefox.
    pub(crate) firefox: PathBuf,
    /// Firefox's driver.
    pub(crate) geckodriver: PathBuf,
}

impl Browsers {
    /// Tells a child where the drivers are, under the names that wasm-bindgen's runner knows too.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.env("CHROMEDRIVER", &self.chromedriver).env("GECKODRIVER", &self.geckodriver);
    }
}

/// The standard library for a compilation target.
pub(crate) fn target(name: &str) -> Result<()> {
    let folder = process::output(Command::new("rustc").current_dir(layout::root()).args([
        "--print",
        "target-libdir",
        "--target",
        name,
    ]))?;
    if Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        bail!("the Rust installation has no target {name}; install it with your Rust, or use rustup");
    }
    process::run(Command::new("rustup").current_dir(layout::root()).args(["target", "add", name]))
}

/// Node with npm, for wasm-opt and the linter.
pub(crate) fn node() -> Result<()> {
    debian(&[("node", "nodejs"), ("npm", "npm")])?;
    let version = process::output(Command::new("node").arg("--version"))?;
    let major: Option<u32> =
        version.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse().ok());
    match major {
        Some(20..) => Ok(()),
        _ => bail!("Node 20 or newer is needed, and `node --version` says {}", version.trim()),
    }
}

/// Both browsers with their drivers.
pub(crate) fn browsers() -> Result<Browsers> {
    let mut wanted = vec![("chromium", "chromium"), ("chromedriver", "chromium-driver")];
    if firefox().is_none() {
        wanted.push(("firefox-esr", "firefox-esr"));
    }
    debian(&wanted)?;
    let found = |name: &str| on_path(name).with_context(|| format!("{name} is not on PATH"));
    Ok(Browsers {
        chromium: found("chromium")?,
        chromedriver: found("chromedriver")?,
        firefox: firefox().context("Firefox is not on PATH")?,
        geckodriver: geckodriver()?,
    })
}

fn firefox() -> Option<PathBuf> {
    on_path("firefox-esr").or_else(|| on_path("firefox"))
}

/// Debian has no package of it.
fn geckodriver() -> Result<PathBuf> {
    let installed = layout::cargo_home().join("bin/geckodriver");
    if let Some(path) = on_path("geckodriver").or_else(|| installed.is_file().then(|| installed.clone())) {
        return Ok(path);
    }
    eprintln!("Building geckodriver {GECKODRIVER}: this takes some minutes, once");
    process::run(process::cargo().args(["install", "--locked", "--version", GECKODRIVER, "geckodriver"]))?;
    on_path("geckodriver")
        .or_else(|| installed.is_file().then_some(installed))
        .context("geckodriver was built, but is neither on PATH nor in Cargo's bin folder")
}

/// Makes sure of programs, each with the Debian package that has it.
fn debian(wanted: &[(&str, &str)]) -> Result<()> {
    let missing = || wanted.iter().filter(|(program, _)| on_path(program).is_none());
    install(&missing().map(|(_, package)| *package).collect::<Vec<_>>())?;
    if let Some((program, package)) = missing().next() {
        bail!("the package {package} was installed, but {program} is not on PATH");
    }
    Ok(())
}

/// Installs Debian packages, or says how.
fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let sudo = if is_root()? { None } else { Some("sudo") };
    let allowed = sudo.is_none() || process::answers(Command::new("sudo").args(["-n", "true"]));
    if on_path("apt-get").is_none() || !allowed {
        bail!(
            "missing packages\nOn Debian or Ubuntu: sudo apt-get update && sudo apt-get install {}",
            packages.join(" ")
        );
    }
    let apt = |arguments: &[&str]| {
        let mut words: Vec<&str> = sudo.into_iter().collect();
        words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
        words.extend(arguments);
        process::run(Command::new(words[0]).args(&words[1..]))
    };
    eprintln!("Installing {}", packages.join(", "));
    apt(&["update"])?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)
}

/// The fonts of the pictures: one that records are made with, and letters for the languages that are shown.
const FONTS: [(&str, &str); 3] =
    [("DejaVu Sans", "fonts-dejavu-core"), (":lang=ar", "fonts-dejavu-core"), (":lang=ja", "fonts-droid-fallback")];

/// Those fonts; `fc-list` comes with Chromium's own dependencies.
pub(crate) fn fonts() -> Result<()> {
    debian(&[("fc-list", "fontconfig")])?;
    let missing = || -> Result<Vec<&str>> {
        let mut packages = vec![];
        for (pattern, package) in FONTS {
            if process::output(Command::new("fc-list").arg(pattern))?.trim().is_empty() && !packages.contains(&package)
            {
                packages.push(package);
            }
        }
        Ok(packages)
    };
    install(&missing()?)?;
    let still = missing()?;
    if !still.is_empty() {
        bail!("{} was installed, but fc-list does not know its letters", still.join(", "));
    }
    Ok(())
}

/// Whether this is root, as whom Chromium refuses its sandbox.
pub(crate) fn is_root() -> Result<bool> {
    Ok(process::output(Command::new("id").arg("-u"))?.trim() == "0")
}

fn on_path(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}
