//! Indices: create, show, list, update, delete.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::authz::{self, ADMINS, Index, Manager, Reader, bad_request, internal};
use super::json_body::{self, JsonBody};
use super::times;
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::params::Query;
use crate::problem::Problem;

/// Size limit of a trial index. It is reported, but not enforced.
const MAX_SIZE_IN_MB: i64 = 1_024;

fn document(conn: &Connection, index: &Index, roles: Option<&[String]>) -> rusqlite::Result<Value> {
    let mut document = conn
        .prepare_cached(
            "SELECT display_name, description, status, created_at, modified_at
             FROM search_index WHERE num = ?1",
        )?
        .query_row([index.num], |row| {
            let status: String = row.get(2)?;
            let modified_at: Option<i64> = row.get(4)?;
            Ok(json!({
                "@datatype": "GSearchIndex",
                "@version": "2017-09-01",
                "id": index.id,
                "display_name": row.get::<_, String>(0)?,
                "description": row.get::<_, String>(1)?,
                "available": status == "open",
                "status": status,
                "creation_date": times::with_space(row.get(3)?),
                "content_last_modified_date": modified_at.map(times::with_space),
                "is_trial": true,
                "subscription_id": null,
                "max_size_in_mb": MAX_SIZE_IN_MB,
            }))
        })?;
    let (entries, subjects, bytes): (i64, i64, i64) = conn
        .prepare_cached(
            "SELECT count(*), count(DISTINCT subject_num), coalesce(sum(size), 0)
             FROM search_entry WHERE index_num = ?1",
        )?
        .query_row([index.num], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    document["num_entries"] = json!(entries);
    document["num_subjects"] = json!(subjects);
    document["size_in_mb"] = json!(bytes / (1024 * 1024));
    if let Some(roles) = roles {
        document["permissions"] = json!(roles);
    }
    Ok(document)
}

/// `POST /v1/index`
pub(super) async fn create(
    State(app): State<AppState>,
    Manager(caller): Manager,
    JsonBody(asked): JsonBody,
) -> Result<Response, Problem> {
    let display_name = json_body::text(&asked, "display_name")?;
    let description = json_body::text(&asked, "description")?;
    if display_name.trim().is_empty() {
        return Err(bad_request("display_name is empty"));
    }
    let conn = app.store().lock();
    let now = app.now().as_millisecond();
    let id = Uuid::new_v4();
    let created = || -> rusqlite::Result<Value> {
        let transaction = conn.unchecked_transaction()?;
        transaction.execute(
            "INSERT INTO search_index (id, display_name, description, status, created_at)
             VALUES (?1, ?2, ?3, 'open', ?4)",
            params![id.to_string(), display_name, description, now],
        )?;
        let index = authz::index_of(&transaction, transaction.last_insert_rowid())?;
        transaction.execute(
            "INSERT INTO search_role (index_num, role_name, principal, created_at)
             VALUES (?1, 'owner', ?2, ?3)",
            params![index.num, authz::urn(caller.identity_id), now],
        )?;
        let document = document(&transaction, &index, None)?;
        transaction.commit()?;
        Ok(document)
    };
    Ok(Json(created().map_err(internal)?).into_response())
}

/// `GET /v1/index/{index_id}`: not restricted, since the name of an index is public.
pub(super) async fn show(
    State(app): State<AppState>,
    Reader(caller): Reader,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let index = authz::index(&conn, &id)?;
    let roles = match &caller {
        Some(caller) => authz::roles(&conn, index.num, caller.identity_id).map_err(internal)?,
        None => Vec::new(),
    };
    let document = document(&conn, &index, Some(&roles)).map_err(internal)?;
    Ok(Json(document).into_response())
}

/// `GET /v1/index_list`: the indices on which the caller has a role.
pub(super) async fn list(
    State(app): State<AppState>,
    Manager(caller): Manager,
    query: Query,
) -> Result<Response, Problem> {
    let wanted: Vec<&str> = query
        .filled("filter_roles")
        .map(|roles| roles.split(',').map(str::trim).collect())
        .unwrap_or_default();
    if let Some(wrong) = wanted.iter().find(|role| !authz::WRITERS.contains(role)) {
        return Err(bad_request(format!(
            "filter_roles: there is no role {wrong:?}"
        )));
    }
    let conn = app.store().lock();
    let documents = || -> rusqlite::Result<Vec<Value>> {
        let principals = authz::person(&conn, caller.identity_id)?;
        let indices: Vec<Index> = conn
            .prepare_cached(
                "SELECT DISTINCT i.num
                 FROM search_index i JOIN search_role r ON r.index_num = i.num
                 WHERE r.principal IN (SELECT value FROM json_each(?1)) ORDER BY i.num",
            )?
            .query_map([json!(principals).to_string()], |row| row.get(0))?
            .map(|num| authz::index_of(&conn, num?))
            .collect::<Result<_, _>>()?;
        let mut documents = Vec::new();
        for index in indices {
            let roles = authz::roles(&conn, index.num, caller.identity_id)?;
            if wanted.is_empty() || roles.iter().any(|role| wanted.contains(&role.as_str())) {
                documents.push(document(&conn, &index, Some(&roles))?);
            }
        }
        Ok(documents)
    };
    Ok(Json(json!({ "index_list": documents().map_err(internal)? })).into_response())
}

/// `PATCH /v1/index/{index_id}`
pub(super) async fn update(
    State(app): State<AppState>,
    Manager(caller): Manager,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody,
) -> Result<Response, Problem> {
    let change = |name: &str| match asked.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => json_body::text(&asked, name).map(Some),
    };
    let (display_name, description) = (change("display_name")?, change("description")?);
    let conn = app.store().lock();
    let index = authz::index_for(&conn, &id, &caller, ADMINS)?;
    conn.execute(
        "UPDATE search_index SET display_name = coalesce(?2, display_name),
                                 description = coalesce(?3, description) WHERE num = ?1",
        params![index.num, display_name, description],
    )
    .map_err(internal)?;
    Ok(Json(document(&conn, &index, None).map_err(internal)?).into_response())
}

/// `DELETE /v1/index/{index_id}`: marks the index for deletion; it can be reopened.
pub(super) async fn delete(
    State(app): State<AppState>,
    Manager(caller): Manager,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    set_status(&app, &caller, &id, "open", "delete_pending")
}

/// `POST /v1/index/{index_id}/reopen`
pub(super) async fn reopen(
    State(app): State<AppState>,
    Manager(caller): Manager,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    set_status(&app, &caller, &id, "delete_pending", "open")
}

fn set_status(
    app: &AppState,
    caller: &Caller,
    id: &str,
    from: &str,
    to: &str,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let index = authz::index(&conn, id)?;
    authz::require_role(&conn, &index, caller, &["owner"])?;
    let changed = conn
        .execute(
            "UPDATE search_index SET status = ?3 WHERE num = ?1 AND status = ?2",
            params![index.num, from, to],
        )
        .map_err(internal)?;
    if changed == 0 {
        return Err(Problem::search(
            StatusCode::CONFLICT,
            "Conflict.IncompatibleIndexStatus",
            format!("Index status ({to}) did not match required status for this operation: {from}"),
        ));
    }
    Ok(Json(json!({ "index_id": index.id, "acknowledged": true })).into_response())
}
