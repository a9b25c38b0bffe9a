//! What carries the batches of a queue to the service, and back.

use super::queue::{Batch, Name};
use super::{Inner, State};
use crate::error::{Error, ErrorKind, Result};
use crate::generated::auth::types::Identity;
use futures_util::FutureExt as _;
use std::collections::VecDeque;
use std::future::IntoFuture as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, MutexGuard, PoisonError};

/// Carries batches until none is left. Whatever becomes of it, nobody waits for ever.
pub(super) struct BatchWorker<K: Name> {
    map: Arc<Inner>,
    batch: Option<Batch<K>>,
    ended: bool,
}

impl<K: Name> BatchWorker<K> {
    async fn run(mut self) {
        // yield once, so that lookups issued in the same tick join this batch
        tokio::task::yield_now().await;
        while let Some(batch) = self.next() {
            let asking = K::request(&self.map.client, &batch.names);
            let names = self.batch.insert(batch).names.len();
            let asked = AssertUnwindSafe(asking.into_future()).catch_unwind().await;
            let outcome = match asked {
                Ok(answer) => answer.map(|answer| answer.identities),
                Err(_) => Err(Error::new(
                    ErrorKind::Usage,
                    format!("the authorizer panicked while {names} identities were looked up"),
                )),
            };
            self.resolve(outcome);
        }
    }

    fn next(&mut self) -> Option<Batch<K>> {
        let mut state = self.map.state();
        let batch = K::queue(&mut state).next_batch(self.map.batch);
        self.ended = batch.is_none();
        batch
    }

    fn resolve(&mut self, outcome: Result<Vec<Identity>>) {
        let Some(batch) = self.batch.take() else {
            return;
        };
        let number = batch.batch_ref.number;
        let outcome = {
            let mut state = self.map.state();
            match outcome {
                Ok(found) => {
                    let found: Vec<_> = found.into_iter().map(Arc::new).collect();
                    K::queue(&mut state).resolve(number, &batch.names, &found);
                    K::share_with_other_queue(&mut state, &found);
                    Ok(())
                }
                Err(error) => {
                    K::queue(&mut state).release(number, &batch.names);
                    Err(error)
                }
            }
        };
        // nobody may be waiting any more
        let _ = batch.done.send(outcome);
    }
}

/// The worker was cut off, with its runtime. What it carried, and what nobody else will carry, is let
/// go: those who wait for it ask again.
impl<K: Name> Drop for BatchWorker<K> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let mut state = self.map.state();
        let queue = K::queue(&mut state);
        queue.workers -= 1;
        let left = match queue.workers {
            0 => std::mem::take(&mut queue.batches),
            _ => VecDeque::new(),
        };
        for batch in self.batch.take().into_iter().chain(left) {
            queue.release(batch.batch_ref.number, &batch.names);
        }
    }
}

impl Inner {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The workers that a queue needs, to be sent off when the lock is released.
    pub(super) fn workers<K: Name>(self: &Arc<Self>, state: &mut State) -> Vec<BatchWorker<K>> {
        let queue = K::queue(state);
        let needed = queue.workers_needed(self.batch);
        queue.workers += needed;
        let worker = || BatchWorker {
            map: self.clone(),
            batch: None,
            ended: false,
        };
        std::iter::repeat_with(worker).take(needed).collect()
    }
}

pub(super) fn send<K: Name>(workers: Vec<BatchWorker<K>>) -> Result<()> {
    if workers.is_empty() {
        return Ok(());
    }
    let runtime = tokio::runtime::Handle::try_current().map_err(|e| {
        Error::usage("identities are looked up by a tokio runtime, and this is outside of one")
            .with_source(e)
    })?;
    for worker in workers {
        runtime.spawn(worker.run());
    }
    Ok(())
}
