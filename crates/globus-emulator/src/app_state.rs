//! What every handler shares: store, clock, identities, shutdown.

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

/// A person (or a client acting for itself) as Globus Auth knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The identity's UUID, the `sub` of its tokens.
    pub id: Uuid,
    /// The username, such as `user@sandbox.local`.
    pub username: String,
    /// The name shown to people.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
}

/// A folder to be served as a collection.
#[derive(Debug, Clone)]
pub(crate) struct CollectionSetup {
    pub(crate) id: Uuid,
    pub(crate) display_name: String,
    pub(crate) root: PathBuf,
    pub(crate) owner: Uuid,
    /// How many bytes it may hold.
    pub(crate) quota: Option<u64>,
}

/// Where the time comes from; an input, so that an hour passes in a test's tick.
pub(crate) trait Clock: Send + Sync + 'static {
    fn now(&self) -> Timestamp;
    /// Moves it forward.
    fn advance(&self, by: Duration);
    /// How far it is ahead of the system's, in milliseconds.
    fn ahead(&self) -> i64;
    /// Puts it so far ahead of the system's: the way back, for a state that is replaced.
    fn set_ahead(&self, milliseconds: i64);
}

/// The system's time, plus whatever a test has advanced it by.
#[derive(Debug, Default)]
pub(crate) struct AdjustableClock {
    ahead_millis: AtomicI64,
}

impl Clock for AdjustableClock {
    fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        // Saturating: a clock that wraps would make every token valid again.
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
        // A handler that panicked left SQLite itself consistent (its transaction rolled back).
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Settings of the builder that handlers read.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) auto_consent: bool,
    pub(crate) token_lifetime: Duration,
    /// Refresh tokens rotate when this is set; a spent one works for this much longer.
    pub(crate) refresh_token_grace: Option<Duration>,
    /// What is held against the specs.
    pub(crate) strictness: crate::strict::Strictness,
    /// How fast transfer and delete tasks are at the beginning; see [`AppState::task_control`].
    pub(crate) tasks: crate::task_control::TaskSettings,
    /// How long tasks of Search are pending.
    pub(crate) search_start_delay: Duration,
    /// How long a request may take to arrive, and a connection may be idle.
    pub(crate) request_timeout: Duration,
    /// The limits that a reset goes back to.
    pub(crate) limits: crate::limits::Limits,
    /// Most connections at a time; as many as suit the process unless it is said.
    pub(crate) max_connections: Option<usize>,
    /// Host names that are answered beside the usual ones.
    pub(crate) allowed_hosts: Vec<String>,
}

/// Most requests kept for [`Emulator::requests`](crate::Emulator::requests).
const MAX_RECORDED_REQUESTS: usize = 10_000;

/// Most violations kept for [`Emulator::violations`](crate::Emulator::violations).
const MAX_VIOLATIONS: usize = 1_000;

/// What there is before anybody has asked for anything.
#[derive(Clone)]
pub(crate) struct InitialState {
    pub(crate) people: Vec<Identity>,
    pub(crate) linked: Vec<LinkedIdentity>,
    pub(crate) clients: Vec<ClientConfig>,
    pub(crate) subscriptions: Vec<SubscriptionConfig>,
    pub(crate) collections: Vec<CollectionSetup>,
    /// What collections ask of their users.
    pub(crate) requirements: Vec<(Uuid, Requirements)>,
    pub(crate) requests: Vec<SeedRequest>,
}

/// A copy of the state.
pub(crate) struct Snapshot {
    pub(crate) database: Connection,
    /// How far the clock was ahead.
    pub(crate) clock_ahead: i64,
}

/// The workers between two replacements of the state.
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

/// The state of the whole emulator; a clone is one more reference to it.
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
    /// Requests read it; whoever replaces the whole state writes it.
    pub(crate) gate: RwLock<()>,
    pub(crate) faults: Mutex<ActiveFaults>,
    pub(crate) task_control: crate::task_control::TaskControl,
    pub(crate) snapshots: Mutex<BTreeMap<Uuid, Snapshot>>,
    /// The plan of faults that a reset goes back to.
    pub(crate) initial_faults: FaultPlan,
    pub(crate) requests: Mutex<VecDeque<RecordedRequest>>,
    /// How often the record was emptied: what came before belongs to an earlier one.
    pub(crate) record_generation: AtomicU64,
    pub(crate) violations: Mutex<Vec<Violation>>,
    pub(crate) search: crate::search::Search,
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

    /// The time now, by the emulator's clock.
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

    /// Whether only this machine can reach the emulator.
    pub(crate) fn loopback(&self) -> bool {
        self.0.loopback
    }

    /// The person who sits at this machine: consents are theirs, collections are owned by them.
    pub(crate) fn local_user(&self) -> &Identity {
        &self.0.local_user
    }

    /// Whether this identity administers every collection of the command line or builder: the
    /// local user and the identity of each configured client do.
    pub(crate) fn is_administrator(&self, identity: Uuid) -> bool {
        identity == self.0.local_user.id || self.0.administrators.contains(&identity)
    }

    /// Those identities.
    pub(crate) fn administrators(&self) -> impl Iterator<Item = Uuid> {
        let clients = self.0.administrators.iter().copied();
        std::iter::once(self.0.local_user.id).chain(clients)
    }

    /// Cancelled when the workers have to end.
    pub(crate) fn shutdown(&self) -> CancellationToken {
        self.worker_scope().shutdown.clone()
    }

    /// Where background workers are spawned, so that a stop waits for them:
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

    /// Has all workers end, and makes ready for new ones.
    pub(crate) async fn stop_workers(&self) {
        self.shutdown().cancel();
        let workers = self.workers();
        workers.close();
        // until the last has gone, whoever asks for the token must find this one
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

    /// What goes wrong on purpose.
    pub(crate) fn faults(&self) -> MutexGuard<'_, ActiveFaults> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn initial_faults(&self) -> &FaultPlan {
        &self.0.initial_faults
    }

    /// How fast tasks are, and what goes wrong with them.
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

    /// How much one user may do at a time.
    pub(crate) fn limiter(&self) -> &crate::limits::Limiter {
        &self.0.limiter
    }

    pub(crate) fn body_memory(&self) -> &BodyMemory {
        &self.0.body_memory
    }

    pub(crate) fn search(&self) -> &crate::search::Search {
        &self.0.search
    }

    /// Keeps a violation, once however often it happens.
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

    /// Keeps a request, unless the record was emptied since it came.
    pub(crate) fn record(&self, request: RecordedRequest, generation: u64) {
        let mut requests = self
            .0
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if generation != self.record_generation() {
            return;
        }
        if requests.len() == MAX_RECORDED_REQUESTS {
            requests.pop_front();
        }
        requests.push_back(request);
    }

    /// Forgets what was asked, and what was wrong with the answers.
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
