//! `otpauth-migration://offline?data=…`: what Google Authenticator shows as QR codes when accounts are transferred. The data are
//! base64 of a Protocol Buffers message (wire format: protobuf.dev, "Encoding"). Its fields are published nowhere by Google; these
//! are what its exports hold (observed 2020 to 2026): 1 an account, of 1 secret, 2 name, 3 issuer, 4 algorithm (1 SHA-1, 2 SHA-256,
//! 3 SHA-512, 4 MD5), 5 digits (1 six, 2 eight), 6 type (1 HOTP, 2 TOTP); the others number the parts of a large export.

use crate::base64;
use crate::long_key::LONGEST_TEXT;
use crate::otpauth::decode;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::services::encode;
use alloc::{string::String, vec::Vec};
use zeroize::Zeroizing;

/// Most accounts of one export: a QR code holds fewer.
const MOST: usize = 100;

/// The accounts with codes by time, as `otpauth` addresses in the order of the export.
///
/// # Errors
/// [`Refusal::OtpauthBroken`] for what cannot be read to its end, [`Refusal::OtpauthCounter`] if all codes are by counter, and
/// [`Refusal::OtpauthUnusual`] if what is left is made in a way that nobody here knows.
pub fn addresses(text: &str) -> Result<Vec<Secret>, Refusal> {
    read(text).ok_or(Refusal::OtpauthBroken)?
}

/// Whether it is such an export.
#[must_use]
pub fn is_one(text: &str) -> bool {
    const HEAD: &str = "otpauth-migration:";
    text.trim_start().get(..HEAD.len()).is_some_and(|head| head.eq_ignore_ascii_case(HEAD))
}

fn read(text: &str) -> Option<Result<Vec<Secret>, Refusal>> {
    let (_, query) = text.trim().split_once('?').filter(|_| text.len() <= LONGEST_TEXT && is_one(text))?;
    let data = query.split('&').find_map(|pair| pair.strip_prefix("data="))?;
    let data = Zeroizing::new(decode(data).ok()?);
    let bytes = Zeroizing::new(base64::parse(data.trim_end_matches('='))?);
    let (mut found, mut refused) = (Vec::new(), None);
    for field in Fields(&bytes) {
        if let (1, Value::Bytes(account)) = field? {
            match address(account)? {
                Ok(address) if found.len() < MOST => found.push(address),
                Ok(_) => return None,
                Err(refusal) => refused = Some(refusal),
            }
        }
    }
    Some(match refused {
        Some(refusal) if found.is_empty() => Err(refusal),
        None if found.is_empty() => Err(Refusal::OtpauthBroken),
        _ => Ok(found),
    })
}

fn address(account: &[u8]) -> Option<Result<Secret, Refusal>> {
    let (mut secret, mut name, mut issuer): (&[u8], &str, &str) = (&[], "", "");
    let (mut algorithm, mut digits, mut kind) = (0, 0, 0);
    for field in Fields(account) {
        match field? {
            (1, Value::Bytes(it)) => secret = it,
            (2, Value::Bytes(it)) => name = core::str::from_utf8(it).ok()?,
            (3, Value::Bytes(it)) => issuer = core::str::from_utf8(it).ok()?,
            (4, Value::Number(it)) => algorithm = it,
            (5, Value::Number(it)) => digits = it,
            (6, Value::Number(it)) => kind = it,
            _ => {}
        }
    }
    if kind == 1 {
        return Some(Err(Refusal::OtpauthCounter));
    }
    let unusual = |what: &str| Some(Err(Refusal::OtpauthUnusual { what: what.into() }));
    let algorithm = match algorithm {
        0 | 1 => "",
        2 => "&algorithm=SHA256",
        3 => "&algorithm=SHA512",
        _ => return unusual("algorithm"),
    };
    let digits = match digits {
        0 | 1 => "",
        2 => "&digits=8",
        _ => return unusual("digits"),
    };
    let mut text = String::with_capacity(64 + 2 * secret.len() + 3 * (name.len() + issuer.len()));
    text.push_str("otpauth://totp/");
    text.push_str(&encode(name));
    text.push_str("?secret=");
    base32(secret, &mut text);
    if !issuer.is_empty() {
        text.push_str("&issuer=");
        text.push_str(&encode(issuer));
    }
    text.push_str(algorithm);
    text.push_str(digits);
    Some(Ok(Secret::new(text)))
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// RFC 4648 section 6, without padding.
fn base32(bytes: &[u8], text: &mut String) {
    let (mut window, mut bits) = (0_u32, 0_u32);
    let mut put = |five: u32| text.extend(ALPHABET.get((five & 31) as usize).copied().map(char::from));
    for byte in bytes {
        window = (window << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            put(window >> bits);
        }
        window &= 31;
    }
    if bits > 0 {
        put(window << (5 - bits));
    }
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// Of a fixed length: nothing that is asked for here.
    Other,
}

/// The fields of a message; `None` for the one that is broken, and after it nothing.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (first, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn field(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Other)?,
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Other)?,
            _ => return None,
        };
        Some((tag >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Option<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}
