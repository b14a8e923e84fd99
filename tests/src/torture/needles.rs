//! A secret in every spelling that it could lie in a file: what a search has to look for.
//!
//! Deliberately no spelling that hides (ciphers, checksums): a search for plaintext is all this is.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use base64::alphabet;

/// A value that nobody but the run knows, with a name that may be printed.
#[derive(Clone, Debug)]
pub struct Canary {
    /// Its name.
    pub name: &'static str,
    bytes: Vec<u8>,
}

impl Canary {
    /// A text.
    #[must_use]
    pub fn text(name: &'static str, text: &str) -> Self {
        Self { name, bytes: text.as_bytes().to_vec() }
    }

    /// Bytes, such as those that a base32 text stands for.
    #[must_use]
    pub fn bytes(name: &'static str, bytes: Vec<u8>) -> Self {
        Self { name, bytes }
    }
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The spellings of all canaries, ready to be looked for.
#[derive(Debug)]
pub struct Needles {
    search: AhoCorasick,
    /// Canary and encoding by pattern.
    names: Vec<(&'static str, &'static str)>,
}

impl Needles {
    /// In every encoding.
    ///
    /// # Errors
    /// When there are too many.
    pub fn all(canaries: &[Canary]) -> anyhow::Result<Self> {
        Self::of(canaries, spellings)
    }

    /// As text alone, in UTF-8, Latin-1 and UTF-16: what a running program holds.
    ///
    /// # Errors
    /// When there are too many.
    pub fn texts(canaries: &[Canary]) -> anyhow::Result<Self> {
        Self::of(canaries, plain)
    }

    fn of(canaries: &[Canary], spell: fn(&[u8]) -> Spellings) -> anyhow::Result<Self> {
        let (mut patterns, mut names): (Vec<Vec<u8>>, _) = (Vec::new(), Vec::new());
        for canary in canaries {
            for (encoding, bytes) in spell(&canary.bytes) {
                if !patterns.contains(&bytes) {
                    patterns.push(bytes);
                    names.push((canary.name, encoding));
                }
            }
        }
        // The longest first, so that of two at one place the one that says more is met.
        let mut search = AhoCorasick::builder();
        search.match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::DFA));
        Ok(Self { search: search.build(&patterns)?, names })
    }

    /// Every place where one stands: canary and encoding.
    pub fn within(&self, hay: &[u8]) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.search.find_iter(hay).map(|found| self.names[found.pattern().as_usize()])
    }

    /// The same, but only those that end after a place.
    pub(super) fn ending_after(&self, hay: &[u8], place: usize) -> impl Iterator<Item = (&'static str, &'static str)> {
        let found = self.search.find_iter(hay).filter(move |found| found.end() > place);
        found.map(|found| self.names[found.pattern().as_usize()])
    }

    /// The length of the longest: what a piece of a whole has to share with the next.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.search.max_pattern_len()
    }
}

/// Encodings with what they make of a canary.
type Spellings = Vec<(&'static str, Vec<u8>)>;

fn plain(bytes: &[u8]) -> Spellings {
    let mut found = vec![("UTF-8", bytes.to_vec())];
    if let Ok(text) = std::str::from_utf8(bytes) {
        found.push(("UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        // Engines and stores keep a string whose characters all fit in one byte each.
        let latin: Option<Vec<u8>> = text.chars().map(|it| u8::try_from(u32::from(it)).ok()).collect();
        found.extend(latin.map(|latin| ("Latin-1", latin)));
    }
    found
}

fn spellings(bytes: &[u8]) -> Spellings {
    let mut found = plain(bytes);
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    found.push(("hex", hex.to_ascii_uppercase().into_bytes()));
    found.push(("hex", hex.into_bytes()));
    for skip in 0..5 {
        let upper = within_a_whole(bytes, skip, 5, BASE32);
        found.push(("base32", upper.to_ascii_lowercase()));
        found.push(("base32", upper));
    }
    for skip in 0..3 {
        for alphabet in [alphabet::STANDARD, alphabet::URL_SAFE] {
            found.push(("base64", within_a_whole(bytes, skip, 6, alphabet.as_str().as_bytes())));
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let escaped = serde_json::Value::from(text).to_string();
        let escaped = escaped.trim_start_matches('"').strip_suffix('"').unwrap_or_default();
        let ascii =
            escaped.chars().map(|it| if it.is_ascii() { it.to_string() } else { format!("\\u{:04x}", u32::from(it)) });
        found.push(("JSON", ascii.collect::<String>().into_bytes()));
        found.push(("JSON", escaped.as_bytes().to_vec()));
        found.push(("JSON in UTF-16", escaped.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    }
    found
}

/// The characters of RFC 4648's encoding of a whole in which these bytes stand after `skip` others, as far as they
/// depend on these bytes alone.
fn within_a_whole(bytes: &[u8], skip: usize, bits: usize, alphabet: &[u8]) -> Vec<u8> {
    let bit = |at: usize| bytes[at / 8 - skip] >> (7 - at % 8) & 1;
    let (from, to) = ((skip * 8).div_ceil(bits), (skip + bytes.len()) * 8 / bits);
    let character =
        |at: usize| alphabet[(0..bits).fold(0, |value, offset| value << 1 | usize::from(bit(at * bits + offset)))];
    (from..to).map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    fn found(hay: &[u8]) -> Vec<&'static str> {
        let needles = Needles::all(&[Canary::text("it", "q\"ö\\-canary")]).expect("few");
        needles.within(hay).map(|(_, encoding)| encoding).collect()
    }

    #[test]
    fn each_spelling_is_found_inside_a_whole() {
        let text = "q\"ö\\-canary";
        assert_eq!(found(b"nothing of it"), [""; 0]);
        assert_eq!(found(format!("x{text}x").as_bytes()), ["UTF-8"]);
        assert_eq!(found(b"xq\"\xf6\\-canaryx"), ["Latin-1"]);
        let wide: Vec<u8> = format!("x{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(found(&wide), ["UTF-16"]);
        assert_eq!(found(br#"{"a":"q\"\u00f6\\-canary"}"#), ["JSON"]);
        assert_eq!(found(serde_json::json!({ "a": text }).to_string().as_bytes()), ["JSON"]);
        for before in ["", "1", "12", "123", "1234"] {
            let whole = format!("{before}{text}!");
            assert_eq!(found(STANDARD.encode(&whole).as_bytes()), ["base64"], "{before}");
            assert_eq!(found(URL_SAFE_NO_PAD.encode(&whole).as_bytes()), ["base64"], "{before}");
            let hex: String = whole.bytes().map(|byte| format!("{byte:02X}")).collect();
            assert_eq!(found(hex.as_bytes()), ["hex"], "{before}");
        }
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        // Section 10: "foobar" is MZXW6YTBOI======.
        assert_eq!(within_a_whole(b"foobar", 0, 5, BASE32), b"MZXW6YTBO");
        assert_eq!(within_a_whole(b"obar", 2, 5, BASE32), b"6YTBO");
    }
}
