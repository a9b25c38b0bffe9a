//! What a client of any service is made of.

use super::authorizer::Authorizer;
use super::connection::Transport;
use crate::error::redact;
use crate::operation::Service;
use std::fmt;
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
