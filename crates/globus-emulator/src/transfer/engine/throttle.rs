//! Rate limiting of copies, by the emulator's clock.

use std::time::Duration;

use jiff::Timestamp;

use super::{CHUNK, later};

/// Number of chunks per second, so that progress is visible and a change of the rate takes effect soon.
const CHUNKS_PER_SECOND: u64 = 10;

/// Computes how long to wait after copying bytes.
///
/// Advancing the clock during a wait lets the task copy the bytes of that time at once. Time in which it
/// did something else does not count.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    /// When the next bytes may be copied; `None` while it is not copying.
    due: Option<Timestamp>,
}

impl Throttle {
    /// To be called after the task did something else.
    pub(super) fn restart(&mut self) {
        self.due = None;
    }

    /// How long to wait after copying these bytes.
    pub(super) fn delay_after(
        &mut self,
        bytes: u64,
        rate: Option<u64>,
        now: Timestamp,
    ) -> Duration {
        let Some(rate) = rate else {
            self.due = None;
            return Duration::ZERO;
        };
        let nanoseconds = u128::from(bytes) * 1_000_000_000 / u128::from(rate.max(1));
        let time = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        // From the time when the previous bytes were due, not from now: small delays of the sleep do not
        // add up.
        let due = later(self.due.unwrap_or(now), time);
        self.due = Some(due);
        Duration::try_from(due.duration_since(now)).unwrap_or_default()
    }
}

/// Number of bytes to read at a time.
pub(super) fn chunk_size(rate: Option<u64>) -> usize {
    let size = rate.map(|rate| (rate / CHUNKS_PER_SECOND).max(1));
    let size = size.and_then(|size| usize::try_from(size).ok());
    size.map_or(CHUNK, |size| size.min(CHUNK))
}
