//! The answers that the fake Xquik can be told to give: every one that the contract documents, and the
//! odd ones that no contract rules out. A closed list, each with a slug for scripts, so that a test
//! can go through all of them. The messages are this fake's own; nobody may branch on them.

use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use super::wire::{self, Answer, with_header};

/// The calls of the contract that Longkey uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Route {
    /// `GET /x/accounts`
    List,
    /// `GET /x/accounts/{id}`
    Read,
    /// `POST /x/accounts/{id}/reauth`
    Reauth,
}

impl Route {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::List, Self::Read, Self::Reauth];

    /// Its name for scripts.
    pub fn slug(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Reauth => "reauth",
        }
    }
}

impl FromStr for Route {
    type Err = anyhow::Error;

    fn from_str(slug: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|route| route.slug() == slug);
        found.ok_or_else(|| anyhow::anyhow!("no route {slug:?}; there are list, read and reauth"))
    }
}

macro_rules! canned {
    ($($(#[$meaning:meta])* $name:ident = $slug:literal,)*) => {
        /// One answer that may be ordered.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Canned {
            $($(#[$meaning])* $name,)*
        }

        impl Canned {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name for scripts; where it begins with a number, that is the status.
            pub fn slug(self) -> &'static str {
                match self {
                    $(Self::$name => $slug,)*
                }
            }
        }
    };
}

canned! {
    /// All well: `healthy`.
    Healthy = "200-healthy",
    /// Signed in, but X locked the account.
    Locked = "200-locked",
    /// Older documentation: `loginCountry` beside `healthy`.
    OtherCountry = "200-other_country",
    /// A `health` that nobody documented.
    UnknownHealth = "200-unknown_health",
    /// `healthy`, but `status` is not `active`.
    Inactive = "200-inactive",
    /// `healthy`, for another account than was asked about.
    WrongId = "200-wrong_id",
    /// Valid, but longer than any such answer (1 MiB for lists, 64 KiB otherwise), its length told.
    TooLarge = "200-too_large",
    /// The same in chunks, without a `Content-Length`.
    TooLargeInChunks = "200-too_large_in_chunks",
    /// A page with status 200, as a captive portal gives it.
    HtmlPage = "200-html",
    /// JSON that is cut off.
    CutOff = "200-cut_off",
    /// Undocumented for these calls: work goes on.
    Pending = "202-pending",
    /// Undocumented for these calls: X wants a code by e-mail.
    EmailCode = "202-requires_email_code",
    /// To another host: a client that follows hands over password and key.
    Redirect = "307-redirect",
    /// A field is missing or malformed.
    InvalidInput = "400-invalid_input",
    /// `proxy_country` is not taken (any more).
    InvalidCountry = "400-invalid_input-proxy_country",
    /// The account's ID is malformed.
    InvalidId = "400-invalid_id",
    /// The body is not JSON.
    InvalidJson = "400-invalid_json",
    /// The API key is wrong.
    Unauthenticated = "401-unauthenticated",
    /// The same without a message.
    UnauthenticatedBare = "401-unauthenticated-bare",
    /// A code that exists since SDK 0.18.0; its status is unpublished.
    SessionRequired = "403-session_required",
    /// Unknown account: `account_not_found` at reauth, `not_found` elsewhere.
    NotFound = "404-not_found",
    /// No coffee either.
    Teapot = "418-teapot",
    /// X refused password, e-mail or key.
    LoginFailed = "422-login_failed",
    /// The same, and a pause is imposed.
    LoginFailedWithPause = "422-login_failed-pause",
    /// X knows no such user name.
    LoginFailedUnknownUser = "422-login_failed-unknown_user",
    /// X insisted on a passkey.
    Passkey = "422-passkey_required",
    /// `login_failed` in the form of the opt-in contract: `error` is an object.
    ErrorAsObject = "422-error_as_object",
    /// An earlier attempt put logins on hold for half an hour: longer than a story takes.
    Cooldown = "429-login_cooldown",
    /// The same for an hour, because attempts looked automated.
    CooldownAutomated = "429-login_cooldown-automated",
    /// The request bucket is empty.
    RateLimited = "429-rate_limit_exceeded",
    /// A fault inside Xquik.
    Internal = "500-internal_error",
    /// A proxy's 500 without a body.
    Empty = "500-empty",
    /// A proxy's page.
    BadGateway = "502-html",
    /// Xquik's login service is down.
    Unavailable = "503-service_unavailable",
    /// No answer until `release`; then what would have been answered without any order.
    Hold = "hold",
    /// The connection is closed without an answer.
    HangUp = "drop",
}

impl fmt::Display for Canned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.slug())
    }
}

impl FromStr for Canned {
    type Err = anyhow::Error;

    fn from_str(slug: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|canned| canned.slug() == slug).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|canned| canned.slug()).collect();
            anyhow::anyhow!("no answer {slug:?}; there are {}", known.join(", "))
        })
    }
}

impl Canned {
    /// The status; `None` for the two that have no answer of their own.
    pub fn status(self) -> Option<u16> {
        self.slug().split('-').next()?.parse().ok()
    }

