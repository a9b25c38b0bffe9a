//! The state of a running task: counters, and changes that are not stored yet.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::interrupt::{Fault, Interrupt, Side};
use super::space::{Reservation, Space};
use super::throttle::{self, Throttle};
use super::transfer::TransferEnds;
use super::{CHECK_INTERVAL, later};
use crate::app_state::AppState;
use crate::task_control::TaskType;
use crate::transfer::authz::{Access, Grants};
use crate::transfer::collections::{self, Unreachable};
use crate::transfer::files::{CollectionPath, Entry, Folder, Root, temporary};
use crate::transfer::submit::Options;
use crate::transfer::tasks::events::{self, Code};
use crate::transfer::tasks::{
    self, Counters, Ending, SkippedError, Success, Task, TaskReadiness, parts,
};

/// How often progress is written to the database, and the status of the task is read.
const FLUSH_INTERVAL: Duration = Duration::from_millis(50);
/// The interval without progress. It is longer, since many tasks may be stalled at the same time.
const IDLE_FLUSH_INTERVAL: Duration = Duration::from_millis(250);
/// Maximum number of successes that are buffered until the next flush.
const MAX_BUFFERED_SUCCESSES: usize = 500;
/// Delay of the first PROGRESS event; the following ones have ever longer intervals.
const FIRST_PROGRESS: Duration = Duration::from_secs(2);
const MAX_PROGRESS_INTERVAL: Duration = Duration::from_secs(600);
/// Number of names for incomplete files that are stored at a time.
const NAMES: usize = 64;

pub(super) struct Job {
    pub(super) app: AppState,
    task: Uuid,
    owner: Uuid,
    pub(super) task_type: TaskType,
    pub(super) source: Option<Uuid>,
    pub(super) destination: Option<Uuid>,
    /// The owner's grants at the start of the attempt.
    granted: Vec<(Uuid, Grants)>,
    /// That of the collection it writes to, and how many bytes that may hold.
    pub(super) space: Arc<Space>,
    quota: Option<u64>,
    parts: Parts,
    pub(super) counters: Counters,
    /// The stored counters when this process started the task.
    before: Counters,
    /// The counters and the error that the store knows.
    saved: Option<(Counters, Option<Code>)>,
    /// The files a former process has finished.
    done: HashMap<String, u64>,
    error: Option<Code>,
    successes: Vec<Success>,
    events: Vec<(Code, Json, Timestamp)>,
    skipped: Vec<SkippedError>,
    flushed: Instant,
    pub(super) throttle: Throttle,
    /// Ids of the stalls that are over at the current path.
    pub(super) passed_stalls: Vec<u64>,
    pub(super) is_stalled: bool,
    started: Timestamp,
    progress_due: Timestamp,
    progress_wait: Duration,
    any_skipped: bool,
}

/// Stored names for incomplete files.
#[derive(Default)]
struct Parts {
    /// The mapped collection of the directory.
    collection: Option<Uuid>,
    /// The directory for which they are stored.
    folder: Option<Arc<Folder>>,
    unused: Vec<String>,
    row: Option<i64>,
}

