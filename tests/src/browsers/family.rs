//! A browser's processes: found below its driver, named by what they are for, and killed together. Linux's `/proc`
//! (proc(5)) is all that is asked. Deliberately knows nothing of drivers' protocols.

use std::collections::HashMap;
use std::fs;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use super::patience;

/// One process of a browser.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// What it is for: `main`, `extension`, `renderer`, `gpu-process`, `WebExtensions` and so on, in the browser's word.
    pub role: String,
}

/// What `/proc/<id>/stat` says: the state and the parent.
fn stat(id: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in brackets may hold spaces and brackets of its own.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// The processes below the driver that this shell runs: shell, driver, browser, and what the browser started.
pub(super) fn of_driver(shell: u32) -> anyhow::Result<Vec<Process>> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let Some(id) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        match stat(id) {
            Some((state, parent)) if state != 'Z' => children.entry(parent).or_default().push(id),
            _ => {}
        }
    }
    let below = |ids: &[u32]| ids.iter().flat_map(|id| children.get(id).cloned().unwrap_or_default()).collect();
    let driver: Vec<u32> = below(&[shell]);
    let mut generation: Vec<u32> = below(&driver);
    let mut found = Vec::new();
    while !generation.is_empty() {
        found.extend(generation.iter().map(|id| Process { id: *id, role: role(*id) }));
        generation = below(&generation);
    }
    ensure!(!found.is_empty(), "the browser has no processes");
    Ok(found)
}

/// Chromium tells in the arguments, Firefox in the name.
fn role(id: u32) -> String {
    let arguments = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
    let arguments = String::from_utf8_lossy(&arguments);
    let mut words = arguments.split(['\0', ' ']);
    if arguments.contains("--extension-process") {
        return "extension".to_owned();
    }
    if let Some(kind) = words.clone().find_map(|word| word.strip_prefix("--type=")) {
        return kind.to_owned();
    }
    if words.any(|word| word == "-contentproc") {
        return fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default().trim().to_owned();
    }
    "main".to_owned()
}

/// Kills them with one call, so that none outlives the others by more than a moment, and waits until all are dead.
pub(super) async fn kill(processes: &[Process]) -> anyhow::Result<()> {
    let ids = processes.iter().map(|process| process.id.to_string());
    // Those that ended by themselves meanwhile make it fail; whether all are dead is asked below.
    Command::new("kill").arg("-KILL").args(ids).stderr(Stdio::null()).status().context("kill does not start")?;
    patience::until("the browser to be dead", patience::DEADLINE, async || {
        let dead = |process: &Process| stat(process.id).is_none_or(|(state, _)| state == 'Z');
        Ok(processes.iter().all(dead).then_some(()))
    })
    .await
}
