//! Ingesting any number of entries.
//!
//! An ingest request has a size limit and starts a task that has to be waited for. An [`IngestAll`]
//! reads entries from an iterator or a stream, encodes each once, cuts them into batches that fit,
//! submits these one after the other while earlier ones are still running, and waits until all have
//! finished. The result is an [`IngestReport`].
//!
//! Batches are submitted in order, one at a time, and the service runs the tasks of an index in
//! order: of two entries with the same subject and id, the later one wins, as in the source.

mod batch;
mod report;
mod run;

pub use report::{FailedEntry, IngestBatch, IngestReport};

use crate::error::Result;
use crate::generated::search::Client;
use crate::generated::search::types::{FieldMappingType, MetaEntry};
use crate::types::Id;
use futures_core::Stream;
use futures_util::stream;
use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

/// The service's limit for a request: 10 MB.
const REQUEST_LIMIT: usize = 10_000_000;

type Source = Pin<Box<dyn Stream<Item = Result<MetaEntry>> + Send>>;
type Progress = dyn FnMut(&IngestReport) + Send;

/// An ingest of any size. Awaiting it writes everything and returns the report; dropping it stops
/// it, and batches that were already submitted still run.
///
/// # Errors
///
/// `Ok` means that every entry was ingested. Otherwise the error contains the report, see
/// [`IngestReport::from_error`]:
///
/// * kind `TaskFailed` when some entries were rejected; the others were ingested;
/// * any other kind when the service or the source failed. Entries read before that are still
///   ingested.
///
/// ```no_run
/// use globus_sdk::search::IngestReport;
/// # use globus_sdk::search::types::MetaEntry;
///
/// # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid, entries: Vec<MetaEntry>) -> globus_sdk::Result<()> {
/// let ingest = search
///     .ingest_all(index, entries)
///     .on_progress(|report| eprint!("\r{} entries", report.ingested));
/// if let Err(error) = ingest.await {
///     let Some(report) = IngestReport::from_error(&error) else { return Err(error) };
///     for entry in &report.failed {
///         eprintln!("{}: {}", entry.subject, entry.reason);
///     }
///     eprintln!("to continue, skip the first {} entries", report.next_position);
/// }
/// # Ok(()) }
/// ```
#[must_use = "an ingest does nothing until it is awaited"]
pub struct IngestAll {
    client: Client,
    index_id: Id,
    source: Source,
    field_mapping: BTreeMap<String, FieldMappingType>,
    batch_bytes: usize,
    batch_entries: usize,
    concurrency: usize,
    max_failures: usize,
    timeout: Option<Duration>,
    interval: Option<Duration>,
    progress: Option<Box<Progress>>,
}

impl Client {
    /// Ingests all entries of an iterator, and waits until they are written.
    ///
    /// [`ingest`](Self::ingest) is a single request and does not wait.
    ///
    /// ```no_run
    /// use globus_sdk::search::types::MetaEntry;
    ///
    /// # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let entries = (0..1_000_000).map(|n| {
    ///     MetaEntry::new(format!("run:{n}"), serde_json::json!({"n": n})).visible_to(["public"])
    /// });
    /// let report = search.ingest_all(index, entries).await?;
    /// println!("{} entries in {} batches", report.ingested, report.batches.len());
    /// # Ok(()) }
    /// ```
    pub fn ingest_all<I>(&self, index_id: impl Into<Id>, entries: I) -> IngestAll
    where
        I: IntoIterator<Item = MetaEntry>,
        I::IntoIter: Send + 'static,
    {
        self.ingest_stream(index_id, stream::iter(entries.into_iter().map(Ok)))
    }

    /// The same as [`ingest_all`](Self::ingest_all), from a stream that may fail: after its first
    /// error nothing more is read, and what was read before is still written.
    ///
    /// Use [`Error::custom`](crate::Error::custom) to turn a failure of the source into an
    /// [`Error`](crate::Error).
    ///
    /// ```no_run
    /// use futures_util::{StreamExt as _, stream};
    /// use globus_sdk::search::types::MetaEntry;
    /// use globus_sdk::{Error, ErrorKind};
    ///
    /// # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid, lines: Vec<String>) -> globus_sdk::Result<()> {
    /// let entries = stream::iter(lines).map(|line| {
    ///     serde_json::from_str::<MetaEntry>(&line)
    ///         .map_err(|e| Error::custom(ErrorKind::Usage, "a line is not an entry").with_source(e))
    /// });
    /// search.ingest_stream(index, entries).await?;
    /// # Ok(()) }
    /// ```
    pub fn ingest_stream(
        &self,
        index_id: impl Into<Id>,
        entries: impl Stream<Item = Result<MetaEntry>> + Send + 'static,
    ) -> IngestAll {
        IngestAll {
            client: self.clone(),
            index_id: index_id.into(),
            source: Box::pin(entries),
            field_mapping: BTreeMap::new(),
            batch_bytes: REQUEST_LIMIT,
            batch_entries: usize::MAX,
            concurrency: 4,
            max_failures: 10_000,
            timeout: None,
            interval: None,
            progress: None,
        }
    }
}

impl IngestAll {
    /// The type of a field that the service would not guess, by its dotted path.
    pub fn field_mapping(
        mut self,
        field_name: impl Into<String>,
        mapping: impl Into<FieldMappingType>,
    ) -> Self {
        self.field_mapping.insert(field_name.into(), mapping.into());
        self
    }

    /// How large a request may be, in bytes; 10,000,000 by default, the service's limit. A single
    /// entry that is larger is not sent, and is listed in [`IngestReport::failed`].
    pub fn batch_bytes(mut self, bytes: usize) -> Self {
        self.batch_bytes = bytes;
        self
    }

    /// How many entries a request may have. No limit by default.
    pub fn batch_entries(mut self, entries: usize) -> Self {
        self.batch_entries = entries.max(1);
        self
    }

    /// How many submitted batches may be unfinished at a time; 4 by default. They are still
    /// uploaded one after the other, so that they keep their order.
    pub fn concurrency(mut self, batches: usize) -> Self {
        self.concurrency = batches.max(1);
        self
    }

    /// Stops reading after more than this many rejected entries, since there is probably a common
    /// cause; 10,000 by default. This bounds the size of the report.
    pub fn max_failures(mut self, entries: usize) -> Self {
        self.max_failures = entries;
        self
    }

    /// How long to wait for one task, counted from the end of the previous one. No limit by
    /// default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// A fixed interval between polls, instead of a growing one. Only the oldest task is polled.
    pub fn polling_interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Called with the current report whenever a batch has been submitted or has finished.
    pub fn on_progress(mut self, progress: impl FnMut(&IngestReport) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }
}

impl IntoFuture for IngestAll {
    type Output = Result<IngestReport>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(run::run(self))
    }
}

impl fmt::Debug for IngestAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IngestAll")
            .field("index_id", &self.index_id)
            .field("batch_bytes", &self.batch_bytes)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
