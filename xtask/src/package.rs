//! `cargo xtask package`: the zip file that a store is given, the same bytes for the same files.

use std::io::{Cursor, Write};

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::arguments::Arguments;
use crate::build::{self, Files, VERSION};
use crate::layout;
use crate::manifest::Package;

/// The command.
pub(crate) fn command(arguments: Arguments) -> Result<()> {
    arguments.finish()?;
    let built = build::build(&Package::SHIPPED)?;
    std::fs::create_dir_all(layout::artefacts())?;
    for (package, files) in &built.packages {
        let path = layout::artefacts().join(format!("longkey-{VERSION}-{}.zip", package.name()));
        let bytes = zipped(files)?;
        std::fs::write(&path, &bytes).with_context(|| path.display().to_string())?;
        println!("{} ({} bytes)", path.display(), bytes.len());
    }
    Ok(())
}

/// The files as a zip archive. It holds no time and no owner, since those would differ from build to build.
pub(crate) fn zipped(files: &Files) -> Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(name.as_str(), options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
