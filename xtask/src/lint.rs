//! `cargo xtask lint`: Mozilla's linter over the package for Firefox. A warning is a failure.

use anyhow::{Context, Result};

use crate::arguments::Arguments;
use crate::manifest::Package;
use crate::{build, layout, node, process};

/// The command.
pub(crate) fn command(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    check()
}

/// Builds and lints.
pub(crate) fn check() -> Result<()> {
    build::build(&[Package::Firefox])?;
    process::run(
        web_ext("lint")?
            .arg("--source-dir")
            .arg(layout::dist().join(Package::Firefox.name()))
            .args(["--warnings-as-errors", "--boring"]),
    )
    .context("web-ext lint")
}

/// web-ext, which asks nothing, reads no configuration and looks for no newer version of itself.
pub(crate) fn web_ext(command: &str) -> Result<std::process::Command> {
    let mut web_ext = node::tool("web-ext/bin/web-ext.js")?;
    web_ext.args([command, "--no-input", "--no-config-discovery"]).env("NO_UPDATE_NOTIFIER", "1");
    Ok(web_ext)
}
