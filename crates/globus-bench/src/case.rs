//! What is measured, and what is promised of it.

use crate::documents;

/// One kind of work.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Case {
    GetTask,
    TaskList,
    OperationLs,
    Walk,
    Submit,
    Identities,
}

impl Case {
    pub(crate) const ALL: [Self; 6] = [
        Self::GetTask,
        Self::TaskList,
        Self::OperationLs,
        Self::Walk,
        Self::Submit,
        Self::Identities,
    ];

    pub(crate) fn named(name: &str) -> Self {
        let found = Self::ALL.into_iter().find(|case| case.name() == name);
        found.unwrap_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            panic!("there is no case `{name}`, only {names}")
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GetTask => "get_task",
            Self::TaskList => "task_list",
            Self::OperationLs => "operation_ls",
            Self::Walk => "walk",
            Self::Submit => "submit_transfer",
            Self::Identities => "identity_map",
        }
    }

    /// What is done, so many times or with so many.
    pub(crate) fn what(self, size: usize) -> String {
        match self {
            Self::GetTask => format!("`get_task`, {size} calls one after the other"),
            Self::TaskList => format!("`task_list`, {size} tasks, {PAGE} a page"),
            Self::OperationLs => format!("`operation_ls`, {size} entries in one answer"),
            Self::Walk => {
                format!("recursive `ls`, {size} folders at 20 ms each, {IN_FLIGHT} in flight")
            }
            Self::Submit => format!("`submit_transfer`, {size} items built and sent"),
            Self::Identities => format!("`IdentityMap`, {size} ids"),
        }
    }

    pub(crate) fn size(self) -> usize {
        match self {
            Self::GetTask => 3000,
            Self::Walk => 2001,
            Self::Identities => 10_000,
            _ => 100_000,
        }
    }

    /// What the work counts to when nothing is missing.
    pub(crate) fn expected(self, size: usize) -> usize {
        match self {
            Self::Walk => documents::entries_below(size),
            _ => size,
        }
    }

    /// How many times the floor's time of the processor it may be.
    pub(crate) fn at_most(self) -> f64 {
        match self {
            Self::GetTask | Self::TaskList | Self::Walk => 1.10,
            Self::OperationLs => 1.05,
            Self::Submit | Self::Identities => 1.15,
        }
    }

    /// How much memory the SDK's process may have had at its peak, in KiB.
    pub(crate) fn peak_below(self) -> Option<u64> {
        (self == Self::TaskList).then_some(16 * 1024)
    }

    /// Whether what counts is the wait and not the work.
    pub(crate) fn is_waiting(self) -> bool {
        self == Self::Walk
    }
}

/// How many tasks a page has.
pub(crate) const PAGE: usize = 1000;
/// How many listings a walk has under way.
pub(crate) const IN_FLIGHT: usize = 32;
/// How many ids one question about identities has.
pub(crate) const BATCH: usize = 100;
/// How many of these questions are under way.
pub(crate) const BATCHES: usize = 4;
