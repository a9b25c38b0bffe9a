//! Task settings in the builder.

use std::time::Duration;

use uuid::Uuid;

use super::TaskFault;
use crate::builder::EmulatorBuilder;

impl EmulatorBuilder {
    /// Sets the maximum rate at which a task copies, in bytes per second of the emulator's clock; unlimited
    /// by default.
    #[doc(alias = "bytes_per_second")]
    pub fn transfer_rate(mut self, bytes_per_second: u64) -> Self {
        self.settings.tasks.bytes_per_second = Some(bytes_per_second);
        self
    }

    /// Sets how long a task pauses after every file, by the emulator's clock; zero by default.
    pub fn transfer_file_delay(mut self, delay: Duration) -> Self {
        self.settings.tasks.file_delay = delay;
        self
    }

    /// Sets the time between submission and start of a task, by the emulator's clock, which
    /// [`advance_clock`](crate::Emulator::advance_clock) moves; 30 ms by default.
    #[doc(alias = "start_delay")]
    pub fn transfer_start_delay(mut self, delay: Duration) -> Self {
        self.settings.tasks.start_delay = delay;
        self
    }

    /// How long a task waits before it tries again what has failed, by the emulator's clock; doubled
    /// each time, up to 30 seconds. 500 ms by default, and at least 10 ms.
    pub fn transfer_retry_delay(mut self, delay: Duration) -> Self {
        self.settings.tasks.retry_delay = delay;
        self
    }

    /// Sets the quota of each collection without a [quota of its own](crate::CollectionOptions::quota), in
    /// bytes; unlimited by default. A task that would exceed it gets the error `QUOTA_EXCEEDED`, and
    /// retries until there is space, or fails if it has `fail_on_quota_errors`.
    pub fn quota(mut self, bytes: u64) -> Self {
        self.settings.tasks.quota = Some(bytes);
        self
    }

    /// Sets the quota of the collection with this id, in bytes. The last call counts, and takes precedence
    /// over the [options](crate::CollectionOptions::quota). Starting fails if there is no such collection.
    pub fn collection_quota(mut self, collection: Uuid, bytes: u64) -> Self {
        self.quotas.insert(collection, bytes);
        self
    }

    /// Adds an initial task fault.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), globus_emulator::StartError> {
    /// use globus_emulator::{Emulator, TaskFault, TaskFaultKind};
    ///
    /// let denied = TaskFault::new(TaskFaultKind::PermissionDenied).path("/run7/secret/*");
    /// let emulator = Emulator::builder().collection("Data", "/data").task_fault(denied).start().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn task_fault(mut self, fault: TaskFault) -> Self {
        self.task_faults.push(fault);
        self
    }
}
