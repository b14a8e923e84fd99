//! `cargo xtask size`: how large everything is, and whether it stays within its budget.

use anyhow::{Context, Result, bail};

use crate::arguments::Arguments;
use crate::build::{self, Built, Files};
use crate::manifest::Package;
use crate::package;

/// Budgets in bytes. A module that is not named here has none and fails: whoever adds one decides its budget.
const BUDGETS: &[(&str, u64)] = &[
    // Planned were 260 000 and 110 000, for a smaller core; where the bytes go is told in extension/README.md.
    ("background", 776_000),
    ("pages", 424_000),
    ("kdf", 40_000),
    ("qr", 150_000),
    ("content.js", 8_192),
    // The package with English alone; each language comes on top of it. Why it is more than was planned: extension/README.md.
    ("package", 668_000),
    ("a language", 23_000),
];

/// One line of the table.
struct Row {
    name: String,
    raw: Option<u64>,
    size: u64,
    budget: u64,
}

impl Row {
    fn over(&self) -> bool {
        self.size > self.budget
    }
}

/// The command.
pub(crate) fn command(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    check()
}

/// Builds what ships, prints the table, and fails when something is over its budget.
pub(crate) fn check() -> Result<()> {
    let built = build::build(&Package::SHIPPED)?;
    let rows: Vec<Row> = modules(&built)?.into_iter().chain(packages(&built)?).collect();
    table(&rows);
    let over: Vec<&str> = rows.iter().filter(|row| row.over()).map(|row| row.name.as_str()).collect();
    if !over.is_empty() {
        bail!("over budget: {}", over.join(", "));
    }
    Ok(())
}

/// Prints the modules' sizes and judges nothing. Packages are not made for it: their compression takes its time.
pub(crate) fn print(built: &Built) -> Result<()> {
    table(&modules(built)?);
    Ok(())
}

fn modules(built: &Built) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for module in &built.modules {
        rows.push(Row {
            name: format!("{}.wasm", module.name),
            raw: Some(module.raw),
            size: module.wasm().metadata()?.len(),
            budget: budget(&module.name)?,
        });
    }
    Ok(rows)
}

fn packages(built: &Built) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for (package, files) in &built.packages {
        if rows.iter().all(|row| row.name != "content.js") {
            let script = files.get("js/content.js").context("the package has no content.js")?;
            let size = script.len() as u64;
            rows.push(Row { name: "content.js".to_owned(), raw: None, size, budget: budget("content.js")? });
        }
        let (name, zipped) = (package.name(), package::zipped(files)?.len() as u64);
        let (languages, english): (Files, Files) =
            files.clone().into_iter().partition(|(name, _)| name.starts_with("_locales/") && !name.contains("/en/"));
        let alone = package::zipped(&english)?.len() as u64;
        rows.push(row(format!("dist/{name} in English"), &english, alone, budget("package")?));
        let others = budget("a language")? * languages.len() as u64;
        rows.push(row(format!("  {} more languages", languages.len()), &languages, zipped - alone, others));
    }
    Ok(rows)
}

fn row(name: String, files: &Files, size: u64, budget: u64) -> Row {
    Row { name, raw: Some(files.values().map(|bytes| bytes.len() as u64).sum()), size, budget }
}

fn budget(name: &str) -> Result<u64> {
    BUDGETS
        .iter()
        .find_map(|(known, bytes)| (*known == name).then_some(*bytes))
        .with_context(|| format!("{name} has no budget in xtask/src/size.rs"))
}

fn table(rows: &[Row]) {
    println!("{:<24}{:>10}{:>10}{:>10}", "bytes", "raw", "shipped", "budget");
    for row in rows {
        let raw = row.raw.map(|raw| raw.to_string()).unwrap_or_default();
        let mark = if row.over() { "  over" } else { "" };
        println!("{:<24}{raw:>10}{:>10}{:>10}{mark}", row.name, row.size, row.budget);
    }
}
