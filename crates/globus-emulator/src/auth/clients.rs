//! Clients: registered ones with secrets, and public native clients, which need no registration.

use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde_json::{Map, Value, json};
use url::{Host, Url};
use uuid::Uuid;

use super::{identities, tokens};
use crate::app_state::{AppState, Identity};
use crate::builder::ClientConfig;
use crate::columns::uuid_at;
use crate::params::Pairs;
use crate::problem::Problem;
use crate::service::Service;

/// The page that shows a code to people whose program runs no local server.
pub(crate) const AUTH_CODE_PATH: &str = "/v2/web/auth-code";

/// A registered client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) public: bool,
    pub(crate) redirect_uris: Vec<String>,
    /// The project that the client belongs to.
    pub(crate) project: Option<Uuid>,
    /// The parent client, or the template of which it is an instance.
    pub(crate) parent: Option<Uuid>,
    /// Other settings made by its developers.
    pub(crate) settings: Map<String, Value>,
}

/// The client that calls an OAuth endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAuth {
    pub(crate) id: Uuid,
    /// Whether it authenticated with a secret.
    pub(crate) confidential: bool,
}

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_client (
            id            TEXT PRIMARY KEY,
            name          TEXT NOT NULL,
            public        INTEGER NOT NULL,
            redirect_uris TEXT NOT NULL,
            project       TEXT,
            parent        TEXT,
            settings      TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS auth_client_project ON auth_client (project);
        CREATE TABLE IF NOT EXISTS auth_client_secret (
            id        TEXT PRIMARY KEY,
            client_id TEXT NOT NULL,
            hash      TEXT NOT NULL,
            name      TEXT NOT NULL,
            created   INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS auth_client_secret_client ON auth_client_secret (client_id);",
    )
}

/// Description of the secret of a client that was configured in the builder or on the command line.
const CONFIGURED: &str = "Of the command line";

/// Registers a client of the builder or the command line; after a restart, updates it.
pub(crate) fn put(conn: &Connection, asked: &ClientConfig, now: Timestamp) -> rusqlite::Result<()> {
    let known = find(conn, asked.id)?;
    let mut client = known.unwrap_or_else(|| Client {
        id: asked.id,
        name: format!("Client {}", asked.id),
        public: false,
        redirect_uris: Vec::new(),
        project: None,
        parent: None,
        settings: Map::new(),
    });
    client.redirect_uris.clone_from(&asked.redirect_uris);
    insert(conn, &client)?;
    conn.execute(
        // Only the configured secret is replaced: secrets that were created through the API stay valid
        // across restarts.
        "DELETE FROM auth_client_secret WHERE client_id = ?1 AND name = ?2",
        [asked.id.to_string(), CONFIGURED.to_owned()],
    )?;
    add_secret(
        conn,
        asked.id,
        Uuid::new_v4(),
        CONFIGURED,
        &asked.secret,
        now,
    )
}

/// Inserts or updates a client.
pub(super) fn insert(conn: &Connection, client: &Client) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT OR REPLACE INTO auth_client
             (id, name, public, redirect_uris, project, parent, settings)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            client.id.to_string(),
            client.name,
            client.public,
            json!(client.redirect_uris).to_string(),
            client.project.map(|id| id.to_string()),
            client.parent.map(|id| id.to_string()),
            json!(client.settings).to_string(),
        ],
    )?;
    let identity = Identity {
        id: client.id,
        username: identities::username_of_client(client.id),
        name: Some(client.name.clone()),
        email: None,
    };
    identities::put(conn, &identity, "used")
}

/// Deletes a client with its secrets, scopes, tokens and consents.
pub(super) fn delete(conn: &Connection, id: Uuid) -> rusqlite::Result<()> {
    for (table, column) in [
        ("auth_client", "id"),
        ("auth_client_secret", "client_id"),
        ("auth_scope", "client_id"),
        ("auth_token", "client_id"),
        ("auth_consent", "root_client_id"),
    ] {
        conn.execute(
            &format!("DELETE FROM {table} WHERE {column} = ?1"),
            [id.to_string()],
        )?;
    }
    Ok(())
}

pub(super) fn add_secret(
    conn: &Connection,
    client: Uuid,
    credential: Uuid,
    name: &str,
    secret: &str,
    now: Timestamp,
) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO auth_client_secret (id, client_id, hash, name, created)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            credential.to_string(),
            client.to_string(),
            tokens::hash(secret),
            name,
            now.as_millisecond(),
        ],
    )?;
    Ok(())
}

const SELECT: &str = "SELECT id, name, public, redirect_uris, project, parent, settings
                      FROM auth_client";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Client> {
    let id = |column| -> rusqlite::Result<Option<Uuid>> {
        let text: Option<String> = row.get(column)?;
        Ok(text.and_then(|text| Uuid::parse_str(&text).ok()))
    };
    let (redirect_uris, settings): (String, String) = (row.get(3)?, row.get(6)?);
    Ok(Client {
        id: uuid_at(row, 0)?,
        name: row.get(1)?,
        public: row.get(2)?,
        redirect_uris: serde_json::from_str(&redirect_uris).unwrap_or_default(),
        project: id(4)?,
        parent: id(5)?,
        settings: serde_json::from_str(&settings).unwrap_or_default(),
    })
}

