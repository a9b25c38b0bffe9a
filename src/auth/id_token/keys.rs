//! What ID tokens are verified against: the issuer and its signing keys.

use super::signature::{SignedToken, VerifyFailure};
use crate::error::Result;
use crate::generated::auth::Client;
use crate::generated::auth::types::{Jwk, Jwks, OpenIdConfiguration};
use crate::token::single_flight::SingleFlight;
use crate::transport::Clock;
use crate::transport::static_authorizers::NullAuthorizer;
use std::fmt;
use std::future::IntoFuture as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long after a refetch no token causes another. Anyone can make up a token that names an
/// unknown key, and must not be able to make this client flood the service.
const PAUSE: Duration = Duration::from_secs(60);

/// What the service publishes about its ID tokens.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) issuer: String,
    algorithms: Vec<String>,
    keys: Vec<Jwk>,
}

impl Service {
    fn new(configuration: OpenIdConfiguration, jwks: Jwks) -> Arc<Self> {
        Arc::new(Self {
            issuer: configuration.issuer,
            algorithms: configuration.id_token_signing_alg_values_supported,
            keys: jwks.keys,
        })
    }
}

/// The service's keys: fetched when the first token is decoded, then cached, and shared by all
/// decoders of one client.
pub(crate) struct Keys {
    client: Client,
    /// Given by the caller, and therefore never refetched.
    fixed: bool,
    state: Mutex<State>,
    fetches: SingleFlight<Arc<Service>>,
}

#[derive(Default)]
struct State {
    known: Option<Arc<Service>>,
    /// When the keys were last refetched for an unknown key.
    looked: Option<Instant>,
}

impl Keys {
    pub(crate) fn for_client(client: &Client) -> Arc<Self> {
        Arc::new(Self {
            client: client.with_authorizer(NullAuthorizer),
            fixed: false,
            state: Mutex::default(),
            fetches: SingleFlight::new(),
        })
    }

    /// The same, with documents that the caller already has.
    pub(super) fn fixed(&self, configuration: OpenIdConfiguration, jwks: Jwks) -> Arc<Self> {
        Arc::new(Self {
            client: self.client.clone(),
            fixed: true,
            state: Mutex::new(State {
                known: Some(Service::new(configuration, jwks)),
                looked: None,
            }),
            fetches: SingleFlight::new(),
        })
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &**self.client.core.transport().clock()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches what is not cached yet, so that a failure comes before anything is spent.
    pub(crate) async fn prepare(self: &Arc<Self>) -> Result<()> {
        self.service().await.map(|_| ())
    }

    async fn service(self: &Arc<Self>) -> Result<Arc<Service>> {
        let known = self.state().known.clone();
        match known {
            Some(known) => Ok(known),
            None => self.fetches.run(|| self.clone().fetch(None)).await,
        }
    }

    /// The service, and the claims that one of its keys verified.
    pub(super) async fn verify<'s>(
        self: &Arc<Self>,
        signed: &'s SignedToken<'_>,
    ) -> Result<(Arc<Service>, &'s [u8])> {
        let mut service = self.service().await?;
        let mut verified = signed.verify(&service.algorithms, &service.keys);
        // an unknown key may be newer than the cache: services rotate keys, so fetch once and try
        // again
        if let (Err(VerifyFailure::Outdated(_)), false) = (&verified, self.fixed) {
            let old = service.clone();
            let fetch = || self.clone().fetch(Some(old.clone()));
            service = self.fetches.run(fetch).await?;
            verified = signed.verify(&service.algorithms, &service.keys);
        }
        match verified {
            Ok(claims) => Ok((service, claims)),
            Err(VerifyFailure::Outdated(error) | VerifyFailure::Final(error)) => Err(error),
        }
    }

    /// Fetches what is not cached yet, or what may be newer than `old`.
    async fn fetch(self: Arc<Self>, old: Option<Arc<Service>>) -> Result<Arc<Service>> {
        {
            let now = self.clock().instant();
            let mut state = self.state();
            if let Some(known) = &state.known {
                // another caller has fetched since `old` was read, or the last refetch was too
                // recent
                let newer = old.is_none_or(|old| !Arc::ptr_eq(&old, known));
                let looked = state.looked;
                let resting = looked.is_some_and(|at| now.saturating_duration_since(at) < PAUSE);
                if newer || resting {
                    return Ok(known.clone());
                }
                state.looked = Some(now);
            }
        }
        // the keys by the spec's path and not by `jwks_uri`: nothing in an answer may lead to
        // another host
        let (configuration, jwks) = futures_util::future::try_join(
            self.client.get_openid_configuration().into_future(),
            self.client.get_jwk().into_future(),
        )
        .await?;
        let service = Service::new(configuration, jwks);
        self.state().known = Some(service.clone());
        Ok(service)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.state().known.is_some();
        f.debug_struct("Keys")
            .field("known", &known)
            .finish_non_exhaustive()
    }
}
