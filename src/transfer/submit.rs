//! Submitting a task exactly once.
//!
//! The service runs each submission id once. A document gets its id before it is first sent and
//! keeps it: whatever happens on the way, sending the same document again results in the same task.

use crate::call::{CallOptions, options};
use crate::error::{Error, ErrorKind, Result};
use crate::generated::transfer::types::{DeleteData, DeleteResult, TransferData, TransferResult};
use crate::generated::transfer::{Client, builders};
use crate::transport::{Clock, Response, backoff};
use crate::types::{Deadline, SubmissionId, Uuid};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tracing::warn;

/// The longest pauses between two submissions to a full queue: after the first refusal, and
/// overall. Slots become free only as tasks finish, and a document may be large.
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

    /// Limits the trait to this crate's documents.
    pub trait Submission: 'static {
        /// The service's answer.
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

/// Makes a generated document a submission and gives it its public method.
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
            /// Gives the document its submission id, unless it has one, and returns it. A deadline
            /// that is a duration starts counting now.
            ///
            /// Submitting does this automatically. Call it before that and store the document to be
            /// able to submit the same task after a crash.
            ///
            /// # Errors
            ///
            /// Any kind that `get_submission_id` fails with; kind `Usage` when the deadline is out
            /// of range.
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

/// Fixes the document's deadline, if it is a duration.
fn pin_deadline<D: Submission>(document: &D, client: &Client) -> Result<()> {
    match document.deadline() {
        Some(deadline) => deadline.pin(client.core.transport().clock().now()),
        None => Ok(()),
    }
}

/// Fetches the id, unless it is set.
async fn ensure_id(id: &SubmissionId, client: &Client, options: CallOptions) -> Result<Uuid> {
    if let Some(id) = id.get() {
        return Ok(id);
    }
    let mut call = client.get_submission_id();
    *call.call_mut().options() = options;
    // another submission of the same document may have set an id meanwhile: `pin` returns that one,
    // so that both submit the same task
    Ok(id.pin(call.await?.value))
}

impl Client {
    /// Submits a transfer exactly once.
    ///
    /// The document's submission id is fetched unless it is set, and stays in the document: every
    /// retry, and every later submission of the same document, results in the same task. What the
    /// service would refuse in any case (no items, a label that is too long, a path that is
    /// relative or contains `\r\n`, a checksum on a folder) is an error of kind `Usage` before
    /// anything is sent, and names the item by index and path.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind); [`Error::submission_id`](crate::Error::submission_id)
    /// is the id that was used.
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

    /// Submits a delete task exactly once; see [`submit_transfer`](Self::submit_transfer).
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

/// A submission; awaiting it submits.
///
/// The document is encoded when this is created, and no longer borrowed after that.
#[must_use = "a submission does nothing until it is awaited or sent"]
pub struct Submit<D: Submission> {
    client: Client,
    id: SubmissionId,
    /// Whether the encoded document already contains the id.
    has_id: bool,
    call: Result<D::Call>,
    /// The document's deadline.
    deadline: Option<jiff::Timestamp>,
    options: CallOptions,
    wait: Option<BusyWait>,
}

/// Which refusals to wait out, and for how long.
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
        // Another submission of the same document may set the id right now. Then the encoded text
        // may or may not contain it, so encode until the id was in the same state before and after.
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

    /// Waits for up to `limit` while the user has too many waiting tasks
    /// (`ClientError.Conflict.TooManyPendingJobs`) or has sent too many requests (429), and submits
    /// again under the same id, every 2 to 60 seconds, or later if the service asks for it. Each
    /// refusal is logged at WARN. When the time is up, the service's last error is returned.
    ///
    /// A refusal for identical paths, which also has kind
    /// [`ErrorKind::Busy`](crate::ErrorKind::Busy), is returned at once: the task with those paths
    /// already does the same. See [`wait_while_busy`](Self::wait_while_busy) and
    /// [`find_running`](Client::find_running). Of the two `wait_while_` methods, the later call
    /// counts.
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

    /// The same as [`wait_while_full`](Self::wait_while_full), but also waits until a transfer with
    /// identical paths has finished, so that this one runs after it.
    pub fn wait_while_busy(mut self, limit: Duration) -> Self {
        self.wait = Some(BusyWait {
            limit,
            identical_paths: true,
        });
        self
    }

    /// Submits the task and returns the answer with status, headers and body.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind); the error has the submission id.
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
            "the service does not accept the submission yet; submitting again later"
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
    /// Whether to wait after this refusal.
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
