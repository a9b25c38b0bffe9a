//! Slow and failing tasks, from within a program.

use std::io;

use uuid::Uuid;

use super::Emulator;
use crate::task_control::{TaskFault, TaskFaultReport, TaskSettings};
use crate::transfer;

impl Emulator {
    /// How fast tasks are now, and how many bytes collections may hold.
    #[must_use]
    pub fn task_settings(&self) -> TaskSettings {
        self.app.task_control().settings().clone()
    }

    /// Has tasks be faster or slower from now on, or collections hold more or less. Tasks under way
    /// follow; [`reset`](Self::reset) goes back to the settings of the builder.
    ///
    /// # Errors
    /// If the settings make no sense: no bytes in a second.
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

    /// Gives a collection another quota, in bytes; without one, that of
    /// [all collections](TaskSettings::quota) holds. Tasks that wait for room see it when they try
    /// again.
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

    /// Has something go wrong with files of tasks on purpose, from now on; the report has the id to
    /// [remove](Self::remove_task_fault) it by.
    ///
    /// # Errors
    /// If the rule makes no sense, or there are 1,000 already.
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
    /// // ... and goes on ...
    /// # Ok(())
    /// # }
    /// ```
    pub fn inject_task_fault(&self, fault: TaskFault) -> Result<TaskFaultReport, String> {
        self.app.task_control().faults().add(fault)
    }

    /// What goes wrong with tasks, and how often it did.
    #[must_use]
    pub fn task_faults(&self) -> Vec<TaskFaultReport> {
        self.app.task_control().faults().reports()
    }

    /// Removes one; a task that it stalls goes on.
    ///
    /// # Errors
    /// If there is none of this id.
    pub fn remove_task_fault(&self, id: u64) -> Result<(), io::Error> {
        match self.app.task_control().faults().remove(id) {
            true => Ok(()),
            false => Err(io::Error::other(format!("there is no task fault {id}"))),
        }
    }

    /// Has nothing go wrong with tasks any more.
    pub fn clear_task_faults(&self) {
        self.app.task_control().faults().clear();
    }
}
