//! The HTTP server: one router for all services, and what every answer carries.

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

/// Most bytes of a path, a query or a problem in the record.
const MAX_RECORDED_TEXT: usize = 4096;

/// A request the emulator has answered.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The id that the answer bore in `X-Request-Id`.
    pub request_id: String,
    /// When it came, in RFC 3339, by the emulator's clock.
    pub time: String,
    /// How long the answer took, in milliseconds.
    pub milliseconds: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query; at most the first 4 KiB of it.
    pub path: String,
    /// The query as it was sent, if there was one; at most the first 4 KiB of it.
    pub query: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// What was wrong with it, if the emulator refused it; at most the first 4 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The faults of the plan that happened to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// The services alone, without what is around every request from outside.
pub(crate) fn services(app: &AppState) -> Router<AppState> {
    Router::new()
        .merge(crate::auth::router())
        .merge(crate::transfer::router())
        .merge(crate::search::router())
        .merge(crate::groups::router())
        // Only around what is served: the rest is a 501 whatever the specs say.
        .route_layer(middleware::from_fn_with_state(
            app.clone(),
            crate::strict::strict_layer,
        ))
}

/// Every service under one address; their paths do not collide.
pub(crate) fn router(app: AppState) -> Router {
    services(&app)
        .fallback(not_served)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(
            app.clone(),
            limits::limit_rate,
        ))
        // Inside of the faults, so that no delay of theirs keeps a replacement of the state waiting.
        .layer(middleware::from_fn_with_state(app.clone(), pass_gate))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            crate::faults::fault_layer,
        ))
        // What is for people and for tests: no fault happens to it, and no spec describes it.
        .merge(crate::control::router())
        .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(app.clone(), record_layer))
        // The outermost: a page may read every answer of a service, refusals too.
        .layer(cross_origin::cors_layer())
        .with_state(app)
}

/// Has whatever replaces the whole state wait for the requests that are being answered.
async fn pass_gate(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let _passage = app.gate().read().await;
    next.run(request).await
}

/// Gives the request an id, lets the handlers see it, and keeps a record of what was asked.
async fn record_layer(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let request_id = Uuid::new_v4().simple().to_string();
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
                if let Some(connection) = connection {
                    connection.begin_work();
                }
                rewrite_framework_errors(&path, next.run(request).await)
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
    // The emulator's own pages are not what a test wants to count.
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

/// What the framework refuses by itself (a body too large, a path that is not UTF-8), in the
/// shape of the service.
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

/// What the record keeps of a text.
fn cut(mut text: String) -> String {
    let mut end = text.len().min(MAX_RECORDED_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// What the emulator does not serve. A 404 would say that the thing is not there, which is not known.
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
