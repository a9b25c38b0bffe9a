//! Walking a tree: a listing of listings, lazily, several at a time.

use super::Client;
use super::types::{File, FileType};
use crate::error::{Error, Result};
use crate::paging::Items;
use crate::types::{Flag, Id, Repeated, Uuid};
use futures_util::StreamExt;
use futures_util::stream::{self, FuturesUnordered};
use std::collections::VecDeque;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

/// A file, folder or link that a walk found.
///
/// ```no_run
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let mut entries = transfer.ls(id, "/data/").recursive().stream();
/// while let Some(entry) = entries.next().await {
///     let entry = entry?;
///     println!("{} {}", entry.path, entry.file.size.unwrap_or(0));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The whole path on the collection.
    pub path: String,
    /// How many folders below the top: 0 for what the top itself holds.
    pub depth: usize,
    /// What the listing says.
    pub file: File,
}

/// A walk in the making. Streams entries as listings arrive; memory is bounded by the folders that
/// wait to be listed.
///
/// Depth first by default: the newest folder is listed next, which keeps that number small. A link
/// to a folder is an entry, and is not followed.
#[derive(Clone, Debug)]
#[must_use = "a walk does nothing until it is streamed"]
pub struct Walk {
    client: Client,
    collection: Id,
    top: String,
    max_depth: usize,
    concurrency: usize,
    breadth_first: bool,
    show_hidden: Option<bool>,
    filter: Option<Repeated>,
}

impl Client {
    /// Lists a folder as a stream of entries, and with
    /// [`recursive`](Walk::recursive) all folders below it.
    ///
    /// [`operation_ls`](Self::operation_ls) is one listing, whole.
    pub fn ls(&self, collection: impl Into<Id>, path: impl Into<String>) -> Walk {
        Walk {
            client: self.clone(),
            collection: collection.into(),
            top: path.into(),
            max_depth: 0,
            concurrency: 4,
            breadth_first: false,
            show_hidden: None,
            filter: None,
        }
    }
}

impl Walk {
    /// Goes into folders, however deep.
    pub fn recursive(mut self) -> Self {
        self.max_depth = usize::MAX;
        self
    }

    /// Goes into folders, this many levels below the top.
    pub fn max_depth(mut self, levels: usize) -> Self {
        self.max_depth = levels;
        self
    }

    /// How many listings may be under way at once; 4 by default.
    pub fn concurrency(mut self, listings: usize) -> Self {
        self.concurrency = listings.max(1);
        self
    }

    /// Lists folders in the order in which they are found.
    pub fn breadth_first(mut self) -> Self {
        self.breadth_first = true;
        self
    }

    /// Whether names with a leading dot are entries. The service's default is yes.
    pub fn show_hidden(mut self, show: bool) -> Self {
        self.show_hidden = Some(show);
        self
    }

    /// What the service filters each listing by, as
    /// [`operation_ls`](Client::operation_ls) takes it. A folder that a filter hides is not gone
    /// into.
    pub fn filter(mut self, filter: impl Into<Repeated>) -> Self {
        self.filter = Some(filter.into());
        self
    }

    /// The entries. The first listing that fails ends it; dropping it stops it.
    pub fn stream(self) -> Items<Entry> {
        let collection = match self.collection.uuid() {
            Ok(id) => id,
            Err(text) => {
                let error =
                    Error::usage(format!("ls: the collection is `{text}`, which is no UUID"));
                return Items::new(stream::once(async { Err(error) }));
            }
        };
        let progress = Progress {
            waiting: VecDeque::from([(self.top.clone(), 0)]),
            listing: FuturesUnordered::new(),
            ready: Vec::new().into_iter(),
            collection,
            walk: self,
        };
        Items::new(stream::try_unfold(progress, |mut progress| async move {
            Ok(progress.next().await?.map(|entry| (entry, progress)))
        }))
    }
}

type Listing = Pin<Box<dyn Future<Output = Result<Vec<Entry>>> + Send>>;

struct Progress {
    walk: Walk,
    collection: Uuid,
    /// Folders that were found and not listed yet.
    waiting: VecDeque<(String, usize)>,
    listing: FuturesUnordered<Listing>,
    /// Entries of the listing that arrived last.
    ready: std::vec::IntoIter<Entry>,
}

impl Progress {
    async fn next(&mut self) -> Result<Option<Entry>> {
        loop {
            if let Some(entry) = self.ready.next() {
                return Ok(Some(entry));
            }
            self.begin();
            match self.listing.next().await {
                Some(entries) => self.arrive(entries?),
                None => return Ok(None),
            }
        }
    }

    /// Starts as many listings as may be under way.
    fn begin(&mut self) {
        while self.listing.len() < self.walk.concurrency {
            let next = match self.walk.breadth_first {
                true => self.waiting.pop_front(),
                false => self.waiting.pop_back(),
            };
            let Some((folder, depth)) = next else { break };
            let call = self.list(&folder);
            self.listing.push(Box::pin(async move {
                let listing = call.into_future().await?;
                let join = |file: File| Entry {
                    path: format!("{}/{}", folder.trim_end_matches('/'), file.name),
                    depth,
                    file,
                };
                Ok(listing.data.into_iter().map(join).collect())
            }));
        }
    }

    fn list(&self, folder: &str) -> super::builders::OperationLs {
        let mut call = self.walk.client.operation_ls(self.collection).path(folder);
        if let Some(show) = self.walk.show_hidden {
            call = call.show_hidden(Flag(show));
        }
        if let Some(filter) = &self.walk.filter {
            call = call.filter(filter.clone());
        }
        call
    }

    fn arrive(&mut self, entries: Vec<Entry>) {
        let folders = entries
            .iter()
            .filter(|entry| entry.depth < self.walk.max_depth && is_folder(&entry.file))
            .map(|entry| (format!("{}/", entry.path), entry.depth + 1));
        // from the end, so that depth first begins with the first
        if self.walk.breadth_first {
            self.waiting.extend(folders);
        } else {
            self.waiting.extend(folders.rev());
        }
        self.ready = entries.into_iter();
    }
}

/// A link has a target, whatever it points at.
fn is_folder(file: &File) -> bool {
    file.r#type == FileType::Dir && file.link_target.is_none()
}
