//! Walking a tree: lazily, with several listings at a time.
//!
//! ```text
//!                 Walk::stream, Walk::events
//!                         │ poll_next
//!            ┌────────────┴────────────┐
//!        Unordered                  Ordered           which folder is next, and when
//!        depth or breadth first     prefetches        its entries are yielded
//!            └────────────┬────────────┘
//!                    ListingPool                      listings in progress, 429s to repeat
//!              ┌──────────┴──────────┐
//!          RateLimiter        DirectoryLister         how many at a time │ operation_ls, subfolders
//! ```
//!
//! Nothing runs in the background: a walk progresses while it is polled, and dropping it cancels
//! its requests.

mod entry;
mod lister;
mod ordered;
mod rate_limit;
mod unordered;

use crate::error::{Error, Result};
use crate::generated::transfer::Client;
use crate::generated::transfer::builders::OperationLs;
use crate::pagination::ItemStream;
use crate::types::{Id, RepeatedParam, Uuid};
pub use entry::{Entry, ListFailure, WalkEvent};
use futures_util::stream;
pub(super) use ordered::Ordered;
use std::fmt;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;
use unordered::Unordered;

type MapRequest = dyn Fn(OperationLs, usize) -> OperationLs + Send + Sync;
type DescendIf = dyn Fn(&Entry) -> bool + Send + Sync;

/// Builder for a recursive listing; call [`stream`](Self::stream) to start it.
///
/// Entries are yielded as listings arrive, depth first: the most recently found folder is listed
/// next, which keeps the number of waiting folders, and so the memory, small. Use
/// [`ordered`](Self::ordered) or [`breadth_first`](Self::breadth_first) to change that.
///
/// When the service answers 429, no listing starts before the time it names, and the walk continues
/// with half as many at a time; successful listings restore the number. The client's
/// [`RetryPolicy`](crate::transport::RetryPolicy) determines how many 429s in a row are tolerated.
///
/// The service does not list a folder of more than 100,000 entries, whatever the filter or page;
/// that is an error of kind [`ListLimitExceeded`](crate::ErrorKind::ListLimitExceeded).
///
/// The path of an entry always means that entry: a folder `~` in a collection's root is `/./~`,
/// since `/~/` is the home folder. A name that cannot be part of a path (empty, `.`, `..`, with a
/// slash, a NUL character or `\r\n`) is an error of kind [`Decode`](crate::ErrorKind::Decode) that names
/// the folder and the entry, after which the walk continues. All other names are yielded, including
/// those with line breaks, backslashes or a leading dash: check them before using them as paths on
/// another system.
///
/// ```no_run
/// use globus_sdk::transfer::FileFilter;
///
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let mut entries = transfer
///     .ls(id, "/data/")
///     .max_depth(5)
///     .descend_if(|folder| folder.file.name != ".snapshots")
///     .map_request(|ls, depth| match depth {
///         0 => ls.filter(FileFilter::new().name_like("run*")),
///         _ => ls,
///     })
///     .concurrency(8)
///     .requests_per_second(10.0)
///     .stream();
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a walk does nothing until it is streamed"]
pub struct Walk {
    client: Client,
    collection: Id,
    top: String,
    max_depth: Option<usize>,
    concurrency: usize,
    spacing: Duration,
    rate: Option<f64>,
    order: Order,
    /// Ordered, and each folder sorted by name.
    by_name: bool,
    follow_links: bool,
    show_hidden: Option<bool>,
    filter: Option<RepeatedParam>,
    map_request: Option<Arc<MapRequest>>,
    descend_if: Option<Arc<DescendIf>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    DepthFirst,
    BreadthFirst,
    Ordered,
}

impl Client {
    /// Lists a folder as a stream of entries; with [`recursive`](Walk::recursive), also all folders
    /// below it.
    ///
    /// An empty path means the collection's default folder. For a single listing as a whole, see
    /// [`operation_ls`](Self::operation_ls).
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let everything = transfer.ls(id, "/data/").recursive().stream().collect().await?;
    /// # Ok(()) }
    /// ```
    pub fn ls(&self, collection: impl Into<Id>, path: impl Into<String>) -> Walk {
        Walk {
            client: self.clone(),
            collection: collection.into(),
            top: path.into(),
            max_depth: None,
            concurrency: 4,
            spacing: Duration::ZERO,
            rate: None,
            order: Order::DepthFirst,
            by_name: false,
            follow_links: false,
            show_hidden: None,
            filter: None,
            map_request: None,
            descend_if: None,
        }
    }
}

