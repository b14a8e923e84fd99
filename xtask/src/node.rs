//! The tools that exist for Node only, at the versions of `xtask/package-lock.json`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{layout, process};

/// A tool by the path of its script in `node_modules`; installs all of them first when the lock file has changed.
pub(crate) fn tool(script: &str) -> Result<Command> {
    install()?;
    let path = modules().join(script);
    if !path.is_file() {
        bail!("{} is missing; delete xtask/node_modules and try again", path.display());
    }
    let mut node = Command::new("node");
    node.arg(path);
    Ok(node)
}

fn modules() -> PathBuf {
    layout::node_tools().join("node_modules")
}

/// Makes sure that all of them are there, for those that are no programs.
pub(crate) fn ready() -> Result<()> {
    install()
}

fn install() -> Result<()> {
    let lock = std::fs::read_to_string(layout::node_tools().join("package-lock.json"))?;
    let note = modules().join(".installed-from");
    if std::fs::read_to_string(&note).is_ok_and(|kept| kept == lock) {
        return Ok(());
    }
    if !process::answers(Command::new("npm").arg("--version")) {
        bail!("Node 20 or newer with npm is needed to optimise and lint the extension, and neither is on PATH");
    }
    eprintln!("Installing the Node tools of xtask/package-lock.json");
    // No install scripts: the tools need none, and a package then runs nothing before we call it.
    process::run(
        Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(layout::node_tools()),
    )?;
    std::fs::write(note, lock)?;
    Ok(())
}
