//! X as a site: every path, selector and rule about its pages stands in this folder, because X changes them. `plan` is
//! what the sensor looks for, `candidate` what a text may be, `account` whom a page names, `judge` what a screen means.
//!
//! Observed in public copies of X's client, July to November 2026; detection is by structure, never by
//! wording or by X's hashed class names.

mod account;
mod candidate;
mod judge;
mod plan;

pub use account::{Account, account};
pub use judge::{Step, Sure, judge, judge_at, limited};
pub use plan::{WATCH_PLAN, WatchPlan};

/// X's hosts: the manifest, the gate and the fill all use this list.
pub const HOSTS: &[&str] = &["x.com", "twitter.com", "mobile.x.com", "mobile.twitter.com"];

/// The set-up flow. All its steps stay on this one path.
pub const ENROLMENT: &str = "/i/flow/two-factor-auth-app-enrollment";
/// Turning a method off.
pub const UNENROLMENT: &str = "/i/flow/two-factor-unenrollment";
/// The settings page with the switch.
pub const SETTINGS: &str = "/settings/account/login_verification";
/// The settings page that shows one backup code.
pub const BACKUP_CODE: &str = "/settings/account/login_verification/backup_code";
/// Logging in, until mid-2026.
pub const LOGIN: &str = "/i/flow/login";
/// Logging in, since mid-2026.
pub const ONBOARDING: &str = "/i/jf/onboarding/web";
/// Watched paths on which another method is set up, or somebody signs up or resets a password: no long key there.
const OTHERS: &[&str] = &[
    "/i/flow/two-factor-sms-enrollment",
    "/i/flow/two-factor-security-key-enrollment",
    "/i/flow/signup",
    "/i/flow/password_reset",
    "/i/flow/setup_profile",
];
/// Paths below which the sensor looks at all.
pub const WATCHED: &[&str] = &["/i/flow/", "/i/jf/", SETTINGS];

/// Which page of X a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The set-up flow.
    Enrolment,
    /// The settings page with the switch.
    Settings,
    /// The settings page that shows one backup code.
    BackupCode,
    /// A method is being turned off.
    Unenrolment(Method),
    /// The older login.
    Login,
    /// The newer login.
    Onboarding,
    /// Watched and not known: X may have moved its set-up there. Whatever is seen here is asked, never certain.
    Unknown,
    /// Watched and known, and nothing of ours is there.
    Elsewhere,
}

/// Which second factor is turned off, as the address says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The Authentication App: its key dies.
    App,
    /// Text messages or a security key.
    Another,
    /// The address does not say.
    Untold,
}

/// Which page of X this address is; nothing if it is not X's or not watched. Exact hosts, https only.
#[must_use]
pub fn place(url: &str) -> Option<Place> {
    let rest = url.strip_prefix("https://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    if !HOSTS.contains(&host) {
        return None;
    }
    let (path, query) = path.split('#').next().unwrap_or_default().split_once('?').unwrap_or((path, ""));
    let path = path.split('#').next().unwrap_or_default();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    match path {
        ENROLMENT => Some(Place::Enrolment),
        SETTINGS => Some(Place::Settings),
        BACKUP_CODE => Some(Place::BackupCode),
        UNENROLMENT => Some(Place::Unenrolment(method(query))),
        LOGIN => Some(Place::Login),
        ONBOARDING => Some(Place::Onboarding),
        _ if OTHERS.contains(&path) => Some(Place::Elsewhere),
        _ => WATCHED.iter().any(|head| path.starts_with(head)).then_some(Place::Unknown),
    }
}

/// X's client passes `method=authenticationApp` (seen in its code); its other words are not needed.
fn method(query: &str) -> Method {
    match query.split('&').find_map(|part| part.strip_prefix("method=")) {
        Some("authenticationApp") => Method::App,
        Some(_) => Method::Another,
        None => Method::Untold,
    }
}
