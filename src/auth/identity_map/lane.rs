//! The queue of one kind of name.

use super::State;
use crate::auth::types::Identity;
use crate::auth::{Client, builders};
use crate::error::Result;
use crate::types::Uuid;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;
use tokio::sync::oneshot;

/// How many bytes of names a call may have: they stand in its URL.
const ROOM: usize = 6000;
/// How many calls are on the way at a time, for each kind of name.
const ERRANDS: usize = 4;

pub(super) type Found = Option<Arc<Identity>>;
/// How the errand of a batch ended; `None` when it was cut off.
pub(super) type Flight = Shared<BoxFuture<'static, Option<Result<()>>>>;

/// The batches that a caller waits for.
#[derive(Default)]
pub(super) struct Waiting(pub(super) Vec<Flight>);

impl Waiting {
    fn on(&mut self, ticket: &Ticket) {
        // names of one batch usually stand together
        let last = self.0.last();
        if !last.is_some_and(|last| last.ptr_eq(&ticket.flight)) {
            self.0.push(ticket.flight.clone());
        }
    }
}

/// A name's place in a batch.
#[derive(Clone)]
pub(super) struct Ticket {
    pub(super) number: u64,
    flight: Flight,
}

pub(super) enum Slot {
    Known(Found),
    Asked(Ticket),
}

impl Slot {
    /// Whether it waits for this very batch.
    fn is_asked(&self, number: u64) -> bool {
        matches!(self, Self::Asked(ticket) if ticket.number == number)
    }
}

pub(super) struct Batch<K> {
    pub(super) ticket: Ticket,
    pub(super) names: Vec<K>,
    bytes: usize,
    pub(super) done: oneshot::Sender<Result<()>>,
}

impl<K: Name> Batch<K> {
    fn new(number: u64) -> Self {
        let (done, outcome) = oneshot::channel();
        let flight = outcome.map(Result::ok).boxed().shared();
        Self {
            ticket: Ticket { number, flight },
            names: Vec::new(),
            bytes: 0,
            done,
        }
    }

    fn has_room(&self, name: &K, limit: usize) -> bool {
        self.names.len() < limit && (self.bytes == 0 || self.bytes + name.bytes() <= ROOM)
    }
}

/// One of the two kinds of name.
pub(super) trait Name: Clone + Eq + Hash + Send + Sync + 'static {
    fn lane(state: &mut State) -> &mut Lane<Self>;
    fn of(identity: &Identity) -> Option<Self>;
    /// The other kind of name learns of what this one found.
    fn tell_others(state: &mut State, found: &[Arc<Identity>]);
    fn ask(client: &Client, names: &[Self]) -> builders::GetIdentities;
    fn bytes(&self) -> usize;
    /// Whether somebody can have this name.
    fn can_be(&self) -> bool;
}

impl Name for Uuid {
    fn lane(state: &mut State) -> &mut Lane<Self> {
        &mut state.ids
    }

    fn of(identity: &Identity) -> Option<Self> {
        Some(identity.id)
    }

    fn tell_others(state: &mut State, found: &[Arc<Identity>]) {
        state.usernames.learn(found);
    }

    fn ask(client: &Client, names: &[Self]) -> builders::GetIdentities {
        let ids = names.iter().map(Uuid::to_string);
        client.get_identities().ids(ids.collect::<Vec<_>>())
    }

    fn bytes(&self) -> usize {
        37
    }

    fn can_be(&self) -> bool {
        true
    }
}

impl Name for Arc<str> {
    fn lane(state: &mut State) -> &mut Lane<Self> {
        &mut state.usernames
    }

    fn of(identity: &Identity) -> Option<Self> {
        let username = identity.username.as_deref()?;
        Some(username.to_lowercase().into())
    }

    fn tell_others(state: &mut State, found: &[Arc<Identity>]) {
        state.ids.learn(found);
    }

    fn ask(client: &Client, names: &[Self]) -> builders::GetIdentities {
        let names = names.iter().map(|name| name.to_string());
        client.get_identities().usernames(names.collect::<Vec<_>>())
    }

    fn bytes(&self) -> usize {
        self.len() + 1
    }

    /// A comma would make two names of it.
    fn can_be(&self) -> bool {
        !self.is_empty() && !self.contains(',') && self.len() < ROOM
    }
}

