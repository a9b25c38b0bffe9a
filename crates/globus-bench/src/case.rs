//! What is measured, and what is promised of it.

use crate::documents;

/// One kind of work.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Case {
    GetTask,
    /// One unbroken stream: of the lists of tasks, this one has no limit of the service's. Its tasks
    /// have 13 fields more than the floor's.
    TaskList,
    OperationLs,
    /// The same, with a field in each entry that nobody documented.
    UndocumentedField,
    Walk,
    Submit,
    Identities,
    /// A walk that nothing holds up, for growth.
    QuickWalk,
    /// `ingest_all`, for growth.
    Ingest,
}

impl Case {
    pub(crate) const TABLE: [Self; 7] = [
        Self::GetTask,
        Self::TaskList,
        Self::OperationLs,
        Self::UndocumentedField,
        Self::Walk,
        Self::Submit,
        Self::Identities,
    ];
    pub(crate) const GROWING: [Self; 2] = [Self::QuickWalk, Self::Ingest];

    pub(crate) fn named(name: &str) -> Self {
        let mut all = Self::TABLE.into_iter().chain(Self::GROWING);
        all.find(|case| case.name() == name).unwrap_or_else(|| {
            let names = Self::TABLE.map(Self::name).join(", ");
            panic!("there is no case `{name}`, only {names}")
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::GetTask => "get_task",
            Self::TaskList => "task_list",
            Self::OperationLs => "operation_ls",
            Self::UndocumentedField => "operation_ls_extra",
            Self::Walk => "walk",
            Self::Submit => "submit_transfer",
            Self::Identities => "identity_map",
            Self::QuickWalk => "quick_walk",
            Self::Ingest => "ingest_all",
        }
    }

    /// What is done, so many times or with so many.
    pub(crate) fn what(self, size: usize) -> String {
        match self {
            Self::GetTask => format!("`get_task`, {size} calls one after the other"),
            Self::TaskList => {
                format!("`endpoint_manager_task_list`, {size} tasks, {PAGE} a page")
            }
            Self::OperationLs => format!("`operation_ls`, {size} entries in one answer"),
            Self::UndocumentedField => {
                format!("the same, with an undocumented field in each of {size}")
            }
            Self::Walk => {
                format!("recursive `ls`, {size} folders at 20 ms each, {IN_FLIGHT} in flight")
            }
            Self::Submit => format!("`submit_transfer`, {size} items built and sent"),
            Self::Identities => format!("`IdentityMap`, {size} ids"),
            Self::QuickWalk => format!("recursive `ls`, {size} entries"),
            Self::Ingest => format!("`ingest_all`, {size} entries"),
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

    /// Two sizes whose difference is counted in instructions, and what one of it is.
    pub(crate) fn counted(self) -> (usize, usize, &'static str) {
        match self {
            Self::GetTask => (10, 510, "a call"),
            Self::TaskList => (1_000, 4_000, "a task"),
            Self::Walk => (101, 1_101, "a folder"),
            Self::Submit => (1_000, 11_000, "an item"),
            Self::Identities => (1_000, 4_000, "an id"),
            _ => (1_000, 11_000, "an entry"),
        }
    }

    /// What the work counts to when nothing is missing.
    pub(crate) fn expected(self, size: usize) -> usize {
        match self {
            Self::Walk => documents::entries_below(size),
            Self::QuickWalk => documents::entries_below(documents::folders_of(size)),
            _ => size,
        }
    }

    /// How many times the floor's time it may be: the processor's, and the clock's where there is much
    /// waiting.
    pub(crate) fn at_most(self) -> f64 {
        match self {
            Self::OperationLs => 0.80,
            Self::UndocumentedField => 1.05,
            Self::Submit | Self::Identities => 1.15,
            _ => 1.10,
        }
    }

    /// How much memory the SDK's process may have had at its peak, in KiB.
    pub(crate) fn peak_below(self) -> Option<u64> {
        (self == Self::TaskList).then_some(16 * 1024)
    }

    /// Whether it is more waiting than work.
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
