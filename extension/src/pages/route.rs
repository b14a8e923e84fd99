//! Which screen the address names: the part after `#`. It holds handles and ids, never a secret.

use js_sys::decode_uri_component;
use longkey_core::label::{Handle, Id};
use longkey_core::services::encode;

/// A screen and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The list.
    Home,
    /// "Save this login key?"
    Save(Id),
    /// The code of one key, large.
    Code(Id),
    /// One saved account.
    Entry(Id),
    /// The backup codes of one saved account.
    BackupCodes(Id),
    /// Signing an account in at Xquik, by Xquik's id.
    SignIn(String),
    /// X's reset checklist.
    Reset(Handle),
    /// Connecting Xquik; its accounts.
    Connect,
    /// First run.
    First,
    /// Setting or changing the passphrase.
    Passphrase,
    /// A key by hand.
    Add,
    /// A key out of a picture.
    Scan,
    /// Settings.
    Settings,
    /// The recovery code.
    Recovery,
    /// A new vault key that only the passphrase opens.
    Only,
    /// What to do without the passphrase.
    Forgotten,
    /// A backup file.
    Backup,
    /// What a backup file has.
    Restore,
    /// What was deleted.
    Bin,
    /// An address that names nothing.
    Nowhere,
}

impl Route {
    /// Reads the part after `#`.
    #[must_use]
    pub fn parse(hash: &str) -> Self {
        let path = hash.trim_start_matches(['#', '/']);
        let (name, rest) = path.split_once('/').unwrap_or((path, ""));
        let rest = decode_uri_component(rest).map(String::from).unwrap_or_default();
        let with_id = |of: fn(Id) -> Self| Id::parse(&rest).map_or(Self::Nowhere, of);
        match name {
            "" => Self::Home,
            "save" => with_id(Self::Save),
            "code" => with_id(Self::Code),
            "entry" => with_id(Self::Entry),
            "backup-codes" => with_id(Self::BackupCodes),
            "signin" if !rest.is_empty() => Self::SignIn(rest),
            "reset" => Handle::parse(&rest).map_or(Self::Nowhere, Self::Reset),
            "connect" => Self::Connect,
            "first" => Self::First,
            "passphrase" => Self::Passphrase,
            "add" => Self::Add,
            "scan" => Self::Scan,
            "settings" => Self::Settings,
            "recovery" => Self::Recovery,
            "only" => Self::Only,
            "forgotten" => Self::Forgotten,
            "backup" => Self::Backup,
            "restore" => Self::Restore,
            "bin" => Self::Bin,
            _ => Self::Nowhere,
        }
    }

    /// The address.
    #[must_use]
    pub fn print(&self) -> String {
        let id = |name: &str, id: &Id| [name, String::from(*id).as_str()].concat();
        match self {
            Self::Home | Self::Nowhere => "#/".into(),
            Self::Save(it) => id("#/save/", it),
            Self::Code(it) => id("#/code/", it),
            Self::Entry(it) => id("#/entry/", it),
            Self::BackupCodes(it) => id("#/backup-codes/", it),
            Self::SignIn(account) => ["#/signin/", &encode(account)].concat(),
            Self::Reset(handle) => ["#/reset/", handle.as_str()].concat(),
            Self::Connect => "#/connect".into(),
            Self::First => "#/first".into(),
            Self::Passphrase => "#/passphrase".into(),
            Self::Add => "#/add".into(),
            Self::Scan => "#/scan".into(),
            Self::Settings => "#/settings".into(),
            Self::Recovery => "#/recovery".into(),
            Self::Only => "#/only".into(),
            Self::Forgotten => "#/forgotten".into(),
            Self::Backup => "#/backup".into(),
            Self::Restore => "#/restore".into(),
            Self::Bin => "#/bin".into(),
        }
    }

    /// Whether a screen that was opened from this one leads back here, not to the list.
    #[must_use]
    pub fn leads_back(&self) -> bool {
        matches!(self, Self::Connect | Self::Entry(_) | Self::Settings | Self::First)
    }

    /// Whether the screen needs an open vault. The others are readable while it is locked.
    #[must_use]
    pub fn needs_open_vault(&self) -> bool {
        !matches!(
            self,
            Self::Home
                | Self::Save(_)
                | Self::Code(_)
                | Self::SignIn(_)
                | Self::Settings
                | Self::Forgotten
                | Self::Nowhere
        )
    }

    /// Whether the screen is of use while the stores cannot be read. In place of the others stands the list, which says
    /// what the trouble is.
    #[must_use]
    pub fn survives_trouble(&self) -> bool {
        matches!(self, Self::Home | Self::Settings | Self::Forgotten | Self::Restore | Self::Nowhere)
    }

    /// Whether the screen needs a tab: it saves or chooses a file, or is printed, and a popup closes under that.
    #[must_use]
    pub fn needs_tab(&self) -> bool {
        matches!(self, Self::Backup | Self::Restore | Self::Recovery | Self::Forgotten)
    }
}
