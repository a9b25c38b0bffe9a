//! The queue of one kind of name.

use super::State;
use crate::error::Result;
use crate::generated::auth::types::Identity;
use crate::generated::auth::{Client, builders};
use crate::types::Uuid;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Arc;
use tokio::sync::oneshot;

/// How many bytes of names a call may have: they stand in its URL.
const MAX_NAME_BYTES: usize = 6000;
/// How many calls are on the way at a time, for each kind of name.
const MAX_CONCURRENT_BATCHES: usize = 4;

pub(super) type Found = Option<Arc<Identity>>;
/// How the worker of a batch ended; `None` when it was cut off.
pub(super) type BatchFuture = Shared<BoxFuture<'static, Option<Result<()>>>>;

/// The batches that a caller waits for.
#[derive(Default)]
pub(super) struct PendingBatches(pub(super) Vec<BatchFuture>);

impl PendingBatches {
    fn add(&mut self, batch_ref: &BatchRef) {
        // names of one batch usually stand together
        let last = self.0.last();
        if !last.is_some_and(|last| last.ptr_eq(&batch_ref.done)) {
            self.0.push(batch_ref.done.clone());
        }
    }
}

/// A name's place in a batch.
#[derive(Clone)]
pub(super) struct BatchRef {
    pub(super) number: u64,
    done: BatchFuture,
}

pub(super) enum LookupState {
    Known(Found),
    Pending(BatchRef),
}

impl LookupState {
    /// Whether it waits for this very batch.
    fn is_pending(&self, number: u64) -> bool {
        matches!(self, Self::Pending(batch_ref) if batch_ref.number == number)
    }
}

pub(super) struct Batch<K> {
    pub(super) batch_ref: BatchRef,
    pub(super) names: Vec<K>,
    bytes: usize,
    pub(super) done: oneshot::Sender<Result<()>>,
}

impl<K: Name> Batch<K> {
    fn new(number: u64) -> Self {
        let (done, outcome) = oneshot::channel();
        let done_future = outcome.map(Result::ok).boxed().shared();
        Self {
            batch_ref: BatchRef {
                number,
                done: done_future,
            },
            names: Vec::new(),
            bytes: 0,
            done,
        }
    }

    fn has_room(&self, name: &K, limit: usize) -> bool {
        self.names.len() < limit && (self.bytes == 0 || self.bytes + name.bytes() <= MAX_NAME_BYTES)
    }
}

/// One of the two kinds of name.
pub(super) trait Name: Clone + Eq + Hash + Send + Sync + 'static {
    fn queue(state: &mut State) -> &mut BatchQueue<Self>;
    fn from_identity(identity: &Identity) -> Option<Self>;
    /// The other kind of name learns of what this one found.
    fn share_with_other_queue(state: &mut State, found: &[Arc<Identity>]);
    fn request(client: &Client, names: &[Self]) -> builders::GetIdentities;
    fn bytes(&self) -> usize;
    /// Whether somebody can have this name.
    fn is_valid(&self) -> bool;
}

impl Name for Uuid {
    fn queue(state: &mut State) -> &mut BatchQueue<Self> {
        &mut state.ids
    }

    fn from_identity(identity: &Identity) -> Option<Self> {
        Some(identity.id)
    }

    fn share_with_other_queue(state: &mut State, found: &[Arc<Identity>]) {
        state.usernames.record_found(found);
    }

    fn request(client: &Client, names: &[Self]) -> builders::GetIdentities {
        let ids = names.iter().map(Uuid::to_string);
        client.get_identities().ids(ids.collect::<Vec<_>>())
    }

    fn bytes(&self) -> usize {
        37
    }

    fn is_valid(&self) -> bool {
        true
    }
}

impl Name for Arc<str> {
    fn queue(state: &mut State) -> &mut BatchQueue<Self> {
        &mut state.usernames
    }

    fn from_identity(identity: &Identity) -> Option<Self> {
        let username = identity.username.as_deref()?;
        Some(username.to_lowercase().into())
    }

    fn share_with_other_queue(state: &mut State, found: &[Arc<Identity>]) {
        state.ids.record_found(found);
    }

    fn request(client: &Client, names: &[Self]) -> builders::GetIdentities {
        let names = names.iter().map(|name| name.to_string());
        client.get_identities().usernames(names.collect::<Vec<_>>())
    }

    fn bytes(&self) -> usize {
        self.len() + 1
    }

    /// A comma would make two names of it.
    fn is_valid(&self) -> bool {
        !self.is_empty() && !self.contains(',') && self.len() < MAX_NAME_BYTES
    }
}

