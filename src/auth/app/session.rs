//! What the sessions of both apps have in common: a store, requirements, and a renewing token for
//! each resource server. They differ in their [`Grant`].

use super::Session;
use super::recent_logins::{LoginPurpose, RecentLogins};
use super::scope_requirements::ScopeRequirements;
use crate::auth::app_auth_client::LoginClient;
use crate::auth::tokens::Tokens;
use crate::error::AuthorizationParameters;
use crate::error::AuthorizationRequirements;
use crate::error::{ErrorKind, Result};
use crate::scope::Scope;
use crate::token::cache::{TokenCache, TokenProvider};
use crate::token::data::TokenData;
use crate::token::single_flight::SingleFlight;
use crate::token::storage::{StorageLock, TokenStorage};
use crate::transport::authorizer::{Authorizer, BoxFuture};
use crate::types::Secret;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// How an app gets tokens.
pub(super) trait Grant: fmt::Debug + Send + Sync + 'static {
    /// As [`TokenProvider::request`].
    fn request<'a>(
        &'a self,
        session: &'a SessionState,
        resource_server: &'a str,
        old: Option<TokenData>,
    ) -> BoxFuture<'a, Result<Option<TokenData>>>;

    /// As [`TokenProvider::log_in`].
    fn log_in<'a>(
        &'a self,
        session: &'a Arc<SessionState>,
        resource_server: &'a str,
    ) -> BoxFuture<'a, Result<TokenData>>;

    /// Gets what is needed and not there.
    fn login<'a>(&'a self, session: &'a Arc<SessionState>) -> BoxFuture<'a, Result<()>>;

    /// Tokens for what a login is for: the one step of [`SessionState::log_in`] in which apps differ.
    fn tokens<'a>(
        &'a self,
        session: &'a SessionState,
        purpose: &'a LoginPurpose,
    ) -> BoxFuture<'a, Result<Tokens>>;

    /// Whether another login can satisfy a service.
    fn can_meet(&self, requirements: &AuthorizationRequirements) -> bool {
        let _ = requirements;
        true
    }

    /// As [`Session::login_required`].
    fn login_required<'a>(&'a self, session: &'a SessionState) -> BoxFuture<'a, Result<bool>>;
}

/// The session of an app.
#[derive(Debug)]
pub(super) struct AppSession(pub(super) Arc<SessionState>);

/// What its authorizers share.
pub(super) struct SessionState {
    pub(super) client: LoginClient,
    pub(super) storage: Arc<dyn TokenStorage>,
    grant: Box<dyn Grant>,
    requirements: Mutex<ScopeRequirements>,
    token_caches: Mutex<BTreeMap<String, TokenCache>>,
    /// Two calls that need a login open one browser.
    logins: SingleFlight<(), LoginPurpose>,
    recent_logins: Mutex<RecentLogins>,
    /// Whether a service that asks for another login gets one.
    auto_relogin: bool,
    me: Weak<SessionState>,
}

impl fmt::Debug for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("client_id", &self.client.id())
            .field("grant", &self.grant)
            .field("storage", &self.storage)
            .finish_non_exhaustive()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AppSession {
    pub(super) fn new(
        client: LoginClient,
        storage: Arc<dyn TokenStorage>,
        grant: impl Grant,
        requirements: ScopeRequirements,
        auto_relogin: bool,
    ) -> Self {
        Self(Arc::new_cyclic(|me| SessionState {
            client,
            storage,
            grant: Box::new(grant),
            requirements: Mutex::new(requirements),
            token_caches: Mutex::default(),
            logins: SingleFlight::new(),
            recent_logins: Mutex::default(),
            auto_relogin,
            me: me.clone(),
        }))
    }
}

impl SessionState {
    pub(super) fn requirements(&self) -> ScopeRequirements {
        locked(&self.requirements).clone()
    }

    /// The one renewing token of a resource server.
    pub(super) fn token_cache(&self, resource_server: &str) -> TokenCache {
        let mut token_cache = locked(&self.token_caches);
        if let Some(known) = token_cache.get(resource_server) {
            return known.clone();
        }
        let provider = StoredToken {
            session: self.me.clone(),
            resource_server: resource_server.to_owned(),
        };
        let clock = self.client.client().core.transport().clock().clone();
        let new = TokenCache::new(provider, clock, None);
        token_cache.insert(resource_server.to_owned(), new.clone());
        new
    }

    /// Logs in for everything that is needed, and for `parameters`; or joins who does that already.
    ///
    /// With `refused`, a header that a service found lacking just that: does nothing if a login has
    /// repaired it since.
    pub(super) async fn log_in(
        self: &Arc<Self>,
        parameters: AuthorizationParameters,
        refused: Option<&Secret>,
    ) -> Result<()> {
        let mut needed = self.requirements();
        needed.extend(&parameters.required_scopes.scopes()?);
        let purpose = LoginPurpose {
            scopes: needed.all(),
            parameters,
        };
        let task = || {
            let (session, purpose, refused) = (self.clone(), purpose.clone(), refused.cloned());
            async move { session.log_in_alone(purpose, refused).await }
        };
        let serves = |under_way: &LoginPurpose| under_way.serves(&purpose);
        self.logins
            .run_with_purpose(purpose.clone(), serves, task)
            .await
    }

    async fn log_in_alone(&self, purpose: LoginPurpose, refused: Option<Secret>) -> Result<()> {
        if let Some(refused) = refused
            && locked(&self.recent_logins).satisfied_since(&refused, &purpose.parameters)
        {
            return Ok(());
        }
        let tokens = self.grant.tokens(self, &purpose).await?;
        let replaced = self.adopt(tokens.all()).await?;
        // what was consented to is asked for again whenever the app logs in
        let scopes = purpose.parameters.required_scopes.scopes()?;
        locked(&self.requirements).extend(&scopes);
        locked(&self.recent_logins).record(purpose.parameters, replaced);
        Ok(())
    }

