//! One errand at a time, however many ask for it.

use crate::error::Result;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

/// What an errand came to; `None` when it was cut off, since its runtime shut down.
type Flight<T> = Shared<BoxFuture<'static, Option<Result<T>>>>;

/// Whoever asks while an errand is under way gets that one's result, its error included: a thousand
/// callers of a service that is down make one request, not a thousand in a row.
///
/// The errand runs as a task of its own, so that it ends even when nobody waits for it any more.
pub(super) struct SingleFlight<T>(Arc<Mutex<Slot<T>>>);

struct Slot<T> {
    flight: Option<Flight<T>>,
    /// Tells a flight from those before it.
    number: u64,
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Slot {
            flight: None,
            number: 0,
        })))
    }

    /// Joins the errand that is under way, or starts one.
    pub(super) async fn run<F>(&self, errand: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        loop {
            let flight = self.join_or_start(&errand)?;
            if let Some(result) = flight.await {
                return result;
            }
        }
    }

    fn join_or_start<F>(&self, errand: &impl Fn() -> F) -> Result<Flight<T>>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = &slot.flight {
            return Ok(flight.clone());
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|e| {
            crate::Error::usage("tokens are fetched by a tokio runtime, and this is outside of one")
                .with_source(e)
        })?;
        slot.number += 1;
        let landing = Landing {
            slot: self.0.clone(),
            number: slot.number,
        };
        let errand = errand();
        let task = runtime.spawn(async move {
            // dropped when the errand ends, and also when the runtime drops the task
            let _landing = landing;
            errand.await
        });
        let flight = task.map(|joined| match joined {
            Ok(result) => Some(result),
            Err(e) if e.is_cancelled() => None,
            // of a caller's own callback, say: to start again would panic again
            Err(e) => Some(Err(crate::Error::new(
                crate::ErrorKind::Login,
                "fetching tokens panicked",
            )
            .with_source(e))),
        });
        let flight = flight.boxed().shared();
        slot.flight = Some(flight.clone());
        Ok(flight)
    }
}

/// Makes room for the next errand.
struct Landing<T> {
    slot: Arc<Mutex<Slot<T>>>,
    number: u64,
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.number == self.number {
            slot.flight = None;
        }
    }
}
