//! Tasks of Transfer that are slow, or that fail, on purpose.
//!
//! [`TaskSettings`] say how fast tasks are and how much collections hold; a [`TaskFault`] picks
//! files of tasks and says what goes wrong with them. Both can be changed while tasks run, are in
//! memory only, and are set back by a reset to what the builder or the command line said. As the
//! faults of requests, they are not part of a snapshot.

mod active;
mod builder;
mod fault;
mod pattern;
mod settings;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use active::{ActiveTaskFaults, Decision, FileAccess, Stage};
pub use fault::{TaskFault, TaskFaultKind, TaskFaultReport, TaskSide, TaskType};
pub use settings::TaskSettings;

/// The settings and faults of tasks as they are now, and as they were at the beginning.
pub(crate) struct TaskControl {
    settings: Mutex<TaskSettings>,
    faults: Mutex<ActiveTaskFaults>,
    initial_settings: TaskSettings,
    initial_faults: Vec<TaskFault>,
}

impl TaskControl {
    /// Why it cannot be made: a setting or a fault that makes no sense.
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

    /// Takes over other settings, if they make sense.
    pub(crate) fn change(&self, settings: TaskSettings) -> Result<(), String> {
        settings.check()?;
        *self.settings() = settings;
        Ok(())
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, ActiveTaskFaults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to the beginning, with new ids for the faults, so that nobody removes one by an old id.
    pub(crate) fn reset(&self) {
        *self.settings() = self.initial_settings.clone();
        let mut faults = self.faults();
        faults.clear();
        for fault in &self.initial_faults {
            // They were good at the start.
            let _ = faults.add(fault.clone());
        }
    }
}
