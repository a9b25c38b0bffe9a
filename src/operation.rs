//! What the specs say about each service and operation, as data.
//!
//! Generated code fills in these records. The transport reads them (how to authenticate, whether to
//! retry), and so may programs: [`operations`](crate::operations) lists them all.

use crate::types::{Json, json};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A Globus service, as its spec describes it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Service {
    /// The name, as in `GLOBUS_SDK_SERVICE_URL_<NAME>`.
    pub name: &'static str,
    /// The resource server that its tokens are issued for.
    pub resource_server: &'static str,
    /// The address of the production service.
    pub base_url: &'static str,
    /// The version of the service that the spec describes.
    pub version: &'static str,
    /// The scopes that an app requests when it uses this service.
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
    /// The operation's name, which is the client's method.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path from the host's root, with `{parameters}`.
    pub path: &'static str,
    /// A one-line summary.
    pub summary: &'static str,
    /// Its public documentation.
    pub documentation: &'static str,
    /// The accepted scopes; any one is sufficient.
    pub scopes: &'static [&'static str],
    /// How it authenticates.
    pub auth: Auth,
    /// Whether the request may be repeated when it is unknown whether the first was received.
    pub idempotency: Idempotency,
    /// How the request body is encoded, if there is one.
    pub body: Option<BodyEncoding>,
    /// How the operation pages, if it does.
    pub paging: Option<Paging>,
    /// Its names in the Python SDK.
    pub python_names: &'static [&'static str],
    /// Whether the service has retired it.
    pub deprecated: bool,
    /// Whether it is a page for browsers: the method builds a URL and sends no request.
    pub url_only: bool,
    /// Whether its response contains secrets (`format: password` in the spec): then no error, trace
    /// or log quotes it.
    pub response_has_secrets: bool,
    /// The fields of its body that are secrets: they are redacted in any answer that repeats them.
    pub secret_request_fields: &'static [&'static str],
    /// The names of all fields of a response that contains secrets.
    pub(crate) response_fields: &'static [&'static str],
    /// Decodes an answer as its type and encodes it again; `None` when there is no document.
    pub(crate) round_trip: Option<RoundTripFn>,
}

/// See [`round_trip`].
pub(crate) type RoundTripFn = fn(&[u8]) -> serde_json::Result<Json>;

impl Service {
    /// The operation that a request belongs to. The path may have a query.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<&'static Operation> {
        find(self.operations.iter().copied(), method, path)
    }
}

/// The one of these operations that a request belongs to.
pub(crate) fn find(
    operations: impl Iterator<Item = &'static Operation>,
    method: &str,
    path: &str,
) -> Option<&'static Operation> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let fitting = operations.filter(|operation| {
        operation.method.eq_ignore_ascii_case(method) && fits(operation.path, path)
    });
    // `/endpoint/{id}` fits `/endpoint/search` too: the fewest parameters win
    fitting.min_by_key(|operation| operation.path.matches('{').count())
}

/// A recorded response, decoded and encoded again; see [`Operation::decode_round_trip`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RoundTrip {
    /// The document after decoding and encoding.
    pub document: Json,
    /// The JSON paths of fields that the spec does not have.
    pub unknown_fields: Vec<String>,
}

/// Decodes and encodes: the function that generated code puts into the table.
pub(crate) fn round_trip<T: DeserializeOwned + Serialize>(body: &[u8]) -> serde_json::Result<Json> {
    serde_json::to_value(json::from_slice::<T>(body)?)
}

/// Whether a path matches a template.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(t), Some(p)) if t == p || (t.starts_with('{') && !p.is_empty()) => {}
            _ => return false,
        }
    }
}

/// How an operation authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// A bearer token.
    Bearer,
    /// A client's id and secret.
    Basic,
    /// A client: by secret when it is confidential, by `client_id` in the form when it is native.
    Client,
    /// No authentication.
    None,
}

/// Whether a request may be repeated when it is unknown whether the first was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idempotency {
    /// Yes: sending it twice has the effect of sending it once.
    Idempotent,
    /// Yes: the service runs each submission id once.
    DeduplicatedById,
    /// No, unless the first provably was not received.
    NotIdempotent,
}

/// How a request body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyEncoding {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

impl BodyEncoding {
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
    /// The number of items after which the service returns no more.
    pub max_items: Option<u64>,
}
