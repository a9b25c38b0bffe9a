//! Transfer: collections, file operations and tasks.

mod authz;
mod bookmarks;
mod collections;
mod endpoint_manager;
mod engine;
mod files;
mod filter;
mod glob;
mod jsonapi;
mod names;
mod operations;
mod orderby;
mod pause_rules;
mod request;
mod respond;
mod schema;
mod submit;
mod tasks;
mod times;
mod tunnels;

use axum::Router;

pub(crate) use collections::set_quota;
pub(crate) use engine::Engine;
pub(crate) use glob::matches as name_matches;

use crate::app_state::{AppState, CollectionSetup};
use crate::limits::Limits;

/// Creates the tables.
pub(crate) fn migrate(conn: &rusqlite::Connection) -> rusqlite::Result<()> {
    schema::migrate(conn)
}

/// The routes under `/v0.10/`, and the beta ones under `/v2/`.
pub(crate) fn router() -> Router<AppState> {
    collections::router()
        .merge(authz::router())
        .merge(bookmarks::router())
        .merge(endpoint_manager::router())
        .merge(tunnels::router())
        .merge(operations::router())
        .merge(submit::router())
        .merge(tasks::router())
}

/// Starts the background workers.
pub(crate) fn start(app: &AppState) {
    engine::start(app);
}

/// Whether there is a task that could go on.
pub(crate) fn has_work(conn: &rusqlite::Connection, limits: Limits) -> rusqlite::Result<bool> {
    tasks::any_ready(conn, limits)
}

/// Serves a folder as a collection.
pub(crate) fn add_collection(app: &AppState, setup: CollectionSetup) -> rusqlite::Result<()> {
    collections::add(app, setup)
}

/// Whether there is a collection with this id.
pub(crate) fn has_collection(
    conn: &rusqlite::Connection,
    id: uuid::Uuid,
) -> rusqlite::Result<bool> {
    collections::find(conn, id).map(|found| found.is_some())
}
