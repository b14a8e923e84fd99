//! Shows the main job in a real browser, step by step: X shows a login key, Longkey keeps it and gives the code, Xquik
//! signs the account in with it. X and Xquik are the fakes; no account and no network is needed.
//!
//! It ends well only if the fakes agree that the key Xquik received is the key X confirmed. It does not build the
//! extension: `cargo xtask demo` does that and then starts this.

#[cfg(not(target_arch = "wasm32"))]
mod album;
#[cfg(not(target_arch = "wasm32"))]
mod asked;
#[cfg(not(target_arch = "wasm32"))]
mod walk;

#[cfg(not(target_arch = "wasm32"))]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    let shown = match asked::Asked::of(std::env::args().skip(1)) {
        // The browser ends with its value, so an interruption has to come back to here.
        Ok(asked) => tokio::select! {
            shown = walk::show(&asked) => shown,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        },
        Err(error) => Err(error),
    };
    match shown {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// There is no browser to drive from inside one.
#[cfg(target_arch = "wasm32")]
fn main() {}
