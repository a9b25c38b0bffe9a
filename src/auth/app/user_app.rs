//! An app that acts for a person.

use super::recent_logins::LoginPurpose;
use super::scope_requirements::{RequestedScopes, ScopeRequirements};
use super::session::{AppSession, Grant, SessionState};
use super::{App, Session};
use crate::auth::app_auth_client::LoginClient;
use crate::auth::login::{CommandLineLogin, LoginFlow, LoginRequest};
use crate::auth::renewing_authorizers::refresh;
use crate::auth::tokens::Tokens;
use crate::client::ServiceClient as _;
use crate::error::AuthorizationParameters;
use crate::error::{Error, ErrorKind, Result};
use crate::generated::auth::Client;
use crate::scope::{Scope, ScopeString};
use crate::token::data::{TokenData, now};
use crate::token::storage::{MemoryTokenStorage, TokenStorage};
use crate::transport::authorizer::BoxFuture;
use crate::types::{Id, Secret};
use std::sync::Arc;
use std::time::Duration;

/// A program that acts for the person who uses it.
///
/// The person logs in once for all services that the program uses: when it calls
/// [`Globus::login`](crate::Globus::login), or else when the first call needs a token. How, the
/// [`LoginFlow`] says; a page whose code is pasted into the terminal, unless another is set.
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

/// How a person is asked.
#[derive(Clone, Debug)]
struct Person {
    flow: Arc<dyn LoginFlow>,
    refresh_tokens: bool,
    auto_login: bool,
    auto_relogin: bool,
}

impl UserApp {
    /// A program without a secret, which runs on people's machines.
    ///
    /// ```
    /// let app = globus_sdk::auth::UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2");
    /// ```
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

    /// A program with a secret.
    ///
    /// ```
    /// let app = globus_sdk::auth::UserApp::confidential("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret");
    /// ```
    pub fn confidential(client_id: impl Into<Id>, client_secret: impl Into<Secret>) -> Self {
        Self {
            secret: Some(client_secret.into()),
            ..Self::native(client_id)
        }
    }

    /// How the person logs in.
    ///
    /// ```
    /// use globus_sdk::auth::{CommandLineLogin, UserApp};
    ///
    /// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").login_flow(CommandLineLogin::new());
    /// ```
    #[must_use]
    pub fn login_flow(mut self, flow: impl LoginFlow) -> Self {
        self.person.flow = Arc::new(flow);
        self
    }

    /// Whether to ask for refresh tokens, which outlive the two days of an access token. Not by
    /// default.
    ///
    /// ```
    /// let app = globus_sdk::auth::UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").refresh_tokens(true);
    /// ```
    #[must_use]
    pub fn refresh_tokens(mut self, yes: bool) -> Self {
        self.person.refresh_tokens = yes;
        self
    }

    /// Whether a call that needs a login begins one. By default it does; without, it fails with an
    /// error of kind `Login`.
    ///
    /// ```
    /// let app = globus_sdk::auth::UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").auto_login(false);
    /// ```
    #[must_use]
    pub fn auto_login(mut self, yes: bool) -> Self {
        self.person.auto_login = yes;
        self
    }

    /// Whether a call that fails since the login lacks something (a consent, an identity, a policy)
    /// begins the login that the service asks for, and is made once more afterwards. Calls that lack
    /// the same begin one login. Not by default: a service could ask for anything, and only the
    /// person reads the page.
    ///
    /// Without, the error says what is lacking: [`Error::auth_requirements`].
    ///
    /// ```
    /// let app = globus_sdk::auth::UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").auto_relogin(true);
    /// ```
    #[must_use]
    #[doc(alias = "auto_redrive_gares")]
    pub fn auto_relogin(mut self, yes: bool) -> Self {
        self.person.auto_relogin = yes;
        self
    }

    /// Needs more scopes of a resource server than the SDK's client of it asks for by itself.
    ///
    /// ```
    /// use globus_sdk::{auth::UserApp, search};
    ///
    /// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2")
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

    /// Keeps its tokens there. Without, they are in memory, and gone with the program.
    ///
    /// ```
    /// use globus_sdk::{auth::UserApp, token_storage::JsonTokenStorage};
    ///
    /// let app = UserApp::native("61338d24-54d5-408f-a10d-66c06b59f6d2").storage(JsonTokenStorage::new("tokens.json"));
    /// ```
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
        // who logged in stands in the ID token, and nobody should be asked again to show a name
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

/// A person's consent, and refresh tokens where there are any.
#[derive(Debug)]
struct UserGrant(Person);

impl UserGrant {
    /// Whether a token serves without asking the person.
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
                    // no ID token comes with it, and the person is the same
                    new.identity_id = new.identity_id.or(old.identity_id);
                    Ok(Some(new))
                }
                // revoked, or not used for half a year: the person can cure that
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
                    format!("the login gave no token for {resource_server}; name scopes of it by UserApp::scopes"),
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
                // it refuses to show its tokens: they do not do
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
