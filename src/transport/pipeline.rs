//! Sending a request: authorization, attempts, limits.

use super::authorizer::Authorizer;
use super::connection::Transport;
use super::request_secrets::{Purpose, RequestSecrets};
use super::response::RawResponse;
use super::retry::RetryPolicy;
use crate::error::{Error, Result};
use crate::operation::Idempotency;
use crate::types::Secret;
use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderValue};
use reqwest::Request;
use std::borrow::Cow;
use std::time::{Duration, Instant};
use tracing::field::Empty;
use tracing::{Instrument, Span, debug, info_span, warn};

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
    /// Sends a request, as often as it takes and may take.
    pub(crate) async fn send(
        &self,
        request: Request,
        options: RequestOptions<'_>,
    ) -> Result<RawResponse> {
        // the names are OpenTelemetry's; no query, which may contain sensitive data
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
        let call = async { PendingCall::new(self, request, &options)?.run().await };
        let result = call
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
}

/// A call on its way: what it asks for, and what has become of it so far.
struct PendingCall<'a> {
    transport: &'a Transport,
    options: &'a RequestOptions<'a>,
    policy: &'a RetryPolicy,
    /// `None` for a request that brings an `Authorization` of the caller's own.
    authorizer: Option<&'a dyn Authorizer>,
    request: Request,
    proxy: Option<url::Url>,
    /// The secrets of all attempts: an answer may repeat those of an earlier one.
    sent: RequestSecrets,
    /// Since when the policy's time runs.
    started: Instant,
    attempts: u32,
    refreshed: bool,
    logged_in: bool,
}

impl<'a> PendingCall<'a> {
    fn new(
        transport: &'a Transport,
        mut request: Request,
        options: &'a RequestOptions<'a>,
    ) -> Result<Self> {
        *request.timeout_mut() = options.timeout.or(transport.timeout);
        let own_header = request.headers().contains_key(AUTHORIZATION);
        Ok(Self {
            transport,
            options,
            policy: options.policy.unwrap_or(&transport.retry),
            authorizer: options.authorizer.filter(|_| !own_header),
            proxy: transport.proxies.choose(request.url())?,
            request,
            sent: RequestSecrets::default(),
            started: transport.clock.instant(),
            attempts: 0,
            refreshed: false,
            logged_in: false,
        })
    }

    async fn run(mut self) -> Result<RawResponse> {
        loop {
            let authorization = self.authorize().await?;
            let error = match self.execute().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // without a token of an authorizer's there is nobody to ask for another
            if let (Some(authorizer), Some(refused)) = (self.authorizer, &authorization)
                && self.answer_challenge(authorizer, refused, &error).await?
            {
                continue;
            }
            match self.decide_retry(&error) {
                Some(wait) => self.transport.clock.sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    /// Asks for every attempt anew: while the last one waited, the token may have been renewed.
    async fn authorize(&mut self) -> Result<Option<Secret>> {
        let Some(authorizer) = self.authorizer else {
            return Ok(None);
        };
        let authorization = authorizer.authorization().await?;
        if let Some(secret) = &authorization {
            let header = sensitive(secret.expose())?;
            self.request.headers_mut().insert(AUTHORIZATION, header);
        }
        Ok(authorization)
    }

    /// One attempt: an unsuccessful answer is an error, too.
    async fn execute(&mut self) -> Result<RawResponse> {
        // every body is bytes, so that a request can be sent again
        let Some(attempt) = self.request.try_clone() else {
            return Err(Error::usage("the request cannot be sent twice"));
        };
        let resent = self.attempts;
        self.attempts += 1;
        if resent > 0 {
            Span::current().record("http.request.resend_count", resent);
        }
        self.sent = RequestSecrets::new(&self.request, self.options.purpose, self.proxy.as_ref())
            .with_headers_of(&self.sent);
        let error = match self.transport.exchange(attempt, &self.sent).await {
            Ok(answer) if answer.status.is_success() => {
                debug!(
                    http.response.status_code = answer.status.as_u16(),
                    http.request.resend_count = resent,
                    "answered"
                );
                return Ok(answer);
            }
            Ok(answer) => Error::api(
                answer.status,
                answer.headers,
                answer.body,
                self.sent.redactor(),
            ),
            Err(error) => error,
        };
        let refused = error.status() == Some(StatusCode::UNAUTHORIZED);
        let error = match refused && by_client(&self.request, self.options) {
            true => error.by_client(),
            false => error,
        };
        debug!(
            http.response.status_code = error.status().map(|s| s.as_u16()),
            http.request.resend_count = resent,
            error.type = error_type(&error),
            error = %format_args!("{error:#}"),
            "failed"
        );
        Err(error)
    }

    /// Whether the authorizer has found another token or login, to try again with at once.
    async fn answer_challenge(
        &mut self,
        authorizer: &dyn Authorizer,
        refused: &Secret,
        error: &Error,
    ) -> Result<bool> {
        // once: a token that was refused twice is not too old, but not good for this
        if error.status() == Some(StatusCode::UNAUTHORIZED) && !self.refreshed {
            self.refreshed = true;
            if authorizer.on_unauthorized(refused).await? {
                return Ok(true);
            }
        }
        if self.logged_in {
            return Ok(false);
        }
        let Some(requirements) = error.auth_requirements() else {
            return Ok(false);
        };
        // whatever the status: what was refused for this had no effect
        if self.options.idempotency == Idempotency::NotIdempotent && !error.is_login_refusal() {
            return Ok(false);
        }
        self.logged_in = true;
        let answered = authorizer.on_auth_requirements(refused, &requirements);
        let answered = answered.await.map_err(|e| {
            let asked = error.redacted(&requirements.to_string());
            e.with_context(&format!("the service asks to {asked}, which failed"))
        })?;
        if answered {
            // the service is not to blame for the time that a person takes
            self.started = self.transport.clock.instant();
        }
        Ok(answered)
    }

    /// Follows redirects on the same host only, so that neither a token nor a document is sent
    /// elsewhere.
    fn decide_retry(&self, error: &Error) -> Option<Duration> {
        let wait = self.policy.next(
            error,
            self.options.idempotency,
            self.attempts,
            self.started,
            &*self.transport.clock,
        )?;
        warn!(
            operation = %self.options.operation,
            reason = error.summary(),
            wait = ?wait,
            attempt = self.attempts,
            "retrying"
        );
        Some(wait)
    }
}

/// Whether a call is made with the client's own id and secret rather than with a token.
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

/// The kind of failure in a few words: a status, or a kind of error.
fn error_type(error: &Error) -> String {
    match error.status() {
        Some(status) => status.as_str().to_owned(),
        None => format!("{:?}", error.kind()),
    }
}

fn sensitive(value: &str) -> Result<HeaderValue> {
    let mut header = HeaderValue::from_str(value).map_err(|_| {
        Error::usage(
            "the token contains a character that is not allowed in a header; check where it comes from",
        )
    })?;
    header.set_sensitive(true);
    Ok(header)
}
