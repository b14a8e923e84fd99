//! What the background said of the services: workspaces at Xquik and their accounts, new ones that are being connected,
//! Fans API and its accounts.

use super::{List, Seen, Tagged, at};
use longkey_core::capture::KeyState;
use longkey_core::clock::UnixTime;
use longkey_core::label::{AccountRef, Id};
use longkey_core::protocol::Group;
use longkey_core::secret::Secret;
use longkey_core::services::fansly::What;
use wasm_bindgen::JsValue;

seen! {
    /// What is remembered of one account at Xquik.
    Past {
        /// Changes of its health, the newest first.
        turns: List<Turn>,
        /// The last sign-in from here.
        last: Option<Attempt>,
        /// When the key that would be sent was saved.
        added: Option<UnixTime>,
        /// When the saved key signed it in last.
        worked: Option<UnixTime>,
        /// Two letters: where Xquik signs in from.
        country: Option<String>,
    }
    /// A change of health.
    Turn {
        /// When it was seen.
        at: UnixTime,
        /// Into what.
        health: Health,
    }
    /// Xquik as a page shows it.
    Xquik {
        /// Its id.
        id: Id,
        /// What the user calls it; may be empty.
        name: String,
        /// The last four characters of its API key; empty while locked.
        last_four: String,
        /// When the accounts were listed last.
        checked: Option<UnixTime>,
        /// What went wrong with the last listing.
        trouble: Option<Tagged>,
        /// Until when it takes nothing from anybody.
        not_before: Option<UnixTime>,
        /// Accounts, those that the user can fix first.
        accounts: List<Account>,
        /// How many more Xquik has.
        left_out: u32,
    }
    /// One account at Xquik.
    Account {
        /// Which account of which workspace.
        id: AccountRef,
        /// X's handle, as Xquik spells it.
        handle: String,
        /// What Xquik says.
        health: Health,
        /// Since when it says so, as far as was seen from here.
        since: Option<UnixTime>,
        /// What the user can do about it.
        group: Group,
        /// The saved entry of the same account.
        entry: Option<Id>,
        /// The handle of that entry, where X calls the account by another one now.
        renamed: Option<String>,
        /// Whether the entry with this handle belongs to another account of X.
        stranger: bool,
        /// The state of that entry's sendable key.
        key: Option<KeyState>,
        /// Since when it has that state.
        key_since: Option<UnixTime>,
        /// No attempt before this moment.
        not_before: Option<UnixTime>,
        /// The last sign-in from here.
        attempt: Option<Attempt>,
        /// Last successful connect (RFC 3339).
        connected: Option<String>,
        /// How often in a row X refused a sign-in from here with what would be sent now.
        refusals: u32,
    }
    /// A sign-in from here.
    Attempt {
        /// When it was sent.
        sent: UnixTime,
        /// What became of it: `running`, `unknown`, `answered`.
        outcome: Tagged,
        /// Whether its status is to be looked at before anything is sent again.
        open: bool,
    }
    /// A connection of a new account.
    Connection {
        /// The workspace, and the handle in small letters.
        account: AccountRef,
        /// The handle as it was typed.
        handle: String,
        /// When it was sent.
        sent: UnixTime,
        /// How far it is: `running`, `unknown`, `pending`, `late`, `code`, `sending`, `connected`, `failed`.
        stage: String,
        /// Until when the code is asked for; the end of a pause.
        until: Option<UnixTime>,
        /// What the last answer meant, where it was no progress.
        verdict: Option<Tagged>,
        /// Whether the same again would fail again.
        for_good: bool,
    }
    /// Fans API as a page shows it.
    Fansly {
        /// Whether the address that it had before is asked.
        old: bool,
        /// The last four characters of the key.
        last_four: String,
        /// When the accounts were listed last.
        checked: Option<UnixTime>,
        /// What went wrong with the last listing: a status.
        status: Option<u32>,
        /// And its pause.
        until: Option<UnixTime>,
        /// Its accounts.
        accounts: List<FanslyAccount>,
    }
    /// Why a call to Fans API led to nothing.
    FansTrouble {
        /// HTTP status, or one of the core's own.
        status: u32,
        /// When to ask again.
        until: Option<UnixTime>,
    }
    /// One Fansly account.
    FanslyAccount {
        /// The service's id.
        id: String,
        /// `@username`, else its display name.
        name: String,
        /// Whether the service has it signed in.
        signed_in: bool,
        /// How far the login from here is.
        step: String,
        /// When that began.
        since: UnixTime,
        /// What kind of code is asked for.
        kind: Option<u32>,
        /// The masked address that it was sent to.
        sent_to: Option<String>,
        /// Whether the last code was not accepted.
        wrong: bool,
        /// What the service says.
        said: Option<String>,
        /// What went wrong last: a status.
        status: Option<u32>,
        /// And its pause.
        until: Option<UnixTime>,
        /// When a code was sent last.
        coded: Option<UnixTime>,
        /// Whether the background looks at it by itself.
        followed: bool,
        /// Whether the key of its authenticator is saved here.
        key: bool,
        /// Whether one that was in use before is kept.
        key_before: bool,
    }
    /// A code for Fansly.
    FansDigits {
        /// The digits.
        code: Secret,
        /// From when on another one is to be asked for.
        until: UnixTime,
    }
}

impl Fansly {
    /// What went wrong with the last listing.
    #[must_use]
    pub fn trouble(&self) -> Option<FansTrouble> {
        self.status().map(|_| FansTrouble::seen(self.0.clone()))
    }
}

impl FanslyAccount {
    /// What went wrong last.
    #[must_use]
    pub fn trouble(&self) -> Option<FansTrouble> {
        self.status().map(|_| FansTrouble::seen(self.0.clone()))
    }
}

impl FansTrouble {
    /// What it means.
    #[must_use]
    pub fn what(&self) -> What {
        What::of(u16::try_from(self.status()).unwrap_or_default())
    }
}

/// What Xquik says about an account: the name of its sentence, after `health_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health(&'static str);

impl Health {
    /// The name.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0
    }
}

impl Seen for Health {
    fn seen(value: JsValue) -> Self {
        // The service's own words; one that is not known here passes like a passing problem.
        Self(match String::seen(value).as_str() {
            "healthy" => "healthy",
            "needsReauth" => "needs_reauth",
            "locked" => "locked",
            "suspended" => "suspended",
            "recovering" => "recovering",
            _ => "temporary_issue",
        })
    }
}
