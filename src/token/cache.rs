//! Keeping one token fresh: what every renewing authorizer shares.
//!
//! However many calls wait for a renewal, there is one ([`SingleFlight`]), and it always takes the
//! same steps, so that neither threads nor processes that share a storage spend a refresh token
//! twice, and no new token is lost:
//!
//! ```text
//! 1. renewed by another task?      cached token serves          → done
//! 2. renewed by another process?   stored token serves          → done   (read without the lock)
//! 3. lock the storage
//! 4. a new token was not saved?    save it now
//!    otherwise read again          stored token serves          → done
//! 5. request a token               none without the user        → unlock, log in
//! 6. save it, and only then use it
//! ```

use super::data::{TokenData, now};
use super::single_flight::SingleFlight;
use super::storage::StorageLock;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{BoxFuture, Clock, bearer};
use crate::types::Secret;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tracing::debug;

/// How long before its expiry a token is renewed.
const RENEW_BEFORE_EXPIRY: Duration = Duration::from_secs(60);
/// How long a call waits for an early renewal while its token is still valid.
const EARLY_RENEWAL_WAIT: Duration = Duration::from_secs(5);
/// How long no early renewal is tried after one failed.
const RETRY_COOLDOWN: Duration = Duration::from_secs(10);

/// Where tokens come from, and where they are kept.
pub(crate) trait TokenProvider: fmt::Debug + Send + Sync + 'static {
    /// A new token; `None` when that takes a person. `old` is the latest that is known, expired or
    /// not.
    fn request(&self, old: Option<TokenData>) -> BoxFuture<'_, Result<Option<TokenData>>>;

    /// Has the user log in, which may take minutes and therefore happens without the lock. Stores
    /// the result.
    fn log_in(&self) -> BoxFuture<'_, Result<TokenData>> {
        Box::pin(async {
            Err(Error::new(
                ErrorKind::Login,
                "the answer contains no token; log in again",
            ))
        })
    }

    /// Stores a new token. It is not used before this has succeeded.
    fn save<'a>(&'a self, new: &'a TokenData) -> BoxFuture<'a, Result<()>>;

    /// Reads the stored token, which another process may have written.
    fn load(&self) -> BoxFuture<'_, Result<Option<TokenData>>> {
        Box::pin(async { Ok(None) })
    }

    /// Keeps other processes from renewing at the same time.
    fn lock(&self) -> BoxFuture<'_, Result<StorageLock>> {
        Box::pin(async { Ok(StorageLock::noop()) })
    }

    /// Whether a token that has not expired is sufficient, for example in its scopes.
    fn accepts(&self, data: &TokenData) -> bool {
        let _ = data;
        true
    }
}

/// A token that is renewed when necessary. Cloning is cheap, and clones share the token.
#[derive(Clone)]
pub(crate) struct TokenCache(Arc<Inner>);

struct Inner {
    provider: Box<dyn TokenProvider>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    renewals: SingleFlight<TokenData>,
}

#[derive(Default)]
struct State {
    current: Option<TokenData>,
    /// A token that was received but not stored. The one it replaces may be spent, so it is stored
    /// before anything else is tried.
    unsaved: Option<TokenData>,
    /// When an early renewal failed, and for how long none is tried.
    failed: Option<(Instant, Duration)>,
}

impl TokenCache {
    pub(crate) fn new(
        provider: impl TokenProvider,
        clock: Arc<dyn Clock>,
        current: Option<TokenData>,
    ) -> Self {
        Self(Arc::new(Inner {
            provider: Box::new(provider),
            clock,
            state: Mutex::new(State {
                current,
                ..State::default()
            }),
            renewals: SingleFlight::new(),
        }))
    }

    /// A token that is valid now.
    pub(crate) async fn token(&self) -> Result<TokenData> {
        let valid = {
            let state = self.0.state();
            let now = now(&*self.0.clock);
            let accepted = |data: &&TokenData| self.0.provider.accepts(data);
            match state.current.as_ref().filter(accepted) {
                Some(data) if data.lasts(RENEW_BEFORE_EXPIRY, now) => return Ok(data.clone()),
                // about to expire: renew early, unless that failed a moment ago
                Some(data) if data.lasts(Duration::ZERO, now) => {
                    let pausing = state.failed.is_some_and(|(failed, pause)| {
                        self.0.clock.instant().saturating_duration_since(failed) < pause
                    });
                    if pausing {
                        return Ok(data.clone());
                    }
                    Some(data.clone())
                }
                _ => None,
            }
        };
        let Some(valid) = valid else {
            return self.renew(None).await;
        };
        // an early renewal may fail or be slow without affecting this call: the token is still
        // valid
        let renewal = std::pin::pin!(self.renew(None));
        let wait = self.0.clock.sleep(EARLY_RENEWAL_WAIT);
        match futures_util::future::select(renewal, wait).await {
            futures_util::future::Either::Left((Ok(new), _)) => Ok(new),
            futures_util::future::Either::Left((Err(error), _)) => {
                debug!(error = %format_args!("{error:#}"), "early renewal failed; the token is still valid");
                Ok(valid)
            }
            futures_util::future::Either::Right(_) => Ok(valid),
        }
    }

