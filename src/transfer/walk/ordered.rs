//! A walk that yields entries in a fixed order, whatever the order in which listings arrive: a
//! folder, then everything in it, then the next entry of its listing.
//!
//! Listings are prefetched in output order and buffered until their turn. To bound memory when an
//! early listing is slow, at most [`PREFETCH_PER_REQUEST`] pages for each concurrent listing and
//! [`MAX_PREFETCHED_ENTRIES`] entries lie between the next entry and a folder that is started:
//!
//! ```text
//! open_pages: [ /        a  b/ c/ d ]     being yielded, from the top down
//!             [ /b/      x  y/ z    ]  ◀── the next entry comes from the last page
//!
//! prefetch, from the last page upwards: /b/y/ (due first), then /c/
//! ```
//!
//! The bound counts what comes before a folder in output order, not everything that is buffered. A
//! single global bound could deadlock: folders far ahead would use it up, and the next one could not
//! start. The price is that each level of the tree may fill the buffer once.

use super::Walk;
use super::entry::{Entry, ListFailure, WalkEvent};
use super::lister::{Folder, ListingPool, Page};
use crate::types::Uuid;
use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::task::{Context, Poll};

/// How many pages may be buffered, for each concurrent listing.
const PREFETCH_PER_REQUEST: usize = 4;
/// How many entries may be buffered.
const MAX_PREFETCHED_ENTRIES: usize = 50_000;

/// A folder whose entries have a place in the order.
enum FolderSlot {
    Waiting(Folder),
    Listing(u64),
    Arrived(Box<Result<OpenPage, ListFailure>>),
}

/// A page that is being yielded, or is buffered.
struct OpenPage {
    /// Entries without a valid name, which are yielded first.
    invalid: std::vec::IntoIter<ListFailure>,
    entries: std::vec::IntoIter<Entry>,
    /// How many entries have been yielded.
    position: usize,
    /// The folders to descend into, each to be yielded after the entry at its index.
    folders: VecDeque<(usize, FolderSlot)>,
    rest: Option<FolderSlot>,
}

impl OpenPage {
    fn new(page: Page) -> Self {
        let waiting = |(at, folder)| (at, FolderSlot::Waiting(folder));
        Self {
            invalid: page.invalid.into_iter(),
            entries: page.entries.into_iter(),
            position: 0,
            folders: page.folders.into_iter().map(waiting).collect(),
            rest: page.rest.map(FolderSlot::Waiting),
        }
    }

    fn slots(&mut self) -> impl Iterator<Item = &mut FolderSlot> {
        let folders = self.folders.iter_mut().map(|(_, slot)| slot);
        folders.chain(&mut self.rest)
    }

    fn folder_is_due(&self) -> bool {
        let next = self.folders.front();
        next.is_some_and(|(at, _)| *at < self.position)
    }

    /// The next slot to yield from; `None` if an entry is next.
    fn next_slot(&mut self) -> Option<&mut FolderSlot> {
        if self.folder_is_due() {
            self.folders.front_mut().map(|(_, slot)| slot)
        } else if self.entries.len() == 0 {
            self.rest.as_mut()
        } else {
            None
        }
    }

    fn take_next_slot(&mut self) -> Option<FolderSlot> {
        if self.folder_is_due() {
            self.folders.pop_front().map(|(_, slot)| slot)
        } else {
            self.rest.take()
        }
    }

    fn is_exhausted(&self) -> bool {
        self.invalid.len() == 0
            && self.entries.len() == 0
            && self.folders.is_empty()
            && self.rest.is_none()
    }
}

pub(crate) struct Ordered {
    /// The pages that are being handed out, from the top down.
    open_pages: Vec<OpenPage>,
    prefetched: Prefetched,
    /// Whether anything has changed since the last prefetch, so that polls without news do not scan
    /// all slots.
    made_progress: bool,
}

