//! Transfer: collections, file operations and tasks.

use axum::Router;

use crate::state::{App, CollectionSetup};

pub(crate) fn migrate(_conn: &rusqlite::Connection) -> rusqlite::Result<()> {
    Ok(())
}

pub(crate) fn router() -> Router<App> {
    Router::new()
}

pub(crate) fn start(_app: &App) {}

pub(crate) fn add_collection(_app: &App, _setup: CollectionSetup) -> rusqlite::Result<()> {
    Ok(())
}
