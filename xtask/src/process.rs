//! Starts other programs and turns a failure into a sentence. Never starts a shell.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Cargo, as if it were called from the shell.
///
/// `cargo run` hands its child the variables of the package that runs. Some build scripts watch them (ring's does), so
/// that calls through xtask and calls from the shell would rebuild each other's work for ever.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::layout::root());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let of_package = text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
            || ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"].contains(&&*text);
        if of_package {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Runs a program to its end; it shares our terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start `{}`", line(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", line(command));
    }
    Ok(())
}

/// Runs a program to its end and answers what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start `{}`", line(command)))?;
    if !done.status.success() {
        bail!("`{}` ended with {}", line(command), done.status);
    }
    String::from_utf8(done.stdout).with_context(|| format!("`{}` printed no UTF-8", line(command)))
}

/// Whether a program can be started and ends well; what it prints is dropped.
pub(crate) fn answers(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
