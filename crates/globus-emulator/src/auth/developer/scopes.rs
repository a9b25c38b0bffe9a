//! Scopes that clients define, and their dependencies.

use axum::extract::State;
use axum::response::{IntoResponse, Json, Response};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{Body, Developer, Fields, Target, bad_request, clients, conflict, internal, not_found};
use crate::app_state::AppState;
use crate::auth::{consents, scopes};
use crate::params::Query;
use crate::problem::Problem;

/// A dependency of a scope.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct Dependency {
    pub(in super::super) scope: Uuid,
    pub(in super::super) optional: bool,
    requires_refresh_token: bool,
}

/// A scope, as stored and as shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct Registered {
    pub(in super::super) id: Uuid,
    pub(in super::super) scope_string: String,
    name: String,
    description: String,
    client: Uuid,
    advertised: bool,
    pub(in super::super) allows_refresh_token: bool,
    pub(in super::super) required_domains: Vec<String>,
    pub(in super::super) dependent_scopes: Vec<Dependency>,
}

pub(super) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_scope (
            num          INTEGER PRIMARY KEY AUTOINCREMENT,
            id           TEXT NOT NULL UNIQUE,
            scope_string TEXT NOT NULL UNIQUE,
            client_id    TEXT NOT NULL,
            document     TEXT NOT NULL
        );
        CREATE INDEX IF NOT EXISTS auth_scope_client ON auth_scope (client_id);",
    )
}

