//! What a foreign answer says, read leniently and kept only where it has the form that it should have: an answer that
//! echoes what was sent must bring nothing of it to the screen or into a store.

use crate::clock::UnixTime;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Deserialize;

/// A word, a whole number, true or false, or the `code` of an object (`error` is one under the contract that Longkey never
/// asks for), else its `message`.
#[derive(Default)]
pub(crate) struct Loose {
    pub(crate) word: Option<String>,
    pub(crate) number: Option<u64>,
    pub(crate) truth: Option<bool>,
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
                Ok(Loose { word: Some(word.into()), number: word.trim().parse().ok(), truth: None })
            }
            fn visit_u64<E>(self, number: u64) -> Result<Loose, E> {
                Ok(Loose { number: Some(number), ..Loose::default() })
            }
            fn visit_i64<E>(self, number: i64) -> Result<Loose, E> {
                Ok(Loose { number: number.try_into().ok(), ..Loose::default() })
            }
            fn visit_f64<E>(self, number: f64) -> Result<Loose, E> {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "saturates, and pauses are capped"
                )]
                let number = (number >= 0.0).then_some(number as u64);
                Ok(Loose { number, ..Loose::default() })
            }
            fn visit_bool<E>(self, truth: bool) -> Result<Loose, E> {
                Ok(Loose { truth: Some(truth), ..Loose::default() })
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
                    if key == "code" || (key == "message" && found.word.is_none()) {
                        found = value;
                    }
                }
                Ok(found)
            }
        }
        from.deserialize_any(Reader)
    }
}

/// An object's fields, each read loosely: one reader for many forms, where each derived one would be kilobytes. A field that
/// is null is none; of two with one name the first counts.
#[derive(Default)]
pub(crate) struct Fields(Vec<(String, Loose)>);

impl Fields {
    /// Takes a field out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Loose> {
        let at = self.0.iter().position(|(it, _)| it == name)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Takes a text out.
    pub(crate) fn word(&mut self, name: &str) -> Option<String> {
        self.take(name)?.word
    }

    /// Takes a number out.
    pub(crate) fn number(&mut self, name: &str) -> Option<u64> {
        self.take(name)?.number
    }

    /// Takes true or false out.
    pub(crate) fn truth(&mut self, name: &str) -> Option<bool> {
        self.take(name)?.truth
    }
}

impl<'a> Deserialize<'a> for Fields {
    fn deserialize<D: serde::Deserializer<'a>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'a> serde::de::Visitor<'a> for Reader {
            type Value = Fields;
            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'a>>(self, mut from: A) -> Result<Fields, A::Error> {
                let mut found = Fields::default();
                while let Some((name, value)) = from.next_entry::<String, Option<Loose>>()? {
                    found.0.extend(value.map(|value| (name, value)));
                }
                Ok(found)
            }
        }
        from.deserialize_map(Reader)
    }
}

/// RFC 3339 section 5.6.
pub(super) fn is_time(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00";
    let digits =
        text.bytes().zip(form).all(|(c, wanted)| if *wanted == b'0' { c.is_ascii_digit() } else { c == *wanted });
    let rest = text.bytes().skip(form.len()).all(|c| c.is_ascii_digit() || b".:+-Z".contains(&c));
    digits && rest && (form.len() + 1..=35).contains(&text.len())
}

/// A number as text (X's own number of an account): at most 20 digits.
pub(super) fn is_number(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit())
}

/// The moment that such a time names, in UTC or with an offset; parts of a second are dropped.
pub(super) fn moment(text: &str) -> Option<UnixTime> {
    if !is_time(text) {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = crate::clock::days(year, usize::try_from(month).ok()?.checked_sub(1)?, day)?;
    let here = days * 86_400 + hour * 3600 + minute * 60 + second;
    let zone = text.get(19..)?.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let seconds = match zone.split_at_checked(1)? {
        ("Z", "") => here,
        (sign @ ("+" | "-"), offset) => {
            let (hours, minutes) = offset.split_once(':')?;
            let offset = hours.parse::<u64>().ok()? * 3600 + minutes.parse::<u64>().ok()? * 60;
            if sign == "+" { here.checked_sub(offset)? } else { here.checked_add(offset)? }
        }
        _ => return None,
    };
    Some(UnixTime::from_seconds(seconds))
}

/// A foreign word is kept only if it looks like a code: short, small letters, of several words. A service that echoes a
/// password or a key into its answer must not get it onto the screen.
pub(super) fn shorten(word: &str) -> Option<String> {
    let plain = word.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    (plain && word.contains('_') && word.len() <= 40).then(|| word.to_string())
}

/// Two capital letters (ISO 3166-1 alpha-2).
pub(crate) fn country(text: &str) -> Option<String> {
    (text.len() == 2 && text.bytes().all(|c| c.is_ascii_uppercase())).then(|| text.to_string())
}
