//! Workspaces at Xquik: one API key each, under a name that the user gave.

use crate::label::Id;
use crate::refusal::Refusal;
use crate::secret::{Secret, exposed};
use alloc::{string::String, vec::Vec};
use core::fmt;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

/// Longest name, in characters.
const LONGEST: usize = 40;

/// The id of the one workspace of a vault from before there were several: it says nothing of which one that was.
pub const FIRST: Id = Id::new([0; 8]);

/// A workspace at Xquik.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Workspace {
    /// Its id here; Xquik has none to tell.
    pub id: Id,
    /// What the user calls it; may be empty.
    #[serde(default)]
    pub name: String,
    /// Its API key.
    #[serde(with = "exposed")]
    pub key: Secret,
}

impl Workspace {
    /// The last four characters of its API key, by which people tell keys apart.
    #[must_use]
    pub fn last_four(&self) -> String {
        let key = self.key.expose();
        key.get(key.len().saturating_sub(4)..).unwrap_or_default().into()
    }
}

/// Reads a name: one line of at most 40 characters, or nothing.
///
/// # Errors
/// [`Refusal::NameShape`].
pub fn name(text: &str) -> Result<String, Refusal> {
    let name = text.trim();
    let fits = name.chars().count() <= LONGEST && !name.chars().any(char::is_control);
    if fits { Ok(name.into()) } else { Err(Refusal::NameShape) }
}

/// Reads the workspaces of a vault. Before there were several, a vault had one API key in their place, or none.
///
/// # Errors
/// Those of the deserializer, without what they are about.
pub fn read<'a, D: Deserializer<'a>>(from: D) -> Result<Vec<Workspace>, D::Error> {
    struct Reader;
    impl<'a> Visitor<'a> for Reader {
        type Value = Vec<Workspace>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("workspaces")
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
            Ok(alloc::vec![Workspace { id: FIRST, name: String::new(), key: Secret::new(key.into()) }])
        }
        fn visit_seq<A: SeqAccess<'a>>(self, mut from: A) -> Result<Self::Value, A::Error> {
            let mut workspaces = Vec::new();
            // The library's own error would repeat a text that stands where it does not belong.
            while let Some(it) = from.next_element().map_err(|_| A::Error::custom("a workspace cannot be read"))? {
                workspaces.push(it);
            }
            Ok(workspaces)
        }
    }
    from.deserialize_any(Reader).map_err(|_| D::Error::custom("the workspaces cannot be read"))
}
