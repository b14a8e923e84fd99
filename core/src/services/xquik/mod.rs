//! Xquik (<https://xquik.com/api/v1>): list accounts, read one, sign one in again; connecting a new one is in `connect`.
//! Contract: tests/contract.
//!
//! The header `xquik-api-contract` is never sent; unknown fields, codes and health values are tolerated.
//! A sign-in is neither idempotent nor repeated: one click, one POST, and that is `app`'s business.

mod account;
pub mod connect;

use super::foreign::{Fields, Loose, country, shorten};
use super::{ANSWER_LIMIT, Call, Host, LIST_LIMIT, Method, Reply, encode, pause_end};
use crate::clock::UnixTime;
use crate::long_key::LongKey;
use crate::refusal::Refusal;
use crate::secret::Secret;
pub use account::{Account, Health};
use alloc::{format, string::String, vec::Vec};
use serde::{Deserialize, Serialize};

const BASE: &str = "/api/v1/x/accounts";

/// An API key: `xq_` and 64 hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey(Secret);

impl ApiKey {
    /// Reads a pasted key.
    ///
    /// # Errors
    /// [`Refusal::ApiKeyShape`].
    pub fn parse(text: &Secret) -> Result<Self, Refusal> {
        let key = text.expose().trim();
        match key.strip_prefix("xq_") {
            Some(hex) if hex.len() == 64 && hex.bytes().all(|c| c.is_ascii_hexdigit()) => {
                Ok(Self(Secret::new(key.into())))
            }
            _ => Err(Refusal::ApiKeyShape),
        }
    }

    /// The text, for the vault.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

/// What an answer means. Each has a title and a sentence in `_locales` (`verdict_<code>_title`, `…_text`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 200, healthy.
    SignedIn {
        /// "This sign-in came from …, not from the region you chose."
        country: Option<String>,
    },
    /// 200, but X reports something.
    SignedInBut {
        /// What.
        health: Health,
    },
    /// 400 `invalid_input`.
    PasswordMissing,
    /// 400 `invalid_id`.
    IdUnknown,
    /// 401.
    ApiKeyRefused,
    /// 404.
    AccountGone,
    /// 422 `login_failed`.
    LoginFailed {
        /// `account_not_found`, `repeated_login_error`, `wrong_password`, or none that is known here.
        reason: Option<String>,
        /// The pause that came with it.
        until: Option<UnixTime>,
    },
    /// 422 `passkey_required`.
    PasskeyRequired,
    /// 429 `login_cooldown`.
    Cooldown {
        /// When it ends.
        until: Option<UnixTime>,
    },
    /// 429 `rate_limit_exceeded`.
    SlowDown {
        /// When to ask again.
        until: Option<UnixTime>,
    },
    /// 400 to a sign-in with a login region, which the service stopped documenting: most likely that.
    RegionRefused,
    /// 400 to a new account: one of its fields.
    FieldRefused,
    /// 409 `account_already_connected`.
    AlreadyConnected,
    /// 502 `x_user_lookup_failed`.
    HandleUnknown,
    /// A new account that nobody heard of: Xquik has had its time and does not list it.
    NotListed,
    /// 400 to an e-mailed code.
    CodeRefused,
    /// 410: the time for the e-mailed code is over.
    CodeExpired,
    /// 404 and 409 to an e-mailed code: nobody asks for it any more.
    CodeOver,
    /// 500, 503.
    Unavailable,
    /// `session_required`.
    DashboardOnly,
    /// 202 without a code prompt (not documented for this call).
    StillSigningIn,
    /// 202 with an e-mail code prompt (not documented for this call).
    EmailCode,
    /// Anything else.
    Unfamiliar {
        /// HTTP status.
        status: u16,
        /// The answer's own code, shortened, if it had one.
        code: Option<String>,
    },
    /// The browser does not let Longkey talk to the service (any more): nothing was sent.
    NotAllowed,
    /// No network.
    Offline,
    /// No answer.
    NoAnswer,
}

