//! One task at a time, however many callers request it.

use crate::error::{Error, ErrorKind, Result};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

/// Result of the shared task; `None` if its runtime shut down before it finished.
type SharedTask<T> = Shared<BoxFuture<'static, Option<Result<T>>>>;

/// A caller that arrives while a task is running gets that task's result, including its error: a
/// thousand callers of a service that is down make one request, not a thousand in a row.
///
/// The task is spawned, so that it finishes even when no caller waits for it any more.
///
/// Tasks may differ by a purpose `P`: a caller with a different purpose waits for the running task
/// to end, then starts its own.
pub(crate) struct SingleFlight<T, P = ()>(Arc<Mutex<TaskSlot<T, P>>>);

struct TaskSlot<T, P> {
    running: Option<(P, SharedTask<T>)>,
    /// Distinguishes a task from those before it.
    number: u64,
}

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    /// Joins the running task, or starts one.
    pub(crate) async fn run<F>(&self, task: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        self.run_with_purpose((), |()| true, task).await
    }
}

impl<T: Clone + Send + Sync + 'static, P: Clone + Send + 'static> SingleFlight<T, P> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(TaskSlot {
            running: None,
            number: 0,
        })))
    }

    /// Joins the running task if its purpose serves, or starts one after it.
    pub(crate) async fn run_with_purpose<F>(
        &self,
        purpose: P,
        serves: impl Fn(&P) -> bool,
        task: impl Fn() -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        loop {
            let (under_way, shared) = self.join_or_start(&purpose, &task)?;
            let result = shared.await;
            // a task of another purpose, or one that was cut off, has no answer for this caller:
            // try again
            if let Some(result) = result
                && under_way.is_none_or(|purpose| serves(&purpose))
            {
                return result;
            }
        }
    }

    /// The running task with its purpose, or a new one of ours.
    fn join_or_start<F>(
        &self,
        purpose: &P,
        task: &impl Fn() -> F,
    ) -> Result<(Option<P>, SharedTask<T>)>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((purpose, running)) = &slot.running {
            return Ok((Some(purpose.clone()), running.clone()));
        }
        let runtime = tokio::runtime::Handle::try_current().map_err(|e| {
            Error::usage("tokens are fetched by a tokio runtime, and this is outside of one")
                .with_source(e)
        })?;
        slot.number += 1;
        let clear = ClearOnDrop {
            slot: self.0.clone(),
            number: slot.number,
        };
        let task = task();
        let task = runtime.spawn(async move {
            // a guard, because the slot must be cleared also when the runtime drops the task
            let _landing = clear;
            task.await
        });
        let shared = task.map(|joined| match joined {
            Ok(result) => Some(result),
            Err(e) if e.is_cancelled() => None,
            // from a caller's callback, for example: starting over would panic again
            Err(e) => Some(Err(Error::new(
                ErrorKind::Login,
                "fetching tokens panicked",
            )
            .with_source(e))),
        });
        let shared = shared.boxed().shared();
        slot.running = Some((purpose.clone(), shared.clone()));
        Ok((None, shared))
    }
}

/// Clears the slot for the next task.
struct ClearOnDrop<T, P> {
    slot: Arc<Mutex<TaskSlot<T, P>>>,
    number: u64,
}

impl<T, P> Drop for ClearOnDrop<T, P> {
    fn drop(&mut self) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        // a newer task may already be in the slot
        if slot.number == self.number {
            slot.running = None;
        }
    }
}
