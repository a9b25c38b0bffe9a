//! The code generated from specs, progenitor's output for one, and specs that are rejected.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod diff;
mod engine;
mod growth;
mod operations;
mod paging;
mod rejections;
mod shapes;
mod tiny;
