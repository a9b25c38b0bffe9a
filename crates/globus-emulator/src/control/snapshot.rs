//! Operations on the whole state: initialization, snapshots, restore and reset.
//!
//! ```text
//! requests ── read ──▶ gate ◀── write ── reset, restore, snapshot
//! workers  ◀─ cancel, wait, start again ─┘
//! ```
//!
//! A replacement first waits for all running requests (through the gate) and then stops all workers, so
//! that nothing of the old state can be written into the new one.

use rusqlite::Connection;
use rusqlite::backup::Backup;
use std::time::Duration;
use uuid::Uuid;

use super::seed;
use crate::app_state::{AppState, Snapshot};
use crate::faults::ActiveFaults;
use crate::{auth, groups, search, transfer};

/// The version of the database layout. Older databases are upgraded; see [`search::upgrade`].
pub(crate) const LAYOUT: i64 = 1;

/// Maximum number of snapshots, since each takes as much disk space as the state.
const MAX_SNAPSHOTS: usize = 64;

/// The layout of a database: 0 if it is new, or older than layout numbers.
pub(crate) fn layout(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Creates the tables of all services.
pub(crate) fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    // One transaction, so that a killed process leaves either the old layout or the new one.
    let transaction = connection.unchecked_transaction()?;
    let older = layout(connection)? < LAYOUT;
    if older {
        search::upgrade(connection)?;
    }
    auth::migrate(connection)?;
    transfer::migrate(connection)?;
    search::migrate(connection)?;
    groups::migrate(connection)?;
    seed::migrate(connection)?;
    if older {
        connection.pragma_update(None, "user_version", LAYOUT)?;
    }
    transaction.commit()
}

/// Writes the configured contents; existing data is kept.
pub(crate) fn write_initial_state(app: &AppState) -> rusqlite::Result<()> {
    let initial_state = app.initial_state();
    let people = initial_state.people.iter();
    auth::seed(app, people, &initial_state.linked, &initial_state.clients)?;
    groups::seed(app, &initial_state.subscriptions)?;
    for setup in &initial_state.collections {
        transfer::add_collection(app, setup.clone())?;
    }
    for (collection, requirements) in &initial_state.requirements {
        auth::requirements::put(&app.store().lock(), *collection, requirements)?;
    }
    Ok(())
}

/// Starts the workers, which continue unfinished tasks.
pub(crate) fn start_work(app: &AppState) {
    transfer::start(app);
    search::start(app);
}

/// Restores the initial state. Spawned, so that it completes even if the client disconnects.
pub(crate) async fn reset(app: &AppState) -> Result<(), String> {
    let app = app.clone();
    let done = tokio::spawn(async move { reset_all(&app).await }).await;
    done.map_err(|error| error.to_string())?
}

async fn reset_all(app: &AppState) -> Result<(), String> {
    // A request may wait for a worker, so workers come first.
    app.shutdown().cancel();
    let _alone = app.gate().write().await;
    app.stop_workers().await;
    let replaced = (|| {
        // Copied over the current database instead of deleting its rows: that needs no list of tables, and
        // resets counters of row ids, too.
        let empty = Connection::open_in_memory()?;
        migrate(&empty)?;
        copy(&empty, &mut app.store().lock())?;
        write_initial_state(app)
    })();
    app.clear_requests();
    *app.faults() = ActiveFaults::new(app.initial_faults());
    app.task_control().reset();
    app.clock().set_ahead(0);
    app.limiter().reset(app.settings().limits);
    start_work(app);
    // Reported only now: the emulator must have workers again, even if the database could not be replaced.
    replaced.map_err(|error| error.to_string())?;
    seed::apply(app).await
}

/// Why a snapshot could not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SnapshotError {
    #[error("there are {MAX_SNAPSHOTS} snapshots already; delete one")]
    TooMany,
    #[error("the state cannot be copied")]
    Database(#[from] rusqlite::Error),
}

/// Copies the state, without stopping the workers.
pub(crate) async fn snapshot(app: &AppState) -> Result<Uuid, SnapshotError> {
    let _alone = app.gate().write().await;
    if app.snapshots().len() >= MAX_SNAPSHOTS {
        return Err(SnapshotError::TooMany);
    }
    // SQLite puts a database without a name into a temporary file, so a large snapshot does not fill the
    // memory.
    let mut database = Connection::open("")?;
    copy(&app.store().lock(), &mut database)?;
    let id = Uuid::new_v4();
    let snapshot = Snapshot {
        database,
        clock_ahead: app.clock().ahead(),
    };
    app.snapshots().insert(id, snapshot);
    Ok(id)
}

/// Deletes a snapshot; returns `false` if it does not exist.
pub(crate) fn delete_snapshot(app: &AppState, id: Uuid) -> bool {
    app.snapshots().remove(&id).is_some()
}

/// Restores a snapshot; returns `false` if it does not exist. It completes like [`reset`].
pub(crate) async fn restore(app: &AppState, id: Uuid) -> Result<bool, String> {
    let app = app.clone();
    let done = tokio::spawn(async move { restore_all(&app, id).await }).await;
    let done = done.map_err(|error| error.to_string())?;
    done.map_err(|error| error.to_string())
}

async fn restore_all(app: &AppState, id: Uuid) -> rusqlite::Result<bool> {
    if !app.snapshots().contains_key(&id) {
        return Ok(false);
    }
    app.shutdown().cancel();
    let _alone = app.gate().write().await;
    app.stop_workers().await;
    // It may have been deleted since.
    let replaced = match app.snapshots().get(&id) {
        Some(snapshot) => {
            // With the clock, deadlines and token lifetimes are as far away as they were when the snapshot
            // was taken.
            app.clock().set_ahead(snapshot.clock_ahead);
            copy(&snapshot.database, &mut app.store().lock()).map(|()| true)
        }
        None => Ok(false),
    };
    start_work(app);
    replaced
}

fn copy(from: &Connection, to: &mut Connection) -> rusqlite::Result<()> {
    let all_pages = 4096;
    let backup = Backup::new(from, to)?;
    backup.run_to_completion(all_pages, Duration::ZERO, None)
}
