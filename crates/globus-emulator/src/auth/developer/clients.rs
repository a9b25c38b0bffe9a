//! Clients (apps, services and service accounts), as managed by their developers.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Json, Response};
use rusqlite::Connection;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    Body, Developer, Fields, Target, bad_request, conflict, credentials, forbidden, internal,
    not_found, projects, scopes,
};
use crate::app_state::AppState;
use crate::auth::clients::{self, Client};
use crate::params::{Pairs, Query};
use crate::problem::Problem;
use crate::service::Service;

/// The types of clients that have a secret.
const CONFIDENTIAL: &[&str] = &[
    "confidential_client",
    "client_identity",
    "resource_server",
    "globus_connect_server",
    "hybrid_confidential_client_resource_server",
];
/// The types of public clients.
const PUBLIC: &[&str] = &["public_installed_client", "public_webapp_client"];

impl Client {
    fn kind(&self) -> &str {
        let default = if self.public { PUBLIC } else { CONFIDENTIAL };
        let set = self.settings.get("client_type").and_then(Value::as_str);
        set.or(default.first().copied()).unwrap_or_default()
    }

    fn fqdns(&self) -> Vec<Value> {
        let names = self.settings.get("fqdns").and_then(Value::as_array);
        names.cloned().unwrap_or_default()
    }

    fn is_visible_to_all(&self) -> bool {
        self.settings.get("visibility") == Some(&json!("public"))
    }

    fn document(&self, conn: &Connection) -> rusqlite::Result<Value> {
        let setting = |name: &str| self.settings.get(name).cloned().unwrap_or_default();
        let no_links = json!({ "privacy_policy": null, "terms_and_conditions": null });
        let mut grants = vec!["authorization_code", "refresh_token"];
        if !self.public {
            grants.insert(1, "client_credentials");
            if self.kind() != "client_identity" {
                grants.push("urn:globus:auth:grant_type:dependent_token");
            }
        }
        Ok(json!({
            "id": self.id,
            "name": self.name,
            "public_client": self.public,
            "client_type": self.kind(),
            "redirect_uris": self.redirect_uris,
            "parent_client": self.parent,
            "project": self.project,
            "grant_types": grants,
            "scopes": scopes::ids_of_client(conn, self.id)?,
            "fqdns": self.fqdns(),
            "links": self.settings.get("links").unwrap_or(&no_links),
            "required_idp": setting("required_idp"),
            "preselect_idp": setting("preselect_idp"),
            "visibility": self.settings.get("visibility").unwrap_or(&json!("private")),
            "prompt_for_named_grant": false,
            "userinfo_from_effective_identity": true,
        }))
    }

    fn answer(&self, conn: &Connection) -> Result<Response, Problem> {
        let document = self.document(conn).map_err(internal)?;
        Ok(Json(json!({ "client": document })).into_response())
    }

    fn change(&mut self, fields: &Fields<'_>) -> Result<(), Problem> {
        if let Some(name) = fields.text("name")? {
            if name.contains(['\r', '\n']) {
                return Err(fields.wrong("name", "one line"));
            }
            name.clone_into(&mut self.name);
        }
        if let Some(uris) = fields.texts("redirect_uris")? {
            if uris.iter().any(|uri| url::Url::parse(uri).is_err()) {
                return Err(fields.wrong("redirect_uris", "a list of addresses"));
            }
            self.redirect_uris = uris;
        }
        match fields.text("visibility")? {
            None => {}
            Some(text @ ("public" | "private")) => self.set("visibility", json!(text)),
            Some(_) => return Err(fields.wrong("visibility", "public or private")),
        }
        for name in ["required_idp", "preselect_idp"] {
            match fields.get(name) {
                None => {}
                Some(Value::Null) => self.set(name, Value::Null),
                Some(_) => self.set(name, json!(fields.id(name)?)),
            }
        }
        if let Some(links) = fields.get("links").filter(|links| !links.is_null()) {
            self.set("links", checked_links(fields, links)?);
        }
        Ok(())
    }

    fn set(&mut self, name: &str, value: Value) {
        self.settings.insert(name.to_owned(), value);
    }
}

