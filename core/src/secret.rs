//! The one place where secret text lives: redacted when printed, wiped when dropped.
//!
//! It deliberately has no `Serialize`: a field that carries a secret across a boundary says so with
//! `#[serde(with = "crate::secret::exposed")]`, so that every crossing can be found by one search.

use alloc::string::String;
use core::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Text that must not be seen: an API key, a password, a key in base64.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Takes the text over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself. The name is long so that a reader stops at it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether nothing was entered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}
impl Eq for Secret {}

/// 32 bytes of key material: a vault key, a device key, what Argon2id derives.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key32([u8; 32]);

impl Key32 {
    /// Takes the bytes over.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes themselves.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// As base64 without padding, for the session store and the device slot.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        Secret::new(crate::base64::print(&self.0))
    }

    /// Reads what [`Key32::to_text`] wrote.
    #[must_use]
    pub fn from_text(text: &Secret) -> Option<Self> {
        let bytes = Zeroizing::new(crate::base64::parse(text.expose())?);
        Some(Self(bytes.as_slice().try_into().ok()?))
    }
}

impl fmt::Debug for Key32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key32(…)")
    }
}

/// `#[serde(with = "exposed")]` on a field lets its secret cross a boundary, visibly.
pub mod exposed {
    use super::Secret;
    use alloc::string::String;
    use serde::{Deserialize, Deserializer, Serializer};

    /// What can cross: the secret types and their options.
    pub trait Exposed: Sized {
        /// The text that crosses.
        fn text(&self) -> Option<&str>;
        /// Reads it on the other side.
        ///
        /// # Errors
        /// A sentence that never repeats the text.
        fn read(text: Option<String>) -> Result<Self, &'static str>;
    }

    impl Exposed for Secret {
        fn text(&self) -> Option<&str> {
            Some(self.expose())
        }
        fn read(text: Option<String>) -> Result<Self, &'static str> {
            text.map(Self::new).ok_or("a secret is missing")
        }
    }

    impl Exposed for Option<Secret> {
        fn text(&self) -> Option<&str> {
            self.as_ref().map(Secret::expose)
        }
        fn read(text: Option<String>) -> Result<Self, &'static str> {
            Ok(text.map(Secret::new))
        }
    }

    impl Exposed for crate::long_key::LongKey {
        fn text(&self) -> Option<&str> {
            Some(self.expose())
        }
        fn read(text: Option<String>) -> Result<Self, &'static str> {
            let text = Secret::new(text.ok_or("a long key is missing")?);
            Self::parse(text.expose()).map_err(|_| "a stored long key cannot be read")
        }
    }

    /// Writes the secret out.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<T: Exposed, S: Serializer>(secret: &T, to: S) -> Result<S::Ok, S::Error> {
        match secret.text() {
            Some(text) => to.serialize_some(text),
            None => to.serialize_none(),
        }
    }

    /// Reads a secret in.
    ///
    /// # Errors
    /// Those of the deserializer, without the text.
    pub fn deserialize<'a, T: Exposed, D: Deserializer<'a>>(from: D) -> Result<T, D::Error> {
        let text = Option::<String>::deserialize(from).map_err(|_| serde::de::Error::custom("a secret is not text"))?;
        T::read(text).map_err(serde::de::Error::custom)
    }
}
