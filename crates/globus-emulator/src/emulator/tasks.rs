//! Slow and failing tasks in the API of the emulator.

use std::io;

use uuid::Uuid;

use super::Emulator;
use crate::task_control::{TaskFault, TaskFaultReport, TaskSettings};
use crate::transfer;

impl Emulator {
    /// The current speed of tasks and quota of collections.
    #[must_use]
    pub fn task_settings(&self) -> TaskSettings {
        self.app.task_control().settings().clone()
    }

    /// Replaces the task settings. They also apply to running tasks; [`reset`](Self::reset) restores those
    /// of the builder.
    ///
    /// # Errors
    /// If the settings are invalid: a rate of zero.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = globus_emulator::Emulator::builder().quota(1_000).start().await?;
    /// // ... a task waits for room ...
    /// let mut settings = emulator.task_settings();
    /// settings.quota = Some(1_000_000);
    /// emulator.set_task_settings(settings)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_task_settings(&self, settings: TaskSettings) -> Result<(), String> {
        self.app.task_control().change(settings)
    }

    /// Sets the quota of a collection, in bytes; `None` for the [common quota](TaskSettings::quota).
    /// Waiting tasks notice it at their next attempt.
    ///
    /// # Errors
    /// If there is no such mapped collection, or the database cannot be written.
    pub fn set_quota(&self, collection: Uuid, quota: Option<u64>) -> Result<(), io::Error> {
        let changed = transfer::set_quota(&self.app.store().lock(), collection, quota);
        match changed.map_err(io::Error::other)? {
            true => Ok(()),
            false => Err(io::Error::other(format!(
                "there is no mapped collection {collection}"
            ))),
        }
    }

    /// Adds a task fault. The report has the id to [remove](Self::remove_task_fault) it by.
    ///
    /// # Errors
    /// If the rule is invalid, or there are 1,000 rules already.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use globus_emulator::{Emulator, TaskFault, TaskFaultKind};
    ///
    /// let emulator = Emulator::builder().start().await?;
    /// let stall = TaskFault::new(TaskFaultKind::Stall).path("*.h5").after_bytes(1_000_000);
    /// let stall = emulator.inject_task_fault(stall)?;
    /// // ... a task hangs after its first megabyte ...
    /// emulator.remove_task_fault(stall.id)?;
    /// // ... and continues ...
    /// # Ok(())
    /// # }
    /// ```
    pub fn inject_task_fault(&self, fault: TaskFault) -> Result<TaskFaultReport, String> {
        self.app.task_control().faults().add(fault)
    }

    /// The active task faults, with the number of times they fired.
    #[must_use]
    pub fn task_faults(&self) -> Vec<TaskFaultReport> {
        self.app.task_control().faults().reports()
    }

    /// Removes a task fault. Tasks that it stalls continue.
    ///
    /// # Errors
    /// If there is no task fault with this id.
    pub fn remove_task_fault(&self, id: u64) -> Result<(), io::Error> {
        match self.app.task_control().faults().remove(id) {
            true => Ok(()),
            false => Err(io::Error::other(format!("there is no task fault {id}"))),
        }
    }

    /// Removes all task faults.
    pub fn clear_task_faults(&self) {
        self.app.task_control().faults().clear();
    }
}