    /// A token other than `refused`.
    pub(crate) async fn renew(&self, refused: Option<&Secret>) -> Result<TokenData> {
        let renewal = || self.0.clone().renew(refused.cloned());
        let new = self.0.renewals.run(renewal).await?;
        if refused != Some(&new.access_token) {
            return Ok(new);
        }
        // a renewal that was already running for another reason may return the refused token. One
        // of our own returns it only if the service insists on it, and then a third would change
        // nothing
        self.0.renewals.run(renewal).await
    }

    /// The header's value.
    pub(crate) async fn authorization(&self) -> Result<Option<Secret>> {
        Ok(Some(bearer(&self.token().await?.access_token)))
    }

    /// A service answered 401: renews, unless there is another token already.
    pub(crate) async fn refused(&self, authorization: &Secret) -> Result<bool> {
        let current = self.current().map(|data| data.access_token);
        match current {
            Some(token) if bearer(&token) == *authorization => {
                self.renew(Some(&token)).await.map(|_| true)
            }
            _ => Ok(true),
        }
    }

    pub(crate) fn current(&self) -> Option<TokenData> {
        self.0.state().current.clone()
    }

    /// Replaces the cached token, or clears it. The new one is stored already.
    pub(crate) fn replace(&self, data: Option<TokenData>) {
        *self.0.state() = State {
            current: data,
            ..State::default()
        };
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.provider.fmt(f)
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a token can be used as it is.
    fn serves(&self, data: &TokenData, refused: Option<&Secret>) -> bool {
        data.lasts(RENEW_BEFORE_EXPIRY, now(&*self.clock))
            && refused != Some(&data.access_token)
            && self.provider.accepts(data)
    }

    async fn renew(self: Arc<Self>, refused: Option<Secret>) -> Result<TokenData> {
        let result = self.renew_locked(refused.as_ref()).await;
        let mut state = self.state();
        match &result {
            Ok(new) => {
                state.current = Some(new.clone());
                state.failed = None;
            }
            Err(error) => {
                // the service's Retry-After may lengthen the cooldown, never shorten it
                let hint = error.retry_after(self.clock.now()).unwrap_or_default();
                state.failed = Some((self.clock.instant(), hint.max(RETRY_COOLDOWN)));
            }
        }
        result
    }

    async fn renew_locked(&self, refused: Option<&Secret>) -> Result<TokenData> {
        // 1. between the decision to renew and this task, another may have renewed
        let (mut latest, unsaved) = {
            let state = self.state();
            (state.current.clone(), state.unsaved.clone())
        };
        if let Some(data) = latest.take_if(|data| self.serves(data, refused)) {
            return Ok(data);
        }
        // 2. another process may have renewed long ago; reading needs no lock, which would fail on
        //    a read-only disk
        if unsaved.is_none()
            && let Some(stored) = self.provider.load().await?
            && self.serves(&stored, refused)
        {
            return Ok(stored);
        }
        // 3. from here on, no other process renews
        let lock = self.provider.lock().await?;
        // 4. the previous holder of the lock may have renewed while this task waited
        if let Some(unsaved) = unsaved {
            self.save(&unsaved).await?;
            latest = Some(unsaved);
        } else if let Some(stored) = self.provider.load().await? {
            latest = Some(stored);
        }
        if let Some(data) = latest.take_if(|data| self.serves(data, refused)) {
            return Ok(data);
        }
        // 5. an answer to a refresh need not repeat the identity
        let identity = latest.as_ref().and_then(|data| data.identity_id);
        match self.provider.request(latest).await? {
            Some(mut new) => {
                new.identity_id = new.identity_id.or(identity);
                self.save(&new).await?;
                Ok(new)
            }
            None => {
                // a login takes minutes: other processes must not wait for it
                drop(lock);
                self.provider.log_in().await
            }
        }
    }

    async fn save(&self, new: &TokenData) -> Result<()> {
        // recorded first: however storing fails, this is the token to continue with
        self.state().unsaved = Some(new.clone());
        self.provider.save(new).await?;
        self.state().unsaved = None;
        Ok(())
    }
}