impl Job {
    pub(super) fn new(app: AppState, task: &Task, done: HashMap<String, u64>) -> Self {
        let now = app.now();
        Self {
            app,
            task: task.id,
            owner: task.owner,
            task_type: match task.options {
                Options::Transfer(_) => TaskType::Transfer,
                Options::Delete(_) => TaskType::Delete,
            },
            source: task.source,
            destination: task.destination,
            granted: Vec::new(),
            space: Arc::default(),
            quota: None,
            parts: Parts::default(),
            counters: Counters {
                faults: task.counters.faults,
                ..Counters::default()
            },
            before: task.counters,
            saved: None,
            done,
            error: None,
            successes: Vec::new(),
            events: Vec::new(),
            skipped: Vec::new(),
            flushed: Instant::now(),
            throttle: Throttle::default(),
            passed_stalls: Vec::new(),
            is_stalled: false,
            started: now,
            progress_due: later(now, FIRST_PROGRESS),
            progress_wait: FIRST_PROGRESS,
            any_skipped: task.counters.subtasks_skipped_errors > 0,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// Opens the folder of a collection, limited to what the task's owner may access.
    pub(super) fn open_root(
        &mut self,
        collection: Option<Uuid>,
        side: Side,
        access: Access,
    ) -> Result<Root, Interrupt> {
        let fault = |code, message| Interrupt::from(Fault::new(code, side, "/", message));
        let (collection, grants) = {
            let conn = self.app.store().lock();
            let found = match collection {
                Some(id) => collections::find(&conn, id)?,
                None => None,
            };
            let Some(collection) = found else {
                return Err(fault(Code::InternalError, "The endpoint has been deleted"));
            };
            let grants = Grants::load(&self.app, &conn, &collection, self.owner)?;
            (collection, grants)
        };
        let root = collection.root().map_err(|why| match why {
            Unreachable::Disconnected => {
                fault(Code::NotConnected, "Globus Connect is not connected")
            }
            Unreachable::NoDirectory => fault(
                Code::FileNotFound,
                "The directory of the guest collection is gone",
            ),
        })?;
        if access == Access::Write {
            self.space = self.app.engine().space(collection.mapped_collection());
        }
        if side == Side::Destination {
            // Measured once per attempt. Walking the folder for each file would be quadratic, and only this
            // task's own writes are added in between.
            let default_quota = self.app.task_control().settings().quota;
            self.quota = collection.quota_or(default_quota);
            if self.quota.is_some() {
                let space = Arc::clone(&self.space);
                space.measure(|| collection.used_space(|| self.checkpoint()))?;
            }
            self.parts = Parts {
                collection: Some(collection.mapped_collection()),
                row: self.parts.row,
                ..Parts::default()
            };
        }
        let root = grants.limit(root, access);
        // Kept to notice changes: `write` compares them with the current grants.
        self.granted.push((collection.id, grants));
        Ok(root)
    }

    /// Prepares an attempt, which loads collections and grants again.
    pub(super) fn begin_attempt(&mut self) {
        self.granted.clear();
        self.throttle.restart();
    }

    /// Reserves space for a file that replaces what is at `target`, if the quota leaves it.
    pub(super) fn reserve_space(
        &self,
        size: u64,
        target: &Entry,
        path: &CollectionPath,
    ) -> Result<Reservation, Interrupt> {
        let reserved = self.space.reserve(size, target, self.quota);
        reserved.ok_or_else(|| {
            let message = "The quota of the collection is used up";
            Fault::new(Code::QuotaExceeded, Side::Destination, path, message).into()
        })
    }

    /// Returns the entry of an incomplete file next to `target`. Its name is stored before the file is
    /// created.
    pub(super) fn reserve_part(
        &mut self,
        ends: &TransferEnds,
        target: &Entry,
    ) -> Result<Entry, Interrupt> {
        let known = self.parts.folder.as_ref();
        let is_known = known.is_some_and(|folder| {
            Arc::ptr_eq(folder, target.folder()) || folder.path() == target.folder().path()
        });
        // Names are stored in batches, since a transaction per file would dominate the copying of small
        // files. A batch belongs to one directory.
        if (self.parts.unused.is_empty() || !is_known)
            && let Some(collection) = self.parts.collection
        {
            let directory = target.folder().path().below(ends.destination.base());
            if self.parts.unused.is_empty() {
                self.parts.unused = (0..NAMES).map(|_| temporary::new_name()).collect();
            }
            let parts = parts::Parts {
                task: self.task,
                collection,
                directory: &directory,
                names: &self.parts.unused,
            };
            let row = parts::save(&self.app.store().lock(), self.parts.row, &parts)?;
            self.parts.row = Some(row);
            self.parts.folder = Some(Arc::clone(target.folder()));
        }
        let name = self.parts.unused.pop();
        Ok(target.sibling(&name.unwrap_or_else(temporary::new_name)))
    }

    /// Removes an incomplete file. If that fails, its name stays in the database, for the next sweep.
    pub(super) fn discard(&mut self, part: &Entry) {
        match part.remove_file() {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                // The row must stay, because it is the only record of the file. The next batch gets a new
                // row.
                self.parts.row = None;
                self.parts.unused.clear();
            }
            _ => {}
        }
    }

    /// Whether the owner's grants are the same as at the start of the attempt.
    fn has_same_access(&self, conn: &Connection) -> rusqlite::Result<bool> {
        for (collection, grants) in &self.granted {
            let same = match collections::find(conn, *collection)? {
                Some(found) => Grants::load(&self.app, conn, &found, self.owner)? == *grants,
                None => false,
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The size of a file that a previous process has copied.
    pub(super) fn previously_copied(&self, destination: &str) -> Option<u64> {
        self.done.get(destination).copied()
    }

    /// Records a copied file.
    pub(super) fn add_success(&mut self, success: Success) -> Result<(), Interrupt> {
        self.counters.files_transferred += 1;
        self.counters.subtasks_succeeded += 1;
        self.successes.push(success);
        self.finish_file()
    }

    /// To be called after every file, copied or not.
    pub(super) fn finish_file(&mut self) -> Result<(), Interrupt> {
        self.checkpoint()?;
        let finished = self.now();
        let delay = |job: &Self| job.app.task_control().settings().file_delay;
        if delay(self).is_zero() {
            return Ok(());
        }
        self.sleep_until(|job| later(finished, delay(job)))?;
        self.throttle.restart();
        Ok(())
    }

    /// Number of bytes to read at a time.
    pub(super) fn chunk_size(&self) -> usize {
        throttle::chunk_size(self.rate())
    }

    /// Number of files that the task has transferred or deleted.
    pub(super) fn files_done(&self) -> u64 {
        match self.task_type {
            TaskType::Transfer => self.counters.files_transferred,
            TaskType::Delete => self.counters.files,
        }
    }

    /// Counts copied bytes, and waits to keep the rate.
    pub(super) fn add_copied_bytes(&mut self, bytes: u64) -> Result<(), Interrupt> {
        self.counters.bytes_transferred += bytes;
        let rate = self.rate();
        let now = self.now();
        let end = later(now, self.throttle.delay_after(bytes, rate, now));
        self.checkpoint()?;
        self.sleep_until(|job| if job.rate() == rate { end } else { now })?;
        if self.rate() != rate {
            // What is due by the old rate does not hold up the new one.
            self.throttle.restart();
        }
        Ok(())
    }

    fn rate(&self) -> Option<u64> {
        self.app.task_control().settings().bytes_per_second
    }

    /// Records the error of a path that will be retried.
    pub(super) fn add_fault(&mut self, fault: &Fault) {
        self.counters.faults += 1;
        self.error = Some(fault.code);
        self.events.push((fault.code, fault.details(), self.now()));
    }

    /// Records the error of a path that is skipped.
    pub(super) fn add_skipped(&mut self, error: SkippedError) {
        self.counters.subtasks_skipped_errors += 1;
        self.any_skipped = true;
        self.skipped.push(error);
    }

    pub(super) fn add_event(&mut self, code: Code, details: Json) {
        self.events.push((code, details, self.now()));
    }

    /// Sets the number of paths to retry.
    pub(super) fn set_retrying(&mut self, paths: usize) {
        self.counters.subtasks_retrying = u64::try_from(paths).unwrap_or(u64::MAX);
        if paths == 0 {
            self.error = None;
        }
    }

    /// To be called often: writes progress, and stops a task that was cancelled or paused.
    pub(super) fn checkpoint(&mut self) -> Result<(), Interrupt> {
        if self.app.shutdown().is_cancelled() {
            return Err(Interrupt::Stopped);
        }
        // Limited by count as well, since with small files thousands could be lost in a crash and copied again.
        let interval = match self.has_news() {
            true => FLUSH_INTERVAL,
            false => IDLE_FLUSH_INTERVAL,
        };
        if self.flushed.elapsed() >= interval || self.successes.len() >= MAX_BUFFERED_SUCCESSES {
            self.flush()?;
        }
        Ok(())
    }

    /// Whether anything has happened that the store does not know.
    fn has_news(&self) -> bool {
        self.has_new_numbers()
            || !(self.successes.is_empty() && self.events.is_empty() && self.skipped.is_empty())
    }

    fn has_new_numbers(&self) -> bool {
        self.saved != Some((self.counters, self.error))
    }

    /// Rests until a time of the emulator's clock, which a change of the settings may move.
    fn sleep_until(&mut self, end: impl Fn(&Self) -> Timestamp) -> Result<(), Interrupt> {
        loop {
            let left = end(self).duration_since(self.now());
            let left = Duration::try_from(left).unwrap_or_default();
            if left.is_zero() {
                return Ok(());
            }
            // In short steps: the emulator's clock may be advanced, and the task cancelled, at any time.
            std::thread::sleep(left.min(CHECK_INTERVAL));
            self.checkpoint()?;
        }
    }

    /// Writes all buffered changes.
    pub(super) fn flush(&mut self) -> Result<(), Interrupt> {
        self.write(None)
    }

    /// Finishes the task successfully.
    pub(super) fn succeed(&mut self) -> Result<(), Interrupt> {
        if self.any_skipped {
            let details = json!({ "skipped_errors": self.counters.subtasks_skipped_errors });
            self.add_event(Code::SkippedErrors, details);
        }
        if self.counters.bytes_transferred > 0 {
            self.add_progress_event();
        }
        self.write(Some(&Ending::Succeeded))
    }

    /// Finishes the task with a fatal error.
    pub(super) fn fail(&mut self, fault: &Fault) -> Result<(), Interrupt> {
        self.counters.faults += 1;
        self.write(Some(&Ending::Failed(fault.code, fault.details())))
    }

    fn add_progress_event(&mut self) {
        let seconds = self.now().duration_since(self.started).as_secs_f64();
        let megabits = self.counters.bytes_transferred as f64 * 8.0 / 1e6 / seconds.max(0.001);
        let details = json!({
            "bytes_transferred": self.counters.bytes_transferred,
            "bytes_checksummed": self.counters.bytes_checksummed,
            "duration": (seconds * 100.0).round() / 100.0,
            "mbps": (megabits * 100.0).round() / 100.0,
        });
        self.add_event(Code::Progress, details);
    }

    fn write(&mut self, ending: Option<&Ending>) -> Result<(), Interrupt> {
        let now = self.now();
        if now >= self.progress_due && !self.is_stalled {
            // Ever longer intervals, so that a task that runs for days does not fill the event list.
            self.progress_wait = (self.progress_wait * 2).min(MAX_PROGRESS_INTERVAL);
            self.progress_due = later(now, self.progress_wait);
            self.add_progress_event();
        }
        // A resumed task counts from zero, but its document must not go backwards.
        let counters = self.counters.at_least(&self.before);
        let (readiness, changed) = {
            let mut conn = self.app.store().lock();
            let transaction = conn.transaction()?;
            // Read in the transaction that writes, so that nothing is added to a task that was cancelled in
            // between.
            let readiness = tasks::readiness(&transaction, self.task)?;
            let active = matches!(readiness, TaskReadiness::Ready | TaskReadiness::Paused);
            // If the task is finishing, its work was allowed when it was done.
            let changed = ending.is_none() && !self.has_same_access(&transaction)?;
            // Successes are stored even if the task was cancelled meanwhile, since the files exist. After a
            // removal, nothing may be stored.
            if readiness != TaskReadiness::Removed {
                for success in &self.successes {
                    tasks::succeed(&transaction, self.task, success)?;
                }
                if self.has_new_numbers() {
                    tasks::save(&transaction, self.task, &counters, self.error)?;
                }
            }
            if active {
                if !self.successes.is_empty() {
                    tasks::extend_deadline(&transaction, self.task, now)?;
                }
                for error in &self.skipped {
                    tasks::skip(&transaction, self.task, error)?;
                }
                for (code, details, time) in &self.events {
                    events::add(&transaction, self.task, *code, details, *time)?;
                }
                if let Some(ending) = ending {
                    tasks::finish(&transaction, self.task, ending, now)?;
                    if let Some(row) = self.parts.row.take() {
                        parts::forget(&transaction, row)?;
                    }
                }
            }
            // The event comes before the requeue, so that clients see why the task starts again.
            if active && changed {
                let details = json!({ "error": { "body": "The permissions of the collection have changed" } });
                events::add(&transaction, self.task, Code::AclChanged, &details, now)?;
            }
            transaction.commit()?;
            (readiness, changed)
        };
        self.saved = Some((self.counters, self.error));
        self.successes.clear();
        self.skipped.clear();
        self.events.clear();
        self.flushed = Instant::now();
        match readiness {
            TaskReadiness::Over | TaskReadiness::Removed => Err(Interrupt::Stopped),
            TaskReadiness::Paused if ending.is_none() => Err(Interrupt::Requeue),
            // Requeued instead of failed: the new permissions may suffice for the remaining files. The
            // grants are cleared, so that the next attempt loads them.
            _ if changed => {
                self.granted.clear();
                Err(Interrupt::Requeue)
            }
            _ => Ok(()),
        }
    }
}
