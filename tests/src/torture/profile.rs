//! Every file below a folder, searched as it lies there and, where it is a store, as it reads unpacked.
//!
//! Deliberately no file's meaning: what is a store is told by its content, so a new store of a kind that is known
//! is searched too. Not unpacked are HTTP caches (what the extension fetches is `no-store`) and archives.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;

use super::needles::Needles;
use super::unpack::{mozilla_lz4, snappy, snappy_frames};
use super::{leveldb, sqlite};

/// What a search met.
#[derive(Clone, Debug, Default)]
pub struct Searched {
    /// Files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Bytes that came out of stores.
    pub unpacked: u64,
    /// How often a canary (by its name) was met, by where: encoding, file, how it was read.
    pub hits: BTreeMap<(&'static str, String), usize>,
}

impl Searched {
    /// How often that canary was met.
    #[must_use]
    pub fn of(&self, canary: &str) -> usize {
        self.hits.iter().filter(|((name, _), _)| *name == canary).map(|(_, many)| many).sum()
    }
}

/// Searches all files below a folder.
///
/// # Errors
/// When a file cannot be read: an incomplete search would say too much.
pub fn search(folder: &Path, needles: &Needles) -> anyhow::Result<Searched> {
    let mut found = Searched::default();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in inside.read_dir().with_context(|| inside.display().to_string())? {
            let path = entry?.path();
            let kind = path.symlink_metadata()?.file_type();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(folder)?.display().to_string();
                found.file(&path, &name, needles).with_context(|| name.clone())?;
            }
        }
    }
    Ok(found)
}

impl Searched {
    fn file(&mut self, path: &Path, name: &str, needles: &Needles) -> anyhow::Result<()> {
        let bytes = std::fs::read(path)?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        // A name may tell, too.
        self.piece(name.as_bytes(), name, "its name", needles);
        self.piece(&bytes, name, "as it lies", needles);
        let mut inner = |how: &str, piece: &[u8]| {
            self.unpacked += piece.len() as u64;
            self.piece(piece, name, how, needles);
        };
        if let Some(plain) = mozilla_lz4(&bytes) {
            inner("LZ4", &plain);
        } else if let Some(plain) = snappy_frames(&bytes) {
            inner("Snappy", &plain);
        } else if sqlite::is_one(&bytes) {
            let mut log = path.as_os_str().to_owned();
            log.push("-wal");
            let log = std::fs::read(log).unwrap_or_default();
            sqlite::records(&bytes, &log, |record| {
                inner("record", &record.whole);
                for blob in &record.blobs {
                    inner("Snappy in a record", &snappy(blob));
                    blink(blob, |plain| inner("Blink's Snappy in a record", plain));
                }
            });
        } else if path.parent().is_some_and(|folder| folder.join("CURRENT").is_file()) {
            let mut entry = |entry: &[u8]| {
                inner("LevelDB", entry);
                blink(entry, |plain| inner("Blink's Snappy in LevelDB", plain));
            };
            leveldb::table(&bytes, &mut entry);
            if name.ends_with(".log") {
                leveldb::log(&bytes, &mut entry);
            }
        }
        Ok(())
    }

    fn piece(&mut self, bytes: &[u8], name: &str, how: &str, needles: &Needles) {
        for (canary, encoding) in needles.within(bytes) {
            *self.hits.entry((canary, format!("{encoding}, {name}, {how}"))).or_default() += 1;
        }
    }
}

/// How Blink marks a large value of IndexedDB that it has packed: version tag, version 17, "compressed with Snappy"
/// (Chromium's third_party/blink/renderer/modules/indexeddb/idb_value_wrapping.cc).
const BLINK: &[u8] = b"\xff\x11\x02";

fn blink(bytes: &[u8], mut tell: impl FnMut(&[u8])) {
    for (at, _) in bytes.windows(BLINK.len()).enumerate().filter(|(_, window)| *window == BLINK) {
        tell(&snappy(&bytes[at + BLINK.len()..]));
    }
}
