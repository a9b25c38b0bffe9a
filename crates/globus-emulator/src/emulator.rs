//! The running emulator: start it, ask it where it is, stop it.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use tokio::net::TcpListener;
use tokio::sync::RwLock;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::auth;
use crate::builder::EmulatorBuilder;
use crate::control;
use crate::faults::{Cutter, FaultPlan, FaultReport, FaultRule, Faults, Lines};
use crate::folders::{self, Scratch};
use crate::server::{self, RecordedRequest};
use crate::service::Service;
use crate::state::{
    AdjustableClock, App, CollectionSetup, Foundation, Identity, Inner, Shift, Store,
};
use crate::strict::Violation;
use crate::{search, transfer};

/// How long a stop waits for requests and tasks that are still under way.
const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// How often to look whether tasks have ended.
const TASKS_GLANCE: Duration = Duration::from_millis(2);

/// How long to wait for a database that another emulator has open.
const DATABASE_PATIENCE: Duration = Duration::from_millis(500);

/// Why the emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// A collection's folder cannot be used.
    #[error("the collection folder {} cannot be used", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Two collections were given the same id.
    #[error("two collections have the id {0}")]
    DuplicateCollection(Uuid),
    /// The database cannot be opened; another emulator may be using the same data folder.
    #[error("cannot open the database; is another emulator using the same data folder?")]
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
        /// The layout it has.
        found: i64,
        /// The latest layout that this version knows.
        known: i64,
    },
    /// The specs, which strict mode needs, cannot be read.
    #[error("cannot read the specs: {0}")]
    Specs(String),
    /// The seed cannot be sown.
    #[error("the seed cannot be sown: {0}")]
    Seed(String),
    /// The plan of faults makes no sense.
    #[error("the faults make no sense: {0}")]
    Faults(String),
    /// The stored test key cannot be read.
    #[error("cannot prepare the key that signs ID tokens: {0}")]
    Key(String),
}

impl From<rusqlite::Error> for StartError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// A folder that is being served.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collection {
    /// The collection's id.
    pub id: Uuid,
    /// The name it is shown by.
    pub display_name: String,
    /// The folder that is its `/`.
    pub folder: PathBuf,
}

/// A Globus of your own: Auth, Transfer, Search and Groups on one local port.
///
/// It runs on the tokio runtime it was started on, and stops when it is dropped.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), globus_emulator::StartError> {
/// use globus_emulator::Emulator;
///
/// let folder = std::env::temp_dir();
/// let emulator = Emulator::builder().collection("My laptop", folder).start().await?;
///
/// println!("listening on {}", emulator.base_url());
/// assert!(emulator.collection_id("My laptop").is_some());
/// emulator.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Emulator {
    app: App,
    address: SocketAddr,
    collections: Vec<Collection>,
    server: Option<JoinHandle<()>>,
    /// Folders made for this run only.
    _scratch: Option<Scratch>,
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator")
            .field("base_url", &self.base_url())
            .field("collections", &self.collections.len())
            .finish_non_exhaustive()
    }
}

