//! What the fake X knows: its accounts, their passwords and keys, and which codes it took. The pages
//! only show it and send what was typed; all checking happens here. There is no session and no
//! cookie: one account is signed in, for every browser that asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::standin::{self, Standin};
use super::{Clock, keys};

/// The account that is signed in at first.
pub const FIRST_HANDLE: &str = "standin_user";
/// What its owner calls it: a display name may be anything, also the handle of somebody else.
const DISPLAY_NAME: &str = "@acme_support";
/// Its password, and that of every account made later.
pub const FIRST_PASSWORD: &str = "not-a-real-password";
/// X makes so many backup codes before it refuses (R in the capture notes).
const BACKUP_CODES: u8 = 5;

#[derive(Clone, Debug)]
struct XAccount {
    password: String,
    confirmed: Option<String>,
    pending: Option<String>,
    backup: Option<String>,
    backups_made: u8,
}

impl Default for XAccount {
    fn default() -> Self {
        Self { password: FIRST_PASSWORD.to_owned(), confirmed: None, pending: None, backup: None, backups_made: 0 }
    }
}

#[derive(Debug)]
struct Knowledge {
    accounts: BTreeMap<String, XAccount>,
    signed_in: String,
    password_recent: bool,
    next_secret: Option<String>,
    next_backup: Option<String>,
    narrow: bool,
    accepted: Vec<String>,
    refused: Vec<String>,
    csp_reports: Vec<Value>,
    standins: Vec<Standin>,
}

/// A handle on the fake X; clones share it. All methods return at once.
#[derive(Clone, Debug)]
pub struct XState {
    known: Arc<Mutex<Knowledge>>,
    clock: Clock,
}

impl XState {
    pub(crate) fn new(clock: Clock) -> Self {
        let signed_in = FIRST_HANDLE.to_owned();
        let known = Knowledge {
            accounts: BTreeMap::from([(signed_in.clone(), XAccount::default())]),
            signed_in,
            password_recent: false,
            next_secret: None,
            next_backup: None,
            narrow: false,
            accepted: Vec::new(),
            refused: Vec::new(),
            csp_reports: Vec::new(),
            standins: Vec::new(),
        };
        Self { known: Arc::new(Mutex::new(known)), clock }
    }

