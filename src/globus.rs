//! The entry point: one app and one set of connections for clients of all services.

use crate::auth::{self, App, Session};
use crate::client::ServiceClient;
use crate::error::{AuthorizationParameters, Error, Result, redact};
use crate::operation::Service;
use crate::scope::{CollectionScopes, Scope, ScopeString};
use crate::token::data::TokenData;
use crate::transport::settings::{Settings, settings};
use crate::transport::{Authorizer, BoxFuture, Core, Transport};
use crate::types::Id;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The services that a [`Globus`] creates clients of.
const SERVICES: &[&Service] = &[
    auth::Client::SERVICE,
    #[cfg(feature = "groups")]
    crate::groups::Client::SERVICE,
    #[cfg(feature = "search")]
    crate::search::Client::SERVICE,
    #[cfg(feature = "transfer")]
    crate::transfer::Client::SERVICE,
];

/// Creates clients of the Globus services, which share an app's connections and tokens.
///
/// Cloning is cheap. Creating a client of a service adds its default scopes to those requested at
/// the next login.
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
pub struct Globus {
    shared: Arc<Shared>,
    session: Arc<dyn Session>,
}

/// What does not depend on who is calling.
struct Shared {
    transport: Transport,
    urls: BTreeMap<&'static str, String>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let urls = self.urls.iter();
        let urls: BTreeMap<_, _> = urls
            .map(|(name, url)| (name, redact::address(url)))
            .collect();
        f.debug_struct("Shared")
            .field("transport", &self.transport)
            .field("urls", &urls)
            .finish()
    }
}

/// Builds a [`Globus`].
///
/// ```
/// use globus_sdk::{Globus, auth::ClientApp};
///
/// let app = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret");
/// let globus = Globus::builder(app)
///     .app_name("my-tool/1.0")
///     .timeout(std::time::Duration::from_secs(10))
///     .build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct GlobusBuilder {
    settings: Settings,
    app: Box<dyn App>,
}

settings!(GlobusBuilder);

impl GlobusBuilder {
    /// Builds it. Uses neither network nor runtime.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the app, a setting or an environment variable is invalid.
    pub fn build(self) -> Result<Globus> {
        let mut urls = BTreeMap::new();
        for service in SERVICES {
            // all addresses now, so that an invalid variable is reported at the start and not by a
            // later call
            urls.insert(service.name, self.settings.base_url(service)?);
        }
        let shared = Arc::new(Shared {
            transport: self.settings.transport()?,
            urls,
        });
        let session = self.app.connect(&shared.nobody())?;
        Ok(Globus { shared, session })
    }
}

impl Shared {
    fn client<C: ServiceClient>(&self, authorizer: Arc<dyn Authorizer>) -> C {
        let url = self.urls.get(C::SERVICE.name);
        C::from_core(Core::new(
            C::SERVICE,
            // the map has every service that this crate has a client of
            url.map_or(C::SERVICE.base_url, String::as_str).to_owned(),
            self.transport.clone(),
            authorizer,
        ))
    }

    /// An unauthenticated client of Globus Auth.
    fn nobody(&self) -> auth::Client {
        self.client(Arc::new(auth::NullAuthorizer))
    }
}

impl Globus {
    /// Starts building with an app, which determines who is calling.
    pub fn builder(app: impl App) -> GlobusBuilder {
        GlobusBuilder {
            settings: Settings::default(),
            app: Box::new(app),
        }
    }

    fn client<C: ServiceClient>(&self) -> C {
        let service = C::SERVICE;
        let scopes: Vec<Scope> = service.default_scopes.iter().map(|s| (*s).into()).collect();
        let authorizer = self.session.authorizer(service.resource_server, &scopes);
        self.shared.client(authorizer)
    }

    /// A client of Globus Auth.
    pub fn auth(&self) -> auth::Client {
        self.client()
    }

    /// A client of Globus Groups.
    #[cfg(feature = "groups")]
    pub fn groups(&self) -> crate::groups::Client {
        self.client()
    }

    /// A client of Globus Search.
    #[cfg(feature = "search")]
    pub fn search(&self) -> crate::search::Client {
        self.client()
    }

    /// A client of Globus Transfer.
    #[cfg(feature = "transfer")]
    pub fn transfer(&self) -> crate::transfer::Client {
        self.client()
    }

    /// The authorizer for any service, with the scopes it needs.
    ///
    /// ```no_run
    /// # async fn run(globus: globus_sdk::Globus) -> globus_sdk::Result<()> {
    /// let flows = "https://auth.globus.org/scopes/eec9b274-0c81-4334-bdc2-54e90e689b9a/view_flows";
    /// let authorizer = globus.authorizer("flows.globus.org", flows)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the scopes are malformed.
    pub fn authorizer(
        &self,
        resource_server: &str,
        scopes: impl Into<ScopeString>,
    ) -> Result<Arc<dyn Authorizer>> {
        let scopes = scopes.into().scopes()?;
        Ok(self.session.authorizer(resource_server, &scopes))
    }

    /// Adds scopes to request at the next login.
    ///
    /// ```
    /// # use globus_sdk::{Globus, auth::ClientApp};
    /// # let app = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret");
    /// # let globus = Globus::builder(app).build()?;
    /// globus.add_scopes("auth.globus.org", globus_sdk::auth::scopes::MANAGE_PROJECTS)?;
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the scopes are malformed.
    pub fn add_scopes(&self, resource_server: &str, scopes: impl Into<ScopeString>) -> Result<()> {
        self.authorizer(resource_server, scopes).map(|_| ())
    }