impl Verdict {
    /// The name of its sentences, after `verdict_`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "signed_in",
            Self::SignedInBut { .. } => "signed_in_but",
            Self::PasswordMissing => "password_missing",
            Self::IdUnknown => "id_unknown",
            Self::ApiKeyRefused => "api_key_refused",
            Self::AccountGone => "account_gone",
            Self::LoginFailed { .. } => "login_failed",
            Self::PasskeyRequired => "passkey_required",
            Self::Cooldown { .. } => "cooldown",
            Self::SlowDown { .. } => "slow_down",
            Self::RegionRefused => "region_refused",
            Self::FieldRefused => "field_refused",
            Self::AlreadyConnected => "already_connected",
            Self::HandleUnknown => "handle_unknown",
            Self::NotListed => "not_listed",
            Self::CodeRefused => "code_refused",
            Self::CodeExpired => "code_expired",
            Self::CodeOver => "code_over",
            Self::Unavailable => "unavailable",
            Self::DashboardOnly => "dashboard_only",
            Self::StillSigningIn => "still_signing_in",
            Self::EmailCode => "email_code",
            Self::Unfamiliar { .. } => "unfamiliar",
            Self::NotAllowed => "not_allowed",
            Self::Offline => "offline",
            Self::NoAnswer => "no_answer",
        }
    }

    /// Every code there is, for the test that looks for its sentences.
    pub const CODES: &'static [&'static str] = &[
        "signed_in",
        "signed_in_but",
        "password_missing",
        "id_unknown",
        "api_key_refused",
        "account_gone",
        "login_failed",
        "passkey_required",
        "cooldown",
        "slow_down",
        "region_refused",
        "field_refused",
        "already_connected",
        "handle_unknown",
        "not_listed",
        "code_refused",
        "code_expired",
        "code_over",
        "unavailable",
        "dashboard_only",
        "still_signing_in",
        "email_code",
        "unfamiliar",
        "not_allowed",
        "offline",
        "no_answer",
    ];

    /// Whether the service may still be at it, or may have done it: nothing is sent anew before its status was looked at.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::StillSigningIn | Self::EmailCode => true,
            // A success that is none, or a proxy that gave up waiting: it may have been carried out.
            Self::Unfamiliar { status, .. } => !(400..500).contains(status),
            _ => false,
        }
    }

    /// The pause that it brings.
    #[must_use]
    pub fn until(&self) -> Option<UnixTime> {
        match self {
            Self::LoginFailed { until, .. } | Self::Cooldown { until } | Self::SlowDown { until } => *until,
            _ => None,
        }
    }
}

/// Lists the accounts, one page.
#[must_use]
pub fn list(key: &ApiKey, cursor: Option<&str>) -> Call {
    let mut path = format!("{BASE}?limit=100");
    if let Some(cursor) = cursor {
        path.push_str("&cursor=");
        path.push_str(&encode(cursor));
    }
    call(key, Method::Get, path, None, LIST_LIMIT, 30)
}

/// Reads one account.
#[must_use]
pub fn account(key: &ApiKey, id: &str) -> Call {
    call(key, Method::Get, format!("{BASE}/{}", encode(id)), None, ANSWER_LIMIT, 30)
}

/// What a sign-in sends.
pub struct SignIn<'a> {
    /// X's password.
    pub password: &'a Secret,
    /// The long key; without it Xquik uses the one it has.
    pub key: Option<&'a LongKey>,
    /// Replaces the stored e-mail.
    pub email: Option<&'a str>,
    /// Two letters (documented until May 2026).
    pub region: Option<&'a str>,
}

/// Signs an account in again. Waits 120 s: the answer comes after Xquik has tried the login.
#[must_use]
pub fn sign_in(key: &ApiKey, id: &str, with: &SignIn<'_>) -> Call {
    #[derive(Serialize)]
    struct Body<'a> {
        password: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        totp_secret: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        email: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        proxy_country: Option<&'a str>,
    }
    let body = serde_json::to_string(&Body {
        password: with.password.expose(),
        totp_secret: with.key.map(LongKey::expose),
        email: with.email,
        proxy_country: with.region,
    })
    .unwrap_or_default();
    call(key, Method::Post, format!("{BASE}/{}/reauth", encode(id)), Some(Secret::new(body)), ANSWER_LIMIT, 120)
}

fn call(key: &ApiKey, method: Method, path: String, body: Option<Secret>, most: usize, patience: u32) -> Call {
    Call { host: Host::Xquik, method, path, auth: ("x-api-key", key.0.clone()), body, most, patience }
}

/// One page of accounts.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The accounts.
    pub accounts: Vec<Account>,
    /// How many more are in it that cannot be read.
    pub left_out: u32,
    /// The cursor of the next page, where one exists.
    pub next: Option<String>,
}

/// Reads the answer of [`list`].
///
/// # Errors
/// What the answer means instead.
pub fn read_list(reply: &Reply, now: UnixTime) -> Result<Page, Verdict> {
    #[derive(Deserialize)]
    struct Rows {
        accounts: Vec<Option<Fields>>,
        #[serde(rename = "nextCursor", default)]
        next: Option<String>,
    }
    let Rows { accounts: rows, next } = read_success(reply, now).map_err(|verdict| match verdict {
        // A list has no password: what is malformed is ours.
        Verdict::PasswordMissing => Verdict::Unfamiliar { status: 400, code: Some("invalid_input".into()) },
        verdict => verdict,
    })?;
    // One odd row must not hide the others.
    let count = rows.len();
    let accounts: Vec<Account> = rows.into_iter().filter_map(|it| Account::read(it?)).collect();
    let left_out = u32::try_from(count - accounts.len()).unwrap_or(u32::MAX);
    Ok(Page { accounts, left_out, next })
}

