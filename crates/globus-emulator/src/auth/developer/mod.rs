//! What developers manage: projects, and their clients, scopes and policies.

pub(super) mod clients;
pub(super) mod credentials;
pub(super) mod policies;
pub(super) mod projects;
pub(super) mod scopes;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::{delete, get, post};
use rusqlite::Connection;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Caller, identities};
use crate::app_state::AppState;
use crate::groups;
use crate::problem::Problem;
use crate::service::Service;

/// The scope required for all of these operations.
const MANAGE_PROJECTS: &str = "urn:globus:auth:scope:auth.globus.org:manage_projects";

pub(super) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    projects::migrate(conn)?;
    policies::migrate(conn)?;
    scopes::migrate(conn)
}

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/v2/api/projects",
            get(projects::list).post(projects::create),
        )
        .route(
            "/v2/api/projects/{id}",
            get(projects::show)
                .put(projects::update)
                .delete(projects::delete),
        )
        .route(
            "/v2/api/policies",
            get(policies::list).post(policies::create),
        )
        .route(
            "/v2/api/policies/{id}",
            get(policies::show)
                .put(policies::update)
                .delete(policies::delete),
        )
        .route("/v2/api/clients", get(clients::list).post(clients::create))
        .route(
            "/v2/api/clients/{id}",
            get(clients::show)
                .put(clients::update)
                .delete(clients::delete),
        )
        .route(
            "/v2/api/clients/{id}/credentials",
            get(credentials::list).post(credentials::create),
        )
        .route(
            "/v2/api/clients/{id}/credentials/{credential}",
            delete(credentials::delete),
        )
        .route("/v2/api/clients/{id}/fqdns", post(clients::add_fqdn))
        .route("/v2/api/clients/{id}/scopes", post(scopes::create))
        .route("/v2/api/scopes", get(scopes::list))
        .route(
            "/v2/api/scopes/{id}",
            get(scopes::show).put(scopes::update).delete(scopes::delete),
        )
}

fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(Service::Auth, error)
}

fn bad_request(message: impl Into<String>) -> Problem {
    Problem::auth(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

fn conflict(message: impl Into<String>) -> Problem {
    Problem::auth(StatusCode::CONFLICT, "CONFLICT", message)
}

fn not_found(what: &str, id: Uuid) -> Problem {
    let message = format!("there is no {what} {id}");
    Problem::auth(StatusCode::NOT_FOUND, "NOT_FOUND", message)
}

fn forbidden(message: impl Into<String>) -> Problem {
    Problem::forbidden(Service::Auth, message)
}

/// A caller whose token may manage projects.
pub(super) struct Developer(Caller);

impl FromRequestParts<AppState> for Developer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let caller = super::caller(app, &parts.headers, Service::Auth)?;
        if caller.has_scope(MANAGE_PROJECTS) {
            Ok(Self(caller))
        } else {
            Err(forbidden(format!(
                "the scope {MANAGE_PROJECTS} is required"
            )))
        }
    }
}

impl Developer {
    /// Whether an identity of the caller is among `identities`, or is a member of one of `groups`.
    fn is_among(
        &self,
        conn: &Connection,
        admins: &[Uuid],
        admin_groups: &[Uuid],
    ) -> rusqlite::Result<bool> {
        let set = identities::set_of(conn, self.0.identity_id)?;
        // Any linked identity counts, since tokens are always issued for the primary one.
        if set.iter().any(|one| admins.contains(&one.id)) {
            return Ok(true);
        }
        let groups = groups::memberships(conn, self.0.identity_id)?;
        Ok(groups.iter().any(|id| admin_groups.contains(id)))
    }
}

/// The id in the request path.
pub(super) struct Target(Uuid);

impl FromRequestParts<AppState> for Target {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let wrong = || bad_request("the id in the path is not a UUID");
        let Path(ids) = Path::<Vec<(String, String)>>::from_request_parts(parts, app)
            .await
            .map_err(|_| wrong())?;
        let first = ids.first().and_then(|(_, id)| Uuid::parse_str(id).ok());
        first.map(Self).ok_or_else(wrong)
    }
}

/// A JSON object in the body.
pub(super) struct Body(Map<String, Value>);

impl FromRequest<AppState> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|_| bad_request("the body cannot be read"))?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(bad_request("the body is not an object")),
            Err(error) => Err(bad_request(format!("the body is not JSON: {error}"))),
        }
    }
}

impl Body {
    /// The document, which is wrapped in a member named after its type.
    fn document(&self, name: &'static str) -> Result<Fields<'_>, Problem> {
        let members = self.0.get(name).and_then(Value::as_object);
        let members = members.ok_or_else(|| bad_request(format!("{name:?} must be an object")))?;
        Ok(Fields { name, members })
    }
}

/// Reads the members of a document one by one. Absent ones are `None`.
pub(super) struct Fields<'a> {
    name: &'static str,
    members: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    fn wrong(&self, member: &str, expected: &str) -> Problem {
        bad_request(format!("{}.{member} must be {expected}", self.name))
    }

    fn get(&self, member: &str) -> Option<&'a Value> {
        self.members.get(member)
    }

    /// A text that is not empty.
    fn text(&self, member: &str) -> Result<Option<&'a str>, Problem> {
        match self.get(member) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(_) => Err(self.wrong(member, "a text that is not empty")),
        }
    }

    fn required_text(&self, member: &str) -> Result<&'a str, Problem> {
        self.text(member)?
            .ok_or_else(|| bad_request(format!("{}.{member} is required", self.name)))
    }

    fn flag(&self, member: &str) -> Result<Option<bool>, Problem> {
        match self.get(member) {
            None => Ok(None),
            Some(Value::Bool(yes)) => Ok(Some(*yes)),
            Some(_) => Err(self.wrong(member, "true or false")),
        }
    }

    fn id(&self, member: &str) -> Result<Option<Uuid>, Problem> {
        match self.text(member)? {
            None => Ok(None),
            Some(text) => match Uuid::parse_str(text) {
                Ok(id) => Ok(Some(id)),
                Err(_) => Err(self.wrong(member, "a UUID")),
            },
        }
    }

    fn ids(&self, member: &str) -> Result<Option<Vec<Uuid>>, Problem> {
        match self.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(list) => serde_json::from_value(list.clone())
                .map(Some)
                .map_err(|_| self.wrong(member, "a list of UUIDs")),
        }
    }

    fn texts(&self, member: &str) -> Result<Option<Vec<String>>, Problem> {
        match self.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(list) => serde_json::from_value(list.clone())
                .map(Some)
                .map_err(|_| self.wrong(member, "a list of texts")),
        }
    }
}
