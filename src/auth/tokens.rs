//! Tokens as they are received, cached and stored.

use super::id_token::claims::UnverifiedClaims;
use crate::generated::auth::types::{OAuthTokenResponse, TokenResponse};
use crate::token::data::TokenData;
use crate::types::{Secret, Uuid};
use jiff::Timestamp;
use std::fmt;
use std::time::Duration;

/// What the token endpoint answered: tokens for one or more resource servers.
///
/// ```no_run
/// # async fn run(client: globus_sdk::auth::ConfidentialAppAuthClient) -> globus_sdk::Result<()> {
/// let tokens = client.oauth2_client_credentials_tokens("urn:globus:auth:scope:transfer.api.globus.org:all").await?;
/// if let Some(transfer) = tokens.by_resource_server("transfer.api.globus.org") {
///     println!("expires at {}", transfer.expires_at);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Tokens {
    all: Vec<TokenData>,
    id_token: Option<Secret>,
    state: Option<String>,
    response: TokenResponse,
}

impl Tokens {
    /// Reads an answer that was received at `now`.
    pub(crate) fn received(response: TokenResponse, client_id: Uuid, now: Timestamp) -> Self {
        let mut tokens = Self {
            all: Vec::new(),
            id_token: None,
            state: None,
            response,
        };
        let documents = match &tokens.response {
            TokenResponse::Object(document) => {
                tokens.id_token.clone_from(&document.id_token);
                tokens.state.clone_from(&document.state);
                std::slice::from_ref(document)
            }
            TokenResponse::Array(documents) => documents,
        };
        for document in documents {
            let others = document.other_tokens.iter();
            for document in std::iter::once(document).chain(others) {
                tokens.all.push(token_data(document, now));
            }
        }
        let received = tokens.id_token.as_ref().and_then(UnverifiedClaims::read);
        if let Some(identity) = received.and_then(|token| token.identity(client_id)) {
            for data in &mut tokens.all {
                data.identity_id = Some(identity);
            }
        }
        tokens
    }

    /// The tokens for a resource server.
    pub fn by_resource_server(&self, resource_server: &str) -> Option<&TokenData> {
        self.all
            .iter()
            .find(|data| data.resource_server == resource_server)
    }

    /// The tokens that are valid for a scope, or for all of several space-separated scopes in any
    /// order.
    pub fn by_scopes(&self, scopes: &str) -> Option<&TokenData> {
        let mut wanted = scopes.split_whitespace().peekable();
        wanted.peek()?;
        let wanted: Vec<&str> = wanted.collect();
        self.all.iter().find(|data| {
            wanted
                .iter()
                .all(|scope| data.scopes.iter().any(|known| known == scope))
        })
    }

    /// The answer's first tokens. `None` for an empty answer to the dependent token grant.
    pub fn first(&self) -> Option<&TokenData> {
        self.all.first()
    }

    /// All tokens except the first.
    pub fn other_tokens(&self) -> &[TokenData] {
        self.all.get(1..).unwrap_or_default()
    }

    /// All tokens, one for each resource server.
    pub fn iter(&self) -> impl Iterator<Item = &TokenData> {
        self.all.iter()
    }

    pub(crate) fn all(&self) -> &[TokenData] {
        &self.all
    }

    /// The ID token, a signed JWT, when the scope `openid` was granted. Its signature is checked by
    /// `decode_id_token` and by a code exchange, both with the feature `id-token`.
    pub fn id_token(&self) -> Option<&Secret> {
        self.id_token.as_ref()
    }

    /// The state of the authorization, as the service repeats it.
    ///
    /// ```no_run
    /// # fn run(tokens: globus_sdk::auth::Tokens) {
    /// let state = tokens.state();
    /// # }
    /// ```
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The answer as received, including undocumented fields.
    pub fn response(&self) -> &TokenResponse {
        &self.response
    }
}

/// Without the answer and the state, which both contain secrets.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("all", &self.all)
            .field("id_token", &self.id_token)
            .finish_non_exhaustive()
    }
}

