//! The batch queue of one kind of name.

use super::IdentityName;
use crate::error::Result;
use crate::generated::auth::Client;
use crate::generated::auth::builders::GetIdentities;
use crate::generated::auth::types::Identity;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::oneshot;

/// How many bytes of names a request may have: they are part of its URL.
const MAX_NAME_BYTES: usize = 6000;
/// How many requests are in flight at a time, for each kind of name.
const MAX_CONCURRENT_BATCHES: usize = 4;

pub(super) type Found = Option<Arc<Identity>>;
/// How a batch ended; `None` when its worker was dropped.
pub(super) type BatchFuture = Shared<BoxFuture<'static, Option<Result<()>>>>;

/// The batches that a caller waits for.
#[derive(Default)]
pub(super) struct PendingBatches(pub(super) Vec<BatchFuture>);

impl PendingBatches {
    fn add(&mut self, batch_ref: &BatchRef) {
        // neighbouring names are usually in the same batch; a duplicate would only be awaited twice
        let last = self.0.last();
        if !last.is_some_and(|last| last.ptr_eq(&batch_ref.done)) {
            self.0.push(batch_ref.done.clone());
        }
    }
}

/// A reference to the batch that a name is in.
#[derive(Clone)]
pub(super) struct BatchRef {
    number: u64,
    done: BatchFuture,
}

enum LookupState {
    Known(Found),
    Pending(BatchRef),
}

impl LookupState {
    /// Whether it waits for this batch.
    fn is_pending(&self, number: u64) -> bool {
        matches!(self, Self::Pending(batch_ref) if batch_ref.number == number)
    }
}

pub(super) struct Batch {
    pub(super) batch_ref: BatchRef,
    pub(super) names: Vec<IdentityName>,
    bytes: usize,
    pub(super) done: oneshot::Sender<Result<()>>,
}

impl Batch {
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

    fn has_room(&self, name: &IdentityName, limit: usize) -> bool {
        self.names.len() < limit && (self.bytes == 0 || self.bytes + name.bytes() <= MAX_NAME_BYTES)
    }

    fn push(&mut self, name: &IdentityName, lookups: &mut HashMap<IdentityName, LookupState>) {
        self.bytes += name.bytes();
        self.names.push(name.clone());
        let asked = LookupState::Pending(self.batch_ref.clone());
        lookups.insert(name.clone(), asked);
    }
}

/// The kinds of name: a call asks for names of one kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    Id,
    Username,
}

impl NameKind {
    pub(super) const ALL: [Self; 2] = [Self::Id, Self::Username];

    pub(super) fn request(self, client: &Client, names: &[IdentityName]) -> GetIdentities {
        let texts = names.iter().map(|name| match name {
            IdentityName::Id(id) => id.to_string(),
            IdentityName::Username(name) => name.to_string(),
        });
        let texts: Vec<String> = texts.collect();
        match self {
            Self::Id => client.get_identities().ids(texts),
            Self::Username => client.get_identities().usernames(texts),
        }
    }
}

impl IdentityName {
    fn kind(&self) -> NameKind {
        match self {
            Self::Id(_) => NameKind::Id,
            Self::Username(_) => NameKind::Username,
        }
    }

    /// With the comma that follows it.
    fn bytes(&self) -> usize {
        match self {
            Self::Id(_) => 37,
            Self::Username(name) => name.len() + 1,
        }
    }

    /// Whether somebody can have this name. A comma would make two names of it.
    fn is_valid(&self) -> bool {
        match self {
            Self::Id(_) => true,
            Self::Username(name) => {
                !name.is_empty() && !name.contains(',') && name.len() < MAX_NAME_BYTES
            }
        }
    }

    /// The names that an identity has.
    fn all_of(identity: &Identity) -> impl Iterator<Item = Self> {
        let username = identity.username.as_deref();
        let username = username.map(|name| Self::Username(name.to_lowercase().into()));
        std::iter::once(Self::Id(identity.id)).chain(username)
    }
}

/// What waits of one kind of name.
#[derive(Default)]
pub(super) struct Lane {
    /// All but the last are full.
    pub(super) batches: VecDeque<Batch>,
    prefetch: VecDeque<IdentityName>,
    pub(super) workers: usize,
}

impl Lane {
    /// How many batches wait that nobody can join any more.
    fn full_batches(&self, limit: usize) -> usize {
        let last = self.batches.back();
        let open = last.is_some_and(|batch| batch.names.len() < limit);
        self.batches.len() - usize::from(open)
    }

