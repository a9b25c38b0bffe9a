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
///
/// Errands may differ by a purpose `P`: who has another waits for the end of the one under way.
pub(super) struct SingleFlight<T, P = ()>(Arc<Mutex<Slot<T, P>>>);

struct Slot<T, P> {
    flight: Option<(P, Flight<T>)>,
    /// Tells a flight from those before it.
    number: u64,
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    /// Joins the errand that is under way, or starts one.
    pub(super) async fn run<F>(&self, errand: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        self.run_for((), |()| true, errand).await
    }
}

impl<T: Clone + Send + Sync + 'static, P: Clone + Send + 'static> SingleFlight<T, P> {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Slot {
            flight: None,
            number: 0,
        })))
    }

    /// Joins the errand that is under way if its purpose serves, or starts one after it.
    pub(super) async fn run_for<F>(
        &self,
        purpose: P,
        serves: impl Fn(&P) -> bool,
        errand: impl Fn() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        loop {
            let (under_way, flight) = self.join_or_start(&purpose, &errand)?;
            let result = flight.await;
            if let Some(result) = result
                && under_way.is_none_or(|purpose| serves(&purpose))
            {
                return result;
            }
        }
    }

    /// The errand that is under way and its purpose, or ours.
    fn join_or_start<F>(
        &self,
        purpose: &P,
        errand: &impl Fn() -> F,
    ) -> Result<(Option<P>, Flight<T>)>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((purpose, flight)) = &slot.flight {
            return Ok((Some(purpose.clone()), flight.clone()));
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
        slot.flight = Some((purpose.clone(), flight.clone()));
        Ok((None, flight))
    }
}

/// Makes room for the next errand.
struct Landing<T, P> {
    slot: Arc<Mutex<Slot<T, P>>>,
    number: u64,
}

impl<T, P> Drop for Landing<T, P> {
    fn drop(&mut self) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.number == self.number {
            slot.flight = None;
        }
    }
}
