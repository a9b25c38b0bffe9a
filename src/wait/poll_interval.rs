//! When to poll again, and when to stop.

use crate::error::{Error, Result};
use crate::transport::Clock;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::warn;

/// The first pause between two polls, and the longest.
const POLL_INTERVALS: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));
/// How many polls in a row may fail, each after its own retries.
const MAX_CONSECUTIVE_FAILURES: u32 = 10;
/// The longest pause that a service may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// The polling schedule of one wait.
pub(crate) struct PollInterval {
    clock: Arc<dyn Clock>,
    started: Instant,
    timeout: Option<Duration>,
    interval: Option<Duration>,
    polls: i32,
    failures: u32,
    /// The service's Retry-After, if the last poll failed.
    hint: Duration,
}

impl PollInterval {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        timeout: Option<Duration>,
        interval: Option<Duration>,
    ) -> Self {
        Self {
            started: clock.instant(),
            clock,
            timeout,
            interval,
            polls: 0,
            failures: 0,
            hint: Duration::ZERO,
        }
    }

    pub(crate) fn limit(&self) -> Duration {
        self.timeout.unwrap_or(Duration::MAX)
    }

    /// Sleeps until the next poll; the first one is immediate. `false` when the time is up.
    pub(crate) async fn sleep_until_next(&mut self) -> bool {
        let before = self.polls;
        self.polls = before.saturating_add(1);
        if before == 0 {
            return true;
        }
        let pause = self.next_pause(before).max(std::mem::take(&mut self.hint));
        let pause = match self.timeout {
            None => pause,
            Some(timeout) => {
                let elapsed = self.clock.instant().saturating_duration_since(self.started);
                let left = timeout.saturating_sub(elapsed);
                if left.is_zero() {
                    return false;
                }
                // one last poll when the time is up
                pause.min(left)
            }
        };
        self.clock.sleep(pause).await;
        true
    }

    fn next_pause(&self, polls: i32) -> Duration {
        self.interval.unwrap_or_else(|| {
            // geometric growth: short tasks are noticed quickly, long ones cost few requests
            let grown = 1.5f64.powi(polls - 1);
            POLL_INTERVALS
                .0
                .mul_f64(grown.min(1e6))
                .min(POLL_INTERVALS.1)
        })
    }

    /// Records a successful poll.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// Tolerates a temporary failure.
    pub(crate) fn tolerate_error(&mut self, error: Error) -> Result<()> {
        if !error.is_retryable() || self.failures >= MAX_CONSECUTIVE_FAILURES {
            return Err(error);
        }
        self.failures += 1;
        let hint = error.retry_after(self.clock.now()).unwrap_or_default();
        self.hint = hint.min(MAX_RETRY_AFTER);
        warn!(
            operation = error.operation(),
            reason = error.summary(),
            wait = ?self.next_pause(self.polls).max(self.hint),
            failures = self.failures,
            "polling failed; the state is unknown, polling again"
        );
        Ok(())
    }
}
