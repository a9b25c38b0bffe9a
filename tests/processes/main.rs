//! What needs processes of its own: they share token files and a keyring, are killed, and are looked at from outside.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that cannot go on says why and stops; processes report to each other"
)]

mod auth_processes;
#[cfg(feature = "keyring")]
mod keyring;
mod token_file;
mod token_file_processes;
