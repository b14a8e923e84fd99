//! A browser's memory, searched for secrets through Linux's `/proc/<id>/mem` (proc(5)); needs the same user or root.
//!
//! Deliberately a report: what a browser leaves in freed memory is its own affair, and the driver that types for us
//! leaves copies too.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

use super::needles::Needles;
use crate::browsers::Process;

/// Read at once.
const PIECE: usize = 4 << 20;
/// The smallest page of Linux; larger ones are whole multiples.
const PAGE: u64 = 4096;

/// How often a canary was met, by the role of the process.
pub type Met = BTreeMap<(&'static str, String), usize>;

/// Searches the memory of these processes.
///
/// # Errors
/// When no process may be read.
pub fn search(processes: &[Process], needles: &Needles) -> anyhow::Result<Met> {
    let (mut met, mut read) = (Met::new(), 0_u64);
    for process in processes {
        // A process may end at any moment; whether any could be read is asked below.
        let Ok(maps) = std::fs::read_to_string(format!("/proc/{}/maps", process.id)) else { continue };
        let Ok(memory) = File::open(format!("/proc/{}/mem", process.id)) else { continue };
        for (from, to) in maps.lines().filter_map(writable) {
            read += region(&memory, from, to, needles, |canary| {
                *met.entry((canary, process.role.clone())).or_default() += 1;
            });
        }
    }
    anyhow::ensure!(read > 0, "no process lets its memory be read: run it as root or allow ptrace");
    Ok(met)
}

/// The addresses of a line of `maps`, if the program may write there: what it only reads came from files.
fn writable(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split(' ');
    let (from, to) = words.next()?.split_once('-')?;
    words.next()?.starts_with("rw").then_some(())?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    Some((number(from)?, number(to)?))
}

/// Searches one region in pieces that share their borders; says how much could be read.
fn region(memory: &File, from: u64, to: u64, needles: &Needles, mut met: impl FnMut(&'static str)) -> u64 {
    let share = needles.longest().saturating_sub(1);
    let (mut at, mut kept, mut buffer) = (from, 0, vec![0; share + PIECE]);
    let mut read = 0;
    while at < to {
        let most = usize::try_from(to - at).unwrap_or(PIECE).min(PIECE);
        // A page may have gone since the map was read, or belong to a device; those behind it still count.
        let many = memory.read_at(&mut buffer[kept..kept + most], at).unwrap_or_default();
        if many == 0 {
            (at, kept) = (at + PAGE, 0);
            continue;
        }
        let end = kept + many;
        // What lies whole in the shared beginning was met before.
        for (canary, _) in needles.ending_after(&buffer[..end], kept) {
            met(canary);
        }
        let share = share.min(end);
        buffer.copy_within(end - share..end, 0);
        (kept, at, read) = (share, at + many as u64, read + many as u64);
    }
    read
}

/// How often a canary was met in all processes.
#[must_use]
pub fn total(met: &Met, canary: &str) -> usize {
    met.iter().filter(|((name, _), _)| *name == canary).map(|(_, many)| many).sum()
}

/// How often any was met in the processes that run extensions: Chromium's are the extension's own, Firefox's is that
/// of all extensions.
#[must_use]
pub fn in_extensions(met: &Met) -> usize {
    let own = |role: &str| role == "extension" || role == "WebExtensions";
    met.iter().filter(|((_, role), _)| own(role)).map(|(_, many)| many).sum()
}

/// The figures in a line, by role.
#[must_use]
pub fn line(met: &Met, canary: &str) -> String {
    let parts: Vec<String> = met
        .iter()
        .filter(|((name, _), _)| *name == canary)
        .map(|((_, role), many)| format!("{many} in {role}"))
        .collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torture::needles::Canary;

    #[test]
    fn our_own_memory_is_searched_and_each_find_counts_once() {
        let name = "own";
        let needles = Needles::texts(&[Canary::text(name, "a canary of this test: 5f0c")]).expect("one");
        let mut held = vec![b'.'; 2 * PIECE + 100];
        held[PIECE - 10..][..27].copy_from_slice(b"a canary of this test: 5f0c");
        held[..27].copy_from_slice(b"a canary of this test: 5f0c");
        let memory = File::open("/proc/self/mem").expect("our own");
        let from = held.as_ptr().addr() as u64;
        let mut met = 0;
        region(&memory, from, from + held.len() as u64, &needles, |_| met += 1);
        assert_eq!(met, 2);
        let own = [Process { id: std::process::id(), role: "test".into() }];
        assert!(total(&search(&own, &needles).expect("our own"), name) >= 2);
        drop(held);
    }

    #[test]
    fn only_what_the_program_may_write_is_searched() {
        assert_eq!(writable("7f00-7fff rw-p 00000000 00:00 0 [heap]"), Some((0x7f00, 0x7fff)));
        assert_eq!(writable("7f00-7fff r-xp 00000000 00:00 0 /usr/bin/true"), None);
    }
}
