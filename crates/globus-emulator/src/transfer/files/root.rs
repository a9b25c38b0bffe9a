//! The folder behind a collection, and the only way from a path of the API to a path on disk.
//!
//! Links are resolved here, one name at a time, and never by the operating system: a link is
//! followed only as long as it stays inside the folder. What comes out contains no link, except, on
//! request, as its last name.
//!
//! A folder can be limited to some of its directories, those that access rules open to a user. The
//! limits hold for the path as it is written, and again for what it leads to: a link in an open
//! directory does not open another one.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::path::CollectionPath;

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// The folder of a collection.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    real: PathBuf,
    /// As it was configured: absolute links in the folder may be spelled with either.
    configured: PathBuf,
    /// The directories that may be used, when it is not all of them.
    open: Option<Arc<[CollectionPath]>>,
}

/// Why a path leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PathError {
    #[error("No such file or directory")]
    NotFound,
    #[error("Not a directory")]
    NotADirectory,
    #[error("Path not allowed")]
    Outside,
    #[error("Too many levels of symbolic links")]
    Loop,
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for PathError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::NotADirectory => Self::NotADirectory,
            _ => Self::Io(error),
        }
    }
}

impl Root {
    /// Opens the folder, which must exist.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            real: folder.canonicalize()?,
            configured: folder.to_path_buf(),
            open: None,
        })
    }

    /// The same folder, of which only what is in these directories may be used.
    pub(crate) fn limited_to(self, directories: Vec<CollectionPath>) -> Self {
        Self {
            open: Some(directories.into()),
            ..self
        }
    }

    fn is_open(&self, path: &CollectionPath) -> bool {
        let Some(open) = &self.open else { return true };
        open.iter().any(|directory| path.is_within(directory))
    }

    /// Whether something on disk is open, or on the way to what is: of everything else a link must
    /// not even tell whether it is there.
    fn may_pass(&self, real: &Path) -> bool {
        let Some(open) = &self.open else { return true };
        self.inside(real).is_some_and(|path| {
            open.iter()
                .any(|directory| path.is_within(directory) || directory.is_within(&path))
        })
    }

    /// Where the folder really is.
    pub(crate) fn real(&self) -> &Path {
        &self.real
    }

    /// The path on disk of what is there in the end, all links followed. It exists.
    pub(crate) fn follow(&self, path: &CollectionPath) -> Result<PathBuf, PathError> {
        self.walk(path, Last::Follow)
    }

    /// The path on disk of the entry itself, which may be a link or not exist yet; the directory it
    /// is in exists.
    pub(crate) fn locate(&self, path: &CollectionPath) -> Result<PathBuf, PathError> {
        self.walk(path, Last::Keep)
    }

    /// The path in the collection of something on disk.
    pub(crate) fn inside(&self, real: &Path) -> Option<CollectionPath> {
        let rest = real
            .strip_prefix(&self.real)
            .or_else(|_| real.strip_prefix(&self.configured))
            .ok()?;
        let mut path = CollectionPath::default();
        for component in rest.components() {
            match component {
                Component::Normal(name) => path = path.join(name),
                Component::CurDir => {}
                _ => return None,
            }
        }
        Some(path)
    }

    fn walk(&self, path: &CollectionPath, last: Last) -> Result<PathBuf, PathError> {
        // Before anything is looked at: whether it exists is not to be learned either.
        if !self.is_open(path) {
            return Err(PathError::Outside);
        }
        let real = self.resolve(path, last)?;
        if self.open.is_some() && !self.inside(&real).is_some_and(|path| self.is_open(&path)) {
            return Err(PathError::Outside);
        }
        Ok(real)
    }

    fn resolve(&self, path: &CollectionPath, last: Last) -> Result<PathBuf, PathError> {
        let mut pending: VecDeque<Step> = path.names().iter().cloned().map(Step::Down).collect();
        let mut here = self.real.clone();
        let mut links = 0;
        while let Some(step) = pending.pop_front() {
            let name = match step {
                Step::Up if here == self.real => return Err(PathError::Outside),
                Step::Up => {
                    here.pop();
                    continue;
                }
                Step::Down(name) => name,
            };
            let candidate = here.join(&name);
            if !self.may_pass(&candidate) {
                return Err(PathError::Outside);
            }
            let metadata = match std::fs::symlink_metadata(&candidate) {
                Ok(metadata) => metadata,
                Err(error)
                    if error.kind() == io::ErrorKind::NotFound
                        && pending.is_empty()
                        && last == Last::Keep =>
                {
                    return Ok(candidate);
                }
                Err(error) => return Err(error.into()),
            };
            if !metadata.is_symlink() || (pending.is_empty() && last == Last::Keep) {
                if !pending.is_empty() && !metadata.is_symlink() && !metadata.is_dir() {
                    return Err(PathError::NotADirectory);
                }
                here = candidate;
                continue;
            }
            links += 1;
            if links > MOST_LINKS {
                return Err(PathError::Loop);
            }
            let target = std::fs::read_link(&candidate)?;
            if target.is_absolute() {
                // Back to the root, and down again from there.
                let within = self.beneath(&target).ok_or(PathError::Outside)?;
                here.clone_from(&self.real);
                prepend(&mut pending, within)?;
            } else {
                prepend(&mut pending, &target)?;
            }
        }
        Ok(here)
    }

    fn beneath<'a>(&self, target: &'a Path) -> Option<&'a Path> {
        target
            .strip_prefix(&self.real)
            .or_else(|_| target.strip_prefix(&self.configured))
            .ok()
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Follow,
    Keep,
}

