//! Identities, and their lookup.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app_state::{AppState, Identity};
use crate::columns::uuid_at;
use crate::params::Query;
use crate::problem::Problem;
use crate::service::Service;

/// The one identity provider of the emulator.
pub(crate) const PROVIDER_ID: Uuid = Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_1d00);
/// Its name.
pub(crate) const PROVIDER_NAME: &str = "Globus Emulator";
/// The domain of client identities' usernames.
const CLIENT_DOMAIN: &str = "clients.auth.globus.org";
/// The organization of every person.
pub(crate) const ORGANIZATION: &str = "Sandbox";

/// The id derived from a username: the same in every run, and case-insensitive.
pub(crate) fn id_of(username: &str) -> Uuid {
    let key = format!("identity:{}", username.to_ascii_lowercase());
    Uuid::new_v5(&Uuid::NAMESPACE_URL, key.as_bytes())
}

/// The username of a client's identity.
pub(crate) fn username_of_client(client_id: Uuid) -> String {
    format!("{client_id}@{CLIENT_DOMAIN}")
}

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_identity (
            id       TEXT PRIMARY KEY,
            username TEXT NOT NULL UNIQUE COLLATE NOCASE,
            name     TEXT,
            email    TEXT,
            status   TEXT NOT NULL,
            -- Of linked identities, the one they are all linked to.
            person   TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS auth_identity_person ON auth_identity (person);",
    )
}

/// Inserts or updates an identity.
pub(crate) fn put(conn: &Connection, identity: &Identity, status: &str) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO auth_identity (id, username, name, email, status, person)
         VALUES (?1, ?2, ?3, ?4, ?5, ?1)
         ON CONFLICT DO UPDATE SET name = excluded.name, email = excluded.email",
        params![
            identity.id.to_string(),
            identity.username,
            identity.name,
            identity.email,
            status
        ],
    )?;
    Ok(())
}

/// Links an identity to a person.
pub(crate) fn link(conn: &Connection, identity: Uuid, person: Uuid) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE auth_identity SET person = ?2 WHERE id = ?1",
        [identity.to_string(), person.to_string()],
    )?;
    Ok(())
}

/// The primary identity of the person who has this identity: tokens are issued for it.
pub(crate) fn person_of(conn: &Connection, id: Uuid) -> rusqlite::Result<Uuid> {
    let person = conn
        .prepare_cached("SELECT person FROM auth_identity WHERE id = ?1")?
        .query_row([id.to_string()], |row| uuid_at(row, 0))
        .optional()?;
    // Clients that were never registered have no row, but tokens.
    Ok(person.unwrap_or(id))
}

/// All identities of a person, the primary one first.
pub(crate) fn set_of(conn: &Connection, id: Uuid) -> rusqlite::Result<Vec<Identity>> {
    let person = person_of(conn, id)?.to_string();
    let mut statement = conn.prepare_cached(
        "SELECT id, username, name, email, status FROM auth_identity
         WHERE person = ?1 ORDER BY id <> ?1, username",
    )?;
    let rows = statement.query_map([person], from_row)?;
    rows.map(|row| row.map(|(identity, _)| identity)).collect()
}

/// Returns the identity with this id.
pub(crate) fn by_id(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Identity>> {
    let found = conn
        .prepare_cached(
            "SELECT id, username, name, email, status FROM auth_identity WHERE id = ?1",
        )?
        .query_row([id.to_string()], from_row)
        .optional()?;
    Ok(found.map(|(identity, _)| identity))
}

/// Looks up an identity by username or id.
pub(crate) fn named(conn: &Connection, name: &str) -> rusqlite::Result<Option<Uuid>> {
    conn.prepare_cached("SELECT id FROM auth_identity WHERE username = ?1 OR id = lower(?1)")?
        .query_row([name], |row| uuid_at(row, 0))
        .optional()
}

/// Lists the people (identities that are not clients), by username.
pub(crate) fn people(conn: &Connection) -> rusqlite::Result<Vec<Identity>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, username, name, email, status FROM auth_identity
         WHERE username NOT LIKE '%@clients.auth.globus.org' ORDER BY username",
    )?;
    let rows = statement.query_map([], from_row)?;
    rows.map(|row| row.map(|(identity, _)| identity)).collect()
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<(Identity, String)> {
    let identity = Identity {
        id: uuid_at(row, 0)?,
        username: row.get(1)?,
        name: row.get(2)?,
        email: row.get(3)?,
    };
    Ok((identity, row.get(4)?))
}

fn document(identity: &Identity, status: &str) -> Value {
    json!({
        "id": identity.id,
        "username": identity.username,
        "name": identity.name,
        "email": identity.email,
        "organization": ORGANIZATION,
        "identity_provider": PROVIDER_ID,
        "identity_type": "login",
        "status": status,
    })
}

