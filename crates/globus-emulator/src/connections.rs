//! Serving connections, with limits on time and number.
//!
//! A client that stops in the middle of a request, or opens a connection and sends nothing, must not occupy
//! resources for ever. axum's `serve` has no such limits, so this module has its own accept loop around
//! hyper.
//!
//! The number of connections is limited, too. At the limit, a connection without a running request is closed
//! in favour of the next one, so nobody can lock others out with connections that are idle or do not read.
//! The connection that has been idle longest goes first. New and just used connections are spared for a
//! moment, or clients that connect at the same time would close each other's connections.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Uri};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::app_state::Settings;
use crate::faults::{AbortableListener, AbortableStream};

/// Default limit on connections; lower if the process may not open twice as many files.
const MAX_CONNECTIONS: usize = 2_048;
/// Maximum size of a request's head. Hyper's default is six times as much, for each connection.
const MAX_HEAD_SIZE: usize = 64 * 1024;
/// How often to look for a connection to close while all of them have running requests.
const RETRY_INTERVAL: Duration = Duration::from_millis(20);
/// How long a connection is spared after it was opened or used, and how long a closed one may take to send
/// its response.
const GRACE_PERIOD: Duration = Duration::from_secs(1);

/// Serves until `closing` is cancelled; then connections are closed after their current request.
///
/// The request timeout also limits the time for the head of a request, and the time a connection may be
/// idle.
pub(crate) async fn serve(
    mut listener: AbortableListener,
    router: Router,
    settings: Settings,
    closing: CancellationToken,
) {
    let mut http = http1::Builder::new();
    // Hyper's timeout also covers idle keep-alive connections, since it starts when the previous response
    // is finished.
    http.timer(TokioTimer::new())
        .header_read_timeout(settings.request_timeout)
        .max_buf_size(MAX_HEAD_SIZE);
    let tasks = TaskTracker::new();
    let table = Arc::<ConnectionTable>::default();
    let limit = settings
        .max_connections
        .unwrap_or_else(default_max_connections);
    let slots = Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
    loop {
        // A slot is acquired after accepting: the new connection is what makes an idle one be closed.
        let accept = async {
            let (stream, _) = listener.accept().await;
            (stream, table.acquire_slot(&slots).await)
        };
        let (stream, slot) = tokio::select! {
            accepted = accept => accepted,
            () = closing.cancelled() => break,
        };
        let connection = table.open();
        let (http, router, closing) = (http.clone(), router.clone(), closing.clone());
        tasks.spawn(async move {
            serve_connection(&http, stream, router, &connection.0, &closing).await;
            drop(connection);
            drop(slot);
        });
    }
    tasks.close();
    tasks.wait().await;
}

/// Serves a connection to its end.
async fn serve_connection(
    http: &http1::Builder,
    stream: AbortableStream,
    router: Router,
    connection: &Connection,
    closing: &CancellationToken,
) {
    let abort_handle = stream.abort_handle();
    let service = service_fn(|request: Request<Incoming>| {
        connection.enter(Phase::Waiting);
        let mut request = request.map(Body::new);
        strip_leading_slashes(request.uri_mut());
        request
            .extensions_mut()
            .insert(ConnectInfo(abort_handle.clone()));
        request.extensions_mut().insert(connection.clone());
        let router = router.clone();
        async move {
            let response = router.oneshot(request).await;
            connection.enter(Phase::Waiting);
            Ok::<_, Infallible>(response.unwrap_or_else(|never| match never {}))
        }
    });
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), service));
    let result = tokio::select! {
        result = served.as_mut() => result,
        () = closing.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
        () = connection.0.closing.cancelled() => {
            tracing::debug!("a connection is closed in favour of another");
            // A response that is being written still arrives.
            served.as_mut().graceful_shutdown();
            let ended = tokio::time::timeout(GRACE_PERIOD, served).await;
            ended.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Half of the process's limit on open files; the rest is for files of collections.
fn default_max_connections() -> usize {
    #[cfg(unix)]
    {
        let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let half = files.map_or(usize::MAX, |files| {
            usize::try_from(files / 2).unwrap_or(usize::MAX)
        });
        MAX_CONNECTIONS.min(half.max(1))
    }
    #[cfg(not(unix))]
    MAX_CONNECTIONS
}

/// The open connections.
#[derive(Debug, Default)]
struct ConnectionTable(Mutex<OpenConnections>);

#[derive(Debug, Default)]
struct OpenConnections {
    last_id: u64,
    by_id: BTreeMap<u64, Connection>,
}

/// A handle to mark a connection as busy, so that it is not closed in favour of another.
#[derive(Debug, Clone)]
pub(crate) struct Connection(Arc<Activity>);

/// A connection that is in the table until this is dropped, also by a panic.
struct OpenConnection(Connection, Arc<ConnectionTable>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.1.lock().by_id.remove(&self.0.0.id);
    }
}

#[derive(Debug)]
struct Activity {
    id: u64,
    closing: CancellationToken,
    /// What happens, and since when.
    state: Mutex<(Phase, Instant)>,
}

/// What happens on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A request, or the rest of it, is to come.
    Waiting,
    /// A request is worked on.
    Working,
    /// It ends in favour of another.
    Closing,
}

