//! The kdf module: Argon2id v1.3 (RFC 9106) and nothing else. It runs in a page's worker that is ended
//! after one derivation, because the memory of a WASM instance never shrinks.
//!
//! It knows no vault, no slot and no ceiling: whoever names the cost has checked it (`vault::work`).

use argon2::{Algorithm, Argon2, Block, Params, Version};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::{Zeroize, Zeroizing};

/// 32 bytes from a passphrase (UTF-8, NFKC already applied).
///
/// # Errors
/// A word: the cost is not one that Argon2id has, or the memory cannot be had.
#[wasm_bindgen]
pub fn derive(passphrase: Vec<u8>, salt: &[u8], memory_kib: u32, passes: u32, lanes: u32) -> Result<Vec<u8>, JsValue> {
    let passphrase = Zeroizing::new(passphrase);
    let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| JsValue::from_str("cost"))?;
    let count = params.block_count();
    // Reserved by hand: a failing allocation inside Argon2 would abort the module instead of answering.
    let mut memory = Vec::new();
    memory.try_reserve_exact(count).map_err(|_| JsValue::from_str("memory"))?;
    memory.resize(count, Block::default());
    let mut derived = vec![0; 32];
    let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        &passphrase,
        salt,
        &mut derived,
        &mut memory,
    );
    if done.is_err() {
        derived.zeroize();
        return Err(JsValue::from_str("cost"));
    }
    Ok(derived)
}

fn main() {}
