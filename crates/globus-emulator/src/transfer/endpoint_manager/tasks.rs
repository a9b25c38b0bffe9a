//! Tasks of all users on monitored endpoints.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rusqlite::Connection;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::filters::Filters;
use super::{
    ManagedTask, ManagerPermission, Side, collection, denied, pause_rule_routes, set, task,
};
use crate::app_state::AppState;
use crate::auth::{Caller, identities};
use crate::problem::Problem;
use crate::transfer::collections;
use crate::transfer::names::legacy_username;
use crate::transfer::pause_rules;
use crate::transfer::request::{Query, Target, User, bad_request};
use crate::transfer::respond::answer;
use crate::transfer::tasks::{self, Task, events, lists, routes};

/// The default and maximum page size.
const PAGE: usize = 1_000;

pub(super) fn router() -> Router<AppState> {
    let task = "/v0.10/endpoint_manager/task/{task_id}";
    Router::new()
        .route("/v0.10/endpoint_manager/task_list", get(list))
        .route(task, get(show))
        .route(&format!("{task}/event_list"), get(event_list))
        .route(&format!("{task}/pause_info"), get(pause_info))
        .route(
            &format!("{task}/successful_transfers"),
            get(successful_transfers),
        )
        .route(&format!("{task}/skipped_errors"), get(skipped_errors))
}

async fn list(
    State(app): State<AppState>,
    User(caller): User,
    query: Query,
) -> Result<Response, Problem> {
    let filters = Filters::parse(&query)?;
    let limit = query.page(PAGE, PAGE)?.limit;
    let fields = query.fields();
    let before = match query.filled("last_key") {
        None => None,
        Some(key) => Some(
            key.parse::<i64>()
                .map_err(|_| bad_request("'last_key' is not one this list has given out"))?,
        ),
    };
    let conn = app.store().lock();
    if let Some(owner) = filters.owner
        && identities::by_id(&conn, owner)?.is_none()
    {
        let message = format!("No such user '{owner}'");
        return Err(Problem::transfer(
            StatusCode::NOT_FOUND,
            "UserNotFound",
            message,
        ));
    }
    let mut page: Vec<ManagedTask> = Vec::new();
    let mut more = false;
    for task in candidates(&app, &conn, &caller, &filters)? {
        if before.is_some_and(|before| task.seq >= before) || !filters.accept(&task) {
            continue;
        }
        let managed = ManagedTask::load(&app, &conn, &caller, task)?;
        if !managed.allows(ManagerPermission::Monitor) {
            continue;
        }
        // One more than the page holds is looked for, to know whether there is a next page.
        if page.len() == limit {
            more = true;
            break;
        }
        page.push(managed);
    }
    let last_key = page.last().map(|managed| managed.task.seq.to_string());
    let now = app.now();
    let documents: Vec<Json> = page
        .iter()
        .map(|managed| fields.pick(managed.document(now)))
        .collect();
    let list = json!({
        "DATA_TYPE": "task_list",
        "limit": limit,
        "last_key": last_key,
        "has_next_page": more,
        "DATA": documents,
    });
    Ok(answer(StatusCode::OK, list))
}

/// The tasks on the relevant collections, newest first and without duplicates.
fn candidates(
    app: &AppState,
    conn: &Connection,
    caller: &Caller,
    filters: &Filters,
) -> Result<Vec<Task>, Problem> {
    if let Some(ids) = &filters.task_ids {
        let mut found = Vec::new();
        for id in ids {
            let Some(task) = tasks::find(conn, *id)? else {
                return Err(denied(format!(
                    "The task '{id}' is on no endpoint that you monitor"
                )));
            };
            let managed = ManagedTask::load(app, conn, caller, task)?;
            if !managed.allows(ManagerPermission::Monitor) {
                return Err(denied(format!(
                    "The task '{id}' is on no endpoint that you monitor"
                )));
            }
            found.push(managed.task);
        }
        found.sort_by_key(|task| std::cmp::Reverse(task.seq));
        found.dedup_by_key(|task| task.seq);
        return Ok(found);
    }
    // Without an endpoint, the filters only allow unfinished tasks, of which there are few.
    let Some(endpoint) = filters.endpoint else {
        return Ok(tasks::list_active(conn)?);
    };
    let endpoint = collection(
        app,
        conn,
        caller,
        &endpoint.to_string(),
        ManagerPermission::Monitor,
    )?;
    let mut ids = vec![endpoint.id];
    ids.extend(
        collections::guests_on(conn, endpoint.id)?
            .iter()
            .map(|guest| guest.id),
    );
    let mut found = Vec::new();
    for id in &ids {
        found.extend(tasks::list_by_collection(conn, *id)?);
    }
    found.retain(|task| filters.uses_side(task, &ids));
    found.sort_by_key(|task| std::cmp::Reverse(task.seq));
    found.dedup_by_key(|task| task.seq);
    Ok(found)
}

