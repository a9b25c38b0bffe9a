//! Callers, their permissions, and the parsing of requests.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::store::{self, Group, Membership, Role};
use crate::app_state::AppState;
use crate::auth::requirements::Requirements;
use crate::auth::{self, Caller, identities};
use crate::problem::Problem;
use crate::service::Service;

const SCOPE_PREFIX: &str = "urn:globus:auth:scope:groups.api.globus.org:";

pub(super) fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(Service::Groups, error)
}

pub(super) fn bad_request(code: &str, message: impl Into<String>) -> Problem {
    Problem::for_service(Service::Groups, StatusCode::BAD_REQUEST, code, message)
}

pub(super) fn forbidden(message: impl Into<String>) -> Problem {
    Problem::forbidden(Service::Groups, message)
}

fn not_found() -> Problem {
    let message = "There is no group with this id";
    Problem::for_service(
        Service::Groups,
        StatusCode::NOT_FOUND,
        "GROUP_NOT_FOUND",
        message,
    )
}

/// The 422 that names the location of a validation error.
pub(super) fn invalid(place: &[Value], message: &str) -> Problem {
    let detail = json!([{ "loc": place, "msg": message, "type": "value_error" }]);
    Problem::for_service(
        Service::Groups,
        StatusCode::UNPROCESSABLE_ENTITY,
        "",
        message,
    )
    .with("detail", detail)
}

/// The same for a member of the body.
pub(super) fn invalid_member(name: &str, message: &str) -> Problem {
    invalid(&[json!("body"), json!(name)], message)
}

/// A caller with a token, and all of their identities, the token's identity first.
pub(super) struct Reader {
    pub(super) caller: Caller,
    pub(super) identities: Vec<Uuid>,
}

/// A caller whose token allows changes.
pub(super) struct Writer(pub(super) Reader);

fn reader(app: &AppState, parts: &Parts, scopes: &[&str]) -> Result<Reader, Problem> {
    let caller = auth::caller(app, &parts.headers, Service::Groups)?;
    let has = |name: &&str| caller.has_scope(&format!("{SCOPE_PREFIX}{name}"));
    if !scopes.iter().any(has) {
        let provided: Vec<&str> = caller
            .granted
            .iter()
            .map(|one| one.scope.as_str())
            .collect();
        let message = format!("The call needs one of the scopes {}", scopes.join(", "));
        let status = StatusCode::FORBIDDEN;
        let problem = Problem::for_service(Service::Groups, status, "INSUFFICIENT_SCOPE", message);
        return Err(problem.with("provided_scopes", provided));
    }
    let set = identities::set_of(&app.store().lock(), caller.identity_id).map_err(internal)?;
    let others = set.into_iter().map(|one| one.id);
    // Usually the order of the set, but tokens of the seed may be for any identity of a person.
    let others = others.filter(|id| *id != caller.identity_id);
    Ok(Reader {
        identities: std::iter::once(caller.identity_id).chain(others).collect(),
        caller,
    })
}

impl FromRequestParts<AppState> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        reader(app, parts, &["all", "view_my_groups_and_memberships"])
    }
}

impl FromRequestParts<AppState> for Writer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        reader(app, parts, &["all"]).map(Self)
    }
}

/// The id in the request path.
pub(super) struct Target(pub(super) Uuid);

impl FromRequestParts<AppState> for Target {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Problem> {
        let wrong = || {
            invalid(
                &[json!("path"), json!("group_id")],
                "value is not a valid uuid",
            )
        };
        let Path(text) = Path::<String>::from_request_parts(parts, app)
            .await
            .map_err(|_| wrong())?;
        Uuid::parse_str(&text).map(Self).map_err(|_| wrong())
    }
}

/// A JSON object in the body.
pub(super) struct Body(pub(super) Map<String, Value>);

impl FromRequest<AppState> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|_| invalid(&[json!("body")], "the body cannot be read"))?;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(invalid(&[json!("body")], "value is not a valid dict")),
            Err(_) => Err(invalid(&[json!("body")], "the body is not JSON")),
        }
    }
}

