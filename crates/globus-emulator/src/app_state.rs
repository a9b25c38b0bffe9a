//! State shared by all handlers: database, clock, settings and workers.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::auth::requirements::Requirements;
use crate::builder::{ClientConfig, LinkedIdentity, SubscriptionConfig};
use crate::control::seed::SeedRequest;
use crate::faults::{ActiveFaults, FaultPlan};
use crate::request_body::BodyMemory;
use crate::server::RecordedRequest;
use crate::strict::Violation;

/// An identity of Globus Auth: a person, or a client that acts for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The UUID, which is the `sub` of its tokens.
    pub id: Uuid,
    /// The username, such as `user@sandbox.local`.
    pub username: String,
    /// The display name.
    pub name: Option<String>,
    /// The email address.
    pub email: Option<String>,
}

/// A folder to serve as a collection.
#[derive(Debug, Clone)]
pub(crate) struct CollectionSetup {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) root: PathBuf,
    pub(crate) owner: Uuid,
    /// Quota in bytes.
    pub(crate) quota: Option<u64>,
}

/// The clock of the emulator. An interface, so that tests can let an hour pass in no time.
pub(crate) trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
    /// Moves the clock forward.
    fn advance(&self, by: Duration);
    /// Difference to the system clock, in milliseconds.
    fn ahead(&self) -> i64;
    /// Sets the difference to the system clock, when the state is replaced.
    fn set_ahead(&self, milliseconds: i64);
}

/// The system clock plus the time by which tests have advanced it.
#[derive(Debug, Default)]
pub(crate) struct AdjustableClock {
    ahead_millis: AtomicI64,
}

impl Clock for AdjustableClock {
    fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        // Saturating: after a wraparound every expired token would be valid again.
        let _ = self
            .ahead_millis
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |ahead| {
                Some(ahead.saturating_add(millis))
            });
    }

    fn ahead(&self) -> i64 {
        self.ahead_millis.load(Ordering::SeqCst)
    }

    fn set_ahead(&self, milliseconds: i64) {
        self.ahead_millis.store(milliseconds, Ordering::SeqCst);
    }

    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.ahead_millis.load(Ordering::SeqCst));
        Timestamp::now()
            .checked_add(ahead)
            .unwrap_or(Timestamp::MAX)
    }
}

/// The database: one connection behind a lock, in memory or in a file.
pub(crate) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection: Mutex::new(connection),
        }
    }

    /// The connection, held until the guard drops: never hold it across an `.await`.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        // Ignoring the poison is safe: when a handler panics, SQLite rolls its transaction back.
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Settings of the builder, for handlers.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) auto_consent: bool,
    pub(crate) token_lifetime: Duration,
    /// Rotate refresh tokens, and accept a used one for this much longer.
    pub(crate) refresh_token_grace: Option<Duration>,
    /// What strict mode checks.
    pub(crate) strictness: crate::strict::Strictness,
    /// Initial settings of transfer and delete tasks; the current ones are in [`AppState::task_control`].
    pub(crate) tasks: crate::task_control::TaskSettings,
    /// Time for which Search tasks are pending.
    pub(crate) search_start_delay: Duration,
    /// Limit on the time a request takes to arrive, and on the time a connection is idle.
    pub(crate) request_timeout: Duration,
    /// The initial limits, which a reset restores.
    pub(crate) limits: crate::limits::Limits,
    /// Maximum number of connections; `None` for the default.
    pub(crate) max_connections: Option<usize>,
    /// Additional accepted host names.
    pub(crate) allowed_hosts: Vec<String>,
}

/// Number of requests kept for [`Emulator::requests`](crate::Emulator::requests).
const MAX_RECORDED_REQUESTS: usize = 10_000;

/// Number of violations kept for [`Emulator::violations`](crate::Emulator::violations).
const MAX_VIOLATIONS: usize = 1_000;

/// The configured contents of a new emulator, which a reset restores.
#[derive(Clone)]
pub(crate) struct InitialState {
    pub(crate) people: Vec<Identity>,
    pub(crate) linked: Vec<LinkedIdentity>,
    pub(crate) clients: Vec<ClientConfig>,
    pub(crate) subscriptions: Vec<SubscriptionConfig>,
    pub(crate) collections: Vec<CollectionSetup>,
    /// Requirements of the collections.
    pub(crate) requirements: Vec<(Uuid, Requirements)>,
    pub(crate) requests: Vec<SeedRequest>,
}

/// A copy of the state.
pub(crate) struct Snapshot {
    pub(crate) database: Connection,
    /// Difference of the clock to the system clock.
    pub(crate) clock_ahead: i64,
}

/// The cancellation token and the tasks of the background workers that run on the current state.
pub(crate) struct WorkerScope {
    pub(crate) shutdown: CancellationToken,
    pub(crate) workers: TaskTracker,
}

impl WorkerScope {
    pub(crate) fn new(closing: &CancellationToken) -> Self {
        Self {
            shutdown: closing.child_token(),
            workers: TaskTracker::new(),
        }
    }
}

/// The state of the whole emulator, reference-counted.
#[derive(Clone)]
pub(crate) struct AppState(Arc<AppStateInner>);