async fn show(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let managed = task(
        &app,
        &app.store().lock(),
        &caller,
        &id,
        ManagerPermission::Monitor,
    )?;
    let document = managed.document(app.now());
    Ok(answer(StatusCode::OK, query.fields().pick(document)))
}

async fn event_list(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let errors = query.flag("filter_is_error")?;
    let conn = app.store().lock();
    let managed = task(&app, &conn, &caller, &id, ManagerPermission::Monitor)?;
    let mut events = events::list(&conn, managed.task.id)?;
    events.retain(|event| errors.is_none_or(|errors| errors == event.is_error));
    routes::events_of(events, &query)
}

async fn pause_info(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let managed = task(&app, &conn, &caller, &id, ManagerPermission::Monitor)?;
    let mut rules = Vec::new();
    for rule in pause_rules::list_pausing(&conn, &managed.task, app.now())? {
        rules.push(pause_rule_routes::document(&app, &conn, &caller, &rule)?);
    }
    let document = pause_rules::info(&conn, &managed.task, "pause_info", rules)?;
    Ok(answer(StatusCode::OK, query.fields().pick(document)))
}

async fn successful_transfers(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let managed = task(&app, &conn, &caller, &id, ManagerPermission::Monitor)?;
    let marker = routes::marker(&query)?;
    let mut page = lists::successes(&conn, managed.task.id, marker, &query.fields())?;
    managed.hide_paths(&mut page);
    Ok(answer(StatusCode::OK, page))
}

async fn skipped_errors(
    State(app): State<AppState>,
    User(caller): User,
    Target(id): Target,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let managed = task(&app, &conn, &caller, &id, ManagerPermission::Monitor)?;
    let marker = routes::marker(&query)?;
    let mut page = lists::skipped_errors(&conn, managed.task.id, marker, &query.fields())?;
    managed.hide_paths(&mut page);
    Ok(answer(StatusCode::OK, page))
}

impl ManagedTask {
    fn sides(&self) -> [(&'static str, Option<Uuid>, &Side); 2] {
        [
            ("source", self.task.source, &self.source),
            ("destination", self.task.destination, &self.destination),
        ]
    }

    /// The document, without details of the side that the caller does not monitor.
    fn document(&self, now: jiff::Timestamp) -> Json {
        let mut document = self.task.document(now);
        set(
            &mut document,
            [("owner_string".to_owned(), json!(self.task.owner_string))],
        );
        for (name, id, side) in self.sides() {
            set(&mut document, side.host(name));
            // A manager of one side sees that there is another side, but nothing about its storage.
            if id.is_some() && !side.allows(ManagerPermission::Monitor) {
                let blank = [
                    ("local_user", Json::Null),
                    ("local_user_status", json!("NO_PERMISSION")),
                    ("base_path", Json::Null),
                ];
                set(
                    &mut document,
                    blank.map(|(field, value)| (format!("{name}_{field}"), value)),
                );
            }
        }
        document
    }

    /// Removes the paths of the other side from a list.
    fn hide_paths(&self, page: &mut Json) {
        let documents = page.get_mut("DATA").and_then(Json::as_array_mut);
        for document in documents.into_iter().flatten() {
            for (name, _, side) in self.sides() {
                let path = document.get_mut(format!("{name}_path"));
                if let (false, Some(path)) = (side.allows(ManagerPermission::Monitor), path) {
                    *path = Json::Null;
                }
            }
        }
    }
}

impl Side {
    /// The fields about the host of a guest collection, for those who monitor it.
    fn host(&self, name: &str) -> Vec<(String, Json)> {
        let collection = self
            .collection
            .as_ref()
            .filter(|_| self.allows(ManagerPermission::Monitor));
        let host = collection.and_then(|collection| collection.host.as_ref());
        let canonical_name = host.and_then(|host| {
            let owner = legacy_username(host.owner?);
            Some(format!("{owner}#{}", host.id))
        });
        [
            ("host_endpoint", json!(canonical_name)),
            ("host_endpoint_id", json!(host.map(|host| host.id))),
            (
                "host_endpoint_display_name",
                json!(host.and_then(|host| host.display_name.as_ref())),
            ),
            ("host_path", json!(host.map(|host| &host.path))),
            // Only on Globus Connect Server 5.
            ("mapped_collection_id", Json::Null),
            ("mapped_collection_display_name", Json::Null),
        ]
        .map(|(field, value)| (format!("{name}_{field}"), value))
        .into()
    }
}