pub(super) struct Lane<K> {
    pub(super) slots: HashMap<K, Slot>,
    /// Batches that wait; all but the last are full.
    pub(super) queue: VecDeque<Batch<K>>,
    pub(super) noted: VecDeque<K>,
    pub(super) errands: usize,
    /// The number of the last batch, which tells it from those before.
    number: u64,
}

impl<K> Default for Lane<K> {
    fn default() -> Self {
        Self {
            slots: HashMap::new(),
            queue: VecDeque::new(),
            noted: VecDeque::new(),
            errands: 0,
            number: 0,
        }
    }
}

impl<K: Name> Lane<K> {
    /// What is known of a name. What is not, is waited for.
    pub(super) fn look(
        &mut self,
        name: &K,
        limit: usize,
        waiting: &mut Waiting,
    ) -> Option<Arc<Identity>> {
        match self.slots.get(name) {
            Some(Slot::Known(identity)) => return identity.clone(),
            Some(Slot::Asked(ticket)) => waiting.on(ticket),
            None if name.can_be() => waiting.on(&self.queue(name, limit)),
            None => {}
        }
        None
    }

    /// Gives a name a place in the last batch, or in a new one.
    fn queue(&mut self, name: &K, limit: usize) -> Ticket {
        let mut batch = match self.queue.pop_back() {
            Some(batch) if batch.has_room(name, limit) => batch,
            full => {
                self.queue.extend(full);
                self.number += 1;
                Batch::new(self.number)
            }
        };
        self.board(&mut batch, name);
        let ticket = batch.ticket.clone();
        self.queue.push_back(batch);
        ticket
    }

    fn board(&mut self, batch: &mut Batch<K>, name: &K) {
        batch.bytes += name.bytes();
        batch.names.push(name.clone());
        let asked = Slot::Asked(batch.ticket.clone());
        self.slots.insert(name.clone(), asked);
    }

    /// How many batches wait that nobody can join any more.
    fn full(&self, limit: usize) -> usize {
        let last = self.queue.back();
        let open = last.is_some_and(|batch| batch.names.len() < limit);
        self.queue.len() - usize::from(open)
    }

    /// How many errands more the waiting batches need.
    pub(super) fn needed(&self, limit: usize) -> usize {
        if self.queue.is_empty() {
            return 0;
        }
        let most = ERRANDS - self.errands.min(ERRANDS);
        let least = usize::from(self.errands == 0);
        self.full(limit).clamp(least, most.max(least))
    }

    /// The next batch, with what was noted in the room that it has left. `None` when the errand is not
    /// needed any more.
    pub(super) fn take(&mut self, limit: usize) -> Option<Batch<K>> {
        let due = self.full(limit) > 0 || self.errands == 1;
        let next = if due { self.queue.pop_front() } else { None };
        let Some(mut batch) = next else {
            self.errands -= 1;
            return None;
        };
        while let Some(name) = self.noted.pop_front() {
            if self.slots.contains_key(&name) || !name.can_be() {
                continue;
            }
            if !batch.has_room(&name, limit) {
                self.noted.push_front(name);
                break;
            }
            self.board(&mut batch, &name);
        }
        Some(batch)
    }

    /// What a batch brought. A name that was forgotten meanwhile stays forgotten.
    pub(super) fn land(&mut self, number: u64, names: &[K], found: &[Arc<Identity>]) {
        for identity in found {
            if let Some(slot) = K::of(identity).and_then(|name| self.slots.get_mut(&name))
                && slot.is_asked(number)
            {
                *slot = Slot::Known(Some(identity.clone()));
            }
        }
        for name in names {
            if let Some(slot) = self.slots.get_mut(name)
                && slot.is_asked(number)
            {
                *slot = Slot::Known(None);
            }
        }
    }

    /// What another lane's batch brought.
    pub(super) fn learn(&mut self, found: &[Arc<Identity>]) {
        for identity in found {
            let Some(name) = K::of(identity) else {
                continue;
            };
            let slot = self.slots.entry(name).or_insert(Slot::Known(None));
            if let Slot::Known(known) = slot {
                *known = Some(identity.clone());
            }
        }
    }

    /// A batch that brought nothing: its names can be asked for again.
    pub(super) fn release(&mut self, number: u64, names: &[K]) {
        for name in names {
            if self
                .slots
                .get(name)
                .is_some_and(|slot| slot.is_asked(number))
            {
                self.slots.remove(name);
            }
        }
    }
}