pub(crate) struct AppStateInner {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) base_url: String,
    pub(crate) loopback: bool,
    pub(crate) local_user: Identity,
    pub(crate) administrators: Vec<Uuid>,
    pub(crate) settings: Settings,
    pub(crate) signer: crate::auth::keys::Signer,
    pub(crate) initial_state: InitialState,
    /// Cancelled when the emulator stops for good.
    pub(crate) closing: CancellationToken,
    pub(crate) worker_scope: Mutex<WorkerScope>,
    /// Held for reading during a request, and for writing while the state is replaced.
    pub(crate) gate: RwLock<()>,
    pub(crate) faults: Mutex<ActiveFaults>,
    pub(crate) task_control: crate::task_control::TaskControl,
    pub(crate) snapshots: Mutex<BTreeMap<Uuid, Snapshot>>,
    /// The initial fault plan, which a reset restores.
    pub(crate) initial_faults: FaultPlan,
    pub(crate) requests: Mutex<VecDeque<RecordedRequest>>,
    /// Number of times the record was cleared. Requests that began before are not recorded.
    pub(crate) record_generation: AtomicU64,
    pub(crate) violations: Mutex<Vec<Violation>>,
    pub(crate) search: crate::search::Search,
    pub(crate) engine: crate::transfer::Engine,
    pub(crate) limiter: crate::limits::Limiter,
    pub(crate) body_memory: BodyMemory,
}

impl AppState {
    pub(crate) fn new(inner: AppStateInner) -> Self {
        Self(Arc::new(inner))
    }

    /// The database.
    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// The current time, by the emulator's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn advance_clock(&self, by: Duration) {
        self.0.clock.advance(by);
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// `http://127.0.0.1:PORT`, without a trailing slash.
    pub(crate) fn base_url(&self) -> &str {
        &self.0.base_url
    }

    /// Whether the emulator listens on a loopback address only.
    pub(crate) fn loopback(&self) -> bool {
        self.0.loopback
    }

    /// The local user, who gives consents and owns the collections.
    pub(crate) fn local_user(&self) -> &Identity {
        &self.0.local_user
    }

    /// Whether this identity administers every configured collection: the local user and the identities of
    /// the configured clients do.
    pub(crate) fn is_administrator(&self, identity: Uuid) -> bool {
        identity == self.0.local_user.id || self.0.administrators.contains(&identity)
    }

    /// Lists these identities.
    pub(crate) fn administrators(&self) -> impl Iterator<Item = Uuid> {
        let clients = self.0.administrators.iter().copied();
        std::iter::once(self.0.local_user.id).chain(clients)
    }

    /// Cancelled when the workers have to stop.
    pub(crate) fn shutdown(&self) -> CancellationToken {
        self.worker_scope().shutdown.clone()
    }

    /// The tracker in which background workers are spawned, so that stopping waits for them:
    /// `app.workers().spawn(async move { … })`.
    pub(crate) fn workers(&self) -> TaskTracker {
        self.worker_scope().workers.clone()
    }

    fn worker_scope(&self) -> MutexGuard<'_, WorkerScope> {
        self.0
            .worker_scope
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops all workers and prepares for new ones.
    pub(crate) async fn stop_workers(&self) {
        self.shutdown().cancel();
        // Cancelled before the tracker is closed, and waited for before both are replaced: nobody can spawn
        // into a scope that is already considered stopped.
        let workers = self.workers();
        workers.close();
        // The token is replaced last: workers that are still running must see the cancelled one.
        workers.wait().await;
        *self.worker_scope() = WorkerScope::new(&self.0.closing);
    }

    /// Cancelled when the emulator stops for good.
    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.0.closing
    }

    pub(crate) fn gate(&self) -> &RwLock<()> {
        &self.0.gate
    }

    pub(crate) fn initial_state(&self) -> &InitialState {
        &self.0.initial_state
    }

    /// The active faults.
    pub(crate) fn faults(&self) -> MutexGuard<'_, ActiveFaults> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn initial_faults(&self) -> &FaultPlan {
        &self.0.initial_faults
    }

    /// The settings and faults of tasks.
    pub(crate) fn task_control(&self) -> &crate::task_control::TaskControl {
        &self.0.task_control
    }

    pub(crate) fn snapshots(&self) -> MutexGuard<'_, BTreeMap<Uuid, Snapshot>> {
        let snapshots = self.0.snapshots.lock();
        snapshots.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn signer(&self) -> &crate::auth::keys::Signer {
        &self.0.signer
    }

    /// The limits per user.
    pub(crate) fn limiter(&self) -> &crate::limits::Limiter {
        &self.0.limiter
    }

    pub(crate) fn body_memory(&self) -> &BodyMemory {
        &self.0.body_memory
    }

    pub(crate) fn search(&self) -> &crate::search::Search {
        &self.0.search
    }

    /// The state that all tasks of Transfer share.
    pub(crate) fn engine(&self) -> &crate::transfer::Engine {
        &self.0.engine
    }

    /// Records a violation, unless it is recorded already.
    pub(crate) fn record_violation(&self, violation: Violation) {
        let mut violations = self.lock_violations();
        if violations.len() < MAX_VIOLATIONS && !violations.contains(&violation) {
            violations.push(violation);
        }
    }

    pub(crate) fn violations(&self) -> Vec<Violation> {
        self.lock_violations().clone()
    }

    fn lock_violations(&self) -> MutexGuard<'_, Vec<Violation>> {
        self.0
            .violations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn record_generation(&self) -> u64 {
        self.0.record_generation.load(Ordering::SeqCst)
    }

    /// Records a request, unless the record was cleared after it arrived.
    pub(crate) fn record(&self, request: RecordedRequest, generation: u64) {
        let mut requests = self
            .0
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A request that began before the record was cleared belongs to the previous test.
        if generation != self.record_generation() {
            return;
        }
        if requests.len() == MAX_RECORDED_REQUESTS {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    /// Clears the recorded requests and violations.
    pub(crate) fn clear_requests(&self) {
        let mut requests = self
            .0
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.0.record_generation.fetch_add(1, Ordering::SeqCst);
        requests.clear();
        drop(requests);
        self.lock_violations().clear();
    }

    pub(crate) fn recorded_requests(&self) -> Vec<RecordedRequest> {
        let requests = self
            .0
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        requests.iter().cloned().collect()
    }
}
