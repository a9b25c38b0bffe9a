//! Carrying faults out, around whatever the services answer.

use std::io;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::{Asked, Cutter, Fault};
use crate::app_state::App;
use crate::auth::tokens;
use crate::problem::Problem;
use crate::service::Service;
use crate::strict::operation_of;

/// How long the first part of a truncated answer has, to be sent.
const TRUNCATION: Duration = Duration::from_millis(5);

/// In how many pieces a second a slow answer comes.
const DRIPS: u64 = 10;

/// What happened to a request, noted in its answer for the record.
#[derive(Clone)]
pub(crate) struct Struck(pub(crate) Vec<&'static str>);

/// Lets the faults of the plan happen to this request.
pub(crate) async fn around_the_services(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    let service = Service::of_path(request.uri().path());
    let faults = strike(&app, service, &request);
    if faults.is_empty() {
        return next.run(request).await;
    }
    let struck: Vec<_> = faults.iter().map(Fault::name).collect();
    let mut response = spoil(&app, request, next, service, faults).await;
    response.extensions_mut().insert(Struck(struck));
    response
}

fn strike(app: &App, service: Service, request: &Request) -> Vec<Fault> {
    let mut faults = app.faults();
    if faults.is_empty() {
        return Vec::new();
    }
    let path = request.uri().path();
    faults.strike(&Asked {
        service,
        operation: operation_of(request.method(), path),
        method: request.method().as_str(),
        path,
        now: app.now(),
    })
}

async fn spoil(
    app: &App,
    request: Request,
    next: Next,
    service: Service,
    faults: Vec<Fault>,
) -> Response {
    let line = request.extensions().get::<ConnectInfo<Cutter>>().cloned();
    let line = line.map(|ConnectInfo(cutter)| cutter);
    let token = bearer(&request).map(str::to_owned);
    if let Some(answer) = before(app, token.as_deref(), service, &faults, line.as_ref()).await {
        return answer;
    }
    let mut response = next.run(request).await;
    for fault in faults {
        response = match after(response, service, fault, line.as_ref()).await {
            Ok(response) => response,
            Err(error) => return Problem::internal(service, error).into_response(),
        };
    }
    response
}

/// What happens before the service sees the request; an answer means that it never does.
async fn before(
    app: &App,
    token: Option<&str>,
    service: Service,
    faults: &[Fault],
    line: Option<&Cutter>,
) -> Option<Response> {
    for fault in faults {
        match fault {
            Fault::Delay { milliseconds } => {
                tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
            }
            Fault::InvalidToken {} => {
                if let Some(Err(error)) = token.map(|token| revoke(app, token)) {
                    return Some(Problem::internal(service, error).into_response());
                }
            }
            Fault::RateLimit { per_seconds, .. } => {
                return Some(spoiled(service, 429, None, Some(u64::from(*per_seconds))));
            }
            Fault::Status {
                status,
                body,
                retry_after,
                after_effect: false,
            } => return Some(spoiled(service, *status, body.as_ref(), *retry_after)),
            Fault::Drop {
                after_effect: false,
            } => return Some(cut(line)),
            _ => {}
        }
    }
    None
}

/// What becomes of the service's answer.
async fn after(
    response: Response,
    service: Service,
    fault: Fault,
    line: Option<&Cutter>,
) -> Result<Response, axum::Error> {
    Ok(match fault {
        Fault::Status {
            status,
            body,
            retry_after,
            after_effect: true,
        } => spoiled(service, status, body.as_ref(), retry_after),
        Fault::Drop { after_effect: true } => cut(line),
        Fault::Truncate { bytes } => {
            let (mut parts, whole) = whole(response).await?;
            // the length stays that of the whole, so that the reader knows what is missing
            parts
                .headers
                .insert(header::CONTENT_LENGTH, whole.len().into());
            let sent = whole.slice(..bytes.min(whole.len()));
            let body = Body::from_stream(stream::unfold(Some(sent), |left| async move {
                if let Some(sent) = left {
                    return Some((Ok(sent), None));
                }
                // what was sent so far is on its way before the connection ends
                tokio::time::sleep(TRUNCATION).await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
            }));
            Response::from_parts(parts, body)
        }
        Fault::Corrupt {} => {
            let (parts, whole) = whole(response).await?;
            let mut bytes = whole.to_vec();
            let middle = bytes.len() / 2;
            if let Some(byte) = bytes.get_mut(middle) {
                *byte = 0xff;
            }
            Response::from_parts(parts, Body::from(bytes))
        }
        Fault::SlowBody { bytes_per_second } => {
            let (parts, whole) = whole(response).await?;
            let piece = usize::try_from(bytes_per_second.div_ceil(DRIPS)).unwrap_or(usize::MAX);
            let pause = Duration::from_secs_f64(piece as f64 / bytes_per_second as f64);
            let drops = stream::unfold(whole, move |mut left| async move {
                if left.is_empty() {
                    return None;
                }
                tokio::time::sleep(pause).await;
                let drop = left.split_to(piece.min(left.len()));
                Some((Ok::<_, io::Error>(drop), left))
            });
            Response::from_parts(parts, Body::from_stream(drops))
        }
        Fault::Status { .. }
        | Fault::Drop { .. }
        | Fault::Delay { .. }
        | Fault::InvalidToken {}
        | Fault::RateLimit { .. } => response,
    })
}

async fn whole(response: Response) -> Result<(axum::http::response::Parts, Bytes), axum::Error> {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await?;
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok((parts, bytes))
}

/// An answer that nobody reads: the connection ends instead.
fn cut(line: Option<&Cutter>) -> Response {
    if let Some(line) = line {
        line.cut();
    }
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

fn spoiled(
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
            Problem::of(service, status, &code, "a fault of the plan").into_response()
        }
    };
    if let Some(seconds) = retry_after {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn revoke(app: &App, token: &str) -> rusqlite::Result<()> {
    let conn = app.store().lock();
    match tokens::find(app, &conn, token)? {
        Some(token) => tokens::revoke(&conn, &token),
        None => Ok(()),
    }
}

fn bearer(request: &Request) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?;
    value.to_str().ok()?.strip_prefix("Bearer ")
}
