//! Fansly logins at OnlyFansAPI ("Fans API", <https://api.fansapi.com>): list accounts, start a login, look at it, answer
//! its code prompt. Contract: tests/contract.
//!
//! `polling_url` is not even read: the key travels with each call, so its host is one of two constants. No call takes a
//! long key; the six digits are computed here. Free texts of the service are reduced by [`told`] before they go anywhere.

use super::foreign::Fields;
use super::{ANSWER_LIMIT, Call, Host, LIST_LIMIT, Method, Reply, encode, pause_end};
use crate::clock::UnixTime;
use crate::refusal::Refusal;
use crate::secret::Secret;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

const ACCOUNTS: &str = "/api/fansly/accounts";
const LOGIN: &str = "/api/fansly/authenticate/";
/// Most accounts of a list; a team has hundreds at most.
const MOST_ACCOUNTS: usize = 2000;
/// Most characters of a foreign text.
const MOST_TOLD: usize = 120;
/// A piece of the key of this length in a foreign text is an echo.
const PIECE: usize = 8;
/// The limit that the service's headers tell is one of a minute.
const MINUTE: u64 = 60;

/// Which of the two addresses is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// `api.fansapi.com`.
    #[default]
    New,
    /// `app.onlyfansapi.com`, still the one in the service's reference.
    Old,
}

impl Address {
    /// Its host.
    #[must_use]
    pub const fn host(self) -> Host {
        match self {
            Self::New => Host::Fans,
            Self::Old => Host::FansOld,
        }
    }
}

/// An API key. Its form is not published: 16 to 512 visible characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FansKey(Secret);

impl FansKey {
    /// Reads a pasted key, with or without the word `Bearer`.
    ///
    /// # Errors
    /// [`Refusal::FansKeyShape`].
    pub fn parse(text: &Secret) -> Result<Self, Refusal> {
        let key = text.expose().trim();
        let key = key.strip_prefix("Bearer ").unwrap_or(key).trim();
        let visible = key.bytes().all(|it| it.is_ascii_graphic());
        if visible && (16..=512).contains(&key.len()) {
            Ok(Self(Secret::new(key.into())))
        } else {
            Err(Refusal::FansKeyShape)
        }
    }

    /// The text, for the vault.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.0
    }
}

/// Why a call led to nothing, by its status alone: bodies of errors are not documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// 401, 403.
    KeyRefused,
    /// 402.
    NoCredits,
    /// 404.
    Gone,
    /// 429.
    SlowDown,
    /// 5xx.
    Unavailable,
    /// No network.
    Offline,
    /// No answer.
    NoAnswer,
    /// The browser does not let Longkey ask.
    NotAllowed,
    /// Anything else.
    Unfamiliar,
}

impl What {
    /// The name of its sentences, after `fans_`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::KeyRefused => "key_refused",
            Self::NoCredits => "no_credits",
            Self::Gone => "gone",
            Self::SlowDown => "slow_down",
            Self::Unavailable => "unavailable",
            Self::Offline => "offline",
            Self::NoAnswer => "no_answer",
            Self::NotAllowed => "not_allowed",
            Self::Unfamiliar => "unfamiliar",
        }
    }

    /// What a status means, or one of [`Trouble`]'s own.
    #[must_use]
    pub const fn of(status: u16) -> Self {
        match status {
            401 | 403 => Self::KeyRefused,
            402 => Self::NoCredits,
            404 => Self::Gone,
            429 => Self::SlowDown,
            500..=599 => Self::Unavailable,
            Trouble::OFFLINE => Self::Offline,
            Trouble::NO_ANSWER => Self::NoAnswer,
            Trouble::NOT_ALLOWED => Self::NotAllowed,
            _ => Self::Unfamiliar,
        }
    }

    /// Whether asking again would tell the same.
    #[must_use]
    pub const fn lasts(self) -> bool {
        matches!(self, Self::KeyRefused | Self::NoCredits | Self::Gone | Self::NotAllowed)
    }
}

/// A call that led to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// HTTP status, or one below 100, which HTTP has not (RFC 9110, section 15).
    pub status: u16,
    /// When to ask again, where a pause was asked for.
    pub until: Option<UnixTime>,
}

impl Trouble {
    const NO_ANSWER: u16 = 0;
    const OFFLINE: u16 = 1;
    const NOT_ALLOWED: u16 = 2;

    /// What it means.
    #[must_use]
    pub const fn what(&self) -> What {
        What::of(self.status)
    }
}

/// An account as the service lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The service's id, opaque.
    pub id: String,
    /// `@username`, else the display name, else the id.
    pub name: String,
    /// Whether its login stands.
    pub signed_in: bool,
}

