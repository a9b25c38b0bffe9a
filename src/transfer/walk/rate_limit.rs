//! How fast a walk may go: how many listings at a time and per second, reduced while the service
//! refuses.
//!
//! A 429 for one listing applies to all: none starts before the service's `Retry-After` (or a
//! backoff) has passed, and the number of concurrent listings is halved. At one at a time, they are
//! spaced further apart instead. Every ten successes undo one step.
//!
//! Listings that were already running at the first 429 say nothing new when they are refused as
//! well. So each carries the number of slowdowns at its start, and only a refusal of a listing
//! started since the last slowdown causes another one. Otherwise
//! one burst with eight listings in flight would count as eight slowdowns.

use crate::error::Error;
use crate::operation::Idempotency;
use crate::transport::{Clock, RetryPolicy};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tracing::warn;

/// How many successes in a row undo one step.
const STREAK: usize = 10;
/// The shortest and the longest spacing that refusals cause.
const SPACED: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Stands for a time that the clock cannot represent.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

pub(super) struct RateLimiter {
    clock: Arc<dyn Clock>,
    policy: RetryPolicy,
    /// How many listings may run at a time: the configured number, and the current one.
    most: usize,
    width: usize,
    /// The time between the starts of two listings: the configured one, and the current one.
    least: Duration,
    spacing: Duration,
    not_before: Option<Instant>,
    timer: Option<Timer>,
    /// Successes since the last step or refusal.
    streak: usize,
    refusals: RateLimitState,
}

struct Timer {
    until: Instant,
    sleep: Pin<Box<dyn Future<Output = ()> + Send>>,
}

struct RateLimitState {
    /// The number of slowdowns.
    rounds: usize,
    /// How many of these since the last success, and the time of the first.
    in_a_row: u32,
    since: Instant,
}

/// The number of slowdowns when a listing started.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct SlowdownCount(usize);

