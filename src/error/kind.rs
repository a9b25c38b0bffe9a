//! What kinds of error there are.

/// Errors by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call cannot be made as it is: an argument, a setting or a document is wrong. Nothing was
    /// sent.
    Usage,
    /// The service does not know who is calling (401, and 400 from Transfer without a token).
    Unauthenticated,
    /// The service knows who is calling, and refuses (403).
    PermissionDenied,
    /// There is no such thing (404, 410).
    NotFound,
    /// It is there already, or in another state (409, 412).
    Conflict,
    /// The service refuses the request (any other 4xx).
    InvalidRequest,
    /// Too many requests (429).
    RateLimited,
    /// The service takes the submission later: too many tasks of the user wait already, or a transfer
    /// with the same paths is not done yet (409). What was submitted before goes on.
    Busy,
    /// The storage system behind a collection failed, and not Globus (5xx with `ExternalError` or
    /// `EndpointError`).
    Endpoint,
    /// The service failed (any other 5xx).
    Service,
    /// The service redirects to another host, where a token must not go (3xx).
    Redirect,
    /// No connection: the request did not arrive.
    Connect,
    /// The service's certificate is not trusted: nothing was sent.
    UntrustedCertificate,
    /// No answer in time.
    Timeout,
    /// The connection broke: whether the request arrived is unknown.
    Network,
    /// The answer is not what the spec says.
    Decode,
    /// The answer is larger than the limit.
    ResponseTooLarge,
    /// The service serves no more items of this list, or does not list so large a folder at all.
    ListLimitExceeded,
    /// Logging in failed, or there is no login to work with.
    Login,
    /// Tokens could not be stored or loaded.
    Storage,
    /// A file of Globus Connect on this machine cannot be read or understood.
    LocalConfig,
    /// Waiting ended before the task did.
    WaitTimeout,
    /// The task that was waited for failed.
    TaskFailed,
}

impl ErrorKind {
    /// The next step, where the message cannot know it.
    pub(super) fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::Unauthenticated => "log in again, or give the client a valid token",
            Self::Redirect => {
                "check the service's address; tokens do not follow redirects to other hosts"
            }
            Self::Connect => "check the service's address and the network",
            Self::Timeout => "try again, or allow more time by with_timeout",
            Self::Network => "try again",
            Self::Decode => "Error::response_parts has the answer; if the spec is wrong, please report it",
            Self::ResponseTooLarge => "ask for less, or raise the response limit",
            _ => return None,
        })
    }
}
