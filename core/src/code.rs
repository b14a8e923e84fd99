//! 6-digit codes (RFC 6238 over RFC 4226), by totp-rs, with the time they live.
//!
//! totp-rs panics at 10 digits and divides by a step of 0; both are kept out by type, and 10 digits
//! are cut here.

use crate::clock::{Span, UnixTime};
use crate::long_key::LongKey;
use crate::refusal::Refusal;
use alloc::{format, string::String};
use core::fmt;
use core::num::NonZeroU32;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The hash under the HMAC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// What X uses.
    #[default]
    Sha1,
    /// Rare.
    Sha256,
    /// Rare.
    Sha512,
}

/// How a code is made from a key: X uses SHA-1, 6 digits, 30 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct Recipe {
    algorithm: Algorithm,
    digits: u8,
    period: NonZeroU32,
}

#[derive(Serialize, Deserialize)]
struct Unchecked {
    algorithm: Algorithm,
    digits: u8,
    period: u32,
}

impl TryFrom<Unchecked> for Recipe {
    type Error = &'static str;
    fn try_from(it: Unchecked) -> Result<Self, Self::Error> {
        Self::new(it.algorithm, it.digits, it.period).map_err(|_| "no code can be made so")
    }
}

impl From<Recipe> for Unchecked {
    fn from(it: Recipe) -> Self {
        Self { algorithm: it.algorithm, digits: it.digits, period: it.period.get() }
    }
}

impl Default for Recipe {
    fn default() -> Self {
        const THIRTY: NonZeroU32 = NonZeroU32::new(30).unwrap();
        Self { algorithm: Algorithm::Sha1, digits: 6, period: THIRTY }
    }
}

impl Recipe {
    /// Checks digits (5 to 10) and period (1 second to 1 day).
    ///
    /// # Errors
    /// Names what is unusual.
    pub fn new(algorithm: Algorithm, digits: u8, period: u32) -> Result<Self, Refusal> {
        if !(5..=10).contains(&digits) {
            return Err(Refusal::OtpauthUnusual { what: format!("digits={digits}") });
        }
        match NonZeroU32::new(period).filter(|it| it.get() <= 86_400) {
            Some(period) => Ok(Self { algorithm, digits, period }),
            None => Err(Refusal::OtpauthUnusual { what: format!("period={period}") }),
        }
    }

    /// Whether it is X's.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// The hash.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
    /// How many digits a code has.
    #[must_use]
    pub fn digits(&self) -> u8 {
        self.digits
    }
    /// How many seconds a code lives.
    #[must_use]
    pub fn period(&self) -> u32 {
        self.period.get()
    }

    /// How long the code of this moment still lives.
    #[must_use]
    pub fn left(&self, now: UnixTime) -> Span {
        let period = u64::from(self.period.get()) * 1000;
        Span(period - now.0 % period)
    }
}

/// A code, redacted in prints. Reading it needs [`Code::expose`].
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Code(String);

impl Code {
    /// The digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// The code of this moment.
#[must_use]
pub fn code_at(key: &LongKey, recipe: Recipe, now: UnixTime) -> Code {
    let totp = totp_rs::Builder::new()
        .with_algorithm(match recipe.algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        })
        .with_digits(recipe.digits.min(9))
        .with_step_duration(u64::from(recipe.period.get()))
        .with_skew(0)
        .with_secret(key.bytes().to_vec())
        .build_noncompliant();
    if recipe.digits < 10 {
        return Code(format!("{}", totp.generate(now.seconds())));
    }
    // RFC 4226 §5.3 with ten digits: the 31-bit value itself, filled up with zeros.
    let mac = totp.sign(now.seconds());
    let mac = mac.as_ref();
    let offset = usize::from(mac[mac.len() - 1] & 15);
    let value = mac[offset..offset + 4].iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
    Code(format!("{:010}", value & 0x7fff_ffff))
}

/// The code of the period that follows.
#[must_use]
pub fn code_after(key: &LongKey, recipe: Recipe, now: UnixTime) -> Code {
    code_at(key, recipe, now.after(Span::seconds(u64::from(recipe.period.get()))))
}

/// Whether these digits are the key's code now, one period before or after (what X accepts, by
/// RFC 6238 §5.2).
#[must_use]
pub fn matches(key: &LongKey, recipe: Recipe, typed: &str, now: UnixTime) -> bool {
    let period = u64::from(recipe.period.get());
    [now.0.saturating_sub(period * 1000), now.0, now.0.saturating_add(period * 1000)]
        .into_iter()
        .any(|moment| code_at(key, recipe, UnixTime(moment)).expose() == typed)
}
