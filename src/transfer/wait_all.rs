//! Waiting for many tasks with one poller.
//!
//! A page of the task list has the states of many tasks, so that the number of requests grows with
//! pages and not with tasks. Finished tasks are not polled again.

use super::failure::TaskFailure;
use super::task_progress::{StallReason, is_over};
use crate::error::{Error, ErrorKind, Result};
use crate::generated::transfer::Client;
use crate::generated::transfer::types::{Task, TaskStatus};
use crate::pagination::ItemStream;
use crate::types::Uuid;
use crate::wait::PollInterval;
use futures_util::stream;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

/// How many tasks one request asks for: enough to keep the URL near 2,000 characters, and no more
/// than the limit that the service documents for such filters.
const PAGE: usize = 50;
/// How many tasks an error's message names.
const NAMED: usize = 3;

/// A wait for many tasks. Awaiting it returns them in the order of their ids once all have
/// succeeded; [`stream`](Self::stream) yields each one when it finishes.
///
/// Each poll takes one request for every 50 unfinished tasks. Dropping it stops it.
///
/// # Errors
///
/// [`ErrorKind::TaskFailed`] once all have finished and some have failed ([`Error::task_failures`]
/// has them), [`ErrorKind::WaitTimeout`] when the time is up before that; any other kind that a
/// request fails with, such as for an unknown task.
///
/// ```no_run
/// use std::time::Duration;
///
/// # async fn run(transfer: globus_sdk::transfer::Client, ids: Vec<globus_sdk::types::Uuid>) -> globus_sdk::Result<()> {
/// let tasks = transfer.wait_all(ids).timeout(Duration::from_secs(24 * 3600)).await?;
/// println!("{} bytes", tasks.iter().map(|task| task.bytes_transferred).sum::<i64>());
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a wait does nothing until it is awaited or streamed"]
pub struct WaitAll {
    client: Client,
    ids: Vec<Uuid>,
    timeout: Option<Duration>,
    interval: Option<Duration>,
}

impl WaitAll {
    pub(super) fn new(client: Client, ids: impl IntoIterator<Item = Uuid>) -> Self {
        let mut known = HashSet::new();
        Self {
            client,
            ids: ids.into_iter().filter(|id| known.insert(*id)).collect(),
            timeout: None,
            interval: None,
        }
    }

    /// The maximum time to wait for all of them together. No limit by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// A fixed interval between polls, instead of one that grows from 0.25 s to 10 s.
    pub fn polling_interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Yields each task when it has finished. A failed task is an item here, not an error.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, ids: Vec<globus_sdk::types::Uuid>) -> globus_sdk::Result<()> {
    /// let mut ended = transfer.wait_all(ids).stream();
    /// while let Some(task) = ended.next().await {
    ///     let task = task?;
    ///     println!("{}: {}", task.task_id, task.status);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> ItemStream<Task> {
        let clock = self.client.core.transport().clock().clone();
        let rounds = Rounds {
            polling: PollInterval::new(clock, self.timeout, self.interval),
            total: self.ids.len(),
            running: self.ids.into_iter().map(|id| (id, None)).collect(),
            ended: VecDeque::new(),
            client: self.client,
        };
        ItemStream::new(stream::try_unfold(rounds, |mut rounds| async move {
            Ok(rounds.next().await?.map(|task| (task, rounds)))
        }))
    }

    async fn all(self) -> Result<Vec<Task>> {
        let order: HashMap<Uuid, usize> = self.ids.iter().copied().zip(0..).collect();
        // tasks arrive in the order in which they finish
        let mut tasks = self.stream().collect().await?;
        tasks.sort_by_key(|task| order.get(&task.task_id));
        let total = tasks.len();
        let (failed, succeeded): (Vec<_>, Vec<_>) = tasks
            .into_iter()
            .partition(|task| task.status == TaskStatus::Failed);
        if failed.is_empty() {
            return Ok(succeeded);
        }
        let failures: Vec<TaskFailure> = failed
            .into_iter()
            .map(|task| TaskFailure {
                task,
                last_events: Vec::new(),
            })
            .collect();
        let named = failures
            .iter()
            .map(|f| format!("{}{}", f.task.task_id, f.why()));
        let message = format!(
            "{} of {total} tasks failed: {}; see their events (task_event_list)",
            failures.len(),
            some(named, failures.len())
        );
        Err(Error::new(ErrorKind::TaskFailed, message).with_detail(failures))
    }
}

impl IntoFuture for WaitAll {
    type Output = Result<Vec<Task>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.all())
    }
}

/// The first of many names, and how many more there are.
fn some(names: impl Iterator<Item = String>, total: usize) -> String {
    let mut named: Vec<String> = names.take(NAMED).collect();
    if total > NAMED {
        named.push(format!("and {} more", total - NAMED));
    }
    named.join("; ")
}

/// A running wait.
struct Rounds {
    client: Client,
    polling: PollInterval,
    total: usize,
    /// The unfinished tasks, each with the reason it was stalled at the last poll.
    running: BTreeMap<Uuid, Option<String>>,
    /// Finished tasks that have not been yielded yet.
    ended: VecDeque<Task>,
}

impl Rounds {
    async fn next(&mut self) -> Result<Option<Task>> {
        loop {
            if let Some(task) = self.ended.pop_front() {
                return Ok(Some(task));
            }
            if self.running.is_empty() {
                return Ok(None);
            }
            if !self.polling.sleep_until_next().await {
                return Err(self.too_long());
            }
            match self.round().await {
                Ok(()) => self.polling.reset(),
                Err(error) => self.polling.tolerate_error(error)?,
            }
        }
    }

    /// Polls all unfinished tasks. What is found before an error is kept.
    async fn round(&mut self) -> Result<()> {
        // collected first, since the set of running tasks changes while pages arrive
        let ids: Vec<Uuid> = self.running.keys().copied().collect();
        for page in ids.chunks(PAGE) {
            for task in self.ask(page).await? {
                if !is_over(&task) {
                    let stall_reason =
                        StallReason::from_task(&task).map(|stall_reason| stall_reason.to_string());
                    self.running.insert(task.task_id, stall_reason);
                } else if self.running.remove(&task.task_id).is_some() {
                    self.ended.push_back(task);
                }
            }
        }
        Ok(())
    }

    async fn ask(&self, ids: &[Uuid]) -> Result<Vec<Task>> {
        let listed: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        let call = self.client.task_list();
        let mut tasks = call
            .filter(format!("task_id:{}", listed.join(",")))
            .limit(PAGE as i64)
            .await?
            .data;
        let seen: HashSet<Uuid> = tasks.iter().map(|task| task.task_id).collect();
        // the list may omit a task that still exists; if it does not,
        // this request says so
        for id in ids.iter().filter(|id| !seen.contains(id)) {
            tasks.push(self.client.get_task(*id).await?);
        }
        Ok(tasks)
    }

    fn too_long(&self) -> Error {
        let named = self
            .running
            .iter()
            .map(|(id, stall_reason)| match stall_reason {
                Some(stall_reason) => format!("{id}: {stall_reason}"),
                None => id.to_string(),
            });
        let message = format!(
            "{} of {} tasks are still running after {:?} ({}); wait again, or cancel them",
            self.running.len(),
            self.total,
            self.polling.limit(),
            some(named, self.running.len()),
        );
        Error::new(ErrorKind::WaitTimeout, message)
    }
}
