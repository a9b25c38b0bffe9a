//! The seam to progenitor: its generated engine makes a request, and hands it to us unsent.
//!
//! The engine believes that it executes the request by way of a hook. The hook captures the request
//! and never answers, so that nothing of sending (authorization, retries, limits, errors) passes
//! through generated code: the engine's future is polled once and dropped.

use super::core::Core;
use crate::error::{Error, Result};
use crate::operation::Operation;
use futures_util::FutureExt as _;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

/// A request, ready to be sent.
pub(crate) type Request = reqwest::Request;

/// Captures the request that an engine makes: the engine's `inner`.
#[derive(Clone, Debug)]
pub(crate) struct RequestCapture {
    core: Core,
    operation: &'static Operation,
    captured: Arc<Mutex<Option<Request>>>,
}

impl RequestCapture {
    pub(crate) fn new(core: Core, operation: &'static Operation) -> Self {
        Self {
            core,
            operation,
            captured: Arc::default(),
        }
    }

    pub(crate) fn base_url(&self) -> &str {
        self.core.base_url()
    }

    pub(crate) fn http(&self) -> reqwest::Client {
        self.core.transport().http().clone()
    }

    /// The hook: captures the request.
    pub(crate) fn capture(&self, mut request: Request) {
        let headers = request.headers_mut();
        // progenitor sends the spec's version with every request; Globus has no use for it
        headers.remove("api-version");
        if let Some(media) = self.operation.body {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
        }
        headers.insert(
            http::header::ACCEPT,
            HeaderValue::from_static("application/json"),
        );
        *self.captured.lock().unwrap_or_else(PoisonError::into_inner) = Some(request);
    }

    /// What an engine made of the arguments: its future goes as far as the hook.
    pub(crate) fn finish<T>(
        &self,
        engine: impl Future<Output = Result<T, progenitor_client::Error<()>>>,
    ) -> Result<Request> {
        let ended = engine.now_or_never();
        let request = self
            .captured
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match (request, ended) {
            (Some(request), _) => Ok(request),
            (None, Some(Err(e))) => Err(Error::usage(format!("the request cannot be made: {e}"))),
            (None, _) => Err(Error::usage("the request cannot be made")),
        }
    }
}

/// Gives a generated engine its hook.
macro_rules! impl_capture_hook {
    ($client:ty) => {
        impl progenitor_client::ClientHooks<$crate::transport::request_capture::RequestCapture>
            for $client
        {
            async fn exec(
                &self,
                request: reqwest::Request,
                _: &progenitor_client::OperationInfo,
            ) -> reqwest::Result<reqwest::Response> {
                self.inner.capture(request);
                ::std::future::pending().await
            }
        }
    };
}
pub(crate) use impl_capture_hook;
