//! A new account at Xquik: the first connection, its pending attempt, the code that X e-mails.
//!
//! Ids of attempts and challenges are Xquik's own words: they are kept as they came, unless they repeat what was sent, and encoded
//! into a path. The `Location` that names that path is never followed; what the answers say in words for people is never read.

use super::super::foreign::{Fields, moment, shorten};
use super::{ApiKey, BASE, Verdict, call, classify_failure, known};
use crate::clock::{Span, UnixTime};
use crate::label::Handle;
use crate::long_key::LongKey;
use crate::secret::Secret;
use crate::services::{ANSWER_LIMIT, Call, Method, Reply, encode};
use alloc::{format, string::String};
use serde::Serialize;

/// Where an answer says nothing of when to ask again.
const USUAL: u64 = 3_000;
/// Never asked sooner, whatever an answer says.
const LEAST: u64 = 1_000;
/// Longer than anybody waits for a connection.
const MOST: u64 = 5 * 60_000;

/// What a first connection sends: all four, and nothing else.
pub struct NewAccount<'a> {
    /// The handle, without at sign.
    pub handle: &'a Handle,
    /// The account's e-mail at X.
    pub email: &'a str,
    /// X's password.
    pub password: &'a Secret,
    /// The long key.
    pub key: &'a LongKey,
}

/// Connects an account. Waits 120 s: the answer may come after Xquik has tried the login.
#[must_use]
pub fn connect(key: &ApiKey, with: &NewAccount<'_>) -> Call {
    #[derive(Serialize)]
    struct Body<'a> {
        username: &'a str,
        email: &'a str,
        password: &'a str,
        totp_secret: &'a str,
    }
    let body = serde_json::to_string(&Body {
        username: with.handle.as_str(),
        email: with.email,
        password: with.password.expose(),
        totp_secret: with.key.expose(),
    });
    call(key, Method::Post, BASE.into(), Some(Secret::new(body.unwrap_or_default())), ANSWER_LIMIT, 120)
}

/// How a pending attempt stands.
#[must_use]
pub fn attempt(key: &ApiKey, id: &str) -> Call {
    let path = format!("/api/v1/x/account-connection-attempts/{}", encode(id));
    call(key, Method::Get, path, None, ANSWER_LIMIT, 30)
}

/// Answers with the code that X has e-mailed.
#[must_use]
pub fn submit(key: &ApiKey, challenge: &str, code: &Secret) -> Call {
    #[derive(Serialize)]
    struct Body<'a> {
        email_code: &'a str,
    }
    let body = serde_json::to_string(&Body { email_code: code.expose() }).unwrap_or_default();
    let path = format!("/api/v1/x/account-connection-challenges/{}/submit", encode(challenge));
    call(key, Method::Post, path, Some(Secret::new(body)), ANSWER_LIMIT, 120)
}

/// Which of the three calls was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// [`connect`].
    Connect,
    /// [`attempt`].
    Attempt,
    /// [`submit`].
    Submit,
}

/// How far a connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is there; the list of accounts tells the rest.
    Connected,
    /// Xquik works on it. Nothing is to be sent again.
    Pending {
        /// Its id; none where the answer has none of the form that is known.
        attempt: Option<String>,
        /// When to ask.
        wait: Span,
    },
    /// X has e-mailed a code.
    Code {
        /// What the code answers.
        challenge: String,
        /// Until when, by Xquik's clock.
        until: Option<UnixTime>,
    },
    /// Xquik does not know this attempt (any more): only the list tells what became of it.
    Gone,
    /// This look told nothing of the attempt, which goes on.
    Unread(Verdict),
    /// It came to nothing.
    Failed {
        /// What it means.
        verdict: Verdict,
        /// Whether Xquik says that the same again would fail again.
        for_good: bool,
    },
}

