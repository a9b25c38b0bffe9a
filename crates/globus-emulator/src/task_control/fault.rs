//! The rules: which files of which tasks go wrong, and how.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::pattern::PathPattern;
use super::settings::duration;

/// What goes wrong with a file of a task, and what the task makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskFaultKind {
    /// The user may not read or write the path: event `PERMISSION_DENIED`. Tried again until the
    /// deadline; at the source, `skip_source_errors` leaves the path out.
    ///
    /// Source: Task Behavior, Skippable Errors (documented).
    PermissionDenied,
    /// There is nothing at the path: event `FILE_NOT_FOUND`. Treated as `PERMISSION_DENIED` is by a
    /// transfer; a delete task fails, unless it has `ignore_missing`.
    ///
    /// Source: Task Behavior, Skippable Errors (documented); for transfers, globus/globus-cli#1056,
    /// where such a task stays active. That a delete task fails is a guess.
    FileNotFound,
    /// The connection of the endpoints breaks: event `CONNECTION_RESET`, and what there was of the
    /// file is thrown away. Tried again until the deadline, whatever `skip_source_errors` says.
    ///
    /// Source: the code is in the list that Globus gave on its developers' mailing list in April
    /// 2020. That it is tried again is likely, and nowhere documented.
    ConnectionReset,
    /// After the last byte, source and destination differ: event `VERIFY_CHECKSUM`. The file is
    /// copied again until the deadline. Happens only to transfers that verify checksums.
    ///
    /// Source: Task Submission, `verify_checksum` (documented); the code from the list above.
    ChecksumMismatch,
    /// Nothing moves any more, until the rule is removed or its [`seconds`](TaskFault::seconds) are
    /// over. The task is `ACTIVE` with `nice_status` `OK`, and no event is written.
    ///
    /// Source: one public program that watches for tasks whose last event stays the same (weak).
    Stall,
}

/// A kind of task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskType {
    /// A transfer task.
    Transfer,
    /// A delete task.
    Delete,
}

/// An end of a task. A delete task has only a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaskSide {
    /// Where files are read, or deleted.
    Source,
    /// Where files are written.
    Destination,
}

/// Which files of which tasks go wrong, and how.
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
    /// Only paths like this, at the source or the destination: `*`, `?` and `[a-z]` within a name,
    /// `**` for any number of names. One without a slash is compared with the last name of a path;
    /// one that ends with a slash is about directories, and any other about files and links.
    /// Without a path, all files and links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only where this collection is, at the source or the destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub collection: Option<Uuid>,
    /// The end whose path and collection are compared, and where the task meets the error. Either
    /// unless it is given, the source first. A checksum mismatch is always met at the destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<TaskSide>,
    /// Only tasks of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_type: Option<TaskType>,
    /// Not before the task has transferred, or deleted, so many files.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after_files: u64,
    /// Not before the task has copied so many bytes, be it in the middle of a file.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub after_bytes: u64,
    /// At most so many times, over all tasks; for ever unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_fires: Option<u64>,
    /// How long a stall lasts, by the emulator's clock; until the rule is removed unless it is given.
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
    /// A fault of every file of every task, for ever.
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

    /// Only paths like this; see [`path`](Self::path#structfield.path).
    #[must_use]
    pub fn path(mut self, pattern: impl Into<String>) -> Self {
        self.path = Some(pattern.into());
        self
    }

    /// Only where this collection is, at the source or the destination.
    #[must_use]
    pub const fn collection(mut self, id: Uuid) -> Self {
        self.collection = Some(id);
        self
    }

    /// Only at this end of a task.
    #[must_use]
    pub const fn side(mut self, side: TaskSide) -> Self {
        self.side = Some(side);
        self
    }

    /// Only tasks of this kind.
    #[must_use]
    pub const fn task_type(mut self, task_type: TaskType) -> Self {
        self.task_type = Some(task_type);
        self
    }

    /// Not before the task has transferred, or deleted, so many files.
    #[must_use]
    pub const fn after_files(mut self, files: u64) -> Self {
        self.after_files = files;
        self
    }

    /// Not before the task has copied so many bytes, be it in the middle of a file.
    #[must_use]
    pub const fn after_bytes(mut self, bytes: u64) -> Self {
        self.after_bytes = bytes;
        self
    }

    /// At most so many times, over all tasks.
    #[must_use]
    pub const fn max_fires(mut self, count: u64) -> Self {
        self.max_fires = Some(count);
        self
    }

    /// How long a stall lasts, by the emulator's clock.
    #[must_use]
    pub fn duration(mut self, time: Duration) -> Self {
        self.seconds = Some(time.as_secs_f64());
        self
    }

    pub(super) fn stall_time(&self) -> Option<Duration> {
        self.seconds.and_then(|seconds| duration(seconds).ok())
    }

    /// What makes no sense in it; otherwise its pattern.
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

/// A fault, and how often it happened.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct TaskFaultReport {
    /// What it is removed by.
    pub id: u64,
    /// The rule.
    pub fault: TaskFault,
    /// How often it happened.
    pub fired: u64,
}
