//! Folders and what is in them, by handles.
//!
//! Nothing here takes a path: a folder is opened in its parent by one name, without following a link, and
//! whatever is done is done to one name in an open folder. So nothing that somebody swaps meanwhile can lead
//! out of the folder where the way began.

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

/// How many folders below one top are kept open; a process may have some 1,000 files open in all, and a tree
/// may be deeper.
const MAX_HANDLES: usize = 64;

/// A folder of a collection, open, and those above it up to the collection's own.
#[derive(Debug)]
pub(crate) struct Folder {
    /// Nothing for the collection's own folder: there is no way up from it.
    parent: Option<Arc<Self>>,
    name: OsString,
    /// How many folders are above it.
    depth: usize,
    /// Closed when too many are open, and then opened again in the parent.
    handle: Mutex<Option<Arc<Dir>>>,
    id: OnceLock<FileId>,
    handles: Arc<Handles>,
}

/// What tells a file from every other one on the machine, whatever it is called.
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

/// The folders that are open, and still in use.
#[derive(Debug, Default)]
struct Handles(Mutex<Vec<Weak<Folder>>>);

impl Handles {
    fn add(&self, folder: &Arc<Folder>) {
        let mut open = lock(&self.0);
        open.push(Arc::downgrade(folder));
        if open.len() <= MAX_HANDLES {
            return;
        }
        open.retain(|folder| folder.strong_count() > 0);
        if open.len() > MAX_HANDLES
            && let Some(spared) =
                least_needed(&open, folder).and_then(|n| open.swap_remove(n).upgrade())
        {
            lock(&spared.handle).take();
        }
    }
}

/// Which handle to close after one was opened: the one that leaves the smallest gap, compared with how far it
/// is from there.
///
/// Whoever comes back up a deep chain opens each gap anew, from its upper end. With gaps that grow with the
/// distance, each folder is opened some three times however deep the chain is; if the oldest handle were closed,
/// the work would grow with the square of the depth.
fn least_needed(open: &[Weak<Folder>], newest: &Folder) -> Option<usize> {
    let mut depths: Vec<(usize, usize)> = open
        .iter()
        .enumerate()
        .filter_map(|(n, folder)| Some((folder.upgrade()?.depth, n)))
        .filter(|(_, n)| n + 1 < open.len())
        .collect();
    depths.sort_unstable();
    let depth_at = |n: usize| depths.get(n).map(|(depth, _)| *depth);
    let candidates = depths.iter().enumerate().map(|(at, &(depth, n))| {
        let above = at.checked_sub(1).and_then(depth_at).unwrap_or_default();
        let below = depth_at(at + 1).unwrap_or(newest.depth);
        (below.abs_diff(above), newest.depth.abs_diff(depth) + 1, n)
    });
    // as fractions: gap by distance
    let least = candidates.min_by(|one, other| (one.0 * other.1).cmp(&(other.0 * one.1)));
    least.map(|(.., n)| n)
}

/// No lock is held where something can panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Folder {
    /// The folder of a collection, which has nothing above it.
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

    /// The path by which it was reached: real names, none of them a link.
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

    /// The entry of this name, whether or not there is one.
    pub(crate) fn entry(self: &Arc<Self>, name: &OsStr) -> Entry {
        Entry {
            folder: Arc::clone(self),
            name: Some(name.to_owned()),
        }
    }

    /// Its own entry, for the folder of a collection: it is in no folder.
    pub(super) fn itself(self: &Arc<Self>) -> Entry {
        Entry {
            folder: Arc::clone(self),
            name: None,
        }
    }

    /// Opens the folder of this name; a link is none.
    pub(super) fn child(self: &Arc<Self>, name: &OsStr) -> io::Result<Arc<Self>> {
        let child = Arc::new(Self {
            parent: Some(Arc::clone(self)),
            name: name.to_owned(),
            depth: self.depth + 1,
            handle: Mutex::default(),
            id: OnceLock::new(),
            handles: Arc::clone(&self.handles),
        });
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

    /// Its handle, opened again from the nearest folder above that is open.
    fn handle(self: &Arc<Self>) -> io::Result<Arc<Dir>> {
        let mut closed = Vec::new();
        let mut here = self;
        let mut handle = loop {
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
            handle = folder.open_in(&handle)?;
        }
        Ok(handle)
    }

    /// A handle for a collection that begins here.
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

    /// Whether it is this folder, or below it.
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

    /// Its entries, in no order; `.` and `..` are none.
    pub(super) fn read(self: &Arc<Self>) -> io::Result<ReadDir> {
        self.handle()?.entries()
    }

    /// The names of all its entries, in no order.
    pub(crate) fn names(self: &Arc<Self>) -> io::Result<Vec<OsString>> {
        self.read()?.map(|entry| Ok(entry?.file_name())).collect()
    }
}

