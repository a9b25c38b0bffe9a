//! Globus Search: indices of documents, and queries over them.

pub use crate::generated::search::{Client, builders, operations, scopes, types};
