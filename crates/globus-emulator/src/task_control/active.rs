//! The active task faults, and how often each has fired.

use std::time::Duration;

use uuid::Uuid;

use super::fault::{TaskFault, TaskFaultKind, TaskFaultReport, TaskSide, TaskType};
use super::pattern::PathPattern;

/// Maximum number of rules; each of them is evaluated for every file.
const MAX_RULES: usize = 1_000;

/// The active rules, in the order they were added.
#[derive(Default)]
pub(crate) struct ActiveTaskFaults {
    last_id: u64,
    active: Vec<ActiveTaskFault>,
}

struct ActiveTaskFault {
    report: TaskFaultReport,
    pattern: Option<PathPattern>,
}

/// What a task does next with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Start with it.
    Begin,
    /// Copy bytes.
    Data,
    /// Compare checksums, after all bytes were copied.
    Verify,
}

/// What a task is about to do with a path: the input of a rule.
pub(crate) struct FileAccess<'a> {
    pub(crate) task_type: TaskType,
    pub(crate) source: (Option<Uuid>, &'a str),
    pub(crate) destination: Option<(Option<Uuid>, &'a str)>,
    pub(crate) is_directory: bool,
    pub(crate) stage: Stage,
    /// Number of files that the task has transferred or deleted.
    pub(crate) files: u64,
    /// Number of bytes that it has copied.
    pub(crate) bytes: u64,
    /// Ids of the stalls that are over at this path; they do not fire again.
    pub(crate) passed_stalls: &'a [u64],
}

/// The outcome of evaluating all rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Decision {
    /// Continue. With a number, evaluate again after that many bytes.
    Continue(Option<u64>),
    /// A rule fires.
    Fail {
        id: u64,
        kind: TaskFaultKind,
        side: TaskSide,
        /// Duration of a stall.
        time: Option<Duration>,
    },
}

impl ActiveTaskFaults {
    pub(super) fn new(faults: &[TaskFault]) -> Result<Self, String> {
        let mut active = Self::default();
        for (number, fault) in (1..).zip(faults) {
            let added = active.add(fault.clone());
            added.map_err(|error| format!("task fault {number}: {error}"))?;
        }
        Ok(active)
    }

    /// Adds a rule if it is valid, and returns its report with the id.
    pub(crate) fn add(&mut self, fault: TaskFault) -> Result<TaskFaultReport, String> {
        let pattern = fault.check()?;
        if self.active.len() >= MAX_RULES {
            return Err(format!(
                "there are {MAX_RULES} task faults already; remove one"
            ));
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

    /// Removes a rule, and returns whether it existed.
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

    /// Evaluates the rules for a path; the first that is due fires.
    pub(crate) fn decide(&mut self, access: &FileAccess<'_>) -> Decision {
        let mut left: Option<u64> = None;
        for one in &mut self.active {
            let Some(side) = one.find_side(access) else {
                continue;
            };
            let fault = &one.report.fault;
            match fault.after_bytes.saturating_sub(access.bytes) {
                0 => {
                    one.report.fired += 1;
                    return Decision::Fail {
                        id: one.report.id,
                        kind: fault.kind,
                        side,
                        time: fault.stall_time(),
                    };
                }
                // The nearest of all pending faults: the caller copies exactly up to it, so that
                // `after_bytes` is exact.
                bytes => left = Some(left.map_or(bytes, |left| left.min(bytes))),
            }
        }
        Decision::Continue(left)
    }
}

impl ActiveTaskFault {
    /// The side at which the rule matches, leaving `after_bytes` aside.
    fn find_side(&self, access: &FileAccess<'_>) -> Option<TaskSide> {
        let TaskFaultReport { id, fault, fired } = &self.report;
        let is_checksum = fault.kind == TaskFaultKind::ChecksumMismatch;
        let fits = is_checksum == (access.stage == Stage::Verify)
            && fault
                .task_type
                .is_none_or(|wanted| wanted == access.task_type)
            && fault.max_fires.is_none_or(|times| *fired < times)
            && fault.after_files <= access.files
            && !access.passed_stalls.contains(id);
        if !fits {
            return None;
        }
        [TaskSide::Source, TaskSide::Destination]
            .into_iter()
            .filter(|side| fault.side.is_none_or(|wanted| wanted == *side))
            .find(|side| self.matches_side(*side, access))
    }

    fn matches_side(&self, side: TaskSide, access: &FileAccess<'_>) -> bool {
        let end = match side {
            TaskSide::Source => Some(access.source),
            TaskSide::Destination => access.destination,
        };
        let Some((collection, path)) = end else {
            return false;
        };
        let wanted = self.report.fault.collection;
        let is_there = wanted.is_none_or(|wanted| collection == Some(wanted));
        is_there
            && match &self.pattern {
                Some(pattern) => pattern.matches(path, access.is_directory),
                None => !access.is_directory,
            }
    }
}
