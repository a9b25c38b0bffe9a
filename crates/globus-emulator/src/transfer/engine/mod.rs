//! The engine, which executes tasks on real folders.
//!
//! ```text
//! submit ─▶ queue ── claim ──▶ drive ──▶ attempt (blocking thread) ──▶ finished
//!              ▲                  │  ▲            │
//!              │                  │  └─ back_off ◀┘ a path failed
//!              └──── release ─────┘  paused, stopping
//! ```
//!
//! `drive` is asynchronous and waits between attempts; an attempt runs on a blocking thread, does what it
//! can, and leaves the rest for the next one. All state that is needed to continue after a crash is in the
//! database.

mod checksum;
mod copy;
mod delete;
mod extra;
mod interrupt;
mod job;
mod rules;
mod space;
mod sync;
mod task_faults;
mod throttle;
mod transfer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;
use tokio::sync::oneshot;
use uuid::Uuid;

pub(super) use checksum::Algorithm;

use super::pause_rules;
use super::submit::Options;
use super::tasks::events::{self, Code};
use super::tasks::{self, Ending, TaskReadiness, parts, queue};
use crate::app_state::AppState;
use interrupt::Interrupt;
use job::Job;
use space::Space;

/// Size of the buffer for copying.
const CHUNK: usize = 256 * 1024;
/// How often deadlines, pause rules and the queue are checked.
const TICK: Duration = Duration::from_millis(100);
/// How often a task that waits for the emulator's clock is checked.
const CLOCK_POLL_INTERVAL: Duration = Duration::from_millis(5);
/// Maximum time that a running task sleeps without checking whether to stop.
const CHECK_INTERVAL: Duration = Duration::from_millis(10);
/// The shortest wait between two attempts: each that fails is an event in the database.
const MIN_RETRY_DELAY: Duration = Duration::from_millis(10);
/// The longest wait between two attempts.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(30);

/// What the tasks of a process share.
#[derive(Debug, Default)]
pub(crate) struct Engine {
    /// By mapped collection.
    spaces: Mutex<HashMap<Uuid, Arc<Space>>>,
    /// The drivers that wait for a place to go on with their tasks.
    waiting: Mutex<HashMap<Uuid, oneshot::Sender<()>>>,
}

