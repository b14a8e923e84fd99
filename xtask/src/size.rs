//! `cargo xtask size`: how large everything is, and whether it stays within its budget.

use anyhow::{Context, Result, bail};

use crate::arguments::Arguments;
use crate::build::{self, Built};
use crate::manifest::Package;
use crate::package;

/// Budgets in bytes. A module that is not named here has none and fails: whoever adds one decides its budget.
const BUDGETS: &[(&str, u64)] = &[
    // Planned were 260 000 and 110 000, for a smaller core; where the bytes go is told in extension/README.md.
    ("background", 620_000),
    ("pages", 250_000),
    ("kdf", 40_000),
    ("qr", 150_000),
    ("content.js", 8_192),
    ("package", 600_000),
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
    let rows = rows(&build::build(&Package::SHIPPED)?)?;
    table(&rows);
    let over: Vec<&str> = rows.iter().filter(|row| row.over()).map(|row| row.name.as_str()).collect();
    if !over.is_empty() {
        bail!("over budget: {}", over.join(", "));
    }
    Ok(())
}

/// Prints the table and judges nothing.
pub(crate) fn print(built: &Built) -> Result<()> {
    table(&rows(built)?);
    Ok(())
}

fn rows(built: &Built) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for module in &built.modules {
        rows.push(Row {
            name: format!("{}.wasm", module.name),
            raw: Some(module.raw),
            size: module.wasm().metadata()?.len(),
            budget: budget(&module.name)?,
        });
    }
    for (package, files) in &built.packages {
        if rows.iter().all(|row| row.name != "content.js") {
            let script = files.get("js/content.js").context("the package has no content.js")?;
            let size = script.len() as u64;
            rows.push(Row { name: "content.js".to_owned(), raw: None, size, budget: budget("content.js")? });
        }
        rows.push(Row {
            name: format!("dist/{} (zip)", package.name()),
            raw: Some(files.values().map(|bytes| bytes.len() as u64).sum()),
            size: package::zipped(files)?.len() as u64,
            budget: budget("package")?,
        });
    }
    Ok(rows)
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
