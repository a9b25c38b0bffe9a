//! Clients: registered ones with secrets, and public native ones that nobody registered.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::{Value, json};
use url::{Host, Url};
use uuid::Uuid;

use super::{identities, tokens};
use crate::builder::AskedClient;
use crate::params::Pairs;
use crate::problem::Problem;
use crate::service::Service;
use crate::state::{App, Identity};

/// The page that shows a code to a person who has no local server running.
pub(crate) const AUTH_CODE_PATH: &str = "/v2/web/auth-code";

/// A client that was registered.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) public: bool,
    redirect_uris: Vec<String>,
}

/// Who calls an OAuth endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAuth {
    pub(crate) id: Uuid,
    /// Whether it proved itself with a secret.
    pub(crate) confidential: bool,
}

pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(
        "CREATE TABLE IF NOT EXISTS auth_client (
            id            TEXT PRIMARY KEY,
            name          TEXT NOT NULL,
            public        INTEGER NOT NULL,
            redirect_uris TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS auth_client_secret (
            id        TEXT PRIMARY KEY,
            client_id TEXT NOT NULL,
            hash      TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS auth_client_secret_client ON auth_client_secret (client_id);",
    )
}

/// Registers a client of the builder or the command line, or updates it after a restart.
pub(crate) fn put(conn: &Connection, client: &AskedClient) -> rusqlite::Result<()> {
    let name = format!("Client {}", client.id);
    insert(conn, client.id, &name, false, &client.redirect_uris)?;
    conn.execute(
        "DELETE FROM auth_client_secret WHERE client_id = ?1",
        [client.id.to_string()],
    )?;
    add_secret(conn, client.id, Uuid::new_v4(), &client.secret)
}

fn insert(
    conn: &Connection,
    id: Uuid,
    name: &str,
    public: bool,
    redirect_uris: &[String],
) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT OR REPLACE INTO auth_client (id, name, public, redirect_uris)
         VALUES (?1, ?2, ?3, ?4)",
        params![
            id.to_string(),
            name,
            public,
            json!(redirect_uris).to_string()
        ],
    )?;
    let identity = Identity {
        id,
        username: identities::username_of_client(id),
        name: Some(name.to_owned()),
        email: None,
    };
    identities::put(conn, &identity, "used")
}

fn add_secret(
    conn: &Connection,
    client: Uuid,
    credential: Uuid,
    secret: &str,
) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO auth_client_secret (id, client_id, hash) VALUES (?1, ?2, ?3)",
        params![
            credential.to_string(),
            client.to_string(),
            tokens::hash(secret)
        ],
    )?;
    Ok(())
}

/// The registered client with this id; any other UUID is a public native client.
pub(crate) fn find(conn: &Connection, id: Uuid) -> rusqlite::Result<Option<Client>> {
    conn.prepare_cached("SELECT name, public, redirect_uris FROM auth_client WHERE id = ?1")?
        .query_row([id.to_string()], |row| {
            let redirect_uris: String = row.get(2)?;
            Ok(Client {
                name: row.get(0)?,
                public: row.get(1)?,
                redirect_uris: serde_json::from_str(&redirect_uris).unwrap_or_default(),
            })
        })
        .optional()
}

fn secret_is_right(conn: &Connection, id: Uuid, secret: &str) -> rusqlite::Result<bool> {
    conn.prepare_cached("SELECT 1 FROM auth_client_secret WHERE client_id = ?1 AND hash = ?2")?
        .exists(params![id.to_string(), tokens::hash(secret)])
}

fn invalid_client(message: &str) -> Problem {
    Problem::oauth(StatusCode::UNAUTHORIZED, "invalid_client", message)
}

/// The id and secret of a Basic header; `None` if there is no such header.
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

