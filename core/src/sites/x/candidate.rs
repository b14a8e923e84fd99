//! What a text may be: a long key, or a backup code. Pure, about one text at a time; what else is on the screen is
//! `judge`'s business. Never repairs a character, and never drops white space first: ordinary sentences would become
//! valid base32.

use crate::backup_codes;
use crate::long_key::{LongKey, is_base32, is_invisible, is_separator};
use crate::secret::Secret;
use alloc::{string::String, vec::Vec};
use zeroize::Zeroizing;

/// How much a candidate looks like a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// As X shows it, or as people group it.
    Plain,
    /// A word, an abbreviation or a row of boxes could look the same: asked in any case. 3.6 % of random 16-character
    /// secrets have no digit.
    Weak,
}

/// Longer than any key that can be read, grouped in pairs.
const LONGEST: usize = 640;

/// Rule 4: the whole text is one token, or groups of one size and one case (the last may be shorter). The sensor has
/// brought it into Unicode form NFKC already.
pub(super) fn key(text: &str) -> Option<(LongKey, Shape)> {
    // Most texts are sentences of some language: out of the way before anything is copied.
    let possible = |c: char| c.is_ascii_alphanumeric() || c == '=' || is_separator(c) || is_invisible(c);
    if text.len() > LONGEST || !text.chars().all(possible) {
        return None;
    }
    let clean = cleaned(text);
    let clean = clean.trim();
    let clean = clean.trim_end_matches('=').trim_end();
    let groups = groups(clean)?;
    let first = groups.first()?.len();
    let last = groups.last()?.len();
    let any = |which: fn(&u8) -> bool| clean.bytes().any(|c| which(&c));
    let (lower, upper, digit) = (any(u8::is_ascii_lowercase), any(u8::is_ascii_uppercase), any(u8::is_ascii_digit));
    let legal = |group: &&str| group.chars().all(|c| is_base32(c.to_ascii_uppercase()));
    // Digits alone are a number, of a card or a telephone.
    if lower == upper || !groups.iter().all(legal) {
        return None;
    }
    // Rule 5: what looks like words needs a digit.
    if lower && !digit {
        return None;
    }
    if let [before @ .., _] = groups.as_slice()
        && !before.is_empty()
    {
        let regular = before.iter().all(|group| group.len() == first) && last <= first;
        // A number at the end of words in capitals ("… 2", "… 2FA") is none of a key's digits: those stand anywhere.
        let mixed = |group: &&&str| {
            let digits = group.bytes().filter(u8::is_ascii_digit).count();
            group.len() == first && (1..first.max(2)).contains(&digits)
        };
        if !regular || first > 8 || !groups.iter().any(|group| mixed(&group)) {
            return None;
        }
    }
    let key = LongKey::parse(clean).ok()?;
    let as_words = groups.len() > 1 && first < 4;
    let weak = !digit || as_words || (groups.len() == 1 && lower);
    Some((key, if weak { Shape::Weak } else { Shape::Plain }))
}

/// A backup code that stands alone on this line, in X's form: `[a-z0-9]{12}`, in one piece or as 4-4-4.
pub(super) fn backup_code(line: &str) -> Option<Secret> {
    if line.len() > LONGEST {
        return None;
    }
    let clean = cleaned(line);
    let groups = groups(clean.trim())?;
    let whole = matches!(groups.as_slice(), [_]) || groups.iter().all(|group| group.len() == 4);
    let mut code = Zeroizing::new(String::with_capacity(backup_codes::LENGTH));
    for group in &groups {
        if code.len() + group.len() > backup_codes::LENGTH {
            return None;
        }
        code.push_str(group);
    }
    let legal = code.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let letter = code.bytes().any(|c| c.is_ascii_lowercase());
    (whole && legal && letter && code.len() == backup_codes::LENGTH).then(|| Secret::new(core::mem::take(&mut *code)))
}

/// Without what nobody sees. It may be a key: wiped when dropped.
fn cleaned(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(|c| !is_invisible(*c)).collect())
}

/// Split at spaces and hyphens; several spaces are one, a hyphen joins two groups.
fn groups(text: &str) -> Option<Vec<&str>> {
    let mut groups = Vec::new();
    for part in text.split([' ', '\u{a0}']).filter(|part| !part.is_empty()) {
        groups.extend(part.split(['-', '\u{2010}', '\u{2011}']));
    }
    groups.iter().all(|group| !group.is_empty()).then_some(groups)
}