    fn known(&self) -> MutexGuard<'_, Knowledge> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, act: impl FnOnce(&mut XAccount) -> T) -> T {
        let mut known = self.known();
        let handle = known.signed_in.clone();
        act(known.accounts.entry(handle).or_default())
    }

    /// The handle that is signed in, without the at sign.
    pub fn handle(&self) -> String {
        self.known().signed_in.clone()
    }

    /// Signs another account in; one that X does not know yet is made, without two-factor.
    pub fn set_signed_in_handle(&self, handle: &str) {
        let mut known = self.known();
        known.signed_in = handle.to_owned();
        known.accounts.entry(handle.to_owned()).or_default();
        known.password_recent = false;
    }

    /// The signed-in account's password.
    pub fn password(&self) -> String {
        self.with(|account| account.password.clone())
    }

    /// Changes the signed-in account's password.
    pub fn set_password(&self, password: &str) {
        self.with(|account| account.password = password.to_owned());
        self.known().password_recent = false;
    }

    /// Whether X skips the password step.
    pub fn set_password_recent(&self, recent: bool) {
        self.known().password_recent = recent;
    }

    /// The key that the next set-up gets instead of a random one; used once.
    pub fn set_next_secret(&self, secret: &str) {
        self.known().next_secret = Some(secret.to_owned());
    }

    /// The next backup code instead of a random one; used once.
    pub fn set_next_backup(&self, code: &str) {
        self.known().next_backup = Some(code.to_owned());
    }

    /// The key that X asks codes of, if the app is turned on.
    pub fn confirmed_key(&self) -> Option<String> {
        self.with(|account| account.confirmed.clone())
    }

    /// Turns the app on with a key (or off), as if it had been done long ago.
    pub fn set_confirmed_key(&self, secret: Option<&str>) {
        let handle = self.handle();
        self.set_confirmed_key_of(&handle, secret);
    }

    /// The same for any account; one that X does not know yet is made.
    pub fn set_confirmed_key_of(&self, handle: &str, secret: Option<&str>) {
        let mut known = self.known();
        let account = known.accounts.entry(handle.to_owned()).or_default();
        account.confirmed = secret.map(str::to_owned);
        account.pending = None;
    }

    /// The key of an open set-up dialog.
    pub fn pending_key(&self) -> Option<String> {
        self.with(|account| account.pending.clone())
    }

    /// The signed-in account's current backup code.
    pub fn backup_code(&self) -> Option<String> {
        self.with(|account| account.backup.clone())
    }

    /// The codes that X took, in order.
    pub fn accepted_codes(&self) -> Vec<String> {
        self.known().accepted.clone()
    }

    /// The codes that X did not take, in order.
    pub fn refused_codes(&self) -> Vec<String> {
        self.known().refused.clone()
    }

    /// Shows the narrow layout whatever the window's width; off by default.
    pub fn set_narrow(&self, narrow: bool) {
        self.known().narrow = narrow;
    }

    /// What browsers reported against the page's Content Security Policy.
    pub fn csp_reports(&self) -> Vec<Value> {
        self.known().csp_reports.clone()
    }

    /// Serves a stand-in page where `sites/x/manifest.json` says; returns its address. Stays until
    /// [`Self::clear_standins`]; another page for the same place replaces it.
    ///
    /// # Errors
    /// When the manifest does not list that file.
    pub fn serve_standin(&self, file: &str) -> anyhow::Result<String> {
        let page = standin::find(file)?;
        let address = page.address();
        let mut known = self.known();
        known.standins.retain(|other| (&other.host, other.place()) != (&page.host, page.place()));
        known.standins.push(page);
        Ok(address)
    }

    /// Serves the fake X's own pages everywhere again.
    pub fn clear_standins(&self) {
        self.known().standins.clear();
    }

    pub(crate) fn standin_at(&self, host: &str, path: &str) -> Option<Standin> {
        self.known().standins.iter().find(|page| page.host == host && page.place() == path).cloned()
    }

    pub(crate) fn keep_csp_report(&self, report: Value) {
        self.known().csp_reports.push(report);
    }

    /// Whether a login of `handle` gets through with this password and this key.
    pub(crate) fn lets_in(&self, handle: &str, password: &str, key: Option<&str>) -> bool {
        self.known()
            .accounts
            .get(handle)
            .is_some_and(|account| account.password == password && key.is_some() && account.confirmed.as_deref() == key)
    }

    /// What the pages are told.
    pub(crate) fn told(&self) -> Value {
        let known = self.known();
        let account = known.accounts.get(&known.signed_in).cloned().unwrap_or_default();
        json!({
            "handle": known.signed_in,
            "name": DISPLAY_NAME,
            "totp": account.confirmed.is_some(),
            "passwordRecent": known.password_recent,
            "narrow": known.narrow,
        })
    }

    pub(crate) fn check_password(&self, typed: &str) -> bool {
        let right = self.password() == typed;
        if right {
            self.known().password_recent = true;
        }
        right
    }

    /// Opens the set-up dialog: a new key each time. `None` without a recent password.
    pub(crate) fn begin(&self) -> Option<String> {
        let mut known = self.known();
        if !known.password_recent {
            return None;
        }
        let secret = known.next_secret.take().unwrap_or_else(keys::random_secret);
        drop(known);
        self.with(|account| account.pending = Some(secret.clone()));
        Some(secret)
    }

    /// Closes the set-up dialog: the unconfirmed key is gone.
    pub(crate) fn cancel(&self) {
        self.with(|account| account.pending = None);
    }

    /// The confirmation code; the answer is the backup code.
    pub(crate) fn confirm(&self, code: &str) -> Option<String> {
        let pending = self.pending_key()?;
        if !self.judge(&pending, code) {
            return None;
        }
        let backup = self.next_backup();
        Some(self.with(|account| {
            account.confirmed = account.pending.take();
            account.backups_made = 0;
            shows(account, backup)
        }))
    }

    /// A code at the login.
    pub(crate) fn log_in(&self, code: &str) -> bool {
        self.confirmed_key().is_some_and(|key| self.judge(&key, code))
    }

    /// A backup code at the login: it works once.
    pub(crate) fn log_in_by_backup(&self, code: &str) -> bool {
        self.with(|account| account.backup.take_if(|backup| backup == code).is_some())
    }

    /// Turns the app off: the key is dead.
    pub(crate) fn unenroll(&self) {
        self.with(|account| {
            account.confirmed = None;
            account.backup = None;
        });
    }

    /// Another backup code, while X still gives some.
    pub(crate) fn another_backup(&self) -> Option<String> {
        let backup = self.next_backup();
        self.with(|account| (account.backups_made < BACKUP_CODES).then(|| shows(account, backup)))
    }

    fn next_backup(&self) -> String {
        self.known().next_backup.take().unwrap_or_else(keys::random_backup_code)
    }

    fn judge(&self, key: &str, code: &str) -> bool {
        let right = keys::accepts(key, code, self.clock.unix());
        let mut known = self.known();
        let list = if right { &mut known.accepted } else { &mut known.refused };
        list.push(code.to_owned());
        right
    }
}

fn shows(account: &mut XAccount, code: String) -> String {
    account.backup = Some(code.clone());
    account.backups_made += 1;
    code
}
