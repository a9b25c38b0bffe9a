//! The progress of a task.

use serde::{Deserialize, Serialize};

/// The counters of a task document that grow while the task runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::transfer) struct Counters {
    pub(in crate::transfer) files: u64,
    pub(in crate::transfer) directories: u64,
    pub(in crate::transfer) symlinks: u64,
    pub(in crate::transfer) files_skipped: u64,
    pub(in crate::transfer) files_transferred: u64,
    pub(in crate::transfer) bytes_transferred: u64,
    pub(in crate::transfer) bytes_checksummed: u64,
    pub(in crate::transfer) subtasks_succeeded: u64,
    pub(in crate::transfer) subtasks_retrying: u64,
    pub(in crate::transfer) subtasks_skipped_errors: u64,
    pub(in crate::transfer) faults: u64,
}

impl Counters {
    /// Each entry is a subtask, and so are the start and the end of the task.
    pub(in crate::transfer) fn subtasks_total(&self) -> u64 {
        self.files
            + self.directories
            + self.symlinks
            + self.subtasks_retrying
            + self.subtasks_skipped_errors
            + 1
    }

    /// Subtasks that are neither finished nor skipped.
    pub(in crate::transfer) fn subtasks_left(&self) -> u64 {
        self.subtasks_total().saturating_sub(
            self.subtasks_succeeded + self.subtasks_retrying + self.subtasks_skipped_errors,
        )
    }

    /// After a restart, a task counts from zero again, but must never show less progress than before.
    pub(in crate::transfer) fn at_least(self, before: &Self) -> Self {
        Self {
            files: self.files.max(before.files),
            directories: self.directories.max(before.directories),
            symlinks: self.symlinks.max(before.symlinks),
            files_skipped: self.files_skipped.max(before.files_skipped),
            files_transferred: self.files_transferred.max(before.files_transferred),
            bytes_transferred: self.bytes_transferred.max(before.bytes_transferred),
            bytes_checksummed: self.bytes_checksummed.max(before.bytes_checksummed),
            subtasks_succeeded: self.subtasks_succeeded.max(before.subtasks_succeeded),
            // Not a counter, but the current number of paths that wait for the next attempt.
            subtasks_retrying: self.subtasks_retrying,
            subtasks_skipped_errors: self
                .subtasks_skipped_errors
                .max(before.subtasks_skipped_errors),
            faults: self.faults.max(before.faults),
        }
    }
}
