//! `/v2/tunnels` and `/v2/stream_access_points`.
//!
//! A tunnel connects stream access points of two Globus Connect Servers. The emulator's collections have
//! none, so the lists are empty, no tunnel can be created, and no id exists.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::json;

use super::jsonapi::{JsonApiError, Page, Resource, meta};
use super::request::{Body, Query, Target, User, shortened};
use super::respond::{answer, not_found};
use crate::app_state::AppState;
use crate::problem::Problem;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v2/tunnels", get(none).post(create))
        .route(
            "/v2/tunnels/{tunnel_id}",
            get(no_tunnel).patch(no_tunnel).delete(no_tunnel),
        )
        .route("/v2/tunnels/{tunnel_id}/events", get(no_events))
        .route("/v2/stream_access_points", get(no_access_points))
        .route(
            "/v2/stream_access_points/{stream_access_point_id}",
            get(no_access_point),
        )
}

async fn none(_: User) -> Response {
    let list = json!({ "data": [], "links": { "next": null }, "meta": meta() });
    answer(StatusCode::OK, list)
}

async fn create(_: User, Body(body): Body) -> Result<Response, JsonApiError> {
    let resource = Resource::from_body(&body, "Tunnel")?;
    resource.object("attributes")?.text("submission_id")?;
    let listener = resource.related("listener", "StreamAccessPoint")?;
    resource.related("initiator", "StreamAccessPoint")?;
    Err(not_found(format!("No such stream access point '{listener}'")).into())
}

async fn no_tunnel(_: User, Target(id): Target) -> Problem {
    not_found(format!("No such tunnel '{}'", shortened(&id)))
}

async fn no_events(_: User, Target(id): Target, query: Query) -> Result<Response, JsonApiError> {
    Page::from_query(&query)?;
    Err(not_found(format!("No such tunnel '{}'", shortened(&id))).into())
}

async fn no_access_points(user: User, query: Query) -> Result<Response, JsonApiError> {
    Page::from_query(&query)?;
    Ok(none(user).await)
}

async fn no_access_point(_: User, Target(id): Target) -> Problem {
    not_found(format!("No such stream access point '{}'", shortened(&id)))
}