fn find(conn: &Connection, column: &str, value: &str) -> rusqlite::Result<Option<Registered>> {
    let text: Option<String> = conn
        .prepare_cached(&format!(
            "SELECT document FROM auth_scope WHERE {column} = ?1"
        ))?
        .query_row([value], |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Looks up a registered scope by its scope string.
pub(in super::super) fn by_text(
    conn: &Connection,
    text: &str,
) -> rusqlite::Result<Option<Registered>> {
    find(conn, "scope_string", text)
}

/// The scope string of the scope with this id, registered or of a service.
pub(in super::super) fn text_of(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<String>> {
    if let Some(known) = find(conn, "id", &id.to_string())? {
        return Ok(Some(known.scope_string));
    }
    let mut of_services = scopes::of_services();
    Ok(of_services.find(|text| consents::scope_id(text) == id))
}

/// Whether a client has registered scopes.
pub(in super::super) fn has_any(conn: &Connection, client: &str) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM auth_scope WHERE client_id = ?1")?
        .exists([client])
}

/// The ids of a client's scopes.
pub(super) fn ids_of_client(conn: &Connection, client: Uuid) -> rusqlite::Result<Vec<String>> {
    conn.prepare_cached("SELECT id FROM auth_scope WHERE client_id = ?1 ORDER BY num")?
        .query_map([client.to_string()], |row| row.get(0))?
        .collect()
}

/// A scope of one of the emulated services.
fn of_service(text: &str) -> Registered {
    Registered {
        id: consents::scope_id(text),
        scope_string: text.to_owned(),
        name: text.to_owned(),
        description: String::from("A scope of Globus itself"),
        client: consents::client_behind(text),
        advertised: true,
        allows_refresh_token: true,
        required_domains: Vec::new(),
        dependent_scopes: Vec::new(),
    }
}

impl Registered {
    fn store(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.execute(
            "INSERT INTO auth_scope (id, scope_string, client_id, document)
             VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET scope_string = excluded.scope_string,
                 document = excluded.document",
            params![
                self.id.to_string(),
                self.scope_string,
                self.client.to_string(),
                json!(self).to_string(),
            ],
        )?;
        Ok(())
    }

    fn change(&mut self, conn: &Connection, fields: &Fields<'_>) -> Result<(), Problem> {
        if let Some(name) = fields.text("name")? {
            name.clone_into(&mut self.name);
        }
        if let Some(text) = fields.text("description")? {
            text.clone_into(&mut self.description);
        }
        if let Some(suffix) = fields.text("scope_suffix")? {
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            if !suffix.chars().all(fits) {
                return Err(fields.wrong("scope_suffix", "of lower-case letters, digits and _"));
            }
            let text = format!("https://auth.globus.org/scopes/{}/{suffix}", self.client);
            // A scope string identifies a scope, so two suffixes must not collide.
            let taken = by_text(conn, &text).map_err(internal)?;
            if taken.is_some_and(|other| other.id != self.id) {
                return Err(conflict(format!("there is a scope {text} already")));
            }
            self.scope_string = text;
        }
        if let Some(yes) = fields.flag("advertised")? {
            self.advertised = yes;
        }
        if let Some(yes) = fields.flag("allows_refresh_token")? {
            self.allows_refresh_token = yes;
        }
        if let Some(domains) = fields.texts("required_domains")? {
            self.required_domains = domains;
        }
        if let Some(list) = fields.get("dependent_scopes") {
            let wrong = || fields.wrong("dependent_scopes", "a list of dependent scopes");
            let list: Vec<Dependency> =
                serde_json::from_value(list.clone()).map_err(|_| wrong())?;
            for one in &list {
                // Rejected now: a dependency that does not exist could never be consented to.
                if text_of(conn, one.scope).map_err(internal)?.is_none() {
                    return Err(bad_request(format!("there is no scope {}", one.scope)));
                }
            }
            self.dependent_scopes = list;
        }
        Ok(())
    }

    fn answer(&self) -> Response {
        Json(json!({ "scope": self })).into_response()
    }
}

/// The scope with this id, if the caller manages its client.
fn require(
    app: &AppState,
    conn: &Connection,
    developer: &Developer,
    id: Uuid,
) -> Result<Registered, Problem> {
    let scope = find(conn, "id", &id.to_string()).map_err(internal)?;
    let scope = scope.ok_or_else(|| not_found("scope", id))?;
    clients::require(app, conn, developer, scope.client)?;
    Ok(scope)
}

/// `POST /v2/api/clients/{id}/scopes`
pub(in super::super) async fn create(
    State(app): State<AppState>,
    developer: Developer,
    Target(client): Target,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.document("scope")?;
    fields.required_text("scope_suffix")?;
    let mut scope = Registered {
        id: Uuid::new_v4(),
        scope_string: String::new(),
        name: fields.required_text("name")?.to_owned(),
        description: fields.required_text("description")?.to_owned(),
        client,
        advertised: false,
        allows_refresh_token: false,
        required_domains: Vec::new(),
        dependent_scopes: Vec::new(),
    };
    let conn = app.store().lock();
    clients::require(&app, &conn, &developer, client)?;
    scope.change(&conn, &fields)?;
    scope.store(&conn).map_err(internal)?;
    Ok(scope.answer())
}

/// `GET /v2/api/scopes`: the scopes that the caller manages; by id or scope string, also those of the
/// services and advertised ones.
pub(in super::super) async fn list(
    State(app): State<AppState>,
    developer: Developer,
    query: Query,
) -> Result<Response, Problem> {
    let split = |text: &str| -> Vec<String> { text.split(',').map(str::to_owned).collect() };
    let ids = query.filled("ids").map(split);
    let texts = query.filled("scope_strings").map(split);
    if ids.is_some() && texts.is_some() {
        return Err(bad_request("give ids or scope_strings, not both"));
    }
    let conn = app.store().lock();
    let all = || -> rusqlite::Result<Vec<String>> {
        conn.prepare_cached("SELECT document FROM auth_scope ORDER BY num")?
            .query_map([], |row| row.get(0))?
            .collect()
    };
    let all = all().map_err(internal)?;
    let registered = all
        .iter()
        .filter_map(|text| serde_json::from_str::<Registered>(text).ok());
    let asked = ids.is_some() || texts.is_some();
    let mut found: Vec<Registered> = registered
        .filter(|scope| {
            let manages = clients::require(&app, &conn, &developer, scope.client).is_ok();
            manages || (asked && scope.advertised)
        })
        .collect();
    if asked {
        found.extend(scopes::of_services().map(|text| of_service(&text)));
    }
    found.retain(|scope| {
        let id = scope.id.to_string();
        ids.as_ref().is_none_or(|ids| ids.contains(&id))
            && texts
                .as_ref()
                .is_none_or(|texts| texts.contains(&scope.scope_string))
    });
    Ok(Json(json!({ "scopes": found })).into_response())
}

/// `GET /v2/api/scopes/{id}`
pub(in super::super) async fn show(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    if let Some(text) = scopes::of_services().find(|text| consents::scope_id(text) == id) {
        return Ok(of_service(&text).answer());
    }
    let known = find(&conn, "id", &id.to_string()).map_err(internal)?;
    match known.filter(|scope| scope.advertised) {
        Some(scope) => Ok(scope.answer()),
        None => Ok(require(&app, &conn, &developer, id)?.answer()),
    }
}

/// `PUT /v2/api/scopes/{id}`
pub(in super::super) async fn update(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
    body: Body,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let mut scope = require(&app, &conn, &developer, id)?;
    scope.change(&conn, &body.document("scope")?)?;
    scope.store(&conn).map_err(internal)?;
    Ok(scope.answer())
}

/// `DELETE /v2/api/scopes/{id}`
pub(in super::super) async fn delete(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let scope = require(&app, &conn, &developer, id)?;
    conn.execute("DELETE FROM auth_scope WHERE id = ?1", [id.to_string()])
        .map_err(internal)?;
    Ok(scope.answer())
}
