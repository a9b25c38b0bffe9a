//! How fast tasks are.

use std::time::{Duration, Instant};

/// Slows tasks down, so that somebody can watch them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Between the submission of a task and its first byte.
    pub(crate) start_delay: Duration,
    /// After every file.
    pub(crate) file_delay: Duration,
    /// The most bytes a task copies in a second.
    pub(crate) bytes_per_second: Option<u64>,
    /// Before a failed part of a task is tried again; doubled each time.
    pub(crate) retry_delay: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            start_delay: Duration::from_millis(30),
            file_delay: Duration::ZERO,
            bytes_per_second: None,
            retry_delay: Duration::from_millis(500),
        }
    }
}

/// Measures how far a task is ahead of the rate it may have.
#[derive(Debug)]
pub(super) struct Throttle {
    bytes_per_second: Option<u64>,
    started: Instant,
    bytes: u64,
}

impl Throttle {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            bytes_per_second: pace.bytes_per_second,
            started: Instant::now(),
            bytes: 0,
        }
    }

    /// How long to wait after these bytes.
    pub(super) fn after(&mut self, bytes: u64) -> Duration {
        self.bytes = self.bytes.saturating_add(bytes);
        match self.bytes_per_second {
            None => Duration::ZERO,
            Some(rate) => {
                let due = Duration::from_millis(self.bytes.saturating_mul(1_000) / rate.max(1));
                due.saturating_sub(self.started.elapsed())
            }
        }
    }
}