/// Returns the registered client with this id. Any other UUID stands for a public native client.
pub(crate) fn find(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Client>> {
    conn.prepare_cached(&format!("{SELECT} WHERE id = ?1"))?
        .query_row([id.to_string()], from_row)
        .optional()
}

/// Returns the client that owns a domain name, given in lower case.
pub(super) fn with_fqdn(conn: &Connection, fqdn: &str) -> rusqlite::Result<Option<Client>> {
    conn.prepare_cached(&format!(
        "{SELECT} WHERE EXISTS
             (SELECT 1 FROM json_each(auth_client.settings, '$.fqdns') WHERE value = ?1)"
    ))?
    .query_row([fqdn], from_row)
    .optional()
}

/// Lists the clients of a project.
pub(super) fn of_project(conn: &Connection, project: Uuid) -> rusqlite::Result<Vec<Client>> {
    conn.prepare_cached(&format!("{SELECT} WHERE project = ?1 ORDER BY name, id"))?
        .query_map([project.to_string()], from_row)?
        .collect()
}

fn secret_is_right(conn: &Connection, id: Uuid, secret: &str) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM auth_client_secret WHERE client_id = ?1 AND hash = ?2")?
        .exists(params![id.to_string(), tokens::hash(secret)])
}

fn invalid_client(message: &str) -> Problem {
    Problem::oauth(StatusCode::UNAUTHORIZED, "invalid_client", message)
}

/// Client id and secret of an HTTP Basic header; `None` if there is no such header.
fn basic(headers: &HeaderMap) -> Option<Result<(Uuid, String), Problem>> {
    let value = headers.get(header::AUTHORIZATION)?;
    let malformed = || invalid_client("the Basic header is malformed");
    let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD
        .decode(encoded.trim())
        .ok()
        .and_then(|b| String::from_utf8(b).ok());
    let Some((id, secret)) = decoded.as_deref().and_then(|text| text.split_once(':')) else {
        return Some(Err(malformed()));
    };
    match Uuid::parse_str(id) {
        Ok(id) => Some(Ok((id, secret.to_owned()))),
        Err(_) => Some(Err(invalid_client("the client id is not a UUID"))),
    }
}

/// Authenticates the calling client: by Basic header, by a secret in the form, or as a public client by its
/// id alone.
pub(crate) fn authenticate(
    app: &AppState,
    headers: &HeaderMap,
    form: &Pairs,
) -> Result<ClientAuth, Problem> {
    let internal = |error| Problem::internal(Service::Auth, error);
    let (id, secret) = match basic(headers) {
        Some(credentials) => {
            let (id, secret) = credentials?;
            (id, Some(secret))
        }
        None => {
            let id = form
                .filled("client_id")
                .ok_or_else(|| invalid_client("client authentication is required"))?;
            let id =
                Uuid::parse_str(id).map_err(|_| invalid_client("the client id is not a UUID"))?;
            (id, form.filled("client_secret").map(str::to_owned))
        }
    };
    let conn = app.store().lock();
    match secret {
        Some(secret) if secret_is_right(&conn, id, &secret).map_err(internal)? => Ok(ClientAuth {
            id,
            confidential: true,
        }),
        Some(_) => Err(invalid_client("no client has this id and secret")),
        None => match find(&conn, id).map_err(internal)? {
            Some(client) if !client.public => Err(invalid_client(
                "this client must authenticate with its secret",
            )),
            _ => Ok(ClientAuth {
                id,
                confidential: false,
            }),
        },
    }
}

/// Like [`authenticate`], for endpoints that require a client with a secret.
pub(crate) fn authenticate_confidential(
    app: &AppState,
    headers: &HeaderMap,
    form: &Pairs,
) -> Result<ClientAuth, Problem> {
    let client = authenticate(app, headers, form)?;
    if client.confidential {
        Ok(client)
    } else {
        Err(invalid_client("this call is for confidential clients"))
    }
}

/// Whether a code may be sent to this URI.
///
/// A client with registered URIs may only use those. A registered client without URIs may use the page that
/// shows the code, and servers on this machine. A client that was never registered may use any URI that a
/// native app could use, since the emulator accepts every UUID as a native client.
pub(crate) fn may_redirect(app: &AppState, client: Option<&Client>, uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    // RFC 6749, 3.1.2 forbids fragments. The schemes would execute code in the browser instead of leaving
    // it.
    if url.fragment().is_some() || matches!(url.scheme(), "javascript" | "data" | "vbscript") {
        return false;
    }
    match client {
        None => true,
        Some(client) if client.redirect_uris.is_empty() => {
            is_auth_code_page(app, &url) || is_this_machine(&url)
        }
        // Compared as text, as RFC 6749, 3.1.2.3 requires: any normalization could be exploited.
        Some(client) => client.redirect_uris.iter().any(|known| known == uri),
    }
}

/// Whether this is the page that shows a code, of the emulator or of Globus itself.
pub(crate) fn is_auth_code_page(app: &AppState, url: &Url) -> bool {
    url.path() == AUTH_CODE_PATH
        && (url.host_str() == Some("auth.globus.org")
            || Url::parse(app.base_url()).is_ok_and(|own| own.origin() == url.origin()))
}

/// Whether a code sent there stays on this machine, or is shown to the person.
pub(crate) fn stays_on_this_machine(app: &AppState, uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| is_auth_code_page(app, &url) || is_this_machine(&url))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
