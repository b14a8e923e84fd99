//! The words after a command. Knows no command.

use anyhow::{Context, Result, bail};

/// What has not been understood yet.
pub(crate) struct Arguments(Vec<String>);

impl Arguments {
    /// The words as they were typed.
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        Self(words.into_iter().collect())
    }

    /// Takes the flag out; true when it was there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() < before
    }

    /// Takes an option and its value out: `--name value` or `--name=value`.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>> {
        let joined = format!("{name}=");
        let Some(at) = self.0.iter().position(|word| word == name || word.starts_with(&joined)) else {
            return Ok(None);
        };
        let word = self.0.remove(at);
        if let Some(value) = word.strip_prefix(&joined) {
            return Ok(Some(value.to_owned()));
        }
        if at < self.0.len() {
            return Ok(Some(self.0.remove(at)));
        }
        Err(anyhow::anyhow!("{name} needs a value")).context("see `cargo xtask` for help")
    }

    /// All words that are left.
    pub(crate) fn rest(self) -> Vec<String> {
        self.0
    }

    /// Refuses what nobody understood.
    pub(crate) fn finish(self) -> Result<()> {
        match self.0.first() {
            None => Ok(()),
            Some(word) => bail!("`{word}` is not understood; `cargo xtask` prints help"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &str) -> Arguments {
        Arguments::new(words.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn takes_options_in_both_spellings() {
        for words in ["--browser edge", "--browser=edge"] {
            let mut arguments = typed(words);
            assert_eq!(arguments.value("--browser").ok().flatten().as_deref(), Some("edge"));
            assert!(arguments.finish().is_ok());
        }
        assert!(typed("--browser").value("--browser").is_err());
    }

    #[test]
    fn refuses_what_nobody_took() {
        let mut arguments = typed("--test-overlay --tset");
        assert!(arguments.flag("--test-overlay"));
        assert!(!arguments.flag("--headless"));
        assert!(arguments.finish().is_err());
    }
}
