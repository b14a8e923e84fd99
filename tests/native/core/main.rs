//! The core: vectors, rules, and stories told as lists of events. They run natively and, once more, in
//! WASM under Node.

mod backup_codes;
mod boot;
mod clock;
mod codes;
mod doubts;
mod faults;
mod gate;
mod keys;
mod known_answers;
mod locking;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod qr;
mod rescue;
mod seen_codes;
mod sensor_judge;
mod services;
mod sign_ins;
mod stories;
mod vault;
mod ways;
mod whose;
#[cfg(not(target_arch = "wasm32"))]
mod words;
mod world;
mod writers;