enum Step {
    Down(OsString),
    Up,
}

fn prepend(pending: &mut VecDeque<Step>, target: &Path) -> Result<(), PathError> {
    for component in target.components().rev() {
        match component {
            Component::Normal(name) => pending.push_front(Step::Down(name.to_owned())),
            Component::ParentDir => pending.push_front(Step::Up),
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return Err(PathError::Outside),
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

    /// A folder with every kind of link, next to a secret.
    fn folder() -> Result<(tempfile::TempDir, Root)> {
        let outer = tempfile::tempdir()?;
        let folder = outer.path().join("folder");
        std::fs::create_dir_all(folder.join("dir/deep"))?;
        std::fs::write(folder.join("dir/file"), "inside")?;
        std::fs::write(outer.path().join("secret"), "outside")?;
        symlink("dir/file", folder.join("to-file"))?;
        symlink("dir", folder.join("to-dir"))?;
        symlink("../file", folder.join("dir/deep/up"))?;
        symlink(folder.join("dir"), folder.join("absolute"))?;
        symlink("../secret", folder.join("leak"))?;
        symlink("..", folder.join("parent"))?;
        symlink("/etc", folder.join("etc"))?;
        symlink("dir/../../folder/dir", folder.join("out-and-in"))?;
        symlink("loop", folder.join("loop"))?;
        symlink("nowhere", folder.join("broken"))?;
        symlink("dir/file", folder.join("dir-link"))?;
        let root = Root::open(&folder)?;
        Ok((outer, root))
    }

    fn follow(root: &Root, path: &str) -> Result<String> {
        Ok(match root.follow(&CollectionPath::parse(path)?) {
            Ok(real) => root
                .inside(&real)
                .map_or_else(|| "LEFT".to_owned(), |path| path.to_string()),
            Err(error) => error.to_string(),
        })
    }

    #[test]
    fn links_inside_are_followed() -> Result {
        let (_outer, root) = folder()?;
        for (path, expected) in [
            ("/", "/"),
            ("/to-file", "/dir/file"),
            ("/to-dir/file", "/dir/file"),
            ("/to-dir/deep/up", "/dir/file"),
            ("/absolute/file", "/dir/file"),
        ] {
            assert_eq!(follow(&root, path)?, expected, "{path}");
        }
        Ok(())
    }

    #[test]
    fn links_that_lead_out_are_not_followed() -> Result {
        let (_outer, root) = folder()?;
        for path in [
            "/leak",
            "/parent",
            "/parent/secret",
            "/etc",
            "/etc/passwd",
            "/out-and-in",
            "/to-dir/../leak",
        ] {
            assert_eq!(follow(&root, path)?, "Path not allowed", "{path}");
            if path != "/leak" && path != "/parent" {
                continue;
            }
            // The link itself may be named, to delete it for example.
            assert!(root.locate(&CollectionPath::parse(path)?).is_ok());
        }
        assert!(matches!(
            root.locate(&CollectionPath::parse("/etc/new")?),
            Err(PathError::Outside)
        ));
        assert!(matches!(
            root.locate(&CollectionPath::parse("/parent/new")?),
            Err(PathError::Outside)
        ));
        Ok(())
    }

    #[test]
    fn what_is_not_there_is_not_found() -> Result {
        let (_outer, root) = folder()?;
        assert_eq!(follow(&root, "/nope")?, "No such file or directory");
        assert_eq!(follow(&root, "/nope/nope")?, "No such file or directory");
        assert_eq!(follow(&root, "/broken")?, "No such file or directory");
        assert_eq!(follow(&root, "/dir/file/below")?, "Not a directory");
        assert_eq!(follow(&root, "/loop")?, "Too many levels of symbolic links");
        assert!(root.locate(&CollectionPath::parse("/new")?).is_ok());
        assert!(matches!(
            root.locate(&CollectionPath::parse("/nope/new")?),
            Err(PathError::NotFound)
        ));
        Ok(())
    }

    #[test]
    fn what_is_not_open_cannot_be_reached_by_a_link_either() -> Result {
        let (_outer, root) = folder()?;
        symlink("../../to-file", root.real().join("dir/deep/out"))?;
        symlink("../../nowhere", root.real().join("dir/deep/gone"))?;
        let root = root.limited_to(vec![CollectionPath::parse("/dir/deep")?]);
        for (path, expected) in [
            ("/dir/deep", "/dir/deep"),
            ("/dir/deep/nope", "No such file or directory"),
            ("/dir/deep/up", "Path not allowed"),
            ("/dir/deep/out", "Path not allowed"),
            ("/dir/deep/gone", "Path not allowed"),
            ("/dir", "Path not allowed"),
            ("/dir/deeper", "Path not allowed"),
            ("/nope", "Path not allowed"),
            ("/", "Path not allowed"),
        ] {
            assert_eq!(follow(&root, path)?, expected, "{path}");
        }
        assert!(
            root.locate(&CollectionPath::parse("/dir/deep/new")?)
                .is_ok()
        );
        Ok(())
    }

    #[test]
    fn the_last_link_stays_a_link_below_another_link() -> Result {
        let (_outer, root) = folder()?;
        let real = root.locate(&CollectionPath::parse("/to-dir/deep/up")?)?;
        assert!(std::fs::symlink_metadata(&real)?.is_symlink());
        assert_eq!(
            root.inside(&real).map(|path| path.to_string()).as_deref(),
            Some("/dir/deep/up")
        );
        Ok(())
    }
}
