//! When a failed call is retried.
//!
//! That depends on four things: what failed, whether the operation may run twice (its
//! `x-globus-idempotency`), how many attempts there were, and how long they took. [`RetryPolicy`]
//! has the limits; the rest is in `may_repeat`.

use crate::error::{Error, ErrorKind};
use crate::operation::Idempotency;
use crate::transport::backoff;
use crate::transport::clock::Clock;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Backoff = dyn Fn(u32) -> Duration + Send + Sync;
type Classifier = dyn Fn(&Error, Idempotency) -> Option<bool> + Send + Sync;

/// How often, how long, and after which errors a call is retried.
///
/// By default: 6 attempts within 5 minutes. The delays between them are 0.5 s, 1 s, 2 s, ... up to
/// 10 s, each reduced by a random part of at most half, or the service's `Retry-After` of up to 60
/// s if that is longer. A `GET`, and what the spec calls idempotent, is retried after connection
/// errors, timeouts and the statuses 429, 500, 502, 503 and 504; anything else only if the request
/// provably was not received.
///
/// ```
/// use globus_sdk::transport::RetryPolicy;
/// use std::time::Duration;
///
/// let patient = RetryPolicy::default()
///     .with_attempt_limit(20)
///     .with_time_limit(Duration::from_secs(3600));
/// let transfer = globus_sdk::transfer::Client::builder().retry(patient).build()?;
/// let once = transfer.task_list().with_retry(RetryPolicy::disabled());
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone)]
pub struct RetryPolicy {
    attempts: u32,
    time_limit: Duration,
    max_delay: Duration,
    backoff: Option<Arc<Backoff>>,
    classifier: Option<Arc<Classifier>>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 6,
            time_limit: Duration::from_secs(300),
            max_delay: Duration::from_secs(60),
            backoff: None,
            classifier: None,
        }
    }
}

impl RetryPolicy {
    /// No retries: one attempt.
    pub fn disabled() -> Self {
        Self::default().with_attempt_limit(1)
    }

