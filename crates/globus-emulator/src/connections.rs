//! Serving connections, each within limits of time.
//!
//! A client that stops in the middle of a request, or opens a connection and sends nothing, must not
//! be waited for without end. axum's own `serve` sets no such limits, so that the loop is here; the
//! HTTP is hyper's, as it is there.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Uri};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::faults::Lines;

/// Serves until `closing`; then connections end with the request that they are at.
///
/// `limit` is how long the head of a request may take, and how long a connection may be idle.
pub(crate) async fn serve(
    mut listener: Lines,
    router: Router,
    limit: Duration,
    closing: CancellationToken,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limit);
    let graceful = GracefulShutdown::new();
    loop {
        let line = tokio::select! {
            (line, _) = listener.accept() => line,
            () = closing.cancelled() => break,
        };
        let (router, cutter) = (router.clone(), line.cutter());
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            strip_leading_slashes(request.uri_mut());
            request.extensions_mut().insert(ConnectInfo(cutter.clone()));
            let router = router.clone();
            async move {
                Ok::<_, Infallible>(
                    router
                        .oneshot(request)
                        .await
                        .unwrap_or_else(|never| match never {}),
                )
            }
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(line), service));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    graceful.shutdown().await;
}

/// Takes `//path` for `/path`: the base URL as the SDKs want it ends in a slash, and people write
/// another one after it.
fn strip_leading_slashes(uri: &mut Uri) {
    let Some(whole) = uri.path_and_query().map(|whole| whole.as_str()) else {
        return;
    };
    if !whole.starts_with("//") {
        return;
    }
    if let Ok(stripped) = Uri::try_from(format!("/{}", whole.trim_start_matches('/'))) {
        *uri = stripped;
    }
}
