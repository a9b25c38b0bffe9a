//! Reading request bodies, with limits on each and on all together.
//!
//! A body is read completely before its request enters the gate, so that a slow client cannot delay a reset.
//! Small bodies are always read. Larger ones reserve memory until their request ends, so that many large
//! requests at once cannot exhaust the memory. While others wait for memory, a body that arrives too slowly
//! is rejected: otherwise a few clients that send a byte now and then would lock out everyone else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::app_state::AppState;
use crate::problem::Problem;

/// Maximum size of a request body. Search accepts up to 10 MB, and has its own error above that.
pub(crate) const BODY_LIMIT: usize = 16 * 1024 * 1024;
/// Bodies up to this size need no permit.
const SMALL_BODY: usize = 64 * 1024;
/// Maximum total size of the larger bodies.
const MEMORY_LIMIT: usize = 256 * 1024 * 1024;

/// How many bytes of a large body must arrive per period while others wait. It lets the largest body arrive
/// within the default timeout, with little to spare.
const MIN_BYTES: usize = 512 * 1024;
/// How long a period is.
const RATE_PERIOD: Duration = Duration::from_secs(2);
/// How often the rate is checked while nothing arrives.
const RATE_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// Memory reserved by large bodies for the duration of their requests.
#[derive(Debug)]
pub(crate) struct BodyMemory {
    permits: Arc<Semaphore>,
    /// How many bodies wait for a permit.
    waiting: AtomicUsize,
}

impl BodyMemory {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(bytes)),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Waits until there is memory for so many bytes, for as long as `limit`.
    async fn acquire(&self, bytes: usize, limit: Duration) -> Option<OwnedSemaphorePermit> {
        struct Waiting<'a>(&'a AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        let permit = Arc::clone(&self.permits).acquire_many_owned(bytes);
        // never closed
        tokio::time::timeout(limit, permit).await.ok()?.ok()
    }

    fn is_wanted(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
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
    TooLate,
    TooSlow,
    NoMemory,
    Broken(axum::Error),
}

impl BodyError {
    fn status_and_message(&self, limit: Duration) -> (StatusCode, String) {
        let seconds = limit.as_secs_f64();
        match self {
            Self::TooLong => (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is longer than {BODY_LIMIT} bytes"),
            ),
            Self::TooLate => (
                StatusCode::REQUEST_TIMEOUT,
                format!("the body did not arrive within {seconds} seconds"),
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                format!(
                    "less than {MIN_BYTES} bytes of the body arrived within {} seconds, while others \
                     waited for memory; send it again",
                    RATE_PERIOD.as_secs()
                ),
            ),
            Self::NoMemory => (
                StatusCode::SERVICE_UNAVAILABLE,
                format!(
                    "the bodies of other requests took all the memory there is for {seconds} \
                     seconds; send the request again"
                ),
            ),
            Self::Broken(error) => (
                StatusCode::BAD_REQUEST,
                format!("the body cannot be read: {error}"),
            ),
        }
    }
}

/// Reads the body of a request. What comes with it is to be held until the request is answered.
///
/// # Errors
/// A refusal, if the body is too long, is cut short or does not arrive in time, or if there is no memory for it.
pub(crate) async fn read_body(
    app: &AppState,
    request: Request,
) -> Result<(Request, Option<OwnedSemaphorePermit>), Response> {
    let limit = app.settings().request_timeout;
    let (parts, body) = request.into_parts();
    let error = match collect(app.body_memory(), body, limit).await {
        Ok((bytes, permit)) => return Ok((Request::from_parts(parts, Body::from(bytes)), permit)),
        Err(error) => error,
    };
    let (status, message) = error.status_and_message(limit);
    let mut response = Problem::at_path(parts.uri.path(), status, message).into_response();
    // The rest of the body is not read, so the connection cannot be reused.
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    Err(response)
}

/// Reads a body that arrives within `limit`, beside the time for which it waits for a permit.
async fn collect(
    body_memory: &BodyMemory,
    mut body: Body,
    limit: Duration,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), BodyError> {
    let most = body.size_hint().upper();
    let most = most.map_or(BODY_LIMIT, |most| {
        usize::try_from(most).map_or(BODY_LIMIT, |most| most.min(BODY_LIMIT))
    });
    let mut bytes = Vec::new();
    let mut permit = None;
    // from when on it arrives, leaving out the wait for a permit
    let mut start = Instant::now();
    let mut rate = RateMeter::new(0);
    loop {
        let time = start.elapsed();
        if time >= limit {
            return Err(BodyError::TooLate);
        }
        if rate.is_slow(bytes.len()) && permit.is_some() && body_memory.is_wanted() {
            return Err(BodyError::TooSlow);
        }
        let wait = RATE_CHECK_INTERVAL.min(limit - time);
        let frame = match tokio::time::timeout(wait, body.frame()).await {
            Ok(Some(frame)) => frame.map_err(BodyError::Broken)?,
            Ok(None) => return Ok((bytes.into(), permit)),
            Err(_) => continue,
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = bytes.len() + data.len();
        if length > BODY_LIMIT {
            return Err(BodyError::TooLong);
        }
        // Acquired once, for the maximum that the body may have. Growing a permit could deadlock: two
        // bodies may each hold half of the memory and wait for the rest.
        if length > SMALL_BODY && permit.is_none() {
            let asked = Instant::now();
            let acquired = body_memory.acquire(most, limit).await;
            permit = Some(acquired.ok_or(BodyError::NoMemory)?);
            start += asked.elapsed();
            rate = RateMeter::new(length);
        }
        bytes.extend_from_slice(&data);
    }
}

/// How many bytes there were at the beginning of a period.
struct RateMeter {
    start: Instant,
    bytes: usize,
}

impl RateMeter {
    fn new(bytes: usize) -> Self {
        Self {
            start: Instant::now(),
            bytes,
        }
    }

    /// Whether a period has passed in which too few have come.
    fn is_slow(&mut self, bytes: usize) -> bool {
        if self.start.elapsed() < RATE_PERIOD {
            return false;
        }
        let arrived = bytes.saturating_sub(self.bytes);
        *self = Self::new(bytes);
        arrived < MIN_BYTES
    }
}

#[cfg(test)]
mod tests {
    use futures_util::poll;
    use futures_util::stream::{self, StreamExt as _};
    use std::convert::Infallible;

    use super::*;

    const CHUNK: usize = 40 * 1024;
    const LIMIT: Duration = Duration::from_secs(60);

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
        let read = |n: usize| Box::pin(collect(&permit, unfinished(&taken[n]), LIMIT));
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
        let read = collect(&permit, body, LIMIT).await;
        assert!(matches!(read, Ok((bytes, None)) if bytes.len() == SMALL_BODY));
    }

    #[tokio::test]
    async fn without_memory_a_large_body_is_refused_as_such() {
        let memory = BodyMemory::with_capacity(0);
        let body = Body::from(vec![0; SMALL_BODY + 1]);
        let refused = collect(&memory, body, Duration::from_millis(10)).await;
        assert!(matches!(refused, Err(BodyError::NoMemory)));
        assert!(!memory.is_wanted());
    }
}
