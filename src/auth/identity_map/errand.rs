//! What carries the batches of a lane to the service, and back.

use super::lane::{Batch, Name};
use super::{Inner, State};
use crate::auth::types::Identity;
use crate::error::{Error, ErrorKind, Result};
use futures_util::FutureExt as _;
use std::collections::VecDeque;
use std::future::IntoFuture as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, MutexGuard, PoisonError};

/// Carries batches until none is left. Whatever becomes of it, nobody waits for ever.
pub(super) struct Errand<K: Name> {
    map: Arc<Inner>,
    batch: Option<Batch<K>>,
    ended: bool,
}

impl<K: Name> Errand<K> {
    async fn run(mut self) {
        // those who ask at the same moment come first, and along
        tokio::task::yield_now().await;
        while let Some(batch) = self.next() {
            let asking = K::ask(&self.map.client, &batch.names);
            let names = self.batch.insert(batch).names.len();
            let asked = AssertUnwindSafe(asking.into_future()).catch_unwind().await;
            let outcome = match asked {
                Ok(answer) => answer.map(|answer| answer.identities),
                Err(_) => Err(Error::new(
                    ErrorKind::Usage,
                    format!("the authorizer panicked while {names} identities were looked up"),
                )),
            };
            self.land(outcome);
        }
    }

    fn next(&mut self) -> Option<Batch<K>> {
        let mut state = self.map.state();
        let batch = K::lane(&mut state).take(self.map.batch);
        self.ended = batch.is_none();
        batch
    }

    fn land(&mut self, outcome: Result<Vec<Identity>>) {
        let Some(batch) = self.batch.take() else {
            return;
        };
        let number = batch.ticket.number;
        let outcome = {
            let mut state = self.map.state();
            match outcome {
                Ok(found) => {
                    let found: Vec<_> = found.into_iter().map(Arc::new).collect();
                    K::lane(&mut state).land(number, &batch.names, &found);
                    K::tell_others(&mut state, &found);
                    Ok(())
                }
                Err(error) => {
                    K::lane(&mut state).release(number, &batch.names);
                    Err(error)
                }
            }
        };
        // nobody may be waiting any more
        let _ = batch.done.send(outcome);
    }
}

/// The errand was cut off, with its runtime. What it carried, and what nobody else will carry, is let
/// go: those who wait for it ask again.
impl<K: Name> Drop for Errand<K> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let mut state = self.map.state();
        let lane = K::lane(&mut state);
        lane.errands -= 1;
        let left = match lane.errands {
            0 => std::mem::take(&mut lane.queue),
            _ => VecDeque::new(),
        };
        for batch in self.batch.take().into_iter().chain(left) {
            lane.release(batch.ticket.number, &batch.names);
        }
    }
}

impl Inner {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The errands that a lane needs, to be sent off when the lock is released.
    pub(super) fn errands<K: Name>(self: &Arc<Self>, state: &mut State) -> Vec<Errand<K>> {
        let lane = K::lane(state);
        let needed = lane.needed(self.batch);
        lane.errands += needed;
        let errand = || Errand {
            map: self.clone(),
            batch: None,
            ended: false,
        };
        std::iter::repeat_with(errand).take(needed).collect()
    }
}

pub(super) fn send<K: Name>(errands: Vec<Errand<K>>) -> Result<()> {
    if errands.is_empty() {
        return Ok(());
    }
    let runtime = tokio::runtime::Handle::try_current().map_err(|e| {
        Error::usage("identities are looked up by a tokio runtime, and this is outside of one")
            .with_source(e)
    })?;
    for errand in errands {
        runtime.spawn(errand.run());
    }
    Ok(())
}
