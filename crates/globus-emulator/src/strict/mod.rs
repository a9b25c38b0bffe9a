//! Strict mode: validates requests and responses against the specs.
//!
//! The specs are read as YAML and JSON. This code is independent of the generator of the SDK, so that each
//! can reveal errors of the other.

mod request;
mod response;
mod schema;
mod specs;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::app_state::AppState;
use crate::params::Pairs;
use crate::problem::Problem;
use crate::service::Service;
use schema::Finding;
use specs::{Operation, Specs};

/// A response of the emulator that the specs do not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The `operationId` of the request.
    pub operation: String,
    /// The status of the response, and a JSON pointer into its body or another part of it.
    pub location: String,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} {}", self.operation, self.location, self.message)
    }
}

/// What is validated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Strictness {
    pub(crate) requests: bool,
    pub(crate) responses: bool,
}

impl Strictness {
    const fn any(self) -> bool {
        self.requests || self.responses
    }

    /// Parses the specs if necessary, so that no request has to wait for that.
    pub(crate) fn prepare(self) -> Result<(), String> {
        if self.any() {
            Specs::get()?;
        }
        Ok(())
    }
}

/// The `operationId` of a request.
pub(crate) fn operation_of(method: &Method, path: &str) -> Option<&'static str> {
    let operation = Specs::get().ok()?.operation(method, path)?;
    Some(operation.id)
}

/// The ids of all operations.
pub(crate) fn operations() -> Result<Vec<&'static str>, String> {
    Ok(Specs::get()?.ids().collect())
}

/// Rejects invalid requests, and records invalid responses. Requests that are not in the specs pass.
pub(crate) async fn strict_layer(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let strictness = app.settings().strictness;
    if !strictness.any() {
        return next.run(request).await;
    }
    // They were parsed when the emulator started.
    let Ok(specs) = Specs::get() else {
        return next.run(request).await;
    };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let Some(operation) = specs.operation(&method, &path) else {
        return next.run(request).await;
    };
    let query = Pairs::from_query(request.uri());

    let request = if strictness.requests {
        let (parts, body) = request.into_parts();
        let content_type = content_type(&parts.headers);
        // Not only the body: the extractor finds its size limit in the extensions.
        let mut whole = Request::new(body);
        whole.extensions_mut().clone_from(&parts.extensions);
        let bytes = match Bytes::from_request(whole, &()).await {
            Ok(bytes) => bytes,
            Err(rejection) => return rejection.into_response(),
        };
        let found = request::check(&operation, &query, &content_type, &bytes);
        if !found.is_empty() {
            return refused(&path, &operation, &found);
        }
        Request::from_parts(parts, Body::from(bytes))
    } else {
        request
    };

    let response = next.run(request).await;
    // 405: the path is served, but not with this method.
    if !strictness.responses || response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return response;
    }
    let (parts, body) = response.into_parts();
    let bytes = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes,
        Err(error) => return Problem::internal(Service::from_path(&path), error).into_response(),
    };
    let found = response::check(
        &operation,
        parts.status,
        &content_type(&parts.headers),
        &bytes,
        query.filled("fields").is_some(),
    );
    for finding in found {
        let violation = Violation {
            operation: operation.id.to_owned(),
            location: format!("{} {}", parts.status.as_u16(), finding.location),
            message: finding.message,
        };
        // Recorded instead of turned into an error: a wrong response must not change what the client under
        // test sees.
        tracing::warn!(%violation, "a response is not as the specs say");
        app.record_violation(violation);
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default().to_ascii_lowercase()
}

/// The 400 that lists the findings, in the format of the service.
fn refused(path: &str, operation: &Operation<'_>, found: &[Finding]) -> Response {
    let wrong: Vec<String> = found
        .iter()
        .map(|finding| format!("{} {}", finding.location, finding.message))
        .collect();
    let message = format!(
        "The spec of {} does not allow this: {}",
        operation.id,
        wrong.join("; ")
    );
    let status = StatusCode::BAD_REQUEST;
    let problem = match Service::from_path(path) {
        Service::Auth if path.starts_with("/v2/oauth2/") => {
            Problem::oauth(status, "invalid_request", message)
        }
        Service::Transfer => Problem::transfer(status, "ClientError.BadRequest", message),
        Service::Search => Problem::search(status, "BadRequest.ValidationError", message),
        service => Problem::for_service(service, status, "BAD_REQUEST", message),
    };
    problem.into_response()
}
