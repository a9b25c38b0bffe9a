//! Results with contents of the caller's own type.
//!
//! A search finds subjects, each with one or more entries whose contents are any JSON. A caller
//! that knows the type of the contents uses [`entries`](super::builders::PostSearch::entries) and
//! gets one decoded entry after the other.

use crate::error::{Error, ErrorKind, Result};
use crate::generated::search::builders;
use crate::generated::search::types::{EntryResult, FacetResult, MetaEntry, MetaResult};
use crate::pagination::ItemStream;
use crate::transport::RequestSecrets;
use crate::types::Json;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;

/// An entry of a subject, with its content as the caller's own type.
///
/// ```no_run
/// # #[derive(serde::Deserialize)] struct Run { title: String }
/// # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// for run in search.search(index, "copper").entries::<Run>().await?.entries {
///     println!("{}: {}", run.subject, run.content.title);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry<T> {
    /// The subject that the entry describes.
    pub subject: String,
    /// Which entry of the subject; `None` is the default one.
    pub entry_id: Option<String>,
    /// The decoded content.
    pub content: T,
    /// The entry's principal sets that contain the caller.
    pub matched_principal_sets: Vec<String>,
    /// Who can see the entry. Empty unless the query's `fields` include it.
    pub visible_to: Vec<String>,
    /// The names of its principal sets. Empty unless the query's `fields` include them.
    pub principal_sets: Vec<String>,
}

/// A page of entries.
///
/// ```no_run
/// # #[derive(serde::Deserialize)] struct Run { title: String }
/// # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let page = search.search(index, "copper").entries::<Run>().await?;
/// println!("{} of the entries of {:?} subjects", page.entries.len(), page.total);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EntryPage<T> {
    /// The entries; those of one subject are adjacent.
    pub entries: Vec<Entry<T>>,
    /// The total number of matching subjects, if the service reports it.
    pub total: Option<i64>,
    /// Whether there are further pages.
    pub has_next_page: bool,
    /// The results of the facets. A scroll has none.
    pub facets: Vec<FacetResult>,
}

impl<T> EntryPage<T> {
    /// A facet's result; see [`SearchResult::facet`](super::types::SearchResult::facet).
    pub fn facet(&self, name: &str) -> Option<&FacetResult> {
        self.facets.iter().find(|facet| facet.name == name)
    }
}

/// A search whose entries have contents of type `T`. Awaiting it returns one page.
///
/// # Errors
///
/// Any kind that the search fails with; kind `Decode` when a content does not match the type, with
/// its subject and the JSON path.
///
/// ```no_run
/// use globus_sdk::search::types::{Filter, SearchQuery};
///
/// #[derive(serde::Deserialize)]
/// struct Run {
///     title: String,
///     kelvin: f64,
/// }
///
/// # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let cold = SearchQuery::new().filter(Filter::range("kelvin", ..77.0));
/// let mut runs = search.post_search(index, cold).entries::<Run>().stream();
/// while let Some(run) = runs.next().await {
///     let run = run?.content;
///     println!("{} at {} K", run.title, run.kelvin);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is awaited or streamed"]
pub struct Entries<T> {
    call: Call,
    content: PhantomData<fn() -> T>,
}

#[derive(Clone, Debug)]
enum Call {
    Search(builders::Search),
    PostSearch(builders::PostSearch),
    Scroll(builders::Scroll),
}

macro_rules! entries {
    ($($builder:ident)*) => { $(
        impl builders::$builder {
            /// Decodes the entries of the found subjects as the caller's own type.
            ///
            /// See [`Entries`].
            pub fn entries<T: DeserializeOwned + Send + 'static>(self) -> Entries<T> {
                Entries { call: Call::$builder(self), content: PhantomData }
            }
        }
    )* };
}
entries!(Search PostSearch Scroll);

/// A page of any of the calls.
struct Page {
    gmeta: Vec<MetaResult>,
    total: Option<i64>,
    has_next_page: bool,
    facets: Vec<FacetResult>,
}

/// Whether a page has results after it, judged by its numbers.
fn has_more(page: &crate::generated::search::types::SearchResult) -> bool {
    let count = i64::try_from(page.gmeta.len()).unwrap_or(i64::MAX);
    let end = page.offset.unwrap_or(0).saturating_add(count);
    page.total.is_some_and(|total| end < total)
}

/// Converts a page of a search or a scroll.
macro_rules! page {
    ($page:ident, $facets:expr, $more:expr) => {
        Page {
            facets: $facets,
            gmeta: $page.gmeta,
            total: $page.total,
            // older answers do not have the flag
            has_next_page: $page.has_next_page.unwrap_or($more),
        }
    };
}

impl Call {
    async fn page(self) -> Result<Page> {
        Ok(match self {
            Self::Search(call) => {
                let page = call.await?;
                let more = has_more(&page);
                page!(page, page.facet_results, more)
            }
            Self::PostSearch(call) => {
                let page = call.await?;
                let more = has_more(&page);
                page!(page, page.facet_results, more)
            }
            Self::Scroll(call) => {
                let page = call.await?;
                let more = page.marker.is_some();
                page!(page, Vec::new(), more)
            }
        })
    }

