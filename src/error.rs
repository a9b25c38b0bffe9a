//! The one error of this crate.
//!
//! An [`Error`] says what failed, on what, and what to do next. [`Error::kind`] classifies errors
//! by meaning; the service's answer (status, code, message, request id, body) is available in full.
//! No type of an underlying library is part of it.
//!
//! # Troubleshooting
//!
//! | kind | usual cause | what to do |
//! | --- | --- | --- |
//! | [`Usage`](ErrorKind::Usage) | an argument that cannot be sent | correct the call; nothing was sent |
//! | [`Unauthenticated`](ErrorKind::Unauthenticated) | a token expired, was revoked, or is for another service | log in again |
//! | [`PermissionDenied`](ErrorKind::PermissionDenied) | a missing role, access rule or consent | ask the owner; if there are [`auth_requirements`](Error::auth_requirements), log in with them |
//! | [`NotFound`](ErrorKind::NotFound) | a wrong id or path | check both |
//! | [`RateLimited`](ErrorKind::RateLimited) | too many requests | slow down; retries have already waited as requested |
//! | [`Busy`](ErrorKind::Busy) | too many waiting tasks, or a running one with the same paths | submit again when one of them is done |
//! | [`Endpoint`](ErrorKind::Endpoint) | the storage system answered with an error | see the message; a retry will not help |
//! | [`ListLimitExceeded`](ErrorKind::ListLimitExceeded) | more items, or a larger folder, than the service lists | narrow the request; transfer such a folder as a whole |
//! | [`Service`](ErrorKind::Service), [`Connect`](ErrorKind::Connect), [`Timeout`](ErrorKind::Timeout), [`Network`](ErrorKind::Network) | a temporary failure | try again later |
//! | [`UntrustedCertificate`](ErrorKind::UntrustedCertificate) | a certificate that has expired, is for another host, or is not trusted here | see the message, which states the cause |
//! | [`Decode`](ErrorKind::Decode) | an answer that does not match the spec | report it, with [`response_parts`](Error::response_parts) |

mod answer;
pub(crate) mod authorization_parameters;
pub(crate) mod authorization_requirements;
mod display;
mod document;
mod kind;
pub(crate) mod redact;
mod retry_after;
mod text;

pub(crate) use authorization_parameters::AuthorizationParameters;
pub(crate) use authorization_requirements::AuthorizationRequirements;

pub use kind::ErrorKind;
pub(crate) use text::{LIMIT as TEXT_LIMIT, one_line};

