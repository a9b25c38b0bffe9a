//! Consents: listed for apps, and shown to the person, who can revoke them.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Redirect, Response};
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{clients, consents, html, identities};
use crate::app_state::AppState;
use crate::params::{Pairs, Query};
use crate::problem::Problem;
use crate::service::Service;

/// The scope that lets an app list all consents of its user.
const VIEW_CONSENTS: &str = "urn:globus:auth:scope:auth.globus.org:view_consents";
/// The page that lists a person's consents.
const PAGE: &str = "/v2/web/consents";

fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(Service::Auth, error)
}

/// `GET /v2/api/identities/{id}/consents`
pub(super) async fn get_consents(
    State(app): State<AppState>,
    headers: HeaderMap,
    Path(identity): Path<String>,
    query: Query,
) -> Result<Response, Problem> {
    let caller = super::caller(&app, &headers, Service::Auth)?;
    let bad = |message| Problem::auth(StatusCode::BAD_REQUEST, "BAD_REQUEST", message);
    let identity = Uuid::parse_str(&identity)
        .map_err(|_| bad(format!("{identity:?} is not the id of an identity")))?;
    let all = query.flag("all").map_err(bad)?;
    if all && !caller.has_scope(VIEW_CONSENTS) {
        let message = format!("the scope {VIEW_CONSENTS} is required to see all consents");
        return Err(Problem::forbidden(Service::Auth, message));
    }
    let conn = app.store().lock();
    let own = identities::set_of(&conn, caller.identity_id).map_err(internal)?;
    if own.iter().all(|one| one.id != identity) {
        let message = format!("{} does not belong to the caller", identity);
        return Err(Problem::forbidden(Service::Auth, message));
    }
    let consents = consents::list_by_identity(&conn, identity).map_err(internal)?;
    let documents: Vec<Value> = consents
        .iter()
        .filter(|consent| all || consent.root_client == caller.client_id)
        .map(|consent| consent.document(&conn))
        .collect::<rusqlite::Result<_>>()
        .map_err(internal)?;
    Ok(Json(json!({ "consents": documents })).into_response())
}

/// `GET /v2/web/consents`: all consents on this emulator, by person.
pub(super) async fn show(State(app): State<AppState>) -> Result<Response, Problem> {
    let conn = app.store().lock();
    let mut sections = Vec::new();
    for person in identities::people(&conn).map_err(internal)? {
        let mut rows = Vec::new();
        for consent in consents::list_by_identity(&conn, person.id).map_err(internal)? {
            let client = client_name(&conn, consent.root_client).map_err(internal)?;
            rows.push((consent, client));
        }
        if !rows.is_empty() {
            sections.push((person, rows));
        }
    }
    Ok(html::consents_page(&sections))
}

fn client_name(conn: &Connection, id: Uuid) -> rusqlite::Result<String> {
    let client = clients::find(conn, id)?;
    Ok(client.map_or_else(|| format!("Native app {id}"), |client| client.name))
}

/// `POST /v2/web/consents`: revokes a consent.
pub(super) async fn revoke(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    // A page of another origin must not be able to submit this form (CSRF).
    let origin = headers.get(header::ORIGIN);
    let host = headers.get(header::HOST);
    let own = |origin: &[u8]| {
        let host = host.map_or(&b""[..], |host| host.as_bytes());
        origin.strip_prefix(b"http://") == Some(host)
    };
    if origin.is_some_and(|origin| !own(origin.as_bytes())) {
        return Ok(html::error_page("this was sent from another page"));
    }
    let form = Pairs::parse(&body);
    if let Some(id) = form.filled("consent").and_then(|id| id.parse().ok()) {
        consents::revoke(&app.store().lock(), id).map_err(internal)?;
    }
    Ok(Redirect::to(PAGE).into_response())
}
