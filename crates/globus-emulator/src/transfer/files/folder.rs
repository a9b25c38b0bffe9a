//! Folders and their entries, by handle.
//!
//! Nothing here takes a path. A folder is opened by one name in its open parent, without following links,
//! and every operation applies to one name in an open folder. So no concurrent change (such as replacing a
//! folder by a link) can lead outside of the folder at which the walk started.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use cap_fs_ext::{
    DirExt as _, FollowSymlinks, MetadataExt as _, OpenOptionsFollowExt as _,
    OpenOptionsSyncExt as _,
};
use cap_std::fs::{Dir, Metadata, OpenOptions, ReadDir};

use super::path::CollectionPath;

/// Maximum number of open handles per root. A process may usually have about 1,000 open files, and a tree
/// may be deeper than that.
const MAX_HANDLES: usize = 64;

/// A folder of a collection, with its ancestors up to the collection's own folder.
#[derive(Debug)]
pub(crate) struct Folder {
    /// `None` for the collection's own folder: nothing can lead above it.
    parent: Option<Arc<Self>>,
    name: OsString,
    /// Number of ancestors.
    depth: usize,
    /// Closed when too many are open, and opened again through the parent when needed.
    handle: Mutex<Option<Arc<Dir>>>,
    id: OnceLock<FileId>,
    handles: Arc<Handles>,
}

/// The identity of a file on this machine, independent of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    fn from_metadata(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
        }
    }

    pub(crate) fn from_file(file: &std::fs::File) -> io::Result<Self> {
        Ok(Self::from_metadata(&Metadata::from_file(file)?))
    }
}

/// The open handles that are still in use.
#[derive(Debug, Default)]
struct Handles(Mutex<Vec<Weak<Folder>>>);

impl Handles {
    fn add(&self, folder: &Arc<Folder>) {
        let mut open = lock(&self.0);
        open.push(Arc::downgrade(folder));
        if open.len() <= MAX_HANDLES {
            return;
        }
        // Weak references, so that the list keeps no folder alive. Dropped folders are only removed when
        // the limit is reached.
        open.retain(|folder| folder.strong_count() > 0);
        if open.len() > MAX_HANDLES
            && let Some(spared) =
                least_needed(&open, folder).and_then(|n| open.swap_remove(n).upgrade())
        {
            lock(&spared.handle).take();
        }
    }
}

/// Chooses the handle to close after one was opened: the one with the smallest gap relative to its distance
/// from the new one.
///
/// Walking back up a deep chain reopens each gap from its upper end. With gaps that grow with the distance,
/// each folder is reopened about three times at any depth. Closing the oldest handle instead would make the
/// work quadratic in the depth.
fn least_needed(open: &[Weak<Folder>], newest: &Folder) -> Option<usize> {
    let mut depths: Vec<(usize, usize)> = open
        .iter()
        .enumerate()
        .filter_map(|(n, folder)| Some((folder.upgrade()?.depth, n)))
        // The newest folder itself, which is last in the list, is about to be used.
        .filter(|(_, n)| n + 1 < open.len())
        .collect();
    depths.sort_unstable();
    let depth_at = |n: usize| depths.get(n).map(|(depth, _)| *depth);
    let candidates = depths.iter().enumerate().map(|(at, &(depth, n))| {
        let above = at.checked_sub(1).and_then(depth_at).unwrap_or_default();
        let below = depth_at(at + 1).unwrap_or(newest.depth);
        (below.abs_diff(above), newest.depth.abs_diff(depth) + 1, n)
    });
    // Compares gap / distance as fractions, without division.
    let least = candidates.min_by(|one, other| (one.0 * other.1).cmp(&(other.0 * one.1)));
    least.map(|(.., n)| n)
}

