//! Waiting for a task of any service.
//!
//! A [`Wait`] is a value: set its limits, then await it for the finished task, or stream it for
//! every state on the way. It polls often at first and less often later, tolerates temporary
//! failures, and stops when it is dropped: nothing runs in the background.

mod poll_interval;

use crate::error::{Error, ErrorKind, Result};
use crate::pagination::ItemStream;
use crate::transport::{BoxFuture, Clock};
use futures_util::stream;
pub(crate) use poll_interval::PollInterval;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::sync::Arc;
use std::time::Duration;

type Progress<S> = dyn FnMut(&S) + Send;

/// What is waited for: its states are `S`, and its result is a `T`.
pub(crate) trait Condition<T, S>: Send {
    /// Asks the service for the current state.
    fn poll(&mut self) -> BoxFuture<'_, Result<S>>;
    /// Whether this is a final state.
    fn is_over(&self, state: &S) -> bool;
    /// The result of awaiting.
    fn outcome(&self, last: S) -> Result<T>;
    /// Why there is no progress, for the message of a timeout.
    fn stall_reason(&self, state: &S) -> Option<String>;
}

/// A wait for a task. Awaiting it returns the task once it has succeeded;
/// [`on_progress`](Self::on_progress) and [`stream`](Self::stream) show the states on the way.
///
/// # Errors
///
/// [`ErrorKind::TaskFailed`] when the task fails, [`ErrorKind::WaitTimeout`] when the time is up
/// before it has finished; any other kind that a request fails with.
///
/// ```no_run
/// use std::time::Duration;
///
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let task = transfer
///     .wait(id)
///     .timeout(Duration::from_secs(3600))
///     .on_progress(|progress| eprint!("\r{progress}"))
///     .await?;
/// println!("{} bytes", task.bytes_transferred);
/// # Ok(()) }
/// ```
#[must_use = "a wait does nothing until it is awaited or streamed"]
pub struct Wait<T, S = T> {
    condition: Box<dyn Condition<T, S>>,
    clock: Arc<dyn Clock>,
    timeout: Option<Duration>,
    interval: Option<Duration>,
    progress: Option<Box<Progress<S>>>,
}

impl<T: Send + 'static, S: Send + 'static> Wait<T, S> {
    pub(crate) fn for_condition(
        condition: impl Condition<T, S> + 'static,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            condition: Box::new(condition),
            clock,
            timeout: None,
            interval: None,
            progress: None,
        }
    }

    /// The maximum time to wait. No limit by default. A request in progress when the time is up is
    /// finished.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// A fixed interval between polls, instead of one that grows from 0.25 s to 10 s.
    pub fn polling_interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Called with every observed state, including the last.
    pub fn on_progress(mut self, progress: impl FnMut(&S) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Streams every observed state until the task has finished; the last item is its final state.
    /// A failed task is an item here, not an error.
    pub fn stream(self) -> ItemStream<S> {
        ItemStream::new(stream::try_unfold(self.begin(), |mut watch| async move {
            Ok(watch.next().await?.map(|state| (state, watch)))
        }))
    }

    fn begin(self) -> Poller<T, S> {
        Poller {
            polling: PollInterval::new(self.clock, self.timeout, self.interval),
            condition: self.condition,
            progress: self.progress,
            stall_reason: None,
            ended: false,
        }
    }

    async fn finish(self) -> Result<T> {
        let mut watch = self.begin();
        let mut last = None;
        while let Some(state) = watch.next().await? {
            last = Some(state);
        }
        // the poller yields at least one state, or an error
        let last = last.ok_or_else(|| {
            Error::new(
                ErrorKind::WaitTimeout,
                "the task was never polled; allow more time with `timeout`",
            )
        })?;
        watch.condition.outcome(last)
    }
}

impl<T: Send + 'static, S: Send + 'static> IntoFuture for Wait<T, S> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.finish())
    }
}

impl<T, S> fmt::Debug for Wait<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("timeout", &self.timeout)
            .field("polling_interval", &self.interval)
            .finish_non_exhaustive()
    }
}

/// A running wait.
struct Poller<T, S> {
    condition: Box<dyn Condition<T, S>>,
    polling: PollInterval,
    progress: Option<Box<Progress<S>>>,
    /// Why there was no progress at the last poll.
    stall_reason: Option<String>,
    ended: bool,
}

impl<T, S> Poller<T, S> {
    async fn next(&mut self) -> Result<Option<S>> {
        if self.ended {
            return Ok(None);
        }
        loop {
            if !self.polling.sleep_until_next().await {
                return Err(self.too_long());
            }
            match self.condition.poll().await {
                Ok(state) => {
                    // only failures in a row count against the limit
                    self.polling.reset();
                    self.ended = self.condition.is_over(&state);
                    self.stall_reason = self.condition.stall_reason(&state);
                    if let Some(progress) = &mut self.progress {
                        progress(&state);
                    }
                    return Ok(Some(state));
                }
                // the state is unknown, not final: poll again unless there were too many errors in
                // a row
                Err(error) => self.polling.tolerate_error(error)?,
            }
        }
    }

    fn too_long(&self) -> Error {
        let limit = self.polling.limit();
        let why = self
            .stall_reason
            .as_ref()
            .map_or_else(String::new, |stall_reason| format!(" ({stall_reason})"));
        let message =
            format!("the task is still running after {limit:?}{why}; wait again, or cancel it");
        Error::new(ErrorKind::WaitTimeout, message).with_operation("wait".into())
    }
}

/// State of a task type that reports no progress (Search's tasks).
pub(crate) enum WaitState {
    Running,
    Succeeded,
    /// With the reason.
    Failed(String),
}

/// A task of which only the document is known.
struct SimpleTask<P, T> {
    poll: P,
    state: fn(&T) -> WaitState,
}

impl<T: Send + 'static> Wait<T> {
    pub(crate) fn new<F>(
        poll: impl Fn() -> F + Send + 'static,
        state: fn(&T) -> WaitState,
        clock: Arc<dyn Clock>,
    ) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Self::for_condition(SimpleTask { poll, state }, clock)
    }
}

impl<P, F, T> Condition<T, T> for SimpleTask<P, T>
where
    P: Fn() -> F + Send,
    F: Future<Output = Result<T>> + Send + 'static,
{
    fn poll(&mut self) -> BoxFuture<'_, Result<T>> {
        Box::pin((self.poll)())
    }

    fn is_over(&self, state: &T) -> bool {
        !matches!((self.state)(state), WaitState::Running)
    }

    fn outcome(&self, last: T) -> Result<T> {
        match (self.state)(&last) {
            WaitState::Failed(why) => Err(Error::new(ErrorKind::TaskFailed, why)),
            WaitState::Running | WaitState::Succeeded => Ok(last),
        }
    }

    fn stall_reason(&self, _: &T) -> Option<String> {
        None
    }
}
