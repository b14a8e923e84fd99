//! `cargo xtask demo`, `cargo xtask fakes` and `cargo xtask bench`: Longkey on this machine's stand-ins, without an account and without network.
//!
//! The stand-ins live in `longkey-tests`; this only builds what they need and starts them.

use anyhow::Result;

use crate::arguments::Arguments;
use crate::manifest::Package;
use crate::{build, process, test};

/// A browser with the extension on stand-ins of X and the services. The words go to the demo.
pub(crate) fn demo(arguments: Arguments) -> Result<()> {
    start("demo", arguments)
}

/// The stand-ins alone.
pub(crate) fn fakes(arguments: Arguments) -> Result<()> {
    start("fakes", arguments)
}

/// What a person waits for, measured in both browsers.
pub(crate) fn bench(arguments: Arguments) -> Result<()> {
    start("bench", arguments)
}

fn start(program: &str, arguments: Arguments) -> Result<()> {
    build::build(&Package::ALL)?;
    let mut command = process::cargo();
    command.args(["run", "--quiet", "--locked", "-p", "longkey-tests", "--bin", program, "--"]).args(arguments.rest());
    test::on_browsers(&mut command)
}
