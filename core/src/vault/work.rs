//! What a passphrase costs to try: Argon2id's parameters as a type, with a ceiling that is checked
//! before a byte is allocated (RFC 9106; a hostile store must not be able to name 4 GiB).

use serde::{Deserialize, Serialize};

/// Cost of Argon2id v1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct Work {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

#[derive(Serialize, Deserialize)]
struct Unchecked {
    m: u32,
    t: u32,
    p: u32,
}

impl Work {
    /// 64 MiB, 3 passes, 1 lane (RFC 9106 §4, second recommended option, with one lane).
    pub const USUAL: Self = Self { memory_kib: 65_536, passes: 3, lanes: 1 };
    /// 19 MiB, 2 passes: only where 64 MiB cannot be had.
    pub const SMALL: Self = Self { memory_kib: 19_456, passes: 2, lanes: 1 };
    /// The most that may be asked for at once, memory × passes in KiB.
    pub const MOST: u64 = 1024 * 1024;

    /// Checks the ceiling: 256 MiB, memory × passes at most 1 GiB, at most 4 lanes.
    #[must_use]
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Option<Self> {
        let it = Self { memory_kib, passes, lanes };
        let sane = (1..=4).contains(&lanes)
            && passes >= 1
            && memory_kib >= 8 * lanes
            && memory_kib <= 256 * 1024
            && it.total() <= Self::MOST;
        sane.then_some(it)
    }

    /// Memory × passes, in KiB.
    #[must_use]
    pub fn total(&self) -> u64 {
        u64::from(self.memory_kib) * u64::from(self.passes)
    }

    /// Memory in KiB.
    #[must_use]
    pub fn memory_kib(&self) -> u32 {
        self.memory_kib
    }
    /// Passes over it.
    #[must_use]
    pub fn passes(&self) -> u32 {
        self.passes
    }
    /// Lanes.
    #[must_use]
    pub fn lanes(&self) -> u32 {
        self.lanes
    }
}

impl TryFrom<Unchecked> for Work {
    type Error = &'static str;
    fn try_from(it: Unchecked) -> Result<Self, Self::Error> {
        Self::new(it.m, it.t, it.p).ok_or("cost above the ceiling")
    }
}

impl From<Work> for Unchecked {
    fn from(it: Work) -> Self {
        Self { m: it.memory_kib, t: it.passes, p: it.lanes }
    }
}
