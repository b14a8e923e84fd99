//! One target under libFuzzer, which looks at what the code does with each input. Started by `cargo xtask fuzz`, which
//! compiles it with coverage; the target's name is in the environment, its seeds go into the first folder named.

#![no_main]

use libfuzzer_sys::fuzz_target;
use longkey_fuzz::{Target, target};
use std::path::Path;
use std::sync::LazyLock;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("LONGKEY_FUZZ").unwrap_or_default();
    target(&name).unwrap_or_else(|| panic!("LONGKEY_FUZZ names no target: `{name}`"))
});

fn begin() {
    let Some(corpus) = std::env::args().skip(1).find(|word| Path::new(word).is_dir()) else { return };
    for (at, seed) in (TARGET.seeds)().into_iter().enumerate() {
        std::fs::write(Path::new(&corpus).join(format!("seed-{at}")), seed).expect("the corpus can be written");
    }
}

fuzz_target!(init: begin(), |bytes: &[u8]| {
    let _ = (TARGET.run)(bytes);
});
