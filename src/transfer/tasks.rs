//! Waiting for transfer and delete tasks, and watching them.

use super::task_progress::{Progress, TaskPoller};
use super::wait_all::WaitAll;
use super::watch::TaskWatch;
use crate::error::Result;
use crate::generated::transfer::Client;
use crate::generated::transfer::types::{Task, TaskStatus};
use crate::types::Uuid;
use crate::wait::Wait;
use std::time::Duration;

impl Client {
    /// Waits for a task. The wait continues while the task is inactive, paused or encounters
    /// errors, and through temporary failures of requests. The observed states say why a task is
    /// stalled ([`Progress::stall_reason`]), and so does the error of a timeout.
    ///
    /// # Errors
    ///
    /// See [`Wait`]. A task that failed or was cancelled is an error of kind `TaskFailed`, with the
    /// reason and the latest events ([`Error::task_failures`](crate::Error::task_failures)).
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let task = transfer
    ///     .wait(id)
    ///     .timeout(Duration::from_secs(3600))
    ///     .on_progress(|progress| eprint!("\r{progress}"))
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn wait(&self, task_id: Uuid) -> Wait<Task, Progress> {
        let clock = self.core.transport().clock();
        Wait::for_condition(
            TaskPoller::new(self.clone(), task_id, clock.clone()),
            clock.clone(),
        )
    }

    /// Watches a task: its changes, its rate, the remaining time, and why it is stalled.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let mut changes = transfer.watch(id).stream();
    /// while let Some(change) = changes.next().await {
    ///     println!("{}", change?.progress());
    /// }
    /// # Ok(()) }
    /// ```
    pub fn watch(&self, task_id: Uuid) -> TaskWatch {
        TaskWatch::new(self.wait(task_id))
    }

    /// Waits for many tasks, with one request per poll for every 50 unfinished tasks.
    ///
    /// # Errors
    ///
    /// See [`WaitAll`].
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, ids: Vec<globus_sdk::types::Uuid>) -> globus_sdk::Result<()> {
    /// let tasks = transfer.wait_all(ids).await?;
    /// # Ok(()) }
    /// ```
    pub fn wait_all(&self, task_ids: impl IntoIterator<Item = Uuid>) -> WaitAll {
        WaitAll::new(self.clone(), task_ids)
    }

    /// Waits for a task to finish and returns whether it did: `false` when it is still active after
    /// `timeout`, `true` when it has succeeded, failed or become inactive. The same as the Python
    /// SDK's method; neither duration may be under a second.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when a duration is under a second; any other kind that `get_task` fails with.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// while !transfer.task_wait(id, Duration::from_secs(60), Duration::from_secs(10)).await? {
    ///     println!("still going");
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn task_wait(
        &self,
        task_id: Uuid,
        timeout: Duration,
        polling_interval: Duration,
    ) -> Result<bool> {
        const SECOND: Duration = Duration::from_secs(1);
        for (name, value) in [("timeout", timeout), ("polling_interval", polling_interval)] {
            if value < SECOND {
                let fault = format!("task_wait: {name} is {value:?}; one second is the least");
                return Err(crate::error::Error::usage(fault));
            }
        }
        let clock = self.core.transport().clock();
        let started = clock.instant();
        loop {
            let task = self.get_task(task_id).await?;
            if task.status != TaskStatus::Active {
                return Ok(true);
            }
            let left = timeout.saturating_sub(clock.instant().saturating_duration_since(started));
            if left.is_zero() {
                return Ok(false);
            }
            clock.sleep(polling_interval.min(left)).await;
        }
    }
}
