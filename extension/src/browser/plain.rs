//! Reads what the background sent (`Answer`, `Rows`) from plain JavaScript values into the protocol's types.
//!
//! The pages' module has a budget of 110 kB, and serde's derived readers are a third of that; so the fields stand here
//! a second time. The compiler says when one is missing, and a test sends every type through serde and back through
//! this. Nothing says what was wrong with a value: it comes from our own background, or it is not ours.

use js_sys::{Array, Object};
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::code::{Algorithm, Recipe};
use longkey_core::label::{Handle, Id};
use longkey_core::long_key::LongKey;
use longkey_core::protocol::{
    AccountView, Answer, Attempt, DraftView, EntryView, Group, Outcome, ResetView, Row, Rows, Standing, Terms, VaultState, View,
    XquikView,
};
use longkey_core::refusal::Refusal;
use longkey_core::services::xquik::{Health, Verdict};
use longkey_core::vault::work::Work;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = get)]
    fn property(of: &JsValue, name: &str) -> Result<JsValue, JsValue>;
}

/// What can be read from a plain value.
pub trait Plain: Sized {
    /// Reads it.
    fn read(value: JsValue) -> Option<Self>;
}

fn field<T: Plain>(of: &JsValue, name: &str) -> Option<T> {
    T::read(property(of, name).ok()?)
}

/// serde's external tagging: a word, or an object with the word as its one key.
fn tagged(value: JsValue) -> Option<(String, JsValue)> {
    if let Some(word) = value.as_string() {
        return Some((word, JsValue::NULL));
    }
    let object: Object = value.dyn_into().ok()?;
    let word = Object::keys(&object).get(0).as_string()?;
    let content = property(&object, &word).ok()?;
    Some((word, content))
}

impl Plain for String {
    fn read(value: JsValue) -> Option<Self> {
        value.as_string()
    }
}
impl Plain for bool {
    fn read(value: JsValue) -> Option<Self> {
        value.as_bool()
    }
}
impl Plain for u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it was a u32 when it was sent
    fn read(value: JsValue) -> Option<Self> {
        value.as_f64().map(|it| it as Self)
    }
}
impl Plain for u16 {
    fn read(value: JsValue) -> Option<Self> {
        u32::read(value)?.try_into().ok()
    }
}
impl Plain for u8 {
    fn read(value: JsValue) -> Option<Self> {
        u32::read(value)?.try_into().ok()
    }
}
impl Plain for UnixTime {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date is positive and far below 2^53 ms
    fn read(value: JsValue) -> Option<Self> {
        value.as_f64().map(|it| Self(it as u64))
    }
}
impl<T: Plain> Plain for Option<T> {
    fn read(value: JsValue) -> Option<Self> {
        if value.is_null() || value.is_undefined() { Some(None) } else { T::read(value).map(Some) }
    }
}
impl<T: Plain> Plain for Vec<T> {
    fn read(value: JsValue) -> Option<Self> {
        let list: Array = value.dyn_into().ok()?;
        (0..list.length()).map(|at| T::read(list.get(at))).collect()
    }
}
impl Plain for Id {
    fn read(value: JsValue) -> Option<Self> {
        Self::parse(&value.as_string()?)
    }
}
impl Plain for Handle {
    fn read(value: JsValue) -> Option<Self> {
        Self::parse(&value.as_string()?).ok()
    }
}
impl Plain for LongKey {
    fn read(value: JsValue) -> Option<Self> {
        Self::parse(&zeroize::Zeroizing::new(value.as_string()?)).ok()
    }
}
impl Plain for Health {
    fn read(value: JsValue) -> Option<Self> {
        value.as_string().map(Self::from)
    }
}
impl Plain for Recipe {
    fn read(value: JsValue) -> Option<Self> {
        if value.is_undefined() {
            return Some(Self::default());
        }
        Self::new(field(&value, "algorithm")?, field(&value, "digits")?, field(&value, "period")?).ok()
    }
}
impl Plain for Work {
    fn read(value: JsValue) -> Option<Self> {
        Self::new(field(&value, "m")?, field(&value, "t")?, field(&value, "p")?)
    }
}

/// Types whose fields are all there is to them.
macro_rules! structs {
    ($($name:ident { $($field:ident),+ })+) => { $(
        impl Plain for $name {
            fn read(value: JsValue) -> Option<Self> {
                Some(Self { $($field: field(&value, stringify!($field))?),+ })
            }
        }
    )+ };
}

