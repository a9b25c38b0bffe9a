//! Pages and items, for every paging style the same.
//!
//! The spec says how a list goes on; generated code turns one page into the call for the next
//! ([`Paged`]). Here is all that is left: fetch, hand out, go on, and stop where the service stops.

use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::Request;
use futures_core::Stream;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::de::DeserializeOwned;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A call whose answer is a page. Generated.
pub(crate) trait Paged: Clone + Send + Sync + 'static {
    type Page: DeserializeOwned + Send + Sync + 'static;
    type Item: Send + 'static;
    /// After how many items the service serves no more.
    const CAP: Option<u64>;
    /// The operation that serves what is beyond.
    const BEYOND: Option<&'static str> = None;
    /// The call for the first page.
    fn first(self) -> Self;
    /// How many items a page holds.
    fn count(page: &Self::Page) -> usize;
    /// What a page holds.
    fn items(page: Self::Page) -> Vec<Self::Item>;
    /// The call for the page after this one, which held `seen` items; `None` at the end.
    fn next(self, page: &Self::Page, seen: usize) -> Result<Option<Self>>;
    fn call(&self) -> &Call;
    /// What this call asks.
    fn ask(&self) -> Result<Request>;

    /// The page that this call asks for. The call stays: it leads to the next one.
    fn page(&self) -> impl Future<Output = Result<Self::Page>> + Send {
        async {
            let answer = self.call().send(self.ask()?).await?;
            let page = answer.decode::<Self::Page>(self.call().name())?;
            Ok(page.into_inner())
        }
    }
}

/// A marker or key that leads to the next page.
pub(crate) trait Token: ToString {
    /// An empty one leads nowhere.
    fn goes_on(&self) -> bool;
}

impl Token for String {
    fn goes_on(&self) -> bool {
        !self.is_empty()
    }
}

impl Token for i64 {
    fn goes_on(&self) -> bool {
        true
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
pub struct Items<T>(Pin<Box<dyn Stream<Item = Result<T>> + Send>>);

impl<T: Send + 'static> Items<T> {
    pub(crate) fn new(stream: impl Stream<Item = Result<T>> + Send + 'static) -> Self {
        Self(Box::pin(stream))
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

impl<T> Stream for Items<T> {
    type Item = Result<T>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<T> std::fmt::Debug for Items<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Items")
    }
}

/// Where a walk over pages stands.
enum Walk<C> {
    At(C, u64),
    /// The service had more than it serves.
    Capped(C),
    End,
}

/// Page after page.
pub(crate) fn pages<C: Paged>(call: C) -> Items<C::Page> {
    let start = Walk::At(call.first(), 0);
    Items::new(stream::try_unfold(start, |walk| async move {
        let (call, before) = match walk {
            Walk::At(call, before) => (call, before),
            Walk::Capped(call) => return Err(capped(&call)),
            Walk::End => return Ok(None),
        };
        let page = call.page().await?;
        let seen = C::count(&page);
        let served = before + seen as u64;
        let walk = match call.next(&page, seen)? {
            None => Walk::End,
            Some(call) if C::CAP.is_some_and(|cap| served >= cap) => Walk::Capped(call),
            Some(call) => Walk::At(call, served),
        };
        Ok(Some((page, walk)))
    }))
}

/// Item after item.
pub(crate) fn items<C: Paged>(call: C) -> Items<C::Item> {
    Items::new(
        pages(call)
            .map_ok(|page| stream::iter(C::items(page).into_iter().map(Ok)))
            .try_flatten(),
    )
}

fn capped<C: Paged>(call: &C) -> Error {
    let cap = C::CAP.unwrap_or_default();
    let remedy = match C::BEYOND {
        Some(operation) => format!("`{operation}` serves them all"),
        None => "narrow the question".to_owned(),
    };
    call.call().fault(Error::new(
        ErrorKind::ListLimit,
        format!(
            "there are more than the {cap} items that the service serves of one list; {remedy}"
        ),
    ))
}

/// The streams of a builder.
macro_rules! paged {
    ($builder:ident: $page:ty, $item:ty) => {
        impl $builder {
            /// Every page, one after the other, fetched as it is asked for.
            ///
            /// A list that is longer than the service serves ends with an error of kind
            /// `ListLimit`.
            pub fn pages(self) -> $crate::paging::Items<$page> {
                $crate::paging::pages(self)
            }

            /// Every item of every page, fetched as it is asked for.
            ///
            /// Ends as [`pages`](Self::pages) does.
            pub fn stream(self) -> $crate::paging::Items<$item> {
                $crate::paging::items(self)
            }
        }
    };
}
pub(crate) use paged;
