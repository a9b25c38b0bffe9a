//! Globus Search: indices of documents, and queries over them.
//!
//! Every operation of the spec is a method of [`Client`]. By hand comes waiting for the tasks that
//! ingest and delete.

mod tasks;

pub use crate::generated::search::{Client, builders, operations, scopes, types};