    /// Stores the tokens of a login, and puts them in the place of those that are in use, which it
    /// returns.
    async fn adopt(&self, tokens: &[TokenData]) -> Result<Vec<Secret>> {
        let _lock = self.storage.lock().await?;
        self.storage.store(tokens).await?;
        let mut replaced = Vec::new();
        for data in tokens {
            let token_cache = self.token_cache(&data.resource_server);
            replaced.extend(token_cache.current().map(|old| old.access_token));
            token_cache.replace(Some(data.clone()));
        }
        Ok(replaced)
    }

    async fn forget(&self, data: &TokenData) -> Result<()> {
        if let Some(refresh_token) = &data.refresh_token {
            self.client.revoke(refresh_token).await?;
        }
        self.client.revoke(&data.access_token).await?;
        self.storage.remove(&data.resource_server).await?;
        self.token_cache(&data.resource_server).replace(None);
        Ok(())
    }
}

impl Session for AppSession {
    fn authorizer(&self, resource_server: &str, scopes: &[Scope]) -> Arc<dyn Authorizer> {
        locked(&self.0.requirements).add(resource_server, scopes);
        Arc::new(AppAuthorizer {
            // the authorizer keeps the session, the session only its tokens
            session: self.0.clone(),
            token_cache: self.0.token_cache(resource_server),
        })
    }

    fn login(&self, parameters: Option<AuthorizationParameters>) -> BoxFuture<'_, Result<()>> {
        match parameters {
            None => self.0.grant.login(&self.0),
            Some(parameters) => Box::pin(self.0.log_in(parameters, None)),
        }
    }

    fn login_required(&self) -> BoxFuture<'_, Result<bool>> {
        self.0.grant.login_required(&self.0)
    }

    fn logout(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            // a renewal that is under way elsewhere would bring back what is forgotten here
            let _lock = self.0.storage.lock().await?;
            let storage = self
                .0
                .storage
                .without_validation()
                .unwrap_or(&*self.0.storage);
            let mut outcome = Ok(());
            for data in storage.all().await?.values() {
                outcome = outcome.and(self.0.forget(data).await);
            }
            outcome
        })
    }

    fn tokens(&self) -> BoxFuture<'_, Result<BTreeMap<String, TokenData>>> {
        self.0.storage.all()
    }
}

/// The app, towards one service.
#[derive(Debug)]
struct AppAuthorizer {
    session: Arc<SessionState>,
    token_cache: TokenCache,
}

impl Authorizer for AppAuthorizer {
    fn authorization(&self) -> BoxFuture<'_, Result<Option<Secret>>> {
        Box::pin(self.token_cache.authorization())
    }

    fn on_unauthorized<'a>(&'a self, authorization: &Secret) -> BoxFuture<'a, Result<bool>> {
        let authorization = authorization.clone();
        Box::pin(async move { self.token_cache.refused(&authorization).await })
    }

    fn on_auth_requirements<'a>(
        &'a self,
        authorization: &'a Secret,
        requirements: &'a AuthorizationRequirements,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let session = &self.session;
            let parameters = &requirements.parameters;
            if !session.auto_relogin
                || !session.grant.can_meet(requirements)
                || parameters.required_scopes.scopes().is_err()
            {
                return Ok(false);
            }
            let parameters = parameters.clone();
            session.log_in(parameters, Some(authorization)).await?;
            Ok(true)
        })
    }
}

/// The tokens of one resource server, in the session's store.
struct StoredToken {
    session: Weak<SessionState>,
    resource_server: String,
}

impl StoredToken {
    fn session(&self) -> Result<Arc<SessionState>> {
        // an authorizer holds the session; this is for a renewal that outlives all of them
        self.session
            .upgrade()
            .ok_or_else(|| crate::error::Error::usage("the app that the token belongs to is gone"))
    }
}

impl fmt::Debug for StoredToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppToken")
            .field("resource_server", &self.resource_server)
            .finish_non_exhaustive()
    }
}

impl TokenProvider for StoredToken {
    fn request(&self, old: Option<TokenData>) -> BoxFuture<'_, Result<Option<TokenData>>> {
        Box::pin(async move {
            let session = self.session()?;
            let grant = &session.grant;
            grant.request(&session, &self.resource_server, old).await
        })
    }

    fn log_in(&self) -> BoxFuture<'_, Result<TokenData>> {
        Box::pin(async move {
            let session = self.session()?;
            session.grant.log_in(&session, &self.resource_server).await
        })
    }

    fn save<'a>(&'a self, new: &'a TokenData) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let storage = self.session()?.storage.clone();
            storage.store(std::slice::from_ref(new)).await
        })
    }

    fn load(&self) -> BoxFuture<'_, Result<Option<TokenData>>> {
        Box::pin(async {
            let storage = self.session()?.storage.clone();
            match storage.get(&self.resource_server).await {
                // what a storage refuses to show is renewed, or asked for, like what is not there
                Err(e) if e.kind() == ErrorKind::Login => Ok(None),
                found => found,
            }
        })
    }

    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        Box::pin(async {
            let session = self.session()?;
            let lock = session.storage.lock().await?;
            // a renewal that was sent must be stored, even if the app is dropped meanwhile
            Ok(StorageLock::new((lock, session)))
        })
    }

    fn accepts(&self, data: &TokenData) -> bool {
        self.session
            .upgrade()
            .is_none_or(|session| locked(&session.requirements).is_met_by(data))
    }
}
