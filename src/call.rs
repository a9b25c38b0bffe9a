//! What every generated builder has in addition to its own parameters: the options of one call, and
//! the ways to make it.

use crate::error::{Error, ErrorKind, Result};
use crate::operation::{Auth, Operation};
use crate::transport::{
    Body, Core, Purpose, RawResponse, Request, RequestCapture, RequestOptions, RetryPolicy, header,
};
use crate::types::{Id, Uuid};
use bytes::Bytes;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// One call. Owns its client, so that its future is `'static`.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    core: Core,
    operation: &'static Operation,
    options: CallOptions,
}

/// The options that the `with_*` methods set.
#[derive(Clone, Default)]
pub(crate) struct CallOptions {
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    timeout: Option<Duration>,
    policy: Option<RetryPolicy>,
    idempotency: Option<crate::operation::Idempotency>,
    /// The query of the link that led to this page; it replaces all other parameters.
    followed: Option<String>,
}

/// Names only: the value of a header or a parameter may be a secret.
impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn names(pairs: &[(String, String)]) -> Vec<&String> {
            pairs.iter().map(|(name, _)| name).collect()
        }
        f.debug_struct("CallOptions")
            .field("headers", &names(&self.headers))
            .field("query", &names(&self.query))
            .field("timeout", &self.timeout)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

impl CallOptions {
    pub(crate) fn header(&mut self, name: String, value: String) {
        self.headers.push((name, value));
    }

    pub(crate) fn query(&mut self, name: String, value: String) {
        self.query.push((name, value));
    }

    pub(crate) fn timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    pub(crate) fn policy(&mut self, policy: RetryPolicy) {
        self.policy = Some(policy);
    }

    /// Leaves refusals (429) to the caller; `default` is the client's policy.
    #[cfg(feature = "transfer")]
    pub(crate) fn except_rate_limits(&mut self, default: &RetryPolicy) {
        let policy = self.policy.as_ref().unwrap_or(default);
        self.policy = Some(policy.except_rate_limits());
    }
}

impl Call {
    pub(crate) fn new(core: Core, operation: &'static Operation) -> Self {
        Self {
            core,
            operation,
            options: CallOptions::default(),
        }
    }

    pub(crate) fn options(&mut self) -> &mut CallOptions {
        &mut self.options
    }

    /// Overrides the spec's idempotency, where it depends on the arguments.
    pub(crate) fn set_idempotency(&mut self, idempotency: crate::operation::Idempotency) {
        self.options.idempotency = Some(idempotency);
    }

