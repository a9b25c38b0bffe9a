//! The error type of all handlers, rendered in the format of the service.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::service::{Service, is_control_path};

/// Properties of the current request that appear in error documents.
#[derive(Debug, Clone)]
pub(crate) struct RequestContext {
    pub(crate) request_id: String,
    pub(crate) path: String,
}

tokio::task_local! {
    pub(crate) static REQUEST: RequestContext;
}

/// The id of the current request, as in the `X-Request-Id` header.
pub(crate) fn request_id() -> String {
    REQUEST
        .try_with(|context| context.request_id.clone())
        .unwrap_or_else(|_| String::from("none"))
}

/// The `resource` of Transfer's documents: the request path without the API version.
pub(crate) fn resource() -> String {
    REQUEST
        .try_with(|context| {
            let path = context.path.as_str();
            path.strip_prefix("/v0.10").unwrap_or(path).to_owned()
        })
        .unwrap_or_default()
}

/// The format of an error document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Transfer,
    AuthApi,
    OAuth,
    Search,
    Groups,
    /// The emulator's control API.
    Control,
}

/// An error response: status, code and message, in the format of a service.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    shape: Shape,
    status: StatusCode,
    code: String,
    message: String,
    /// Further members of the document.
    more: Map<String, Value>,
}

impl Problem {
    fn new(shape: Shape, status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            shape,
            status,
            code: code.to_owned(),
            message: message.into(),
            more: Map::new(),
        }
    }

    /// Adds a member to the document.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// `{code, message, request_id, resource}`; for beta operations, the format of JSON:API.
    pub(crate) fn transfer(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::new(Shape::Transfer, status, code, message)
    }

    /// The `{"errors": [...]}` of `/v2/api` and userinfo.
    pub(crate) fn auth(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::new(Shape::AuthApi, status, code, message)
    }

    /// The `{"error": ...}` of the token endpoint (RFC 6749, 5.2).
    pub(crate) fn oauth(status: StatusCode, error: &str, description: impl Into<String>) -> Self {
        Self::new(Shape::OAuth, status, error, description)
    }

    /// A service requests dependent tokens that the user has not consented to: these scopes are required.
    pub(crate) fn dependent_consent_required(scopes: Vec<String>) -> Self {
        let message = "Missing required dependent consent";
        let error = "dependent_consent_required";
        let item = json!({
            "status": "403",
            "id": Uuid::new_v4(),
            "code": "DEPENDENT_CONSENT_REQUIRED",
            "title": "Forbidden",
            "detail": message,
            "unapproved_scopes": scopes,
        });
        Self::oauth(StatusCode::FORBIDDEN, error, message).with("errors", json!([item]))
    }

    /// Search's `GError` document.
    pub(crate) fn search(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self::new(Shape::Search, status, code, message)
    }

    /// The same error in the format of any service.
    pub(crate) fn for_service(
        service: Service,
        status: StatusCode,
        code: &str,
        message: impl Into<String>,
    ) -> Self {
        let shape = match service {
            Service::Auth => Shape::AuthApi,
            Service::Transfer => Shape::Transfer,
            Service::Search => Shape::Search,
            Service::Groups => Shape::Groups,
        };
        Self::new(shape, status, code, message)
    }

    /// The request has no credentials. Transfer responds with 400, the others with 401.
    pub(crate) fn without_credentials(service: Service) -> Self {
        match service {
            Service::Transfer => Self::transfer(
                StatusCode::BAD_REQUEST,
                "ClientError.AuthenticationFailed",
                "No credentials supplied",
            ),
            _ => Self::unauthenticated(service, "Call must be authenticated"),
        }
    }

    /// An error raised before any service sees the request, in the format of the service that owns the
    /// path.
    pub(crate) fn at_path(path: &str, status: StatusCode, message: impl Into<String>) -> Self {
        if is_control_path(path) {
            return Self::new(Shape::Control, status, "", message);
        }
        let service = Service::from_path(path);
        Self::for_service(service, status, &code_of(service, status), message)
    }

    /// The caller is not authenticated, with the code of the service.
    pub(crate) fn unauthenticated(service: Service, message: impl Into<String>) -> Self {
        let code = match service {
            Service::Auth => "UNAUTHORIZED",
            Service::Transfer => "AuthenticationFailed",
            Service::Search => "Unauthorized.Generic",
            Service::Groups => "UNAUTHORIZED",
        };
        Self::for_service(service, StatusCode::UNAUTHORIZED, code, message)
    }

    /// The caller is not allowed to do this, with the code of the service.
    pub(crate) fn forbidden(service: Service, message: impl Into<String>) -> Self {
        let code = match service {
            Service::Auth | Service::Groups => "FORBIDDEN",
            Service::Transfer => "PermissionDenied",
            Service::Search => "Forbidden.Generic",
        };
        Self::for_service(service, StatusCode::FORBIDDEN, code, message)
    }

    /// An internal error of the emulator.
    pub(crate) fn internal(service: Service, cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error of the emulator");
        let code = match service {
            Service::Auth | Service::Groups => "INTERNAL_SERVER_ERROR",
            Service::Transfer => "ServiceError",
            Service::Search => "InternalServerError.Generic",
        };
        Self::for_service(
            service,
            StatusCode::INTERNAL_SERVER_ERROR,
            code,
            format!("the emulator failed: {cause}"),
        )
    }

    /// Whether this is an internal error of the emulator.
    pub(crate) fn is_internal(&self) -> bool {
        self.status.is_server_error()
    }

    /// The human-readable message.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    fn document(&self) -> Value {
        let mut document = self.plain_document();
        if let Value::Object(members) = &mut document {
            members.extend(self.more.clone());
        }
        document
    }

    fn plain_document(&self) -> Value {
        match self.shape {
            Shape::Transfer if resource().starts_with("/v2/") => json!({
                "errors": [{
                    "id": Uuid::new_v4(),
                    "status": self.status.as_u16().to_string(),
                    "code": self.code,
                    "title": self.status.canonical_reason().unwrap_or("Error"),
                    "detail": self.message,
                }],
                "meta": { "request_id": request_id() },
            }),
            Shape::Transfer => json!({
                "code": self.code,
                "message": self.message,
                "request_id": request_id(),
                "resource": resource(),
            }),
            Shape::Search => json!({
                "@datatype": "GError",
                "@version": "2017-09-01",
                "request_id": request_id(),
                "status": self.status.as_u16(),
                "code": self.code,
                "message": self.message,
            }),
            Shape::OAuth => json!({ "error": self.code, "error_description": self.message }),
            Shape::AuthApi => {
                let title = self.status.canonical_reason().unwrap_or("Error");
                json!({
                    "errors": [{
                        "status": self.status.as_u16().to_string(),
                        "id": Uuid::new_v4(),
                        "code": self.code,
                        "title": title,
                        "detail": self.message,
                    }],
                    "error": self.code.to_ascii_lowercase(),
                    "error_description": self.message,
                })
            }
            // Validation errors of Groups have no code.
            Shape::Groups if self.code.is_empty() => json!({ "detail": self.message }),
            Shape::Groups => json!({ "code": self.code, "detail": self.message }),
            Shape::Control => json!({ "error": self.message }),
        }
    }
}

/// The code of a service for a status, derived from the pattern of its known codes.
fn code_of(service: Service, status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Bad Request");
    match (service, status) {
        (Service::Transfer, StatusCode::PAYLOAD_TOO_LARGE) => "ClientError.RequestTooLarge".into(),
        (Service::Transfer, _) if status.is_server_error() => {
            format!("ServiceError.{}", reason.replace(' ', ""))
        }
        (Service::Transfer, _) => format!("ClientError.{}", reason.replace(' ', "")),
        (Service::Search, _) => format!("{}.Generic", reason.replace(' ', "")),
        (Service::Auth | Service::Groups, _) => reason.replace(' ', "_").to_ascii_uppercase(),
    }
}

/// The error of a response, attached to it for the record of requests.
#[derive(Clone)]
pub(crate) struct ProblemText(pub(crate) String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.document())).into_response();
        let wrong = match self.shape {
            Shape::Control => self.message.clone(),
            _ => format!("{}: {}", self.code, self.message),
        };
        response.extensions_mut().insert(ProblemText(wrong));
        response
    }
}