/// The document of an identity, if it exists.
pub(crate) fn told(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Value>> {
    let found = find(conn, "id", &id.to_string())?;
    Ok(found.map(|(identity, status)| document(&identity, &status)))
}

fn provider_document() -> Value {
    json!({
        "id": PROVIDER_ID,
        "name": PROVIDER_NAME,
        "short_name": "emulator",
        "alternative_names": [],
        "domains": ["sandbox.local"],
    })
}

fn bad_request(message: impl Into<String>) -> Problem {
    Problem::auth(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

/// Maximum number of identities per call.
const LOOKUP_LIMIT: usize = 100;

fn parse_list<'a>(text: &'a str, name: &str) -> Result<Vec<&'a str>, Problem> {
    let names: Vec<&str> = text
        .split(',')
        .map(str::trim)
        .filter(|n| !n.is_empty())
        .collect();
    if names.len() > LOOKUP_LIMIT {
        return Err(bad_request(format!(
            "{name} may name {LOOKUP_LIMIT} identities at most"
        )));
    }
    Ok(names)
}

/// `GET /v2/api/identities`: by ids or usernames; unknown ones are omitted.
pub(super) async fn get_identities(
    State(app): State<AppState>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Problem> {
    super::caller_or_client(&app, &headers)?;
    let internal = |error| Problem::internal(Service::Auth, error);
    let mut identities = Vec::new();
    match (query.get("ids"), query.get("usernames")) {
        (Some(ids), None) => {
            let conn = app.store().lock();
            for text in parse_list(ids, "ids")? {
                let id = Uuid::parse_str(text)
                    .map_err(|_| bad_request(format!("{text:?} is not a UUID")))?;
                identities.extend(find(&conn, "id", &id.to_string()).map_err(internal)?);
            }
        }
        (None, Some(usernames)) => {
            let provision = query.flag("provision").map_err(bad_request)?;
            let conn = app.store().lock();
            for username in parse_list(usernames, "usernames")? {
                let mut found = find(&conn, "username", username).map_err(internal)?;
                if found.is_none() && provision && username.contains('@') {
                    let identity = Identity {
                        id: id_of(username),
                        username: username.to_owned(),
                        name: None,
                        email: None,
                    };
                    put(&conn, &identity, "unused").map_err(internal)?;
                    found = Some((identity, String::from("unused")));
                }
                identities.extend(found);
            }
        }
        (Some(_), Some(_)) => {
            return Err(bad_request("give ids or usernames, not both"));
        }
        (None, None) => return Err(bad_request("one of ids and usernames is required")),
    }
    let documents: Vec<Value> = identities
        .iter()
        .map(|(identity, status)| document(identity, status))
        .collect();
    let mut answer = json!({ "identities": documents });
    if query.get("include") == Some("identity_provider") {
        let providers = if documents.is_empty() {
            vec![]
        } else {
            vec![provider_document()]
        };
        answer["included"] = json!({ "identity_providers": providers });
    }
    Ok(Json(answer).into_response())
}

fn find(
    conn: &Connection,
    column: &'static str,
    value: &str,
) -> rusqlite::Result<Option<(Identity, String)>> {
    conn.prepare_cached(&format!(
        "SELECT id, username, name, email, status FROM auth_identity WHERE {column} = ?1"
    ))?
    .query_row([value], from_row)
    .optional()
}

/// `GET /v2/api/identities/{id}`
pub(super) async fn get_identity(
    State(app): State<AppState>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    super::caller_or_client(&app, &headers)?;
    let id = Uuid::parse_str(&id).map_err(|_| bad_request(format!("{id:?} is not a UUID")))?;
    let found = find(&app.store().lock(), "id", &id.to_string())
        .map_err(|error| Problem::internal(Service::Auth, error))?;
    let Some((identity, status)) = found else {
        return Err(Problem::auth(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            format!("no identity {id}"),
        ));
    };
    Ok(Json(json!({ "identity": document(&identity, &status) })).into_response())
}

/// `GET /v2/api/identity_providers`: the emulator's only provider, if the query matches it.
pub(super) async fn get_identity_providers(
    State(app): State<AppState>,
    headers: HeaderMap,
    query: Query,
) -> Result<Response, Problem> {
    super::caller_or_client(&app, &headers)?;
    let asked = match (query.get("ids"), query.get("domains")) {
        (Some(ids), None) => ids
            .split(',')
            .any(|id| id.trim() == PROVIDER_ID.to_string()),
        (None, Some(domains)) => domains
            .split(',')
            .any(|name| name.trim() == "sandbox.local"),
        _ => return Err(bad_request("one of ids and domains is required")),
    };
    let providers = if asked {
        vec![provider_document()]
    } else {
        vec![]
    };
    Ok(Json(json!({ "identity_providers": providers })).into_response())
}
