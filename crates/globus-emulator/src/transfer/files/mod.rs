//! Folders, paths and entries: all access to the disk by paths of the API.

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
