//! Submitting once and only once.
//!
//! The service runs one submission id once. So a document is given its id before it is first sent,
//! and keeps it: whatever happens on the way, sending the same document again is the same task.

use crate::call::{CallOptions, options};
use crate::error::{Error, ErrorKind, Result};
use crate::generated::transfer::Client;
use crate::generated::transfer::builders;
use crate::generated::transfer::types::{DeleteData, DeleteResult, TransferData, TransferResult};
use crate::transport::{Clock, Response, backoff};
use crate::types::{Deadline, SubmissionId, Uuid};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tracing::warn;

/// The longest pauses between two submissions while the service takes none: after the first, and ever.
/// Places become free at the pace of tasks, and a document may be large.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// A document that becomes a task: [`TransferData`] or [`DeleteData`].
pub trait Submission: Sync + sealed::Submission {}

impl Submission for TransferData {}
impl Submission for DeleteData {}

mod sealed {
    use crate::call::CallOptions;
    use crate::error::Result;
    use crate::generated::transfer::Client;
    use crate::transport::Response;
    use crate::types::{Deadline, SubmissionId, Uuid};
    use std::future::Future;

    /// Keeps the trait to this crate's documents.
    pub trait Submission: 'static {
        /// What the service answers.
        type Answer: Send + 'static;
        #[doc(hidden)]
        type Call: Clone + Send + 'static;
        #[doc(hidden)]
        fn id(&self) -> &SubmissionId;
        #[doc(hidden)]
        fn deadline(&self) -> Option<&Deadline>;
        #[doc(hidden)]
        fn check(&self) -> Result<()>;
        #[doc(hidden)]
        fn call(&self, client: &Client) -> Self::Call;
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn complete(call: Self::Call, id: Option<Uuid>, options: CallOptions) -> Self::Call;
        #[doc(hidden)]
        fn send(
            call: Self::Call,
        ) -> impl Future<Output = Result<Response<Self::Answer>>> + Send + 'static;
    }
}

/// Makes a generated document a submission, and gives it its one public method.
macro_rules! submission {
    ($document:ty => $answer:ty, $bare:ident, $builder:ident) => {
        impl sealed::Submission for $document {
            type Answer = $answer;
            type Call = builders::$builder;

            fn id(&self) -> &SubmissionId {
                &self.submission_id
            }

            fn deadline(&self) -> Option<&Deadline> {
                self.deadline.as_ref()
            }

            fn check(&self) -> Result<()> {
                self.check()
            }

            fn call(&self, client: &Client) -> Self::Call {
                client.$bare(self)
            }

            #[allow(private_interfaces)]
            fn complete(mut call: Self::Call, id: Option<Uuid>, options: CallOptions) -> Self::Call {
                if let Some(id) = id {
                    call.body = call.body.with_submission_id(id);
                }
                *call.call_mut().options() = options;
                call
            }

            fn send(
                call: Self::Call,
            ) -> impl Future<Output = Result<Response<$answer>>> + Send + 'static {
                call.send()
            }
        }

        impl $document {
            /// Gives the document its submission id, unless it has one, and says which it is. A
            /// deadline that is a duration counts from now.
            ///
            /// Submitting does this by itself. Do it before, and store the document, to submit the
            /// same task after a crash.
            ///
            /// # Errors
            ///
            /// What the service answers to `get_submission_id`; kind `Usage` when the deadline is
            /// later than any calendar goes.
            ///
            /// ```no_run
            #[doc = concat!("# async fn run(transfer: globus_sdk::transfer::Client, data: globus_sdk::transfer::", stringify!($document), ") -> Result<(), Box<dyn std::error::Error>> {")]
            /// data.prepare(&transfer).await?;
            /// std::fs::write("pending.json", serde_json::to_vec(&data)?)?;
            /// # Ok(()) }
            /// ```
            pub async fn prepare(&self, client: &Client) -> Result<Uuid> {
                pin_deadline(self, client)?;
                ensure_id(&self.submission_id, client, CallOptions::default()).await
            }
        }
    };
}
submission!(TransferData => TransferResult, bare_submit_transfer, SubmitTransfer);
submission!(DeleteData => DeleteResult, bare_submit_delete, SubmitDelete);

