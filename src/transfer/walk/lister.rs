//! The listings in progress, and how an answer becomes entries and the folders to list next.

use super::Walk;
use super::entry::{Entry, ListFailure};
use super::rate_limit::{RateLimiter, SlowdownCount};
use crate::error::{Error, ErrorKind, Result};
use crate::generated::transfer::builders::OperationLs;
use crate::generated::transfer::types::{FileList, FileType};
use crate::pagination::{PageSource, Reader};
use crate::transfer::names::{check_name, join_name};
use crate::transport::RetryPolicy;
use crate::types::{IntBool, Uuid, escape_controls};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The maximum number of links on one path, as in Linux.
const MAX_LINKS: u32 = 40;

/// A folder to list, or the rest of one.
pub(super) struct Folder {
    path: String,
    /// The depth of its entries.
    depth: usize,
    /// Its ancestors, for cycle detection when links are followed.
    ancestors: Option<Arc<LinkAncestors>>,
    /// The unread pages of a folder that was listed in part.
    rest: Option<Rest>,
}

/// The rest of a folder.
enum Rest {
    Pages(Box<Reader<OperationLs>>),
    /// There is more, but the service does not return it.
    Missing(Error),
}

impl Folder {
    pub(super) fn top(path: String) -> Self {
        Self {
            path,
            depth: 0,
            ancestors: None,
            rest: None,
        }
    }

    pub(super) fn into_failure(self, error: Error) -> ListFailure {
        ListFailure {
            path: self.path,
            depth: self.depth,
            entry: None,
            error,
        }
    }
}

/// The result of a listing.
#[derive(Default)]
pub(super) struct Page {
    pub(super) entries: Vec<Entry>,
    /// Entries whose names cannot be part of a path. They are yielded before the others.
    pub(super) invalid: Vec<ListFailure>,
    /// The folders to descend into, each with the index of its entry.
    pub(super) folders: Vec<(usize, Folder)>,
    /// The rest of the same folder.
    pub(super) rest: Option<Folder>,
}

/// A finished listing.
pub(super) struct ListingDone {
    pub(super) id: u64,
    pub(super) outcome: Result<Page, ListFailure>,
}

struct ListingResult {
    id: u64,
    round: SlowdownCount,
    folder: Folder,
    page: Result<Page>,
}

/// Runs the listings of a walk, as many at a time as the rate limiter allows. Nothing runs in the
/// background: listings progress only while the pool is polled.
pub(super) struct ListingPool {
    lister: Arc<DirectoryLister>,
    limiter: RateLimiter,
    under_way: FuturesUnordered<Pin<Box<dyn Future<Output = ListingResult> + Send>>>,
    /// Listings that were refused with 429, to be repeated before all others.
    rejected: Vec<(u64, Folder)>,
}

impl ListingPool {
    pub(super) fn new(walk: Walk, collection: Uuid) -> Self {
        let transport = walk.client.core.transport();
        let policy = transport.retry();
        Self {
            limiter: RateLimiter::new(
                transport.clock().clone(),
                policy.clone(),
                walk.concurrency,
                walk.spacing,
            ),
            under_way: FuturesUnordered::new(),
            rejected: Vec::new(),
            lister: Arc::new(DirectoryLister {
                // the limiter slows down all listings after a 429, so that single ones must not
                // retry on their own
                policy: policy.except_rate_limits(),
                collection,
                walk,
            }),
        }
    }

    /// Whether a listing may start now. If not, the task is woken when one may.
    pub(super) fn has_capacity(&mut self, cx: &mut Context<'_>) -> bool {
        self.rejected.is_empty() && self.has_slot(cx)
    }

    fn has_slot(&mut self, cx: &mut Context<'_>) -> bool {
        self.under_way.len() < self.limiter.width() && self.limiter.poll(cx).is_ready()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.under_way.is_empty() && self.rejected.is_empty()
    }

