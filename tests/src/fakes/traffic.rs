//! The record of everything that reached the fakes: requests, and the doors the proxy opened or kept
//! shut. Kept whole for the life of a world; bodies are not shortened or censored, since every secret
//! in here is made up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::sync::watch;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The host the connection was made for.
    pub host: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// When the last byte of it had arrived, by the machine's clock.
    pub at: SystemTime,
}

impl Recorded {
    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The value of a query parameter, percent-decoded only as far as the fakes need: not at all.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name)).map(|(_, value)| value)
    }

    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, if it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

#[derive(Debug, Default)]
struct Log {
    requests: Vec<Recorded>,
    passed: Vec<String>,
    refused: Vec<String>,
}

#[derive(Debug)]
struct Shared {
    log: Mutex<Log>,
    /// Counts entries of any kind, so that a test can wait for one without polling.
    entries: watch::Sender<usize>,
}

/// A handle on the record; clones share it.
#[derive(Clone, Debug)]
pub struct Traffic(Arc<Shared>);

impl Default for Traffic {
    fn default() -> Self {
        Self(Arc::new(Shared { log: Mutex::default(), entries: watch::Sender::new(0) }))
    }
}

impl Traffic {
    fn log(&self) -> MutexGuard<'_, Log> {
        // A panic in one test thread must not hide the record from the others.
        self.0.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, write: impl FnOnce(&mut Log)) {
        write(&mut self.log());
        self.0.entries.send_modify(|count| *count += 1);
    }

    pub(crate) fn request(&self, request: Recorded) {
        self.enter(|log| log.requests.push(request));
    }

    pub(crate) fn pass(&self, address: String) {
        self.enter(|log| log.passed.push(address));
    }

    pub(crate) fn refuse(&self, address: String) {
        self.enter(|log| log.refused.push(address));
    }

    /// `host:port` of every connection that the proxy let through.
    pub fn passed(&self) -> Vec<String> {
        self.log().passed.clone()
    }

    /// `host:port` of everything else that was asked of the proxy.
    pub fn refused(&self) -> Vec<String> {
        self.log().refused.clone()
    }

    /// The requests to one host.
    pub fn requests(&self, host: &str) -> Vec<Recorded> {
        self.log().requests.iter().filter(|request| request.host == host).cloned().collect()
    }

    /// The requests to all hosts.
    pub fn all_requests(&self) -> Vec<Recorded> {
        self.log().requests.clone()
    }

    /// Waits for a request to `host` for which `wanted` holds; one that already came counts.
    ///
    /// # Errors
    /// When none came in time; the error lists what came instead.
    pub async fn seen(
        &self,
        host: &str,
        wanted: impl Fn(&Recorded) -> bool,
        within: Duration,
    ) -> anyhow::Result<Recorded> {
        let mut entries = self.0.entries.subscribe();
        let first = || self.log().requests.iter().find(|request| request.host == host && wanted(request)).cloned();
        let search = async {
            loop {
                entries.borrow_and_update();
                if let Some(found) = first() {
                    return found;
                }
                entries.changed().await.expect("the sender lives as long as this handle");
            }
        };
        tokio::time::timeout(within, search).await.map_err(|_elapsed| {
            let came: Vec<String> =
                self.requests(host).iter().map(|request| format!("{} {}", request.method, request.target)).collect();
            anyhow::anyhow!("no such request to {host} within {within:?}; these came: {came:?}")
        })
    }
}
