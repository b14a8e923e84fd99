//! What the sensor on X's pages may say and hear, and what pages of ours are told without asking.

use crate::secret::{Secret, exposed};
use alloc::{string::String, vec::Vec};
use core::fmt;
use serde::{Deserialize, Serialize};

/// What the sensor may say. It offers; it asks nothing. Printed without what it says: it may be a key or a code.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FromContent {
    /// What a watched page shows now.
    Saw(Screen),
    /// What stood in X's code field when it was submitted.
    Typed(String),
    /// What it saw last has stayed the same for 20 seconds.
    Still,
    /// The watched page is no longer shown.
    Left,
}

impl fmt::Debug for FromContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Saw(screen) => f.debug_tuple("Saw").field(screen).finish(),
            Self::Typed(_) => f.write_str("Typed(…)"),
            Self::Still => f.write_str("Still"),
            Self::Left => f.write_str("Left"),
        }
    }
}

/// What a watched page shows: the text of visible elements inside the scope, and which landmarks are there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Screen {
    /// Elements in document order; children after their parents.
    pub texts: Vec<ScreenText>,
    /// Landmarks in the scope.
    pub marks: Vec<Mark>,
    /// What the page's hidden field says of the account.
    #[serde(default)]
    pub handle: Option<String>,
    /// The path of the page's link to the profile.
    #[serde(default)]
    pub profile: Option<String>,
    /// The text of the account switcher, row by row: a name that its owner chose, and a handle.
    #[serde(default)]
    pub switcher: Option<String>,
    /// Where a QR code may stand; at most four.
    #[serde(default)]
    pub pictures: Vec<Picture>,
}

/// A picture in the scope. Printed without its pixels: they may be a key. Nothing about it is checked yet
/// (`sites::qr::Bitmap` does).
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Picture {
    /// Pixels in a row, 21 to 1024.
    pub width: u16,
    /// Rows, 21 to 1024.
    pub height: u16,
    /// Padded base64: one bit a pixel, rows one after the other without padding, the first pixel in the highest bit,
    /// 1 for dark.
    pub bits: String,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("width", &self.width).field("height", &self.height).finish_non_exhaustive()
    }
}

/// The whole text of one visible element. Printed without it: it may be a key.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct ScreenText {
    /// Index of the nearest collected element around it.
    #[serde(default)]
    pub within: Option<u32>,
    /// NFKC text, blocks separated by line feeds.
    pub text: String,
}

impl fmt::Debug for ScreenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScreenText").field("within", &self.within).finish_non_exhaustive()
    }
}

/// Landmarks that the sensor names; `core::sites::x` says by which selector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The Next button of the QR and secret steps.
    ShowCodeNext,
    /// A square canvas, picture or drawing: the QR stands there. The one mark that has no selector.
    Qr,
    /// The field for the confirmation code.
    CodeField,
    /// The same field where it takes any text.
    TextField,
    /// Six overlaid inputs for one code.
    SixDigits,
    /// The field for a code that came by e-mail.
    EmailCode,
    /// A step that X shows before the QR: the password, or what will be done.
    Before,
    /// The button of the success step.
    Success,
    /// A toast with an error.
    Toast,
    /// Settings: the Authentication App is switched on.
    AppOn,
    /// Settings: the Authentication App is switched off.
    AppOff,
}

/// What the sensor may hear.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToContent {
    /// Show words in the toast: the sentence, and `ltr` or `rtl`. Words only.
    Toast([String; 2]),
    /// Type this code into X's code field; the user's click asked for it.
    Fill(#[serde(with = "exposed")] Secret),
}

/// The sentences that a toast may show; `_locales` has them as `toast_` and the [code](ToastWords::code).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastWords {
    /// "X is showing a login key. Open Longkey."
    KeySeen,
    /// "Saved."
    Saved,
    /// "X changed this page. If it shows a login key, open Longkey."
    PageChanged,
    /// "Backup code saved."
    CodeSaved,
    /// "Backup code saved: so many of five are open."
    CodeNumbered(u8),
    /// "Kept until there is room: five codes of this account are open."
    CodeWaits,
    /// "As many as X allows are here: before another one is made."
    CodesFull,
    /// "Not saved: from a private window, or too many wait."
    CodeNotSaved,
    /// "Not saved. Copy the key now."
    NotSaved,
}

impl ToastWords {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::KeySeen,
        Self::Saved,
        Self::PageChanged,
        Self::CodeSaved,
        Self::CodeNumbered(0),
        Self::CodeWaits,
        Self::CodesFull,
        Self::CodeNotSaved,
        Self::NotSaved,
    ];

    /// Its name in names of sentences.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::KeySeen => "key_seen",
            Self::Saved => "saved",
            Self::PageChanged => "page_changed",
            Self::CodeSaved => "code_saved",
            Self::CodeNumbered(_) => "code_numbered",
            Self::CodeWaits => "code_waits",
            Self::CodesFull => "codes_full",
            Self::CodeNotSaved => "code_not_saved",
            Self::NotSaved => "not_saved",
        }
    }
}

/// To all open pages: ask again. It says nothing else.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToPage {
    /// Something changed.
    News,
}
