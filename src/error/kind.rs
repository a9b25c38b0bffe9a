//! What kinds of error there are.

/// Classifies errors by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call cannot be made: an argument, a setting or a document is invalid. Nothing was sent.
    Usage,
    /// The service does not know who is calling (401, and 400 from Transfer without a token).
    Unauthenticated,
    /// The service knows who is calling and refuses (403).
    PermissionDenied,
    /// The resource does not exist (404, 410).
    NotFound,
    /// The resource already exists, or is in another state (409, 412).
    Conflict,
    /// The service refuses the request (any other 4xx).
    InvalidRequest,
    /// Too many requests (429).
    RateLimited,
    /// The service accepts the submission only later: the user has too many waiting tasks, or a
    /// transfer with the same paths is not done yet (409). Earlier submissions continue.
    Busy,
    /// The storage system behind a collection failed, not Globus (5xx with `ExternalError` or
    /// `EndpointError`).
    Endpoint,
    /// The service failed (any other 5xx).
    Service,
    /// The service redirects to another host, where a token must not be sent (3xx).
    Redirect,
    /// No connection: the request was not sent.
    Connect,
    /// The service's certificate is not trusted; nothing was sent.
    UntrustedCertificate,
    /// No answer in time.
    Timeout,
    /// The connection broke: the service may or may not have received the request.
    Network,
    /// The answer does not match the spec.
    Decode,
    /// The answer is larger than the limit.
    ResponseTooLarge,
    /// The service returns no more items of this list, or does not list such a large folder at all.
    ListLimitExceeded,
    /// Logging in failed, or there is no login to use.
    Login,
    /// Tokens could not be stored or loaded.
    Storage,
    /// A file of Globus Connect on this machine cannot be read or understood.
    LocalConfig,
    /// Waiting ended before the task did.
    WaitTimeout,
    /// The task failed.
    TaskFailed,
}

impl ErrorKind {
    /// The next step, where the message cannot contain it.
    pub(super) fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::Unauthenticated => "log in again, or give the client a valid token",
            Self::Redirect => {
                "check the service's address; tokens are not sent to the target of a redirect"
            }
            Self::Connect => "check the service's address and the network",
            Self::Timeout => "try again, or allow more time with `with_timeout`",
            Self::Network => "try again",
            Self::Decode => {
                "see Error::response_parts for the answer; if the spec is wrong, please report it"
            }
            Self::ResponseTooLarge => "request less, or raise the response limit",
            _ => return None,
        })
    }
}
