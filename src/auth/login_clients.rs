//! The clients that programs log in with: native apps, which have no secret, and confidential ones.

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
            /// The client's ID.
            ///
            /// ```no_run
            /// # async fn run(client: globus_sdk::auth::NativeAppAuthClient) -> globus_sdk::Result<()> {
            /// println!("{}", client.client_id());
            /// # Ok(()) }
            /// ```
            pub fn client_id(&self) -> Uuid {
                self.0.id()
            }

            /// All operations of Globus Auth as this client, for what no method here does.
            ///
            /// ```no_run
            /// # async fn run(client: globus_sdk::auth::NativeAppAuthClient) -> globus_sdk::Result<()> {
            /// let configuration = client.client().get_openid_configuration().await?;
            /// # Ok(()) }
            /// ```
            pub fn client(&self) -> &Client {
                self.0.client()
            }

            /// The page that ends a user's session with Globus Auth, with this client's name on it.
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

            /// Tokens by any grant, which is sent again only if it provably did not arrive. The
            /// client's ID is filled in where it belongs into the form.
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

            /// New tokens for a refresh token. The answer may hold a new refresh token, which then
            /// replaces the old one: store it before anything else.
            ///
            /// ```no_run
            /// # async fn run(client: globus_sdk::auth::NativeAppAuthClient) -> globus_sdk::Result<()> {
            /// let tokens = client.oauth2_refresh_token("a-refresh-token").await?;
            /// # Ok(()) }
            /// ```
            pub fn oauth2_refresh_token(
                &self,
                refresh_token: impl Into<Secret>,
            ) -> TokenRequestBuilder {
                self.0.refresh(refresh_token)
            }

            /// Makes an access or refresh token useless at once.
            ///
            /// ```no_run
            /// # async fn run(client: globus_sdk::auth::NativeAppAuthClient) -> globus_sdk::Result<()> {
            /// client.oauth2_revoke_token("a-token").await?;
            /// # Ok(()) }
            /// ```
            pub fn oauth2_revoke_token(
                &self,
                token: impl Into<Secret>,
            ) -> builders::Oauth2RevokeToken {
                self.0.revoke(token)
            }

            /// Asks whether a token is still valid. It is usually better to use it, and to handle a
            /// failure.
            ///
            /// ```no_run
            /// # async fn run(client: globus_sdk::auth::NativeAppAuthClient) -> globus_sdk::Result<()> {
            /// let valid = client.oauth2_validate_token("a-token").await?.active;
            /// # Ok(()) }
            /// ```
            pub fn oauth2_validate_token(
                &self,
                token: impl Into<Secret>,
            ) -> builders::Oauth2ValidateToken {
                self.0.validate(token)
            }
        }
    };
}

/// A program that people run on their own machines, and that has therefore no secret.
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
    /// A client on its own, with default settings.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the ID is no UUID, or a variable of the environment makes no sense.
    ///
    /// ```
    /// let client = globus_sdk::auth::NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?;
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn new(client_id: impl Into<Id>) -> Result<Self> {
        Self::with_client(client_id, &Client::builder().build()?)
    }

    /// A client over the connections of another, with its settings: that of a
    /// [`Globus`](crate::Globus), or one from [`Client::builder`].
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the ID is no UUID.
    ///
    /// ```
    /// use globus_sdk::auth::{self, NativeAppAuthClient};
    ///
    /// let settings = auth::Client::builder().app_name("my-tool/1.0").build()?;
    /// let client = NativeAppAuthClient::with_client("61338d24-54d5-408f-a10d-66c06b59f6d2", &settings)?;
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn with_client(client_id: impl Into<Id>, client: &Client) -> Result<Self> {
        LoginClient::native(client, &client_id.into()).map(Self)
    }

    /// Begins a login: a value with everything that belongs to it. Uses PKCE, and a page of Globus
    /// that shows the code for copying unless another redirect URI is set.
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

/// A program that can keep a secret: a web portal, a service, a robot.
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
    /// A client on its own, with default settings.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the ID is no UUID, or a variable of the environment makes no sense.
    ///
    /// ```
    /// let client = globus_sdk::auth::ConfidentialAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret")?;
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn new(client_id: impl Into<Id>, client_secret: impl Into<Secret>) -> Result<Self> {
        Self::with_client(client_id, client_secret, &Client::builder().build()?)
    }

    /// A client over the connections of another, with its settings.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the ID is no UUID.
    ///
    /// ```
    /// use globus_sdk::auth::{self, ConfidentialAppAuthClient};
    ///
    /// let settings = auth::Client::builder().app_name("my-portal/1.0").build()?;
    /// let id = "61338d24-54d5-408f-a10d-66c06b59f6d2";
    /// let client = ConfidentialAppAuthClient::with_client(id, "the secret", &settings)?;
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    pub fn with_client(
        client_id: impl Into<Id>,
        client_secret: impl Into<Secret>,
        client: &Client,
    ) -> Result<Self> {
        LoginClient::confidential(client, &client_id.into(), &client_secret.into()).map(Self)
    }

    /// Begins the login of a person: a value with everything that belongs to it.
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

    /// Tokens for the client itself.
    ///
    /// ```no_run
    /// # async fn run(client: globus_sdk::auth::ConfidentialAppAuthClient) -> globus_sdk::Result<()> {
    /// let tokens = client.oauth2_client_credentials_tokens(["openid", "email"]).await?;
    /// # Ok(()) }
    /// ```
    pub fn oauth2_client_credentials_tokens(
        &self,
        scopes: impl Into<ScopeString>,
    ) -> TokenRequestBuilder {
        self.0.client_credentials(scopes)
    }

    /// Tokens for the services that this one calls on behalf of a user who called it with `token`.
    ///
    /// ```no_run
    /// # async fn run(client: globus_sdk::auth::ConfidentialAppAuthClient) -> globus_sdk::Result<()> {
    /// let tokens = client.oauth2_get_dependent_tokens("the caller's token").await?;
    /// # Ok(()) }
    /// ```
    pub fn oauth2_get_dependent_tokens(&self, token: impl Into<Secret>) -> TokenRequestBuilder {
        let grant = GrantType::DependentToken;
        self.0.grant(
            TokenRequest::new(grant).token(token),
            Idempotency::Idempotent,
        )
    }

    /// What a token that this service was called with is good for, and whose it is.
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
