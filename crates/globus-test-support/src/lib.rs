//! What test programs of the SDK and of the emulator share.
//!
//! `emulator` speaks plain HTTP and is all that the emulator's own tests need; the rest is for the SDK's, and has
//! the feature `sdk`. What one program alone uses is in that program.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    reason = "for tests: one that cannot go on says why and stops"
)]

#[cfg(feature = "sdk")]
pub mod auth;
#[cfg(feature = "sdk")]
pub mod child_process;
pub mod emulator;
#[cfg(feature = "sdk")]
pub mod mock;
#[cfg(feature = "sdk")]
pub mod tls;
#[cfg(feature = "sdk")]
pub mod traces;
#[cfg(feature = "sdk")]
pub mod tree;
