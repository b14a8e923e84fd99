//! `cargo xtask test`: everything that has to hold, step by step, up to the first failure.
//!
//! The steps are a list. Nothing is skipped in silence: what cannot run is a failure.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::arguments::Arguments;
use crate::manifest::Package;
use crate::{build, layout, lint, node, process, reproduce, size, tools};

/// Where a step belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Native,
    Wasm,
    EndToEnd,
}

/// One step: its group, its name, and what it does.
type Step = (Group, &'static str, fn() -> Result<()>);

const STEPS: &[Step] = &[
    (Group::Native, "formatting", formatting),
    (Group::Native, "clippy", clippy),
    (Group::Native, "core without an operating system", core_alone),
    (Group::Native, "tests of the core", || test_all("longkey-core")),
    (Group::Native, "tests of the build", || test_all("xtask")),
    (Group::Native, "tests of the whole", tests_of_the_whole),
    (Group::Wasm, "clippy for the browser", clippy_wasm),
    (Group::Wasm, "tests of the core in WASM", tests_in_wasm),
    (Group::Wasm, "tests in both browsers' pages", tests_in_pages),
    (Group::EndToEnd, "packages", || build::build(&Package::ALL).map(drop)),
    (Group::EndToEnd, "the same bytes from another folder", reproduce::check),
    (Group::EndToEnd, "web-ext lint", lint::check),
    (Group::EndToEnd, "tests in both browsers", end_to_end),
    (Group::EndToEnd, "sizes", size::check),
];

/// Test targets of `longkey-tests` that have a step of their own.
const OWN_STEP: &[&str] = &["browser", "e2e"];

/// The target that browsers run.
const WASM: &str = "wasm32-unknown-unknown";

/// The command.
pub(crate) fn command(arguments: Arguments) -> Result<()> {
    let mut groups = Vec::new();
    for word in arguments.rest() {
        groups.push(match word.as_str() {
            "native" => Group::Native,
            "wasm" => Group::Wasm,
            "e2e" => Group::EndToEnd,
            other => bail!("`{other}` is no part of the tests; there are native, wasm and e2e"),
        });
    }
    if groups.is_empty() {
        groups = vec![Group::Native, Group::Wasm, Group::EndToEnd];
    }
    let start = Instant::now();
    let mut passed = 0;
    for (_, name, step) in STEPS.iter().filter(|(group, ..)| groups.contains(group)) {
        println!("\n── {name}");
        let begun = Instant::now();
        if let Err(error) = step() {
            println!("── {name}: failed after {:.1} s", begun.elapsed().as_secs_f32());
            println!("{passed} passed, 1 failed ({:.0} s)", start.elapsed().as_secs_f32());
            return Err(error.context(*name));
        }
        passed += 1;
        println!("── {name}: {:.1} s", begun.elapsed().as_secs_f32());
    }
    println!("\n{passed} passed, 0 failed ({:.0} s)", start.elapsed().as_secs_f32());
    Ok(())
}

/// Cargo with the words of a line.
fn cargo(line: &str) -> Result<()> {
    process::run(process::cargo().args(line.split(' ')))
}

fn formatting() -> Result<()> {
    cargo("fmt --all --check")
}

fn clippy() -> Result<()> {
    cargo("clippy --quiet --locked --workspace --exclude longkey-extension --all-targets -- -D warnings")
}

fn clippy_wasm() -> Result<()> {
    tools::target(WASM)?;
    cargo(&format!("clippy --quiet --locked -p longkey-extension --target {WASM} -- -D warnings"))
}

fn core_alone() -> Result<()> {
    tools::target("wasm32v1-none")?;
    cargo("build --quiet --locked -p longkey-core --target wasm32v1-none")
}

fn test_all(package: &str) -> Result<()> {
    cargo(&format!("test --locked -p {package} -- --quiet"))
}

fn tests_of_the_whole() -> Result<()> {
    let mut command = process::cargo();
    command.args(["test", "--locked", "-p", "longkey-tests", "--lib", "--bins"]);
    for target in targets()?.iter().filter(|name| !OWN_STEP.contains(&name.as_str())) {
        command.args(["--test", target]);
    }
    process::run(command.args(["--", "--quiet"]))
}

/// The core's tests once more, under Node.
fn tests_in_wasm() -> Result<()> {
    tools::target(WASM)?;
    tools::node()?;
    cargo(&format!("test --locked --no-default-features --target {WASM} -p longkey-tests --test core"))
}

/// What needs a browser's own APIs, in a page of each browser; the runner takes the driver from the environment.
fn tests_in_pages() -> Result<()> {
    tools::target(WASM)?;
    let browsers = tools::browsers()?;
    for driver in ["CHROMEDRIVER", "GECKODRIVER"] {
        let mut command = process::cargo();
        command.args([
            "test",
            "--locked",
            "--no-default-features",
            "--target",
            WASM,
            "-p",
            "longkey-tests",
            "--test",
            "browser",
        ]);
        browsers.tell(&mut command);
        for other in ["CHROMEDRIVER", "GECKODRIVER"].into_iter().filter(|it| *it != driver) {
            command.env_remove(other);
        }
        command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", layout::root().join("tests/wasm/webdriver.json"));
        process::run(&mut command)?;
    }
    Ok(())
}

fn end_to_end() -> Result<()> {
    // Pictures on record want their font, and axe is a package of Node.
    tools::fonts()?;
    node::ready()?;
    let mut command = process::cargo();
    // Two at a time: each test owns its browser, its fakes and its folder, and waits more than it works. Quiet, so that
    // what failed is not lost among some hundred lines of what did not.
    command.args(["test", "--locked", "-p", "longkey-tests", "--test", "e2e", "--", "--test-threads=2", "--quiet"]);
    on_browsers(&mut command)
}

/// Runs something that drives browsers over the packages in `dist`.
pub(crate) fn on_browsers(command: &mut Command) -> Result<()> {
    tools::browsers()?.tell(command);
    process::run(command.env("LONGKEY_DIST", layout::dist()))
}

/// The names of the test targets of `longkey-tests`.
fn targets() -> Result<Vec<String>> {
    let text = process::output(process::cargo().args(["metadata", "--locked", "--no-deps", "--format-version", "1"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let tests = metadata["packages"]
        .as_array()
        .and_then(|packages| packages.iter().find(|package| package["name"] == "longkey-tests"))
        .context("the workspace has no package longkey-tests")?;
    Ok(tests["targets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|target| target["kind"][0] == "test")
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect())
}