    fn pages(self) -> ItemStream<Page> {
        let searched = |page: Result<crate::generated::search::types::SearchResult>| {
            page.map(|page| {
                let more = has_more(&page);
                page!(page, page.facet_results, more)
            })
        };
        match self {
            Self::Search(call) => ItemStream::new(call.pages().map(searched)),
            Self::PostSearch(call) => ItemStream::new(call.pages().map(searched)),
            Self::Scroll(call) => ItemStream::new(call.pages().map(|page| {
                page.map(|page| {
                    let more = page.marker.is_some();
                    page!(page, Vec::new(), more)
                })
            })),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Search(_) => "search",
            Self::PostSearch(_) => "post_search",
            Self::Scroll(_) => "scroll",
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> Entries<T> {
    /// All pages, each fetched when needed. Ends like the search's own pages.
    pub fn pages(self) -> ItemStream<EntryPage<T>> {
        let name = self.call.name();
        ItemStream::new(
            self.call
                .pages()
                .map(move |page| page.and_then(|page| typed(page, name))),
        )
    }

    /// The entries of all pages, fetched as needed. Ends like the search's own stream.
    ///
    /// A content that does not match the type is an error in place of its entry, and the stream
    /// continues after it.
    pub fn stream(self) -> ItemStream<Entry<T>> {
        let name = self.call.name();
        ItemStream::new(self.call.pages().flat_map(move |page| {
            let entries: Vec<Result<Entry<T>>> = match page {
                Ok(page) => each(page.gmeta, name).collect(),
                Err(error) => vec![Err(error)],
            };
            stream::iter(entries)
        }))
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Entries<T> {
    type Output = Result<EntryPage<T>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;
    fn into_future(self) -> Self::IntoFuture {
        let name = self.call.name();
        Box::pin(async move { typed(self.call.page().await?, name) })
    }
}

impl<T> fmt::Debug for Entries<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Entries").field(&self.call).finish()
    }
}

fn typed<T: DeserializeOwned>(page: Page, name: &'static str) -> Result<EntryPage<T>> {
    Ok(EntryPage {
        entries: each(page.gmeta, name).collect::<Result<_>>()?,
        total: page.total,
        has_next_page: page.has_next_page,
        facets: page.facets,
    })
}

fn each<T: DeserializeOwned>(
    gmeta: Vec<MetaResult>,
    name: &'static str,
) -> impl Iterator<Item = Result<Entry<T>>> {
    gmeta.into_iter().flat_map(move |meta| {
        let subject = meta.subject;
        let entries = meta.entries.into_iter();
        entries.map(move |entry| {
            let content = decode(entry.content.as_ref()).map_err(|why| {
                let entry = match &entry.entry_id {
                    Some(id) => format!("entry `{id}` of `{subject}`"),
                    None => format!("the entry of `{subject}`"),
                };
                Error::new(ErrorKind::Decode, format!("{entry} {why}")).with_operation(name.into())
            })?;
            Ok(Entry {
                subject: subject.clone(),
                entry_id: entry.entry_id,
                content,
                matched_principal_sets: entry.matched_principal_sets,
                visible_to: entry.visible_to,
                principal_sets: entry.principal_sets,
            })
        })
    })
}

/// Decodes a content, or says why it cannot be.
fn decode<T: DeserializeOwned>(content: Option<&Json>) -> Result<T, String> {
    // a content that was not requested is absent, which an `Option` accepts
    let Some(content) = content else {
        return T::deserialize(&Json::Null)
            .map_err(|_| "has no content; include `content` in the query's `fields`".to_owned());
    };
    T::deserialize(content).map_err(|error| {
        // decode again from text, to find the position of the error
        let text = content.to_string();
        match serde_json::from_str::<T>(&text) {
            Err(error) => {
                let place = crate::transport::json_place(
                    text.as_bytes(),
                    &error,
                    &RequestSecrets::default(),
                );
                format!("does not fit its type {place}")
            }
            Ok(_) => format!("does not fit its type: {error}"),
        }
    })
}

impl EntryResult {
    /// Decodes the content as the caller's own type.
    ///
    /// # Errors
    ///
    /// Kind `Decode` when it does not match the type, or was not requested.
    ///
    /// ```no_run
    /// # #[derive(serde::Deserialize)] struct Run { title: String }
    /// # async fn run(search: globus_sdk::search::Client, index: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let subject = search.get_subject(index, "https://example.com/abc").await?;
    /// for entry in &subject.entries {
    ///     let run: Run = entry.content_as()?;
    ///     println!("{}", run.title);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn content_as<T: DeserializeOwned>(&self) -> Result<T> {
        decode(self.content.as_ref())
            .map_err(|why| Error::new(ErrorKind::Decode, format!("the entry {why}")))
    }
}

impl MetaEntry {
    /// Creates an entry from any content that serializes as a JSON object.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when it serializes as anything else.
    ///
    /// ```
    /// use globus_sdk::search::types::MetaEntry;
    ///
    /// #[derive(serde::Serialize)]
    /// struct Run {
    ///     title: &'static str,
    /// }
    ///
    /// let entry = MetaEntry::from_content("run:7", &Run { title: "Copper" })?.visible_to(["public"]);
    /// assert_eq!(entry.content["title"], "Copper");
    /// assert!(MetaEntry::from_content("run:8", "no object").is_err());
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn from_content<T: Serialize + ?Sized>(
        subject: impl Into<String>,
        content: &T,
    ) -> Result<Self> {
        let subject = subject.into();
        match serde_json::to_value(content) {
            Ok(content @ Json::Object(_)) => Ok(Self::new(subject, content)),
            Ok(_) => Err(Error::usage(format!(
                "the content of `{subject}` is not a JSON object; wrap it in a struct or a map"
            ))),
            Err(e) => Err(Error::usage(format!(
                "the content of `{subject}` cannot be encoded: {e}; use only types that JSON has"
            ))),
        }
    }
}
