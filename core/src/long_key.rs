//! The long key: X's TOTP secret as text (RFC 4648 base32), read strictly, refused in words.
//!
//! It never repairs a character: 0, 1, 8, 9 and look-alike letters are named, not guessed.

use crate::refusal::Refusal;
use crate::secret::Secret;
use alloc::{string::String, vec::Vec};
use core::fmt;
use zeroize::Zeroizing;

/// Fewest characters: 80 bits, what X hands out (RFC 4226 §4 R6 recommends 160, requires 128;
/// X stays below, so the rule follows X).
pub const SHORTEST: usize = 16;
/// Most characters: 160 bytes are more than any known service uses.
pub const LONGEST: usize = 256;
/// Most bytes of a pasted text that are looked at, spaces and percent signs included.
pub const LONGEST_TEXT: usize = 4096;

/// A TOTP secret in canonical form: upper case, no spaces, no padding. Printed as `LongKey(…)`, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct LongKey(Secret);

impl LongKey {
    /// Reads a key as people paste it: spaces, dashes, lower case and trailing `=` are fine.
    ///
    /// # Errors
    /// Says which character is wrong and why, or what the text is instead (a 6-digit code, a backup
    /// code, an `otpauth` or migration address).
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > LONGEST_TEXT {
            return Err(Refusal::KeyTooLong { length: count(text.len()) });
        }
        let trimmed = text.trim();
        if let Some(refusal) = other_shape(trimmed) {
            return Err(refusal);
        }
        let unpadded = trimmed.trim_end_matches('=');
        let mut key = Zeroizing::new(String::with_capacity(unpadded.len()));
        for (position, found) in (1_u32..).zip(unpadded.chars()) {
            if is_separator(found) || is_invisible(found) {
                continue;
            }
            let upper = found.to_ascii_uppercase();
            if !is_base32(upper) {
                return Err(wrong_character(position, found));
            }
            key.push(upper);
        }
        match key.len() {
            0 => Err(Refusal::KeyEmpty),
            length if length < SHORTEST => Err(Refusal::KeyTooShort { length: count(length) }),
            length if length > LONGEST => Err(Refusal::KeyTooLong { length: count(length) }),
            length if !legal_length(length) => Err(Refusal::KeyLength { length: count(length) }),
            _ => Ok(Self(Secret::new(core::mem::take(&mut *key)))),
        }
    }

    /// The canonical text: what a service gets.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The bytes behind the text (RFC 4648 §6). Bits left over at the end are dropped, as every
    /// authenticator does.
    #[must_use]
    pub fn bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.expose().len() * 5 / 8));
        let (mut window, mut bits) = (0_u32, 0_u32);
        for letter in self.expose().bytes() {
            let value = match letter {
                b'A'..=b'Z' => letter - b'A',
                _ => letter.wrapping_sub(b'2').wrapping_add(26) & 31,
            };
            window = (window << 5) | u32::from(value);
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push((window >> bits).to_le_bytes()[0]);
                window &= (1 << bits) - 1;
            }
        }
        bytes
    }
}

impl fmt::Debug for LongKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LongKey(…)")
    }
}

/// Whether `length` base32 characters can stand for whole bytes (RFC 4648 §6).
#[must_use]
pub const fn legal_length(length: usize) -> bool {
    matches!(length % 8, 0 | 2 | 4 | 5 | 7)
}

/// Whether this is a character of the base32 alphabet, upper case.
#[must_use]
pub const fn is_base32(letter: char) -> bool {
    matches!(letter, 'A'..='Z' | '2'..='7')
}

/// Characters that group a key and mean nothing.
#[must_use]
pub const fn is_separator(found: char) -> bool {
    matches!(found, ' ' | '\t' | '\n' | '\r' | '-' | '\u{a0}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{202f}')
}

/// Characters that nobody sees: zero-width, bidirectional marks, soft hyphen.
#[must_use]
pub const fn is_invisible(found: char) -> bool {
    matches!(found, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// One field, five shapes: what else people put where the long key belongs.
fn other_shape(text: &str) -> Option<Refusal> {
    let starts = |with: &str| text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    if text.is_empty() {
        return Some(Refusal::KeyEmpty);
    }
    // `import::migration` reads it, one floor up: here it is no key.
    if starts("otpauth-migration:") {
        return Some(Refusal::KeyIsMigration);
    }
    if starts("otpauth:") {
        return Some(Refusal::KeyIsOtpauth);
    }
    let plain = || text.chars().filter(|c| !is_separator(*c) && !is_invisible(*c));
    if plain().all(|c| c.is_ascii_digit()) && matches!(plain().count(), 6..=8) {
        return Some(Refusal::KeyIsSixDigitCode);
    }
    if plain().count() == 12 && plain().all(|c| c.is_ascii_alphanumeric()) {
        return Some(Refusal::KeyIsBackupCode);
    }
    None
}

fn wrong_character(position: u32, found: char) -> Refusal {
    match found {
        '0' | '1' | '8' | '9' => Refusal::KeyDigit { position, found },
        _ if found.is_alphabetic() => Refusal::KeyLetter { position, found },
        _ => Refusal::KeySymbol { position, found },
    }
}
