//! Cancelling, pausing and resuming tasks of other users.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use rusqlite::{OptionalExtension as _, params};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{ManagedTask, ManagerPermission, task};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::transfer::engine;
use crate::transfer::pause_rules::{self, PauseSide};
use crate::transfer::request::{
    Body, Members, Query, Target, User, bad_request, missing, shortened,
};
use crate::transfer::respond::{answer, not_found};
use crate::transfer::tasks::{self, Status};

pub(super) fn router() -> Router<AppState> {
    let path = |name: &str| format!("/v0.10/endpoint_manager/{name}");
    Router::new()
        .route(&path("admin_cancel"), post(cancel))
        .route(&path("admin_cancel/{admin_cancel_id}"), get(cancel_status))
        .route(&path("admin_pause"), post(pause))
        .route(&path("admin_resume"), post(resume))
}

/// The tasks listed in a document.
fn task_ids(body: &Map<String, Json>) -> Result<Vec<Uuid>, Problem> {
    let list = Members(body)
        .list("task_id_list")?
        .ok_or_else(|| missing("task_id_list"))?;
    if list.is_empty() {
        return Err(bad_request("The task_id_list must not be empty"));
    }
    list.iter()
        .map(|id| {
            let id = id.as_str().unwrap_or_default();
            Uuid::parse_str(id)
                .map_err(|_| bad_request(format!("The task id '{}' is not a UUID", shortened(id))))
        })
        .collect()
}

/// Loads all of the tasks, or fails if the caller does not manage one of them.
fn managed(
    app: &AppState,
    conn: &rusqlite::Connection,
    caller: &Caller,
    ids: &[Uuid],
) -> Result<Vec<ManagedTask>, Problem> {
    ids.iter()
        .map(|id| {
            task(
                app,
                conn,
                caller,
                &id.to_string(),
                ManagerPermission::Manage,
            )
        })
        .collect()
}

async fn cancel(
    State(app): State<AppState>,
    User(caller): User,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["admin_cancel"])?;
    let message = members.required_text("message")?;
    let ids = task_ids(&body)?;
    let now = app.now();
    let id = {
        let mut conn = app.store().lock();
        let transaction = conn.transaction()?;
        for managed in managed(&app, &transaction, &caller, &ids)? {
            let side = match (
                managed.source.allows(ManagerPermission::Manage),
                managed.destination.allows(ManagerPermission::Manage),
            ) {
                (true, true) => "BOTH",
                (true, false) => "SOURCE",
                _ => "DESTINATION",
            };
            tasks::cancel_as_manager(&transaction, managed.task.id, side, message, now)?;
        }
        transaction.execute(
            "INSERT INTO transfer_admin_cancels (manager_id, message, task_ids) VALUES (?1, ?2, ?3)",
            params![caller.identity_id.to_string(), message, json!(ids).to_string()],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        id
    };
    Ok(answer(
        StatusCode::OK,
        cancellation(id, message, &json!(ids)),
    ))
}

/// Cancellation is synchronous here, so the response always reports it as done.
fn cancellation(id: i64, message: &str, tasks: &Json) -> Json {
    json!({
        "DATA_TYPE": "admin_cancel",
        "id": id,
        "done": true,
        "message": message,
        "task_id_list": tasks,
    })
}

async fn cancel_status(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let unknown = || not_found(format!("No such cancellation '{}'", shortened(&id)));
    let number: i64 = id.parse().map_err(|_| unknown())?;
    let found: Option<(String, String)> = app
        .store()
        .lock()
        .query_row(
            "SELECT message, task_ids FROM transfer_admin_cancels WHERE id = ?1 AND manager_id = ?2",
            params![number, caller.identity_id.to_string()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let (message, tasks) = found.ok_or_else(unknown)?;
    let tasks = serde_json::from_str(&tasks).unwrap_or_default();
    let document = cancellation(number, &message, &tasks);
    Ok(answer(StatusCode::OK, query.fields().pick(document)))
}

impl ManagedTask {
    /// The sides for which the caller may pause and resume the task.
    fn pause_sides(&self) -> Vec<PauseSide> {
        [
            (PauseSide::Source, &self.source.own),
            (PauseSide::SourceHost, &self.source.host),
            (PauseSide::Destination, &self.destination.own),
            (PauseSide::DestinationHost, &self.destination.host),
        ]
        .into_iter()
        .filter(|(_, roles)| roles.manages_activity())
        .map(|(side, _)| side)
        .collect()
    }
}

async fn pause(
    State(app): State<AppState>,
    User(caller): User,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["admin_pause"])?;
    let message = members.required_text("message")?;
    let ids = task_ids(&body)?;
    let now = app.now();
    let mut conn = app.store().lock();
    let transaction = conn.transaction()?;
    for managed in managed(&app, &transaction, &caller, &ids)? {
        if managed.task.status != Status::Active {
            let message = format!("The task '{}' is complete", managed.task.id);
            return Err(Problem::transfer(StatusCode::CONFLICT, "Conflict", message));
        }
        pause_rules::pause(
            &transaction,
            managed.task.id,
            &managed.pause_sides(),
            message,
        )?;
        pause_rules::refresh_one(&transaction, &managed.task, now)?;
    }
    transaction.commit()?;
    let document = json!({ "DATA_TYPE": "admin_pause", "task_id_list": ids, "message": message });
    Ok(answer(StatusCode::OK, document))
}

async fn resume(
    State(app): State<AppState>,
    User(caller): User,
    Body(body): Body,
) -> Result<Response, Problem> {
    Members(&body).data_type(&["admin_resume"])?;
    let ids = task_ids(&body)?;
    let now = app.now();
    {
        let mut conn = app.store().lock();
        let transaction = conn.transaction()?;
        for managed in managed(&app, &transaction, &caller, &ids)? {
            pause_rules::resume(&transaction, managed.task.id, &managed.pause_sides())?;
            if managed.task.status == Status::Active {
                pause_rules::refresh_one(&transaction, &managed.task, now)?;
            }
        }
        transaction.commit()?;
    }
    engine::dispatch(&app);
    let document = json!({ "DATA_TYPE": "admin_resume", "task_id_list": ids });
    Ok(answer(StatusCode::OK, document))
}