/// Both links, or null for both.
fn checked_links(fields: &Fields<'_>, links: &Value) -> Result<Value, Problem> {
    let terms = &links["terms_and_conditions"];
    let privacy = &links["privacy_policy"];
    let both = terms.is_string() && privacy.is_string();
    let none = terms.is_null() && privacy.is_null();
    if both || none {
        Ok(json!({ "terms_and_conditions": terms, "privacy_policy": privacy }))
    } else {
        Err(fields.wrong("links", "two addresses, or null for both"))
    }
}

/// The client with this id, if the caller may manage it. The administrators of its project may; a client
/// without a project may manage itself, and so may its parent and the emulator's administrators.
pub(super) fn require(
    app: &AppState,
    conn: &Connection,
    developer: &Developer,
    id: Uuid,
) -> Result<Client, Problem> {
    let client = clients::find(conn, id).map_err(internal)?;
    let client = client.ok_or_else(|| not_found("client", id))?;
    if let Some(project) = client.project {
        projects::require(conn, developer, project)?;
        return Ok(client);
    }
    let caller = developer.0.identity_id;
    // Clients of the command line and instances of templates belong to no project.
    if caller == id || client.parent == Some(caller) || app.is_administrator(caller) {
        Ok(client)
    } else {
        let message = format!("{} does not manage the client {id}", developer.0.username);
        Err(forbidden(message))
    }
}

/// `GET /v2/api/clients`
pub(in super::super) async fn list(
    State(app): State<AppState>,
    developer: Developer,
    query: Query,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    if let Some(name) = query.filled("fqdn") {
        let known = clients::with_fqdn(&conn, &name.to_ascii_lowercase()).map_err(internal)?;
        let Some(client) = known else {
            let message = format!("no client has the domain name {name:?}");
            let status = axum::http::StatusCode::NOT_FOUND;
            return Err(Problem::auth(status, "NOT_FOUND", message));
        };
        return shown(&app, &conn, &developer, client);
    }
    let mut documents = Vec::new();
    for project in projects::administered(&conn, &developer).map_err(internal)? {
        for client in clients::of_project(&conn, project.id()).map_err(internal)? {
            documents.push(client.document(&conn).map_err(internal)?);
        }
    }
    Ok(Json(json!({ "clients": documents })).into_response())
}

/// `POST /v2/api/clients`: creates an instance of a template (without a caller), a child of a client, or a
/// client of the caller's project.
pub(in super::super) async fn create(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.document("client")?;
    let template = fields.id("template_id")?;
    // Three kinds of callers: nobody (a native app that registers an instance of itself), a client (for a
    // child), or a person (for a project).
    let (mut parent, mut project) = (template, None);
    if template.is_none() {
        if is_basic(&headers) {
            let caller = clients::authenticate_confidential(&app, &headers, &Pairs::default());
            let refused = |_| Problem::unauthenticated(Service::Auth, "The client is not known");
            parent = Some(caller.map_err(refused)?.id);
        } else {
            let caller = auth_developer(&app, &headers)?;
            let asked = fields.id("project")?;
            let asked = asked.ok_or_else(|| bad_request("client.project is required"))?;
            projects::require(&app.store().lock(), &caller, asked)?;
            project = Some(asked);
        }
    }
    let (public, kind) = kind(&fields, template.is_some())?;
    let mut client = Client {
        id: Uuid::new_v4(),
        name: fields.required_text("name")?.to_owned(),
        public,
        redirect_uris: Vec::new(),
        project,
        parent,
        settings: Map::new(),
    };
    client.change(&fields)?;
    if let Some(kind) = kind {
        client.set("client_type", json!(kind));
    }
    let conn = app.store().lock();
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    clients::insert(&transaction, &client).map_err(internal)?;
    let mut answer = json!({ "client": client.document(&transaction).map_err(internal)? });
    if template.is_some() && !public {
        // An instance has no other way to get a secret, since it has no administrator.
        let name = "Auto-created at client creation";
        let made = credentials::make(&app, &transaction, client.id, name);
        answer["included"] = json!({ "client_credential": made.map_err(internal)? });
    }
    transaction.commit().map_err(internal)?;
    Ok(Json(answer).into_response())
}

