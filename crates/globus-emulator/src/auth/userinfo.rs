//! The userinfo endpoint: claims about the person a token was issued for.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Json, Response};
use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::identities::{self, ORGANIZATION, PROVIDER_ID, PROVIDER_NAME};
use super::sessions::Session;
use crate::app_state::{AppState, Identity};
use crate::problem::Problem;
use crate::service::Service;

/// The scope that allows a client to list all identities of a person.
const VIEW_IDENTITY_SET: &str = "urn:globus:auth:scope:auth.globus.org:view_identity_set";

/// The claims that each of these scopes allows.
pub(crate) fn claims(
    conn: &Connection,
    identity_id: Uuid,
    session: Option<&Session>,
    scopes: &[String],
) -> rusqlite::Result<Value> {
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    let identity = identities::by_id(conn, identity_id)?;
    let mut claims = json!({
        "sub": identity_id,
        "last_authentication": last_authentication(session, identity_id),
    });
    // An identity that is only known by its id has no claims.
    let Some(identity) = identity else {
        return Ok(claims);
    };
    if has("profile") {
        claims["name"] = json!(identity.name);
        claims["preferred_username"] = json!(identity.username);
        claims["organization"] = json!(ORGANIZATION);
        claims["identity_provider"] = json!(PROVIDER_ID);
        claims["identity_provider_display_name"] = json!(PROVIDER_NAME);
    }
    if has("email") {
        claims["email"] = json!(email_of(&identity));
    }
    if has(VIEW_IDENTITY_SET) {
        let set = identities::set_of(conn, identity_id)?;
        let members: Vec<Value> = set.iter().map(|one| set_member(session, one)).collect();
        claims["identity_set"] = json!(members);
    }
    Ok(claims)
}

/// The email address. A client has none, and its username is shown, as by Globus.
fn email_of(identity: &Identity) -> &str {
    identity.email.as_deref().unwrap_or(&identity.username)
}

/// An identity in the identity set of a person.
pub(crate) fn set_member(session: Option<&Session>, identity: &Identity) -> Value {
    json!({
        "sub": identity.id,
        "username": identity.username,
        "name": identity.name,
        "email": email_of(identity),
        "organization": ORGANIZATION,
        "identity_provider": PROVIDER_ID,
        "identity_provider_display_name": PROVIDER_NAME,
        "last_authentication": last_authentication(session, identity.id),
    })
}

/// Time of the last login with an identity; null if it is unknown.
fn last_authentication(session: Option<&Session>, identity: Uuid) -> Option<i64> {
    let last = session.and_then(|session| session.last(identity));
    last.map(jiff::Timestamp::as_second)
}

/// `GET` or `POST /v2/oauth2/userinfo`
pub(super) async fn userinfo(
    State(app): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let caller = super::caller(&app, &headers, Service::Auth)?;
    if !caller.has_scope("openid") {
        return Err(Problem::forbidden(
            Service::Auth,
            "the openid scope is required",
        ));
    }
    let scopes: Vec<String> = caller.granted.into_iter().map(|one| one.scope).collect();
    let claims = claims(
        &app.store().lock(),
        caller.identity_id,
        Some(&caller.session),
        &scopes,
    )
    .map_err(|error| Problem::internal(Service::Auth, error))?;
    Ok(Json(claims).into_response())
}
