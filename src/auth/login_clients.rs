//! The clients that programs log in with: native apps, which have no secret, and confidential
//! clients.

use super::app_auth_client::{AppAuthClient, LoginClient, sealed};
use super::flow::AuthorizationCodeFlow;
use super::token_request_builder::TokenRequestBuilder;
use crate::error::Result;
use crate::generated::auth::types::{GrantType, TokenIntrospectRequest, TokenRequest};
use crate::generated::auth::{Client, builders};
use crate::operation::Idempotency;
use crate::scope::ScopeString;
use crate::types::{Id, Secret, Uuid};

/// What both kinds of client can do.
macro_rules! login_client {
    ($client:ident) => {
        impl sealed::Login for $client {
            #[allow(private_interfaces)]
            fn login_client(&self) -> &LoginClient {
                &self.0
            }
        }

        impl AppAuthClient for $client {}

        impl $client {
            /// The client's id.
            pub fn client_id(&self) -> Uuid {
                self.0.id()
            }

            /// All operations of Globus Auth as this client, for those without a method here.
            pub fn client(&self) -> &Client {
                self.0.client()
            }

            /// The page that ends a user's session with Globus Auth and shows this client's name.
            /// It revokes no tokens.
            ///
            /// ```
            /// # let client = globus_sdk::auth::NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?;
            /// let page = client
            ///     .get_logout_url()
            ///     .redirect_uri("https://portal.example/")
            ///     .redirect_name("My portal")
            ///     .url()?;
            /// assert_eq!(page.path(), "/v2/web/logout");
            /// # Ok::<(), globus_sdk::Error>(())
            /// ```
            pub fn get_logout_url(&self) -> builders::GetLogoutUrl {
                self.0.client().get_logout_url().client_id(self.0.id())
            }

            /// Requests tokens by any grant; repeated only if the request provably did not arrive.
            /// The client's id is filled in where the form needs it.
            ///
            /// ```no_run
            /// # async fn run(client: globus_sdk::auth::NativeAppAuthClient) -> globus_sdk::Result<()> {
            /// use globus_sdk::auth::types::TokenRequest;
            ///
            /// let tokens = client.oauth2_token(TokenRequest::new("a_grant_of_tomorrow")).await?;
            /// # Ok(()) }
            /// ```
            pub fn oauth2_token(&self, request: impl Into<TokenRequest>) -> TokenRequestBuilder {
                self.0.grant(request.into(), Idempotency::NotIdempotent)
            }

            /// Exchanges a refresh token for new tokens. The answer may contain a new refresh
            /// token, which replaces the old one: store it before anything else.
            pub fn oauth2_refresh_token(
                &self,
                refresh_token: impl Into<Secret>,
            ) -> TokenRequestBuilder {
                self.0.refresh(refresh_token)
            }

            /// Revokes an access or refresh token at once.
            pub fn oauth2_revoke_token(
                &self,
                token: impl Into<Secret>,
            ) -> builders::Oauth2RevokeToken {
                self.0.revoke(token)
            }

            /// Asks whether a token is still valid. It is usually better to use the token and
            /// handle a failure.
            pub fn oauth2_validate_token(
                &self,
                token: impl Into<Secret>,
            ) -> builders::Oauth2ValidateToken {
                self.0.validate(token)
            }
        }
    };
}

/// A program that runs on users' machines and therefore has no secret.
///
/// ```no_run
/// use globus_sdk::auth::NativeAppAuthClient;
///
/// # async fn run() -> globus_sdk::Result<()> {
/// let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?;
/// let flow = client.oauth2_start_flow("urn:globus:auth:scope:transfer.api.globus.org:all");
/// println!("log in at {}", flow.authorize_url()?);
/// let tokens = flow.exchange("the code that the page shows").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct NativeAppAuthClient(LoginClient);

login_client!(NativeAppAuthClient);

impl NativeAppAuthClient {
    /// Creates a client with default settings.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the id is not a UUID, or an environment variable is invalid.
    pub fn new(client_id: impl Into<Id>) -> Result<Self> {
        Self::with_client(client_id, &Client::builder().build()?)
    }

