//! Builds, tests and shows Longkey. No part of the product: nothing here ships.
//!
//! One file per command; this one only finds the command.

mod arguments;
mod build;
mod demo;
mod fuzz;
mod layout;
mod lint;
mod manifest;
mod node;
mod package;
mod process;
mod reproduce;
mod run;
mod screenshots;
mod size;
mod test;
mod test_runner;
mod tools;
mod torture;
mod wasm;
mod words;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::arguments::Arguments;

const HELP: &str = "\
cargo xtask <command>

  build [--browser chrome|edge|firefox] [--test-overlay]
          the folders in dist that a browser loads unpacked
  run [--browser chromium|firefox|chrome|edge]
          a browser with Longkey on a fresh profile, and the real sites
  demo [--headless] [--browser chromium|firefox]
          a browser with Longkey on stand-ins of X and the services: no account, no network
  fakes
          the stand-ins alone
  bench [popup|sensor|accounts]
          what a person waits for when the popup opens, in both browsers; what the sensor costs a page of X; what a thousand
          accounts cost
  test [native|wasm|e2e]…
          everything that has to hold, or the named parts
  fuzz [TARGET] [--seconds N] [--input FILE]
          one fuzz target, guided by coverage (without a name: which there are); `fuzz bombs` says what refusals take, and
          fails where one takes too long
  lint
          Mozilla's linter over the package for Firefox
  package
          the zip files for the stores and the source, in dist
  reproduce
          the packages again from a copy of the sources in another folder: the same bytes?
  screenshots [--accept|--store]
          every screen, light and dark, in four languages; the records that tests compare with; what stores show
  size
          every module and package against its budget
  torture [--kills N] [--browser chromium|firefox] [--part kills|canary] [--seed N]
          200 kills in the middle of writing, and a search of profile and memory for secrets, in each browser
  test-runner …
          called by cargo for WASM tests
";

fn main() -> ExitCode {
    match obey(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn obey(mut words: Vec<String>) -> Result<()> {
    if words.is_empty() {
        print!("{HELP}");
        return Ok(());
    }
    let command = words.remove(0);
    if command == "test-runner" {
        return test_runner::command(words);
    }
    let arguments = Arguments::new(words);
    match command.as_str() {
        "build" => build::command(arguments),
        "bench" => demo::bench(arguments),
        "demo" => demo::demo(arguments),
        "fakes" => demo::fakes(arguments),
        "fuzz" => fuzz::command(arguments),
        "lint" => lint::command(arguments),
        "run" => run::command(arguments),
        "test" => test::command(arguments),
        "package" => package::command(arguments),
        "reproduce" => reproduce::command(arguments),
        "screenshots" => screenshots::command(arguments),
        "size" => size::command(arguments),
        "torture" => torture::command(arguments),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("there is no command `{other}`\n\n{HELP}"),
    }
}
