//! An app that acts for a user.

use super::recent_logins::LoginPurpose;
use super::scope_requirements::{RequestedScopes, ScopeRequirements};
use super::session::{AppSession, Grant, SessionState};
use super::{App, Session};
use crate::auth::app_auth_client::LoginClient;
use crate::auth::login::{CommandLineLogin, LoginFlow, LoginRequest};
use crate::auth::renewing_authorizers::refresh;
use crate::auth::tokens::Tokens;
use crate::client::ServiceClient as _;
use crate::error::{AuthorizationParameters, Error, ErrorKind, Result};
use crate::generated::auth::Client;
use crate::scope::{Scope, ScopeString};
use crate::token::data::{TokenData, now};
use crate::token::storage::{MemoryTokenStorage, TokenStorage};
use crate::transport::authorizer::BoxFuture;
use crate::types::{Id, Secret};
use std::sync::Arc;
use std::time::Duration;

/// A program that acts for the user who runs it.
///
/// The user logs in once for all services that the program uses: when it calls
/// [`Globus::login`](crate::Globus::login), or when the first call needs a token. The [`LoginFlow`]
/// determines how; by default, the user opens a page and pastes its code into the terminal
/// ([`CommandLineLogin`]).
///
/// ```no_run
/// use globus_sdk::{Globus, auth::UserApp};
///
/// # async fn run() -> globus_sdk::Result<()> {
/// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").refresh_tokens(true);
/// let globus = Globus::builder(app).build()?;
/// let transfer = globus.transfer();
/// globus.login().await?;
/// let tasks = transfer.task_list().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct UserApp {
    client_id: Id,
    secret: Option<Secret>,
    asked: RequestedScopes,
    storage: Arc<dyn TokenStorage>,
    person: Person,
}

/// How the user logs in.
#[derive(Clone, Debug)]
struct Person {
    flow: Arc<dyn LoginFlow>,
    refresh_tokens: bool,
    auto_login: bool,
    auto_relogin: bool,
}

impl UserApp {
    /// A native app: a program without a secret that runs on users' machines.
    pub fn native(client_id: impl Into<Id>) -> Self {
        Self {
            client_id: client_id.into(),
            secret: None,
            asked: RequestedScopes::new(),
            storage: Arc::new(MemoryTokenStorage::new()),
            person: Person {
                flow: Arc::new(CommandLineLogin::new()),
                refresh_tokens: false,
                auto_login: true,
                auto_relogin: false,
            },
        }
    }

    /// A confidential app: a program that can keep a secret.
    pub fn confidential(client_id: impl Into<Id>, client_secret: impl Into<Secret>) -> Self {
        Self {
            secret: Some(client_secret.into()),
            ..Self::native(client_id)
        }
    }

    /// How the user logs in.
    #[must_use]
    pub fn login_flow(mut self, flow: impl LoginFlow) -> Self {
        self.person.flow = Arc::new(flow);
        self
    }

    /// Whether to request refresh tokens, which outlive the two days of an access token. Off by
    /// default.
    #[must_use]
    pub fn refresh_tokens(mut self, yes: bool) -> Self {
        self.person.refresh_tokens = yes;
        self
    }

    /// Whether a call that needs a login starts one. On by default; when off, the call fails with
    /// an error of kind `Login`.
    #[must_use]
    pub fn auto_login(mut self, yes: bool) -> Self {
        self.person.auto_login = yes;
        self
    }

