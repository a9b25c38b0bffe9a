//! Tasks: changes of an index, which the worker executes in order.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Json, Response};
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::authz::{self, Index, WRITERS, Writer, bad_member, bad_request, internal, not_found};
use super::entries::Entry;
use super::json_body::{self, JsonBody};
use super::{request, times};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::params::Query;
use crate::problem::Problem;

/// Maximum length of a task list: the newest tasks.
const LIST_LIMIT: usize = 1_000;

/// The work of a task, stored until it is done.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum TaskWork {
    Ingest {
        entries: Vec<Entry>,
        geo_points: Vec<String>,
    },
    DeleteSubjects(Vec<String>),
    DeleteEntry {
        subject: String,
        entry_id: Option<String>,
    },
    DeleteByQuery(Value),
}

impl TaskWork {
    const fn task_type(&self) -> &'static str {
        match self {
            Self::Ingest { .. } => "ingest",
            Self::DeleteSubjects(_) => "delete-by-subject",
            Self::DeleteEntry { .. } => "delete-by-entry-id",
            Self::DeleteByQuery(_) => "delete-by-query",
        }
    }
}

/// Whether there are unfinished tasks.
pub(super) fn any_unfinished(conn: &rusqlite::Connection) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM search_task WHERE completed_at IS NULL)")?
        .query_row([], |row| row.get(0))
}

/// Stores a task and wakes the worker.
fn submit(app: &AppState, caller: &Caller, id: &str, work: &TaskWork) -> Result<Response, Problem> {
    let task_id = Uuid::new_v4();
    {
        let conn = app.store().lock();
        let index = authz::index_for(&conn, id, caller, WRITERS)?;
        // Stored completely, so that the task can be executed after a restart.
        let body = serde_json::to_string(work).map_err(internal)?;
        conn.execute(
            "INSERT INTO search_task
                (id, index_num, task_type, state, identity_id, body, created_at)
             VALUES (?1, ?2, ?3, 'PENDING', ?4, ?5, ?6)",
            params![
                task_id.to_string(),
                index.num,
                work.task_type(),
                caller.identity_id.to_string(),
                body,
                app.now().as_millisecond(),
            ],
        )
        .map_err(internal)?;
    }
    app.search().wake.notify_one();
    let answer = json!({ "acknowledged": true, "success": true, "task_id": task_id });
    Ok(Json(answer).into_response())
}

fn entry(value: &Value, pointer: &str) -> Result<Entry, Problem> {
    serde_json::from_value(value.clone())
        .map_err(|error| bad_request(format!("{pointer}: {error}")))
}

/// `POST /v1/index/{index_id}/ingest`
pub(super) async fn ingest(
    State(app): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody,
) -> Result<Response, Problem> {
    let data = asked
        .get("ingest_data")
        .ok_or_else(|| bad_request("/ingest_data is required"))?;
    let entries = match json_body::text(&asked, "ingest_type")?.as_str() {
        "GMetaEntry" => vec![entry(data, "/ingest_data")?],
        "GMetaList" => {
            let list = data
                .get("gmeta")
                .and_then(Value::as_array)
                .ok_or_else(|| bad_request("/ingest_data/gmeta must be an array"))?;
            let each = list.iter().enumerate();
            each.map(|(i, value)| entry(value, &format!("/ingest_data/gmeta/{i}")))
                .collect::<Result<_, _>>()?
        }
        other => {
            return Err(bad_request(format!(
                "/ingest_type must be GMetaEntry or GMetaList, not {other:?}"
            )));
        }
    };
    let geo_points = match asked.get("field_mapping") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Object(mapping)) => {
            let known = |kind: &Value| matches!(kind.as_str(), Some("geo_point" | "geo_shape"));
            if let Some((field, kind)) = mapping.iter().find(|(_, kind)| !known(kind)) {
                return Err(bad_member(
                    &["field_mapping", field],
                    &format!("unknown type {kind}"),
                ));
            }
            let points = mapping.iter().filter(|(_, kind)| *kind == "geo_point");
            points.map(|(field, _)| field.clone()).collect()
        }
        Some(_) => return Err(bad_request("/field_mapping must be an object")),
    };
    submit(
        &app,
        &caller,
        &id,
        &TaskWork::Ingest {
            entries,
            geo_points,
        },
    )
}

/// `POST` and `PUT /v1/index/{index_id}/entry`: ingests one entry, in the old format.
pub(super) async fn put_entry(
    State(app): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody,
) -> Result<Response, Problem> {
    let entry = entry(&Value::Object(asked), "")?;
    submit(
        &app,
        &caller,
        &id,
        &TaskWork::Ingest {
            entries: vec![entry],
            geo_points: Vec::new(),
        },
    )
}

