//! File documents: one entry of a folder, as `ls` and `stat` show it.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::path::{CollectionPath, decode};
use super::root::{PathError, Root};
use super::{host, temporary};
use crate::transfer::filter::{Kind, Record, Value};
use crate::transfer::times;

/// More entries than this are not listed.
pub(crate) const LARGEST_DIRECTORY: usize = 100_000;

/// One entry of a directory. For a link, `link_*` is about the link and the rest about what it
/// leads to.
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
    #[error("the directory has more than {LARGEST_DIRECTORY} entries")]
    TooLarge,
}

/// Every entry of a directory, in no order.
pub(crate) fn list(
    root: &Root,
    directory: &CollectionPath,
) -> Result<Vec<FileEntry>, ListingError> {
    let real = root.follow(directory)?;
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(&real).map_err(PathError::from)? {
        let entry = entry.map_err(PathError::from)?;
        if temporary::is(&entry.file_name()) {
            continue;
        }
        if entries.len() == LARGEST_DIRECTORY {
            return Err(ListingError::TooLarge);
        }
        match describe(root, &real, &entry.path()) {
            Ok(file) => entries.push(file),
            // Gone since the directory was read.
            Err(PathError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(entries)
}

/// The entry at a path.
pub(crate) fn stat(root: &Root, path: &CollectionPath) -> Result<FileEntry, PathError> {
    let real = root.locate(path)?;
    let parent = real
        .parent()
        .map_or_else(|| root.real().to_path_buf(), Path::to_path_buf);
    let mut entry = describe(root, &parent, &real)?;
    if path.is_root() {
        // The name of the folder on the host is nobody's business.
        entry.name = "/".to_owned();
    }
    Ok(entry)
}

fn describe(root: &Root, directory: &Path, real: &Path) -> Result<FileEntry, PathError> {
    let own = std::fs::symlink_metadata(real)?;
    let name = real.file_name().map(decode).unwrap_or_default();
    if !own.is_symlink() {
        return Ok(FileEntry::new(
            name,
            host::kind(own.file_type()),
            &own,
            None,
        ));
    }
    let link = Link {
        target: link_target(root, directory, real)?,
        size: own.len(),
        modified: modified(&own),
        user: host::owner(&own),
        group: host::group(&own),
    };
    let target = root
        .inside(real)
        .ok_or(PathError::Outside)
        .and_then(|path| root.follow(&path))
        .and_then(|target| Ok(std::fs::metadata(target)?));
    Ok(match target {
        Ok(metadata) => FileEntry::new(
            name,
            host::kind(metadata.file_type()),
            &metadata,
            Some(link),
        ),
        // Broken, going round in circles, or leading out of the collection.
        Err(_) => FileEntry::new(name, "invalid_symlink", &own, Some(link)),
    })
}

/// The target as an absolute path of the collection, or as it is written when it leads out.
fn link_target(root: &Root, directory: &Path, real: &Path) -> Result<String, PathError> {
    let target = std::fs::read_link(real)?;
    let written = decode(target.as_os_str());
    let absolute = if target.is_absolute() {
        target
    } else {
        normalised(directory, &target)
    };
    Ok(root
        .inside(&absolute)
        .map_or(written, |path| path.to_string()))
}

fn normalised(directory: &Path, target: &Path) -> PathBuf {
    let mut path = directory.to_path_buf();
    for component in target.components() {
        match component {
            std::path::Component::ParentDir => {
                path.pop();
            }
            std::path::Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

fn modified(metadata: &Metadata) -> Option<Timestamp> {
    metadata
        .modified()
        .ok()
        .and_then(|time| Timestamp::try_from(time).ok())
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

/// Whether the operating system could not name what was asked for.
pub(crate) fn is_bad_name(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput
    )
}
