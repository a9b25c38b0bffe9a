//! Pages and items, for every paging style the same.
//!
//! The spec says how a list goes on; generated code says where a call begins, what a page says, and how
//! the call for the next one is made ([`PageSource`]). [`rules`] decides whether there is one. Here is all
//! that is left: fetch, hand out, go on, and stop where the service stops.

mod rules;
#[cfg(all(test, feature = "search", feature = "transfer"))]
#[allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and says what it came to"
)]
mod sequence_tests;
#[cfg(all(test, feature = "search", feature = "transfer"))]
mod sequences;

pub(crate) use rules::{Cursor, CursorKind, List, Marker, Position, Start};

use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{RawResponse, Request, Response};
use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt, stream};
use rules::{Next, Progress};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A call whose answer is a page. Generated.
pub(crate) trait PageSource: Clone + Send + Sync + 'static {
    type Page: DeserializeOwned + Send + Sync + 'static;
    type Item: Send + 'static;
    const LIST: List;
    /// The call for the first page.
    fn first(self) -> Self;
    /// Where this call begins.
    fn start(&self) -> Start;
    /// What a page says of its list.
    fn position(page: &Self::Page) -> Position;
    /// What a page holds.
    fn items(page: Self::Page) -> Vec<Self::Item>;
    /// Makes this the call for another page.
    fn move_to(&mut self, to: Cursor) -> Result<()>;
    fn call(&self) -> &Call;
    /// What this call asks.
    fn request_page(&self) -> Result<Request>;
}

/// A list that is being read: the call for its next page, and what was read before.
#[derive(Clone)]
pub(crate) struct Reader<C> {
    call: C,
    progress: Progress,
}

impl<C: PageSource> Reader<C> {
    pub(crate) fn new(call: C) -> Self {
        let progress = Progress::new(call.start());
        Self { call, progress }
    }

    /// The answer that holds the next page. The reader stays: it leads to the one behind.
    pub(crate) async fn answer(&self) -> Result<RawResponse> {
        self.call.call().send(self.call.request_page()?).await
    }

    /// The next page.
    pub(crate) async fn page(&self) -> Result<Response<C::Page>> {
        self.answer().await?.decode(self.call.call().name())
    }

    /// What reads on behind a page; `None` at the end.
    ///
    /// # Errors
    ///
    /// When there is more that the service does not give. What the page holds is right all the same.
    pub(crate) fn next_reader<P>(
        mut self,
        page: &Response<P>,
        position: Position,
    ) -> Result<Option<Self>> {
        match self.progress.next(&C::LIST, position) {
            Next::End => Ok(None),
            Next::Page(cursor) => {
                self.call.move_to(cursor)?;
                Ok(Some(self))
            }
            Next::Capped => Err(self.capped()),
            Next::Missing(why) => Err(page.attached_to(self.incomplete(&why))),
        }
    }

    fn incomplete(&self, why: &str) -> Error {
        let read = self.progress.served();
        self.call.call().attach_operation(Error::new(
            ErrorKind::Decode,
            format!("the list is not complete after {read} items: {why}"),
        ))
    }

    fn capped(&self) -> Error {
        let cap = C::LIST.max_items.unwrap_or_default();
        let remedy = match C::LIST.continues_with {
            Some(operation) => format!("`{operation}` serves them all"),
            None => "narrow the question".to_owned(),
        };
        self.call.call().attach_operation(Error::new(
            ErrorKind::ListLimitExceeded,
            format!(
                "there are more than the {cap} items that the service serves of one list; {remedy}"
            ),
        ))
    }
}

/// Every item of every page, fetched as they are asked for. A [`Stream`]; dropping it stops.
///
/// ```no_run
/// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
/// let mut tasks = transfer.task_list().stream();
/// while let Some(task) = tasks.next().await {
///     println!("{}", task?.task_id);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct ItemStream<T>(Pin<Box<dyn Stream<Item = Result<T>> + Send>>);

impl<T: Send + 'static> ItemStream<T> {
    pub(crate) fn new(stream: impl Stream<Item = Result<T>> + Send + 'static) -> Self {
        Self(Box::pin(stream))
    }

    /// What is in each.
    pub(crate) fn flatten<I: Send + 'static>(self, items: fn(T) -> Vec<I>) -> ItemStream<I> {
        ItemStream::new(
            self.0
                .map_ok(move |page| stream::iter(items(page).into_iter().map(Ok)))
                .try_flatten(),
        )
    }

    /// The next one, or `None` at the end.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
    /// let newest = transfer.task_list().stream().next().await.transpose()?;
    /// # Ok(()) }
    /// ```
    pub async fn next(&mut self) -> Option<Result<T>> {
        self.0.next().await
    }

    /// All that are left.
    ///
    /// # Errors
    ///
    /// The first error ends it.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
    /// let tasks = transfer.task_list().stream().collect().await?;
    /// # Ok(()) }
    /// ```
    pub async fn collect(self) -> Result<Vec<T>> {
        self.0.try_collect().await
    }
}

impl<T> Stream for ItemStream<T> {
    type Item = Result<T>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<T> std::fmt::Debug for ItemStream<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ItemStream")
    }
}

/// Where reading stands.
enum ReadState<C> {
    Open(Reader<C>),
    /// There is no more, though there should be.
    Incomplete(Error),
    End,
}

/// How a page and what it says are had from an answer to an operation of this name.
type Decode<P> = fn(RawResponse, Cow<'static, str>) -> Result<(Response<P>, Position)>;

/// Page after page.
pub(crate) fn read<C: PageSource, P: Send + 'static>(call: C, decode: Decode<P>) -> ItemStream<P> {
    let start = ReadState::Open(Reader::new(call.first()));
    ItemStream::new(stream::try_unfold(start, move |reading| async move {
        let reader = match reading {
            ReadState::Open(reader) => reader,
            ReadState::Incomplete(error) => return Err(error),
            ReadState::End => return Ok(None),
        };
        let answer = reader.answer().await?;
        let (page, position) = decode(answer, reader.call.call().name())?;
        // what the page holds comes before what is wrong behind it
        let reading = match reader.next_reader(&page, position) {
            Ok(Some(reader)) => ReadState::Open(reader),
            Ok(None) => ReadState::End,
            Err(error) => ReadState::Incomplete(error),
        };
        Ok(Some((page.into_inner(), reading)))
    }))
}

/// Page after page, of the spec's type.
pub(crate) fn pages<C: PageSource>(call: C) -> ItemStream<C::Page> {
    read(call, |answer, name| {
        let page = answer.decode::<C::Page>(name)?;
        let position = C::position(&page);
        Ok((page, position))
    })
}

/// Item after item, of the spec's type.
pub(crate) fn items<C: PageSource>(call: C) -> ItemStream<C::Item> {
    pages(call).flatten(C::items)
}

/// The streams of a builder.
macro_rules! paged {
    ($builder:ident: $page:ty, $item:ty) => {
        impl $builder {
            /// Every page, one after the other, fetched as it is asked for.
            ///
            /// A list that is longer than the service serves ends with an error of kind
            /// `ListLimitExceeded`, one that the service does not send to its end with an error of kind
            /// `Decode`. What came before is right.
            pub fn pages(self) -> $crate::pagination::ItemStream<$page> {
                $crate::pagination::pages(self)
            }

            /// Every item of every page, fetched as it is asked for.
            ///
            /// Ends as [`pages`](Self::pages) does.
            pub fn stream(self) -> $crate::pagination::ItemStream<$item> {
                $crate::pagination::items(self)
            }
        }
    };
}
pub(crate) use paged;
