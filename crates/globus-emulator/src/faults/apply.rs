//! Middleware that applies faults to requests and responses.

use std::io;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::{AbortHandle, Fault, RequestInfo};
use crate::app_state::AppState;
use crate::auth::{self, tokens};
use crate::problem::Problem;
use crate::service::Service;
use crate::strict::operation_of;

/// Time for the first part of a truncated response to be sent, before the connection ends.
const TRUNCATE_DELAY: Duration = Duration::from_millis(5);

/// Number of chunks per second in which a slow body is sent.
const PIECES_PER_SECOND: u64 = 10;

/// The kinds of faults applied to a request, attached to its response for the record.
#[derive(Clone)]
pub(crate) struct AppliedFaults(pub(crate) Vec<&'static str>);

/// Applies the faults of the plan to a request.
pub(crate) async fn fault_layer(
    State(app): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let service = Service::from_path(request.uri().path());
    let faults = next_faults(&app, service, &request);
    if faults.is_empty() {
        return next.run(request).await;
    }
    let applied: Vec<_> = faults.iter().map(Fault::name).collect();
    let mut response = run_with_faults(&app, request, next, service, faults).await;
    response.extensions_mut().insert(AppliedFaults(applied));
    response
}

fn next_faults(app: &AppState, service: Service, request: &Request) -> Vec<Fault> {
    // A short lock per request: which faults apply is decided here, and carried out without the lock.
    let mut faults = app.faults();
    if faults.is_empty() {
        return Vec::new();
    }
    let path = request.uri().path();
    faults.next_faults(&RequestInfo {
        service,
        operation: operation_of(request.method(), path),
        method: request.method().as_str(),
        path,
        now: app.now(),
    })
}

async fn run_with_faults(
    app: &AppState,
    request: Request,
    next: Next,
    service: Service,
    faults: Vec<Fault>,
) -> Response {
    let connection = request
        .extensions()
        .get::<ConnectInfo<AbortHandle>>()
        .cloned();
    let connection = connection.map(|ConnectInfo(handle)| handle);
    let token = auth::bearer(request.headers()).map(str::to_owned);
    if let Some(answer) =
        apply_before_request(app, token.as_deref(), service, &faults, connection.as_ref()).await
    {
        return answer;
    }
    let mut response = next.run(request).await;
    for fault in faults {
        response = match apply_to_response(response, service, fault, connection.as_ref()).await {
            Ok(response) => response,
            Err(error) => return Problem::internal(service, error).into_response(),
        };
    }
    response
}

/// Applies the faults that act before the service sees the request. `Some` is the final response.
async fn apply_before_request(
    app: &AppState,
    token: Option<&str>,
    service: Service,
    faults: &[Fault],
    connection: Option<&AbortHandle>,
) -> Option<Response> {
    for fault in faults {
        match fault {
            Fault::Delay { milliseconds } => {
                tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
            }
            // The token is really revoked, so that all later requests with it fail, too, and refreshing
            // works as usual.
            Fault::InvalidToken {} => {
                if let Some(Err(error)) = token.map(|token| revoke(app, token)) {
                    return Some(Problem::internal(service, error).into_response());
                }
            }
            Fault::RateLimit { per_seconds, .. } => {
                return Some(fault_response(
                    service,
                    429,
                    None,
                    Some(u64::from(*per_seconds)),
                ));
            }
            Fault::Status {
                status,
                body,
                retry_after,
                after_effect: false,
            } => {
                return Some(fault_response(
                    service,
                    *status,
                    body.as_ref(),
                    *retry_after,
                ));
            }
            Fault::Drop {
                after_effect: false,
            } => return Some(abort_connection(connection)),
            _ => {}
        }
    }
    None
}

/// Applies a fault to the response of the service.
async fn apply_to_response(
    response: Response,
    service: Service,
    fault: Fault,
    connection: Option<&AbortHandle>,
) -> Result<Response, axum::Error> {
    Ok(match fault {
        Fault::Status {
            status,
            body,
            retry_after,
            after_effect: true,
        } => fault_response(service, status, body.as_ref(), retry_after),
        Fault::Drop { after_effect: true } => abort_connection(connection),
        Fault::Truncate { bytes } => {
            let (mut parts, whole) = buffer_body(response).await?;
            // The length of the complete body, so that clients notice the truncation.
            parts
                .headers
                .insert(header::CONTENT_LENGTH, whole.len().into());
            let sent = whole.slice(..bytes.min(whole.len()));
            let body = Body::from_stream(stream::unfold(Some(sent), |left| async move {
                if let Some(sent) = left {
                    return Some((Ok(sent), None));
                }
                // Without a pause, the connection could be reset before the bytes were sent.
                tokio::time::sleep(TRUNCATE_DELAY).await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
            }));
            Response::from_parts(parts, body)
        }
        Fault::Corrupt {} => {
            let (parts, whole) = buffer_body(response).await?;
            let mut bytes = whole.to_vec();
            let middle = bytes.len() / 2;
            // 0xff occurs nowhere in UTF-8, so every JSON parser rejects the body.
            if let Some(byte) = bytes.get_mut(middle) {
                *byte = 0xff;
            }
            Response::from_parts(parts, Body::from(bytes))
        }
        Fault::SlowBody { bytes_per_second } => {
            let (parts, whole) = buffer_body(response).await?;
            let size =
                usize::try_from(bytes_per_second.div_ceil(PIECES_PER_SECOND)).unwrap_or(usize::MAX);
            let pause = Duration::from_secs_f64(size as f64 / bytes_per_second as f64);
            let pieces = stream::unfold(whole, move |mut left| async move {
                if left.is_empty() {
                    return None;
                }
                tokio::time::sleep(pause).await;
                let piece = left.split_to(size.min(left.len()));
                Some((Ok::<_, io::Error>(piece), left))
            });
            Response::from_parts(parts, Body::from_stream(pieces))
        }
        Fault::Status { .. }
        | Fault::Drop { .. }
        | Fault::Delay { .. }
        | Fault::InvalidToken {}
        | Fault::RateLimit { .. } => response,
    })
}

async fn buffer_body(
    response: Response,
) -> Result<(axum::http::response::Parts, Bytes), axum::Error> {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await?;
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok((parts, bytes))
}

/// Ends the connection. The client never sees the response that is returned here.
fn abort_connection(connection: Option<&AbortHandle>) -> Response {
    if let Some(connection) = connection {
        connection.abort();
    }
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

fn fault_response(
    service: Service,
    status: u16,
    body: Option<&serde_json::Value>,
    retry_after: Option<u64>,
) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match body {
        Some(body) => (status, Json(body)).into_response(),
        None => {
            let reason = status.canonical_reason().unwrap_or("Fault");
            let code: String = reason.split_whitespace().collect();
            Problem::for_service(service, status, &code, "a fault was injected").into_response()
        }
    };
    if let Some(seconds) = retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn revoke(app: &AppState, token: &str) -> rusqlite::Result<()> {
    let conn = app.store().lock();
    match tokens::find(app, &conn, token)? {
        Some(token) => tokens::revoke(&conn, &token),
        None => Ok(()),
    }
}
