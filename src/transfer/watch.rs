//! Watching a task for changes.

use super::task_progress::{Progress, StallReason, is_over};
use crate::generated::transfer::types::Task;
use crate::pagination::ItemStream;
use crate::wait::Wait;
use futures_util::stream;
use std::time::Duration;

/// A change of a watched task.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TaskChange {
    /// It was seen for the first time, or has made progress.
    Progressed(Progress),
    /// It makes no progress, or the reason for that has changed: see
    /// [`stall_reason`](Progress::stall_reason).
    Stalled(Progress),
    /// It is no longer stalled.
    Resumed(Progress),
    /// It has succeeded or failed: see [`Task::status`](super::types::Task). Always the last
    /// change.
    Finished(Progress),
}

impl TaskChange {
    /// The state of the task after the change.
    pub fn progress(&self) -> &Progress {
        match self {
            Self::Progressed(progress)
            | Self::Stalled(progress)
            | Self::Resumed(progress)
            | Self::Finished(progress) => progress,
        }
    }

    /// The change between two states, if there is one.
    fn between(before: Option<&Progress>, now: Progress) -> Option<Self> {
        let reason = |progress: &Progress| progress.stall_reason.clone();
        if is_over(&now.task) {
            return Some(Self::Finished(now));
        }
        let was: Option<StallReason> = before.and_then(reason);
        match (&was, &now.stall_reason) {
            (_, Some(stall_reason)) if was.as_ref() != Some(stall_reason) => {
                Some(Self::Stalled(now))
            }
            (Some(_), None) => Some(Self::Resumed(now)),
            _ if before.is_none_or(|before| moved(&before.task, &now.task)) => {
                Some(Self::Progressed(now))
            }
            _ => None,
        }
    }
}

/// Whether anything has changed other than what changes with time alone.
fn moved(before: &Task, now: &Task) -> bool {
    // compares everything but two fields, so that progress of any kind is noticed
    let mut before = before.clone();
    before.effective_bytes_per_second = now.effective_bytes_per_second;
    before.nice_status_expires_in = now.nice_status_expires_in;
    before != *now
}

/// A watch of a task. Dropping its stream stops it.
///
/// ```no_run
/// use globus_sdk::transfer::TaskChange;
///
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let mut changes = transfer.watch(id).stream();
/// while let Some(change) = changes.next().await {
///     match change? {
///         TaskChange::Stalled(now) => eprintln!("stalled: {now}"),
///         TaskChange::Finished(last) => println!("{}", last.task.status),
///         other => println!("{}", other.progress()),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a watch does nothing until it is streamed"]
pub struct TaskWatch {
    wait: Wait<Task, Progress>,
}

impl TaskWatch {
    pub(super) fn new(wait: Wait<Task, Progress>) -> Self {
        Self { wait }
    }

    /// The maximum time to watch. No limit by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait = self.wait.timeout(timeout);
        self
    }

    /// A fixed interval between polls, instead of one that grows from 0.25 s to 10 s.
    pub fn polling_interval(mut self, interval: Duration) -> Self {
        self.wait = self.wait.polling_interval(interval);
        self
    }

    /// Streams the changes until the task has finished.
    ///
    /// A failed task is a [`TaskChange::Finished`], not an error. When the time is up before that,
    /// the error has kind `WaitTimeout`; other errors are those of the requests.
    pub fn stream(self) -> ItemStream<TaskChange> {
        let start = (self.wait.stream(), None::<Progress>);
        ItemStream::new(stream::try_unfold(
            start,
            |(mut states, mut last)| async move {
                while let Some(state) = states.next().await {
                    let state = state?;
                    let change = TaskChange::between(last.as_ref(), state.clone());
                    last = Some(state);
                    if let Some(change) = change {
                        return Ok(Some((change, (states, last))));
                    }
                }
                Ok(None)
            },
        ))
    }
}