/// Says when the document's deadline is, if it counts from now.
fn pin_deadline<D: Submission>(document: &D, client: &Client) -> Result<()> {
    match document.deadline() {
        Some(deadline) => deadline.pin(client.core.transport().clock().now()),
        None => Ok(()),
    }
}

/// Fetches the id, unless it is known.
async fn ensure_id(id: &SubmissionId, client: &Client, options: CallOptions) -> Result<Uuid> {
    if let Some(id) = id.get() {
        return Ok(id);
    }
    let mut call = client.get_submission_id();
    *call.call_mut().options() = options;
    Ok(id.pin(call.await?.value))
}

impl Client {
    /// Submits a transfer, once and only once.
    ///
    /// The document's submission id is fetched unless it has one, and stays in the document: every
    /// retry, and every later submission of the same document, is the same task. What the service
    /// would refuse at sight (no items, a label that is too long, a path that is relative or holds
    /// `\r\n`, a checksum on a folder) is an error of kind `Usage` before anything is sent, and names
    /// the item by index and path.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind);
    /// [`Error::submission_id`](crate::Error::submission_id) tells under which id.
    ///
    /// ```no_run
    /// use globus_sdk::transfer::{TransferData, TransferItem};
    ///
    /// # async fn run(transfer: globus_sdk::transfer::Client, src: globus_sdk::types::Uuid, dst: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let data = TransferData::new(src, dst).item(TransferItem::folder("/run7/", "/in/run7/"));
    /// let task = transfer.submit_transfer(&data).await?;
    /// let done = transfer.wait(task.task_id).await?;
    /// # Ok(()) }
    /// ```
    pub fn submit_transfer(&self, data: &TransferData) -> Submit<TransferData> {
        Submit::new(self, data)
    }

    /// Submits a delete task, once and only once, as [`submit_transfer`](Self::submit_transfer)
    /// does.
    ///
    /// ```no_run
    /// use globus_sdk::transfer::DeleteData;
    ///
    /// # async fn run(transfer: globus_sdk::transfer::Client, collection: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let task = transfer.submit_delete(&DeleteData::new(collection).recursive(true).item("/old/")).await?;
    /// # Ok(()) }
    /// ```
    pub fn submit_delete(&self, data: &DeleteData) -> Submit<DeleteData> {
        Submit::new(self, data)
    }
}

/// A submission in the making; awaiting it submits.
///
/// The document is encoded when this is made, and borrowed no longer.
#[must_use = "a submission does nothing until it is awaited or sent"]
pub struct Submit<D: Submission> {
    client: Client,
    id: SubmissionId,
    /// Whether the id is in the encoded document already.
    has_id: bool,
    call: Result<D::Call>,
    /// The document's deadline.
    deadline: Option<jiff::Timestamp>,
    options: CallOptions,
    wait: Option<BusyWait>,
}

/// Which refusals are waited out, and how long at most.
#[derive(Clone, Copy, Debug)]
struct BusyWait {
    limit: Duration,
    identical_paths: bool,
}

options!(<D: Submission> Submit<D>, options);

impl<D: Submission> fmt::Debug for Submit<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Submit")
            .field("submission_id", &self.id.get())
            .field("options", &self.options)
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}

impl<D: Submission> Submit<D> {
    fn new(client: &Client, document: &D) -> Self {
        // Another submission of the same document may set its id at this moment.
        let (has_id, call) = loop {
            let has_id = document.id().is_set();
            let checked = document
                .check()
                .and_then(|()| pin_deadline(document, client));
            let call = checked.map(|()| document.call(client));
            if document.id().is_set() == has_id {
                break (has_id, call);
            }
        };
        Self {
            client: client.clone(),
            id: document.id().share(),
            has_id,
            call,
            deadline: document
                .deadline()
                .and_then(|deadline| deadline.time()?.instant()),
            options: CallOptions::default(),
            wait: None,
        }
    }

