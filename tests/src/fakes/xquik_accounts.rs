//! What the fake Xquik keeps about one account and how it writes that down, and its request buckets.
//! Plain values; the calls are in `xquik.rs`.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Logins of an account on hold.
#[derive(Clone, Debug)]
pub struct Cooldown {
    /// Until when.
    pub until: Instant,
    /// `temporary_issue`, `automated`, …
    pub reason: String,
}

/// An X account linked at Xquik.
#[derive(Clone, Debug)]
pub struct Account {
    /// Xquik's ID.
    pub id: String,
    /// X's numeric ID.
    pub x_user_id: String,
    /// The handle without the at sign.
    pub handle: String,
    /// `healthy`, `needsReauth`, …
    pub health: String,
    /// The key that Xquik holds.
    pub stored_key: Option<String>,
    /// Logins on hold, if they are.
    pub cooldown: Option<Cooldown>,
    /// When the last login succeeded.
    pub connected_at: Option<String>,
    /// When anything last changed.
    pub updated_at: String,
    /// Which of the workspaces has it, in the order of their API keys.
    pub workspace: usize,
}

impl Account {
    /// Puts its logins on hold for so long.
    pub fn pause(&mut self, span: Duration) {
        self.cooldown = Some(Cooldown { until: Instant::now() + span, reason: "temporary_issue".to_owned() });
    }

    /// An account that nothing is known about but the three.
    pub fn new(id: &str, handle: &str, health: &str) -> Self {
        Self {
            id: id.to_owned(),
            x_user_id: format!("1000000000{id}"),
            handle: handle.to_owned(),
            health: health.to_owned(),
            stored_key: None,
            cooldown: None,
            connected_at: Some("2026-10-01T00:00:00.000Z".to_owned()),
            updated_at: "2026-11-01T00:00:00.000Z".to_owned(),
            workspace: 0,
        }
    }

    /// The schema `AccountSummary`.
    pub(crate) fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "xUserId": self.x_user_id,
            "xUsername": self.handle,
            "status": "active",
            "health": self.health,
            "createdAt": "2026-01-02T03:04:05.000Z",
        })
    }

    /// The schemas `AccountDetail` and `AccountListItem`.
    pub(crate) fn detail(&self) -> Value {
        let mut detail = self.summary();
        detail["updatedAt"] = json!(self.updated_at);
        if let Some(connected_at) = &self.connected_at {
            detail["connectedAt"] = json!(connected_at);
        }
        detail
    }
}

/// A fixed window of requests, as the contract describes the limits.
#[derive(Debug)]
pub(crate) struct Bucket {
    name: &'static str,
    quota: u32,
    window: Duration,
    opened: Instant,
    used: u32,
}

impl Bucket {
    pub(crate) fn new(name: &'static str, quota: u32, window: Duration) -> Self {
        Self { name, quota, window, opened: Instant::now(), used: 0 }
    }

    /// Counts one request: whether it fits, and the two headers.
    pub(crate) fn take(&mut self) -> (bool, String, String) {
        if self.opened.elapsed() >= self.window {
            (self.opened, self.used) = (Instant::now(), 0);
        }
        let fits = self.used < self.quota;
        self.used = (self.used + 1).min(self.quota);
        let left = self.left();
        let limit = format!("\"{}\";r={};t={left}", self.name, self.quota - self.used);
        let policy = format!("\"{}\";q={};w={}", self.name, self.quota, self.window.as_secs());
        (fits, limit, policy)
    }

    /// Whole seconds until the window ends.
    pub(crate) fn left(&self) -> u64 {
        (self.window - self.opened.elapsed().min(self.window)).as_secs_f64().ceil() as u64
    }
}