use answer::Api;
use bytes::Bytes;
use document::ErrorDocument;
use http::{HeaderMap, StatusCode};
use redact::Redactor;
use serde_json::Value;
#[cfg(feature = "transfer")]
use std::any::Any;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;
use text::SHOWN;

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. Cloning is cheap.
///
/// ```
/// use globus_sdk::{ErrorKind, transfer};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> globus_sdk::Result<()> {
/// let transfer = transfer::Client::builder().build()?;
/// let error = transfer.get_task("no uuid").await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Usage);
/// assert_eq!(error.operation(), Some("get_task"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    operation: Option<Cow<'static, str>>,
    /// Which of many places it was about, for operations such as a walk.
    place: Option<Box<str>>,
    message: Cow<'static, str>,
    api: Option<Api>,
    submission_id: Option<uuid::Uuid>,
    /// Whether the client's own id and secret were refused, rather than a token.
    by_client: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    /// Data for a service's own accessors.
    #[cfg(feature = "transfer")]
    detail: Option<Arc<dyn Any + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Inner {
            kind,
            operation: None,
            place: None,
            message: text::sanitize(message.into()),
            api: None,
            submission_id: None,
            by_client: false,
            source: None,
            #[cfg(feature = "transfer")]
            detail: None,
        }))
    }

    /// Creates an error of your own, for an authorizer, a token storage or a login flow.
    ///
    /// ```
    /// use globus_sdk::{Error, ErrorKind};
    ///
    /// let error = Error::custom(ErrorKind::Storage, "the vault is sealed; unseal it");
    /// assert_eq!(error.to_string(), "the vault is sealed; unseal it");
    /// ```
    pub fn custom(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(kind, message)
    }

    /// Sets the cause, which becomes its `source()`.
    ///
    /// ```
    /// use globus_sdk::{Error, ErrorKind};
    /// use std::error::Error as _;
    ///
    /// let cause = std::io::Error::other("connection refused");
    /// let error = Error::custom(ErrorKind::Storage, "the vault does not answer").with_source(cause);
    /// assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("connection refused"));
    /// ```
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.edit().source = Some(Arc::from(source.into()));
        self
    }

    pub(crate) fn usage(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// An argument that must be a UUID and is not. `name` is that of the argument.
    pub(crate) fn invalid_uuid(name: &str, text: &str) -> Self {
        let next_step = match name {
            "client_id" => "copy the client's id from https://app.globus.org/settings/developers",
            "COLLECTION_ID" => {
                "write COLLECTION_ID:PATH, such as 6c54cade-bde5-45c1-bdea-f4bd71dba2cc:/data/"
            }
            _ => "pass one such as 6c54cade-bde5-45c1-bdea-f4bd71dba2cc",
        };
        Self::usage(format!("invalid UUID for `{name}`: `{text}`; {next_step}"))
    }
    /// An error answer of a service.
    pub(crate) fn api(
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        mut redactor: Redactor,
    ) -> Self {
        let json = answer::parse(&body).map(Arc::new);
        if let Some(json) = &json {
            redactor.learn(json);
        }
        let document = json
            .as_deref()
            .map(|json| ErrorDocument::read(json, &redactor));
        let api = Api {
            status,
            headers,
            body,
            json,
            document: Arc::new(document.unwrap_or_default()),
            redactor: Arc::new(redactor),
        };
        let kind = api.kind();
        let message = api.message();
        let mut error = Self::new(kind, message);
        error.edit().api = Some(api);
        error
    }

    /// Wraps `cause` in a more specific error and keeps its operation name.
    pub(crate) fn rewrap(mut self, cause: Self) -> Self {
        self.edit().operation.clone_from(&cause.0.operation);
        self.with_source(cause)
    }

    /// Prefixes the message with what was being done.
    pub(crate) fn with_context(mut self, what: &str) -> Self {
        let inner = self.edit();
        inner.message = text::sanitize(format!("{what}: {}", inner.message).into());
        self
    }

    /// Names the operation, unless the error has one.
    pub(crate) fn with_operation(mut self, operation: Cow<'static, str>) -> Self {
        if self.0.operation.is_none() {
            self.edit().operation = Some(text::sanitize(operation));
        }
        self
    }

    /// Records in which of many places it failed.
    #[cfg(feature = "transfer")]
    pub(crate) fn with_place(mut self, place: String) -> Self {
        self.edit().place = Some(one_line(&place, TEXT_LIMIT).into());
        self
    }

    pub(crate) fn with_submission_id(mut self, id: Option<uuid::Uuid>) -> Self {
        self.edit().submission_id = id;
        self
    }

    /// Attaches a value for an accessor elsewhere, which knows its type.
    #[cfg(feature = "transfer")]
    pub(crate) fn with_detail(mut self, detail: impl Any + Send + Sync) -> Self {
        self.edit().detail = Some(Arc::new(detail));
        self
    }

    #[cfg(feature = "transfer")]
    pub(crate) fn detail<T: Any>(&self) -> Option<&T> {
        self.0.detail.as_ref()?.downcast_ref()
    }

    /// Attaches the service's answer to an error that the SDK found in it.
    pub(crate) fn with_answer(
        mut self,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        redactor: Redactor,
    ) -> Self {
        self.edit().api = Some(Api {
            status,
            headers,
            body,
            json: None,
            document: Arc::default(),
            redactor: Arc::new(redactor),
        });
        self
    }

    /// Removes the answer's secrets from a text that was derived from it.
    pub(crate) fn redacted(&self, text: &str) -> String {
        match &self.0.api {
            Some(api) => api.redactor.text(text).into_owned(),
            None => text.to_owned(),
        }
    }

    /// Records that the call was made with the client's own id and secret.
    pub(crate) fn by_client(mut self) -> Self {
        self.edit().by_client = true;
        self
    }

    fn edit(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// The meaning of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed: a method's name, or `GET /path` for a raw call.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.api.as_ref().map(|api| api.status)
    }

    /// The service's code, such as `ClientError.NotFound`; `"Error"` if it gave none, or one that
    /// may be a secret.
    pub fn code(&self) -> &str {
        let api = self.0.api.as_ref();
        api.and_then(Api::shown_code).unwrap_or("Error")
    }

    /// Whether the service gave this code, for the request or for one of its errors.
    pub(crate) fn has_code(&self, code: &str) -> bool {
        let codes = self.0.api.iter().flat_map(|api| &api.document.codes);
        codes.into_iter().any(|given| given == code)
    }

    /// The service's message, or the SDK's when no service answered. It is one line: control
    /// characters are escaped, and long texts end in an ellipsis; [`json`](Self::json) has the
    /// original. Where the service lists several errors, it contains all of them. Secrets are
    /// redacted.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The service's id of the request, for its support: `request_id`, Flows's `debug_id`, the `id`
    /// of an Auth error, or the header `X-Request-Id`.
    pub fn request_id(&self) -> Option<&str> {
        let api = self.0.api.as_ref()?;
        let own = api.document.request_id.as_deref();
        own.or_else(|| {
            let id = api.headers.get("x-request-id")?.to_str().ok()?;
            // a header may contain tabs and have any length
            matches!(one_line(id, SHOWN), Cow::Borrowed(line) if line == id).then_some(id)
        })
        .filter(|id| api.redactor.id(id) == *id)
    }

    /// Headers and body of the answer, unredacted.
    pub fn response_parts(&self) -> Option<(&HeaderMap, &[u8])> {
        self.0.api.as_ref().map(|api| (&api.headers, &*api.body))
    }

    /// The body of the answer if it is JSON, unredacted.
    pub fn json(&self) -> Option<&Value> {
        self.0.api.as_ref()?.json.as_deref()
    }

    /// The submission id of a failed submission: submit the same document again, and it runs once.
    pub fn submission_id(&self) -> Option<uuid::Uuid> {
        self.0.submission_id
    }

    /// What a login must satisfy for the call to succeed, if the service says so: the argument of
    /// [`Globus::login_with`](crate::Globus::login_with). Also finds the requirements of an error
    /// that caused this one.
    ///
    /// ```no_run
    /// # async fn run(globus: globus_sdk::Globus, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// if let Err(error) = globus.transfer().operation_ls(id).await {
    ///     let requirements = error.auth_requirements().ok_or(error)?;
    ///     println!("next step: {requirements}");
    ///     globus.login_with(requirements).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn auth_requirements(&self) -> Option<AuthorizationRequirements> {
        let mut next: Option<&(dyn StdError + 'static)> = Some(self);
        while let Some(error) = next {
            let found = error
                .downcast_ref::<Self>()
                .and_then(Self::own_requirements);
            if found.is_some() {
                return found;
            }
            next = error.source();
        }
        None
    }

    fn own_requirements(&self) -> Option<AuthorizationRequirements> {
        AuthorizationRequirements::from_json(self.json()?)
    }

    /// Whether the call was refused only because it needs another login, so that it had no effect.
    /// A 5xx may list further errors, after which the state is unknown.
    pub(crate) fn is_login_refusal(&self) -> bool {
        let (Some(status), Some(json)) = (self.status(), self.json()) else {
            return false;
        };
        let asks = |error| AuthorizationRequirements::from_json(error).is_some();
        match json.get("errors").and_then(Value::as_array) {
            Some(errors)
                if !status.is_client_error() && json.get("authorization_parameters").is_none() =>
            {
                asks(json) && errors.iter().all(asks)
            }
            _ => asks(json),
        }
    }

    /// Whether the same call may succeed later. The SDK has already retried such an error as often
    /// as its policy allows, except for kind [`Busy`](ErrorKind::Busy), which may last for hours:
    /// see `transfer::Submit::wait_while_full`.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::RateLimited
            | ErrorKind::Busy
            | ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Network => true,
            // waiting changes neither an unsupported request nor a missing login
            ErrorKind::Service => {
                !matches!(self.status().map(|s| s.as_u16()), Some(501 | 505))
                    && self.own_requirements().is_none()
            }
            _ => false,
        }
    }

    /// Whether a submission was refused because the user has too many waiting tasks.
    #[cfg(feature = "transfer")]
    pub(crate) fn is_queue_full(&self) -> bool {
        self.has_code(document::TOO_MANY_PENDING)
    }

    /// How long the service asks to wait: `Retry-After`, in seconds or as a date.
    pub(crate) fn retry_after(&self, now: std::time::SystemTime) -> Option<Duration> {
        let headers = &self.0.api.as_ref()?.headers;
        let value = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?;
        retry_after::parse(value, now)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|e| e as _)
    }
}
