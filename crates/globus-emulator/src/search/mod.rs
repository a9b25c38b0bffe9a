//! Search: indices, entries and queries, on SQLite's FTS5.

mod authz;
mod beta;
mod bitset;
mod column;
mod condition;
mod entries;
mod execute;
mod facets;
mod filters;
mod full_text;
mod index_cache;
mod index_reader;
mod indices;
mod json_body;
mod queries;
mod query_parser;
mod request;
mod roles;
mod schema;
mod tasks;
mod times;
mod values;
mod wildcard;
mod worker;

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::{delete, get, post};
use tokio::sync::Notify;

pub(crate) use schema::{migrate, upgrade};

use crate::app_state::AppState;
use index_cache::IndexCache;

/// State of Search that is not in the database.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// Wakes the worker.
    pub(crate) wake: Notify,
    index_cache: Mutex<IndexCache>,
}

impl Search {
    /// The index cache. To avoid deadlocks, lock the database first.
    fn index_cache(&self) -> MutexGuard<'_, IndexCache> {
        // Ignoring the poison is safe: the cache is compared with the database at each use.
        self.index_cache
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The routes of Search.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/v1/index", post(indices::create))
        .route("/v1/index_list", get(indices::list))
        .route(
            "/v1/index/{index_id}",
            get(indices::show)
                .patch(indices::update)
                .delete(indices::delete),
        )
        .route("/v1/index/{index_id}/reopen", post(indices::reopen))
        .route("/v1/index/{index_id}/role", post(roles::create))
        .route("/v1/index/{index_id}/role_list", get(roles::list))
        .route("/v1/index/{index_id}/role/{role_id}", delete(roles::delete))
        .route("/v1/index/{index_id}/ingest", post(tasks::ingest))
        .route(
            "/v1/index/{index_id}/search",
            get(queries::get_search).post(queries::post_search),
        )
        .route("/v1/index/{index_id}/scroll", post(queries::scroll))
        .route(
            "/v1/index/{index_id}/subject",
            get(queries::subject).delete(tasks::delete_subject),
        )
        .route(
            "/v1/index/{index_id}/entry",
            get(queries::entry)
                .post(tasks::put_entry)
                .put(tasks::put_entry)
                .delete(tasks::delete_entry),
        )
        .route(
            "/v1/index/{index_id}/delete_by_query",
            post(tasks::delete_by_query),
        )
        .route(
            "/v1/index/{index_id}/batch_delete_by_subject",
            post(tasks::delete_subjects),
        )
        .route("/v1/task/{task_id}", get(tasks::show))
        .route("/v1/task_list/{index_id}", get(tasks::list))
        .merge(beta::router())
}

/// Starts the worker.
pub(crate) fn start(app: &AppState) {
    worker::start(app);
}

/// Whether there are unfinished tasks.
pub(crate) fn has_work(conn: &rusqlite::Connection) -> rusqlite::Result<bool> {
    tasks::any_unfinished(conn)
}
