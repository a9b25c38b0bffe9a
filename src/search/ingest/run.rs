//! Running an ingest: reading, submitting and waiting concurrently, in one future.
//!
//! ```text
//! source ─▶ Batcher ─full─▶ uploading ─▶ submitted (oldest first) ─▶ waiting ─▶ report
//!           one batch       one upload   at most `concurrency`       oldest only
//! ```
//!
//! Each stage holds a bounded number of batches, and a stage that cannot move on stops the one
//! before it. That bounds memory and keeps the order.

use super::batch::{Batch, Batcher, Name};
use super::report::{IngestBatch, IngestReport};
use super::{IngestAll, Progress, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::generated::search::Client;
use crate::generated::search::types::{
    IngestList, IngestRequest, MetaList, Task, TaskState, TaskSubmission,
};
use crate::operation::Idempotency;
use crate::transport::Body;
use crate::types::Uuid;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use std::collections::VecDeque;
use std::future::{Future, IntoFuture, pending};
use std::pin::Pin;
use std::time::Duration;

type Step<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

pub(super) async fn run(ingest: IngestAll) -> Result<IngestReport> {
    let index = ingest.index_id.uuid().map_err(|text| {
        Error::invalid_uuid("index_id", text).with_operation("ingest_all".into())
    })?;
    let batcher = Batcher::new(
        ingest.field_mapping,
        ingest.batch_bytes,
        ingest.batch_entries,
    )?;
    let under_way = UnderWay {
        service: Service {
            client: ingest.client,
            index,
            timeout: ingest.timeout,
            interval: ingest.interval,
        },
        source: Some(ingest.source),
        batcher,
        concurrency: ingest.concurrency,
        max_failures: ingest.max_failures,
        progress: ingest.progress,
        full: None,
        uploading: None,
        submitting: None,
        submitted: VecDeque::new(),
        waiting: None,
        ended: 0,
        lost: false,
        report: IngestReport::default(),
        fatal: None,
    };
    under_way.finish().await
}

/// The state of a running ingest.
struct UnderWay {
    service: Service,
    /// `None` once nothing more is read.
    source: Option<Source>,
    batcher: Batcher,
    concurrency: usize,
    max_failures: usize,
    progress: Option<Box<Progress>>,
    /// A full batch that waits to be submitted; nothing is read meanwhile.
    full: Option<Batch>,
    /// The batch that `submitting` sends.
    uploading: Option<Batch>,
    submitting: Option<Step<TaskSubmission>>,
    /// The entries of batches whose tasks have not finished, oldest first.
    submitted: VecDeque<Vec<Name>>,
    /// Waits for the oldest of them: the service runs them in order.
    waiting: Option<Step<Task>>,
    /// How many of the report's batches have finished.
    ended: usize,
    /// Set when polling a task failed for good; the outcome of it and all later batches is unknown.
    lost: bool,
    report: IngestReport,
    fatal: Option<Error>,
}

impl UnderWay {
    async fn finish(mut self) -> Result<IngestReport> {
        loop {
            self.begin();
            let taking = self.full.is_none();
            let source = self.source.as_mut().filter(|_| taking);
            if source.is_none() && self.submitting.is_none() && self.waiting.is_none() {
                break;
            }
            tokio::select! {
                // read first, so that the next batch is full by the time the service answers
                biased;
                entry = next(source) => match entry {
                    Some(Ok(entry)) => match self.batcher.push(&entry) {
                        Ok(full) => self.full = full,
                        Err((name, why)) => {
                            self.report.refuse(name, format!("the entry {why}"));
                            self.look_at_failures();
                        }
                    },
                    Some(Err(error)) => self.stop(error),
                    None => self.source = None,
                },
                answer = step(&mut self.submitting) => self.uploaded(answer),
                task = step(&mut self.waiting) => self.over(task),
            }
            self.report.entries_read = self.batcher.taken();
        }
        // the first entry that is in no task, or in one whose outcome is unknown: the stages are
        // checked from the oldest to the newest
        let unsettled = self.submitted.front().and_then(|names| names.first());
        let unsettled = unsettled.or(self.uploading.as_ref().and_then(|b| b.names.first()));
        let unsettled = unsettled.or(self.full.as_ref().and_then(|b| b.names.first()));
        let unsettled = unsettled.map(|name| name.position);
        let unsettled = unsettled.or_else(|| self.batcher.first());
        self.report.next_position = unsettled.unwrap_or(self.report.entries_read);
        if self.fatal.is_some() || !self.report.failed.is_empty() {
            return Err(self.report.into_error(self.fatal));
        }
        Ok(self.report)
    }

    /// Starts every stage that can run.
    fn begin(&mut self) {
        if self.source.is_none() && self.full.is_none() {
            self.full = self.batcher.rest();
        }
        // a batch that could not be submitted stays in `uploading`, so that nothing overtakes it
        let free = self.uploading.is_none() && self.submitted.len() < self.concurrency;
        if free && let Some(batch) = self.full.take() {
            self.submitting = Some(self.service.submit(batch.body.clone()));
            self.uploading = Some(batch);
        }
        if self.waiting.is_none()
            && !self.lost
            && let Some(batch) = self.report.batches.get(self.ended)
        {
            self.waiting = Some(self.service.wait(batch.task_id));
        }
    }

    /// Handles the service's answer to a batch.
    fn uploaded(&mut self, answer: Result<TaskSubmission>) {
        self.submitting = None;
        let Some(batch) = self.uploading.take() else {
            return;
        };
        match answer {
            Ok(task) => {
                let submitted = IngestBatch::new(task.task_id, &batch);
                self.report.batches.push(submitted);
                self.submitted.push_back(batch.names);
                self.tell();
            }
            // the service examined the batch and rejected it: other batches may still be fine
            Err(error) if error.kind() == ErrorKind::InvalidRequest => {
                let why = error.message().to_owned();
                for name in batch.names {
                    let why = format!("the service rejected the request with this entry: {why}");
                    self.report.refuse(name, why);
                }
                self.look_at_failures();
                self.tell();
            }
            Err(error) => {
                self.uploading = Some(batch);
                self.stop(error);
            }
        }
    }

    /// Handles the end of the oldest task, or of polling it.
    fn over(&mut self, task: Result<Task>) {
        self.waiting = None;
        let task = match task {
            Ok(task) => task,
            Err(error) => {
                // later tasks may well have finished, but counting them would leave a gap in
                // `next_position`
                self.lost = true;
                return self.stop(error);
            }
        };
        let names = self.submitted.pop_front().unwrap_or_default();
        match task.state {
            TaskState::Success => self.report.task_succeeded(&names),
            _ => self.report.task_failed(names, &task),
        }
        if let Some(batch) = self.report.batches.get_mut(self.ended) {
            batch.task = Some(task);
        }
        self.ended += 1;
        self.look_at_failures();
        self.tell();
    }

    fn look_at_failures(&mut self) {
        let failed = self.report.failed.len();
        if failed > self.max_failures {
            self.stop(Error::new(
                ErrorKind::TaskFailed,
                format!(
                    "{failed} entries were rejected, more than max_failures ({}), so that no \
                    more were read; see IngestReport::from_error",
                    self.max_failures
                ),
            ));
        }
    }

    /// Stops reading; what was read is finished. The first reason is reported.
    fn stop(&mut self, why: Error) {
        self.source = None;
        self.fatal.get_or_insert(why);
    }

    fn tell(&mut self) {
        self.report.entries_read = self.batcher.taken();
        if let Some(progress) = &mut self.progress {
            progress(&self.report);
        }
    }
}

/// The service's side of an ingest.
struct Service {
    client: Client,
    index: Uuid,
    timeout: Option<Duration>,
    interval: Option<Duration>,
}

impl Service {
    fn submit(&self, body: Bytes) -> Step<TaskSubmission> {
        let nothing = IngestRequest::from(IngestList::new(MetaList::new()));
        let mut call = self.client.ingest(self.index, nothing);
        call.body = Body::encoded(body);
        // entries are replaced by subject and id, so that a repeated upload has no effect unless a
        // later batch came in between; batches are uploaded one at a time
        call.call_mut().set_idempotency(Idempotency::Idempotent);
        Box::pin(call.into_future())
    }

    /// Waits until the task has finished, whatever the outcome.
    fn wait(&self, task_id: Uuid) -> Step<Task> {
        let mut wait = self.client.wait(task_id);
        if let Some(timeout) = self.timeout {
            wait = wait.timeout(timeout);
        }
        if let Some(interval) = self.interval {
            wait = wait.polling_interval(interval);
        }
        let mut states = wait.stream();
        Box::pin(async move {
            let mut last = None;
            while let Some(state) = states.next().await {
                last = Some(state?);
            }
            last.ok_or_else(|| {
                Error::new(
                    ErrorKind::WaitTimeout,
                    "the task was never polled; allow more time with `timeout`",
                )
            })
        })
    }
}

/// The next item of a source; pending for ever if there is none, so that `select!` ignores it.
async fn next<S: Stream + Unpin>(source: Option<&mut S>) -> Option<S::Item> {
    match source {
        Some(source) => source.next().await,
        None => pending().await,
    }
}

/// The result of a step; pending for ever if there is none.
async fn step<T>(step: &mut Option<Step<T>>) -> Result<T> {
    match step {
        Some(step) => step.await,
        None => pending().await,
    }
}
