//! Authorizers that renew their token: by refresh token, and by client credentials.

use super::app_auth_client::sealed::Login as _;
use super::app_auth_client::{AppAuthClient, LoginClient};
use super::login_clients::ConfidentialAppAuthClient;
use super::tokens::Tokens;
use crate::error::{Error, ErrorKind, Result};
use crate::scope::ScopeString;
use crate::token::cache::{TokenCache, TokenProvider};
use crate::token::data::TokenData;
use crate::transport::{Authorizer, BoxFuture};
use crate::types::Secret;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

/// A callback's result: an error keeps the new token from being used.
type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;
type Callback = dyn Fn(TokenData) -> BoxFuture<'static, Outcome> + Send + Sync;

/// Callbacks in the order they were added.
#[derive(Clone, Default)]
struct Callbacks(Vec<Arc<Callback>>);

impl Callbacks {
    async fn call(&self, new: &TokenData) -> Result<()> {
        for callback in &self.0 {
            callback(new.clone()).await.map_err(|e| {
                Error::new(
                    ErrorKind::Storage,
                    "the on_refresh callback failed for a renewed token",
                )
                .with_source(e)
            })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} callbacks", self.0.len())
    }
}

/// The token of an answer that must have exactly one.
pub(super) fn only(tokens: &Tokens) -> Result<TokenData> {
    match tokens.all() {
        [data] => Ok(data.clone()),
        [] => Err(Error::new(
            ErrorKind::Login,
            "the answer contains no token; log in again",
        )),
        several => {
            let servers: Vec<&str> = several.iter().map(|d| &*d.resource_server).collect();
            Err(Error::usage(format!(
                "the scopes belong to several resource servers ({}); create an authorizer for each",
                servers.join(", ")
            )))
        }
    }
}

/// Exchanges a refresh token, which stays the same unless the answer replaces it.
pub(super) async fn refresh(client: &LoginClient, refresh_token: &Secret) -> Result<TokenData> {
    let refreshed = client.refresh(refresh_token).await;
    let tokens = refreshed.map_err(|e| match e.has_code("invalid_grant") {
        true => Error::new(
            ErrorKind::Login,
            "the refresh token is no longer accepted; log in again",
        )
        .rewrap(e),
        false => e,
    })?;
    let mut data = only(&tokens)?;
    data.refresh_token
        .get_or_insert_with(|| refresh_token.clone());
    Ok(data)
}

/// How the token of an authorizer is asked for.
#[derive(Debug)]
enum Grant {
    /// The refresh token to begin with.
    RefreshToken(Secret),
    ClientCredentials(ScopeString),
}

/// Renews a token that nobody stores but the caller's callbacks.
#[derive(Debug)]
struct GrantProvider {
    client: LoginClient,
    grant: Grant,
    callbacks: Callbacks,
}

impl TokenProvider for GrantProvider {
    fn request(&self, old: Option<TokenData>) -> BoxFuture<'_, Result<Option<TokenData>>> {
        Box::pin(async move {
            let new = match &self.grant {
                Grant::RefreshToken(first) => {
                    let latest = old.and_then(|data| data.refresh_token);
                    refresh(&self.client, latest.as_ref().unwrap_or(first)).await?
                }
                Grant::ClientCredentials(scopes) => {
                    only(&self.client.client_credentials(scopes.clone()).await?)?
                }
            };
            Ok(Some(new))
        })
    }

    fn save<'a>(&'a self, new: &'a TokenData) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.callbacks.call(new))
    }
}

/// Builds a [`RefreshTokenAuthorizer`] or a [`ClientCredentialsAuthorizer`].
///
/// ```
/// use globus_sdk::auth::{NativeAppAuthClient, RefreshTokenAuthorizer, TokenData};
///
/// let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?;
/// let authorizer = RefreshTokenAuthorizer::builder("a-refresh-token", &client)
///     .access_token("what is left of the last run", jiff::Timestamp::now())
///     .on_refresh(|new: &TokenData| {
///         std::fs::write("/tmp/tokens.json", serde_json::to_vec(new)?)?;
///         Ok(())
///     })
///     .build();
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct AuthorizerBuilder<A> {
    provider: GrantProvider,
    current: Option<TokenData>,
    authorizer: PhantomData<fn() -> A>,
}

impl<A> AuthorizerBuilder<A> {
    fn new(client: &LoginClient, grant: Grant) -> Self {
        Self {
            provider: GrantProvider {
                client: client.clone(),
                grant,
                callbacks: Callbacks::default(),
            },
            current: None,
            authorizer: PhantomData,
        }
    }

    /// An access token to start with, and when it expires.
    pub fn access_token(mut self, token: impl Into<Secret>, expires_at: jiff::Timestamp) -> Self {
        self.current = Some(TokenData::new("", token, expires_at));
        self
    }

    /// Called with every new token before its first use. An error keeps the token from being used;
    /// it is not lost, and the next call passes it to the callback again.
    pub fn on_refresh(
        mut self,
        callback: impl Fn(&TokenData) -> Outcome + Send + Sync + 'static,
    ) -> Self {
        self.provider.callbacks.0.push(Arc::new(move |new| {
            let outcome = callback(&new);
            Box::pin(std::future::ready(outcome))
        }));
        self
    }

