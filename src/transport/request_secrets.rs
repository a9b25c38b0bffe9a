//! What is secret about a request, and so must not be shown of what comes back.

use crate::error::redact::{Redactor, is_secret_name};
use crate::operation::{Operation, Service};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, PROXY_AUTHORIZATION};
use http::{HeaderName, HeaderValue};
use std::fmt;
use std::sync::Arc;

/// The largest body without a spec that is looked through for secrets.
const BODY_LIMIT: usize = 1 << 20;

/// What is secret about a request, kept until its answer is decoded. Cloning is cheap.
#[derive(Clone, Default)]
pub(crate) struct RequestSecrets(Option<Arc<Parts>>);

struct Parts {
    confidential: bool,
    /// The fields of the body that are secrets, and those of an answer that holds some.
    secret_request_fields: &'static [&'static str],
    response_fields: &'static [&'static str],
    /// Values of headers that are secrets.
    headers: Vec<(HeaderName, HeaderValue)>,
    form: bool,
    body: Option<Bytes>,
    /// Of a service behind a password, or of an answer that is confidential.
    url: Option<url::Url>,
    /// The proxy, where it asks for a password.
    proxy: Option<url::Url>,
}

/// What the transport knows of the operation that a request is for.
#[derive(Clone, Copy)]
pub(crate) struct Purpose {
    pub(crate) operation: Option<&'static Operation>,
    /// The answer may hold secrets.
    pub(crate) confidential: bool,
}

impl Purpose {
    pub(crate) fn for_operation(operation: &'static Operation) -> Self {
        Self {
            operation: Some(operation),
            confidential: operation.response_has_secrets,
        }
    }

    /// Of a request that is made without its operation. What no spec describes may hold secrets where
    /// tokens come from.
    pub(crate) fn for_path(service: &Service, method: &str, path: &str) -> Self {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        match service.find(method, path.trim_end_matches('/')) {
            Some(operation) => Self::for_operation(operation),
            None => Self {
                operation: None,
                confidential: service.name == "auth",
            },
        }
    }
}

impl RequestSecrets {
    pub(crate) fn new(
        request: &reqwest::Request,
        purpose: Purpose,
        proxy: Option<&url::Url>,
    ) -> Self {
        let headers = request.headers();
        let secret = headers.iter().filter(|(name, value)| {
            value.is_sensitive() || [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
        });
        let form = is_form(headers);
        let known = purpose.operation;
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let body = body.filter(|body| match known {
            Some(operation) => form || !operation.secret_request_fields.is_empty(),
            None => body.len() <= BODY_LIMIT,
        });
        let url = request.url();
        let parts = Parts {
            confidential: purpose.confidential,
            secret_request_fields: known.map_or(&[], |operation| operation.secret_request_fields),
            response_fields: known.map_or(&[], |operation| operation.response_fields),
            headers: secret
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            form,
            body: body.map(Bytes::copy_from_slice),
            proxy: proxy.filter(|proxy| proxy.password().is_some()).cloned(),
            url: (purpose.confidential || url.password().is_some() || url.query().is_some())
                .then(|| url.clone()),
        };
        Self(Some(Arc::new(parts)))
    }

    /// An answer of this operation that comes from somewhere else, such as a recording.
    pub(crate) fn none(operation: &Operation) -> Self {
        Self(Some(Arc::new(Parts {
            confidential: operation.response_has_secrets,
            secret_request_fields: operation.secret_request_fields,
            response_fields: operation.response_fields,
            headers: Vec::new(),
            form: false,
            body: None,
            url: None,
            proxy: None,
        })))
    }

    /// Adds what an earlier attempt sent, of the same request.
    pub(crate) fn with_headers_of(self, earlier: &Self) -> Self {
        let (Some(parts), Some(earlier)) = (&self.0, &earlier.0) else {
            return self;
        };
        let missing = earlier.headers.iter();
        let missing: Vec<_> = missing.filter(|v| !parts.headers.contains(v)).collect();
        if missing.is_empty() {
            return self;
        }
        let headers = parts.headers.iter().chain(missing).cloned().collect();
        Self(Some(Arc::new(Parts {
            headers,
            body: parts.body.clone(),
            url: parts.url.clone(),
            proxy: parts.proxy.clone(),
            ..**parts
        })))
    }

    /// Whether nothing of the answer may be quoted.
    pub(crate) fn confidential(&self) -> bool {
        self.0.as_ref().is_some_and(|parts| parts.confidential)
    }

    /// The names of fields that may be shown where nothing else of the answer may.
    pub(crate) fn field_names(&self) -> &'static [&'static str] {
        self.0.as_ref().map_or(&[], |parts| parts.response_fields)
    }

    /// Takes time: it is for errors.
    pub(crate) fn redactor(&self) -> Redactor {
        let Some(parts) = &self.0 else {
            return Redactor::default();
        };
        let mut redactor = Redactor::new(parts.confidential);
        for (name, value) in &parts.headers {
            redactor.add_header(name, value);
        }
        for url in parts.url.iter().chain(&parts.proxy) {
            redactor.add_credentials(url);
        }
        let known = parts.secret_request_fields;
        let is_secret = |name: &str| known.contains(&name) || is_secret_name(name);
        if let Some(url) = &parts.url {
            redactor.add_own_words(url.path());
            for (name, value) in url.query_pairs() {
                if is_secret(&name) || name == "code" {
                    redactor.add(&value);
                } else {
                    redactor.add_own_words(&name);
                    redactor.add_own_words(&value);
                }
            }
        }
        if let Some(body) = &parts.body {
            if parts.form {
                for (name, value) in url::form_urlencoded::parse(body) {
                    if is_secret(&name) || name == "code" {
                        redactor.add(&value);
                    }
                }
            } else if let Ok(document) = serde_json::from_slice(body) {
                redactor.add_fields(&document, &is_secret);
            }
        }
        redactor
    }
}

impl fmt::Debug for RequestSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestSecrets")
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
    media.is_some_and(|m| m.starts_with("application/x-www-form-urlencoded"))
}
