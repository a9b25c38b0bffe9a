//! Apps: who a program is, which scopes it needs, and how it gets its tokens.
//!
//! An app is a description. [`Globus::builder`](crate::Globus::builder) connects it to Globus Auth,
//! which yields a [`Session`]: tokens by resource server, fetched, stored and renewed.
//!
//! ```text
//! App ──connect──▶ Session ──authorizer(resource server)──▶ TokenCache   one per resource server
//!                     │                                         │ renews through the app's
//!                     │ login                                   ▼
//!                     └────────────▶ Grant ◀────────────── TokenProvider
//!                                      │ client credentials, or a LoginFlow
//!                                      ▼
//!                                 TokenStorage
//! ```

mod client_app;
mod recent_logins;
mod scope_requirements;
mod session;
mod user_app;

use crate::error::{AuthorizationParameters, Result};
use crate::generated::auth::Client;
use crate::scope::Scope;
use crate::token::data::TokenData;
use crate::transport::{Authorizer, BoxFuture};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use client_app::ClientApp;
pub use user_app::UserApp;

/// Who a program is: a [`ClientApp`], a [`UserApp`], or your own implementation.
///
/// ```
/// use globus_sdk::auth::{AccessTokenAuthorizer, App, Authorizer, Client, Session};
/// use globus_sdk::{Globus, Result, Scope};
/// use std::sync::Arc;
///
/// /// Its tokens come from somewhere else.
/// #[derive(Debug)]
/// struct Vault;
///
/// impl App for Vault {
///     fn connect(&self, _auth: &Client) -> Result<Arc<dyn Session>> {
///         Ok(Arc::new(Self))
///     }
/// }
///
/// impl Session for Vault {
///     fn authorizer(&self, resource_server: &str, _scopes: &[Scope]) -> Arc<dyn Authorizer> {
///         Arc::new(AccessTokenAuthorizer::new(format!("the vault's token for {resource_server}")))
///     }
/// }
///
/// let globus = Globus::builder(Vault).build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
pub trait App: fmt::Debug + Send + Sync + 'static {
    /// Creates a session. `auth` is an unauthenticated client of Globus Auth. Sends no request.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the description is invalid.
    fn connect(&self, auth: &Client) -> Result<Arc<dyn Session>>;
}

/// A connected app: tokens by resource server.
pub trait Session: fmt::Debug + Send + Sync + 'static {
    /// The authorizer for a service. Its scopes are requested at the next login, in addition to
    /// those already needed.
    fn authorizer(&self, resource_server: &str, scopes: &[Scope]) -> Arc<dyn Authorizer>;

    /// Gets the tokens that are needed and missing. With `parameters`, logs in again in any case.
    ///
    /// # Errors
    ///
    /// Kind `Login` when it fails.
    fn login(&self, parameters: Option<AuthorizationParameters>) -> BoxFuture<'_, Result<()>> {
        let _ = parameters;
        Box::pin(async { Ok(()) })
    }

    /// Whether a user has to log in before calls can be made.
    ///
    /// # Errors
    ///
    /// Kind `Storage` when the tokens cannot be read.
    fn login_required(&self) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async { Ok(false) })
    }

    /// Revokes all tokens and removes them from the storage.
    ///
    /// # Errors
    ///
    /// Any kind, when a token could not be revoked or removed; the others are.
    fn logout(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    /// The stored tokens by resource server, expired or not.
    ///
    /// # Errors
    ///
    /// Kind `Storage` when the tokens cannot be read.
    fn tokens(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>> {
        Box::pin(async { Ok(BTreeMap::new()) })
    }
}
