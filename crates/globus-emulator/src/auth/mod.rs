//! Auth: identities, clients, tokens and consents.

mod authorize;
mod clients;
mod consent_routes;
pub(crate) mod consents;
mod developer;
mod discovery;
mod html;
pub(crate) mod identities;
mod introspect;
pub(crate) mod keys;
pub(crate) mod requirements;
mod scopes;
pub(crate) mod sessions;
mod token;
pub(crate) mod tokens;
mod userinfo;

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::routing::{get, post};
use rusqlite::Connection;
use uuid::Uuid;

use crate::app_state::{AppState, Identity};
use crate::builder::{ClientConfig, LinkedIdentity};
use crate::params::Pairs;
use crate::problem::Problem;
use crate::service::Service;
use consents::GrantedScope;
use sessions::Session;

/// The caller of a request, as identified by its token.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) identity_id: Uuid,
    pub(crate) username: String,
    pub(crate) client_id: Uuid,
    /// The scopes of the token, with the consents that allow them.
    pub(crate) granted: Vec<GrantedScope>,
    /// The logins that the token is based on.
    pub(crate) session: Session,
}

impl Caller {
    pub(crate) fn has_scope(&self, name: &str) -> bool {
        self.granted.iter().any(|one| one.scope == name)
    }
}

/// The token of a bearer header, if there is such a header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Authenticates the caller of a request to `service`: the bearer token must be valid and issued for this
/// service.
pub(crate) fn caller(
    app: &AppState,
    headers: &HeaderMap,
    service: Service,
) -> Result<Caller, Problem> {
    let Some(text) = bearer(headers) else {
        if !headers.contains_key(header::AUTHORIZATION) {
            return Err(Problem::without_credentials(service));
        }
        // Inferred: nobody has published how a service refuses another scheme.
        let message = "The Authorization header has no bearer token";
        return Err(Problem::unauthenticated(service, message));
    };
    let internal = |error| Problem::internal(service, error);
    let conn = app.store().lock();
    let token = tokens::find(app, &conn, text)
        .map_err(internal)?
        // Both kinds are looked up in one table, and a refresh token must not work as an access token.
        .filter(|token| token.kind == tokens::Kind::Access)
        .ok_or_else(|| Problem::unauthenticated(service, "Token is not active"))?;
    // The most common mistake of clients with several tokens, so the message names the service that the
    // token is for.
    if token.resource_server != service.resource_server() {
        let message = format!("The token is for {}", token.resource_server);
        return Err(Problem::unauthenticated(service, message));
    }
    let identity = identities::by_id(&conn, token.identity_id).map_err(internal)?;
    let username = identity.map_or_else(|| token.identity_id.to_string(), |i| i.username);
    let caller = Caller {
        identity_id: token.identity_id,
        username,
        client_id: token.client_id,
        session: sessions::of_token(&conn, &token).map_err(internal)?,
        granted: token.granted,
    };
    tracing::trace!(client = %caller.client_id, who = caller.username, "a call is authenticated");
    Ok(caller)
}

/// Like [`caller`], but `None` without an `Authorization` header, for public data. An invalid token is an
/// error nonetheless.
pub(crate) fn optional_caller(
    app: &AppState,
    headers: &HeaderMap,
    service: Service,
) -> Result<Option<Caller>, Problem> {
    if headers.contains_key(header::AUTHORIZATION) {
        caller(app, headers, service).map(Some)
    } else {
        Ok(None)
    }
}

/// Authenticates a caller with a token for Auth, or a client with its secret.
fn caller_or_client(app: &AppState, headers: &HeaderMap) -> Result<(), Problem> {
    // An invalid bearer token is not a client: it must not fall through to Basic authentication.
    if bearer(headers).is_none() && headers.contains_key(header::AUTHORIZATION) {
        clients::authenticate_confidential(app, headers, &Pairs::default())
            .map_err(|_| Problem::unauthenticated(Service::Auth, "The client is not known"))?;
        return Ok(());
    }
    caller(app, headers, Service::Auth).map(|_| ())
}

/// Creates the tables of Auth.
pub(crate) fn migrate(conn: &Connection) -> rusqlite::Result<()> {
    identities::migrate(conn)?;
    clients::migrate(conn)?;
    authorize::migrate(conn)?;
    consents::migrate(conn)?;
    developer::migrate(conn)?;
    sessions::migrate(conn)?;
    requirements::migrate(conn)?;
    tokens::migrate(conn)
}

/// Stores the people and clients of the builder.
pub(crate) fn seed<'a>(
    app: &AppState,
    people: impl Iterator<Item = &'a Identity>,
    linked: &[LinkedIdentity],
    clients: &[ClientConfig],
) -> rusqlite::Result<()> {
    let conn = app.store().lock();
    for person in people {
        identities::put(&conn, person, "used")?;
    }
    for one in linked {
        identities::put(&conn, &one.identity, "used")?;
        identities::link(&conn, one.identity.id, one.person)?;
    }
    for client in clients {
        clients::put(&conn, client, app.now())?;
    }
    Ok(())
}

/// Issues a token for one service, with which the seed makes requests as an identity.
pub(crate) fn token_for_seed(
    app: &AppState,
    conn: &Connection,
    identity: Uuid,
    resource_server: &str,
) -> rusqlite::Result<String> {
    token::for_seed(app, conn, identity, resource_server)
}

/// The paths of Auth.
pub(crate) fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(discovery::configuration),
        )
        .route("/jwk.json", get(discovery::keys))
        .route(
            "/v2/oauth2/authorize",
            get(authorize::authorize).post(authorize::decide),
        )
        .route("/v2/web/auth-code", get(html::show_code))
        .route("/v2/web/logout", get(html::logout))
        .route("/v2/oauth2/token", post(token::token))
        .route("/v2/oauth2/token/introspect", post(introspect::introspect))
        .route("/v2/oauth2/token/validate", post(introspect::validate))
        .route("/v2/oauth2/token/revoke", post(introspect::revoke))
        .route(
            "/v2/oauth2/userinfo",
            get(userinfo::userinfo).post(userinfo::userinfo),
        )
        .route("/v2/api/identities", get(identities::get_identities))
        .route("/v2/api/identities/{id}", get(identities::get_identity))
        .route(
            "/v2/api/identities/{id}/consents",
            get(consent_routes::get_consents),
        )
        .route(
            "/v2/web/consents",
            get(consent_routes::show).post(consent_routes::revoke),
        )
        .route(
            "/v2/api/identity_providers",
            get(identities::get_identity_providers),
        )
        .merge(developer::router())
}
