//! Fakes, browsers and everything that checks Longkey.

#[cfg(not(target_arch = "wasm32"))]
pub mod browsers;
#[cfg(not(target_arch = "wasm32"))]
pub mod contract;
#[cfg(not(target_arch = "wasm32"))]
pub mod fakes;
#[cfg(not(target_arch = "wasm32"))]
pub mod pictures;
#[cfg(not(target_arch = "wasm32"))]
pub mod probe;
#[cfg(not(target_arch = "wasm32"))]
pub mod stage;
#[cfg(not(target_arch = "wasm32"))]
pub mod torture;
