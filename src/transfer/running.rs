//! Finding the task for whose paths a submission was refused.

use crate::error::Result;
use crate::generated::transfer::Client;
use crate::generated::transfer::types::{Task, TransferData};
use std::cmp::Reverse;
use std::future::Future;

impl Client {
    /// The caller's unfinished transfers between the two collections of a document. When the
    /// document was refused because a transfer with identical paths has not completed, that one is
    /// among them. Transfers with the document's label come first, and of these the newest.
    ///
    /// The refusal does not name a task, and an unfinished task does not show its items, so this
    /// cannot tell which of several has the paths: use the only one, or one with a label that you
    /// use for nothing else.
    ///
    /// # Errors
    ///
    /// Any kind that `task_list` fails with.
    ///
    /// ```no_run
    /// use globus_sdk::ErrorKind;
    ///
    /// # async fn run(transfer: globus_sdk::transfer::Client, data: globus_sdk::transfer::TransferData) -> globus_sdk::Result<()> {
    /// // the label is used for these paths only
    /// let data = data.label("run7 to cluster");
    /// let task_id = match transfer.submit_transfer(&data).await {
    ///     Ok(submitted) => submitted.task_id,
    ///     Err(error) if error.kind() == ErrorKind::Busy => {
    ///         let running = transfer.find_running(&data).await?;
    ///         match running.iter().find(|task| task.label == data.label) {
    ///             Some(task) => task.task_id,
    ///             // it has ended meanwhile
    ///             None => transfer.submit_transfer(&data).await?.task_id,
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
            // false sorts before true: matching labels first
            found.sort_by_key(|task| {
                let time = task.request_time.as_ref().and_then(|time| time.instant());
                (task.label != label, Reverse(time))
            });
            Ok(found)
        }
    }
}
