//! ID tokens: who logged in, signed by the service.
//!
//! The identity that a token answer belongs to is read from the ID token in it. That needs no
//! signature check: the answer came from the token endpoint itself over TLS, which OpenID Connect
//! Core 3.1.3.7 accepts in place of one. The feature `id-token` checks signature and claims all the
//! same at every code exchange, and decodes ID tokens from other sources ([`IdTokenDecoder`]).

pub(super) mod claims;
#[cfg(feature = "id-token")]
pub(super) mod decoder;
#[cfg(feature = "id-token")]
pub(super) mod keys;
#[cfg(feature = "id-token")]
mod signature;

#[cfg(feature = "id-token")]
pub use decoder::{IdToken, IdTokenDecoder};
