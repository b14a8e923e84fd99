//! `cargo xtask test-runner`: runs a WASM test, for the `runner` in `.cargo/config.toml`.
//!
//! wasm-bindgen's own runner as a library, so that its version is always the one in `Cargo.lock`.

use anyhow::Result;

/// The command. Its words belong to wasm-bindgen.
pub(crate) fn command(words: Vec<String>) -> Result<()> {
    let program = "wasm-bindgen-test-runner".to_owned();
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::iter::once(program).chain(words))
}
