//! A task's progress: how far, how fast, how long it will take, and why it is stalled.

use super::failure::{Said, TaskFailure};
use super::transfer_rate::Rates;
use crate::error::{Result, TEXT_LIMIT, one_line};
use crate::generated::transfer::Client;
use crate::generated::transfer::builders::TaskEventList;
use crate::generated::transfer::types::{
    Event, NiceStatus, PauseInfoLimited, Task, TaskStatus, TaskType,
};
use crate::transport::{BoxFuture, Clock, RetryPolicy};
use crate::types::Uuid;
use crate::wait::Condition;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How many of a task's latest events are fetched.
const EVENTS: i64 = 5;

/// The state of a task while waiting for it.
///
/// `Display` is one line for users.
///
/// ```no_run
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// // ACTIVE: 5 of 9 files, 1.2 GB, 35.0 MB/s, about 1 min left
/// let task = transfer.wait(id).on_progress(|progress| eprint!("\r{progress}")).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// The task.
    pub task: Task,
    /// The current rate in bytes per second: over the last minute, or between the last two polls if
    /// they are further apart. `None` at the first poll.
    pub bytes_per_second: Option<f64>,
    /// The current rate in files per second.
    pub files_per_second: Option<f64>,
    /// The estimated remaining time at this rate. Known while the task makes progress and finds no
    /// new files; a rough estimate, since files differ in size.
    pub eta: Option<Duration>,
    /// Why it makes no progress, if it makes none.
    pub stall_reason: Option<StallReason>,
    /// The latest events, newest first, while the task is stalled by errors and once it has failed;
    /// otherwise empty.
    pub last_events: Vec<Event>,
}

/// Why a task makes no progress. Waiting continues regardless: most causes pass, or can be fixed in
/// the meantime.
///
/// ```no_run
/// use globus_sdk::transfer::StallReason;
///
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let mut states = transfer.wait(id).stream();
/// while let Some(progress) = states.next().await {
///     match progress?.stall_reason {
///         Some(StallReason::Paused(Some(info))) => println!("paused by {} rules", info.pause_rules.len()),
///         Some(stall_reason) => println!("{stall_reason}"),
///         None => {}
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StallReason {
    /// Paused by the managers of a collection; with the pause rules and messages, if they could be
    /// fetched.
    Paused(Option<PauseInfoLimited>),
    /// It waits for new credentials of its owner.
    Inactive,
    /// It encounters errors, and retries until its deadline.
    Retrying {
        /// The code of a recent error.
        status: NiceStatus,
        /// The total number of errors.
        faults: i64,
        /// The latest event.
        last_event: Option<Event>,
    },
}

impl StallReason {
    /// Derived from the task document alone.
    pub(super) fn from_task(task: &Task) -> Option<Self> {
        if is_over(task) {
            return None;
        }
        let paused = task.nice_status == Some(NiceStatus::PausedByAdmin);
        if task.is_paused == Some(true) || paused {
            return Some(Self::Paused(None));
        }
        if task.status == TaskStatus::Inactive {
            return Some(Self::Inactive);
        }
        let status = task.nice_status.clone()?;
        let fine = match &status {
            NiceStatus::Ok | NiceStatus::Active | NiceStatus::Queued => true,
            // in any case: a queued task is not stalled
            NiceStatus::Other(word) => word.eq_ignore_ascii_case("queued"),
            _ => false,
        };
        (!fine && task.is_ok != Some(true)).then_some(Self::Retrying {
            status,
            faults: task.faults.unwrap_or_default(),
            last_event: None,
        })
    }

    /// Adds what the task document does not contain.
    fn with_details(self, details: &Details) -> Self {
        match self {
            Self::Paused(_) => Self::Paused(details.pause.clone()),
            Self::Inactive => Self::Inactive,
            Self::Retrying { status, faults, .. } => Self::Retrying {
                status,
                faults,
                last_event: details.events.first().cloned(),
            },
        }
    }
}

impl fmt::Display for StallReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paused(None) => f.write_str("it is paused; task_pause_info says by whom"),
            Self::Paused(Some(info)) => {
                f.write_str("it is paused")?;
                let rules = info.pause_rules.iter().filter_map(|r| r.message.as_deref());
                let words = [
                    &info.source_pause_message,
                    &info.destination_pause_message,
                    &info.source_pause_message_share,
                    &info.destination_pause_message_share,
                ];
                let words = words.into_iter().filter_map(Option::as_deref);
                // both sides may have been paused with the same message
                let mut said = Vec::new();
                for message in rules.chain(words) {
                    if !message.is_empty() && !said.contains(&message) {
                        said.push(message);
                    }
                }
                if !said.is_empty() {
                    write!(f, ": {}", one_line(&said.join("; "), TEXT_LIMIT))?;
                }
                Ok(())
            }
            Self::Inactive => {
                f.write_str("it waits for new credentials; log in again to continue it")
            }
            Self::Retrying {
                status,
                faults,
                last_event,
            } => {
                let noun = if *faults == 1 { "error" } else { "errors" };
                write!(f, "{status} ({faults} {noun})")?;
                match last_event {
                    Some(event) => write!(f, ", last {}", Said(event)),
                    None => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let task = &self.task;
        write!(f, "{}: ", task.status)?;
        let subtasks = (task.subtasks_total, task.subtasks_pending);
        if let (Some(TaskType::Delete), (Some(total), Some(pending))) = (&task.r#type, subtasks) {
            write!(f, "{} of {total} subtasks", total.saturating_sub(pending))?;
        } else {
            let done = task.files_transferred + task.files_skipped.unwrap_or_default();
            write!(f, "{done} of {} files, ", task.files)?;
            #[allow(clippy::cast_precision_loss, reason = "shown to three digits")]
            write!(f, "{}", Bytes(task.bytes_transferred as f64))?;
        }
        if !is_over(task) {
            if let Some(rate) = self.bytes_per_second.filter(|rate| *rate > 0.0) {
                write!(f, ", {}/s", Bytes(rate))?;
            }
            if let Some(eta) = self.eta {
                write!(f, ", about {} left", Time(eta))?;
            }
        }
        match &self.stall_reason {
            Some(stall_reason) => write!(f, "; {stall_reason}"),
            None => Ok(()),
        }
    }
}

