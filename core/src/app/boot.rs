//! Which vault holds, out of everything that two stores may have kept, lost or damaged. Pure: texts in, a decision out.
//!
//! A vault's text counts if it is the one that its head names (generation and SHA-256), or, where its head is lost, if its
//! outer form is whole: its content is authenticated when it is opened. Nothing here ever decides for a new vault unless
//! both stores answered, both are empty, and neither has the mark that there was one.

use crate::effect::{Copy, Key};
use crate::protocol::Notice;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::vault::crypto;
use crate::vault::envelope::{self, Envelope};
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// Which place holds the vault, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) active: u8,
    pub(super) generation: u64,
    pub(super) sha256: String,
    /// A random word of the writer, so that two writers of the same generation differ.
    pub(super) writer: String,
    /// The checksums of the generations before it, the last one first: whether two heads are of one line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) before: Vec<String>,
}

/// How many generations back a head can tell its line.
const LINE: usize = 16;

impl Head {
    pub(super) fn text(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }

    pub(super) fn place(&self) -> Key {
        if self.active == 0 { Key::Vault0 } else { Key::Vault1 }
    }

    /// The place in the mirror: the last three generations take turns.
    pub(super) fn copy(&self) -> Copy {
        Copy::RING[usize::try_from(self.generation % 3).unwrap_or(0)]
    }

    /// The line of the generation after this one.
    pub(super) fn line(&self) -> Vec<String> {
        core::iter::once(&self.sha256).chain(&self.before).take(LINE).cloned().collect()
    }

    /// A copy in the mirror: the head in its first line, the vault in the second.
    pub(super) fn copied(&self, vault: &Secret) -> Secret {
        Secret::new([self.text().expose(), "\n", vault.expose()].concat())
    }
}

/// A vault that can be opened.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) head: Head,
    pub(super) text: Secret,
    pub(super) envelope: Envelope,
}

/// What the stores are worth.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one for each start of the worker, taken apart at once")]
pub(super) enum Boot {
    /// There was never a vault here.
    First,
    /// This one holds.
    Open {
        found: Found,
        /// What has to be put right.
        repair: Repair,
    },
    /// Two vaults, and nobody but the user knows which holds: that of `storage.local`, that of the mirror.
    Ask(Found, Found),
    /// None can be opened, and nothing may be written.
    Trouble(Refusal),
}

/// What has to be put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Repair {
    /// `storage.local` gets this vault.
    pub(super) local: Fix,
    /// The mirror gets this vault.
    pub(super) mirror: Fix,
    /// What the user is told.
    pub(super) notice: Option<Notice>,
    /// Whether its content has to be opened before anything is put right.
    pub(super) proof: Proof,
}

/// What speaks for a vault's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Proof {
    /// The checksum in its head.
    #[default]
    Checksum,
    /// Nothing yet but its outer form.
    None,
}

/// Whether a store is put right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fix {
    /// It is right, or cannot be reached.
    #[default]
    None,
    /// It is written anew.
    Write,
    /// What lies there is damaged: it is kept aside, then written anew.
    Keep,
}

type Texts<K> = Result<Vec<(K, Secret)>, Refusal>;

/// The text of a key.
pub(super) fn take<K: PartialEq>(texts: &[(K, Secret)], key: K) -> Option<&Secret> {
    texts.iter().find(|(name, _)| *name == key).map(|(_, text)| text)
}

/// One store's worth of vaults.
#[expect(clippy::large_enum_variant, reason = "as above")]
enum Store {
    /// No vault, and nothing that looks like a former one.
    Empty,
    /// No vault that counts.
    Damaged,
    /// The newest that counts; whether it is the one that the store's head names.
    Vault(Found, Named),
    /// A later Longkey wrote it.
    Newer,
    /// It does not answer.
    Silent,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    ByItsHead,
    BySearch,
    /// By its head, and another copy beside it has another vault key.
    AmongOlder,
}

