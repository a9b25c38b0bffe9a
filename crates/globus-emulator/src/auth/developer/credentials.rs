//! Secrets of clients.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Json, Response};
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Body, Developer, Target, bad_request, clients, internal, not_found};
use crate::app_state::AppState;
use crate::auth::{self, consents, tokens};
use crate::problem::Problem;

/// The document of a credential. The secret is included only when it is created.
fn document(id: &str, name: &str, client: Uuid, created: i64, secret: Option<&str>) -> Value {
    json!({
        "id": id,
        "name": name,
        "client": client,
        "created": consents::rfc3339(tokens::time_of(created)),
        "secret": secret,
    })
}

fn from_row(row: &Row<'_>, client: Uuid) -> rusqlite::Result<Value> {
    let (id, name): (String, String) = (row.get(0)?, row.get(1)?);
    Ok(document(&id, &name, client, row.get(2)?, None))
}

/// Creates a credential with a new secret.
pub(super) fn make(
    app: &AppState,
    conn: &Connection,
    client: Uuid,
    name: &str,
) -> rusqlite::Result<Value> {
    let (id, secret) = (Uuid::new_v4(), tokens::secret("", 44));
    auth::clients::add_secret(conn, client, id, name, &secret, app.now())?;
    let created = app.now().as_millisecond();
    Ok(document(
        &id.to_string(),
        name,
        client,
        created,
        Some(&secret),
    ))
}

/// `GET /v2/api/clients/{id}/credentials`
pub(in super::super) async fn list(
    State(app): State<AppState>,
    developer: Developer,
    Target(client): Target,
) -> Result<Response, Problem> {
    let conn = app.store().lock();
    clients::require(&app, &conn, &developer, client)?;
    let all = || -> rusqlite::Result<Vec<Value>> {
        conn.prepare_cached(
            "SELECT id, name, created FROM auth_client_secret WHERE client_id = ?1
             ORDER BY created, id",
        )?
        .query_map([client.to_string()], |row| from_row(row, client))?
        .collect()
    };
    Ok(Json(json!({ "credentials": all().map_err(internal)? })).into_response())
}

/// `POST /v2/api/clients/{id}/credentials`
pub(in super::super) async fn create(
    State(app): State<AppState>,
    developer: Developer,
    Target(client): Target,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.document("credential")?;
    let name = fields.required_text("name")?;
    let conn = app.store().lock();
    if clients::require(&app, &conn, &developer, client)?.public {
        return Err(bad_request("a public client has no credentials"));
    }
    let made = make(&app, &conn, client, name).map_err(internal)?;
    Ok(Json(json!({ "credential": made })).into_response())
}

/// `DELETE /v2/api/clients/{id}/credentials/{credential}`
pub(in super::super) async fn delete(
    State(app): State<AppState>,
    developer: Developer,
    Path((client, credential)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let parse =
        |id: &str| Uuid::parse_str(id).map_err(|_| bad_request("the id in the path is not a UUID"));
    let (client, credential) = (parse(&client)?, parse(&credential)?);
    let conn = app.store().lock();
    clients::require(&app, &conn, &developer, client)?;
    let gone = conn
        .query_row(
            "DELETE FROM auth_client_secret WHERE id = ?1 AND client_id = ?2
             RETURNING id, name, created",
            [credential.to_string(), client.to_string()],
            |row| from_row(row, client),
        )
        .optional()
        .map_err(internal)?;
    let gone = gone.ok_or_else(|| not_found("credential", credential))?;
    Ok(Json(json!({ "credential": gone })).into_response())
}
