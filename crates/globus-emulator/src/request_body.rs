//! Reading request bodies, with limits on each and on all together.
//!
//! A body is read completely before its request enters the gate, so that a slow client cannot delay a reset.
//! Small bodies are always read. Larger ones reserve memory until their request ends, so that many large
//! requests at once cannot exhaust the memory.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app_state::AppState;
use crate::problem::Problem;

/// Maximum size of a request body. Search accepts up to 10 MB, and has its own error above that.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;
/// Bodies up to this size need no permit.
const SMALL_BODY: usize = 64 * 1024;
/// Maximum total size of the larger bodies.
const MEMORY_LIMIT: usize = 256 * 1024 * 1024;

/// Memory reserved by large bodies for the duration of their requests.
#[derive(Debug)]
pub(crate) struct BodyMemory(Arc<Semaphore>);

impl BodyMemory {
    fn with_capacity(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }
}

impl Default for BodyMemory {
    fn default() -> Self {
        Self::with_capacity(MEMORY_LIMIT)
    }
}

/// Why a body could not be read.
enum BodyError {
    TooLong,
    Broken(axum::Error),
}

/// Reads the body of a request. The returned permit must be held until the response.
///
/// # Errors
/// If the body is too long, is truncated or does not arrive in time.
pub(crate) async fn read_body(
    app: &AppState,
    request: Request,
) -> Result<(Request, Option<OwnedSemaphorePermit>), Response> {
    let limit = app.settings().request_timeout;
    let (parts, body) = request.into_parts();
    let (status, message) =
        match tokio::time::timeout(limit, collect(app.body_memory(), body)).await {
            Ok(Ok((bytes, permit))) => {
                return Ok((Request::from_parts(parts, Body::from(bytes)), permit));
            }
            Ok(Err(BodyError::TooLong)) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is longer than {BODY_LIMIT} bytes"),
            ),
            Ok(Err(BodyError::Broken(error))) => (
                StatusCode::BAD_REQUEST,
                format!("the body cannot be read: {error}"),
            ),
            Err(_) => (
                StatusCode::REQUEST_TIMEOUT,
                format!(
                    "the body did not arrive within {} seconds",
                    limit.as_secs_f64()
                ),
            ),
        };
    let mut response = Problem::at_path(parts.uri.path(), status, message).into_response();
    // The rest of the body is not read, so the connection cannot be reused.
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    Err(response)
}

async fn collect(
    body_memory: &BodyMemory,
    mut body: Body,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), BodyError> {
    let most = body.size_hint().upper();
    let most = most.map_or(BODY_LIMIT, |most| {
        usize::try_from(most).map_or(BODY_LIMIT, |most| most.min(BODY_LIMIT))
    });
    let mut bytes = Vec::new();
    let mut permit = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(BodyError::Broken)?.into_data() else {
            continue;
        };
        let length = bytes.len() + data.len();
        if length > BODY_LIMIT {
            return Err(BodyError::TooLong);
        }
        // Acquired once, for the maximum that the body may have. Growing a permit could deadlock: two
        // bodies may each hold half of the memory and wait for the rest.
        if length > SMALL_BODY && permit.is_none() {
            let semaphore = Arc::clone(&body_memory.0);
            let most = u32::try_from(most).unwrap_or(u32::MAX);
            // never closed
            permit = semaphore.acquire_many_owned(most).await.ok();
        }
        bytes.extend_from_slice(&data);
    }
    Ok((bytes.into(), permit))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::poll;
    use futures_util::stream::{self, StreamExt as _};

    use super::*;

    const CHUNK: usize = 40 * 1024;

    /// A body that never ends, after 100 chunks; counts those that were taken.
    fn unfinished(taken: &Arc<AtomicUsize>) -> Body {
        let taken = Arc::clone(taken);
        let chunks = stream::iter(0..100).map(move |_| {
            taken.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>(vec![0; CHUNK])
        });
        Body::from_stream(chunks.chain(stream::pending()))
    }

    #[tokio::test]
    async fn of_large_bodies_so_many_are_read_as_there_is_room_for() {
        // nobody knows how long they are: each takes as much as one may have
        let permit = BodyMemory::with_capacity(2 * BODY_LIMIT);
        let taken: [Arc<AtomicUsize>; 3] = Default::default();
        let read = |n: usize| Box::pin(collect(&permit, unfinished(&taken[n])));
        let (mut first, mut second, mut third) = (read(0), read(1), read(2));
        for body in [&mut first, &mut second, &mut third] {
            assert!(poll!(body).is_pending());
        }
        let counts = || taken.each_ref().map(|taken| taken.load(Ordering::Relaxed));
        assert_eq!(counts(), [100, 100, 2]);
        drop(first);
        assert!(poll!(&mut third).is_pending());
        assert_eq!(counts(), [100, 100, 100]);
        assert!(poll!(&mut second).is_pending());
    }

    #[tokio::test]
    async fn small_bodies_are_read_without_room() {
        let permit = BodyMemory::with_capacity(0);
        let body = Body::from(vec![0; SMALL_BODY]);
        let read = collect(&permit, body).await;
        assert!(matches!(read, Ok((bytes, None)) if bytes.len() == SMALL_BODY));
    }
}
