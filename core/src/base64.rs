//! Base64 (RFC 4648 §4), without padding but for what the sensor sends, over `base64ct`: strict, so that one text has one meaning.

use alloc::{string::String, vec::Vec};
use base64ct::{Base64, Base64Unpadded, Encoding};

/// Bytes as text.
#[must_use]
pub fn print(bytes: &[u8]) -> String {
    Base64Unpadded::encode_string(bytes)
}

/// Text as bytes; nothing if a single bit is out of place.
#[must_use]
pub fn parse(text: &str) -> Option<Vec<u8>> {
    Base64Unpadded::decode_vec(text).ok()
}

/// Padded text (what `btoa` writes) as bytes, as strict.
#[must_use]
pub fn parse_padded(text: &str) -> Option<Vec<u8>> {
    Base64::decode_vec(text).ok()
}

/// `#[serde(with = "bytes")]` writes a byte array as text.
pub mod bytes {
    use alloc::{string::String, vec::Vec};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the bytes.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<T: AsRef<[u8]>, S: Serializer>(bytes: &T, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::print(bytes.as_ref()))
    }

    /// Reads the bytes.
    ///
    /// # Errors
    /// Text that is no base64, or of the wrong length.
    pub fn deserialize<'a, T: TryFrom<Vec<u8>>, D: Deserializer<'a>>(from: D) -> Result<T, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = super::parse(&text).ok_or_else(|| D::Error::custom("not base64"))?;
        T::try_from(bytes).map_err(|_| D::Error::custom("wrong length"))
    }
}
