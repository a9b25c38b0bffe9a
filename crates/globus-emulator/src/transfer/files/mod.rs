//! Folders, paths and entries: everything that touches the disk on behalf of a path of the API.

pub(super) mod folder;
pub(super) mod host;
pub(super) mod links;
pub(super) mod listing;
pub(super) mod path;
pub(super) mod root;
pub(super) mod temporary;

pub(super) use folder::{Entry, FileId, Folder};
pub(super) use path::{CollectionPath, InvalidPath};
pub(super) use root::{Found, PathError, Root};
