//! The words after `demo`: which browser, with or without a window, and where the pictures go.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use longkey_tests::browsers::Kind;

const USAGE: &str = "usage: demo [--headless] [--browser chromium|firefox] [--pictures FOLDER]";

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Which browser.
    pub(crate) kind: Kind,
    /// Without a window, and without pauses for a reader.
    pub(crate) headless: bool,
    /// Where the pictures go.
    pub(crate) pictures: PathBuf,
}

impl Asked {
    /// Reads the words.
    pub(crate) fn of(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let (mut kind, mut headless, mut pictures) = (Kind::Chromium, false, None);
        while let Some(word) = words.next() {
            let (name, joined) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let mut value = || joined.clone().or_else(|| words.next()).with_context(|| format!("{name} needs a value"));
            match name {
                "--headless" if joined.is_none() => headless = true,
                "--browser" => kind = browser(&value()?)?,
                "--pictures" => pictures = Some(PathBuf::from(value()?)),
                _ => bail!("`{word}` is not understood\n{USAGE}"),
            }
        }
        if !headless && !has_screen() {
            bail!("there is no screen to show a window on; add --headless");
        }
        Ok(Self { kind, headless, pictures: pictures.unwrap_or_else(|| usual_folder(kind)) })
    }
}

fn browser(name: &str) -> anyhow::Result<Kind> {
    let found = Kind::ALL.into_iter().find(|kind| kind.name() == name);
    found.with_context(|| format!("the demo runs in chromium and in firefox, not in `{name}`"))
}

fn usual_folder(kind: Kind) -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let workspace = own.parent().map_or_else(|| own.clone(), PathBuf::from);
    workspace.join("artefacts/demo").join(kind.name())
}

/// Elsewhere than on Linux a screen is taken for granted.
fn has_screen() -> bool {
    !cfg!(target_os = "linux") || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str) -> anyhow::Result<Asked> {
        Asked::of(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn both_spellings_of_a_value() {
        for words in ["--headless --browser firefox --pictures here", "--headless --browser=firefox --pictures=here"] {
            let asked = of(words).expect("both are understood");
            assert_eq!((asked.kind, asked.pictures), (Kind::Firefox, PathBuf::from("here")));
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for words in ["--headless --browser", "--headless --browser edge", "--headless=no", "--headles"] {
            assert!(of(words).is_err(), "{words}");
        }
    }
}
