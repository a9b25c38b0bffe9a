//! Sending: authorization, attempts, limits.

use super::authorizer::Authorizer;
use super::clock::Clock;
use super::proxy::Proxies;
use super::request_secrets::{Purpose, RequestSecrets};
use super::response::RawResponse;
use super::retry::RetryPolicy;
use super::tls;
use crate::error::{Error, ErrorKind, Result};
use crate::operation::Idempotency;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderValue};
use reqwest::Request;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info_span, warn};

/// Connections, and the rules by which they are used. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Transport {
    http: reqwest::Client,
    proxies: Arc<Proxies>,
    retry: RetryPolicy,
    timeout: Option<Duration>,
    response_limit: usize,
    clock: Arc<dyn Clock>,
}

/// What one call asks of the transport beside its request.
pub(crate) struct RequestOptions<'a> {
    pub(crate) operation: &'a Cow<'static, str>,
    pub(crate) idempotency: Idempotency,
    pub(crate) policy: Option<&'a RetryPolicy>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) authorizer: Option<&'a dyn Authorizer>,
    pub(crate) purpose: Purpose,
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

    /// Sends a request, as often as it takes and may take.
    pub(crate) async fn send(
        &self,
        request: Request,
        options: RequestOptions<'_>,
    ) -> Result<RawResponse> {
        // the names are OpenTelemetry's; no query, since it may hold what is nobody's business
        let span = info_span!(
            "globus",
            otel.kind = "client",
            otel.name = %options.operation,
            otel.status_code = Empty,
            operation = %options.operation,
            http.request.method = %request.method(),
            server.address = request.url().host_str(),
            server.port = request.url().port_or_known_default(),
            url.scheme = request.url().scheme(),
            url.path = request.url().path(),
            http.request.resend_count = Empty,
            http.response.status_code = Empty,
            error.type = Empty,
        );
        let result = self
            .attempts(request, &options)
            .instrument(span.clone())
            .await
            .map_err(|e| e.with_operation(options.operation.clone()));
        match &result {
            Ok(answer) => {
                span.record("http.response.status_code", answer.status.as_u16());
            }
            Err(error) => {
                span.record("otel.status_code", "ERROR");
                span.record("error.type", error_type(error));
                if let Some(status) = error.status() {
                    span.record("http.response.status_code", status.as_u16());
                }
            }
        }
        result
    }

    async fn attempts(
        &self,
        mut request: Request,
        options: &RequestOptions<'_>,
    ) -> Result<RawResponse> {
        let proxy = self.proxies.choose(request.url())?;
        *request.timeout_mut() = options.timeout.or(self.timeout);
        let policy = options.policy.unwrap_or(&self.retry);
        let mut started = self.clock.instant();
        // a caller's own header stands
        let authorizer = options
            .authorizer
            .filter(|_| !request.headers().contains_key(AUTHORIZATION));
        let (mut refreshed, mut logged_in) = (false, false);
        let mut attempts = 0;
        let mut sent = RequestSecrets::default();
        loop {
            attempts += 1;
            let authorization = match authorizer {
                Some(authorizer) => authorizer.authorization().await?,
                None => None,
            };
            if let Some(secret) = &authorization {
                request
                    .headers_mut()
                    .insert(AUTHORIZATION, sensitive(secret.expose())?);
            }
            // every body is bytes, so that a request can be sent again
            let Some(attempt) = request.try_clone() else {
                return Err(Error::usage("the request cannot be sent twice"));
            };
            let resent = attempts - 1;
            if resent > 0 {
                Span::current().record("http.request.resend_count", resent);
            }
            sent = RequestSecrets::new(&request, options.purpose, proxy.as_ref())
                .with_headers_of(&sent);
            let error = match self.attempt(attempt, &sent).await {
                Ok(answer) if answer.status.is_success() => {
                    let status = answer.status.as_u16();
                    debug!(
                        http.response.status_code = status,
                        http.request.resend_count = resent,
                        "answered"
                    );
                    return Ok(answer);
                }
                Ok(answer) => {
                    Error::api(answer.status, answer.headers, answer.body, sent.redactor())
                }
                Err(error) => error,
            };
            let error = match error.status() {
                Some(StatusCode::UNAUTHORIZED) if by_client(&request, options) => error.by_client(),
                _ => error,
            };
            debug!(
                http.response.status_code = error.status().map(|s| s.as_u16()),
                http.request.resend_count = resent,
                error.type = error_type(&error),
                error = %format_args!("{error:#}"),
                "failed"
            );
            if let (Some(authorizer), Some(refused), false) =
                (authorizer, &authorization, refreshed)
                && error.status() == Some(StatusCode::UNAUTHORIZED)
            {
                refreshed = true;
                if authorizer.on_unauthorized(refused).await? {
                    continue;
                }
            }
            if let (Some(authorizer), Some(lacking), false) =
                (authorizer, &authorization, logged_in)
                && let Some(requirements) = error.auth_requirements()
                // whatever the status: what was refused for this had no effect
                && (options.idempotency != Idempotency::NotIdempotent || error.is_login_refusal())
            {
                logged_in = true;
                match authorizer
                    .on_auth_requirements(lacking, &requirements)
                    .await
                {
                    Ok(true) => {
                        // the time that a person takes is no fault of the service
                        started = self.clock.instant();
                        continue;
                    }
                    Ok(false) => {}
                    Err(e) => {
                        let asked = error.redacted(&requirements.to_string());
                        let why = format!("the service asks to {asked}, and that failed");
                        return Err(e.with_context(&why));
                    }
                }
            }
            match policy.next(&error, options.idempotency, attempts, started, &*self.clock) {
                Some(wait) => {
                    warn!(
                        operation = %options.operation,
                        reason = error.summary(),
                        wait = ?wait,
                        attempt = attempts,
                        "sending again"
                    );
                    self.clock.sleep(wait).await;
                }
                None => return Err(error),
            }
        }
    }

    /// One request and its whole answer.
    async fn attempt(&self, request: Request, sent: &RequestSecrets) -> Result<RawResponse> {
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

/// Whether a call is made by the client's own id and secret, and not by a token.
fn by_client(request: &Request, options: &RequestOptions<'_>) -> bool {
    let header = request.headers().get(AUTHORIZATION);
    let is_basic = |value: &HeaderValue| {
        value
            .as_bytes()
            .get(..6)
            .is_some_and(|s| s.eq_ignore_ascii_case(b"basic "))
    };
    options.operation == "oauth2_token" || header.is_some_and(is_basic)
}

/// What kind of failure it was, in few words: a status, or a kind of error.
fn error_type(error: &Error) -> String {
    match error.status() {
        Some(status) => status.as_str().to_owned(),
        None => format!("{:?}", error.kind()),
    }
}

fn sensitive(value: &str) -> Result<HeaderValue> {
    let mut header = HeaderValue::from_str(value).map_err(|_| {
        Error::usage(
            "the token holds a character that no header may hold; check where it comes from",
        )
    })?;
    header.set_sensitive(true);
    Ok(header)
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
