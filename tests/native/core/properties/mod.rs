//! What must hold for every vault, not for one: nothing that was changed or moved opens, and nothing secret prints.
//!
//! Short by default; `PROPTEST_CASES=100000 cargo test -p longkey-tests --test core properties` runs long. Costs
//! above the ceiling are in `bombs.rs`, beside an allocator that counts.

mod backup_codes;
mod changed;
mod clock;
mod judging;
mod leaks;
mod moved;

use crate::world::{START, World};
use longkey_core::effect::Key;
use longkey_core::env::{Env, Rng};
use longkey_core::secret::{Key32, Secret};
use longkey_core::vault::crypto;
use proptest::prelude::*;
use serde_json::Value;

/// `vectors/whole-1.json`, taken apart.
struct Whole {
    vault: String,
    device: String,
    inbox: String,
    derived: Key32,
}

fn whole() -> Whole {
    let whole: Value = serde_json::from_str(include_str!("../../../vectors/whole-1.json")).expect("JSON");
    let text = |name: &str| whole[name].as_str().expect("text").to_owned();
    // Argon2id of the passphrase, as `known_answers` computes it.
    let derived = "DRo8ZSPI8G5OCvnFFapbVEjP69aDjy1Sw9i2743cPC4";
    Whole {
        vault: text("vault"),
        device: text("device"),
        inbox: whole["inbox"].to_string(),
        derived: Key32::from_text(&Secret::new(derived.into())).expect("a key"),
    }
}

/// A browser whose store holds this vault, with a head that vouches for it: whoever can write the vault can write
/// the head.
fn store(vault: &str) -> World {
    let mut world = World::new();
    let sha256 = crypto::checksum(vault);
    let head = format!(r#"{{"active":0,"generation":1,"sha256":"{sha256}","writer":"AAAAAAAAAAAA"}}"#);
    world.local.insert(Key::Vault0, vault.into());
    world.local.insert(Key::Head, head);
    world.local.insert(Key::Born, "1".into());
    world
}

/// Random bytes from a number that proptest picks (the multiplier is Knuth's, as in `world.rs`).
struct Seeded(u64);

impl Rng for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (self.0 >> 33) as u8;
        }
    }
}

fn with_env<T>(seed: u64, make: impl FnOnce(&mut Env<'_>) -> T) -> T {
    make(&mut Env { now: START, rng: &mut Seeded(seed) })
}

fn key() -> impl Strategy<Value = Key32> {
    any::<[u8; 32]>().prop_map(Key32::new)
}

/// One bit of a text changed; nothing where the result is no text.
fn flipped(text: &str, at: usize, bit: u32) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] ^= 1 << bit;
    String::from_utf8(bytes).ok()
}
