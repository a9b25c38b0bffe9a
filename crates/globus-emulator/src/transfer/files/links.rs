//! Creating and moving symbolic links.

use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::folder::Entry;
use super::path::CollectionPath;
use super::root::{PathError, Root};

/// Creates a link to a path of the same collection.
///
/// The target is written relative to the real directory of the link, so that it means the same to the
/// emulator and to the host, and survives moving the folder.
pub(crate) fn create(at: &Entry, target: &CollectionPath) -> io::Result<()> {
    at.create_link(&relative(&at.folder().path(), target))
}

/// Whether a link with this target would lead out of the collection. Checked as written, since the path may
/// be created later, and as it resolves now.
pub(crate) fn leads_out(root: &Root, at: &Entry, target: &Path) -> bool {
    if target.is_absolute() {
        return root.inside(target).is_none();
    }
    self::target(at, target).is_none()
        // `Outside` only: other errors, such as a missing target, may change.
        || matches!(
            root.follow_target(at.folder(), target),
            Err(PathError::Outside)
        )
}

/// The path that a link's target means as written; `None` if it leads out of the collection.
pub(crate) fn target(link: &Entry, target: &Path) -> Option<CollectionPath> {
    let mut path = link.folder().path();
    for component in target.components() {
        match component {
            Component::Normal(name) => path = path.join(name),
            // Above the root, there are other files of the host.
            Component::ParentDir if path.is_root() => return None,
            Component::ParentDir => path = path.parent(),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

fn relative(directory: &CollectionPath, target: &CollectionPath) -> PathBuf {
    let common = directory
        .names()
        .iter()
        .zip(target.names())
        .take_while(|(left, right)| left == right)
        .count();
    let up = (common..directory.names().len()).map(|_| OsStr::new(".."));
    let down = target
        .names()
        .iter()
        .skip(common)
        .map(|name| name.as_os_str());
    let path: PathBuf = up.chain(down).collect();
    if path.as_os_str().is_empty() {
        // An empty target would be an invalid link.
        PathBuf::from(".")
    } else {
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_relative_to_their_directory() {
        for (directory, target, expected) in [
            ("/", "/a", "a"),
            ("/d", "/a", "../a"),
            ("/d/e", "/d/f/g", "../f/g"),
            ("/d", "/d", "."),
            ("/d/e", "/", "../.."),
        ] {
            let read = |text| CollectionPath::parse(text).unwrap_or_default();
            assert_eq!(
                relative(&read(directory), &read(target)),
                Path::new(expected),
                "{directory} {target}"
            );
        }
    }
}