/// The client that calls: by Basic header, by a secret in the form, or a public one by its id.
pub(crate) fn authenticate(
    app: &App,
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

/// Like [`authenticate`], for endpoints that are for clients with a secret.
pub(crate) fn authenticate_confidential(
    app: &App,
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
/// A client that registered URIs may use those. One that registered none may use the page that
/// shows the code and servers on this machine. One that was never registered may use anything
/// that a native app could: the emulator accepts any UUID as one.
pub(crate) fn may_redirect(app: &App, client: Option<&Client>, uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else {
        return false;
    };
    if url.fragment().is_some() || matches!(url.scheme(), "javascript" | "data" | "vbscript") {
        return false;
    }
    match client {
        None => true,
        Some(client) if client.redirect_uris.is_empty() => {
            is_auth_code_page(app, &url) || is_this_machine(&url)
        }
        Some(client) => client.redirect_uris.iter().any(|known| known == uri),
    }
}

/// Whether this is the page that shows a code, here or at the real Globus.
pub(crate) fn is_auth_code_page(app: &App, url: &Url) -> bool {
    url.path() == AUTH_CODE_PATH
        && (url.host_str() == Some("auth.globus.org")
            || Url::parse(app.base_url()).is_ok_and(|own| own.origin() == url.origin()))
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// `POST /v2/api/clients`: an instance of a template without a caller, a child of a client, or
/// a client of a person's project.
pub(super) async fn create_client(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let invalid = |m: String| Problem::auth(StatusCode::BAD_REQUEST, "BAD_REQUEST", m);
    let asked: Value = serde_json::from_slice(&body)
        .map_err(|error| invalid(format!("the body is not JSON: {error}")))?;
    let asked = asked
        .get("client")
        .and_then(Value::as_object)
        .ok_or_else(|| invalid(String::from("a \"client\" object is required")))?;
    let text = |name: &str| asked.get(name).and_then(Value::as_str);

    let template = text("template_id");
    let parent = if template.is_some() {
        template.map(str::to_owned)
    } else if let Some(credentials) = basic(&headers) {
        credentials?;
        Some(
            authenticate_confidential(&app, &headers, &Pairs::default())?
                .id
                .to_string(),
        )
    } else {
        super::caller(&app, &headers, Service::Auth)?;
        None
    };
    let name = text("name")
        .filter(|name| !name.is_empty())
        .ok_or_else(|| invalid(String::from("client.name is required")))?;
    let client_type = text("client_type");
    let public = asked
        .get("public_client")
        .and_then(Value::as_bool)
        .unwrap_or(matches!(
            client_type,
            Some("public_installed_client" | "public_webapp_client")
        ));
    let redirect_uris: Vec<String> = match asked.get("redirect_uris") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => serde_json::from_value(list.clone())
            .map_err(|_| invalid(String::from("client.redirect_uris must be strings")))?,
    };

    let id = Uuid::new_v4();
    let credential = (!public).then(|| (Uuid::new_v4(), tokens::secret("", 44)));
    {
        let conn = app.store().lock();
        let stored =
            insert(&conn, id, name, public, &redirect_uris).and_then(|()| match &credential {
                Some((credential, secret)) => add_secret(&conn, id, *credential, secret),
                None => Ok(()),
            });
        stored.map_err(|error| Problem::internal(Service::Auth, error))?;
    }
    let mut grant_types = vec!["authorization_code", "refresh_token"];
    if !public {
        grant_types.insert(1, "client_credentials");
    }
    let default_type = if public {
        "public_installed_client"
    } else {
        "confidential_client"
    };
    let null_links = json!({ "privacy_policy": null, "terms_and_conditions": null });
    let mut answer = json!({ "client": {
        "id": id,
        "name": name,
        "public_client": public,
        "client_type": client_type.unwrap_or(default_type),
        "redirect_uris": redirect_uris,
        "parent_client": parent,
        "project": asked.get("project").cloned().unwrap_or_default(),
        "grant_types": grant_types,
        "scopes": [],
        "fqdns": [],
        "links": asked.get("links").filter(|l| !l.is_null()).unwrap_or(&null_links),
        "required_idp": asked.get("required_idp").cloned().unwrap_or_default(),
        "preselect_idp": asked.get("preselect_idp").cloned().unwrap_or_default(),
        "visibility": text("visibility").unwrap_or("private"),
        "prompt_for_named_grant": false,
        "userinfo_from_effective_identity": true,
    } });
    if let Some((credential, secret)) = credential {
        answer["included"] = json!({ "client_credential": {
            "id": credential,
            "name": "Auto-created at client creation",
            "client": id,
            "secret": secret,
            "created": app.now().to_string(),
        } });
    }
    Ok(Json(answer).into_response())
}
