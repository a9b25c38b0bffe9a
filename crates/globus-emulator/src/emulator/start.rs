//! Starting an emulator, and its errors.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tokio::net::TcpListener;
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Emulator;
use crate::app_state::{
    AdjustableClock, AppState, AppStateInner, CollectionSetup, InitialState, Settings, Store,
    WorkerScope,
};
use crate::auth;
use crate::builder::EmulatorBuilder;
use crate::connections;
use crate::control;
use crate::data_dirs;
use crate::faults::{AbortableListener, ActiveFaults};
use crate::hosts;
use crate::limits::Limiter;
use crate::request_body::BodyMemory;
use crate::search;
use crate::server;
use crate::task_control::TaskControl;

/// How long to wait for a database that is open in another process.
const DATABASE_TIMEOUT: Duration = Duration::from_millis(500);

/// Why the emulator could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be used.
    #[error("cannot listen on {address}")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A collection's folder cannot be used.
    #[error("the collection folder {} cannot be used", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Two collections were given the same id.
    #[error("two collections have the id {0}")]
    DuplicateCollection(Uuid),
    /// Another emulator uses the same data folder.
    #[error("the data folder is in use by another emulator; stop that one, or name another folder")]
    DataInUse(#[source] rusqlite::Error),
    /// The file of the database is damaged, or is not a database.
    #[error(
        "emulator.db in the data folder is damaged; move it away to start anew, or name another \
         folder"
    )]
    DamagedData(#[source] rusqlite::Error),
    /// The database cannot be opened, read or written.
    #[error("cannot use the database emulator.db")]
    Database(#[source] rusqlite::Error),
    /// The data folder was written by a later version.
    #[error(
        "{} was written by a later globus-emulator (its layout is {found}, and this one knows \
         {known}): use that one, or another data folder",
        path.display()
    )]
    NewerData {
        /// The database.
        path: PathBuf,
        /// Its layout version.
        found: i64,
        /// The latest layout version that this version supports.
        known: i64,
    },
    /// The specs for strict mode cannot be read.
    #[error("cannot read the specs: {0}")]
    Specs(String),
    /// The seed cannot be applied.
    #[error("the seed cannot be applied: {0}")]
    Seed(String),
    /// The fault plan is invalid.
    #[error("invalid fault plan: {0}")]
    ActiveFaults(String),
    /// The task settings or task faults are invalid.
    #[error("invalid task settings: {0}")]
    Tasks(String),
    /// A host name to allow is invalid.
    #[error("{0}")]
    AllowedHost(String),
    /// The stored test key is invalid.
    #[error("cannot prepare the key that signs ID tokens: {0}")]
    Key(String),
}

impl From<rusqlite::Error> for StartError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::DataInUse(error),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::DamagedData(error),
            _ => Self::Database(error),
        }
    }
}