impl Walk {
    /// Descends into folders, without a limit.
    pub fn recursive(self) -> Self {
        self.max_depth(usize::MAX)
    }

    /// Descends into folders, up to this many levels below the top.
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.max_depth = Some(levels);
        self
    }

    /// How many listings may run at a time; 4 by default.
    pub fn concurrency(mut self, listings: usize) -> Self {
        self.concurrency = listings.max(1);
        self
    }

    /// How many listings may start per second, evenly spaced. No limit by default; 0.5 means one
    /// every two seconds.
    pub fn requests_per_second(mut self, rate: f64) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Yields entries in a fixed order, whatever the order in which listings arrive: a folder, then
    /// everything in it, then the next entry of its listing.
    ///
    /// Listings that arrive early are buffered: at most 4 for each concurrent listing at each
    /// level, and no listing starts while 50,000 entries are buffered.
    pub fn ordered(mut self) -> Self {
        self.order = Order::Ordered;
        self
    }

    /// Lists folders in the order in which they are found, so that entries near the top come first.
    /// Needs memory for all folders of a level. Replaces [`ordered`](Self::ordered).
    pub fn breadth_first(mut self) -> Self {
        self.order = Order::BreadthFirst;
        self
    }

    /// Descends into folders that links point to as well. By default, a link is only an entry.
    ///
    /// A link to one of its own ancestors is not followed, judged by the absolute paths that
    /// listings give for links. A folder that two links point to is walked twice.
    pub fn follow_links(mut self) -> Self {
        self.follow_links = true;
        self
    }

    /// Decides whether to descend into a folder; called for each one that
    /// [`max_depth`](Self::max_depth) allows. The folder itself is yielded in any case.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let entries = transfer
    ///     .ls(id, "/data/")
    ///     .recursive()
    ///     .descend_if(|folder| folder.depth > 0 || folder.file.name.starts_with("2026-"))
    ///     .stream();
    /// # }
    /// ```
    pub fn descend_if(
        mut self,
        predicate: impl Fn(&Entry) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.descend_if = Some(Arc::new(predicate));
        self
    }

    /// Changes the request for each listing; also receives its depth, 0 for the top.
    ///
    /// Any parameter or option of [`operation_ls`](Client::operation_ls) may be set, except the
    /// path. With a `limit`, large folders are listed in several pages. A selection of `fields`
    /// must include `name`, `type` and `link_target`, without which a link looks like a folder.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let entries = transfer
    ///     .ls(id, "/data/")
    ///     .recursive()
    ///     .map_request(|ls, depth| {
    ///         let ls = ls.local_user("alice").orderby("name");
    ///         if depth == 0 { ls.filter("type:dir/name:~run*") } else { ls }
    ///     })
    ///     .stream();
    /// # }
    /// ```
    pub fn map_request(
        mut self,
        map: impl Fn(OperationLs, usize) -> OperationLs + Send + Sync + 'static,
    ) -> Self {
        self.map_request = Some(Arc::new(map));
        self
    }

    /// Whether to list names with a leading dot. The service's default is yes.
    pub fn show_hidden(mut self, show: bool) -> Self {
        self.show_hidden = Some(show);
        self
    }

    /// The service's filter for each listing, as for [`operation_ls`](Client::operation_ls). The
    /// walk does not descend into folders that the filter excludes: allow folders as an
    /// alternative.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let entries = transfer.ls(id, "/data/").recursive().filter(["name:~*.h5", "type:dir"]).stream();
    /// # }
    /// ```
    pub fn filter(mut self, filter: impl Into<RepeatedParam>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// Streams the entries. The first folder that cannot be listed ends the stream; an entry with
    /// an invalid name is an error without ending it. Dropping the stream stops the walk.
    ///
    /// # Errors
    ///
    /// Those of [`operation_ls`](Client::operation_ls), with the folder in the message.
    /// [`ListLimitExceeded`](crate::ErrorKind::ListLimitExceeded) for a folder of more than 100,000
    /// entries. [`Decode`](crate::ErrorKind::Decode) for an entry whose name cannot be part of a path.
    pub fn stream(self) -> ItemStream<Entry> {
        self.start(|event, collection| match event {
            WalkEvent::Entry(entry) => Ok(entry),
            WalkEvent::ListFailure(folder) => Err(folder.into_error(collection)),
        })
    }

    /// Streams the entries and the folders that cannot be listed, and continues after the latter.
    ///
    /// # Errors
    ///
    /// Errors that every other folder would have as well end the stream: an invalid argument, no
    /// valid token, no connection.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// use globus_sdk::transfer::WalkEvent;
    ///
    /// let events = transfer.ls(id, "/data/").recursive().events().collect().await?;
    /// let missing = events.iter().filter(|e| matches!(e, WalkEvent::ListFailure(_))).count();
    /// # Ok(()) }
    /// ```
    pub fn events(self) -> ItemStream<WalkEvent> {
        self.start(|event, collection| match event {
            WalkEvent::ListFailure(folder) if folder.ends_walk() => {
                Err(folder.into_error(collection))
            }
            event => Ok(event),
        })
    }

    fn start<T: Send + 'static>(
        mut self,
        item: impl Fn(WalkEvent, Uuid) -> Result<T> + Send + 'static,
    ) -> ItemStream<T> {
        let collection = match self.check() {
            Ok(collection) => collection,
            Err(error) => return ItemStream::new(stream::once(async { Err(error) })),
        };
        let mut under_way = Some(match self.order {
            Order::Ordered => UnderWay::Ordered(Ordered::new(self, collection)),
            Order::DepthFirst => UnderWay::Unordered(Unordered::new(self, collection, false)),
            Order::BreadthFirst => UnderWay::Unordered(Unordered::new(self, collection, true)),
        });
        ItemStream::new(stream::poll_fn(move |cx| {
            let event = match &mut under_way {
                Some(UnderWay::Ordered(walk)) => ready!(walk.poll_next(cx)),
                Some(UnderWay::Unordered(walk)) => ready!(walk.poll_next(cx)),
                None => None,
            };
            // after an entry with an invalid name, the rest of the folder follows
            let continues =
                matches!(&event, Some(WalkEvent::ListFailure(folder)) if folder.entry.is_some());
            let item = event.map(|event| item(event, collection));
            if !continues && !matches!(item, Some(Ok(_))) {
                under_way = None;
            }
            Poll::Ready(item)
        }))
    }

    /// The depth limit; unlimited when none is set.
    pub(super) fn depth_limit(&self) -> usize {
        self.max_depth.unwrap_or(usize::MAX)
    }

    /// Lists each folder completely and sorted by name, for the ordered walk.
    pub(super) fn by_name(mut self) -> Self {
        self.by_name = true;
        self
    }

    /// Finds invalid arguments before anything is sent. Returns the collection.
    pub(super) fn check(&mut self) -> Result<Uuid> {
        if let Some(rate) = self.rate {
            self.spacing = match Duration::try_from_secs_f64(1.0 / rate) {
                Ok(spacing) if rate > 0.0 => spacing,
                _ => {
                    return Err(Error::usage(format!(
                        "ls: invalid rate of {rate} requests per second; use a number above 0"
                    )));
                }
            };
        }
        self.collection
            .uuid()
            .map_err(|text| Error::invalid_uuid("collection", text).with_operation("ls".into()))
    }
}

enum UnderWay {
    Ordered(Ordered),
    Unordered(Unordered),
}

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("collection", &self.collection)
            .field("top", &self.top)
            .field("max_depth", &self.max_depth)
            .field("concurrency", &self.concurrency)
            .field("requests_per_second", &self.rate)
            .field("order", &self.order)
            .field("follow_links", &self.follow_links)
            .finish_non_exhaustive()
    }
}
