//! Waiting for a task, of whichever service.
//!
//! A [`Wait`] is a value: set its limits, then await it for the finished task, or stream it for
//! every state on the way. It asks often at first and seldom later, rides out passing trouble, and
//! dropping it stops it.

use crate::error::{Error, ErrorKind, Result};
use crate::paging::Items;
use crate::transport::Clock;
use futures_util::stream;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type Poll<T> = dyn Fn() -> BoxFuture<Result<T>> + Send + Sync;
type Progress<T> = dyn FnMut(&T) + Send;

/// The first pause between two questions, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));
/// How many answers in a row may fail, each after its own retries.
const PATIENCE: u32 = 10;

/// What a task says of itself, told apart by service.
pub(crate) enum Progressing {
    Running,
    Succeeded,
    /// And why.
    Failed(String),
}

/// A wait for a task. Awaiting it gives the task once it has succeeded.
///
/// # Errors
///
/// [`ErrorKind::TaskFailed`] when it ends otherwise, [`ErrorKind::WaitTimeout`] when the time is
/// up before, or what the service answered.
///
/// ```no_run
/// use std::time::Duration;
///
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let task = transfer
///     .wait(id)
///     .timeout(Duration::from_secs(3600))
///     .on_progress(|task| eprintln!("{} of {} files", task.files_transferred, task.files))
///     .await?;
/// println!("{} bytes", task.bytes_transferred);
/// # Ok(()) }
/// ```
#[must_use = "a wait does nothing until it is awaited or streamed"]
pub struct Wait<T> {
    poll: Arc<Poll<T>>,
    state: fn(&T) -> Progressing,
    clock: Arc<dyn Clock>,
    timeout: Option<Duration>,
    interval: Option<Duration>,
    progress: Option<Box<Progress<T>>>,
}

impl<T: Send + 'static> Wait<T> {
    pub(crate) fn new<F>(
        poll: impl Fn() -> F + Send + Sync + 'static,
        state: fn(&T) -> Progressing,
        clock: Arc<dyn Clock>,
    ) -> Self
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        Self {
            poll: Arc::new(move || Box::pin(poll())),
            state,
            clock,
            timeout: None,
            interval: None,
            progress: None,
        }
    }

    /// How long to wait at most. As long as it takes by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// A steady pause between two questions, in place of one that grows from 0.25 s to 10 s.
    pub fn polling_interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }

    /// Called with every state that is seen, the last included.
    pub fn on_progress(mut self, progress: impl FnMut(&T) + Send + 'static) -> Self {
        self.progress = Some(Box::new(progress));
        self
    }

    /// Every state that is seen, until the task has ended; the last item is how it ended. A task
    /// that failed is an item here, and no error.
    pub fn stream(self) -> Items<T> {
        let started = self.clock.instant();
        let watch = Watch {
            wait: self,
            started,
            asked: 0,
            failures: 0,
            ended: false,
        };
        Items::new(stream::try_unfold(watch, |mut watch| async move {
            Ok(watch.next().await?.map(|task| (task, watch)))
        }))
    }

    async fn ended(self) -> Result<T> {
        let state = self.state;
        let mut states = self.stream();
        let mut last = None;
        while let Some(task) = states.next().await {
            last = Some(task?);
        }
        // the stream gives at least one state, or an error
        let task =
            last.ok_or_else(|| Error::new(ErrorKind::WaitTimeout, "the task was never seen"))?;
        match state(&task) {
            Progressing::Failed(why) => Err(Error::new(ErrorKind::TaskFailed, why)),
            Progressing::Running | Progressing::Succeeded => Ok(task),
        }
    }
}

impl<T: Send + 'static> IntoFuture for Wait<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<Result<T>>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.ended())
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait")
            .field("timeout", &self.timeout)
            .field("polling_interval", &self.interval)
            .finish_non_exhaustive()
    }
}

/// A wait under way.
struct Watch<T> {
    wait: Wait<T>,
    started: Instant,
    asked: u32,
    failures: u32,
    ended: bool,
}

impl<T: Send + 'static> Watch<T> {
    async fn next(&mut self) -> Result<Option<T>> {
        if self.ended {
            return Ok(None);
        }
        loop {
            if self.asked > 0 {
                self.pause().await?;
            }
            self.asked += 1;
            match (self.wait.poll)().await {
                Ok(task) => {
                    self.failures = 0;
                    self.ended = !matches!((self.wait.state)(&task), Progressing::Running);
                    if let Some(progress) = &mut self.wait.progress {
                        progress(&task);
                    }
                    return Ok(Some(task));
                }
                Err(error) if error.is_retryable() && self.failures < PATIENCE => {
                    self.failures += 1
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Sleeps until the next question, or fails when there is no time for one.
    async fn pause(&mut self) -> Result<()> {
        let pause = self.wait.interval.unwrap_or_else(|| {
            let grown = 1.5f64.powi(i32::try_from(self.asked).unwrap_or(i32::MAX) - 1);
            PAUSES.0.mul_f64(grown.min(1e6)).min(PAUSES.1)
        });
        let clock = &self.wait.clock;
        let pause = match self.wait.timeout {
            None => pause,
            Some(timeout) => {
                let elapsed = clock.instant().saturating_duration_since(self.started);
                let left = timeout.saturating_sub(elapsed);
                if left.is_zero() {
                    return Err(Error::new(
                        ErrorKind::WaitTimeout,
                        format!(
                            "the task is still running after {timeout:?}; wait again, or cancel it"
                        ),
                    ));
                }
                // one last question when the time is up
                pause.min(left)
            }
        };
        clock.sleep(pause).await;
        Ok(())
    }
}
