//! The seed of an emulator: people, clients, collections, and requests that create the rest.
//!
//! Everything that can be created by a request to a service is created by such a request, as any identity:
//! groups, guest collections, indices and their entries. So there is only one implementation of each, with
//! all its checks.

use std::collections::BTreeMap;
use std::path::PathBuf;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, header};
use rusqlite::{Connection, OptionalExtension as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::app_state::AppState;
use crate::auth::{self, identities};
use crate::server;
use crate::service::Service;

/// Maximum size of a response to a request of the seed.
const MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;

/// The initial contents of an emulator: the format of `--seed`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Seed {
    /// People, in addition to the local user.
    pub users: Vec<SeedUser>,
    /// Confidential clients, in addition to those of the command line.
    pub clients: Vec<SeedClient>,
    /// Folders to serve, after those of the command line.
    pub collections: Vec<SeedCollection>,
    /// Requests to the services, made once and in this order.
    pub requests: Vec<SeedRequest>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SeedUser {
    /// The username, such as `ada@sandbox.local`. The id is derived from it.
    pub username: String,
    /// The display name.
    pub name: String,
    /// The email address; by default, the username.
    #[serde(default)]
    pub email: Option<String>,
}

/// A confidential client.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SeedClient {
    /// The id.
    #[schemars(with = "String")]
    pub id: Uuid,
    /// The secret.
    pub secret: String,
    /// The redirect URIs; by default, those on this machine.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
}

impl std::fmt::Debug for SeedClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SeedClient")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A folder to serve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SeedCollection {
    /// The id; by default, derived from folder and name.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub id: Option<Uuid>,
    /// The display name.
    pub display_name: String,
    /// The folder that is its `/`.
    pub folder: PathBuf,
    /// Whether users have to consent to its `data_access` scope.
    #[serde(default)]
    pub data_access: bool,
}

/// A request to a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SeedRequest {
    /// The caller: a username or a client id; by default, the local user.
    #[serde(default, rename = "as")]
    pub caller: Option<String>,
    /// The method; `POST` by default.
    #[serde(default = "post")]
    pub method: String,
    /// The path, with the query if any. `{NAME}` is replaced by an output of an earlier request.
    pub path: String,
    /// The body. `{NAME}` in its strings is replaced as well.
    #[serde(default)]
    pub body: Option<Value>,
    /// Outputs: names, each with a JSON pointer into the response. The env file exports them as
    /// `EMULATOR_NAME`.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
}

fn post() -> String {
    String::from("POST")
}

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    // One row once the seed has been applied, so that a restart does not apply it again.
    conn.execute_batch("CREATE TABLE IF NOT EXISTS emulator_seed (kept TEXT NOT NULL)")
}

/// The outputs of the seed's requests; `None` before they were made.
pub(crate) fn outputs(conn: &Connection) -> rusqlite::Result<Option<BTreeMap<String, String>>> {
    let kept: Option<String> = conn
        .query_row("SELECT kept FROM emulator_seed", [], |row| row.get(0))
        .optional()?;
    Ok(kept.map(|kept| serde_json::from_str(&kept).unwrap_or_default()))
}

/// Makes the requests of the seed, unless they were made before.
pub(crate) async fn apply(app: &AppState) -> Result<(), String> {
    if outputs(&app.store().lock())
        .map_err(|error| error.to_string())?
        .is_some()
    {
        return Ok(());
    }
    // Without the outer layers: the requests of the seed get no faults and are not recorded.
    let services = server::services(app).with_state(app.clone());
    let mut values = BTreeMap::new();
    for (number, request) in (1..).zip(&app.initial_state().requests) {
        let about = |why: String| {
            let SeedRequest { method, path, .. } = request;
            format!("request {number}, {method} {path}: {why}")
        };
        let answer = send_request(app, &services, request, &values)
            .await
            .map_err(about)?;
        for (name, pointer) in &request.outputs {
            let value = answer
                .pointer(pointer)
                .ok_or_else(|| about(format!("there is no {pointer} in the response {answer}")))?;
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            values.insert(name.clone(), text);
        }
    }
    // Its tokens are not needed any more.
    let revoked = auth::tokens::revoke_family(&app.store().lock(), Uuid::nil());
    revoked.map_err(|error| error.to_string())?;
    let kept = serde_json::to_string(&values).map_err(|error| error.to_string())?;
    let conn = app.store().lock();
    let written = conn.execute("INSERT INTO emulator_seed (kept) VALUES (?1)", [kept]);
    written.map(|_| ()).map_err(|error| error.to_string())
}

async fn send_request(
    app: &AppState,
    services: &Router,
    seed: &SeedRequest,
    values: &BTreeMap<String, String>,
) -> Result<Value, String> {
    let method = Method::from_bytes(seed.method.as_bytes()).map_err(|error| error.to_string())?;
    let path = substitute_text(&seed.path, values)?;
    let token = {
        let conn = app.store().lock();
        let caller = match &seed.caller {
            Some(name) => identities::named(&conn, name)
                .map_err(|error| error.to_string())?
                .ok_or_else(|| format!("there is no identity {name:?}"))?,
            None => app.local_user().id,
        };
        let server = Service::from_path(&path).resource_server();
        auth::token_for_seed(app, &conn, caller, server).map_err(|error| error.to_string())?
    };
    let mut request = Request::builder()
        .method(method)
        .uri(&path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    let mut body = Body::empty();
    if let Some(document) = &seed.body {
        let mut document = document.clone();
        substitute(&mut document, values)?;
        request = request.header(header::CONTENT_TYPE, "application/json");
        body = Body::from(document.to_string());
    }
    let request = request.body(body).map_err(|error| error.to_string())?;
    let Ok(response) = services.clone().oneshot(request).await;
    let status = response.status();
    let bytes = to_bytes(response.into_body(), MAX_RESPONSE_BYTES)
        .await
        .map_err(|error| error.to_string())?;
    if !status.is_success() {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&bytes)));
    }
    Ok(serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Substitutes outputs for their names in all strings.
fn substitute(document: &mut Value, values: &BTreeMap<String, String>) -> Result<(), String> {
    match document {
        Value::String(text) => *text = substitute_text(text, values)?,
        Value::Array(items) => {
            for item in items {
                substitute(item, values)?;
            }
        }
        Value::Object(members) => {
            for (_, member) in members {
                substitute(member, values)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

fn substitute_text(text: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let name = after.split_once('}').filter(|(name, _)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
        });
        filled.push_str(before);
        match name {
            Some((name, after)) => {
                let value = values.get(name);
                filled.push_str(value.ok_or_else(|| format!("there is no output {name}"))?);
                rest = after;
            }
            // Not a name in braces, so the brace is part of the text.
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    Ok(filled)
}