    /// How many more workers the waiting batches need.
    pub(super) fn workers_needed(&self, limit: usize) -> usize {
        if self.batches.is_empty() {
            return 0;
        }
        // one worker for each full batch, at least one if none runs: a partial batch alone needs a
        // worker only when nothing else is in flight
        let most = MAX_CONCURRENT_BATCHES - self.workers.min(MAX_CONCURRENT_BATCHES);
        let least = usize::from(self.workers == 0);
        self.full_batches(limit).clamp(least, most.max(least))
    }
}

#[derive(Default)]
pub(super) struct BatchQueue {
    lookups: HashMap<IdentityName, LookupState>,
    lanes: [Lane; 2],
    /// The number of the last batch, which tells it from those before.
    number: u64,
}

impl BatchQueue {
    pub(super) fn lane(&mut self, kind: NameKind) -> &mut Lane {
        &mut self.lanes[kind as usize]
    }

    /// How many ids something is known of, or asked for.
    pub(super) fn ids(&self) -> usize {
        let names = self.lookups.keys();
        names.filter(|name| name.kind() == NameKind::Id).count()
    }

    /// What is known of a name. What is not, is waited for.
    pub(super) fn lookup(
        &mut self,
        name: &IdentityName,
        limit: usize,
        waiting: &mut PendingBatches,
    ) -> Found {
        match self.lookups.get(name) {
            Some(LookupState::Known(identity)) => return identity.clone(),
            Some(LookupState::Pending(batch_ref)) => waiting.add(batch_ref),
            None if name.is_valid() => waiting.add(&self.schedule(name, limit)),
            None => {}
        }
        None
    }

    /// Gives a name a place in the last batch of its kind, or in a new one.
    fn schedule(&mut self, name: &IdentityName, limit: usize) -> BatchRef {
        let lane = &mut self.lanes[name.kind() as usize];
        let mut batch = match lane.batches.pop_back() {
            Some(batch) if batch.has_room(name, limit) => batch,
            full => {
                lane.batches.extend(full);
                self.number += 1;
                Batch::new(self.number)
            }
        };
        batch.push(name, &mut self.lookups);
        let batch_ref = batch.batch_ref.clone();
        lane.batches.push_back(batch);
        batch_ref
    }

    /// Asks for a name when a batch of its kind has room left.
    pub(super) fn prefetch(&mut self, name: IdentityName) {
        self.lane(name.kind()).prefetch.push_back(name);
    }

    /// The next batch, with what was prefetched in the room that it has left. `None` when the worker is
    /// not needed any more.
    pub(super) fn next_batch(&mut self, kind: NameKind, limit: usize) -> Option<Batch> {
        let lane = &mut self.lanes[kind as usize];
        let due = lane.full_batches(limit) > 0 || lane.workers == 1;
        let next = if due { lane.batches.pop_front() } else { None };
        let Some(mut batch) = next else {
            lane.workers -= 1;
            return None;
        };
        while let Some(name) = lane.prefetch.pop_front() {
            if self.lookups.contains_key(&name) || !name.is_valid() {
                continue;
            }
            if !batch.has_room(&name, limit) {
                lane.prefetch.push_front(name);
                break;
            }
            batch.push(&name, &mut self.lookups);
        }
        Some(batch)
    }

    /// What a batch brought. Of the names that it asked for, one that was forgotten meanwhile stays
    /// forgotten; the other name of each identity found is recorded, too.
    pub(super) fn resolve(&mut self, kind: NameKind, batch: &Batch, found: Vec<Identity>) {
        let number = batch.batch_ref.number;
        for identity in found.into_iter().map(Arc::new) {
            for name in IdentityName::all_of(&identity) {
                let records = match self.lookups.get(&name) {
                    Some(lookup) if name.kind() == kind => lookup.is_pending(number),
                    Some(lookup) => matches!(lookup, LookupState::Known(_)),
                    None => name.kind() != kind,
                };
                if records {
                    let known = LookupState::Known(Some(identity.clone()));
                    self.lookups.insert(name, known);
                }
            }
        }
        for name in &batch.names {
            if let Some(lookup) = self.lookups.get_mut(name)
                && lookup.is_pending(number)
            {
                *lookup = LookupState::Known(None);
            }
        }
    }

    /// A batch that brought nothing: its names can be asked for again.
    pub(super) fn release(&mut self, batch: &Batch) {
        let number = batch.batch_ref.number;
        for name in &batch.names {
            let lookup = self.lookups.get(name);
            if lookup.is_some_and(|lookup| lookup.is_pending(number)) {
                self.lookups.remove(name);
            }
        }
    }

    /// Forgets a name and the other name of the same identity; `false` if nothing was known of it.
    pub(super) fn forget(&mut self, name: &IdentityName) -> bool {
        let lookup = self.lookups.remove(name);
        if let Some(LookupState::Known(Some(identity))) = &lookup {
            for name in IdentityName::all_of(identity) {
                self.lookups.remove(&name);
            }
        }
        lookup.is_some()
    }
}
