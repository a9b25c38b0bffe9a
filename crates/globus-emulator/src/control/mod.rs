//! The control API of the emulator, under `/_emulator/`.
//!
//! It is for tests and for people, needs no token, and is not recorded. JSON Schemas of its bodies are in
//! [`schemas`].

mod page;
pub(crate) mod seed;
mod snapshot;
mod tasks;

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{any, delete, get, post};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app_state::AppState;
use crate::auth::{requirements, tokens};
use crate::faults::{self, ActiveFaults, FaultPlan, FaultReport};
use crate::limits::{self, Limits};
use crate::server::RecordedRequest;

pub(crate) use snapshot::{
    LAYOUT, SnapshotError, delete_snapshot, layout, migrate, reset, restore, snapshot, start_work,
    write_initial_state,
};

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(page::page))
        .route("/_emulator/page", get(page::fresh))
        .route("/_emulator/health", get(health))
        .route("/_emulator/violations", get(violations))
        .route("/_emulator/requests", get(requests).delete(clear_requests))
        .route(
            "/_emulator/faults",
            get(list_faults).post(add_faults).delete(clear_faults),
        )
        .route(
            "/_emulator/limits",
            get(limits::show).put(limits::replace).patch(limits::change),
        )
        .route("/_emulator/clock", get(read_clock).post(advance_clock))
        .route("/_emulator/tokens", post(change_tokens))
        .route(
            "/_emulator/collections/{id}/requirements",
            get(requirements::show).put(requirements::change),
        )
        .merge(tasks::router())
        .route("/_emulator/reset", post(reset_all))
        .route(
            "/_emulator/snapshots",
            get(list_snapshots).post(take_snapshot),
        )
        .route("/_emulator/snapshots/{id}", delete(remove_snapshot))
        .route("/_emulator/snapshots/{id}/restore", post(restore_snapshot))
        .route("/_emulator/schemas/{name}", get(schema))
        .route("/_emulator/{*rest}", any(not_found))
}

/// The current time of the emulator's clock.
#[derive(Debug, Serialize, JsonSchema)]
struct ClockReading {
    /// In RFC 3339.
    now: String,
}

/// A change of the clock.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ClockChange {
    /// By how many seconds to move it forward. It cannot go back.
    advance_seconds: u32,
}

/// An action on all tokens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TokenChange {
    action: TokenAction,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TokenAction {
    /// Access tokens expire; refresh tokens stay valid.
    Expire,
    /// All tokens are deleted.
    Revoke,
}

/// A stored state.
#[derive(Debug, Serialize, JsonSchema)]
struct Snapshot {
    /// The id to restore it by.
    id: Uuid,
}

/// The schemas of all bodies, by name.
pub(crate) fn schemas() -> BTreeMap<&'static str, schemars::Schema> {
    let mut all = faults::schemas();
    all.extend(tasks::schemas());
    all.extend([
        ("clock", schemars::schema_for!(ClockReading)),
        ("clock-change", schemars::schema_for!(ClockChange)),
        ("limits", schemars::schema_for!(Limits)),
        ("token-change", schemars::schema_for!(TokenChange)),
        ("seed", schemars::schema_for!(seed::Seed)),
        ("snapshot", schemars::schema_for!(Snapshot)),
        ("requests", schemars::schema_for!(Vec<RecordedRequest>)),
    ]);
    all
}

async fn health(State(app): State<AppState>) -> Json<Value> {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "base_url": app.base_url(),
    }))
}

/// Lists the responses that strict mode found undocumented.
async fn violations(State(app): State<AppState>) -> Json<Value> {
    let violations: Vec<_> = app
        .violations()
        .into_iter()
        .map(|one| json!({ "operation": one.operation, "location": one.location, "message": one.message }))
        .collect();
    Json(json!({ "violations": violations }))
}

async fn requests(State(app): State<AppState>) -> Json<Vec<RecordedRequest>> {
    Json(app.recorded_requests())
}

async fn clear_requests(State(app): State<AppState>) -> StatusCode {
    app.clear_requests();
    StatusCode::NO_CONTENT
}

async fn list_faults(State(app): State<AppState>) -> Json<Vec<FaultReport>> {
    Json(app.faults().reports())
}

