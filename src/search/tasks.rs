//! Waiting for a search task.

use crate::generated::search::Client;
use crate::generated::search::types::{Task, TaskState};
use crate::types::Uuid;
use crate::wait::{Wait, WaitState};
use std::future::IntoFuture;

impl Client {
    /// Waits for an ingest or delete task.
    ///
    /// # Errors
    ///
    /// See [`Wait`]. A task that failed is an error of kind `TaskFailed` with its message.
    ///
    /// ```no_run
    /// # async fn run(search: globus_sdk::search::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let task = search.wait(id).await?;
    /// assert_eq!(task.state, "SUCCESS");
    /// # Ok(()) }
    /// ```
    pub fn wait(&self, task_id: Uuid) -> Wait<Task> {
        let client = self.clone();
        Wait::new(
            move || client.get_task(task_id).into_future(),
            state,
            self.core.transport().clock().clone(),
        )
    }
}

fn state(task: &Task) -> WaitState {
    match &task.state {
        TaskState::Success => WaitState::Succeeded,
        TaskState::Failed => WaitState::Failed(match &task.message {
            Some(message) => format!("task {} failed: {message}", task.task_id),
            None => format!("task {} failed", task.task_id),
        }),
        _ => WaitState::Running,
    }
}
