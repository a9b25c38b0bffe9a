//! The current rate of a task.

use crate::generated::transfer::types::Task;
use crate::transport::Clock;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The period over which the current rate is computed.
const WINDOW: Duration = Duration::from_secs(60);

/// The samples within the window.
pub(super) struct Rates {
    clock: Arc<dyn Clock>,
    seen: VecDeque<Sample>,
}

#[derive(Clone, Copy)]
struct Sample {
    at: Instant,
    bytes: i64,
    files: i64,
    subtasks: Option<i64>,
    pending: Option<i64>,
}

/// Work per second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    pub(super) bytes: f64,
    pub(super) files: f64,
    /// Unknown while the task finds new ones.
    subtasks: Option<f64>,
}

impl Rates {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            seen: VecDeque::new(),
        }
    }

    /// Adds a sample and returns the current rate; `None` for the first sample.
    pub(super) fn add(&mut self, task: &Task) -> Option<Rate> {
        let now = Sample {
            at: self.clock.instant(),
            bytes: task.bytes_transferred,
            files: task.files_transferred,
            subtasks: task.subtasks_total,
            pending: task.subtasks_pending,
        };
        // always keep one earlier sample, however old it is
        while self.seen.len() > 1 && self.seen.front().is_some_and(|s| now.at - s.at > WINDOW) {
            self.seen.pop_front();
        }
        let then = self.seen.front().copied();
        self.seen.push_back(now);
        let then = then?;
        let seconds = (now.at - then.at).as_secs_f64();
        if seconds <= 0.0 {
            return None;
        }
        #[allow(clippy::cast_precision_loss, reason = "a rate need not be exact")]
        let per_second = |before: i64, after: i64| (after - before).max(0) as f64 / seconds;
        Some(Rate {
            bytes: per_second(then.bytes, now.bytes),
            files: per_second(then.files, now.files),
            subtasks: match (now.pending, then.pending) {
                (Some(now_pending), Some(pending)) if then.subtasks == now.subtasks => {
                    Some(per_second(now_pending, pending))
                }
                _ => None,
            },
        })
    }
}

impl Rate {
    /// The remaining time at this rate, if it can be estimated.
    pub(super) fn time_left(&self, task: &Task) -> Option<Duration> {
        let rate = self.subtasks.filter(|rate| *rate > 0.0)?;
        if super::task_progress::is_over(task) {
            return None;
        }
        #[allow(clippy::cast_precision_loss, reason = "an estimate need not be exact")]
        let seconds = task.subtasks_pending?.max(0) as f64 / rate;
        Duration::try_from_secs_f64(seconds.ceil()).ok()
    }
}
