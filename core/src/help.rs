//! X's situations around two-factor authentication, one row each, and where each is offered. The words are in `_locales`
//! (`help_<slug>_title`, `help_<slug>_text`); how a row looks and what its button does are the pages'.
//!
//! Source of the situations: X's help pages on two-factor authentication, login codes and backup codes, wording of 2024.

/// What Longkey does about a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Longkey solves it.
    Solves,
    /// Longkey explains it.
    Explains,
    /// It is outside Longkey, and the words say so.
    Outside,
}

/// What has happened: the headings of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// The phone is lost.
    LostPhone,
    /// There is a new one.
    NewPhone,
    /// Codes do not come, or X refuses them.
    Codes,
    /// Backup codes.
    BackupCodes,
    /// Signing in elsewhere than in this browser.
    Elsewhere,
    /// Staying safe.
    Safe,
}

impl Group {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 6] =
        [Self::LostPhone, Self::NewPhone, Self::Codes, Self::BackupCodes, Self::Elsewhere, Self::Safe];

    /// Its name in addresses, and in `help_<slug>`.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::LostPhone => "group_lost_phone",
            Self::NewPhone => "group_new_phone",
            Self::Codes => "group_codes",
            Self::BackupCodes => "group_backup_codes",
            Self::Elsewhere => "group_elsewhere",
            Self::Safe => "group_safe",
        }
    }
}

macro_rules! triggers {
    ($($(#[$doc:meta])* $name:ident = $slug:literal,)+) => {
        /// When help is offered: what a screen of Longkey knows at that moment.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Trigger { $($(#[$doc])* $name,)+ }
        impl Trigger {
            /// All of them, with their names, for the test that looks for the screens that use them.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, stringify!($name))),+];
            /// Its name in addresses: the page then shows the rows of this moment alone.
            #[must_use]
            pub fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)+ }
            }
        }
    };
}

triggers! {
    /// X's login asks for a code. Its page does not say whether from the app or a message that does not come.
    LoginAsks = "when_login_asks",
    /// X's login asks for a code that it sent.
    LoginSent = "when_login_sent",
    /// X's login has a field that may take a backup code.
    LoginTakesBackup = "when_login_takes_backup",
    /// X refused a 6-digit code.
    CodeRefused = "when_code_refused",
    /// A backup code was entered where a long key belongs.
    KeyIsBackupCode = "when_key_is_backup_code",
    /// A 6-digit code was entered where a long key belongs.
    KeyIsSixDigits = "when_key_is_six_digits",
    /// This computer's clock is off.
    ClockOff = "when_clock_off",
    /// X did not take a backup code.
    BackupRefused = "when_backup_refused",
    /// Five backup codes are open.
    BackupFull = "when_backup_full",
    /// No backup code is saved.
    BackupNone = "when_backup_none",
    /// Backup codes are saved, and may be put on paper.
    BackupKept = "when_backup_kept",
    /// The checklist of a reset is open.
    Resetting = "when_resetting",
    /// X's page shows two-factor authentication off, or about to be.
    AppOff = "when_app_off",
    /// There is no connection.
    Offline = "when_offline",
    /// X asked for a passkey or a security key.
    PasskeyAsked = "when_passkey_asked",
    /// Longkey offers to fill a code in.
    Filling = "when_filling",
    /// A key's page, from which it may go to another device.
    Moving = "when_moving",
    /// A backup file is about to be restored, often on a new device.
    Restoring = "when_restoring",
    /// A sign-in was refused, and it is looked for which part is out of date.
    WhichOne = "when_which_one",
    /// X has locked an account.
    LockedByX = "when_locked_by_x",
}

/// One situation.
#[derive(Debug)]
pub struct Situation {
    /// Its number, from 1.
    pub number: u8,
    /// Its name in addresses and in `_locales`.
    pub slug: &'static str,
    /// What Longkey does about it.
    pub kinds: &'static [Kind],
    /// Under which heading it stands.
    pub group: Group,
    /// Where it is offered besides its page.
    pub triggers: &'static [Trigger],
}