    /// Whether a call that fails because the login lacks something (a consent, an identity, a
    /// policy) starts the login that the service asks for and is then repeated. Calls that lack the
    /// same thing share one login. Off by default: a service could ask for anything, and only the
    /// user sees the page.
    ///
    /// When off, the error says what is missing: [`Error::auth_requirements`].
    #[must_use]
    #[doc(alias = "auto_redrive_gares")]
    pub fn auto_relogin(mut self, yes: bool) -> Self {
        self.person.auto_relogin = yes;
        self
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

    /// Where to store tokens. By default they are kept in memory and lost when the program ends.
    #[must_use]
    pub fn storage(mut self, storage: impl TokenStorage) -> Self {
        self.storage = Arc::new(storage);
        self
    }
}

impl App for UserApp {
    fn connect(&self, auth: &Client) -> Result<Arc<dyn Session>> {
        let client = match &self.secret {
            Some(secret) => LoginClient::confidential(auth, &self.client_id, secret)?,
            None => LoginClient::native(auth, &self.client_id)?,
        };
        let mut requirements = ScopeRequirements::new(&self.asked)?;
        // the ID token tells who logged in; requesting these scopes now saves another login just to
        // show a name
        let own: Vec<Scope> = Client::SERVICE
            .default_scopes
            .iter()
            .map(|s| (*s).into())
            .collect();
        requirements.add(Client::SERVICE.resource_server, &own);
        let session = AppSession::new(
            client,
            self.storage.clone(),
            UserGrant(self.person.clone()),
            requirements,
            self.person.auto_relogin,
        );
        Ok(Arc::new(session))
    }
}

/// Tokens by the user's consent, renewed by refresh tokens where there are any.
#[derive(Debug)]
struct UserGrant(Person);

impl UserGrant {
    /// Whether a token can be used without involving the user.
    fn serves(session: &SessionState, data: &TokenData) -> bool {
        let clock = session.client.client().core.transport().clock();
        session.requirements().is_met_by(data)
            && (data.refresh_token.is_some() || data.lasts(Duration::ZERO, now(&**clock)))
    }
}

impl Grant for UserGrant {
    fn request<'a>(
        &'a self,
        session: &'a SessionState,
        _: &'a str,
        old: Option<TokenData>,
    ) -> BoxFuture<'a, Result<Option<TokenData>>> {
        Box::pin(async move {
            let Some(old) = old.filter(|old| session.requirements().is_met_by(old)) else {
                return Ok(None);
            };
            let Some(refresh_token) = &old.refresh_token else {
                return Ok(None);
            };
            match refresh(&session.client, refresh_token).await {
                Ok(mut new) => {
                    // a refreshed token comes without an ID token, and belongs to the same user
                    new.identity_id = new.identity_id.or(old.identity_id);
                    Ok(Some(new))
                }
                // the refresh token was revoked, or not used for half a year: another login helps
                Err(e) if e.kind() == ErrorKind::Login && self.0.auto_login => Ok(None),
                Err(e) => Err(e),
            }
        })
    }

    fn log_in<'a>(
        &'a self,
        session: &'a Arc<SessionState>,
        resource_server: &'a str,
    ) -> BoxFuture<'a, Result<TokenData>> {
        Box::pin(async move {
            if !self.0.auto_login {
                return Err(Error::new(
                    ErrorKind::Login,
                    format!("there is no valid login for {resource_server}; call Globus::login"),
                ));
            }
            let parameters = AuthorizationParameters::default();
            session.log_in(parameters, None).await?;
            let found = session.storage.get(resource_server).await?;
            found.ok_or_else(|| {
                Error::new(
                    ErrorKind::Login,
                    format!("the login returned no token for {resource_server}; request its scopes with UserApp::scopes"),
                )
            })
        })
    }

    fn login<'a>(&'a self, session: &'a Arc<SessionState>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if !self.login_required(session).await? {
                return Ok(());
            }
            let parameters = AuthorizationParameters::default();
            session.log_in(parameters, None).await
        })
    }

    fn tokens<'a>(
        &'a self,
        session: &'a SessionState,
        purpose: &'a LoginPurpose,
    ) -> BoxFuture<'a, Result<Tokens>> {
        self.0.flow.login(LoginRequest::new(
            session.client.clone(),
            purpose.scopes.as_slice().into(),
            self.0.refresh_tokens,
            purpose.parameters.clone(),
        ))
    }

    fn login_required<'a>(&'a self, session: &'a SessionState) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let known = match session.storage.all().await {
                // a validating storage rejects its tokens: they cannot be used
                Err(e) if e.kind() == ErrorKind::Login => return Ok(true),
                known => known?,
            };
            let needed = session.requirements().resource_servers();
            Ok(!needed.iter().all(|resource_server| {
                known
                    .get(resource_server)
                    .is_some_and(|data| Self::serves(session, data))
            }))
        })
    }
}
