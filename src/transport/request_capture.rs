//! The interface to progenitor: its generated code builds a request and hands it over unsent.
//!
//! The generated code believes that it executes the request through a hook. The hook captures the
//! request and never answers, so that no generated code is involved in sending (authorization,
//! retries, limits, errors): the generated future is polled once and dropped.

use super::core::Core;
use crate::error::{Error, Result};
use crate::operation::Operation;
use futures_util::FutureExt as _;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

/// A request that is ready to be sent.
pub(crate) type Request = reqwest::Request;

/// Captures the request that the generated code builds: its `inner`.
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
        // progenitor sends the spec's version with every request, which Globus does not use
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

    /// Polls the generated future up to the hook, and returns the captured request.
    pub(crate) fn finish<T>(
        &self,
        engine: impl Future<Output = Result<T, progenitor_client::Error<()>>>,
    ) -> Result<Request> {
        // one poll suffices, since building a request never waits; the hook stays pending for ever
        let ended = engine.now_or_never();
        let request = self
            .captured
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match (request, ended) {
            (Some(request), _) => Ok(request),
            (None, Some(Err(e))) => Err(Error::usage(format!(
                "the request cannot be built: {e}; check its arguments"
            ))),
            (None, _) => Err(Error::usage(
                "the request cannot be built; please report this",
            )),
        }
    }
}

/// Installs the hook in a generated client.
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
