//! `cargo xtask package`: the zip files that stores are given, and the source beside them; the same bytes for the same files.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, anyhow, bail};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::arguments::Arguments;
use crate::build::{self, Files, VERSION};
use crate::manifest::Package;
use crate::{layout, process};

/// The command.
pub(crate) fn command(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    let built = build::build(&Package::SHIPPED)?;
    for (package, files) in &built.packages {
        keep(package.name(), &zipped(files)?)?;
    }
    // Unpacked from that archive there is nothing that could name its files, and nobody needs it once more.
    if !layout::root().join(".git").exists() {
        println!("no source archive: it is that of a commit, and there is no repository here");
        return Ok(());
    }
    keep("source", &stored(&sources()?)?)
}

fn keep(name: &str, bytes: &[u8]) -> Result<()> {
    let path = layout::dist().join(format!("longkey-{VERSION}-{name}.zip"));
    std::fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    println!("{} ({} bytes)", path.display(), bytes.len());
    Ok(())
}

/// The files that git tracks, as they stand there. What is not committed would make another archive than the commit's, so it
/// is refused.
fn sources() -> Result<Files> {
    let git = |words: &[&str]| process::output(Command::new("git").current_dir(layout::root()).args(words));
    let changed = git(&["status", "--porcelain"])?;
    if !changed.is_empty() {
        bail!("the source archive is that of a commit, and these files are not committed:\n{changed}");
    }
    let names = git(&["ls-files", "-z"]).context("the list of sources")?;
    let read =
        |name: &str| Ok((name.to_owned(), std::fs::read(layout::root().join(name)).with_context(|| name.to_owned())?));
    names.split('\0').filter(|name| !name.is_empty()).map(read).collect()
}

/// How often Zopfli tries again.
const ITERATIONS: i64 = 15;

/// The files as a zip archive, deflated by Zopfli: 4 % smaller than zlib at its best. It holds no time and no owner, since those would differ from build to build.
pub(crate) fn zipped(files: &Files) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let mut one = ZipArchive::new(Cursor::new(deflated(bytes)?))?;
        archive.raw_copy_file_rename(one.by_index_raw(0)?, name.as_str())?;
    }
    Ok(archive.finish()?.into_inner())
}

/// The files as they are: reviewers get the sources once, and Zopfli would take minutes.
fn stored(files: &Files) -> Result<Vec<u8>> {
    let options = plain().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

fn plain() -> SimpleFileOptions {
    SimpleFileOptions::default().last_modified_time(DateTime::default()).unix_permissions(0o644)
}

/// An archive of one file, made once: Zopfli takes its time, and nearly all files are the same in every package.
fn deflated(bytes: &[u8]) -> Result<Vec<u8>> {
    static MADE: Mutex<BTreeMap<Vec<u8>, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let mut made = MADE.lock().map_err(|_| anyhow!("packing has failed before"))?;
    if let Some(one) = made.get(bytes) {
        return Ok(one.clone());
    }
    let options = plain().compression_method(CompressionMethod::Deflated).compression_level(Some(ITERATIONS));
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("one", options)?;
    archive.write_all(bytes)?;
    let one = archive.finish()?.into_inner();
    made.insert(bytes.to_vec(), one.clone());
    Ok(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A level that the zip crate does not take is refused only when something is packed.
    #[test]
    fn both_ways_of_packing_work_and_give_the_same_bytes_again() {
        let files = Files::from([("a/b.txt".to_owned(), b"words, words, words".to_vec())]);
        for pack in [zipped, stored] {
            let bytes = pack(&files).expect("an archive");
            assert_eq!(bytes, pack(&files).expect("an archive"));
            assert!(bytes.starts_with(b"PK"));
        }
    }
}
