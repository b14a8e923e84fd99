//! Services that sign accounts in: a call is built as data, its reply is read and classified here;
//! nobody here sends anything.

pub mod fansly;
pub(crate) mod foreign;
pub mod xquik;

use crate::clock::{Dated, UnixTime};
use crate::secret::Secret;
use alloc::string::String;
use foreign::Fields;

/// Most bytes that are read of a list.
const LIST_LIMIT: usize = 1024 * 1024;
/// Most bytes that are read of any other answer.
const ANSWER_LIMIT: usize = 64 * 1024;

/// A host that Longkey may talk to. The list is closed; a tidy test holds it equal to the manifest's
/// hosts and its CSP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Xquik.
    Xquik,
    /// Fans API, for Fansly.
    Fans,
    /// Fans API at the address it had before.
    FansOld,
}

impl Host {
    /// Every host.
    pub const ALL: &'static [Self] = &[Self::Xquik, Self::Fans, Self::FansOld];

    /// The origin, a constant.
    #[must_use]
    pub const fn origin(self) -> &'static str {
        match self {
            Self::Xquik => "https://xquik.com",
            Self::Fans => "https://api.fansapi.com",
            Self::FansOld => "https://app.onlyfansapi.com",
        }
    }
}

/// The method of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Does.
    Post,
    /// Answers a prompt.
    Put,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// A call as data. The performer adds the fixed options (no credentials, no redirects, no cache, no
/// referrer) and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Where to.
    pub host: Host,
    /// How.
    pub method: Method,
    /// Path and query, every variable part encoded.
    pub path: String,
    /// The one header that names the caller.
    pub auth: (&'static str, Secret),
    /// JSON, if something is sent.
    pub body: Option<Secret>,
    /// Most bytes of an answer that are read.
    pub most: usize,
    /// How long to wait, in seconds.
    pub patience: u32,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// An answer.
    Answer {
        /// HTTP status.
        status: u16,
        /// What its headers ask to be waited, in seconds ([`wait`]).
        retry_after: Option<u64>,
        /// `Date` (RFC 9110 §6.6.1), where it could be read: this computer's clock is compared with it.
        date: Option<Dated>,
        /// The body as text.
        body: Secret,
    },
    /// The browser does not let Longkey talk to this host (any more): nothing was sent.
    NotAllowed,
    /// The browser says there is no network.
    Offline,
    /// Sent, but no (whole) answer came: it may have been carried out.
    Silence,
}

/// Percent-encodes one path segment or query value (RFC 3986 §2.3: all but the unreserved characters).
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for half in [byte >> 4, byte & 15] {
                encoded.extend(char::from_digit(half.into(), 16).map(|it| it.to_ascii_uppercase()));
            }
        }
    }
    encoded
}

/// The seconds that an answer's headers ask to be waited: `Retry-After`, else what `RateLimit` says of an empty bucket
/// (`"write";r=0;t=12`: none left, full again in 12 s; Xquik's contract). The bucket counts last: a body that names a pause of
/// its own (`retryAfter`, `retryAfterMs`) names the longer one, that of X's login, and is read where the answer is.
#[must_use]
pub fn wait(retry_after: Option<&str>, rate_limit: Option<&str>, body: &Secret) -> Option<u64> {
    if let Some(seconds) = retry_after.and_then(|it| it.trim().parse().ok()) {
        return Some(seconds);
    }
    let mut left = None;
    let mut reset = None;
    for parameter in rate_limit?.split(';') {
        match parameter.trim().split_once('=') {
            Some(("r", count)) => left = count.parse::<u64>().ok(),
            Some(("t", seconds)) => reset = seconds.parse().ok(),
            _ => {}
        }
    }
    let reset = reset.filter(|_| left == Some(0))?;
    let mut told: Fields = serde_json::from_slice(body.expose().as_bytes()).unwrap_or_default();
    let own = told.number("retryAfter").or_else(|| told.number("retryAfterMs"));
    own.is_none().then_some(reset)
}

/// The end of a pause, by the order of the contract: header, seconds in the body, milliseconds in the body.
fn pause_end(now: UnixTime, header: Option<u64>, seconds: Option<u64>, millis: Option<u64>) -> Option<UnixTime> {
    // More than a month is no pause but nonsense; the account must stay usable.
    const MOST: u64 = 31 * 24 * 3600 * 1000;
    let span = header.or(seconds).map(|s| s.saturating_mul(1000)).or(millis)?;
    Some(UnixTime(now.0.saturating_add(span.min(MOST))))
}
