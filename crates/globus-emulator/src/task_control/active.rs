//! The rules at work, and how often each happened.

use std::time::Duration;

use uuid::Uuid;

use super::fault::{TaskFault, TaskFaultKind, TaskFaultReport, TaskSide, TaskType};
use super::pattern::PathPattern;

/// Most rules at a time: each is looked at for every file.
const MOST: usize = 1_000;

/// The rules at work, in the order they were added.
#[derive(Default)]
pub(crate) struct ActiveTaskFaults {
    last_id: u64,
    active: Vec<ActiveTaskFault>,
}

struct ActiveTaskFault {
    report: TaskFaultReport,
    pattern: Option<PathPattern>,
}

/// How far a task is with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing was done with it yet.
    Begin,
    /// There are bytes of it to be copied.
    Data,
    /// It is copied, and its checksum is compared.
    Verify,
}

/// A path that a task is at, as far as a rule looks at it.
pub(crate) struct Occasion<'a> {
    pub(crate) task_type: TaskType,
    pub(crate) source: (Option<Uuid>, &'a str),
    pub(crate) destination: Option<(Option<Uuid>, &'a str)>,
    pub(crate) is_directory: bool,
    pub(crate) stage: Stage,
    /// How many files the task has done.
    pub(crate) files: u64,
    /// How many bytes it has copied.
    pub(crate) bytes: u64,
    /// The rules that it has sat out already at this path.
    pub(crate) passed: &'a [u64],
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Decision {
    /// It goes on, and is to be asked about again after so many bytes, if a number is given.
    Continue(Option<u64>),
    /// A rule is met.
    Fail {
        id: u64,
        kind: TaskFaultKind,
        side: TaskSide,
        /// How long a stall lasts.
        time: Option<Duration>,
    },
}

impl ActiveTaskFaults {
    pub(super) fn of(faults: &[TaskFault]) -> Result<Self, String> {
        let mut active = Self::default();
        for (number, fault) in (1..).zip(faults) {
            let added = active.add(fault.clone());
            added.map_err(|error| format!("task fault {number}: {error}"))?;
        }
        Ok(active)
    }

    /// Adds a rule, if it makes sense; tells its id.
    pub(crate) fn add(&mut self, fault: TaskFault) -> Result<TaskFaultReport, String> {
        let pattern = fault.check()?;
        if self.active.len() >= MOST {
            return Err(format!("there are {MOST} task faults already; remove one"));
        }
        self.last_id += 1;
        let report = TaskFaultReport {
            id: self.last_id,
            fault,
            fired: 0,
        };
        self.active.push(ActiveTaskFault {
            report: report.clone(),
            pattern,
        });
        Ok(report)
    }

    /// Removes a rule; tells whether there was one.
    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.active.len();
        self.active.retain(|one| one.report.id != id);
        self.active.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.active.is_empty()
    }

    pub(crate) fn contains(&self, id: u64) -> bool {
        self.active.iter().any(|one| one.report.id == id)
    }

    pub(crate) fn reports(&self) -> Vec<TaskFaultReport> {
        self.active.iter().map(|one| one.report.clone()).collect()
    }

    /// What becomes of a path: the first rule that is due happens.
    pub(crate) fn decide(&mut self, at: &Occasion<'_>) -> Decision {
        let mut left: Option<u64> = None;
        for one in &mut self.active {
            let Some(side) = one.fits(at) else {
                continue;
            };
            let fault = &one.report.fault;
            match fault.after_bytes.saturating_sub(at.bytes) {
                0 => {
                    one.report.fired += 1;
                    return Decision::Fail {
                        id: one.report.id,
                        kind: fault.kind,
                        side,
                        time: fault.stall_time(),
                    };
                }
                bytes => left = Some(left.map_or(bytes, |left| left.min(bytes))),
            }
        }
        Decision::Continue(left)
    }
}

impl ActiveTaskFault {
    /// The side at which it is met, if it is but for the bytes.
    fn fits(&self, at: &Occasion<'_>) -> Option<TaskSide> {
        let TaskFaultReport { id, fault, fired } = &self.report;
        let is_checksum = fault.kind == TaskFaultKind::ChecksumMismatch;
        let fits = is_checksum == (at.stage == Stage::Verify)
            && fault.task_type.is_none_or(|wanted| wanted == at.task_type)
            && fault.max_fires.is_none_or(|times| *fired < times)
            && fault.after_files <= at.files
            && !at.passed.contains(id);
        if !fits {
            return None;
        }
        [TaskSide::Source, TaskSide::Destination]
            .into_iter()
            .filter(|side| fault.side.is_none_or(|wanted| wanted == *side))
            .find(|side| self.is_about(*side, at))
    }

    fn is_about(&self, side: TaskSide, at: &Occasion<'_>) -> bool {
        let end = match side {
            TaskSide::Source => Some(at.source),
            TaskSide::Destination => at.destination,
        };
        let Some((collection, path)) = end else {
            return false;
        };
        let wanted = self.report.fault.collection;
        let is_there = wanted.is_none_or(|wanted| collection == Some(wanted));
        is_there
            && match &self.pattern {
                Some(pattern) => pattern.matches(path, at.is_directory),
                None => !at.is_directory,
            }
    }
}
