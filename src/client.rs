//! What the clients of all services share.

use crate::environment;
use crate::error::{Result, redact};
use crate::operation::Service;
pub(crate) use crate::transport::Core;
use crate::transport::settings::{Settings, settings};
use crate::transport::{Authorizer, NullAuthorizer};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A client of one service.
pub trait ServiceClient: Clone + Send + Sync + sealed::FromCore + 'static {
    /// The service.
    const SERVICE: &'static Service;
}

pub(crate) mod sealed {
    /// Keeps [`ServiceClient`](super::ServiceClient) to this crate's clients.
    pub trait FromCore {
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn from_core(core: crate::transport::Core) -> Self;
    }
}

/// Builds a client of one service, without an app.
///
/// ```
/// use globus_sdk::auth::AccessTokenAuthorizer;
///
/// let transfer = globus_sdk::transfer::Client::builder()
///     .authorizer(AccessTokenAuthorizer::new("a-token"))
///     .timeout(std::time::Duration::from_secs(10))
///     .build()?;
/// # Ok::<(), globus_sdk::Error>(())
/// ```
#[must_use = "a builder does nothing until it is built"]
pub struct ClientBuilder<C> {
    pub(crate) settings: Settings,
    base_url: Option<String>,
    authorizer: Arc<dyn Authorizer>,
    client: PhantomData<fn() -> C>,
}

settings!(ClientBuilder<C>, C: ServiceClient);

impl<C> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("settings", &self.settings)
            .field("base_url", &self.base_url.as_deref().map(redact::address))
            .field("authorizer", &self.authorizer)
            .finish()
    }
}

impl<C: ServiceClient> Default for ClientBuilder<C> {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            base_url: None,
            authorizer: Arc::new(NullAuthorizer),
            client: PhantomData,
        }
    }
}

impl<C: ServiceClient> ClientBuilder<C> {
    /// Sets the authorizer. By default, calls are unauthenticated.
    pub fn authorizer(mut self, authorizer: impl Authorizer) -> Self {
        self.authorizer = Arc::new(authorizer);
        self
    }

    /// Sets the service's address, instead of the environment's.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Builds the client. Uses neither network nor runtime.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when a setting or an environment variable is invalid.
    pub fn build(self) -> Result<C> {
        let base_url = match &self.base_url {
            Some(url) => environment::check(url, "the builder")?,
            None => self.settings.base_url(C::SERVICE)?,
        };
        let transport = self.settings.transport()?;
        // an invalid proxy for this service is reported now and not by the first call
        transport.check_proxy(&base_url)?;
        Ok(C::from_core(Core::new(
            C::SERVICE,
            base_url,
            transport,
            self.authorizer,
        )))
    }
}

/// Makes a generated `Client { core }` a client.
macro_rules! service {
    ($client:ident, $service:ident) => {
        impl $crate::client::sealed::FromCore for $client {
            #[allow(private_interfaces)]
            fn from_core(core: $crate::transport::Core) -> Self {
                Self { core }
            }
        }

        impl $crate::client::ServiceClient for $client {
            const SERVICE: &'static $crate::operation::Service = &$service;
        }

        impl ::std::fmt::Debug for $client {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.core.fmt(f)
            }
        }

        impl $client {
            /// Builds a client without an app: give it an authorizer.
            pub fn builder() -> $crate::client::ClientBuilder<Self> {
                $crate::client::ClientBuilder::default()
            }

            /// The service's address, without a trailing slash.
            pub fn base_url(&self) -> &str {
                self.core.base_url()
            }

            /// The same client with another authorizer, sharing connections.
            #[must_use]
            pub fn with_authorizer(&self, authorizer: impl $crate::transport::Authorizer) -> Self {
                Self {
                    core: self.core.with_authorizer(::std::sync::Arc::new(authorizer)),
                }
            }

            /// `GET` of any path from the host's root.
            pub fn get(&self, path: &str) -> $crate::transport::RawRequest {
                self.request("GET", path)
            }

            /// `POST` to any path from the host's root.
            pub fn post(&self, path: &str) -> $crate::transport::RawRequest {
                self.request("POST", path)
            }

            /// `PUT` to any path from the host's root.
            pub fn put(&self, path: &str) -> $crate::transport::RawRequest {
                self.request("PUT", path)
            }

            /// `PATCH` of any path from the host's root.
            pub fn patch(&self, path: &str) -> $crate::transport::RawRequest {
                self.request("PATCH", path)
            }

            /// `DELETE` of any path from the host's root.
            pub fn delete(&self, path: &str) -> $crate::transport::RawRequest {
                self.request("DELETE", path)
            }

            /// Any method on any path from the host's root.
            pub fn request(&self, method: &str, path: &str) -> $crate::transport::RawRequest {
                $crate::transport::RawRequest::new(self.core.clone(), method, path)
            }
        }
    };
}
pub(crate) use service;
