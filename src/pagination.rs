//! Pages and items: one implementation for every paging style.
//!
//! ```text
//! generated PageSource:  start() ── position(page) ── move_to(cursor)      what the spec says
//!                            │           │                ▲
//!                            ▼           ▼                │
//! rules::Progress:       next(position) ─▶ End | Page(cursor) | Capped | Missing
//!                                          │
//! Reader:  request_page ─▶ send ─▶ decode ─┴─▶ yield the page, then continue or fail
//! ```
//!
//! A page is yielded before an error that follows it, so that a caller never loses items that were
//! received.

mod rules;
#[cfg(all(test, feature = "search", feature = "transfer"))]
#[allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot continue has failed, and prints its result"
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

/// A call whose answer is a page. Implemented by generated code.
pub(crate) trait PageSource: Clone + Send + Sync + 'static {
    type Page: DeserializeOwned + Send + Sync + 'static;
    type Item: Send + 'static;
    const LIST: List;
    /// The call for the first page.
    fn first(self) -> Self;
    /// Where this call starts.
    fn start(&self) -> Start;
    /// What a page says about its position in the list.
    fn position(page: &Self::Page) -> Position;
    /// The items of a page.
    fn items(page: Self::Page) -> Vec<Self::Item>;
    /// Changes this call to the one for another page.
    fn move_to(&mut self, to: Cursor) -> Result<()>;
    fn call(&self) -> &Call;
    /// Builds this call's request.
    fn request_page(&self) -> Result<Request>;
}

/// A list that is being read: the call for the next page, and the progress so far.
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

    /// The answer with the next page. The reader does not move; see `next_reader`.
    pub(crate) async fn answer(&self) -> Result<RawResponse> {
        self.call.call().send(self.call.request_page()?).await
    }

    /// The next page.
    pub(crate) async fn page(&self) -> Result<Response<C::Page>> {
        self.answer().await?.decode(self.call.call().name())
    }

    /// The reader for the page after this one; `None` at the end.
    ///
    /// # Errors
    ///
    /// When there is more that the service does not return. The page itself is valid.
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
            Some(operation) => format!("use `{operation}`, which returns all of them"),
            None => "narrow the request".to_owned(),
        };
        self.call.call().attach_operation(Error::new(
            ErrorKind::ListLimitExceeded,
            format!("the list has more than the {cap} items that the service returns; {remedy}"),
        ))
    }
}

/// Every item of a list, fetched page by page as needed. A [`Stream`]; dropping it stops.
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

    /// The items of each page.
    pub(crate) fn flatten<I: Send + 'static>(self, items: fn(T) -> Vec<I>) -> ItemStream<I> {
        ItemStream::new(
            self.0
                .map_ok(move |page| stream::iter(items(page).into_iter().map(Ok)))
                .try_flatten(),
        )
    }

    /// The next item, or `None` at the end.
    pub async fn next(&mut self) -> Option<Result<T>> {
        self.0.next().await
    }

    /// All remaining items.
    ///
    /// # Errors
    ///
    /// The first error that occurs.
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

/// The state of a list that is being read.
enum ReadState<C> {
    Open(Reader<C>),
    /// The list ended early.
    Incomplete(Error),
    End,
}

/// Decodes a page and its position from an answer to the named operation.
type Decode<P> = fn(RawResponse, Cow<'static, str>) -> Result<(Response<P>, Position)>;

/// Streams pages.
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
        // yield the page first, so that an error after it loses no items
        let reading = match reader.next_reader(&page, position) {
            Ok(Some(reader)) => ReadState::Open(reader),
            Ok(None) => ReadState::End,
            Err(error) => ReadState::Incomplete(error),
        };
        Ok(Some((page.into_inner(), reading)))
    }))
}

/// Streams pages of the spec's type.
pub(crate) fn pages<C: PageSource>(call: C) -> ItemStream<C::Page> {
    read(call, |answer, name| {
        let page = answer.decode::<C::Page>(name)?;
        let position = C::position(&page);
        Ok((page, position))
    })
}

/// Streams items of the spec's type.
pub(crate) fn items<C: PageSource>(call: C) -> ItemStream<C::Item> {
    pages(call).flatten(C::items)
}

/// The stream methods of a builder.
macro_rules! paged {
    ($builder:ident: $page:ty, $item:ty) => {
        impl $builder {
            /// All pages, each fetched when needed.
            ///
            /// A list that is longer than the service returns ends with an error of kind
            /// `ListLimitExceeded`, and one that the service cuts short with an error of kind
            /// `Decode`. The pages before the error are valid.
            pub fn pages(self) -> $crate::pagination::ItemStream<$page> {
                $crate::pagination::pages(self)
            }

            /// The items of all pages, fetched as needed.
            ///
            /// Ends like [`pages`](Self::pages).
            pub fn stream(self) -> $crate::pagination::ItemStream<$item> {
                $crate::pagination::items(self)
            }
        }
    };
}
pub(crate) use paged;
