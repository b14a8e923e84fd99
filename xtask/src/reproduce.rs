//! `cargo xtask reproduce`: the packages once more, from a copy of the sources in another folder and from nothing
//! compiled. Their bytes must be the same, or nobody could check that what a store ships was made from these sources.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::arguments::Arguments;
use crate::build::{self, Files};
use crate::manifest::Package;
use crate::{layout, process};

/// The command.
pub(crate) fn command(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    check()
}

/// Builds here and there, and compares.
pub(crate) fn check() -> Result<()> {
    let here = build::build(&Package::SHIPPED)?;
    // Of another length as well, in case a path's length leaves a trace.
    let copy = layout::kept().join("once-more-elsewhere");
    if copy.exists() {
        std::fs::remove_dir_all(&copy)?;
    }
    sources(&copy)?;
    process::run(
        Command::new(std::env::current_exe()?)
            .arg("build")
            .current_dir(&copy)
            .env("CARGO_MANIFEST_DIR", copy.join("xtask"))
            .env("CARGO_TARGET_DIR", copy.join("target"))
            // It is built once.
            .env("CARGO_INCREMENTAL", "0"),
    )
    .context("building the copy")?;
    for (package, files) in &here.packages {
        let mut there = Files::new();
        build::read_folder(&copy.join("dist").join(package.name()), "", &mut there)?;
        let differs = files.iter().find(|(name, bytes)| there.get(*name) != Some(*bytes)).map(|(name, _)| name);
        if let Some(name) = differs.or_else(|| there.keys().find(|name| !files.contains_key(*name))) {
            bail!("{}: {name} has other bytes when it is built in another folder", package.name());
        }
        println!("{}: {} files, the same bytes from another folder", package.name(), files.len());
    }
    std::fs::remove_dir_all(&copy)?;
    Ok(())
}

/// Copies what belongs to the repository, and lends the copy the tools for Node.
fn sources(copy: &Path) -> Result<()> {
    let root = layout::root();
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let names = process::output(Command::new("git").current_dir(&root).args(list)).context("the list of sources")?;
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        // A file that was deleted and not yet committed is still listed.
        let from = root.join(name);
        if !from.exists() {
            continue;
        }
        let to = copy.join(name);
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::copy(&from, &to).with_context(|| name.to_owned())?;
    }
    let tools = "node_modules";
    std::os::unix::fs::symlink(layout::node_tools().join(tools), copy.join("xtask").join(tools))?;
    Ok(())
}
