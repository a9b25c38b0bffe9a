//! Serving connections, with limits on time and number.
//!
//! A client that stops in the middle of a request, or opens a connection and sends nothing, must not occupy
//! resources for ever. axum's `serve` has no such limits, so this module has its own accept loop around
//! hyper.
//!
//! The number of connections is limited, too. At the limit, a connection without a running request is
//! closed in favour of the next one: nobody can lock others out with connections that are idle or do not
//! read.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Uri};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::app_state::Settings;
use crate::faults::AbortableListener;

/// Default limit on connections; lower if the process may not open twice as many files.
const MAX_CONNECTIONS: usize = 2_048;
/// How often to look for a connection to close, while all of them have running requests.
const RETRY_INTERVAL: Duration = Duration::from_millis(20);

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
        .header_read_timeout(settings.request_timeout);
    let graceful = GracefulShutdown::new();
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
        // The handle travels with each request, so that a fault in a middleware can abort the connection
        // below hyper.
        let (router, abort_handle) = (router.clone(), stream.abort_handle());
        let handle = connection.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            strip_leading_slashes(request.uri_mut());
            request
                .extensions_mut()
                .insert(ConnectInfo(abort_handle.clone()));
            request.extensions_mut().insert(handle.clone());
            let (router, connection) = (router.clone(), handle.clone());
            async move {
                let response = router.oneshot(request).await;
                connection.end_work();
                Ok::<_, Infallible>(response.unwrap_or_else(|never| match never {}))
            }
        });
        let served = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        let table = Arc::clone(&table);
        tokio::spawn(async move {
            tokio::select! {
                result = served => if let Err(error) = result {
                    tracing::debug!(%error, "a connection ended early");
                },
                () = connection.0.closing.cancelled() => {
                    tracing::debug!("a connection was closed in favour of another");
                }
            }
            table.remove(&connection);
            drop(slot);
        });
    }
    graceful.shutdown().await;
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
struct ConnectionTable {
    open: Mutex<BTreeMap<u64, Connection>>,
    /// A counter for ids and for the order of events.
    events: Arc<AtomicU64>,
}

/// A handle to mark a connection as busy, so that it is not closed in favour of another.
#[derive(Debug, Clone)]
pub(crate) struct Connection(Arc<Activity>);

#[derive(Debug)]
struct Activity {
    id: u64,
    closing: CancellationToken,
    is_working: AtomicBool,
    has_answered: AtomicBool,
    /// The event at which it was opened or its last response was sent.
    waiting_since: AtomicU64,
    events: Arc<AtomicU64>,
}

impl Connection {
    /// Marks the connection as busy until the response is sent.
    pub(crate) fn begin_work(&self) {
        self.0.is_working.store(true, Ordering::Relaxed);
    }

    fn end_work(&self) {
        let now = self.0.events.fetch_add(1, Ordering::Relaxed);
        self.0.waiting_since.store(now, Ordering::Relaxed);
        self.0.has_answered.store(true, Ordering::Relaxed);
        self.0.is_working.store(false, Ordering::Relaxed);
    }
}

impl ConnectionTable {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Connection>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Connection {
        let id = self.events.fetch_add(1, Ordering::Relaxed);
        let connection = Connection(Arc::new(Activity {
            id,
            closing: CancellationToken::new(),
            is_working: AtomicBool::new(false),
            has_answered: AtomicBool::new(false),
            waiting_since: AtomicU64::new(id),
            events: Arc::clone(&self.events),
        }));
        self.lock().insert(id, connection.clone());
        connection
    }

    fn remove(&self, connection: &Connection) {
        self.lock().remove(&connection.0.id);
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

    /// Closes the connection that has been idle longest, preferably one that never sent a request.
    fn close_longest_idle(&self) {
        let mut open = self.lock();
        let waiting = open.values().map(|connection| &connection.0);
        let longest = waiting
            .filter(|activity| !activity.is_working.load(Ordering::Relaxed))
            .min_by_key(|activity| {
                let has_answered = activity.has_answered.load(Ordering::Relaxed);
                // Connections that never sent a request come first: an attacker opens many of them, and a
                // client's pool keeps few.
                (has_answered, activity.waiting_since.load(Ordering::Relaxed))
            })
            .map(|activity| activity.id);
        if let Some(connection) = longest.and_then(|id| open.remove(&id)) {
            connection.0.closing.cancel();
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
