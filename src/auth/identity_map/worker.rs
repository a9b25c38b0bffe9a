//! The workers that send a queue's batches.

use super::Inner;
use super::queue::{Batch, BatchQueue, NameKind};
use crate::error::{Error, ErrorKind, Result};
use crate::generated::auth::types::Identity;
use futures_util::FutureExt as _;
use std::collections::VecDeque;
use std::future::IntoFuture as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, MutexGuard, PoisonError};

/// Sends batches until none is left. However it ends, no caller waits for ever.
pub(super) struct BatchWorker {
    map: Arc<Inner>,
    kind: NameKind,
    batch: Option<Batch>,
    ended: bool,
}

impl BatchWorker {
    async fn run(mut self) {
        // yield once, so that lookups issued in the same tick join this batch
        tokio::task::yield_now().await;
        while let Some(batch) = self.next() {
            let asking = self.kind.request(&self.map.client, &batch.names);
            let names = self.batch.insert(batch).names.len();
            // a panic of the caller's authorizer must not leave waiters behind
            let asked = AssertUnwindSafe(asking.into_future()).catch_unwind().await;
            let outcome = match asked {
                Ok(answer) => answer.map(|answer| answer.identities),
                Err(_) => Err(Error::new(
                    ErrorKind::Usage,
                    format!(
                        "the authorizer panicked while looking up {names} identities; check its code"
                    ),
                )),
            };
            self.resolve(outcome);
        }
    }

    fn next(&mut self) -> Option<Batch> {
        let batch = self.map.queue().next_batch(self.kind, self.map.batch);
        self.ended = batch.is_none();
        batch
    }

    fn resolve(&mut self, outcome: Result<Vec<Identity>>) {
        let Some(batch) = self.batch.take() else {
            return;
        };
        let outcome = {
            let mut queue = self.map.queue();
            match outcome {
                Ok(found) => {
                    queue.resolve(self.kind, &batch, found);
                    Ok(())
                }
                Err(error) => {
                    queue.release(&batch);
                    Err(error)
                }
            }
        };
        // the receivers may be gone
        let _ = batch.done.send(outcome);
    }
}

/// Runs when the worker is dropped with its runtime: releases its batch, and those that no other
/// worker will send, so that their waiters look the names up again.
impl Drop for BatchWorker {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let mut queue = self.map.queue();
        let lane = queue.lane(self.kind);
        lane.workers -= 1;
        let left = match lane.workers {
            0 => std::mem::take(&mut lane.batches),
            _ => VecDeque::new(),
        };
        for batch in self.batch.take().into_iter().chain(left) {
            queue.release(&batch);
        }
    }
}

impl Inner {
    pub(super) fn queue(&self) -> MutexGuard<'_, BatchQueue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates the workers that a queue needs, to be spawned after the lock is released.
    pub(super) fn workers(self: &Arc<Self>, queue: &mut BatchQueue) -> Vec<BatchWorker> {
        let mut workers = Vec::new();
        for kind in NameKind::ALL {
            let lane = queue.lane(kind);
            let needed = lane.workers_needed(self.batch);
            lane.workers += needed;
            let worker = || BatchWorker {
                map: self.clone(),
                kind,
                batch: None,
                ended: false,
            };
            workers.extend(std::iter::repeat_with(worker).take(needed));
        }
        workers
    }
}

pub(super) fn send(workers: Vec<BatchWorker>) -> Result<()> {
    if workers.is_empty() {
        return Ok(());
    }
    let runtime = tokio::runtime::Handle::try_current().map_err(|e| {
        Error::usage("identity lookups need a tokio runtime; call this inside one").with_source(e)
    })?;
    for worker in workers {
        runtime.spawn(worker.run());
    }
    Ok(())
}