pub(super) struct BatchQueue<K> {
    pub(super) lookups: HashMap<K, LookupState>,
    /// Batches that wait; all but the last are full.
    pub(super) batches: VecDeque<Batch<K>>,
    pub(super) prefetch: VecDeque<K>,
    pub(super) workers: usize,
    /// The number of the last batch, which tells it from those before.
    number: u64,
}

impl<K> Default for BatchQueue<K> {
    fn default() -> Self {
        Self {
            lookups: HashMap::new(),
            batches: VecDeque::new(),
            prefetch: VecDeque::new(),
            workers: 0,
            number: 0,
        }
    }
}

impl<K: Name> BatchQueue<K> {
    /// What is known of a name. What is not, is waited for.
    pub(super) fn lookup(
        &mut self,
        name: &K,
        limit: usize,
        waiting: &mut PendingBatches,
    ) -> Option<Arc<Identity>> {
        match self.lookups.get(name) {
            Some(LookupState::Known(identity)) => return identity.clone(),
            Some(LookupState::Pending(batch_ref)) => waiting.add(batch_ref),
            None if name.is_valid() => waiting.add(&self.schedule(name, limit)),
            None => {}
        }
        None
    }

    /// Gives a name a place in the last batch, or in a new one.
    fn schedule(&mut self, name: &K, limit: usize) -> BatchRef {
        let mut batch = match self.batches.pop_back() {
            Some(batch) if batch.has_room(name, limit) => batch,
            full => {
                self.batches.extend(full);
                self.number += 1;
                Batch::new(self.number)
            }
        };
        self.enqueue(&mut batch, name);
        let batch_ref = batch.batch_ref.clone();
        self.batches.push_back(batch);
        batch_ref
    }

    fn enqueue(&mut self, batch: &mut Batch<K>, name: &K) {
        batch.bytes += name.bytes();
        batch.names.push(name.clone());
        let asked = LookupState::Pending(batch.batch_ref.clone());
        self.lookups.insert(name.clone(), asked);
    }

    /// How many batches wait that nobody can join any more.
    fn full_batches(&self, limit: usize) -> usize {
        let last = self.batches.back();
        let open = last.is_some_and(|batch| batch.names.len() < limit);
        self.batches.len() - usize::from(open)
    }

    /// How many workers more the waiting batches need.
    pub(super) fn workers_needed(&self, limit: usize) -> usize {
        if self.batches.is_empty() {
            return 0;
        }
        let most = MAX_CONCURRENT_BATCHES - self.workers.min(MAX_CONCURRENT_BATCHES);
        let least = usize::from(self.workers == 0);
        self.full_batches(limit).clamp(least, most.max(least))
    }

    /// The next batch, with what was prefetch in the room that it has left. `None` when the worker is not
    /// needed any more.
    pub(super) fn next_batch(&mut self, limit: usize) -> Option<Batch<K>> {
        let due = self.full_batches(limit) > 0 || self.workers == 1;
        let next = if due { self.batches.pop_front() } else { None };
        let Some(mut batch) = next else {
            self.workers -= 1;
            return None;
        };
        while let Some(name) = self.prefetch.pop_front() {
            if self.lookups.contains_key(&name) || !name.is_valid() {
                continue;
            }
            if !batch.has_room(&name, limit) {
                self.prefetch.push_front(name);
                break;
            }
            self.enqueue(&mut batch, &name);
        }
        Some(batch)
    }

    /// What a batch brought. A name that was forgotten meanwhile stays forgotten.
    pub(super) fn resolve(&mut self, number: u64, names: &[K], found: &[Arc<Identity>]) {
        for identity in found {
            if let Some(lookup) =
                K::from_identity(identity).and_then(|name| self.lookups.get_mut(&name))
                && lookup.is_pending(number)
            {
                *lookup = LookupState::Known(Some(identity.clone()));
            }
        }
        for name in names {
            if let Some(lookup) = self.lookups.get_mut(name)
                && lookup.is_pending(number)
            {
                *lookup = LookupState::Known(None);
            }
        }
    }

    /// What another queue's batch brought.
    pub(super) fn record_found(&mut self, found: &[Arc<Identity>]) {
        for identity in found {
            let Some(name) = K::from_identity(identity) else {
                continue;
            };
            let lookup = self.lookups.entry(name).or_insert(LookupState::Known(None));
            if let LookupState::Known(known) = lookup {
                *known = Some(identity.clone());
            }
        }
    }

    /// A batch that brought nothing: its names can be asked for again.
    pub(super) fn release(&mut self, number: u64, names: &[K]) {
        for name in names {
            if self
                .lookups
                .get(name)
                .is_some_and(|lookup| lookup.is_pending(number))
            {
                self.lookups.remove(name);
            }
        }
    }
}