    pub(crate) fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(self.operation.name)
    }

    /// Names this call's operation in an error.
    pub(crate) fn attach_operation(&self, error: Error) -> Error {
        error.with_operation(self.name())
    }

    /// A body, unless it could not be encoded.
    pub(crate) fn encoded(&self, body: Body) -> Result<Bytes> {
        body.bytes().map_err(|e| self.attach_operation(e))
    }

    pub(crate) fn capture(&self) -> RequestCapture {
        RequestCapture::new(self.core.clone(), self.operation)
    }

    /// An argument that must be a UUID.
    pub(crate) fn id(&self, name: &'static str, id: &Id) -> Result<Uuid> {
        id.uuid()
            .map_err(|text| self.attach_operation(Error::invalid_uuid(name, text)))
    }

    /// A text path parameter, which must stay one segment of the path. progenitor percent-encodes
    /// what would end a segment, except a backslash, which URL parsers treat as a slash.
    pub(crate) fn validate_path_segment(
        &self,
        name: &'static str,
        value: &(impl AsRef<str> + ?Sized),
    ) -> Result<()> {
        let text = value.as_ref();
        if matches!(text, "" | "." | "..") || text.contains('\\') {
            return Err(self.attach_operation(Error::usage(format!(
                "invalid {name} `{text}`: it would change the path; pass an identifier"
            ))));
        }
        Ok(())
    }

    /// Continues at the service's link to the next page: its query replaces this call's.
    #[allow(
        dead_code,
        reason = "generated code calls it where a spec has such a list"
    )]
    pub(crate) fn follow_next_link(&mut self, next: &str) -> Result<()> {
        let link = url::Url::parse(self.core.base_url())
            .and_then(|base| base.join(next))
            .map_err(|e| self.invalid_next_link(&format!("is not a valid link ({e})")))?;
        if !self.core.owns(&link) {
            return Err(self.invalid_next_link("leads to another host"));
        }
        self.options.followed = Some(link.query().unwrap_or_default().to_owned());
        Ok(())
    }

    pub(crate) fn invalid_next_link(&self, why: &str) -> Error {
        self.attach_operation(Error::new(
            ErrorKind::Decode,
            // not the link itself: it may repeat what was sent as a secret
            format!("cannot follow the service's link to the next page: it {why}"),
        ))
    }

    /// Applies the options of this call to the request.
    pub(crate) fn complete(&self, mut request: Request) -> Result<Request> {
        for (name, value) in &self.options.headers {
            let (name, value) = header(name, value).map_err(|e| self.attach_operation(e))?;
            // `insert` and not `append`, which would send both values of a header that is set twice
            request.headers_mut().insert(name, value);
        }
        if let Some(query) = &self.options.followed {
            request
                .url_mut()
                .set_query(Some(query.as_str()).filter(|q| !q.is_empty()));
        } else if !self.options.query.is_empty() {
            request
                .url_mut()
                .query_pairs_mut()
                .extend_pairs(&self.options.query);
        }
        // arguments and options must not redirect a token to another host
        if !self.core.owns(request.url()) {
            return Err(self.attach_operation(Error::usage(
                "the arguments lead to another host; pass a path of this service",
            )));
        }
        Ok(request)
    }

    pub(crate) async fn send(&self, request: Request) -> Result<RawResponse> {
        let request = self.complete(request)?;
        let authorizer = match self.operation.auth {
            Auth::None => None,
            _ => Some(self.core.authorizer()),
        };
        let operation = self.name();
        let options = RequestOptions {
            operation: &operation,
            idempotency: self
                .options
                .idempotency
                .unwrap_or(self.operation.idempotency),
            policy: self.options.policy.as_ref(),
            timeout: self.options.timeout,
            authorizer,
            purpose: Purpose::for_operation(self.operation),
        };
        self.core.transport().send(request, options).await
    }
}

/// The `with_*` methods, for a builder whose [`CallOptions`] are at `self.$options`.
macro_rules! options {
    (@impl [$($generics:tt)*] $builder:ty, $($options:tt)+) => {
        impl $($generics)* $builder {
            /// Adds a header to this call.
            pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.$($options)+.header(name.into(), value.into());
                self
            }

            /// Adds a query parameter to this call, for parameters that the spec does not have.
            pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.$($options)+.query(name.into(), value.into());
                self
            }

            /// Limits the duration of each attempt of this call.
            pub fn with_timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.$($options)+.timeout(timeout);
                self
            }

            /// Sets the retry policy of this call.
            pub fn with_retry(mut self, policy: $crate::transport::RetryPolicy) -> Self {
                self.$($options)+.policy(policy);
                self
            }
        }
    };
    (<$generic:ident: $bound:path> $builder:ty, $($options:tt)+) => {
        $crate::call::options!(@impl [<$generic: $bound>] $builder, $($options)+);
    };
    (<$generic:ident> $builder:ty, $($options:tt)+) => {
        $crate::call::options!(@impl [<$generic>] $builder, $($options)+);
    };
    ($builder:ty, $($options:tt)+) => {
        $crate::call::options!(@impl [] $builder, $($options)+);
    };
}
pub(crate) use options;

