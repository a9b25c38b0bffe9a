//! Walking a tree: a listing of listings, lazily, several at a time.
//!
//! The service lists one folder at a time; a [`Walk`] says what to list. `lister` makes the calls,
//! as fast as `rate_limit` allows, and finds the folders to go into; `unordered` and `ordered` decide
//! which folder is next and when its entries come. Nothing runs in the background: a walk goes on
//! while it is polled, and dropping it ends the calls that are under way.

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
/// Entries come as listings arrive, depth first: the newest folder is listed next, which keeps the
/// folders that wait, and with them the memory, few. [`ordered`](Self::ordered) and
/// [`breadth_first`](Self::breadth_first) change that.
///
/// When the service refuses with 429, no listing of the walk begins before the time that it names,
/// and the walk goes on with half as many at once; that comes back with success. How often in a row
/// it bears this is the client's [`RetryPolicy`](crate::transport::RetryPolicy).
///
/// A folder of more than 100,000 entries is not listed by the service, whatever the filter or page;
/// that is an error of kind [`ListLimitExceeded`](crate::ErrorKind::ListLimitExceeded).
///
/// A path that a walk gives means the entry that was listed: a folder `~` in a collection's root is
/// `/./~`, since `/~/` is the home. A name that no path can be made of (empty, `.`, `..`, with a
/// slash, a NUL character or `\r\n`) is an error of kind [`Decode`](crate::ErrorKind::Decode) that names the
/// folder and the entry, after which the walk goes on. All else is a name, also with line ends,
/// backslashes, or a leading dash: look at it before it becomes a path on another system.
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
    /// Ordered, and each folder by name.
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
    /// Lists a folder as a stream of entries, and with
    /// [`recursive`](Walk::recursive) all folders below it.
    ///
    /// An empty path is the collection's default folder.
    /// [`operation_ls`](Self::operation_ls) is one listing, whole.
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
    /// Goes into folders, however deep.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let entries = transfer.ls(id, "/data/").recursive().stream();
    /// # }
    /// ```
    pub fn recursive(self) -> Self {
        self.max_depth(usize::MAX)
    }

    /// Goes into folders, this many levels below the top.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let of_data_and_its_folders = transfer.ls(id, "/data/").max_depth(1).stream();
    /// # }
    /// ```
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.max_depth = Some(levels);
        self
    }

    /// How many listings may be under way at once; 4 by default.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let entries = transfer.ls(id, "/data/").recursive().concurrency(16).stream();
    /// # }
    /// ```
    pub fn concurrency(mut self, listings: usize) -> Self {
        self.concurrency = listings.max(1);
        self
    }

    /// How many listings may begin in a second, evenly spread. No limit by default; 0.5 is one
    /// every two seconds.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let gently = transfer.ls(id, "/data/").recursive().requests_per_second(5.0).stream();
    /// # }
    /// ```
    pub fn requests_per_second(mut self, rate: f64) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Entries come in one order, whatever the order in which listings arrive: a folder, then all
    /// that is in it, then what stands behind it in its listing.
    ///
    /// ListingPool that arrive before their turn wait: at most 4 for each that may be under way at
    /// each level, and none is begun behind 50,000 entries that wait.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let tree = transfer.ls(id, "/data/").recursive().ordered().stream();
    /// # }
    /// ```
    pub fn ordered(mut self) -> Self {
        self.order = Order::Ordered;
        self
    }

    /// Lists folders in the order in which they are found, so that what is near the top comes
    /// first. Needs memory for all folders of a level. Takes the place of
    /// [`ordered`](Self::ordered).
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let nearest_first = transfer.ls(id, "/data/").recursive().breadth_first().stream();
    /// # }
    /// ```
    pub fn breadth_first(mut self) -> Self {
        self.order = Order::BreadthFirst;
        self
    }

    /// Goes into folders that a link leads to, too. By default a link is an entry and no more.
    ///
    /// A link that leads back to a folder above it is not followed; that is told by the absolute
    /// paths that listings give for links. A folder to which two links lead is walked twice.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let entries = transfer.ls(id, "/data/").recursive().follow_links().stream();
    /// # }
    /// ```
    pub fn follow_links(mut self) -> Self {
        self.follow_links = true;
        self
    }

    /// Whether to go into a folder, asked for each that [`max_depth`](Self::max_depth) allows. One
    /// that is not gone into is still an entry.
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

    /// Changes the request for each listing, by its depth: 0 is the top.
    ///
    /// Any parameter or option of [`operation_ls`](Client::operation_ls) but the path. With a
    /// `limit`, large folders come in several pages. A selection of `fields` has to hold `name`,
    /// `type` and `link_target`, without which a link looks like a folder.
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

    /// Whether names with a leading dot are entries. The service's default is yes.
    ///
    /// ```no_run
    /// # fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) {
    /// let entries = transfer.ls(id, "/data/").show_hidden(false).stream();
    /// # }
    /// ```
    pub fn show_hidden(mut self, show: bool) -> Self {
        self.show_hidden = Some(show);
        self
    }

    /// What the service filters each listing by, as
    /// [`operation_ls`](Client::operation_ls) takes it. A folder that a filter hides is not gone
    /// into: let folders pass as an alternative.
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

    /// The entries. The first folder that cannot be listed ends it; an entry with an invalid name
    /// is an error, and does not end it. Dropping it stops it.
    ///
    /// # Errors
    ///
    /// Those of [`operation_ls`](Client::operation_ls); the message names the folder.
    /// [`ListLimitExceeded`](crate::ErrorKind::ListLimitExceeded) for a folder of more than 100,000 entries.
    /// [`Decode`](crate::ErrorKind::Decode) for an entry whose name can be no part of a path.
    ///
    /// ```no_run
    /// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// let mut entries = transfer.ls(id, "/data/").recursive().stream();
    /// while let Some(entry) = entries.next().await {
    ///     println!("{}", entry?.path);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> ItemStream<Entry> {
        self.start(|event, collection| match event {
            WalkEvent::Entry(entry) => Ok(entry),
            WalkEvent::ListFailure(folder) => Err(folder.into_error(collection)),
        })
    }

    /// The entries, and the folders that cannot be listed, without ending at them.
    ///
    /// # Errors
    ///
    /// What no other folder would fare better with ends it all the same: a wrong argument, no
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
            // of a folder with a wrong entry the rest is there
            let continues =
                matches!(&event, Some(WalkEvent::ListFailure(folder)) if folder.entry.is_some());
            let item = event.map(|event| item(event, collection));
            if !continues && !matches!(item, Some(Ok(_))) {
                under_way = None;
            }
            Poll::Ready(item)
        }))
    }

    /// As deep as was asked for; all the way when nothing was.
    pub(super) fn depth_limit(&self) -> usize {
        self.max_depth.unwrap_or(usize::MAX)
    }

    /// Lists each folder whole and by name, for the ordered walk.
    pub(super) fn by_name(mut self) -> Self {
        self.by_name = true;
        self
    }

    /// What cannot be sent, found before anything is. Gives the collection.
    pub(super) fn check(&mut self) -> Result<Uuid> {
        if let Some(rate) = self.rate {
            self.spacing = match Duration::try_from_secs_f64(1.0 / rate) {
                Ok(spacing) if rate > 0.0 => spacing,
                _ => {
                    return Err(Error::usage(format!(
                        "ls: {rate} requests per second cannot be kept; give a number above 0"
                    )));
                }
            };
        }
        self.collection.uuid().map_err(|text| {
            Error::usage(format!("ls: the collection is `{text}`, which is no UUID"))
        })
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
