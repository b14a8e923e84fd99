//! The core: vectors, rules, and stories told as lists of events. They run natively and, once more, in
//! WASM under Node.

mod backup_codes;
mod boot;
mod captures;
mod clock;
mod codes;
mod connecting;
mod connecting_late;
mod doubts;
mod fansly;
mod fansly_keys;
mod fansly_late;
mod faults;
mod gate;
mod import;
mod keys;
mod known_answers;
mod late;
mod lists;
mod locking;
mod many;
#[cfg(not(target_arch = "wasm32"))]
mod properties;
mod qr;
mod renamed;
mod rescue;
mod sealed_files;
mod seen_codes;
mod sensor_judge;
mod services;
mod settings;
mod sign_ins;
mod standing;
mod stories;
mod undo;
mod vault;
mod watching;
mod ways;
mod whose;
#[cfg(not(target_arch = "wasm32"))]
mod words;
mod workspaces;
mod world;
mod writers;