impl Emulator {
    pub(crate) async fn start(builder: EmulatorBuilder) -> Result<Self, StartError> {
        let hosts = builder.settings.allowed_hosts.iter();
        let hosts: Result<_, _> = hosts.map(|host| hosts::parse_allowed_host(host)).collect();
        let settings = Settings {
            allowed_hosts: hosts.map_err(StartError::AllowedHost)?,
            ..builder.settings.clone()
        };
        let strictness = builder.settings.strictness;
        // Everything that can fail because of the configuration comes before the database is opened, so
        // that a typing error changes nothing.
        strictness.prepare().map_err(StartError::Specs)?;
        builder.faults.check().map_err(StartError::ActiveFaults)?;
        let tasks = builder.settings.tasks.clone();
        let task_control = TaskControl::new(tasks, builder.task_faults.clone());
        let task_control = task_control.map_err(StartError::Tasks)?;
        let listen = |source| StartError::Listen {
            address: builder.address,
            source,
        };
        // First, so that a second emulator on the same port fails before it touches the data folder.
        let listener = TcpListener::bind(builder.address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;

        let connection = open_database(builder.data_dir.as_deref())?;
        control::migrate(&connection)?;

        let local_user = builder.local_user.clone();
        let (collections, scratch) = data_dirs::prepare(&builder)?;
        let is_served = |id: &Uuid| collections.iter().any(|collection| collection.id == *id);
        if let Some(id) = builder.quotas.keys().find(|id| !is_served(id)) {
            let message = format!("there is no collection {id} to give a quota");
            return Err(StartError::Tasks(message));
        }
        // Extra collections, which have no configuration, come last.
        let quotas = builder.collections.iter().map(|asked| asked.quota);
        let quotas = quotas.chain(std::iter::repeat(None));
        let setups = collections
            .iter()
            .zip(quotas)
            .map(|(collection, quota)| CollectionSetup {
                id: collection.id,
                display_name: collection.display_name.clone(),
                root: collection.folder.clone(),
                owner: local_user.id,
                quota: builder.quotas.get(&collection.id).copied().or(quota),
            });
        let requirements = builder.collections.iter().zip(&collections);
        let requirements = requirements.filter_map(|(asked, collection)| {
            let requirements = asked.requirements.clone()?;
            Some((collection.id, requirements))
        });
        let people = std::iter::once(&local_user).chain(&builder.other_users);
        let initial_state = InitialState {
            people: people.cloned().collect(),
            linked: builder.linked.clone(),
            clients: builder.clients.clone(),
            subscriptions: builder.subscriptions.clone(),
            collections: setups.collect(),
            requirements: requirements.collect(),
            requests: builder.requests.clone(),
        };
        let closing = CancellationToken::new();
        let app = AppState::new(AppStateInner {
            store: Store::new(connection),
            clock: Arc::new(AdjustableClock::default()),
            base_url: base_url(address),
            loopback: address.ip().is_loopback(),
            local_user: local_user.clone(),
            administrators: builder.clients.iter().map(|client| client.id).collect(),
            settings,
            signer: auth::keys::Signer::load().map_err(|e| StartError::Key(e.to_string()))?,
            initial_state,
            worker_scope: Mutex::new(WorkerScope::new(&closing)),
            closing,
            gate: RwLock::new(()),
            faults: Mutex::new(ActiveFaults::new(&builder.faults)),
            initial_faults: builder.faults.clone(),
            task_control,
            snapshots: Mutex::new(BTreeMap::new()),
            requests: Mutex::new(VecDeque::new()),
            record_generation: AtomicU64::new(0),
            violations: Mutex::new(Vec::new()),
            search: search::Search::default(),
            engine: crate::transfer::Engine::default(),
            limiter: Limiter::new(builder.settings.limits),
            body_memory: BodyMemory::default(),
        });
        control::write_initial_state(&app)?;
        control::start_work(&app);
        // After the workers were started, since the seed may submit tasks. The server is not running yet,
        // so nobody sees a half-applied seed.
        control::seed::apply(&app).await.map_err(StartError::Seed)?;
        let router = server::router(app.clone());
        let settings = app.settings().clone();
        let closing = app.closing().clone();
        let served = connections::serve(AbortableListener(listener), router, settings, closing);
        let server = tokio::spawn(served);
        Ok(Self {
            app,
            address,
            collections,
            server: Some(server),
            _scratch: scratch,
        })
    }
}

/// The base URL by which clients on this machine can reach the listener.
fn base_url(address: SocketAddr) -> String {
    let reachable = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(reachable, address.port()))
}

fn open_database(data_dir: Option<&Path>) -> Result<Connection, StartError> {
    let Some(directory) = data_dir else {
        return Ok(Connection::open_in_memory()?);
    };
    let folder = |source| StartError::Folder {
        path: directory.to_owned(),
        source,
    };
    data_dirs::refuse_tilde(directory)
        .and_then(|()| std::fs::create_dir_all(directory))
        .map_err(folder)?;
    let path = directory.join("emulator.db");
    let connection = Connection::open(&path)?;
    // Wait a little for a process that is stopping, and fail soon for one that is running.
    connection.busy_timeout(DATABASE_TIMEOUT)?;
    // EXCLUSIVE keeps a second emulator out of the same folder. WAL with NORMAL loses no acknowledged
    // change if the process is killed.
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;",
    )?;
    let (found, known) = (control::layout(&connection)?, control::LAYOUT);
    if found > known {
        return Err(StartError::NewerData { path, found, known });
    }
    Ok(connection)
}
