//! The same calls without an async runtime of your own.
//!
//! For scripts and synchronous programs: import [`Blocking`] and write `.call()` where the rest of
//! this documentation writes `.await`. One trait covers everything that can be awaited, so that
//! nothing is missing from either world. Iterate over a stream with `for`.
//!
//! ```no_run
//! use globus_sdk::blocking::Blocking as _;
//! use globus_sdk::{Globus, auth::ClientApp};
//!
//! # fn run(collection: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
//! let app = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret");
//! let transfer = Globus::builder(app).build()?.transfer();
//!
//! let folders = transfer.operation_ls(collection).path("/data/").filter("type:dir").call()?;
//! for task in transfer.task_list().stream() {
//!     println!("{}", task?.task_id);
//! }
//! # Ok(()) }
//! ```
//!
//! Connections and timers live on one background thread, which starts with the first call and
//! serves all clients of the process. The future itself runs on the calling thread.
//!
//! # In an asynchronous program
//!
//! Use `.await`. Blocking calls are allowed where a thread may block, as in
//! [`tokio::task::spawn_blocking`]; on a worker of a runtime they would stop all of its tasks, and
//! fail with an error of kind `Usage` instead.

use crate::error::{Error, ErrorKind, Result};
use crate::pagination::ItemStream;
use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::coop;

/// Blocking calls in place of `.await`.
///
/// ```no_run
/// use globus_sdk::blocking::Blocking as _;
///
/// # fn run(globus: globus_sdk::Globus, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// globus.login().call()?;
/// let done = globus.transfer().wait(id).call()?;
/// # Ok(()) }
/// ```
pub trait Blocking<T>: IntoFuture<Output = Result<T>> + Sized {
    /// Makes the call and blocks until it is done.
    ///
    /// # Errors
    ///
    /// Any kind that awaiting it fails with, and kind `Usage` on a worker of an async runtime.
    fn call(self) -> Result<T> {
        block_on(self.into_future())?
    }
}

impl<T, F: IntoFuture<Output = Result<T>>> Blocking<T> for F {}

/// A blocking iterator over a stream; each item is fetched when needed.
///
/// ```no_run
/// # fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
/// let newest = transfer.task_list().stream().into_iter().next().transpose()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct BlockingIterator<T> {
    items: ItemStream<T>,
    over: bool,
}

impl<T: Send + 'static> Iterator for BlockingIterator<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let next = block_on(self.items.next());
        // a finished stream must not be polled again, and one that cannot run would return its
        // error for ever
        self.over = !matches!(next, Ok(Some(_)));
        next.unwrap_or_else(|error| Some(Err(error)))
    }
}

impl<T: Send + 'static> IntoIterator for ItemStream<T> {
    type Item = Result<T>;
    type IntoIter = BlockingIterator<T>;

    fn into_iter(self) -> BlockingIterator<T> {
        BlockingIterator {
            items: self,
            over: false,
        }
    }
}

/// Runs a future on this thread, with the connections and timers of the background runtime.
fn block_on<F: Future>(future: F) -> Result<F::Output> {
    if on_async_worker() {
        return Err(Error::usage(
            "a blocking call on an async runtime's worker would stop its tasks; \
            use `.await` or tokio::task::spawn_blocking",
        ));
    }
    // the future finds timers and sockets in the entered runtime, but is polled here, so it need
    // not be `Send`
    let _entered = background()?.enter();
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Ok(output);
        }
        thread::park();
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn background() -> Result<&'static Handle> {
    static BACKGROUND: OnceLock<std::io::Result<Runtime>> = OnceLock::new();
    let runtime = BACKGROUND.get_or_init(|| {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("globus-sdk-blocking")
            .enable_all()
            .build()
    });
    match runtime {
        Ok(runtime) => Ok(runtime.handle()),
        Err(error) => {
            let message = "cannot start the background thread for blocking calls";
            let cause = std::io::Error::new(error.kind(), error.to_string());
            Err(Error::new(ErrorKind::Usage, message).with_source(cause))
        }
    }
}

/// Whether this thread is polling a tokio task.
///
/// `Handle::try_current` cannot tell: it also succeeds inside `spawn_blocking`, where blocking is
/// allowed. But tokio gives each task a cooperative budget for a poll, and outside of a task the
/// budget is unlimited. So take units until they run out or more have been taken than any budget
/// has. Every unit is returned when its guard is dropped, so probing costs the task nothing.
fn on_async_worker() -> bool {
    /// Well above tokio's budget, which has always been 128: the margin is for a future version.
    const ENOUGH: usize = 4096;
    if Handle::try_current().is_err() {
        return false;
    }
    let mut context = Context::from_waker(Waker::noop());
    let mut taken = Vec::new();
    while taken.len() < ENOUGH {
        match coop::poll_proceed(&mut context) {
            Poll::Ready(one) => taken.push(one),
            Poll::Pending => break,
        }
    }
    let ran_out = taken.len() < ENOUGH;
    // each guard restores the budget it saw: in reverse order, so that the first one restores the
    // whole
    while taken.pop().is_some() {}
    ran_out
}
