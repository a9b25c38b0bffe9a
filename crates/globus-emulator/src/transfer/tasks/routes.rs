//! `/v0.10/task…`: get, list, update, cancel, and the lists of a task.

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::events::Event;
use super::task_document::Listed;
use super::{Ending, Status, Task, events, lists};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::transfer::filter::{Filter, Record};
use crate::transfer::orderby::OrderBy;
use crate::transfer::pause_rules;
use crate::transfer::request::{Body, Members, Query, Target, User, bad_request, shortened};
use crate::transfer::respond::{answer, done};
use crate::transfer::submit;

/// The default and maximum page size of tasks and events.
const PAGE: usize = 1_000;

pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/task_list", get(list))
        .route("/v0.10/task/{task_id}", get(show).put(update))
        .route("/v0.10/task/{task_id}/cancel", post(cancel))
        .route("/v0.10/task/{task_id}/remove", post(remove))
        .route("/v0.10/task/{task_id}/event_list", get(event_list))
        .route(
            "/v0.10/task/{task_id}/successful_transfers",
            get(successful_transfers),
        )
        .route("/v0.10/task/{task_id}/skipped_errors", get(skipped_errors))
        .route("/v0.10/task/{task_id}/pause_info", get(pause_info))
}

/// The task of the path. Tasks of others do not exist for the caller.
struct OwnTask(Task);

impl FromRequestParts<AppState> for OwnTask {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let User(caller) = User::from_request_parts(parts, app).await?;
        let Target(id) = Target::from_request_parts(parts, app).await?;
        own(app, &caller, &id).map(Self)
    }
}

fn own(app: &AppState, caller: &Caller, task_id: &str) -> Result<Task, Problem> {
    let id = Uuid::parse_str(task_id).map_err(|_| {
        bad_request(format!(
            "The task id '{}' is not a UUID",
            shortened(task_id)
        ))
    })?;
    super::find(&app.store().lock(), id)?
        .filter(|task| task.owner == caller.identity_id)
        .ok_or_else(|| {
            Problem::transfer(
                StatusCode::NOT_FOUND,
                "ClientError.NotFound",
                format!("No such task '{id}'"),
            )
        })
}

async fn show(
    State(app): State<AppState>,
    OwnTask(task): OwnTask,
    query: Query,
) -> Result<Response, Problem> {
    Ok(answer(
        StatusCode::OK,
        query.fields().pick(task.document(app.now())),
    ))
}

async fn list(
    State(app): State<AppState>,
    User(caller): User,
    query: Query,
) -> Result<Response, Problem> {
    let tasks = super::list_by_owner(&app.store().lock(), caller.identity_id)?;
    let now = app.now();
    let records = tasks
        .into_iter()
        .map(|task| Listed::new(task, now))
        .collect();
    list_of("task_list", records, &query, Listed::document)
}

async fn event_list(
    State(app): State<AppState>,
    OwnTask(task): OwnTask,
    query: Query,
) -> Result<Response, Problem> {
    let events = events::list(&app.store().lock(), task.id)?;
    events_of(events, &query)
}

/// The event list of a task.
pub(in crate::transfer) fn events_of(
    events: Vec<Event>,
    query: &Query,
) -> Result<Response, Problem> {
    list_of("event_list", events, query, |event: Event| event.document())
}

/// Filters, sorts and pages a list.
fn list_of<R: Record>(
    data_type: &str,
    mut records: Vec<R>,
    query: &Query,
    document: impl Fn(R) -> Json,
) -> Result<Response, Problem> {
    let filter = Filter::parse::<R>(&query.all("filter"))?;
    let page = query.page(PAGE, PAGE)?;
    // Filtered in memory: the filter syntax has no simple translation to SQL, and a test has few tasks.
    records.retain(|record| filter.accepts(record));
    if let Some(order) = query.filled("orderby") {
        OrderBy::parse::<R>(order)?.sort(&mut records);
    }
    let fields = query.fields();
    let total = records.len();
    let shown: Vec<Json> = records
        .into_iter()
        .skip(page.offset)
        .take(page.limit)
        .map(|record| fields.pick(document(record)))
        .collect();
    let list = json!({
        "DATA_TYPE": data_type,
        "length": shown.len(),
        "limit": page.limit,
        "offset": page.offset,
        "total": total,
        "DATA": shown,
    });
    Ok(answer(StatusCode::OK, list))
}