impl Drop for Folder {
    /// One after the other: a chain may be deeper than the stack.
    fn drop(&mut self) {
        let mut parent = self.parent.take();
        while let Some(mut folder) = parent.and_then(Arc::into_inner) {
            parent = folder.parent.take();
        }
    }
}

/// A name in an open folder, whatever it stands for: a link, too, or nothing yet.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    folder: Arc<Folder>,
    /// Nothing for the folder of the collection.
    name: Option<OsString>,
}

impl Entry {
    pub(crate) fn folder(&self) -> &Arc<Folder> {
        &self.folder
    }

    pub(super) fn name(&self) -> Option<&OsStr> {
        self.name.as_deref()
    }

    /// Where it is: real names, though the last one may be a link's.
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
            // All that can be asked of it is to be made.
            None => Err(io::ErrorKind::AlreadyExists.into()),
        }
    }

    /// What it is itself; no link is followed.
    pub(crate) fn metadata(&self) -> io::Result<Metadata> {
        match &self.name {
            Some(name) => self.folder.handle()?.symlink_metadata(name),
            None => self.folder.handle()?.dir_metadata(),
        }
    }

    /// Which file it is, be it a link.
    pub(crate) fn id(&self) -> io::Result<FileId> {
        Ok(FileId::from_metadata(&self.metadata()?))
    }

    /// What the link says.
    pub(crate) fn read_link(&self) -> io::Result<PathBuf> {
        let (dir, name) = self.named()?;
        dir.read_link_contents(name)
    }

    /// Opens the folder that it is; a link is none.
    pub(crate) fn open_folder(&self) -> io::Result<Arc<Folder>> {
        match &self.name {
            Some(name) => self.folder.child(name),
            None => Ok(Arc::clone(&self.folder)),
        }
    }

    /// Opens the file that it is, to read; a link is an error. What was opened need not be a file, if
    /// somebody has just put something else there: the metadata, which are those of the handle, tell.
    pub(crate) fn open_file(&self) -> io::Result<(std::fs::File, Metadata)> {
        let (dir, name) = self.named()?;
        let mut options = OpenOptions::new();
        options.read(true).follow(FollowSymlinks::No);
        // A pipe would keep the thread until somebody writes to it.
        options.nonblock(cfg!(unix));
        let file = dir.open_with(name, &options)?;
        let metadata = file.metadata()?;
        Ok((file.into_std(), metadata))
    }

    /// Makes a file, to write and to read again. Where there is something already, be it a broken link, it
    /// is left alone.
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

    /// Makes a link with this relative target.
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

    /// The same to a name that nothing has: what has come there meanwhile is left alone.
    pub(crate) fn rename_to_new(&self, to: &Self) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_vendor = "apple"))]
        {
            use rustix::fs::{RenameFlags, renameat_with};
            use rustix::io::Errno;
            let (from, name) = self.named()?;
            let (dir, new_name) = to.named()?;
            match renameat_with(&from, name, &dir, new_name, RenameFlags::NOREPLACE) {
                // the file system cannot
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                renamed => return Ok(renamed?),
            }
        }
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

    /// Folders in each other, longer than any path may be.
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
        // What was closed is opened again, and what is open is closed for it.
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
        // As long as it is open, it is the one that was opened.
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
