//! An app that acts for itself.

use super::recent_logins::LoginPurpose;
use super::scope_requirements::{RequestedScopes, ScopeRequirements};
use super::session::{AppSession, Grant, SessionState};
use super::{App, Session};
use crate::auth::app_auth_client::LoginClient;
use crate::auth::tokens::Tokens;
use crate::error::AuthorizationRequirements;
use crate::error::{Error, ErrorKind, Result};
use crate::generated::auth::Client;
use crate::scope::ScopeString;
use crate::token::data::TokenData;
use crate::token::storage::{MemoryTokenStorage, TokenStorage};
use crate::transport::authorizer::BoxFuture;
use crate::types::{Id, Secret};
use std::sync::Arc;

/// A robot: a confidential client that acts for itself, without a person.
///
/// Nobody has to log in. The token of each service is fetched at the first call, and renewed when it
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
    /// From the client's ID and secret.
    ///
    /// ```
    /// let app = globus_sdk::auth::ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret");
    /// ```
    pub fn new(client_id: impl Into<Id>, client_secret: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into(),
            secret: client_secret.into(),
            asked: RequestedScopes::new(),
            storage: Arc::new(MemoryTokenStorage::new()),
            auto_relogin: false,
        }
    }

    /// Needs more scopes of a resource server than the SDK's client of it asks for by itself.
    ///
    /// ```
    /// use globus_sdk::{auth::ClientApp, search};
    ///
    /// let app = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret")
    ///     .scopes("search.api.globus.org", search::scopes::ALL);
    /// ```
    #[must_use]
    pub fn scopes(
        mut self,
        resource_server: impl Into<String>,
        scopes: impl Into<ScopeString>,
    ) -> Self {
        self.asked.push((resource_server.into(), scopes.into()));
        self
    }

    /// Whether a call that fails since the client lacks a consent gets tokens with the scopes that
    /// the service names, and is made once more. Not by default: a service could ask for anything.
    ///
    /// What only a person can satisfy stays an error.
    ///
    /// ```
    /// use globus_sdk::auth::ClientApp;
    ///
    /// let app = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret").auto_relogin(true);
    /// ```
    #[must_use]
    #[doc(alias = "auto_redrive_gares")]
    pub fn auto_relogin(mut self, yes: bool) -> Self {
        self.auto_relogin = yes;
        self
    }

    /// Keeps its tokens there. Without, they are in memory, and gone with the program.
    ///
    /// ```
    /// use globus_sdk::{auth::ClientApp, token_storage::JsonTokenStorage};
    ///
    /// let app = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret")
    ///     .storage(JsonTokenStorage::new("tokens.json"));
    /// ```
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

/// Client credentials.
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
                    "no scopes are known for {resource_server}; name them by ClientApp::scopes"
                )));
            }
            let tokens = session.client.client_credentials(scopes).await?;
            match tokens.by_resource_server(resource_server) {
                Some(data) => Ok(Some(data.clone())),
                None => Err(Error::new(
                    ErrorKind::Login,
                    format!(
                        "the scopes asked for {resource_server} belong to another resource server"
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
        Box::pin(async { Err(Error::new(ErrorKind::Login, "a robot cannot be asked")) })
    }

    /// Fetches what is missing, so that a wrong secret is found out early.
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
                    "no scopes are known that a login could be for; make a client of a service first, or name them by ClientApp::scopes",
                ));
            }
            let scopes = purpose.scopes.as_slice();
            session.client.client_credentials(scopes).await
        })
    }

    /// Consents a robot gives itself by asking for tokens. All else takes a person.
    fn can_meet(&self, requirements: &AuthorizationRequirements) -> bool {
        let scopes = &requirements.parameters.required_scopes;
        !scopes.as_str().is_empty()
    }

    fn login_required<'a>(&'a self, _: &'a SessionState) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async { Ok(false) })
    }
}
