//! What the sessions of both apps share: a storage, scope requirements, and a token cache for each
//! resource server. They differ in their [`Grant`].

use super::Session;
use super::recent_logins::{LoginPurpose, RecentLogins};
use super::scope_requirements::ScopeRequirements;
use crate::auth::app_auth_client::LoginClient;
use crate::auth::tokens::Tokens;
use crate::error::{AuthorizationParameters, AuthorizationRequirements, Error, ErrorKind, Result};
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
    /// See [`TokenProvider::request`].
    fn request<'a>(
        &'a self,
        session: &'a SessionState,
        resource_server: &'a str,
        old: Option<TokenData>,
    ) -> BoxFuture<'a, Result<Option<TokenData>>>;

    /// See [`TokenProvider::log_in`].
    fn log_in<'a>(
        &'a self,
        session: &'a Arc<SessionState>,
        resource_server: &'a str,
    ) -> BoxFuture<'a, Result<TokenData>>;

    /// Gets what is needed and missing.
    fn login<'a>(&'a self, session: &'a Arc<SessionState>) -> BoxFuture<'a, Result<()>>;

    /// Tokens for a login's purpose: the one step of [`SessionState::log_in`] in which apps differ.
    fn tokens<'a>(
        &'a self,
        session: &'a SessionState,
        purpose: &'a LoginPurpose,
    ) -> BoxFuture<'a, Result<Tokens>>;

    /// Whether another login can meet the requirements.
    fn can_meet(&self, requirements: &AuthorizationRequirements) -> bool {
        let _ = requirements;
        true
    }

    /// See [`Session::login_required`].
    fn login_required<'a>(&'a self, session: &'a SessionState) -> BoxFuture<'a, Result<bool>>;
}

/// The session of an app.
#[derive(Debug)]
pub(super) struct AppSession(pub(super) Arc<SessionState>);

/// What an app's authorizers share.
pub(super) struct SessionState {
    pub(super) client: LoginClient,
    pub(super) storage: Arc<dyn TokenStorage>,
    grant: Box<dyn Grant>,
    requirements: Mutex<ScopeRequirements>,
    token_caches: Mutex<BTreeMap<String, TokenCache>>,
    /// Shared, so that two calls that need a login open one browser.
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

// a poisoned lock is used all the same: one panic must not make every later call fail
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
        // cyclic, because token caches refer back to the session that stores their tokens; weak, or
        // the two would keep each other alive for ever
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

    /// The single token cache of a resource server.
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

    /// Logs in for everything that is needed and for `parameters`, or joins a login in progress
    /// that covers both.
    ///
    /// `refused` is the `Authorization` header that a service refused for lacking exactly this:
    /// does nothing if a login has replaced it since.
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
        // checked inside the single flight: while this call waited for its turn, another's login
        // may have done it
        if let Some(refused) = refused
            && locked(&self.recent_logins).satisfied_since(&refused, &purpose.parameters)
        {
            return Ok(());
        }
        let tokens = self.grant.tokens(self, &purpose).await?;
        let replaced = self.adopt(tokens.all()).await?;
        // a consent that was given once is requested again at every login, or the next one would
        // lose it
        let scopes = purpose.parameters.required_scopes.scopes()?;
        locked(&self.requirements).extend(&scopes);
        locked(&self.recent_logins).record(purpose.parameters, replaced);
        Ok(())
    }

    /// Stores the tokens of a login and replaces the cached ones with them. Returns the replaced
    /// access tokens.
    async fn adopt(&self, tokens: &[TokenData]) -> Result<Vec<Secret>> {
        // the lock is held across both, so that a renewal in another process cannot overwrite the
        // new tokens with those it got for the old ones
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

    // removed only after revocation: a token that could not be revoked stays visible, and logging
    // out can be repeated
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
            // a strong reference here and a weak one in the token cache: clients keep the session
            // alive, and the session never keeps itself alive
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
            // a renewal in another process would bring back what is removed here
            let _lock = self.0.storage.lock().await?;
            // tokens that a validator rejects must be revoked, too
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

/// An app's authorizer for one service.
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
            // checked before any user interaction: a login that cannot help would only annoy
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

/// The tokens of one resource server in the session's storage.
struct StoredToken {
    session: Weak<SessionState>,
    resource_server: String,
}

impl StoredToken {
    fn session(&self) -> Result<Arc<SessionState>> {
        // authorizers hold the session; this can only fail for a renewal that outlives all of them
        self.session
            .upgrade()
            .ok_or_else(|| Error::usage("the app that the token belongs to is gone"))
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
                // tokens that a validating storage rejects are treated as missing: renewed, or
                // asked for
                Err(e) if e.kind() == ErrorKind::Login => Ok(None),
                found => found,
            }
        })
    }

    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        Box::pin(async {
            let session = self.session()?;
            let lock = session.storage.lock().await?;
            // holds the session: a renewal that was sent must be stored, even if the app is dropped
            // meanwhile
            Ok(StorageLock::new((lock, session)))
        })
    }

    fn accepts(&self, data: &TokenData) -> bool {
        self.session
            .upgrade()
            .is_none_or(|session| locked(&session.requirements).is_met_by(data))
    }
}
