//! What a walk finds.

use crate::error::{Error, ErrorKind};
use crate::generated::transfer::types::File;
use crate::types::{Uuid, escape_controls};
use std::fmt;

/// A file, folder or link that a walk found.
///
/// ```no_run
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let mut entries = transfer.ls(id, "/data/").recursive().stream();
/// while let Some(entry) = entries.next().await {
///     let entry = entry?;
///     println!("{} {}", entry.path, entry.file.size.unwrap_or(0));
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The whole path on the collection.
    pub path: String,
    /// How many folders below the top: 0 for what the top itself holds.
    pub depth: usize,
    /// What the listing says.
    pub file: File,
}

/// An item of [`Walk::events`](super::Walk::events): an entry, or a folder that could not be listed.
///
/// ```no_run
/// use globus_sdk::transfer::WalkEvent;
///
/// # async fn run(transfer: globus_sdk::transfer::Client, id: globus_sdk::types::Uuid) -> globus_sdk::Result<()> {
/// let mut events = transfer.ls(id, "/data/").recursive().events();
/// while let Some(event) = events.next().await {
///     match event? {
///         WalkEvent::Entry(entry) => println!("{}", entry.path),
///         WalkEvent::ListFailure(folder) => eprintln!("{folder}"),
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly all are entries, which a box would only slow down"
)]
pub enum WalkEvent {
    /// A file, folder or link.
    Entry(Entry),
    /// A folder that could not be listed, or one entry of it that was left out.
    ListFailure(ListFailure),
}

/// A folder that could not be listed, or one entry of it whose name can be no part of a path.
///
/// ```
/// # fn print(folder: globus_sdk::transfer::ListFailure) {
/// // "/data/private/: operation_ls: 403 ...: Path not allowed"
/// println!("{folder}");
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListFailure {
    /// The whole path on the collection, with a slash at its end; the top as it was asked for.
    pub path: String,
    /// The depth that its entries would have.
    pub depth: usize,
    /// The name of the one entry that is missing, as the listing gives it; it may be anything. The
    /// folder's other entries are there. `None` when all are missing.
    pub entry: Option<String>,
    /// Why.
    pub error: Error,
}

impl fmt::Display for ListFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", escape_controls(&self.path), self.error)
    }
}

impl ListFailure {
    /// The error that ends a walk.
    pub(crate) fn into_error(self, collection: Uuid) -> Error {
        let path = escape_controls(&self.path);
        self.error.with_place(format!("{collection}:{path}"))
    }

    /// Whether any other folder would fare the same.
    pub(crate) fn ends_walk(&self) -> bool {
        matches!(
            self.error.kind(),
            ErrorKind::Usage
                | ErrorKind::Unauthenticated
                | ErrorKind::Login
                | ErrorKind::Storage
                | ErrorKind::Connect
                | ErrorKind::UntrustedCertificate
                | ErrorKind::Redirect
        ) || self.error.auth_requirements().is_some()
    }
}