    /// Waits for up to `limit` while too many tasks of the user wait
    /// (`ClientError.Conflict.TooManyPendingJobs`), or the user has asked too often (429), and submits again
    /// under the same id, every 2 to 60 seconds, or as late as the service asks for. Each refusal is a line at
    /// WARN. When the time is up, or the document's deadline has come, the error is the service's last.
    ///
    /// A refusal for identical paths ([`ErrorKind::Busy`](crate::ErrorKind::Busy), too) is an error at once:
    /// the task that has them does the same already. See [`wait_while_busy`](Self::wait_while_busy) and
    /// [`find_running`](Client::find_running). Of the two `wait_while_` methods, the later call counts.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// # async fn run(transfer: globus_sdk::transfer::Client, data: globus_sdk::transfer::TransferData) -> globus_sdk::Result<()> {
    /// let day = Duration::from_secs(24 * 3600);
    /// let task = transfer.submit_transfer(&data).wait_while_full(day).await?;
    /// # Ok(()) }
    /// ```
    pub fn wait_while_full(mut self, limit: Duration) -> Self {
        self.wait = Some(BusyWait {
            limit,
            identical_paths: false,
        });
        self
    }

    /// Waits as [`wait_while_full`](Self::wait_while_full) does, and also until a transfer with identical
    /// paths has ended, so that this one runs after it.
    pub fn wait_while_busy(mut self, limit: Duration) -> Self {
        self.wait = Some(BusyWait {
            limit,
            identical_paths: true,
        });
        self
    }

    /// Submits: the answer with status, headers and body.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind); the error carries the submission id.
    pub async fn send(self) -> Result<Response<D::Answer>> {
        let id = self.id.share();
        let submitted = self.submit().await;
        submitted.map_err(|error| error.with_submission_id(id.get()))
    }

    async fn submit(mut self) -> Result<Response<D::Answer>> {
        let call = self.call?;
        let transport = self.client.core.transport();
        if self.wait.is_some() {
            // a 429 is answered below: else each pause would follow a burst of the transport's own retries
            self.options.except_rate_limits(transport.retry());
        }
        let mut refusals = Refusals {
            wait: self.wait,
            deadline: self.deadline,
            clock: transport.clock().clone(),
            started: transport.clock().instant(),
            count: 0,
        };
        let id = loop {
            match ensure_id(&self.id, &self.client, self.options.clone()).await {
                Err(error) => refusals.wait_out(error, &self.id).await?,
                Ok(id) => break id,
            }
        };
        let call = D::complete(call, (!self.has_id).then_some(id), self.options);
        loop {
            match D::send(call.clone()).await {
                Err(error) => refusals.wait_out(error, &self.id).await?,
                submitted => return submitted,
            }
        }
    }
}

/// The refusals of one submission, and how long they may be waited out.
struct Refusals {
    wait: Option<BusyWait>,
    /// A task that is accepted after its deadline expires at once.
    deadline: Option<jiff::Timestamp>,
    clock: Arc<dyn Clock>,
    started: Instant,
    count: u32,
}

impl Refusals {
    /// Waits after a refusal. An error that is not waited out, or no longer, is the result.
    async fn wait_out(&mut self, error: Error, id: &SubmissionId) -> Result<()> {
        let Some(pause) = self.pause(&error) else {
            return Err(error);
        };
        warn!(
            operation = error.operation(),
            reason = error.summary(),
            submission_id = id.get().map(tracing::field::display),
            wait = ?pause,
            "the service takes the submission later; submitting again"
        );
        self.clock.sleep(pause).await;
        self.count += 1;
        Ok(())
    }

    /// How long to wait before the next submission; the last one is when the time is up.
    fn pause(&self, error: &Error) -> Option<Duration> {
        let wait = self.wait.filter(|wait| wait.bears(error))?;
        let now = self.clock.now();
        let elapsed = self.clock.instant().saturating_duration_since(self.started);
        let mut left = wait.limit.saturating_sub(elapsed);
        if let Some(deadline) = self.deadline {
            let left_to_deadline = SystemTime::from(deadline).duration_since(now);
            left = left.min(left_to_deadline.unwrap_or_default());
        }
        let own = backoff::exponential(PAUSES.0, PAUSES.1, self.count, self.clock.random());
        let pause = own.max(error.retry_after(now).unwrap_or_default());
        (!left.is_zero()).then(|| pause.min(left))
    }
}

impl BusyWait {
    /// Whether such a refusal is waited out.
    fn bears(&self, error: &Error) -> bool {
        match error.kind() {
            ErrorKind::RateLimited => true,
            ErrorKind::Busy => self.identical_paths || error.is_queue_full(),
            _ => false,
        }
    }
}

impl<D: Submission> IntoFuture for Submit<D> {
    type Output = Result<D::Answer>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.send().await?.into_inner()) })
    }
}