/// Nothing can panic while the lock is held.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Folder {
    /// The folder of a collection, as a root.
    pub(super) fn top(dir: Dir) -> Arc<Self> {
        Arc::new(Self {
            parent: None,
            name: OsString::new(),
            depth: 0,
            handle: Mutex::new(Some(Arc::new(dir))),
            id: OnceLock::new(),
            handles: Arc::default(),
        })
    }

    pub(super) fn parent(&self) -> Option<&Arc<Self>> {
        self.parent.as_ref()
    }

    /// The path by which it was opened: real names without links.
    pub(crate) fn path(&self) -> CollectionPath {
        let mut names = Vec::new();
        let mut here = self;
        while let Some(parent) = &here.parent {
            names.push(here.name.clone());
            here = parent;
        }
        names.reverse();
        CollectionPath::from_names(names)
    }

    /// The entry with this name, whether or not it exists.
    pub(crate) fn entry(self: &Arc<Self>, name: &OsStr) -> Entry {
        Entry {
            folder: Arc::clone(self),
            name: Some(name.to_owned()),
        }
    }

    /// The entry of the folder itself; only for a collection's own folder, which has no parent.
    pub(super) fn itself(self: &Arc<Self>) -> Entry {
        Entry {
            folder: Arc::clone(self),
            name: None,
        }
    }

    /// Opens a child folder; a link is not one.
    pub(super) fn child(self: &Arc<Self>, name: &OsStr) -> io::Result<Arc<Self>> {
        let child = Arc::new(Self {
            parent: Some(Arc::clone(self)),
            name: name.to_owned(),
            depth: self.depth + 1,
            handle: Mutex::default(),
            id: OnceLock::new(),
            handles: Arc::clone(&self.handles),
        });
        // Opened now, so that a missing folder or a link is an error here and not at the first use.
        child.open_in(&*self.handle()?)?;
        Ok(child)
    }

    fn open_in(self: &Arc<Self>, parent: &Dir) -> io::Result<Arc<Dir>> {
        let dir = Arc::new(parent.open_dir_nofollow(&self.name)?);
        tracing::trace!("a folder was opened");
        *lock(&self.handle) = Some(Arc::clone(&dir));
        self.handles.add(self);
        Ok(dir)
    }

    /// The handle, reopened from the nearest open ancestor if necessary.
    fn handle(self: &Arc<Self>) -> io::Result<Arc<Dir>> {
        let mut closed = Vec::new();
        let mut here = self;
        let mut handle = loop {
            // Cloned out of the lock: another thread may close the folder's handle while this one uses it.
            let open = lock(&here.handle).clone();
            match (open, &here.parent) {
                (Some(handle), _) => break handle,
                (None, Some(parent)) => {
                    closed.push(here);
                    here = parent;
                }
                (None, None) => return Err(io::ErrorKind::NotFound.into()),
            }
        };
        while let Some(folder) = closed.pop() {
            // A folder that was replaced since is opened as it is now. That is safe, since links are not
            // followed.
            handle = folder.open_in(&handle)?;
        }
        Ok(handle)
    }

    /// A handle for a collection that starts at this folder.
    pub(super) fn duplicate(self: &Arc<Self>) -> io::Result<Dir> {
        self.handle()?.try_clone()
    }

    pub(crate) fn id(self: &Arc<Self>) -> io::Result<FileId> {
        if let Some(id) = self.id.get() {
            return Ok(*id);
        }
        let metadata = self.handle()?.dir_metadata()?;
        Ok(*self.id.get_or_init(|| FileId::from_metadata(&metadata)))
    }

    /// Whether this is that folder, or a descendant of it.
    pub(crate) fn is_within(self: &Arc<Self>, other: FileId) -> io::Result<bool> {
        let mut here = Some(self);
        while let Some(folder) = here {
            if folder.id()? == other {
                return Ok(true);
            }
            here = folder.parent.as_ref();
        }
        Ok(false)
    }

    /// The entries in no particular order, without `.` and `..`.
    pub(super) fn read(self: &Arc<Self>) -> io::Result<ReadDir> {
        self.handle()?.entries()
    }

    /// The names of all entries, in no particular order.
    pub(crate) fn names(self: &Arc<Self>) -> io::Result<Vec<OsString>> {
        self.read()?.map(|entry| Ok(entry?.file_name())).collect()
    }
}

impl Drop for Folder {
    /// Iterative: dropping a long chain recursively would overflow the stack.
    fn drop(&mut self) {
        let mut parent = self.parent.take();
        while let Some(mut folder) = parent.and_then(Arc::into_inner) {
            parent = folder.parent.take();
        }
    }
}

/// A name in an open folder. It may refer to anything, including a link, or not exist.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    folder: Arc<Folder>,
    /// `None` for the collection's own folder.
    name: Option<OsString>,
}

