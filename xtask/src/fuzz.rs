//! `cargo xtask fuzz`: one fuzz target for as long as it takes, guided by coverage (libFuzzer; needs a C++ compiler).
//!
//! The compiler's coverage flags are stable; what cargo-fuzz needs a nightly for (the address sanitiser) has nothing
//! to find in a core that forbids `unsafe`. What was learned stays in `target/fuzz-corpus`, what failed in `artefacts`.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::arguments::Arguments;
use crate::{layout, process};

/// As in cargo-fuzz: edges with counters, a table of places, and the values that are compared.
const COVERAGE: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// A profile of its own, so that nothing else is compiled anew: fast, and with all checks.
const PROFILE: &[&str] = &[
    "profile.fuzz.inherits='release'",
    "profile.fuzz.opt-level=2",
    "profile.fuzz.lto=false",
    "profile.fuzz.debug='line-tables-only'",
    "profile.fuzz.debug-assertions=true",
    "profile.fuzz.overflow-checks=true",
];

/// How long, unless told.
const SECONDS: u32 = 60;

/// The one list of targets.
const TARGETS: &str = include_str!("../../tests/fuzz/src/lib.rs");

/// Their names.
fn targets() -> impl Iterator<Item = &'static str> {
    TARGETS.split("Target { name: \"").skip(1).filter_map(|rest| rest.split('"').next())
}

/// The command.
pub(crate) fn command(mut arguments: Arguments) -> Result<()> {
    let seconds = match arguments.value("--seconds")? {
        Some(text) => text.parse().with_context(|| format!("`{text}` is no number of seconds"))?,
        None => SECONDS,
    };
    let input = arguments.value("--input")?;
    let mut words = arguments.rest().into_iter();
    let (Some(target), None) = (words.next(), words.next()) else {
        bail!("name one target: {}; or bombs", targets().collect::<Vec<_>>().join(", "));
    };
    if target == "bombs" {
        let words = "run --quiet --release --locked -p longkey-fuzz --bin bombs";
        return process::run(process::cargo().args(words.split(' ')));
    }
    if !targets().any(|it| it == target) {
        bail!("there is no target `{target}`: {}; or bombs", targets().collect::<Vec<_>>().join(", "));
    }
    let corpus = layout::target().join("fuzz-corpus").join(&target);
    std::fs::create_dir_all(&corpus)?;
    std::fs::create_dir_all(layout::artefacts())?;
    let failed = layout::artefacts().join(format!("fuzz-{target}-"));

    let mut command = process::cargo();
    command.args(["run", "--locked", "-p", "longkey-fuzz", "--bin", "guided", "--features", "guided"]);
    command.args(["--profile", "fuzz"]);
    for line in PROFILE {
        command.args(["--config", line]);
    }
    // With a target named, the flags do not reach build scripts and macros.
    command.args(["--target", &host()?, "--"]);
    match input {
        Some(file) => command.arg(Path::new(&file)),
        None => command.arg(&corpus).arg(format!("-max_total_time={seconds}")),
    };
    command.arg(format!("-artifact_prefix={}", failed.display()));
    // An input that takes 10 s or 1 GiB is a finding too.
    command.args(["-max_len=32768", "-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1"]);
    command.env("LONGKEY_FUZZ", &target).env("CARGO_ENCODED_RUSTFLAGS", COVERAGE.join("\x1f"));
    process::run(&mut command)
}

/// The machine's own target.
fn host() -> Result<String> {
    let text = process::output(std::process::Command::new("rustc").arg("-vV").current_dir(layout::root()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("rustc does not name its host")?.to_owned())
}
