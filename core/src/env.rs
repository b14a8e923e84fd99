//! What the world hands in with each event: the moment and random bytes.

use crate::clock::UnixTime;
use crate::label::Id;

/// A source of random bytes. In the browser `crypto.getRandomValues`, in tests a counter.
pub trait Rng {
    /// Fills the slice.
    fn fill(&mut self, bytes: &mut [u8]);
}

/// The world at the moment of an event.
pub struct Env<'a> {
    /// The moment.
    pub now: UnixTime,
    /// Entropy.
    pub rng: &'a mut dyn Rng,
}

impl Env<'_> {
    /// Random bytes.
    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes);
        bytes
    }

    /// A new id.
    pub fn id(&mut self) -> Id {
        Id::new(self.random())
    }
}
