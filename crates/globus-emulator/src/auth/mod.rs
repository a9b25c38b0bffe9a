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

/// Who makes a request, as their token says.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) identity_id: Uuid,
    pub(crate) username: String,
    pub(crate) client_id: Uuid,
    /// The scopes of the token, each with the consent behind it.
    pub(crate) granted: Vec<GrantedScope>,
    /// The logins behind the token.
    pub(crate) session: Session,
}

impl Caller {
    pub(crate) fn has_scope(&self, name: &str) -> bool {
        self.granted.iter().any(|one| one.scope == name)
    }
}

/// The token of a bearer header, if there is such a header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The caller of a request to `service`, from its bearer token: one that holds, and that was
/// issued for this service and not for another.
pub(crate) fn caller(
    app: &AppState,
    headers: &HeaderMap,
    service: Service,
) -> Result<Caller, Problem> {
    let Some(text) = bearer(headers) else {
        return Err(Problem::without_credentials(service));
    };
    let internal = |error| Problem::internal(service, error);
    let conn = app.store().lock();
    let token = tokens::find(app, &conn, text)
        .map_err(internal)?
        .filter(|token| token.kind == tokens::Kind::Access)
        .ok_or_else(|| Problem::unauthenticated(service, "Token is not active"))?;
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

/// The caller, or nobody if there is no `Authorization` header: for what is public. A token that
/// does not hold is refused all the same.
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

/// Someone with a token for Auth, or a client with its secret.
fn caller_or_client(app: &AppState, headers: &HeaderMap) -> Result<(), Problem> {
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

/// Makes the people and the clients of the builder known.
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

/// A token by which the seed acts as somebody, for one service.
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
        .route("/v2/web/auth-code", get(authorize::show_code))
        .route("/v2/web/logout", get(authorize::logout))
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
