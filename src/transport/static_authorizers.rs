//! Authorizers that never change: none, HTTP Basic, an access token.

use super::authorizer::{Authorizer, BoxFuture};
use crate::error::Result;
use crate::types::Secret;
use base64::Engine as _;

/// Sends no `Authorization` header.
///
/// ```
/// use globus_sdk::auth::NullAuthorizer;
///
/// let search = globus_sdk::search::Client::builder().authorizer(NullAuthorizer).build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NullAuthorizer;

impl Authorizer for NullAuthorizer {
    fn authorization(&self) -> BoxFuture<'_, Result<Option<Secret>>> {
        Box::pin(async { Ok(None) })
    }
}

/// A client's id and secret, as HTTP Basic.
///
/// ```
/// use globus_sdk::auth::BasicAuthorizer;
///
/// let auth = globus_sdk::auth::Client::builder()
///     .authorizer(BasicAuthorizer::new("client-id", "client-secret"))
///     .build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct BasicAuthorizer(Secret);

impl BasicAuthorizer {
    /// Creates the header from a user name and a password.
    pub fn new(username: &str, password: impl Into<Secret>) -> Self {
        let pair = format!("{username}:{}", password.into().expose());
        let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
        Self(format!("Basic {encoded}").into())
    }
}

impl Authorizer for BasicAuthorizer {
    fn authorization(&self) -> BoxFuture<'_, Result<Option<Secret>>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

/// An access token, used until it expires.
///
/// ```
/// use globus_sdk::auth::AccessTokenAuthorizer;
///
/// let transfer = globus_sdk::transfer::Client::builder()
///     .authorizer(AccessTokenAuthorizer::new("a-token"))
///     .build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct AccessTokenAuthorizer(Secret);

impl AccessTokenAuthorizer {
    /// Creates the header from an access token.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self(bearer(&token.into()))
    }
}

impl Authorizer for AccessTokenAuthorizer {
    fn authorization(&self) -> BoxFuture<'_, Result<Option<Secret>>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

/// The header value for a token.
pub(crate) fn bearer(token: &Secret) -> Secret {
    format!("Bearer {}", token.expose()).into()
}
