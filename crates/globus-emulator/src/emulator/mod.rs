//! The running emulator.

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

/// How long stopping waits for running requests and tasks.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How often to check whether tasks have finished.
const IDLE_POLL_INTERVAL: Duration = Duration::from_millis(2);

/// A served folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collection {
    /// The collection's id.
    pub id: Uuid,
    /// The display name.
    pub display_name: String,
    /// The folder that is its `/`.
    pub folder: PathBuf,
}

/// An emulator of Globus Auth, Transfer, Search and Groups on one local port.
///
/// It runs on the tokio runtime on which it was started, and stops when it is dropped.
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
    /// Temporary folders of this run.
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
    /// Configures an emulator.
    pub fn builder() -> EmulatorBuilder {
        EmulatorBuilder::new()
    }

    /// The base URL of all services, without a trailing slash: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.app.base_url()
    }

    /// The base URL of a service, with a trailing slash, as in `GLOBUS_SDK_SERVICE_URL_*`. All services
    /// share one address, since their paths do not collide.
    #[must_use]
    pub fn service_url(&self, _service: Service) -> String {
        format!("{}/", self.app.base_url())
    }

    /// The address on which the emulator listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of the configured collection with this display name.
    #[must_use]
    pub fn collection_id(&self, display_name: &str) -> Option<Uuid> {
        self.collections
            .iter()
            .find(|c| c.display_name == display_name)
            .map(|c| c.id)
    }

    /// The configured collections, in the order in which they were added.
    #[must_use]
    pub fn collections(&self) -> &[Collection] {
        &self.collections
    }

    /// The local user, who gives consent and owns the collections.
    #[must_use]
    pub fn user(&self) -> &Identity {
        self.app.local_user()
    }

    /// The requests so far, oldest first (the newest 10,000).
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.app.recorded_requests()
    }

    /// Undocumented responses found by strict mode: each kind once, in order of their occurrence (the first
    /// 1,000).
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.app.violations()
    }

    /// Checks that all responses so far are as documented; for the end of a test.
    ///
    /// # Errors
    /// If there are [violations](Self::violations), which the message lists.
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
            "the emulator's responses do not conform to the specs:\n  {}",
            lines.join("\n  ")
        ))
    }

    /// Makes all access tokens expire; refresh tokens stay valid.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn expire_tokens(&self) -> Result<(), io::Error> {
        auth::tokens::expire_all(&self.app).map_err(io::Error::other)
    }

    /// Revokes all access tokens and refresh tokens.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn revoke_tokens(&self) -> Result<(), io::Error> {
        auth::tokens::revoke_all(&self.app).map_err(io::Error::other)
    }

    /// Revokes all consents of an identity, with the tokens issued under them. Returns the number of
    /// consents, including dependent ones.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn revoke_consents(&self, identity: Uuid) -> Result<usize, io::Error> {
        let conn = self.app.store().lock();
        auth::consents::revoke_all(&conn, identity).map_err(io::Error::other)
    }

    /// Moves the emulator's clock forward. Tokens, codes and deadlines use this clock.
    pub fn advance_clock(&self, by: Duration) {
        self.app.advance_clock(by);
    }

    /// Waits until no task of Transfer or Search is left that could go on: each has ended, is paused,
    /// or stays queued because the [limit](crate::Limits) of its kind is 0. For a test that would rather know than ask again and again.
    ///
    /// This can take long: a transfer whose source is missing retries until its deadline, a task with a
    /// [start delay](EmulatorBuilder::transfer_start_delay) waits for the clock, and a
    /// [stalled](crate::TaskFaultKind::Stall) one for the end of the stall.
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
            // In a block, since the lock must not be held across the sleep.
            let under_way = {
                let conn = self.app.store().lock();
                transfer::has_work(&conn, self.app.limiter().limits())
                    .and_then(|work| Ok(work || search::has_work(&conn)?))
                    .map_err(io::Error::other)?
            };
            if !under_way {
                return Ok(());
            }
            tokio::time::sleep(IDLE_POLL_INTERVAL).await;
        }
    }

    /// Adds a fault rule.
    ///
    /// # Errors
    /// If the rule is invalid.
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

    /// The active fault rules, with the number of times they fired.
    #[must_use]
    pub fn faults(&self) -> Vec<FaultReport> {
        self.app.faults().reports()
    }

    /// Removes all fault rules.
    pub fn clear_faults(&self) {
        *self.app.faults() = ActiveFaults::default();
    }

    /// The current limits per user.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.app.limiter().limits()
    }

    /// Replaces the limits per user.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use globus_emulator::{Emulator, Limits};
    ///
    /// let emulator = Emulator::builder().start().await?;
    /// // ... every task stays queued ...
    /// emulator.set_limits(Limits::default().running_transfers(0).running_deletes(0));
    /// // ... until they may run ...
    /// emulator.set_limits(Limits::default());
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_limits(&self, limits: Limits) {
        self.app.limiter().set_limits(limits);
    }

    /// Restores the initial state in one step: everything that was created since is deleted, and so are the
    /// records of requests and violations. The clock shows the system's time, and faults, limits and task
    /// settings are those of the builder. Files in the collections and snapshots are kept.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub async fn reset(&self) -> Result<(), io::Error> {
        control::reset(&self.app).await.map_err(io::Error::other)
    }

    /// The outputs of the seed's requests, by name.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn seed_outputs(&self) -> Result<BTreeMap<String, String>, io::Error> {
        let outputs = control::seed::outputs(&self.app.store().lock()).map_err(io::Error::other)?;
        Ok(outputs.unwrap_or_default())
    }

    /// Stores a copy of the state and the clock, which [`restore`](Self::restore) restores. It does not
    /// include files of collections, and is lost when the emulator stops.
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

    /// Restores a snapshot in one step. Tasks that were running then continue.
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

    /// Stops the server and the workers, and waits for them.
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
