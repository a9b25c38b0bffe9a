//! What specs become, what progenitor makes of one, and what is refused.
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