/// Replaces the current plan.
async fn add_faults(
    State(app): State<AppState>,
    ControlBody(plan): ControlBody<FaultPlan>,
) -> Response {
    if let Err(message) = plan.check() {
        return refused(&message);
    }
    *app.faults() = ActiveFaults::new(&plan);
    StatusCode::NO_CONTENT.into_response()
}

async fn clear_faults(State(app): State<AppState>) -> StatusCode {
    *app.faults() = ActiveFaults::default();
    StatusCode::NO_CONTENT
}

fn reading(now: Timestamp) -> Json<ClockReading> {
    Json(ClockReading {
        now: now.to_string(),
    })
}

async fn read_clock(State(app): State<AppState>) -> Json<ClockReading> {
    reading(app.now())
}

async fn advance_clock(
    State(app): State<AppState>,
    ControlBody(change): ControlBody<ClockChange>,
) -> Json<ClockReading> {
    let _passage = app.gate().read().await;
    app.advance_clock(Duration::from_secs(u64::from(change.advance_seconds)));
    reading(app.now())
}

async fn change_tokens(
    State(app): State<AppState>,
    ControlBody(change): ControlBody<TokenChange>,
) -> Response {
    let _passage = app.gate().read().await;
    let changed = match change.action {
        TokenAction::Expire => tokens::expire_all(&app),
        TokenAction::Revoke => tokens::revoke_all(&app),
    };
    done(changed)
}

async fn reset_all(State(app): State<AppState>) -> Response {
    match reset(&app).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

async fn take_snapshot(State(app): State<AppState>) -> Response {
    match snapshot(&app).await {
        Ok(id) => (StatusCode::CREATED, Json(Snapshot { id })).into_response(),
        Err(error @ SnapshotError::TooMany) => {
            let document = json!({ "error": error.to_string() });
            (StatusCode::CONFLICT, Json(document)).into_response()
        }
        Err(error) => failed(&error),
    }
}

async fn list_snapshots(State(app): State<AppState>) -> Json<Vec<Snapshot>> {
    Json(app.snapshots().keys().map(|&id| Snapshot { id }).collect())
}

async fn remove_snapshot(State(app): State<AppState>, Path(id): Path<Uuid>) -> Response {
    match delete_snapshot(&app, id) {
        true => StatusCode::NO_CONTENT.into_response(),
        false => no_snapshot(id),
    }
}

fn no_snapshot(id: Uuid) -> Response {
    let document = json!({ "error": format!("there is no snapshot {id}") });
    (StatusCode::NOT_FOUND, Json(document)).into_response()
}

async fn restore_snapshot(State(app): State<AppState>, Path(id): Path<Uuid>) -> Response {
    match restore(&app, id).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => no_snapshot(id),
        Err(error) => failed(&error),
    }
}

async fn not_found(Path(rest): Path<String>) -> Response {
    let document = json!({ "error": format!("there is nothing at /_emulator/{rest}") });
    (StatusCode::NOT_FOUND, Json(document)).into_response()
}

async fn schema(Path(name): Path<String>) -> Response {
    match schemas().remove(name.trim_end_matches(".json")) {
        Some(schema) => Json(schema).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A JSON body. Its content type is required, since pages of other origins can only send it after a
/// preflight request, which is not allowed here.
pub(crate) struct ControlBody<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<AppState> for ControlBody<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Response> {
        match Json::from_request(request, app).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(JsonRejection::MissingJsonContentType(_)) => {
                let message = "the content type must be application/json";
                let document = json!({ "error": message });
                Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, Json(document)).into_response())
            }
            Err(error) => Err(refused(&error.body_text())),
        }
    }
}

pub(crate) fn refused(message: &str) -> Response {
    let document = json!({ "error": message });
    (StatusCode::BAD_REQUEST, Json(document)).into_response()
}

fn done(outcome: rusqlite::Result<()>) -> Response {
    match outcome {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &dyn std::fmt::Display) -> Response {
    let document = json!({ "error": error.to_string() });
    (StatusCode::INTERNAL_SERVER_ERROR, Json(document)).into_response()
}