impl Entry {
    pub(crate) fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    pub(super) fn name(&self) -> Option<&OsStr> {
        self.name.as_deref()
    }

    /// The path: real names, except that the last may be a link's.
    pub(crate) fn path(&self) -> CollectionPath {
        let folder = self.folder.path();
        self.name
            .as_ref()
            .map_or_else(|| folder.clone(), |name| folder.join(name))
    }

    /// Another entry of the same folder.
    pub(crate) fn sibling(&self, name: &str) -> Self {
        self.folder.entry(OsStr::new(name))
    }

    fn named(&self) -> io::Result<(Arc<Dir>, &OsStr)> {
        match &self.name {
            Some(name) => Ok((self.folder.handle()?, name)),
            // The collection's own folder can only be reported as existing.
            None => Err(io::ErrorKind::AlreadyExists.into()),
        }
    }

    /// Metadata of the entry itself; a link is not followed.
    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        match &self.name {
            Some(name) => self.folder.handle()?.symlink_metadata(name),
            None => self.folder.handle()?.dir_metadata(),
        }
    }

    /// The identity of the entry itself, even if it is a link.
    pub(crate) fn id(&self) -> io::Result<FileId> {
        Ok(FileId::from_metadata(&self.metadata()?))
    }

    /// The target of the link.
    pub(crate) fn read_link(&self) -> io::Result<PathBuf> {
        let (dir, name) = self.named()?;
        dir.read_link_contents(name)
    }

    /// Opens the entry as a folder; a link is not one.
    pub(crate) fn open_folder(&self) -> io::Result<Arc<Folder>> {
        match &self.name {
            Some(name) => self.folder.child(name),
            None => Ok(Arc::clone(&self.folder)),
        }
    }

    /// Opens the entry as a file for reading; a link is an error. Another process may have put something
    /// else there, so check the returned metadata, which belong to the handle.
    pub(crate) fn open_file(&self) -> io::Result<(std::fs::File, Metadata)> {
        let (dir, name) = self.named()?;
        let mut options = OpenOptions::new();
        options.read(true).follow(FollowSymlinks::No);
        // Without it, opening a pipe would block until there is a writer.
        options.nonblock(cfg!(unix));
        let file = dir.open_with(name, &options)?;
        let metadata = file.metadata()?;
        Ok((file.into_std(), metadata))
    }

    /// Creates a file for writing and reading. Whatever exists there already, even a broken link, is not
    /// changed.
    pub(crate) fn create_file(&self) -> io::Result<std::fs::File> {
        let (dir, name) = self.named()?;
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create_new(true)
            .follow(FollowSymlinks::No);
        Ok(dir.open_with(name, &options)?.into_std())
    }

    pub(crate) fn create_folder(&self) -> io::Result<()> {
        let (dir, name) = self.named()?;
        dir.create_dir(name)
    }

    /// Creates a link with this relative target.
    #[cfg(unix)]
    pub(crate) fn create_link(&self, target: &Path) -> io::Result<()> {
        let (dir, name) = self.named()?;
        dir.symlink(target, name)
    }

    #[cfg(not(unix))]
    pub(crate) fn create_link(&self, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn rename(&self, to: &Self) -> io::Result<()> {
        let (from, name) = self.named()?;
        let (dir, new_name) = to.named()?;
        from.rename(name, &dir, new_name)
    }

    /// Renames to a name that must not exist.
    pub(crate) fn rename_to_new(&self, to: &Self) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            use rustix::io::Errno;
            let (from, name) = self.named()?;
            let (dir, new_name) = to.named()?;
            match renameat_with(&from, name, &dir, new_name, RenameFlags::NOREPLACE) {
                // The file system does not support renaming without replacing.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                renamed => return Ok(renamed?),
            }
        }
        // Not atomic, but the best there is. A file that appears in between is replaced.
        match to.metadata() {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => self.rename(to),
        }
    }

    /// Removes a file, or a link itself.
    pub(crate) fn remove_file(&self) -> io::Result<()> {
        let (dir, name) = self.named()?;
        dir.remove_file_or_symlink(name)
    }

    /// Removes an empty folder.
    pub(crate) fn remove_folder(&self) -> io::Result<()> {
        let (dir, name) = self.named()?;
        dir.remove_dir(name)
    }
}