/// How a login stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// It is signed in.
    Done,
    /// It waits for a code.
    Code {
        /// 0: of the authenticator app; 2: sent by e-mail; others are not published.
        kind: Option<u64>,
        /// The masked address that it was sent to.
        sent_to: Option<String>,
    },
    /// Fansly refused it, and why, where it can be shown.
    Refused(Option<String>),
    /// It is worked on.
    Working,
}

/// What became of a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// It runs, or may: looking tells.
    Yes,
    /// Not now, and why, where it can be shown.
    NotNow(Option<String>),
    /// It does not run.
    No(Trouble),
}

/// Lists the accounts.
#[must_use]
pub fn list(key: &FansKey, address: Address) -> Call {
    call(key, address, Method::Get, ACCOUNTS.into(), None, LIST_LIMIT)
}

/// Starts a login with what the service has stored.
#[must_use]
pub fn start(key: &FansKey, address: Address, account: &str) -> Call {
    let path = [LOGIN, &encode(account), "/reauthenticate"].concat();
    call(key, address, Method::Post, path, None, ANSWER_LIMIT)
}

/// Looks at a login.
#[must_use]
pub fn look(key: &FansKey, address: Address, account: &str) -> Call {
    call(key, address, Method::Get, [LOGIN, &encode(account)].concat(), None, ANSWER_LIMIT)
}

/// Answers a code prompt. As text, so that leading zeros survive.
#[must_use]
pub fn submit(key: &FansKey, address: Address, account: &str, code: &str) -> Call {
    let body = serde_json::to_string(&Submit { code }).unwrap_or_default();
    let path = [LOGIN, &encode(account)].concat();
    call(key, address, Method::Put, path, Some(Secret::new(body)), ANSWER_LIMIT)
}

#[derive(Serialize)]
struct Submit<'a> {
    code: &'a str,
}

fn call(key: &FansKey, address: Address, method: Method, path: String, body: Option<Secret>, most: usize) -> Call {
    let auth = ("authorization", Secret::new(["Bearer ", key.0.expose()].concat()));
    Call { host: address.host(), method, path, auth, body, most, patience: 30 }
}

impl Login {
    /// Without what the service says in its own words.
    #[must_use]
    pub fn mute(self) -> Self {
        match self {
            Self::Code { kind, .. } => Self::Code { kind, sent_to: None },
            Self::Refused(_) => Self::Refused(None),
            it => it,
        }
    }
}

impl Started {
    /// Without what the service says in its own words.
    #[must_use]
    pub fn mute(self) -> Self {
        if let Self::NotNow(_) = self { Self::NotNow(None) } else { self }
    }
}

/// Reads the answer of [`list`].
///
/// # Errors
/// What the answer means instead.
pub fn read_list(reply: &Reply, now: UnixTime, key: &FansKey) -> Result<Vec<Listed>, Trouble> {
    // The list itself names no account that could be gone.
    let other = |it: Trouble| if it.what() == What::Gone { UNFAMILIAR } else { it };
    let rows: Vec<Fields> = success(reply, now).map_err(other)?;
    let read = |mut row: Fields| {
        // An id goes into a path, encoded, and into the journal.
        let id = row.word("id").filter(|id| !id.is_empty() && id.len() <= 200 && !echoes(id, key))?;
        let plain = |it: &String| it.bytes().all(|c| c.is_ascii_alphanumeric() || b"_.-".contains(&c));
        let user = row.word("fansly_username").filter(|it| !it.is_empty() && it.len() <= 60 && plain(it));
        let user = user.filter(|it| !echoes(it, key)).map(|it| ["@", &it].concat());
        let shown = row.word("display_name").and_then(|it| told_by(&it, key, Digits::Any));
        let name = user.or(shown).or_else(|| told_by(&id, key, Digits::Any)).unwrap_or_default();
        Some(Listed { id, name, signed_in: row.truth("is_authenticated") == Some(true) })
    };
    Ok(rows.into_iter().take(MOST_ACCOUNTS).filter_map(read).collect())
}

/// Reads the answer of [`start`]. The key, where it is at hand, is what no text may repeat.
#[must_use]
pub fn read_start(reply: &Reply, now: UnixTime, key: Option<&FansKey>) -> Started {
    let Reply::Answer { status, body, .. } = reply else {
        // Sent, and nobody knows what became of it: looking tells.
        return match trouble(reply, now) {
            it if it.what() == What::NoAnswer => Started::Yes,
            it => Started::No(it),
        };
    };
    let mut answer: Fields = serde_json::from_slice(body.expose().as_bytes()).unwrap_or_default();
    let failed = answer.truth("success") == Some(false);
    let mut why = || answer.word("reason").or_else(|| answer.word("message")).and_then(|it| told(&it, key?));
    match status {
        200..=299 if failed => Started::NotNow(why()),
        200..=299 => Started::Yes,
        400 => Started::NotNow(why()),
        _ => Started::No(trouble(reply, now)),
    }
}

