//! The HTTP server: one router for all services, and what every answer carries.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::json;
use uuid::Uuid;

use crate::problem::{Problem, REQUEST, RequestContext};
use crate::service::Service;
use crate::state::App;

/// Most bytes of a request body; Search takes up to 10 MB, and says so itself beyond that.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// A request the emulator has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query as it was sent, if there was one.
    pub query: Option<String>,
    /// The status of the answer.
    pub status: u16,
}

/// Every service under one address; their paths do not collide.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/_emulator/health", get(health))
        .merge(crate::auth::router())
        .merge(crate::transfer::router())
        .merge(crate::search::router())
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            around_every_request,
        ))
        .with_state(app)
}

async fn health(State(app): State<App>) -> Response {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "base_url": app.base_url(),
    }))
    .into_response()
}

/// Gives the request an id, lets the handlers see it, and keeps a record of what was asked.
async fn around_every_request(State(app): State<App>, request: Request, next: Next) -> Response {
    let request_id = Uuid::new_v4().simple().to_string();
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().map(str::to_owned);
    let context = RequestContext {
        request_id: request_id.clone(),
        path: path.clone(),
    };

    let mut response = REQUEST.scope(context, next.run(request)).await;

    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    // The emulator's own pages are not what a test wants to count.
    if !path.starts_with("/_emulator/") {
        app.record(RecordedRequest {
            method,
            path,
            query,
            status: response.status().as_u16(),
        });
    }
    response
}

async fn not_found(request: Request) -> Problem {
    let path = request.uri().path();
    let service = Service::of_path(path);
    let code = match service {
        Service::Transfer => "ClientError.NotFound",
        Service::Search => "NotFound.Generic",
        Service::Auth | Service::Groups => "NOT_FOUND",
    };
    let message = format!("no such resource: {} {path}", request.method());
    Problem::of(service, StatusCode::NOT_FOUND, code, message)
}

async fn method_not_allowed(request: Request) -> Problem {
    let path = request.uri().path();
    let service = Service::of_path(path);
    let code = match service {
        Service::Transfer => "ClientError.MethodNotAllowed",
        Service::Search => "MethodNotAllowed.Generic",
        Service::Auth | Service::Groups => "METHOD_NOT_ALLOWED",
    };
    let message = format!("{} does not accept {}", path, request.method());
    Problem::of(service, StatusCode::METHOD_NOT_ALLOWED, code, message)
}