impl RateLimiter {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        policy: RetryPolicy,
        concurrency: usize,
        spacing: Duration,
    ) -> Self {
        let since = clock.instant();
        Self {
            clock,
            policy,
            most: concurrency,
            width: concurrency,
            least: spacing,
            spacing,
            not_before: None,
            timer: None,
            streak: 0,
            refusals: RateLimitState {
                rounds: 0,
                in_a_row: 0,
                since,
            },
        }
    }

    /// How many listings may run at a time.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Ready when a listing may start.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(timer) = &mut self.timer {
                ready!(timer.sleep.as_mut().poll(cx));
                // the sleep has ended, so the time has come even if the clock is a little behind
                if self.not_before.is_some_and(|t| t <= timer.until) {
                    self.not_before = None;
                }
                self.timer = None;
            }
            let Some(until) = self.not_before else {
                return Poll::Ready(());
            };
            let left = until.saturating_duration_since(self.clock.instant());
            if left.is_zero() {
                self.not_before = None;
                return Poll::Ready(());
            }
            let sleep = self.clock.sleep(left);
            // a refusal may move `not_before` while this sleeps, so the loop checks again
            // afterwards
            self.timer = Some(Timer { until, sleep });
        }
    }

    /// Records that a listing starts.
    pub(super) fn begin(&mut self) -> SlowdownCount {
        if !self.spacing.is_zero() {
            self.hold(self.spacing);
        }
        SlowdownCount(self.refusals.rounds)
    }

    /// Records a success.
    pub(super) fn served(&mut self) {
        self.refusals.in_a_row = 0;
        self.streak += 1;
        if self.streak < STREAK {
            return;
        }
        self.streak = 0;
        // undone in reverse order: first the spacing, then the concurrency
        if self.spacing > self.least {
            let half = self.spacing / 2;
            self.spacing = if half < SPACED.0 {
                self.least
            } else {
                half.max(self.least)
            };
        } else {
            // additive increase after a multiplicative decrease, as in TCP: approach the limit
            // slowly, so that the service is not refusing half of the time
            self.width = self.most.min(self.width + 1);
        }
    }

    /// Records a 429. Returns whether the listing may be repeated: the client's retry policy limits
    /// how often in a row, and for how long.
    pub(super) fn refused(&mut self, error: &Error, begun: SlowdownCount) -> bool {
        // it was running before the last slowdown, which already took care of it
        if begun != SlowdownCount(self.refusals.rounds) {
            return true;
        }
        if self.refusals.in_a_row == 0 {
            self.refusals.since = self.clock.instant();
        }
        let RateLimitState {
            in_a_row, since, ..
        } = self.refusals;
        let attempts = in_a_row + 1;
        let again = self.policy.next(
            error,
            Idempotency::Idempotent,
            attempts,
            since,
            &*self.clock,
        );
        let Some(wait) = again else { return false };
        warn!(
            operation = "operation_ls",
            reason = error.summary(),
            wait = ?wait,
            attempt = attempts,
            "rate limited; the walk continues more slowly"
        );
        self.refusals.in_a_row = attempts;
        self.refusals.rounds += 1;
        self.streak = 0;
        if self.width > 1 {
            self.width /= 2;
        } else {
            self.spacing = (self.spacing * 2).clamp(SPACED.0, SPACED.1).max(self.least);
        }
        self.hold(wait);
        true
    }

    /// Delays all starts by `wait` from now.
    fn hold(&mut self, wait: Duration) {
        let now = self.clock.instant();
        let until = now.checked_add(wait).unwrap_or(now + FOREVER);
        self.not_before = Some(self.not_before.map_or(until, |t| t.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, StatusCode, header};
    use std::sync::Mutex;
    use std::task::Waker;
    use std::time::SystemTime;

    /// Its time is what was slept.
    #[derive(Clone, Debug)]
    struct Slept(Instant, Arc<Mutex<Duration>>);

    impl Clock for Slept {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }
        fn instant(&self) -> Instant {
            self.0 + *self.1.lock().expect("a time")
        }
        fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            *self.1.lock().expect("a time") += duration;
            Box::pin(std::future::ready(()))
        }
        fn random(&self) -> f64 {
            1.0
        }
    }

    fn limiter(concurrency: usize, spacing: Duration) -> (RateLimiter, Slept) {
        let clock = Slept(Instant::now(), Arc::default());
        let policy = RetryPolicy::default();
        let limiter = RateLimiter::new(Arc::new(clock.clone()), policy, concurrency, spacing);
        (limiter, clock)
    }

    fn slept(clock: &Slept) -> Duration {
        *clock.1.lock().expect("a time")
    }

    fn refusal() -> Error {
        let after = [(header::RETRY_AFTER, header::HeaderValue::from_static("3"))];
        let headers = HeaderMap::from_iter(after);
        Error::api(
            StatusCode::TOO_MANY_REQUESTS,
            headers,
            bytes::Bytes::new(),
            crate::error::redact::Redactor::default(),
        )
    }

    fn begin(limiter: &mut RateLimiter) -> SlowdownCount {
        let mut cx = Context::from_waker(Waker::noop());
        assert!(limiter.poll(&mut cx).is_ready());
        limiter.begin()
    }

    #[test]
    fn listings_begin_as_far_apart_as_asked() {
        let (mut limiter, clock) = limiter(4, Duration::from_millis(50));
        for _ in 0..21 {
            begin(&mut limiter);
        }
        assert_eq!(slept(&clock), Duration::from_secs(1));
    }

    #[test]
    fn one_refusal_slows_all_down_once_and_success_gives_it_back() {
        let (mut limiter, clock) = limiter(16, Duration::ZERO);
        let together = [
            begin(&mut limiter),
            begin(&mut limiter),
            begin(&mut limiter),
        ];
        for round in together {
            assert!(limiter.refused(&refusal(), round));
        }
        assert_eq!(limiter.width(), 8);
        begin(&mut limiter);
        assert_eq!(slept(&clock), Duration::from_secs(3));
        for _ in 0..8 * STREAK {
            limiter.served();
        }
        assert_eq!(limiter.width(), 16);
    }

    #[test]
    fn when_one_at_a_time_is_too_fast_they_begin_further_apart() {
        let (mut limiter, clock) = limiter(1, Duration::ZERO);
        let round = begin(&mut limiter);
        assert!(limiter.refused(&refusal(), round));
        begin(&mut limiter);
        let held = slept(&clock);
        begin(&mut limiter);
        assert_eq!(slept(&clock) - held, SPACED.0);
        for _ in 0..STREAK {
            limiter.served();
        }
        assert_eq!(limiter.spacing, Duration::ZERO);
    }

    #[test]
    fn a_time_to_wait_that_no_clock_can_tell_is_borne() {
        let clock = Slept(Instant::now(), Arc::default());
        let policy = RetryPolicy::default()
            .with_max_delay(Duration::MAX)
            .with_time_limit(Duration::MAX);
        let mut limiter = RateLimiter::new(Arc::new(clock), policy, 4, Duration::ZERO);
        let after = header::HeaderValue::from_static("99999999999999999999999");
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, after)]);
        let error = Error::api(
            StatusCode::TOO_MANY_REQUESTS,
            headers,
            bytes::Bytes::new(),
            crate::error::redact::Redactor::default(),
        );
        let round = begin(&mut limiter);
        assert!(limiter.refused(&error, round));
    }

    #[test]
    fn a_service_that_goes_on_refusing_ends_it() {
        let (mut limiter, _) = limiter(4, Duration::ZERO);
        let mut again = 0;
        loop {
            let round = begin(&mut limiter);
            if !limiter.refused(&refusal(), round) {
                break;
            }
            again += 1;
        }
        // six attempts by default
        assert_eq!(again, 5);
    }
}
