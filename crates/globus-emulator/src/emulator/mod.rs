//! The running emulator: start it, ask it where it is, stop it.

mod start;
mod tasks;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::task::JoinHandle;
use uuid::Uuid;

pub use start::StartError;

use crate::app_state::{AppState, Identity};
use crate::auth;
use crate::builder::EmulatorBuilder;
use crate::control;
use crate::data_dirs::Scratch;
use crate::faults::{ActiveFaults, FaultPlan, FaultReport, FaultRule};
use crate::limits::Limits;
use crate::server::RecordedRequest;
use crate::service::Service;
use crate::strict::Violation;
use crate::{search, transfer};

/// How long a stop waits for requests and tasks that are still under way.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How often to look whether tasks have ended.
const IDLE_POLL_INTERVAL: Duration = Duration::from_millis(2);

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
    app: AppState,
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
    /// emulator.check_violations()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_violations(&self) -> Result<(), String> {
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
    /// A transfer whose source is missing is tried again until its deadline, one with a
    /// [start delay](EmulatorBuilder::transfer_start_delay) waits for the clock, and one that is
    /// [stalled](crate::TaskFaultKind::Stall) for the end of the stall.
    ///
    /// # Errors
    /// If the database cannot be read.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = globus_emulator::Emulator::builder().start().await?;
    /// // ... a client submits a transfer ...
    /// emulator.wait_until_idle().await?;
    /// // ... and what it copied is there ...
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_until_idle(&self) -> Result<(), io::Error> {
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
            tokio::time::sleep(IDLE_POLL_INTERVAL).await;
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
    /// emulator.inject_fault(FaultRule::new(Fault::drop(true)).operation("submit_transfer").nth([1]))?;
    /// // ... the answer to the first submission is lost ...
    /// assert_eq!(emulator.faults()[0].fired, 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn inject_fault(&self, rule: FaultRule) -> Result<(), String> {
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
        *self.app.faults() = ActiveFaults::default();
    }

    /// How much one user may do at a time, as it is now.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.app.limiter().limits()
    }

    /// Changes how much one user may do at a time, from now on.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use globus_emulator::{Emulator, Limits};
    ///
    /// let emulator = Emulator::builder().start().await?;
    /// // ... every task stays queued ...
    /// emulator.set_limits(Limits::default().running_transfers(0).running_deletes(0));
    /// // ... until they may go on ...
    /// emulator.set_limits(Limits::default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_limits(&self, limits: Limits) {
        self.app.limiter().set_limits(limits);
    }

    /// Goes back to the beginning, all at once: what was made since is gone, and the record of
    /// requests and violations with it; the clock shows the system's time, and the faults, the limits and
    /// the settings of tasks are those of the builder. The folders of the collections and the snapshots stay
    /// as they are.
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
    pub fn seed_outputs(&self) -> Result<BTreeMap<String, String>, io::Error> {
        let outputs = control::seed::outputs(&self.app.store().lock()).map_err(io::Error::other)?;
        Ok(outputs.unwrap_or_default())
    }

    /// Keeps the state and the clock as they are now, to [`restore`](Self::restore) them. It is without
    /// the folders of the collections, and ends with the emulator.
    ///
    /// # Errors
    /// If there are 64 snapshots already, or the database cannot be copied.
    pub async fn snapshot(&self) -> Result<Uuid, io::Error> {
        let taken = control::snapshot(&self.app).await;
        taken.map_err(io::Error::other)
    }

    /// Deletes a snapshot.
    ///
    /// # Errors
    /// If there is no such snapshot.
    pub fn delete_snapshot(&self, snapshot: Uuid) -> Result<(), io::Error> {
        match control::delete_snapshot(&self.app, snapshot) {
            true => Ok(()),
            false => Err(io::Error::other(format!("there is no snapshot {snapshot}"))),
        }
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
            let _ = tokio::time::timeout(STOP_TIMEOUT, server).await;
        }
        let _ = tokio::time::timeout(STOP_TIMEOUT, self.app.workers().wait()).await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.app.closing().cancel();
        self.app.workers().close();
    }
}