    /// Starts a listing; its result has the same id.
    pub(super) fn begin(&mut self, id: u64, folder: Folder) {
        let round = self.limiter.begin();
        let lister = self.lister.clone();
        self.under_way.push(Box::pin(async move {
            let page = lister.list(&folder).await;
            ListingResult {
                id,
                round,
                folder,
                page,
            }
        }));
    }

    /// The next finished listing.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<ListingDone> {
        loop {
            while !self.rejected.is_empty() && self.has_slot(cx) {
                if let Some((id, folder)) = self.rejected.pop() {
                    self.begin(id, folder);
                }
            }
            let Poll::Ready(Some(answer)) = self.under_way.poll_next_unpin(cx) else {
                return Poll::Pending;
            };
            let ListingResult {
                id,
                round,
                folder,
                page,
            } = answer;
            let outcome = match page {
                // not an error of this folder: list it again as soon as the limiter allows
                Err(error) if error.kind() == ErrorKind::RateLimited => {
                    if self.limiter.refused(&error, round) {
                        self.rejected.push((id, folder));
                        continue;
                    }
                    Err(folder.into_failure(error))
                }
                Err(error) => Err(folder.into_failure(error)),
                Ok(page) => {
                    self.limiter.served();
                    Ok(page)
                }
            };
            return Poll::Ready(ListingDone { id, outcome });
        }
    }
}

/// Sends the requests of a walk.
struct DirectoryLister {
    walk: Walk,
    collection: Uuid,
    policy: RetryPolicy,
}

impl DirectoryLister {
    async fn list(&self, folder: &Folder) -> Result<Page> {
        let mut reader = match &folder.rest {
            Some(Rest::Pages(reader)) => (**reader).clone(),
            Some(Rest::Missing(error)) => return Err(error.clone()),
            None => Reader::new(self.call(folder)),
        };
        let mut page = Page::default();
        loop {
            let listing = reader.page().await?;
            let position = <OperationLs as PageSource>::position(&listing);
            let rest = match reader.next_reader(&listing, position) {
                Ok(rest) => rest.map(|reader| Rest::Pages(Box::new(reader))),
                // yield what was listed before the error
                Err(error) => Some(Rest::Missing(error)),
            };
            let listing = listing.into_inner();
            let ancestors = self.ancestors(folder, &listing);
            page.add(folder, listing)?;
            match rest {
                // sorting by name needs the whole folder
                Some(Rest::Pages(next)) if self.walk.by_name => reader = *next,
                rest => {
                    page.rest = rest.map(|rest| Folder {
                        path: folder.path.clone(),
                        depth: folder.depth,
                        ancestors: ancestors.clone(),
                        rest: Some(rest),
                    });
                    if self.walk.by_name {
                        page.entries.sort_by(|a, b| a.file.name.cmp(&b.file.name));
                    }
                    let folders = page.entries.iter().enumerate();
                    page.folders = folders
                        .filter_map(|(at, entry)| {
                            Some((at, self.subfolder(entry, ancestors.as_ref())?))
                        })
                        .collect();
                    return Ok(page);
                }
            }
        }
    }

    fn call(&self, folder: &Folder) -> OperationLs {
        let walk = &self.walk;
        // an empty path means the collection's default folder, which is chosen by leaving out the
        // parameter
        let mut call = walk.client.operation_ls(self.collection);
        if !folder.path.is_empty() {
            call = call.path(&folder.path);
        }
        call.call_mut().options().policy(self.policy.clone());
        if let Some(show) = walk.show_hidden {
            call = call.show_hidden(IntBool(show));
        }
        if let Some(filter) = &walk.filter {
            call = call.filter(filter.clone());
        }
        match &walk.map_request {
            Some(listing) => listing(call, folder.depth),
            None => call,
        }
    }

