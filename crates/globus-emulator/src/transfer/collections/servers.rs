//! `/v0.10/endpoint/…/server…`: servers of endpoints, from the time before Globus Connect Server 5.
//!
//! A Globus Connect Personal is its own only server, so there is nothing to add, change or delete.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use super::{Administered, Known, collection_document};
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::transfer::request::{Part, Query, shortened};
use crate::transfer::respond::{answer, not_found};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/endpoint/{endpoint_id}/server_list", get(list))
        .route("/v0.10/endpoint/{endpoint_id}/server", post(change))
        .route(
            "/v0.10/endpoint/{endpoint_id}/server/{server_id}",
            get(show).put(change).delete(change),
        )
}

async fn list(known: Known, query: Query) -> Response {
    let server = collection_document::server(&known.collection);
    let list = json!({
        "DATA_TYPE": "endpoint_server_list",
        "endpoint": known.collection.id,
        "length": 1,
        "DATA": [query.fields().pick(server)],
    });
    answer(StatusCode::OK, list)
}

async fn show(known: Known, Part(id): Part, query: Query) -> Result<Response, Problem> {
    if id != known.collection.server_id().to_string() {
        return Err(not_found(format!("No such server '{}'", shortened(&id))));
    }
    let server = collection_document::server(&known.collection);
    Ok(answer(StatusCode::OK, query.fields().pick(server)))
}

async fn change(Administered(collection): Administered) -> Problem {
    let message = format!(
        "The servers of '{}' cannot be changed: it is a Globus Connect Personal",
        collection.id
    );
    Problem::transfer(StatusCode::CONFLICT, "NotSupported", message)
}
