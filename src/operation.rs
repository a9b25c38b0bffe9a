//! What the specs say of each service and operation, as data.
//!
//! Generated code fills these records; the transport reads them (how to authenticate, what a retry
//! may do), and so may programs: [`operations`](crate::operations) lists them all.

/// A Globus service, as its spec describes it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Service {
    /// The name, as in `GLOBUS_SDK_SERVICE_URL_<NAME>`.
    pub name: &'static str,
    /// The resource server that its tokens are issued for.
    pub resource_server: &'static str,
    /// Where the production service is.
    pub base_url: &'static str,
    /// The version of the service that the spec describes.
    pub version: &'static str,
    /// The scopes that an app asks for when it uses this service.
    pub default_scopes: &'static [&'static str],
    /// Its operations, in the order of the spec.
    pub operations: &'static [&'static Operation],
}

/// One operation of a service.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The service's name.
    pub service: &'static str,
    /// The name, which is the method's on the client.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path from the host's root, with `{parameters}`.
    pub path: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Its public documentation.
    pub documentation: &'static str,
    /// The scopes of which any one is accepted.
    pub scopes: &'static [&'static str],
    /// How it authenticates.
    pub auth: Auth,
    /// What a retry may do.
    pub retry: Retry,
    /// What it sends, if it sends a body.
    pub body: Option<Media>,
    /// How it pages, if it does.
    pub paging: Option<Paging>,
    /// Its names in the Python SDK.
    pub python_names: &'static [&'static str],
    /// The service has retired it.
    pub deprecated: bool,
    /// A page for browsers: it builds a URL and makes no call.
    pub url_only: bool,
}

/// How an operation authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// A bearer token.
    Bearer,
    /// A client's id and secret.
    Basic,
    /// A client: by secret when it is confidential, by `client_id` in the form when it is not.
    Client,
    /// Not at all.
    None,
}

/// What may happen to a request when nobody knows whether it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// It may be sent again: doing it twice is doing it once.
    Safe,
    /// It may be sent again: the service runs one submission id once.
    OnceOnly,
    /// It may be sent again only if it provably did not arrive.
    Unsafe,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Media {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl Media {
    /// The value of `Content-Type`.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

/// How an operation pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paging {
    /// The style, as `specs/README.md` names it.
    pub style: &'static str,
    /// The number of items after which the service serves no more.
    pub max_items: Option<u64>,
}
