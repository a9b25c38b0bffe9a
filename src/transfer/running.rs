//! Finding the task for whose paths a submission was refused.

use super::Client;
use super::types::{Task, TransferData};
use crate::error::Result;
use std::cmp::Reverse;
use std::future::Future;

impl Client {
    /// The caller's transfers between the two collections of a document that have not ended: when the
    /// document was refused since a transfer with identical paths has not completed, that one is among them.
    /// First come those with the document's label, and of these the newest.
    ///
    /// The service names no task in that refusal, and a task that has not ended does not show its items, so that
    /// this cannot tell which of several has the paths: take the only one, or one whose label you give to
    /// nothing else.
    ///
    /// # Errors
    ///
    /// What the service answers to `task_list`.
    ///
    /// ```no_run
    /// use globus_sdk::ErrorKind;
    ///
    /// # async fn run(transfer: globus_sdk::transfer::Client, data: globus_sdk::transfer::TransferData) -> globus_sdk::Result<()> {
    /// let task_id = match transfer.submit_transfer(&data).await {
    ///     Ok(submitted) => submitted.task_id,
    ///     Err(error) if error.kind() == ErrorKind::Busy => {
    ///         let running = transfer.find_running(&data).await?;
    ///         match &running[..] {
    ///             [task] => task.task_id,
    ///             _ => return Err(error),
    ///         }
    ///     }
    ///     Err(error) => return Err(error),
    /// };
    /// let done = transfer.wait(task_id).await?;
    /// # Ok(()) }
    /// ```
    pub fn find_running(
        &self,
        data: &TransferData,
    ) -> impl Future<Output = Result<Vec<Task>>> + Send + use<> {
        let filter = "type:TRANSFER/status:ACTIVE,INACTIVE";
        let mut tasks = self.task_list().filter(filter).stream();
        let ends = (Some(data.source_endpoint), Some(data.destination_endpoint));
        let label = data.label.clone();
        async move {
            let mut found = Vec::new();
            while let Some(task) = tasks.next().await {
                let task = task?;
                if (task.source_endpoint_id, task.destination_endpoint_id) == ends {
                    found.push(task);
                }
            }
            found.sort_by_key(|task| {
                let time = task.request_time.as_ref().and_then(|time| time.instant());
                (task.label != label, Reverse(time))
            });
            Ok(found)
        }
    }
}