/// Reads an answer about the connection of `handle`. `sent` is what no id may repeat.
#[must_use]
pub fn read(asked: Asked, reply: &Reply, now: UnixTime, handle: &Handle, sent: &[Secret]) -> Progress {
    let (status, retry_after, body) = match reply {
        Reply::Answer { status: status @ 200..=202, retry_after, body, .. } => (*status, *retry_after, body),
        _ => return failed(asked, classify_failure(reply, now)),
    };
    let unfamiliar = |code: Option<&str>| {
        let verdict = Verdict::Unfamiliar { status, code: code.map(Into::into) };
        if asked == Asked::Attempt { Progress::Unread(verdict) } else { Progress::Failed { verdict, for_good: false } }
    };
    let Ok(mut told) = serde_json::from_slice::<Fields>(body.expose().as_bytes()) else { return unfamiliar(None) };
    match told.word("status").as_deref() {
        Some("pending") if asked != Asked::Submit => {
            let wait =
                retry_after.map(|it| it.saturating_mul(1000)).or_else(|| told.number("pollAfterMs")).unwrap_or(USUAL);
            Progress::Pending { attempt: id(&mut told, sent), wait: Span(wait.clamp(LEAST, MOST)) }
        }
        Some("requires_email_code") => match id(&mut told, sent) {
            Some(challenge) => Progress::Code { challenge, until: told.word("expiresAt").as_deref().and_then(moment) },
            None => unfamiliar(Some("no_challenge")),
        },
        Some("success") if asked == Asked::Attempt => Progress::Connected,
        Some("failed") if asked == Asked::Attempt => {
            let verdict = match told.word("error").as_deref() {
                Some("login_failed") => Verdict::LoginFailed { reason: told.word("reason").filter(known), until: None },
                Some("passkey_required") => Verdict::PasskeyRequired,
                Some("login_cooldown") => Verdict::Cooldown { until: None },
                Some("account_already_connected") => Verdict::AlreadyConnected,
                Some("x_user_lookup_failed") => Verdict::HandleUnknown,
                Some("service_unavailable" | "internal_error") => Verdict::Unavailable,
                code => Verdict::Unfamiliar { status, code: code.and_then(shorten) },
            };
            // Only a plain `false` says that it is none.
            Progress::Failed { verdict, for_good: told.truth("retryable") == Some(false) }
        }
        Some("active") if asked != Asked::Attempt && status != 202 => {
            let named = told.word("xUsername").and_then(|it| Handle::parse(&it).ok());
            if named.as_ref() == Some(handle) { Progress::Connected } else { unfamiliar(Some("wrong_handle")) }
        }
        Some(_) if status == 201 => unfamiliar(Some("not_active")),
        _ => unfamiliar(None),
    }
}

/// What an error means to a first connection, where that is something else than to a sign-in.
fn failed(asked: Asked, verdict: Verdict) -> Progress {
    let named = |verdict: &Verdict, wanted: &str| matches!(verdict, Verdict::Unfamiliar { code: Some(code), .. } if code == wanted);
    let verdict = match (asked, verdict) {
        (Asked::Attempt, Verdict::PasswordMissing | Verdict::IdUnknown | Verdict::AccountGone)
        | (Asked::Attempt, Verdict::Unfamiliar { status: 404 | 410, .. }) => return Progress::Gone,
        (Asked::Attempt, verdict) => return Progress::Unread(verdict),
        (Asked::Connect, Verdict::PasswordMissing) => Verdict::FieldRefused,
        // What its codes are called, sources disagree on; its statuses they do not.
        (Asked::Submit, Verdict::PasswordMissing | Verdict::IdUnknown) => Verdict::CodeRefused,
        (Asked::Submit, Verdict::Unfamiliar { status: 410, .. }) => Verdict::CodeExpired,
        (Asked::Submit, Verdict::AccountGone | Verdict::Unfamiliar { status: 404 | 409, .. }) => Verdict::CodeOver,
        (_, verdict) if named(&verdict, "account_already_connected") => Verdict::AlreadyConnected,
        (_, verdict) if named(&verdict, "x_user_lookup_failed") => Verdict::HandleUnknown,
        (_, verdict) => verdict,
    };
    Progress::Failed { verdict, for_good: false }
}

/// Opaque, and still to stand in a path and in a store: of unreserved characters (RFC 3986 §2.3), not of dots alone, which are
/// another path, and without anything of what was sent. Less than four characters are found anywhere by chance.
fn id(told: &mut Fields, sent: &[Secret]) -> Option<String> {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-._~".contains(&it);
    let repeats = |id: &str, secret: &Secret| {
        let secret = secret.expose().as_bytes();
        secret.len() >= 4 && id.as_bytes().windows(secret.len()).any(|it| it.eq_ignore_ascii_case(secret))
    };
    let fits = |id: &String| (1..=200).contains(&id.len()) && id.bytes().all(plain) && id.bytes().any(|it| it != b'.');
    told.word("id").filter(fits).filter(|id| !sent.iter().any(|secret| repeats(id, secret)))
}
