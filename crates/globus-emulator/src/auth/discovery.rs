//! OpenID Connect discovery: the endpoints, and the signing key.

use axum::extract::State;
use axum::response::{IntoResponse, Json, Response};
use serde_json::json;

use crate::app_state::AppState;

/// `GET /.well-known/openid-configuration`
pub(super) async fn configuration(State(app): State<AppState>) -> Response {
    let at = |path: &str| format!("{}{path}", app.base_url());
    Json(json!({
        "issuer": app.base_url(),
        "authorization_endpoint": at("/v2/oauth2/authorize"),
        "token_endpoint": at("/v2/oauth2/token"),
        "userinfo_endpoint": at("/v2/oauth2/userinfo"),
        "revocation_endpoint": at("/v2/oauth2/token/revoke"),
        "introspection_endpoint": at("/v2/oauth2/token/introspect"),
        "jwks_uri": at("/jwk.json"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "client_credentials",
            "urn:globus:auth:grant_type:dependent_token",
        ],
        "scopes_supported": ["openid", "email", "profile"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "claims_supported": [
            "at_hash", "aud", "email", "exp", "iat", "identity_provider",
            "identity_provider_display_name", "identity_set", "iss", "last_authentication",
            "name", "nonce", "organization", "preferred_username", "sub",
        ],
    }))
    .into_response()
}

/// `GET /jwk.json`
pub(super) async fn keys(State(app): State<AppState>) -> Response {
    Json(app.signer().jwks()).into_response()
}
