//! `cargo xtask build`: the folders under `dist` that a browser loads unpacked.
//!
//! Scripts ship as they are written, but for `content.js`: it runs on every page of X, so it is made small. Its names and
//! comments stay in the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::manifest::{self, Package};
use crate::wasm::{self, Module};
use crate::words::{self, Spoken};
use crate::{layout, node, process, size, tools};

/// The place in `content.js` where the core's watch plan is put. As it stands it is valid JavaScript.
const PLAN: &str = "/*@watch-plan@*/null";

/// A package's files, by their path with forward slashes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What a build made.
pub(crate) struct Built {
    /// The modules, which every package shares.
    pub(crate) modules: Vec<Module>,
    /// The packages with their files.
    pub(crate) packages: Vec<(Package, Files)>,
}

/// The command.
pub(crate) fn command(mut arguments: Arguments) -> Result<()> {
    let overlay = arguments.flag("--test-overlay");
    let browser = arguments.value("--browser")?;
    arguments.finish()?;
    let mut packages = match browser.as_deref() {
        None => Package::SHIPPED.to_vec(),
        Some("chrome" | "chromium") => vec![Package::Chrome],
        Some("edge") => vec![Package::Edge],
        Some("firefox") => vec![Package::Firefox],
        Some(other) => bail!("--browser takes chrome, edge or firefox, not {other}"),
    };
    if overlay {
        if packages.contains(&Package::Chrome) {
            packages.push(Package::TestChrome);
        }
        if packages.contains(&Package::Firefox) {
            packages.push(Package::TestFirefox);
        }
    }
    let built = build(&packages)?;
    size::print(&built)
}

/// Makes the packages and writes them to `dist`.
pub(crate) fn build(packages: &[Package]) -> Result<Built> {
    tools::target("wasm32-unknown-unknown")?;
    tools::node()?;
    std::fs::create_dir_all(layout::kept())?;
    // Two builds at once would read each other's half-written files.
    let lock = std::fs::File::create(layout::kept().join("build.lock"))?;
    lock.lock()?;
    let modules = wasm::modules()?;
    let mut shared = Files::new();
    read_folder(&layout::statics(), "", &mut shared)?;
    for module in &modules {
        read_folder(&module.folder, "wasm/", &mut shared)?;
    }
    bake_plan(&mut shared)?;
    let mut built = Built { modules, packages: Vec::new() };
    for &package in packages {
        let mut files = shared.clone();
        let shipped = Package::SHIPPED.contains(&package);
        words::compile(&mut files, if shipped { Spoken::ByPeople } else { Spoken::InTests })?;
        let manifest = manifest::merged(&layout::root(), package, VERSION)?;
        missing(&manifest, &files).with_context(|| format!("the manifest for {}", package.name()))?;
        files.insert("manifest.json".to_owned(), manifest.into_bytes());
        write(&layout::dist().join(package.name()), &files)?;
        built.packages.push((package, files));
    }
    Ok(built)
}

/// The product's version. It stands in the workspace's `Cargo.toml` alone; every member inherits it, xtask too.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Refuses a manifest that names a file which is not there: a browser would refuse the whole folder.
fn missing(manifest: &str, files: &Files) -> Result<()> {
    let mut open = vec![serde_json::from_str(manifest)?];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => open.extend(fields.into_iter().map(|(_, value)| value)),
            Value::Array(values) => open.extend(values),
            Value::String(text) => {
                let path = text.split('?').next().unwrap_or_default();
                let is_file = [".js", ".html", ".png"].iter().any(|ending| path.ends_with(ending));
                if is_file && !files.contains_key(path) {
                    bail!("{path} is named and missing");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn bake_plan(files: &mut Files) -> Result<()> {
    let Some(script) = files.get_mut("js/content.js") else {
        bail!("static/js/content.js is missing");
    };
    let text = std::str::from_utf8(script).context("static/js/content.js is no UTF-8")?;
    match text.matches(PLAN).count() {
        0 => return Ok(()),
        1 => {}
        many => bail!("static/js/content.js has {many} places for the watch plan"),
    }
    let plan = process::output(process::cargo().args([
        "run",
        "--quiet",
        "--locked",
        "-p",
        "longkey-core",
        "--example",
        "watch_plan",
    ]))
    .context("the watch plan of content.js")?;
    // Parsed and printed again: what goes into a script is JSON, on one line, whatever the example printed.
    let plan: Value = serde_json::from_str(&plan).context("the watch plan is no JSON")?;
    *script = minified(&text.replacen(PLAN, &plan.to_string(), 1))?.into_bytes();
    Ok(())
}

/// The same script in fewer bytes.
fn minified(script: &str) -> Result<String> {
    let whole = layout::kept().join("content.js");
    std::fs::write(&whole, script).with_context(|| whole.display().to_string())?;
    process::output(node::tool("terser/bin/terser")?.arg(&whole).args([
        "--ecma",
        "2022",
        "--compress",
        "passes=3,unsafe_arrows=true",
        "--mangle",
        "--comments",
        "false",
    ]))
    .context("making content.js small")
}

/// Every file below a folder. Names that begin with a dot are notes of tools and stay behind.
pub(crate) fn read_folder(folder: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    for entry in folder.read_dir().with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            read_folder(&entry.path(), &format!("{prefix}{name}/"), files)?;
        } else {
            files.insert(format!("{prefix}{name}"), std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Makes the folder hold exactly these files, and touches none that is right already.
fn write(folder: &Path, files: &Files) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut found = Files::new();
    read_folder(folder, "", &mut found)?;
    for name in found.keys().filter(|name| !files.contains_key(*name)) {
        std::fs::remove_file(folder.join(name))?;
    }
    for (name, bytes) in files.iter().filter(|(name, bytes)| found.get(*name) != Some(*bytes)) {
        let path: PathBuf = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    }
    Ok(())
}
