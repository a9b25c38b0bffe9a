//! A walk whose entries come in one order, whatever the order in which listings arrive: a folder,
//! then all that is in it, then what stands behind it.
//!
//! Listings are begun ahead, nearest first, and wait here for their turn. So that a slow one in
//! front does not let everything behind it pile up, none is begun behind [`AHEAD`] others for each
//! that may be under way, or behind [`MOST_ENTRIES`] entries that wait.

use super::listings::{Folder, Listings, Page};
use super::{Entry, ListFailure, Walk, WalkEvent};
use crate::types::Uuid;
use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::task::{Context, Poll};

/// How many pages may be ahead of their turn, for each listing that may be under way.
const AHEAD: usize = 4;
/// How many entries may be ahead of their turn.
const MOST_ENTRIES: usize = 50_000;

/// A folder whose contents have a place in the order.
enum Slot {
    Waiting(Folder),
    Listing(u64),
    Arrived(Box<Result<Open, ListFailure>>),
}

/// A page that is being handed out, or that waits for it.
struct Open {
    /// Entries with no valid name, which come first.
    invalid: std::vec::IntoIter<ListFailure>,
    entries: std::vec::IntoIter<Entry>,
    /// How many entries were handed out.
    position: usize,
    /// The folders to go into, each behind the entry at its position.
    folders: VecDeque<(usize, Slot)>,
    rest: Option<Slot>,
}

impl Open {
    fn new(page: Page) -> Self {
        let waiting = |(at, folder)| (at, Slot::Waiting(folder));
        Self {
            invalid: page.invalid.into_iter(),
            entries: page.entries.into_iter(),
            position: 0,
            folders: page.folders.into_iter().map(waiting).collect(),
            rest: page.rest.map(Slot::Waiting),
        }
    }

    fn slots(&mut self) -> impl Iterator<Item = &mut Slot> {
        let folders = self.folders.iter_mut().map(|(_, slot)| slot);
        folders.chain(&mut self.rest)
    }

    fn folder_is_due(&self) -> bool {
        let next = self.folders.front();
        next.is_some_and(|(at, _)| *at < self.position)
    }

    /// What comes next, unless it is an entry.
    fn due(&mut self) -> Option<&mut Slot> {
        if self.folder_is_due() {
            self.folders.front_mut().map(|(_, slot)| slot)
        } else if self.entries.len() == 0 {
            self.rest.as_mut()
        } else {
            None
        }
    }

    fn take_due(&mut self) -> Option<Slot> {
        if self.folder_is_due() {
            self.folders.pop_front().map(|(_, slot)| slot)
        } else {
            self.rest.take()
        }
    }

    fn is_spent(&self) -> bool {
        self.invalid.len() == 0
            && self.entries.len() == 0
            && self.folders.is_empty()
            && self.rest.is_none()
    }
}

pub(in crate::transfer) struct Ordered {
    /// The pages that are being handed out, from the top down.
    way: Vec<Open>,
    ahead: Ahead,
    /// Whether something happened since the last look ahead.
    stirred: bool,
}

impl Ordered {
    pub(in crate::transfer) fn new(mut walk: Walk, collection: Uuid) -> Self {
        let top = Folder::top(std::mem::take(&mut walk.top));
        let start = Page {
            rest: Some(top),
            ..Page::default()
        };
        Self {
            way: vec![Open::new(start)],
            ahead: Ahead {
                most: walk.concurrency.saturating_mul(AHEAD),
                listings: Listings::new(walk, collection),
                tickets: 0,
                arrived: HashMap::new(),
            },
            stirred: true,
        }
    }

    pub(in crate::transfer) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<WalkEvent>> {
        loop {
            self.advance(cx);
            let Some(open) = self.way.last_mut() else {
                return Poll::Ready(None);
            };
            if let Some(invalid) = open.invalid.next() {
                return Poll::Ready(Some(WalkEvent::ListFailure(invalid)));
            }
            let Some(slot) = open.due() else {
                if let Some(entry) = open.entries.next() {
                    open.position += 1;
                    return Poll::Ready(Some(WalkEvent::Entry(entry)));
                }
                self.way.pop();
                continue;
            };
            self.ahead.settle(slot);
            if !matches!(slot, Slot::Arrived(_)) {
                return Poll::Pending;
            }
            let due = open.take_due();
            if open.is_spent() {
                self.way.pop();
            }
            self.stirred = true;
            if let Some(Slot::Arrived(outcome)) = due {
                match *outcome {
                    Ok(next) => self.way.push(next),
                    Err(failure) => return Poll::Ready(Some(WalkEvent::ListFailure(failure))),
                }
            }
        }
    }

    /// Takes what has arrived, and begins what may begin. Hands out nothing.
    pub(in crate::transfer) fn advance(&mut self, cx: &mut Context<'_>) {
        loop {
            if self.stirred && self.ahead.listings.has_room(cx) {
                self.stirred = self.look_ahead(cx) == ControlFlow::Break(Stop::NoRoom);
            }
            let Poll::Ready(arrival) = self.ahead.listings.poll(cx) else {
                return;
            };
            let outcome = arrival.outcome.map(Open::new);
            self.ahead.arrived.insert(arrival.ticket, outcome);
            self.stirred = true;
        }
    }

    fn look_ahead(&mut self, cx: &mut Context<'_>) -> ControlFlow<Stop> {
        let mut passed = Passed::default();
        for open in self.way.iter_mut().rev() {
            for slot in open.slots() {
                self.ahead.look_at(slot, &mut passed, cx)?;
            }
        }
        ControlFlow::Continue(())
    }
}

struct Ahead {
    listings: Listings,
    /// How many pages may be ahead of their turn.
    most: usize,
    tickets: u64,
    /// What arrived and was not put into its slot yet.
    arrived: HashMap<u64, Result<Open, ListFailure>>,
}

/// What a look ahead has come past.
#[derive(Default)]
struct Passed {
    pages: usize,
    entries: usize,
}

/// Why a look ahead goes no further.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    FarEnough,
    NoRoom,
}

impl Ahead {
    /// Puts what has arrived into its slot.
    fn settle(&mut self, slot: &mut Slot) {
        if let Slot::Listing(ticket) = slot
            && let Some(outcome) = self.arrived.remove(ticket)
        {
            *slot = Slot::Arrived(Box::new(outcome));
        }
    }

    fn look_at(
        &mut self,
        slot: &mut Slot,
        passed: &mut Passed,
        cx: &mut Context<'_>,
    ) -> ControlFlow<Stop> {
        self.settle(slot);
        if let Slot::Waiting(_) = slot {
            if passed.pages >= self.most || passed.entries >= MOST_ENTRIES {
                return ControlFlow::Break(Stop::FarEnough);
            }
            if !self.listings.has_room(cx) {
                return ControlFlow::Break(Stop::NoRoom);
            }
            self.tickets += 1;
            let begun = Slot::Listing(self.tickets);
            if let Slot::Waiting(folder) = std::mem::replace(slot, begun) {
                self.listings.begin(self.tickets, folder);
            }
        }
        passed.pages += 1;
        if let Slot::Arrived(outcome) = slot
            && let Ok(open) = &mut **outcome
        {
            passed.entries += open.invalid.len() + open.entries.len();
            for slot in open.slots() {
                self.look_at(slot, passed, cx)?;
            }
        }
        ControlFlow::Continue(())
    }
}
