//! Any path, method and encoding, with the client's authorization and retries.

use super::core::Core;
use super::header::header;
use super::pipeline::RequestOptions;
use super::request_secrets::Purpose;
use super::response::Response;
use super::retry::RetryPolicy;
use crate::error::{Error, Result, redact};
use crate::operation::Idempotency;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// A call without a spec. Awaiting [`send`](Self::send) makes it.
///
/// Retries depend on the method: a `GET` is retried; others only if they provably were not
/// received, unless [`idempotent`](Self::idempotent) is set.
///
/// ```no_run
/// # async fn run(transfer: globus_sdk::transfer::Client) -> globus_sdk::Result<()> {
/// let found: serde_json::Value = transfer
///     .get("/v0.10/endpoint_search")
///     .query(&[("filter_fulltext", "tutorial")])
///     .send().await?
///     .json()?;
/// # Ok(()) }
/// ```
#[must_use = "a call does nothing until it is sent"]
pub struct RawRequest {
    core: Core,
    method: String,
    path: String,
    parts: Result<Parts>,
    timeout: Option<Duration>,
    policy: Option<RetryPolicy>,
    idempotency: Idempotency,
}

#[derive(Default)]
struct Parts {
    query: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Option<Bytes>,
}

/// Without what may be secret: the query, the values of headers, and the body.
impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split(['?', '#']).next();
        let mut shown = f.debug_struct("RawRequest");
        shown
            .field("core", &self.core)
            .field("method", &self.method)
            .field("path", &path.unwrap_or_default());
        match &self.parts {
            Ok(parts) => {
                let headers: Vec<_> = parts.headers.iter().map(|(name, _)| name).collect();
                let body = parts.body.as_ref().map(Bytes::len);
                shown.field("headers", &headers).field("body_bytes", &body);
            }
            Err(error) => {
                shown.field("error", error);
            }
        }
        shown
            .field("timeout", &self.timeout)
            .field("policy", &self.policy)
            .field("idempotency", &self.idempotency)
            .finish()
    }
}

impl RawRequest {
    pub(crate) fn new(core: Core, method: &str, path: &str) -> Self {
        let method = method.to_ascii_uppercase();
        let idempotency = if method == "GET" || method == "HEAD" {
            Idempotency::Idempotent
        } else {
            Idempotency::NotIdempotent
        };
        Self {
            core,
            method,
            path: path.to_owned(),
            parts: Ok(Parts::default()),
            timeout: None,
            policy: None,
            idempotency,
        }
    }

    /// Adds to the query: pairs, a map, or a struct of scalars.
    pub fn query<T: Serialize + ?Sized>(self, query: &T) -> Self {
        self.edit(|parts| {
            let more = serde_urlencoded::to_string(query).map_err(|e| {
                Error::usage(format!(
                    "the query cannot be encoded: {e}; use pairs or a struct of scalars"
                ))
            })?;
            if !parts.query.is_empty() && !more.is_empty() {
                parts.query.push('&');
            }
            parts.query += &more;
            Ok(())
        })
    }

    /// Adds a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.edit(|parts| {
            parts.headers.push(header(name, value)?);
            Ok(())
        })
    }

    /// Sends a JSON body.
    pub fn json<T: Serialize + ?Sized>(self, document: &T) -> Self {
        let encoded = serde_json::to_vec(document).map_err(|e| e.to_string());
        self.encoded("application/json", encoded)
    }

    /// Sends a form.
    pub fn form<T: Serialize + ?Sized>(self, form: &T) -> Self {
        let encoded = serde_urlencoded::to_string(form)
            .map(String::into_bytes)
            .map_err(|e| e.to_string());
        self.encoded("application/x-www-form-urlencoded", encoded)
    }

    /// Sends text.
    pub fn text(self, text: impl Into<String>) -> Self {
        self.encoded("text/plain; charset=utf-8", Ok(text.into().into_bytes()))
    }

    /// Sends bytes with any content type.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.encoded(content_type, Ok(body.into()))
    }

    /// Marks the request as idempotent: it may be repeated when it is unknown whether it was
    /// received.
    pub fn idempotent(mut self) -> Self {
        self.idempotency = Idempotency::Idempotent;
        self
    }

    /// The time limit for each attempt of this call.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The retry policy for this call.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Makes the call.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`](crate::ErrorKind); an unsuccessful status is an error.
    pub async fn send(self) -> Result<Response<()>> {
        // without the query, which may contain sensitive data
        let path = self.path.split(['?', '#']).next().unwrap_or_default();
        let operation: Cow<'static, str> = format!("{} {path}", self.method).into();
        let purpose = Purpose::for_path(self.core.service(), &self.method, path);
        let named = |e: Error| e.with_operation(operation.clone());
        let parts = self.parts.map_err(named)?;
        let request = request(&self.core, &self.method, &self.path, parts).map_err(named)?;
        let options = RequestOptions {
            operation: &operation,
            idempotency: self.idempotency,
            policy: self.policy.as_ref(),
            timeout: self.timeout,
            authorizer: Some(self.core.authorizer()),
            purpose,
        };
        Ok(self.core.transport().send(request, options).await?.with(()))
    }

    fn encoded(self, content_type: &str, body: Result<Vec<u8>, String>) -> Self {
        self.edit(|parts| {
            let body = body.map_err(|e| {
                Error::usage(format!(
                    "the body cannot be encoded: {e}; check the values in it"
                ))
            })?;
            parts.body = Some(body.into());
            // an earlier setter may have set another content type: the last one wins
            parts.headers.retain(|(name, _)| *name != CONTENT_TYPE);
            parts
                .headers
                .push(header(CONTENT_TYPE.as_str(), content_type)?);
            Ok(())
        })
    }

    /// Keeps the first error for `send` to report, so that setters can be chained.
    fn edit(mut self, edit: impl FnOnce(&mut Parts) -> Result<()>) -> Self {
        if let Ok(parts) = &mut self.parts
            && let Err(fault) = edit(parts)
        {
            self.parts = Err(fault);
        }
        self
    }
}

fn request(core: &Core, method: &str, path: &str, parts: Parts) -> Result<reqwest::Request> {
    // a URL that was passed by mistake may contain a password
    let shown = redact::address(path);
    if !path.starts_with('/') {
        return Err(Error::usage(format!(
            "the path `{shown}` does not start with /; write it from the host's root"
        )));
    }
    let mut url = url::Url::parse(core.base_url())
        .and_then(|base| base.join(&format!("{}{path}", base.path().trim_end_matches('/'))))
        .map_err(|e| {
            Error::usage(format!(
                "the path `{shown}` does not result in a URL: {e}; write it from the host's root"
            ))
        })?;
    // "//other.host/x" is a path here and must not become a host
    if !core.owns(&url) {
        return Err(Error::usage(format!(
            "the path `{shown}` leaves the service's host; write it from the host's root"
        )));
    }
    if !parts.query.is_empty() {
        let query = match url.query() {
            Some(own) if !own.is_empty() => format!("{own}&{}", parts.query),
            _ => parts.query,
        };
        url.set_query(Some(&query));
    }
    let method = reqwest::Method::from_bytes(method.as_bytes()).map_err(|_| {
        Error::usage(format!(
            "invalid HTTP method `{method}`; use one such as GET or POST"
        ))
    })?;
    let mut request = reqwest::Request::new(method, url);
    *request.body_mut() = parts.body.map(Into::into);
    for (name, value) in parts.headers {
        request.headers_mut().append(name, value);
    }
    Ok(request)
}
