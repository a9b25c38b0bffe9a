//! What the clients of all services have in common.

use crate::auth::{Authorizer, NullAuthorizer};
use crate::environment;
use crate::error::Result;
use crate::error::redact;
use crate::operation::Service;
use crate::transport::Transport;
use crate::transport::settings::{Settings, settings};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A service at an address, reached by a transport as somebody.
#[derive(Clone)]
pub(crate) struct Core(Arc<Inner>);

struct Inner {
    service: &'static Service,
    base_url: String,
    /// The same, as long as it has an origin.
    address: Option<url::Url>,
    transport: Transport,
    authorizer: Arc<dyn Authorizer>,
}

impl Core {
    pub(crate) fn new(
        service: &'static Service,
        base_url: String,
        transport: Transport,
        authorizer: Arc<dyn Authorizer>,
    ) -> Self {
        let address = url::Url::parse(&base_url).ok();
        let address = address.filter(|url| url.origin().is_tuple());
        Self(Arc::new(Inner {
            service,
            base_url,
            address,
            transport,
            authorizer,
        }))
    }

    pub(crate) fn service(&self) -> &'static Service {
        self.0.service
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.0.base_url
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.0.transport
    }

    pub(crate) fn authorizer(&self) -> &dyn Authorizer {
        &*self.0.authorizer
    }

    /// Whether a URL is the service's own: a token goes nowhere else.
    pub(crate) fn owns(&self, url: &url::Url) -> bool {
        // as `url::Origin` has it, which would copy the host at each call
        self.0.address.as_ref().is_some_and(|own| {
            own.scheme() == url.scheme()
                && own.host() == url.host()
                && own.port_or_known_default() == url.port_or_known_default()
        })
    }

    pub(crate) fn with_authorizer(&self, authorizer: Arc<dyn Authorizer>) -> Self {
        Self::new(
            self.0.service,
            self.0.base_url.clone(),
            self.0.transport.clone(),
            authorizer,
        )
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.0.service.name)
            .field("base_url", &redact::address(&self.0.base_url))
            .field("authorizer", &self.0.authorizer)
            .finish()
    }
}

/// A client of one service.
pub trait ServiceClient: Clone + Send + Sync + sealed::FromCore + 'static {
    /// Which service.
    const SERVICE: &'static Service;
}

pub(crate) mod sealed {
    /// Keeps [`ServiceClient`](super::ServiceClient) to this crate's clients.
    pub trait FromCore {
        #[doc(hidden)]
        #[allow(private_interfaces)]
        fn from_core(core: super::Core) -> Self;
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
    /// As whom to call. Nobody by default.
    pub fn authorizer(mut self, authorizer: impl Authorizer) -> Self {
        self.authorizer = Arc::new(authorizer);
        self
    }

    /// The service's address, in place of what the environment says.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The client. Touches neither network nor runtime.
    ///
    /// # Errors
    ///
    /// Kind `Usage` when a setting, or a variable of the environment, makes no sense.
    pub fn build(self) -> Result<C> {
        let base_url = match &self.base_url {
            Some(url) => environment::check(url, "the builder")?,
            None => self.settings.base_url(C::SERVICE)?,
        };
        let transport = self.settings.transport()?;
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
            fn from_core(core: $crate::client::Core) -> Self {
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
            /// A client without an app: give it an authorizer.
            pub fn builder() -> $crate::client::ClientBuilder<Self> {
                $crate::client::ClientBuilder::default()
            }

            /// The service's address, without a slash at its end.
            pub fn base_url(&self) -> &str {
                self.core.base_url()
            }

            /// The same client as somebody else, over the same connections.
            #[must_use]
            pub fn with_authorizer(&self, authorizer: impl $crate::auth::Authorizer) -> Self {
                Self {
                    core: self.core.with_authorizer(::std::sync::Arc::new(authorizer)),
                }
            }

            /// A `GET` of any path from the host's root.
            pub fn get(&self, path: &str) -> $crate::transport::RawRequest {
                self.request("GET", path)
            }

            /// A `POST` to any path from the host's root.
            pub fn post(&self, path: &str) -> $crate::transport::RawRequest {
                self.request("POST", path)
            }

            /// A `PUT` to any path from the host's root.
            pub fn put(&self, path: &str) -> $crate::transport::RawRequest {
                self.request("PUT", path)
            }

            /// A `PATCH` of any path from the host's root.
            pub fn patch(&self, path: &str) -> $crate::transport::RawRequest {
                self.request("PATCH", path)
            }

            /// A `DELETE` of any path from the host's root.
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
