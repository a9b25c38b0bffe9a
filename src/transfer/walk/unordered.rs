//! A walk that yields entries as listings arrive.

use super::Walk;
use super::entry::{Entry, ListFailure, WalkEvent};
use super::lister::{Folder, ListingPool};
use crate::types::Uuid;
use std::collections::VecDeque;
use std::task::{Context, Poll, ready};

pub(super) struct Unordered {
    listings: ListingPool,
    breadth_first: bool,
    /// Folders that have not been listed yet. Depth first takes from the end, which keeps their
    /// number small.
    waiting: VecDeque<Folder>,
    /// The entries of the listing that arrived last, after those without a valid name.
    ready: std::vec::IntoIter<Entry>,
    invalid: std::vec::IntoIter<ListFailure>,
}

impl Unordered {
    pub(super) fn new(mut walk: Walk, collection: Uuid, breadth_first: bool) -> Self {
        let top = Folder::top(std::mem::take(&mut walk.top));
        Self {
            listings: ListingPool::new(walk, collection),
            breadth_first,
            waiting: VecDeque::from([top]),
            ready: Vec::new().into_iter(),
            invalid: Vec::new().into_iter(),
        }
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<WalkEvent>> {
        loop {
            if let Some(invalid) = self.invalid.next() {
                return Poll::Ready(Some(WalkEvent::ListFailure(invalid)));
            }
            if let Some(entry) = self.ready.next() {
                return Poll::Ready(Some(WalkEvent::Entry(entry)));
            }
            while !self.waiting.is_empty() && self.listings.has_capacity(cx) {
                let next = match self.breadth_first {
                    true => self.waiting.pop_front(),
                    false => self.waiting.pop_back(),
                };
                if let Some(folder) = next {
                    self.listings.begin(0, folder);
                }
            }
            if self.waiting.is_empty() && self.listings.is_idle() {
                return Poll::Ready(None);
            }
            let page = match ready!(self.listings.poll(cx)).outcome {
                Ok(page) => page,
                Err(failure) => return Poll::Ready(Some(WalkEvent::ListFailure(failure))),
            };
            let folders = page.folders.into_iter().map(|(_, folder)| folder);
            if self.breadth_first {
                // finish a folder before the next one
                if let Some(rest) = page.rest {
                    self.waiting.push_front(rest);
                }
                self.waiting.extend(folders);
            } else {
                // reversed, so that the first folder is taken first from the end
                self.waiting.extend(page.rest);
                self.waiting.extend(folders.rev());
            }
            self.ready = page.entries.into_iter();
            self.invalid = page.invalid.into_iter();
        }
    }
}
