//! The stand-in pages of `sites/x`: single steps and decoys, each with what Longkey must make of it.
//! The manifests are the lists, one for the public pages and one for our own; a page of ours is what stands in its
//! shell. This file reads them and puts a nonce into a page's scripts, nothing more.

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
    /// What a public page shows: `secret`, `qr`, `code`, `conflict`, `reject`, …
    #[serde(default)]
    pub step: String,
    /// What the judge makes of a page of our own: `certain`, `ask`, `qr`, …; `silent` if the sensor says nothing.
    pub leads: Option<String>,
    /// The key that it leads to.
    pub key: Option<String>,
    /// How many pictures the sensor reads; all show `qr-step.html`'s code.
    pub pictures: Option<usize>,
    /// The account that it names: `-` for none, `?` where its parts disagree; nothing where that is not its point.
    pub account: Option<String>,
    /// Whether they are light on dark.
    #[serde(default)]
    pub inverted: bool,
    /// What the whole extension offers for it in the end, where that is written down.
    pub drafts: Option<Vec<Drafted>>,
    /// Another page that must be served beside it, for a frame.
    pub also: Option<String>,
    shell: Option<String>,
    #[serde(default = "english")]
    lang: String,
    #[serde(default = "left_to_right")]
    dir: String,
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

/// A key that is offered or saved.
#[derive(Clone, Debug, Deserialize)]
pub struct Drafted {
    /// The key.
    pub key: String,
    /// Whose it is, as far as the page says.
    pub handle: Option<String>,
    /// Whether the user is asked before it is saved.
    pub ask: bool,
}

#[derive(Deserialize)]
struct Manifest {
    pages: Vec<Standin>,
}

fn x_com() -> String {
    "x.com".to_owned()
}

fn english() -> String {
    "en".to_owned()
}

fn left_to_right() -> String {
    "ltr".to_owned()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sites/x")
}

impl Standin {
    /// The public pages.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn all() -> anyhow::Result<Vec<Self>> {
        Self::listed("manifest.json")
    }

    /// The pages of our own.
    ///
    /// # Errors
    /// When the manifest cannot be read.
    pub fn own() -> anyhow::Result<Vec<Self>> {
        Self::listed("own/manifest.json")
    }

    fn listed(manifest: &str) -> anyhow::Result<Vec<Self>> {
        let path = folder().join(manifest);
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
        let read = |file: &str| {
            let path = folder().join(file);
            fs::read_to_string(&path).with_context(|| path.display().to_string())
        };
        let mut page = read(&self.file)?;
        if let Some(shell) = &self.shell {
            let around = read(&format!("own/shell.{shell}.html"))?;
            page = around.replace("LANG", &self.lang).replace("DIR", &self.dir).replace("BODY", page.trim_end());
        }
        Ok(page.replace("<script>", &format!("<script nonce=\"{nonce}\">")))
    }
}

pub(crate) fn find(file: &str) -> anyhow::Result<Standin> {
    let page = Standin::all()?.into_iter().chain(Standin::own()?).find(|page| page.file == file);
    page.with_context(|| format!("no manifest in sites/x lists {file}"))
}