/// Types that are one of a few words.
macro_rules! words {
    ($($name:ident { $($word:literal => $variant:ident),+ })+) => { $(
        impl Plain for $name {
            fn read(value: JsValue) -> Option<Self> {
                match value.as_string()?.as_str() {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    )+ };
}

structs! {
    View { vault, trouble, drafts, entries, xquik, resets }
    DraftView { id, handle, head, tail, seen, kept, ask, state, code_wanted, code_refused, replaces }
    EntryView { id, handle, current, waiting, code_wanted, code_refused, older }
    Standing { state, since }
    XquikView { checked, trouble, accounts }
    AccountView { id, handle, health, group, entry, key, not_before, attempt, connected }
    Attempt { sent, outcome }
    ResetView { handle, done, app_off }
    Terms { slot, salt, work }
    Rows { until, rows }
    Row { id, handle, key, recipe, state, draft }
}

words! {
    VaultState {
        "none" => None, "not_locked" => NotLocked, "unlocked" => Unlocked, "locked" => Locked, "trouble" => Trouble
    }
    KeyState { "pending" => Pending, "matched" => Matched, "confirmed" => Confirmed, "stale" => Stale }
    Group { "needs_you" => NeedsYou, "waiting" => Waiting, "fine" => Fine }
    Algorithm { "Sha1" => Sha1, "Sha256" => Sha256, "Sha512" => Sha512 }
}

impl Plain for Outcome {
    fn read(value: JsValue) -> Option<Self> {
        let (word, content) = tagged(value)?;
        Some(match word.as_str() {
            "running" => Self::Running,
            "unknown" => Self::Unknown,
            "answered" => Self::Answered { at: field(&content, "at")?, verdict: field(&content, "verdict")? },
            _ => return None,
        })
    }
}

impl Plain for Verdict {
    fn read(value: JsValue) -> Option<Self> {
        let (word, content) = tagged(value)?;
        Some(match word.as_str() {
            "signed_in" => Self::SignedIn { country: field(&content, "country")? },
            "signed_in_but" => Self::SignedInBut { health: field(&content, "health")? },
            "password_missing" => Self::PasswordMissing,
            "id_unknown" => Self::IdUnknown,
            "api_key_refused" => Self::ApiKeyRefused,
            "account_gone" => Self::AccountGone,
            "login_failed" => {
                Self::LoginFailed { reason: field(&content, "reason")?, until: field(&content, "until")? }
            }
            "passkey_required" => Self::PasskeyRequired,
            "cooldown" => Self::Cooldown { until: field(&content, "until")? },
            "slow_down" => Self::SlowDown { until: field(&content, "until")? },
            "unavailable" => Self::Unavailable,
            "dashboard_only" => Self::DashboardOnly,
            "still_signing_in" => Self::StillSigningIn,
            "email_code" => Self::EmailCode,
            "unfamiliar" => Self::Unfamiliar { status: field(&content, "status")?, code: field(&content, "code")? },
            "offline" => Self::Offline,
            "no_answer" => Self::NoAnswer,
            _ => return None,
        })
    }
}

impl Plain for char {
    fn read(value: JsValue) -> Option<Self> {
        value.as_string()?.chars().next()
    }
}

/// serde writes a refusal by the name of its variant, with the fields that its sentence needs.
macro_rules! refusals {
    ($($plain:ident)+ ; $($name:ident { $($field:ident),+ })+) => {
        impl Plain for Refusal {
            fn read(value: JsValue) -> Option<Self> {
                let (word, content) = tagged(value)?;
                $(if word == stringify!($plain) { return Some(Self::$plain); })+
                $(if word == stringify!($name) {
                    return Some(Self::$name { $($field: field(&content, stringify!($field))?),+ });
                })+
                None
            }
        }
    };
}

refusals! {
    KeyEmpty KeyIsSixDigitCode KeyIsBackupCode KeyIsOtpauth KeyIsMigration OtpauthBroken OtpauthCounter
    HandleShape ApiKeyShape PasswordEmpty PassphraseWrong Locked NoVault EntryUnknown DraftUnknown
    AccountUnknown NoConfirmedKey StillRunning Paused NotConnected NoPermission NoCodeField NotSaved
    StoreSilent StoreDamaged StoreNewer WorkTooHigh NotAdmitted Internal ;
    KeyDigit { position, found }
    KeyLetter { position, found }
    KeySymbol { position, found }
    KeyTooShort { length }
    KeyTooLong { length }
    KeyLength { length }
    OtpauthUnusual { what }
    PassphraseTooShort { length }
}

impl Plain for Answer {
    fn read(value: JsValue) -> Option<Self> {
        let (word, content) = tagged(value)?;
        Some(match word.as_str() {
            "done" => Self::Done,
            "kept" => Self::Kept(Plain::read(content)?),
            "view" => Self::View(Plain::read(content)?),
            "terms" => Self::Terms(Plain::read(content)?),
            "verdict" => Self::Verdict(Plain::read(content)?),
            "refused" => Self::Refused(Plain::read(content)?),
            _ => return None,
        })
    }
}