/// The tokens of one resource server, as they were received.
fn token_data(document: &OAuthTokenResponse, now: Timestamp) -> TokenData {
    // without an expiry, a token is used until the service rejects it
    let expires_at = match document.expires_in {
        Some(seconds) => {
            let lifetime = Duration::from_secs(seconds.try_into().unwrap_or(0));
            now.checked_add(lifetime).unwrap_or(Timestamp::MAX)
        }
        None => Timestamp::MAX,
    };
    TokenData {
        resource_server: document.resource_server.clone(),
        identity_id: None,
        scopes: document
            .scope
            .as_deref()
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        access_token: document.access_token.clone(),
        refresh_token: document.refresh_token.clone(),
        expires_at,
        token_type: document.token_type.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        let response = serde_json::from_value(serde_json::json!({
            "access_token": "one", "scope": "openid email", "expires_in": 100,
            "token_type": "Bearer", "resource_server": "auth.globus.org", "id_token": "a.b.c",
            "other_tokens": [{
                "access_token": "two", "scope": "all", "expires_in": 200, "token_type": "Bearer",
                "resource_server": "transfer.api.globus.org", "refresh_token": "three",
            }],
        }));
        Tokens::received(response.unwrap(), Uuid::nil(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn tokens_are_found_by_resource_server() {
        let tokens = tokens();
        let transfer = tokens
            .by_resource_server("transfer.api.globus.org")
            .unwrap();
        assert_eq!(transfer.access_token.expose(), "two");
        assert!(tokens.by_resource_server("search.api.globus.org").is_none());
    }

    #[test]
    fn tokens_are_found_by_scopes_in_any_order() {
        let tokens = tokens();
        for scopes in ["openid", "email openid", "openid  email", " email"] {
            let found = tokens.by_scopes(scopes).unwrap();
            assert_eq!(found.access_token.expose(), "one", "{scopes}");
        }
        for scopes in ["", " ", "openid all", "nothing"] {
            assert!(tokens.by_scopes(scopes).is_none(), "{scopes}");
        }
    }

    #[test]
    fn identity_comes_only_from_an_id_token_for_this_client() {
        use base64::Engine as _;
        let (client, person) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let of = |payload: &str| {
            let mut response = tokens().response;
            if let TokenResponse::Object(document) = &mut response {
                let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(payload);
                document.id_token = Some(format!("e30.{payload}.c2ln").into());
            }
            let tokens = Tokens::received(response, client, Timestamp::UNIX_EPOCH);
            let ids: Vec<_> = tokens.iter().map(|data| data.identity_id).collect();
            assert_eq!(ids[0], ids[1]);
            ids[0]
        };
        for aud in [
            format!("\"{client}\""),
            format!("[\"{client}\"]"),
            format!("\"{client}\", \"azp\": \"{client}\""),
            format!("[\"x\", \"{client}\"], \"azp\": \"{client}\""),
        ] {
            let payload = format!(r#"{{"sub": "{person}", "aud": {aud}}}"#);
            assert_eq!(of(&payload), Some(person));
        }
        for payload in [
            format!(r#"{{"sub": "{person}", "aud": "{person}"}}"#),
            format!(r#"{{"sub": "{person}", "aud": "{client}", "azp": "{person}"}}"#),
            format!(r#"{{"sub": "{person}", "aud": ["x", "{client}"], "azp": "x"}}"#),
            format!(r#"{{"sub": "{person}", "aud": ["x", "{client}"]}}"#),
            format!(r#"{{"sub": "{person}", "aud": []}}"#),
            format!(r#"{{"sub": "{person}"}}"#),
            format!(r#"{{"sub": "me", "aud": "{client}"}}"#),
            "no JSON".to_owned(),
        ] {
            assert_eq!(of(&payload), None, "{payload}");
        }
    }

    #[test]
    fn the_expiry_counts_from_the_receipt() {
        let ends: Vec<i64> = tokens().iter().map(|d| d.expires_at.as_second()).collect();
        assert_eq!(ends, [100, 200]);
    }

    #[test]
    fn an_absurd_lifetime_is_cut_to_what_can_be_told() {
        let mut response = tokens().response;
        if let TokenResponse::Object(document) = &mut response {
            document.expires_in = Some(i64::MAX);
        }
        let tokens = Tokens::received(response, Uuid::nil(), Timestamp::UNIX_EPOCH);
        assert_eq!(tokens.first().unwrap().expires_at, Timestamp::MAX);
    }

    #[test]
    fn no_token_appears_in_debug() {
        let shown = format!("{:?}", tokens());
        for secret in ["\"one\"", "\"two\"", "\"three\"", "a.b.c"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn what_is_stored_reads_back() {
        let data = tokens().other_tokens()[0].clone();
        let text = serde_json::to_string(&data).unwrap();
        assert_eq!(serde_json::from_str::<TokenData>(&text).unwrap(), data);
    }
}
