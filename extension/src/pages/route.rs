//! Which screen the address names: the part after `#`. It holds handles and ids, never a secret.

use js_sys::decode_uri_component;
use longkey_core::label::{AccountRef, Handle, Id};
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
    /// One account at Xquik, by its workspace and Xquik's id: the same screen, also where nothing is saved here.
    Account(AccountRef),
    /// The backup codes of one saved account.
    BackupCodes(Id),
    /// Signing an account in at Xquik, by its workspace and Xquik's id.
    SignIn(AccountRef),
    /// X's reset checklist.
    Reset(Handle),
    /// Connecting Xquik; its accounts.
    Connect,
    /// Connecting a new account to Xquik; the one of this handle.
    NewAccount(Option<Handle>),
    /// A connection that was begun, by its workspace and its handle in small letters.
    Connection(AccountRef),
    /// Connecting Fans API; its accounts.
    Fansly,
    /// One Fansly account, by the service's id.
    FanslyAccount(String),
    /// Every account at Xquik.
    Accounts,
    /// Signing in one account after the other.
    Run,
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
    /// The key of one saved account for a phone.
    Phone(Id),
    /// The diagnostic text.
    Diagnostics,
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
    /// Help, at a place of it.
    Help(String),
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
            "account" => AccountRef::parse(&rest).map_or(Self::Nowhere, Self::Account),
            "signin" => AccountRef::parse(&rest).map_or(Self::Nowhere, Self::SignIn),
            "reset" => Handle::parse(&rest).map_or(Self::Nowhere, Self::Reset),
            "connect" => Self::Connect,
            "new-account" if rest.is_empty() => Self::NewAccount(None),
            // No handle has a dot, and every one of these.
            "new-account" => match (AccountRef::parse(&rest), Handle::parse(&rest)) {
                (Some(it), _) => Self::Connection(it),
                (None, Ok(it)) => Self::NewAccount(Some(it)),
                (None, Err(_)) => Self::Nowhere,
            },
            "fansly" if rest.is_empty() => Self::Fansly,
            "fansly" => Self::FanslyAccount(rest),
            "accounts" => Self::Accounts,
            "run" => Self::Run,
            "first" => Self::First,
            "passphrase" => Self::Passphrase,
            "add" => Self::Add,
            "scan" => Self::Scan,
            "settings" => Self::Settings,
            "phone" => with_id(Self::Phone),
            "diagnostics" => Self::Diagnostics,
            "recovery" => Self::Recovery,
            "only" => Self::Only,
            "forgotten" => Self::Forgotten,
            "backup" => Self::Backup,
            "restore" => Self::Restore,
            "bin" => Self::Bin,
            "help" => Self::Help(rest),
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
            Self::Account(account) => ["#/account/", &encode(&account.to_string())].concat(),
            Self::SignIn(account) => ["#/signin/", &encode(&account.to_string())].concat(),
            Self::Reset(handle) => ["#/reset/", handle.as_str()].concat(),
            Self::Connect => "#/connect".into(),
            Self::NewAccount(None) => "#/new-account".into(),
            Self::NewAccount(Some(handle)) => ["#/new-account/", handle.as_str()].concat(),
            Self::Connection(account) => ["#/new-account/", &encode(&account.to_string())].concat(),
            Self::Fansly => "#/fansly".into(),
            Self::FanslyAccount(account) => ["#/fansly/", &encode(account)].concat(),
            Self::Accounts => "#/accounts".into(),
            Self::Run => "#/run".into(),
            Self::First => "#/first".into(),
            Self::Passphrase => "#/passphrase".into(),
            Self::Add => "#/add".into(),
            Self::Scan => "#/scan".into(),
            Self::Settings => "#/settings".into(),
            Self::Phone(it) => id("#/phone/", it),
            Self::Diagnostics => "#/diagnostics".into(),
            Self::Recovery => "#/recovery".into(),
            Self::Only => "#/only".into(),
            Self::Forgotten => "#/forgotten".into(),
            Self::Backup => "#/backup".into(),
            Self::Restore => "#/restore".into(),
            Self::Bin => "#/bin".into(),
            Self::Help(place) if place.is_empty() => "#/help".into(),
            Self::Help(place) => ["#/help/", &encode(place)].concat(),
        }
    }

    /// The address of the checklist of who has this handle.
    #[must_use]
    pub fn reset(handle: &str) -> String {
        Handle::parse(handle).map_or(Self::Nowhere, Self::Reset).print()
    }

    /// Whether a screen that was opened from this one leads back here, not to the list.
    #[must_use]
    pub fn leads_back(&self) -> bool {
        matches!(
            self,
            Self::Connect
                | Self::Accounts
                | Self::Run
                | Self::NewAccount(_)
                | Self::Connection(_)
                | Self::Fansly
                | Self::Entry(_)
                | Self::Account(_)
                | Self::Settings
                | Self::First
        )
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
                | Self::FanslyAccount(_)
                | Self::Account(_)
                | Self::Accounts
                | Self::Settings
                | Self::Diagnostics
                | Self::Forgotten
                | Self::Help(_)
                | Self::Nowhere
        )
    }

    /// Whether the screen is of use while the stores cannot be read. In place of the others stands the list, which says
    /// what the trouble is.
    #[must_use]
    pub fn survives_trouble(&self) -> bool {
        matches!(
            self,
            Self::Home
                | Self::Settings
                | Self::Diagnostics
                | Self::Forgotten
                | Self::Restore
                | Self::Help(_)
                | Self::Nowhere
        )
    }

    /// Whether the screen needs a tab: it saves or chooses a file, is printed, is a long form, or holds what was typed for others, and a popup
    /// closes under that.
    #[must_use]
    pub fn needs_tab(&self) -> bool {
        matches!(
            self,
            Self::Run
                | Self::NewAccount(_)
                | Self::Connection(_)
                | Self::Backup
                | Self::Restore
                | Self::Recovery
                | Self::Forgotten
                | Self::Diagnostics
        )
    }
}