/// Decides.
pub(super) fn decide(local: &Texts<Key>, mirror: &Texts<Copy>) -> Boot {
    let born =
        local.as_ref().is_ok_and(|texts| left_here(texts)) || mirror.as_ref().is_ok_and(|texts| left_there(texts));
    match (in_local(local), in_mirror(mirror)) {
        (Store::Newer, _) | (_, Store::Newer) => Boot::Trouble(Refusal::StoreNewer),

        (Store::Silent, Store::Vault(copy, _)) => {
            let repair = Repair { notice: Some(Notice::ReadOnly), ..Repair::default() };
            Boot::Open { found: copy, repair }
        }
        (Store::Silent, _) => Boot::Trouble(Refusal::StoreSilent),

        // Its head is lost or names something else: a copy with its checksum counts before it.
        (Store::Vault(here, Named::BySearch), Store::Vault(copy, _)) => {
            let same = here.envelope.header.vault == copy.envelope.header.vault;
            let notice = Some(Notice::Restored);
            if same { open(copy, Fix::Keep, Fix::None, notice) } else { Boot::Ask(here, copy) }
        }
        // The place that would count is damaged, and the store that may have it says nothing.
        (Store::Vault(_, Named::BySearch), Store::Silent) => Boot::Trouble(Refusal::StoreSilent),
        (Store::Vault(here, Named::BySearch), Store::Empty | Store::Damaged) => {
            let notice = Some(Notice::Restored);
            let repair = Repair { local: Fix::Keep, mirror: Fix::Keep, notice, proof: Proof::None };
            Boot::Open { found: here, repair }
        }

        (Store::Vault(here, _), Store::Vault(copy, among)) => choose(here, copy, among),
        (Store::Vault(here, _), Store::Silent) => open(here, Fix::None, Fix::None, None),
        (Store::Vault(here, _), Store::Empty) => open(here, Fix::None, Fix::Write, None),
        (Store::Vault(here, _), Store::Damaged) => open(here, Fix::None, Fix::Keep, None),

        (Store::Empty, Store::Vault(copy, _)) => open(copy, Fix::Write, Fix::None, Some(Notice::Restored)),
        (Store::Damaged, Store::Vault(copy, _)) => open(copy, Fix::Keep, Fix::None, Some(Notice::Restored)),

        // "Empty" can be a lie of a damaged store, and the one that could contradict it says nothing.
        (Store::Empty | Store::Damaged, Store::Silent) => Boot::Trouble(Refusal::StoreSilent),
        (Store::Empty, Store::Empty) if !born => Boot::First,
        (Store::Empty | Store::Damaged, Store::Empty | Store::Damaged) => Boot::Trouble(Refusal::StoreGone),
    }
}

fn open(found: Found, local: Fix, mirror: Fix, notice: Option<Notice>) -> Boot {
    Boot::Open { found, repair: Repair { local, mirror, notice, proof: Proof::Checksum } }
}

/// Two vaults that count.
fn choose(here: Found, copy: Found, among: Named) -> Boot {
    if here.envelope.header.vault != copy.envelope.header.vault {
        return Boot::Ask(here, copy);
    }
    let of_line = |later: &Head, earlier: &Head| {
        let known = later.before.contains(&earlier.sha256);
        // Further back than a line tells, and heads of the first version, which tell none.
        known || later.before.is_empty() || later.generation - earlier.generation > LINE as u64
    };
    match here.head.generation.cmp(&copy.head.generation) {
        core::cmp::Ordering::Equal if here.head.sha256 == copy.head.sha256 => {
            open(here, Fix::None, if among == Named::AmongOlder { Fix::Write } else { Fix::None }, None)
        }
        core::cmp::Ordering::Less if of_line(&copy.head, &here.head) => {
            open(copy, Fix::Write, Fix::None, Some(Notice::WasOlder))
        }
        core::cmp::Ordering::Greater if of_line(&here.head, &copy.head) => open(here, Fix::None, Fix::Write, None),
        // The same generation by two writers, or two lines that parted.
        _ => Boot::Ask(here, copy),
    }
}

/// Whether something says that there was a vault, beside the places that hold one.
fn left_here(texts: &[(Key, Secret)]) -> bool {
    let marks = [Key::Born, Key::Device, Key::Quarantine0];
    marks.into_iter().any(|key| take(texts, key).is_some_and(|it| !it.is_empty()))
        || take(texts, Key::Inbox).is_some_and(|it| it.expose() != "[]")
}

