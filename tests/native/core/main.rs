//! The core, natively: vectors, rules, and stories told as lists of events.

mod codes;
mod gate;
mod keys;
mod sensor_judge;
mod services;
mod stories;
mod vault;
mod words;
mod world;
