//! What the specs say of each service and operation, as data.
//!
//! Generated code fills these records; the transport reads them (how to authenticate, what a retry
//! may do), and so may programs: [`operations`](crate::operations) lists them all.

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
    /// Whether it may be sent again when it is unknown whether it arrived.
    pub idempotency: Idempotency,
    /// What it sends, if it sends a body.
    pub body: Option<BodyEncoding>,
    /// How it pages, if it does.
    pub paging: Option<Paging>,
    /// Its names in the Python SDK.
    pub python_names: &'static [&'static str],
    /// The service has retired it.
    pub deprecated: bool,
    /// A page for browsers: it builds a URL and makes no call.
    pub url_only: bool,
    /// Its response has secrets (`format: password` in the spec): no error, trace or log quotes it.
    pub response_has_secrets: bool,
    /// The fields of its body that are secrets: they are redacted in whatever comes back.
    pub secret_request_fields: &'static [&'static str],
    /// The names of all fields of a response that has secrets.
    pub(crate) response_fields: &'static [&'static str],
    /// Decodes an answer as its type and encodes it again; `None` where there is no document.
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

/// Decodes and encodes: what generated code puts into the table.
pub(crate) fn round_trip<T: DeserializeOwned + Serialize>(body: &[u8]) -> serde_json::Result<Json> {
    serde_json::to_value(json::from_slice::<T>(body)?)
}

/// Whether a path is one that a template describes.
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
    /// A client: by secret when it is confidential, by `client_id` in the form when it is not.
    Client,
    /// Not at all.
    None,
}

/// Whether a request may be sent again when it is unknown whether it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idempotency {
    /// It may: sent twice, it has the effect of sending it once.
    Idempotent,
    /// It may: the service runs one submission id once.
    DeduplicatedById,
    /// Only if it provably did not arrive.
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
    /// The number of items after which the service serves no more.
    pub max_items: Option<u64>,
}
