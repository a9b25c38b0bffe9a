//! `/v0.10/endpoint/…/activate` and related operations: endpoints used to need credentials. Today they do
//! not, so every endpoint counts as activated forever.

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use super::Known;
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::transfer::request::{Body, Members, Query};
use crate::transfer::respond::{answer, done, result};

pub(super) fn router() -> Router<AppState> {
    let path = |name: &str| format!("/v0.10/endpoint/{{endpoint_id}}/{name}");
    Router::new()
        .route(&path("activation_requirements"), get(requirements))
        .route(&path("autoactivate"), post(autoactivate))
        .route(&path("activate"), post(activate))
        .route(&path("deactivate"), post(deactivate))
}

async fn requirements(_: Known, query: Query) -> Response {
    let document = json!({
        "DATA_TYPE": "activation_requirements",
        "activated": true,
        "auto_activation_supported": true,
        "expires_in": -1,
        "expire_time": null,
        "oauth_server": null,
        "length": 0,
        "DATA": [],
    });
    answer(StatusCode::OK, query.fields().pick(document))
}

async fn autoactivate(known: Known, query: Query) -> Result<Response, Problem> {
    query.number("if_expires_in")?;
    Ok(activated(
        &known,
        "AutoActivated.GlobusOnlineCredential",
        "Endpoint activated without asking for anything.",
    ))
}

async fn activate(known: Known, Body(body): Body) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["activation_requirements"])?;
    members.list("DATA")?;
    Ok(activated(
        &known,
        "AlreadyActivated",
        "Endpoint is activated already.",
    ))
}

fn activated(known: &Known, code: &str, message: &str) -> Response {
    let extra = json!({
        "endpoint": known.collection.id,
        "expires_in": -1,
        "expire_time": null,
        "subject": null,
        "oauth_server": null,
        "length": 0,
        "DATA": [],
        "activated": true,
        "auto_activation_supported": true,
    });
    answer(
        StatusCode::OK,
        result("activation_result", code, message, extra),
    )
}

async fn deactivate(_: Known) -> Response {
    done("Updated", "Endpoint deactivated successfully")
}
