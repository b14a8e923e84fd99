//! Every sentence that begins with "no": one variant each, its code derived from the variant.
//!
//! The words are in `static/_locales`; a test fails when a code has none. No variant can carry a secret.

use alloc::{
    string::{String, ToString},
    vec,
    vec::Vec,
};
use serde::{Deserialize, Serialize};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident $({ $($field:ident: $kind:ty),+ })? = $code:literal,)+) => {
        /// Why something was not done.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Refusal { $($(#[$doc])* $name $({ $(
            /// Fills the sentence's placeholder of this name.
            $field: $kind),+ })?,)+ }
        impl Refusal {
            /// Every code there is, for the test that looks for its sentence.
            pub const CODES: &'static [&'static str] = &[$($code),+];
            /// The code: the name of the sentence in `_locales`, after `refusal_`.
            #[must_use]
            pub fn code(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _),+ })? => $code,)+ }
            }
            /// What the sentence's placeholders stand for, in order.
            #[must_use]
            pub fn arguments(&self) -> Vec<String> {
                match self { $(Self::$name $({ $($field),+ })? => vec![$($($field.to_string()),+)?],)+ }
            }
        }
    };
}

refusals! {
    /// Nothing was entered.
    KeyEmpty = "key_empty",
    /// Two logins of X wait, and neither says for whom.
    LoginUnclear = "login_unclear",
    /// The code that changes every 30 seconds.
    KeyIsSixDigitCode = "key_is_six_digit_code",
    /// The 12-character code for emergencies.
    KeyIsBackupCode = "key_is_backup_code",
    /// An `otpauth://` address where only a key is read.
    KeyIsOtpauth = "key_is_otpauth",
    /// A bundle of keys: belongs to import.
    KeyIsMigration = "key_is_migration",
    /// 0, 1, 8 or 9.
    KeyDigit { position: u32, found: char } = "key_digit",
    /// A letter of another alphabet.
    KeyLetter { position: u32, found: char } = "key_letter",
    /// Anything else that base32 does not have.
    KeySymbol { position: u32, found: char } = "key_symbol",
    /// Under 16 characters.
    KeyTooShort { length: u32 } = "key_too_short",
    /// Over 256 characters.
    KeyTooLong { length: u32 } = "key_too_long",
    /// A length that no whole number of bytes has.
    KeyLength { length: u32 } = "key_length",
    /// An address that cannot be read.
    OtpauthBroken = "otpauth_broken",
    /// Counter-based (HOTP): X has none.
    OtpauthCounter = "otpauth_counter",
    /// Digits, period or algorithm outside what can be computed.
    OtpauthUnusual { what: String } = "otpauth_unusual",
    /// No backup code was entered.
    BackupEmpty = "backup_empty",
    /// A long key where a backup code belongs.
    BackupIsKey = "backup_is_key",
    /// The code that changes every 30 seconds, where a backup code belongs.
    BackupIsSixDigitCode = "backup_is_six_digit_code",
    /// Neither a letter of a to z nor a digit.
    BackupCharacter { position: u32, found: char } = "backup_character",
    /// Not 12 characters.
    BackupLength { length: u32 } = "backup_length",
    /// X lets five work at a time.
    BackupFull = "backup_full",
    /// The backup code is gone.
    BackupUnknown = "backup_unknown",
    /// Not 1 to 15 letters, digits, underscores.
    HandleShape = "handle_shape",
    /// Not `xq_` and 64 hex digits.
    ApiKeyShape = "api_key_shape",
    /// Another workspace has this API key.
    ApiKeyTaken = "api_key_taken",
    /// Another API key lists the same connections: its workspace is here already.
    WorkspaceTaken = "workspace_taken",
    /// A name of more than 40 characters, or of several lines.
    NameShape = "name_shape",
    /// Another entry has this handle.
    HandleTaken = "handle_taken",
    /// No e-mail address.
    EmailShape = "email_shape",
    /// A code from an e-mail has 4 to 64 characters.
    EmailCodeShape = "email_code_shape",
    /// The saved key is not the one that the page shows.
    KeyChanged = "key_changed",
    /// Not 16 to 512 visible characters.
    FansKeyShape = "fans_key_shape",
    /// Fans API is not connected.
    FansNotConnected = "fans_not_connected",
    /// The browser did not grant access to Fans API.
    FansNoPermission = "fans_no_permission",
    /// No code is asked for.
    NoCodeAsked = "no_code_asked",
    /// Not a code.
    CodeShape = "code_shape",
    /// The password field is empty.
    PasswordEmpty = "password_empty",
    /// Fewer than 10 characters.
    PassphraseTooShort { length: u32 } = "passphrase_too_short",
    /// Only beside a passphrase there is something to recover.
    PassphraseMissing = "passphrase_missing",
    /// Does not open the vault.
    PassphraseWrong = "passphrase_wrong",
    /// After several wrong ones.
    TooSoon { seconds: u32 } = "too_soon",
    /// Characters are missing, or the check at its end says that one is mistyped.
    RecoveryTypo = "recovery_typo",
    /// A recovery code, but not of this vault.
    RecoveryWrong = "recovery_wrong",
    /// What was typed back is not the code that was shown.
    RecoveryDiffers = "recovery_differs",
    /// The passkey gave a secret that does not open the vault.
    PasskeyWrong = "passkey_wrong",
    /// There is a recovery code, or a passkey, already.
    WayTaken = "way_taken",
    /// The word that stands for "delete everything" was not typed.
    EraseWord = "erase_word",
    /// Not a backup file, or a damaged one.
    BackupDamaged = "backup_damaged",
    /// A sealed file that no passphrase opens.
    BackupWithoutPassphrase = "backup_without_passphrase",
    /// The vault is locked.
    Locked = "locked",
    /// There is no vault.
    NoVault = "no_vault",
    /// The entry is gone.
    EntryUnknown = "entry_unknown",
    /// The capture is gone.
    DraftUnknown = "draft_unknown",
    /// The account is not in the list.
    AccountUnknown = "account_unknown",
    /// The entry has no key that may be sent.
    NoConfirmedKey = "no_confirmed_key",
    /// A sign-in for this account is running.
    StillRunning = "still_running",
    /// A pause lasts until later.
    Paused = "paused",
    /// Nobody knows what became of the last sign-in.
    CheckFirst = "check_first",
    /// X has accepted this key: forgetting it would lose the account's only one.
    AcceptedByX = "accepted_by_x",
    /// Its time is over, or the vault was locked meanwhile.
    UndoOver = "undo_over",
    /// Xquik is not connected.
    NotConnected = "not_connected",
    /// The browser did not grant access to the service.
    NoPermission = "no_permission",
    /// The browser did not let Longkey show notifications.
    NoNotifications = "no_notifications",
    /// X's login asks for a code that it sent.
    CodeSent = "code_sent",
    /// No tab shows X's code field.
    NoCodeField = "no_code_field",
    /// The store did not take it.
    NotSaved = "not_saved",
    /// The store does not answer.
    StoreSilent = "store_silent",
    /// The store stopped answering half-way: it may have taken it or not.
    StoreUnknown = "store_unknown",
    /// What the store holds is damaged.
    StoreDamaged = "store_damaged",
    /// Written by a newer Longkey.
    StoreNewer = "store_newer",
    /// There was a vault, and nothing of it can be read.
    StoreGone = "store_gone",
    /// Two different vaults, and only the user can say which holds.
    StoreConflict = "store_conflict",
    /// Only the copy can be read.
    StoreReadOnly = "store_read_only",
    /// Somebody else wrote first.
    StoreChanged = "store_changed",
    /// Done, but an old copy still stands.
    CopiesLeft = "copies_left",
    /// Nothing was erased: the copy cannot be reached, and would come back.
    NotErased = "not_erased",
    /// Derivation cost above the ceiling.
    WorkTooHigh = "work_too_high",
    /// A message that its sender may not send.
    NotAdmitted = "not_admitted",
    /// Something inside went wrong; nothing was lost.
    Internal = "internal",
}
