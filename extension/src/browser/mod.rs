//! One file per browser API; the only place of `extern "C"`. Every import has `catch`: a JavaScript
//! exception that is not caught leaves its promise pending for ever.
//!
//! Both browsers offer Manifest V3's promise-returning APIs under `chrome`.

pub mod deadline;
pub mod extension;
pub mod fetch;
pub mod locks;
pub mod mirror;
pub mod qr;
pub mod storage;
pub mod toolbar;
mod turns;

// The pages' side.
pub mod asked;
pub mod choices;
pub mod clipboard;
pub mod commands;
pub mod files;
pub mod i18n;
pub mod kdf_worker;
pub mod messages;
pub mod notifications;
pub mod passkey;
pub mod permissions;
pub mod place;
pub mod promise;
pub mod qr_pictures;
pub mod qr_worker;
pub mod runtime;
pub mod seen;
pub mod session_rows;
pub mod tabs;
pub mod timer;
pub mod used;