#[cfg(test)]
mod tests {
    use cap_std::ambient_authority;

    use super::*;

    type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

    fn top(folder: &Path) -> io::Result<Arc<Folder>> {
        let dir = Dir::open_ambient_dir(folder, ambient_authority())?;
        Ok(Folder::top(dir))
    }

    /// Nested folders, with a total path longer than the system's limit.
    fn chain(top: &Arc<Folder>, depth: usize) -> io::Result<Vec<Arc<Folder>>> {
        let name = OsStr::new("a folder with a name that is quite long");
        let mut folders = vec![Arc::clone(top)];
        for _ in 0..depth {
            let entry = folders[folders.len() - 1].entry(name);
            entry.create_folder()?;
            folders.push(entry.open_folder()?);
        }
        Ok(folders)
    }

    #[test]
    fn of_a_deep_tree_few_folders_are_open() -> Result {
        let folder = tempfile::tempdir()?;
        let folders = chain(&top(folder.path())?, 300)?;
        let open = |folder: &&Arc<Folder>| lock(&folder.handle).is_some();
        assert_eq!(folders.iter().filter(open).count(), MAX_HANDLES + 1);
        // Closed folders are opened again, and others are closed for them.
        for folder in &folders {
            folder.entry(OsStr::new("file")).create_file()?;
        }
        for folder in folders.iter().rev() {
            assert!(folder.names()?.contains(&OsString::from("file")));
        }
        assert_eq!(folders.iter().filter(open).count(), MAX_HANDLES + 1);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_became_a_link_is_not_opened_again() -> Result {
        let outer = tempfile::tempdir()?;
        std::fs::create_dir(outer.path().join("secret"))?;
        std::fs::create_dir_all(outer.path().join("top/folder"))?;
        let folder = top(&outer.path().join("top"))?.child(OsStr::new("folder"))?;
        std::fs::rename(
            outer.path().join("top/folder"),
            outer.path().join("top/aside"),
        )?;
        std::os::unix::fs::symlink("../secret", outer.path().join("top/folder"))?;
        // While it is open, its handle still refers to the original folder.
        folder.entry(OsStr::new("first")).create_file()?;
        assert!(outer.path().join("top/aside/first").exists());
        lock(&folder.handle).take();
        assert!(folder.entry(OsStr::new("second")).create_file().is_err());
        assert_eq!(std::fs::read_dir(outer.path().join("secret"))?.count(), 0);
        Ok(())
    }

    #[test]
    fn a_rename_to_a_new_name_replaces_nothing() -> Result {
        let folder = tempfile::tempdir()?;
        let top = top(folder.path())?;
        let [from, there, new] = ["from", "there", "new"].map(|name| top.entry(OsStr::new(name)));
        std::fs::write(folder.path().join("from"), "moved")?;
        std::fs::write(folder.path().join("there"), "kept")?;
        let kind = from.rename_to_new(&there).map_err(|error| error.kind());
        assert_eq!(kind, Err(io::ErrorKind::AlreadyExists));
        assert_eq!(std::fs::read(folder.path().join("there"))?, b"kept");
        from.rename_to_new(&new)?;
        assert_eq!(std::fs::read(folder.path().join("new"))?, b"moved");
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn neither_a_link_nor_what_is_there_is_written_to() -> Result {
        let outer = tempfile::tempdir()?;
        std::fs::write(outer.path().join("secret"), "outside")?;
        std::fs::create_dir(outer.path().join("top"))?;
        std::os::unix::fs::symlink("../secret", outer.path().join("top/link"))?;
        std::os::unix::fs::symlink("../new", outer.path().join("top/broken"))?;
        std::fs::write(outer.path().join("top/file"), "inside")?;
        let top = top(&outer.path().join("top"))?;
        for name in ["link", "broken", "file"] {
            let made = top.entry(OsStr::new(name)).create_file();
            let kind = made.map_err(|error| error.kind()).err();
            assert_eq!(kind, Some(io::ErrorKind::AlreadyExists), "{name}");
        }
        assert!(top.entry(OsStr::new("link")).open_file().is_err());
        assert!(!outer.path().join("new").exists());
        Ok(())
    }
}