    fn ancestors(&self, folder: &Folder, listing: &FileList) -> Option<Arc<LinkAncestors>> {
        if !self.walk.follow_links {
            return None;
        }
        // only the top has none yet; its real path is the service's `absolute_path`, since the
        // given one may contain links
        Some(folder.ancestors.clone().unwrap_or_else(|| {
            let real = listing.absolute_path.as_ref().or(listing.path.as_ref());
            let real = real.unwrap_or(&folder.path);
            Arc::new(LinkAncestors {
                real: real.trim_end_matches('/').to_owned(),
                links: 0,
                above: None,
            })
        }))
    }

    fn subfolder(&self, entry: &Entry, ancestors: Option<&Arc<LinkAncestors>>) -> Option<Folder> {
        let walk = &self.walk;
        if entry.file.r#type != FileType::Dir || entry.depth >= walk.max_depth.unwrap_or(0) {
            return None;
        }
        let ancestors = match (ancestors, entry.file.link_target.as_deref()) {
            (Some(ancestors), target) => Some(ancestors.step(&entry.file.name, target)?),
            // without `follow_links`, a link to a folder is only an entry
            (None, Some(_)) => return None,
            (None, None) => None,
        };
        // asked last, so that the caller's predicate sees only folders that would be listed
        if walk
            .descend_if
            .as_ref()
            .is_some_and(|predicate| !predicate(entry))
        {
            return None;
        }
        Some(Folder {
            path: format!("{}/", entry.path),
            depth: entry.depth + 1,
            ancestors,
            rest: None,
        })
    }
}

impl Page {
    fn add(&mut self, folder: &Folder, listing: FileList) -> Result<()> {
        let depth = folder.depth;
        // for the default folder, the path is the one that the service reports
        let above = match folder.path.is_empty() {
            true => check_default_folder(listing.path.as_deref())?,
            false => &folder.path,
        };
        for file in listing.data {
            match check_name(&file.name) {
                Ok(()) => self.entries.push(Entry {
                    path: join_name(above, &file.name),
                    depth,
                    file,
                }),
                Err(error) => self.invalid.push(ListFailure {
                    path: above.to_owned(),
                    depth,
                    entry: Some(file.name),
                    error,
                }),
            }
        }
        Ok(())
    }
}

/// Validates the path that a service reports for the default folder: entries' paths are built from
/// it.
fn check_default_folder(path: Option<&str>) -> Result<&str> {
    let path = path.unwrap_or_default();
    let names = path.split('/');
    if path.starts_with(['/', '~']) && !path.contains('\0') && names.into_iter().all(|n| n != "..")
    {
        return Ok(path);
    }
    Err(Error::new(
        ErrorKind::Decode,
        format!(
            "the listing of the default folder has the invalid path `{}`; pass the path of a folder",
            escape_controls(path)
        ),
    )
    .with_operation("operation_ls".into()))
}

/// A folder and its ancestors by their real paths, for cycle detection: a link back to one of them
/// would be followed for ever.
struct LinkAncestors {
    /// The real path, without a trailing slash.
    real: String,
    /// The number of links on the path.
    links: u32,
    above: Option<Arc<LinkAncestors>>,
}

impl LinkAncestors {
    /// One level down; `None` if that closes a cycle.
    fn step(self: &Arc<Self>, name: &str, link_target: Option<&str>) -> Option<Arc<Self>> {
        let real = match link_target {
            // a relative target cannot be compared, since it is relative to a folder that may
            // itself be a link
            Some(target) if !target.starts_with('/') => return None,
            Some(target) => target.trim_end_matches('/').to_owned(),
            None => format!("{}/{name}", self.real),
        };
        let links = self.links + u32::from(link_target.is_some());
        // compared with every ancestor, which is as cheap as the path is short; a set of all
        // folders seen would grow with the tree
        let mut above = Some(self);
        while let Some(ancestors) = above {
            if ancestors.real == real {
                return None;
            }
            above = ancestors.above.as_ref();
        }
        (links <= MAX_LINKS).then(|| {
            Arc::new(Self {
                real,
                links,
                above: Some(self.clone()),
            })
        })
    }
}
