//! Globus Transfer: endpoints and collections, files on them, and tasks that move them.

pub use crate::generated::transfer::{Client, builders, operations, scopes, types};
