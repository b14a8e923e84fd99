//! The diagnostic text: what somebody who helps needs to know, and nothing of whom it is about.
//!
//! Redacted by construction: a line takes a number or a word of this code ([`Line`]), so no handle, id, key, code, e-mail
//! address or API key has a way in. It is English in every language, since who reads it is not the user. Deliberately
//! without exact times: an hour is enough to tell a pause from a fault, and too little to find somebody in a log.

use crate::clock::{Span, UnixTime};
use alloc::string::{String, ToString};

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// One of our own words.
    Word(&'static str),
    /// How many.
    Count(u32),
    /// Yes or no.
    Is(bool),
    /// How far this computer's clock is ahead, in seconds.
    Ahead(i64),
    /// How long ago, in whole hours.
    Ago(Span),
    /// Nobody knows.
    Unknown,
}

/// The text, line by line.
#[derive(Debug)]
pub struct Diagnostic(String);

impl Default for Diagnostic {
    fn default() -> Self {
        Self("Longkey diagnostic text. Counts and codes only: no names, keys, codes or addresses.\n".into())
    }
}

impl Diagnostic {
    /// Lines that belong together.
    pub fn part(&mut self, name: &'static str) {
        self.0.push('\n');
        self.0.push_str(name);
        self.0.push('\n');
    }

    /// One line.
    pub fn line(&mut self, name: &'static str, line: Line) {
        self.0.push_str("  ");
        self.0.push_str(name);
        self.0.push_str(": ");
        match line {
            Line::Word(word) => self.0.push_str(word),
            Line::Count(count) => self.0.push_str(&count.to_string()),
            Line::Is(yes) => self.0.push_str(if yes { "yes" } else { "no" }),
            Line::Ahead(seconds) => {
                self.0.push_str(&seconds.to_string());
                self.0.push_str(" s ahead");
            }
            Line::Ago(span) => {
                self.0.push_str(&(span.0 / Span::minutes(60).0).to_string());
                self.0.push_str(" h ago");
            }
            Line::Unknown => self.0.push_str("unknown"),
        }
        self.0.push('\n');
    }

    /// A version of up to four numbers, as manifests have it.
    pub fn version(&mut self, name: &'static str, version: &str) {
        self.0.push_str("  ");
        self.0.push_str(name);
        self.0.push_str(": ");
        for (at, number) in version.split('.').take(4).map_while(|it| it.parse::<u16>().ok()).enumerate() {
            if at > 0 {
                self.0.push('.');
            }
            self.0.push_str(&number.to_string());
        }
        self.0.push('\n');
    }

    /// How many there are, and how long ago the latest was; no line where there are none.
    pub fn times(&mut self, name: &'static str, count: u32, latest: UnixTime, now: UnixTime) {
        if count > 0 {
            self.line(name, Line::Count(count));
            self.line("  latest", Line::Ago(now.since(latest)));
        }
    }

    /// The text so far.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// The word of ours that this is; `other` if it is none.
#[must_use]
pub fn known(word: &str, words: &[&'static str]) -> &'static str {
    words.iter().find(|it| **it == word).copied().unwrap_or("other")
}

/// What an account's health is called.
pub const HEALTHS: &[&str] = &["healthy", "needs_reauth", "locked", "suspended", "recovering", "temporary_issue"];

/// What may have become of a sign-in: the names of the outcomes without an answer, and of the verdicts.
pub const OUTCOMES: &[&str] = &[
    "running",
    "unknown",
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
