//! Slow and failing tasks of Transfer.
//!
//! [`TaskSettings`] set the speed of tasks and the quota of collections; a [`TaskFault`] selects files of
//! tasks and what goes wrong with them. Both can be changed while tasks run, are kept in memory only, and
//! are restored by a reset. Like the faults of requests, they are not part of snapshots.

mod active;
mod builder;
mod fault;
mod pattern;
mod settings;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use active::{ActiveTaskFaults, Decision, FileAccess, Stage};
pub use fault::{TaskFault, TaskFaultKind, TaskFaultReport, TaskSide, TaskType};
pub use settings::TaskSettings;

/// The current and the initial task settings and task faults.
pub(crate) struct TaskControl {
    settings: Mutex<TaskSettings>,
    faults: Mutex<ActiveTaskFaults>,
    initial_settings: TaskSettings,
    initial_faults: Vec<TaskFault>,
}

impl TaskControl {
    /// Validates the settings and faults.
    pub(crate) fn new(settings: TaskSettings, faults: Vec<TaskFault>) -> Result<Self, String> {
        settings.check()?;
        let active = ActiveTaskFaults::new(&faults)?;
        Ok(Self {
            settings: Mutex::new(settings.clone()),
            faults: Mutex::new(active),
            initial_settings: settings,
            initial_faults: faults,
        })
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, TaskSettings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the settings, if they are valid.
    pub(crate) fn change(&self, settings: TaskSettings) -> Result<(), String> {
        settings.check()?;
        *self.settings() = settings;
        Ok(())
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, ActiveTaskFaults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Restores the initial settings and faults. The faults get new ids, so that an old id never removes a
    /// new rule.
    pub(crate) fn reset(&self) {
        *self.settings() = self.initial_settings.clone();
        // Held until all are added, so that no task sees only some of them.
        let mut faults = self.faults();
        faults.clear();
        for fault in &self.initial_faults {
            // Valid, since they were accepted at the start.
            let _ = faults.add(fault.clone());
        }
    }
}
