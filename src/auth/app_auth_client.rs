//! What native apps and confidential clients have in common: Globus Auth, as somebody.

use super::token_request_builder::TokenRequestBuilder;
use crate::error::{Error, Result};
use crate::generated::auth::types::{
    GrantType, TokenRequest, TokenRevokeRequest, TokenValidateRequest,
};
use crate::generated::auth::{Client, builders};
use crate::operation::Idempotency;
use crate::scope::ScopeString;
use crate::transport::{BasicAuthorizer, NullAuthorizer};
use crate::types::{Id, Secret, Uuid};

/// What both kinds of client are: Globus Auth, as somebody.
#[derive(Clone, Debug)]
pub(crate) struct LoginClient {
    client: Client,
    id: Uuid,
    confidential: bool,
    #[cfg(feature = "id-token")]
    keys: std::sync::Arc<super::id_token::keys::Keys>,
}

impl LoginClient {
    pub(crate) fn native(client: &Client, id: &Id) -> Result<Self> {
        Ok(Self {
            client: client.with_authorizer(NullAuthorizer),
            id: uuid(id)?,
            confidential: false,
            #[cfg(feature = "id-token")]
            keys: super::id_token::keys::Keys::for_client(client),
        })
    }

    pub(crate) fn confidential(client: &Client, id: &Id, secret: &Secret) -> Result<Self> {
        let id = uuid(id)?;
        Ok(Self {
            client: client.with_authorizer(BasicAuthorizer::new(&id.to_string(), secret)),
            id,
            confidential: true,
            #[cfg(feature = "id-token")]
            keys: super::id_token::keys::Keys::for_client(client),
        })
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn id(&self) -> Uuid {
        self.id
    }

    #[cfg(feature = "id-token")]
    pub(crate) fn keys(&self) -> &std::sync::Arc<super::id_token::keys::Keys> {
        &self.keys
    }

    fn id_in_form(&self) -> Option<Uuid> {
        (!self.confidential).then_some(self.id)
    }

    pub(crate) fn grant(
        &self,
        mut request: TokenRequest,
        idempotency: Idempotency,
    ) -> TokenRequestBuilder {
        request.client_id = request.client_id.or(self.id_in_form());
        TokenRequestBuilder::new(&self.client, self.id, request, idempotency)
    }

    /// A repeated refresh is harmless: the service keeps a rotated token good for a while.
    pub(crate) fn refresh(&self, refresh_token: impl Into<Secret>) -> TokenRequestBuilder {
        let request = TokenRequest::new(GrantType::RefreshToken).refresh_token(refresh_token);
        self.grant(request, Idempotency::Idempotent)
    }

    pub(crate) fn client_credentials(&self, scopes: impl Into<ScopeString>) -> TokenRequestBuilder {
        let request =
            TokenRequest::new(GrantType::ClientCredentials).scope(scopes.into().to_string());
        self.grant(request, Idempotency::Idempotent)
    }

    pub(crate) fn revoke(&self, token: impl Into<Secret>) -> builders::Oauth2RevokeToken {
        let mut request = TokenRevokeRequest::new(token);
        request.client_id = self.id_in_form();
        self.client.oauth2_revoke_token(&request)
    }

    pub(crate) fn validate(&self, token: impl Into<Secret>) -> builders::Oauth2ValidateToken {
        let mut request = TokenValidateRequest::new(token);
        request.client_id = self.id_in_form();
        self.client.oauth2_validate_token(&request)
    }
}

fn uuid(id: &Id) -> Result<Uuid> {
    id.uuid()
        .map_err(|text| Error::invalid_uuid("client_id", text))
}

/// A client that tokens can be asked from: [`NativeAppAuthClient`](super::NativeAppAuthClient) or
/// [`ConfidentialAppAuthClient`](super::ConfidentialAppAuthClient).
pub trait AppAuthClient: sealed::Login {}

pub(crate) mod sealed {
    pub trait Login {
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn login_client(&self) -> &crate::auth::app_auth_client::LoginClient;
    }
}