async fn update(
    State(app): State<AppState>,
    OwnTask(task): OwnTask,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["task"])?;
    let label = submit::label(&members)?;
    let deadline = submit::deadline(&members)?;
    // The label of a finished task can still be changed, its deadline cannot.
    if deadline.is_some() && task.status != Status::Active {
        let message = "The deadline of a task that is complete cannot be changed";
        return Err(Problem::transfer(
            StatusCode::CONFLICT,
            "ClientError.Conflict",
            message,
        ));
    }
    let conn = app.store().lock();
    if body.contains_key("label") {
        conn.execute(
            "UPDATE transfer_tasks SET label = ?2 WHERE id = ?1",
            (task.id.to_string(), label),
        )?;
    }
    if let Some(deadline) = deadline {
        conn.execute(
            "UPDATE transfer_tasks SET deadline = ?2, default_deadline = 0 WHERE id = ?1",
            (task.id.to_string(), deadline.as_microsecond()),
        )?;
    }
    Ok(done("Updated", "The task has been updated successfully"))
}

async fn cancel(State(app): State<AppState>, OwnTask(task): OwnTask) -> Result<Response, Problem> {
    let now = app.now();
    let canceled = {
        let mut conn = app.store().lock();
        let transaction = conn.transaction()?;
        let canceled = super::finish(&transaction, task.id, &Ending::Canceled, now)?;
        transaction.commit()?;
        canceled
    };
    let (code, message) = if canceled {
        ("Canceled", "The task has been cancelled successfully.")
    } else {
        (
            "TaskComplete",
            "The task completed before the cancel request was processed.",
        )
    };
    Ok(done(code, message))
}

/// Removes a finished task from the history, with its lists.
async fn remove(State(app): State<AppState>, OwnTask(task): OwnTask) -> Result<Response, Problem> {
    let mut conn = app.store().lock();
    let transaction = conn.transaction()?;
    // Checked again in the transaction, since the task may be running by now.
    let removed = super::remove(&transaction, task.id)?;
    transaction.commit()?;
    if removed {
        return Ok(done("Removed", "The task has been removed successfully"));
    }
    Err(Problem::transfer(
        StatusCode::CONFLICT,
        "ClientError.Conflict",
        "A task that is not complete cannot be removed; cancel it first",
    ))
}

async fn successful_transfers(
    State(app): State<AppState>,
    OwnTask(task): OwnTask,
    query: Query,
) -> Result<Response, Problem> {
    let page = lists::successes(
        &app.store().lock(),
        task.id,
        marker(&query)?,
        &query.fields(),
    )?;
    Ok(answer(StatusCode::OK, page))
}

async fn skipped_errors(
    State(app): State<AppState>,
    OwnTask(task): OwnTask,
    query: Query,
) -> Result<Response, Problem> {
    let page = lists::skipped_errors(
        &app.store().lock(),
        task.id,
        marker(&query)?,
        &query.fields(),
    )?;
    Ok(answer(StatusCode::OK, page))
}

pub(in crate::transfer) fn marker(query: &Query) -> Result<i64, Problem> {
    let marker = query.number("marker")?.unwrap_or(0);
    i64::try_from(marker).map_err(|_| bad_request("'marker' is not one this list has given out"))
}

async fn pause_info(
    State(app): State<AppState>,
    OwnTask(task): OwnTask,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let rules = pause_rules::list_pausing(&conn, &task, app.now())?;
    let rules = rules
        .iter()
        .map(|rule| rule.limited(&conn))
        .collect::<rusqlite::Result<_>>()?;
    let document = pause_rules::info(&conn, &task, "pause_info_limited", rules)?;
    Ok(answer(StatusCode::OK, query.fields().pick(document)))
}
