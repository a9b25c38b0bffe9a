//! Globus Transfer: endpoints and collections, files on them, and tasks that move them.
//!
//! Every operation of the spec is a method of [`Client`]. Written by hand are: filling in documents
//! ([`TransferData`], [`DeleteData`]), submitting them exactly once ([`Submit`]), waiting for tasks
//! ([`wait`](Client::wait), [`wait_all`](Client::wait_all)) and watching them
//! ([`watch`](Client::watch)), walking a tree ([`Walk`]) and comparing two ([`Diff`]).

mod activation;
mod data;
mod diff;
mod events;
mod failure;
mod listing;
mod location;
mod names;
mod running;
mod sharing;
mod submit;
mod task_progress;
mod tasks;
mod transfer_rate;
mod validate_submission;
mod wait_all;
mod walk;
mod watch;

pub use crate::generated::transfer::{Client, builders, operations, scopes, types};
pub use diff::{Diff, Difference, DifferenceKind, FileAttribute, Side};
pub use events::EventClass;
pub use failure::TaskFailure;
pub use listing::{FileFilter, OrderBy, name_from_bytes, name_to_bytes};
pub use location::Location;
pub use submit::{Submission, Submit};
pub use task_progress::{Progress, StallReason};
pub use types::{
    DeleteData, DeleteItem, FilterRule, TransferData, TransferItem, TransferSymlinkItem,
};
pub use wait_all::WaitAll;
pub use walk::{Entry, ListFailure, Walk, WalkEvent};
pub use watch::{TaskChange, TaskWatch};
