//! Watching a task: what changes, as it changes.

use super::task_progress::{Progress, StallReason, is_over};
use crate::generated::transfer::types::Task;
use crate::pagination::ItemStream;
use crate::wait::Wait;
use futures_util::stream;
use std::time::Duration;

/// Something has changed about a task that is watched.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TaskChange {
    /// It was seen for the first time, or has come further.
    Progressed(Progress),
    /// It makes no progress, or none for another reason than before: see
    /// [`stall_reason`](Progress::stall_reason).
    Stalled(Progress),
    /// It is no longer stalled.
    Resumed(Progress),
    /// It has succeeded or failed: see [`Task::status`](super::types::Task). Always the last.
    Finished(Progress),
}

impl TaskChange {
    /// How the task stands now.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let mut changes = transfer.watch(id).stream();
    /// while let Some(change) = changes.next().await {
    ///     println!("{}", change?.progress());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn progress(&self) -> &Progress {
        match self {
            Self::Progressed(progress)
            | Self::Stalled(progress)
            | Self::Resumed(progress)
            | Self::Finished(progress) => progress,
        }
    }

    /// What is new, if anything is.
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

/// Whether anything is different that does not change by time alone.
fn moved(before: &Task, now: &Task) -> bool {
    let mut before = before.clone();
    before.effective_bytes_per_second = now.effective_bytes_per_second;
    before.nice_status_expires_in = now.nice_status_expires_in;
    before != *now
}

/// A task to be watched. Dropping its stream stops it.
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

    /// How long to watch at most. As long as it takes by default.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let changes = transfer.watch(id).timeout(std::time::Duration::from_secs(3600)).stream();
    /// # }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.wait = self.wait.timeout(timeout);
        self
    }

    /// A steady pause between two looks, in place of one that grows from 0.25 s to 10 s.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let changes = transfer.watch(id).polling_interval(std::time::Duration::from_secs(5)).stream();
    /// # }
    /// ```
    pub fn polling_interval(mut self, interval: Duration) -> Self {
        self.wait = self.wait.polling_interval(interval);
        self
    }

    /// What changes, until the task has ended.
    ///
    /// A task that failed is a [`TaskChange::Finished`], and no error. An error of kind `WaitTimeout` comes
    /// when the time is up before, and any other as a call fails.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let changes = transfer.watch(id).stream().collect().await?;
    /// # Ok(()) }
    /// ```
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