impl Connection {
    fn state(&self) -> MutexGuard<'_, (Phase, Instant)> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the phase, unless the connection is about to close; says whether it is not.
    fn enter(&self, phase: Phase) -> bool {
        let mut state = self.state();
        let is_open = state.0 != Phase::Closing;
        if is_open {
            *state = (phase, Instant::now());
        }
        is_open
    }

    /// From now on, and until there is an answer, a request is worked on; not if the connection is about to
    /// close.
    #[must_use]
    pub(crate) fn begin_work(&self) -> bool {
        self.enter(Phase::Working)
    }

    /// Since when it has waited, if it may be closed.
    fn waiting_since(&self) -> Option<Instant> {
        let (phase, since) = *self.state();
        (phase == Phase::Waiting && since.elapsed() >= GRACE_PERIOD).then_some(since)
    }

    /// Has it close, unless it no longer waits since then.
    fn close(&self, waiting_since: Instant) {
        let mut state = self.state();
        if *state == (Phase::Waiting, waiting_since) {
            state.0 = Phase::Closing;
            self.0.closing.cancel();
        }
    }
}

impl ConnectionTable {
    fn lock(&self) -> MutexGuard<'_, OpenConnections> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(self: &Arc<Self>) -> OpenConnection {
        let mut open = self.lock();
        open.last_id += 1;
        let id = open.last_id;
        let connection = Connection(Arc::new(Activity {
            id,
            closing: CancellationToken::new(),
            state: Mutex::new((Phase::Waiting, Instant::now())),
        }));
        open.by_id.insert(id, connection.clone());
        OpenConnection(connection, Arc::clone(self))
    }

    /// Waits for a free slot, closing idle connections if necessary.
    async fn acquire_slot(&self, slots: &Arc<Semaphore>) -> Option<OwnedSemaphorePermit> {
        loop {
            if let Ok(slot) = Arc::clone(slots).try_acquire_owned() {
                return Some(slot);
            }
            // Closing is asynchronous, and the slot may go to another waiter: hence the loop.
            self.close_longest_idle();
            let slot = Arc::clone(slots).acquire_owned();
            if let Ok(slot) = tokio::time::timeout(RETRY_INTERVAL, slot).await {
                return slot.ok();
            }
        }
    }

    /// Closes the connection that has waited longest for a request.
    fn close_longest_idle(&self) {
        let open = self.lock();
        let waiting = open.by_id.values();
        let waiting = waiting.filter_map(|one| Some((one.waiting_since()?, one)));
        if let Some((since, connection)) = waiting.min_by_key(|(since, _)| *since) {
            connection.close(since);
        }
    }
}

/// Treats `//path` as `/path`: base URLs of the SDKs end with a slash, and users append paths with another
/// one.
fn strip_leading_slashes(uri: &mut Uri) {
    let Some(whole) = uri.path_and_query().map(|whole| whole.as_str()) else {
        return;
    };
    if !whole.starts_with("//") {
        return;
    }
    if let Ok(stripped) = Uri::try_from(format!("/{}", whole.trim_start_matches('/'))) {
        *uri = stripped;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_whose_handler_panics_is_forgotten() {
        let table = Arc::<ConnectionTable>::default();
        let connection = table.open();
        let served = tokio::spawn(async move {
            let _connection = connection;
            std::panic::resume_unwind(Box::new("a fault of a handler"))
        });
        assert!(served.await.is_err());
        assert!(table.lock().by_id.is_empty());
    }
}