impl Emulator {
    /// Describes an emulator to start.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::new()
    }

    /// Where every service answers, without a trailing slash: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.app.base_url()
    }

    /// Where one service answers, with a trailing slash, as `GLOBUS_SDK_SERVICE_URL_*` wants it.
    /// All services share one address: their paths do not collide.
    #[must_use]
    pub fn service_url(&self, _service: Service) -> String {
        format!("{}/", self.app.base_url())
    }

    /// The address that is listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of the collection with this display name, if one was added.
    #[must_use]
    pub fn collection_id(&self, display_name: &str) -> Option<Uuid> {
        self.collections
            .iter()
            .find(|c| c.display_name == display_name)
            .map(|c| c.id)
    }

    /// The collections, in the order they were added.
    #[must_use]
    pub fn collections(&self) -> &[Collection] {
        &self.collections
    }

    /// The person at this machine, who gives consent and owns the collections.
    #[must_use]
    pub fn user(&self) -> &Identity {
        self.app.local_user()
    }

    /// What has been asked so far, oldest first (the newest 10,000).
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.app.recorded_requests()
    }

    /// What the emulator has answered in strict mode that the specs do not document: each kind of
    /// it once, in the order they came (the first 1,000).
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.app.violations()
    }

    /// Whether everything that was answered so far is as the specs say; for the end of a test.
    ///
    /// # Errors
    /// If there are [violations](Self::violations); the message lists them.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = globus_emulator::Emulator::builder().strict(true).start().await?;
    /// // ... what the test does ...
    /// emulator.conforms()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn conforms(&self) -> Result<(), String> {
        let violations = self.violations();
        if violations.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
        Err(format!(
            "the emulator did not answer as the specs say:\n  {}",
            lines.join("\n  ")
        ))
    }

    /// Makes every access token expire at once; refresh tokens stay good.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn expire_tokens(&self) -> Result<(), io::Error> {
        auth::tokens::expire_all(&self.app).map_err(io::Error::other)
    }

    /// Revokes every access token and every refresh token.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn revoke_tokens(&self) -> Result<(), io::Error> {
        auth::tokens::revoke_all(&self.app).map_err(io::Error::other)
    }

    /// Takes back everything an identity has consented to: its tokens are revoked, and it is asked
    /// again. How many consents there were, those that others depended on included.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn revoke_consents(&self, identity: Uuid) -> Result<usize, io::Error> {
        let conn = self.app.store().lock();
        auth::consents::revoke_all(&conn, identity).map_err(io::Error::other)
    }

    /// Moves the emulator's clock forward: tokens, codes and deadlines see it at once.
    pub fn advance_clock(&self, by: Duration) {
        self.app.advance_clock(by);
    }

    /// Waits until no task of Transfer or Search is left that could go on: each has ended, or is
    /// paused. For a test that would rather know than ask again and again.
    ///
    /// A transfer whose source is missing is tried again until its deadline, and one with a
    /// [start delay](EmulatorBuilder::transfer_start_delay) waits for the clock.
    ///
    /// # Errors
    /// If the database cannot be read.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = globus_emulator::Emulator::builder().start().await?;
    /// // ... a client submits a transfer ...
    /// emulator.tasks_ended().await?;
    /// // ... and what it copied is there ...
    /// # Ok(())
    /// # }
    /// ```
    pub async fn tasks_ended(&self) -> Result<(), io::Error> {
        loop {
            let under_way = {
                let conn = self.app.store().lock();
                transfer::has_work(&conn)
                    .and_then(|work| Ok(work || search::has_work(&conn)?))
                    .map_err(io::Error::other)?
            };
            if !under_way {
                return Ok(());
            }
            tokio::time::sleep(TASKS_GLANCE).await;
        }
    }

    /// Has something go wrong on purpose, from now on.
    ///
    /// # Errors
    /// If the rule makes no sense.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use globus_emulator::{Emulator, Fault, FaultRule};
    ///
    /// let emulator = Emulator::builder().start().await?;
    /// emulator.inject(FaultRule::new(Fault::drop(true)).operation("submit_transfer").nth([1]))?;
    /// // ... the answer to the first submission is lost ...
    /// assert_eq!(emulator.faults()[0].fired, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn inject(&self, rule: FaultRule) -> Result<(), String> {
        FaultPlan::new(0, [rule.clone()]).check()?;
        self.app.faults().add(rule);
        Ok(())
    }

    /// What goes wrong, and how often it did.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultReport> {
        self.app.faults().reports()
    }

    /// Has nothing go wrong any more.
    pub fn clear_faults(&self) {
        *self.app.faults() = Faults::default();
    }

    /// Goes back to the beginning, all at once: what was made since is gone, and the record of
    /// requests and violations with it. The folders of the collections stay as they are.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn reset(&self) -> Result<(), io::Error> {
        control::reset(&self.app).await.map_err(io::Error::other)
    }

    /// What the requests of the seed kept, by name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn kept(&self) -> Result<BTreeMap<String, String>, io::Error> {
        let kept = control::seed::kept(&self.app.store().lock()).map_err(io::Error::other)?;
        Ok(kept.unwrap_or_default())
    }

    /// Keeps the state as it is now, to [`restore`](Self::restore) it. It is in memory, and without
    /// the folders of the collections.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn snapshot(&self) -> Result<Uuid, io::Error> {
        let taken = control::snapshot(&self.app).await;
        taken.map_err(io::Error::other)
    }

    /// Goes back to a snapshot, all at once. Tasks that were going on then go on.
    ///
    /// # Errors
    /// If there is no such snapshot, or the database cannot be written.
    pub async fn restore(&self, snapshot: Uuid) -> Result<(), io::Error> {
        match control::restore(&self.app, snapshot).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(io::Error::other(format!("there is no snapshot {snapshot}"))),
            Err(error) => Err(io::Error::other(error)),
        }
    }

    /// Stops the server and the workers, and waits until they have.
    pub async fn stop(mut self) {
        self.app.closing().cancel();
        self.app.workers().close();
        if let Some(server) = self.server.take() {
            let _ = tokio::time::timeout(STOP_PATIENCE, server).await;
        }
        let _ = tokio::time::timeout(STOP_PATIENCE, self.app.workers().wait()).await;
    }

    pub(crate) async fn start(builder: EmulatorBuilder) -> Result<Self, StartError> {
        let strictness = builder.settings.strictness;
        strictness.prepare().map_err(StartError::Specs)?;
        builder.faults.check().map_err(StartError::Faults)?;
        let listen = |source| StartError::Listen {
            address: builder.address,
            source,
        };
        let listener = TcpListener::bind(builder.address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;

        let connection = open_database(builder.data_dir.as_deref())?;
        control::migrate(&connection)?;

        let local_user = builder.local_user.clone();
        let (collections, scratch) = folders::prepare(&builder)?;
        // The extra ones, which nobody asked anything of, come last.
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
                quota,
            });
        let requirements = builder.collections.iter().zip(&collections);
        let requirements = requirements.filter_map(|(asked, collection)| {
            let requirements = asked.requirements.clone()?;
            Some((collection.id, requirements))
        });
        let people = std::iter::once(&local_user).chain(&builder.other_users);
        let foundation = Foundation {
            people: people.cloned().collect(),
            linked: builder.linked.clone(),
            clients: builder.clients.clone(),
            subscriptions: builder.subscriptions.clone(),
            collections: setups.collect(),
            requirements: requirements.collect(),
            requests: builder.requests.clone(),
        };
        let closing = CancellationToken::new();
        let app = App::new(Inner {
            store: Store::new(connection),
            clock: Arc::new(AdjustableClock::default()),
            base_url: base_url(address),
            loopback: address.ip().is_loopback(),
            local_user: local_user.clone(),
            administrators: builder.clients.iter().map(|client| client.id).collect(),
            settings: builder.settings.clone(),
            signer: auth::keys::Signer::load().map_err(|e| StartError::Key(e.to_string()))?,
            foundation,
            shift: Mutex::new(Shift::under(&closing)),
            closing,
            gate: RwLock::new(()),
            faults: Mutex::new(Faults::of(&builder.faults)),
            snapshots: Mutex::new(BTreeMap::new()),
            requests: Mutex::new(VecDeque::new()),
            violations: Mutex::new(Vec::new()),
            search: search::Search::default(),
        });
        control::lay_foundation(&app)?;
        control::start_work(&app);
        control::seed::sow(&app).await.map_err(StartError::Seed)?;
        let router = server::router(app.clone());
        let stopped = app.closing().clone().cancelled_owned();
        let server = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<Cutter>();
            let serving = axum::serve(Lines(listener), service).with_graceful_shutdown(stopped);
            if let Err(error) = serving.await {
                tracing::error!(%error, "the server stopped");
            }
        });
        Ok(Self {
            app,
            address,
            collections,
            server: Some(server),
            _scratch: scratch,
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.app.closing().cancel();
        self.app.workers().close();
    }
}

/// The address a client of this machine reaches the listener by.
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
    std::fs::create_dir_all(directory).map_err(folder)?;
    let path = directory.join("emulator.db");
    let connection = Connection::open(&path)?;
    // One that is just stopping gets a moment; one that runs is told from it soon.
    connection.busy_timeout(DATABASE_PATIENCE)?;
    // EXCLUSIVE keeps a second emulator out of the same folder. WAL with NORMAL loses nothing
    // that was acknowledged when the process is killed.
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
