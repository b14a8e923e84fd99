//! What a foreign answer says, read leniently and kept only where it has the form that it should have: an answer that
//! echoes what was sent must bring nothing of it to the screen or into a store.

use alloc::string::{String, ToString};
use serde::Deserialize;

/// A word, a whole number, or the `code` of an object (`error` is one under the contract that Longkey never asks for).
#[derive(Default)]
pub(super) struct Loose {
    pub(super) word: Option<String>,
    pub(super) number: Option<u64>,
}

impl<'a> Deserialize<'a> for Loose {
    fn deserialize<D: serde::Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'a> serde::de::Visitor<'a> for Reader {
            type Value = Loose;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("anything")
            }
            fn visit_str<E>(self, word: &str) -> Result<Loose, E> {
                Ok(Loose { word: Some(word.into()), number: word.trim().parse().ok() })
            }
            fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
                Ok(Loose { word: None, number: Some(number) })
            }
            fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
                Ok(Loose { word: None, number: number.try_into().ok() })
            }
            fn visit_f64<E>(self, number: f64) -> Result<Loose, E> {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "saturates, and pauses are capped"
                )]
                let number = (number >= 0.0).then_some(number as u64);
                Ok(Loose { word: None, number })
            }
            fn visit_bool<E>(self, _: bool) -> Result<Loose, E> {
                Ok(Loose::default())
            }
            fn visit_unit<E>(self) -> Result<Loose, E> {
                Ok(Loose::default())
            }
            fn visit_seq<A: serde::de::SeqAccess<'a>>(self, mut from: A) -> Result<Loose, A::Error> {
                while from.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                Ok(Loose::default())
            }
            fn visit_map<A: serde::de::MapAccess<'a>>(self, mut from: A) -> Result<Loose, A::Error> {
                let mut found = Loose::default();
                while let Some(key) = from.next_key::<String>()? {
                    let value: Loose = from.next_value()?;
                    if key == "code" {
                        found = value;
                    }
                }
                Ok(found)
            }
        }
        from.deserialize_any(Reader)
    }
}

/// A time, if it has the form of one (RFC 3339 section 5.6); anything else counts as none.
pub(super) fn time<'a, D: serde::Deserializer<'a>>(from: D) -> Result<Option<String>, D::Error> {
    let Loose { word, .. } = Loose::deserialize(from)?;
    let fits = |text: &String| {
        let form = b"0000-00-00T00:00:00";
        let digits =
            text.bytes().zip(form).all(|(c, wanted)| if *wanted == b'0' { c.is_ascii_digit() } else { c == *wanted });
        let rest = text.bytes().skip(form.len()).all(|c| c.is_ascii_digit() || b".:+-Z".contains(&c));
        digits && rest && (form.len() + 1..=35).contains(&text.len())
    };
    Ok(word.filter(fits))
}

/// A foreign word is kept only if it looks like a code: short, small letters, of several words. A service that echoes a
/// password or a key into its answer must not get it onto the screen.
pub(super) fn shorten(word: &str) -> Option<String> {
    let plain = word.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    (plain && word.contains('_') && word.len() <= 40).then(|| word.to_string())
}

/// Two capital letters (ISO 3166-1 alpha-2).
pub(super) fn country(text: &str) -> Option<String> {
    (text.len() == 2 && text.bytes().all(|c| c.is_ascii_uppercase())).then(|| text.to_string())
}
