//! `/v0.10/endpoint/…/role…`: roles on a collection.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::principals::Principals;
use super::{Role, owners};
use crate::app_state::AppState;
use crate::problem::Problem;
use crate::transfer::collections::{Administered, Collection, Known};
use crate::transfer::request::{Body, Members, Part, Query, bad_request, shortened, wrong_type};
use crate::transfer::respond::{answer, done, not_found};

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v0.10/endpoint/{endpoint_id}/role_list", get(list))
        .route("/v0.10/endpoint/{endpoint_id}/role", post(add))
        .route(
            "/v0.10/endpoint/{endpoint_id}/role/{role_id}",
            get(show).delete(remove),
        )
}

/// A role of an identity or a group.
#[derive(Clone, Debug)]
pub(super) struct RoleAssignment {
    pub(super) id: Uuid,
    pub(super) principal_type: String,
    pub(super) principal: Uuid,
    pub(super) role: Role,
    /// Follows from ownership: it is not stored, and cannot be deleted.
    inherent: bool,
}

impl RoleAssignment {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let role: String = row.get(3)?;
        Ok(Self {
            id: crate::columns::uuid_at(row, 0)?,
            principal_type: row.get(1)?,
            principal: crate::columns::uuid_at(row, 2)?,
            // Only these names are ever written.
            role: Role::from_name(&role).unwrap_or(Role::ActivityMonitor),
            inherent: false,
        })
    }

    fn document(&self) -> Json {
        json!({
            "DATA_TYPE": "role",
            "id": self.id,
            "principal_type": self.principal_type,
            "principal": self.principal,
            "role": self.role.name(),
        })
    }
}

/// All roles on a collection; those from ownership first.
pub(super) fn list_on(
    app: &AppState,
    conn: &Connection,
    collection: &Collection,
) -> rusqlite::Result<Vec<RoleAssignment>> {
    let inherent = owners(app, collection)
        .into_iter()
        .map(|owner| RoleAssignment {
            // Derived, so that the id stays the same without being stored.
            id: Uuid::new_v5(&collection.id, owner.as_bytes()),
            principal_type: "identity".to_owned(),
            principal: owner,
            role: Role::Administrator,
            inherent: true,
        });
    let given = conn
        .prepare_cached(
            "SELECT id, principal_type, principal, role FROM transfer_roles
             WHERE collection_id = ?1 ORDER BY seq",
        )?
        .query_map([collection.id.to_string()], RoleAssignment::read)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(inherent.chain(given).collect())
}

/// The stored roles of an identity and its groups.
pub(super) fn list_held_by(
    conn: &Connection,
    collection: Uuid,
    identity: Uuid,
) -> rusqlite::Result<Vec<Role>> {
    let given = conn
        .prepare_cached(
            "SELECT id, principal_type, principal, role FROM transfer_roles WHERE collection_id = ?1",
        )?
        .query_map([collection.to_string()], RoleAssignment::read)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let principals = Principals::load(conn, identity)?;
    let theirs = given
        .iter()
        .filter(|held| principals.include(&held.principal_type, held.principal));
    Ok(theirs.map(|held| held.role).collect())
}

/// The roles on a collection that are visible to the caller.
fn list_visible_to(app: &AppState, known: &Known) -> Result<Vec<RoleAssignment>, Problem> {
    if known.roles.is_empty() {
        return Err(super::denied(&known.caller, &known.collection));
    }
    Ok(list_on(app, &app.store().lock(), &known.collection)?)
}

async fn list(
    State(app): State<AppState>,
    known: Known,
    query: Query,
) -> Result<Response, Problem> {
    let fields = query.fields();
    let roles: Vec<Json> = list_visible_to(&app, &known)?
        .iter()
        .map(|held| fields.pick(held.document()))
        .collect();
    let list = json!({
        "DATA_TYPE": "role_list",
        "endpoint": known.collection.id,
        "length": roles.len(),
        "DATA": roles,
    });
    Ok(answer(StatusCode::OK, list))
}

async fn show(
    State(app): State<AppState>,
    known: Known,
    Part(id): Part,
    query: Query,
) -> Result<Response, Problem> {
    let roles = list_visible_to(&app, &known)?;
    let held = find(&roles, &id)?;
    Ok(answer(StatusCode::OK, query.fields().pick(held.document())))
}

fn find<'a>(roles: &'a [RoleAssignment], id: &str) -> Result<&'a RoleAssignment, Problem> {
    let found = roles.iter().find(|held| held.id.to_string() == id);
    found.ok_or_else(|| not_found(format!("No such role '{}'", shortened(id))))
}

async fn add(
    State(app): State<AppState>,
    Administered(collection): Administered,
    Body(body): Body,
) -> Result<Response, Problem> {
    let members = Members(&body);
    members.data_type(&["role"])?;
    let principal_type = members.required_text("principal_type")?;
    if !matches!(principal_type, "identity" | "group") {
        return Err(wrong_type("principal_type", "identity or group"));
    }
    let principal = members.required_text("principal")?;
    let principal = Uuid::parse_str(principal).map_err(|_| {
        bad_request(format!(
            "The principal '{}' is not a UUID",
            shortened(principal)
        ))
    })?;
    let role = members.required_text("role")?;
    let role = Role::from_name(role)
        .ok_or_else(|| bad_request(format!("'{}' is not a role", shortened(role))))?;
    let held = RoleAssignment {
        id: Uuid::new_v4(),
        principal_type: principal_type.to_owned(),
        principal,
        role,
        inherent: false,
    };
    let conn = app.store().lock();
    let known = list_on(&app, &conn, &collection)?;
    let same = |other: &RoleAssignment| {
        (&other.principal_type, other.principal, other.role)
            == (&held.principal_type, held.principal, held.role)
    };
    if known.iter().any(same) {
        let message = format!("{principal} is {} already", role.name());
        return Err(Problem::transfer(
            StatusCode::CONFLICT,
            "ClientError.Conflict",
            message,
        ));
    }
    conn.execute(
        "INSERT INTO transfer_roles (id, collection_id, principal_type, principal, role)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            held.id.to_string(),
            collection.id.to_string(),
            held.principal_type,
            held.principal.to_string(),
            role.name()
        ],
    )?;
    Ok(answer(StatusCode::CREATED, held.document()))
}

async fn remove(
    State(app): State<AppState>,
    Administered(collection): Administered,
    Part(id): Part,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let roles = list_on(&app, &conn, &collection)?;
    let held = find(&roles, &id)?;
    // Otherwise a collection could be left without an administrator.
    if held.inherent {
        let message = "The role of the owner cannot be revoked";
        return Err(Problem::transfer(
            StatusCode::CONFLICT,
            "ClientError.Conflict",
            message,
        ));
    }
    conn.query_row(
        "DELETE FROM transfer_roles WHERE id = ?1 RETURNING 1",
        [held.id.to_string()],
        |_| Ok(()),
    )
    .optional()?;
    let message = format!("Role {id} deleted successfully");
    Ok(done("Deleted", &message))
}