impl Situation {
    /// The situation of that name.
    #[must_use]
    pub fn of(slug: &str) -> Option<&'static Self> {
        SITUATIONS.iter().find(|it| it.slug == slug)
    }

    /// The situations that are offered at that moment.
    pub fn at(trigger: Trigger) -> impl Iterator<Item = &'static Self> {
        SITUATIONS.iter().filter(move |it| it.triggers.contains(&trigger))
    }
}

const S: &[Kind] = &[Kind::Solves];
const E: &[Kind] = &[Kind::Explains];
const SE: &[Kind] = &[Kind::Solves, Kind::Explains];
const H: &[Kind] = &[Kind::Outside];

const fn row(
    number: u8,
    slug: &'static str,
    kinds: &'static [Kind],
    group: Group,
    triggers: &'static [Trigger],
) -> Situation {
    Situation { number, slug, kinds, group, triggers }
}

use Group::{BackupCodes, Codes, Elsewhere, LostPhone, NewPhone, Safe};
use Trigger as T;

/// The situations, in the order of the page within each group.
pub const SITUATIONS: [Situation; 32] = [
    row(1, "lost_key_here", S, LostPhone, &[T::LoginAsks]),
    row(2, "lost_phone_backup", S, LostPhone, &[T::LoginAsks, T::LoginTakesBackup]),
    row(3, "locked_out", H, LostPhone, &[T::LoginAsks]),
    row(4, "lost_sms", SE, LostPhone, &[T::LoginSent]),
    row(5, "new_phone", SE, NewPhone, &[T::Restoring, T::Moving, T::Resetting]),
    row(6, "new_phone_session", S, NewPhone, &[T::Resetting]),
    row(7, "new_phone_locked_out", S, NewPhone, &[T::LoginAsks]),
    row(8, "temporary_password", E, Elsewhere, &[T::WhichOne]),
    row(9, "sms_late", E, Codes, &[T::LoginSent]),
    row(10, "sms_never", E, Codes, &[T::LoginSent]),
    row(11, "number_changed", SE, Codes, &[T::LoginSent]),
    row(12, "offline", S, Codes, &[T::Offline]),
    row(13, "code_generator", E, Codes, &[T::LoginAsks, T::WhichOne]),
    row(14, "phone_sign_in", E, Elsewhere, &[T::LoginAsks]),
    row(15, "signed_out", E, Elsewhere, &[T::WhichOne, T::AppOff]),
    row(16, "push_missing", E, Codes, &[T::LoginAsks, T::LoginSent, T::WhichOne]),
    row(17, "unknown_request", E, Safe, &[T::LockedByX, T::LoginSent]),
    row(18, "backup_inactive", S, BackupCodes, &[T::BackupRefused]),
    row(19, "backup_order", S, BackupCodes, &[T::BackupRefused]),
    row(20, "backup_five", S, BackupCodes, &[T::BackupFull]),
    row(21, "backup_not_key", S, BackupCodes, &[T::KeyIsBackupCode]),
    row(22, "backup_at_set_up", S, BackupCodes, &[T::BackupNone]),
    row(23, "backup_make", S, BackupCodes, &[T::BackupNone, T::BackupRefused]),
    row(24, "backup_use", S, BackupCodes, &[T::LoginTakesBackup]),
    row(25, "backup_paper", S, BackupCodes, &[T::BackupKept]),
    row(26, "clock", S, Codes, &[T::ClockOff, T::CodeRefused]),
    row(27, "key_once", S, Safe, &[T::Resetting]),
    row(28, "verizon", E, Codes, &[T::LoginSent]),
    row(29, "strongest", E, Safe, &[T::PasskeyAsked]),
    row(30, "turning_off", E, Safe, &[T::AppOff, T::Resetting]),
    row(31, "phishing", S, Safe, &[T::Filling]),
    row(32, "mobile", H, NewPhone, &[T::Moving, T::Restoring]),
];
