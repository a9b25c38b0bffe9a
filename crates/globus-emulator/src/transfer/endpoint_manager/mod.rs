//! `/v0.10/endpoint_manager/…`: monitoring and managing the tasks of all users on an endpoint.
//!
//! An activity monitor sees these tasks, and an activity manager can also pause and cancel them. A role on
//! a host also counts for its guest collections.

mod admin;
mod endpoints;
mod filters;
mod pause_rule_routes;
mod tasks;

use axum::Router;
use axum::http::StatusCode;
use rusqlite::Connection;
use serde_json::Value as Json;
use uuid::Uuid;

use super::authz::EffectiveRoles;
use super::collections::{self, Collection};
use super::request::{bad_request, shortened};
use super::tasks::Task;
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::problem::Problem;

pub(super) fn router() -> Router<AppState> {
    endpoints::router()
        .merge(tasks::router())
        .merge(admin::router())
        .merge(pause_rule_routes::router())
}

/// The 403 for callers without the required role.
fn denied(message: impl Into<String>) -> Problem {
    Problem::transfer(StatusCode::FORBIDDEN, "PermissionDenied", message)
}

/// The permission that an operation requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ManagerPermission {
    Monitor,
    Manage,
}

impl ManagerPermission {
    fn is_granted_by(self, roles: &EffectiveRoles) -> bool {
        match self {
            Self::Monitor => roles.monitors_activity(),
            Self::Manage => roles.manages_activity(),
        }
    }

    fn role(self) -> &'static str {
        match self {
            Self::Monitor => "activity_monitor",
            Self::Manage => "activity_manager",
        }
    }
}

/// The collection, if the caller has this permission on it or on its host.
fn collection(
    app: &AppState,
    conn: &Connection,
    caller: &Caller,
    endpoint_id: &str,
    permission: ManagerPermission,
) -> Result<Collection, Problem> {
    let collection = collections::existing(conn, endpoint_id)?;
    let roles = EffectiveRoles::load_for_monitor(app, conn, &collection, caller.identity_id)?;
    if permission.is_granted_by(&roles) {
        return Ok(collection);
    }
    Err(denied(format!(
        "{} does not have the {} role on the endpoint '{}'",
        caller.username,
        permission.role(),
        collection.id
    )))
}

/// A side of a task.
struct Side {
    collection: Option<Collection>,
    /// The caller's roles on the collection, and on its host.
    own: EffectiveRoles,
    host: EffectiveRoles,
}

impl Side {
    fn load(
        app: &AppState,
        conn: &Connection,
        caller: &Caller,
        collection: Option<Uuid>,
    ) -> rusqlite::Result<Self> {
        let collection = match collection {
            Some(id) => collections::find(conn, id)?,
            None => None,
        };
        let (mut own, mut host) = (EffectiveRoles::default(), EffectiveRoles::default());
        if let Some(collection) = &collection {
            own = EffectiveRoles::load(app, conn, collection, caller.identity_id)?;
            host = EffectiveRoles::load_for_host(app, conn, collection, caller.identity_id)?;
        }
        Ok(Self {
            collection,
            own,
            host,
        })
    }

    fn allows(&self, permission: ManagerPermission) -> bool {
        permission.is_granted_by(&self.own) || permission.is_granted_by(&self.host)
    }
}

/// A task, with the caller's roles on both sides.
struct ManagedTask {
    task: Task,
    source: Side,
    destination: Side,
}

impl ManagedTask {
    fn load(
        app: &AppState,
        conn: &Connection,
        caller: &Caller,
        task: Task,
    ) -> rusqlite::Result<Self> {
        Ok(Self {
            source: Side::load(app, conn, caller, task.source)?,
            destination: Side::load(app, conn, caller, task.destination)?,
            task,
        })
    }

    fn allows(&self, permission: ManagerPermission) -> bool {
        self.source.allows(permission) || self.destination.allows(permission)
    }
}

/// The task, if the caller has this permission on one of its sides.
fn task(
    app: &AppState,
    conn: &Connection,
    caller: &Caller,
    task_id: &str,
    permission: ManagerPermission,
) -> Result<ManagedTask, Problem> {
    let id = Uuid::parse_str(task_id).map_err(|_| {
        bad_request(format!(
            "The task id '{}' is not a UUID",
            shortened(task_id)
        ))
    })?;
    let task = super::tasks::find(conn, id)?.ok_or_else(|| {
        Problem::transfer(
            StatusCode::NOT_FOUND,
            "ClientError.NotFound",
            format!("No such task '{id}'"),
        )
    })?;
    let managed = ManagedTask::load(app, conn, caller, task)?;
    if managed.allows(permission) {
        return Ok(managed);
    }
    Err(denied(format!(
        "{} does not have the {} role on an endpoint of the task '{id}'",
        caller.username,
        permission.role()
    )))
}

/// Adds members to a document.
fn set(document: &mut Json, members: impl IntoIterator<Item = (String, Json)>) {
    if let Json::Object(document) = document {
        document.extend(members);
    }
}