fn left_there(texts: &[(Copy, Secret)]) -> bool {
    [Copy::Born, Copy::Device].into_iter().any(|copy| take(texts, copy).is_some())
        || take(texts, Copy::Inbox).is_some_and(|it| it.expose() != "[]")
}

fn in_local(texts: &Texts<Key>) -> Store {
    let Ok(texts) = texts else { return Store::Silent };
    let head: Option<Result<Head, ()>> = take(texts, Key::Head).map(read_head);
    let named = match &head {
        Some(Ok(head)) => take(texts, head.place()).map(|text| verified(head, text)),
        _ => None,
    };
    match named {
        Some(Ok(found)) => return Store::Vault(found, Named::ByItsHead),
        Some(Err(Refusal::StoreNewer)) => return Store::Newer,
        _ => {}
    }
    // The place that a head names has failed its checksum: damaged, however whole it looks.
    let failed = head.as_ref().and_then(|head| head.as_ref().ok()).map(Head::place);
    let places = [(0, Key::Vault0), (1, Key::Vault1)].into_iter().filter(|(_, key)| Some(*key) != failed);
    let whole = |(active, key)| take(texts, key).map(|text| unnamed(active, text));
    let mut best: Option<Found> = None;
    for found in places.filter_map(whole) {
        match found {
            Ok(found) if best.as_ref().is_none_or(|it| it.head.generation < found.head.generation) => {
                best = Some(found)
            }
            Err(Refusal::StoreNewer) => return Store::Newer,
            _ => {}
        }
    }
    let trace = [Key::Head, Key::Vault0, Key::Vault1].into_iter().any(|key| take(texts, key).is_some());
    match best {
        Some(found) => Store::Vault(found, Named::BySearch),
        None if trace => Store::Damaged,
        None => Store::Empty,
    }
}

fn in_mirror(texts: &Texts<Copy>) -> Store {
    let Ok(texts) = texts else { return Store::Silent };
    let copies: Vec<&Secret> = Copy::RING.into_iter().filter_map(|copy| take(texts, copy)).collect();
    let mut best: Option<Found> = None;
    let mut keys = Vec::new();
    for text in &copies {
        let parts = text.expose().split_once('\n');
        let head = parts.and_then(|(head, _)| read_head(&Secret::new(head.into())).ok());
        let found = match (head, parts) {
            (Some(head), Some((_, vault))) => verified(&head, &Secret::new(vault.into())),
            _ => Err(Refusal::StoreDamaged),
        };
        match found {
            Ok(found) => {
                keys.push((found.envelope.header.vault, found.envelope.header.epoch));
                if best.as_ref().is_none_or(|it| it.head.generation < found.head.generation) {
                    best = Some(found);
                }
            }
            Err(Refusal::StoreNewer) => return Store::Newer,
            Err(_) => {}
        }
    }
    keys.dedup();
    match best {
        Some(found) => Store::Vault(found, if keys.len() > 1 { Named::AmongOlder } else { Named::ByItsHead }),
        None if copies.is_empty() => Store::Empty,
        None => Store::Damaged,
    }
}

fn read_head(text: &Secret) -> Result<Head, ()> {
    serde_json::from_slice(text.expose().as_bytes()).map_err(drop)
}

/// A text that is the one its head names. The checksum comes before any passphrase is asked: damage must never read as a
/// wrong passphrase.
fn verified(head: &Head, text: &Secret) -> Result<Found, Refusal> {
    if crypto::checksum(text.expose()) != head.sha256 {
        return Err(Refusal::StoreDamaged);
    }
    let envelope = envelope::parse(text.expose())?;
    if envelope.header.generation != head.generation {
        return Err(Refusal::StoreDamaged);
    }
    Ok(Found { head: head.clone(), text: text.clone(), envelope })
}

/// A text whose head is lost.
fn unnamed(active: u8, text: &Secret) -> Result<Found, Refusal> {
    let envelope = envelope::parse(text.expose())?;
    let head = Head {
        active,
        generation: envelope.header.generation,
        sha256: crypto::checksum(text.expose()),
        writer: String::new(),
        before: Vec::new(),
    };
    Ok(Found { head, text: text.clone(), envelope })
}
