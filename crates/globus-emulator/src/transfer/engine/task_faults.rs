//! Task faults in running tasks, and the errors that they cause.
//!
//! Rules are evaluated before each path, before each chunk of a file, and when checksums are compared.
//! Injected errors are then handled like the same errors of a real disk.

use super::CHECK_INTERVAL;
use super::interrupt::{Fault, Interrupt, Side};
use super::job::Job;
use crate::task_control::{Decision, FileAccess, Stage, TaskFaultKind, TaskSide};
use crate::transfer::files::CollectionPath;
use crate::transfer::tasks::events::Code;

/// A path that a task is processing.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub(super) source: &'a CollectionPath,
    /// `None` for a delete task.
    pub(super) destination: Option<&'a CollectionPath>,
    pub(super) is_directory: bool,
}

impl Job {
    /// Applies the faults that are due at a path: returns errors and waits for stalls. The result is the
    /// number of bytes until the next fault, if any.
    pub(super) fn check_faults(
        &mut self,
        target: Target<'_>,
        stage: Stage,
    ) -> Result<Option<u64>, Interrupt> {
        if stage == Stage::Begin {
            self.passed_stalls.clear();
        }
        loop {
            let (id, kind, side, time) = match self.evaluate_faults(target, stage) {
                Decision::Continue(bytes) => return Ok(bytes),
                Decision::Fail {
                    id,
                    kind,
                    side,
                    time,
                } => (id, kind, side, time),
            };
            if let Some(fault) = to_error(kind, side, target) {
                return Err(fault.into());
            }
            // A stall ends when its time is over or its rule is removed. Without this note, a timed one
            // would fire again at once.
            self.passed_stalls.push(id);
            let end = time.map(|time| super::later(self.now(), time));
            self.wait_for_stall(|job| {
                let is_over = end.is_some_and(|end| job.now() >= end);
                is_over || !job.app.task_control().faults().contains(id)
            })?;
        }
    }

    fn evaluate_faults(&self, target: Target<'_>, stage: Stage) -> Decision {
        let mut faults = self.app.task_control().faults();
        // The common case, which must not cost the formatting of paths.
        if faults.is_empty() {
            return Decision::Continue(None);
        }
        let source = target.source.to_string();
        let destination = target.destination.map(ToString::to_string);
        faults.decide(&FileAccess {
            task_type: self.task_type,
            source: (self.source, &source),
            destination: destination.as_deref().map(|path| (self.destination, path)),
            is_directory: target.is_directory,
            stage,
            files: self.files_done(),
            bytes: self.counters.bytes_transferred,
            passed_stalls: &self.passed_stalls,
        })
    }

    /// Waits until the stall is over, without events: the last event of a stalled task does not change.
    fn wait_for_stall(&mut self, is_over: impl Fn(&Self) -> bool) -> Result<(), Interrupt> {
        self.is_stalled = true;
        let outcome = loop {
            if is_over(self) {
                break Ok(());
            }
            std::thread::sleep(CHECK_INTERVAL);
            if let Err(interrupt) = self.checkpoint() {
                break Err(interrupt);
            }
        };
        self.is_stalled = false;
        // Otherwise the time of the stall would count as unused capacity, and the task would catch up at
        // full speed.
        self.throttle.restart();
        outcome
    }
}

/// The error of a fault; `None` for a stall.
fn to_error(kind: TaskFaultKind, side: TaskSide, target: Target<'_>) -> Option<Fault> {
    let (code, message) = match kind {
        TaskFaultKind::PermissionDenied => (Code::PermissionDenied, "Path not allowed"),
        TaskFaultKind::FileNotFound => (Code::FileNotFound, "No such file or directory"),
        TaskFaultKind::ConnectionReset => (Code::ConnectionReset, "Connection reset by peer"),
        TaskFaultKind::ChecksumMismatch => (
            Code::VerifyChecksum,
            "The checksums of source and destination differ",
        ),
        TaskFaultKind::Stall => return None,
    };
    // A wrong checksum is detected at the destination.
    let is_at_destination =
        side == TaskSide::Destination || kind == TaskFaultKind::ChecksumMismatch;
    let (side, path) = match target.destination {
        Some(destination) if is_at_destination => (Side::Destination, destination),
        _ => (Side::Source, target.source),
    };
    Some(Fault::new(code, side, path, message))
}
