//! What is traced and logged: a subscriber is the whole process's.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on says why and stops"
)]

mod auth;
mod calls;
