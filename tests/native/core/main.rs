//! The core: vectors, rules, and stories told as lists of events. They run natively and, once more, in
//! WASM under Node.

mod codes;
mod gate;
mod keys;
mod sensor_judge;
mod services;
mod stories;
mod vault;
#[cfg(not(target_arch = "wasm32"))]
mod words;
mod world;
