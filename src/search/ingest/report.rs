//! The result of an ingest.

use super::batch::{Batch, Name};
use crate::error::Error;
use crate::generated::search::types::Task;
use crate::types::{Json, Uuid};
use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;

/// What was ingested, what was not and why, and where to continue.
///
/// ```no_run
/// # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid, entries: Vec<globus_sdk::search::types::MetaEntry>) -> globus_sdk::Result<()> {
/// let report = search.ingest_all(index, entries).await?;
/// assert_eq!(report.ingested, report.entries_read);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct IngestReport {
    /// How many entries were read from the source.
    pub entries_read: u64,
    /// How many of them are known to be ingested.
    pub ingested: u64,
    /// The rejected entries, each with the reason.
    pub failed: Vec<FailedEntry>,
    /// The submitted batches, in order.
    pub batches: Vec<IngestBatch>,
    /// How many entries from the start of the source need not be sent again: each of them was
    /// ingested, or is in `failed`.
    pub next_position: u64,
}

/// An entry that was not ingested, or may not have been.
///
/// ```no_run
/// # fn run(report: globus_sdk::search::IngestReport) {
/// for entry in &report.failed {
///     println!("entry {} of the source, {}: {}", entry.position, entry.subject, entry.reason);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailedEntry {
    /// Its position in the source, from 0.
    pub position: u64,
    /// The subject it describes.
    pub subject: String,
    /// Which entry of the subject; `None` is the default one.
    pub entry_id: Option<String>,
    /// Why it was not ingested.
    pub reason: String,
}

/// A request, and the outcome of its task.
///
/// ```no_run
/// # fn run(report: globus_sdk::search::IngestReport) {
/// for batch in &report.batches {
///     println!("task {}: {} entries, {} bytes", batch.task_id, batch.entries, batch.bytes);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct IngestBatch {
    /// The task that writes it.
    pub task_id: Uuid,
    /// How many entries it has.
    pub entries: u64,
    /// The size of the request in bytes.
    pub bytes: u64,
    /// The finished task; `None` while it is running, and when its end is unknown.
    pub task: Option<Task>,
}

impl IngestReport {
    /// The report in the error of an ingest.
    ///
    /// ```no_run
    /// use globus_sdk::search::IngestReport;
    ///
    /// # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid, entries: Vec<globus_sdk::search::types::MetaEntry>) {
    /// match search.ingest_all(index, entries.clone()).await {
    ///     Ok(report) => println!("all {} entries", report.ingested),
    ///     Err(error) => {
    ///         let done = IngestReport::from_error(&error).map_or(0, |report| report.next_position);
    ///         eprintln!("{error}; to continue, skip the first {done} entries");
    ///     }
    /// }
    /// # }
    /// ```
    pub fn from_error(error: &Error) -> Option<&Self> {
        let mut cause = error.source();
        while let Some(error) = cause {
            if let Some(unfinished) = error.downcast_ref::<Unfinished>() {
                return Some(&unfinished.report);
            }
            cause = error.source();
        }
        None
    }

    pub(super) fn refuse(&mut self, name: Name, reason: String) {
        self.failed.push(FailedEntry {
            position: name.position,
            subject: name.subject,
            entry_id: name.entry_id,
            reason,
        });
    }

    /// Records a task that succeeded.
    pub(super) fn task_succeeded(&mut self, names: &[Name]) {
        self.ingested += names.len() as u64;
    }

    /// Records a task that failed: for the entries it names, or for all of them if it names too
    /// few.
    pub(super) fn task_failed(&mut self, names: Vec<Name>, task: &Task) {
        let why = task.message.as_deref().unwrap_or("the task failed");
        let details = task.additional_details.as_ref();
        let named = named(details);
        let stored = details
            .and_then(|d| d.get("num_documents_ingested"))
            .and_then(Json::as_u64);
        // the service may truncate the list of errors, so an entry that it does not name is only
        // known to be ingested if the numbers add up
        let all_named = stored.is_some_and(|n| n + named.len() as u64 == names.len() as u64);
        for name in names {
            let key = (name.subject.as_str(), name.entry_id.as_deref());
            match named.get(&key) {
                Some(reason) => {
                    let reason = (*reason).to_owned();
                    self.refuse(name, reason);
                }
                None if all_named => self.ingested += 1,
                None => self.refuse(
                    name,
                    format!("its task failed without saying whether this entry was written: {why}"),
                ),
            }
        }
    }

    /// The error that contains this report.
    pub(super) fn into_error(self, cause: Option<Error>) -> Error {
        let error = match (&cause, self.failed.first()) {
            (Some(cause), _) => cause.clone(),
            (None, Some(first)) => Error::new(
                crate::error::ErrorKind::TaskFailed,
                format!(
                    "{} of {} entries were not ingested; the first, `{}`: {}; see IngestReport::from_error",
                    self.failed.len(),
                    self.entries_read,
                    first.subject,
                    first.reason
                ),
            ),
            (None, None) => Error::new(crate::error::ErrorKind::TaskFailed, "nothing was ingested"),
        };
        error
            .with_operation("ingest_all".into())
            .with_source(Unfinished {
                report: self,
                cause,
            })
    }
}

/// The reasons of a failed task for single entries, from `errors`, by subject and id.
fn named(details: Option<&Json>) -> HashMap<(&str, Option<&str>), &str> {
    let errors = details
        .and_then(|d| d.get("errors"))
        .and_then(Json::as_array);
    let each = errors.into_iter().flatten().filter_map(|error| {
        let subject = error.get("subject")?.as_str()?;
        let entry_id = error.get("entry_id").and_then(Json::as_str);
        Some(((subject, entry_id), error.get("message")?.as_str()?))
    });
    each.collect()
}

/// The source of an ingest's error, which contains the report.
#[derive(Debug)]
struct Unfinished {
    report: IngestReport,
    /// The error itself, for its own source.
    cause: Option<Error>,
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.report;
        write!(
            f,
            "of {} entries, {} were ingested and {} rejected; to continue, skip the first {}",
            report.entries_read,
            report.ingested,
            report.failed.len(),
            report.next_position
        )
    }
}

impl StdError for Unfinished {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_ref()?.source()
    }
}

impl IngestBatch {
    pub(super) fn new(task_id: Uuid, batch: &Batch) -> Self {
        Self {
            task_id,
            entries: batch.names.len() as u64,
            bytes: batch.body.len() as u64,
            task: None,
        }
    }
}
