//! What the background sent, looked at where it is: typed names over JavaScript values, nothing copied.
//!
//! Pages need a few fields of a thousand accounts, and their module is to be small: serde's readers were a third of that,
//! and what they copied was read once. The names here are those of `longkey_core::protocol`; a test sends every type
//! through serde and looks at it through this. A value that is missing or of another kind is empty: it comes from our
//! own background.

use js_sys::{Array, Object};
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::code::{Algorithm, Recipe};
use longkey_core::label::{AccountRef, Id};
use longkey_core::long_key::LongKey;
use longkey_core::protocol::{CodeState, Group, PasskeyTerms, Terms, VaultState, Wanted};
use longkey_core::reset::Task;
use longkey_core::secret::Secret;
use longkey_core::vault::work::Work;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Reflect, js_name = get)]
    fn property(of: &JsValue, name: &str) -> Result<JsValue, JsValue>;
}

/// What a value can be looked at as.
pub trait Seen {
    /// Looks at it.
    fn seen(value: JsValue) -> Self;
}

fn at<T: Seen>(of: &JsValue, name: &str) -> T {
    T::seen(property(of, name).unwrap_or(JsValue::UNDEFINED))
}

impl Seen for String {
    fn seen(value: JsValue) -> Self {
        value.as_string().unwrap_or_default()
    }
}
impl Seen for bool {
    fn seen(value: JsValue) -> Self {
        value.as_bool().unwrap_or_default()
    }
}
impl Seen for u32 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it was one when it was sent
    fn seen(value: JsValue) -> Self {
        value.as_f64().unwrap_or_default() as Self
    }
}
impl Seen for UnixTime {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a date is positive and far below 2^53 ms
    fn seen(value: JsValue) -> Self {
        Self(value.as_f64().unwrap_or_default() as u64)
    }
}
impl Seen for i64 {
    #[allow(clippy::cast_possible_truncation)] // it was a whole number far below 2^53 when it was sent
    fn seen(value: JsValue) -> Self {
        value.as_f64().unwrap_or_default() as Self
    }
}
impl Seen for Id {
    fn seen(value: JsValue) -> Self {
        Self::parse(&String::seen(value)).unwrap_or(Self::new([0; 8]))
    }
}
impl Seen for AccountRef {
    fn seen(value: JsValue) -> Self {
        Self::parse(&String::seen(value)).unwrap_or(Self { workspace: Id::new([0; 8]), id: String::new() })
    }
}
impl<T: Seen> Seen for Option<T> {
    fn seen(value: JsValue) -> Self {
        if value.is_null() || value.is_undefined() { None } else { Some(T::seen(value)) }
    }
}

/// A list, one by one.
pub struct List<T> {
    list: JsValue,
    next: u32,
    kind: std::marker::PhantomData<T>,
}

impl<T> Seen for List<T> {
    fn seen(list: JsValue) -> Self {
        Self { list, next: 0, kind: std::marker::PhantomData }
    }
}

impl<T> List<T> {
    /// How many there are.
    #[must_use]
    pub fn count_all(&self) -> u32 {
        self.list.dyn_ref::<Array>().map_or(0, Array::length)
    }
}

impl<T: Seen> Iterator for List<T> {
    type Item = T;
    fn next(&mut self) -> Option<T> {
        let list: &Array = self.list.dyn_ref()?;
        (self.next < list.length()).then(|| {
            self.next += 1;
            T::seen(list.get(self.next - 1))
        })
    }
}

macro_rules! seen {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty),+ $(,)? })+) => { $(
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(JsValue);
        impl Seen for $name {
            fn seen(value: JsValue) -> Self {
                Self(value)
            }
        }
        impl $name {
            /// The names that are read here, for the test that compares them with the protocol's.
            pub const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];
        $(
            $(#[$field_doc])*
            #[must_use]
            #[allow(clippy::new_ret_no_self)] // a field has that name
            pub fn $field(&self) -> $kind {
                at(&self.0, stringify!($field))
            }
        )+ }
    )+ };
}

mod services;
pub use services::*;

