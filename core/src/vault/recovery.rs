//! The recovery code: 128 random bits and a check of 12, in an alphabet without look-alikes, to be written on paper.
//!
//! 28 characters of Crockford's base 32 (no I, L, O, U), in seven groups of four. The check is the beginning of the
//! SHA-256 of the bits: a mistyped character is told from a code of another vault. Reading takes `O` for `0` and `I` or
//! `L` for `1`, as that alphabet prescribes, and no other repair.

use super::crypto::derive;
use crate::env::Env;
use crate::long_key::{is_invisible, is_separator};
use crate::refusal::Refusal;
use crate::secret::{Key32, Secret};
use alloc::string::String;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 28;
const GROUP: usize = 4;

/// A recovery code.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(Secret);

impl RecoveryCode {
    /// A new one.
    #[must_use]
    pub fn make(env: &mut Env<'_>) -> Self {
        let bits = Zeroizing::new(env.random::<16>());
        let mut rest = Zeroizing::new((u128::from_be_bytes(*bits), u32::from(check(&bits))));
        // 140 bits, five at a time, from the end.
        let mut text = Zeroizing::new([0; LENGTH]);
        for letter in text.iter_mut().rev() {
            let (bits, low) = *rest;
            *letter = ALPHABET[(low & 31) as usize];
            let carried = (bits & 31) as u32;
            *rest = (bits >> 5, (low >> 5) | (carried << 7));
        }
        Self(Secret::new(text.iter().map(|letter| char::from(*letter)).collect()))
    }

    /// Reads what somebody typed.
    ///
    /// # Errors
    /// [`Refusal::RecoveryTypo`].
    pub fn parse(typed: &str) -> Result<Self, Refusal> {
        let mut text = Zeroizing::new(String::with_capacity(LENGTH));
        let mut bits = Zeroizing::new((0_u128, 0_u16));
        for found in typed.chars().filter(|it| !is_separator(*it) && !is_invisible(*it)) {
            let letter = match found.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = u8::try_from(letter).ok().and_then(|it| ALPHABET.iter().position(|known| *known == it));
            let (Some(value), true) = (value, text.len() < LENGTH) else { return Err(Refusal::RecoveryTypo) };
            text.push(letter);
            // The check's 12 bits are the last; what is above them moves up into the 128.
            let (high, low) = *bits;
            let window = (u32::from(low) << 5) | u32::try_from(value).unwrap_or(0);
            let kept = (window & 0xfff) as u16;
            *bits = ((high << 5) | u128::from(window >> 12), kept);
        }
        let (high, low) = *bits;
        if text.len() != LENGTH || check(&high.to_be_bytes()) != low {
            return Err(Refusal::RecoveryTypo);
        }
        Ok(Self(Secret::new(core::mem::take(&mut *text))))
    }

    /// In groups, to be written down.
    #[must_use]
    pub fn print(&self) -> Secret {
        let mut text = String::with_capacity(LENGTH + LENGTH / GROUP);
        for (at, letter) in self.0.expose().char_indices() {
            if at > 0 && at % GROUP == 0 {
                text.push('-');
            }
            text.push(letter);
        }
        Secret::new(text)
    }

    /// The secret of its slot. 128 random bits need no Argon2id.
    #[must_use]
    pub fn key(&self) -> Key32 {
        Key32::new(*derive::<32>(self.0.expose().as_bytes(), &[], &["longkey/v1/recovery"]))
    }
}

impl core::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

fn check(bits: &[u8; 16]) -> u16 {
    let digest = Sha256::digest(bits);
    (u16::from(digest[0]) << 4) | u16::from(digest[1] >> 4)
}
