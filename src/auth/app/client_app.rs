//! An app that acts as itself, with a client id and secret.

use super::recent_logins::LoginPurpose;
use super::scope_requirements::{RequestedScopes, ScopeRequirements};
use super::session::{AppSession, Grant, SessionState};
use super::{App, Session};
use crate::auth::app_auth_client::LoginClient;
use crate::auth::tokens::Tokens;
use crate::error::{AuthorizationRequirements, Error, ErrorKind, Result};
use crate::generated::auth::Client;
use crate::scope::ScopeString;
use crate::token::data::TokenData;
use crate::token::storage::{MemoryTokenStorage, TokenStorage};
use crate::transport::authorizer::BoxFuture;
use crate::types::{Id, Secret};
use std::sync::Arc;

/// A confidential client that acts as itself, with no user involved (client credentials).
///
/// No login is needed. The token for each service is fetched on the first call and renewed when it
/// expires.
///
/// ```no_run
/// use globus_sdk::{Globus, auth::ClientApp};
///
/// # async fn run() -> globus_sdk::Result<()> {
/// let app = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret");
/// let globus = Globus::builder(app).build()?;
/// let tasks = globus.transfer().task_list().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ClientApp {
    client_id: Id,
    secret: Secret,
    asked: RequestedScopes,
    storage: Arc<dyn TokenStorage>,
    auto_relogin: bool,
}

impl ClientApp {
    /// Creates the app from the client's id and secret.
    pub fn new(client_id: impl Into<Id>, client_secret: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into(),
            secret: client_secret.into(),
            asked: RequestedScopes::new(),
            storage: Arc::new(MemoryTokenStorage::new()),
            auto_relogin: false,
        }
    }

    /// Requests more scopes of a resource server than the SDK's client for it requests by default.
    #[must_use]
    pub fn scopes(
        mut self,
        resource_server: impl Into<String>,
        scopes: impl Into<ScopeString>,
    ) -> Self {
        self.asked.push((resource_server.into(), scopes.into()));
        self
    }

    /// Whether a call that fails because the client lacks a consent fetches tokens with the scopes
    /// that the service asks for, and is then repeated. Off by default: a service could ask for
    /// anything.
    ///
    /// Requirements that only a user can meet stay errors.
    #[must_use]
    #[doc(alias = "auto_redrive_gares")]
    pub fn auto_relogin(mut self, yes: bool) -> Self {
        self.auto_relogin = yes;
        self
    }

    /// Where to store tokens. By default they are kept in memory and lost when the program ends.
    #[must_use]
    pub fn storage(mut self, storage: impl TokenStorage) -> Self {
        self.storage = Arc::new(storage);
        self
    }
}

impl App for ClientApp {
    fn connect(&self, auth: &Client) -> Result<Arc<dyn Session>> {
        let client = LoginClient::confidential(auth, &self.client_id, &self.secret)?;
        let requirements = ScopeRequirements::new(&self.asked)?;
        let session = AppSession::new(
            client,
            self.storage.clone(),
            ClientCredentialsGrant,
            requirements,
            self.auto_relogin,
        );
        Ok(Arc::new(session))
    }
}

/// The client credentials grant.
#[derive(Debug)]
struct ClientCredentialsGrant;

impl Grant for ClientCredentialsGrant {
    fn request<'a>(
        &'a self,
        session: &'a SessionState,
        resource_server: &'a str,
        _: Option<TokenData>,
    ) -> BoxFuture<'a, Result<Option<TokenData>>> {
        Box::pin(async move {
            let scopes = session.requirements().for_server(resource_server);
            if scopes.as_str().is_empty() {
                return Err(Error::usage(format!(
                    "no scopes are known for {resource_server}; add them with ClientApp::scopes"
                )));
            }
            // the answer is matched by resource server, since a scope may belong to a different one
            // than the caller thought
            let tokens = session.client.client_credentials(scopes).await?;
            match tokens.by_resource_server(resource_server) {
                Some(data) => Ok(Some(data.clone())),
                None => Err(Error::new(
                    ErrorKind::Login,
                    format!(
                        "the scopes requested for {resource_server} belong to another resource server; check ClientApp::scopes"
                    ),
                )),
            }
        })
    }

    fn log_in<'a>(
        &'a self,
        _: &'a Arc<SessionState>,
        _: &'a str,
    ) -> BoxFuture<'a, Result<TokenData>> {
        Box::pin(async {
            Err(Error::new(
                ErrorKind::Login,
                "a ClientApp has no user who could log in; use a UserApp for that",
            ))
        })
    }

    /// Fetches missing tokens, so that a wrong secret is reported early.
    fn login<'a>(&'a self, session: &'a Arc<SessionState>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for resource_server in session.requirements().resource_servers() {
                session.token_cache(&resource_server).token().await?;
            }
            Ok(())
        })
    }

    fn tokens<'a>(
        &'a self,
        session: &'a SessionState,
        purpose: &'a LoginPurpose,
    ) -> BoxFuture<'a, Result<Tokens>> {
        Box::pin(async move {
            if purpose.scopes.is_empty() {
                return Err(Error::usage(
                    "no scopes are known to log in for; create a client of a service first, or add them with ClientApp::scopes",
                ));
            }
            let scopes = purpose.scopes.as_slice();
            session.client.client_credentials(scopes).await
        })
    }

    /// A client grants its own consents by requesting tokens. All other requirements need a user.
    fn can_meet(&self, requirements: &AuthorizationRequirements) -> bool {
        let scopes = &requirements.parameters.required_scopes;
        !scopes.as_str().is_empty()
    }

    fn login_required<'a>(&'a self, _: &'a SessionState) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(false) })
    }
}
