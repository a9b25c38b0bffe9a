//! Connections to the services: how they are set up, and one request with its answer.

use super::clock::Clock;
use super::proxy::Proxies;
use super::request_secrets::RequestSecrets;
use super::response::RawResponse;
use super::retry::RetryPolicy;
use super::tls;
use crate::error::{Error, ErrorKind, Result};
use bytes::{Bytes, BytesMut};
use http::header::CONTENT_LENGTH;
use reqwest::Request;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Connections, and the rules by which they are used. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Transport {
    http: reqwest::Client,
    pub(super) proxies: Arc<Proxies>,
    pub(super) retry: RetryPolicy,
    pub(super) timeout: Option<Duration>,
    response_limit: usize,
    pub(super) clock: Arc<dyn Clock>,
}

impl Transport {
    pub(crate) fn new(
        verify: &tls::TlsVerification,
        proxies: Proxies,
        user_agent: &str,
        retry: RetryPolicy,
        timeout: Option<Duration>,
        response_limit: usize,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(verify)?)
            .user_agent(user_agent)
            .redirect(reqwest::redirect::Policy::custom(same_host))
            // what the process says: the environment has been asked
            .no_proxy();
        let proxies = Arc::new(proxies);
        let builder = if proxies.is_empty() {
            builder
        } else {
            let chosen = proxies.clone();
            // a proxy that cannot be used is an error before it is looked for here
            let choose = move |url: &url::Url| chosen.choose(url).ok().flatten();
            builder.proxy(reqwest::Proxy::custom(choose))
        };
        let http = builder
            .build()
            .map_err(|e| Error::usage("the HTTP client cannot be set up").with_source(e))?;
        Ok(Self {
            http,
            proxies,
            retry,
            timeout,
            response_limit,
            clock,
        })
    }

    /// Whether a service can be reached as the environment's proxies have it.
    pub(crate) fn check_proxy(&self, base_url: &str) -> Result<()> {
        match url::Url::parse(base_url) {
            Ok(url) => self.proxies.choose(&url).map(drop),
            Err(_) => Ok(()),
        }
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    #[cfg(feature = "transfer")]
    pub(crate) fn retry(&self) -> &RetryPolicy {
        &self.retry
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// One request and its whole answer.
    pub(super) async fn exchange(
        &self,
        request: Request,
        sent: &RequestSecrets,
    ) -> Result<RawResponse> {
        let mut response = self.http.execute(request).await.map_err(failed)?;
        let declared = response
            .headers()
            .get(CONTENT_LENGTH)
            .and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > self.response_limit) {
            return Err(self.too_large());
        }
        let mut first: Option<Bytes> = None;
        let mut whole = BytesMut::new();
        let mut received = 0;
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            received += chunk.len();
            if received > self.response_limit {
                return Err(self.too_large());
            }
            match &first {
                None => first = Some(chunk),
                Some(head) => {
                    if whole.is_empty() {
                        whole.reserve(declared.unwrap_or(0).max(head.len() + chunk.len()));
                        whole.extend_from_slice(head);
                    }
                    whole.extend_from_slice(&chunk);
                }
            }
        }
        let body = if whole.is_empty() {
            first.unwrap_or_default()
        } else {
            whole.freeze()
        };
        Ok(RawResponse {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body,
            sent: sent.clone(),
        })
    }

    fn too_large(&self) -> Error {
        Error::new(
            ErrorKind::ResponseTooLarge,
            format!("the answer is larger than {} bytes", self.response_limit),
        )
    }
}

impl fmt::Debug for Transport {
    // without the connections: an address of a proxy may hold a password
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("retry", &self.retry)
            .field("timeout", &self.timeout)
            .field("response_limit", &self.response_limit)
            .finish_non_exhaustive()
    }
}

/// Follows redirects on the same host only: neither a token nor a document goes elsewhere.
fn same_host(attempt: reqwest::redirect::Attempt<'_>) -> reqwest::redirect::Action {
    let same = attempt
        .previous()
        .first()
        .is_some_and(|first| first.origin() == attempt.url().origin());
    if !same {
        attempt.stop()
    } else if attempt.previous().len() > 5 {
        attempt.error("more than 5 redirects")
    } else {
        attempt.follow()
    }
}

/// An error of reqwest, sorted by whether the request can have arrived. Its URL stays out, since a
/// query may hold what is nobody's business.
fn failed(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let certificate = certificate_fault(&error).map(tls::certificate_advice);
    let (kind, message) = if let Some((message, advice)) = certificate {
        let message = format!("{message}; {advice}");
        return Error::new(ErrorKind::UntrustedCertificate, message).with_source(error);
    } else if error.is_timeout() && !error.is_connect() {
        (ErrorKind::Timeout, "no answer in time")
    } else if error.is_connect() {
        (ErrorKind::Connect, unconnected(&error))
    } else if error.is_redirect() {
        (ErrorKind::Redirect, "the service redirects in circles")
    } else if error.is_builder() {
        (ErrorKind::Usage, "the request cannot be made")
    } else {
        (
            ErrorKind::Network,
            "the connection broke before the answer was complete",
        )
    };
    // the reason is its source's
    Error::new(kind, message).with_source(error)
}

/// Why there is no connection, for the causes that have a remedy of their own. The libraries' own
/// words are those of its source.
fn unconnected(error: &reqwest::Error) -> &'static str {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused) {
            return "no connection to the service: nothing listens at its address";
        }
        // these have no type that could be asked
        let text = error.to_string();
        if text.starts_with("dns error") {
            return "no connection to the service: its host name is not known";
        }
        if text.ends_with("proxy authorization required") {
            return "no connection to the service: the proxy asks for a user and password (proxy authentication), which go into its address";
        }
        next = error.source();
    }
    "no connection to the service"
}

/// Why TLS failed, if the server's certificate is the reason.
fn certificate_fault(error: &reqwest::Error) -> Option<&rustls::CertificateError> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(fault)) = error.downcast_ref() {
            return Some(fault);
        }
        // an io::Error's source is that of the error in it, which would be passed over
        next = match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _),
            None => error.source(),
        };
    }
    None
}
