//! What a builder says about tasks.

use std::time::Duration;

use uuid::Uuid;

use super::TaskFault;
use crate::builder::EmulatorBuilder;

impl EmulatorBuilder {
    /// The most bytes a task copies in a second, by the emulator's clock; as many as it can by
    /// default.
    #[doc(alias = "bytes_per_second")]
    pub fn transfer_rate(mut self, bytes_per_second: u64) -> Self {
        self.settings.tasks.bytes_per_second = Some(bytes_per_second);
        self
    }

    /// How long a task rests after every file, by the emulator's clock; not at all by default.
    pub fn transfer_file_delay(mut self, delay: Duration) -> Self {
        self.settings.tasks.file_delay = delay;
        self
    }

    /// How long after its submission a task begins, by the emulator's clock, which
    /// [`advance_clock`](crate::Emulator::advance_clock) moves; 30 ms by default.
    #[doc(alias = "start_delay")]
    pub fn transfer_start_delay(mut self, delay: Duration) -> Self {
        self.settings.tasks.start_delay = delay;
        self
    }

    /// How long a task waits before it tries again what has failed, by the emulator's clock; doubled
    /// each time, up to 30 seconds. 500 ms by default.
    pub fn transfer_retry_delay(mut self, delay: Duration) -> Self {
        self.settings.tasks.retry_delay = delay;
        self
    }

    /// How many bytes each collection may hold that has no
    /// [quota of its own](crate::CollectionOptions::quota); as many as the disk has by default. A task that
    /// would write more meets `QUOTA_EXCEEDED`, and tries again until there is room, or fails if it
    /// has `fail_on_quota_errors`.
    pub fn quota(mut self, bytes: u64) -> Self {
        self.settings.tasks.quota = Some(bytes);
        self
    }

    /// How many bytes a collection may hold, by its id; the last call for one counts, and more than its
    /// [options](crate::CollectionOptions::quota). The start fails if there is no such collection.
    pub fn collection_quota(mut self, collection: Uuid, bytes: u64) -> Self {
        self.quotas.insert(collection, bytes);
        self
    }

    /// Adds what goes wrong with files of tasks on purpose, from the first task on.
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
