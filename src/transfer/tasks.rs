//! Waiting for a transfer or delete task.

use super::Client;
use super::types::{Task, TaskStatus};
use crate::error::Result;
use crate::types::Uuid;
use crate::wait::{Progressing, Wait};
use std::future::IntoFuture;
use std::time::Duration;

impl Client {
    /// Waits for a task. It goes on while the task is inactive or paused, and through passing
    /// trouble; the states on the way say why ([`Task::nice_status`](super::types::Task)).
    ///
    /// # Errors
    ///
    /// See [`Wait`]. A task that failed or was cancelled is an error of kind `TaskFailed`.
    pub fn wait(&self, task_id: Uuid) -> Wait<Task> {
        let client = self.clone();
        Wait::new(
            move || client.get_task(task_id).into_future(),
            state,
            self.core.transport().clock().clone(),
        )
    }

    /// Waits for a task to end, and says whether it did: `false` when it is still active after
    /// `timeout`, `true` when it has succeeded, failed or gone inactive. As the Python SDK's, with
    /// neither time under a second.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when a time is under a second, or what the service answers.
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
                return Err(crate::Error::usage(fault));
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

fn state(task: &Task) -> Progressing {
    match &task.status {
        TaskStatus::Succeeded => Progressing::Succeeded,
        TaskStatus::Failed => Progressing::Failed(failure(task)),
        _ => Progressing::Running,
    }
}

fn failure(task: &Task) -> String {
    let id = task.task_id;
    match &task.fatal_error {
        Some(error) => format!("task {id} failed: {}: {}", error.code, error.description),
        None => format!("task {id} failed; its events say why (task_event_list)"),
    }
}
