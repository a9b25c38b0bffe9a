//! The folder behind a collection, and the only way from a path of the API to a file on disk.
//!
//! Links are resolved here, name by name, and never by the operating system, so that only those inside of
//! the folder are followed. The results are handles ([`Folder`], [`Entry`]), so that what was checked is
//! what is used.
//!
//! A root can be limited to some directories, as by access rules. The limits apply to the path as written
//! and again to the resolved one: a link in an allowed directory does not give access to another one.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use cap_fs_ext::DirExt as _;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};

use super::folder::{Entry, Folder};
use super::path::CollectionPath;
use super::temporary;

/// Maximum number of links in a path, as in Linux.
const MAX_LINKS: usize = 40;

/// The folder of a collection.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    top: Arc<Folder>,
    /// The path of the folder on disk, to compare absolute links with. Nothing is opened by it.
    real: PathBuf,
    /// The path in the mapped collection's folder, for a guest collection.
    base: CollectionPath,
    /// The accessible directories; `None` for all.
    open: Option<Arc<[CollectionPath]>>,
}

/// What a path leads to, after all links.
#[derive(Debug)]
pub(crate) enum Found {
    Folder(Arc<Folder>),
    /// A file or anything else that is not a folder, with its metadata.
    File(Entry, Box<Metadata>),
}

/// Why a path cannot be resolved.
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

impl Found {
    pub(crate) fn folder(self) -> Result<Arc<Folder>, PathError> {
        match self {
            Self::Folder(folder) => Ok(folder),
            Self::File(..) => Err(PathError::NotADirectory),
        }
    }

    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        match self {
            Self::Folder(folder) => folder.itself().metadata(),
            Self::File(_, metadata) => Ok(Metadata::clone(metadata)),
        }
    }

    fn path(&self) -> CollectionPath {
        match self {
            Self::Folder(folder) => folder.path(),
            Self::File(entry, _) => entry.path(),
        }
    }
}

