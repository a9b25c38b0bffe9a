//! How requests travel: connections, time limits, retries, and what comes back.
//!
//! A generated builder makes a request by way of the engine (`draft`); `send` adds the
//! authorization, sends it, and sends it again where the policy (`retry`) allows; `response` is the
//! answer, decoded in one place. Raw calls (`raw`) take the same way.

pub(crate) mod backoff;
mod body;
mod clock;
mod draft;
pub(crate) mod json;
mod json_path;
mod proxy;
mod raw;
pub(crate) mod redact;
mod response;
mod retry;
mod send;
pub(crate) mod settings;
mod tls;

pub(crate) use body::Body;
pub use clock::Clock;
pub(crate) use clock::SystemClock;
pub(crate) use draft::{Draft, Request, hooked};
pub(crate) use json_path::place as json_place;
pub use raw::RawRequest;
pub(crate) use response::Answer;
pub use response::Response;
pub(crate) use response::{NOT_QUOTED, redacted_text};
pub use retry::RetryPolicy;
pub(crate) use send::{Errand, Transport};
pub use tls::{TlsVerification, install_crypto_provider};
