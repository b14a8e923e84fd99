//! Where things lie in this repository. Names folders and nothing else: it reads and writes no file.

use std::path::PathBuf;

/// The repository's root folder.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable for `cargo run`; the built-in value serves a binary that is started by hand.
    let xtask =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    xtask.parent().map_or_else(|| xtask.clone(), PathBuf::from)
}

/// Where Cargo puts what it compiles.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// What xtask keeps between runs: optimised modules, build lock.
pub(crate) fn kept() -> PathBuf {
    target().join("xtask")
}

/// The folders that a browser loads unpacked.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// What a fuzz target leaves to look at: inputs that failed.
pub(crate) fn artefacts() -> PathBuf {
    root().join("artefacts")
}

/// Pages, styles, icons, languages and plain scripts.
pub(crate) fn statics() -> PathBuf {
    root().join("static")
}

/// The tools for Node, with their lock file.
pub(crate) fn node_tools() -> PathBuf {
    root().join("xtask")
}

/// Cargo's home, where it keeps sources and installed programs.
pub(crate) fn cargo_home() -> PathBuf {
    std::env::var_os("CARGO_HOME")
        .map_or_else(|| std::env::home_dir().unwrap_or_default().join(".cargo"), PathBuf::from)
}
