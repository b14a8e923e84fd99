//! `otpauth://totp/…` addresses (Google Authenticator's "Key URI format"; X writes
//! `otpauth://totp/Twitter:@handle?secret=…&issuer=Twitter`), read strictly and printed canonically.
//!
//! A parser of our own, because the `url` crate costs 208 kB of WASM.

use crate::code::{Algorithm, Recipe};
use crate::label::Handle;
use crate::long_key::LongKey;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::services::encode;
use alloc::{format, string::String, vec::Vec};
use zeroize::Zeroizing;

/// What an address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Otpauth {
    /// Who issued the key: `Twitter` or `X`.
    pub issuer: Option<String>,
    /// The account part of the label.
    pub label: String,
    /// The key.
    pub key: LongKey,
    /// How codes are made.
    pub recipe: Recipe,
}

impl Otpauth {
    /// Reads an address.
    ///
    /// # Errors
    /// [`Refusal::OtpauthCounter`], [`Refusal::OtpauthUnusual`], [`Refusal::OtpauthBroken`], or what is
    /// wrong with the key in it.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > crate::long_key::LONGEST_TEXT {
            return Err(Refusal::OtpauthBroken);
        }
        let rest = strip(text.trim(), "otpauth://").ok_or(Refusal::OtpauthBroken)?;
        if strip(rest, "hotp/").is_some() {
            return Err(Refusal::OtpauthCounter);
        }
        let rest = strip(rest, "totp/").ok_or(Refusal::OtpauthBroken)?;
        let (label, query) = rest.split_once('?').ok_or(Refusal::OtpauthBroken)?;
        let label = decode(label)?;
        let (issuer_in_label, account) = match label.split_once(':') {
            Some((issuer, account)) => (Some(issuer.trim()), account.trim()),
            None => (None, label.trim()),
        };
        let query = Query::parse(query.split('#').next().unwrap_or_default())?;
        let key = LongKey::parse(query.secret.as_deref().map_or("", String::as_str))?;
        Ok(Self {
            issuer: query.issuer.or_else(|| issuer_in_label.map(Into::into)),
            label: account.into(),
            key,
            recipe: Recipe::new(query.algorithm, query.digits, query.period)?,
        })
    }

    /// Whether the address says that X issued the key.
    #[must_use]
    pub fn names_x(&self) -> bool {
        self.issuer.as_deref().is_some_and(|it| it.eq_ignore_ascii_case("twitter") || it.eq_ignore_ascii_case("x"))
    }

    /// The X account in the label, unless the address is somebody else's.
    #[must_use]
    pub fn handle(&self) -> Option<Handle> {
        if self.issuer.is_some() && !self.names_x() {
            return None;
        }
        Handle::parse(&self.label).ok()
    }

    /// The canonical address.
    #[must_use]
    pub fn print(&self) -> Secret {
        let issuer = self.issuer.as_deref().unwrap_or_default();
        let mut text = String::from("otpauth://totp/");
        if !issuer.is_empty() {
            text.push_str(&encode(issuer));
            text.push(':');
        }
        text.push_str(&encode(&self.label));
        text.push_str("?secret=");
        text.push_str(self.key.expose());
        if !issuer.is_empty() {
            text.push_str("&issuer=");
            text.push_str(&encode(issuer));
        }
        if self.recipe != Recipe::default() {
            let algorithm = match self.recipe.algorithm() {
                Algorithm::Sha1 => "SHA1",
                Algorithm::Sha256 => "SHA256",
                Algorithm::Sha512 => "SHA512",
            };
            let (digits, period) = (self.recipe.digits(), self.recipe.period());
            text.push_str(&format!("&algorithm={algorithm}&digits={digits}&period={period}"));
        }
        Secret::new(text)
    }
}

struct Query {
    secret: Option<Zeroizing<String>>,
    issuer: Option<String>,
    algorithm: Algorithm,
    digits: u8,
    period: u32,
}

impl Query {
    /// A parameter that stands twice has two meanings, so it is refused.
    fn parse(query: &str) -> Result<Self, Refusal> {
        let mut it = Self { secret: None, issuer: None, algorithm: Algorithm::Sha1, digits: 6, period: 30 };
        let mut seen = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or(Refusal::OtpauthBroken)?;
            let name = name.to_ascii_lowercase();
            if seen.contains(&name) {
                return Err(Refusal::OtpauthBroken);
            }
            let value = Zeroizing::new(decode(value)?);
            let unusual = |what: &str| Refusal::OtpauthUnusual { what: what.into() };
            match name.as_str() {
                "secret" => it.secret = Some(value),
                "issuer" if !value.trim().is_empty() => it.issuer = Some(value.trim().into()),
                "algorithm" => {
                    it.algorithm = match value.to_ascii_uppercase().as_str() {
                        "SHA1" | "SHA-1" => Algorithm::Sha1,
                        "SHA256" | "SHA-256" => Algorithm::Sha256,
                        "SHA512" | "SHA-512" => Algorithm::Sha512,
                        _ => return Err(unusual("algorithm")),
                    }
                }
                "digits" => it.digits = value.parse().map_err(|_| unusual("digits"))?,
                "period" => it.period = value.parse().map_err(|_| unusual("period"))?,
                _ => {}
            }
            seen.push(name);
        }
        Ok(it)
    }
}

fn strip<'a>(text: &'a str, head: &str) -> Option<&'a str> {
    let found = text.get(..head.len())?;
    found.eq_ignore_ascii_case(head).then(|| &text[head.len()..])
}

/// Percent-decodes (RFC 3986 §2.1); `+` stays a plus.
pub(crate) fn decode(text: &str) -> Result<String, Refusal> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let digits = tail.get(..2).and_then(|hex| core::str::from_utf8(hex).ok());
            let digits = digits.filter(|hex| hex.bytes().all(|c| c.is_ascii_hexdigit()));
            let hex = digits.ok_or(Refusal::OtpauthBroken)?;
            bytes.push(u8::from_str_radix(hex, 16).map_err(|_| Refusal::OtpauthBroken)?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).map_err(|_| Refusal::OtpauthBroken)
}
