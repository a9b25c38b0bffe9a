//! A call of the token endpoint: any grant, with additional parameters.

use super::tokens::Tokens;
use crate::call::CallOptions;
use crate::error::Result;
use crate::generated::auth::Client;
use crate::generated::auth::types::{AccessType, TokenRequest};
use crate::operation::Idempotency;
use crate::scope::ScopeString;
use crate::token::data::now;
use crate::types::Uuid;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

/// A token request. Awaiting it returns [`Tokens`].
///
/// ```no_run
/// # async fn run(client: globus_sdk::auth::ConfidentialAppAuthClient) -> globus_sdk::Result<()> {
/// let tokens = client
///     .oauth2_get_dependent_tokens("the caller's token")
///     .refresh_tokens(true)
///     .param("a_parameter_of_tomorrow", "1")
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is awaited"]
pub struct TokenRequestBuilder {
    client: Client,
    client_id: Uuid,
    request: TokenRequest,
    idempotency: Idempotency,
    options: CallOptions,
}

crate::call::options!(TokenRequestBuilder, options);

impl TokenRequestBuilder {
    pub(super) fn new(
        client: &Client,
        client_id: Uuid,
        request: TokenRequest,
        idempotency: Idempotency,
    ) -> Self {
        Self {
            client: client.clone(),
            client_id,
            request,
            idempotency,
            options: CallOptions::default(),
        }
    }

    /// Adds a parameter that no method covers.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request.extra.insert(name, value.into());
        self
    }

    /// Requests fewer scopes than the grant would return.
    pub fn scopes(mut self, scopes: impl Into<ScopeString>) -> Self {
        self.request.scope = Some(scopes.into().to_string());
        self
    }

    /// Whether to request refresh tokens as well, for grants with that choice: dependent tokens.
    pub fn refresh_tokens(mut self, yes: bool) -> Self {
        let access_type = if yes {
            AccessType::Offline
        } else {
            AccessType::Online
        };
        self.request.access_type = Some(access_type);
        self
    }

    async fn make(self) -> Result<Tokens> {
        let mut call = self.client.oauth2_token(&self.request);
        *call.call_mut().options() = self.options;
        // whether a grant may be repeated depends on its type, which the spec cannot express
        call.call_mut().set_idempotency(self.idempotency);
        let response = call.await?;
        let clock = self.client.core.transport().clock();
        Ok(Tokens::received(response, self.client_id, now(&**clock)))
    }
}

impl IntoFuture for TokenRequestBuilder {
    type Output = Result<Tokens>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.make())
    }
}
