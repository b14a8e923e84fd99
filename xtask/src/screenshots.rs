//! `cargo xtask screenshots`: a picture of every screen, theme and language in `dist/screenshots`; with `--accept` the records that
//! the tests compare with, made anew; with `--store` what the stores show.
//!
//! The screens are those of the end-to-end tests (`tests/e2e/screens`): this runs their walk with another purpose.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};

use crate::arguments::Arguments;
use crate::manifest::Package;
use crate::{build, layout, process, test, tools};

const THEMES: [&str; 2] = ["light", "dark"];
const LANGUAGES: [&str; 4] = ["en", "de", "ar", "ja"];

/// The command.
pub(crate) fn command(mut arguments: Arguments) -> Result<()> {
    let (accept, store) = (arguments.flag("--accept"), arguments.flag("--store"));
    arguments.finish()?;
    tools::fonts()?;
    build::build(&[Package::TestChrome])?;
    let folder = layout::dist().join(if store { "store" } else { "screenshots" });
    if !accept && folder.is_dir() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut command = process::cargo();
    let part = if store { "store_pictures::" } else { "::the_screens_of" };
    command.args(["test", "--locked", "-p", "longkey-tests", "--test", "e2e", "--", "--test-threads=2", "--quiet"]);
    command.args([part, "--skip", "::firefox"]);
    match (accept, store) {
        (true, _) => command.env("LONGKEY_SCREENS", "accept"),
        (false, true) => command.env("LONGKEY_STORE", &folder),
        (false, false) => command.env("LONGKEY_SCREENS", &folder),
    };
    test::on_browsers(&mut command)?;
    match (accept, store) {
        (true, _) => Ok(()),
        (false, true) => {
            println!("{} pictures in {}", pictures(&folder)?.len(), folder.display());
            Ok(())
        }
        (false, false) => complete(&folder),
    }
}

fn pictures(folder: &Path) -> Result<BTreeSet<String>> {
    let names = folder.read_dir()?.map(|it| Ok(it?.file_name().to_string_lossy().into_owned()));
    names.filter(|it| !matches!(it, Ok(name) if !name.ends_with(".png"))).collect()
}

/// Every screen has every theme and language, and every record has its screen.
fn complete(folder: &Path) -> Result<()> {
    let there = pictures(folder)?;
    let album = layout::root().join("tests/album");
    let screens: BTreeSet<String> = there
        .iter()
        .cloned()
        .chain(pictures(&album)?)
        .filter_map(|name| name.split_once('.').map(|(screen, _)| screen.to_owned()))
        .collect();
    let all = screens.iter().flat_map(|screen| {
        THEMES.iter().flat_map(move |theme| LANGUAGES.iter().map(move |it| format!("{screen}.{theme}.{it}.png")))
    });
    let missing: Vec<String> = all.filter(|name| !there.contains(name)).collect();
    println!("{} pictures of {} screens in {}", there.len(), screens.len(), folder.display());
    if !missing.is_empty() {
        bail!("missing: {}", missing.join(", "));
    }
    Ok(())
}
