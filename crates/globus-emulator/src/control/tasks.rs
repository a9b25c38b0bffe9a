//! Slow and failing tasks in the control API.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{delete, get, put};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{ControlBody, failed, refused};
use crate::app_state::AppState;
use crate::task_control::{TaskFault, TaskFaultReport, TaskSettings};
use crate::transfer;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/_emulator/task-settings",
            get(show_settings).patch(change_settings),
        )
        .route("/_emulator/collections/{id}/quota", put(set_quota))
        .route(
            "/_emulator/task-faults",
            get(list_faults).post(add_fault).delete(clear_faults),
        )
        .route("/_emulator/task-faults/{id}", delete(remove_fault))
}

/// The quota of a collection.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Quota {
    /// In bytes; null for the common quota of all collections.
    bytes: Option<u64>,
}

pub(super) fn schemas() -> [(&'static str, schemars::Schema); 4] {
    [
        ("task-settings", schemars::schema_for!(TaskSettings)),
        ("task-fault", schemars::schema_for!(TaskFault)),
        (
            "task-fault-reports",
            schemars::schema_for!(Vec<TaskFaultReport>),
        ),
        ("quota", schemars::schema_for!(Quota)),
    ]
}

async fn show_settings(State(app): State<AppState>) -> Json<TaskSettings> {
    Json(app.task_control().settings().clone())
}

/// Absent members keep their value; null removes a limit.
async fn change_settings(
    State(app): State<AppState>,
    ControlBody(change): ControlBody<Map<String, Value>>,
) -> Response {
    match merge_settings(&app, change) {
        Ok(settings) => Json(settings).into_response(),
        Err(message) => refused(&message),
    }
}

fn merge_settings(app: &AppState, change: Map<String, Value>) -> Result<TaskSettings, String> {
    let mut settings = app.task_control().settings();
    let mut merged = serde_json::to_value(&*settings).map_err(|error| error.to_string())?;
    if let Some(members) = merged.as_object_mut() {
        members.extend(change);
    }
    let merged: TaskSettings =
        serde_json::from_value(merged).map_err(|error| format!("invalid settings: {error}"))?;
    merged.check()?;
    *settings = merged.clone();
    Ok(merged)
}

async fn set_quota(
    State(app): State<AppState>,
    Path(id): Path<Uuid>,
    ControlBody(quota): ControlBody<Quota>,
) -> Response {
    let _passage = app.gate().read().await;
    let changed = transfer::set_quota(&app.store().lock(), id, quota.bytes);
    match changed {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => not_found(&format!("there is no mapped collection {id}")),
        Err(error) => failed(&error),
    }
}

async fn list_faults(State(app): State<AppState>) -> Json<Vec<TaskFaultReport>> {
    Json(app.task_control().faults().reports())
}

async fn add_fault(
    State(app): State<AppState>,
    ControlBody(fault): ControlBody<TaskFault>,
) -> Response {
    match app.task_control().faults().add(fault) {
        Ok(report) => (StatusCode::CREATED, Json(report)).into_response(),
        Err(message) => refused(&message),
    }
}

async fn clear_faults(State(app): State<AppState>) -> StatusCode {
    app.task_control().faults().clear();
    StatusCode::NO_CONTENT
}

async fn remove_fault(State(app): State<AppState>, Path(id): Path<u64>) -> Response {
    match app.task_control().faults().remove(id) {
        true => StatusCode::NO_CONTENT.into_response(),
        false => not_found(&format!("there is no task fault {id}")),
    }
}

fn not_found(message: &str) -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "error": message }))).into_response()
}
