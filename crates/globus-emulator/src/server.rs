//! The HTTP server: one router for all services, and what every answer carries.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use schemars::JsonSchema;
use serde::Serialize;
use url::{Host, Url};
use uuid::Uuid;

use crate::cross_origin;
use crate::faults::Struck;
use crate::limits;
use crate::problem::{Problem, REQUEST, RequestContext, Wrong};
use crate::service::Service;
use crate::state::App;

/// Most bytes of a request body; Search takes up to 10 MB, and says so itself beyond that.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

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
    /// The path, without the query.
    pub path: String,
    /// The query as it was sent, if there was one.
    pub query: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// What was wrong with it, if the emulator refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The faults of the plan that happened to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<String>,
}

/// The services alone, without what is around every request from outside.
pub(crate) fn services(app: &App) -> Router<App> {
    Router::new()
        .merge(crate::auth::router())
        .merge(crate::transfer::router())
        .merge(crate::search::router())
        .merge(crate::groups::router())
        // Only around what is served: the rest is a 501 whatever the specs say.
        .route_layer(middleware::from_fn_with_state(
            app.clone(),
            crate::strict::hold_to_the_specs,
        ))
}

/// Every service under one address; their paths do not collide.
pub(crate) fn router(app: App) -> Router {
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
            crate::faults::around_the_services,
        ))
        // What is for people and for tests: no fault happens to it, and no spec describes it.
        .merge(crate::control::router())
        .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            around_every_request,
        ))
        // The outermost: a page may read every answer of a service, refusals too.
        .layer(cross_origin::cors_layer())
        .with_state(app)
}

/// Has whatever replaces the whole state wait for the requests that are being answered.
async fn pass_gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let _passage = app.gate().read().await;
    next.run(request).await
}

/// Gives the request an id, lets the handlers see it, and keeps a record of what was asked.
async fn around_every_request(State(app): State<App>, request: Request, next: Next) -> Response {
    let request_id = Uuid::new_v4().simple().to_string();
    let (time, began, generation) = (app.now(), Instant::now(), app.record_generation());
    let of_a_service = !cross_origin::is_control_path(request.uri().path());
    let method = request.method().to_string();
    let path = request.uri().path().to_owned();
    let query = request.uri().query().map(str::to_owned);
    let context = RequestContext {
        request_id: request_id.clone(),
        path: path.clone(),
    };

    let answered = async {
        if !is_for_us(&app, &request) {
            let message = "the Host header does not name this machine";
            let service = Service::of_path(request.uri().path());
            return Problem::of(
                service,
                StatusCode::MISDIRECTED_REQUEST,
                "MISDIRECTED",
                message,
            )
            .into_response();
        }
        if let Err(refusal) = cross_origin::check_origin(&request) {
            return refusal.into_response();
        }
        match read_body(request, app.settings().request_timeout).await {
            Ok(request) => in_our_words(&path, next.run(request).await),
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
        let struck = extensions.get::<Struck>().map(|struck| &*struck.0);
        let request = RecordedRequest {
            request_id,
            time: time.to_string(),
            milliseconds: began.elapsed().as_millis().try_into().unwrap_or(u64::MAX),
            method,
            path,
            query,
            status: response.status().as_u16(),
            problem: extensions.get::<Wrong>().map(|wrong| wrong.0.clone()),
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

/// Reads the whole body, before anything waits for this request to end.
async fn read_body(request: Request, limit: Duration) -> Result<Request, Response> {
    let service = Service::of_path(request.uri().path());
    let (parts, body) = request.into_parts();
    let refusal = |status: StatusCode, message: String| {
        let code = bad_request_code(service);
        let mut response = Problem::of(service, status, code, message).into_response();
        // what is left of the body is not waited for
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
        response
    };
    match tokio::time::timeout(limit, to_bytes(body, BODY_LIMIT)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(error)) if is_too_long(&error) => Err(refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is longer than {BODY_LIMIT} bytes"),
        )),
        Ok(Err(error)) => Err(refusal(
            StatusCode::BAD_REQUEST,
            format!("the body cannot be read: {error}"),
        )),
        Err(_) => Err(refusal(
            StatusCode::REQUEST_TIMEOUT,
            format!(
                "the body did not arrive within {} seconds",
                limit.as_secs_f64()
            ),
        )),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(|source| source.is::<LengthLimitError>())
}

/// Whether the request names the address it came to. A web page that has its own name resolve to
/// 127.0.0.1 could otherwise reach the collections of whoever looks at it.
fn is_for_us(app: &App, request: &Request) -> bool {
    if !app.loopback() {
        return true;
    }
    let Some(host) = request.headers().get(header::HOST) else {
        return true;
    };
    let Ok(url) = Url::parse(&format!("http://{}", host.to_str().unwrap_or("?"))) else {
        return false;
    };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// What the framework refuses by itself (a body too large, a path that is not UTF-8), in the
/// shape of the service.
fn in_our_words(path: &str, response: Response) -> Response {
    let status = response.status();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let plain = content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() && plain) {
        return response;
    }
    let service = Service::of_path(path);
    let reason = status
        .canonical_reason()
        .unwrap_or("the request cannot be read");
    Problem::of(service, status, bad_request_code(service), reason).into_response()
}

fn bad_request_code(service: Service) -> &'static str {
    match service {
        Service::Transfer => "ClientError.BadRequest",
        Service::Search => "BadRequest.Generic",
        Service::Auth | Service::Groups => "BAD_REQUEST",
    }
}

/// What the emulator does not serve. A 404 would say that the thing is not there, which is not known.
pub(crate) async fn not_served(request: Request) -> Problem {
    let path = request.uri().path();
    let service = Service::of_path(path);
    let code = match service {
        Service::Transfer => "ServiceError.NotImplemented",
        Service::Search => "NotImplemented.Generic",
        Service::Auth | Service::Groups => "NOT_IMPLEMENTED",
    };
    let message = format!(
        "the emulator does not serve {} {path}; docs/emulator.md lists what it serves",
        request.method()
    );
    Problem::of(service, StatusCode::NOT_IMPLEMENTED, code, message)
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