/// Reads the members of a body one by one.
pub(super) struct Members<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Members<'a> {
    /// A string: `None` if absent, `Some(None)` if null.
    pub(super) fn text(&self, name: &str) -> Result<Option<Option<&'a str>>, Problem> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(None)),
            Some(Value::String(text)) => Ok(Some(Some(text))),
            Some(_) => Err(invalid_member(name, "str type expected")),
        }
    }

    /// An id, as for [`text`](Self::text).
    pub(super) fn id(&self, name: &str) -> Result<Option<Option<Uuid>>, Problem> {
        let parse = |text: &str| {
            Uuid::parse_str(text).map_err(|_| invalid_member(name, "value is not a valid uuid"))
        };
        match self.text(name)? {
            None => Ok(None),
            Some(text) => Ok(Some(text.map(parse).transpose()?)),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(yes)) => Ok(Some(*yes)),
            Some(_) => Err(invalid_member(
                name,
                "value could not be parsed to a boolean",
            )),
        }
    }

    /// A string that is not blank.
    pub(super) fn name(&self, name: &str) -> Result<Option<&'a str>, Problem> {
        match self.text(name)? {
            None => Ok(None),
            Some(Some(text)) if !text.trim().is_empty() => Ok(Some(text)),
            Some(_) => Err(invalid_member(name, "must not be empty")),
        }
    }
}

/// A group, and the caller's memberships in it.
pub(super) struct VisibleGroup {
    pub(super) group: Group,
    /// The memberships of the caller's identities, including derived ones.
    pub(super) own: Vec<Membership>,
}

impl VisibleGroup {
    /// The strongest role of the caller; `None` without an active membership.
    pub(super) fn role(&self) -> Option<Role> {
        let active = self.own.iter().filter(|one| one.is("active"));
        active.map(|one| one.role).max()
    }
}

impl Reader {
    /// The memberships of the caller in a group.
    pub(super) fn own(&self, conn: &Connection, group: Uuid) -> rusqlite::Result<Vec<Membership>> {
        let all = store::members(conn, group)?;
        let own = all.into_iter();
        Ok(own
            .filter(|one| self.identities.contains(&one.identity))
            .collect())
    }

    /// The group with this id, if it is visible to the caller. Its existence is not secret: the Globus CLI
    /// expects 403 and not 404 for an invisible group.
    pub(super) fn load_visible(
        &self,
        conn: &Connection,
        id: Uuid,
    ) -> Result<VisibleGroup, Problem> {
        let group = store::group(conn, id).map_err(internal)?;
        let group = group.ok_or_else(not_found)?;
        let own = self.own(conn, id).map_err(internal)?;
        let among = |status: &str| own.iter().any(|one| one.is(status));
        let visible = group.policies.group_visibility == "authenticated"
            || ["active", "invited", "pending"].into_iter().any(among);
        if visible {
            Ok(VisibleGroup { group, own })
        } else {
            Err(forbidden("The caller may not see the group"))
        }
    }

    /// Like [`load_visible`](Self::load_visible), for access to the group's contents: a high-assurance
    /// group requires a recent login.
    pub(super) fn load_accessible(
        &self,
        app: &AppState,
        conn: &Connection,
        id: Uuid,
    ) -> Result<VisibleGroup, Problem> {
        let visible = self.load_visible(conn, id)?;
        let policies = &visible.group.policies;
        if !policies.is_high_assurance {
            return Ok(visible);
        }
        let asked = Requirements {
            timeout: Some(policies.timeout()),
            ..Requirements::default()
        };
        let unmet = asked
            .unmet(conn, app.now(), &self.caller.session)
            .map_err(internal)?;
        if unmet.is_empty() {
            return Ok(visible);
        }
        let message = "The group requires a more recent login";
        let mut parameters = unmet.parameters(self.caller.identity_id, message);
        // Groups documents no `prompt`: an identity that is named has to log in anyway.
        if let Value::Object(parameters) = &mut parameters {
            parameters.remove("prompt");
        }
        let status = StatusCode::UNAUTHORIZED;
        let problem =
            Problem::for_service(Service::Groups, status, "AUTHENTICATION_REQUIRED", message);
        Err(problem.with("authorization_parameters", parameters))
    }

    /// Like [`load_accessible`](Self::load_accessible), if the caller has at least this role.
    pub(super) fn load_with_role(
        &self,
        app: &AppState,
        conn: &Connection,
        id: Uuid,
        role: Role,
    ) -> Result<VisibleGroup, Problem> {
        let visible = self.load_accessible(app, conn, id)?;
        if visible.role() >= Some(role) {
            return Ok(visible);
        }
        let message = format!(
            "{} needs the role {} in the group",
            self.caller.username,
            role.name()
        );
        Err(forbidden(message))
    }
}
