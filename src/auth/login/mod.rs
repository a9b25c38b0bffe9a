//! How a person logs in: at a page whose code they paste, or in a browser that comes back.

mod command_line;
#[cfg(feature = "login")]
mod detected;
#[cfg(feature = "login")]
mod local_server;
#[cfg(feature = "login")]
mod redirect;

use super::app_auth_client::LoginClient;
use super::flow::AuthorizationCodeFlow;
use super::tokens::Tokens;
use crate::error::AuthorizationParameters;
use crate::error::Result;
use crate::scope::ScopeString;
use crate::transport::BoxFuture;
use std::fmt;

pub use command_line::CommandLineLogin;
#[cfg(feature = "login")]
pub use detected::DetectedLogin;
#[cfg(feature = "login")]
pub use local_server::LocalServerLogin;

/// How a [`UserApp`](super::UserApp) asks the person to log in.
///
/// ```
/// use globus_sdk::auth::{BoxFuture, LoginFlow, LoginRequest, Tokens};
/// use globus_sdk::{Error, ErrorKind, Result};
///
/// /// Sends the address to a chat, and waits for the code to be answered.
/// #[derive(Debug)]
/// struct ByChat;
///
/// impl LoginFlow for ByChat {
///     fn login(&self, request: LoginRequest) -> BoxFuture<'_, Result<Tokens>> {
///         Box::pin(async move {
///             let flow = request.start();
///             let code = ask(flow.authorize_url()?.as_str()).await;
///             flow.exchange(code).await
///         })
///     }
/// }
/// # async fn ask(_: &str) -> &'static str { "" }
/// ```
pub trait LoginFlow: fmt::Debug + Send + Sync + 'static {
    /// Brings the person to the login page, and their code back.
    ///
    /// # Errors
    ///
    /// Kind `Login` when the person did not log in.
    fn login(&self, request: LoginRequest) -> BoxFuture<'_, Result<Tokens>>;
}

/// A login that an app needs.
#[derive(Clone, Debug)]
pub struct LoginRequest {
    client: LoginClient,
    scopes: ScopeString,
    refresh_tokens: bool,
    parameters: AuthorizationParameters,
}

impl LoginRequest {
    pub(super) fn new(
        client: LoginClient,
        scopes: ScopeString,
        refresh_tokens: bool,
        parameters: AuthorizationParameters,
    ) -> Self {
        Self {
            client,
            scopes,
            refresh_tokens,
            parameters,
        }
    }

    /// The flow, with the page that shows a code as its redirect URI unless another is set. It uses
    /// PKCE, whatever the kind of client.
    ///
    /// ```no_run
    /// # fn run(request: globus_sdk::auth::LoginRequest) {
    /// let flow = request.start().redirect_uri("http://localhost:8000").prefill_named_grant("me");
    /// # }
    /// ```
    pub fn start(&self) -> AuthorizationCodeFlow {
        AuthorizationCodeFlow::native(self.client.clone(), self.scopes.clone())
            .refresh_tokens(self.refresh_tokens)
            .parameters(self.parameters.clone())
    }

    /// The scopes that are asked for.
    ///
    /// ```no_run
    /// # fn run(request: globus_sdk::auth::LoginRequest) {
    /// let scopes = request.scopes().as_str();
    /// # }
    /// ```
    pub fn scopes(&self) -> &ScopeString {
        &self.scopes
    }
}
