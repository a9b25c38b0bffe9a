//! Time and randomness as inputs.
//!
//! Everything that waits, expires or adds jitter uses a [`Clock`]. Tests supply their own and need
//! not wait.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

/// A source of time, sleep and randomness.
///
/// ```
/// use globus_sdk::transport::Clock;
/// use std::{future::Future, pin::Pin, time::{Duration, Instant, SystemTime}};
///
/// /// Sleeps not at all: for tests.
/// #[derive(Debug)]
/// struct MockClock;
/// impl Clock for MockClock {
///     fn now(&self) -> SystemTime { SystemTime::now() }
///     fn instant(&self) -> Instant { Instant::now() }
///     fn sleep(&self, _: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
///         Box::pin(std::future::ready(()))
///     }
///     fn random(&self) -> f64 { 0.5 }
/// }
/// let transfer = globus_sdk::transfer::Client::builder().clock(MockClock).build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
pub trait Clock: Send + Sync + std::fmt::Debug + 'static {
    /// The current time, for expiry and for `Retry-After` dates.
    fn now(&self) -> SystemTime;
    /// A monotonic time, for measuring durations.
    fn instant(&self) -> Instant;
    /// Waits.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>>;
    /// A random number in 0..1, for jitter.
    fn random(&self) -> f64;
}

/// The system clock, tokio's timer, and the thread's random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> f64 {
        rand::random()
    }
}