    /// Changes an account for the answers that are an account or a list of them; `false` for all others.
    pub(crate) fn edit(self, account: &mut Value) -> bool {
        let mut set = |name: &str, value: Value| account[name] = value;
        match self {
            Self::Healthy | Self::TooLarge | Self::TooLargeInChunks => set("health", json!("healthy")),
            Self::Locked => set("health", json!("locked")),
            Self::UnknownHealth => set("health", json!("hibernating")),
            Self::OtherCountry => {
                set("health", json!("healthy"));
                set("loginCountry", json!("US"));
            }
            Self::Inactive => {
                set("health", json!("healthy"));
                set("status", json!("disabled"));
            }
            Self::WrongId => {
                set("health", json!("healthy"));
                set("id", json!("999999"));
            }
            _ => return false,
        }
        true
    }

    /// The answers that do not depend on an account.
    pub(crate) fn fixed(self, route: Route) -> Option<Answer> {
        let status = self.status()?;
        let error = |code: &str, more: Value| {
            let mut body = json!({ "error": code, "message": format!("Fake: {code}.") });
            if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
                body.extend(more);
            }
            wire::json(status, &body)
        };
        let plain = |code: &str| error(code, json!({}));
        let wait = |answer: Answer, seconds: u64| with_header(answer, "retry-after", &seconds.to_string());
        Some(match self {
            Self::HtmlPage => wire::html(status, page("Welcome to this network")),
            Self::CutOff => wire::typed(status, "application/json", "{\"id\":\"900001\",\"heal"),
            Self::Pending => wait(
                wire::json(
                    status,
                    &json!({
                        "object": "x_account_connection_attempt",
                        "id": "xatt_00000000000000000000000000000000",
                        "status": "pending",
                        "pollAfterMs": 3000,
                    }),
                ),
                3,
            ),
            Self::EmailCode => wire::json(
                status,
                &json!({
                    "object": "x_account_connection_challenge",
                    "id": "xch_FAKEFAKEFAKEFAKE",
                    "status": "requires_email_code",
                    "expiresAt": "2026-11-21T00:10:00.000Z",
                    "message": "Fake: a code was sent by e-mail.",
                    "username": super::FIRST_HANDLE,
                }),
            ),
            Self::Redirect => {
                with_header(wire::empty(status), "location", "https://elsewhere.invalid/api/v1/x/accounts")
            }
            Self::InvalidInput => plain("invalid_input"),
            Self::InvalidCountry => {
                error("invalid_input", json!({ "message": "Fake: proxy_country is not accepted." }))
            }
            Self::InvalidId => plain("invalid_id"),
            Self::InvalidJson => plain("invalid_json"),
            Self::Unauthenticated => challenge(plain("unauthenticated")),
            Self::UnauthenticatedBare => challenge(wire::json(status, &json!({ "error": "unauthenticated" }))),
            Self::SessionRequired => plain("session_required"),
            Self::NotFound if route == Route::Reauth => plain("account_not_found"),
            Self::NotFound => plain("not_found"),
            Self::Teapot => plain("short_and_stout"),
            Self::LoginFailed => plain("login_failed"),
            Self::LoginFailedWithPause => {
                let more = json!({ "reason": "repeated_login_error", "retryAfterMs": 300_000 });
                wait(error("login_failed", more), 300)
            }
            Self::LoginFailedUnknownUser => error("login_failed", json!({ "reason": "account_not_found" })),
            Self::Passkey => plain("passkey_required"),
            Self::ErrorAsObject => wire::json(
                status,
                &json!({
                    "error": { "type": "login_error", "code": "login_failed", "message": "Fake: login_failed." },
                }),
            ),
            Self::Cooldown => cooldown("temporary_issue", 1_800),
            Self::CooldownAutomated => cooldown("automated", 3_600),
            Self::RateLimited => rate_limited(if route == Route::Reauth { 1_800 } else { 1 }),
            Self::Internal => plain("internal_error"),
            Self::Empty => wire::empty(status),
            Self::BadGateway => wire::html(status, page("502 Bad Gateway")),
            Self::Unavailable => plain("service_unavailable"),
            _ => return None,
        })
    }
}

/// The bucket is empty for so long.
pub(crate) fn rate_limited(seconds: u64) -> Answer {
    let body =
        json!({ "error": "rate_limit_exceeded", "message": "Fake: rate_limit_exceeded.", "retryAfter": seconds });
    with_header(wire::json(429, &body), "retry-after", &seconds.to_string())
}

/// Logins of this account are on hold.
pub(crate) fn cooldown(reason: &str, seconds: u64) -> Answer {
    let body = json!({
        "error": "login_cooldown",
        "message": "Fake: login_cooldown.",
        "reason": reason,
        "retryAfterMs": seconds * 1_000,
    });
    with_header(wire::json(429, &body), "retry-after", &seconds.to_string())
}

fn challenge(answer: Answer) -> Answer {
    let answer = with_header(answer, "cache-control", "no-store");
    with_header(answer, "www-authenticate", "Bearer realm=\"xquik\"")
}

fn page(title: &str) -> String {
    format!("<!DOCTYPE html><html lang=\"en\"><title>{title}</title><h1>{title}</h1></html>")
}
