//! File documents, as in the responses of `ls` and `stat`.

use std::io;

use cap_std::fs::Metadata;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::folder::Entry;
use super::path::{CollectionPath, decode};
use super::root::{PathError, Root};
use super::{host, links, temporary};
use crate::transfer::filter::{Kind, Record, Value};
use crate::transfer::times;

/// Maximum number of entries of a listed directory.
pub(crate) const MAX_ENTRIES: usize = 100_000;

/// An entry of a directory. For a link, `link_*` describe the link, and all else its target.
#[derive(Clone, Debug)]
pub(crate) struct FileEntry {
    pub(crate) name: String,
    kind: &'static str,
    size: u64,
    modified: Option<Timestamp>,
    mode: u32,
    user: String,
    group: String,
    link: Option<Link>,
}

#[derive(Clone, Debug)]
struct Link {
    target: String,
    size: u64,
    modified: Option<Timestamp>,
    user: String,
    group: String,
}

/// Why a directory cannot be listed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListingError {
    #[error(transparent)]
    Path(#[from] PathError),
    #[error("the directory has more than {MAX_ENTRIES} entries")]
    TooLarge,
}

/// All entries of a directory, in no particular order.
pub(crate) fn list(
    root: &Root,
    directory: &CollectionPath,
) -> Result<Vec<FileEntry>, ListingError> {
    let folder = root.follow(directory)?.folder()?;
    let mut entries = Vec::new();
    for entry in folder.read().map_err(PathError::from)? {
        let entry = entry.map_err(PathError::from)?;
        let name = entry.file_name();
        if temporary::is(&name) {
            continue;
        }
        // An error instead of a truncated list, which would look complete.
        if entries.len() == MAX_ENTRIES {
            return Err(ListingError::TooLarge);
        }
        let described = entry
            .metadata()
            .map_err(PathError::from)
            // Errors of single entries are not skipped, except for removed ones: a list must not be
            // silently incomplete.
            .and_then(|own| describe(root, &folder.entry(&name), &own));
        match described {
            Ok(file) => entries.push(file),
            // Removed since the directory was read.
            Err(PathError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(entries)
}

/// The entry at a path.
pub(crate) fn stat(root: &Root, path: &CollectionPath) -> Result<FileEntry, PathError> {
    let entry = root.locate(path)?;
    describe(root, &entry, &entry.metadata()?)
}

fn describe(root: &Root, entry: &Entry, own: &Metadata) -> Result<FileEntry, PathError> {
    // The name of the collection's own folder on the host is not disclosed.
    let name = entry.name().map_or_else(|| "/".to_owned(), decode);
    let (true, Some(in_folder)) = (own.is_symlink(), entry.name()) else {
        return Ok(FileEntry::new(name, host::kind(own.file_type()), own, None));
    };
    let link = Link {
        target: link_target(root, entry)?,
        size: own.len(),
        modified: modified(own),
        user: host::owner(own),
        group: host::group(own),
    };
    // Followed within the root: a link to the outside shows nothing of its target, not even that it exists.
    let target = root
        .follow_in(entry.folder(), in_folder)
        .and_then(|found| Ok(found.metadata()?));
    Ok(match target {
        Ok(metadata) => FileEntry::new(
            name,
            host::kind(metadata.file_type()),
            &metadata,
            Some(link),
        ),
        // A broken link, a cycle, or a link that leads out of the collection.
        Err(_) => FileEntry::new(name, "invalid_symlink", own, Some(link)),
    })
}

/// The target as an absolute path of the collection, or as written if it leads outside.
fn link_target(root: &Root, entry: &Entry) -> Result<String, PathError> {
    let target = match entry.read_link() {
        // It was replaced after its metadata were read.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidInput => {
            return Err(PathError::NotFound);
        }
        target => target?,
    };
    let written = decode(target.as_os_str());
    let within = if target.is_absolute() {
        root.inside(&target)
    } else {
        links::target(entry, &target)
    };
    Ok(within.map_or(written, |path| path.to_string()))
}

fn modified(metadata: &Metadata) -> Option<Timestamp> {
    metadata
        .modified()
        .ok()
        .and_then(|time| Timestamp::try_from(time.into_std()).ok())
}

impl FileEntry {
    fn new(name: String, kind: &'static str, metadata: &Metadata, link: Option<Link>) -> Self {
        Self {
            name,
            kind,
            size: metadata.len(),
            modified: modified(metadata),
            mode: host::mode(metadata),
            user: host::owner(metadata),
            group: host::group(metadata),
            link,
        }
    }

    /// Whether the name starts with a dot.
    pub(crate) fn is_hidden(&self) -> bool {
        self.name.starts_with('.')
    }

    /// The file document.
    pub(crate) fn document(&self) -> Json {
        let link = self.link.as_ref();
        json!({
            "DATA_TYPE": "file",
            "name": self.name,
            "type": self.kind,
            "size": self.size,
            "last_modified": self.modified.map(times::spaced),
            "permissions": format!("{:04o}", self.mode),
            "user": self.user,
            "group": self.group,
            "link_target": link.map(|link| &link.target),
            "link_size": link.map(|link| link.size),
            "link_last_modified": link.and_then(|link| link.modified).map(times::spaced),
            "link_user": link.map(|link| &link.user),
            "link_group": link.map(|link| &link.group),
        })
    }
}

impl Record for FileEntry {
    fn kind(field: &str) -> Option<Kind> {
        match field {
            "DATA_TYPE" | "name" | "type" | "permissions" | "user" | "group" | "link_target"
            | "link_user" | "link_group" => Some(Kind::Text),
            "size" | "link_size" => Some(Kind::Number),
            "last_modified" | "link_last_modified" => Some(Kind::Time),
            _ => None,
        }
    }

    fn value(&self, field: &str) -> Value {
        let number = |size: u64| Value::Number(i64::try_from(size).unwrap_or(i64::MAX));
        let link = self.link.as_ref();
        match field {
            "DATA_TYPE" => Value::Text("file".to_owned()),
            "name" => Value::Text(self.name.clone()),
            "type" => Value::Text(self.kind.to_owned()),
            "permissions" => Value::Text(format!("{:04o}", self.mode)),
            "user" => Value::Text(self.user.clone()),
            "group" => Value::Text(self.group.clone()),
            "size" => number(self.size),
            "last_modified" => self.modified.map_or(Value::Null, Value::Time),
            "link_target" => link.map_or(Value::Null, |link| Value::Text(link.target.clone())),
            "link_user" => link.map_or(Value::Null, |link| Value::Text(link.user.clone())),
            "link_group" => link.map_or(Value::Null, |link| Value::Text(link.group.clone())),
            "link_size" => link.map_or(Value::Null, |link| number(link.size)),
            "link_last_modified" => link
                .and_then(|link| link.modified)
                .map_or(Value::Null, Value::Time),
            _ => Value::Null,
        }
    }
}

/// Whether the operating system does not support the name.
pub(crate) fn is_bad_name(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput
    )
}