/// Reads the answer of [`account`].
///
/// # Errors
/// What the answer means instead.
pub fn read_account(reply: &Reply, now: UnixTime, id: &str) -> Result<Account, Verdict> {
    read_one(reply, now, id).map_err(|verdict| match verdict {
        // Nothing but the id was sent: what is malformed is the id.
        Verdict::PasswordMissing => Verdict::IdUnknown,
        verdict => verdict,
    })
}

fn read_one(reply: &Reply, now: UnixTime, id: &str) -> Result<Account, Verdict> {
    let account = Account::read(read_success(reply, now)?).ok_or(Verdict::Unfamiliar { status: 200, code: None })?;
    if account.id == id { Ok(account) } else { Err(Verdict::Unfamiliar { status: 200, code: Some("wrong_id".into()) }) }
}

fn read_success<T: for<'a> Deserialize<'a>>(reply: &Reply, now: UnixTime) -> Result<T, Verdict> {
    match reply {
        Reply::Answer { status: 200, body, .. } => serde_json::from_slice(body.expose().as_bytes())
            .map_err(|_| Verdict::Unfamiliar { status: 200, code: None }),
        _ => Err(classify_failure(reply, now)),
    }
}

/// Reads the answer of [`sign_in`] for the account `id`; with the account's new state, where it tells one.
#[must_use]
pub fn read_sign_in(reply: &Reply, now: UnixTime, id: &str) -> (Verdict, Option<Account>) {
    if let Reply::Answer { status: 202, body, .. } = reply {
        #[derive(Deserialize)]
        struct Progress {
            status: String,
        }
        let asks = serde_json::from_slice::<Progress>(body.expose().as_bytes())
            .is_ok_and(|it| it.status == "requires_email_code");
        return (if asks { Verdict::EmailCode } else { Verdict::StillSigningIn }, None);
    }
    match read_one(reply, now, id) {
        Ok(account) if account.status != "active" => {
            (Verdict::Unfamiliar { status: 200, code: Some("not_active".into()) }, None)
        }
        Ok(account) if account.health == Health::Healthy => {
            (Verdict::SignedIn { country: account.login_country.as_deref().and_then(country) }, Some(account))
        }
        Ok(account) => (Verdict::SignedInBut { health: account.health.clone() }, Some(account)),
        Err(verdict) => (verdict, None),
    }
}

/// When the next attempt may be, where an answer that is no success names a time: whatever else it says.
#[must_use]
pub fn pause(reply: &Reply, now: UnixTime) -> Option<UnixTime> {
    match reply {
        Reply::Answer { status: 400.., retry_after, body, .. } => {
            let failure: Failure = serde_json::from_slice(body.expose().as_bytes()).unwrap_or_default();
            failure.pause(now, *retry_after)
        }
        _ => None,
    }
}

/// What an answer that is no success means. Decided by code, then by status; never by wording.
fn classify_failure(reply: &Reply, now: UnixTime) -> Verdict {
    let (status, retry_after, body) = match reply {
        Reply::Answer { status, retry_after, body, .. } => (*status, *retry_after, body),
        Reply::NotAllowed => return Verdict::NotAllowed,
        Reply::Offline => return Verdict::Offline,
        Reply::Silence => return Verdict::NoAnswer,
    };
    let failure: Failure = serde_json::from_slice(body.expose().as_bytes()).unwrap_or_default();
    let until = failure.pause(now, retry_after);
    let code = failure.error.word;
    match (status, code.as_deref()) {
        (_, Some("session_required")) => Verdict::DashboardOnly,
        (_, Some("login_cooldown")) => Verdict::Cooldown { until },
        (_, Some("passkey_required")) => Verdict::PasskeyRequired,
        (_, Some("login_failed")) => Verdict::LoginFailed { reason: failure.reason.word.filter(known), until },
        (429, _) => Verdict::SlowDown { until },
        (400, Some("invalid_id")) => Verdict::IdUnknown,
        (400, Some("invalid_input" | "invalid_json")) => Verdict::PasswordMissing,
        (401, _) => Verdict::ApiKeyRefused,
        (404, Some("account_not_found" | "not_found")) => Verdict::AccountGone,
        (500 | 503, _) => Verdict::Unavailable,
        _ => Verdict::Unfamiliar { status, code: code.as_deref().and_then(shorten) },
    }
}

/// The reasons that have been published; another word could be an echo of what was sent.
#[expect(clippy::ptr_arg, reason = "filters an Option<String>")]
fn known(reason: &String) -> bool {
    ["account_not_found", "repeated_login_error", "wrong_password"].contains(&reason.as_str())
}

/// Read leniently: a field of another type than documented must not hide the others.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Failure {
    error: Loose,
    reason: Loose,
    #[serde(rename = "retryAfter")]
    retry_after: Loose,
    #[serde(rename = "retryAfterMs")]
    retry_after_ms: Loose,
}

impl Failure {
    fn pause(&self, now: UnixTime, header: Option<u64>) -> Option<UnixTime> {
        pause_end(now, header, self.retry_after.number, self.retry_after_ms.number)
    }
}
