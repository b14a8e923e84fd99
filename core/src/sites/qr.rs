//! What QR codes on X's page say: which pictures are worth reading, which texts are X's keys, and how they agree with
//! the text beside them. Pure; the pixels are read by the extension's `qr` module, since rqrr needs std.
//!
//! A page is hostile: pictures are counted and measured before anything is unpacked. X's code says
//! `otpauth://totp/Twitter:@handle?secret=…&issuer=Twitter`; the handle in it binds the key to an account.

use super::x::{self, Account, Place, Step, Sure};
use crate::base64;
use crate::code::Recipe;
use crate::label::Handle;
use crate::long_key::LongKey;
use crate::otpauth::Otpauth;
use crate::protocol::{Mark, Picture, Screen};
use crate::secret::Secret;
use alloc::{vec, vec::Vec};
use core::fmt;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Most pictures of one screen.
pub const MOST_PICTURES: usize = 4;
/// The shortest side: version 1 has 21 modules (ISO/IEC 18004 §6.1).
pub const SHORTEST_SIDE: u16 = 21;
/// The longest side.
pub const LONGEST_SIDE: u16 = 1024;
/// Most texts of one picture that are looked at.
const MOST_TEXTS: usize = 8;

/// Tells pictures apart without keeping them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 16]);

/// A picture that was measured: one bit a pixel, 1 is dark. Printed without its pixels, which may be a key.
#[derive(Clone)]
pub struct Bitmap {
    width: u16,
    height: u16,
    bits: Zeroizing<Vec<u8>>,
}

impl Bitmap {
    /// Unpacks a picture; nothing if a side or the number of bits is not what it has to be.
    #[must_use]
    pub fn read(picture: &Picture) -> Option<Self> {
        let sides = SHORTEST_SIDE..=LONGEST_SIDE;
        if !sides.contains(&picture.width) || !sides.contains(&picture.height) {
            return None;
        }
        let bytes = (usize::from(picture.width) * usize::from(picture.height)).div_ceil(8);
        if picture.bits.len() != bytes.div_ceil(3) * 4 {
            return None;
        }
        let bits = Zeroizing::new(base64::parse_padded(&picture.bits)?);
        (bits.len() == bytes).then_some(Self { width: picture.width, height: picture.height, bits })
    }

    /// Pixels in a row.
    #[must_use]
    pub fn width(&self) -> u16 {
        self.width
    }
    /// Rows.
    #[must_use]
    pub fn height(&self) -> u16 {
        self.height
    }
    /// The pixels, the first in the highest bit, rows one after the other.
    #[must_use]
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// Of sides and pixels.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        hash.update(self.width.to_be_bytes());
        hash.update(self.height.to_be_bytes());
        hash.update(self.bits.as_slice());
        let mut short = [0; 16];
        short.copy_from_slice(&hash.finalize()[..16]);
        Fingerprint(short)
    }
}

impl fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bitmap").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}

/// The pictures of a screen that are worth reading. The sensor sends at most four: a screen with more is not its work,
/// and nothing of it is read.
#[must_use]
pub fn bitmaps(pictures: &[Picture]) -> Vec<Bitmap> {
    if pictures.len() > MOST_PICTURES {
        return Vec::new();
    }
    pictures.iter().filter_map(Bitmap::read).collect()
}

/// A key that a QR code of X holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrKey {
    /// The key.
    pub key: LongKey,
    /// The account in the label.
    pub handle: Option<Handle>,
    /// How codes are made.
    pub recipe: Recipe,
}

/// The keys of X among the texts of one picture. Anything else (a link, another service's key) says nothing.
#[must_use]
pub fn keys(texts: &[Secret]) -> Vec<QrKey> {
    let mut found: Vec<QrKey> = Vec::new();
    for text in texts.iter().take(MOST_TEXTS) {
        let Ok(address) = Otpauth::parse(text.expose()) else { continue };
        if !address.names_x() {
            continue;
        }
        let handle = address.handle();
        let seen = QrKey { key: address.key, handle, recipe: address.recipe };
        if !found.contains(&seen) {
            found.push(seen);
        }
    }
    found
}

/// What a screen shows, text and QR codes together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The step; [`Step::Conflict`] where text and codes disagree.
    pub step: Step,
    /// The code that shows the step's key: its label names the account, its parameters say how codes are made.
    pub code: Option<QrKey>,
    /// Where they disagree: the keys that the user may choose from, the text's first.
    pub rivals: Vec<QrKey>,
}

/// Puts the judgement of the text and the QR codes of one screen together.
///
/// A code and a text that agree are certain, whatever the text looks like. A code alone is certain on X's own step (its
/// Next button) if its label names an account and no other account is signed in. What disagrees is never stored.
#[must_use]
pub fn settle(step: Step, screen: &Screen, codes: &[QrKey]) -> Settled {
    let alone = |step| Settled { step, code: None, rivals: Vec::new() };
    let account = x::account(Place::Enrolment, screen);
    let page = if let Account::Told(handle) = &account { Some(handle.clone()) } else { None };
    let conflict = |texts: Vec<LongKey>| {
        let texts = texts.into_iter().map(|key| QrKey { key, handle: page.clone(), recipe: Recipe::default() });
        let mut rivals: Vec<QrKey> = Vec::new();
        for rival in texts.chain(codes.iter().cloned()) {
            if !rivals.iter().any(|known| known.key == rival.key) {
                rivals.push(rival);
            }
        }
        Settled { step: Step::Conflict(Vec::new()), code: None, rivals }
    };
    let Some(first) = codes.first() else {
        return match step {
            Step::Conflict(keys) => conflict(keys),
            step => alone(step),
        };
    };
    let same = codes.iter().all(|it| it.key == first.key);
    // Two labels or recipes for one key leave the account open.
    let one = codes.iter().all(|it| it == first);
    let signed_in = match (&first.handle, &account) {
        (Some(label), Account::Told(page)) => label == page,
        (Some(_), Account::Untold) => true,
        (Some(_), Account::Unclear) | (None, _) => false,
    };
    let with = |key: LongKey, sure: bool| Settled {
        step: Step::Secret { key, sure: if sure && one { Sure::Certain } else { Sure::Ask } },
        code: Some(first.clone()),
        rivals: Vec::new(),
    };
    match step {
        Step::Secret { key, .. } if !same || key != first.key => conflict(vec![key]),
        Step::Qr | Step::Other if !same => conflict(Vec::new()),
        // Two texts stay two, also where the code says one of them.
        Step::Conflict(keys) => conflict(keys),
        // The text says the same twice; a label without a handle takes nothing from that, another account's does.
        Step::Secret { key, .. } => with(key, signed_in || first.handle.is_none()),
        Step::Qr | Step::Other => with(first.key.clone(), signed_in && screen.marks.contains(&Mark::ShowCodeNext)),
        step => alone(step),
    }
}
