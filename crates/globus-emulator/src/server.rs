//! The HTTP server: one router for all services, and the layers around it.

use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::app_state::AppState;
use crate::connections::Connection;
use crate::cross_origin;
use crate::faults::AppliedFaults;
use crate::hosts;
use crate::limits;
use crate::problem::{Problem, ProblemText, REQUEST, RequestContext};
use crate::request_body::{BODY_LIMIT, read_body};
use crate::service::is_control_path;

/// Maximum length of a recorded path, query or problem, in bytes.
const MAX_RECORDED_TEXT: usize = 4096;

/// A request that the emulator has responded to.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The id in the `X-Request-Id` header of the response.
    pub request_id: String,
    /// Time of arrival, by the emulator's clock, in RFC 3339.
    pub time: String,
    /// Time until the response, in milliseconds.
    pub milliseconds: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query; at most its first 4 KiB.
    pub path: String,
    /// The query as it was sent, if any; at most its first 4 KiB.
    pub query: Option<String>,
    /// The status of the response.
    pub status: u16,
    /// The error, if the emulator rejected the request; at most its first 4 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The kinds of the faults that were applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// The services alone, without the layers for requests from outside.
pub(crate) fn services(app: &AppState) -> Router<AppState> {
    Router::new()
        .merge(crate::auth::router())
        .merge(crate::transfer::router())
        .merge(crate::search::router())
        .merge(crate::groups::router())
        // Only around existing routes: all others respond with 501, whatever the specs say.
        .route_layer(middleware::from_fn_with_state(
            app.clone(),
            crate::strict::strict_layer,
        ))
}

/// The complete server. All services share one address, since their paths do not collide.
pub(crate) fn router(app: AppState) -> Router {
    services(&app)
        .fallback(not_served)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(
            app.clone(),
            limits::limit_rate,
        ))
        // Inside the fault layer, so that a delayed request does not block a reset or a restore.
        .layer(middleware::from_fn_with_state(app.clone(), pass_gate))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            crate::faults::fault_layer,
        ))
        // The control API and the page: without faults, and not in any spec.
        .merge(crate::control::router())
        .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(app.clone(), record_layer))
        // Outermost, so that pages of other origins can read all responses of services, including errors.
        .layer(cross_origin::cors_layer())
        .with_state(app)
}

/// Holds the gate for reading, so that a replacement of the state waits for running requests.
async fn pass_gate(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let _passage = app.gate().read().await;
    next.run(request).await
}

/// Assigns a request id, makes it available to handlers, and records the request.
async fn record_layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let request_id = Uuid::new_v4().simple().to_string();
    // The time is the emulator's, the duration is real: an advanced clock must not make requests look slow.
    let (time, began, generation) = (app.now(), Instant::now(), app.record_generation());
    let of_a_service = !is_control_path(request.uri().path());
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().map(str::to_owned);
    let context = RequestContext {
        request_id: request_id.clone(),
        path: path.clone(),
    };

    let answered = async {
        if let Err(refusal) = hosts::check_host(&app, &request) {
            return refusal.into_response();
        }
        if let Err(refusal) = cross_origin::check_origin(&request) {
            return refusal.into_response();
        }
        let connection = request.extensions().get::<Connection>().cloned();
        match read_body(&app, request).await {
            Ok((request, _permit)) => {
                if connection.is_none_or(|connection| connection.begin_work()) {
                    rewrite_framework_errors(&path, next.run(request).await)
                } else {
                    let message = "there are too many connections, and this one is about to close";
                    let status = StatusCode::SERVICE_UNAVAILABLE;
                    Problem::at_path(&path, status, message).into_response()
                }
            }
            Err(refusal) => refusal,
        }
    };
    let mut response = REQUEST.scope(context, answered).await;

    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", value);
    }
    if cross_origin::acts_without_token(&path) {
        let policy = HeaderValue::from_static("frame-ancestors 'none'");
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // Requests to the control API are not recorded, since tests want to count those to services.
    if of_a_service {
        let extensions = response.extensions();
        let struck = extensions.get::<AppliedFaults>().map(|struck| &*struck.0);
        let request = RecordedRequest {
            request_id,
            time: time.to_string(),
            milliseconds: began.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            method,
            path: cut(path),
            query: query.map(cut),
            status: response.status().as_u16(),
            problem: extensions
                .get::<ProblemText>()
                .map(|wrong| cut(wrong.0.clone())),
            faults: struck
                .unwrap_or_default()
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
        };
        app.record(request, generation);
    }
    response
}

/// Rewrites errors of axum itself (a body too large, a path that is not UTF-8) in the format of the
/// service.
fn rewrite_framework_errors(path: &str, response: Response) -> Response {
    let status = response.status();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let plain = content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() && plain) {
        return response;
    }
    let reason = status
        .canonical_reason()
        .unwrap_or("the request cannot be read");
    Problem::at_path(path, status, reason).into_response()
}

/// Truncates a text for the record.
fn cut(mut text: String) -> String {
    let mut end = text.len().min(MAX_RECORDED_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// The response for everything that the emulator does not implement. 501, since 404 would claim that the
/// resource does not exist.
pub(crate) async fn not_served(request: Request) -> Problem {
    let path = request.uri().path();
    let message = format!(
        "the emulator does not serve {} {path}; docs/emulator.md lists what it serves",
        request.method()
    );
    Problem::at_path(path, StatusCode::NOT_IMPLEMENTED, message)
}

async fn method_not_allowed(request: Request) -> Problem {
    let path = request.uri().path();
    let message = format!("{path} does not accept {}", request.method());
    Problem::at_path(path, StatusCode::METHOD_NOT_ALLOWED, message)
}
