//! Token introspection, validation and revocation.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::developer::policies;
use super::tokens::{self, Kind, Token};
use super::{clients, consents, identities, sessions, userinfo};
use crate::app_state::AppState;
use crate::params::Pairs;
use crate::problem::Problem;
use crate::service::Service;

fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::internal(Service::Auth, error)
}

fn inactive() -> Response {
    Json(json!({ "active": false })).into_response()
}

/// `POST /v2/oauth2/token/introspect`: for the client that a token was issued to and the service that it
/// was issued for. To all others, the token does not exist.
pub(super) async fn introspect(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Pairs::parse(&body);
    let client = clients::authenticate_confidential(&app, &headers, &form)?;
    let Some(text) = form.filled("token") else {
        return Err(Problem::oauth(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "token is required",
        ));
    };
    let conn = app.store().lock();
    let Some(token) = tokens::find(&app, &conn, text).map_err(internal)? else {
        return Ok(inactive());
    };
    // Inactive instead of forbidden, so that a client cannot probe for tokens of others.
    if token.client_id != client.id && token.resource_server != client.id.to_string() {
        return Ok(inactive());
    }
    let mut audience = vec![token.resource_server.clone()];
    if token.client_id.to_string() != token.resource_server {
        audience.push(token.client_id.to_string());
    }
    let issued_at = token.issued_at.as_second();
    let mut answer = json!({
        "active": true,
        "token_type": "Bearer",
        "scope": token.scope_names().join(" "),
        "client_id": token.client_id,
        "sub": token.identity_id,
        "aud": audience,
        "iss": app.base_url(),
        "iat": issued_at,
        "nbf": issued_at,
        "exp": token.expires_at.unwrap_or(jiff::Timestamp::MAX).as_second(),
    });
    let session = sessions::of_token(&conn, &token).map_err(internal)?;
    let set = identities::set_of(&conn, token.identity_id).map_err(internal)?;
    if let Some(identity) = set.iter().find(|one| one.id == token.identity_id) {
        answer["username"] = json!(identity.username);
        answer["name"] = json!(identity.name);
        answer["email"] = json!(identity.email);
    }
    for include in form
        .get("include")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
    {
        match include {
            name @ ("identity_set" | "identities_set") => {
                let ids: Vec<_> = set.iter().map(|one| one.id).collect();
                answer[name] = json!(ids);
            }
            "identity_set_detail" => {
                let members = set
                    .iter()
                    .map(|one| userinfo::set_member(Some(&session), one));
                answer["identity_set_detail"] = members.collect();
            }
            "session_info" => answer["session_info"] = session.document(),
            // Globus ignores unknown parameters here, and so does the emulator.
            _ => {}
        }
    }
    answer["dependent_tokens_cache_id"] = json!(cache_id(&conn, &token).map_err(internal)?);
    if let Some(asked) = form.filled("authentication_policies") {
        let mut evaluations = Map::new();
        for policy in asked.split(',').map(str::trim) {
            let satisfied = policies::is_satisfied(&conn, app.now(), policy, &session);
            let evaluation = json!({ "evaluation": satisfied.map_err(internal)? });
            evaluations.insert(policy.to_owned(), evaluation);
        }
        answer["policy_evaluations"] = Value::Object(evaluations);
    }
    Ok(Json(answer).into_response())
}

/// A text that changes whenever the dependent tokens would change: when a consent below is given or
/// revoked.
fn cache_id(conn: &Connection, token: &Token) -> rusqlite::Result<String> {
    let mut ids = Vec::new();
    for granted in &token.granted {
        // The token's own consents are part of it, since another token with the same children may differ in
        // scopes.
        ids.push(granted.consent);
        let below = consents::list_below(conn, granted.consent)?;
        ids.extend(below.iter().map(|consent| consent.id));
    }
    Ok(tokens::hash(&json!(ids).to_string()))
}

/// `POST /v2/oauth2/token/validate`: whether a token of this client is valid.
pub(super) async fn validate(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Pairs::parse(&body);
    let client = clients::authenticate(&app, &headers, &form)?;
    let text = form.get("token").unwrap_or_default();
    let token = tokens::find(&app, &app.store().lock(), text).map_err(internal)?;
    let active = token.is_some_and(|token| token.client_id == client.id);
    Ok(Json(json!({ "active": active })).into_response())
}

/// `POST /v2/oauth2/token/revoke`: revokes a token of this client, or of an instance of it. Tokens of other
/// clients stay valid. None of these cases is an error: neither an unknown token (RFC 7009, 2.2) nor a
/// missing one. The Globus CLI logs out with the credentials of its template, whichever client the tokens
/// belong to, and expects success.
pub(super) async fn revoke(
    State(app): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Pairs::parse(&body);
    let client = clients::authenticate(&app, &headers, &form)?;
    if let Some(text) = form.filled("token") {
        let conn = app.store().lock();
        if let Some(token) = tokens::find(&app, &conn, text).map_err(internal)? {
            let issued_to = clients::find(&conn, token.client_id).map_err(internal)?;
            let parent = issued_to.and_then(|client| client.parent);
            // RFC 7009, 2.1: only the client that a token was issued to may revoke it.
            if token.client_id != client.id && parent != Some(client.id) {
                return Ok(inactive());
            }
            tracing::debug!(
                refresh = (token.kind == Kind::Refresh),
                "a token was revoked"
            );
            tokens::revoke(&conn, &token).map_err(internal)?;
        }
    }
    Ok(inactive())
}
