//! Authentication policies: reusable requirements on sessions.

use axum::extract::State;
use axum::response::{IntoResponse, Json, Response};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Body, Developer, Fields, Target, bad_request, internal, not_found, projects};
use crate::app_state::AppState;
use crate::auth::sessions::{Authentication, Session};
use crate::problem::Problem;

/// A policy, as stored and as shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Policy {
    id: Uuid,
    project_id: Uuid,
    display_name: String,
    description: String,
    high_assurance: bool,
    authentication_assurance_timeout: Option<i64>,
    required_mfa: bool,
    domain_constraints_include: Option<Vec<String>>,
    domain_constraints_exclude: Option<Vec<String>>,
}

pub(super) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_policy (
            num      INTEGER PRIMARY KEY AUTOINCREMENT,
            id       TEXT NOT NULL UNIQUE,
            project  TEXT NOT NULL,
            document TEXT NOT NULL
        );",
    )
}

fn find(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Policy>> {
    let text: Option<String> = conn
        .prepare_cached("SELECT document FROM auth_policy WHERE id = ?1")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Whether a session satisfies the policy with this id. A policy that does not exist is never satisfied.
pub(in super::super) fn is_satisfied(
    conn: &Connection,
    now: Timestamp,
    policy: &str,
    session: &Session,
) -> rusqlite::Result<bool> {
    let Ok(id) = Uuid::parse_str(policy) else {
        return Ok(false);
    };
    let policy = find(conn, id)?;
    Ok(policy.is_some_and(|policy| {
        let mut logins = session.authentications.iter();
        logins.any(|login| policy.accepts(now, login))
    }))
}

/// Whether one of these policies requires multi-factor authentication.
pub(in super::super) fn ask_for_mfa(
    conn: &Connection,
    policies: &[String],
) -> rusqlite::Result<bool> {
    for id in policies.iter().filter_map(|id| Uuid::parse_str(id).ok()) {
        if find(conn, id)?.is_some_and(|policy| policy.required_mfa) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the domain of a username is among these; `*.edu` matches every subdomain.
fn is_of(domain: &str, domains: &[String]) -> bool {
    let domain = domain.to_ascii_lowercase();
    domains.iter().any(|known| {
        let known = known.to_ascii_lowercase();
        match known.strip_prefix('*') {
            Some(end) => domain.ends_with(end),
            None => domain == known,
        }
    })
}

impl Policy {
    fn accepts(&self, now: Timestamp, login: &Authentication) -> bool {
        let included = self.domain_constraints_include.as_deref();
        let excluded = self.domain_constraints_exclude.as_deref();
        login.is_recent(now, self.authentication_assurance_timeout)
            && (login.mfa || !self.required_mfa)
            && included.is_none_or(|domains| is_of(login.domain(), domains))
            && excluded.is_none_or(|domains| !is_of(login.domain(), domains))
    }

    fn store(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.execute(
            "INSERT INTO auth_policy (id, project, document) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET project = excluded.project,
                 document = excluded.document",
            params![
                self.id.to_string(),
                self.project_id.to_string(),
                json!(self).to_string()
            ],
        )?;
        Ok(())
    }

    fn change(&mut self, fields: &Fields<'_>) -> Result<(), Problem> {
        if let Some(name) = fields.text("display_name")? {
            name.clone_into(&mut self.display_name);
        }
        if let Some(text) = fields.text("description")? {
            text.clone_into(&mut self.description);
        }
        if let Some(seconds) = fields.get("authentication_assurance_timeout") {
            let wrong = || fields.wrong("authentication_assurance_timeout", "a number from 0");
            let seconds = seconds.as_i64().filter(|seconds| *seconds >= 0);
            self.authentication_assurance_timeout = Some(seconds.ok_or_else(wrong)?);
        }
        if let Some(yes) = fields.flag("required_mfa")? {
            self.required_mfa = yes;
        }
        if fields.get("domain_constraints_include").is_some() {
            self.domain_constraints_include = fields.texts("domain_constraints_include")?;
        }
        if fields.get("domain_constraints_exclude").is_some() {
            self.domain_constraints_exclude = fields.texts("domain_constraints_exclude")?;
        }
        if self.required_mfa && !self.high_assurance {
            return Err(bad_request(
                "policy.required_mfa is for policies of high assurance",
            ));
        }
        Ok(())
    }

    fn answer(&self) -> Response {
        Json(json!({ "policy": self })).into_response()
    }
}

/// The policy with this id, if the caller administers its project.
fn require(conn: &Connection, developer: &Developer, id: Uuid) -> Result<Policy, Problem> {
    let policy = find(conn, id).map_err(internal)?;
    let policy = policy.ok_or_else(|| not_found("policy", id))?;
    projects::require(conn, developer, policy.project_id)?;
    Ok(policy)
}

/// `GET /v2/api/policies`
pub(in super::super) async fn list(
    State(app): State<AppState>,
    developer: Developer,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let mut documents: Vec<Value> = Vec::new();
    for project in projects::administered(&conn, &developer).map_err(internal)? {
        let texts = || -> rusqlite::Result<Vec<String>> {
            conn.prepare_cached("SELECT document FROM auth_policy WHERE project = ?1 ORDER BY num")?
                .query_map([project.id().to_string()], |row| row.get(0))?
                .collect()
        };
        let texts = texts().map_err(internal)?;
        documents.extend(
            texts
                .iter()
                .filter_map(|text| serde_json::from_str(text).ok()),
        );
    }
    Ok(Json(json!({ "policies": documents })).into_response())
}

/// `POST /v2/api/policies`
pub(in super::super) async fn create(
    State(app): State<AppState>,
    developer: Developer,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.document("policy")?;
    let project = fields.id("project_id")?;
    let project = project.ok_or_else(|| bad_request("policy.project_id is required"))?;
    let mut policy = Policy {
        id: Uuid::new_v4(),
        project_id: project,
        display_name: fields.required_text("display_name")?.to_owned(),
        description: fields.required_text("description")?.to_owned(),
        high_assurance: fields.flag("high_assurance")?.unwrap_or(false),
        authentication_assurance_timeout: None,
        required_mfa: false,
        domain_constraints_include: None,
        domain_constraints_exclude: None,
    };
    policy.change(&fields)?;
    let conn = app.store().lock();
    projects::require(&conn, &developer, project)?;
    policy.store(&conn).map_err(internal)?;
    Ok(policy.answer())
}

/// `GET /v2/api/policies/{id}`
pub(in super::super) async fn show(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
) -> Result<Response, Problem> {
    Ok(require(&app.store().lock(), &developer, id)?.answer())
}

/// `PUT /v2/api/policies/{id}`
pub(in super::super) async fn update(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.document("policy")?;
    let conn = app.store().lock();
    let mut policy = require(&conn, &developer, id)?;
    policy.change(&fields)?;
    if let Some(project) = fields.id("project_id")? {
        projects::require(&conn, &developer, project)?;
        policy.project_id = project;
    }
    policy.store(&conn).map_err(internal)?;
    Ok(policy.answer())
}

/// `DELETE /v2/api/policies/{id}`
pub(in super::super) async fn delete(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let policy = require(&conn, &developer, id)?;
    conn.execute("DELETE FROM auth_policy WHERE id = ?1", [id.to_string()])
        .map_err(internal)?;
    Ok(policy.answer())
}