/// `DELETE /v1/index/{index_id}/entry`
pub(super) async fn delete_entry(
    State(app): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, Problem> {
    let subject = subject(&query)?;
    let entry_id = query.get("entry_id").map(str::to_owned);
    submit(
        &app,
        &caller,
        &id,
        &TaskWork::DeleteEntry { subject, entry_id },
    )
}

/// `DELETE /v1/index/{index_id}/subject`
pub(super) async fn delete_subject(
    State(app): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<String>,
    query: Query,
) -> Result<Response, Problem> {
    let subject = subject(&query)?;
    submit(&app, &caller, &id, &TaskWork::DeleteSubjects(vec![subject]))
}

/// `POST /v1/index/{index_id}/batch_delete_by_subject`
pub(super) async fn delete_subjects(
    State(app): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody,
) -> Result<Response, Problem> {
    let subjects = asked.get("subjects").cloned().unwrap_or_default();
    let subjects: Vec<String> = serde_json::from_value(subjects)
        .map_err(|error| bad_request(format!("/subjects: {error}")))?;
    submit(&app, &caller, &id, &TaskWork::DeleteSubjects(subjects))
}

/// `POST /v1/index/{index_id}/delete_by_query`
pub(super) async fn delete_by_query(
    State(app): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody,
) -> Result<Response, Problem> {
    // An invalid query is rejected now instead of by a failed task.
    let query = request::SearchRequest::from_body(&asked)?;
    query.require_condition()?;
    if query.bypass_visible_to {
        let conn = app.store().lock();
        authz::index_for(&conn, &id, &caller, authz::ADMINS)?;
    }
    submit(
        &app,
        &caller,
        &id,
        &TaskWork::DeleteByQuery(Value::Object(asked)),
    )
}

/// The required parameter `subject`.
pub(super) fn subject(query: &Query) -> Result<String, Problem> {
    query
        .filled("subject")
        .map(str::to_owned)
        .ok_or_else(|| bad_request("the parameter \"subject\" is required"))
}

fn document(row: &Row<'_>, index: &Index) -> rusqlite::Result<Value> {
    let state: String = row.get(2)?;
    let details: Option<String> = row.get(4)?;
    let details: Option<Value> = details.and_then(|text| serde_json::from_str(&text).ok());
    let completed_at: Option<i64> = row.get(6)?;
    Ok(json!({
        "task_id": row.get::<_, String>(0)?,
        "task_type": row.get::<_, String>(1)?,
        "state_description": match state.as_str() {
            "PENDING" => "Task waiting to start",
            "PROGRESS" => "Task in progress",
            "SUCCESS" => "Task succeeded",
            _ => "Task failed",
        },
        "state": state,
        "index_id": index.id,
        "message": row.get::<_, Option<String>>(3)?,
        "additional_details": details,
        "creation_date": times::with_fraction(row.get(5)?),
        "completion_date": completed_at.map(times::with_fraction),
    }))
}

const COLUMNS: &str = "id, task_type, state, message, details, created_at, completed_at";

/// `GET /v1/task/{task_id}`
pub(super) async fn show(
    State(app): State<AppState>,
    Writer(caller): Writer,
    Path(task_id): Path<String>,
) -> Result<Response, Problem> {
    let missing = || not_found(format!("there is no task {task_id:?}"));
    let id = Uuid::parse_str(&task_id)
        .map_err(|_| missing())?
        .to_string();
    let conn = app.store().lock();
    let index_id: Option<String> = conn
        .query_row(
            "SELECT i.id FROM search_task t JOIN search_index i ON i.num = t.index_num
             WHERE t.id = ?1",
            [&id],
            |row| row.get(0),
        )
        .optional()
        .map_err(internal)?;
    let index = authz::index(&conn, &index_id.ok_or_else(missing)?)?;
    authz::require_role(&conn, &index, &caller, WRITERS)?;
    let sql = format!("SELECT {COLUMNS} FROM search_task WHERE id = ?1");
    let document = conn
        .query_row(&sql, [&id], |row| document(row, &index))
        .map_err(internal)?;
    Ok(Json(document).into_response())
}

/// `GET /v1/task_list/{index_id}`: newest first.
pub(super) async fn list(
    State(app): State<AppState>,
    Writer(caller): Writer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let index = authz::index(&conn, &id)?;
    authz::require_role(&conn, &index, &caller, WRITERS)?;
    let sql = format!(
        "SELECT {COLUMNS} FROM search_task WHERE index_num = ?1
         ORDER BY num DESC LIMIT {LIST_LIMIT}"
    );
    let tasks = || -> rusqlite::Result<Vec<Value>> {
        conn.prepare_cached(&sql)?
            .query_map([index.num], |row| document(row, &index))?
            .collect()
    };
    let tasks = tasks().map_err(internal)?;
    Ok(Json(json!({ "index_id": index.id, "tasks": tasks })).into_response())
}
