//! The words after `cargo xtask torture`, understood.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use longkey_tests::browsers::Kind;

/// Fewest kills that prove something.
const KILLS: u32 = 200;

/// A part of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Kills in the middle of writing.
    Kills,
    /// The search of the profile and of memory.
    Canary,
}

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// In which browsers.
    pub(crate) kinds: Vec<Kind>,
    /// How many kills in each.
    pub(crate) kills: u32,
    /// What the moments of the kills are made from.
    pub(crate) seed: u64,
    /// Which parts.
    pub(crate) parts: Vec<Part>,
}

impl Asked {
    /// Reads the words.
    pub(crate) fn read(words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut asked = Self {
            kinds: Kind::ALL.to_vec(),
            kills: KILLS,
            seed: SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
            parts: vec![Part::Kills, Part::Canary],
        };
        // Both spellings, as xtask takes them.
        let words: Vec<String> =
            words.flat_map(|word| word.splitn(2, '=').map(str::to_owned).collect::<Vec<_>>()).collect();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--kills" => asked.kills = value()?.parse().context("--kills takes a number")?,
                "--seed" => asked.seed = value()?.parse().context("--seed takes a number")?,
                "--browser" => {
                    let name = value()?;
                    asked.kinds.retain(|kind| kind.name() == name);
                    if asked.kinds.is_empty() {
                        bail!("--browser takes chromium or firefox, not {name}");
                    }
                }
                "--part" => {
                    asked.parts = match value()?.as_str() {
                        "kills" => vec![Part::Kills],
                        "canary" => vec![Part::Canary],
                        other => bail!("--part takes kills or canary, not {other}"),
                    };
                }
                other => bail!("`{other}` is not understood"),
            }
        }
        Ok(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> anyhow::Result<Asked> {
        Asked::read(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_words_it_is_all_of_it_in_both() {
        let asked = read("").expect("nothing to misunderstand");
        assert_eq!((asked.kinds.len(), asked.kills, asked.parts.len()), (2, KILLS, 2));
    }

    #[test]
    fn words_narrow_it_and_strangers_are_refused() {
        let asked = read("--browser firefox --kills=7 --seed 3 --part canary").expect("known words");
        assert_eq!((asked.kinds, asked.kills, asked.seed), (vec![Kind::Firefox], 7, 3));
        assert_eq!(asked.parts, [Part::Canary]);
        for words in ["--kills", "--kills many", "--browser opera", "--part soup", "--fast"] {
            assert!(read(words).is_err(), "{words}");
        }
    }
}