    /// The total number of attempts, including the first; at least one. 6 by default.
    #[must_use]
    pub fn with_attempt_limit(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The time limit for all attempts and delays together: a delay that would exceed it does not
    /// start. 5 minutes by default.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// The maximum length of one delay. If the service or a custom backoff asks for more, the error
    /// is returned at once, because the server asked not to be called earlier. 60 seconds by
    /// default.
    #[must_use]
    pub fn with_max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Sets the backoff: a function from the number of the retry (0 is the first) to the delay. A
    /// longer `Retry-After` takes precedence.
    #[must_use]
    pub fn with_backoff(
        mut self,
        backoff: impl Fn(u32) -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.backoff = Some(Arc::new(backoff));
        self
    }

    /// Sets a function that decides whether to retry after an error. It is called first: `Some`
    /// decides, `None` leaves it to the default. The limits apply in any case.
    ///
    /// ```
    /// use globus_sdk::{ErrorKind, transport::RetryPolicy};
    ///
    /// let policy = RetryPolicy::default()
    ///     .with_classifier(|error, _| (error.kind() == ErrorKind::Conflict).then_some(true));
    /// ```
    #[must_use]
    pub fn with_classifier(
        mut self,
        classifier: impl Fn(&Error, Idempotency) -> Option<bool> + Send + Sync + 'static,
    ) -> Self {
        self.classifier = Some(Arc::new(classifier));
        self
    }

    /// The same policy for a caller that handles 429 itself.
    #[cfg(feature = "transfer")]
    pub(crate) fn except_rate_limits(&self) -> Self {
        let classifier = self.classifier.clone();
        self.clone()
            .with_classifier(move |error, idempotency| match error.kind() {
                ErrorKind::RateLimited => Some(false),
                _ => classifier
                    .as_ref()
                    .and_then(|classify| classify(error, idempotency)),
            })
    }

    /// The delay before the next attempt; `None` gives up. There were `attempts` since `started`.
    pub(crate) fn next(
        &self,
        error: &Error,
        idempotency: Idempotency,
        attempts: u32,
        started: Instant,
        clock: &dyn Clock,
    ) -> Option<Duration> {
        if attempts >= self.attempts {
            return None;
        }
        let after = error.retry_after(clock.now());
        let again = self
            .classifier
            .as_ref()
            .and_then(|classify| classify(error, idempotency))
            .unwrap_or_else(|| may_repeat(error, idempotency, after.is_some()));
        if !again {
            return None;
        }
        let own = match &self.backoff {
            Some(backoff) => backoff(attempts - 1),
            None => backoff::exponential(
                Duration::from_millis(500),
                // at most the limit for one delay, or a policy with a small one would never retry
                Duration::from_secs(10).min(self.max_delay),
                attempts - 1,
                clock.random(),
            ),
        };
        // Retry-After may be 0 or in the past: it may only lengthen the delay
        let wait = after.map_or(own, |after| after.max(own));
        let elapsed = clock.instant().saturating_duration_since(started);
        (wait <= self.max_delay && elapsed.saturating_add(wait) <= self.time_limit).then_some(wait)
    }
}

/// Whether the same request may be repeated after an error of this kind.
fn may_repeat(error: &Error, idempotency: Idempotency, told_when: bool) -> bool {
    match idempotency {
        Idempotency::Idempotent | Idempotency::DeduplicatedById => match error.kind() {
            ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Network
            | ErrorKind::RateLimited => true,
            ErrorKind::Service => {
                let status = error.status().map(|s| s.as_u16());
                matches!(status, Some(500 | 502 | 503 | 504)) && error.is_retryable()
            }
            _ => false,
        },
        // after these, the request provably had no effect: with Retry-After, a 503 is a refusal
        Idempotency::NotIdempotent => match error.kind() {
            ErrorKind::Connect | ErrorKind::RateLimited => true,
            ErrorKind::Service => {
                let unavailable = error.status().is_some_and(|s| s.as_u16() == 503);
                told_when && unavailable && error.is_retryable()
            }
            _ => false,
        },
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryPolicy")
            .field("attempts", &self.attempts)
            .field("time_limit", &self.time_limit)
            .field("max_delay", &self.max_delay)
            .field("backoff", &self.backoff.as_ref().map(|_| "own"))
            .field("classifier", &self.classifier.as_ref().map(|_| "own"))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER};
    use proptest::prelude::*;
    use std::pin::Pin;
    use std::time::SystemTime;

    /// Stands still.
    #[derive(Debug)]
    struct Still {
        instant: Instant,
        random: f64,
    }

    impl Clock for Still {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
        }
        fn instant(&self) -> Instant {
            self.instant
        }
        fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(std::future::ready(()))
        }
        fn random(&self) -> f64 {
            self.random
        }
    }

    fn refusal(hint: Option<&str>) -> Error {
        let value = hint.and_then(|hint| HeaderValue::from_str(hint).ok());
        let headers = HeaderMap::from_iter(value.map(|value| (RETRY_AFTER, value)));
        Error::api(
            StatusCode::TOO_MANY_REQUESTS,
            headers,
            Bytes::new(),
            crate::error::redact::Redactor::default(),
        )
    }

    fn wait(
        policy: &RetryPolicy,
        hint: Option<&str>,
        attempts: u32,
        random: f64,
    ) -> Option<Duration> {
        let instant = Instant::now();
        let clock = Still { instant, random };
        policy.next(
            &refusal(hint),
            Idempotency::Idempotent,
            attempts,
            instant,
            &clock,
        )
    }

    /// Hints of all kinds: short, long, negative, past and to come, and nonsense.
    fn hints() -> impl Strategy<Value = String> {
        prop_oneof![
            (-1000i64..1000).prop_map(|seconds| seconds.to_string()),
            (0.0..100.0f64).prop_map(|seconds| seconds.to_string()),
            (1_799_999_000u64..1_800_001_000).prop_map(|at| {
                httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(at))
            }),
            "[ -~]{0,12}",
        ]
    }

    proptest! {
        #[test]
        fn a_hint_only_lengthens(hint in hints(), attempts in 1u32..6, random in 0.0..1.0f64) {
            let policy = RetryPolicy::default();
            let own = wait(&policy, None, attempts, random).expect("a wait");
            match wait(&policy, Some(&hint), attempts, random) {
                Some(wait) => prop_assert!(wait >= own && wait <= policy.max_delay, "{wait:?} {own:?}"),
                // only what asks for more than may be slept
                None => {
                    let asked = refusal(Some(&hint)).retry_after(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
                    prop_assert!(asked.is_some_and(|asked| asked > policy.max_delay), "{hint}");
                }
            }
        }

        #[test]
        fn six_attempts_take_their_time(random in 0.0..1.0f64, hint in hints()) {
            let policy = RetryPolicy::default();
            let waits = (1..6).map(|attempts| wait(&policy, Some(&hint), attempts, random));
            let all: Option<Vec<Duration>> = waits.collect();
            if let Some(all) = all {
                prop_assert!(all.iter().sum::<Duration>() >= Duration::from_millis(7750), "{all:?}");
            }
        }
    }
}
