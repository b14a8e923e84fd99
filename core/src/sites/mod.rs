//! Sites that show long keys: which paths are watched, and how what they show becomes evidence.

pub mod qr;
pub mod x;