/// Bytes in powers of 1,000, for users.
struct Bytes(f64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut units = ["B", "kB", "MB", "GB", "TB", "PB"].into_iter().peekable();
        while let Some(unit) = units.next() {
            // 999.95 and not 1000: it would be shown as 1000.0
            if rest < 999.95 || units.peek().is_none() {
                let digits = usize::from(unit != "B");
                return write!(f, "{rest:.digits$} {unit}");
            }
            rest /= 1000.0;
        }
        Ok(())
    }
}

/// A duration in its largest unit, for users.
struct Time(Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            seconds @ 0..60 => write!(f, "{seconds} s"),
            seconds @ 60..7200 => write!(f, "{} min", seconds / 60),
            seconds @ 7200..172_800 => write!(f, "{} h", seconds / 3600),
            seconds => write!(f, "{} days", seconds / 86_400),
        }
    }
}

pub(super) fn is_over(task: &Task) -> bool {
    matches!(task.status, TaskStatus::Succeeded | TaskStatus::Failed)
}

/// Polls one task.
pub(super) struct TaskPoller {
    client: Client,
    task_id: Uuid,
    rates: Rates,
    /// The details that were fetched last, and the state of the task at that time.
    details: Option<(DetailsKey, Details)>,
}

/// The part of a task's state that determines whether its details have changed.
type DetailsKey = (TaskStatus, Option<bool>, Option<NiceStatus>, Option<i64>);

#[derive(Clone, Debug, Default)]
struct Details {
    pause: Option<PauseInfoLimited>,
    events: Vec<Event>,
}

impl TaskPoller {
    pub(super) fn new(client: Client, task_id: Uuid, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            task_id,
            rates: Rates::new(clock),
            details: None,
        }
    }

    async fn progress(&mut self) -> Result<Progress> {
        let task = self.client.get_task(self.task_id).await?;
        let stall_reason = StallReason::from_task(&task);
        let rate = self.rates.add(&task);
        let details = match (&stall_reason, &task.status) {
            (Some(stall_reason), _) => self.details(&task, stall_reason).await,
            // the final events explain the failure, so this request is retried like any other
            (None, TaskStatus::Failed) => Details {
                pause: None,
                events: self
                    .events()
                    .await
                    .map_or_else(|_| Vec::new(), |page| page.data),
            },
            (None, _) => Details::default(),
        };
        Ok(Progress {
            bytes_per_second: rate.map(|rate| rate.bytes),
            files_per_second: rate.map(|rate| rate.files),
            eta: rate
                .filter(|_| stall_reason.is_none())
                .and_then(|rate| rate.time_left(&task)),
            stall_reason: stall_reason.map(|stall_reason| stall_reason.with_details(&details)),
            last_events: details.events,
            task,
        })
    }

    /// Fetches why the task is stalled if its state has changed. An error here does not end the
    /// wait: the details are fetched again at the next poll.
    async fn details(&mut self, task: &Task, stall_reason: &StallReason) -> Details {
        let key = (
            task.status.clone(),
            task.is_paused,
            task.nice_status.clone(),
            task.faults,
        );
        if let Some((known, details)) = &self.details
            && *known == key
        {
            return details.clone();
        }
        let asked = match stall_reason {
            StallReason::Paused(_) => self.pause().await,
            StallReason::Inactive | StallReason::Retrying { .. } => self.faults().await,
        };
        match asked {
            Ok(details) => {
                self.details = Some((key, details.clone()));
                details
            }
            Err(error) => {
                tracing::debug!(task = %self.task_id, %error, "cannot find out why the task is stalled");
                Details::default()
            }
        }
    }

    async fn pause(&self) -> Result<Details> {
        let call = self.client.task_pause_info(self.task_id);
        Ok(Details {
            pause: Some(call.with_retry(RetryPolicy::disabled()).await?),
            events: Vec::new(),
        })
    }

    async fn faults(&self) -> Result<Details> {
        let call = self.events().with_retry(RetryPolicy::disabled());
        Ok(Details {
            pause: None,
            events: call.await?.data,
        })
    }

    fn events(&self) -> TaskEventList {
        self.client.task_event_list(self.task_id).limit(EVENTS)
    }
}

impl Condition<Task, Progress> for TaskPoller {
    fn poll(&mut self) -> BoxFuture<'_, Result<Progress>> {
        Box::pin(self.progress())
    }

    fn is_over(&self, progress: &Progress) -> bool {
        is_over(&progress.task)
    }

    fn outcome(&self, last: Progress) -> Result<Task> {
        if last.task.status == TaskStatus::Failed {
            let failure = TaskFailure {
                task: last.task,
                last_events: last.last_events,
            };
            return Err(failure.into());
        }
        Ok(last.task)
    }

    fn stall_reason(&self, progress: &Progress) -> Option<String> {
        progress.stall_reason.as_ref().map(StallReason::to_string)
    }
}