seen! {
    /// Everything a page shows, without secrets.
    View {
        /// How the vault stands.
        vault: VaultState,
        /// Why it cannot be read, where it cannot.
        trouble: Option<Tagged>,
        /// Keys seen on X.
        drafts: List<Draft>,
        /// Saved accounts; empty while locked.
        entries: List<Entry>,
        /// Workspaces at Xquik.
        xquik: List<Xquik>,
        /// Connections of new accounts that were begun.
        connections: List<Connection>,
        /// Fans API, where connected.
        fansly: Option<Fansly>,
        /// Keys of Fansly accounts that it does not list.
        fansly_keys: List<FanslyAccount>,
        /// Checklists that were begun.
        resets: List<Reset>,
        /// The ways of opening the vault: `passphrase`, `recovery`, `passkey`.
        ways: List<Tagged>,
        /// Whether it was opened with the recovery code.
        recovered: bool,
        /// When it locks by itself: `minutes`, `closed`, `restart`.
        lock_after: Tagged,
        /// Whether X's set-up is open and shows nothing that is known.
        page_changed: bool,
        /// What happened to the stores.
        notices: List<String>,
        /// Whether raw bytes of a damaged vault are kept.
        quarantined: bool,
        /// What was deleted in the last 30 days.
        bin: List<Binned>,
        /// How many keys are in no backup file.
        unsaved: u32,
        /// When the last backup file was made.
        backup: Option<UnixTime>,
        /// How many seconds this computer's clock is ahead, from 5 on.
        clock: Option<i64>,
        /// Whether notifications are wanted.
        notify: bool,
        /// Whether they name nobody.
        hide_names: bool,
        /// Whether accounts are asked for while the vault is locked.
        watch_locked: bool,
        /// Whether the popup waits until it is opened.
        stays_shut: bool,
        /// When replies last agreed about this computer's clock.
        clock_at: Option<UnixTime>,
        /// What X's login asks for right now.
        login: Option<LoginAsks>,
    }
    /// X's login asks for something.
    LoginAsks {
        /// The account, where the page names it.
        handle: Option<String>,
        /// What it asks for.
        wants: Wanted,
    }
    /// A deleted account.
    Binned {
        /// The entry's id.
        id: Id,
        /// The account.
        handle: String,
        /// When it was deleted.
        deleted: UnixTime,
    }
    /// A backup file that was opened again and counted.
    Backup {
        /// The text of the file.
        file: Secret,
        /// How many accounts it holds.
        accounts: u32,
        /// When it was made.
        made: UnixTime,
    }
    /// What a backup file would add.
    Preview {
        /// When it was made, where the file tells.
        made: Option<UnixTime>,
        /// Accounts that are not here yet.
        new: List<String>,
        /// Accounts that are here with another key.
        differ: List<String>,
        /// Number of accounts whose keys are all here.
        same: u32,
        /// Whether it brings an Xquik API key that is not here.
        api_key: bool,
        /// Whether it brings a key of Fansly that is not here.
        fansly: bool,
    }
    /// A key seen on X.
    Draft {
        /// Its id.
        id: Id,
        /// The account, where the page told it.
        handle: Option<String>,
        /// The first four characters.
        head: String,
        /// The last four.
        tail: String,
        /// When it was seen.
        seen: UnixTime,
        /// Whether the user chose to keep it.
        kept: bool,
        /// Less than certain.
        ask: bool,
        /// From a private window: nothing is stored yet.
        private: bool,
        /// Whether it lies in the inbox, encrypted.
        sealed: bool,
        /// How far X is with it.
        state: KeyState,
        /// Whether X's set-up is open for it right now.
        on_x: bool,
        /// Whether X shows the code field for it right now.
        code_wanted: bool,
        /// Whether X refused the code typed last.
        code_refused: bool,
        /// X's host in the tab that its code would be typed into.
        fills_on: Option<String>,
        /// Whether a confirmed key of this handle would move to its history.
        replaces: bool,
        /// Another key that X shows on the same screen, where they disagree.
        rival: Option<Id>,
    }
    /// A saved account.
    Entry {
        /// Its id.
        id: Id,
        /// The account.
        handle: String,
        /// The confirmed or stale key.
        current: Option<Standing>,
        /// The key that X has not accepted yet.
        waiting: Option<Standing>,
        /// Which of the two a service is sent.
        sendable: Option<Standing>,
        /// What X's pages showed against the confirmed key: `app_off`, `turning_off`.
        doubt: Option<String>,
        /// Whether X's set-up is open for the waiting key right now.
        on_x: bool,
        /// Whether X shows the code field for the waiting key right now.
        code_wanted: bool,
        /// Whether X refused the code typed last.
        code_refused: bool,
        /// X's host in the tab that its code would be typed into.
        fills_on: Option<String>,
        /// Whether X's login asks for a code that it sent.
        code_sent: bool,
        /// How many older keys are kept.
        older: u32,
        /// Its backup codes, oldest first.
        backup: List<Slip>,
        /// Whether X's login shows a field that may take a backup code.
        backup_wanted: bool,
        /// Whether the last change of the backup codes can be taken back.
        backup_undo: bool,
    }
    /// A backup code, without the code.
    Slip {
        /// Names it within its entry.
        added: UnixTime,
        /// What is known of it.
        state: CodeState,
        /// Since when.
        since: UnixTime,
        /// Whether it is the one for the next login.
        next: bool,
    }
    /// A key's state and since when.
    Standing {
        /// Pending, matched, confirmed or stale.
        state: KeyState,
        /// Since when.
        since: UnixTime,
    }
    /// A checklist that was begun.
    Reset {
        /// The account.
        handle: String,
        /// The numbers of the tasks that are done.
        done: List<u32>,
        /// Whether X's settings page was seen with the Authentication App off.
        app_off: bool,
    }
    /// Rows for codes, from `storage.session`.
    Rows {
        /// Rows are void from this moment on.
        until: Option<UnixTime>,
        /// One row a key.
        rows: List<Row>,
    }
    /// One key that has codes.
    Row {
        /// Entry or draft.
        id: Id,
        /// The account, where known.
        handle: Option<String>,
        /// How far X is with it.
        state: KeyState,
        /// Whether this is a draft that is not in the vault yet.
        draft: bool,
        /// How many milliseconds this computer's clock is ahead.
        ahead: i64,
    }
}

