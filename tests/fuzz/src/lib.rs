//! Fuzz targets for what Longkey reads from its stores, from messages, from services, from files and from people, and bombs that cost more than they weigh.
//!
//! A target is a plain function over bytes: it must never panic, and it asserts what must hold for whatever can be
//! read: it prints back as it was, and nothing opens but what was sealed. Who makes the bytes is not its business:
//! `blind` does for the short run of `cargo xtask test`, libFuzzer for `cargo xtask fuzz`.

pub mod blind;
pub mod bombs;
mod envelope;
mod files;
mod golden;
mod inbox;
mod messages;
mod pictures;
mod replies;
mod sightings;
mod slots;
mod store;
mod typed;

/// Something that reads bytes which others may have written.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name on the command line.
    pub name: &'static str,
    /// Reads the bytes and asserts what must hold. Whether they meant anything.
    pub run: fn(&[u8]) -> bool,
    /// Where to begin: what Longkey itself writes.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub const TARGETS: [Target; 12] = [
    Target { name: "envelope", run: envelope::run, seeds: envelope::seeds },
    Target { name: "slots", run: slots::run, seeds: slots::seeds },
    Target { name: "inbox", run: inbox::run, seeds: inbox::seeds },
    Target { name: "messages", run: messages::run, seeds: messages::seeds },
    Target { name: "sightings", run: sightings::run, seeds: sightings::seeds },
    Target { name: "pictures", run: pictures::run, seeds: pictures::seeds },
    Target { name: "store", run: store::run, seeds: store::seeds },
    Target { name: "keys", run: typed::keys, seeds: typed::key_seeds },
    Target { name: "otpauth", run: typed::otpauth, seeds: typed::otpauth_seeds },
    Target { name: "migration", run: typed::migration, seeds: typed::migration_seeds },
    Target { name: "replies", run: replies::run, seeds: replies::seeds },
    Target { name: "files", run: files::run, seeds: files::seeds },
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
