//! Roles on an index.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};
use uuid::Uuid;

use super::authz::{self, ADMINS, Index, Manager, WRITERS, bad_request, internal, not_found};
use super::json_body::{self, JsonBody};
use super::times;
use crate::app_state::AppState;
use crate::problem::Problem;

struct Role {
    num: i64,
    name: String,
    principal: String,
    created_at: i64,
}

impl Role {
    fn document(&self, index: &Index) -> Value {
        let group = self.principal.starts_with("urn:globus:groups:");
        json!({
            "id": URL_SAFE_NO_PAD.encode(self.num.to_string()),
            "index_id": index.id,
            "role_name": self.name,
            "principal": self.principal,
            "principal_type": if group { "group" } else { "identity" },
            "creation_date": times::with_space(self.created_at),
        })
    }
}

fn all(conn: &Connection, index: &Index) -> rusqlite::Result<Vec<Role>> {
    conn.prepare_cached(
        "SELECT num, role_name, principal, created_at FROM search_role
         WHERE index_num = ?1 ORDER BY num",
    )?
    .query_map([index.num], |row| {
        Ok(Role {
            num: row.get(0)?,
            name: row.get(1)?,
            principal: row.get(2)?,
            created_at: row.get(3)?,
        })
    })?
    .collect()
}

/// The principal of a role: a URN, or an identity's id.
fn principal(text: &str) -> Option<String> {
    if let Ok(id) = Uuid::parse_str(text) {
        return Some(authz::urn(id));
    }
    ["urn:globus:auth:identity:", "urn:globus:groups:id:"]
        .iter()
        .find_map(|prefix| {
            let id = Uuid::parse_str(text.strip_prefix(prefix)?).ok()?;
            Some(format!("{prefix}{id}"))
        })
}

/// `POST /v1/index/{index_id}/role`
pub(super) async fn create(
    State(app): State<AppState>,
    Manager(caller): Manager,
    Path(id): Path<String>,
    JsonBody(asked): JsonBody,
) -> Result<Response, Problem> {
    let name = json_body::text(&asked, "role_name")?;
    if !WRITERS.contains(&name.as_str()) {
        return Err(bad_request(format!(
            "/role_name: there is no role {name:?}"
        )));
    }
    let principal = json_body::text(&asked, "principal")?;
    let principal = self::principal(&principal)
        .ok_or_else(|| bad_request(format!("/principal: {principal:?} is not a principal")))?;
    let conn = app.store().lock();
    let index = authz::open_index(&conn, &id)?;
    // Otherwise an admin could become owner.
    let needed = if name == "owner" {
        &["owner"][..]
    } else {
        ADMINS
    };
    authz::require_role(&conn, &index, &caller, needed)?;
    let now = app.now().as_millisecond();
    let added = conn
        .execute(
            "INSERT OR IGNORE INTO search_role (index_num, role_name, principal, created_at)
             VALUES (?1, ?2, ?3, ?4)",
            params![index.num, name, principal, now],
        )
        .map_err(internal)?;
    if added == 0 {
        return Err(Problem::search(
            StatusCode::CONFLICT,
            "Conflict.RoleExists",
            format!("{principal} has the role {name} already"),
        ));
    }
    let role = Role {
        num: conn.last_insert_rowid(),
        name,
        principal,
        created_at: now,
    };
    Ok(Json(role.document(&index)).into_response())
}

/// `GET /v1/index/{index_id}/role_list`
pub(super) async fn list(
    State(app): State<AppState>,
    Manager(caller): Manager,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let index = authz::index_for(&conn, &id, &caller, ADMINS)?;
    let roles = all(&conn, &index).map_err(internal)?;
    let roles: Vec<Value> = roles.iter().map(|role| role.document(&index)).collect();
    Ok(Json(json!({ "role_list": roles })).into_response())
}

/// `DELETE /v1/index/{index_id}/role/{role_id}`
pub(super) async fn delete(
    State(app): State<AppState>,
    Manager(caller): Manager,
    Path((id, role_id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let num: Option<i64> = URL_SAFE_NO_PAD
        .decode(&role_id)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|text| text.parse().ok());
    let conn = app.store().lock();
    let index = authz::index_for(&conn, &id, &caller, ADMINS)?;
    let deleted = conn
        .query_row(
            "SELECT role_name, principal, created_at FROM search_role
             WHERE num = ?1 AND index_num = ?2",
            params![num, index.num],
            |row| {
                Ok(Role {
                    num: num.unwrap_or_default(),
                    name: row.get(0)?,
                    principal: row.get(1)?,
                    created_at: row.get(2)?,
                })
            },
        )
        .optional()
        .map_err(internal)?
        .ok_or_else(|| not_found(format!("there is no role {role_id:?}")))?;
    if deleted.name == "owner" {
        authz::require_role(&conn, &index, &caller, &["owner"])?;
    }
    conn.execute("DELETE FROM search_role WHERE num = ?1", [deleted.num])
        .map_err(internal)?;
    Ok(Json(json!({ "success": true, "deleted": deleted.document(&index) })).into_response())
}
