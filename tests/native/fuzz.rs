//! Each fuzz target over its seeds and a short run that is the same everywhere. Long runs: `cargo xtask fuzz`.

#![cfg(not(target_arch = "wasm32"))]

use longkey_fuzz::{TARGETS, blind, target};

const RUNS: u64 = 600;

fn short(name: &str) {
    let target = target(name).expect("a target");
    let seeds = (target.seeds)();
    for seed in &seeds {
        assert!((target.run)(seed) || seed == b"[]", "{name} does not understand {}", String::from_utf8_lossy(seed));
    }
    let tally = blind::run(target, 1, RUNS);
    assert_eq!(tally.runs, RUNS + seeds.len() as u64);
    // A run that is understood nowhere tests the first byte of a parser and nothing behind it.
    assert!(tally.understood * 50 > tally.runs, "{name}: {tally:?}");
    println!("{name}: {tally:?}");
}

#[test]
fn envelope() {
    short("envelope");
}

#[test]
fn slots() {
    short("slots");
}

#[test]
fn inbox() {
    short("inbox");
}

#[test]
fn messages() {
    short("messages");
}

#[test]
fn sightings() {
    short("sightings");
}

#[test]
fn pictures() {
    short("pictures");
}

#[test]
fn store() {
    short("store");
}

#[test]
fn keys() {
    short("keys");
}

#[test]
fn otpauth() {
    short("otpauth");
}

#[test]
fn migration() {
    short("migration");
}

#[test]
fn replies() {
    short("replies");
}

#[test]
fn files() {
    short("files");
}

/// A target that nobody runs finds nothing.
#[test]
fn each_target_has_its_test() {
    let names = TARGETS.map(|target| target.name);
    let here = ["envelope", "slots", "inbox", "messages", "sightings", "pictures", "store"];
    assert_eq!(names, [&here[..], &["keys", "otpauth", "migration", "replies", "files"]].concat()[..]);
}