/// The ways to make a call: awaiting it, `send` and `json`.
macro_rules! operation {
    ($builder:ident -> ()) => {
        $crate::call::operation!(@common $builder, (), |answer, _call| Ok(answer.with(())));
    };
    ($builder:ident -> $output:ty) => {
        $crate::call::operation!(@common $builder, $output, |answer, call| answer.decode(call.name()));
    };
    (@common $builder:ident, $output:ty, |$answer:ident, $call:ident| $decode:expr) => {
        $crate::call::options!($builder, call.options());

        impl $builder {
            /// For hand-written code, where the spec's facts depend on the arguments.
            #[allow(dead_code)]
            pub(crate) fn call_mut(&mut self) -> &mut $crate::call::Call {
                &mut self.call
            }

            /// Makes the call and returns the document with status, headers and body.
            ///
            /// # Errors
            ///
            /// Any [`ErrorKind`]($crate::ErrorKind); the error names the operation.
            pub async fn send(self) -> $crate::error::Result<$crate::transport::Response<$output>> {
                let $answer = self.call.send(self.request()?).await?;
                let $call = &self.call;
                $decode
            }

            /// Makes the call and decodes the answer as the caller's own type: for partial
            /// documents, and for fields that the SDK does not have yet.
            ///
            /// # Errors
            ///
            /// See [`send`](Self::send).
            pub async fn json<T: ::serde::de::DeserializeOwned>(self) -> $crate::error::Result<T> {
                let answer = self.call.send(self.request()?).await?;
                Ok(answer.decode::<T>(self.call.name())?.into_inner())
            }
        }

        impl ::std::future::IntoFuture for $builder {
            type Output = $crate::error::Result<$output>;
            type IntoFuture = ::std::pin::Pin<Box<dyn ::std::future::Future<Output = Self::Output> + Send>>;
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async move { Ok(self.send().await?.into_inner()) })
            }
        }
    };
}
pub(crate) use operation;

/// For a page that is opened in a browser: its URL instead of `send`.
macro_rules! page {
    ($builder:ident) => {
        impl $builder {
            /// Adds a query parameter that the spec does not have.
            pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.call.options().query(name.into(), value.into());
                self
            }

            /// The URL to open. Sends no request.
            ///
            /// # Errors
            ///
            /// Kind `Usage` when an argument cannot be part of a URL.
            pub fn url(&self) -> $crate::error::Result<::url::Url> {
                Ok(self.call.complete(self.request()?)?.url().clone())
            }
        }
    };
}
pub(crate) use page;

#[cfg(all(test, feature = "transfer"))]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    const BASE: &str = "https://transfer.example.org";

    fn list() -> crate::generated::transfer::builders::ListStreamAccessPoints {
        crate::generated::transfer::Client::builder()
            .base_url(BASE)
            .build()
            .unwrap()
            .list_stream_access_points()
            .with_query("mine", "yes")
    }

    /// The URL that a call of `?page[limit]=2` asks for in the end.
    fn asked(call: &Call) -> String {
        let url = format!("{BASE}/v2/stream_access_points?page[limit]=2");
        let request = Request::new(http::Method::GET, url.parse().unwrap());
        call.complete(request).unwrap().url().to_string()
    }

    #[test]
    fn the_query_of_the_next_link_stands_in_place_of_all_others() {
        let mut list = list();
        let call = list.call_mut();
        assert_eq!(
            asked(call),
            "https://transfer.example.org/v2/stream_access_points?page[limit]=2&mine=yes"
        );
        for next in [
            "https://transfer.example.org/v2/stream_access_points?page[marker]=b%20c",
            "/v2/stream_access_points?page[marker]=d",
            "?page[marker]=e",
        ] {
            call.follow_next_link(next).unwrap();
            let query = next.split_once('?').unwrap().1;
            assert_eq!(
                asked(call),
                format!("https://transfer.example.org/v2/stream_access_points?{query}")
            );
        }
    }

    #[test]
    fn a_next_link_to_another_host_is_an_error() {
        for (first, next) in [
            (
                "?page=1",
                "https://evil.example/v2/stream_access_points?page=2",
            ),
            ("?page=1", "http://transfer.example.org/?page=2"),
            ("?page=1", "https://["),
        ] {
            let mut list = list();
            let call = list.call_mut();
            call.follow_next_link(first).unwrap();
            let error = call.follow_next_link(next).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{next}");
            assert!(asked(call).ends_with("?page=1"), "{next}");
        }
    }
}