impl View {
    /// The way of opening the vault that has this name, if there is one.
    #[must_use]
    pub fn way(&self, name: &str) -> Option<Tagged> {
        self.ways().find(|it| it.word() == name)
    }

    /// The accounts at Xquik; none where it is not connected.
    pub fn accounts(&self) -> impl Iterator<Item = Account> + use<> {
        self.xquik().flat_map(|it| it.accounts())
    }
}

impl Default for Rows {
    fn default() -> Self {
        Self(JsValue::UNDEFINED)
    }
}

impl Reset {
    /// The tasks that are done.
    #[must_use]
    pub fn tasks(&self) -> Vec<Task> {
        self.done().filter_map(|it| Task::of(u8::try_from(it).ok()?)).collect()
    }
}

impl Row {
    /// The key, read anew at each call: it is held no longer than it is needed.
    #[must_use]
    pub fn key(&self) -> Option<LongKey> {
        LongKey::parse(&Zeroizing::new(at::<String>(&self.0, "key"))).ok()
    }

    /// How its codes are made.
    #[must_use]
    pub fn recipe(&self) -> Recipe {
        let recipe: JsValue = at(&self.0, "recipe");
        let algorithm = match at::<String>(&recipe, "algorithm").as_str() {
            "Sha256" => Algorithm::Sha256,
            "Sha512" => Algorithm::Sha512,
            _ => Algorithm::Sha1,
        };
        let digits = u8::try_from(at::<u32>(&recipe, "digits")).unwrap_or_default();
        Recipe::new(algorithm, digits, at(&recipe, "period")).unwrap_or_default()
    }

    /// Whether it is the same key with the same standing, so that what is shown of it may stay.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        ["id", "handle", "state", "draft", "key", "ahead"]
            .into_iter()
            .all(|name| at::<JsValue>(&self.0, name) == at::<JsValue>(&other.0, name))
    }
}

impl Seen for JsValue {
    fn seen(value: JsValue) -> Self {
        value
    }
}

/// serde's external tagging: a word, or an object with the word as its one key.
#[derive(Clone, Debug)]
pub struct Tagged(JsValue);

impl Seen for Tagged {
    fn seen(value: JsValue) -> Self {
        Self(value)
    }
}

impl Tagged {
    /// The word.
    #[must_use]
    pub fn word(&self) -> String {
        if self.0.is_object() {
            String::seen(Object::keys(self.0.unchecked_ref::<Object>()).get(0))
        } else {
            self.0.as_string().unwrap_or_default()
        }
    }

    /// What comes with it.
    #[must_use]
    pub fn content<T: Seen>(&self) -> T {
        at(&self.0, &self.word())
    }

    /// One field of what comes with it.
    #[must_use]
    pub fn field<T: Seen>(&self, name: &str) -> T {
        at(&self.content(), name)
    }

    /// The values of all fields, as text: what the placeholders of a refusal's sentence stand for.
    #[must_use]
    pub fn values(&self) -> Vec<String> {
        let content: JsValue = self.content();
        if !content.is_object() {
            return Vec::new();
        }
        let values = Object::values(content.unchecked_ref::<Object>());
        (0..values.length())
            .map(|at| values.get(at))
            .map(|it| it.as_string().unwrap_or_else(|| u32::seen(it).to_string()))
            .collect()
    }
}

impl Seen for Secret {
    fn seen(value: JsValue) -> Self {
        Self::new(String::seen(value))
    }
}

impl Seen for PasskeyTerms {
    fn seen(value: JsValue) -> Self {
        Self { slot: at(&value, "slot"), salt: at(&value, "salt") }
    }
}

impl Seen for Terms {
    fn seen(value: JsValue) -> Self {
        let work: JsValue = at(&value, "work");
        Self {
            slot: at(&value, "slot"),
            salt: at(&value, "salt"),
            // A cost above the ceiling is none of ours.
            work: Work::new(at(&work, "m"), at(&work, "t"), at(&work, "p")).unwrap_or(Work::USUAL),
        }
    }
}

macro_rules! words {
    ($($name:ident { $($word:literal => $variant:ident),+ ; $other:ident })+) => { $(
        impl Seen for $name {
            fn seen(value: JsValue) -> Self {
                match String::seen(value).as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::$other,
                }
            }
        }
    )+ };
}

words! {
    VaultState { "none" => None, "not_locked" => NotLocked, "unlocked" => Unlocked, "locked" => Locked ; Trouble }
    KeyState { "pending" => Pending, "matched" => Matched, "confirmed" => Confirmed ; Stale }
    CodeState { "unused" => Unused, "used" => Used, "void" => Void ; Unknown }
    Wanted { "code" => Code, "sent" => Sent ; Text }
    Group { "needs_you" => NeedsYou, "waiting" => Waiting ; Fine }
}
