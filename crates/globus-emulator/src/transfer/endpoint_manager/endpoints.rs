//! The endpoints that the caller monitors.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value as Json, json};

use super::{ManagerPermission, collection};
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::transfer::authz::{EffectiveRoles, access_list};
use crate::transfer::collections::{self, document, guests};
use crate::transfer::request::{Query, Target, User};
use crate::transfer::respond::answer;

pub(super) fn router() -> Router<AppState> {
    let endpoint = "/v0.10/endpoint_manager/endpoint/{endpoint_id}";
    Router::new()
        .route(
            "/v0.10/endpoint_manager/monitored_endpoints",
            get(monitored),
        )
        .route(endpoint, get(show))
        .route(&format!("{endpoint}/hosted_endpoint_list"), get(hosted))
        .route(&format!("{endpoint}/access_list"), get(access))
}

async fn monitored(
    State(app): State<AppState>,
    User(caller): User,
    query: Query,
) -> Result<Response, Problem> {
    let fields = query.fields();
    let conn = app.store().lock();
    let mut documents: Vec<Json> = Vec::new();
    for collection in collections::all(&conn)? {
        let roles = EffectiveRoles::load(&app, &conn, &collection, caller.identity_id)?;
        if roles.monitors_activity() {
            let document = document(&app, &conn, &collection, caller.identity_id)?;
            documents.push(fields.pick(document));
        }
    }
    let list = json!({
        "DATA_TYPE": "monitored_endpoints",
        "length": documents.len(),
        "limit": documents.len(),
        "offset": 0,
        "total": documents.len(),
        "has_next_page": false,
        "DATA": documents,
    });
    Ok(answer(StatusCode::OK, list))
}

async fn show(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let collection = collection(&app, &conn, &caller, &id, ManagerPermission::Monitor)?;
    let document = document(&app, &conn, &collection, caller.identity_id)?;
    Ok(answer(StatusCode::OK, query.fields().pick(document)))
}

async fn hosted(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let host = collection(&app, &conn, &caller, &id, ManagerPermission::Monitor)?;
    let hosted = collections::guests_on(&conn, host.id)?;
    guests::list(&app, &conn, &hosted, &caller, &query)
}

async fn access(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let guest = collection(&app, &conn, &caller, &id, ManagerPermission::Monitor)?;
    let list = access_list(&app, &conn, &guest, &query)?;
    Ok(answer(StatusCode::OK, list))
}