    /// The same as [`on_refresh`](Self::on_refresh), with an async callback.
    ///
    /// ```no_run
    /// # async fn run(client: globus_sdk::auth::NativeAppAuthClient) -> globus_sdk::Result<()> {
    /// use globus_sdk::auth::RefreshTokenAuthorizer;
    /// let builder = RefreshTokenAuthorizer::builder("a-refresh-token", &client)
    ///     .on_refresh_async(|new| async move {
    ///         tokio::task::spawn_blocking(move || println!("until {}", new.expires_at)).await?;
    ///         Ok(())
    ///     });
    /// # Ok(()) }
    /// ```
    pub fn on_refresh_async<F>(
        mut self,
        callback: impl Fn(TokenData) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let boxed: Arc<Callback> = Arc::new(move |new| Box::pin(callback(new)));
        self.provider.callbacks.0.push(boxed);
        self
    }

    fn renewing(self) -> TokenCache {
        let client = self.provider.client.client();
        let clock = client.core.transport().clock().clone();
        TokenCache::new(self.provider, clock, self.current)
    }
}

/// What both authorizers can do.
macro_rules! renewing {
    ($authorizer:ident) => {
        impl AuthorizerBuilder<$authorizer> {
            /// Builds the authorizer. Sends no request, and needs no runtime.
            pub fn build(self) -> $authorizer {
                $authorizer(self.renewing())
            }
        }

        impl $authorizer {
            /// A token that is valid now, renewed if necessary.
            ///
            /// # Errors
            ///
            /// Kind `Login` when the grant is no longer accepted, `Storage` when a callback failed;
            /// any other kind that the call fails with.
            pub async fn token(&self) -> Result<TokenData> {
                self.0.token().await
            }

            /// Renews the token although it may still be valid.
            ///
            /// # Errors
            ///
            /// See [`token`](Self::token).
            pub async fn refresh(&self) -> Result<TokenData> {
                let current = self.0.current().map(|data| data.access_token);
                self.0.renew(current.as_ref()).await
            }
        }

        impl Authorizer for $authorizer {
            fn authorization(&self) -> BoxFuture<'_, Result<Option<Secret>>> {
                Box::pin(self.0.authorization())
            }

            fn on_unauthorized<'a>(
                &'a self,
                authorization: &Secret,
            ) -> BoxFuture<'a, Result<bool>> {
                let authorization = authorization.clone();
                Box::pin(async move { self.0.refused(&authorization).await })
            }
        }
    };
}

/// A user's token, renewed by refresh token.
///
/// However many calls find it expired, it is renewed once. Renewal starts 60 seconds before expiry,
/// and a failed renewal affects no call while the token is still valid. A rotated refresh token is
/// passed to [`on_refresh`](AuthorizerBuilder::on_refresh) before it is used. Cloning is cheap, and
/// clones share the token.
///
/// ```
/// use globus_sdk::auth::{NativeAppAuthClient, RefreshTokenAuthorizer};
///
/// let client = NativeAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2")?;
/// let transfer = globus_sdk::transfer::Client::builder()
///     .authorizer(RefreshTokenAuthorizer::new("a-refresh-token", &client))
///     .build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RefreshTokenAuthorizer(TokenCache);

renewing!(RefreshTokenAuthorizer);

impl RefreshTokenAuthorizer {
    /// Creates an authorizer from a refresh token and the client that it was issued to.
    pub fn new(refresh_token: impl Into<Secret>, client: &impl AppAuthClient) -> Self {
        Self::builder(refresh_token, client).build()
    }

    /// Builds one with callbacks, or with an access token to start with.
    pub fn builder(
        refresh_token: impl Into<Secret>,
        client: &impl AppAuthClient,
    ) -> AuthorizerBuilder<Self> {
        let grant = Grant::RefreshToken(refresh_token.into());
        AuthorizerBuilder::new(client.login_client(), grant)
    }
}

/// A client's own token, renewed by its secret.
///
/// ```
/// use globus_sdk::auth::{ClientCredentialsAuthorizer, ConfidentialAppAuthClient};
///
/// let client = ConfidentialAppAuthClient::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret")?;
/// let scopes = "urn:globus:auth:scope:transfer.api.globus.org:all";
/// let transfer = globus_sdk::transfer::Client::builder()
///     .authorizer(ClientCredentialsAuthorizer::new(&client, scopes))
///     .build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClientCredentialsAuthorizer(TokenCache);

renewing!(ClientCredentialsAuthorizer);

impl ClientCredentialsAuthorizer {
    /// Creates an authorizer for scopes of one resource server.
    pub fn new(client: &ConfidentialAppAuthClient, scopes: impl Into<ScopeString>) -> Self {
        Self::builder(client, scopes).build()
    }

    /// Builds one with callbacks, or with an access token to start with.
    pub fn builder(
        client: &ConfidentialAppAuthClient,
        scopes: impl Into<ScopeString>,
    ) -> AuthorizerBuilder<Self> {
        let grant = Grant::ClientCredentials(scopes.into());
        AuthorizerBuilder::new(client.login_client(), grant)
    }
}