impl Engine {
    fn space(&self, collection: Uuid) -> Arc<Space> {
        let mut spaces = self.spaces.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(spaces.entry(collection).or_default())
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Uuid, oneshot::Sender<()>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resumes the tasks of a previous process, and starts the worker for deadlines.
pub(super) fn start(app: &AppState) {
    if let Err(error) = queue::release_stale(&app.store().lock()) {
        tracing::error!(%error, "unfinished tasks cannot be resumed");
    }
    // Before dispatching: a task that is resumed may use the same directories, and its new incomplete files
    // must not be removed.
    sweep(app, None);
    dispatch(app);
    let workers = app.workers();
    let app = app.clone();
    workers.spawn(async move {
        // Also a safety net: whatever makes a task ready without calling `dispatch` (a deadline, a pause
        // rule, a higher limit) takes effect within a tick.
        while sleep_unless_stopping(&app, TICK).await {
            if let Err(error) = expire_and_pause_tasks(&app) {
                tracing::error!(%error, "deadlines and pauses cannot be checked");
            }
            dispatch(&app);
        }
    });
}

/// Ends tasks whose deadline has passed, and pauses tasks to which a pause rule now applies.
fn expire_and_pause_tasks(app: &AppState) -> rusqlite::Result<()> {
    let now = app.now();
    let mut conn = app.store().lock();
    let transaction = conn.transaction()?;
    tasks::expire(&transaction, now)?;
    pause_rules::refresh_if_any(&transaction, now)?;
    transaction.commit()
}

/// Removes incomplete files of a task, or of previous processes.
fn sweep(app: &AppState, task: Option<Uuid>) {
    if let Err(error) = parts::sweep(app, task) {
        tracing::error!(%error, "incomplete files cannot be looked for");
    }
}

/// Starts or resumes queued tasks, up to the limits of their users.
pub(super) fn dispatch(app: &AppState) {
    // One claim per iteration, each in a statement of its own, so that two dispatchers can never claim the
    // same task.
    while !app.shutdown().is_cancelled() {
        // Locked first, so that no driver goes away between the claim and the message.
        let mut waiting = app.engine().waiting();
        let claimed = queue::claim(&app.store().lock(), app.limiter().limits());
        match claimed {
            Ok(Some(task)) => match waiting.remove(&task) {
                Some(driver) => {
                    let _ = driver.send(());
                }
                None => spawn_driver(app, task),
            },
            Ok(None) => return,
            Err(error) => {
                tracing::error!(%error, "queued tasks cannot be claimed");
                return;
            }
        }
    }
}

fn spawn_driver(app: &AppState, task: Uuid) {
    let app = app.clone();
    app.workers().spawn(async move {
        // The order matters. Incomplete files are removed while the task is still claimed, so that no other
        // worker can be writing them. After the release, the freed slot is offered to other tasks.
        drive(&app, task).await;
        let swept = app.clone();
        // Fails if the runtime is shutting down. The next start sweeps, too.
        let _ = tokio::task::spawn_blocking(move || sweep(&swept, Some(task))).await;
        release(&app, task);
        dispatch(&app);
    });
}

fn release(app: &AppState, task: Uuid) {
    if let Err(error) = queue::release(&app.store().lock(), task) {
        tracing::error!(%error, %task, "a task cannot be released");
    }
}

/// Sleeps; returns `false` if the emulator is stopping.
async fn sleep_unless_stopping(app: &AppState, time: Duration) -> bool {
    tokio::select! {
        () = tokio::time::sleep(time) => true,
        () = app.shutdown().cancelled_owned() => false,
    }
}

/// Adds a duration to a time.
fn later(from: Timestamp, by: Duration) -> Timestamp {
    from.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Waits until a time of the emulator's clock, which tests can advance. Returns `false` early if the task
/// is no longer ready.
async fn wait_until(app: &AppState, task: Uuid, end: impl Fn() -> Timestamp) -> bool {
    let is_ready = || {
        matches!(
            tasks::readiness(&app.store().lock(), task),
            Ok(TaskReadiness::Ready)
        )
    };
    let mut asked = Instant::now();
    loop {
        let left = Duration::try_from(end().duration_since(app.now())).unwrap_or_default();
        if left.is_zero() {
            return is_ready();
        }
        if !sleep_unless_stopping(app, left.min(CLOCK_POLL_INTERVAL)).await {
            return false;
        }
        // The clock is polled often, since tests advance it and wait. The database is not.
        if asked.elapsed() >= TICK {
            asked = Instant::now();
            if !is_ready() {
                return false;
            }
        }
    }
}

/// Waits for the start delay. Resumed tasks have already waited. The clock restarts with the process, so
/// the submission may be in its future.
async fn wait_for_start(app: &AppState, task: Uuid) -> bool {
    let found = tasks::find(&app.store().lock(), task);
    let submitted = match found {
        Ok(Some(task)) => task.request_time.min(app.now()),
        Ok(None) => return false,
        Err(error) => {
            fail_task(app, task, &error.to_string());
            return false;
        }
    };
    let start_delay = || app.task_control().settings().start_delay;
    wait_until(app, task, || later(submitted, start_delay())).await
}

/// Executes a task until it is finished or paused, or the emulator stops.
async fn drive(app: &AppState, task: Uuid) {
    // Waits in the worker instead of the queue: a task with a start delay occupies a slot, like a running
    // one.
    if !wait_for_start(app, task).await {
        return;
    }
    let mut prepared = ActiveTask::prepare(app, task);
    let mut failures = 0;
    loop {
        let mut active = match prepared {
            Ok(Some(active)) => active,
            Ok(None) => return,
            Err(error) => return fail_task(app, task, &error.to_string()),
        };
        let attempt = tokio::task::spawn_blocking(move || {
            let outcome = active.attempt();
            (active, outcome)
        });
        let outcome = match attempt.await {
            Ok((returned, outcome)) => {
                active = returned;
                outcome
            }
            // The runtime is shutting down, or the attempt panicked.
            Err(error) if error.is_cancelled() => return,
            Err(error) => return fail_task(app, task, &error.to_string()),
        };
        let requeued = match outcome {
            Ok(()) | Err(Interrupt::Stopped | Interrupt::Failed(_)) => return,
            Err(Interrupt::Store(error)) => return fail_task(app, task, &error.to_string()),
            Err(Interrupt::Requeue) => true,
            // It is written down already; the next attempt finds the rest of the work.
            Err(Interrupt::Fault(_)) => {
                let failed = app.now();
                let delay = || retry_delay(app.task_control().settings().retry_delay, failures);
                back_off(app, task, || later(failed, delay())).await;
                failures += 1;
                false
            }
        };
        if !wait_for_place(app, task).await {
            return;
        }
        prepared = match active {
            // It looks at all paths anew, and what was copied is in the store.
            ActiveTask::Transfer(..) if requeued => ActiveTask::prepare(app, task),
            active => Ok(Some(active)),
        };
    }
}

/// Waits between two attempts, until a time of the emulator's clock, while another task has the place.
async fn back_off(app: &AppState, task: Uuid, end: impl Fn() -> Timestamp) {
    set_backing_off(app, task);
    dispatch(app);
    wait_until(app, task, end).await;
}

fn set_backing_off(app: &AppState, task: Uuid) {
    if let Err(error) = queue::set_backing_off(&app.store().lock(), task) {
        tracing::error!(%error, %task, "a task cannot be put off");
    }
}

/// Queues a task again, ahead of those that were submitted later, until it has a place and is not paused;
/// tells whether it is still to be worked on.
async fn wait_for_place(app: &AppState, task: Uuid) -> bool {
    let (driver, mut place) = oneshot::channel();
    app.engine().waiting().insert(task, driver);
    release(app, task);
    dispatch(app);
    loop {
        tokio::select! {
            given = &mut place => return given.is_ok(),
            is_running = sleep_unless_stopping(app, TICK) => {
                if !is_running || !is_active(app, task) {
                    break;
                }
            }
        }
    }
    let mut waiting = app.engine().waiting();
    if waiting.remove(&task).is_some() {
        // Nobody is to claim it before this driver has gone.
        set_backing_off(app, task);
    }
    false
}

fn is_active(app: &AppState, task: Uuid) -> bool {
    let readiness = tasks::readiness(&app.store().lock(), task);
    matches!(readiness, Ok(TaskReadiness::Ready | TaskReadiness::Paused))
}

/// The delay after `failures` earlier failures: doubles each time, up to [`MAX_RETRY_DELAY`] (or `first`,
/// if that is longer).
fn retry_delay(first: Duration, failures: u32) -> Duration {
    let first = first.max(MIN_RETRY_DELAY);
    let doubled = first.saturating_mul(2_u32.saturating_pow(failures));
    doubled.min(MAX_RETRY_DELAY.max(first))
}

fn fail_task(app: &AppState, task: Uuid, why: &str) {
    tracing::error!(%task, why, "a task failed inside of the emulator");
    let ending = Ending::Failed(Code::InternalError, json!({ "error": { "body": why } }));
    if let Err(error) = tasks::finish(&app.store().lock(), task, &ending, app.now()) {
        tracing::error!(%error, %task, "a failed task cannot be ended");
    }
}

/// A task between its claim and its release.
enum ActiveTask {
    Transfer(Box<Job>, transfer::Transfer),
    Delete(Box<Job>, delete::Delete),
}

impl ActiveTask {
    fn prepare(app: &AppState, task_id: Uuid) -> rusqlite::Result<Option<Self>> {
        let now = app.now();
        let mut conn = app.store().lock();
        let transaction = conn.transaction()?;
        let Some(task) = tasks::find(&transaction, task_id)? else {
            return Ok(None);
        };
        if task.status != tasks::Status::Active {
            return Ok(None);
        }
        let resumed = events::has(&transaction, task_id, Code::Started)?;
        if !resumed {
            events::add(
                &transaction,
                task_id,
                Code::Started,
                &json!({ "type": task.options.kind() }),
                now,
            )?;
        } else {
            // They will occur again, and would be listed twice.
            tasks::forget_skipped_errors(&transaction, task_id)?;
        }
        // In the same transaction as the start event: what a resumed task skips and what it reports belong
        // together.
        let items = tasks::items(&transaction, task_id)?;
        let done = tasks::done(&transaction, task_id)?.into_iter().collect();
        transaction.commit()?;
        drop(conn);

        let job = Box::new(Job::new(app.clone(), &task, done));
        Ok(Some(match &task.options {
            Options::Transfer(options) => {
                Self::Transfer(job, transfer::Transfer::new(&task, options.clone(), items))
            }
            Options::Delete(options) => Self::Delete(
                job,
                delete::Delete::new(&task, options.clone(), items, resumed),
            ),
        }))
    }

    fn attempt(&mut self) -> Result<(), Interrupt> {
        let (Self::Transfer(job, _) | Self::Delete(job, _)) = self;
        job.begin_attempt();
        let (job, outcome) = match self {
            Self::Transfer(job, transfer) => {
                let outcome = transfer.attempt(job);
                (job, outcome)
            }
            Self::Delete(job, delete) => {
                let outcome = delete.attempt(job);
                (job, outcome)
            }
        };
        match outcome {
            Ok(()) => job.succeed(),
            Err(Interrupt::Failed(fault)) => job.fail(&fault),
            // The job has stored its progress already.
            Err(Interrupt::Requeue) => Err(Interrupt::Requeue),
            Err(interrupt) => {
                // Stores progress, whatever ended the attempt.
                job.flush()?;
                Err(interrupt)
            }
        }
    }
}
