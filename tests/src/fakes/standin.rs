//! The stand-in pages of `sites/x`: single steps and decoys, each with what Longkey must make of it.
//! The manifest is the list; this file reads it and puts a nonce into a page's scripts, nothing more.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use serde::Deserialize;

/// One page of the manifest.
#[derive(Clone, Debug, Deserialize)]
pub struct Standin {
    /// File name in `sites/x`.
    pub file: String,
    /// Where to serve it; may have a query.
    pub path: String,
    /// On which host.
    #[serde(default = "x_com")]
    pub host: String,
    /// What the page shows: `secret`, `qr`, `code`, `conflict`, `reject`, …
    pub step: String,
    /// The secret that may be taken without asking.
    pub expect: Option<String>,
    /// Why the page is there.
    pub why: String,
    /// The secret in its QR code.
    pub qr_secret: Option<String>,
    /// The whole text of its QR code.
    pub qr_uri: Option<String>,
    /// The backup codes that it shows.
    #[serde(default)]
    pub backup: Vec<String>,
    /// The codes that it shows one after the other.
    #[serde(default)]
    pub backup_sequence: Vec<String>,
    /// The input for a code.
    pub fill: Option<String>,
    /// The input for a backup code.
    pub fill_backup: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    pages: Vec<Standin>,
}

fn x_com() -> String {
    "x.com".to_owned()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sites/x")
}

impl Standin {
    /// All pages.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn all() -> anyhow::Result<Vec<Self>> {
        let path = folder().join("manifest.json");
        let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let manifest: Manifest = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        Ok(manifest.pages)
    }

    /// The page's address.
    pub fn address(&self) -> String {
        format!("https://{}{}", self.host, self.path)
    }

    /// The path without the query.
    pub(crate) fn place(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The page, its scripts allowed by `nonce`.
    pub(crate) fn page(&self, nonce: &str) -> anyhow::Result<String> {
        let path = folder().join(&self.file);
        let page = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok(page.replace("<script>", &format!("<script nonce=\"{nonce}\">")))
    }
}

pub(crate) fn find(file: &str) -> anyhow::Result<Standin> {
    let page = Standin::all()?.into_iter().find(|page| page.file == file);
    page.with_context(|| format!("sites/x/manifest.json does not list {file}"))
}
