//! `cargo xtask torture`: the long form of what the end-to-end tests try briefly. Kills, canaries and figures live in
//! `longkey-tests`; this only builds what they need and starts them.

use anyhow::Result;

use crate::arguments::Arguments;
use crate::manifest::Package;
use crate::{build, process, test};

/// The command. The words go to the program.
pub(crate) fn command(arguments: Arguments) -> Result<()> {
    build::build(&[Package::TestChrome, Package::TestFirefox])?;
    let mut command = process::cargo();
    command.args(["run", "--quiet", "--locked", "-p", "longkey-tests", "--bin", "torture", "--"]);
    test::on_browsers(command.args(arguments.rest()))
}
