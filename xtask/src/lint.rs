//! `cargo xtask lint`: Mozilla's linter over the package for Firefox. A warning is a failure,
//! and so is a notice: the store's reviewers are shown those too.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

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
    let folder = layout::dist().join(Package::Firefox.name());
    let mut command = web_ext("lint")?;
    // Its status tells of errors alone, and of warnings where asked; what it found is read in any case.
    let done = command
        .arg("--source-dir")
        .arg(folder)
        .args(["--output", "json", "--boring"])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("could not start `{}`", process::line(&command)))?;
    let found = found(&String::from_utf8(done.stdout)?)?;
    if !found.is_empty() {
        bail!("web-ext lint found\n  {}", found.join("\n  "));
    }
    if !done.status.success() {
        bail!("web-ext lint found nothing, but ended with {}", done.status);
    }
    println!("web-ext lint: 0 errors, 0 warnings, 0 notices");
    Ok(())
}

/// Every error, warning and notice of the linter's answer, each on a line.
fn found(answer: &str) -> Result<Vec<String>> {
    let answer: Value = serde_json::from_str(answer).context("web-ext lint printed no JSON")?;
    let mut found = vec![];
    for (kind, list) in [("error", "errors"), ("warning", "warnings"), ("notice", "notices")] {
        let all = answer[list].as_array().with_context(|| format!("web-ext lint names no {list}"))?;
        let count = answer["summary"][list].as_u64();
        if count != Some(all.len() as u64) {
            bail!("web-ext lint counts {count:?} {list} and names {}", all.len());
        }
        found.extend(all.iter().map(|it| {
            let part = |name: &str| match &it[name] {
                Value::Null => String::new(),
                Value::String(text) => format!(" {text}"),
                other => format!(" {other}"),
            };
            format!("{kind}{}{}:{}", part("code"), part("file"), part("message"))
        }));
    }
    Ok(found)
}

/// web-ext, which asks nothing, reads no configuration and looks for no newer version of itself.
pub(crate) fn web_ext(command: &str) -> Result<std::process::Command> {
    let mut web_ext = node::tool("web-ext/bin/web-ext.js")?;
    web_ext.args([command, "--no-input", "--no-config-discovery"]).env("NO_UPDATE_NOTIFIER", "1");
    Ok(web_ext)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_found_as_an_error_is() {
        let clean = r#"{"summary":{"errors":0,"notices":0,"warnings":0},"errors":[],"notices":[],"warnings":[]}"#;
        assert_eq!(found(clean).expect("an answer"), [""; 0]);
        let one = r#"{"summary":{"errors":0,"notices":1,"warnings":0},"errors":[],"warnings":[],
            "notices":[{"code":"SOME_CODE","message":"Said of it","file":"js/page.js"}]}"#;
        assert_eq!(found(one).expect("an answer"), ["notice SOME_CODE js/page.js: Said of it"]);
        assert!(found("Validation Summary").is_err(), "no JSON");
        assert!(found(r#"{"summary":{"errors":1}}"#).is_err(), "another form of answer");
    }
}
