//! How a user logs in: on a page whose code they paste, or in a browser that is sent back.

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
use crate::error::{AuthorizationParameters, Result};
use crate::scope::ScopeString;
use crate::transport::BoxFuture;
use std::fmt;

pub use command_line::CommandLineLogin;
#[cfg(feature = "login")]
pub use detected::DetectedLogin;
#[cfg(feature = "login")]
pub use local_server::LocalServerLogin;

/// How a [`UserApp`](super::UserApp) asks the user to log in.
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
    /// Takes the user to the login page and exchanges the code it returns.
    ///
    /// # Errors
    ///
    /// Kind `Login` when the user did not log in.
    fn login(&self, request: LoginRequest) -> BoxFuture<'_, Result<Tokens>>;
}

/// The login that an app needs.
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

    /// Starts the flow, with the page that shows a code as its redirect URI unless another is set.
    /// Uses PKCE for every kind of client.
    pub fn start(&self) -> AuthorizationCodeFlow {
        AuthorizationCodeFlow::native(self.client.clone(), self.scopes.clone())
            .refresh_tokens(self.refresh_tokens)
            .parameters(self.parameters.clone())
    }

    /// The requested scopes.
    pub fn scopes(&self) -> &ScopeString {
        &self.scopes
    }
}
