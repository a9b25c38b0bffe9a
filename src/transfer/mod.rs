//! Globus Transfer: endpoints and collections, files on them, and tasks that move them.
//!
//! Every operation of the spec is a method of [`Client`]. By hand come: documents that are easy to
//! fill ([`TransferData`], [`DeleteData`]), submitting them once and only once ([`Submit`]),
//! waiting for their tasks, and walking a tree ([`Walk`]).

mod check;
mod data;
mod events;
mod listing;
mod submit;
mod tasks;
mod walk;

pub use crate::generated::transfer::{Client, builders, operations, scopes, types};
pub use events::EventClass;
pub use listing::{FileFilter, OrderBy, name_bytes, name_of_bytes};
pub use submit::{Submission, Submit};
pub use types::{
    DeleteData, DeleteItem, FilterRule, TransferData, TransferItem, TransferSymlinkItem,
};
pub use walk::{Entry, Walk};