impl Root {
    /// Opens the folder, which must exist. Its path was resolved at configuration, so a link in it was
    /// created later, and is an error.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        Ok(Self {
            top: Folder::top(open_without_links(folder)?),
            real: folder.to_path_buf(),
            base: CollectionPath::default(),
            open: None,
        })
    }

    /// A root for one of its folders, for a guest collection. Links in the path are not followed:
    /// otherwise, those who can write there could choose what others share.
    pub(crate) fn beginning_at(&self, path: &CollectionPath) -> io::Result<Self> {
        Ok(Self {
            top: Folder::top(self.without_links(path)?.duplicate()?),
            real: self.on_disk(path),
            base: path.below(&self.base),
            open: None,
        })
    }

    fn without_links(&self, path: &CollectionPath) -> io::Result<Arc<Folder>> {
        let mut here = Arc::clone(&self.top);
        for name in path.names() {
            here = here.child(name)?;
        }
        Ok(here)
    }

    /// The same folder, limited to these directories.
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

    fn is_open_in(&self, folder: &Folder, name: &OsStr) -> bool {
        self.open.is_none() || self.is_open(&folder.path().join(name))
    }

    /// Whether an entry is accessible, or is an ancestor of what is accessible. Links must not even reveal
    /// whether anything else exists.
    fn may_pass(&self, folder: &Folder, name: &OsStr) -> bool {
        let Some(open) = &self.open else { return true };
        let path = folder.path().join(name);
        open.iter()
            .any(|directory| path.is_within(directory) || directory.is_within(&path))
    }

    /// How many bytes are in it, without incomplete files, as far as it can be read; `check` is called for each
    /// entry, and ends it by an error.
    pub(crate) fn size<E>(&self, mut check: impl FnMut() -> Result<(), E>) -> Result<u64, E> {
        let mut size: u64 = 0;
        let mut pending = vec![Arc::clone(&self.top)];
        while let Some(folder) = pending.pop() {
            for entry in folder.read().into_iter().flatten().flatten() {
                check()?;
                match entry.metadata() {
                    Ok(metadata) if metadata.is_dir() => {
                        pending.extend(folder.child(&entry.file_name()));
                    }
                    Ok(_) if temporary::is(&entry.file_name()) => {}
                    Ok(metadata) => size = size.saturating_add(metadata.len()),
                    // Removed meanwhile.
                    Err(_) => {}
                }
            }
        }
        Ok(size)
    }

    /// The path of this folder in the mapped collection's folder.
    pub(crate) fn base(&self) -> &CollectionPath {
        &self.base
    }

    /// The path on disk, for comparisons only.
    pub(crate) fn on_disk(&self, path: &CollectionPath) -> PathBuf {
        let mut real = self.real.clone();
        real.extend(path.names());
        real
    }

    /// Whether this folder is the other one, or inside of it.
    pub(crate) fn lies_within(&self, other: &Self) -> bool {
        self.real.starts_with(&other.real)
    }

    /// The path in the collection of a path on disk, as written.
    pub(crate) fn inside(&self, real: &Path) -> Option<CollectionPath> {
        let rest = real.strip_prefix(&self.real).ok()?;
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

    /// Resolves a path, following all links.
    pub(crate) fn follow(&self, path: &CollectionPath) -> Result<Found, PathError> {
        // Before any access to the disk, so that the response does not reveal whether it exists.
        if !self.is_open(path) {
            return Err(PathError::Outside);
        }
        let found = self.walk(&self.top, path.names())?;
        self.opened(found)
    }

    /// The same for an entry of a folder of this root.
    pub(crate) fn follow_in(&self, folder: &Arc<Folder>, name: &OsStr) -> Result<Found, PathError> {
        if !self.is_open_in(folder, name) {
            return Err(PathError::Outside);
        }
        let found = self.walk(folder, &[name])?;
        self.opened(found)
    }

    /// Resolves the target of a link, whether or not it is accessible.
    pub(super) fn follow_target(
        &self,
        folder: &Arc<Folder>,
        target: &Path,
    ) -> Result<Found, PathError> {
        // Only for deciding whether a link may be created. What it leads to is checked again when it is
        // followed.
        let everything = Self {
            open: None,
            ..self.clone()
        };
        let mut pending = VecDeque::new();
        prepend(&mut pending, target)?;
        everything.take_steps(folder, pending)
    }

    /// The entry itself, without following it if it is a link. It need not exist, but its parent directory
    /// must.
    pub(crate) fn locate(&self, path: &CollectionPath) -> Result<Entry, PathError> {
        if !self.is_open(path) {
            return Err(PathError::Outside);
        }
        let Some((name, directory)) = path.names().split_last() else {
            return Ok(self.top.itself());
        };
        let directory = self.walk(&self.top, directory)?.folder()?;
        self.locate_in(&directory, name)
    }

    /// The same for an entry of a folder of this root.
    pub(crate) fn locate_in(&self, folder: &Arc<Folder>, name: &OsStr) -> Result<Entry, PathError> {
        // Reserved names are rejected here, where every path is resolved, instead of in each operation.
        if temporary::is(name) || !self.is_open_in(folder, name) {
            return Err(PathError::Outside);
        }
        Ok(folder.entry(name))
    }

    /// Opens a folder; creates it and its ancestors if they are missing.
    pub(crate) fn make_folder(&self, path: &CollectionPath) -> Result<Arc<Folder>, PathError> {
        if !self.is_open(path) {
            return Err(PathError::Outside);
        }
        let mut here = Arc::clone(&self.top);
        for name in path.names() {
            here = match self.walk(&here, &[name]) {
                // Nothing is created above the accessible directories.
                Err(PathError::NotFound) if !self.is_open_in(&here, name) => {
                    return Err(PathError::NotFound);
                }
                Err(PathError::NotFound) => self.make_folder_in(&here, name)?,
                found => found?.folder()?,
            };
        }
        self.opened(Found::Folder(here))?.folder()
    }

    /// Opens a child folder; creates it if it is missing.
    pub(crate) fn make_folder_in(
        &self,
        folder: &Arc<Folder>,
        name: &OsStr,
    ) -> Result<Arc<Folder>, PathError> {
        match self.follow_in(folder, name) {
            Err(PathError::NotFound) => {}
            found => return found?.folder(),
        }
        // Another task may create the same folder at the same time. Both want it to exist, so the loser
        // just uses it.
        match self.locate_in(folder, name)?.create_folder() {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error.into());
            }
            _ => {}
        }
        self.follow_in(folder, name)?.folder()
    }

    /// The entry of an incomplete file, in a folder whose path has no links.
    pub(crate) fn locate_part(
        &self,
        directory: &CollectionPath,
        name: &str,
    ) -> io::Result<Option<Entry>> {
        let folder = self.without_links(directory)?;
        let name = OsStr::new(name);
        Ok(temporary::is(name).then(|| folder.entry(name)))
    }

    /// Returns a resolved entry, if it is accessible.
    fn opened(&self, found: Found) -> Result<Found, PathError> {
        if self.open.is_some() && !self.is_open(&found.path()) {
            return Err(PathError::Outside);
        }
        Ok(found)
    }

    fn walk<N: AsRef<OsStr>>(&self, start: &Arc<Folder>, names: &[N]) -> Result<Found, PathError> {
        let names = names.iter().map(|name| name.as_ref().to_owned());
        self.take_steps(start, names.map(Step::Down).collect())
    }

    fn take_steps(
        &self,
        start: &Arc<Folder>,
        mut pending: VecDeque<Step>,
    ) -> Result<Found, PathError> {
        let mut here = Arc::clone(start);
        let mut links = 0;
        while let Some(step) = pending.pop_front() {
            let name = match step {
                Step::Up => {
                    // The root has no parent handle, so `..` cannot lead out of it, whatever the links
                    // contain.
                    let parent = here.parent().ok_or(PathError::Outside)?;
                    here = Arc::clone(parent);
                    continue;
                }
                Step::Down(name) => name,
            };
            if temporary::is(&name) || !self.may_pass(&here, &name) {
                return Err(PathError::Outside);
            }
            // All but the last name should be folders, and opening one needs no check before.
            if !pending.is_empty()
                && let Ok(folder) = here.child(&name)
            {
                here = folder;
                continue;
            }
            let entry = here.entry(&name);
            let metadata = entry.metadata()?;
            if metadata.is_symlink() {
                links += 1;
                if links > MAX_LINKS {
                    return Err(PathError::Loop);
                }
                let target = match entry.read_link() {
                    // Replaced by another process since.
                    Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                        pending.push_front(Step::Down(name));
                        continue;
                    }
                    target => target?,
                };
                if target.is_absolute() {
                    // Start again at the root, with the target of the link in front.
                    let within = target
                        .strip_prefix(&self.real)
                        .map_err(|_| PathError::Outside)?;
                    here = Arc::clone(&self.top);
                    prepend(&mut pending, within)?;
                } else {
                    prepend(&mut pending, &target)?;
                }
            } else if metadata.is_dir() {
                here = match entry.open_folder() {
                    Ok(folder) => folder,
                    Err(error) if is_swapped(&entry) => {
                        links += 1;
                        if links > MAX_LINKS {
                            return Err(error.into());
                        }
                        pending.push_front(Step::Down(name));
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                };
            } else if pending.is_empty() {
                return Ok(Found::File(entry, Box::new(metadata)));
            } else {
                return Err(PathError::NotADirectory);
            }
        }
        Ok(Found::Folder(here))
    }
}

/// Whether a former folder was replaced by something else.
fn is_swapped(entry: &Entry) -> bool {
    entry.metadata().is_ok_and(|metadata| !metadata.is_dir())
}

/// Opens a folder by its path on the machine, in which no name may be a link.
fn open_without_links(path: &Path) -> io::Result<Dir> {
    let mut start = PathBuf::new();
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Prefix(_) | Component::RootDir => start.push(component),
            Component::Normal(name) => names.push(name),
            Component::CurDir | Component::ParentDir => {
                return Err(io::ErrorKind::InvalidInput.into());
            }
        }
    }
    if !start.has_root() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // The only place where a path of the machine is opened. Everything else starts at this handle.
    let mut dir = Dir::open_ambient_dir(&start, ambient_authority())?;
    for name in names {
        dir = dir.open_dir_nofollow(name)?;
    }
    Ok(dir)
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
mod tests;
