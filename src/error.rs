//! The one error of this crate.
//!
//! An [`Error`] says what failed, on what, and what to do next. [`Error::kind`] sorts errors by
//! meaning; what the service said (status, code, message, request id, body) is there whole. No type
//! of the libraries underneath is part of it.
//!
//! # Troubleshooting
//!
//! | kind | usual cause | what to do |
//! | --- | --- | --- |
//! | [`Usage`](ErrorKind::Usage) | an argument that cannot be sent | correct the call; nothing was sent |
//! | [`Unauthenticated`](ErrorKind::Unauthenticated) | a token expired, was revoked, or is for another service | log in again |
//! | [`PermissionDenied`](ErrorKind::PermissionDenied) | a missing role, access rule or consent | ask the owner; if there are [`auth_requirements`](Error::auth_requirements), log in with them |
//! | [`NotFound`](ErrorKind::NotFound) | a wrong id or path | check both |
//! | [`RateLimited`](ErrorKind::RateLimited) | too many requests | slow down; retries already waited as asked |
//! | [`Busy`](ErrorKind::Busy) | too many tasks wait, or one with the same paths runs | submit again when one of them is done |
//! | [`Endpoint`](ErrorKind::Endpoint) | the storage system answered with an error | see the message; a retry will not help |
//! | [`ListLimitExceeded`](ErrorKind::ListLimitExceeded) | more items, or a larger folder, than the service lists | narrow the question; transfer such a folder whole |
//! | [`Service`](ErrorKind::Service), [`Connect`](ErrorKind::Connect), [`Timeout`](ErrorKind::Timeout), [`Network`](ErrorKind::Network) | trouble on the way | try again later |
//! | [`UntrustedCertificate`](ErrorKind::UntrustedCertificate) | a certificate that has expired, is for another host, or is not trusted here | what the message says: it names the cause |
//! | [`Decode`](ErrorKind::Decode) | an answer that is not what the spec says | report it, with [`response_parts`](Error::response_parts) |

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
    /// What the operation was about, where one of many failed.
    place: Option<Box<str>>,
    message: Cow<'static, str>,
    api: Option<Api>,
    submission_id: Option<uuid::Uuid>,
    /// Whether the client's own id and secret were refused, and no token.
    by_client: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    /// What a service's own accessors give.
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

    /// An error of the caller's own, for an authorizer, a store or a login flow of one's own.
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

    /// The same error with its cause, which becomes its `source()`.
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

    /// An answer with a status that is no success.
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

    /// Puts what was being done in front of the message.
    pub(crate) fn with_context(mut self, what: &str) -> Self {
        let inner = self.edit();
        inner.message = text::sanitize(format!("{what}: {}", inner.message).into());
        self
    }

    /// Names the operation, unless one is named already.
    pub(crate) fn with_operation(mut self, operation: Cow<'static, str>) -> Self {
        if self.0.operation.is_none() {
            self.edit().operation = Some(text::sanitize(operation));
        }
        self
    }

    /// Says in which of many places it failed.
    #[cfg(feature = "transfer")]
    pub(crate) fn with_place(mut self, place: String) -> Self {
        self.edit().place = Some(one_line(&place, TEXT_LIMIT).into());
        self
    }

    pub(crate) fn with_submission_id(mut self, id: Option<uuid::Uuid>) -> Self {
        self.edit().submission_id = id;
        self
    }

    /// Attaches a value that an accessor elsewhere knows the type of.
    #[cfg(feature = "transfer")]
    pub(crate) fn with_detail(mut self, detail: impl Any + Send + Sync) -> Self {
        self.edit().detail = Some(Arc::new(detail));
        self
    }

    #[cfg(feature = "transfer")]
    pub(crate) fn detail<T: Any>(&self) -> Option<&T> {
        self.0.detail.as_ref()?.downcast_ref()
    }

    /// Attaches what the service answered to an error that is not the service's own.
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

    /// A text that was made of the answer, without secrets.
    pub(crate) fn redacted(&self, text: &str) -> String {
        match &self.0.api {
            Some(api) => api.redactor.text(text).into_owned(),
            None => text.to_owned(),
        }
    }

    /// Says that the call was made by the client's own id and secret.
    pub(crate) fn by_client(mut self) -> Self {
        self.edit().by_client = true;
        self
    }

    fn edit(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }

    /// What it means.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed: a method's name, or `GET /path` of a raw call.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The status of the answer, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.api.as_ref().map(|api| api.status)
    }

    /// The service's code, such as `ClientError.NotFound`; `"Error"` if it gave none, or one that may
    /// be a secret.
    pub fn code(&self) -> &str {
        let api = self.0.api.as_ref();
        api.and_then(Api::shown_code).unwrap_or("Error")
    }

    /// Whether the service gave this code, for the whole or for one of its errors.
    pub(crate) fn has_code(&self, code: &str) -> bool {
        let codes = self.0.api.iter().flat_map(|api| &api.document.codes);
        codes.into_iter().any(|given| given == code)
    }

    /// The service's message, or ours where no service spoke. It is one line, in which control
    /// characters are escaped and long texts end in an ellipsis; [`json`](Self::json) has it as it was.
    /// Where the service lists several errors, it holds all of them.
    /// Secrets in it are redacted.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The service's id of the request, for its support: `request_id`, Flows's `debug_id`, the `id` of
    /// Auth's error, or the header `X-Request-Id`.
    pub fn request_id(&self) -> Option<&str> {
        let api = self.0.api.as_ref()?;
        let own = api.document.request_id.as_deref();
        own.or_else(|| {
            let id = api.headers.get("x-request-id")?.to_str().ok()?;
            // a header may hold tabs, and be of any length
            matches!(one_line(id, SHOWN), Cow::Borrowed(line) if line == id).then_some(id)
        })
        .filter(|id| api.redactor.id(id) == *id)
    }

    /// Headers and body of the answer, whole: with the secrets that they hold.
    pub fn response_parts(&self) -> Option<(&HeaderMap, &[u8])> {
        self.0.api.as_ref().map(|api| (&api.headers, &*api.body))
    }

    /// The body of the answer, if it is JSON: with the secrets that it holds.
    pub fn json(&self) -> Option<&Value> {
        self.0.api.as_ref()?.json.as_deref()
    }

    /// The submission id under which a submission failed: submit the same document again, and it
    /// runs once.
    pub fn submission_id(&self) -> Option<uuid::Uuid> {
        self.0.submission_id
    }

    /// What a login must satisfy for the call to succeed, if the service says that: the argument of
    /// [`Globus::login_with`](crate::Globus::login_with). Also that of an error that caused this one.
    ///
    /// ```no_run
    /// # async fn run(globus: globus_sdk::Globus, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
    /// if let Err(error) = globus.transfer().operation_ls(id).await {
    ///     let requirements = error.auth_requirements().ok_or(error)?;
    ///     println!("to go on, {requirements}");
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

    /// Whether the call was refused for want of another login and for nothing else, so that it had no
    /// effect. A 5xx may list further errors, of which nobody knows what happened before them.
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

    /// Whether the same call may succeed later. The SDK has retried such an error as often as its
    /// policy allows; but for kind [`Busy`](ErrorKind::Busy), which may last for hours: for that, see
    /// `transfer::Submit::wait_while_full`.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::RateLimited
            | ErrorKind::Busy
            | ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Network => true,
            // what it does not do at all, or not without another login, no time will change
            ErrorKind::Service => {
                !matches!(self.status().map(|s| s.as_u16()), Some(501 | 505))
                    && self.own_requirements().is_none()
            }
            _ => false,
        }
    }

    /// Whether a submission was refused because too many tasks of the user wait.
    #[cfg(feature = "transfer")]
    pub(crate) fn is_queue_full(&self) -> bool {
        self.has_code(document::TOO_MANY_PENDING)
    }

    /// How long the service asks to wait, from `Retry-After` in seconds or as a date.
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