impl Ordered {
    pub(crate) fn new(mut walk: Walk, collection: Uuid) -> Self {
        let top = Folder::top(std::mem::take(&mut walk.top));
        let start = Page {
            rest: Some(top),
            ..Page::default()
        };
        Self {
            open_pages: vec![OpenPage::new(start)],
            prefetched: Prefetched {
                most: walk.concurrency.saturating_mul(PREFETCH_PER_REQUEST),
                listings: ListingPool::new(walk, collection),
                last_id: 0,
                arrived: HashMap::new(),
            },
            made_progress: true,
        }
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<WalkEvent>> {
        loop {
            self.advance(cx);
            let Some(open) = self.open_pages.last_mut() else {
                return Poll::Ready(None);
            };
            if let Some(invalid) = open.invalid.next() {
                return Poll::Ready(Some(WalkEvent::ListFailure(invalid)));
            }
            let Some(slot) = open.next_slot() else {
                if let Some(entry) = open.entries.next() {
                    open.position += 1;
                    return Poll::Ready(Some(WalkEvent::Entry(entry)));
                }
                self.open_pages.pop();
                continue;
            };
            self.prefetched.settle(slot);
            if !matches!(slot, FolderSlot::Arrived(_)) {
                // `advance` has registered the waker with the pool, which wakes this task when the
                // listing arrives
                return Poll::Pending;
            }
            let due = open.take_next_slot();
            // removed before the next page is opened, so that a deep tree with single subfolders
            // keeps no exhausted pages
            if open.is_exhausted() {
                self.open_pages.pop();
            }
            self.made_progress = true;
            if let Some(FolderSlot::Arrived(outcome)) = due {
                match *outcome {
                    Ok(next) => self.open_pages.push(next),
                    Err(failure) => return Poll::Ready(Some(WalkEvent::ListFailure(failure))),
                }
            }
        }
    }

    /// Receives what has arrived and starts what may start. Yields nothing.
    pub(crate) fn advance(&mut self, cx: &mut Context<'_>) {
        loop {
            if self.made_progress && self.prefetched.listings.has_capacity(cx) {
                // out of capacity: the scan was cut short, and has to be repeated when there is
                // capacity again
                self.made_progress = self.prefetch_all(cx) == ControlFlow::Break(Stop::NoRoom);
            }
            let Poll::Ready(arrival) = self.prefetched.listings.poll(cx) else {
                return;
            };
            let outcome = arrival.outcome.map(OpenPage::new);
            self.prefetched.arrived.insert(arrival.id, outcome);
            self.made_progress = true;
        }
    }

    fn prefetch_all(&mut self, cx: &mut Context<'_>) -> ControlFlow<Stop> {
        // from the last page upwards, which is the order in which slots will be due
        let mut cost = LookaheadCost::default();
        for open in self.open_pages.iter_mut().rev() {
            for slot in open.slots() {
                self.prefetched.prefetch(slot, &mut cost, cx)?;
            }
        }
        ControlFlow::Continue(())
    }
}

/// Listings that were started before their turn.
struct Prefetched {
    listings: ListingPool,
    /// How many pages may be buffered.
    most: usize,
    last_id: u64,
    /// Results that have not been moved into their slots yet.
    arrived: HashMap<u64, Result<OpenPage, ListFailure>>,
}

/// What a scan has counted so far.
#[derive(Default)]
struct LookaheadCost {
    pages: usize,
    entries: usize,
}

/// Why a scan stopped.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    FarEnough,
    NoRoom,
}

impl Prefetched {
    /// Moves a result into its slot.
    fn settle(&mut self, slot: &mut FolderSlot) {
        if let FolderSlot::Listing(id) = slot
            && let Some(outcome) = self.arrived.remove(id)
        {
            *slot = FolderSlot::Arrived(Box::new(outcome));
        }
    }

    fn prefetch(
        &mut self,
        slot: &mut FolderSlot,
        cost: &mut LookaheadCost,
        cx: &mut Context<'_>,
    ) -> ControlFlow<Stop> {
        // depth first through everything that has arrived, since that is the output order
        self.settle(slot);
        if let FolderSlot::Waiting(_) = slot {
            if cost.pages >= self.most || cost.entries >= MAX_PREFETCHED_ENTRIES {
                return ControlFlow::Break(Stop::FarEnough);
            }
            if !self.listings.has_capacity(cx) {
                return ControlFlow::Break(Stop::NoRoom);
            }
            self.last_id += 1;
            let begun = FolderSlot::Listing(self.last_id);
            if let FolderSlot::Waiting(folder) = std::mem::replace(slot, begun) {
                self.listings.begin(self.last_id, folder);
            }
        }
        // a running listing counts as a page, since it will be one
        cost.pages += 1;
        if let FolderSlot::Arrived(outcome) = slot
            && let Ok(open) = &mut **outcome
        {
            cost.entries += open.invalid.len() + open.entries.len();
            for slot in open.slots() {
                self.prefetch(slot, cost, cx)?;
            }
        }
        ControlFlow::Continue(())
    }
}
