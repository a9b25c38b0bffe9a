//! When a failed call is made again.
//!
//! The answer depends on four things: what failed, whether the operation may run twice (its
//! `x-globus-retry`), how often it was tried, and how long that took. [`RetryPolicy`] is the limits;
//! the rest is here, in one function.

use crate::error::{Error, ErrorKind};
use crate::operation::Retry;
use crate::transport::backoff;
use crate::transport::clock::Clock;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Backoff = dyn Fn(u32) -> Duration + Send + Sync;
type Check = dyn Fn(&Error, Retry) -> Option<bool> + Send + Sync;

/// How often, how long, and for what a call is tried again.
///
/// By default: 6 attempts within 5 minutes, waits of a random part of 0.5 s, 1 s, 2 s, ... up to
/// 10 s, or what `Retry-After` says up to 60 s. A `GET`, and what the spec calls safe, is retried
/// after connection errors, timeouts and the statuses 429, 500, 502, 503 and 504; what is not safe,
/// only when it provably did not reach the service.
///
/// ```
/// use globus_sdk::transport::RetryPolicy;
/// use std::time::Duration;
///
/// let patient = RetryPolicy::default()
///     .with_attempt_limit(20)
///     .with_elapsed_limit(Duration::from_secs(3600));
/// let transfer = globus_sdk::transfer::Client::builder().retry(patient).build()?;
/// let once = transfer.task_list().with_retry(RetryPolicy::never());
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    attempts: u32,
    elapsed: Duration,
    sleep: Duration,
    backoff: Option<Arc<Backoff>>,
    check: Option<Arc<Check>>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 6,
            elapsed: Duration::from_secs(300),
            sleep: Duration::from_secs(60),
            backoff: None,
            check: None,
        }
    }
}

impl RetryPolicy {
    /// One attempt and no more.
    ///
    /// ```
    /// let policy = globus_sdk::transport::RetryPolicy::never();
    /// ```
    pub fn never() -> Self {
        Self::default().with_attempt_limit(1)
    }

    /// How many attempts in all, the first included; at least one. 6 by default.
    ///
    /// ```
    /// let policy = globus_sdk::transport::RetryPolicy::default().with_attempt_limit(3);
    /// ```
    #[must_use]
    pub fn with_attempt_limit(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long all attempts and waits may take: a wait that would end later is not begun. 5
    /// minutes by default.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let policy = globus_sdk::transport::RetryPolicy::default().with_elapsed_limit(Duration::from_secs(30));
    /// ```
    #[must_use]
    pub fn with_elapsed_limit(mut self, elapsed: Duration) -> Self {
        self.elapsed = elapsed;
        self
    }

    /// How long one wait may be. When the service asks for more, the error is returned at once,
    /// since asking earlier would be rude. 60 seconds by default.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let policy = globus_sdk::transport::RetryPolicy::default().with_sleep_limit(Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn with_sleep_limit(mut self, sleep: Duration) -> Self {
        self.sleep = sleep;
        self
    }

    /// A backoff of the caller's own: from the number of the retry (0 is the first) to the wait.
    /// `Retry-After` still comes first.
    ///
    /// ```
    /// # use std::time::Duration;
    /// let steady = globus_sdk::transport::RetryPolicy::default().with_backoff(|_| Duration::from_secs(1));
    /// ```
    #[must_use]
    pub fn with_backoff(
        mut self,
        backoff: impl Fn(u32) -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.backoff = Some(Arc::new(backoff));
        self
    }

    /// A check of the caller's own, asked first: `Some` decides, `None` leaves it to the default.
    /// The limits hold all the same.
    ///
    /// ```
    /// use globus_sdk::{ErrorKind, transport::RetryPolicy};
    ///
    /// let policy = RetryPolicy::default()
    ///     .with_check(|error, _| (error.kind() == ErrorKind::Conflict).then_some(true));
    /// ```
    #[must_use]
    pub fn with_check(
        mut self,
        check: impl Fn(&Error, Retry) -> Option<bool> + Send + Sync + 'static,
    ) -> Self {
        self.check = Some(Arc::new(check));
        self
    }

    /// The same policy for a caller who answers refusals (429) itself.
    #[cfg(feature = "transfer")]
    pub(crate) fn except_rate_limits(&self) -> Self {
        let check = self.check.clone();
        self.clone()
            .with_check(move |error, retry| match error.kind() {
                ErrorKind::RateLimited => Some(false),
                _ => check.as_ref().and_then(|check| check(error, retry)),
            })
    }

    /// How long to wait before the next attempt; `None` gives up. `attempts` were made since
    /// `started`.
    pub(crate) fn next(
        &self,
        error: &Error,
        retry: Retry,
        attempts: u32,
        started: Instant,
        clock: &dyn Clock,
    ) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        let after = error.retry_after(clock.now());
        let again = self
            .check
            .as_ref()
            .and_then(|check| check(error, retry))
            .unwrap_or_else(|| may_repeat(error, retry, after.is_some()));
        if !again {
            return None;
        }
        let wait = after.unwrap_or_else(|| match &self.backoff {
            Some(backoff) => backoff(attempts - 1),
            None => backoff::exponential(
                Duration::from_millis(500),
                Duration::from_secs(10),
                attempts - 1,
                clock.random(),
            ),
        });
        let elapsed = clock.instant().saturating_duration_since(started);
        (wait <= self.sleep && elapsed.saturating_add(wait) <= self.elapsed).then_some(wait)
    }
}

/// Whether a failure of this kind may be followed by the same request.
fn may_repeat(error: &Error, retry: Retry, told_when: bool) -> bool {
    match retry {
        Retry::Safe | Retry::OnceOnly => match error.kind() {
            ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Network
            | ErrorKind::RateLimited => true,
            ErrorKind::Service => matches!(
                error.status().map(|s| s.as_u16()),
                Some(500 | 502 | 503 | 504)
            ),
            _ => false,
        },
        // these provably did not run
        Retry::Unsafe => match error.kind() {
            ErrorKind::Connect | ErrorKind::RateLimited => true,
            ErrorKind::Service => told_when && error.status().is_some_and(|s| s.as_u16() == 503),
            _ => false,
        },
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryPolicy")
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .field("sleep", &self.sleep)
            .field("backoff", &self.backoff.as_ref().map(|_| "own"))
            .field("check", &self.check.as_ref().map(|_| "own"))
            .finish()
    }
}
