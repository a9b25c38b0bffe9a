//! Waiting for many tasks by one poller.
//!
//! A page of the task list tells the state of many tasks, so the requests of a round grow with pages
//! and not with tasks. Finished tasks are not polled again.

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

/// How many tasks one request asks for: as many as keep its URL near 2,000 characters, and no more
/// than the service takes where it documents a limit for such a filter.
const PAGE: usize = 50;
/// How many tasks an error's message names.
const NAMED: usize = 3;

/// A wait for many tasks. Awaiting it gives them in the order of their ids, once all have succeeded;
/// [`stream`](Self::stream) gives each as it ends.
///
/// Each round of looks takes one request for every 50 tasks that still run. Dropping it stops it.
///
/// # Errors
///
/// [`ErrorKind::TaskFailed`] once all have ended and some have failed
/// ([`Error::task_failures`] has them), [`ErrorKind::WaitTimeout`] when the time is up before, or what
/// the service answered, such as that there is no such task.
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

    /// How long to wait at most for all of them together. As long as it takes by default.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, ids: Vec<globus_sdk::types::Uuid>) -> globus_sdk::Result<()> {
    /// transfer.wait_all(ids).timeout(std::time::Duration::from_secs(3600)).await?;
    /// # Ok(()) }
    /// ```
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// A steady pause between two rounds, in place of one that grows from 0.25 s to 10 s.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, ids: Vec<globus_sdk::types::Uuid>) -> globus_sdk::Result<()> {
    /// transfer.wait_all(ids).polling_interval(std::time::Duration::from_secs(60)).await?;
    /// # Ok(()) }
    /// ```
    pub fn polling_interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Each task once it has ended, the first to end first. A task that failed is an item here, and no
    /// error.
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
            "{} of {total} tasks failed: {}; their events say more (task_event_list)",
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

/// The first of many, and how many more there are.
fn some(names: impl Iterator<Item = String>, total: usize) -> String {
    let mut named: Vec<String> = names.take(NAMED).collect();
    if total > NAMED {
        named.push(format!("and {} more", total - NAMED));
    }
    named.join("; ")
}

/// A wait under way.
struct Rounds {
    client: Client,
    polling: PollInterval,
    total: usize,
    /// What is still running, and what held it up when it was last seen.
    running: BTreeMap<Uuid, Option<String>>,
    /// What has ended and was not handed out yet.
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

    /// Looks at all that are running. What a round finds before it fails is kept.
    async fn round(&mut self) -> Result<()> {
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
        // what the list leaves out may yet be there; if not, this says so
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
