//! Making symbolic links.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::host;
use super::path::CollectionPath;

/// Makes a link that leads to a path of the same collection.
///
/// The link is written relative to its directory: it means the same to us and to the host, and
/// moves with the folder.
pub(crate) fn create(
    at: &Path,
    directory: &CollectionPath,
    target: &CollectionPath,
) -> io::Result<()> {
    host::link(&relative(directory, target), at)
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
