//! Waiting for a condition: the one polling interval and the one deadline of the browser tests.
//!
//! Deliberately no fixed pauses and no retries: a condition either becomes true before the deadline or
//! the wait fails and says what it waited for.

use std::time::{Duration, Instant};

use anyhow::bail;

/// How often a condition is looked at. Short beside a worker's wake-up (50 to 300 ms), long enough that
/// a two-core machine does not spend itself on asking.
pub const INTERVAL: Duration = Duration::from_millis(40);

/// How long a condition may take before the wait fails. Generous, because a loaded machine starts a
/// content process in seconds; a test that passes never waits that long.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// Looks at `condition` until it yields a value.
///
/// # Errors
/// When the deadline passes, with `what` in the sentence, or at once when `condition` itself fails.
pub async fn until<T>(
    what: &str,
    deadline: Duration,
    mut condition: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = condition().await? {
            return Ok(value);
        }
        if start.elapsed() > deadline {
            bail!("waited {} s for {what}", deadline.as_secs_f32());
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

/// The same for code that cannot await, such as `Drop`. Says whether the condition came true.
pub(super) fn until_blocking(deadline: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if start.elapsed() > deadline {
            return false;
        }
        std::thread::sleep(INTERVAL);
    }
}