    /// Creates a client that shares the connections and settings of another: that of a
    /// [`Globus`](crate::Globus), or one from [`Client::builder`].
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the id is not a UUID.
    pub fn with_client(client_id: impl Into<Id>, client: &Client) -> Result<Self> {
        LoginClient::native(client, &client_id.into()).map(Self)
    }

    /// Starts a login; the returned flow holds everything that belongs to it. Uses PKCE, and a page
    /// of Globus that shows the code for copying unless another redirect URI is set.
    ///
    /// ```no_run
    /// # async fn run(client: globus_sdk::auth::NativeAppAuthClient) -> globus_sdk::Result<()> {
    /// let url = client.oauth2_start_flow("openid email").authorize_url()?;
    /// # Ok(()) }
    /// ```
    pub fn oauth2_start_flow(&self, scopes: impl Into<ScopeString>) -> AuthorizationCodeFlow {
        AuthorizationCodeFlow::native(self.0.clone(), scopes.into())
    }
}

/// A program that can keep a secret: a web portal, a service, an unattended job.
///
/// ```no_run
/// use globus_sdk::auth::ConfidentialAppAuthClient;
///
/// # async fn run() -> globus_sdk::Result<()> {
/// let client = ConfidentialAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret")?;
/// let tokens = client
///     .oauth2_client_credentials_tokens("urn:globus:auth:scope:transfer.api.globus.org:all")
///     .await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ConfidentialAppAuthClient(LoginClient);

login_client!(ConfidentialAppAuthClient);

impl ConfidentialAppAuthClient {
    /// Creates a client with default settings.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the id is not a UUID, or an environment variable is invalid.
    pub fn new(client_id: impl Into<Id>, client_secret: impl Into<Secret>) -> Result<Self> {
        Self::with_client(client_id, client_secret, &Client::builder().build()?)
    }

    /// Creates a client that shares the connections and settings of another.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the id is not a UUID.
    pub fn with_client(
        client_id: impl Into<Id>,
        client_secret: impl Into<Secret>,
        client: &Client,
    ) -> Result<Self> {
        LoginClient::confidential(client, &client_id.into(), &client_secret.into()).map(Self)
    }

    /// Starts a user's login; the returned flow holds everything that belongs to it.
    ///
    /// ```no_run
    /// # async fn run(client: globus_sdk::auth::ConfidentialAppAuthClient) -> globus_sdk::Result<()> {
    /// let flow = client.oauth2_start_flow("https://portal.example/callback", "openid email");
    /// let url = flow.authorize_url()?; // send the browser there, and keep flow.expected_state()
    /// # Ok(()) }
    /// ```
    pub fn oauth2_start_flow(
        &self,
        redirect_uri: impl Into<String>,
        scopes: impl Into<ScopeString>,
    ) -> AuthorizationCodeFlow {
        AuthorizationCodeFlow::confidential(self.0.clone(), redirect_uri.into(), scopes.into())
    }

    /// Requests tokens for the client itself.
    pub fn oauth2_client_credentials_tokens(
        &self,
        scopes: impl Into<ScopeString>,
    ) -> TokenRequestBuilder {
        self.0.client_credentials(scopes)
    }

    /// Requests tokens for the services that this one calls on behalf of a user who called it with
    /// `token`.
    pub fn oauth2_get_dependent_tokens(&self, token: impl Into<Secret>) -> TokenRequestBuilder {
        let grant = GrantType::DependentToken;
        self.0.grant(
            TokenRequest::new(grant).token(token),
            Idempotency::Idempotent,
        )
    }

    /// Looks up what a token that this service was called with may be used for, and whose it is.
    ///
    /// ```no_run
    /// # async fn run(client: globus_sdk::auth::ConfidentialAppAuthClient) -> globus_sdk::Result<()> {
    /// use globus_sdk::auth::types::TokenIntrospectRequest;
    ///
    /// let question = TokenIntrospectRequest::new("a-token").include("identity_set,session_info");
    /// let answer = client.oauth2_token_introspect(question).await?;
    /// # Ok(()) }
    /// ```
    pub fn oauth2_token_introspect(
        &self,
        request: impl std::borrow::Borrow<TokenIntrospectRequest>,
    ) -> builders::Oauth2TokenIntrospect {
        self.0.client().oauth2_token_introspect(request)
    }
}
