//! Task faults: which files of which tasks fail, and how.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::pattern::PathPattern;
use super::settings::duration;

/// What goes wrong with a file of a task, and how the task reacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskFaultKind {
    /// The user may not read or write the path: event `PERMISSION_DENIED`. The task retries until its
    /// deadline; at the source, `skip_source_errors` skips the path.
    ///
    /// Source: Task Behavior, Skippable Errors (documented).
    PermissionDenied,
    /// The path does not exist: event `FILE_NOT_FOUND`. A transfer reacts as to `PERMISSION_DENIED`; a
    /// delete task fails, unless it has `ignore_missing`.
    ///
    /// Source: Task Behavior, Skippable Errors (documented); for transfers, globus/globus-cli#1056,
    /// where such a task stays active. That a delete task fails is a guess.
    FileNotFound,
    /// The connection between the endpoints breaks: event `CONNECTION_RESET`, and the incomplete file is
    /// discarded. The task retries until its deadline, even with `skip_source_errors`.
    ///
    /// Source: the code is in a list that Globus posted on its developers' mailing list in April 2020. That
    /// the task retries is likely, but not documented.
    ConnectionReset,
    /// After the last byte, source and destination differ: event `VERIFY_CHECKSUM`. The file is copied
    /// again until the deadline. Only for transfers that verify checksums.
    ///
    /// Source: Task Submission, `verify_checksum` (documented); the code from the list above.
    ChecksumMismatch,
    /// The task makes no progress until the rule is removed or its [`seconds`](TaskFault::seconds) have
    /// passed. The task is `ACTIVE` with `nice_status` `OK`, and there is no event.
    ///
    /// Source: one public program that looks for tasks whose last event does not change (weak evidence).
    Stall,
}

/// The type of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskType {
    /// A transfer task.
    Transfer,
    /// A delete task.
    Delete,
}

/// A side of a task. A delete task only has a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskSide {
    /// Where files are read or deleted.
    Source,
    /// Where files are written.
    Destination,
}

/// A rule of fault injection for tasks: which files of which tasks fail, and how.
///
/// ```
/// use globus_emulator::{TaskFault, TaskFaultKind};
///
/// let secret = TaskFault::new(TaskFaultKind::PermissionDenied).path("/run7/secret/*");
/// let flaky = TaskFault::new(TaskFaultKind::ConnectionReset).after_files(10).max_fires(2);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TaskFault {
    /// What goes wrong.
    pub kind: TaskFaultKind,
    /// Only paths that match this pattern, at the source or the destination: `*`, `?` and `[a-z]` within a
    /// name, `**` for any number of names. A pattern without a slash matches the last name of a path. One
    /// that ends with a slash matches directories, any other files and links. Without a pattern, all files
    /// and links match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only paths on this collection, at the source or the destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub collection: Option<Uuid>,
    /// The side whose path and collection are compared, and at which the task gets the error. By default
    /// both, the source first. A checksum mismatch always occurs at the destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<TaskSide>,
    /// Only tasks of this type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_type: Option<TaskType>,
    /// Only after the task has transferred or deleted this many files.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after_files: u64,
    /// Not before the task has copied so many bytes, be it in the middle of a file. Those of a file that was
    /// thrown away count too, as they do in `bytes_transferred`: once a task has copied so many, the rule holds
    /// for all that it does. A file that ends with the last of them is spared, and so is a task.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after_bytes: u64,
    /// Fires at most this many times, over all tasks; unlimited by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_fires: Option<u64>,
    /// Duration of a stall, by the emulator's clock; by default, until the rule is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub seconds: Option<f64>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl TaskFault {
    /// A fault of every file of every task.
    #[must_use]
    pub const fn new(kind: TaskFaultKind) -> Self {
        Self {
            kind,
            path: None,
            collection: None,
            side: None,
            task_type: None,
            after_files: 0,
            after_bytes: 0,
            max_fires: None,
            seconds: None,
        }
    }

    /// Only paths that match this pattern; see the field `path`.
    #[must_use]
    pub fn path(mut self, pattern: impl Into<String>) -> Self {
        self.path = Some(pattern.into());
        self
    }

    /// Only paths on this collection, at the source or the destination.
    #[must_use]
    pub const fn collection(mut self, id: Uuid) -> Self {
        self.collection = Some(id);
        self
    }

    /// Only at this side of a task.
    #[must_use]
    pub const fn side(mut self, side: TaskSide) -> Self {
        self.side = Some(side);
        self
    }

    /// Only tasks of this type.
    #[must_use]
    pub const fn task_type(mut self, task_type: TaskType) -> Self {
        self.task_type = Some(task_type);
        self
    }

    /// Only after the task has transferred or deleted this many files.
    #[must_use]
    pub const fn after_files(mut self, files: u64) -> Self {
        self.after_files = files;
        self
    }

    /// Only after the task has copied this many bytes, possibly in the middle of a file.
    #[must_use]
    pub const fn after_bytes(mut self, bytes: u64) -> Self {
        self.after_bytes = bytes;
        self
    }

    /// Fires at most this many times, over all tasks.
    #[must_use]
    pub const fn max_fires(mut self, count: u64) -> Self {
        self.max_fires = Some(count);
        self
    }

    /// Sets the duration of a stall, by the emulator's clock.
    #[must_use]
    pub fn duration(mut self, time: Duration) -> Self {
        self.seconds = Some(time.as_secs_f64());
        self
    }

    pub(super) fn stall_time(&self) -> Option<Duration> {
        self.seconds.and_then(|seconds| duration(seconds).ok())
    }

    /// Validates the rule, and returns its parsed pattern.
    pub(super) fn check(&self) -> Result<Option<PathPattern>, String> {
        if self.max_fires == Some(0) {
            return Err(String::from("max_fires must be at least 1"));
        }
        if let Some(seconds) = self.seconds {
            if self.kind != TaskFaultKind::Stall {
                return Err(String::from("seconds are for the kind stall only"));
            }
            duration(seconds)?;
        }
        if self.kind == TaskFaultKind::ChecksumMismatch && self.task_type == Some(TaskType::Delete)
        {
            return Err(String::from("a delete task has no checksum_mismatch"));
        }
        self.path.as_deref().map(PathPattern::parse).transpose()
    }
}

/// A rule, with the number of times it fired.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TaskFaultReport {
    /// The id to remove it by.
    pub id: u64,
    /// The rule.
    pub fault: TaskFault,
    /// Number of times it fired.
    pub fired: u64,
}
