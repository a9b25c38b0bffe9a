//! Submitting once and only once.
//!
//! The service runs one submission id once. So a document is given its id before it is first sent,
//! and keeps it: whatever happens on the way, sending the same document again is the same task.

use super::Client;
use super::builders;
use super::types::{DeleteData, DeleteResult, TransferData, TransferResult};
use crate::call::{Options, options};
use crate::error::Result;
use crate::transport::Response;
use crate::types::{Deadline, SubmissionId, Uuid};
use std::future::{Future, IntoFuture};
use std::pin::Pin;

/// A document that becomes a task: [`TransferData`] or [`DeleteData`].
pub trait Submission: Sync + sealed::Submission {}

impl Submission for TransferData {}
impl Submission for DeleteData {}

mod sealed {
    use super::{Client, Deadline, Options, Response, Result, SubmissionId};
    use std::future::Future;

    /// Keeps the trait to this crate's documents.
    pub trait Submission {
        /// What the service answers.
        type Answer: Send + 'static;
        #[doc(hidden)]
        fn id(&self) -> &SubmissionId;
        #[doc(hidden)]
        fn deadline(&self) -> Option<&Deadline>;
        #[doc(hidden)]
        fn check(&self) -> Result<()>;
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn send(
            &self,
            client: &Client,
            options: Options,
        ) -> impl Future<Output = Result<Response<Self::Answer>>> + Send;
    }
}

/// Makes a generated document a submission, and gives it its one public method.
macro_rules! submission {
    ($document:ty => $answer:ty, $bare:ident, $builder:ident) => {
        impl sealed::Submission for $document {
            type Answer = $answer;

            fn id(&self) -> &SubmissionId {
                &self.submission_id
            }

            fn deadline(&self) -> Option<&Deadline> {
                self.deadline.as_ref()
            }

            fn check(&self) -> Result<()> {
                self.check()
            }

            #[allow(private_interfaces)]
            fn send(
                &self,
                client: &Client,
                options: Options,
            ) -> impl Future<Output = Result<Response<$answer>>> + Send {
                let mut call: builders::$builder = client.$bare(self);
                *call.call_mut().options() = options;
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
                prepare(self, client, Options::default()).await
            }
        }
    };
}
submission!(TransferData => TransferResult, bare_submit_transfer, SubmitTransfer);
submission!(DeleteData => DeleteResult, bare_submit_delete, SubmitDelete);

async fn prepare<D: Submission>(document: &D, client: &Client, options: Options) -> Result<Uuid> {
    if let Some(deadline) = document.deadline() {
        deadline.pin(client.core.transport().clock().now())?;
    }
    if let Some(id) = document.id().get() {
        return Ok(id);
    }
    let mut call = client.get_submission_id();
    *call.call_mut().options() = options;
    Ok(document.id().pin(call.await?.value))
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
    pub fn submit_transfer<'d>(&self, data: &'d TransferData) -> Submit<'d, TransferData> {
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
    pub fn submit_delete<'d>(&self, data: &'d DeleteData) -> Submit<'d, DeleteData> {
        Submit::new(self, data)
    }
}

/// A submission in the making; awaiting it submits.
///
/// It borrows its document, which may be large.
#[derive(Debug)]
#[must_use = "a submission does nothing until it is awaited or sent"]
pub struct Submit<'d, D> {
    client: Client,
    document: &'d D,
    options: Options,
}

options!(<D> Submit<'_, D>, options);

impl<'d, D: Submission> Submit<'d, D> {
    fn new(client: &Client, document: &'d D) -> Self {
        Self {
            client: client.clone(),
            document,
            options: Options::default(),
        }
    }

    /// Submits: the answer with status, headers and body.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind); the error carries the submission id.
    pub async fn send(self) -> Result<Response<D::Answer>> {
        let Self {
            client,
            document,
            options,
        } = self;
        let submitted = async {
            document.check()?;
            prepare(document, &client, options.clone()).await?;
            document.send(&client, options).await
        };
        submitted
            .await
            .map_err(|e| e.with_submission_id(document.id().get()))
    }
}

impl<'d, D: Submission> IntoFuture for Submit<'d, D> {
    type Output = Result<D::Answer>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'd>>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.send().await?.into_inner()) })
    }
}
