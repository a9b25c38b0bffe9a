//! `/beta/…`: operations that are in beta at Globus, which the emulator does not implement.

use axum::Router;
use axum::extract::Request;
use axum::routing::{get, post};

use super::authz::Manager;
use crate::app_state::AppState;
use crate::problem::Problem;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/beta/index/{index_id}/mapping", get(not_served))
        .route(
            "/beta/index/{index_id}/mapping/{field_name}",
            get(not_served),
        )
        .route("/beta/index/{index_id}/field_budget", get(not_served))
        .route("/beta/insights/{configuration_id}/ingest", post(not_served))
        .route(
            "/beta/insights/collection_configuration/{configuration_id}/scan_start",
            post(not_served),
        )
        .route(
            "/beta/insights/collection_configuration/{configuration_id}/scan/{scan_id}",
            post(not_served),
        )
        .route("/beta/insights/catalog/{catalog_id}", get(not_served))
        .route("/beta/insights/catalog_list", get(not_served))
}

/// Responds with 501 to authenticated callers.
async fn not_served(_: Manager, request: Request) -> Problem {
    crate::server::not_served(request).await
}
