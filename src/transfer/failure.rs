//! Why a task failed, as part of the error.

use crate::error::{Error, ErrorKind, TEXT_LIMIT, one_line};
use crate::generated::transfer::types::{Event, EventCode, Task};
use std::fmt;

/// How many events an error message shows.
const TOLD: usize = 3;
/// How much of an event's details an error message shows.
const SHOWN: usize = 160;

/// A task that failed while it was waited for.
///
/// ```no_run
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// if let Err(error) = transfer.wait(id).await {
///     for failure in error.task_failures() {
///         println!("{:?}: {} files arrived", failure.task.label, failure.task.files_transferred);
///         for event in &failure.last_events {
///             println!("{:?} {}", event.time, event.code);
///         }
///     }
///     return Err(error);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TaskFailure {
    /// The task, with its `fatal_error`.
    pub task: Task,
    /// The latest events, newest first. Empty when they could not be fetched, and after waiting for
    /// many tasks: use `task_event_list`.
    pub last_events: Vec<Event>,
}

impl TaskFailure {
    /// The reason in short, starting with a colon.
    pub(super) fn why(&self) -> String {
        let task = &self.task;
        let mut why = String::new();
        if let Some(error) = &task.fatal_error {
            let words = [
                error.code.as_ref().map(EventCode::as_str),
                error.description.as_deref(),
            ];
            for word in words.into_iter().flatten() {
                why += ": ";
                why += &one_line(word, TEXT_LIMIT);
            }
        }
        if let Some(side) = &task.canceled_by_admin {
            why += &format!(", by a manager ({side})");
            if let Some(words) = &task.canceled_by_admin_message {
                why += &format!(": {}", one_line(words, TEXT_LIMIT));
            }
        }
        why
    }
}

impl fmt::Display for TaskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {} failed{}", self.task.task_id, self.why())?;
        if self.last_events.is_empty() {
            return f.write_str("; see its events (task_event_list)");
        }
        f.write_str("; last events: ")?;
        for (i, event) in self.last_events.iter().take(TOLD).enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            write!(f, "{comma}{}", Said(event))?;
        }
        Ok(())
    }
}

impl From<TaskFailure> for Error {
    fn from(failure: TaskFailure) -> Self {
        Self::new(ErrorKind::TaskFailed, failure.to_string()).with_detail(vec![failure])
    }
}

impl Error {
    /// The failed tasks of an error of kind `TaskFailed` in Transfer; otherwise empty.
    pub fn task_failures(&self) -> &[TaskFailure] {
        self.detail::<Vec<TaskFailure>>().map_or(&[], Vec::as_slice)
    }
}

/// An event in one line.
pub(super) struct Said<'e>(pub(super) &'e Event);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Event { code, time, .. } = self.0;
        write!(f, "{code}")?;
        if let Some(time) = time {
            write!(f, " at {time}")?;
        }
        let details = self.0.details.as_deref().unwrap_or_default();
        let line: Vec<&str> = details.split_whitespace().collect();
        let line = line.join(" ");
        match line.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", one_line(&line, SHOWN)),
        }
    }
}