fn is_basic(headers: &HeaderMap) -> bool {
    let value = headers
        .get(header::AUTHORIZATION)
        .map(|value| value.as_bytes());
    value.is_some_and(|value| {
        let scheme = value.get(..6).unwrap_or_default();
        scheme.eq_ignore_ascii_case(b"basic ")
    })
}

fn auth_developer(app: &AppState, headers: &HeaderMap) -> Result<Developer, Problem> {
    let caller = crate::auth::caller(app, headers, Service::Auth)?;
    if caller.has_scope(super::MANAGE_PROJECTS) {
        Ok(Developer(caller))
    } else {
        Err(forbidden(format!(
            "the scope {} is required",
            super::MANAGE_PROJECTS
        )))
    }
}

/// Whether a new client is public, and its type if given. Exactly one of the two must be given, except for
/// an instance of an app.
fn kind<'a>(fields: &Fields<'a>, instance: bool) -> Result<(bool, Option<&'a str>), Problem> {
    match (fields.flag("public_client")?, fields.text("client_type")?) {
        (Some(public), None) => Ok((public, None)),
        (None, Some(kind)) if PUBLIC.contains(&kind) => Ok((true, Some(kind))),
        (None, Some(kind)) if CONFIDENTIAL.contains(&kind) => Ok((false, Some(kind))),
        (None, Some(_)) => Err(fields.wrong("client_type", "a kind of client")),
        (None, None) if instance => Ok((false, None)),
        _ => Err(bad_request(
            "exactly one of client.public_client and client.client_type is required",
        )),
    }
}

/// `GET /v2/api/clients/{id}`
pub(in super::super) async fn show(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    match clients::find(&conn, id).map_err(internal)? {
        Some(client) => shown(&app, &conn, &developer, client),
        None => Err(not_found("client", id)),
    }
}

/// A client: public ones for everybody, others for those who manage them.
fn shown(
    app: &AppState,
    conn: &Connection,
    developer: &Developer,
    client: Client,
) -> Result<Response, Problem> {
    match client.is_visible_to_all() {
        true => client.answer(conn),
        false => require(app, conn, developer, client.id)?.answer(conn),
    }
}

/// `POST /v2/api/clients/{id}/fqdns`. The DNS is not consulted: a name belongs to the first client that
/// claims it.
pub(in super::super) async fn add_fqdn(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
    body: Body,
) -> Result<Response, Problem> {
    let name = body
        .0
        .get("fqdn")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let name = name.trim().to_ascii_lowercase();
    if !is_domain_name(&name) {
        return Err(bad_request(
            "fqdn must be a fully qualified domain name, such as example.org",
        ));
    }
    let conn = app.store().lock();
    let mut client = require(&app, &conn, &developer, id)?;
    match clients::with_fqdn(&conn, &name).map_err(internal)? {
        Some(other) if other.id != id => {
            let message = format!("the domain name {name:?} belongs to another client");
            return Err(conflict(message));
        }
        Some(_) => {}
        None => {
            let mut names = client.fqdns();
            names.push(json!(name));
            client.set("fqdns", Value::Array(names));
            clients::insert(&conn, &client).map_err(internal)?;
        }
    }
    client.answer(&conn)
}

/// At least two labels separated by dots (RFC 1035, 2.3.1; labels may start with a digit).
fn is_domain_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !(label.starts_with('-') || label.ends_with('-'))
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

/// `PUT /v2/api/clients/{id}`
pub(in super::super) async fn update(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
    body: Body,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let mut client = require(&app, &conn, &developer, id)?;
    client.change(&body.document("client")?)?;
    clients::insert(&conn, &client).map_err(internal)?;
    client.answer(&conn)
}

/// `DELETE /v2/api/clients/{id}`
pub(in super::super) async fn delete(
    State(app): State<AppState>,
    developer: Developer,
    Target(id): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let client = require(&app, &conn, &developer, id)?;
    let was = client.answer(&conn)?;
    let transaction = conn.unchecked_transaction().map_err(internal)?;
    clients::delete(&transaction, id).map_err(internal)?;
    transaction.commit().map_err(internal)?;
    Ok(was)
}