/// Reads the answer of [`look`] or [`submit`] for that account, in the order of the contract.
///
/// # Errors
/// What the answer means instead.
pub fn read_login(reply: &Reply, now: UnixTime, account: &str, key: Option<&FansKey>) -> Result<Login, Trouble> {
    let mut answer: Fields = success(reply, now)?;
    let ours = answer.word("account_id").as_deref() == Some(account);
    let done = answer.truth("is_authenticated").filter(|_| ours).ok_or(UNFAMILIAR)?;
    let verifies = answer.word("status").as_deref() == Some("verifying");
    Ok(if done {
        Login::Done
    } else if answer.truth("needs_code") == Some(true) && !verifies {
        let sent_to = answer.word("masked_email");
        let sent_to = sent_to.filter(|it| is_masked(it) && key.is_some_and(|key| !echoes(it, key)));
        Login::Code { kind: answer.number("twofa_type"), sent_to }
    } else if let Some(error) = answer.take("last_error") {
        Login::Refused(error.word.and_then(|it| told(&it, key?)))
    } else {
        Login::Working
    })
}

/// Whole, and not what was asked for.
const UNFAMILIAR: Trouble = Trouble { status: 200, until: None };

fn success<T: for<'a> Deserialize<'a>>(reply: &Reply, now: UnixTime) -> Result<T, Trouble> {
    match reply {
        Reply::Answer { status: 200, body, .. } => {
            serde_json::from_slice(body.expose().as_bytes()).map_err(|_| trouble(reply, now))
        }
        _ => Err(trouble(reply, now)),
    }
}

fn trouble(reply: &Reply, now: UnixTime) -> Trouble {
    let (status, retry_after) = match reply {
        Reply::Answer { status, retry_after, .. } => (*status, *retry_after),
        Reply::Offline => (Trouble::OFFLINE, None),
        Reply::Silence => (Trouble::NO_ANSWER, None),
        Reply::NotAllowed => (Trouble::NOT_ALLOWED, None),
    };
    let pause = retry_after.or((status == 429).then_some(MINUTE));
    Trouble { status, until: pause_end(now, pause, None, None) }
}

/// Whether a number may stand in a foreign text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Digits {
    /// In a name.
    Any,
    /// In a sentence: six together, whatever stands between them, may be a code that was sent.
    Few,
}

/// A foreign sentence as it may be shown and kept: letters, digits, spaces and plain punctuation, at most 120 characters.
/// One with six digits in a row or a piece of the key in it is not shown at all.
#[must_use]
pub fn told(text: &str, key: &FansKey) -> Option<String> {
    told_by(text, key, Digits::Few)
}

fn told_by(text: &str, key: &FansKey, digits: Digits) -> Option<String> {
    if echoes(text, key) || (digits == Digits::Few && has_code(text)) {
        return None;
    }
    let mut plain = String::new();
    for letter in text.chars().take(MOST_TOLD * 4) {
        let kept = letter.is_alphanumeric() || " .,;:!?'’()/-_".contains(letter);
        let letter = if kept { letter } else { ' ' };
        if !(letter == ' ' && (plain.is_empty() || plain.ends_with(' '))) {
            plain.push(letter);
        }
    }
    let mut plain = plain.trim().to_string();
    if let Some((end, _)) = plain.char_indices().nth(MOST_TOLD) {
        plain.truncate(end);
    }
    (!plain.is_empty()).then_some(plain)
}

/// Six digits without a letter between them.
fn has_code(text: &str) -> bool {
    let mut row = 0;
    text.chars().any(|it| {
        row = if it.is_numeric() {
            row + 1
        } else if it.is_alphabetic() {
            0
        } else {
            row
        };
        row >= 6
    })
}

/// Whether a piece of the key is in it, whatever stands between its letters and digits.
fn echoes(text: &str, key: &FansKey) -> bool {
    let bare = |text: &str| -> Vec<u8> {
        text.bytes().filter(u8::is_ascii_alphanumeric).map(|it| it.to_ascii_lowercase()).collect()
    };
    let text = zeroize::Zeroizing::new(bare(text));
    let key = zeroize::Zeroizing::new(bare(key.0.expose()));
    key.windows(PIECE.min(key.len().max(1))).any(|piece| text.windows(piece.len()).any(|it| it == piece))
}

/// `f**@e*****.invalid`: at least one letter is hidden, and it is an address.
fn is_masked(text: &str) -> bool {
    let fits = text.bytes().all(|it| it.is_ascii_alphanumeric() || b"*@._-+".contains(&it));
    fits && text.contains('*') && text.contains('@') && text.len() <= 64 && !has_code(text)
}