    /// Adds access to the data of these collections: at the next login, the user is asked whether
    /// Transfer may access it. Otherwise the first transfer fails with the code `ConsentRequired`.
    ///
    /// Only mapped collections without High Assurance have this scope. With the id of a guest
    /// collection, or of one on a personal computer, the login fails because the scope is unknown.
    ///
    /// ```
    /// # use globus_sdk::{Globus, auth::ClientApp};
    /// # let app = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret");
    /// # let globus = Globus::builder(app).build()?;
    /// globus.add_data_access(["6c54cade-bde5-45c1-bdea-f4bd71dba2cc"])?;
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Usage` when an id is not a UUID; then none is added.
    #[cfg(feature = "transfer")]
    #[doc(alias = "add_app_data_access_scope")]
    pub fn add_data_access<I: Into<Id>>(
        &self,
        collection_ids: impl IntoIterator<Item = I>,
    ) -> Result<()> {
        let mut scope = Scope::new(crate::transfer::scopes::ALL);
        for id in collection_ids {
            let data_access = CollectionScopes::new(id)?.data_access();
            scope = scope.with_dependency(data_access.with_optional(true));
        }
        self.add_scopes(crate::transfer::Client::SERVICE.resource_server, scope)
    }

    /// The same connections with another authorizer, whose token all clients send.
    ///
    /// ```
    /// use globus_sdk::{Globus, auth::{AccessTokenAuthorizer, ClientApp}};
    ///
    /// let portal = ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "the secret");
    /// let globus = Globus::builder(portal).build()?;
    /// let theirs = globus.with_authorizer(AccessTokenAuthorizer::new("a user's token"));
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    #[must_use]
    pub fn with_authorizer(&self, authorizer: impl Authorizer) -> Self {
        Self {
            shared: self.shared.clone(),
            session: Arc::new(As(Arc::new(authorizer))),
        }
    }

    /// The same connections with another app.
    ///
    /// ```
    /// use globus_sdk::{Globus, auth::ClientApp};
    ///
    /// let one = Globus::builder(ClientApp::new("61338d24-54d5-408f-a10d-66c06b59f6d2", "a secret")).build()?;
    /// let other = one.with_app(&ClientApp::new("6c54cade-bde5-45c1-bdea-f4bd71dba2cc", "a secret"))?;
    /// # Ok::<(), globus_sdk::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Usage` when the app is invalid.
    pub fn with_app(&self, app: &dyn App) -> Result<Self> {
        Ok(Self {
            shared: self.shared.clone(),
            session: app.connect(&self.shared.nobody())?,
        })
    }

    /// Logs in if a login is needed, for the services that clients were created of and the scopes
    /// that the app names.
    ///
    /// # Errors
    ///
    /// Kind `Login` when the user did not log in or the service refused; any other kind that the
    /// call fails with.
    pub async fn login(&self) -> Result<()> {
        self.session.login(None).await
    }

    /// Logs in again in any case, with requirements that the login must satisfy: set by hand, or
    /// taken from an error ([`Error::auth_requirements`](crate::Error::auth_requirements)). Scopes
    /// that are consented to are requested at every later login, too.
    ///
    /// A [`ClientApp`](auth::ClientApp) gets new tokens with the scopes and ignores requirements
    /// that only a user can meet.
    ///
    /// ```no_run
    /// use globus_sdk::auth::AuthorizationParameters;
    /// # async fn run(globus: globus_sdk::Globus) -> globus_sdk::Result<()> {
    /// globus.login_with(AuthorizationParameters::default().prompt("login")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`login`](Self::login); kind `Usage` when the required scopes are malformed.
    pub async fn login_with(&self, parameters: impl Into<AuthorizationParameters>) -> Result<()> {
        self.session.login(Some(parameters.into())).await
    }

    /// Whether a user has to log in before calls can be made. Always `false` for a
    /// [`ClientApp`](auth::ClientApp).
    ///
    /// # Errors
    ///
    /// Kind `Storage` when the tokens cannot be read.
    pub async fn login_required(&self) -> Result<bool> {
        self.session.login_required().await
    }

    /// Revokes all tokens and removes them from the storage.
    ///
    /// # Errors
    ///
    /// Any kind, when a token could not be revoked or removed: it is kept, so that logging out can
    /// be repeated.
    pub async fn logout(&self) -> Result<()> {
        self.session.logout().await
    }

    /// The stored tokens by resource server, expired or not.
    ///
    /// # Errors
    ///
    /// Kind `Storage` when the tokens cannot be read.
    pub async fn tokens(&self) -> Result<BTreeMap<String, TokenData>> {
        self.session.tokens().await
    }
}

/// The session behind a single authorizer.
#[derive(Debug)]
struct As(Arc<dyn Authorizer>);

impl Session for As {
    fn authorizer(&self, _: &str, _: &[Scope]) -> Arc<dyn Authorizer> {
        self.0.clone()
    }

    fn login(&self, _: Option<AuthorizationParameters>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            Err(Error::usage(
                "an authorizer cannot log in; build a Globus with a UserApp",
            ))
        })
    }
}
