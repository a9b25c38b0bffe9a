//! How requests are sent: connections, time limits, retries, and decoding of answers.
//!
//! ```text
//! builder ─▶ request_capture ─┐
//!            (generated code)  ├─▶ pipeline: authorize, send, answer a challenge, retry ─▶ response: decode
//! raw_request ────────────────┘              │
//!                                            └─ retry, backoff, clock, proxy, tls, redact
//! ```

pub(crate) mod authorizer;
pub(crate) mod backoff;
mod body;
mod clock;
mod connection;
mod core;
mod header;
mod json_path;
mod pipeline;
mod proxy;
mod raw_request;
pub(crate) mod request_capture;
mod request_secrets;
mod response;
mod retry;
mod round_trip;
pub(crate) mod settings;
pub(crate) mod static_authorizers;
mod tls;

pub(crate) use authorizer::{Authorizer, BoxFuture};
pub(crate) use body::Body;
pub use clock::Clock;
pub(crate) use clock::SystemClock;
pub(crate) use connection::Transport;
pub(crate) use core::Core;
pub(crate) use header::header;
pub(crate) use json_path::place as json_place;
pub(crate) use pipeline::RequestOptions;
pub use raw_request::RawRequest;
pub(crate) use request_capture::{Request, RequestCapture, impl_capture_hook};
pub(crate) use request_secrets::{Purpose, RequestSecrets};
pub(crate) use response::RawResponse;
pub use response::Response;
pub use retry::RetryPolicy;
pub(crate) use static_authorizers::{BasicAuthorizer, NullAuthorizer, bearer};
pub use tls::{TlsVerification, install_crypto_provider};
